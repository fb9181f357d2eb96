//! One record a piece, from a table or lines of JSON. All of them are checked before one is written; every complaint names
//! its line.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde_json::{Map, Value, json};
use shared::dsse::{MAX_ENVELOPE, MAX_PAYLOAD_DEPTH};
use shared::jcs;
use trace_verify::digital_link::Link;
use trace_verify::serial::Code;

use super::fields::Field;
use super::photos::Photos;
use super::{Sign, merge, minted_here, signed};
use crate::keys::dir::KeyDir;
use crate::{document, files, out, table};

/// Columns of `codes.csv` that say nothing new.
const PASSED_OVER: [&str; 5] = ["number", "serial", "hri", "svg", "png"];

/// The most complaints that are told at once.
const TOLD: usize = 20;

pub fn run(sign: &Sign, keys: &KeyDir) -> Result<()> {
    let path = sign.pieces.as_deref().context("--pieces")?;
    let common = match &sign.record {
        Some(path) => document::read_json(path)?,
        None => Value::Object(Map::new()),
    };
    let bytes = files::read(path)?;
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let pieces = if ["ndjson", "jsonl", "json"].contains(&extension.as_str()) {
        lines(&bytes, &common)
    } else {
        rows(path, &bytes, &common, keys)?
    };
    ensure!(!pieces.is_empty(), "{}: no piece in it", path.display());
    let mut photos = sign.photos.as_deref().map(Photos::read).transpose()?;
    let now = out::now_ms();
    let (mut envelopes, mut faults) = (BTreeMap::new(), Vec::new());
    for (line, piece) in pieces {
        let one = || -> Result<()> {
            let mut record = piece?;
            minted_here(keys, &record)?;
            let name = name(&record)?;
            let envelope = signed(sign, keys, &mut record, photos.as_mut(), now)?;
            if let Some((before, _)) = envelopes.insert(name.clone(), (line, envelope)) {
                bail!("{name} is line {before}'s already: a piece has one record");
            }
            Ok(())
        };
        if let Err(error) = one() {
            faults.push(format!("{}:{line}: {error:#}", path.display()));
        }
    }
    if !faults.is_empty() {
        let more = faults.len().saturating_sub(TOLD);
        let told = faults.iter().take(TOLD).cloned().collect::<Vec<_>>().join("\n");
        let more = if more > 0 { format!("\n… and {more} more") } else { String::new() };
        bail!("nothing was signed:\n{told}{more}");
    }
    for (name, (_, envelope)) in &envelopes {
        document::write(&sign.out.join(format!("record-{name}.dsse.json")), envelope)?;
    }
    if let Some(photos) = &photos {
        photos.tell();
    }
    let with = sign.photos.as_ref().map_or(String::new(), |folder| format!(" and {}", folder.display()));
    out::line(format!("signed {} records in {out}: publish {out}{with}", envelopes.len(), out = sign.out.display()));
    Ok(())
}

/// A record's name among files.
fn name(record: &Value) -> Result<String> {
    let batch = record.get("batch").and_then(Value::as_str).context("no `batch`")?;
    Ok(match record.get("counter").and_then(Value::as_u64) {
        Some(counter) => format!("{batch}-{counter}"),
        None => batch.to_owned(),
    })
}

fn lines(bytes: &[u8], common: &Value) -> Vec<(u64, Result<Value>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lines = (1u64..).zip(bytes.split(|byte| *byte == b'\n'));
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    lines
        .map(|(at, line)| {
            let patch =
                jcs::parse_bounded(line.trim_ascii(), MAX_ENVELOPE, MAX_PAYLOAD_DEPTH).map_err(|e| anyhow!("{e}"));
            let record = patch.and_then(|patch| {
                ensure!(patch.is_object(), "not an object");
                let mut record = common.clone();
                merge(&mut record, patch);
                Ok(record)
            });
            (at, record)
        })
        .collect()
}

/// What a column is.
enum Column {
    Member(Field),
    Url,
    Nothing,
}

fn rows(path: &Path, bytes: &[u8], common: &Value, keys: &KeyDir) -> Result<Vec<(u64, Result<Value>)>> {
    let known = |title: &str| column(title).is_ok();
    let table = table::read(path, bytes, &known)?;
    table.notes.iter().for_each(out::note);
    let mut columns = Vec::new();
    for (at, title) in table.header.cells.iter().enumerate() {
        let empty = title.is_empty() && table.rows.iter().all(|row| row.cell(at).is_none());
        let column = if empty { Ok(Column::Nothing) } else { column(title) };
        columns.push(column.with_context(|| format!("{}:{}: column {}", path.display(), table.header.line, at + 1))?);
    }
    let read = |row: &table::Row| -> Result<Value> {
        let mut record = common.clone();
        // The label last: it must agree with whatever the row says of the piece.
        let (labels, members): (Vec<_>, Vec<_>) =
            columns.iter().enumerate().partition(|(_, column)| matches!(column, Column::Url));
        for (at, column) in members.into_iter().chain(labels) {
            let Some(text) = row.cell(at) else { continue };
            match column {
                Column::Member(field) => {
                    field.put(&mut record, text).with_context(|| format!("column {}", at + 1))?;
                }
                Column::Url => {
                    let link = Link::parse(text).map_err(|e| anyhow!("{text}: {e}"))?;
                    let code = Code::verify(&link, &keys.mac_keys()?)
                        .map_err(|_| anyhow!("{text}: no label key that is here made it"))?;
                    let piece = json!({"counter": code.counter(), "primary": code.primary().to_string()});
                    if record.get("counter").is_some_and(|counter| !counter.is_null() && *counter != piece["counter"]) {
                        bail!("{text}: is counter {}, and the row names another", code.counter());
                    }
                    merge(&mut record, piece);
                }
                Column::Nothing => {}
            }
        }
        Ok(record)
    };
    Ok(table.rows.iter().map(|row| (row.line, read(row))).collect())
}

fn column(title: &str) -> Result<Column> {
    let plain = title.trim().to_lowercase();
    if ["url", "网址"].contains(&plain.as_str()) {
        return Ok(Column::Url);
    }
    if PASSED_OVER.contains(&plain.as_str()) {
        return Ok(Column::Nothing);
    }
    let name = match plain.as_str() {
        "批次" | "批号" => "batch",
        "序号" | "计数" | "计数器" => "counter",
        "证书" | "证书号" | "证书编号" => "inspection.certificate",
        "检验日期" => "inspection.inspected_on",
        "有效期" | "有效期至" => "valid_until",
        other => other,
    };
    Field::named(name).map(Column::Member)
}
