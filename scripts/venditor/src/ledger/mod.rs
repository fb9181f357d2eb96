//! `venditor ledger`: exports every line of the refunds' ledger and proves it: no line twice, every entry balanced, a trial
//! balance that comes to nothing.
//!
//! Exit code 0: it is proved; 1: it is not, or could not be read.

mod balance;
mod line;
mod source;
mod write;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::client::Caller;
use crate::files::{self, Access};
use crate::keys::dir::KeyDir;
use crate::out;
use balance::TrialBalance;

#[derive(Args)]
pub struct Command {
    #[command(flatten)]
    caller: Caller,
    /// A SQLite file of Spin, read directly, in place of a running function.
    #[arg(long, conflicts_with_all = ["url", "caller_kid", "dev"])]
    db: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// Where the lines go; without it, to standard output.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The trial balance for machines, on standard output; the lines then go to --out or nowhere.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    Csv,
    /// One JSON object a line.
    Ndjson,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    let lines = match &command.db {
        Some(path) => source::file(path)?,
        None => source::function(&command.caller, keys)?,
    };
    let text = write::lines(&lines, command.format)?;
    match &command.out {
        Some(path) => files::replace(path, text.as_bytes(), Access::Public)?,
        None if command.json => {}
        None => text.lines().for_each(out::line),
    }
    let balance = TrialBalance::of(&lines);
    if command.json {
        out::json(&balance)?;
    } else {
        balance.table().iter().for_each(out::note);
    }
    // Faults come last, where they are read.
    balance.faults.iter().for_each(|fault| out::note(format!("fault: {fault}")));
    match balance.faults.len() {
        0 => Ok(()),
        n => bail!("the ledger does not hold: {n} {}", if n == 1 { "fault" } else { "faults" }),
    }
}
