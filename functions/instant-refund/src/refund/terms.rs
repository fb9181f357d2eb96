//! When what is open ends: each has a term, from the policy that decided. At its end either something is done by itself, or
//! people are told, once.
//!
//! | open | until | then |
//! |---|---|---|
//! | a request that is brought late | `terms.request_days` from the request | declined, for people |
//! | the merchant's answer, the posting, the way back, the inspection | `waiting.until` | decided again, as the rule says of silence |
//! | on its way to the gateway, not sent | `terms.gateway_days` from the decision | void; its room is given to others, who ask first |
//! | on its way, perhaps sent | the same | `gateway_term_passed`; asked once a day from then on |
//! | contested | the same from the news | as it was known before; `contest_given_up` |
//! | the goods that were paid for in advance | `instant_refund.claw_back_days` | claimed back from the buyer |
//! | the buyer's debt | `terms.receivable_days` | the marketplace bears it; the quota is free |
//! | the merchant's appeal | `instant_refund.appeal_days` | none lies any more; the quota is free |
//! | an appeal that was made | `terms.appeal_decision_days` | `appeal_undecided` |
//! | the fund's recourse | `fund.recourse_days` | written off |
//! | the insurer's claim | `freight_insurance.claim_window_days` | `claim_unsettled`; it may still pay, and no second claim is made |
//! | an operator's proposal | seven days (`refund/person.rs`) | nobody can agree to it any more |
//! | an instant refund among those of a year | 365 days | no longer counted |

use crate::decision::Account;
use crate::policy::Terms;
use crate::postings;
use crate::refund::{Effect, Phase, Refund, State};

const DAY_MS: i64 = 86_400_000;
/// The pace of asking once a term has passed.
pub(super) const SELDOM_MS: i64 = DAY_MS;
/// How long a buyer's debt is claimed if the decision does not say: the limitation of actions (Civil Code art. 188).
const LIMITATION_DAYS: i64 = 1095;

const fn days_after(at: i64, days: i64) -> i64 {
    at.saturating_add(days.saturating_mul(DAY_MS))
}

impl Refund {
    /// Whether it has been on its way for longer than a gateway may take.
    fn is_beyond_the_gateways_term(&self, terms: &Terms, now: i64) -> bool {
        self.state == State::Issuing
            && !self.goes_another_way()
            && now > days_after(self.decided_at, terms.gateway_days)
    }

    /// Whether it is given up: it has not been sent under its present key, and its time is over.
    pub(super) fn is_given_up(&self, terms: &Terms, now: i64) -> bool {
        let unsent = self.issuing.as_ref().is_some_and(|issuing| issuing.phase == Phase::Ready);
        unsent && self.is_beyond_the_gateways_term(terms, now)
    }

    /// What comes of a report on what has been on its way for too long: people are told, and the gateway is asked seldom.
    pub(super) fn overdue(&mut self, effect: Effect, terms: &Terms, now: i64) -> Effect {
        if !self.is_beyond_the_gateways_term(terms, now) || self.is_given_up(terms, now) {
            return effect;
        }
        let Some(issuing) = self.issuing.as_mut() else { return effect };
        let told = issuing.overdue_at.replace(now).is_some();
        let due_at = effect.due_at.map(|due| due.max(now.saturating_add(SELDOM_MS)));
        let alarm = effect.alarm.or((!told).then_some("gateway_term_passed"));
        Effect { due_at, alarm, unchanged: false, ..effect }
    }

    /// Whether nobody could say in time what became of a payment that was contested.
    pub(super) fn is_contest_over(&self, terms: &Terms, now: i64) -> bool {
        self.contested().is_some_and(|contested| now > days_after(contested.since, terms.gateway_days))
    }

    /// When an appeal should be decided.
    pub fn appeal_decision_due(&self) -> Option<i64> {
        let aftermath = &self.aftermath;
        let open =
            self.state == State::Posted && aftermath.appeal_upheld.is_none() && aftermath.appeal_overdue_at.is_none();
        let days = self.decision.follow_up.appeal_decision_days?;
        aftermath.appealed_at.filter(|_| open).map(|at| days_after(at, days))
    }

    /// When the insurer should have paid or refused.
    pub fn claim_due(&self) -> Option<i64> {
        let aftermath = &self.aftermath;
        let silent = aftermath.claim_paid_fen.is_none() && aftermath.claim_failure.is_none();
        let open = self.state == State::Posted && silent && aftermath.claim_overdue_at.is_none();
        self.decision.follow_up.claim_until.filter(|_| open)
    }

    /// What the buyer owes: what was claimed back, and what was paid besides.
    pub fn receivable_fen(&self) -> i64 {
        let claimed = if self.is_clawed_back() { self.given_back_fen() } else { 0 };
        let owed = claimed.saturating_add(self.overpaid_fen());
        owed.saturating_sub(self.aftermath.repaid_fen).saturating_sub(self.aftermath.given_up_fen).max(0)
    }

    /// When what the buyer owes is given up.
    pub fn receivable_due(&self) -> Option<i64> {
        if self.state != State::Posted || self.receivable_fen() == 0 {
            return None;
        }
        let claimed = self.aftermath.clawed_back_at.filter(|_| self.is_clawed_back());
        let besides = self.aftermath.second_payments.iter().map(|second| second.at);
        let since = besides.chain(claimed).max()?;
        Some(days_after(since, self.decision.follow_up.receivable_days.unwrap_or(LIMITATION_DAYS)))
    }

    /// The first of these terms.
    pub(super) fn next_term(&self) -> Option<i64> {
        [self.appeal_decision_due(), self.claim_due(), self.receivable_due()].into_iter().flatten().min()
    }

    /// What of these has ended by now: what to book, and what to tell. One thing to tell at a time: the next is due at once.
    pub(crate) fn end_terms(&mut self, now: i64) -> (Vec<postings::Line>, Option<&'static str>) {
        let over = |due: Option<i64>| due.is_some_and(|due| due <= now);
        let mut lines = Vec::new();
        if over(self.receivable_due()) {
            let open = self.receivable_fen();
            lines = postings::given_up(self, open, now);
            self.aftermath.given_up_fen = self.aftermath.given_up_fen.saturating_add(open);
            self.aftermath.receivable_given_up_at = Some(now);
            if self.is_clawed_back() {
                self.release(Account::is_quota);
            }
            return (lines, Some("receivable_given_up"));
        }
        if over(self.appeal_decision_due()) {
            self.aftermath.appeal_overdue_at = Some(now);
            return (lines, Some("appeal_undecided"));
        }
        if over(self.claim_due()) {
            self.aftermath.claim_overdue_at = Some(now);
            return (lines, Some("claim_unsettled"));
        }
        (lines, None)
    }
}

#[cfg(test)]
#[path = "terms/tests.rs"]
mod tests;
