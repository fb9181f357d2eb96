//! Why a root, a key set, a key or a signed document is refused.

use core::fmt;

use super::RevocationReason;
use crate::dsse::DsseError;

/// Why the configured roots cannot be read; positions count the entries from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootsError {
    /// No entry at all.
    Empty,
    /// The entry is not `kid:base64url`, with a `kid` of `[A-Za-z0-9._-]{1,64}`.
    BadEntry(usize),
    /// The entry's key is not the unpadded base64url of an Ed25519 public key, or is a weak one.
    BadKey(usize),
    /// The entry repeats an earlier `kid`.
    Duplicate(usize),
}

/// Why a key set is not to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySetError {
    /// The envelope, its signature or its payload.
    Envelope(DsseError),
    /// Signed, but as something else than a key set.
    WrongType,
    /// Signed by none of the configured roots.
    UnknownRoot,
    /// The payload has not the members of a key set.
    Shape(String),
    /// Older than the version that configuration demands.
    Rollback,
    /// An entry contradicts itself or another; says which.
    Inconsistent(String),
}

/// Why a key does not vouch for a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The set has no such key.
    Unknown,
    /// The key may not sign this kind of document.
    WrongUse,
    /// The document claims to be from before the key's time.
    NotYetValid,
    /// The document claims to be from after the key's time.
    ExpiredAtSigning,
    /// The document claims to be from the future, beyond [`super::CLOCK_SKEW_MS`].
    SignedInFuture,
    /// The key was withdrawn, and that covers this document.
    Revoked(RevocationReason),
    /// The set's public key is not a usable Ed25519 key.
    Unusable,
}

/// Why a signed document is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedError {
    /// The envelope, its signature or its payload.
    Envelope(DsseError),
    /// Signed, but as another kind of document.
    WrongType,
    /// The key does not vouch for it.
    Key(KeyError),
    /// Signed and canonical, but without the members that its kind needs.
    Shape(String),
}

impl KeyError {
    /// A stable name, in snake case.
    pub const fn code(self) -> &'static str {
        match self {
            KeyError::Unknown => "key_unknown",
            KeyError::WrongUse => "key_wrong_use",
            KeyError::NotYetValid => "key_not_yet_valid",
            KeyError::ExpiredAtSigning => "key_expired_at_signing",
            KeyError::SignedInFuture => "signed_in_future",
            KeyError::Revoked(RevocationReason::Compromised) => "key_compromised",
            KeyError::Revoked(RevocationReason::Superseded) => "key_superseded",
            KeyError::Revoked(RevocationReason::Ceased) => "key_ceased",
            KeyError::Unusable => "key_unusable",
        }
    }
}

impl SignedError {
    /// A stable name, in snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            SignedError::Envelope(e) => e.code(),
            SignedError::WrongType => "wrong_payload_type",
            SignedError::Key(e) => e.code(),
            SignedError::Shape(_) => "payload_malformed",
        }
    }
}

impl KeySetError {
    /// A stable name, in snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            KeySetError::Envelope(e) => e.code(),
            KeySetError::WrongType => "wrong_payload_type",
            KeySetError::UnknownRoot => "root_unknown",
            KeySetError::Shape(_) => "payload_malformed",
            KeySetError::Rollback => "keyset_rolled_back",
            KeySetError::Inconsistent(_) => "keyset_inconsistent",
        }
    }
}

impl fmt::Display for RootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RootsError::Empty => f.write_str("no root key"),
            RootsError::BadEntry(n) => write!(f, "root {n}: not `kid:base64url`"),
            RootsError::BadKey(n) => write!(f, "root {n}: not an Ed25519 public key in base64url"),
            RootsError::Duplicate(n) => write!(f, "root {n}: repeats an earlier kid"),
        }
    }
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeySetError::Envelope(e) => e.fmt(f),
            KeySetError::WrongType => f.write_str("the envelope holds something else than a key set"),
            KeySetError::UnknownRoot => f.write_str("no configured root signed this key set"),
            KeySetError::Shape(what) => write!(f, "not a key set: {what}"),
            KeySetError::Rollback => f.write_str("the key set is older than the configured minimum version"),
            KeySetError::Inconsistent(what) => write!(f, "the key set: {what}"),
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyError::Unknown => "the key set has no such key",
            KeyError::WrongUse => "the key may not sign this kind of document",
            KeyError::NotYetValid => "signed before the key's time",
            KeyError::ExpiredAtSigning => "signed after the key's time",
            KeyError::SignedInFuture => "signed in the future",
            KeyError::Revoked(RevocationReason::Compromised) => "the key was compromised: nothing it signed counts",
            KeyError::Revoked(_) => "the key was revoked before this was signed",
            KeyError::Unusable => "the key set's public key is unusable",
        })
    }
}

impl fmt::Display for SignedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignedError::Envelope(e) => e.fmt(f),
            SignedError::WrongType => f.write_str("the envelope holds another kind of document"),
            SignedError::Key(e) => e.fmt(f),
            SignedError::Shape(what) => write!(f, "the payload: {what}"),
        }
    }
}

impl core::error::Error for RootsError {}
impl core::error::Error for KeySetError {}
impl core::error::Error for KeyError {}
impl core::error::Error for SignedError {}
