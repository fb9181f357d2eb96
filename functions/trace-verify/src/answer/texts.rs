//! Which text says what the core found.

use crate::assess::{About, Limit, Proof, Reason};
use crate::policy::{Text, texts as msg};

/// What is wrong with a document, in words: what it is, and whether it is absent, unreadable, revoked or unbelievable.
pub(super) fn fault(why: Reason) -> Text {
    let revoked = why.code.contains("revoked") || why.code.contains("compromised");
    match (why.about, why.code) {
        (About::KeySet, "stale") | (_, "key_unknown") => msg::REASON_KEYSET_STALE,
        (About::KeySet, "unavailable" | "missing") => msg::REASON_KEYSET_UNAVAILABLE,
        (About::KeySet, _) => msg::REASON_KEYSET_INVALID,
        (About::MacKey, _) if revoked => msg::REASON_MAC_KEY_REVOKED,
        (About::MacKey, _) => msg::REASON_MAC_KEY_INVALID,
        (About::Manifest, "missing" | "does_not_contain") => msg::REASON_MANIFEST_MISSING,
        (About::Manifest, "unavailable") => msg::REASON_MANIFEST_UNAVAILABLE,
        (About::Manifest, _) if revoked => msg::REASON_MANIFEST_REVOKED,
        (About::Manifest, _) => msg::REASON_MANIFEST_INVALID,
        (About::Status, "unavailable") => msg::REASON_STATUS_UNAVAILABLE,
        (About::Status, code) if code.starts_with("chain_") => msg::REASON_STATUS_INCOMPLETE,
        (About::Head, _) => msg::REASON_HEAD,
        (About::Status, _) => msg::REASON_STATUS_INVALID,
        (About::Record, "missing") => msg::REASON_RECORD_MISSING,
        (About::Record, "unavailable") => msg::REASON_RECORD_UNAVAILABLE,
        (About::Record, _) if revoked => msg::REASON_RECORD_REVOKED,
        (About::Record, _) => msg::REASON_RECORD_INVALID,
    }
}

/// What is proved.
pub(super) const fn proof(proof: Proof) -> Text {
    match proof {
        Proof::CodeTag => msg::PROOF_CODE_TAG,
        Proof::KeySet => msg::PROOF_KEYSET,
        Proof::Membership => msg::PROOF_MEMBERSHIP,
        Proof::Status => msg::PROOF_STATUS,
        Proof::Head => msg::PROOF_HEAD,
        Proof::InspectionRecord => msg::PROOF_INSPECTION_RECORD,
    }
}

/// What is left open.
pub(super) const fn limit(limit: Limit) -> Text {
    match limit {
        Limit::Copies => msg::LIMIT_COPIES,
        Limit::Honesty => msg::LIMIT_HONESTY,
        Limit::Attachment => msg::LIMIT_ATTACHMENT,
        Limit::EachPiece => msg::LIMIT_EACH_PIECE,
        Limit::LaterChanges => msg::LIMIT_LATER_CHANGES,
        Limit::LaterStatements => msg::LIMIT_LATER_STATEMENTS,
    }
}
