//! Planted bugs: what the simulator must catch to be believed. None needs a hook in the function: they sit in the ports
//! and in the adapter.

use shared::platform::{Statement, Value};

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
}

/// Each with the invariants that may catch it.
pub const ALL: [(Mutant, &[&str]); 10] = [
    (Mutant::ResendWithoutQuery, &["one_payment"]),
    (Mutant::KeyFromAmount, &["posted_is_paid", "reaches_a_final_state"]),
    (Mutant::NoVersionGuard, &["lawful_transition", "one_payment", "ledger_balanced", "event_kept"]),
    (Mutant::HoldWithoutSum, &["never_over_refunded", "holds_within_limits"]),
    (Mutant::LeaseIgnored, &["one_payment"]),
    (Mutant::NoLedgerTrigger, &["ledger_balanced"]),
    (Mutant::AmountOffByOne, &["right_amount"]),
    (Mutant::ReleaseForgotten, &["holds_as_due"]),
    (Mutant::KeysForGood, &["one_payment"]),
    (Mutant::SentNotWritten, &["one_payment"]),
];

impl Mutant {
    /// What it makes of a statement and its parameters.
    pub fn bend(self, statement: Statement, params: &mut [Value]) -> String {
        let sql = statement.sql;
        let saves = sql.starts_with("UPDATE refund") || sql.starts_with("INSERT INTO refund");
        match self {
            Mutant::NoVersionGuard => sql.replace("AND version = ?2", "AND ?2 > 0"),
            Mutant::HoldWithoutSum => sql.replace("+ ?3 <= ?4", "+ ?3 <= ?4 + 1000000000000"),
            Mutant::ReleaseForgotten => {
                sql.replace("SET released_at = coalesce(released_at, ?5)", "SET released_at = released_at")
            }
            Mutant::LeaseIgnored if saves => {
                let (due, until) = if sql.starts_with("UPDATE") { (3, 5) } else { (4, 6) };
                if params[until] != Value::Integer(0) {
                    params[due] = Value::Integer(0);
                }
                params[until] = Value::Integer(0);
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
