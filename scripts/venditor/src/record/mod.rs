//! `venditor record`: inspection records. One at a time, or one a piece from a table or lines of JSON over a template;
//! photos by folder.

mod bulk;
mod fields;
mod photos;
mod template;

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use trace_verify::record::Record;

use crate::keys::dir::KeyDir;
use crate::{document, out};

/// The published schema of a record, JSON Schema 2020-12.
const SCHEMA: &str = include_str!("../../../../functions/trace-verify/record.schema.json");

#[derive(Subcommand)]
pub enum Command {
    /// Check records by the edge's rules and sign them.
    Sign(Box<Sign>),
    /// Write a record to fill in, of a batch that was minted here.
    Template(template::Command),
    /// Print the JSON Schema of records.
    Schema,
}

#[derive(Args)]
pub struct Sign {
    /// The record as JSON; a missing `issued_at` is now. With --pieces, what all pieces have in common.
    #[arg(long, required_unless_present = "pieces")]
    record: Option<PathBuf>,
    /// One record a piece: a CSV with a column `counter` (or `url`, as in codes.csv) and columns named after members
    /// (`inspection.certificate`, `inspection.results.0.value`), or NDJSON, each line a merge patch (RFC 7396) over
    /// --record.
    #[arg(long, value_name = "FILE")]
    pieces: Option<PathBuf>,
    /// Photos: `FOLDER/COUNTER/…` or `FOLDER/COUNTER-….jpg` (or the serial in place of the counter) of a piece, files in
    /// FOLDER itself of a batch.
    #[arg(long, value_name = "FOLDER")]
    photos: Option<PathBuf>,
    /// What photos show, in Chinese, for whoever cannot see them; `{n}` is their number.
    #[arg(long, default_value = "实物照片 {n}")]
    alt_zh: String,
    /// The same in English.
    #[arg(long, default_value = "Photo {n} of the goods")]
    alt_en: String,
    /// The record key.
    #[arg(long)]
    key: String,
    /// The signed document; with --pieces the folder of all of them.
    #[arg(long)]
    out: PathBuf,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    match command {
        Command::Sign(sign) if sign.pieces.is_some() => bulk::run(sign, keys),
        Command::Sign(sign) => one(sign, keys),
        Command::Template(command) => template::run(command, keys),
        Command::Schema => {
            out::line(SCHEMA.trim_end());
            Ok(())
        }
    }
}

fn one(sign: &Sign, keys: &KeyDir) -> Result<()> {
    let path = sign.record.as_deref().context("--record")?;
    let now = out::now_ms();
    let mut value = document::read_json(path)?;
    let mut photos = sign.photos.as_deref().map(photos::Photos::read).transpose()?;
    let envelope = signed(sign, keys, &mut value, photos.as_mut(), now).with_context(|| path.display().to_string())?;
    document::write(&sign.out, &envelope)?;
    if let Some(photos) = &photos {
        photos.tell();
    }
    out::line(format!("signed {} as {}", path.display(), sign.out.display()));
    Ok(())
}

/// Completes a record and signs it. The value is signed as it is: members that this version does not know stay in.
fn signed(
    sign: &Sign,
    keys: &KeyDir,
    value: &mut Value,
    photos: Option<&mut photos::Photos>,
    now: i64,
) -> Result<Vec<u8>> {
    if let Value::Object(members) = value {
        members.entry("issued_at").or_insert_with(|| now.into());
    }
    if let Some(place) = fields::placeholder(value, "") {
        anyhow::bail!("{place}: is still the template's");
    }
    if let Some(photos) = photos {
        photos.add(value, (&sign.alt_zh, &sign.alt_en), keys)?;
    }
    document::sign::<Record>(keys, &sign.key, value, now)
}

/// A merge patch (RFC 7396).
fn merge(value: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *value = patch;
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    if let Value::Object(members) = value {
        for (name, patch) in patch {
            if patch.is_null() {
                members.remove(&name);
            } else {
                merge(members.entry(name).or_insert(Value::Null), patch);
            }
        }
    }
}

/// Whether a batch that was minted here has this piece of this product; what was minted elsewhere is not known.
fn minted_here(keys: &KeyDir, record: &Value) -> Result<()> {
    let Ok(taken) = crate::mint::ledger::taken(keys) else { return Ok(()) };
    let batch = record.get("batch").and_then(Value::as_str).unwrap_or_default();
    let Some(taken) = taken.iter().find(|taken| taken.batch == batch) else { return Ok(()) };
    let primary = record.get("primary").and_then(Value::as_str).unwrap_or_default();
    ensure!(primary == taken.primary.to_string(), "primary: batch {batch} was minted for {}", taken.primary);
    if let Some(counter) = record.get("counter").and_then(Value::as_u64) {
        let (first, last) = (u64::from(taken.first), u64::from(taken.first) + u64::from(taken.count) - 1);
        ensure!((first..=last).contains(&counter), "counter {counter}: batch {batch} has {first} to {last}");
    }
    Ok(())
}
