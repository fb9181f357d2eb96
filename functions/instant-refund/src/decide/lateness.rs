//! A broken shipping promise: the deadline of this order, and what lateness costs. 阶梯发货 has a stage that decides which
//! deadline is meant.

use shared::china_time::{day_number, start_of_day};

use super::facts::{Facts, days_after, hours_after, int, word};
use super::{Payment, article};
use crate::case::{PromiseKind, PromiseStage, RequestKind, ShippingPromise};
use crate::decision::{Account, Hold, Leg, LegKind, Payer, Route};

const LEG: Option<LegKind> = Some(LegKind::LatenessCompensation);

/// The compensation, if the order was or is late. Once per order.
pub fn compensation(facts: &mut Facts<'_>) -> Option<Payment> {
    let order = &facts.case.order;
    let Some(promise) = &order.promise else {
        facts.say("no_promise", LEG, article::DELIVERY, vec![]);
        return None;
    };
    let (kind, until) = deadline(promise, order.paid_at);
    let measured_at = measured_at(facts);
    let late_ms = measured_at.saturating_sub(until);
    if late_ms <= 0 {
        facts.say("not_late", LEG, article::DELIVERY, vec![int("until", until)]);
        return None;
    }
    let late_minutes = late_ms.saturating_add(59_999).div_euclid(60_000);
    let paid_fen = order.payment.paid_fen;
    let due = facts.policy.rules.tables.lateness(paid_fen, kind, late_ms, order.paid_at);
    let Some(due) = due.filter(|due| due.amount_fen > 0) else {
        let inputs = vec![int("until", until), int("late_minutes", late_minutes), int("paid_fen", paid_fen)];
        facts.say("lateness_below_table", LEG, article::DELIVERY, inputs);
        return None;
    };
    let amount_fen = due.amount_fen;
    let inputs = vec![int("until", until), int("late_minutes", late_minutes), int("amount_fen", amount_fen)];
    facts.say("shipped_late", LEG, article::DELIVERY, inputs);
    let leg = Leg {
        kind: LegKind::LatenessCompensation,
        payer: Payer::Merchant,
        route: Route::AccountCredit,
        amount_fen,
        rule: due.rules.join("+").into(),
        article: due.source.to_owned().into(),
        inputs: vec![
            word("promise", kind),
            int("until", until),
            int("measured_at", measured_at),
            int("late_minutes", late_minutes),
            int("paid_fen", paid_fen),
            int("base_fen", due.base_fen),
            int("extra_fen", due.extra_fen),
        ],
    };
    let account = Account::Compensation { order: order.order_id.clone() };
    Some((leg, vec![Hold { account, amount_fen: 1, limit_fen: 1, pinned: true }]))
}

/// The name of the promise in the tables, and its last instant.
fn deadline(promise: &ShippingPromise, paid_at: i64) -> (&'static str, i64) {
    let spot = || match promise.spot_hours.unwrap_or(0) {
        // The day of payment, till 24:00 China time.
        0 => start_of_day(day_number(paid_at).saturating_add(1)).saturating_sub(1),
        hours => hours_after(paid_at, hours),
    };
    let presale = || days_after(promise.presale_ends_at.unwrap_or(paid_at), promise.presale_days.unwrap_or(0));
    match (promise.kind, promise.stage) {
        (PromiseKind::Spot, _) => ("spot", spot()),
        (PromiseKind::Presale, _) => ("presale", presale()),
        (PromiseKind::Tiered, Some(PromiseStage::Spot)) => ("tiered_spot", spot()),
        // A checked case names the stage; without one the later deadline is the merchant's benefit of doubt.
        (PromiseKind::Tiered, _) => ("tiered_presale", presale()),
    }
}

/// Until when lateness is counted: shipment, or now. A buyer who asked for the money back no longer waits for goods, so
/// then it ends with the request.
fn measured_at(facts: &Facts<'_>) -> i64 {
    let end = facts.case.order.shipped_at.unwrap_or(facts.now);
    match facts.case.request.kind {
        RequestKind::RefundOnly => end.min(facts.case.request.requested_at),
        _ => end,
    }
}
