//! What an event does to a refund. Before the money moves it is a fact, and the case is decided again; afterwards it
//! closes what was still open.

use sha2::{Digest as _, Sha256};
use shared::hex::hex;

use crate::case::Learned;
use crate::decide;
use crate::decision::{Account, Decision, FollowUp, Input, LegKind, Outcome, Payer, Reason, Route, Scalar};
use crate::policy::Rules;
use crate::postings::{self, Line};
use crate::refund::{Effect, MANY_EVENTS, MAX_EVENTS, Refund, State, TakenEvent};
use crate::refund_event::{EventKind, RefundEvent};

/// What came of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intake {
    /// The refund has changed; these lines are to be booked with it.
    Changed(Vec<Line>),
    /// It was taken in before, or says nothing new.
    Known,
    /// The same id came with another payload before.
    Reused,
    /// It cannot be, in the state that things are in.
    Contradiction(&'static str),
    /// The refund has had too many.
    TooMany,
}

impl Refund {
    /// Takes in an event. `rules`: those of the pack that decided, which it is decided again by.
    pub fn tell(&mut self, event: &RefundEvent, rules: &Rules<'_>, now: i64) -> Intake {
        let digest = fingerprint(event);
        if let Some(told) = self.told.iter().find(|told| told.event_id == event.event_id) {
            return if told.digest == digest { Intake::Known } else { Intake::Reused };
        }
        let fact = event.kind.is_fact();
        let full = self.told.len() >= MAX_EVENTS;
        let oldest = self.told.iter().position(|told| told.fact).filter(|_| full);
        if full && !fact && oldest.is_none() {
            return Intake::TooMany;
        }
        let before = (self.told.len() >= MANY_EVENTS && fact).then(|| self.clone());
        let lines = match self.happened(event, rules, now) {
            Ok(lines) => lines,
            Err(code) => return Intake::Contradiction(code),
        };
        if lines.is_empty() && before.is_some_and(|before| before == *self) {
            return Intake::Known;
        }
        if let Some(oldest) = oldest {
            self.told.remove(oldest);
        }
        if self.told.len() < MAX_EVENTS {
            self.told.push(TakenEvent { event_id: event.event_id.clone(), digest, fact });
        }
        Intake::Changed(lines)
    }

    fn happened(&mut self, event: &RefundEvent, rules: &Rules<'_>, now: i64) -> Result<Vec<Line>, &'static str> {
        if let EventKind::PaymentCorrected { paid_fen, outbound_freight_fen, lines } = &event.kind {
            return self.correct(*paid_fen, *outbound_freight_fen, lines, rules, now).map(|()| Vec::new());
        }
        match &event.kind {
            EventKind::DecisionProposed { grant, by } => return self.propose(event, grant, by, now),
            EventKind::OutcomeProposed { finding, by } => return self.propose_outcome(event, finding, by, now),
            EventKind::SetAside { reason, by } => return self.put_aside(event.at, by, reason).map(|()| Vec::new()),
            EventKind::DecisionApproved { proposal, by } => return self.approve(proposal, by, rules, now),
            _ => {}
        }
        match self.case.learn(event) {
            Learned::Contradiction(code) => return Err(code),
            Learned::Changed
                if self.state == State::Waiting || self.declined_too_soon(event) || self.agreed_after_all(event) =>
            {
                let again = if self.state == State::Declined { decide::brought } else { decide::by };
                self.decide_again(again(rules, &self.case, now), now);
                return Ok(Vec::new());
            }
            Learned::Changed | Learned::Nothing => {}
        }
        match &event.kind {
            EventKind::RequestWithdrawn {} => return self.withdraw(event.at, now).map(|()| Vec::new()),
            EventKind::PayAnotherWay {} => return self.pay_another_way(now).map(|()| Vec::new()),
            EventKind::PaymentReversed { code } => {
                if self.state != State::Posted || self.gateway_fen() == 0 {
                    return Err("nothing_was_paid");
                }
                return Ok(self.reverse(code, now).postings);
            }
            _ => {}
        }
        match self.state {
            State::Posted => self.after_payment(event),
            State::Reversed => self.after_reversal(event),
            State::Issuing => self.during_payment(&event.kind),
            State::Void => self.after_void(&event.kind),
            State::Waiting | State::Declined => Self::before_payment(&event.kind),
        }
    }

    /// The buyer takes the request back: what was waited for comes to nothing, silence too.
    fn withdraw(&mut self, at: i64, now: i64) -> Result<(), &'static str> {
        match self.state {
            State::Waiting => {}
            State::Declined => return Ok(()),
            _ => return Err("too_late_to_withdraw"),
        }
        let inputs = vec![Input { name: "withdrawn_at".into(), value: Scalar::Integer(at) }];
        let reason = Reason { code: "request_withdrawn".into(), leg: None, article: "".into(), inputs };
        let decision = Decision {
            outcome: Outcome::Declined,
            legs: Vec::new(),
            total_fen: 0,
            reasons: vec![reason],
            waiting: None,
            holds: Vec::new(),
            follow_up: FollowUp::default(),
            policy: self.decision.policy.clone(),
        };
        self.decide_again(decision, now);
        Ok(())
    }

    /// Whether the merchant agrees to what was declined because it had refused.
    fn agreed_after_all(&self, event: &RefundEvent) -> bool {
        let refused = self.decision.reasons.iter().any(|reason| reason.code == "merchant_rejected");
        self.state == State::Declined && refused && matches!(event.kind, EventKind::MerchantAccepted {})
    }

    /// Whether it was declined because nobody had told yet what had happened in time: a scan counts from when it was made.
    fn declined_too_soon(&self, event: &RefundEvent) -> bool {
        let happened_at = match &event.kind {
            EventKind::ParcelAdded { parcel } => parcel.posted_at(),
            EventKind::ParcelScanned { .. } | EventKind::ParcelReceived { .. } => Some(event.at),
            _ => None,
        };
        let ended = |reason: &Reason| matches!(&*reason.code, "return_not_posted" | "return_not_arrived");
        let over = self.decision.reasons.iter().filter(|reason| ended(reason)).flat_map(|reason| &reason.inputs);
        let until = over.filter_map(|input| match input.value {
            Scalar::Integer(until) if input.name == "until" => Some(until),
            _ => None,
        });
        self.state == State::Declined && until.max().is_some_and(|until| happened_at.is_some_and(|at| at <= until))
    }

    /// Money that moves before ours does is a contradiction; everything else is a fact.
    fn before_payment(kind: &EventKind) -> Result<Vec<Line>, &'static str> {
        match kind {
            EventKind::RecourseRecovered { .. } => Err("nothing_was_advanced"),
            EventKind::BuyerRepaid { .. } | EventKind::MerchantAppealed {} | EventKind::AppealDecided { .. } => {
                Err("nothing_was_paid")
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The insurer paid although nothing of ours moved: a fact, which is booked.
    fn after_void(&mut self, kind: &EventKind) -> Result<Vec<Line>, &'static str> {
        let insured = self.is_insured();
        match kind {
            EventKind::ClaimPaid { amount_fen } if insured => {
                self.claim_paid(*amount_fen)?;
                // What was released is claimed all the same, and is not claimed again.
                let claims = self.decision.holds.iter().filter(|hold| hold.account.is_claim());
                self.reinstating.extend(claims.cloned());
                self.releasing.retain(|hold| !hold.account.is_claim());
                Ok(self.book_claim())
            }
            kind => Self::before_payment(kind),
        }
    }

    /// Notes what the insurer paid. It cannot be more than the policy covers.
    fn claim_paid(&mut self, amount_fen: i64) -> Result<(), &'static str> {
        if self.aftermath.claim_paid_fen.is_some() {
            return Err("claim_already_paid");
        }
        let covered = self.case.insurance.as_ref().map_or(0, |insurance| insurance.cap_fen);
        if amount_fen > covered.max(self.claimed_fen()) {
            return Err("more_than_is_covered");
        }
        self.aftermath.claim_paid_fen = Some(amount_fen);
        Ok(())
    }

    /// What the insurer says while the money is on its way is booked with the payment.
    fn during_payment(&mut self, kind: &EventKind) -> Result<Vec<Line>, &'static str> {
        let insured = self.is_insured();
        match kind {
            EventKind::ClaimPaid { amount_fen } if insured => self.claim_paid(*amount_fen)?,
            EventKind::ClaimFailed { code } if insured => self.aftermath.claim_failure = Some(code.clone()),
            _ => {}
        }
        Self::before_payment(kind)
    }

    /// What went another way than along the payment is still open.
    fn after_reversal(&mut self, event: &RefundEvent) -> Result<Vec<Line>, &'static str> {
        match &event.kind {
            EventKind::ClaimPaid { .. } | EventKind::ClaimFailed { .. } | EventKind::RecourseRecovered { .. } => {
                self.after_payment(event)
            }
            kind => Self::before_payment(kind),
        }
    }

    fn after_payment(&mut self, event: &RefundEvent) -> Result<Vec<Line>, &'static str> {
        let at = event.at;
        let id = &event.event_id;
        match &event.kind {
            EventKind::ParcelReceived { .. } => Ok(self.received_at().map(|at| self.come_back(at)).unwrap_or_default()),
            EventKind::MerchantAppealed {} => {
                let until = self.decision.follow_up.appeal_until.ok_or("no_appeal_lies")?;
                if at > until {
                    return Err("appeal_too_late");
                }
                self.aftermath.appealed_at.get_or_insert(at);
                Ok(Vec::new())
            }
            EventKind::AppealDecided { upheld } => {
                self.aftermath.appealed_at.ok_or("no_appeal")?;
                if self.aftermath.appeal_upheld.is_some() {
                    return Err("appeal_already_decided");
                }
                let open = self.fund_open_fen();
                let clawed_back = self.is_clawed_back();
                self.aftermath.appeal_upheld = Some(*upheld);
                if !*upheld || clawed_back {
                    // Claimed back from the buyer: the merchant pays nothing of it any more.
                    return Ok(Vec::new());
                }
                if open > 0 && self.fund_open_fen() == 0 {
                    self.release(Account::is_fund);
                }
                Ok(postings::appeal(self, open))
            }
            EventKind::ClaimPaid { amount_fen } => {
                let insured = self.is_insured();
                if !insured {
                    return Err("nothing_was_claimed");
                }
                self.claim_paid(*amount_fen)?;
                Ok(self.book_claim())
            }
            EventKind::ClaimFailed { code } => {
                if self.aftermath.claim_paid_fen.is_some() {
                    return Err("claim_already_paid");
                }
                // The hold on the claim stays: the insurer may still pay, and no other claim may.
                self.aftermath.claim_failure = Some(code.clone());
                Ok(Vec::new())
            }
            EventKind::RecourseRecovered { amount_fen } => {
                let open = self.fund_open_fen();
                let written_off = self.aftermath.written_off_at.is_some();
                if *amount_fen > open {
                    return Err("more_than_was_advanced");
                }
                self.aftermath.recovered_fen = self.aftermath.recovered_fen.saturating_add(*amount_fen);
                if *amount_fen == open && !written_off {
                    self.release(Account::is_fund);
                }
                Ok(postings::recourse(id, &self.case.merchant.merchant_id, *amount_fen, written_off))
            }
            EventKind::BuyerRepaid { amount_fen } => {
                let claimed = self.is_clawed_back();
                let given_up = self.aftermath.given_up_fen;
                let owed = self.receivable_fen().saturating_add(given_up);
                let left = self.given_back_fen().saturating_add(self.overpaid_fen());
                let left = left.saturating_sub(self.aftermath.repaid_fen);
                // What nobody claims back may come all the same; but one payment is of one of the two.
                if (claimed || owed > 0) && *amount_fen > owed {
                    return Err("more_than_was_claimed_back");
                }
                if *amount_fen > left {
                    return Err("more_than_was_paid");
                }
                // What was given up comes last, to the marketplace, which bears it.
                let late = amount_fen.saturating_sub(owed.saturating_sub(given_up)).clamp(0, given_up);
                let lines = if owed > 0 {
                    postings::repaid(id, *amount_fen, late)
                } else {
                    self.repaid_freely(id, *amount_fen)
                };
                self.aftermath.given_up_fen = given_up.saturating_sub(late);
                self.aftermath.repaid_fen = self.aftermath.repaid_fen.saturating_add(*amount_fen);
                if *amount_fen == owed && claimed {
                    self.release(Account::is_quota);
                }
                Ok(lines)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The buyer pays back what nobody claimed: the fund is owed less by it.
    fn repaid_freely(&mut self, id: &str, amount_fen: i64) -> Vec<Line> {
        let lines = postings::repaid_freely(self, id, amount_fen);
        let owed = format!("fund:receivable:{}", self.case.merchant.merchant_id);
        if lines.iter().any(|line| line.account == owed) {
            let open = self.fund_open_fen();
            self.aftermath.recovered_fen = self.aftermath.recovered_fen.saturating_add(amount_fen);
            if open == amount_fen {
                self.release(Account::is_fund);
            }
        }
        lines
    }

    /// What falls due of a posted refund: money claimed back, an advance written off.
    pub(crate) fn fall_due(&mut self, now: i64) -> Effect {
        let mut lines = Vec::new();
        if self.return_due().is_some_and(|due| due <= now) {
            let open = self.fund_open_fen();
            self.aftermath.clawed_back_at = Some(now);
            lines.extend(postings::claw_back(self, open));
            if open > 0 && self.fund_open_fen() == 0 {
                self.release(Account::is_fund);
            }
        }
        if self.quota_due().is_some_and(|due| due <= now) {
            self.aftermath.quota_freed_at = Some(now);
            self.release(Account::is_quota);
        }
        if self.year_due().is_some_and(|due| due <= now) {
            self.aftermath.year_over_at = Some(now);
            self.release(Account::is_year);
        }
        if self.recourse_due().is_some_and(|due| due <= now) {
            let open = self.fund_open_fen();
            self.aftermath.written_off_at = Some(now);
            lines.extend(postings::write_off(self, open));
            self.release(Account::is_fund);
        }
        let (given_up, alarm) = self.end_terms(now);
        lines.extend(given_up);
        Effect { postings: lines, due_at: self.next_due(), alarm, ..Effect::default() }
    }

    /// When the last parcel arrived, once all that are on their way have.
    pub fn received_at(&self) -> Option<i64> {
        let parcels = self.case.return_.iter().flat_map(|back| &back.parcels);
        let live = parcels.filter(|parcel| parcel.cancelled_at.is_none());
        live.map(|parcel| parcel.received_at).try_fold(None, |last, at| at.map(|at| last.max(Some(at)))).flatten()
    }

    /// The goods have come back: nothing is claimed back any more, what was is given up, and the buyer's quota is free.
    pub fn come_back(&mut self, at: i64) -> Vec<Line> {
        if self.aftermath.returned_at.is_some() {
            return Vec::new();
        }
        self.aftermath.returned_at = Some(at);
        self.release(Account::is_quota);
        if self.aftermath.clawed_back_at.is_none() {
            return Vec::new();
        }
        self.aftermath.claw_back_reversed_at = Some(at);
        let lines = postings::claw_back_reversed(self);
        self.aftermath.given_up_fen = 0;
        lines
    }

    /// Whether a leg is the insurer's to pay.
    fn is_insured(&self) -> bool {
        self.decision.legs.iter().any(|leg| leg.payer == Payer::Insurer)
    }

    /// What the insurer was asked for, fen.
    pub fn claimed_fen(&self) -> i64 {
        self.decision.sum_fen(|leg| leg.kind == LegKind::ReturnFreight && leg.route == Route::InsuranceClaim)
    }
}

fn fingerprint(event: &RefundEvent) -> String {
    let text = serde_json::to_vec(event).unwrap_or_default();
    let digest = Sha256::digest(text);
    hex(digest.get(..16).unwrap_or_default())
}
