//! What the buyer paid for delivery: back only with the last piece of the order, and only if nothing was shipped, nothing
//! arrived, or the goods were faulty.

use super::facts::{Facts, int};
use super::{Goods, article};
use crate::case::{Cause, RequestKind};
use crate::decision::{Leg, LegKind, Payer, Route};

const KIND: LegKind = LegKind::OutboundFreight;

/// The leg, if the freight is due.
pub fn freight(facts: &mut Facts<'_>, goods: &Goods) -> Option<Leg> {
    let order = &facts.case.order;
    let amount_fen = order.outbound_freight_fen;
    if amount_fen <= 0 {
        return None;
    }
    if !goods.last_of_order {
        facts.say("outbound_freight_not_last", Some(KIND), article::OUTBOUND, vec![int("amount_fen", amount_fen)]);
        return None;
    }
    let request = &facts.case.request;
    let unshipped =
        request.kind == RequestKind::RefundOnly && order.shipped_at.is_none_or(|at| at > request.requested_at);
    let (rule, article) = if unshipped {
        ("outbound_freight_unshipped", article::OUTBOUND)
    } else if facts.at_fault() {
        ("outbound_freight_fault", article::FAULT_FREIGHT)
    } else if facts.case.request.cause == Cause::NotReceived {
        ("outbound_freight_not_received", article::DELIVERY)
    } else {
        facts.say("outbound_freight_kept", Some(KIND), article::RETURN_TERMS, vec![int("amount_fen", amount_fen)]);
        return None;
    };
    facts.say(rule, Some(KIND), article, vec![int("amount_fen", amount_fen)]);
    Some(Leg {
        kind: KIND,
        payer: Payer::Merchant,
        route: Route::Gateway,
        amount_fen,
        rule: rule.into(),
        article: article.into(),
        inputs: vec![int("amount_fen", amount_fen)],
    })
}
