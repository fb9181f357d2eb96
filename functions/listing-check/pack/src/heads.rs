//! What groups of terms and rules have alike: family, severity, what is said of them, when and where they hold.

use calendar::{parse_date, start_of_day};
use pack_source::MapWriter;
use pack_source::toml::{Table, Value, is_code};

use crate::conditions::{self, Conditions};
use crate::groups::CONTACT;

/// Families of findings.
pub const FAMILIES: [&str; 5] = ["forbidden", "counterfeit", "offsite", "adlaw", "own"];
/// What a finding does to a listing, the mildest first.
pub const SEVERITIES: [&str; 3] = ["warn", "review", "reject"];
/// Texts of a group or rule.
pub const TEXTS: [&str; 3] = ["what", "cites", "suggestion"];
/// Names that both may have.
pub(crate) const NAMES: [&str; 5] = ["family", "severity", "shadow", "from", "until"];

/// Bytes of a head in a pack: see [`Head::bytes`].
pub const HEAD: usize = 24;
/// Flags of a head in a pack.
pub mod flag {
    /// What stands there openly counts only beside a word that leads to somebody.
    pub const CUE: u8 = 1;
    /// Its findings are told in events alone.
    pub const SHADOW: u8 = 2;
    /// It has conditions besides fields.
    pub const CONDITIONS: u8 = 4;
    /// It is a rule, not a group of terms.
    pub const RULE: u8 = 8;
}

/// The head of a group or rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its code: of its table in `rules.toml`.
    pub code: String,
    family: u8,
    severity: u8,
    flags: u8,
    /// From when on, and until when, in milliseconds since 1970; 0: ever.
    dates: (i64, i64),
    texts: Vec<(String, String)>,
    conditions: Conditions,
}

impl Head {
    /// Family, severity, flags, fields (a bit each), four bytes of 0, from when, until when; all little-endian.
    fn bytes(&self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        let head = [self.family, self.severity, self.flags, self.conditions.fields, 0, 0, 0, 0];
        let (from, until) = (self.dates.0.to_le_bytes(), self.dates.1.to_le_bytes());
        for (to, from) in bytes.iter_mut().zip(head.into_iter().chain(from).chain(until)) {
            *to = from;
        }
        bytes
    }

    /// Whether a list's category names it: by its code, or by what it is in either language.
    pub(crate) fn is_called(&self, category: &str) -> bool {
        self.code == category || self.texts.first().is_some_and(|(zh, en)| zh == category || en == category)
    }

    /// Whether it holds in some listings alone, or in some of their texts.
    pub(crate) fn is_conditional(&self) -> bool {
        self.conditions != Conditions::default()
    }
}

/// Reads the head of a table; `kind` is what it is of, for findings.
pub(crate) fn read(code: &str, value: &Value<'_>, table: &Table<'_>, kind: &str, flags: u8) -> Option<Head> {
    if !is_code(code) {
        value.refuse(format!("a {kind}'s code has lower-case letters, digits, `_` and `-`"));
    }
    let one_of = |name: &str, words: &[&str]| {
        let said = table.want(name)?.one_of(words)?;
        u8::try_from(words.iter().position(|word| *word == said)?).ok()
    };
    let (family, severity) = (one_of("family", &FAMILIES), one_of("severity", &SEVERITIES));
    let mut texts = Vec::new();
    for name in TEXTS {
        let Some(both) = table.table(name) else { continue };
        both.only(["zh", "en"]);
        if let (Some(zh), Some(en)) = (both.text("zh"), both.text("en")) {
            texts.push((zh.to_owned(), en.to_owned()));
        }
    }
    let shadow = table.get("shadow").and_then(|value| value.flag()).unwrap_or(false);
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
        value.refuse(format!("`until` is the first day on which the {kind} no longer holds: it comes after `from`"));
    }
    let conditions = conditions::read(table);
    let set = |flag: u8, holds: bool| if holds { flag } else { 0 };
    let flags = flags | set(flag::SHADOW, shadow) | set(flag::CONDITIONS, !conditions.lines().is_empty());
    Some(Head { code: code.to_owned(), family: family?, severity: severity?, flags, dates, texts, conditions })
}

/// Puts heads into the section `groups`, groups before rules: `heads`, [`HEAD`] bytes each; by number `n/code`,
/// `n/<text>/<language>` and, if it has conditions, `n/if`; the number of the group of contacts, `contact`.
pub(crate) fn put<'h>(heads: impl Iterator<Item = &'h Head>, map: &mut MapWriter) {
    let mut bytes = Vec::new();
    for (number, head) in heads.enumerate() {
        bytes.extend(head.bytes());
        map.text(format!("{number}/code"), &head.code);
        if head.code == CONTACT {
            map.int("contact", number as i64);
        }
        for (name, (zh, en)) in TEXTS.iter().zip(&head.texts) {
            map.text(format!("{number}/{name}/zh"), zh);
            map.text(format!("{number}/{name}/en"), en);
        }
        let lines = head.conditions.lines();
        if !lines.is_empty() {
            map.text(format!("{number}/if"), &lines);
        }
    }
    map.bytes("heads", bytes);
}
