//! A refund and a decision as a caller sees them: codes for programs, words for people, in one language.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;
use shared::lang::Lang;

use crate::config::ReceiptKey;
use crate::decision::{Decision, Input, Leg, Reason, Route, WaitingFor};
use crate::policy::{Rules, Words, yuan};
use crate::receipt;
use crate::refund::{Aftermath, Issuing, Phase, Proposal, Refund, SetAside, Settlement, State};

/// The reason of a void refund, besides what kept it from being paid.
pub const NOT_PAID: &str = "not_paid";
/// The reason of one that came back.
pub const REVERSED: &str = "reversed_by_gateway";

/// Of a refund that the buyer does not have: what is said in place of the decision, and why.
pub const fn unpaid(state: State) -> Option<(&'static str, &'static str)> {
    match state {
        State::Void => Some(("void", NOT_PAID)),
        State::Reversed => Some(("reversed", REVERSED)),
        State::Waiting | State::Declined | State::Issuing | State::Posted => None,
    }
}

/// Whether a reason is still true of a refund that the buyer does not have: not one for a leg that is not paid.
pub fn stays_true(reason: &Reason, paid: &[Leg]) -> bool {
    reason.leg.is_none_or(|leg| paid.iter().any(|paid| paid.kind == leg && paid.route == Route::AccountCredit))
}

/// The answer to `POST /v1/refunds` and `GET /v1/refunds/{id}`.
#[derive(serde::Serialize)]
pub struct RefundAnswer<'a> {
    refund_id: &'a str,
    state: State,
    created_at: i64,
    decided_at: i64,
    decision_id: String,
    #[serde(flatten)]
    decision: DecisionAnswer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<PaymentAnswer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    follow_up: Option<FollowUpAnswer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<&'a Proposal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement: Option<&'a Settlement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_aside: Option<&'a SetAside>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Box<RawValue>>,
}

/// A decision in words.
#[derive(serde::Serialize)]
pub struct DecisionAnswer<'a> {
    outcome: &'static str,
    message: String,
    currency: &'static str,
    total_fen: i64,
    legs: Vec<LegAnswer<'a>>,
    reasons: Vec<ReasonAnswer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting: Option<WaitingAnswer>,
    policy: &'a str,
}

#[derive(serde::Serialize)]
struct LegAnswer<'a> {
    kind: crate::decision::LegKind,
    payer: crate::decision::Payer,
    route: crate::decision::Route,
    amount_fen: i64,
    message: String,
    rule: &'a str,
    article: &'a str,
    inputs: Inputs<'a>,
}

#[derive(serde::Serialize)]
struct ReasonAnswer<'a> {
    code: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    leg: Option<crate::decision::LegKind>,
    #[serde(skip_serializing_if = "str::is_empty")]
    article: &'a str,
    inputs: Inputs<'a>,
}

#[derive(serde::Serialize)]
struct WaitingAnswer {
    #[serde(rename = "for")]
    what: WaitingFor,
    until: i64,
    message: String,
}

#[derive(serde::Serialize)]
struct PaymentAnswer<'a> {
    gateway: &'static str,
    key: String,
    amount_fen: i64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    way: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reversed_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posted_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<TroubleAnswer<'a>>,
}

#[derive(serde::Serialize)]
struct TroubleAnswer<'a> {
    code: &'a str,
    message: String,
}

#[derive(serde::Serialize)]
struct FollowUpAnswer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    return_due_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appeal_until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recourse_until: Option<i64>,
    #[serde(flatten)]
    aftermath: &'a Aftermath,
}

/// Inputs as one object.
struct Inputs<'a>(&'a [Input]);

impl Serialize for Inputs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for input in self.0 {
            map.serialize_entry(&input.name, &input.value)?;
        }
        map.end()
    }
}

/// Of a refund.
pub fn of<'a>(refund: &'a Refund, rules: &Rules<'_>, receipt: &ReceiptKey, lang: Lang) -> RefundAnswer<'a> {
    let receipt = if refund.state.is_final() { receipt::sign(refund, rules.words, receipt) } else { None };
    RefundAnswer {
        refund_id: &refund.id,
        state: refund.state,
        created_at: refund.created_at,
        decided_at: refund.decided_at,
        decision_id: receipt::decision_id(refund),
        decision: told(refund, rules, lang),
        payment: payment(refund, rules.words, lang),
        follow_up: (refund.state == State::Posted).then_some(FollowUpAnswer {
            return_due_at: refund.decision.follow_up.return_due_at,
            appeal_until: refund.decision.follow_up.appeal_until,
            recourse_until: refund.decision.follow_up.recourse_until,
            aftermath: &refund.aftermath,
        }),
        proposal: refund.proposal.as_ref(),
        settlement: refund.settlement.as_ref(),
        set_aside: refund.set_aside.as_ref(),
        receipt,
    }
}

/// What came of the decision. Of a void refund nothing was paid but what the insurer paid by itself, of one that came back
/// what did not go along the payment: no other leg is said to be, and no reason to pay it is given.
fn told<'a>(refund: &'a Refund, rules: &Rules<'_>, lang: Lang) -> DecisionAnswer<'a> {
    let decided = quote(&refund.decision, rules, lang);
    let Some((outcome, why)) = unpaid(refund.state) else { return decided };
    let words = rules.words;
    let paid = refund.paid_legs();
    let is_of = |leg: &&Leg| paid.iter().any(|paid| paid.kind == leg.kind && paid.route == leg.route);
    let told = refund.decision.legs.iter().filter(is_of).zip(&paid);
    let not_paid = ReasonAnswer {
        code: why,
        message: said(words, "reason", why, &[], lang),
        leg: None,
        article: "",
        inputs: Inputs(&[]),
    };
    let others = refund.decision.reasons.iter().filter(|reason| stays_true(reason, &paid));
    DecisionAnswer {
        outcome,
        message: said(words, "outcome", outcome, &[], lang),
        total_fen: paid.iter().fold(0, |sum: i64, leg| sum.saturating_add(leg.amount_fen)),
        legs: told.map(|(leg, paid)| paid_answer(leg, paid, words, lang)).collect(),
        reasons: std::iter::once(not_paid).chain(others.map(|reason| reason_answer(reason, words, lang))).collect(),
        ..decided
    }
}

/// Of a decision alone.
pub fn quote<'a>(decision: &'a Decision, rules: &Rules<'_>, lang: Lang) -> DecisionAnswer<'a> {
    let words = rules.words;
    DecisionAnswer {
        outcome: decision.outcome.name(),
        message: said(words, "outcome", &code_of(&decision.outcome), &[], lang),
        currency: "CNY",
        total_fen: decision.total_fen,
        legs: decision.legs.iter().map(|leg| leg_answer(leg, words, lang)).collect(),
        reasons: decision.reasons.iter().map(|reason| reason_answer(reason, words, lang)).collect(),
        waiting: decision.waiting.as_ref().map(|waiting| WaitingAnswer {
            what: waiting.what,
            until: waiting.until,
            message: said(words, "waiting", &code_of(&waiting.what), &[], lang),
        }),
        policy: &decision.policy,
    }
}

fn leg_answer<'a>(leg: &'a Leg, words: Words<'_>, lang: Lang) -> LegAnswer<'a> {
    LegAnswer {
        kind: leg.kind,
        payer: leg.payer,
        route: leg.route,
        amount_fen: leg.amount_fen,
        message: leg_words(leg, words, lang),
        rule: &leg.rule,
        article: &leg.article,
        inputs: Inputs(&leg.inputs),
    }
}

/// A leg of which another amount was paid than was decided.
fn paid_answer<'a>(leg: &'a Leg, paid: &Leg, words: Words<'_>, lang: Lang) -> LegAnswer<'a> {
    LegAnswer { amount_fen: paid.amount_fen, message: leg_words(paid, words, lang), ..leg_answer(leg, words, lang) }
}

fn reason_answer<'a>(reason: &'a Reason, words: Words<'_>, lang: Lang) -> ReasonAnswer<'a> {
    ReasonAnswer {
        code: &reason.code,
        message: said(words, "reason", &reason.code, &reason.inputs, lang),
        leg: reason.leg,
        article: &reason.article,
        inputs: Inputs(&reason.inputs),
    }
}

fn payment<'a>(refund: &'a Refund, words: Words<'_>, lang: Lang) -> Option<PaymentAnswer<'a>> {
    let issuing = refund.issuing.as_ref()?;
    let status = match (refund.state, issuing.phase) {
        (State::Posted, _) if !refund.aftermath.second_payments.is_empty() => "paid_twice",
        (State::Posted, _) if issuing.contested.is_some() => "contested",
        (State::Posted, _) => "succeeded",
        (State::Reversed, _) => "reversed",
        (State::Void, _) => "void",
        (_, Phase::Ready) => "to_be_sent",
        (_, Phase::Sent) => "unknown",
        (_, Phase::Accepted) => "processing",
    };
    Some(PaymentAnswer {
        gateway: refund.case.order.payment.gateway.as_str(),
        key: refund.key(),
        amount_fen: refund.given_back_fen(),
        status,
        way: issuing.instead.map(|_| "account_credit"),
        reversed_at: issuing.refused_at.filter(|_| refund.state == State::Reversed),
        refund_no: issuing.refund_no.as_deref(),
        posted_at: issuing.posted_at,
        trouble: trouble_of(issuing).map(|code| TroubleAnswer { code, message: trouble(code, words, lang) }),
    })
}

/// What keeps a refund from being finished, or what is said against a payment.
fn trouble_of(issuing: &Issuing) -> Option<&str> {
    issuing.contested.as_ref().map(|contested| contested.code.as_str()).or(issuing.trouble.as_deref())
}

/// What keeps a refund from being finished, in words.
fn trouble(code: &str, words: Words<'_>, lang: Lang) -> String {
    match words.get("trouble", code, lang) {
        Some(text) => text.to_owned(),
        None => lang.pick(format!("支付渠道答复 {code}"), format!("The gateway answered {code}")),
    }
}

/// A leg in words: what for, who bears it, how it comes.
pub fn leg_words(leg: &Leg, words: Words<'_>, lang: Lang) -> String {
    let name = |section, code: &str| said(words, section, code, &[], lang);
    let (kind, payer, route) =
        (name("leg", &code_of(&leg.kind)), name("payer", &code_of(&leg.payer)), name("route", &code_of(&leg.route)));
    let amount = yuan(lang, leg.amount_fen);
    lang.pick(format!("{kind} {amount}，由{payer}承担，{route}"), format!("{kind} {amount}, borne by {payer}, {route}"))
}

/// Words of a code; a code that has none (a gateway's own) stands for itself.
pub fn said(words: Words<'_>, section: &str, code: &str, inputs: &[Input], lang: Lang) -> String {
    words.fill(section, code, lang, inputs).map_or_else(|| code.to_owned(), std::borrow::Cow::into_owned)
}

/// The code that a value has in JSON.
fn code_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}
