//! What the buyer paid for delivery: back only with the last piece of the order, and only if nothing was shipped, nothing
//! arrived, or the goods were faulty.

use super::facts::{Facts, int};
use super::{Goods, article};
use crate::case::{Cause, RequestKind};
use crate::decision::{Leg, LegKind, Payer, Route};

const KIND: LegKind = LegKind::OutboundFreight;

/// The leg, if the freight is due.
pub fn freight(facts: &mut Facts<'_>, goods: &Goods) -> Option<Leg> {
    let amount_fen = facts.case.order.outbound_freight_fen;
    if amount_fen <= 0 {
        return None;
    }
    let inputs = vec![int("amount_fen", amount_fen)];
    let Some((rule, article)) = ground(facts, goods.last_of_order) else {
        if goods.last_of_order {
            facts.say("outbound_freight_kept", Some(KIND), article::RETURN_TERMS, inputs);
        } else {
            facts.say("outbound_freight_not_last", Some(KIND), article::OUTBOUND, inputs);
        }
        return None;
    };
    facts.say(rule, Some(KIND), article, inputs.clone());
    Some(Leg {
        kind: KIND,
        payer: Payer::Merchant,
        route: Route::Gateway,
        amount_fen,
        rule: rule.into(),
        article: article.into(),
        inputs,
    })
}

/// How much of it is due, for those who must know before the goods are decided.
pub fn due_fen(facts: &Facts<'_>, last_of_order: bool) -> i64 {
    ground(facts, last_of_order).map_or(0, |_| facts.case.order.outbound_freight_fen)
}

/// The rule and article by which it is due.
fn ground(facts: &Facts<'_>, last_of_order: bool) -> Option<(&'static str, &'static str)> {
    let request = &facts.case.request;
    let shipped_before = facts.case.order.shipped_at.is_some_and(|at| at <= request.requested_at);
    if !last_of_order {
        None
    } else if request.kind == RequestKind::RefundOnly && !shipped_before {
        Some(("outbound_freight_unshipped", article::OUTBOUND))
    } else if facts.at_fault() {
        Some(("outbound_freight_fault", article::FAULT_FREIGHT))
    } else if request.cause == Cause::NotReceived {
        Some(("outbound_freight_not_received", article::DELIVERY))
    } else {
        None
    }
}
