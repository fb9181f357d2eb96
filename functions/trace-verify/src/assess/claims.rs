//! What is proved, by whom, since when, and what that leaves open.

use shared::keyset::{KeySet, Opened};
use shared::lang::Text;

use super::HeadState;
use crate::manifest::{Issue, Manifest};
use crate::record::Record;
use crate::serial::Code;
use crate::status::Status;

/// One proof that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// What is proved.
    pub proof: Proof,
    /// By whom.
    pub by: Signer,
    /// When it was signed, milliseconds since the epoch; a label's tag carries no date.
    pub signed_at: Option<i64>,
    /// What it leaves open.
    pub limit: Limit,
}

/// What is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The label's text was made with the marketplace's key.
    CodeTag,
    /// The keys below are whose they say.
    KeySet,
    /// The code was issued.
    Membership,
    /// The batch or product is in the state that is shown.
    Status,
    /// No statement of an issuer is missing.
    Head,
    /// The inspection body found what is shown.
    InspectionRecord,
}

/// Who proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The key's id.
    pub kid: String,
    /// Whose key it is; absent for the marketplace's own: the label key and the root.
    pub owner: Option<Text>,
}

/// What a proof leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A copied label carries the same tag.
    Copies,
    /// Whose key it is does not show that its owner is honest.
    Honesty,
    /// Issued for a piece, which need not be the one that carries the label now.
    Attachment,
    /// The record is of the batch; this piece need not have been examined itself.
    EachPiece,
    /// The piece may have changed since it was examined.
    LaterChanges,
    /// What was stated since may not have reached us.
    LaterStatements,
}

impl Claim {
    /// How old the proof is, in milliseconds; never negative.
    pub fn age_ms(&self, now_ms: i64) -> Option<i64> {
        self.signed_at.map(|at| now_ms.saturating_sub(at).max(0))
    }
}

impl Proof {
    /// A stable name, in snake case.
    pub const fn code(self) -> &'static str {
        match self {
            Proof::CodeTag => "code_tag",
            Proof::KeySet => "keyset",
            Proof::Membership => "membership",
            Proof::Status => "status",
            Proof::Head => "head",
            Proof::InspectionRecord => "inspection_record",
        }
    }
}

impl Limit {
    /// A stable name, in snake case.
    pub const fn code(self) -> &'static str {
        match self {
            Limit::Copies => "copies",
            Limit::Honesty => "honesty",
            Limit::Attachment => "attachment",
            Limit::EachPiece => "each_piece",
            Limit::LaterChanges => "later_changes",
            Limit::LaterStatements => "later_statements",
        }
    }
}

/// The tag, which verified before there was a [`Code`].
pub(super) fn code_tag(code: &Code) -> Claim {
    let by = Signer { kid: code.kid().to_string(), owner: None };
    Claim { proof: Proof::CodeTag, by, signed_at: None, limit: Limit::Copies }
}

pub(super) fn list(
    code: &Code,
    keyset: &KeySet,
    manifest: Option<&Opened<Manifest>>,
    (status, heads): (Option<&Opened<Status>>, &[HeadState]),
    record: Option<&Opened<Record>>,
) -> Vec<Claim> {
    let root = Signer { kid: keyset.signed_by().to_owned(), owner: None };
    let keys = Claim { proof: Proof::KeySet, by: root, signed_at: Some(keyset.issued_at()), limit: Limit::Honesty };
    let record_limit = match manifest.map(|manifest| manifest.payload.records) {
        Some(Issue::Batch) => Limit::EachPiece,
        Some(Issue::Item) | None => Limit::LaterChanges,
    };
    let heads = heads.iter().filter(|state| state.problem.is_none()).filter_map(|state| state.head.as_ref());
    let issued = manifest.map(|m| signed(Proof::Membership, m, Limit::Attachment));
    let stated = status.map(|s| signed(Proof::Status, s, Limit::LaterStatements));
    let complete = heads.map(|h| signed(Proof::Head, h, Limit::LaterStatements));
    let found = record.map(|r| signed(Proof::InspectionRecord, r, record_limit));
    [code_tag(code), keys].into_iter().chain(issued).chain(stated).chain(complete).chain(found).collect()
}

fn signed<T>(proof: Proof, document: &Opened<T>, limit: Limit) -> Claim {
    let by = Signer { kid: document.kid.clone(), owner: Some(document.owner.clone()) };
    Claim { proof, by, signed_at: Some(document.signed_at), limit }
}
