//! After the success: a gateway takes back what it had paid, and the buyer is paid another way.
//!
//! Gateways reverse themselves: Stripe's refund is `failed` days after it had `succeeded`, WeChat Pay closes one, Alipay
//! shows none any more. Whoever brings the news is not believed for it: the gateway is asked, and what it answers counts.
//! Until then nothing is released. What it denies is booked back by lines of its own; the room is given to others, and
//! whoever takes it asks first once more ([`Refund::is_in_doubt`]).

use crate::decision::{Hold, Leg, Payer, Route};
use crate::gateway::{Report, Semantics};
use crate::policy::Terms;
use crate::postings;
use crate::refund::terms::SELDOM_MS;
use crate::refund::transition::{DOUBT_MS, IN_DOUBT_MS, MANY_TRIES};
use crate::refund::{Aftermath, Contested, Effect, Instead, Phase, Refund, State, pause_ms};

impl Refund {
    /// What was said of it that is not as we know it, while that is open.
    pub fn contested(&self) -> Option<&Contested> {
        self.issuing.as_ref().and_then(|issuing| issuing.contested.as_ref())
    }

    /// Whether its gateway has refused what it was asked for.
    pub fn was_refused(&self) -> bool {
        self.issuing.as_ref().is_some_and(|issuing| issuing.refused_at.is_some())
    }

    /// Whether its gateway has refused, and may have paid all the same: whoever takes the room that it had asks first.
    pub fn is_in_doubt(&self) -> bool {
        matches!(self.state, State::Void | State::Reversed) && self.was_refused() && self.given_back_fen() > 0
    }

    /// Somebody says in the gateway's name another thing than it said to us: a reason to ask, no more.
    pub fn contest(&mut self, report: &Report, now: i64) -> Effect {
        let unchanged = Effect { due_at: self.next_due(), unchanged: true, ..Effect::default() };
        let Some(code) = self.says_otherwise(report) else { return unchanged };
        let Some(issuing) = self.issuing.as_mut() else { return Effect::alarm(self, "no_issuing") };
        // That it sees none is seldom more than a slow gateway; and that it has paid, the answer shows.
        let loud = issuing.contested.is_none() && !matches!(report, Report::NotFound | Report::Succeeded(_));
        let alarm = loud.then_some("refused_after_payment");
        let known = issuing.contested.take();
        let since = known.as_ref().map_or(now, |known| known.since);
        let tries = known.map_or(0, |known| known.tries);
        issuing.contested = Some(Contested { since, code, tries, ask_at: now });
        Effect { alarm, due_at: self.next_due(), ..Effect::default() }
    }

    /// Somebody says that it was refused, while nobody here knows yet that it was paid, which older news may say in a
    /// moment. Whether that is news.
    pub fn contest_on_its_way(&mut self, report: &Report, now: i64) -> bool {
        let Report::Refused { code } = report else { return false };
        let Some(issuing) = self.issuing.as_mut().filter(|issuing| issuing.contested.is_none()) else { return false };
        issuing.contested = Some(Contested { since: now, code: code.clone(), tries: 0, ask_at: now });
        true
    }

    /// Somebody says that what we know to be paid is paid. If that is contested, it may be old news; and if it is another
    /// payment, it is one too many.
    pub fn heard_paid(&mut self, report: &Report, now: i64) -> Effect {
        match report {
            Report::Succeeded(settled) if self.contested().is_none() && self.gateway_fen() > 0 => {
                self.paid_again(settled, now)
            }
            report => self.contest(report, now),
        }
    }

    /// Whether it is on another way than along the payment.
    pub fn goes_another_way(&self) -> bool {
        self.issuing.as_ref().is_some_and(|issuing| issuing.instead.is_some())
    }

    /// What a report says that is not so by what is known, if anything.
    fn says_otherwise(&self, report: &Report) -> Option<String> {
        let paid = self.state == State::Posted && self.gateway_fen() > 0;
        match report {
            Report::Refused { code } | Report::InsufficientFunds { code } | Report::Unknown { code } if paid => {
                Some(code.clone())
            }
            Report::NotFound if paid => Some("not_found".to_owned()),
            Report::Succeeded(settled) if !paid && !settled.refund_no.is_empty() && self.given_back_fen() > 0 => {
                Some("notified_paid".to_owned())
            }
            _ => None,
        }
    }

    /// The gateway was asked because of what was said of it.
    pub(super) fn report_contested(
        &mut self,
        report: Report,
        semantics: &Semantics,
        terms: &Terms,
        now: i64,
    ) -> Effect {
        let paid = self.state == State::Posted && self.gateway_fen() > 0;
        let code = match report {
            Report::Succeeded(settled) if self.state == State::Posted => return self.paid_again(&settled, now),
            Report::Succeeded(settled) => return self.paid_after_all(settled, now),
            Report::Refused { code } | Report::InsufficientFunds { code } if paid => return self.reverse(&code, now),
            // As we know it.
            Report::Refused { .. } | Report::InsufficientFunds { .. } => return self.settle_contest(),
            Report::NotFound if !paid && self.would_be_seen(semantics, now) => return self.settle_contest(),
            // It knows nothing of a refund that it has paid: that is no answer to act on.
            Report::NotFound if paid && semantics.absence_is_proof => "paid_then_not_found".to_owned(),
            Report::NotFound => "not_found".to_owned(),
            Report::Unknown { code } | Report::NotAccepted { code, .. } => code,
            Report::Processing { .. } => "processing".to_owned(),
        };
        if self.is_contest_over(terms, now) {
            return Effect { alarm: Some("contest_given_up"), ..self.settle_contest() };
        }
        // A refusal is not believed before the last send must show.
        let settled_at = self.issuing.as_ref().map_or(0, |issuing| issuing.settled_at(semantics));
        let Some(contested) = self.issuing.as_mut().and_then(|issuing| issuing.contested.as_mut()) else {
            return Effect { due_at: self.next_due(), unchanged: true, ..Effect::default() };
        };
        let pause = match contested.tries {
            tries if tries < MANY_TRIES / 2 => pause_ms(tries),
            tries if tries < MANY_TRIES => IN_DOUBT_MS,
            _ => SELDOM_MS,
        };
        contested.tries = contested.tries.saturating_add(1);
        contested.ask_at = if now < settled_at { settled_at } else { now.saturating_add(pause) };
        contested.code = code;
        let alarm = (contested.tries == MANY_TRIES).then_some("still_contested");
        Effect { alarm, due_at: self.next_due(), ..Effect::default() }
    }

    /// Whether the gateway would show by now what it has done.
    fn would_be_seen(&self, semantics: &Semantics, now: i64) -> bool {
        self.issuing.as_ref().is_none_or(|issuing| {
            let since = issuing.refused_at.unwrap_or(issuing.sent_at);
            let proved = semantics.absence_is_proof || now >= since.saturating_add(DOUBT_MS);
            proved && now >= issuing.settled_at(semantics)
        })
    }

    /// What was said was mistaken, or late.
    pub(super) fn settle_contest(&mut self) -> Effect {
        let contested = self.issuing.as_mut().and_then(|issuing| issuing.contested.take());
        Effect { due_at: self.next_due(), unchanged: contested.is_none(), ..Effect::default() }
    }

    /// The payment has come back: it is booked back, and its room is free. What did not go along it stays as it is.
    pub fn reverse(&mut self, code: &str, now: i64) -> Effect {
        let postings = postings::reversal(self, self.fund_open_fen());
        let credited = |leg: &Leg| leg.payer == Payer::ProtectionFund && !leg.route.gives_back();
        let credited_fen = self.decision.sum_fen(credited);
        let before = std::mem::take(&mut self.aftermath);
        self.aftermath = Aftermath {
            recovered_fen: before.recovered_fen.min(credited_fen),
            claim_paid_fen: before.claim_paid_fen,
            claim_failure: before.claim_failure,
            claim_booked: before.claim_booked,
            written_off_at: before.written_off_at.filter(|_| credited_fen > 0),
            second_payments: before.second_payments,
            ..Aftermath::default()
        };
        if let Some(issuing) = self.issuing.as_mut() {
            (issuing.contested, issuing.refused_at) = (None, Some(now));
            issuing.trouble = Some(code.to_owned());
        }
        self.state = State::Reversed;
        self.set_aside = None;
        self.reversals = self.reversals.saturating_add(1);
        self.release(|account| !account.is_once());
        Effect { postings, due_at: Some(now), alarm: Some("reversed_after_success"), ..Effect::default() }
    }

    /// Somebody with the authority to say so has it paid another way. The gateway is asked first.
    ///
    /// # Errors
    /// If no gateway has refused it.
    pub fn pay_another_way(&mut self, now: i64) -> Result<(), &'static str> {
        if !self.is_in_doubt() {
            return Err("not_refused_by_the_gateway");
        }
        if let Some(issuing) = self.issuing.as_mut() {
            issuing.instead = Some(Instead::Asking);
            (issuing.phase, issuing.reserved, issuing.tries) = (Phase::Sent, false, 0);
        }
        self.state = State::Issuing;
        self.set_aside = None;
        self.decided_at = now;
        Ok(())
    }

    /// What the gateway says of a payment that is to go another way.
    pub(super) fn report_instead(&mut self, report: Report, semantics: &Semantics, now: i64) -> Effect {
        let Some(issuing) = self.issuing.as_mut() else { return Effect::alarm(self, "no_issuing") };
        let pause = now.saturating_add(pause_ms(issuing.tries));
        if issuing.instead == Some(Instead::Paying) {
            return match report {
                // Ours: booked, and that is all there is to do.
                Report::Succeeded(settled) if settled.refund_no.is_empty() => self.post(settled, now),
                // The gateway's: it came first after all.
                Report::Succeeded(settled) => {
                    self.go_along_the_payment();
                    self.paid_after_all(settled, now)
                }
                // It was asked to go on after a crash: reserving again is safe.
                Report::NotFound => {
                    issuing.phase = Phase::Ready;
                    Effect::due(now)
                }
                _ => Effect { due_at: Some(pause), unchanged: true, ..Effect::default() },
            };
        }
        let settled_at = issuing.settled_at(semantics);
        let since = issuing.refused_at.unwrap_or(issuing.sent_at);
        let seen_at = if semantics.absence_is_proof { settled_at } else { since.saturating_add(DOUBT_MS) };
        match report {
            Report::Succeeded(settled) => self.paid_after_all(settled, now),
            Report::Refused { .. } | Report::InsufficientFunds { .. } => self.go_another_way(now),
            Report::NotFound if now >= seen_at => self.go_another_way(now),
            Report::NotFound => Effect::due(seen_at),
            Report::Unknown { code } | Report::NotAccepted { code, .. } => {
                issuing.trouble = Some(code);
                issuing.tries = issuing.tries.saturating_add(1);
                let alarm = (issuing.tries == MANY_TRIES).then_some("still_open");
                Effect { alarm, ..Effect::due(pause) }
            }
            Report::Processing { .. } => {
                issuing.tries = issuing.tries.saturating_add(1);
                Effect::due(pause)
            }
        }
    }

    /// The gateway has not paid: what it was asked for goes to the buyer's account with the marketplace.
    pub(super) fn go_another_way(&mut self, now: i64) -> Effect {
        // Of what was paid before, and of a claim that the insurer has paid, nothing was released.
        let (came_back, claimed) = (self.reversals > 0, self.aftermath.claim_booked);
        let kept = |hold: &Hold| (came_back && hold.account.is_once()) || (claimed && hold.account.is_claim());
        self.settled.extend(self.decision.holds.iter().filter(|hold| kept(hold)).cloned());
        self.decision.holds.retain(|hold| !kept(hold));
        if self.aftermath.written_off_at.take().is_some() {
            // What was written off is settled; what is advanced now is not.
            let settled = |leg: &Leg| leg.payer == Payer::ProtectionFund && !leg.route.gives_back();
            self.aftermath.recovered_fen = self.decision.sum_fen(settled);
        }
        self.limit_rightly();
        self.reissues = self.reissues.saturating_add(1);
        for leg in self.decision.legs.iter_mut().filter(|leg| leg.route == Route::Gateway) {
            leg.route = Route::CreditInstead;
        }
        if let Some(issuing) = self.issuing.as_mut() {
            (issuing.instead, issuing.phase) = (Some(Instead::Paying), Phase::Ready);
            (issuing.refund_no, issuing.posted_at, issuing.trouble) = (None, None, None);
            issuing.tries = 0;
        }
        Effect::due(now)
    }

    /// The gateway has paid what was about to go another way.
    pub(super) fn go_along_the_payment(&mut self) {
        for leg in self.decision.legs.iter_mut().filter(|leg| leg.route == Route::CreditInstead) {
            leg.route = Route::Gateway;
        }
    }
}

#[cfg(test)]
#[path = "reversal/tests.rs"]
mod tests;
