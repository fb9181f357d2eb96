//! `venditor sample`: a development sample with keys, codes of every kind, records, a recall, a refund's case. Running it again changes
//! nothing and only prints the summary; the host may differ each time, for the codes do not depend on it.

mod case;
mod photo;
mod records;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use instant_refund::auth::Scope;
use serde_json::{Value, json};
use shared::callers::Algorithm;
use trace_verify::digital_link::PrimaryKey;
use trace_verify::manifest::{Issue, Manifest};
use trace_verify::serial::{Code, MacKeys};

use crate::keys::dir::{KeyDir, Kind};
use crate::keys::uploaders::Bearer;
use crate::keys::{self, Purpose};
use crate::keys::{callers, uploaders};
use crate::mint::input::Batch;
use crate::mint::issue::{self, Keys};
use crate::mint::journal::Journal;
use crate::mint::url::{Base, Scheme};
use crate::{document, out};

const ROOT_KEY: &str = "dev-root-1";
const MANIFEST_KEY: &str = "dev-manifest-1";
pub const RECORD_KEY: &str = "dev-record-1";
pub const STATUS_KEY: &str = "dev-status-1";
const RECEIPT_KEY: &str = "dev-receipt-1";
const CALLER_KEY: &str = "dev-after-sales-1";
const UPLOADER: &str = "merchants";
const UPLOADER_KEY: &str = "dev-uploader";
/// The key of the proxy that asks for verdicts.
const EDGE_KEY: &str = "dev-edge";
/// The key of whoever answers complaints.
const OPERATOR_KEY: &str = "dev-operator";
const CALLER: &str = "after-sales";
const MAC_KID: u8 = 1;

/// Changes with what the sample holds, so that an old one is noticed.
const EDITION: &str = "sample-1";

#[derive(Args)]
pub struct Command {
    /// The host in the printed URLs.
    #[arg(long, default_value = "127.0.0.1:8787")]
    host: String,
    #[arg(long, value_enum, default_value = "http")]
    scheme: Scheme,
    /// Where it is kept: keys in `keys`, documents in `sample`, a refund's case in `case.json`. `--keys` does not apply here.
    #[arg(long, default_value = ".venditor")]
    dir: PathBuf,
    /// The summary for machines.
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Command) -> Result<()> {
    let base = Base::new(command.scheme, &command.host)?;
    let keys = KeyDir::at(&command.dir.join("keys"));
    let dir = command.dir.join("sample");
    make_keys(&keys)?;
    let manifests = issued(&keys, &dir)?;
    records::write(&dir, &keys, &manifests, out::now_ms())?;
    let case = case::write(&command.dir, out::now_ms())?;
    let mut summary = summary(&base, &manifests, &keys.mac_keys()?, &dir, &keys)?;
    summary["case"] = case.display().to_string().into();
    if command.json {
        return out::json(&summary);
    }
    for (name, value) in summary["urls"].as_object().into_iter().flatten() {
        out::line(format!("{name:22} {}", value.as_str().unwrap_or_default()));
    }
    Ok(())
}

/// The keys that are missing; all of them the first time.
fn make_keys(keys: &KeyDir) -> Result<()> {
    let _lock = keys.lock()?;
    let listed = if keys.keyset_path().exists() { Some(keys.keyset()?) } else { None };
    let mac = MAC_KID.to_string();
    let wanted = [
        (Purpose::Root, ROOT_KEY, None),
        (Purpose::Mac, mac.as_str(), None),
        (Purpose::Manifest, MANIFEST_KEY, Some(("样例平台（开发用）", "Sample Marketplace (development)"))),
        (Purpose::Record, RECORD_KEY, Some(("样例质检基地（开发用）", "Sample Inspection Base (development)"))),
        (Purpose::Status, STATUS_KEY, Some(("样例平台（开发用）", "Sample Marketplace (development)"))),
        (Purpose::Receipt, RECEIPT_KEY, Some(("样例平台（开发用）", "Sample Marketplace (development)"))),
    ];
    let new = |purpose, kid: &str| keys::New {
        purpose,
        kid: kid.to_owned(),
        owner_zh: None,
        owner_en: None,
        issuer: None,
        caller: None,
        scopes: Vec::new(),
        merchants: Vec::new(),
        alg: Algorithm::HmacSha256,
        days: 3650,
        root: None,
    };
    for (purpose, kid, owner) in wanted {
        let there = listed.as_ref().is_some_and(|set| match purpose {
            Purpose::Root => true,
            Purpose::Mac => set.document().mac_keys.iter().any(|key| key.kid == MAC_KID),
            _ => set.document().keys.iter().any(|key| key.kid == kid),
        });
        if !there {
            let owner = |text: fn((&str, &str)) -> String| owner.map(text);
            let (owner_zh, owner_en) = (owner(|(zh, _)| zh.to_owned()), owner(|(_, en)| en.to_owned()));
            let new = keys::New { owner_zh, owner_en, ..new(purpose, kid) };
            keys::make(&new, keys, out::now_ms()).with_context(|| format!("sample key {kid}"))?;
        }
    }
    if callers::all(keys)?.iter().all(|key| key.kid != CALLER_KEY) {
        let scopes = vec![Scope::Refunds, Scope::Events, Scope::Operations];
        let new = keys::New { caller: Some(CALLER.to_owned()), scopes, ..new(Purpose::Caller, CALLER_KEY) };
        keys::make_caller(&new, keys, out::now_ms()).with_context(|| format!("sample key {CALLER_KEY}"))?;
    }
    for (kind, kid) in [(Kind::Pass, "p1"), (Kind::Cookie, "c1")] {
        if keys.kids(kind)?.is_empty() {
            keys::make_seal(kind, kid, keys).with_context(|| format!("sample key {kid}"))?;
        }
    }
    for (kid, purpose, of) in [
        (UPLOADER_KEY, Purpose::Uploader, Bearer::Listings),
        (EDGE_KEY, Purpose::Edge, Bearer::Screen),
        (OPERATOR_KEY, Purpose::Operator, Bearer::Complaints),
    ] {
        if uploaders::all(keys)?.iter().all(|key| key.kid != kid) {
            let new = keys::New { caller: Some(UPLOADER.to_owned()), ..new(purpose, kid) };
            keys::make_bearer(&new, of, keys, out::now_ms()).with_context(|| format!("sample key {kid}"))?;
        }
    }
    Ok(())
}

/// The manifests, from the files of an earlier run or made now.
fn issued(keys: &KeyDir, dir: &Path) -> Result<Vec<Manifest>> {
    let batches = batches()?;
    let path = |batch: &Batch| dir.join(format!("manifest-{}.dsse.json", batch.name));
    let journal = Journal::find(dir)?;
    if let Some(journal) = &journal {
        journal
            .check(dir, EDITION)
            .context("the sample is of another version; remove the directory to make it anew")?;
        if batches.iter().all(|batch| path(batch).exists()) {
            let set = keys.keyset()?;
            return batches
                .iter()
                .map(|batch| {
                    let bytes = crate::files::read(&path(batch))?;
                    let opened = document::opened::<Manifest>(&bytes, &set, out::now_ms());
                    opened.map(|opened| opened.payload).with_context(|| path(batch).display().to_string())
                })
                .collect();
        }
    }
    let chosen = Keys { mac_kid: MAC_KID, manifest_kid: MANIFEST_KEY.to_owned(), record_kids: None };
    let journal = match journal {
        Some(journal) => journal,
        None => Journal::begin(dir, EDITION, out::now_ms(), &chosen)?,
    };
    let issued = issue::issue(keys, &chosen, &journal.job, &batches, journal.minted_at)?;
    for (one, batch) in issued.iter().zip(&batches) {
        document::write(&path(batch), &one.envelope)?;
    }
    Ok(issued.into_iter().map(|one| one.manifest).collect())
}

/// Twenty codes of a tea, two of a recalled one, two jade pendants (the second without a record), one certificate.
fn batches() -> Result<Vec<Batch>> {
    let batch = |name: &str, primary: &str, count, records| {
        let primary = PrimaryKey::parse(primary).map_err(|e| anyhow!("sample {primary}: {e}"))?;
        anyhow::Ok(Batch { name: name.to_owned(), primary, records, count, runs: Vec::new() })
    };
    Ok(vec![
        batch("DEV-TEA-1", "01/09506000134352", 20, Issue::Batch)?,
        batch("DEV-TEA-RECALLED", "01/09506000134352", 2, Issue::Batch)?,
        batch("DEV-JADE-1", "8004/950600013437", 2, Issue::Item)?,
        batch("DEV-CERT-1", "253/9506000134376", 1, Issue::Item)?,
    ])
}

fn summary(base: &Base, manifests: &[Manifest], mac_keys: &MacKeys, dir: &Path, keys: &KeyDir) -> Result<Value> {
    let [tea, recalled, jade, certificate] = manifests else { anyhow::bail!("the sample has four manifests") };
    let url = |manifest: &Manifest, place: u32| -> Result<String> {
        let code = Code::mint(&manifest.primary, manifest.mac_kid, manifest.first + place, mac_keys);
        Ok(base.url(&code.map_err(|e| anyhow!("{}: {e}", manifest.batch))?))
    };
    let fresh: Result<Vec<String>> = (0..tea.count).map(|place| url(tea, place)).collect();
    let fresh = fresh?;
    let first = fresh.first().context("the sample has codes")?;
    Ok(json!({
        "urls": {
            "tea": first,
            "jade": url(jade, 0)?,
            "jade_without_record": url(jade, 1)?,
            "certificate": url(certificate, 0)?,
            "recalled": url(recalled, 0)?,
            // A right tag, but the counter after the last issued one.
            "not_in_manifest": url(tea, tea.count)?,
            "forged": forged(first),
        },
        "tea": fresh,
        "keys": keys.path().display().to_string(),
        "keyset": keys.keyset_path().display().to_string(),
        "publish": [keys.keyset_path().display().to_string(), dir.display().to_string()],
    }))
}

/// The same URL with another last character.
fn forged(url: &str) -> String {
    let mut forged = url.to_owned();
    let last = forged.pop();
    forged.push(if last == Some('0') { '1' } else { '0' });
    forged
}
