//! The decision: what is paid to the buyer, by whom, and why. Pure and total: the same case, policy and instant give the
//! same decision, and every case gives one.
//!
//! Deadlines are inclusive: what happens in the last millisecond is in time. A wait is over at its `until`.
//!
//! | Question | Module |
//! |---|---|
//! | May the goods be paid for, now or later? | `refund_only`, `return_refund` |
//! | Has the buyer a right to it by law? | `law` |
//! | Does the platform trust the buyer with it? | `instant` |
//! | Where are the goods? | `parcels` |
//! | Who bears the way back? | `freight`, `insurance` |
//! | And the way there? | `outbound` |
//! | What is left of a line? | `lines` |
//! | Was it shipped as promised? | `lateness` |
//! | Who pays if the merchant cannot? | `fund` |

use crate::case::{Case, Cause, RequestKind, RequestLine};
use crate::decision::{Account, Decision, FollowUp, Hold, Leg, LegKind, Outcome, Payer, Route, Waiting};
use crate::policy::{Policy, Rules};
use crate::refund_event::{Grant, GrantPayer};

mod article;
mod facts;
mod freight;
mod fund;
mod instant;
mod insurance;
mod lateness;
mod law;
mod lines;
mod outbound;
mod parcels;
mod refund_only;
mod return_refund;

use facts::Facts;

pub use fund::advance;

/// Decides one case by the editions in force when its order was paid.
pub fn by(rules: &Rules<'_>, case: &Case, now_ms: i64) -> Decision {
    decide(case, &rules.at(case.order.paid_at), now_ms)
}

/// Decides a case that is brought to us: now, or once more after it was declined. One that is brought too long after the
/// buyer asked is for people, whatever silence or an arrival would have meant by then. (A refund that waits here is not:
/// if we are late with it, that is ours.)
pub fn brought(rules: &Rules<'_>, case: &Case, now_ms: i64) -> Decision {
    let policy = rules.at(case.order.paid_at);
    let decision = decide(case, &policy, now_ms);
    let until = facts::days_after(case.request.requested_at, policy.terms.request_days);
    if now_ms <= until || decision.outcome == Outcome::Declined {
        return decision;
    }
    let mut facts = Facts::new(case, &policy, now_ms);
    facts.say("request_too_old", None, article::NONE, vec![facts::int("until", until)]);
    Draft::default().finish(facts)
}

/// Decides one case. Give it the policy in force when the order was paid: [`Rules::at`].
pub fn decide(case: &Case, policy: &Policy<'_>, now_ms: i64) -> Decision {
    let mut facts = Facts::new(case, policy, now_ms);
    let mut draft = Draft::default();
    match case.request.kind {
        RequestKind::Compensation => {}
        RequestKind::Exchange => exchange(&mut facts, &mut draft),
        RequestKind::RefundOnly => {
            let goods = refund_only::goods(&mut facts);
            insurance::not_for_refund_only(&mut facts);
            settle(&mut facts, &mut draft, goods);
        }
        RequestKind::ReturnRefund => {
            let goods = return_refund::goods(&mut facts);
            settle(&mut facts, &mut draft, goods);
        }
    }
    if case.request.kind == RequestKind::Compensation || case.request.cause == Cause::LateShipment {
        draft.pay(lateness::compensation(&mut facts));
    }
    let mut decision = draft.finish(facts);
    fund::cover(&mut decision, case, policy, now_ms);
    decision
}

/// What two people have decided in place of the rules: `grant`, proposed by the first and agreed to by the second.
pub fn by_person(rules: &Rules<'_>, case: &Case, grant: &Grant, by: (&str, &str), now_ms: i64) -> Decision {
    let policy = rules.at(case.order.paid_at);
    let mut facts = Facts::new(case, &policy, now_ms);
    let mut draft = Draft::default();
    let payer = match grant.payer {
        GrantPayer::Merchant => Payer::Merchant,
        GrantPayer::Platform => Payer::Platform,
    };
    let goods_fen = grant.lines.iter().fold(0i64, |sum, line| sum.saturating_add(line.amount_fen));
    let legs = [(LegKind::GoodsRefund, goods_fen), (LegKind::OutboundFreight, grant.outbound_freight_fen)];
    for (kind, amount_fen) in legs.into_iter().filter(|(_, fen)| *fen > 0) {
        let inputs = vec![facts::int("amount_fen", amount_fen)];
        let (rule, article) = ("person_decided".into(), article::NONE.into());
        draft.legs.push(Leg { kind, payer, route: Route::Gateway, amount_fen, rule, article, inputs });
    }
    if grant.outbound_freight_fen > 0 {
        let account = Account::Freight { order: case.order.order_id.clone() };
        let limit_fen = case.order.outbound_freight_fen;
        draft.holds.push(Hold { account, amount_fen: grant.outbound_freight_fen, limit_fen, pinned: true });
    }
    draft.holds.extend(lines::holds(case, &grant.lines));
    let who = [facts::text("proposed_by", by.0), facts::text("approved_by", by.1)];
    let inputs = [facts::text("reason", &grant.reason)].into_iter().chain(who).collect();
    facts.say("person_decided", None, article::NONE, inputs);
    let mut decision = draft.finish(facts);
    fund::cover(&mut decision, case, &policy, now_ms);
    decision
}

/// Whether the goods are paid for.
#[derive(Debug, Default)]
struct Goods {
    gate: Gate,
    /// What is paid for them.
    amount_fen: i64,
    /// Of which lines.
    lines: Vec<RequestLine>,
    /// Whether the pieces paid for are the last of the order.
    last_of_order: bool,
    /// Whether the buyer's quota answers for it.
    on_quota: bool,
    /// How many of such a buyer may have in a year.
    per_year: i64,
    /// What stays open.
    follow_up: FollowUp,
    /// The rule that allowed it, and its article.
    rule: &'static str,
    article: &'static str,
    /// Whether freight insurance covers any of the goods by their category.
    insurable: bool,
}

#[derive(Debug, Default)]
enum Gate {
    /// Pay now.
    Open,
    /// Not yet.
    Shut(Waiting),
    /// No.
    #[default]
    Closed,
}

/// What is being put together.
#[derive(Default)]
struct Draft {
    legs: Vec<Leg>,
    holds: Vec<Hold>,
    waiting: Option<Waiting>,
    follow_up: FollowUp,
}

/// A leg with what must be reserved for it.
type Payment = (Leg, Vec<Hold>);

impl Draft {
    fn pay(&mut self, payments: impl IntoIterator<Item = Payment>) {
        for (leg, holds) in payments {
            self.legs.push(leg);
            for hold in holds {
                // A waybill that two parties pay for is still one waybill.
                if self.holds.iter().all(|h| h.account != hold.account) {
                    self.holds.push(hold);
                }
            }
        }
    }

    /// When what stays open ends.
    fn ends(&mut self, facts: &Facts<'_>) {
        let (terms, open) = (facts.policy.terms, &mut self.follow_up);
        open.appeal_decision_days = open.appeal_until.map(|_| terms.appeal_decision_days);
        open.receivable_days = open.return_due_at.map(|_| terms.receivable_days);
        let insured = self.legs.iter().any(|leg| leg.route == Route::InsuranceClaim);
        let claim_until = facts::days_after(facts.now, facts.policy.freight_insurance.claim_window_days);
        open.claim_until = insured.then_some(claim_until);
    }

    fn finish(mut self, facts: Facts<'_>) -> Decision {
        let outcome = match (&self.waiting, self.legs.is_empty()) {
            (Some(_), _) => Outcome::Waiting,
            (None, false) => Outcome::Approved,
            (None, true) => Outcome::Declined,
        };
        if outcome != Outcome::Approved {
            self.holds.clear();
            self.follow_up = FollowUp::default();
        } else {
            let gateway = self.legs.iter().filter(|leg| leg.route == Route::Gateway);
            let amount_fen = gateway.fold(0i64, |sum, leg| sum.saturating_add(leg.amount_fen));
            if amount_fen > 0 {
                // On the order too: a gateway may have more than one name for a payment.
                let order = &facts.case.order;
                let limit_fen = order.payment.paid_fen;
                let payment = Account::Payment { payment: order.payment.key() };
                let order = Account::Order { order: order.order_id.clone() };
                let holds = [payment, order].map(|account| Hold { account, amount_fen, limit_fen, pinned: true });
                self.holds.splice(0..0, holds);
            }
            self.ends(&facts);
        }
        Decision {
            outcome,
            total_fen: self.legs.iter().fold(0i64, |sum, leg| sum.saturating_add(leg.amount_fen)),
            legs: self.legs,
            reasons: facts.reasons,
            waiting: self.waiting,
            holds: self.holds,
            follow_up: self.follow_up,
            policy: facts.policy.rules.digest.to_owned().into(),
        }
    }
}

/// The legs of a request for money: the goods, the way there, the way back.
fn settle(facts: &mut Facts<'_>, draft: &mut Draft, goods: Goods) {
    if matches!(goods.gate, Gate::Closed) {
        return;
    }
    let case = facts.case;
    let leg = Leg {
        kind: LegKind::GoodsRefund,
        payer: Payer::Merchant,
        route: Route::Gateway,
        amount_fen: goods.amount_fen,
        rule: goods.rule.into(),
        article: goods.article.into(),
        inputs: vec![
            facts::int("amount_fen", goods.amount_fen),
            facts::int("paid_fen", case.order.payment.paid_fen),
            facts::int("paid_at", case.order.paid_at),
            facts::int("requested_at", case.request.requested_at),
        ],
    };
    // What cost nothing has nothing to refund; its way back may be paid for all the same.
    draft.legs.extend(Some(leg).filter(|leg| leg.amount_fen > 0));
    let freight_there = outbound::freight(facts, &goods);
    let instant_fen = goods.amount_fen.saturating_add(freight_there.as_ref().map_or(0, |leg| leg.amount_fen));
    if let Some(leg) = &freight_there {
        let account = Account::Freight { order: case.order.order_id.clone() };
        let limit_fen = case.order.outbound_freight_fen;
        draft.holds.push(Hold { account, amount_fen: leg.amount_fen, limit_fen, pinned: true });
    }
    draft.legs.extend(freight_there);
    draft.holds.extend(lines::holds(case, &goods.lines));
    if goods.on_quota && instant_fen > 0 {
        let account = Account::BuyerQuota { buyer: case.buyer.buyer_id.clone() };
        let limit_fen = case.buyer.quota_fen;
        draft.holds.push(Hold { account, amount_fen: instant_fen, limit_fen, pinned: false });
        // Held, not believed: of what the case tells each request knows only what was there when it was made.
        let account = Account::BuyerYear { buyer: case.buyer.buyer_id.clone() };
        draft.holds.push(Hold { account, amount_fen: 1, limit_fen: goods.per_year, pinned: false });
    }
    if case.request.kind == RequestKind::ReturnRefund {
        // What the insurer pays later is part of it: held with the rest, and booked when the insurer says so.
        draft.pay(freight::way_back(facts, goods.insurable).payments);
    }
    draft.follow_up = goods.follow_up;
    if let Gate::Shut(waiting) = goods.gate {
        draft.waiting = Some(waiting);
    }
}

/// An exchange pays no goods; the way back may be paid for.
fn exchange(facts: &mut Facts<'_>, draft: &mut Draft) {
    facts.say("exchange_no_goods_refund", Some(LegKind::GoodsRefund), article::NONE, vec![]);
    if return_refund::rejected(facts, LegKind::ReturnFreight) {
        return;
    }
    // Faulty goods are exchanged after the seven days too (art. 24 para. 1), but then the merchant is asked; and whatever is
    // exchanged is posted in time.
    // (Of what was not sent nothing comes back: that is waited for in vain.)
    let sent = facts.case.order.shipped_at.is_some();
    let granted = if sent { law::granted(facts) } else { law::Granted::default() };
    if sent && granted.lines.is_empty() || parcels::posted_late(facts, LegKind::ReturnFreight) {
        return;
    }
    if let Some(waiting) = granted.waiting {
        draft.waiting = Some(waiting);
        return;
    }
    let insurable = facts.case.request.lines.iter().any(|line| insurance::covers_category(facts, &line.line_id));
    let back = freight::way_back(facts, insurable);
    if !back.ready && back.may_come {
        match parcels::wait(facts, LegKind::ReturnFreight) {
            Some(waiting) => draft.waiting = Some(waiting),
            None => return,
        }
    }
    draft.pay(back.payments);
}
