//! `venditor policy status`: what was signed here; and, from event lines, what instances adopted, refused and judged by.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::china_time::minute;
use shared::policy_statement::Role;

use super::KINDS;
use super::record::{Record, Release};
use crate::keys::dir::KeyDir;
use crate::out;

#[derive(Args)]
pub struct Command {
    /// One function's alone.
    #[arg(long)]
    pub(super) function: Option<String>,
    /// Event lines of the functions, one JSON object a line; other lines are passed over.
    #[arg(long)]
    events: Option<PathBuf>,
    /// For machines.
    #[arg(long)]
    json: bool,
}

/// One function.
#[derive(Serialize)]
struct Status<'r> {
    function: &'static str,
    /// Of the role `current`, the newest first.
    current: Vec<&'r Release>,
    shadow: Vec<&'r Release>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<Seen>,
}

/// What event lines say.
#[derive(Default, Serialize)]
struct Seen {
    /// Lines that were judged by a pack, by its digest.
    judged: BTreeMap<String, Times>,
    /// What happened to statements and key sets: `adopted current`, `refused current older`, …
    happened: BTreeMap<String, Times>,
}

#[derive(Serialize)]
struct Times {
    lines: u64,
    first: i64,
    last: i64,
}

#[derive(Deserialize)]
struct Event {
    schema: String,
    function: String,
    at: i64,
    outcome: String,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    policy: String,
    #[serde(default)]
    details: serde_json::Value,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<ExitCode> {
    let record = Record::open(keys)?;
    let mut seen = match &command.events {
        Some(path) => Some(read(path).with_context(|| path.display().to_string())?),
        None => None,
    };
    let wanted = |function: &str| command.function.as_ref().is_none_or(|wanted| wanted == function);
    if let Some(function) = &command.function {
        super::kind(function)?;
    }
    let all: Vec<Status<'_>> = KINDS
        .iter()
        .filter(|kind| wanted(kind.function))
        .map(|kind| Status {
            function: kind.function,
            current: record.of(kind.function, Role::Current),
            shadow: record.of(kind.function, Role::Shadow),
            seen: seen.as_mut().map(|seen| seen.remove(kind.function).unwrap_or_default()),
        })
        .collect();
    if command.json {
        out::json(&json!({ "functions": all }))?;
    } else {
        all.iter().for_each(show);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(status: &Status<'_>) {
    out::line(status.function);
    if status.current.is_empty() && status.shadow.is_empty() {
        out::line("  nothing was signed here: the bundled pack judges");
    }
    for (name, releases) in [("current", &status.current), ("shadow", &status.shadow)] {
        for (place, release) in releases.iter().enumerate() {
            let name = if place == 0 { name } else { "before" };
            out::line(format!(
                "  {name:<8} {:>3}.{:<4} {}  signed {} by {}, adoptable until {}",
                release.epoch,
                release.version,
                release.policy,
                minute(release.signed_at),
                release.signers.join(", "),
                minute(release.expires_at),
            ));
        }
    }
    let Some(seen) = &status.seen else { return };
    for (policy, times) in &seen.judged {
        let (lines, first, last) = (times.lines, minute(times.first), minute(times.last));
        out::line(format!("  judged   {policy}  {lines} events, {first} to {last}"));
    }
    for (what, times) in &seen.happened {
        out::line(format!("  events   {what}: {} times, last {}", times.lines, minute(times.last)));
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, Seen>> {
    let mut all: BTreeMap<String, Seen> = BTreeMap::new();
    for line in std::io::BufReader::new(std::fs::File::open(path)?).lines() {
        let Ok(event) = serde_json::from_str::<Event>(&line?) else { continue };
        let seen = all.entry(event.function).or_default();
        if event.schema == "venditor.policy.v1" {
            let role = event.details["role"].as_str().unwrap_or_default();
            let about = event.details["about"].as_str().unwrap_or_default();
            let parts =
                [event.outcome.as_str(), role, about].into_iter().chain(event.reasons.iter().map(String::as_str));
            let what = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            count(seen.happened.entry(what), event.at);
        } else if !event.policy.is_empty() {
            count(seen.judged.entry(event.policy), event.at);
        }
    }
    Ok(all)
}

fn count(entry: std::collections::btree_map::Entry<'_, String, Times>, at: i64) {
    let times = entry.or_insert(Times { lines: 0, first: at, last: at });
    times.lines += 1;
    (times.first, times.last) = (times.first.min(at), times.last.max(at));
}
