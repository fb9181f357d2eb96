//! Statements that put a policy pack in force: who may say so, of which pack, until when.
//!
//! A statement is the JSON payload of an envelope ([`crate::dsse`]) with one signature or several, each by a key of the
//! key set that may sign policies. What it owes to TUF (<https://theupdateframework.github.io/specification/v1.0.34/>):
//! signers by threshold, expiry, versions that only grow. What is different: there is one role and no snapshot, for the
//! statement itself names every section's digest, so that sections of two versions cannot be mixed.
//!
//! Two instances agree on what is newer by [`Statement::rank`]: the epoch first, which only the root of the key set can
//! raise, then the version. So the version that a stolen key jumped to is undone by the epoch after its revocation.

use core::fmt;

use pack::{Manifest, SectionEntry};
use serde::{Deserialize, Serialize};

use crate::dsse::{self, DsseError, Envelope};
use crate::keyset::{CLOCK_SKEW_MS, KeyError, KeySet, Use, public_key};

/// The most that a version may be: it crosses JavaScript.
pub const MAX_VERSION: u64 = (1 << 53) - 1;

/// What a pack is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// To judge requests.
    Current,
    /// To judge beside the current one, without effect.
    Shadow,
}

impl Role {
    /// Its name in keys and events.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Current => "current",
            Role::Shadow => "shadow",
        }
    }
}

/// What is signed. Unknown members are refused: one could restrict it in a way we would not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The function whose rules these are.
    pub function: String,
    /// How its sections are to be read.
    pub format: u32,
    /// The sections, in the order of their names.
    pub sections: Vec<Section>,
    /// What the pack is to do.
    pub role: Role,
    /// The key set's epoch that the version counts in.
    pub epoch: u64,
    /// Grows with every statement of an epoch, for each role by itself; from 1.
    pub version: u64,
    /// When it was made, milliseconds since the epoch.
    pub issued_at: i64,
    /// First instant that it may be adopted at, milliseconds since the epoch.
    pub not_before: i64,
    /// Last instant that it may be adopted at. A pack that was adopted goes on behind it.
    pub expires_at: i64,
}

/// One section, as the statement names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// Its length, in bytes.
    pub bytes: u32,
    /// Its SHA-256, 64 lower-case hex digits.
    pub sha256: String,
}

/// A statement whose signatures verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What it says.
    pub statement: Statement,
    /// What the pack consists of.
    pub manifest: Manifest,
    /// Ids of the keys that signed it.
    pub signers: Vec<String>,
}

/// Why a statement is not to be believed, or not to be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The envelope, a signature or the payload.
    Envelope(DsseError),
    /// Signed, but as something else than a policy statement.
    WrongType,
    /// The payload has not the members of a statement, or contradicts itself.
    Shape(String),
    /// A key that signed it may not: revoked, out of its time.
    Key(KeyError),
    /// Fewer different keys have signed it than are asked for.
    TooFewSigners {
        /// Different keys that may sign, and did.
        found: usize,
        /// How many are asked for.
        wanted: usize,
    },
    /// Of another function.
    OtherFunction(String),
    /// In a format that this build does not read.
    OtherFormat(u32),
    /// Published where a statement of another role belongs.
    OtherRole(Role),
    /// Of another epoch than the key set's.
    OtherEpoch {
        /// The statement's.
        found: u64,
        /// The key set's.
        wanted: u64,
    },
    /// Not yet to be adopted.
    NotYet,
    /// No more to be adopted.
    Expired,
    /// More bytes than a pack of this function may have.
    TooLarge(u64),
}

impl Refusal {
    /// A stable name, in snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            Refusal::Envelope(error) => error.code(),
            Refusal::WrongType => "wrong_type",
            Refusal::Shape(_) => "malformed",
            Refusal::Key(KeyError::Revoked(_)) => "key_revoked",
            Refusal::Key(_) => "key_refused",
            Refusal::TooFewSigners { .. } => "too_few_signers",
            Refusal::OtherFunction(_) => "other_function",
            Refusal::OtherFormat(_) => "other_format",
            Refusal::OtherRole(_) => "other_role",
            Refusal::OtherEpoch { .. } => "other_epoch",
            Refusal::NotYet => "not_yet_valid",
            Refusal::Expired => "expired",
            Refusal::TooLarge(_) => "too_large",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Envelope(error) => error.fmt(f),
            Refusal::WrongType => f.write_str("the envelope holds no policy statement"),
            Refusal::Shape(why) => write!(f, "the statement is malformed: {why}"),
            Refusal::Key(error) => write!(f, "a key that signed it: {error}"),
            Refusal::TooFewSigners { found, wanted } => {
                write!(f, "signed by {found} different keys that may sign policies, and {wanted} are wanted")
            }
            Refusal::OtherFunction(function) => write!(f, "it is of the function {function}"),
            Refusal::OtherFormat(format) => write!(f, "it is in format {format}"),
            Refusal::OtherRole(role) => write!(f, "its role is {}", role.name()),
            Refusal::OtherEpoch { found, wanted } => {
                write!(f, "it is of epoch {found}, and the key set is in {wanted}")
            }
            Refusal::NotYet => f.write_str("it may not be adopted yet"),
            Refusal::Expired => f.write_str("it has expired"),
            Refusal::TooLarge(bytes) => write!(f, "{bytes} bytes are more than a pack of this function may have"),
        }
    }
}

impl core::error::Error for Refusal {}

/// What a statement must be for a function to follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The function.
    pub function: &'a str,
    /// The format that it reads.
    pub format: u32,
    /// The role of the place where the statement was found.
    pub role: Role,
    /// The most bytes of all sections.
    pub max_bytes: u64,
}

impl Statement {
    /// A statement on a pack.
    pub fn on(manifest: &Manifest, role: Role, (epoch, version): (u64, u64), dates: Dates) -> Statement {
        let section = |entry: &SectionEntry| Section {
            name: entry.name.clone(),
            bytes: entry.bytes,
            sha256: entry.sha256.clone(),
        };
        Statement {
            function: manifest.function.clone(),
            format: manifest.format,
            sections: manifest.sections.iter().map(section).collect(),
            role,
            epoch,
            version,
            issued_at: dates.issued_at,
            not_before: dates.not_before,
            expires_at: dates.expires_at,
        }
    }

    /// What the pack consists of.
    pub fn manifest(&self) -> Manifest {
        let entry = |section: &Section| SectionEntry {
            name: section.name.clone(),
            bytes: section.bytes,
            sha256: section.sha256.clone(),
        };
        Manifest {
            function: self.function.clone(),
            format: self.format,
            sections: self.sections.iter().map(entry).collect(),
        }
    }

    /// What makes one statement newer than another of its role: the epoch, then the version.
    pub fn rank(&self) -> (u64, u64) {
        (self.epoch, self.version)
    }

    /// Checks what its types cannot say. For whoever is about to sign one, too.
    ///
    /// # Errors
    /// [`Refusal::Shape`].
    pub fn check(&self) -> Result<(), Refusal> {
        let wrong = |what: &str| Err(Refusal::Shape(what.to_owned()));
        if !(1..=MAX_VERSION).contains(&self.version) || self.epoch > MAX_VERSION {
            return wrong("a version is 1 to 2^53-1, an epoch at most that");
        }
        if self.not_before > self.expires_at || self.issued_at > self.expires_at {
            return wrong("it expires before it begins");
        }
        if !self.manifest().is_sound() {
            return wrong("its sections are not in order, or named or digested otherwise than they may be");
        }
        Ok(())
    }

    /// Whether it is what a function wants, whatever the instant.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn suits(&self, wanted: &Wanted<'_>) -> Result<(), Refusal> {
        let bytes = self.manifest().bytes();
        if self.function != wanted.function {
            Err(Refusal::OtherFunction(self.function.clone()))
        } else if self.role != wanted.role {
            Err(Refusal::OtherRole(self.role))
        } else if self.format != wanted.format {
            Err(Refusal::OtherFormat(self.format))
        } else if bytes > wanted.max_bytes {
            Err(Refusal::TooLarge(bytes))
        } else {
            Ok(())
        }
    }

    /// Whether it may be adopted now by whoever has not: in this epoch, between its dates.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn adoptable(&self, epoch: u64, now_ms: i64) -> Result<(), Refusal> {
        if self.epoch != epoch {
            Err(Refusal::OtherEpoch { found: self.epoch, wanted: epoch })
        } else if now_ms.saturating_add(CLOCK_SKEW_MS) < self.not_before {
            Err(Refusal::NotYet)
        } else if now_ms > self.expires_at {
            Err(Refusal::Expired)
        } else {
            Ok(())
        }
    }
}

/// The dates of a statement, milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// When it was made.
    pub issued_at: i64,
    /// First instant that it may be adopted at.
    pub not_before: i64,
    /// Last instant that it may be adopted at.
    pub expires_at: i64,
}

/// Opens a statement that at least `signers` different keys have signed. What it asks for is not judged:
/// [`Statement::suits`] and [`Statement::adoptable`] are. Signatures by keys that the set does not have are as if they
/// were not there.
///
/// # Errors
/// [`Refusal`]. Nothing of the payload is interpreted before `signers` signatures have verified.
pub fn open(envelope: &[u8], keyset: &KeySet, signers: usize, now_ms: i64) -> Result<Signed, Refusal> {
    let all = Envelope::parse_all(envelope).map_err(Refusal::Envelope)?;
    let mut keys = Vec::new();
    for one in &all {
        if one.payload_type != dsse::POLICY {
            return Err(Refusal::WrongType);
        }
        let Ok(key) = keyset.key_by_id(&one.keyid, Use::Policy) else { continue };
        let verifying_key = public_key(&key.x).ok_or(Refusal::Key(KeyError::Unusable))?;
        one.verify(&verifying_key).map_err(Refusal::Envelope)?;
        // One key under two names is one signer.
        if keys.iter().all(|known: &&crate::keyset::Key| known.x != key.x) {
            keys.push(key);
        }
    }
    let too_few = |found| Refusal::TooFewSigners { found, wanted: signers };
    if keys.is_empty() || keys.len() < signers {
        return Err(too_few(keys.len()));
    }
    let payload = all.first().ok_or(too_few(0))?.json().map_err(Refusal::Envelope)?;
    let statement: Statement = serde_json::from_value(payload).map_err(|error| Refusal::Shape(error.to_string()))?;
    statement.check()?;
    for key in &keys {
        key.vouches_at(Use::Policy, statement.issued_at, now_ms).map_err(Refusal::Key)?;
    }
    let manifest = statement.manifest();
    Ok(Signed { statement, manifest, signers: keys.into_iter().map(|key| key.kid.clone()).collect() })
}

/// What an envelope says, unproved: for one that its reader has verified before and kept where nobody else writes.
pub fn peek(envelope: &[u8]) -> Option<Statement> {
    let all = Envelope::parse_all(envelope).ok()?;
    let first = all.first().filter(|first| first.payload_type == dsse::POLICY)?;
    serde_json::from_value(first.json().ok()?).ok()
}

/// The key of the statement that is in force for a role.
pub fn statement_key(function: &str, role: Role) -> String {
    format!("policy/{function}/{}", role.name())
}

/// The key of the manifest of a pack, by its policy digest: how the pack of an old decision is found.
pub fn manifest_key(function: &str, digest: &str) -> String {
    format!("policy/{function}/packs/{digest}")
}

/// The key of a section, by its SHA-256.
pub fn section_key(sha256: &str) -> String {
    format!("policy/sections/{sha256}")
}

#[cfg(test)]
mod tests;
