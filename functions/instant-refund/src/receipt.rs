//! The signed receipt of a decision: what the buyer can keep, and `venditor verify` can check without us.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use shared::dsse;
use shared::hex::hex;
use shared::lang::{Lang, Text};

use crate::answer::{leg_words, said, stays_true, unpaid};
use crate::config::ReceiptKey;
use crate::decision::{Leg, LegKind, Payer, Reason, Route, Scalar};
use crate::policy::Words;
use crate::refund::{Refund, State};

/// What is signed. Integers and texts alone, so that it has one canonical form (RFC 8785).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt<'a> {
    /// The refund.
    pub refund_id: Cow<'a, str>,
    /// The decision, see [`decision_id`].
    pub decision_id: String,
    /// The marketplace's id of the order.
    pub order_id: Cow<'a, str>,
    /// How it ended.
    pub state: State,
    /// `CNY`.
    pub currency: Cow<'a, str>,
    /// What was paid: the sum of `legs`.
    pub total_fen: i64,
    /// What was paid.
    pub legs: Vec<ReceiptLeg<'a>>,
    /// What others owe the buyer besides: an insurer that has not paid yet, or has refused and may pay all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<ReceiptLeg<'a>>,
    /// Receipts of one refund are numbered; one with a higher number takes the place of those with lower ones. Of two with
    /// the same number the one issued later does: what was declined can be decided again.
    #[serde(default)]
    pub number: i64,
    /// Why.
    pub reasons: Vec<ReceiptReason<'a>>,
    /// First half of the SHA-256 of the policy pack.
    pub policy: Cow<'a, str>,
    /// When it was decided; the instant that the signing key must be valid at.
    pub issued_at: i64,
    /// When the money moved.
    pub paid_at: Option<i64>,
    /// The gateway's id of the refund.
    pub refund_no: Option<Cow<'a, str>>,
}

/// One amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLeg<'a> {
    /// What for.
    pub kind: LegKind,
    /// Who bears it.
    pub payer: Payer,
    /// How it reaches the buyer.
    pub route: Route,
    /// How much.
    pub amount_fen: i64,
    /// The rule that gave it.
    pub rule: Cow<'a, str>,
    /// The article of law or the source of the rule.
    pub article: Cow<'a, str>,
    /// The figures that the rule looked at.
    pub inputs: Vec<(Cow<'a, str>, Cow<'a, Scalar>)>,
    /// All of it in words.
    pub text: Text,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptReason<'a> {
    /// Stable, snake case.
    pub code: Cow<'a, str>,
    /// The article of law or the source of the rule; empty if none.
    pub article: Cow<'a, str>,
    /// In words.
    pub text: Text,
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
pub fn sign(refund: &Refund, words: Words<'_>, key: &ReceiptKey) -> Option<Box<RawValue>> {
    let issuing = refund.issuing.as_ref();
    let posted = refund.state == State::Posted;
    let paid = refund.paid_legs();
    let line = |leg| receipt_leg(leg, words);
    let owed = refund.decision.legs.iter().filter(|leg| leg.route == Route::InsuranceClaim);
    let reversed = refund.state == State::Reversed;
    let owed = owed.filter(|_| (posted || reversed) && !refund.aftermath.claim_booked);
    let unpaid = unpaid(refund.state).map(|(_, why)| why);
    let not_paid = unpaid.map(|why| ReceiptReason {
        code: why.into(),
        article: "".into(),
        text: both(&|lang| said(words, "reason", why, &[], lang)),
    });
    // What it says changes when the insurer pays, when a gateway pays after it had refused, and when one takes it back.
    let turns = i64::from(refund.reversals).saturating_mul(4).saturating_add(if posted { 2 } else { 0 });
    let number = 1i64.saturating_add(turns).saturating_add(i64::from(refund.aftermath.claim_booked));
    let stays = |reason: &&Reason| unpaid.is_none() || stays_true(reason, &paid);
    let receipt = Receipt {
        refund_id: refund.id.as_str().into(),
        decision_id: decision_id(refund),
        order_id: refund.case.order.order_id.as_str().into(),
        state: refund.state,
        currency: "CNY".into(),
        total_fen: paid.iter().fold(0, |sum: i64, leg| sum.saturating_add(leg.amount_fen)),
        number,
        legs: paid.iter().map(line).collect(),
        owed: owed.map(line).collect(),
        reasons: not_paid
            .into_iter()
            .chain(refund.decision.reasons.iter().filter(stays).map(|reason| ReceiptReason {
                code: reason.code.as_ref().into(),
                article: reason.article.as_ref().into(),
                text: both(&|lang| said(words, "reason", &reason.code, &reason.inputs, lang)),
            }))
            .collect(),
        policy: refund.decision.policy.as_ref().into(),
        issued_at: refund.decided_at,
        paid_at: issuing.filter(|_| !reversed).and_then(|issuing| issuing.posted_at),
        refund_no: issuing.and_then(|issuing| issuing.refund_no.as_deref()).map(Cow::Borrowed),
    };
    let envelope = dsse::sign(dsse::RECEIPT, &receipt, &key.kid, &key.key).ok()?;
    RawValue::from_string(String::from_utf8(envelope).ok()?).ok()
}

fn receipt_leg<'a>(leg: &'a Leg, words: Words<'_>) -> ReceiptLeg<'a> {
    ReceiptLeg {
        kind: leg.kind,
        payer: leg.payer,
        route: leg.route,
        amount_fen: leg.amount_fen,
        rule: leg.rule.as_ref().into(),
        article: leg.article.as_ref().into(),
        inputs: leg.inputs.iter().map(|input| (input.name.as_ref().into(), Cow::Borrowed(&input.value))).collect(),
        text: both(&|lang| leg_words(leg, words, lang)),
    }
}

fn both(render: &dyn Fn(Lang) -> String) -> Text {
    Text { zh: render(Lang::Zh), en: render(Lang::En) }
}
