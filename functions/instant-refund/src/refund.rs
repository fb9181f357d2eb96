//! A refund: one intent, its decision, and how far it has come. The document of a row in `store`.
//!
//! The states, and the only ways between them:
//!
//! ```text
//!            ┌────────── decided again ──────────┐
//!            ▼                                   │
//! request ─► Waiting ─► Issuing ─► Posted ◄──────┬─► Reversed: the gateway took back what it had paid
//!    │          │          │  ▲      (follow-ups) └── and paid after all
//!    ├► Declined◄          ▼  │ the gateway paid after it had refused
//!    └────────► Issuing   Void─┘
//! ```
//!
//! From `Reversed`, and from a `Void` that a gateway refused, an operator leads back to `Issuing`: paid another way.
//!
//! **Invariant: what may have been sent is written before it is sent.** A row in [`Phase::Sent`] may have reached the
//! gateway; whoever takes it over asks before it sends again.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shared::hex::hex;

use crate::case::Case;
use crate::decision::{Decision, Hold, Leg, Outcome, Route};
use crate::gateway::Instruction;

mod aftermath;
mod correction;
pub mod document;
mod next;
mod person;
mod reversal;
mod settlement;
mod stuck;
mod terms;
mod transition;
pub use aftermath::{Aftermath, SecondPayment};
pub use next::{Came, Step};
pub use person::Proposal;
pub use settlement::Settlement;
pub use stuck::{SetAside, Stuck, UNATTENDED_MS};
pub use transition::{Effect, PREPARING_MS, SKEW_MS, pause_ms};

/// How many shards refunds are spread over: what is due is found by asking each.
pub const SHARDS: u8 = 32;

/// How far a refund has come; the column `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Something must happen, or time must pass, before it is decided.
    Waiting,
    /// Decided: no money.
    Declined,
    /// Decided: money. It is on its way.
    Issuing,
    /// The money has moved; booked.
    Posted,
    /// Decided: money, but it could not be reserved, or the gateway refused for good. Nothing moved.
    Void,
    /// The money had moved, and the gateway took it back: booked both ways, and the buyer does not have it.
    Reversed,
}

impl State {
    /// Its name in the column and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Declined => "declined",
            State::Issuing => "issuing",
            State::Posted => "posted",
            State::Void => "void",
            State::Reversed => "reversed",
        }
    }

    /// The one of a name.
    pub fn of(name: &str) -> Option<State> {
        use State::{Declined, Issuing, Posted, Reversed, Void, Waiting};
        [Waiting, Declined, Issuing, Posted, Void, Reversed].into_iter().find(|state| state.name() == name)
    }

    /// Whether the answer to the request will not change any more.
    pub const fn is_final(self) -> bool {
        matches!(self, State::Declined | State::Posted | State::Void | State::Reversed)
    }
}

/// How far an issuing refund is with the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Definitely not done under the present key: it may be sent.
    Ready,
    /// It may have been sent, or be about to be: ask before sending again.
    Sent,
    /// The gateway has taken it on.
    Accepted,
}

/// What is known of the issuing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuing {
    /// How far it is.
    pub phase: Phase,
    /// Counts keys, from 1.
    pub attempt: u32,
    /// When the present key was first about to be sent.
    pub key_since: i64,
    /// When it was last about to be sent; the send itself begins within [`PREPARING_MS`], or not at all.
    pub sent_at: i64,
    /// How often it was looked after since anything changed; sets the pace.
    pub tries: u32,
    /// Whether the fund advances the money.
    pub advance: bool,
    /// The last thing that went wrong.
    pub trouble: Option<String>,
    /// Everything that the decision holds is known to be held: nothing of it will be given back to somebody else.
    #[serde(default)]
    pub reserved: bool,
    /// The gateway's id of the refund.
    pub refund_no: Option<String>,
    /// When the money moved.
    pub posted_at: Option<i64>,
    /// The present key can never make this refund: it was used for something else, or a failure is stored under it.
    #[serde(default)]
    pub spent: bool,
    /// Since when a send under the present key ended unknown, and nothing could prove that it did nothing.
    #[serde(default)]
    pub doubtful_since: Option<i64>,
    /// When the gateway said that it does not pay, or has not paid: it is asked again before the room is given to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<i64>,
    /// When it had been on its way for longer than a gateway may take, and people were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_at: Option<i64>,
    /// The gateway has paid, and somebody says in its name that it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contested: Option<Contested>,
    /// An operator has it paid another way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Instead>,
}

/// A payment that may have come back: the gateway is asked until it says so, or that it has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contested {
    /// Since when.
    pub since: i64,
    /// What was said.
    pub code: String,
    /// How often the gateway was asked.
    pub tries: u32,
    /// When it is asked next.
    pub ask_at: i64,
}

/// How far another way than along the payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// The gateway is asked first whether it has paid after all.
    Asking,
    /// It has not: the legs go the other way.
    Paying,
}

/// An event that was taken in, so that a repeat is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenEvent {
    /// Its id.
    pub event_id: String,
    /// First half of the SHA-256 of what it said.
    pub digest: String,
    /// It is a fact: told again, it changes nothing, also where nobody remembers that it was told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fact: bool,
}

/// The document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// `rf_` and 40 hex digits.
    pub id: String,
    /// Who asked for it; empty of those that builds before did not note it of, which every caller may read as it could.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caller: String,
    /// When it was first asked for.
    pub created_at: i64,
    /// When it was decided.
    pub decided_at: i64,
    /// What is known.
    pub case: Case,
    /// What was decided on it.
    pub decision: Decision,
    /// How far it has come.
    pub state: State,
    /// The issuing, once decided.
    pub issuing: Option<Issuing>,
    /// Holds to be released before anything else: a void, or a reservation that has done its work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releasing: Vec<Hold>,
    /// Released holds to be held again: the gateway paid after it had refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reinstating: Vec<Hold>,
    /// Holds whose accounts have another limit than was told: an operator has corrected what was paid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub correcting: Vec<Hold>,
    /// Holds of an earlier decision that were taken already, while the case waits again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Hold>,
    /// What an operator would have paid, until another one agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// What an operator has found out of its payment, until another one has too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement: Option<Settlement>,
    /// A person has seen that it is stuck, and leaves it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<SetAside>,
    /// Events taken in so far, most recent last; at most [`MAX_EVENTS`].
    #[serde(default)]
    pub told: Vec<TakenEvent>,
    /// What came after the payment.
    #[serde(default)]
    pub aftermath: Aftermath,
    /// How often the gateway took back what it had paid.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reversals: u32,
    /// How often it was to be paid another way: it then holds under another name, for what it held before was released.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reissues: u32,
    /// Holds of a payment that came back, for what did not: a claim, a compensation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<Hold>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// The most events that one refund remembers. Facts beyond it are taken in all the same, and the oldest forgotten.
pub const MAX_EVENTS: usize = 200;
/// From so many on, what says nothing new is not remembered.
pub const MANY_EVENTS: usize = 100;

/// The id of the refund that a caller's idempotency key stands for. The same caller and key are the same refund, on
/// every host and for ever; keys may rotate, callers do not.
pub fn refund_id(caller: &str, idempotency_key: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"venditor/refund/v1\0");
    digest.update(caller);
    digest.update([0]);
    digest.update(idempotency_key);
    let digest = digest.finalize();
    format!("rf_{}", hex(digest.get(..20).unwrap_or_default()))
}

/// Whether a text has the form of a refund's id.
pub fn is_refund_id(text: &str) -> bool {
    text.strip_prefix("rf_")
        .is_some_and(|rest| rest.len() == 40 && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

/// The number of the shard that an id belongs to.
pub fn shard_of(id: &str) -> u8 {
    let first = id.get(3..5).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
    first.checked_rem(SHARDS).unwrap_or(0)
}

/// The id in a name that amounts are held under.
pub fn id_of_hold(name: &str) -> &str {
    name.split_once('/').map_or(name, |(id, _)| id)
}

/// The id in a gateway's key.
pub fn id_of_key(key: &str) -> Option<(&str, u32)> {
    let (id, attempt) = match key.split_once('-') {
        Some((id, attempt)) => (id, attempt.parse().ok().filter(|n| *n >= 2)?),
        None => (key, 1),
    };
    is_refund_id(id).then_some((id, attempt))
}

impl Refund {
    /// A new one, as decided. An approved one is [`Phase::Sent`] from the start: its maker may send it at once.
    pub fn new(id: String, case: Case, decision: Decision, now: i64) -> Refund {
        let mut refund = Refund {
            id,
            caller: String::new(),
            created_at: now,
            decided_at: now,
            case,
            decision,
            state: State::Waiting,
            issuing: None,
            releasing: Vec::new(),
            reinstating: Vec::new(),
            correcting: Vec::new(),
            kept: Vec::new(),
            proposal: None,
            settlement: None,
            set_aside: None,
            told: Vec::new(),
            aftermath: Aftermath::default(),
            reversals: 0,
            reissues: 0,
            settled: Vec::new(),
        };
        refund.settle_state(now);
        refund
    }

    /// Takes a new decision in place of a waiting one.
    pub fn decide_again(&mut self, decision: Decision, now: i64) {
        self.decision = decision;
        self.decided_at = now;
        self.set_aside = None;
        self.settle_state(now);
        match self.state {
            State::Waiting => {}
            State::Declined => self.releasing.append(&mut self.kept),
            State::Issuing | State::Posted | State::Void | State::Reversed => {
                let holds = &self.decision.holds;
                self.kept.retain(|kept| holds.iter().all(|hold| hold.account != kept.account));
                self.releasing.append(&mut self.kept);
            }
        }
    }

    fn settle_state(&mut self, now: i64) {
        self.state = match self.decision.outcome {
            Outcome::Approved => State::Issuing,
            Outcome::Waiting => State::Waiting,
            Outcome::Declined => State::Declined,
        };
        if self.state == State::Issuing {
            // A key that was given up is never taken again: the gateway may have forgotten it.
            let (attempt, key_since) = self.issuing.as_ref().map_or((1, now), |known| (known.attempt, known.key_since));
            self.issuing = Some(Issuing {
                phase: Phase::Sent,
                attempt,
                key_since,
                sent_at: now,
                tries: 0,
                advance: false,
                trouble: None,
                reserved: false,
                refund_no: None,
                posted_at: None,
                spent: false,
                doubtful_since: None,
                refused_at: None,
                overdue_at: None,
                contested: None,
                instead: None,
            });
        }
    }

    /// Whether the stores are to be put right before anything else is done.
    pub fn is_untidy(&self) -> bool {
        !(self.releasing.is_empty() && self.reinstating.is_empty() && self.correcting.is_empty())
    }

    /// The present gateway key.
    pub fn key(&self) -> String {
        match self.issuing.as_ref().map_or(1, |issuing| issuing.attempt) {
            0 | 1 => self.id.clone(),
            attempt => format!("{}-{attempt}", self.id),
        }
    }

    /// The name that it holds amounts under. Another one each time that it is paid another way, as what was released under
    /// a name stays released.
    pub fn hold_as(&self) -> String {
        if self.reissues == 0 { self.id.clone() } else { format!("{}/{}", self.id, self.reissues) }
    }

    /// What goes back along the payment, fen.
    pub fn gateway_fen(&self) -> i64 {
        self.decision.sum_fen(|leg| leg.route == Route::Gateway)
    }

    /// What is given back of the payment, fen: along it, or in place of it. It is what the gateway is, or was, asked for.
    pub fn given_back_fen(&self) -> i64 {
        self.decision.sum_fen(|leg| leg.route.gives_back())
    }

    /// The legs that were paid: of a posted refund ours, and the insurer's once it has paid, as much as it paid; of a void
    /// one that alone; of one that came back what did not go along the payment.
    pub fn paid_legs(&self) -> Vec<Leg> {
        let ours = |leg: &Leg| match self.state {
            State::Posted => true,
            State::Reversed => !leg.route.gives_back(),
            State::Waiting | State::Declined | State::Issuing | State::Void => false,
        };
        let insurer = self.aftermath.claim_paid_fen.filter(|_| self.aftermath.claim_booked);
        let paid = |leg: &Leg| match (leg.route, insurer) {
            (Route::InsuranceClaim, paid) => paid.map(|amount_fen| Leg { amount_fen, ..leg.clone() }),
            (Route::Gateway | Route::AccountCredit | Route::CreditInstead, _) => ours(leg).then(|| leg.clone()),
        };
        self.decision.legs.iter().filter_map(paid).collect()
    }

    /// What the gateway is asked for.
    pub fn instruction(&self, notify_url: String) -> Instruction {
        let payment = &self.case.order.payment;
        Instruction {
            transaction_id: payment.transaction_id.clone(),
            key: self.key(),
            amount_fen: self.given_back_fen(),
            paid_fen: payment.paid_fen,
            advance: self.issuing.as_ref().is_some_and(|issuing| issuing.advance),
            notify_url,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ids() {
        let id = refund_id("after-sales", "k-1");
        assert!(is_refund_id(&id) && id != refund_id("after-sales", "k-2") && id != refund_id("after-sale", "sk-1"));
        assert_eq!(id_of_key(&id), Some((id.as_str(), 1)));
        assert_eq!(id_of_key(&format!("{id}-2")), Some((id.as_str(), 2)));
        for bad in ["", "rf_", &format!("{id}-1"), &format!("{id}-x"), &format!("{id}0"), &id.to_uppercase()] {
            assert_eq!(id_of_key(bad), None, "{bad}");
        }
        assert_eq!(shard_of("rf_2100000000000000000000000000000000000000"), 1);
        assert!((0..=255).all(|n: u8| shard_of(&format!("rf_{n:02x}")) < SHARDS));
    }
}
