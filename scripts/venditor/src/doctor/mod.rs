//! `venditor doctor`: what is missing between a key and a page that says genuine, and the command that mends it. Keys, key
//! set, configuration, documents, the store and the running function are compared with one another; nothing is changed,
//! and no visit counts as a scan.
//!
//! Exit code 0: nothing is wrong; 1: something is, and shoppers see it or will.

mod configured;
mod documents;
mod keyring;
mod running;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::keys::dir::KeyDir;
use crate::out;

#[derive(Args)]
pub struct Command {
    /// Folders and files with signed documents: what was minted, records, statements. The current folder, if absent.
    #[arg(long = "in", value_name = "PATH")]
    folders: Vec<PathBuf>,
    /// Where the function is, `https://host[:port]`; without it, the development host that runs on this machine.
    #[arg(long)]
    url: Option<String>,
    /// Files with the function's configuration (`keys export-env` writes one). Secrets are compared and never shown.
    #[arg(long)]
    env_file: Vec<PathBuf>,
    /// The store of a Spin deployment on this machine, by its runtime configuration.
    #[arg(long, value_name = "RUNTIME.toml")]
    spin: Option<PathBuf>,
    /// The store of this wrangler environment, through wrangler and its login.
    #[arg(long, value_name = "ENV", conflicts_with = "spin")]
    remote: Option<String>,
    /// Where the running development host says how to reach it.
    #[arg(long, default_value = ".venditor/dev.json")]
    dev: PathBuf,
    /// The answer for machines.
    #[arg(long)]
    json: bool,
}

/// How a thing stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    /// Not wrong yet, or not known.
    Note,
    /// Shoppers see it, or will.
    Wrong,
}

#[derive(Serialize)]
struct Finding {
    level: Level,
    /// Keys, configuration, documents, store, function.
    part: &'static str,
    what: String,
    /// The command that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

/// What was found out, in the order in which it is to be mended.
#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    fn ok(&mut self, part: &'static str, what: impl Into<String>) {
        self.0.push(Finding { level: Level::Ok, part, what: what.into(), mend: None });
    }

    fn note(&mut self, part: &'static str, what: impl Into<String>, mend: impl Into<String>) {
        let mend = Some(mend.into()).filter(|mend| !mend.is_empty());
        self.0.push(Finding { level: Level::Note, part, what: what.into(), mend });
    }

    fn wrong(&mut self, part: &'static str, what: impl Into<String>, mend: impl Into<String>) {
        let mend = Some(mend.into()).filter(|mend| !mend.is_empty());
        self.0.push(Finding { level: Level::Wrong, part, what: what.into(), mend });
    }

    fn is_sound(&self) -> bool {
        self.0.iter().all(|finding| finding.level != Level::Wrong)
    }
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<ExitCode> {
    let now = out::now_ms();
    let mut report = Report::default();
    let set = keyring::look(&mut report, keys, now);
    configured::look(&mut report, &command.env_file, keys);
    if let Some(set) = &set {
        let shelf = documents::look(&mut report, &command.folders, keys, set, now)?;
        running::look(&mut report, command, keys, set, &shelf, now);
    }
    let sound = report.is_sound();
    if command.json {
        out::json(&json!({"sound": sound, "findings": report.0}))?;
    } else {
        tell(&report);
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(report: &Report) {
    for finding in &report.0 {
        let sign = match finding.level {
            Level::Ok => "ok   ",
            Level::Note => "note ",
            Level::Wrong => "WRONG",
        };
        out::line(format!("{sign} {:13} {}", finding.part, finding.what));
        if let Some(mend) = &finding.mend {
            out::line(format!("{:20}-> {mend}", ""));
        }
    }
    let count = |level: Level| report.0.iter().filter(|finding| finding.level == level).count();
    match (count(Level::Wrong), count(Level::Note)) {
        (0, 0) => out::line("all is well"),
        (0, notes) => out::line(format!("nothing is wrong; {notes} to know")),
        (wrong, _) => out::line(format!("{wrong} wrong: mend the first, and ask again")),
    }
}
