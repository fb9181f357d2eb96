//! What event lines say about a refund. Deliberately absent: ids of buyers, orders and waybills in the clear. Their
//! keyed hashes are equal for equal ids, so a line can be found by whoever holds the key.

use serde::Serialize;
use shared::hex::hex;
use shared::mac::MacKey;

use crate::case::Case;
use crate::decision::{Decision, Leg, LegKind, Outcome, Payer};
use crate::refund::Refund;

/// Details of `venditor.refund.v1`.
#[derive(Serialize)]
pub struct RefundDetails<'a> {
    refund: &'a str,
    order: String,
    buyer: String,
    merchant: &'a str,
    waybills: Vec<String>,
    total_fen: i64,
    legs: Vec<LegDetails>,
    gateway: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<&'a str>,
}

#[derive(Serialize)]
struct LegDetails {
    kind: LegKind,
    payer: Payer,
    amount_fen: i64,
}

/// Details of `venditor.refund-alarm.v1`.
#[derive(Serialize)]
pub struct AlarmDetails<'a> {
    /// Its id.
    pub refund: &'a str,
}

/// Details of `venditor.payment.v1`: what happened to a payment outside of us.
#[derive(Serialize)]
pub struct PaymentDetails<'a> {
    gateway: &'a str,
    payment: String,
    amount_fen: i64,
    over_fen: i64,
}

impl PaymentDetails<'_> {
    /// Of a payment. `over_fen` is what all that is known comes to beyond what was paid.
    pub fn of<'a>(gateway: &'a str, payment: &str, amount_fen: i64, over_fen: i64, key: &MacKey) -> PaymentDetails<'a> {
        PaymentDetails { gateway, payment: hashed(key, "payment", payment), amount_fen, over_fen }
    }
}

/// Details of `venditor.shadow.v1`: what was decided, and what the shadow would have decided.
#[derive(Serialize)]
pub struct ShadowDetails<'a> {
    /// Empty of a quote.
    #[serde(skip_serializing_if = "str::is_empty")]
    refund: &'a str,
    merchant: &'a str,
    total_fen: i64,
    legs: Vec<LegDetails>,
    shadow: &'a str,
    would: Outcome,
    would_total_fen: i64,
    would_legs: Vec<LegDetails>,
}

impl ShadowDetails<'_> {
    /// Of a case, of the decision and the shadow's.
    pub fn of<'a>(refund: &'a str, case: &'a Case, decision: &Decision, would: &'a Decision) -> ShadowDetails<'a> {
        ShadowDetails {
            refund,
            merchant: &case.merchant.merchant_id,
            total_fen: decision.total_fen,
            legs: legs(decision),
            shadow: &would.policy,
            would: would.outcome,
            would_total_fen: would.total_fen,
            would_legs: legs(would),
        }
    }
}

fn legs(decision: &Decision) -> Vec<LegDetails> {
    let details = |leg: &Leg| LegDetails { kind: leg.kind, payer: leg.payer, amount_fen: leg.amount_fen };
    decision.legs.iter().map(details).collect()
}

impl RefundDetails<'_> {
    /// Of a refund.
    pub fn of<'a>(refund: &'a Refund, key: &MacKey) -> RefundDetails<'a> {
        let case = &refund.case;
        let parcels = case.return_.iter().flat_map(|back| &back.parcels);
        RefundDetails {
            refund: &refund.id,
            order: hashed(key, "order", &case.order.order_id),
            buyer: hashed(key, "buyer", &case.buyer.buyer_id),
            merchant: &case.merchant.merchant_id,
            waybills: parcels.map(|parcel| hashed(key, "waybill", &parcel.waybill)).collect(),
            total_fen: refund.decision.total_fen,
            legs: legs(&refund.decision),
            gateway: case.order.payment.gateway.as_str(),
            attempt: refund.issuing.as_ref().map(|issuing| issuing.attempt),
            trouble: refund.issuing.as_ref().and_then(|issuing| issuing.trouble.as_deref()),
        }
    }
}

/// 64 bits of a keyed hash; the kind of id keeps equal ids of different kinds apart.
fn hashed(key: &MacKey, kind: &str, id: &str) -> String {
    let tag = key.tag(&[kind.as_bytes(), b"\0", id.as_bytes()]);
    hex(tag.get(..8).unwrap_or_default())
}
