//! A person decides: what the rules declined, or what found no room, is paid because an operator proposes it and another
//! one agrees. It is a decision like any other: held on every account before it is sent, booked, told with its reason.
//!
//! What a gateway refused is not decided anew: it is paid another way ([`Refund::pay_another_way`]).

use serde::{Deserialize, Serialize};

use crate::case::{Case, Request, RequestLine};
use crate::decide;
use crate::policy::Rules;
use crate::postings::Line;
use crate::refund::{Refund, State};
use crate::refund_event::{Grant, GrantPayer, RefundEvent};

/// A proposal that nobody agreed to is none after so long, milliseconds: what it was made for may be otherwise by then.
pub(super) const PROPOSAL_MS: i64 = 7 * 86_400_000;

/// What an operator would have paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The event that proposed it.
    pub event_id: String,
    /// When we were told.
    pub at: i64,
    /// Who proposes it.
    pub by: String,
    /// Of which lines.
    pub lines: Vec<RequestLine>,
    /// Of what the buyer paid for delivery, fen.
    pub outbound_freight_fen: i64,
    /// Who bears it.
    pub payer: GrantPayer,
    /// Why.
    pub reason: String,
}

impl Refund {
    /// Takes up a proposal; it takes the place of one before.
    ///
    /// # Errors
    /// If a person has nothing to decide, or what is proposed does not fit the order.
    pub(crate) fn propose(
        &mut self,
        event: &RefundEvent,
        grant: &Grant,
        by: &str,
        now: i64,
    ) -> Result<Vec<Line>, &'static str> {
        self.is_for_people()?;
        let order = &self.case.order;
        let request = Request { lines: grant.lines.clone(), ..self.case.request.clone() };
        let case = Case { request, ..self.case.clone() };
        let freight = (0..=order.outbound_freight_fen).contains(&grant.outbound_freight_fen);
        if grant.lines.is_empty() || !freight || case.check(now).is_err() {
            return Err("does_not_add_up");
        }
        let Grant { lines, outbound_freight_fen, payer, reason } = grant.clone();
        let (event_id, by) = (event.event_id.clone(), by.to_owned());
        self.proposal = Some(Proposal { event_id, at: now, by, lines, outbound_freight_fen, payer, reason });
        Ok(Vec::new())
    }

    /// Another operator agrees to what was proposed.
    ///
    /// # Errors
    /// If it is the same, or the proposal is another one, or too old.
    pub(crate) fn approve(
        &mut self,
        proposal: &str,
        by: &str,
        rules: &Rules<'_>,
        now: i64,
    ) -> Result<Vec<Line>, &'static str> {
        if self.settlement.as_ref().is_some_and(|found| found.event_id == proposal) {
            return self.settle_outcome(by, now);
        }
        self.is_for_people()?;
        let proposed = self.proposal.as_ref().filter(|known| known.event_id == proposal).ok_or("no_such_proposal")?;
        if proposed.by == by {
            return Err("same_operator");
        }
        if now > proposed.at.saturating_add(PROPOSAL_MS) {
            return Err("proposal_too_old");
        }
        let Proposal { lines, outbound_freight_fen, payer, reason, .. } = proposed.clone();
        let grant = Grant { lines, outbound_freight_fen, payer, reason };
        let decision = decide::by_person(rules, &self.case, &grant, (&proposed.by, by), now);
        // What was released before stays released under its name.
        self.reissues = self.reissues.saturating_add(1);
        self.proposal = None;
        self.decide_again(decision, now);
        Ok(Vec::new())
    }

    fn is_for_people(&self) -> Result<(), &'static str> {
        match self.state {
            State::Declined => Ok(()),
            State::Void if self.is_in_doubt() => Err("refused_by_the_gateway"),
            // What its insurer has paid is booked and stays claimed.
            State::Void if self.aftermath.claim_booked => Err("claim_already_paid"),
            State::Void => Ok(()),
            State::Waiting | State::Issuing | State::Posted | State::Reversed => Err("nothing_for_people"),
        }
    }
}

#[cfg(test)]
#[path = "person/tests.rs"]
mod tests;
