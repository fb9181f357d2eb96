//! Whether a refund goes on by itself, or wants a person: and for what. (`store/listing.rs` has the sieve that finds them.)
//!
//! | code | what a person does |
//! |---|---|
//! | `outcome_unknown` | looks at the gateway's console; then `outcome_proposed`, and another agrees |
//! | `abnormal` | WeChat Pay cannot reach the buyer's account: settles it in the console |
//! | `payment_disputed` | sees the dispute of the payment to its end; then the refund goes on by itself |
//! | `gateway_not_configured` | puts the deployment's configuration right |
//! | `still_open`, `still_contested` | asks the gateway why it does not say |
//! | `refused`, `reversed` | has it paid another way (`pay_another_way`), or sets it aside |
//! | `paid_twice` | gets back what was paid besides (`buyer_repaid`), or sets it aside |
//! | `proposal_waits` | another operator agrees (`decision_approved`) |
//! | `appeal_undecided` | decides it (`appeal_decided`) |
//! | `claim_unsettled` | asks the insurer, and tells what it says (`claim_paid`, `claim_failed`) |
//! | `not_looked_after` | sees to it that the sweep runs, and that the refund's policy pack is at hand |

use serde::{Deserialize, Serialize};

use super::transition::MANY_TRIES;
use super::{Instead, Phase, Refund, State};

/// What is due is looked after within minutes; so much later, in milliseconds, nobody is.
pub const UNATTENDED_MS: i64 = 600_000;

/// What a person is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stuck {
    /// A stable name.
    pub code: &'static str,
    /// Since when, milliseconds since the epoch.
    pub since: i64,
}

/// A person has seen that a refund is stuck, and leaves it so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// When.
    pub at: i64,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Refund {
    /// What a person is wanted for, if for anything. `due_at` is its row's.
    pub fn stuck(&self, due_at: Option<i64>, now: i64) -> Option<Stuck> {
        if self.set_aside.is_some() {
            return None;
        }
        let unattended = due_at.filter(|due| due.saturating_add(UNATTENDED_MS) <= now);
        let unattended = unattended.map(|due| Stuck { code: "not_looked_after", since: due.max(self.created_at) });
        self.waits_for_people().or(unattended)
    }

    fn waits_for_people(&self) -> Option<Stuck> {
        let stuck = |code, since| Some(Stuck { code, since });
        if let Some(proposal) = &self.settlement {
            return stuck("proposal_waits", proposal.at);
        }
        if let Some(issuing) = &self.issuing {
            let issued = self.state == State::Issuing;
            if self.is_outcome_unknown() {
                return stuck("outcome_unknown", issuing.overdue_at.unwrap_or(issuing.sent_at));
            }
            let code = match issuing.trouble.as_deref() {
                Some("abnormal") => Some("abnormal"),
                Some("payment_disputed") => Some("payment_disputed"),
                Some("gateway_not_allowed" | "gateway_not_configured") => Some("gateway_not_configured"),
                _ if issuing.tries >= MANY_TRIES => Some("still_open"),
                _ => None,
            };
            if let Some(code) = code.filter(|_| issued) {
                return stuck(code, self.decided_at);
            }
            if let Some(contested) = issuing.contested.as_ref().filter(|contested| contested.tries >= MANY_TRIES) {
                return stuck("still_contested", contested.since);
            }
        }
        let refused_at = self.issuing.as_ref().and_then(|issuing| issuing.refused_at);
        match self.state {
            State::Reversed => return stuck("reversed", refused_at.unwrap_or(self.decided_at)),
            State::Void if self.is_in_doubt() => return stuck("refused", refused_at.unwrap_or(self.decided_at)),
            _ => {}
        }
        if let Some(proposal) = &self.proposal {
            return stuck("proposal_waits", proposal.at);
        }
        let aftermath = &self.aftermath;
        if let Some(second) = aftermath.second_payments.last().filter(|_| self.receivable_fen() > 0) {
            return stuck("paid_twice", second.at);
        }
        if let Some(at) = aftermath.appeal_overdue_at.filter(|_| aftermath.appeal_upheld.is_none()) {
            return stuck("appeal_undecided", at);
        }
        let silent = aftermath.claim_paid_fen.is_none() && aftermath.claim_failure.is_none();
        aftermath.claim_overdue_at.filter(|_| silent).and_then(|at| stuck("claim_unsettled", at))
    }

    /// Whether nobody here will ever know what became of it: it may have been sent, and its gateway has not said in time.
    pub fn is_outcome_unknown(&self) -> bool {
        let Some(issuing) = self.issuing.as_ref().filter(|_| self.state == State::Issuing) else { return false };
        let forgotten = issuing.trouble.as_deref() == Some("key_too_old");
        match issuing.instead {
            Some(Instead::Paying) => false,
            Some(Instead::Asking) => issuing.tries >= MANY_TRIES,
            None => issuing.phase != Phase::Ready && (forgotten || issuing.overdue_at.is_some()),
        }
    }

    /// A person leaves it as it is.
    ///
    /// # Errors
    /// If it goes on by itself, or is to be settled.
    pub(crate) fn put_aside(&mut self, at: i64, by: &str, reason: &str) -> Result<(), &'static str> {
        match self.state {
            State::Posted | State::Void | State::Reversed => {}
            State::Waiting | State::Declined | State::Issuing => return Err("not_to_be_set_aside"),
        }
        self.set_aside = Some(SetAside { at, by: by.to_owned(), reason: reason.to_owned() });
        Ok(())
    }
}

#[cfg(test)]
#[path = "stuck/tests.rs"]
mod tests;
