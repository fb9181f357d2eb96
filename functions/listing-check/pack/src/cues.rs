//! Words that say what stands beside them (`cues.csv`), as `listing_engine::cues` reads them in place.

use std::collections::BTreeMap;

use listing_engine::bytes::join;
use listing_engine::cues::{LONGEST, MAGIC, SIEVE, place, says};
use listing_engine::{Language, Text};
use pack_source::csv::lines;
use pack_source::{Files, Finding, Findings, nearest};

use crate::CUES;

/// The most words.
const MOST: usize = 20_000;

/// Reads `cues.csv`: a word, and what it says, in words parted by blanks.
pub(crate) fn compile(files: &Files, language: Option<&[u8]>, findings: &Findings) -> Option<Vec<u8>> {
    let text = files.text(CUES, findings)?;
    let language = Language::open(language?)?;
    let mut words: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for line in lines(text).filter(|line| line.comment().is_none()) {
        let cells = line.cells();
        let [word, said] = cells.as_slice() else {
            findings.error(CUES, line.number, 1, "a row has 2 cells: a word, and what it says");
            continue;
        };
        let length = word.text.chars().count();
        if !(1..=LONGEST).contains(&length) {
            let said = format!("a word has 1 to {LONGEST} characters, this one {length}");
            findings.error(CUES, line.number, word.column, said);
            continue;
        }
        // It is looked for in a text's canonical form, so it must be in it.
        let read: String = Text::of(word.text, &language).units.iter().map(|unit| unit.char).collect();
        let read = read.replace('：', ":");
        if read != word.text {
            let said = format!("`{}` is never met: texts are read as `{read}`", word.text);
            findings.error(CUES, line.number, word.column, said);
            continue;
        }
        let mut bits = 0;
        for name in said.text.split_whitespace() {
            match says::NAMES.iter().find(|(known, _)| *known == name) {
                Some((_, bit)) => bits |= bit,
                None => {
                    let meant = nearest(name, says::NAMES.iter().map(|(known, _)| *known));
                    let wrong = format!("`{name}` is nothing that a word can say");
                    findings.push(Finding::error(CUES, line.number, said.column, wrong).meant(meant));
                }
            }
        }
        if said.text.trim().is_empty() {
            findings.error(CUES, line.number, said.column, "it says nothing");
        }
        if let Some((_, before)) = words.insert(word.text.to_owned(), (bits, line.number)) {
            findings.error(CUES, line.number, word.column, format!("{} stands in line {before} already", word.text));
        }
    }
    if words.len() > MOST {
        findings.error(CUES, 0, 0, format!("there are at most {MOST} words"));
        return None;
    }
    Some(table(&words))
}

fn table(words: &BTreeMap<String, (u32, u32)>) -> Vec<u8> {
    let (mut sieve, mut entries, mut pool) = (vec![0_u8; SIEVE as usize / 8], Vec::new(), Vec::new());
    let first = |word: &str| word.chars().next().map_or(0, u32::from);
    let mut all: Vec<_> = words.iter().map(|(word, (says, _))| (word.as_str(), *says)).collect();
    all.sort_by_key(|(word, _)| (first(word), std::cmp::Reverse(word.len()), *word));
    for (word, says) in all {
        let bit = first(word) % SIEVE;
        if let Some(byte) = sieve.get_mut(bit as usize / 8) {
            *byte |= 1 << (bit % 8);
        }
        entries.extend(first(word).to_le_bytes());
        entries.extend((pool.len() as u32 | (word.len() as u32) << 24).to_le_bytes());
        entries.extend(says.to_le_bytes());
        pool.extend(word.as_bytes());
    }
    let mut arrays = vec![Vec::new(); place::COUNT];
    for (at, array) in [(place::SIEVE, sieve), (place::WORDS, entries), (place::POOL, pool)] {
        if let Some(room) = arrays.get_mut(at) {
            *room = array;
        }
    }
    join(MAGIC, &arrays)
}
