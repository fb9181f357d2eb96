//! The signed documents in folders, each opened as the edge opens it. What does not hold stays on the shelf with its
//! fault: whoever has to repair something must see it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use serde_json::Value;
use shared::dsse::{self, Envelope};
use shared::keyset::{KeySet, Opened};
use trace_verify::chain::Chain;
use trace_verify::digital_link::PrimaryKey;
use trace_verify::head::Head;
use trace_verify::manifest::{Issue, Manifest};
use trace_verify::record::Record;

use crate::document::{self, Document};
use crate::files;

/// How deep folders are looked into.
const DEPTH: usize = 6;

/// A document, or why it does not hold.
pub struct Held<T> {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    /// As far as it can be read at all, whether it holds or not.
    pub says: Option<T>,
    /// Who signed it, or what is wrong.
    pub kid: Result<String>,
}

/// An issuer's statements on a product.
pub struct HeldChain {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    pub issuer: String,
    pub product: PrimaryKey,
    pub problem: Option<&'static str>,
}

/// What was found.
#[derive(Default)]
pub struct Shelf {
    pub manifests: Vec<Held<Manifest>>,
    pub records: Vec<Held<Record>>,
    pub heads: Vec<Held<Head>>,
    pub chains: Vec<HeldChain>,
    /// Statements that stand alone.
    pub alone: Vec<(PathBuf, Vec<u8>, Option<String>)>,
    /// What calls itself a signed document and cannot be read.
    pub unread: Vec<(PathBuf, anyhow::Error)>,
}

impl Shelf {
    /// Everything under these paths. Folders that hold programs, and those whose name begins with a dot, are passed over
    /// unless they are named.
    pub fn read(paths: &[PathBuf], set: &KeySet, now: i64) -> Result<Shelf> {
        let mut found = BTreeSet::new();
        for path in paths {
            walk(path, DEPTH, &mut found).with_context(|| path.display().to_string())?;
        }
        let mut shelf = Shelf::default();
        for path in found {
            if let Err(error) = shelf.add(&path, set, now) {
                shelf.unread.push((path, error));
            }
        }
        Ok(shelf)
    }

    fn add(&mut self, path: &Path, set: &KeySet, now: i64) -> Result<()> {
        let bytes = files::read(path)?;
        if let Some((issuer, product)) = document::chain(&bytes, path)? {
            let problem = Chain::read(&bytes, &issuer, &product, set, now).problem;
            self.chains.push(HeldChain { path: path.to_owned(), bytes, issuer, product, problem });
            return Ok(());
        }
        match document::kind(&bytes, path)?.as_str() {
            dsse::MANIFEST => self.manifests.push(held(path, bytes, set, now)?),
            dsse::RECORD => self.records.push(held(path, bytes, set, now)?),
            dsse::HEAD => self.heads.push(held(path, bytes, set, now)?),
            dsse::STATUS => {
                let scope = payload(&bytes)?.get("scope").and_then(Value::as_str).map(str::to_owned);
                self.alone.push((path.to_owned(), bytes, scope));
            }
            _ => {}
        }
        Ok(())
    }

    /// The record of a batch or of a piece of it: of several, one that holds.
    pub fn record(&self, manifest: &Manifest, counter: Option<u32>) -> Option<&Held<Record>> {
        let of = |held: &&Held<Record>| {
            held.says.as_ref().is_some_and(|record| record.batch == manifest.batch && record.counter == counter)
        };
        let holds = |held: &&Held<Record>| held.kid.as_ref().is_ok_and(|kid| manifest.takes_records_of(kid));
        self.records.iter().filter(of).find(holds).or_else(|| self.records.iter().find(of))
    }

    /// The counters of a manifest without a record, and how many records there should be.
    pub fn without_record(&self, manifest: &Manifest) -> (Vec<Option<u32>>, usize) {
        let wanted: Vec<Option<u32>> = match manifest.records {
            Issue::Batch => vec![None],
            Issue::Item => (manifest.first..manifest.first + manifest.count).map(Some).collect(),
        };
        let there: BTreeSet<Option<u32>> = self
            .records
            .iter()
            .filter(|held| held.kid.is_ok())
            .filter_map(|held| held.says.as_ref())
            .filter(|record| record.batch == manifest.batch && record.primary == manifest.primary)
            .map(|record| record.counter)
            .collect();
        let missing = wanted.iter().copied().filter(|counter| !there.contains(counter)).collect();
        (missing, wanted.len())
    }
}

fn held<D: Document>(path: &Path, bytes: Vec<u8>, set: &KeySet, now: i64) -> Result<Held<D>> {
    let says = serde_json::from_value(payload(&bytes)?).ok();
    let (says, kid) = match document::opened::<D>(&bytes, set, now) {
        Ok(Opened { payload, kid, .. }) => (Some(payload), Ok(kid)),
        Err(error) => (says, Err(error)),
    };
    Ok(Held { path: path.to_owned(), bytes, says, kid })
}

fn payload(bytes: &[u8]) -> Result<Value> {
    Envelope::parse(bytes).and_then(|envelope| envelope.json()).map_err(|e| anyhow!("{e}"))
}

fn walk(path: &Path, depth: usize, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        found.insert(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let passed_over = name.starts_with('.') || ["target", "node_modules", "png", "svg"].contains(&name.as_str());
        if entry.path().is_dir() {
            if depth > 0 && !passed_over {
                walk(&entry.path(), depth - 1, found)?;
            }
        } else if name.ends_with(".dsse.json") {
            found.insert(entry.path());
        }
    }
    Ok(())
}
