//! What is to be done with a refund next. Pure: the shell (`issue`) does it, saves, and asks again.

use crate::case::Case;
use crate::decide;
use crate::decision::{Account, Hold, Input, LegKind, Outcome, Reason, Route, Scalar};
use crate::gateway::Report;
use crate::policy::Rules;
use crate::refund::{Effect, Instead, PREPARING_MS, Phase, Refund, State};

/// A rule that waits for an instant in the past is asked again after so long, milliseconds: it must not spin.
const PAST_WAIT_MS: i64 = 60_000;

/// What whoever holds a refund does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Release and hold again what it says; then [`Refund::put_right`].
    PutRight,
    /// Reserve, and send what is reserved; then [`Refund::came`].
    Send,
    /// Ask the gateway whether it was sent; then [`Refund::came`].
    Ask,
    /// Take in what the gateway said.
    Take(Report),
    /// Save it and go on holding it.
    Keep {
        /// What to save.
        refund: Box<Refund>,
        /// Whether nothing can have been sent under its present key, once it is saved.
        fresh: bool,
        /// Whether it was decided just now, which is worth telling.
        decided: bool,
    },
    /// Save it and let go of it.
    Leave {
        /// What to save.
        refund: Box<Refund>,
        /// What goes with it.
        effect: Effect,
        /// Whether what is due at once is done at once.
        go_on: bool,
    },
}

/// What came of reserving, sending or asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// The gateway said something.
    Report(Report),
    /// It could not be reserved on an account.
    Full {
        /// Which.
        account: Account,
        /// What is left on it.
        left: i64,
    },
    /// What it had reserved was released.
    Released,
    /// Nothing was learnt.
    Later {
        /// Why.
        trouble: &'static str,
        /// When to try again.
        at: i64,
    },
}

fn keep(refund: Refund, fresh: bool) -> Step {
    Step::Keep { refund: Box::new(refund), fresh, decided: false }
}

fn leave(refund: Refund, due_at: Option<i64>, go_on: bool) -> Step {
    Step::Leave { refund: Box::new(refund), effect: Effect { due_at, ..Effect::default() }, go_on }
}

impl Refund {
    /// The next step. `fresh`: nothing can have been sent under its present key.
    pub fn next(&self, fresh: bool, rules: &Rules<'_>, now: i64) -> Step {
        if self.is_untidy() {
            return Step::PutRight;
        }
        match self.state {
            State::Issuing => self.next_issuing(fresh, rules, now),
            State::Waiting => self.next_waiting(rules, now),
            State::Posted | State::Void | State::Reversed
                if self.contested().is_some_and(|contested| contested.ask_at <= now) =>
            {
                Step::Ask
            }
            State::Posted | State::Reversed => {
                let mut refund = self.clone();
                let effect = refund.fall_due(now);
                Step::Leave { refund: Box::new(refund), effect, go_on: false }
            }
            State::Declined | State::Void => leave(self.clone(), self.next_due(), false),
        }
    }

    fn next_issuing(&self, fresh: bool, rules: &Rules<'_>, now: i64) -> Step {
        if self.issuing.as_ref().is_some_and(|issuing| issuing.instead == Some(Instead::Asking)) {
            return Step::Ask;
        }
        if !fresh && self.is_given_up(&rules.at(self.case.order.paid_at).terms, now) {
            let mut refund = self.clone();
            // Whoever takes its room asks its gateway first.
            refund.issuing.iter_mut().for_each(|issuing| issuing.refused_at = Some(now));
            return refund.end_void("gateway_term_passed", now);
        }
        let (phase, marked_at) =
            self.issuing.as_ref().map_or((Phase::Sent, now), |issuing| (issuing.phase, issuing.sent_at));
        // The mark must be recent when it is sent; one that has grown old by now is made again.
        let old = fresh && now.saturating_sub(marked_at) > PREPARING_MS / 4;
        if phase == Phase::Ready || old {
            let mut refund = self.clone();
            if let Some(issuing) = refund.issuing.as_mut() {
                issuing.phase = Phase::Sent;
                issuing.sent_at = now;
            }
            return keep(refund, true);
        }
        if fresh { Step::Send } else { Step::Ask }
    }

    fn next_waiting(&self, rules: &Rules<'_>, now: i64) -> Step {
        let mut refund = self.clone();
        if self.next_due().is_some_and(|due| due > now) {
            return leave(refund, self.next_due(), false);
        }
        refund.decide_again(decide::by(rules, &self.case, now), now);
        if refund.state == State::Issuing {
            return Step::Keep { refund: Box::new(refund), fresh: true, decided: true };
        }
        let due_at = refund.next_due().map(|due| due.max(now.saturating_add(PAST_WAIT_MS)));
        leave(refund, due_at, false)
    }

    /// What becomes of one that waits and is due, when many are decided at a time: the document, and when it is due next.
    /// One that is to be paid is sent later, in its turn: `turn_at`. `None`: it is looked after by itself.
    pub fn decided_in_turn(&self, rules: &Rules<'_>, turn_at: i64, now: i64) -> Option<(Refund, Option<i64>)> {
        if self.state != State::Waiting || self.is_untidy() {
            return None;
        }
        match self.next(false, rules, now) {
            Step::Keep { mut refund, decided: true, .. } => {
                if let Some(issuing) = refund.issuing.as_mut() {
                    issuing.phase = Phase::Ready;
                }
                Some((*refund, Some(turn_at)))
            }
            Step::Leave { refund, effect, .. } if effect.postings.is_empty() => Some((*refund, effect.due_at)),
            _ => None,
        }
    }

    /// The step after releasing and holding again what it said.
    pub fn put_right(&self, fresh: bool) -> Step {
        let mut refund = self.clone();
        refund.releasing.clear();
        refund.reinstating.clear();
        refund.correcting.clear();
        if refund.state == State::Issuing {
            return keep(refund, fresh);
        }
        let due_at = refund.next_due();
        leave(refund, due_at, false)
    }

    /// The step after reserving, sending or asking. `sent`: it may have been sent.
    pub fn came(&self, came: Came, sent: bool, rules: &Rules<'_>, now: i64) -> Step {
        let mut refund = self.clone();
        match came {
            Came::Report(report) => Step::Take(report),
            Came::Full { account, .. } if account.is_of_trust() => {
                refund.go_without_quota(account, rules, now);
                if refund.state == State::Issuing {
                    return keep(refund, true);
                }
                refund.issuing = None;
                let due_at = refund.next_due();
                leave(refund, due_at, true)
            }
            // What an insurer has paid for already is the merchant's, if the goods were faulty.
            Came::Full { account, .. } if refund.go_without_insurer(&account, rules, now) => keep(refund, true),
            // A claim that was made before takes its leg away; what is due besides is still due.
            Came::Full { account, .. } if refund.without(&account) => keep(refund, true),
            Came::Full { account, left } => {
                refund.say_full(&account, left);
                refund.end_void(account.full(), now)
            }
            Came::Released => refund.end_void("voided_meanwhile", now),
            Came::Later { trouble, at } => {
                // What is being paid, perhaps another way, is due by itself; it is asked about once that is over.
                let settled = refund.state != State::Issuing;
                let issuing = refund.issuing.as_mut().filter(|_| settled);
                if let Some(contested) = issuing.and_then(|issuing| issuing.contested.as_mut()) {
                    contested.ask_at = at;
                    let due_at = refund.next_due();
                    return leave(refund, due_at, false);
                }
                if let Some(issuing) = refund.issuing.as_mut() {
                    issuing.trouble = Some(trouble.to_owned());
                    issuing.tries = issuing.tries.saturating_add(1);
                    // Asked and not sent: there is nothing to ask about.
                    let asking = issuing.instead == Some(Instead::Asking);
                    issuing.phase = if sent || asking { issuing.phase } else { Phase::Ready };
                }
                leave(refund, Some(at), false)
            }
        }
    }

    fn end_void(mut self, code: &'static str, now: i64) -> Step {
        let effect = self.void(code, now);
        Step::Leave { refund: Box::new(self), effect, go_on: true }
    }

    /// Says what kept it from being paid, and how much can still be asked for.
    fn say_full(&mut self, account: &Account, left: i64) {
        let input = |name: &'static str, value| Input { name: name.into(), value };
        let mut inputs = Vec::new();
        if let Account::Pieces { line, .. } | Account::Line { line, .. } = account {
            inputs.push(input("line_id", Scalar::Text(line.clone().into())));
        }
        let unit = if matches!(account, Account::Pieces { .. }) { "left" } else { "left_fen" };
        inputs.push(input(unit, Scalar::Integer(left)));
        let code = account.full().into();
        self.decision.reasons.push(Reason { code, leg: None, article: "".into(), inputs });
    }

    /// The insurer's one claim was made before: what the merchant bears by law (art. 24 para. 2) it then bears alone. Not
    /// where the fund advances: what is held there is of another amount.
    fn go_without_insurer(&mut self, account: &Account, rules: &Rules<'_>, now: i64) -> bool {
        let spent = |account: &Account| matches!(account, Account::Claim { .. } | Account::Policy { .. });
        let advanced = self.advanced_fen() > 0;
        if !spent(account) || advanced || !self.case.request.cause.is_the_merchants() || self.case.insurance.is_none() {
            return false;
        }
        let case = Case { insurance: None, ..self.case.clone() };
        let mut decision = decide::by(rules, &case, now);
        let along = decision.sum_fen(|leg| leg.route == Route::Gateway);
        if decision.outcome != Outcome::Approved || along != self.gateway_fen() {
            return false;
        }
        decision.reasons.retain(|reason| reason.code != "no_insurance");
        let (code, leg) = (account.full().into(), Some(LegKind::ReturnFreight));
        decision.reasons.push(Reason { code, leg, article: "".into(), inputs: Vec::new() });
        // What the new decision does not hold is held for nothing: the claim, and whatever hung on the old one's way.
        let kept = |hold: &Hold| decision.holds.iter().any(|other| other.account == hold.account);
        self.releasing.extend(self.decision.holds.iter().filter(|hold| !kept(hold)).cloned());
        (self.case, self.decision) = (case, decision);
        (self.aftermath.claim_paid_fen, self.aftermath.claim_failure) = (None, None);
        true
    }

    /// No trust is left for this buyer: the case goes the way of any other, and what it has reserved already stays
    /// reserved for it.
    fn go_without_quota(&mut self, account: Account, rules: &Rules<'_>, now: i64) {
        self.kept = self.decision.holds.iter().filter(|hold| !hold.account.is_of_trust()).cloned().collect();
        self.releasing.extend(self.decision.holds.iter().filter(|hold| hold.account.is_of_trust()).cloned());
        self.case.buyer.quota_fen = 0;
        let mut decision = decide::by(rules, &self.case, now);
        let code = account.full().into();
        decision.reasons.push(Reason { code, leg: None, article: "".into(), inputs: Vec::new() });
        self.decide_again(decision, now);
    }
}

#[cfg(test)]
#[path = "next/tests.rs"]
mod tests;
