//! Planted bugs: what the simulator must catch to be believed. None needs a hook in the function: they sit in the ports
//! and in the adapter.

use shared::platform::{Statement, Value};

use crate::profile::{self, Profile};
use crate::weather::Weather;

/// A planted bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// A refund that may have been sent is sent again without asking.
    ResendWithoutQuery,
    /// The gateway's key is made of payment and amount, so equal partial refunds are one.
    KeyFromAmount,
    /// A transition does not compare the version.
    NoVersionGuard,
    /// An amount is held whatever is held already.
    HoldWithoutSum,
    /// Lines and freight are held whatever is held already.
    LinesNotHeld,
    /// Nobody's lease is respected.
    LeaseIgnored,
    /// What is saved is not booked.
    NoLedgerTrigger,
    /// One fen too much.
    AmountOffByOne,
    /// What was voided is never released.
    ReleaseForgotten,
    /// The adapter says that keys are remembered for good.
    KeysForGood,
    /// That it is about to be sent is not written before it is sent.
    SentNotWritten,
    /// The ledger is written by every update of a row, even by finding it.
    BookedAgain,
    /// What was paid after a refusal is not held again.
    ReinstateForgotten,
    /// Whoever notifies is believed.
    ForgeryBelieved,
    /// What was refused and may have been paid is not asked about again.
    DoubtForgotten,
    /// What came back is not booked back.
    ReversalNotBooked,
    /// What is open for long is forgotten.
    TermForgotten,
    /// What was corrected is not.
    CorrectionForgotten,
    /// Refunds of one payment are sent as they come.
    PaceIgnored,
    /// How many refunds there are of a payment is not counted.
    CountIgnored,
    /// What is refunded at a console is not counted.
    OutsideForgotten,
}

/// Each with the invariants that may catch it.
pub const ALL: [(Mutant, &[&str]); 21] = [
    (Mutant::ResendWithoutQuery, &["one_payment"]),
    (Mutant::KeyFromAmount, &["money_adds_up"]),
    (Mutant::NoVersionGuard, &["lawful_transition", "one_payment", "event_kept", "store_agrees"]),
    (Mutant::HoldWithoutSum, &["never_over_refunded", "holds_within_limits", "reaches_a_final_state"]),
    (Mutant::LinesNotHeld, &["lines_add_up", "reaches_a_final_state"]),
    (Mutant::LeaseIgnored, &["one_payment"]),
    (Mutant::NoLedgerTrigger, &["ledger_balanced"]),
    (Mutant::AmountOffByOne, &["right_amount"]),
    (Mutant::ReleaseForgotten, &["holds_as_due"]),
    (Mutant::KeysForGood, &["one_payment"]),
    (Mutant::SentNotWritten, &["one_payment"]),
    (Mutant::BookedAgain, &["store_agrees"]),
    (Mutant::ReinstateForgotten, &["holds_as_due"]),
    (Mutant::DoubtForgotten, &["never_over_refunded"]),
    (Mutant::ReversalNotBooked, &["ledger_balanced"]),
    (Mutant::TermForgotten, &["stays_due"]),
    (Mutant::CorrectionForgotten, &["corrected_is_believed"]),
    (Mutant::PaceIgnored, &["keeps_the_gateways_pace"]),
    (Mutant::OutsideForgotten, &["outside_is_counted", "asks_for_what_is_left"]),
    (Mutant::CountIgnored, &["keeps_the_gateways_count"]),
    (Mutant::ForgeryBelieved, &["forgery_is_refused", "posted_is_paid", "paid_with_intent"]),
];

impl Mutant {
    /// What brings it out, where ordinary runs seldom would.
    pub fn provoke(self, weather: &mut Weather, profiles: &mut [(&'static str, &'static Profile)], horizon: &mut i64) {
        match self {
            // Only after a day of silence, at a gateway that forgets and denies.
            Mutant::KeysForGood => {
                *horizon = 60 * 3_600_000;
                (weather.gateway_denies, weather.gateway_reply_lost) = (500, 300);
                profiles.iter_mut().for_each(|(_, profile)| *profile = &profile::UNHELPFUL);
            }
            // Only while a send is slow and others ask, at a gateway that pays every request.
            Mutant::LeaseIgnored => {
                *weather = Weather { slow: 200, ..Weather::default() };
                *horizon = 60_000;
                profiles.iter_mut().for_each(|(_, profile)| *profile = &profile::NAIVE);
            }
            // Only where a refusal was a lie.
            Mutant::ReinstateForgotten => (weather.gateway_refuses, weather.gateway_refuses_and_pays) = (500, 500),
            // Only where a failure was none, and somebody else wants the room before it is known.
            Mutant::DoubtForgotten => {
                *weather = Weather { gateway_says_failed: 500, notification_late: 900, ..Weather::default() };
                profiles.iter_mut().for_each(|(_, profile)| *profile = &profile::NAIVE);
            }
            // Only where a payment has more refunds than its gateway takes.
            Mutant::CountIgnored => profiles.iter_mut().for_each(|(_, profile)| *profile = &profile::ONCE),
            Mutant::ReversalNotBooked => weather.gateway_reverses = 500,
            _ => {}
        }
    }

    /// What it makes of a statement and its parameters.
    pub fn bend(self, statement: Statement, params: &mut [Value]) -> String {
        let sql = statement.sql;
        let saves = sql.starts_with("UPDATE refund SET version") || sql.starts_with("INSERT INTO refund");
        match self {
            Mutant::NoVersionGuard => sql.replace("AND version = ?2", "AND ?2 > 0"),
            Mutant::HoldWithoutSum => sql.replace("<= wanted.most", "<= wanted.most + 1000000000000"),
            Mutant::LinesNotHeld => sql.replace(
                "<= wanted.most",
                "<= wanted.most + iif(wanted.account LIKE 'line/%' OR wanted.account LIKE 'freight/%', 1000000000000, 0)",
            ),
            Mutant::ReleaseForgotten => {
                sql.replace("SET released_at = coalesce(released_at, ?5)", "SET released_at = released_at")
            }
            Mutant::ReinstateForgotten => sql.replace("SET released_at = NULL", "SET released_at = released_at"),
            Mutant::CorrectionForgotten => sql.replace("SET limit_fen = ?2", "SET limit_fen = limit_fen + 0 * ?2"),
            Mutant::PaceIgnored => sql.replace("AND other.sent_at > ?3 - wanted.apart", "AND other.sent_at > ?3"),
            Mutant::CountIgnored => sql.replace("other.rowid < hold.rowid", "other.rowid < 0"),
            Mutant::OutsideForgotten => sql.replace("CASE WHEN ?5 = 0 THEN NULL ELSE ?4 END", "?4"),
            Mutant::DoubtForgotten => sql.replace("other.doubt = 1", "other.doubt = 2"),
            Mutant::ReversalNotBooked if saves && sql.starts_with("UPDATE") => {
                if let Value::Text(text) = &mut params[8]
                    && text.contains("\"entry\":\"reversal")
                {
                    "[]".clone_into(text);
                }
                sql.to_owned()
            }
            Mutant::TermForgotten if saves && sql.starts_with("UPDATE") => {
                if let Value::Integer(due) = params[3]
                    && due > crate::run::EPOCH + 30 * 86_400_000
                {
                    params[3] = Value::Null;
                }
                sql.to_owned()
            }
            Mutant::LeaseIgnored if saves => {
                if params[5] != Value::Integer(0) {
                    params[3] = Value::Integer(0);
                }
                params[5] = Value::Integer(0);
                sql.to_owned()
            }
            Mutant::SentNotWritten if saves => {
                let document = if sql.starts_with("UPDATE") { 7 } else { 8 };
                if let Value::Text(text) = &mut params[document] {
                    *text = text.replace("\"phase\":\"sent\"", "\"phase\":\"ready\"");
                }
                sql.to_owned()
            }
            _ => sql.to_owned(),
        }
    }
}
