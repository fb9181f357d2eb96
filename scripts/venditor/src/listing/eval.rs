//! `venditor listing eval`: what is found of each kind of labelled rows, and what is found that should not be.
//!
//! A row: `kind`, `text`, and either `term` (it must be found), `value` (a contact that must be found, as one would type
//! it), or neither (nothing may be found).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use listing_check::judge::{What, judge};
use listing_check::listing::{BOUNDS, Listing};
use listing_check::policy::Rules;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use shared::http::json::{self, Unknown, Unread};

use super::{Policy, rules};
use crate::out;

#[derive(Args)]
pub struct Command {
    /// Files of rows, a JSON object a line.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Recall against false hits at other thresholds, as well.
    #[arg(long)]
    curve: bool,
    /// Each row that went wrong, as well.
    #[arg(long)]
    rows: bool,
    /// For machines.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    policy: Policy,
}

#[derive(Deserialize)]
struct Row {
    kind: String,
    text: String,
    term: Option<String>,
    value: Option<String>,
}

impl Row {
    fn is_clean(&self) -> bool {
        self.term.is_none() && self.value.is_none()
    }
}

/// Of some rows: how many there are, and in how many something was found (of clean ones, anything at all).
#[derive(Clone, Copy, Default, Serialize)]
struct Share {
    rows: usize,
    found: usize,
}

impl Share {
    fn add(&mut self, found: bool) {
        self.rows += 1;
        self.found += usize::from(found);
    }

    /// In per cent, with the 95 % interval of Wilson's score.
    fn per_cent(self) -> (f64, f64, f64) {
        let (n, z) = (self.rows.max(1) as f64, 1.96_f64);
        let p = self.found as f64 / n;
        let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        (100.0 * p, 100.0 * (middle - half).max(0.0), 100.0 * (middle + half).min(1.0))
    }
}

pub fn run(command: &Command) -> Result<ExitCode> {
    let pack = command.policy.pack()?;
    let rules = rules(&pack, command.policy.now()?)?;
    let mut rows: Vec<Row> = Vec::new();
    for path in &command.files {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let row = row(line).map_err(|why| anyhow!("{}:{number}: {why}", path.display()))?;
            if row.term.is_some() && row.value.is_some() {
                bail!("{}:{number}: a row has a term or a value", path.display());
            }
            rows.push(row);
        }
    }
    let found: Vec<bool> = rows.par_iter().map(|row| finds(row, &rules)).collect();
    let mut kinds: BTreeMap<(bool, &str), Share> = BTreeMap::new();
    for (row, found) in rows.iter().zip(&found) {
        kinds.entry((row.is_clean(), &row.kind)).or_default().add(*found);
        if command.rows && *found == row.is_clean() {
            let wanted = row.term.as_deref().or(row.value.as_deref()).unwrap_or("-");
            out::line(format!("{}  {wanted}  {:?}", row.kind, row.text));
        }
    }
    let total = |clean: bool| {
        let of = kinds.iter().filter(|((is_clean, _), _)| *is_clean == clean);
        of.fold(Share::default(), |all, (_, one)| Share { rows: all.rows + one.rows, found: all.found + one.found })
    };
    if command.json {
        let kinds: BTreeMap<&str, Share> = kinds.iter().map(|((_, kind), share)| (*kind, *share)).collect();
        out::json(&serde_json::json!({ "kinds": kinds, "found": total(false), "false_hits": total(true) }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for clean in [false, true] {
        let title = if clean { "false hits" } else { "found" };
        let line = |kind: &str, share: Share| {
            let (per_cent, low, high) = share.per_cent();
            let (found, rows) = (share.found, share.rows);
            out::line(format!("{kind:<14} {found:>5} of {rows:>5}  {per_cent:>5.1} %  ({low:.1} to {high:.1})"));
        };
        out::line(format!("-- {title}"));
        for ((_, kind), share) in kinds.iter().filter(|((is_clean, _), _)| *is_clean == clean) {
            line(kind, *share);
        }
        line("all", total(clean));
    }
    if command.curve {
        out::line("-- by how much a reading must win, quarter bits: found, false hits");
        for least in (-16..=40).step_by(8) {
            let mut rules = rules;
            rules.tuning.least = least;
            let found: Vec<(bool, bool)> = rows.par_iter().map(|row| (row.is_clean(), finds(row, &rules))).collect();
            let share = |clean: bool| {
                let mut share = Share::default();
                found.iter().filter(|(is_clean, _)| *is_clean == clean).for_each(|(_, found)| share.add(*found));
                share.per_cent().0
            };
            out::line(format!("{least:>4}  {:>5.1} %  {:>5.1} %", share(false), share(true)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a row; why it is none, in words.
fn row(line: &str) -> Result<Row, String> {
    let read = json::parse_loosely(line.as_bytes(), BOUNDS)
        .and_then(|value| json::of_value(&value, Unknown::Ignore).map_err(Unread::Shape));
    read.map_err(|unread| match unread {
        Unread::Shape(fault) => format!("{} {}", fault.pointer(), fault.words().en).trim_start().to_owned(),
        Unread::Json(error, bounds) => format!("this line is no JSON object: {}", json::words(&error, bounds).en),
    })
}

/// Whether what the row is about is found; of a clean row, whether anything is.
fn finds(row: &Row, rules: &Rules<'_>) -> bool {
    let listing = Listing { description: row.text.clone(), ..Listing::default() };
    let judged = judge(&listing, rules);
    judged.findings.iter().any(|finding| match (&finding.what, &row.term, &row.value) {
        (What::Term { term, .. }, Some(wanted), _) => term.contains(wanted.as_str()),
        (What::Term { term, .. }, None, Some(wanted)) => term == wanted,
        (What::Contact(contact), None, Some(wanted)) => same(&contact.value, wanted),
        (_, None, None) => true,
        _ => false,
    })
}

/// Whether two values are one account: case does not matter, nor do signs within a number or the @ before a
/// name, nor the scheme before an address.
fn same(one: &str, other: &str) -> bool {
    let bare = |value: &str| {
        let value = value.trim_start_matches('@').trim_end_matches('/').to_owned();
        ["https://", "http://"].into_iter().find_map(|s| value.strip_prefix(s).map(str::to_owned)).unwrap_or(value)
    };
    let plain =
        |value: &str| bare(value).chars().filter(|c| !matches!(c, '-' | ' ')).collect::<String>().to_lowercase();
    plain(one) == plain(other)
}
