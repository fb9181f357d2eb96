//! `venditor policy replay`: what another pack would have decided, for whom, and for how much; of requests, from logs.
//!
//! A refund's case is decided twice, by the pack that its decision names and by the new one, both at the instant of the
//! decision: facts that were learned since are in both, so that what differs is the rules' doing.

mod refunds;
mod requests;
mod scans;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;

use super::pack;
use crate::client::Caller;
use crate::keys::dir::KeyDir;

#[derive(Args)]
pub struct Command {
    /// The pack to try, or its folder.
    pack: PathBuf,
    /// Whose rules these are, of a folder.
    #[arg(long)]
    function: Option<String>,
    /// In place of the pack that each decision names, and of bot-screen's bundled one: what to compare with, a pack or a folder.
    #[arg(long)]
    base: Option<PathBuf>,
    /// What was decided, one JSON object a line: of instant-refund, what --save wrote; of trace-verify, its event lines.
    /// Without it, a running instant-refund is asked.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Keeps what a running instant-refund was asked for; buyers' data, so only you can read it.
    #[arg(long, conflicts_with = "from")]
    save: Option<PathBuf>,
    /// The most changed decisions that are listed.
    #[arg(long, default_value_t = 20)]
    list: usize,
    /// For machines.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    logs: requests::Logs,
    #[command(flatten)]
    caller: Caller,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<ExitCode> {
    let function = command.function.as_deref();
    let new = pack(&command.pack, function)?;
    let base = command.base.as_ref().map(|path| pack(path, function)).transpose()?;
    if new.manifest.function == bot_screen::NAME {
        return requests::replay(new, base, &command.logs, command.json);
    }
    if new.manifest.function == trace_verify::NAME {
        let from = command.from.as_ref().context("--from: a file of event lines is wanted")?;
        scans::replay(new, from, command.json)?;
    } else {
        refunds::replay(command, keys, new, base)?;
    }
    Ok(ExitCode::SUCCESS)
}
