//! Answers: a verdict as JSON, and as the statuses and header fields that a proxy can act on.

use http::StatusCode;
use serde::Serialize;
use shared::http::{HeaderSet, Response, TEXT, negotiated_json};
use shared::lang::Lang;

use crate::bot_auth::Signed;
use crate::client::AddressClass;
use crate::limits::Standing;
use crate::pass::Pass;
use crate::policy::Rules;
use crate::refuse::{Given, with_limits};
use crate::request::Request;
use crate::screen::{BITS, Decision};
use crate::signals::{class, purpose, standing};
use crate::verdict::{Outcome, Reason, Verdict};
use crate::visit::{Seen, Visiting};

#[derive(Serialize)]
struct Body<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<i64>,
    message: &'a str,
    action: &'a str,
    agent: AgentBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<SignatureBody<'a>>,
    request: RequestBody<'a>,
    weight: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    spared: Option<&'static str>,
    labels: Vec<&'a str>,
    reasons: Vec<ReasonBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shadow: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<PassBody>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pass_shared: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    visit: Option<VisitBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    limits: Vec<LimitBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flood: Option<&'static str>,
    reference: &'a str,
    policy: &'a str,
}

/// The pass that came with the request.
#[derive(Serialize)]
struct PassBody {
    number: String,
    bits: u8,
    until: u32,
}

/// The visit that the request goes on with.
#[derive(Serialize)]
struct VisitBody<'a> {
    seconds: i64,
    pages: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    since_page_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pace_ms: Option<u32>,
    networks: u8,
    trail: &'a str,
}

impl VisitBody<'_> {
    fn of(visiting: &Visiting) -> Option<VisitBody<'_>> {
        let Visiting::Known(Seen { visit, age, since_page, trail }) = visiting else { return None };
        Some(VisitBody {
            seconds: age / 1000,
            pages: visit.pages,
            since_page_ms: *since_page,
            pace_ms: visit.pace(),
            networks: visit.networks,
            trail,
        })
    }
}

/// A limit, and how the request stands with it.
#[derive(Serialize)]
struct LimitBody<'a> {
    limit: &'a str,
    over: bool,
    requests: i64,
    seconds: i64,
    remaining: i64,
    reset_seconds: i64,
    message: &'a str,
}

#[derive(Serialize)]
struct AgentBody {
    class: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<&'static str>,
}

/// What its signature of Web Bot Auth comes to.
#[derive(Serialize)]
struct SignatureBody<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl<'a> SignatureBody<'a> {
    fn of(signed: &'a Signed<'a>) -> SignatureBody<'a> {
        let proof = match signed {
            Signed::By(proof) | Signed::Replayed(proof) => Some(proof),
            Signed::Unknown | Signed::Refused(_) => None,
        };
        SignatureBody {
            state: signed.name(),
            signer: proof.map(|proof| proof.signer),
            key: proof.map(|proof| proof.key.as_str()),
            reason: signed.reason(),
        }
    }
}

/// The request as it was understood.
#[derive(Serialize)]
struct RequestBody<'a> {
    method: &'a str,
    host: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Whether something was told that is no address.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    address_unread: bool,
    /// Whose address it is, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    address_class: Option<&'static str>,
}

#[derive(Serialize)]
struct ReasonBody<'a> {
    rule: &'a str,
    weight: i16,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    message: &'a str,
}

/// The labels that a request was given, each once.
pub fn labels<'p>(verdict: &Verdict<'p>) -> Vec<&'p str> {
    let mut labels: Vec<&str> = verdict.reasons.iter().filter_map(|reason| reason.label).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// The field that names the decision.
const REFERENCE: &str = "venditor-reference";

/// The whole decision.
pub fn json<'p>(
    request: &Request,
    decision: &Decision<'p>,
    given: Option<&Given>,
    rules: &Rules<'p>,
    lang: Lang,
) -> Response {
    let (verdict, outcome) = (&decision.verdict, decision.outcome);
    let reason = |reason: &Reason<'p>| ReasonBody {
        rule: rules.code(reason.rule),
        weight: reason.weight,
        label: reason.label,
        message: rules.about(reason.rule, lang),
    };
    let limit = |one: &Standing<'p>| LimitBody {
        limit: one.limit.code,
        over: one.over,
        requests: one.limit.requests,
        seconds: one.limit.seconds,
        remaining: one.remaining,
        reset_seconds: one.reset,
        message: lang.pick(one.limit.words[0], one.limit.words[1]),
    };
    let pass = |pass: &Pass| PassBody { number: pass.number(), bits: pass.bits, until: pass.until };
    let body = Body {
        outcome: outcome.name(),
        status: outcome.status(),
        retry_after_seconds: (outcome == Outcome::Throttle).then_some(decision.retry_after),
        message: rules.says(outcome, lang),
        action: verdict.action.name(),
        agent: AgentBody {
            class: class(verdict.agent.class),
            name: verdict.agent.name,
            purpose: verdict.agent.purpose.map(purpose),
            standing: verdict.standing.map(standing),
        },
        signature: verdict.signed.as_ref().map(SignatureBody::of),
        request: RequestBody {
            method: &request.method,
            host: &request.host,
            path: request.paths.first().map_or("/", String::as_str),
            address: request.address.map(|address| address.to_string()),
            address_unread: decision.address_unread,
            address_class: Some(verdict.address)
                .filter(|class| *class != AddressClass::Unknown)
                .map(AddressClass::name),
        },
        weight: verdict.weight,
        spared: decision.spared(),
        labels: labels(verdict),
        reasons: verdict.reasons.iter().map(reason).collect(),
        shadow: verdict.shadow.iter().map(|rule| rules.code(*rule)).collect(),
        challenge: given.map(Given::told),
        pass: decision.pass.as_ref().map(pass),
        pass_shared: decision.pass_shared,
        visit: VisitBody::of(&request.visit),
        limits: decision.standings.iter().map(limit).collect(),
        flood: decision.flood,
        reference: &decision.reference,
        policy: rules.digest,
    };
    Response::json(StatusCode::OK, negotiated_json(lang), &body)
}

/// The fields of an answer without a body: there is nothing in it to be typed, framed or loaded.
static NO_BODY: HeaderSet = &[("cache-control", "no-store")];

/// What a proxy acts on: `204` if the request goes on, `401` if it is challenged, else `403`, for nginx's `auth_request`
/// takes 2xx, 401 and 403 alone; the status that the client should get is in `venditor-status`.
pub fn for_proxy(decision: &Decision<'_>, rules: &Rules<'_>) -> Response {
    let outcome = decision.outcome;
    let (status, fixed, body) = match outcome.status() {
        None => (StatusCode::NO_CONTENT, NO_BODY, String::new()),
        // For a proxy that shows it as it is: nobody knows which language its client reads.
        Some(_) => {
            let [zh, en] = [Lang::Zh, Lang::En].map(|lang| rules.says(outcome, lang));
            let challenged = outcome == Outcome::Challenge;
            let status = if challenged { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
            (status, TEXT, format!("{zh}\n{en}\n"))
        }
    };
    let mut answer = with_fields(Response::new(status, fixed, body.into_bytes()), decision, rules);
    if let Some(price) = decision.price.filter(|_| outcome == Outcome::Challenge) {
        answer = answer.with(BITS, price.bits.saturating_add(price.added).to_string());
    }
    if let Some(status) = outcome.status() {
        answer = with_limits(answer.with("venditor-status", status.to_string()), decision);
    }
    answer
}

/// `200` for a proxy that hands other answers to its client: Envoy takes nothing else for a yes. Its body is the outcome,
/// which nobody reads: an empty one would be sent in chunks.
pub fn goes_on(decision: &Decision<'_>, rules: &Rules<'_>) -> Response {
    let body = format!("{}\n", decision.outcome.name());
    with_fields(Response::new(StatusCode::OK, TEXT, body.into_bytes()), decision, rules)
}

/// An answer with what is said of a decision. All fields but the reference have few values.
fn with_fields(answer: Response, decision: &Decision<'_>, rules: &Rules<'_>) -> Response {
    fields(decision, rules).into_iter().fold(answer, |answer, (name, value)| {
        if name == REFERENCE { answer.with(name, value) } else { answer.with_steady(name, value) }
    })
}

/// What is said of a decision in header fields, to a proxy or to an origin.
pub fn fields(decision: &Decision<'_>, rules: &Rules<'_>) -> Vec<(&'static str, String)> {
    let verdict = &decision.verdict;
    let mut fields = vec![
        ("venditor-outcome", decision.outcome.name().to_owned()),
        ("venditor-action", verdict.action.name().to_owned()),
        ("venditor-agent", class(verdict.agent.class).to_owned()),
        ("venditor-weight", verdict.weight.to_string()),
        ("venditor-policy", rules.digest.to_owned()),
        (REFERENCE, decision.reference.clone()),
    ];
    let labels = labels(verdict);
    if !labels.is_empty() {
        fields.push(("venditor-labels", labels.join(", ")));
    }
    if let Some(proof) = verdict.signed.as_ref().and_then(Signed::proof) {
        fields.push(("venditor-signer", proof.signer.to_owned()));
    }
    fields
}
