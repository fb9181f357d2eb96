//! In which listings, and in which of their texts, a group or a rule holds.

use std::collections::BTreeSet;

use pack_source::toml::{Table, Value};

/// Texts of a listing, as conditions name them; a bit each, in this order. `codes` are what QR codes say.
pub const FIELDS: [&str; 7] = ["title", "description", "brand", "attributes", "skus", "images", "codes"];
/// Lists of conditions, and what their lines begin with in a pack.
const LISTS: [(&str, char); 4] =
    [("category", 'c'), ("not_category", 'n'), ("qualification", 'q'), ("without_qualification", 'w')];
/// Prices, in fen, and what their lines begin with.
const PRICES: [(&str, char); 2] = [("price_from", 'f'), ("price_below", 'b')];
/// The highest price that a listing may have, and one fen more.
const MOST_FEN: i64 = 10_000_000_001;
/// The most entries of a list.
const MOST: usize = 100;

/// Names of conditions.
pub(crate) const NAMES: [&str; 7] =
    ["fields", "category", "not_category", "qualification", "without_qualification", "price_from", "price_below"];

/// Conditions; all of them must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    /// A bit for each of [`FIELDS`] in which it holds; 0: in all.
    pub fields: u8,
    /// Lines as a pack has them.
    lines: Vec<String>,
}

impl Conditions {
    /// As a pack has them: a letter, a blank and a value each. `c` and `n`: a category that the listing is in, or is
    /// not in; `q` and `w`: a kind of qualification that it has, or lacks; `f` and `b`: fen that its lowest price is not
    /// below, or is below. Of several `c` and of several `q`, one is enough.
    pub fn lines(&self) -> String {
        self.lines.join("\n")
    }
}

/// Reads the conditions of a group or rule.
pub(crate) fn read(table: &Table<'_>) -> Conditions {
    let mut conditions = Conditions { fields: fields(table), lines: Vec::new() };
    let mut seen: BTreeSet<(char, String)> = BTreeSet::new();
    for (name, letter) in LISTS {
        let Some(value) = table.get(name) else { continue };
        for entry in entries(&value) {
            let Some(text) = entry.text().map(str::trim) else { continue };
            let is_category = matches!(letter, 'c' | 'n');
            if text.chars().any(char::is_control) {
                entry.refuse(format!("{}: it stands on one line", entry.name()));
            } else if is_category && text.split('/').any(|part| part.trim().is_empty()) {
                entry.refuse(format!("{}: a part of {text:?} is empty; it is written 食品/保健食品", entry.name()));
            }
            if !seen.insert((letter, text.to_owned())) {
                entry.refuse(format!("{}: {text:?} occurs twice", entry.name()));
            }
            let other = match letter {
                'n' => 'c',
                'w' => 'q',
                _ => ' ',
            };
            if seen.contains(&(other, text.to_owned())) {
                entry.refuse(format!("{}: {text:?} is wanted and ruled out", entry.name()));
            }
            let parts: Vec<&str> = text.split(if is_category { '/' } else { '\n' }).map(str::trim).collect();
            conditions.lines.push(format!("{letter} {}", parts.join("/")));
        }
    }
    let mut fen = [None, None];
    for ((name, letter), fen) in PRICES.into_iter().zip(&mut fen) {
        let Some(value) = table.get(name) else { continue };
        *fen = value.int(1..=MOST_FEN);
        conditions.lines.extend(fen.map(|fen| format!("{letter} {fen}")));
    }
    if let [Some(from), Some(below)] = fen
        && below <= from
    {
        table.refuse(format!("{}: no price is at least {from} and below {below} fen", table.name()));
    }
    conditions
}

/// A bit for each field that is named.
fn fields(table: &Table<'_>) -> u8 {
    let Some(value) = table.get("fields") else { return 0 };
    let mut bits = 0_u8;
    for entry in entries(&value) {
        let Some(place) = entry.one_of(&FIELDS).and_then(|name| FIELDS.iter().position(|field| *field == name)) else {
            continue;
        };
        if bits >> place & 1 == 1 {
            entry.refuse(format!("{}: it occurs twice", entry.name()));
        }
        bits |= 1 << place;
    }
    bits
}

/// The entries of a list that has some.
fn entries<'d>(value: &Value<'d>) -> Vec<Value<'d>> {
    let Some(entries) = value.list() else { return Vec::new() };
    if entries.is_empty() {
        value.refuse(format!("{} is empty: leave it out if it does not matter", value.name()));
    }
    if entries.len() > MOST {
        value.refuse(format!("{} has at most {MOST} entries", value.name()));
    }
    entries
}
