//! Words beside which a term means something else: 气枪 beside 空压机 blows dust. And words beside which it means what it
//! says, whatever else stands there.

use std::collections::{BTreeMap, BTreeSet};

use pack_source::csv::{Cell, lines};
use pack_source::{Files, Finding, Findings, MapWriter, nearest};

use crate::ALIASES;
use crate::heads::Head;
use crate::terms::listed;

/// The file of them. Not every folder has one.
pub(crate) const SENSES: &str = "senses.csv";
/// Instead of a term: the words that no other sense stands up against.
pub const AGAINST: &str = "against";
/// Instead of a term: all of a group.
pub const GROUP: &str = "group:";
/// The most rows.
const MOST: usize = 5_000;
/// The longest word, in characters.
const LONGEST: usize = 20;

/// Words, and categories, by the term or group that they are about.
#[derive(Debug, Default)]
pub(crate) struct Senses {
    words: BTreeMap<String, Vec<String>>,
    categories: BTreeMap<String, Vec<String>>,
}

/// Reads `senses.csv`, if there is one: a term, another name of one, `group:` and a group's code, or `against`; a word, or an
/// empty cell and a category. Terms and groups that the folder has not are warnings: a list of one's own may have left them out.
pub(crate) fn read(files: &Files, groups: &[Head], findings: &Findings) -> Senses {
    let mut senses = Senses::default();
    if files.bytes(SENSES).is_none() {
        return senses;
    }
    let Some(text) = files.text(SENSES, findings) else { return senses };
    let mut listed = listed(files, groups);
    let aliases = files.bytes(ALIASES).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    listed.extend(aliases.lines().filter_map(|line| line.split(',').next()));
    let (mut rows, mut told) = (0_usize, BTreeSet::new());
    for line in lines(text).filter(|line| line.comment().is_none()) {
        rows = rows.saturating_add(1);
        let cells = line.cells();
        let (term, word, category) = match cells.as_slice() {
            [term, word] => (term, word, ""),
            [term, word, category] => (term, word, category.text),
            _ => {
                let said = "a row has 2 or 3 cells: a term, a word beside which it means something else, a category";
                findings.error(SENSES, line.number, 1, said);
                continue;
            }
        };
        if told.insert(term.text) {
            unknown(term, line.number, groups, &listed).into_iter().for_each(|finding| findings.push(finding));
        }
        if word.text.is_empty() && category.is_empty() || term.text == AGAINST && word.text.is_empty() {
            findings.error(SENSES, line.number, word.column, "there is no word");
        }
        if word.text.starts_with('~') && word.text.len() == 1 {
            findings.error(SENSES, line.number, word.column, "there is no word");
        }
        if word.text.chars().count() > LONGEST || word.text.to_lowercase() != word.text {
            let said = format!("a word has at most {LONGEST} characters, in lower case");
            findings.error(SENSES, line.number, word.column, said);
        }
        let key = term.text.to_owned();
        if !word.text.is_empty() {
            senses.words.entry(key).or_default().push(word.text.to_owned());
        } else if !category.is_empty() {
            senses.categories.entry(key).or_default().push(category.to_owned());
        }
        if !word.text.is_empty() && !category.is_empty() {
            findings.error(SENSES, line.number, word.column, "a row has a word or a category, not both");
        }
    }
    if rows > MOST {
        findings.error(SENSES, 0, 0, format!("there are at most {MOST} rows"));
    }
    senses
}

/// That the folder has no such term or group.
fn unknown(term: &Cell<'_>, line: u32, groups: &[Head], listed: &BTreeSet<&str>) -> Option<Finding> {
    let (said, meant) = match term.text.strip_prefix(GROUP) {
        Some(code) if groups.iter().any(|group| group.code == code) => return None,
        Some(code) => {
            (format!("there is no group {code}"), nearest(code, groups.iter().map(|group| group.code.as_str())))
        }
        None if term.text == AGAINST || listed.contains(term.text) => return None,
        None => (format!("no group has the term {}", term.text), nearest(term.text, listed.iter().copied())),
    };
    Some(Finding::warning(SENSES, line, term.column, said).meant(meant))
}

/// Puts them into the section `groups`: `sense/<term>` and `sense-in/<term>`, a word or a category a line.
pub(crate) fn put(senses: &Senses, map: &mut MapWriter) {
    for (name, lists) in [("sense", &senses.words), ("sense-in", &senses.categories)] {
        for (key, words) in lists {
            map.lines(format!("{name}/{key}"), words.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
