//! The outcome of a scan: what the signed documents prove, seen together with the scan history.

use serde::{Deserialize, Serialize};

use crate::assess::Verdict;
use crate::history::{History, Kin, Recognised, Spread, Visit};
use crate::policy::texts as msg;
use crate::policy::{Rules, Text, figures};
use crate::visitor::Uncounted;

/// What a scan ends in. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Genuine, and this visit is the first scan, or its device's page again within minutes of it. At most one device ever
    /// gets this answer.
    AuthenticFirstScan,
    /// Genuine, and scanned before (perhaps by this very device).
    AuthenticSeenBefore,
    /// Genuine, never scanned, and this visit does not count (a preview, a prefetch).
    AuthenticUnscanned,
    /// Genuine; the scan ledger does not answer.
    AuthenticHistoryUnavailable,
    /// Genuine by its documents, scanned by too many: amber, or red where one person cannot have been all of them.
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
    /// More networks than one piece meets.
    ManyNetworks,
    /// More networks, phones and provinces than one piece meets.
    ManyPlaces,
    /// More blocks of addresses and phones than one piece meets, where nothing else is known of networks and places.
    ManyBlocks,
}

/// What copies are suspected by, as events tell it: enough to judge a scan again by another policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Devices counted by builds that kept no networks.
    pub before: i64,
    /// Cities listed by those.
    pub places_before: usize,
    /// Networks, browsers and cities within the time that the policy looks back.
    #[serde(flatten)]
    pub spread: Spread,
    /// How near the visit is to the first scan.
    pub kin: Kin,
}

impl Basis {
    /// Of a history.
    pub fn of(history: &History, now_ms: i64, window_days: i64) -> Basis {
        let History { traces, kin, .. } = history;
        let spread = traces.spread(now_ms, window_days);
        Basis { before: traces.before, places_before: traces.places_before, spread, kin: *kin }
    }

    /// The signs of a copy in it.
    pub fn signs(&self, rules: Rules<'_>) -> Vec<CloneSign> {
        let mut signs = Vec::new();
        if self.before >= rules.figure(figures::CLONE_DEVICES) {
            signs.push(CloneSign::ManyDevices);
        }
        let Spread { networks, agents, regions, blocks, .. } = self.spread;
        let many = agents >= rules.figure(figures::CLONE_AGENTS);
        // Who has ten networks has many more blocks of addresses: these warn, and are never more than a warning.
        let named = networks.saturating_sub(blocks);
        if many && named >= rules.figure(figures::CLONE_NETWORKS_ALONE) {
            signs.push(CloneSign::ManyNetworks);
        }
        let points = |count: i64, each| count.saturating_mul(rules.figure(each));
        // Phones are what somebody makes up most easily: beyond one a network they say nothing.
        let of_networks = |count: i64| {
            let phones = points(agents.min(count), figures::CLONE_PHONE_POINTS);
            points(count, figures::CLONE_NETWORK_POINTS).saturating_add(phones)
        };
        let placed = of_networks(networks).saturating_add(points(regions, figures::CLONE_PROVINCE_POINTS));
        if (many && placed >= rules.figure(figures::CLONE_POINTS)) || self.was_everywhere(rules) {
            signs.push(CloneSign::ManyPlaces);
        } else if many && blocks > 0 && of_networks(blocks) >= rules.figure(figures::CLONE_POINTS_OF_BLOCKS) {
            signs.push(CloneSign::ManyBlocks);
        }
        signs
    }

    /// Whether the signs speak against the piece before whoever visits. Who scanned first holds, as far as anybody knows,
    /// the piece that the code was made for: a few networks must not speak against it, whoever wants them to. To the
    /// household the signs are told as what they are: there may be copies.
    pub fn is_suspected(&self, rules: Rules<'_>) -> bool {
        let signs = self.signs(rules);
        match self.kin {
            _ if signs.contains(&CloneSign::ManyDevices) || self.was_everywhere(rules) => true,
            Kin::First => false,
            Kin::Alike | Kin::Household => signs.contains(&CloneSign::ManyNetworks),
            Kin::Stranger => !signs.is_empty(),
        }
    }

    /// Whether the signs are more than one person with ten networks can make. Below that a piece may be griefed as well as
    /// copied: its holder is warned, in amber; beyond it, in red.
    pub fn is_grave(&self, rules: Rules<'_>) -> bool {
        let signs = self.signs(rules);
        let beyond = signs.contains(&CloneSign::ManyNetworks) || signs.contains(&CloneSign::ManyDevices);
        self.is_suspected(rules) && (beyond || self.was_everywhere(rules))
    }

    fn was_everywhere(&self, rules: Rules<'_>) -> bool {
        usize::try_from(rules.figure(figures::CLONE_PLACES)).is_ok_and(|most| self.places_before >= most)
    }
}

/// The signs of a copy in a piece's history.
///
/// What is counted are networks and browsers outside the household of the first scan, in the time that the policy looks
/// back; the lesser decides, so that neither many addresses of one phone nor many browsers behind one address make a sign.
/// What builds before counted, which kept neither, is judged as it was then. A rule on place **and** time is deliberately
/// absent: see ARCHITECTURE.md.
pub fn clone_signs(history: &History, rules: Rules<'_>, now_ms: i64) -> Vec<CloneSign> {
    basis(history, rules, now_ms).signs(rules)
}

/// What copies are suspected by, as far back as the policy looks.
pub fn basis(history: &History, rules: Rules<'_>, now_ms: i64) -> Basis {
    Basis::of(history, now_ms, rules.figure(figures::CLONE_WINDOW_DAYS))
}

/// What the ledger answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ledger {
    /// It was not asked: the code counts for nothing.
    NotAsked,
    /// No scan yet, and this visit is none, for this reason.
    Empty(Uncounted),
    /// The history, this visit included if it counts.
    Known(History),
    /// It does not answer.
    Unavailable,
}

/// The outcome for a code whose tag verified.
pub fn decide(verdict: Verdict, ledger: &Ledger, rules: Rules<'_>, now_ms: i64) -> Outcome {
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
            Ledger::Empty(_) => Outcome::AuthenticUnscanned,
            Ledger::Known(history) if is_first(history, rules, now_ms) => Outcome::AuthenticFirstScan,
            Ledger::Known(history) if basis(history, rules, now_ms).is_suspected(rules) => Outcome::SuspectedClone,
            Ledger::Known(_) => Outcome::AuthenticSeenBefore,
        },
    }
}

/// Whether this is the first scan, or the same page again right after it: a reload, or the other language.
fn is_first(history: &History, rules: Rules<'_>, now_ms: i64) -> bool {
    let again = match history.visit {
        Visit::First => return true,
        Visit::Repeat { by: Recognised::Likeness, .. } => false,
        Visit::Repeat { by_first_device, .. } => by_first_device,
        Visit::Further | Visit::NotCounted(_) => false,
    };
    let minutes = rules.figure(figures::SCAN_FIRST_MINUTES);
    again && history.count == 1 && now_ms.saturating_sub(history.first_at) <= minutes.saturating_mul(60_000)
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

    /// How grave it is at most.
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
mod tests;
