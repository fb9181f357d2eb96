//! Who may call `instant-refund`: `callers.json` says who and what for, `caller/<kid>.key` holds each secret. The value
//! of REFUND_CALLERS is made of both; whoever calls with a key needs this directory, or a copy of the two files.

use anyhow::{Context as _, Result, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use instant_refund::auth::{Callers, Scope};
use serde::{Deserialize, Serialize};
use shared::callers::{Algorithm, Entry, Scope as _, token_digest};
use shared::keyset::Revocation;

use super::dir::{KeyDir, Kind};
use super::listed::{self, Listed};

/// A scope by its name, for the command line.
pub fn scope(name: &str) -> Result<Scope> {
    let known = || Scope::ALL.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(", ");
    Scope::of(name).ok_or_else(|| anyhow!("takes {}", known()))
}

/// A way for callers of `instant-refund` to prove themselves, by its name, for the command line.
pub fn algorithm(name: &str) -> Result<Algorithm> {
    let known = || Scope::ALGORITHMS.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ");
    let found = Scope::ALGORITHMS.iter().copied().find(|algorithm| algorithm.name() == name);
    found.ok_or_else(|| anyhow!("takes {}", known()))
}

/// A caller's key, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallerKey {
    /// Who calls. A refund's identity depends on it, so a caller keeps its name when its keys change.
    pub caller: String,
    pub kid: String,
    pub alg: Algorithm,
    pub scopes: Vec<Scope>,
    /// The merchants whose refunds alone it may touch; all, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merchants: Vec<String>,
    pub not_before: i64,
    pub not_after: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
}

impl CallerKey {
    /// Whether it can be called with.
    pub fn is_live(&self, now: i64) -> bool {
        self.revoked.is_none() && now <= self.not_after
    }
}

impl Listed for CallerKey {
    const FILE: &'static str = "callers.json";

    fn kid(&self) -> &str {
        &self.kid
    }

    fn revoked(&mut self) -> &mut Option<Revocation> {
        &mut self.revoked
    }
}

/// All that were made, in the order of their making.
pub fn all(keys: &KeyDir) -> Result<Vec<CallerKey>> {
    listed::all(keys)
}

/// Takes up a key whose secret is there. What the function would refuse is not kept.
pub fn add(keys: &KeyDir, key: CallerKey, now: i64) -> Result<()> {
    listed::add(keys, key, |all| entries(keys, all, now).map(drop))
}

/// The value of REFUND_CALLERS; `None` if nobody may call.
pub fn configuration(keys: &KeyDir, now: i64) -> Result<Option<String>> {
    entries(keys, &all(keys)?, now)
}

fn entries(keys: &KeyDir, all: &[CallerKey], now: i64) -> Result<Option<String>> {
    let mut entries = Vec::new();
    for key in all.iter().filter(|key| key.is_live(now)) {
        let CallerKey { caller, kid, alg, scopes, merchants, not_before, not_after, .. } = key;
        let known = match alg {
            Algorithm::HmacSha256 => *keys.secret(Kind::Caller, kid)?.expose(),
            Algorithm::Ed25519 => keys.signing_key(Kind::Caller, kid)?.verifying_key().to_bytes(),
            Algorithm::BearerSha256 => *token_digest(&token(keys, kid)?).expose(),
        };
        let mut entry = Entry::new(caller, kid, *alg, URL_SAFE_NO_PAD.encode(known), scopes.clone());
        entry.merchants = Some(merchants.clone()).filter(|merchants| !merchants.is_empty());
        (entry.not_before, entry.not_after) = (Some(*not_before), Some(*not_after));
        entries.push(entry);
    }
    if entries.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(&entries)?;
    Callers::parse(&text).map_err(|e| anyhow!("{}: {e}", listed::path::<CallerKey>(keys).display()))?;
    Ok(Some(text))
}

/// A bearer key as it is sent: the secret in base64url.
pub fn token(keys: &KeyDir, kid: &str) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(keys.secret(Kind::Caller, kid)?.expose()))
}

/// The key to call with: the one named, or the only one.
pub fn choose(keys: &KeyDir, kid: Option<&str>, now: i64) -> Result<CallerKey> {
    let path = listed::path::<CallerKey>(keys);
    let live: Vec<CallerKey> = all(keys)?.into_iter().filter(|key| key.is_live(now)).collect();
    let Some(kid) = kid else {
        return match <[CallerKey; 1]>::try_from(live) {
            Ok([key]) => Ok(key),
            Err(live) if live.is_empty() => {
                bail!("{}: no caller key; `keys new --use caller` makes one", path.display())
            }
            Err(live) => {
                let kids: Vec<&str> = live.iter().map(|key| key.kid.as_str()).collect();
                bail!("--caller-kid: choose one of {}", kids.join(", "))
            }
        };
    };
    let key = live.into_iter().find(|key| key.kid == kid);
    key.with_context(|| format!("--caller-kid {kid}: {} has no such key in force", path.display()))
}
