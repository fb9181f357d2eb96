//! A record to fill in. What is left as it is cannot be signed.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use serde_json::{Value, json};
use trace_verify::digital_link::PrimaryKey;
use trace_verify::serial::Code;

use super::fields::PLACEHOLDER;
use crate::files::{self, Access};
use crate::keys::dir::KeyDir;
use crate::mint::ledger::{self, Taken};
use crate::out;

#[derive(Args)]
pub struct Command {
    /// The batch.
    #[arg(long)]
    batch: String,
    /// What its labels name, where it was minted elsewhere.
    #[arg(long)]
    primary: Option<String>,
    /// The record of one piece: its counter.
    #[arg(long, conflicts_with = "pieces")]
    counter: Option<u32>,
    /// One record a piece: beside `record.json`, with what they have in common, `pieces.csv` with a row for each.
    #[arg(long)]
    pieces: bool,
    /// The file; with --pieces the folder.
    #[arg(long)]
    out: PathBuf,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    let batches = ledger::taken(keys).unwrap_or_default();
    let taken = batches.iter().find(|taken| taken.batch == command.batch);
    let primary = match (&command.primary, taken) {
        (Some(text), _) => PrimaryKey::parse(text).map_err(|e| anyhow!("--primary {text}: {e}"))?,
        (None, Some(taken)) => taken.primary.clone(),
        (None, None) => {
            let known: Vec<&str> = batches.iter().map(|taken| taken.batch.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            anyhow::bail!(
                "--batch {}: was not minted here ({known} were); --primary says what its labels name",
                command.batch
            );
        }
    };
    let mut record = template(&command.batch, &primary);
    if let Some(counter) = command.counter {
        record["counter"] = counter.into();
    }
    if !command.pieces {
        files::create(&command.out, &pretty(&record)?, Access::Public)?;
        out::line(format!("{}: fill it in; `record schema` prints what may stand in it", command.out.display()));
        return Ok(());
    }
    let taken = taken.context("--pieces: only where the batch was minted")?;
    files::dir(&command.out)?;
    files::create(&command.out.join("record.json"), &pretty(&record)?, Access::Public)?;
    let table = command.out.join("pieces.csv");
    files::create(&table, &pieces(taken, keys)?, Access::Public)?;
    out::line(format!(
        "{}: what all pieces have in common; {}: a row a piece. Fill them in, then `record sign --record … --pieces …`",
        command.out.join("record.json").display(),
        table.display()
    ));
    Ok(())
}

fn template(batch: &str, primary: &PrimaryKey) -> Value {
    let text = || json!({"zh": PLACEHOLDER, "en": PLACEHOLDER});
    json!({
        "batch": batch,
        "primary": primary.to_string(),
        "product": {"name": text(), "brand": text()},
        "inspection": {
            "body": text(),
            "certificate": PLACEHOLDER,
            "standards": [],
            "method": text(),
            "results": [],
            "inspected_on": PLACEHOLDER,
            "base": {"name": text()},
        },
    })
}

fn pretty(value: &Value) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn pieces(taken: &Taken, keys: &KeyDir) -> Result<Vec<u8>> {
    let mac_keys = keys.mac_keys()?;
    // The mark by which Excel knows UTF-8.
    let mut csv = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    csv.write_record(["counter", "serial", "inspection.certificate", "inspection.inspected_on"])?;
    for counter in taken.first..taken.first + taken.count {
        let code = Code::mint(&taken.primary, taken.mac_kid, counter, &mac_keys)
            .map_err(|e| anyhow!("counter {counter}: {e}"))?;
        csv.write_record([&counter.to_string(), code.serial(), "", ""])?;
    }
    csv.into_inner().map_err(|e| anyhow!("{e}"))
}
