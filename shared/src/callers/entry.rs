//! One key as configuration holds it.

use serde::{Deserialize, Serialize};

/// How a caller proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// It signs (RFC 9421); the function holds the public key alone.
    #[serde(rename = "ed25519")]
    Ed25519,
    /// It signs (RFC 9421) with a secret that both hold.
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    /// It sends a key (RFC 6750); the function holds the key's SHA-256 digest alone.
    #[serde(rename = "bearer-sha256")]
    BearerSha256,
}

impl Algorithm {
    /// All that there are.
    pub const ALL: [Algorithm; 3] = [Algorithm::Ed25519, Algorithm::HmacSha256, Algorithm::BearerSha256];

    /// Its name in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Ed25519 => "ed25519",
            Algorithm::HmacSha256 => "hmac-sha256",
            Algorithm::BearerSha256 => "bearer-sha256",
        }
    }
}

/// A key of a caller.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry<S> {
    /// Who it is, whatever its key.
    pub caller: String,
    /// The key's id, which occurs once.
    pub kid: String,
    /// [`Algorithm`], by name.
    alg: String,
    /// 32 bytes in base64url: the public key, the secret, or the digest.
    pub key: String,
    /// What it may do.
    pub scopes: Vec<S>,
    /// Whose matters alone it may touch, by the merchants' ids; all, if it does not say. Only where the function's scopes can
    /// be confined so ([`super::Scope::is_of_merchants`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchants: Option<Vec<String>>,
    /// When the key begins, milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<i64>,
    /// Its last instant, milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<i64>,
}

impl<S> Entry<S> {
    /// One that is good at all times. `key`: see [`Entry::key`].
    pub fn new(caller: &str, kid: &str, algorithm: Algorithm, key: String, scopes: Vec<S>) -> Entry<S> {
        let (caller, kid, alg) = (caller.to_owned(), kid.to_owned(), algorithm.name().to_owned());
        Entry { caller, kid, alg, key, scopes, merchants: None, not_before: None, not_after: None }
    }

    /// How its caller proves itself, if that is a way that there is.
    pub fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|known| known.name() == self.alg)
    }
}
