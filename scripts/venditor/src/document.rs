//! Signed documents: read with the place of every fault, signed only if the edge would take them.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use instant_refund::receipt::Receipt;
use instant_refund::refund::State;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::dsse::{self, Envelope, MAX_ENVELOPE, MAX_PAYLOAD_DEPTH};
use shared::jcs;
use shared::keyset::{KeySet, Opened, Use, open};
use trace_verify::chain::MAX_CHAIN;
use trace_verify::digital_link::PrimaryKey;
use trace_verify::head::Head;
use trace_verify::manifest::Manifest;
use trace_verify::record::Record;
use trace_verify::statement::Statement;
use trace_verify::status::Status;

use crate::files::{self, Access};
use crate::keys::dir::{KeyDir, Kind};
use crate::{link, mend};

/// What can be signed and opened, with the rules that the edge has for it.
pub trait Document: DeserializeOwned {
    const PAYLOAD_TYPE: &'static str;
    const USE: Use;
    fn signed_at(&self) -> i64;
    fn check(&self) -> Result<(), String>;
    /// What is asked of a new one besides.
    fn check_new(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Document for Manifest {
    const PAYLOAD_TYPE: &'static str = dsse::MANIFEST;
    const USE: Use = Use::Manifest;
    fn signed_at(&self) -> i64 {
        self.minted_at
    }
    fn check(&self) -> Result<(), String> {
        self.check().map_err(|e| e.to_string())
    }
}

impl Document for Record {
    const PAYLOAD_TYPE: &'static str = dsse::RECORD;
    const USE: Use = Use::Record;
    fn signed_at(&self) -> i64 {
        self.issued_at
    }
    fn check(&self) -> Result<(), String> {
        self.check().map_err(|e| e.to_string())
    }
    fn check_new(&self) -> Result<(), String> {
        let opens = |url: &String| link::opens(url).map_err(|why| format!("/inspection/certificate_url: {why}"));
        self.inspection.certificate_url.as_ref().map_or(Ok(()), opens)
    }
}

impl Document for Status {
    const PAYLOAD_TYPE: &'static str = dsse::STATUS;
    const USE: Use = Use::Status;
    fn signed_at(&self) -> i64 {
        self.issued_at
    }
    fn check(&self) -> Result<(), String> {
        self.check().map_err(|e| e.to_string())
    }
    fn check_new(&self) -> Result<(), String> {
        self.check_new().map_err(|e| e.to_string())?;
        self.return_url.as_ref().map_or(Ok(()), |url| link::opens(url).map_err(|why| format!("/return_url: {why}")))
    }
}

impl Document for Head {
    const PAYLOAD_TYPE: &'static str = dsse::HEAD;
    const USE: Use = Use::Head;
    fn signed_at(&self) -> i64 {
        self.issued_at
    }
    fn check(&self) -> Result<(), String> {
        self.check().map_err(|e| e.to_string())
    }
}

impl Document for Receipt<'static> {
    const PAYLOAD_TYPE: &'static str = dsse::RECEIPT;
    const USE: Use = Use::Receipt;
    fn signed_at(&self) -> i64 {
        self.issued_at
    }
    /// The legs are what was paid, or was decided and not paid; what was paid is their sum, or nothing.
    fn check(&self) -> Result<(), String> {
        let sum =
            self.legs.iter().try_fold(0i64, |sum, leg| sum.checked_add(leg.amount_fen).filter(|_| leg.amount_fen > 0));
        let sum = sum.ok_or("/legs: each amount is above zero, and their sum is a number of fen")?;
        let paid = match self.state {
            State::Posted | State::Reversed => sum,
            // An earlier build listed what was decided and not paid.
            State::Void if self.total_fen != 0 => sum,
            _ => 0,
        };
        if !self.state.is_final() {
            return Err(format!("/state: {} is not the end of a refund", self.state.name()));
        }
        if self.total_fen != paid {
            let state = self.state.name();
            return Err(format!("/total_fen: {} where the legs of a {state} refund come to {paid}", self.total_fen));
        }
        Ok(())
    }
}

/// Reads a JSON file of our subset: no doubled members, no fractions, bounded.
pub fn read_json(path: &Path) -> Result<Value> {
    let bytes = files::read(path)?;
    jcs::parse_bounded(&bytes, MAX_ENVELOPE, MAX_PAYLOAD_DEPTH).map_err(|e| anyhow!("{}: {e}", path.display()))
}

/// Reads a value as a document and applies the edge's rules; the error names the member.
pub fn typed<D: Document>(value: &Value) -> Result<D> {
    let document: D = serde_path_to_error::deserialize(value).map_err(|e| anyhow!("{}: {}", e.path(), e.inner()))?;
    document.check().map_err(|e| anyhow!("{e}"))?;
    Ok(document)
}

/// Signs a document that passes the edge's rules, with a key that the edge believes.
pub fn sign<D: Document>(keys: &KeyDir, kid: &str, value: &impl Serialize, now: i64) -> Result<Vec<u8>> {
    let value = serde_json::to_value(value)?;
    let document: D = typed(&value)?;
    document.check_new().map_err(|e| anyhow!("{e}"))?;
    let set = keys.keyset()?;
    set.key_for(kid, D::USE, document.signed_at(), now)
        .map_err(|e| mend::key_refused(keys, &set, kid, D::USE, now, e))?;
    let key = keys.signing_key(Kind::Sign, kid)?;
    let envelope = dsse::sign(D::PAYLOAD_TYPE, &value, kid, &key).map_err(|e| anyhow!("{e}"))?;
    // What comes out is what the edge will open.
    opened::<D>(&envelope, &set, now)?;
    Ok(envelope)
}

/// Opens a signed document and applies the edge's rules.
pub fn opened<D: Document>(envelope: &[u8], set: &KeySet, now: i64) -> Result<Opened<D>> {
    let opened = open::<D>(envelope, D::PAYLOAD_TYPE, D::USE, set, D::signed_at, now).map_err(|e| anyhow!("{e}"))?;
    opened.payload.check().map_err(|e| anyhow!("{e}"))?;
    Ok(opened)
}

/// Whether a file holds a chain of statements: an array of envelopes, in which the first one says whose and on what.
pub fn chain(bytes: &[u8], path: &Path) -> Result<Option<(String, PrimaryKey)>> {
    if !bytes.starts_with(b"[") {
        return Ok(None);
    }
    let read = || {
        let envelopes = jcs::parse_bounded(bytes, MAX_CHAIN, 5).ok()?;
        let first = Envelope::from_value(envelopes.as_array()?.first()?.clone()).ok()?;
        let statement: Statement = serde_json::from_value(first.json().ok()?).ok()?;
        Some((statement.issuer, statement.product))
    };
    read().map(Some).with_context(|| format!("{}: no chain of statements", path.display()))
}

/// The payload type of an envelope, by however many it is signed; the error names the file. Each type is opened with the
/// number of signatures that it takes.
pub fn kind(bytes: &[u8], path: &Path) -> Result<String> {
    let all = Envelope::parse_all(bytes).map_err(|e| anyhow!("{}: {e}", path.display()))?;
    let first = all.into_iter().next().with_context(|| format!("{}: nobody has signed it", path.display()))?;
    Ok(first.payload_type)
}

/// Writes an envelope.
pub fn write(path: &Path, envelope: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        files::dir(parent)?;
    }
    files::replace(path, envelope, Access::Public).context("the signed document")
}
