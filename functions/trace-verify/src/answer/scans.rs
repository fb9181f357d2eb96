//! What an answer says of a piece's scans.

use serde::Serialize;

use super::{Reason, reason};
use crate::history::{History, Kin, Recognised, Visit};
use crate::outcome::{CloneSign, Ledger, Outcome, clone_signs};
use crate::policy::{Rules, Words, figures, texts as msg};
use crate::visitor::Uncounted;

/// The scan history.
#[derive(Serialize)]
pub struct Scans {
    /// How many different devices scanned it.
    pub count: i64,
    /// When the first did; absent if none has.
    pub first_at: Option<i64>,
    /// ISO 3166-1 country of the first scan, if known.
    pub first_country: Option<String>,
    /// City of the first scan, if known.
    pub first_city: Option<String>,
    /// In how many different cities.
    pub places: usize,
    /// Whether this visit was counted.
    pub counted: bool,
    /// Whether this device had scanned it before, or one like it: see `recognised_by`.
    pub repeat: bool,
    /// Whether this device was the first ever, or is like it.
    pub first_by_this_device: bool,
    /// How a device that comes back is known: `cookie`, `device_id` (an app's), or `likeness`, which proves little.
    pub recognised_by: Option<&'static str>,
}

impl Recognised {
    /// Its name in answers.
    pub const fn code(self) -> &'static str {
        match self {
            Recognised::Cookie => "cookie",
            Recognised::App => "device_id",
            Recognised::Likeness => "likeness",
        }
    }
}

/// What is said of them, where anything is known.
pub(super) fn told(ledger: &Ledger) -> Option<Scans> {
    match ledger {
        Ledger::NotAsked | Ledger::Unavailable => None,
        Ledger::Empty(_) => Some(Scans {
            count: 0,
            first_at: None,
            first_country: None,
            first_city: None,
            places: 0,
            counted: false,
            repeat: false,
            first_by_this_device: false,
            recognised_by: None,
        }),
        Ledger::Known(history) => Some(Scans {
            count: history.count,
            first_at: Some(history.first_at),
            first_country: history.first_place.as_ref().map(|p| p.country.clone()),
            first_city: history.first_place.as_ref().and_then(|p| p.city.clone()),
            places: history.places,
            counted: matches!(history.visit, Visit::First | Visit::Further),
            repeat: matches!(history.visit, Visit::Repeat { .. }),
            first_by_this_device: matches!(history.visit, Visit::First | Visit::Repeat { by_first_device: true, .. }),
            recognised_by: recognised(history).map(Recognised::code),
        }),
    }
}

/// How a device that comes back is known.
pub(super) fn recognised(history: &History) -> Option<Recognised> {
    if let Visit::Repeat { by, .. } = history.visit { Some(by) } else { None }
}

/// Why the ledger has the verdict, or the visit, be what it is.
pub(super) fn reasons<'w>(
    outcome: Outcome,
    ledger: &Ledger,
    rules: Rules<'_>,
    words: Words<'w>,
    now_ms: i64,
) -> Vec<Reason<'w>> {
    let mut told = Vec::new();
    match ledger {
        Ledger::Known(history) => {
            told.extend(signs(outcome, history, rules, words, now_ms));
            match history.visit {
                // The first scan's own page again: nothing to explain. And beside a recall, or whatever else a shopper must
                // know of the goods, which device scanned before is no reason.
                Visit::Repeat { .. } if outcome == Outcome::AuthenticFirstScan || !outcome.rests_on_record() => {}
                Visit::Repeat { by: Recognised::Likeness, .. } => {
                    told.push(reason("similar_device", msg::REASON_SIMILAR_DEVICE, words, &[]));
                }
                Visit::Repeat { .. } => told.push(reason("same_device", msg::REASON_SAME_DEVICE, words, &[])),
                Visit::NotCounted(why) => told.push(not_counted(why, words)),
                Visit::First | Visit::Further => {}
            }
        }
        Ledger::Unavailable => told.push(reason("history_unavailable", msg::REASON_HISTORY_UNAVAILABLE, words, &[])),
        Ledger::Empty(why) => told.push(not_counted(*why, words)),
        Ledger::NotAsked => {}
    }
    told
}

/// The signs of a copy, in words; for whoever scanned first, one sentence: there may be copies.
fn signs<'w>(outcome: Outcome, history: &History, rules: Rules<'_>, words: Words<'w>, now_ms: i64) -> Vec<Reason<'w>> {
    let found = clone_signs(history, rules, now_ms);
    let spread = history.traces.spread(now_ms, rules.figure(figures::CLONE_WINDOW_DAYS));
    let places = history.places.to_string();
    let (count, networks) = (history.count.to_string(), spread.networks.to_string());
    let values = [("count", count.as_str()), ("places", &places), ("networks", &networks)];
    if outcome != Outcome::SuspectedClone && history.kin > Kin::Stranger {
        return (!found.is_empty())
            .then(|| reason("copies_possible", msg::REASON_COPIES_POSSIBLE, words, &values))
            .into_iter()
            .collect();
    }
    let told = |sign| match sign {
        CloneSign::ManyDevices => reason("many_devices", msg::REASON_MANY_DEVICES, words, &values),
        CloneSign::ManyNetworks => reason("many_networks", msg::REASON_MANY_NETWORKS, words, &values),
        // Two cities are nothing to point at.
        CloneSign::ManyPlaces if history.places > 2 => reason("many_places", msg::REASON_MANY_PLACES, words, &values),
        CloneSign::ManyPlaces | CloneSign::ManyBlocks => {
            reason("several_networks", msg::REASON_SEVERAL_NETWORKS, words, &values)
        }
    };
    let mut reasons: Vec<Reason<'_>> = found.into_iter().map(told).collect();
    // Of two sentences on networks, the graver.
    if reasons.iter().any(|reason| reason.code == "many_networks") {
        reasons.retain(|reason| reason.code != "several_networks");
    }
    reasons
}

fn not_counted(why: Uncounted, words: Words<'_>) -> Reason<'_> {
    match why {
        Uncounted::NotAScan => reason("not_a_scan", msg::REASON_NOT_A_SCAN, words, &[]),
        Uncounted::Program => reason("unsigned_program", msg::REASON_UNSIGNED_PROGRAM, words, &[]),
        Uncounted::Unconfirmed => reason("unconfirmed", msg::REASON_UNCONFIRMED, words, &[]),
    }
}
