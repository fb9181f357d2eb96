//! Who may sign what, and when: the key set, signed by an offline root key whose public half is configuration.
//!
//! A signature is judged by the instant that its document claims (`issued_at`, `minted_at`). That claim is the signer's
//! own, which is why a **compromised** key voids everything it ever signed: its thief can write any date. Status
//! statements are the exception, where the root has named the day: a recall from before it must not be lost.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::dsse::{self, Envelope};
use crate::lang::Text;

mod error;
mod issuers;
pub use error::{KeyError, KeySetError, RootsError, SignedError};
pub use issuers::Issuer;

/// How far a signer's clock may run ahead of ours, in milliseconds.
pub const CLOCK_SKEW_MS: i64 = 5 * 60 * 1000;

/// The most signing keys in one set; as many MAC keys as there are ids (256).
pub const MAX_KEYS: usize = 256;

/// The public keys that may sign a key set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    keys: Vec<(String, VerifyingKey)>,
    minimum_version: u64,
}

/// The signed document. Unknown members are refused: one could restrict a key in a way we would not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySetDocument {
    /// Grows with every edition.
    pub version: u64,
    /// When the root signed it, milliseconds since the epoch.
    pub issued_at: i64,
    /// Keys that sign documents.
    pub keys: Vec<Key>,
    /// Keys that mark labels. The set holds their ids and dates; the secrets are configuration.
    pub mac_keys: Vec<MacKeyEntry>,
    /// The epoch that policy statements must name ([`crate::policy`]). The root raises it when it revokes a stolen policy
    /// key: versions count anew then, and whatever number its thief had jumped to is behind them. Left out while it is 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub policy_epoch: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(epoch: &u64) -> bool {
    *epoch == 0
}

/// A key that signs documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its id, `[A-Za-z0-9._-]{1,64}`, unique in the set.
    pub kid: String,
    /// `Ed25519` (RFC 8032) and nothing else.
    pub alg: String,
    /// The public key, 32 bytes in unpadded base64url.
    pub x: String,
    /// What it may sign.
    #[serde(rename = "use")]
    pub uses: Vec<Use>,
    /// Whose it is.
    pub owner: Text,
    /// Under which name its status statements or heads are told apart from others', `[A-Za-z0-9._-]{1,64}`: a key that
    /// takes over goes on under its predecessor's. Left out where it is the key's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// First instant that it may sign at, milliseconds since the epoch.
    pub not_before: i64,
    /// Last instant that it may sign at. What it signed until then stays valid.
    pub not_after: i64,
    /// Whether it was withdrawn.
    pub revoked: Option<Revocation>,
}

/// A key that marks labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MacKeyEntry {
    /// The key id that the serials carry.
    pub kid: u8,
    /// First instant that labels may be minted at, milliseconds since the epoch.
    pub not_before: i64,
    /// Last instant that labels may be minted at.
    pub not_after: i64,
    /// Whether it was withdrawn.
    pub revoked: Option<Revocation>,
}

/// What a key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// Inspection records.
    Record,
    /// Status statements: recalls, withdrawals.
    Status,
    /// Mint manifests.
    Manifest,
    /// Receipts of decisions.
    Receipt,
    /// Policy packs.
    Policy,
    /// Heads: which status statements are the last. By a key of its own, for it is online.
    Head,
}

/// When and why a key was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Milliseconds since the epoch.
    pub at: i64,
    /// Decides what becomes of what it signed before.
    pub reason: RevocationReason,
    /// Of a compromised key: the instant from which on somebody else may have held it. Status statements that are dated
    /// before it stand; everything else that the key signed is void all the same. Left out where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_at: Option<i64>,
}

/// Why a key was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RevocationReason {
    /// Somebody else may hold it: whatever it signed, ever, is void.
    Compromised,
    /// Replaced: what it signed before `at` stands.
    Superseded,
    /// Its owner no longer signs: what it signed before `at` stands.
    Ceased,
}

/// A key set that a root signed and that is consistent in itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    document: KeySetDocument,
    signed_by: String,
}

/// A document that a key of the set signed while it could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<T> {
    /// What it says.
    pub payload: T,
    /// Which key signed it.
    pub kid: String,
    /// Whose key that is.
    pub owner: Text,
    /// The instant that the document claims, milliseconds since the epoch.
    pub signed_at: i64,
}

impl<T> Opened<T> {
    /// The same, of a part of the payload.
    pub fn map<U>(self, part: impl FnOnce(T) -> U) -> Opened<U> {
        Opened { payload: part(self.payload), kid: self.kid, owner: self.owner, signed_at: self.signed_at }
    }
}

impl Roots {
    /// Reads `kid:base64url[,kid:base64url]`.
    ///
    /// # Errors
    /// [`RootsError`], by the position of the entry.
    pub fn parse(text: &str) -> Result<Roots, RootsError> {
        let mut keys: Vec<(String, VerifyingKey)> = Vec::new();
        if text.trim().is_empty() {
            return Err(RootsError::Empty);
        }
        for (place, entry) in (1usize..).zip(text.split(',')) {
            let (kid, x) = entry.trim().split_once(':').ok_or(RootsError::BadEntry(place))?;
            if !is_kid(kid) {
                return Err(RootsError::BadEntry(place));
            }
            if keys.iter().any(|(known, _)| known == kid) {
                return Err(RootsError::Duplicate(place));
            }
            keys.push((kid.to_owned(), public_key(x).ok_or(RootsError::BadKey(place))?));
        }
        Ok(Roots { keys, minimum_version: 0 })
    }

    /// Refuses key sets below a version, so that whoever can write the store cannot bring back a set from before a
    /// revocation.
    #[must_use]
    pub fn with_minimum_version(self, minimum_version: u64) -> Roots {
        Roots { minimum_version, ..self }
    }
}

impl KeySet {
    /// Opens the envelope of a key set.
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn verify_and_parse(envelope: &[u8], roots: &Roots) -> Result<KeySet, KeySetError> {
        let envelope = Envelope::parse(envelope).map_err(KeySetError::Envelope)?;
        if envelope.payload_type != dsse::KEYSET {
            return Err(KeySetError::WrongType);
        }
        let (kid, key) = roots.keys.iter().find(|(kid, _)| *kid == envelope.keyid).ok_or(KeySetError::UnknownRoot)?;
        envelope.verify(key).map_err(KeySetError::Envelope)?;
        let payload = envelope.json().map_err(KeySetError::Envelope)?;
        let document: KeySetDocument =
            serde_json::from_value(payload).map_err(|e| KeySetError::Shape(e.to_string()))?;
        document.check()?;
        if document.version < roots.minimum_version {
            return Err(KeySetError::Rollback);
        }
        Ok(KeySet { document, signed_by: kid.clone() })
    }

    /// The edition, which grows with every change.
    pub fn version(&self) -> u64 {
        self.document.version
    }

    /// When the root signed it, milliseconds since the epoch.
    pub fn issued_at(&self) -> i64 {
        self.document.issued_at
    }

    /// The id of the root that signed it.
    pub fn signed_by(&self) -> &str {
        &self.signed_by
    }

    /// The epoch that policy statements must name.
    pub fn policy_epoch(&self) -> u64 {
        self.document.policy_epoch
    }

    /// The whole document.
    pub fn document(&self) -> &KeySetDocument {
        &self.document
    }

    /// The key that vouches for a document of this kind, signed at this instant.
    ///
    /// # Errors
    /// [`KeyError`], one for each way it might not.
    pub fn key_for(&self, kid: &str, use_: Use, signed_at_ms: i64, now_ms: i64) -> Result<&Key, KeyError> {
        let key = self.key_by_id(kid, use_)?;
        key.vouches_at(use_, signed_at_ms, now_ms)?;
        Ok(key)
    }

    /// Whether labels that were minted at this instant with this MAC key stand.
    ///
    /// # Errors
    /// [`KeyError`], without `WrongUse` and `Unusable`.
    pub fn mac_key_for(&self, kid: u8, minted_at_ms: i64, now_ms: i64) -> Result<&MacKeyEntry, KeyError> {
        let key = self.document.mac_keys.iter().find(|key| key.kid == kid).ok_or(KeyError::Unknown)?;
        judge((key.not_before, key.not_after), key.revoked, None, minted_at_ms, now_ms)?;
        Ok(key)
    }

    pub(crate) fn key_by_id(&self, kid: &str, use_: Use) -> Result<&Key, KeyError> {
        let key = self.document.keys.iter().find(|key| key.kid == kid).ok_or(KeyError::Unknown)?;
        if key.uses.contains(&use_) { Ok(key) } else { Err(KeyError::WrongUse) }
    }
}

/// Opens a signed document. `signed_at` names the member that holds the instant of signing, in milliseconds.
///
/// # Errors
/// [`SignedError`]. Nothing of the payload is interpreted before its signature has verified.
pub fn open<T: DeserializeOwned>(
    envelope: &[u8],
    payload_type: &str,
    use_: Use,
    keyset: &KeySet,
    signed_at: impl Fn(&T) -> i64,
    now_ms: i64,
) -> Result<Opened<T>, SignedError> {
    let envelope = Envelope::parse(envelope).map_err(SignedError::Envelope)?;
    let (payload, key) = authentic::<T>(&envelope, payload_type, use_, keyset)?;
    let signed_at = signed_at(&payload);
    key.vouches_at(use_, signed_at, now_ms).map_err(SignedError::Key)?;
    Ok(Opened { payload, kid: key.kid.clone(), owner: key.owner.clone(), signed_at })
}

/// What a key of the set signed, and that key. Whether it vouches for it at that time is not judged yet:
/// [`Key::vouches_at`].
///
/// # Errors
/// [`SignedError`], but for what the key's dates and revocation say.
pub fn authentic<'k, T: DeserializeOwned>(
    envelope: &Envelope,
    payload_type: &str,
    use_: Use,
    keyset: &'k KeySet,
) -> Result<(T, &'k Key), SignedError> {
    if envelope.payload_type != payload_type {
        return Err(SignedError::WrongType);
    }
    let key = keyset.key_by_id(&envelope.keyid, use_).map_err(SignedError::Key)?;
    let verifying_key = public_key(&key.x).ok_or(SignedError::Key(KeyError::Unusable))?;
    envelope.verify(&verifying_key).map_err(SignedError::Envelope)?;
    let value = envelope.json().map_err(SignedError::Envelope)?;
    let payload: T = serde_json::from_value(value).map_err(|e| SignedError::Shape(e.to_string()))?;
    Ok((payload, key))
}

impl Key {
    /// Whether it vouches for a document of this use that claims this instant.
    ///
    /// # Errors
    /// [`KeyError`], one for each way it might not.
    pub fn vouches_at(&self, use_: Use, signed_at: i64, now: i64) -> Result<(), KeyError> {
        let compromised_at = self.revoked.and_then(|revoked| revoked.compromised_at).filter(|_| use_ == Use::Status);
        judge((self.not_before, self.not_after), self.revoked, compromised_at, signed_at, now)
    }

    /// Whether somebody else may hold it.
    pub fn is_compromised(&self) -> bool {
        self.revoked.is_some_and(|revoked| revoked.reason == RevocationReason::Compromised)
    }
}

/// Revocation is asked first: "the key was stolen" says more than "the date is odd". `compromised_at`: where what a
/// compromised key signed before a day stands, that day.
fn judge(
    (not_before, not_after): (i64, i64),
    revoked: Option<Revocation>,
    compromised_at: Option<i64>,
    signed_at: i64,
    now: i64,
) -> Result<(), KeyError> {
    let void = |r: &Revocation| match r.reason {
        RevocationReason::Compromised => compromised_at.is_none_or(|day| signed_at >= day),
        RevocationReason::Superseded | RevocationReason::Ceased => signed_at >= r.at,
    };
    match revoked {
        Some(r) if void(&r) => Err(KeyError::Revoked(r.reason)),
        _ if signed_at > now.saturating_add(CLOCK_SKEW_MS) => Err(KeyError::SignedInFuture),
        _ if signed_at < not_before => Err(KeyError::NotYetValid),
        _ if signed_at > not_after => Err(KeyError::ExpiredAtSigning),
        _ => Ok(()),
    }
}

impl KeySetDocument {
    /// Checks what its types cannot say: ids, algorithms, keys, dates, doubles. For whoever is about to sign one, too.
    ///
    /// # Errors
    /// [`KeySetError::Inconsistent`].
    pub fn check(&self) -> Result<(), KeySetError> {
        let wrong = |what: String| Err(KeySetError::Inconsistent(what));
        if self.keys.len() > MAX_KEYS {
            return wrong(format!("more than {MAX_KEYS} keys"));
        }
        for (i, key) in self.keys.iter().enumerate() {
            let kid = &key.kid;
            if !is_kid(kid) {
                return wrong(format!("keys[{i}]: the kid is not [A-Za-z0-9._-]{{1,64}}"));
            } else if key.alg != "Ed25519" {
                return wrong(format!("{kid}: the algorithm is not Ed25519"));
            } else if public_key_bytes(&key.x).is_none() {
                return wrong(format!("{kid}: x is not 32 bytes in base64url"));
            } else if key.uses.is_empty() {
                return wrong(format!("{kid}: it may sign nothing"));
            } else if let Some(what) = key.contradiction() {
                return wrong(format!("{kid}: {what}"));
            } else if key.not_before > key.not_after {
                return wrong(format!("{kid}: it ends before it begins"));
            } else if self.keys.iter().take(i).any(|earlier| earlier.kid == *kid) {
                return wrong(format!("{kid}: occurs twice"));
            }
        }
        for (i, key) in self.mac_keys.iter().enumerate() {
            let kid = key.kid;
            if key.not_before > key.not_after {
                return wrong(format!("MAC key {kid}: it ends before it begins"));
            } else if self.mac_keys.iter().take(i).any(|earlier| earlier.kid == kid) {
                return wrong(format!("MAC key {kid}: occurs twice"));
            }
        }
        Ok(())
    }
}

/// Whether a text can be a key's id: `[A-Za-z0-9._-]{1,64}`.
pub fn is_kid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

fn public_key_bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// A public key in unpadded base64url, unless it is one of the few that prove nothing.
pub fn public_key(text: &str) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(&public_key_bytes(text)?).ok().filter(|key| !key.is_weak())
}

#[cfg(test)]
mod tests;
