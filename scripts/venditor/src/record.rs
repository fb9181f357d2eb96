//! `venditor record`: signing inspection records.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde_json::Value;
use trace_verify::record::Record;

use crate::keys::dir::KeyDir;
use crate::{document, out};

#[derive(Subcommand)]
pub enum Command {
    /// Check a record by the edge's rules and sign it.
    Sign {
        /// The record as JSON; a missing `issued_at` is now.
        #[arg(long)]
        record: PathBuf,
        /// The record key.
        #[arg(long)]
        key: String,
        /// The signed document.
        #[arg(long)]
        out: PathBuf,
    },
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    let Command::Sign { record, key, out } = command;
    let now = out::now_ms();
    let mut value = document::read_json(record)?;
    if let Value::Object(members) = &mut value {
        members.entry("issued_at").or_insert_with(|| now.into());
    }
    // The value is signed as it is: members that this version does not know stay in.
    let envelope = document::sign::<Record>(keys, key, &value, now).with_context(|| record.display().to_string())?;
    document::write(out, &envelope)?;
    out::line(format!("signed {} as {}", record.display(), out.display()));
    Ok(())
}
