//! The sample's documents: what they say is in `sample/*.json`; what depends on the codes and the day is filled in.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::china_time;
use shared::hex::hex;
use shared::lang::text;
use trace_verify::manifest::{Issue, Manifest};
use trace_verify::record::Record;
use trace_verify::status::{Scope, State, Status};

use super::{RECORD_KEY, STATUS_KEY, photo};
use crate::document;
use crate::files::{self, Access};
use crate::keys::dir::KeyDir;
use crate::status::book::Book;

const DAY_MS: i64 = 86_400_000;

/// A photo and what it shows.
struct Picture {
    file: &'static str,
    draw: fn() -> Result<Vec<u8>>,
    alt: (&'static str, &'static str),
}

const TEA: Picture =
    Picture { file: "photo-tea.png", draw: photo::tea, alt: ("一片茶叶（示意图）", "A tea leaf (drawing)") };
const JADE: Picture = Picture {
    file: "photo-jade.png",
    draw: photo::jade,
    alt: ("翡翠平安扣吊坠（示意图）", "A jadeite disc pendant (drawing)"),
};

/// Writes the records and the recall that are not there yet.
pub fn write(dir: &Path, keys: &KeyDir, manifests: &[Manifest], now: i64) -> Result<()> {
    let [tea, recalled, jade, certificate] = manifests else { anyhow::bail!("the sample has four manifests") };
    let record = |manifest, text: &str, picture: &Picture, days| one(dir, keys, manifest, text, picture, days, now);
    record(tea, include_str!("../../sample/tea.json"), &TEA, Some(540))?;
    record(recalled, include_str!("../../sample/recalled.json"), &TEA, Some(540))?;
    record(jade, include_str!("../../sample/jade.json"), &JADE, None)?;
    record(certificate, include_str!("../../sample/certificate.json"), &JADE, None)?;

    let path = dir.join(format!("status-{}.dsse.json", recalled.batch));
    // An earlier sample's statement stands alone: it is made anew in a chain.
    if path.exists() && files::read(&path)?.starts_with(b"[") {
        return Ok(());
    }
    let status = Status {
        scope: Scope::Batch(recalled.batch.clone()),
        counters: None,
        state: State::Recalled,
        reason: text(
            "样例召回：复检发现铅含量超过 GB 2762-2022 的限量。",
            "Sample recall: a second test found more lead than GB 2762-2022 allows.",
        ),
        advice: Some(text("请停止饮用，联系卖家退货退款。", "Do not drink it; return it to the seller for a refund.")),
        product_name: None,
        telephone: Some("400-000-0000".into()),
        return_url: Some("https://recall.example/DEV-RECALL-2026-01".into()),
        reference: Some("DEV-RECALL-2026-01".into()),
        issued_at: now,
    };
    let _lock = keys.lock()?;
    let mut book = Book::of_key(keys, STATUS_KEY, &recalled.primary, now)?;
    book.state(keys, STATUS_KEY, status, Vec::new(), now)?;
    document::write(&path, &book.bytes())
}

fn one(
    dir: &Path,
    keys: &KeyDir,
    manifest: &Manifest,
    text: &str,
    picture: &Picture,
    valid_days: Option<i64>,
    now: i64,
) -> Result<()> {
    let path = dir.join(format!("record-{}.dsse.json", manifest.batch));
    if path.exists() {
        return Ok(());
    }
    let bytes = (picture.draw)()?;
    let digest = hex(&Sha256::digest(&bytes));
    files::replace(&dir.join(picture.file), &bytes, Access::Public)?;

    let mut value: Value = serde_json::from_str(text)?;
    let members = value.as_object_mut().context("a record is an object")?;
    members.insert("batch".into(), json!(manifest.batch));
    members.insert("primary".into(), json!(manifest.primary));
    if manifest.records == Issue::Item {
        // Only the first piece: the others show what a missing record looks like.
        members.insert("counter".into(), json!(manifest.first));
    }
    let alt = json!({"zh": picture.alt.0, "en": picture.alt.1});
    members.insert("photos".into(), json!([{"sha256": digest, "type": "image/png", "alt": alt}]));
    members.insert("issued_at".into(), json!(now));
    if let Some(days) = valid_days {
        members.insert("valid_until".into(), json!(now + days * DAY_MS));
    }
    let inspection =
        members.get_mut("inspection").and_then(Value::as_object_mut).context("a record has an inspection")?;
    inspection.insert("inspected_on".into(), json!(china_time::date(now - 3 * DAY_MS)));

    let envelope =
        document::sign::<Record>(keys, RECORD_KEY, &value, now).with_context(|| path.display().to_string())?;
    document::write(&path, &envelope)
}
