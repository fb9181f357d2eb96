//! Who may have listings checked, ask for verdicts on requests, or answer complaints: `uploaders.json` says who, `uploader/<kid>.key` holds
//! each bearer key. The values of LISTING_CALLERS, SCREEN_CALLERS and TRACE_OPERATORS hold digests alone: whoever reads a function's
//! configuration cannot call with it.

use anyhow::{Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use shared::callers::{Algorithm, Callers, Entry, Scope, token_digest};
use shared::keyset::Revocation;

use super::dir::{KeyDir, Kind};
use super::listed::{self, Listed};

/// What a bearer key is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bearer {
    /// It has listings checked.
    #[default]
    Listings,
    /// It asks for verdicts on requests.
    Screen,
    /// It reads and answers complaints.
    Complaints,
}

impl Bearer {
    /// Its name in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Bearer::Listings => "uploader",
            Bearer::Screen => "edge",
            Bearer::Complaints => "operator",
        }
    }
}

/// A bearer key, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploaderKey {
    /// Who calls with it.
    pub caller: String,
    pub kid: String,
    #[serde(default, rename = "use")]
    pub purpose: Bearer,
    pub not_before: i64,
    pub not_after: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

impl Listed for UploaderKey {
    const FILE: &'static str = "uploaders.json";

    fn kid(&self) -> &str {
        &self.kid
    }

    fn revoked(&mut self) -> &mut Option<Revocation> {
        &mut self.revoked
    }
}

/// All that were made, in the order of their making.
pub fn all(keys: &KeyDir) -> Result<Vec<UploaderKey>> {
    listed::all(keys)
}

/// Takes up a key whose secret is there.
pub fn add(keys: &KeyDir, key: UploaderKey) -> Result<()> {
    listed::add(keys, key, |_| Ok(()))
}

/// The value of LISTING_CALLERS; `None` if nobody may call.
pub fn of_listings(keys: &KeyDir, now: i64) -> Result<Option<String>> {
    configuration(keys, now, Bearer::Listings, listing_check::auth::Scope::Listings)
}

/// The value of SCREEN_CALLERS; `None` if nobody may call.
pub fn of_screen(keys: &KeyDir, now: i64) -> Result<Option<String>> {
    configuration(keys, now, Bearer::Screen, bot_screen::auth::Scope::Screen)
}

/// The value of TRACE_OPERATORS; `None` if nobody may call.
pub fn of_complaints(keys: &KeyDir, now: i64) -> Result<Option<String>> {
    configuration(keys, now, Bearer::Complaints, trace_verify::operators::Scope::Complaints)
}

/// The key of this use that is in force: the one named, or the last that was made.
pub fn in_force(keys: &KeyDir, purpose: Bearer, kid: Option<&str>, now: i64) -> Result<Option<UploaderKey>> {
    let live = |key: &UploaderKey| {
        key.purpose == purpose && key.revoked.is_none() && now <= key.not_after && kid.is_none_or(|kid| key.kid == kid)
    };
    Ok(all(keys)?.into_iter().rev().find(live))
}

fn configuration<S: Scope + Serialize>(keys: &KeyDir, now: i64, purpose: Bearer, scope: S) -> Result<Option<String>> {
    let mut entries = Vec::new();
    let live = |key: &UploaderKey| key.purpose == purpose && key.revoked.is_none() && now <= key.not_after;
    for key in all(keys)?.into_iter().filter(live) {
        let digest = URL_SAFE_NO_PAD.encode(token_digest(&token(keys, &key.kid)?).expose());
        let mut entry = Entry::new(&key.caller, &key.kid, Algorithm::BearerSha256, digest, vec![scope]);
        (entry.not_before, entry.not_after) = (Some(key.not_before), Some(key.not_after));
        entries.push(entry);
    }
    if entries.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(&entries)?;
    Callers::<S>::parse(&text).map_err(|e| anyhow!("{}: {e}", listed::path::<UploaderKey>(keys).display()))?;
    Ok(Some(text))
}

/// A bearer key as it is sent: the secret in base64url.
pub fn token(keys: &KeyDir, kid: &str) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(keys.secret(Kind::Uploader, kid)?.expose()))
}
