//! The apps that sign scans for `trace-verify`: `apps.json` says whose they are, `app/<kid>.key` holds each secret. The value
//! of TRACE_CALLERS is made of both; an app signs with what the secret's file says (RFC 9421).

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use shared::callers::{Algorithm, Entry};
use shared::keyset::Revocation;
use trace_verify::config::{Callers, Scope};

use super::dir::{KeyDir, Kind};
use crate::files::{self, Access};

/// An app's key, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppKey {
    /// Whose app it is. Devices that it names are of this caller, so an app keeps its name when its keys change.
    pub caller: String,
    pub kid: String,
    pub alg: Algorithm,
    pub not_before: i64,
    pub not_after: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

fn path(keys: &KeyDir) -> PathBuf {
    keys.file("apps.json")
}

/// All that were made, in the order of their making.
pub fn all(keys: &KeyDir) -> Result<Vec<AppKey>> {
    let path = path(keys);
    if path.exists() { files::read_json(&path) } else { Ok(Vec::new()) }
}

/// Takes up a key whose secret is there.
pub fn add(keys: &KeyDir, key: AppKey, now: i64) -> Result<()> {
    let mut all = all(keys)?;
    all.push(key);
    // What the function would refuse must not be kept.
    entries(keys, &all, now)?;
    files::replace_json(&path(keys), &all, Access::Public)
}

/// Withdraws a key: the next export leaves it out.
pub fn revoke(keys: &KeyDir, kid: &str, revocation: Revocation) -> Result<()> {
    let mut all = all(keys)?;
    let key = all.iter_mut().find(|key| key.kid == kid);
    let key = key.with_context(|| format!("{kid}: {} names no such key", path(keys).display()))?;
    ensure!(key.revoked.is_none(), "{kid}: revoked already");
    key.revoked = Some(revocation);
    files::replace_json(&path(keys), &all, Access::Public)
}

/// The value of TRACE_CALLERS; `None` if no app signs.
pub fn configuration(keys: &KeyDir, now: i64) -> Result<Option<String>> {
    entries(keys, &all(keys)?, now)
}

fn entries(keys: &KeyDir, all: &[AppKey], now: i64) -> Result<Option<String>> {
    let mut entries = Vec::new();
    for key in all.iter().filter(|key| key.revoked.is_none() && now <= key.not_after) {
        let known = match key.alg {
            // The function holds the public half alone.
            Algorithm::Ed25519 => keys.signing_key(Kind::App, &key.kid)?.verifying_key().to_bytes(),
            Algorithm::HmacSha256 | Algorithm::BearerSha256 => *keys.secret(Kind::App, &key.kid)?.expose(),
        };
        let mut entry = Entry::new(&key.caller, &key.kid, key.alg, URL_SAFE_NO_PAD.encode(known), vec![Scope::Scan]);
        (entry.not_before, entry.not_after) = (Some(key.not_before), Some(key.not_after));
        entries.push(entry);
    }
    if entries.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(&entries)?;
    Callers::parse(&text).map_err(|e| anyhow!("{}: {e}", path(keys).display()))?;
    Ok(Some(text))
}
