//! Answers: a verdict as JSON, and as the statuses and header fields that a proxy can act on.

use http::StatusCode;
use serde::Serialize;
use shared::http::{Response, TEXT, negotiated_json};
use shared::lang::Lang;

use crate::policy::Rules;
use crate::request::Request;
use crate::signals::{class, purpose};
use crate::verdict::{Outcome, Reason, Verdict};

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
    request: RequestBody<'a>,
    weight: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    spared: Option<&'static str>,
    labels: Vec<&'a str>,
    reasons: Vec<ReasonBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shadow: Vec<&'a str>,
    policy: &'a str,
}

#[derive(Serialize)]
struct AgentBody {
    class: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'static str>,
}

/// The request as it was understood.
#[derive(Serialize)]
struct RequestBody<'a> {
    method: &'a str,
    host: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
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

/// The whole verdict.
pub fn json<'p>(request: &Request, verdict: &Verdict<'p>, rules: &Rules<'p>, lang: Lang) -> Response {
    let reason = |reason: &Reason<'p>| ReasonBody {
        rule: rules.code(reason.rule),
        weight: reason.weight,
        label: reason.label,
        message: rules.about(reason.rule, lang),
    };
    let throttled = verdict.outcome == Outcome::Throttle;
    let body = Body {
        outcome: verdict.outcome.name(),
        status: verdict.outcome.status(),
        retry_after_seconds: throttled.then_some(rules.retry_after_seconds),
        message: rules.says(verdict.outcome, lang),
        action: verdict.action.name(),
        agent: AgentBody {
            class: class(verdict.agent.class),
            name: verdict.agent.name,
            purpose: verdict.agent.purpose.map(purpose),
        },
        request: RequestBody {
            method: &request.method,
            host: &request.host,
            path: request.paths.first().map_or("/", String::as_str),
            address: request.address.map(|address| address.to_string()),
        },
        weight: verdict.weight,
        spared: verdict.spared,
        labels: labels(verdict),
        reasons: verdict.reasons.iter().map(reason).collect(),
        shadow: verdict.shadow.iter().map(|rule| rules.code(*rule)).collect(),
        policy: rules.digest,
    };
    Response::json(StatusCode::OK, negotiated_json(lang), &body)
}

/// What a proxy acts on: `204` if the request goes on, else `403`, for nginx's `auth_request` takes 2xx, 401 and 403
/// alone; the status that the client should get is in `venditor-status`.
pub fn for_proxy(verdict: &Verdict<'_>, rules: &Rules<'_>) -> Response {
    let (status, body) = match verdict.outcome.status() {
        None => (StatusCode::NO_CONTENT, String::new()),
        // For a proxy that shows it as it is: nobody knows which language its client reads.
        Some(_) => {
            let [zh, en] = [Lang::Zh, Lang::En].map(|lang| rules.says(verdict.outcome, lang));
            (StatusCode::FORBIDDEN, format!("{zh}\n{en}\n"))
        }
    };
    let mut answer = Response::new(status, TEXT, body.into_bytes())
        .with("venditor-outcome", verdict.outcome.name())
        .with("venditor-action", verdict.action.name())
        .with("venditor-agent", class(verdict.agent.class))
        .with("venditor-weight", verdict.weight.to_string())
        .with("venditor-policy", rules.digest);
    let labels = labels(verdict);
    if !labels.is_empty() {
        answer = answer.with("venditor-labels", labels.join(", "));
    }
    if let Some(status) = verdict.outcome.status() {
        answer = answer.with("venditor-status", status.to_string());
    }
    if verdict.outcome == Outcome::Throttle {
        answer = answer.with("retry-after", rules.retry_after_seconds.to_string());
    }
    answer
}
