//! `venditor listing check`: the verdicts that the edge would give, on all cores.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use listing_check::answer::verdict;
use listing_check::judge::{Outcome, judge};
use listing_check::listing::Listing;
use listing_check::policy::Rules;
use rayon::prelude::*;
use serde_json::{Value, json};
use shared::lang::Lang;

use super::{Policy, rules, table};
use crate::out;

/// So many lines are judged at once.
const AT_ONCE: usize = 4096;

#[derive(Args)]
#[command(after_help = table::COLUMNS)]
pub struct Command {
    /// The file, or - for standard input. Its name ends with .csv, or it is a JSON object a line.
    file: PathBuf,
    /// It is CSV, whatever its name.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    policy: Policy,
}

pub fn run(command: &Command) -> Result<ExitCode> {
    let (pack, lang) = (command.policy.pack()?, command.policy.lang()?);
    let rules = rules(&pack, command.policy.now()?)?;
    let lines = lines(&command.file, command.csv)?;
    let mut counts = [0_usize; 4];
    let mut number = 0;
    let mut lines = lines.peekable();
    let bar = out::progress(0, "listings");
    while lines.peek().is_some() {
        let some: Vec<Vec<u8>> = lines.by_ref().take(AT_ONCE).collect::<Result<_>>()?;
        let first = number;
        number += some.len();
        let judged: Vec<Option<(usize, String)>> =
            some.par_iter().enumerate().map(|(at, line)| one(line, first + at + 1, &rules, lang)).collect();
        let mut stdout = std::io::stdout().lock();
        for (kind, value) in judged.into_iter().flatten() {
            if let Some(count) = counts.get_mut(kind) {
                *count += 1;
            }
            // A reader that went away ends the output, not the work.
            let _ = writeln!(stdout, "{value}");
        }
        bar.inc(some.len() as u64);
    }
    bar.finish_and_clear();
    let [accepted, reviewed, rejected, bad] = counts;
    out::note(format!("{accepted} accepted, {reviewed} for review, {rejected} rejected, {bad} no listings"));
    Ok(if bad > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The listings of a file, or of standard input, each as a line of JSON.
pub(super) fn lines(file: &Path, csv: bool) -> Result<Box<dyn Iterator<Item = Result<Vec<u8>>> + '_>> {
    let input: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).with_context(|| file.display().to_string())?)
    };
    let is_csv = csv || file.extension().is_some_and(|name| name == "csv");
    Ok(if is_csv {
        Box::new(table::read(input, file)?)
    } else {
        Box::new(BufReader::new(input).split(b'\n').map(|line| Ok(line?)))
    })
}

/// The verdict on a line, and which count it belongs to; nothing of an empty one.
fn one(line: &[u8], number: usize, rules: &Rules<'_>, lang: Lang) -> Option<(usize, String)> {
    if line.trim_ascii().is_empty() {
        return None;
    }
    let listing = match Listing::read(line) {
        Ok(listing) => listing,
        Err(problem) => {
            let said: Value = serde_json::from_slice(&problem.response(lang).body).unwrap_or_default();
            return Some((3, json!({ "line": number, "problem": said }).to_string()));
        }
    };
    let judged = judge(&listing, rules);
    let kind = match judged.outcome {
        Outcome::Accept => 0,
        Outcome::Review => 1,
        Outcome::Reject => 2,
    };
    // The bytes that the edge answers.
    Some((kind, serde_json::to_string(&verdict(&listing, &judged, rules, lang)).unwrap_or_default()))
}
