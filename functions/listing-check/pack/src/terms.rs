//! Terms, other names for them, and words that are allowed, from their CSV files.

use std::collections::{BTreeMap, BTreeSet};

use listing_engine::Language;
use pack_source::csv::lines;
use pack_source::{Files, Finding, Findings, nearest};

use crate::groups;
use crate::heads::Head;
use crate::lexicon::{Entry, LONGEST_BYTES, Unusable, spell};
use crate::list::{self, List, Row};
use crate::{ALIASES, ALLOW, LEXICON, RULES};

/// The most terms, aliases and allowed words among them.
const MOST: usize = 200_000;
/// The most lists that one word is in.
const MOST_LISTS: usize = 8;
/// The group of words that are only in lists.
pub(crate) const NO_GROUP: u16 = u16::MAX;

/// All words that the engine looks for.
pub(crate) struct Terms {
    pub entries: Vec<Entry>,
    /// The words of each list of parts.
    pub lists: Vec<Vec<String>>,
}

/// Reads the words of groups and lists, other names for them, and words that are allowed.
pub(crate) fn read(
    files: &Files,
    groups: &[Head],
    lists: &[String],
    language: &Language<'_>,
    findings: &Findings,
) -> Option<Terms> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (number, group) in groups.iter().enumerate() {
        let path = groups::path(&group.code);
        let Some(path) = files.paths().find(|known| *known == path) else { continue };
        let list = list::read(files.text(path, findings)?);
        for row in &list.rows {
            let term = row.term;
            if !usable(term.text, path, row.number, language, findings) {
                continue;
            }
            let Some(number) = group_of(row, &list, number, groups, path, findings) else { continue };
            let place = format!("{path}, line {}", row.number);
            if let Some(before) = seen.get(term.text) {
                let said = format!("{} is a term already, and counts once: {before}", term.text);
                findings.push(Finding::warning(path, row.number, term.column, said));
                continue;
            }
            let short = spell(term.text, language).is_ok_and(|symbols| symbols.len() == 1);
            if short || term.text.chars().all(is_sign) {
                let what = if short { "is one character" } else { "is of signs alone" };
                let said = format!("`{}` {what}: it is found in whatever has it", term.text);
                findings.push(Finding::warning(path, row.number, term.column, said));
            }
            seen.insert(term.text.to_owned(), place);
            entries.push(Entry { text: term.text.to_owned(), group: number as u16, alias_of: None, allowed: false });
        }
    }
    let of_groups = entries.len();
    let lists = parts(files, lists, language, &mut entries, findings)?;
    let terms: Vec<String> = entries.iter().map(|entry| entry.text.clone()).collect();
    let known: BTreeSet<&str> = terms.iter().map(String::as_str).collect();
    let mut missing: BTreeMap<&str, Vec<(u32, u32)>> = BTreeMap::new();
    for line in lines(files.text(ALIASES, findings)?).filter(|line| line.comment().is_none()) {
        let [other, term, cost] = *line.cells().as_slice() else {
            findings.error(ALIASES, line.number, 1, "a row has 3 cells: another name, the term, what it costs");
            continue;
        };
        let Ok(cost) = cost.text.parse::<u8>() else {
            findings.error(ALIASES, line.number, cost.column, "a cost is a number of quarter bits from 0 to 255");
            continue;
        };
        if !usable(other.text, ALIASES, line.number, language, findings) {
            continue;
        }
        // An operator's list may lack the term: then there is nothing to have another name.
        if !known.contains(term.text) {
            missing.entry(term.text).or_default().push((line.number, term.column));
            continue;
        }
        let alias_of = Some((term.text.to_owned(), cost));
        entries.push(Entry { text: other.text.to_owned(), group: 0, alias_of, allowed: false });
    }
    // Where one is near, it may be misspelt; one that several rows name is the term of another list.
    for (term, places) in missing {
        let meant = nearest(term, terms.iter().take(of_groups).map(String::as_str));
        if let (Some(meant), [(line, column)]) = (meant, places.as_slice()) {
            let severity = pack_source::Severity::Warning;
            let said = format!("no list has the term {term}");
            findings.push(Finding { severity, ..Finding::error(ALIASES, *line, *column, said) }.meant(Some(meant)));
        }
    }
    for line in lines(files.text(ALLOW, findings)?).filter(|line| line.comment().is_none()) {
        let cells = line.cells();
        let Some(word) = cells.first().filter(|word| usable(word.text, ALLOW, line.number, language, findings)) else {
            continue;
        };
        entries.push(Entry { text: word.text.to_owned(), group: 0, alias_of: None, allowed: true });
    }
    if entries.len() > MOST {
        findings.error(LEXICON, 0, 0, format!("there are at most {MOST} terms, other names and allowed words"));
        return None;
    }
    Some(Terms { entries, lists })
}

/// The words of lists of parts. One that is a group's term, or in another list, is looked for once.
fn parts(
    files: &Files,
    lists: &[String],
    language: &Language<'_>,
    entries: &mut Vec<Entry>,
    findings: &Findings,
) -> Option<Vec<Vec<String>>> {
    let mut known: BTreeSet<String> = entries.iter().map(|entry| entry.text.clone()).collect();
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for code in lists {
        let path = groups::path(code);
        let mut words: Vec<String> = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let Some(path) = files.paths().find(|known| *known == path) else {
            all.push(words);
            continue;
        };
        for line in list::read(files.text(path, findings)?).rows {
            let word = line.term;
            if !usable(word.text, path, line.number, language, findings) {
                continue;
            }
            if let Some(category) = line.category {
                findings.error(path, line.number, category.column, "words of a list have no categories: groups do");
            }
            if !seen.insert(word.text) {
                let said = format!("{} is in this list already, and counts once", word.text);
                findings.push(Finding::warning(path, line.number, word.column, said));
                continue;
            }
            let uses = uses.entry(word.text.to_owned()).or_default();
            *uses += 1;
            if *uses == MOST_LISTS + 1 {
                let said = format!("{} is in more than {MOST_LISTS} lists", word.text);
                findings.error(path, line.number, word.column, said);
            }
            if known.insert(word.text.to_owned()) {
                let text = word.text.to_owned();
                entries.push(Entry { text, group: NO_GROUP, alias_of: None, allowed: false });
            }
            words.push(word.text.to_owned());
        }
        if words.is_empty() {
            findings.error(path, 0, 0, format!("there is no word in it: list:{code} of {RULES} can never be met"));
        }
        all.push(words);
    }
    Some(all)
}

/// The terms of all groups.
pub(crate) fn listed<'f>(files: &'f Files, groups: &[Head]) -> BTreeSet<&'f str> {
    let paths: BTreeSet<String> = groups.iter().map(|group| groups::path(&group.code)).collect();
    let lists = files.paths().filter(|path| paths.contains(*path));
    let texts = lists.filter_map(|path| files.bytes(path)).filter_map(|bytes| std::str::from_utf8(bytes).ok());
    texts.flat_map(|text| list::read(text).rows).map(|row| row.term.text).collect()
}

/// The group of a term: its category's, or that of the list.
fn group_of(
    row: &Row<'_>,
    list: &List<'_>,
    own: usize,
    groups: &[Head],
    path: &str,
    findings: &Findings,
) -> Option<usize> {
    let Some(category) = row.category else { return Some(own) };
    let refuse = |said: String, meant: Option<&str>| {
        findings.push(Finding::error(path, row.number, category.column, said).meant(meant));
        None
    };
    if !list.categories {
        let said = "what stands behind a term is its category only below a header: term,category";
        return refuse(said.to_owned(), None);
    }
    let found = groups.iter().position(|group| group.code != groups::CONTACT && group.is_called(category.text));
    found.or_else(|| {
        let said = format!("no group has the code {:?}, or is that by its `what`", category.text);
        refuse(said, nearest(category.text, groups.iter().map(|group| group.code.as_str())))
    })
}

/// Whether a character is punctuation; an emoji may be a word.
fn is_sign(c: char) -> bool {
    let among =
        matches!(c, '\0'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff65}');
    among && !c.is_alphanumeric()
}

/// Whether a word can be looked for. Signs alone say nothing: they are told and left out.
fn usable(text: &str, path: &str, line: u32, language: &Language<'_>, findings: &Findings) -> bool {
    let why = match spell(text, language) {
        _ if text.len() > LONGEST_BYTES => "it is longer than 96 bytes",
        Err(Unusable::Empty) => {
            let said = format!("`{text}` is left out: it has no letter, digit or character");
            findings.push(Finding::warning(path, line, 1, said));
            return false;
        }
        Err(Unusable::Long) => "it has more than 24 letters or characters",
        Ok(_) => return true,
    };
    findings.error(path, line, 1, format!("`{text}` cannot be looked for: {why}"));
    false
}
