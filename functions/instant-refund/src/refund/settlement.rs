//! What became of a payment that its gateway never spoke of: two operators say it, after the gateway's console.
//!
//! Money may have moved, so nobody decides it alone, and nothing is guessed: until both have said the same, the refund keeps
//! what it holds. If it was paid, it is booked as if its gateway had said so; if not, it is void, and what it held is free.

use serde::{Deserialize, Serialize};

use super::person::PROPOSAL_MS;
use super::{Instead, Refund};
use crate::decision::{Input, Reason, Scalar};
use crate::gateway::Settled;
use crate::postings::Line;
use crate::refund_event::{Finding, RefundEvent};

/// What an operator has found out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The event that says it.
    pub event_id: String,
    /// When we were told.
    pub at: i64,
    /// Who says it.
    pub by: String,
    /// What.
    pub finding: Finding,
}

impl Refund {
    /// Takes up what an operator has found; it takes the place of what was found before.
    ///
    /// # Errors
    /// If its gateway may still say it.
    pub(crate) fn propose_outcome(
        &mut self,
        event: &RefundEvent,
        finding: &Finding,
        by: &str,
        now: i64,
    ) -> Result<Vec<Line>, &'static str> {
        if !self.is_outcome_unknown() {
            return Err("outcome_not_unknown");
        }
        let (event_id, by) = (event.event_id.clone(), by.to_owned());
        self.settlement = Some(Settlement { event_id, at: now, by, finding: finding.clone() });
        Ok(Vec::new())
    }

    /// Another operator has found the same: what to book.
    ///
    /// # Errors
    /// If it is the same operator, or was found too long ago.
    pub(crate) fn settle_outcome(&mut self, by: &str, now: i64) -> Result<Vec<Line>, &'static str> {
        let found = self.settlement.clone().ok_or("no_such_proposal")?;
        if !self.is_outcome_unknown() {
            return Err("outcome_not_unknown");
        }
        if found.by == by {
            return Err("same_operator");
        }
        if now > found.at.saturating_add(PROPOSAL_MS) {
            return Err("proposal_too_old");
        }
        self.settlement = None;
        let input =
            |name: &'static str, text: &str| Input { name: name.into(), value: Scalar::Text(text.to_owned().into()) };
        let inputs =
            vec![input("reason", &found.finding.reason), input("proposed_by", &found.by), input("approved_by", by)];
        let code = if found.finding.paid { "settled_as_paid" } else { "settled_as_unpaid" };
        self.decision.reasons.push(Reason { code: code.into(), leg: None, article: "".into(), inputs });
        let asked = self.issuing.as_ref().and_then(|issuing| issuing.instead) == Some(Instead::Asking);
        let effect = match (found.finding.paid, asked) {
            (true, asked) => {
                let settled =
                    Settled { refund_no: found.finding.refund_no.unwrap_or_default(), at: found.finding.paid_at };
                // What it held was released when its gateway refused it.
                if asked { self.paid_after_all(settled, now) } else { self.post(settled, now) }
            }
            (false, true) => self.go_another_way(now),
            (false, false) => {
                let effect = self.void(code, now);
                // Two people have looked: nobody who takes its room has to ask.
                self.issuing.iter_mut().for_each(|issuing| issuing.refused_at = None);
                effect
            }
        };
        Ok(effect.postings)
    }
}

#[cfg(test)]
#[path = "settlement/tests.rs"]
mod tests;
