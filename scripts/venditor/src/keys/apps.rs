//! The apps that sign scans for `trace-verify`: `apps.json` says whose they are, `app/<kid>.key` holds each secret. The value
//! of TRACE_CALLERS is made of both; an app signs with what the secret's file says (RFC 9421).

use anyhow::{Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use shared::callers::{Algorithm, Entry};
use shared::keyset::Revocation;
use trace_verify::config::{Callers, Scope};

use super::dir::{KeyDir, Kind};
use super::listed::{self, Listed};

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

impl Listed for AppKey {
    const FILE: &'static str = "apps.json";

    fn kid(&self) -> &str {
        &self.kid
    }

    fn revoked(&mut self) -> &mut Option<Revocation> {
        &mut self.revoked
    }
}

/// All that were made, in the order of their making.
pub fn all(keys: &KeyDir) -> Result<Vec<AppKey>> {
    listed::all(keys)
}

/// Takes up a key whose secret is there. What the function would refuse is not kept.
pub fn add(keys: &KeyDir, key: AppKey, now: i64) -> Result<()> {
    listed::add(keys, key, |all| entries(keys, all, now).map(drop))
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
    Callers::parse(&text).map_err(|e| anyhow!("{}: {e}", listed::path::<AppKey>(keys).display()))?;
    Ok(Some(text))
}
