//! Where the goods are on their way back. Parcels whose pickup was cancelled do not count.

use super::article;
use super::facts::{Facts, days_after, int};
use crate::case::{Parcel, Verdict};
use crate::decision::{LegKind, Waiting, WaitingFor};

/// How far a return has come: as far as its slowest live parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not all of it was handed to a carrier.
    NotPosted,
    /// All of it was; the last at this instant.
    Posted(i64),
    /// All of it arrived; the last at this instant.
    Received(i64),
}

/// The parcels that count, in the order they were booked.
pub fn live<'a>(facts: &Facts<'a>) -> impl Iterator<Item = &'a Parcel> + use<'a> {
    facts.case.return_.iter().flat_map(|r| &r.parcels).filter(|parcel| parcel.is_live())
}

/// How far the return has come.
pub fn progress(facts: &Facts<'_>) -> Progress {
    let (mut posted, mut received) = (i64::MIN, i64::MIN);
    let (mut count, mut arrived) = (0usize, 0usize);
    for parcel in live(facts) {
        let Some(at) = parcel.posted_at() else { return Progress::NotPosted };
        posted = posted.max(at);
        count = count.saturating_add(1);
        if let Some(at) = parcel.received_at {
            received = received.max(at);
            arrived = arrived.saturating_add(1);
        }
    }
    match (count, arrived) {
        (0, _) => Progress::NotPosted,
        (count, arrived) if count == arrived => Progress::Received(received),
        _ => Progress::Posted(posted),
    }
}

/// The last instant to hand the goods over, counted from the request, or from the merchant's consent if that came later.
pub fn post_by(facts: &Facts<'_>) -> i64 {
    let consent = facts.case.merchant.answer.filter(|answer| answer.verdict == Verdict::Accepted);
    let start = facts.case.request.requested_at.max(consent.map_or(i64::MIN, |answer| answer.at));
    days_after(start, facts.policy.returns.posting_days)
}

/// Whether any of it was handed over after its time, and says so. Where nobody reported the scan, the arrival shows it.
pub fn posted_late(facts: &mut Facts<'_>, leg: LegKind) -> bool {
    let until = post_by(facts);
    let arrived_by = days_after(until, facts.policy.returns.transit_days);
    let late = |parcel: &Parcel| match (parcel.first_scan_at, parcel.received_at) {
        (Some(scan), _) => scan > until,
        (None, received) => received.is_some_and(|received| received > arrived_by),
    };
    let late = live(facts).any(late);
    if late {
        facts.say("return_not_posted", Some(leg), article::NONE, vec![int("until", until)]);
    }
    late
}

/// Waits for the first scan or the arrival, whichever is next; `None`, with the reason, once the time for it is over.
pub fn wait(facts: &mut Facts<'_>, leg: LegKind) -> Option<Waiting> {
    let (what, until, waits, over) = match progress(facts) {
        Progress::NotPosted => (WaitingFor::FirstScan, post_by(facts), "waits_for_first_scan", "return_not_posted"),
        Progress::Posted(at) | Progress::Received(at) => {
            let until = days_after(at, facts.policy.returns.transit_days);
            (WaitingFor::ReturnReceived, until, "waits_for_return", "return_not_arrived")
        }
    };
    let waiting = facts.now < until;
    facts.say(if waiting { waits } else { over }, Some(leg), article::NONE, vec![int("until", until)]);
    waiting.then_some(Waiting { what, until })
}
