//! Requests, from logs: what a pack of bot-screen would have made of them, beside another.
//!
//! What a log does not hold is unknown to the rules, and no rule holds for want of it: of nginx's combined format a header
//! field that the log has no place for was neither sent nor left out. Passes, visits and counts are not replayed: the
//! verdict is that of the rules.

mod formats;
mod honest;
mod lines;
mod tally;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use bot_screen::policy::{BUNDLED, Rules};
use bot_screen::verdict::judge;
use clap::Args;
use pack_source::PackFile;
use rayon::prelude::*;
use shared::agents::classify;
use shared::policy::Pack;

use self::formats::{Line, Record};
use self::lines::{Lines, Next};
use self::tally::{Judged, Tally, Verdict};
use crate::out;

/// What is read at once: so many bytes, and so many lines.
const AT_ONCE: (usize, usize) = (8 << 20, 16_384);

#[derive(Args)]
pub struct Logs {
    /// Of bot-screen: logs to judge again: nginx's combined format or JSON, Cloudflare's Logpush as NDJSON, our event lines;
    /// with gzip or without, - for standard input.
    #[arg(long, num_args = 1.., value_name = "FILE")]
    pub logs: Vec<PathBuf>,
    /// Of logs that name no host: the host.
    #[arg(long, default_value = "")]
    pub host: String,
    /// Of logs: how many user agents and paths are listed.
    #[arg(long, default_value_t = 100)]
    pub top: usize,
}

/// Judges logs by a pack, and by the one it is to replace: the bundled one, unless another is given.
pub fn replay(new: PackFile, base: Option<PackFile>, logs: &Logs, machines: bool) -> Result<ExitCode> {
    ensure!(!logs.logs.is_empty(), "--logs: files of requests are wanted");
    let (new, base) = (Pack::from_file(new), base.map_or_else(|| Pack::bundled(&BUNDLED), Pack::from_file));
    let lacks = "the pack lacks something, or is of another format: build it anew";
    let (new, base) = (Rules::of(&new).context(lacks)?, Rules::of(&base).context(lacks)?);
    let (base, new) = (Side::of(base), Side::of(new));
    let mut tally = Tally::new(base.codes(), new.codes());
    let (begun, now) = (Instant::now(), out::now_ms());
    let bar = out::progress(0, "lines");
    for path in &logs.logs {
        let mut lines = Lines::open(path)?;
        let mut end = false;
        while !end {
            let some;
            (some, end) = read_some(path, &mut lines, &mut tally);
            let judged: Vec<Judged> = some.par_iter().map(|line| one(line, &base, &new, &logs.host, now)).collect();
            bar.inc(judged.len() as u64);
            judged.into_iter().for_each(|judged| tally.add(judged));
        }
    }
    bar.finish_and_clear();
    let seconds = begun.elapsed().as_secs_f64();
    tally.report(base.rules.digest, new.rules.digest, seconds, logs.top, machines)
}

/// Some lines of a log, and whether they are its last.
fn read_some(path: &Path, lines: &mut Lines, tally: &mut Tally) -> (Vec<Vec<u8>>, bool) {
    let (mut some, mut bytes) = (Vec::new(), 0);
    while bytes < AT_ONCE.0 && some.len() < AT_ONCE.1 {
        match lines.next() {
            Next::Line(line) => {
                bytes += line.len();
                some.push(line);
            }
            Next::TooLong => tally.unread("longer than 64 KiB"),
            Next::End => return (some, true),
            Next::Broken(why) => {
                out::note(format!("{}: {why}; what stands before it is judged", path.display()));
                tally.broken();
                return (some, true);
            }
        }
    }
    (some, false)
}

/// The rules of one pack, with their numbers by their codes.
struct Side<'p> {
    rules: Rules<'p>,
    numbers: HashMap<String, usize>,
}

impl<'p> Side<'p> {
    fn of(rules: Rules<'p>) -> Side<'p> {
        let numbers = (0..rules.set.index().len()).map(|rule| (rules.code(rule).to_owned(), rule)).collect();
        Side { rules, numbers }
    }

    fn codes(&self) -> Vec<String> {
        (0..self.rules.set.index().len()).map(|rule| self.rules.code(rule).to_owned()).collect()
    }
}

/// What both packs make of a line.
fn one(line: &[u8], base: &Side<'_>, new: &Side<'_>, host: &str, now_ms: i64) -> Judged {
    match formats::read(line, host) {
        Line::Empty => Judged::Empty,
        Line::Unread(why) => Judged::Unread(why),
        Line::Event(event) => {
            let [was, is] = [base, new].map(|side| event.by(&side.rules, &side.numbers));
            Judged::Event(was, is, event.details.action, event.details.agent)
        }
        Line::Request(record) => {
            let Record { request, at_ms } = *record;
            // Copies of keys and addresses count as fresh as they are today; signatures of the past have ended.
            let verdict = |side: &Side<'_>| {
                let verdict = judge(&request, &side.rules, now_ms);
                Verdict {
                    outcome: verdict.outcome,
                    rules: verdict.reasons.iter().map(|reason| reason.rule).collect(),
                    action: verdict.action.name().to_owned(),
                }
            };
            let agent = classify(&request.headers);
            Judged::Request {
                was: verdict(base),
                is: verdict(new),
                class: bot_screen::signals::class(agent.class),
                client: honest::client(&request),
                agent: request.headers.get("user-agent").unwrap_or_default().to_owned(),
                path: request.paths.first().cloned().unwrap_or_default(),
                at_ms,
            }
        }
    }
}
