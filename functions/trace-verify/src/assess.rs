//! The verdict on a code that verified: what is proved, by whom, how old the proof is, and what it leaves open.
//!
//! Of several findings the most urgent is the verdict, in this order: recalled, key revoked, not in a manifest,
//! withdrawn, unavailable, record missing, record invalid, record unavailable, genuine. What cannot be checked never counts
//! as checked: a status that does not verify, or cannot be read, keeps a code from being genuine.
//!
//! The store's keys depend on each other, so a handler asks in turn: [`trusted`] with [`keys::KEYSET`]; [`membership`]
//! with [`keys::manifest_of`]; then, at once, [`standing`] with [`keys::statements`] and [`keys::head`] of every issuer,
//! [`keys::batch_status`] and [`keys::product_status`], and [`evidence`] with [`keys::record_of`]; and [`combine`].
//! [`assess`] does the same with documents at hand.

mod claims;
mod standing;

use shared::dsse;
use shared::keyset::{self, KeyError, KeySet, Opened, RevocationReason, Roots, SignedError, Use};
use shared::policy::NoKeySet;

pub use claims::{Claim, Limit, Proof, Signer};
pub use standing::{HeadState, Published, Standing, Statuses, standing};

#[cfg(doc)]
use crate::keys;
use crate::manifest::Manifest;
use crate::record::Record;
use crate::serial::Code;
use crate::status::{State, Status};

/// What the store answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lookup {
    /// The bytes under the key.
    Found(Vec<u8>),
    /// Nothing is under the key.
    #[default]
    Missing,
    /// The store did not answer.
    Unavailable,
}

/// All that the store holds on one code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// The key set.
    pub keyset: Lookup,
    /// The mint manifest of the code's block.
    pub manifest: Lookup,
    /// A statement that stands alone, of the manifest's batch.
    pub batch_status: Lookup,
    /// A statement that stands alone, of the product.
    pub product_status: Lookup,
    /// The chains of statements on the product.
    pub issuers: Vec<Published>,
    /// The record that the manifest points to.
    pub record: Lookup,
}

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A recall covers the piece.
    Recalled,
    /// The key that made the label, or signed its manifest or its record, was revoked.
    KeyRevoked,
    /// No valid manifest issued this code.
    NotInManifest,
    /// The piece is no longer vouched for.
    Withdrawn,
    /// The store keeps us from an answer: ask again.
    Unavailable,
    /// Issued, but the record is not there.
    RecordMissing,
    /// Issued, but the record or a status statement is not to be believed.
    RecordInvalid,
    /// Issued, but the record cannot be read now.
    RecordUnavailable,
    /// Issued, in order, and with a record that holds. Its time may be over: see `certificate_expired`.
    Genuine,
}

/// Which document a reason speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The key set.
    KeySet,
    /// The key that makes labels.
    MacKey,
    /// The mint manifest.
    Manifest,
    /// Statements on the batch or on the product.
    Status,
    /// The head, which says which statements are the last.
    Head,
    /// The inspection record.
    Record,
}

/// Why the verdict is not "genuine".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The document.
    pub about: About,
    /// A stable name, in snake case: `missing`, `unavailable`, `does_not_contain`, or a code of [`SignedError`],
    /// [`keyset::KeySetError`], [`crate::manifest::ManifestError`], [`crate::record::FieldError`].
    pub code: &'static str,
}

/// All that there is to say about a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The verdict.
    pub verdict: Verdict,
    /// Why not better; absent for recalled, withdrawn (the status says why) and genuine.
    pub reason: Option<Reason>,
    /// The manifest that issued the code.
    pub manifest: Option<Opened<Manifest>>,
    /// The recall or withdrawal, or the statement that all is in order again.
    pub status: Option<Opened<Status>>,
    /// The record, where it holds; under a recall too.
    pub record: Option<Opened<Record>>,
    /// The record's `valid_until` is over.
    pub certificate_expired: bool,
    /// The heads of the issuers that publish some.
    pub heads: Vec<HeadState>,
    /// What is proved, in the order in which the proofs rest on each other.
    pub claims: Vec<Claim>,
}

/// Whether the code was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The manifest that issued the code, if one did: also where the MAC key was revoked since.
    pub manifest: Option<Opened<Manifest>>,
    /// What keeps the code from counting as issued.
    pub problem: Option<(Verdict, Reason)>,
}

/// What the inspection record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The record, where it holds.
    pub record: Option<Opened<Record>>,
    /// Why it does not.
    pub problem: Option<(Verdict, Reason)>,
}

/// The key set, without which nothing can be confirmed.
///
/// # Errors
/// The [`Reason`] for a verdict of "unavailable". A key set that does not verify is our failure, not the label's.
pub fn trusted(keyset: &Lookup, roots: &Roots) -> Result<KeySet, Reason> {
    let reason = |code| Reason { about: About::KeySet, code };
    match keyset {
        Lookup::Found(bytes) => KeySet::verify_and_parse(bytes, roots).map_err(|e| reason(e.code())),
        Lookup::Missing => Err(reason("missing")),
        Lookup::Unavailable => Err(reason("unavailable")),
    }
}

/// The reason where no key set has been adopted.
pub fn without_keyset(none: &NoKeySet) -> Reason {
    let code = match none {
        NoKeySet::Refused(error) => error.code(),
        NoKeySet::Missing => "missing",
        NoKeySet::Unavailable | NoKeySet::Newer(_) => "unavailable",
    };
    Reason { about: About::KeySet, code }
}

/// Whether a signed manifest issued the code, with a MAC key that is valid.
pub fn membership(code: &Code, keyset: &KeySet, manifest: &Lookup, now_ms: i64) -> Membership {
    let without = |verdict, code| Membership {
        manifest: None,
        problem: Some((verdict, Reason { about: About::Manifest, code })),
    };
    let found = match manifest {
        Lookup::Found(bytes) => {
            match keyset::open::<Manifest>(bytes, dsse::MANIFEST, Use::Manifest, keyset, |m| m.minted_at, now_ms) {
                Ok(opened) => match opened.payload.check() {
                    Ok(()) if opened.payload.contains(code) => Membership { manifest: Some(opened), problem: None },
                    Ok(()) => without(Verdict::NotInManifest, "does_not_contain"),
                    Err(e) => without(Verdict::NotInManifest, e.code()),
                },
                Err(e @ SignedError::Key(KeyError::Revoked(_))) => without(Verdict::KeyRevoked, e.code()),
                Err(e) => without(Verdict::of_unsigned(&e, Verdict::NotInManifest), e.code()),
            }
        }
        Lookup::Missing => without(Verdict::NotInManifest, "missing"),
        Lookup::Unavailable => without(Verdict::Unavailable, "unavailable"),
    };
    match mac_key_problem(code, keyset, found.manifest.as_ref(), now_ms) {
        // A revoked MAC key says more than whatever else is wrong; another problem with it, less.
        Some(problem) if problem.0 == Verdict::KeyRevoked || found.problem.is_none() => {
            Membership { problem: Some(problem), ..found }
        }
        _ => found,
    }
}

/// What is wrong with the key that made the label. Without a manifest there is no date to judge by; a compromised key needs
/// none.
fn mac_key_problem(
    code: &Code,
    keyset: &KeySet,
    manifest: Option<&Opened<Manifest>>,
    now: i64,
) -> Option<(Verdict, Reason)> {
    let minted_at = manifest.map_or(i64::MIN, |manifest| manifest.signed_at);
    let error = keyset.mac_key_for(code.kid(), minted_at, now).err()?;
    let verdict = match error {
        KeyError::Revoked(RevocationReason::Compromised) => Verdict::KeyRevoked,
        KeyError::Revoked(_) if manifest.is_some() => Verdict::KeyRevoked,
        // We are configured with it: the key set at hand is an older one.
        KeyError::Unknown => Verdict::Unavailable,
        _ => Verdict::NotInManifest,
    };
    Some((verdict, Reason { about: About::MacKey, code: error.code() }))
}

/// Whether the record holds and speaks of this code.
pub fn evidence(code: &Code, keyset: &KeySet, manifest: &Manifest, record: &Lookup, now_ms: i64) -> Evidence {
    let without =
        |verdict, code| Evidence { record: None, problem: Some((verdict, Reason { about: About::Record, code })) };
    let bytes = match record {
        Lookup::Found(bytes) => bytes,
        Lookup::Missing => return without(Verdict::RecordMissing, "missing"),
        Lookup::Unavailable => return without(Verdict::RecordUnavailable, "unavailable"),
    };
    match keyset::open::<Record>(bytes, dsse::RECORD, Use::Record, keyset, |r| r.issued_at, now_ms) {
        Ok(opened) if !manifest.takes_records_of(&opened.kid) => {
            without(Verdict::RecordInvalid, "record_key_not_named")
        }
        Ok(opened) => match opened.payload.check().and_then(|()| opened.payload.matches(code, manifest)) {
            Ok(()) => Evidence { record: Some(opened), problem: None },
            Err(e) => without(Verdict::RecordInvalid, e.code),
        },
        Err(e @ SignedError::Key(KeyError::Revoked(_))) => without(Verdict::KeyRevoked, e.code()),
        Err(e) => without(Verdict::of_unsigned(&e, Verdict::RecordInvalid), e.code()),
    }
}

/// Puts the three together. `evidence` is absent where no manifest says which record to look for.
pub fn combine(
    code: &Code,
    keyset: &KeySet,
    membership: Membership,
    standing: Standing,
    evidence: Option<Evidence>,
    now_ms: i64,
) -> Assessment {
    let Evidence { record, problem: record_problem } = evidence.unwrap_or(Evidence { record: None, problem: None });
    let status = standing.statements.first();
    let stated = status.and_then(|status| match status.payload.state {
        State::Recalled => Some(Verdict::Recalled),
        State::Withdrawn => Some(Verdict::Withdrawn),
        State::Active => None,
    });
    // A membership without problem and without evidence: the caller did not ask. That proves nothing.
    let unasked =
        record.is_none().then_some((Verdict::RecordUnavailable, Reason { about: About::Record, code: "unavailable" }));
    let found = [membership.problem, standing.problem, record_problem, unasked];
    let verdicts = found.into_iter().flatten().map(|(verdict, reason)| (verdict, Some(reason)));
    // The order of `Verdict` is the order of precedence; of two reasons with one verdict, the first stays.
    let (verdict, reason) = stated
        .map(|verdict| (verdict, None))
        .into_iter()
        .chain(verdicts)
        .min_by_key(|(verdict, _)| *verdict)
        .unwrap_or((Verdict::Genuine, None));

    let claims = claims::list(code, keyset, membership.manifest.as_ref(), (status, &standing.heads), record.as_ref());
    Assessment {
        verdict,
        reason,
        certificate_expired: record.as_ref().is_some_and(|record| record.payload.expired(now_ms)),
        status: status.cloned(),
        manifest: membership.manifest,
        record,
        heads: standing.heads,
        claims,
    }
}

/// The verdict from documents at hand: what the command line does offline.
pub fn assess(code: &Code, documents: &Documents, roots: &Roots, now_ms: i64) -> Assessment {
    let keyset = match trusted(&documents.keyset, roots) {
        Ok(keyset) => keyset,
        Err(reason) => return untrusted(code, reason),
    };
    let membership = membership(code, &keyset, &documents.manifest, now_ms);
    let manifest = membership.manifest.as_ref().map(|manifest| &manifest.payload);
    let statuses =
        Statuses { batch: &documents.batch_status, product: &documents.product_status, issuers: &documents.issuers };
    let standing = standing(code, &keyset, manifest, &statuses, now_ms);
    let evidence = manifest.map(|manifest| evidence(code, &keyset, manifest, &documents.record, now_ms));
    combine(code, &keyset, membership, standing, evidence, now_ms)
}

/// The verdict without a key set: the tag alone is proved.
pub fn untrusted(code: &Code, reason: Reason) -> Assessment {
    Assessment {
        verdict: Verdict::Unavailable,
        reason: Some(reason),
        manifest: None,
        status: None,
        record: None,
        certificate_expired: false,
        heads: Vec::new(),
        claims: vec![claims::code_tag(code)],
    }
}

impl Verdict {
    /// All, in the order of precedence.
    pub const ALL: [Verdict; 9] = [
        Verdict::Recalled,
        Verdict::KeyRevoked,
        Verdict::NotInManifest,
        Verdict::Withdrawn,
        Verdict::Unavailable,
        Verdict::RecordMissing,
        Verdict::RecordInvalid,
        Verdict::RecordUnavailable,
        Verdict::Genuine,
    ];

    /// A stable name, in snake case.
    pub const fn code(self) -> &'static str {
        match self {
            Verdict::Recalled => "recalled",
            Verdict::KeyRevoked => "key_revoked",
            Verdict::NotInManifest => "not_in_manifest",
            Verdict::Withdrawn => "withdrawn",
            Verdict::Unavailable => "unavailable",
            Verdict::RecordMissing => "record_missing",
            Verdict::RecordInvalid => "record_invalid",
            Verdict::RecordUnavailable => "record_unavailable",
            Verdict::Genuine => "genuine",
        }
    }
}

impl About {
    /// A stable name, in snake case.
    pub const fn code(self) -> &'static str {
        match self {
            About::KeySet => "keyset",
            About::MacKey => "mac_key",
            About::Manifest => "manifest",
            About::Status => "status",
            About::Head => "head",
            About::Record => "record",
        }
    }
}

#[cfg(test)]
mod tests;
