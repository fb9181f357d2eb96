//! What is said of the terms of each list: family, severity, what is cited, what would pass.

use std::collections::BTreeMap;

use calendar::{parse_date, start_of_day};
use pack_source::toml::{Document, is_code};
use pack_source::{Files, Findings, MapWriter};

use crate::exceptions::Exception;
use crate::{LEXICON, RULES};

/// Families of findings.
pub const FAMILIES: [&str; 4] = ["forbidden", "counterfeit", "offsite", "own"];
/// What a finding does to a listing, the mildest first.
pub const SEVERITIES: [&str; 3] = ["warn", "review", "reject"];
/// Texts of a group.
pub const TEXTS: [&str; 3] = ["what", "cites", "suggestion"];
/// The group of contacts: it has no list, its findings are what the function recognises by itself.
pub const CONTACT: &str = "contact";
/// The most groups.
const MOST: usize = 4000;

/// A group of terms: one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its code: of its table in `rules.toml` and of its list in `lexicon/`.
    pub code: String,
    family: String,
    severity: String,
    cue: bool,
    shadow: bool,
    /// From when on, and until when, in milliseconds since 1970; 0: ever.
    dates: (i64, i64),
    texts: Vec<(String, String)>,
}

/// Reads the groups, in the order of their codes: a group's place is its number.
pub(crate) fn read(files: &Files, findings: &Findings) -> Option<Vec<Group>> {
    let document = Document::parse(files, RULES, findings)?;
    let root = document.root();
    root.only(["group"]);
    let mut groups = Vec::new();
    let tables = root.table("group")?;
    for (code, value) in tables.entries() {
        let Some(table) = value.table() else { continue };
        if !is_code(code) {
            value.refuse("a group's code has lower-case letters, digits, `_` and `-`");
        }
        table.only(["family", "severity", "needs_cue", "shadow", "from", "until"].into_iter().chain(TEXTS));
        let one_of = |name: &str, words: &[&str]| table.want(name)?.one_of(words).map(str::to_owned);
        let (family, severity) = (one_of("family", &FAMILIES), one_of("severity", &SEVERITIES));
        let mut texts = Vec::new();
        for name in TEXTS {
            let Some(both) = table.table(name) else { continue };
            both.only(["zh", "en"]);
            if let (Some(zh), Some(en)) = (both.text("zh"), both.text("en")) {
                texts.push((zh.to_owned(), en.to_owned()));
            }
        }
        let path = format!("{LEXICON}{code}.csv");
        if code != CONTACT && files.bytes(&path).is_none() {
            value.refuse(format!("this group has no list: {path} is missing"));
        }
        let flag = |name: &str| table.get(name).and_then(|value| value.flag()).unwrap_or(false);
        let (cue, shadow) = (flag("needs_cue"), flag("shadow"));
        let day = |name: &str| {
            let Some(value) = table.get(name) else { return 0 };
            let day = value.text().and_then(parse_date);
            day.map(start_of_day).unwrap_or_else(|| {
                value.refuse("a day is written 2026-01-31; it begins at midnight in China");
                0
            })
        };
        let dates = (day("from"), day("until"));
        if dates.1 != 0 && dates.1 <= dates.0 {
            value.refuse("`until` is the first day on which the group no longer holds: it comes after `from`");
        }
        if let (Some(family), Some(severity)) = (family, severity) {
            groups.push(Group { code: code.to_owned(), family, severity, cue, shadow, dates, texts });
        }
    }
    if !tables.keys().any(|code| code == CONTACT) {
        findings.error(
            RULES,
            0,
            0,
            format!("[group.{CONTACT}] is missing: what is said of telephone numbers, accounts and links"),
        );
    }
    if groups.len() > MOST {
        findings.error(RULES, 0, 0, format!("there are at most {MOST} groups"));
        return None;
    }
    for path in files.paths().filter(|path| path.starts_with(LEXICON)) {
        let code = path.strip_prefix(LEXICON).and_then(|name| name.strip_suffix(".csv")).unwrap_or_default();
        if !tables.keys().any(|known| known == code) {
            findings.error(path, 0, 0, format!("no group of that name: [group.{code}] is missing in {RULES}"));
        }
    }
    Some(groups)
}

/// The section `groups`: by number, `n/code`, `n/family`, `n/severity`, `n/cue`, `n/shadow`, `n/from`, `n/until` and
/// `n/<text>/<language>`; of exceptions, by term and number, `except/<term>/n/seller`, `/category` and `/until`.
pub(crate) fn section(groups: &[Group], exceptions: &[Exception]) -> Option<Vec<u8>> {
    let mut map = MapWriter::new();
    for (number, group) in groups.iter().enumerate() {
        map.text(format!("{number}/code"), &group.code);
        map.text(format!("{number}/family"), &group.family);
        map.text(format!("{number}/severity"), &group.severity);
        map.int(format!("{number}/cue"), i64::from(group.cue));
        map.int(format!("{number}/shadow"), i64::from(group.shadow));
        map.int(format!("{number}/from"), group.dates.0);
        map.int(format!("{number}/until"), group.dates.1);
        for (name, (zh, en)) in TEXTS.iter().zip(&group.texts) {
            map.text(format!("{number}/{name}/zh"), zh);
            map.text(format!("{number}/{name}/en"), en);
        }
    }
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    for exception in exceptions {
        let number = numbers.entry(&exception.term).or_default();
        let key = format!("except/{}/{number}", exception.term);
        map.text(format!("{key}/seller"), &exception.seller);
        map.text(format!("{key}/category"), &exception.category);
        map.int(format!("{key}/until"), exception.until);
        *number += 1;
    }
    map.finish()
}
