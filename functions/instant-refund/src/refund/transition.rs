//! What a gateway's report does to a refund. Pure: the next document, what to book, when to look again.

use crate::decide;
use crate::decision::{Account, Hold, Leg, LegKind, Outcome, Payer, Reason, Route};
use crate::gateway::{Report, Semantics, Settled};
use crate::policy::Rules;
use crate::postings::{self, Line};
use crate::refund::{Instead, Issuing, Phase, Refund, SecondPayment, State};

/// The first pause before looking again, in milliseconds; it doubles with every try.
const FIRST_PAUSE_MS: i64 = 2_000;
/// The longest pause.
const LONGEST_PAUSE_MS: i64 = 300_000;
/// A key is given up so long before the gateway may forget it.
const KEY_MARGIN_MS: i64 = 3_600_000;

/// How long after `sent_at` a send may begin at the latest.
pub const PREPARING_MS: i64 = 10_000;
/// A send that ended unknown is no longer on its way after so long: a refusal of a later one is believed then.
pub(super) const DOUBT_MS: i64 = 86_400_000;
/// The pace of asking while that doubt lasts.
pub(super) const IN_DOUBT_MS: i64 = 900_000;
/// After so many tries somebody should look.
pub(super) const MANY_TRIES: u32 = 20;
/// How long an instant refund counts for its buyer.
const YEAR_MS: i64 = 365 * 86_400_000;
/// How far two clocks of ours may be apart.
pub const SKEW_MS: i64 = 5_000;

/// What a transition brings besides the next document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Lines to book with it.
    pub postings: Vec<Line>,
    /// When to look again; `None`: never.
    pub due_at: Option<i64>,
    /// What contradicts what the gateway said before, for the operator.
    pub alarm: Option<&'static str>,
    /// Nothing changed: there is nothing to save.
    pub unchanged: bool,
}

impl Effect {
    pub(super) fn due(due_at: i64) -> Effect {
        Effect { due_at: Some(due_at), ..Effect::default() }
    }

    pub(super) fn alarm(refund: &Refund, alarm: &'static str) -> Effect {
        Effect { due_at: refund.next_due(), alarm: Some(alarm), unchanged: true, ..Effect::default() }
    }
}

impl Issuing {
    /// From when on a query must see what was sent last: the send itself came a little later than `sent_at`, and the
    /// clock that asks may be ahead of the one that sent.
    pub fn settled_at(&self, semantics: &Semantics) -> i64 {
        self.sent_at.saturating_add(PREPARING_MS).saturating_add(SKEW_MS).saturating_add(semantics.settle_ms)
    }
}

/// How long to wait after so many tries.
pub fn pause_ms(tries: u32) -> i64 {
    let doubled = FIRST_PAUSE_MS.checked_shl(tries.min(16)).unwrap_or(LONGEST_PAUSE_MS);
    doubled.clamp(FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
}

impl Refund {
    /// Takes in what the gateway answers to whoever holds the refund, or that it has paid, whoever says so. `semantics` are
    /// the gateway's promises, `rules` those of the pack that decided.
    pub fn report(&mut self, report: Report, semantics: &Semantics, rules: &Rules<'_>, now: i64) -> Effect {
        match (self.state, report) {
            (State::Issuing, report) if self.issuing.as_ref().is_some_and(|issuing| issuing.instead.is_some()) => {
                self.report_instead(report, semantics, now)
            }
            (State::Issuing, report) => {
                let effect = self.report_issuing(report, semantics, rules, now);
                self.overdue(effect, &rules.at(self.case.order.paid_at).terms, now)
            }
            (State::Posted | State::Void | State::Reversed, report) if self.contested().is_some() => {
                let terms = rules.at(self.case.order.paid_at).terms;
                self.report_contested(report, semantics, &terms, now)
            }
            (State::Posted, Report::Succeeded(settled)) => self.paid_again(&settled, now),
            (State::Void, Report::Processing { .. }) => Effect::alarm(self, "at_work_after_refusal"),
            (State::Posted | State::Void | State::Reversed, report) => self.contest(&report, now),
            (State::Waiting | State::Declined, Report::Succeeded(_)) => Effect::alarm(self, "paid_without_intent"),
            _ => Effect { due_at: self.next_due(), unchanged: true, ..Effect::default() },
        }
    }

    fn report_issuing(&mut self, report: Report, semantics: &Semantics, rules: &Rules<'_>, now: i64) -> Effect {
        let Some(issuing) = self.issuing.as_mut() else { return Effect::alarm(self, "no_issuing") };
        let pause = pause_ms(issuing.tries);
        match report {
            Report::Succeeded(settled) => self.post(settled, now),
            Report::Processing { refund_no } => {
                issuing.phase = Phase::Accepted;
                issuing.refund_no = refund_no.or(issuing.refund_no.take());
                issuing.trouble = None;
                issuing.tries = issuing.tries.saturating_add(1);
                Effect::due(now.saturating_add(pause))
            }
            Report::Refused { code } | Report::InsufficientFunds { code }
                if issuing.doubtful_since.is_some_and(|since| now < since.saturating_add(DOUBT_MS)) =>
            {
                // This send did nothing. The one before may have, or may yet: only the query can show it.
                let alarm = (issuing.trouble.as_ref() != Some(&code)).then_some("refused_in_doubt");
                issuing.trouble = Some(code);
                issuing.tries = issuing.tries.saturating_add(1);
                Effect { alarm, ..Effect::due(now.saturating_add(pause.max(IN_DOUBT_MS))) }
            }
            Report::Refused { code } => {
                issuing.refused_at = Some(now);
                self.void(code, now)
            }
            Report::InsufficientFunds { code } => self.advance_or_void(code, semantics, rules, now),
            Report::NotAccepted { code, retry_after_ms } => {
                issuing.phase = Phase::Ready;
                issuing.trouble = Some(code);
                issuing.tries = issuing.tries.saturating_add(1);
                Effect::due(now.saturating_add(pause.max(retry_after_ms.unwrap_or(0).min(86_400_000))))
            }
            Report::NotFound => self.not_found(semantics, now),
            Report::Unknown { code } => {
                // Where refusals are stored under their keys, so are failures.
                let stored = semantics.new_key_after_refusal && (code.starts_with("http_5") || code == "api_error");
                issuing.spent |= stored || code == "key_mismatch";
                let abnormal = code == "abnormal" && issuing.trouble.as_deref() != Some("abnormal");
                issuing.trouble = Some(code);
                issuing.tries = issuing.tries.saturating_add(1);
                let alarm = match issuing.tries {
                    _ if abnormal => Some("abnormal"),
                    MANY_TRIES => Some("still_open"),
                    _ => None,
                };
                Effect { alarm, ..Effect::due(now.saturating_add(pause)) }
            }
        }
    }

    /// A query saw no such refund. Whether that permits sending again depends on what the gateway promises.
    fn not_found(&mut self, semantics: &Semantics, now: i64) -> Effect {
        let Some(issuing) = self.issuing.as_mut() else { return Effect::alarm(self, "no_issuing") };
        issuing.tries = issuing.tries.saturating_add(1);
        let settled_at = issuing.settled_at(semantics);
        if issuing.phase == Phase::Accepted {
            // It had taken it on. It is the gateway that must be asked again, not the buyer who must be paid again.
            issuing.trouble = Some("accepted_then_not_found".to_owned());
            return Effect::due(now.saturating_add(pause_ms(issuing.tries)));
        }
        if now < settled_at {
            return Effect::due(settled_at);
        }
        let age = now.saturating_sub(issuing.key_since);
        let forgotten = semantics.key_lifetime_ms.is_some_and(|life| age > life.saturating_sub(KEY_MARGIN_MS));
        let useless = forgotten || issuing.spent;
        if useless && !semantics.absence_is_proof {
            let alarm = (issuing.trouble.as_deref() != Some("key_too_old")).then_some("key_too_old");
            issuing.trouble = Some("key_too_old".to_owned());
            return Effect { alarm, ..Effect::due(now.saturating_add(LONGEST_PAUSE_MS)) };
        }
        if !semantics.absence_is_proof {
            issuing.doubtful_since = issuing.doubtful_since.or(Some(issuing.sent_at));
        }
        if useless {
            // A repeat with the old key would be a new refund to the gateway; the absence is proved, so a new key is
            // no less safe, and its age is known.
            issuing.attempt = issuing.attempt.saturating_add(1);
            issuing.key_since = now;
            issuing.spent = false;
        }
        issuing.phase = Phase::Ready;
        Effect::due(now)
    }

    /// The merchant's balance is short: the fund advances, if it may.
    fn advance_or_void(&mut self, code: String, semantics: &Semantics, rules: &Rules<'_>, now: i64) -> Effect {
        let advanced = decide::advance(&self.decision, &self.case, &rules.at(self.case.order.paid_at), now);
        let Some(issuing) = self.issuing.as_mut() else { return Effect::alarm(self, "no_issuing") };
        let fund_pays = advanced.legs.iter().any(|leg| leg.payer == Payer::ProtectionFund);
        if issuing.advance || advanced.outcome != Outcome::Approved || !fund_pays {
            issuing.refused_at = Some(now);
            return self.void(code, now);
        }
        issuing.advance = true;
        issuing.reserved = false;
        issuing.phase = Phase::Ready;
        issuing.trouble = Some(code);
        issuing.tries = 0;
        if semantics.new_key_after_refusal {
            issuing.attempt = issuing.attempt.saturating_add(1);
            issuing.key_since = now;
        }
        self.decision = advanced;
        Effect::due(now)
    }

    /// The money has moved.
    pub fn post(&mut self, settled: Settled, now: i64) -> Effect {
        if let Some(issuing) = self.issuing.as_mut() {
            issuing.refund_no = Some(settled.refund_no).filter(|no| !no.is_empty()).or(issuing.refund_no.take());
            issuing.posted_at = Some(settled.at.unwrap_or(now));
            issuing.trouble = None;
        }
        // Its gateway has spoken, or people have.
        self.settlement = None;
        self.state = State::Posted;
        let mut lines = postings::payment(self);
        // What happened while the money was on its way.
        lines.extend(self.book_claim());
        if let Some(at) = self.received_at() {
            lines.extend(self.come_back(at));
        }
        Effect { postings: lines, due_at: self.next_due(), ..Effect::default() }
    }

    /// No money moved, and none will.
    pub fn void(&mut self, code: impl Into<String>, now: i64) -> Effect {
        if let Some(issuing) = self.issuing.as_mut() {
            issuing.trouble = Some(code.into());
            issuing.instead = None;
        }
        self.settlement = None;
        // What was to go another way and found no room is as it was before.
        self.go_along_the_payment();
        self.state = if self.reversals > 0 { State::Reversed } else { State::Void };
        let postings = self.book_claim();
        // What the insurer has paid stays claimed, so that it is not claimed again.
        let claimed = self.aftermath.claim_booked;
        let holds = self.decision.holds.iter().filter(|hold| !(claimed && hold.account.is_claim()));
        self.releasing = holds.cloned().collect();
        let due_at = (!self.releasing.is_empty()).then_some(now);
        Effect { postings, due_at, ..Effect::default() }
    }

    /// Books what the insurer has paid, once.
    pub fn book_claim(&mut self) -> Vec<Line> {
        match self.aftermath.claim_paid_fen {
            Some(fen) if !self.aftermath.claim_booked => {
                self.aftermath.claim_booked = true;
                postings::claim(fen)
            }
            _ => Vec::new(),
        }
    }

    /// The gateway had refused for good, or taken its payment back, and has paid. Money comes first: it is booked and held
    /// again.
    pub(super) fn paid_after_all(&mut self, settled: Settled, now: i64) -> Effect {
        if let Some(issuing) = self.issuing.as_mut() {
            (issuing.refused_at, issuing.instead, issuing.contested) = (None, None, None);
        }
        self.releasing.clear();
        if self.reversals == 0 {
            self.leave_out_what_is_not_paid();
        }
        self.reinstating = self.decision.holds.clone();
        let effect = self.post(settled, now);
        Effect { alarm: Some("paid_after_refusal"), due_at: Some(now), ..effect }
    }

    /// What would have gone another way than along the payment was never paid, and others may have been paid it since: a new
    /// request asks for it.
    fn leave_out_what_is_not_paid(&mut self) {
        let claimed = self.aftermath.claim_booked;
        let paid = |leg: &Leg| leg.route.gives_back() || (claimed && leg.route == Route::InsuranceClaim);
        self.decision.legs.retain(paid);
        self.decision.total_fen = self.decision.sum_fen(|_| true);
        let legs = &self.decision.legs;
        self.decision.reasons.retain(|reason| reason.leg.is_none_or(|kind| legs.iter().any(|leg| leg.kind == kind)));
        let unpaid = |hold: &mut Hold| hold.account.is_once() && !(claimed && hold.account.is_claim());
        self.releasing = self.decision.holds.extract_if(.., unpaid).collect();
    }

    pub(super) fn paid_again(&mut self, settled: &Settled, now: i64) -> Effect {
        let known = self.issuing.as_ref().and_then(|issuing| issuing.refund_no.as_deref());
        let otherwise = self.issuing.as_ref().is_some_and(|issuing| issuing.instead == Some(Instead::Paying));
        let other = known.is_some_and(|known| known != settled.refund_no) || otherwise;
        if other && !settled.refund_no.is_empty() {
            return self.second_payment(settled.refund_no.clone(), now);
        }
        self.settle_contest()
    }

    /// The gateway has paid once more: the buyer owes it, and people find it.
    fn second_payment(&mut self, refund_no: String, now: i64) -> Effect {
        let known = self.aftermath.second_payments.iter().any(|second| second.refund_no == refund_no);
        let contested = self.issuing.as_mut().and_then(|issuing| issuing.contested.take());
        if known {
            return Effect { due_at: self.next_due(), unchanged: contested.is_none(), ..Effect::default() };
        }
        let amount_fen = self.given_back_fen();
        let postings = postings::second_payment(self, &refund_no, amount_fen);
        self.aftermath.second_payments.push(SecondPayment { refund_no, at: now, amount_fen });
        Effect { postings, due_at: self.next_due(), alarm: Some("second_payment"), ..Effect::default() }
    }

    /// What the buyer was paid besides and owes, fen.
    pub fn overpaid_fen(&self) -> i64 {
        self.aftermath.second_payments.iter().fold(0, |sum: i64, second| sum.saturating_add(second.amount_fen))
    }

    /// When something is to be done without anybody asking.
    pub fn next_due(&self) -> Option<i64> {
        if self.is_untidy() {
            return Some(0);
        }
        match self.state {
            State::Waiting => self.decision.waiting.as_ref().map(|waiting| waiting.until),
            State::Posted => {
                let ask_at = self.contested().map(|contested| contested.ask_at);
                [ask_at, self.return_due(), self.recourse_due(), self.quota_due(), self.year_due(), self.next_term()]
                    .into_iter()
                    .flatten()
                    .min()
            }
            State::Reversed => {
                [self.contested().map(|contested| contested.ask_at), self.recourse_due()].into_iter().flatten().min()
            }
            State::Void => self.contested().map(|contested| contested.ask_at),
            State::Declined | State::Issuing => None,
        }
    }

    /// When the money is claimed back, unless the goods arrive.
    pub fn return_due(&self) -> Option<i64> {
        let aftermath = &self.aftermath;
        let open = self.state == State::Posted && aftermath.returned_at.is_none() && aftermath.clawed_back_at.is_none();
        self.decision.follow_up.return_due_at.filter(|_| open)
    }

    /// When what the fund has not got back is written off.
    pub fn recourse_due(&self) -> Option<i64> {
        let open = self.aftermath.written_off_at.is_none() && self.fund_open_fen() > 0;
        self.decision.follow_up.recourse_until.filter(|_| open)
    }

    /// When the buyer's quota is free again although nothing had to come back: once the merchant can no longer appeal.
    pub fn quota_due(&self) -> Option<i64> {
        let held = self.decision.holds.iter().any(|hold| hold.account.is_quota());
        let open = held
            && self.state == State::Posted
            && self.aftermath.quota_freed_at.is_none()
            && self.aftermath.returned_at.is_none();
        let alone = open && self.decision.follow_up.return_due_at.is_none();
        self.decision.follow_up.appeal_until.filter(|_| alone)
    }

    /// When it no longer counts among the buyer's instant refunds of a year.
    pub fn year_due(&self) -> Option<i64> {
        let counted = self.decision.holds.iter().any(|hold| hold.account.is_year());
        let open = counted && self.state == State::Posted && self.aftermath.year_over_at.is_none();
        open.then(|| self.decided_at.saturating_add(YEAR_MS))
    }

    /// What the merchant still owes the fund, fen: not what came back, was claimed back from the buyer (if the goods came
    /// after all, the merchant bears it), or is the platform's after an appeal.
    pub fn fund_open_fen(&self) -> i64 {
        let settled = self.state == State::Reversed
            || self.aftermath.clawed_back_at.is_some()
            || self.aftermath.appeal_upheld == Some(true);
        let owed = |leg: &Leg| leg.payer == Payer::ProtectionFund && !(settled && leg.route.gives_back());
        self.decision.sum_fen(owed).saturating_sub(self.aftermath.recovered_fen).max(0)
    }

    /// Whether the buyer owes the money: it was claimed back, and the goods have not come after all.
    pub fn is_clawed_back(&self) -> bool {
        self.aftermath.clawed_back_at.is_some() && self.aftermath.claw_back_reversed_at.is_none()
    }

    /// What the fund advanced, fen.
    pub fn advanced_fen(&self) -> i64 {
        self.decision.sum_fen(|leg| leg.payer == Payer::ProtectionFund)
    }

    /// Drops the legs of an account that is full, if the rest can be paid without them. Their holds are released.
    pub fn without(&mut self, account: &Account) -> bool {
        let claim = account.is_claim();
        let leg = match account {
            account if account.is_claim() => LegKind::ReturnFreight,
            Account::Compensation { .. } => LegKind::LatenessCompensation,
            // What the gateway was asked for stays what it is asked about: all of it goes another way, or nothing.
            Account::Freight { .. } if self.goes_another_way() => return false,
            Account::Freight { .. } => LegKind::OutboundFreight,
            _ => return false,
        };
        // All of the way back, not the insurer's part alone: what others bear depends on what the insurer bore, and a
        // new request, with the facts as they are, asks for it.
        let goes = |given: &Leg| given.kind == leg;
        if !self.decision.legs.iter().any(goes) || self.decision.legs.iter().all(goes) {
            return false;
        }
        self.hold_less(goes);
        self.decision.legs.retain(|leg| !goes(leg));
        self.decision.total_fen = self.decision.sum_fen(|_| true);
        let alike = |hold: &Hold| hold.account == *account || (claim && hold.account.is_claim());
        self.releasing.extend(self.decision.holds.iter().filter(|hold| alike(hold)).cloned());
        self.decision.holds.retain(|hold| !alike(hold));
        if claim {
            // Whatever the insurer has said since is about the claim that was made before.
            (self.aftermath.claim_paid_fen, self.aftermath.claim_failure) = (None, None);
        }
        // What granted it is not true any more.
        self.decision.reasons.retain(|reason| reason.leg != Some(leg));
        let code = account.full().into();
        self.decision.reasons.push(Reason { code, leg: Some(leg), article: "".into(), inputs: Vec::new() });
        true
    }

    /// Holds less by the gateway legs that go. Their account comes before those of the sums, so none of these is held.
    fn hold_less(&mut self, goes: impl Fn(&Leg) -> bool) {
        let gone = self.decision.sum_fen(|leg| leg.route.gives_back() && goes(leg));
        let advanced =
            self.decision.sum_fen(|leg| leg.route.gives_back() && leg.payer == Payer::ProtectionFund && goes(leg));
        for hold in &mut self.decision.holds {
            let less = match &hold.account {
                account if account.is_of_sum() => gone,
                account if account.is_fund() => advanced,
                _ => 0,
            };
            hold.amount_fen = hold.amount_fen.saturating_sub(less);
        }
    }

    /// Marks holds of a kind for release. One that was about to be held again is not.
    pub fn release(&mut self, which: impl Fn(&Account) -> bool) {
        self.reinstating.retain(|hold| !which(&hold.account));
        let held: Vec<Hold> = self.decision.holds.iter().filter(|hold| which(&hold.account)).cloned().collect();
        self.releasing.extend(held);
    }
}
