//! The outcome of a scan: what the signed documents prove, seen together with the scan history.

use crate::assess::Verdict;
use crate::history::{History, Visit};
use crate::policy::texts as msg;
use crate::policy::{Rules, Text, figures};

/// What a scan ends in. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Genuine, and this visit is the first scan. At most one visit ever gets this answer.
    AuthenticFirstScan,
    /// Genuine, and scanned before (perhaps by this very device).
    AuthenticSeenBefore,
    /// Genuine, never scanned, and this visit does not count (a preview, a prefetch).
    AuthenticUnscanned,
    /// Genuine; the scan ledger does not answer.
    AuthenticHistoryUnavailable,
    /// Genuine by its documents, scanned by too many.
    SuspectedClone,
    /// No valid manifest issued it.
    NotInManifest,
    /// Its tag is not ours. Decided before any storage is asked.
    BadCode,
    /// A recall covers it.
    Recalled,
    /// Its certificate was withdrawn.
    Withdrawn,
    /// A key that it rests on was revoked.
    KeyRevoked,
    /// Issued, without a record.
    RecordMissing,
    /// Issued, with a record or status that fails its check.
    RecordInvalid,
    /// Issued; the record cannot be read now.
    RecordUnavailable,
    /// The tag is right; the manifests cannot be read now.
    CheckIncomplete,
}

/// How grave an outcome is, for the page's colour and sign. Never shown by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// All is well.
    Good,
    /// Look twice.
    Caution,
    /// Do not trust it.
    Danger,
    /// Could not be checked in full.
    Unknown,
}

/// Why a code is suspected to be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloneSign {
    /// More devices than one piece meets.
    ManyDevices,
    /// More cities than one piece visits.
    ManyPlaces,
}

/// The signs of a copy in a piece's history.
pub fn clone_signs(history: &History, rules: Rules<'_>) -> Vec<CloneSign> {
    let mut signs = Vec::new();
    if history.count >= rules.figure(figures::CLONE_DEVICES) {
        signs.push(CloneSign::ManyDevices);
    }
    if usize::try_from(rules.figure(figures::CLONE_PLACES)).is_ok_and(|most| history.places >= most) {
        signs.push(CloneSign::ManyPlaces);
    }
    signs
}

/// What the ledger answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ledger {
    /// It was not asked: the code counts for nothing.
    NotAsked,
    /// No scan yet, and this visit is none.
    Empty,
    /// The history, this visit included if it counts.
    Known(History),
    /// It does not answer.
    Unavailable,
}

/// The outcome for a code whose tag verified.
pub fn decide(verdict: Verdict, ledger: &Ledger, rules: Rules<'_>) -> Outcome {
    match verdict {
        Verdict::Recalled => Outcome::Recalled,
        Verdict::KeyRevoked => Outcome::KeyRevoked,
        Verdict::NotInManifest => Outcome::NotInManifest,
        Verdict::Withdrawn => Outcome::Withdrawn,
        Verdict::Unavailable => Outcome::CheckIncomplete,
        Verdict::RecordMissing => Outcome::RecordMissing,
        Verdict::RecordInvalid => Outcome::RecordInvalid,
        Verdict::RecordUnavailable => Outcome::RecordUnavailable,
        Verdict::Genuine => match ledger {
            Ledger::NotAsked | Ledger::Unavailable => Outcome::AuthenticHistoryUnavailable,
            Ledger::Empty => Outcome::AuthenticUnscanned,
            Ledger::Known(history) if history.visit == Visit::First => Outcome::AuthenticFirstScan,
            Ledger::Known(history) if !clone_signs(history, rules).is_empty() => Outcome::SuspectedClone,
            Ledger::Known(_) => Outcome::AuthenticSeenBefore,
        },
    }
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 14] = [
        Outcome::AuthenticFirstScan,
        Outcome::AuthenticSeenBefore,
        Outcome::AuthenticUnscanned,
        Outcome::AuthenticHistoryUnavailable,
        Outcome::SuspectedClone,
        Outcome::NotInManifest,
        Outcome::BadCode,
        Outcome::Recalled,
        Outcome::Withdrawn,
        Outcome::KeyRevoked,
        Outcome::RecordMissing,
        Outcome::RecordInvalid,
        Outcome::RecordUnavailable,
        Outcome::CheckIncomplete,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        self.texts().0
    }

    /// The headline.
    pub const fn title(self) -> Text {
        self.texts().1
    }

    /// The sentence under it.
    pub const fn summary(self) -> Text {
        self.texts().2
    }

    const fn texts(self) -> (&'static str, Text, Text) {
        match self {
            Outcome::AuthenticFirstScan => {
                ("authentic_first_scan", msg::TITLE_AUTHENTIC_FIRST_SCAN, msg::SUMMARY_AUTHENTIC_FIRST_SCAN)
            }
            Outcome::AuthenticSeenBefore => {
                ("authentic_seen_before", msg::TITLE_AUTHENTIC_SEEN_BEFORE, msg::SUMMARY_AUTHENTIC_SEEN_BEFORE)
            }
            Outcome::AuthenticUnscanned => {
                ("authentic_unscanned", msg::TITLE_AUTHENTIC_UNSCANNED, msg::SUMMARY_AUTHENTIC_UNSCANNED)
            }
            Outcome::AuthenticHistoryUnavailable => (
                "authentic_history_unavailable",
                msg::TITLE_AUTHENTIC_HISTORY_UNAVAILABLE,
                msg::SUMMARY_AUTHENTIC_HISTORY_UNAVAILABLE,
            ),
            Outcome::SuspectedClone => ("suspected_clone", msg::TITLE_SUSPECTED_CLONE, msg::SUMMARY_SUSPECTED_CLONE),
            Outcome::NotInManifest => ("not_in_manifest", msg::TITLE_NOT_IN_MANIFEST, msg::SUMMARY_NOT_IN_MANIFEST),
            Outcome::BadCode => ("bad_code", msg::TITLE_BAD_CODE, msg::SUMMARY_BAD_CODE),
            Outcome::Recalled => ("recalled", msg::TITLE_RECALLED, msg::SUMMARY_RECALLED),
            Outcome::Withdrawn => ("withdrawn", msg::TITLE_WITHDRAWN, msg::SUMMARY_WITHDRAWN),
            Outcome::KeyRevoked => ("key_revoked", msg::TITLE_KEY_REVOKED, msg::SUMMARY_KEY_REVOKED),
            Outcome::RecordMissing => ("record_missing", msg::TITLE_RECORD_MISSING, msg::SUMMARY_RECORD_MISSING),
            Outcome::RecordInvalid => ("record_invalid", msg::TITLE_RECORD_INVALID, msg::SUMMARY_RECORD_INVALID),
            Outcome::RecordUnavailable => {
                ("record_unavailable", msg::TITLE_RECORD_UNAVAILABLE, msg::SUMMARY_RECORD_UNAVAILABLE)
            }
            Outcome::CheckIncomplete => {
                ("check_incomplete", msg::TITLE_CHECK_INCOMPLETE, msg::SUMMARY_CHECK_INCOMPLETE)
            }
        }
    }

    /// How grave it is.
    pub const fn gravity(self) -> Gravity {
        match self {
            Outcome::AuthenticFirstScan | Outcome::AuthenticUnscanned => Gravity::Good,
            Outcome::AuthenticSeenBefore | Outcome::RecordMissing => Gravity::Caution,
            Outcome::SuspectedClone
            | Outcome::NotInManifest
            | Outcome::BadCode
            | Outcome::Recalled
            | Outcome::Withdrawn
            | Outcome::KeyRevoked
            | Outcome::RecordInvalid => Gravity::Danger,
            Outcome::AuthenticHistoryUnavailable | Outcome::RecordUnavailable | Outcome::CheckIncomplete => {
                Gravity::Unknown
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::changed;

    #[test]
    fn a_copy_is_what_the_pack_at_hand_says() {
        let history = |count, places| History { count, first_at: 0, first_place: None, places, visit: Visit::Further };
        let bundled = |count, places| clone_signs(&history(count, places), Rules::bundled());
        assert_eq!(bundled(9, 3), []);
        assert_eq!(bundled(10, 3), [CloneSign::ManyDevices]);
        assert_eq!(bundled(9, 4), [CloneSign::ManyPlaces]);
        let stricter = changed("figures", "clone.devices", Some(&8_i64.to_le_bytes()));
        let signs = |count| clone_signs(&history(count, 1), Rules::of(&stricter));
        assert_eq!((signs(7), signs(8)), (vec![], vec![CloneSign::ManyDevices]));
    }
}
