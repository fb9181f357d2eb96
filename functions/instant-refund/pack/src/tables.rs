//! `tables/*.csv`: decision tables, each with editions. Under the table's name: the first instants of its editions; under
//! `name/0`, `name/1`, …: the table as bytes.

use std::collections::BTreeMap;

use calendar::{parse_date, start_of_day};
use decision_table::{HitPolicy, Table, check, read};
use pack_source::{Files, Finding, Findings, MapWriter, nearest};

use crate::arbitrage;

/// The folder of the tables.
pub(crate) const FOLDER: &str = "tables/";

/// A table that the code asks, with the columns that it asks by. Columns are named because the code reads them by place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its name: its files', without edition.
    pub name: &'static str,
    /// Which of the rules that hit decide.
    pub policy: HitPolicy,
    /// Input columns.
    pub inputs: &'static [&'static str],
    /// Output columns.
    pub outputs: &'static [&'static str],
}

/// The tables that the code asks.
pub const EXPECTED: [Expected; 6] = [
    Expected {
        name: "self_mail_tariff",
        policy: HitPolicy::Unique,
        inputs: &["from", "to", "weight_kg"],
        outputs: &["first_fen", "next_fen", "most_fen"],
    },
    Expected {
        name: "real_freight",
        policy: HitPolicy::Unique,
        inputs: &["from", "to", "weight_kg"],
        outputs: &["first_fen", "next_fen"],
    },
    Expected { name: "region_groups", policy: HitPolicy::Unique, inputs: &["region"], outputs: &["group"] },
    Expected {
        name: "lateness",
        policy: HitPolicy::Unique,
        inputs: &["paid_fen", "promise", "hours_late"],
        outputs: &["fixed_fen", "permille", "min_fen", "max_fen"],
    },
    Expected {
        name: "lateness_extra",
        policy: HitPolicy::CollectSum,
        inputs: &["promise", "hours_late"],
        outputs: &["extra_fen"],
    },
    Expected { name: "instant_caps", policy: HitPolicy::Unique, inputs: &["level"], outputs: &["cap_fen", "per_year"] },
];

/// Keys of header lines, and the two words of `status`.
const HEADER_KEYS: [&str; 9] =
    ["title", "source", "effective_from", "status", "amount", "monotone", "cap", "example", "sourced"];

/// One edition: its file, and the table.
pub(crate) type Edition<'f> = (&'f str, Table);
/// Editions of one table, by their first instant.
pub(crate) type Editions<'f> = BTreeMap<i64, Edition<'f>>;

/// Whether a path is that of a table that the code asks.
pub(crate) fn is_table(path: &str) -> bool {
    name(path).is_some_and(|name| EXPECTED.iter().any(|expected| expected.name == name))
}

/// `NAME.csv` and `NAME-edition.csv` are editions of `NAME`.
fn name(path: &str) -> Option<&str> {
    let stem = path.strip_prefix(FOLDER)?.strip_suffix(".csv")?;
    Some(stem.split_once('-').map_or(stem, |(name, _)| name))
}

/// Compiles the folder.
pub(crate) fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let mut all: BTreeMap<&str, Editions<'_>> = BTreeMap::new();
    for path in files.paths().filter(|path| is_table(path)) {
        let Some((name, table)) = table(files, path, findings) else { continue };
        // `read` has looked at its form; there may still be no such day.
        let Some(from) = parse_date(table.effective_from).map(start_of_day) else {
            findings.error(path, 0, 0, format!("effective_from: {} is no day", table.effective_from));
            continue;
        };
        let editions = all.entry(name).or_default();
        match editions.get(&from) {
            Some((other, _)) => findings.error(path, 0, 0, format!("in force from the same day as {other}")),
            None => drop(editions.insert(from, (path, table))),
        }
    }
    for expected in EXPECTED.iter().filter(|expected| !all.contains_key(expected.name)) {
        let path = format!("{FOLDER}{}.csv", expected.name);
        // One that is there but cannot be read has its own finding.
        if !files.paths().any(|path| name(path) == Some(expected.name)) {
            findings.error(&path, 0, 0, "this file is missing");
        }
    }
    arbitrage::groups(&all, findings);
    arbitrage::payouts(&all, findings);
    let mut map = MapWriter::new();
    for (name, editions) in &all {
        map.ints(*name, editions.keys().copied());
        for (number, (path, table)) in editions.values().enumerate() {
            match table.to_bytes() {
                Some(bytes) => drop(map.bytes(format!("{name}/{number}"), bytes)),
                None => findings.error(path, 0, 0, "a text or a list in it is too long"),
            }
        }
    }
    map.finish()
}

/// One file without flaws.
fn table<'f>(files: &'f Files, path: &'f str, findings: &Findings) -> Option<(&'f str, Table)> {
    let text = files.text(path, findings)?;
    let name = name(path)?;
    let expected = EXPECTED.iter().find(|expected| expected.name == name)?;
    let table = match read::table(name, text) {
        Ok(table) => table,
        Err(error) => {
            let (column, meant) = place(text, error.line, &error.reason);
            findings.push(Finding::error(path, error.line, column, error.reason).meant(meant));
            return None;
        }
    };
    let columns = |kind: &str, found: Vec<&str>, wanted: &[&str]| {
        if found != wanted {
            let reason = format!("{kind} {} are wanted, not {}", wanted.join(", "), found.join(", "));
            findings.error(path, 0, 0, reason);
        }
        found == wanted
    };
    let inputs = columns("inputs", table.inputs.iter().map(|column| column.name).collect(), expected.inputs);
    let outputs = columns("outputs", table.outputs.iter().map(|column| column.name).collect(), expected.outputs);
    if table.policy != expected.policy {
        findings.error(path, 0, 0, format!("hit policy {:?} is wanted", expected.policy));
    }
    let flaws = check::all(&table);
    for flaw in &flaws {
        findings.error(path, flaw.lines.first().copied().unwrap_or(0), 0, flaw.to_string());
    }
    (inputs && outputs && table.policy == expected.policy && flaws.is_empty()).then_some((name, table))
}

/// The column of what a reason names (`"nroth" is not …`, `sorce: no such header line`), and the nearest that the file or
/// its form knows.
fn place(text: &str, line: u32, reason: &str) -> (u32, Option<String>) {
    let quoted = reason.split('"').nth(1);
    let named = quoted.or_else(|| reason.split_once(": no such header line").map(|(key, _)| key));
    let Some(named) = named.filter(|named| !named.is_empty()) else { return (0, None) };
    let number = usize::try_from(line).unwrap_or(usize::MAX);
    let here = number.checked_sub(1).and_then(|above| text.lines().nth(above)).unwrap_or_default();
    let before = here.split_once(named).map(|(before, _)| before.chars().count().saturating_add(1));
    let domains = text.lines().filter_map(|line| line.strip_prefix("# domain ")?.split_once(':'));
    let known = domains.flat_map(|(_, values)| values.split('|').map(str::trim)).chain(HEADER_KEYS);
    let meant = nearest(named, known.filter(|known| *known != named)).map(str::to_owned);
    (before.and_then(|column| u32::try_from(column).ok()).unwrap_or(0), meant)
}

/// `TABLES`: what the function checks a pack from elsewhere for.
pub(crate) fn constants() -> String {
    let expected = EXPECTED.map(|Expected { name, policy, inputs, outputs }| {
        format!("({name:?}, HitPolicy::{policy:?}, &{inputs:?}, &{outputs:?})")
    });
    format!(
        "/// Tables: name, hit policy, input columns, output columns.\nconst TABLES: &[(&str, HitPolicy, &[&str], \
         &[&str])] = &[{}];\n",
        expected.join(", ")
    )
}
