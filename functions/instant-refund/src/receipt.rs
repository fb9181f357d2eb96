//! The signed receipt of a decision: what the buyer can keep, and `venditor verify` can check without us.

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use shared::dsse;
use shared::lang::{Lang, Text};
use shared::trace::hex;

use crate::answer::{leg_words, words};
use crate::config::ReceiptKey;
use crate::decision::{LegKind, Payer, Route};
use crate::refund::{Refund, State};

/// What is signed. Integers and texts alone, so that it has one canonical form (RFC 8785).
#[derive(Serialize)]
struct Receipt<'a> {
    refund_id: &'a str,
    decision_id: String,
    order_id: &'a str,
    state: State,
    currency: &'static str,
    total_fen: i64,
    legs: Vec<ReceiptLeg<'a>>,
    reasons: Vec<ReceiptReason<'a>>,
    policy: &'a str,
    /// When it was decided; the instant that the signing key must be valid at.
    issued_at: i64,
    paid_at: Option<i64>,
    refund_no: Option<&'a str>,
}

#[derive(Serialize)]
struct ReceiptLeg<'a> {
    kind: LegKind,
    payer: Payer,
    route: Route,
    amount_fen: i64,
    rule: &'a str,
    article: &'a str,
    inputs: Vec<(&'a str, &'a crate::decision::Scalar)>,
    text: Text,
}

#[derive(Serialize)]
struct ReceiptReason<'a> {
    code: &'a str,
    article: &'a str,
    text: Text,
}

/// The id of a decision: the same refund, decided alike at the same instant, has the same one.
pub fn decision_id(refund: &Refund) -> String {
    let mut digest = Sha256::new();
    digest.update(&refund.id);
    digest.update(refund.decided_at.to_be_bytes());
    digest.update(serde_json::to_vec(&refund.decision).unwrap_or_default());
    hex(digest.finalize().get(..16).unwrap_or_default())
}

/// The receipt, an envelope in JSON. `None` only if it grew past what an envelope holds.
pub fn sign(refund: &Refund, key: &ReceiptKey) -> Option<Box<RawValue>> {
    let both = |render: &dyn Fn(Lang) -> String| Text { zh: render(Lang::Zh), en: render(Lang::En) };
    let issuing = refund.issuing.as_ref();
    let receipt = Receipt {
        refund_id: &refund.id,
        decision_id: decision_id(refund),
        order_id: &refund.case.order.order_id,
        state: refund.state,
        currency: "CNY",
        total_fen: if refund.state == State::Posted { refund.decision.total_fen } else { 0 },
        legs: refund
            .decision
            .legs
            .iter()
            .map(|leg| ReceiptLeg {
                kind: leg.kind,
                payer: leg.payer,
                route: leg.route,
                amount_fen: leg.amount_fen,
                rule: &leg.rule,
                article: &leg.article,
                inputs: leg.inputs.iter().map(|input| (input.name.as_ref(), &input.value)).collect(),
                text: both(&|lang| leg_words(leg, lang)),
            })
            .collect(),
        reasons: refund
            .decision
            .reasons
            .iter()
            .map(|reason| ReceiptReason {
                code: &reason.code,
                article: &reason.article,
                text: both(&|lang| words("reason", &reason.code, &reason.inputs, lang)),
            })
            .collect(),
        policy: &refund.decision.policy,
        issued_at: refund.decided_at,
        paid_at: issuing.and_then(|issuing| issuing.posted_at),
        refund_no: issuing.and_then(|issuing| issuing.refund_no.as_deref()),
    };
    let envelope = dsse::sign(dsse::RECEIPT, &receipt, &key.kid, &key.key).ok()?;
    RawValue::from_string(String::from_utf8(envelope).ok()?).ok()
}
