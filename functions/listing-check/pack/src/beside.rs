//! Words that the code looks for beside terms: what leads to somebody, what denies, what warns, what makes
//! a compound of them.

use std::collections::BTreeSet;

use pack_source::csv::lines;
use pack_source::{Files, Findings, MapWriter};

/// Lists of them, each `words/<name>.csv`.
pub const LISTS: [&str; 5] = ["leading", "denies", "warns", "between", "compounds"];
/// The most words of a list.
const MOST: usize = 200;
/// The longest word, in characters.
const LONGEST: usize = 20;

/// The file of a list.
pub(crate) fn path(name: &str) -> String {
    format!("words/{name}.csv")
}

/// Reads them and puts them into the section `groups`: `words/<name>`, a word a line.
pub(crate) fn put(files: &Files, map: &mut MapWriter, findings: &Findings) {
    for name in LISTS {
        let path = path(name);
        let Some(text) = files.text(&path, findings) else { continue };
        let mut words: Vec<&str> = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for line in lines(text).filter(|line| line.comment().is_none()) {
            let cells = line.cells();
            let said = match cells.as_slice() {
                [word] if word.text.chars().count() > LONGEST => format!("a word has at most {LONGEST} characters"),
                [word] if word.text.to_lowercase() != word.text => {
                    format!("texts are compared in lower case: {}", word.text.to_lowercase())
                }
                [word] if !seen.insert(word.text) => format!("{} is in this list already", word.text),
                [word] => {
                    words.push(word.text);
                    continue;
                }
                _ => "a row has one word".to_owned(),
            };
            findings.error(&path, line.number, 1, said);
        }
        if words.is_empty() {
            findings.error(&path, 0, 0, "there is no word in it");
        }
        if words.len() > MOST {
            findings.error(&path, 0, 0, format!("there are at most {MOST} words in it"));
        }
        map.lines(format!("words/{name}"), words);
    }
}
