//! Who may have listings checked: `uploaders.json` says who, `uploader/<kid>.key` holds each bearer key. The value of
//! LISTING_CALLERS holds digests alone: whoever reads the function's configuration cannot call with it.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use listing_check::auth::{Callers, Scope};
use serde::{Deserialize, Serialize};
use shared::callers::{Algorithm, Entry, token_digest};
use shared::keyset::Revocation;

use super::dir::{KeyDir, Kind};
use crate::files::{self, Access};

/// An uploader's key, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploaderKey {
    /// Who uploads.
    pub caller: String,
    pub kid: String,
    pub not_before: i64,
    pub not_after: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

fn path(keys: &KeyDir) -> PathBuf {
    keys.file("uploaders.json")
}

/// All that were made, in the order of their making.
pub fn all(keys: &KeyDir) -> Result<Vec<UploaderKey>> {
    let path = path(keys);
    if path.exists() { files::read_json(&path) } else { Ok(Vec::new()) }
}

/// Takes up a key whose secret is there.
pub fn add(keys: &KeyDir, key: UploaderKey) -> Result<()> {
    let mut all = all(keys)?;
    all.push(key);
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

/// The value of LISTING_CALLERS; `None` if nobody may call.
pub fn configuration(keys: &KeyDir, now: i64) -> Result<Option<String>> {
    let mut entries = Vec::new();
    for key in all(keys)?.into_iter().filter(|key| key.revoked.is_none() && now <= key.not_after) {
        let digest = URL_SAFE_NO_PAD.encode(token_digest(&token(keys, &key.kid)?).expose());
        let mut entry = Entry::new(&key.caller, &key.kid, Algorithm::BearerSha256, digest, vec![Scope::Listings]);
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

/// A bearer key as it is sent: the secret in base64url.
pub fn token(keys: &KeyDir, kid: &str) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(keys.secret(Kind::Uploader, kid)?.expose()))
}
