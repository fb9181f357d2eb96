//! What a client gets whose request does not go on: a page if a browser shows one, else a problem (RFC 9457) that says what
//! to do.

use http::StatusCode;
use serde::Serialize;
use shared::http::Response;
use shared::lang::Lang;
use shared::platform::Host;
use shared::problem::{Problem, text};

use crate::challenge::{Challenge, Kind, PARTS, part_bits, seed};
use crate::client::AddressClass;
use crate::config::Config;
use crate::limits::{policy_field, standing_field};
use crate::page::{self, Form, Words};
use crate::policy::{Price, Rules};
use crate::request::{Frame, Request};
use crate::routes::SOLVE;
use crate::screen::Decision;
use crate::seal::Keys;
use crate::verdict::Outcome;

shared::problem_kinds! {
    /// The client must show that it is a browser.
    CHALLENGE_REQUIRED = FORBIDDEN "challenge-required", "需要先通过验证", "A challenge must be solved first";
    /// A limit is exceeded, or the request looks like a program's.
    TOO_MANY_REQUESTS = TOO_MANY_REQUESTS "too-many-requests", "请稍后再试", "Try again later";
    /// The request is refused.
    BLOCKED = FORBIDDEN "blocked", "请求已被拦截", "The request was blocked";
}

/// What a program is told of a challenge.
#[derive(Serialize)]
struct ChallengeBody<'a> {
    token: &'a str,
    solve: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<WorkBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_seconds: Option<u8>,
    until: u32,
}

#[derive(Serialize)]
struct WorkBody {
    algorithm: &'static str,
    seed: String,
    parts: usize,
    bits: u8,
}

/// A challenge that is given out now.
pub struct Given {
    /// The challenge.
    pub challenge: Challenge,
    /// The same, sealed.
    pub token: String,
}

impl Given {
    /// A new one.
    pub fn new(
        host: &impl Host,
        keys: &Keys,
        price: Price,
        class: AddressClass,
        target: &str,
        rules: &Rules<'_>,
    ) -> Given {
        let mut nonce = [0; 10];
        host.fill(&mut nonce);
        let from = u32::try_from(host.now_ms() / 1000).unwrap_or_default();
        let valid = u32::try_from(rules.figures.valid_seconds[0]).unwrap_or_default();
        let until = from.saturating_add(valid);
        let target = target.to_owned();
        let bits = price.with(price.added);
        let challenge = Challenge { kind: price.kind, bits, wait: price.wait, class, from, until, nonce, target };
        let token = challenge.seal(keys);
        Given { challenge, token }
    }

    /// What a program must do, in JSON.
    pub fn told(&self) -> serde_json::Value {
        let Challenge { kind, bits, wait, until, .. } = self.challenge;
        let work = (kind != Kind::Wait).then(|| WorkBody {
            algorithm: "sha256-zero-bits",
            seed: seed(&self.token),
            parts: PARTS,
            bits: part_bits(bits),
        });
        let wait_seconds = (kind != Kind::Work).then_some(wait);
        let body = ChallengeBody { token: &self.token, solve: SOLVE, kind: kind.name(), work, wait_seconds, until };
        serde_json::to_value(body).unwrap_or_default()
    }
}

/// The challenge of a decision; none if it is no challenge.
pub fn given(
    host: &impl Host,
    config: &Config,
    decision: &Decision<'_>,
    request: &Request,
    rules: &Rules<'_>,
) -> Option<Given> {
    let (keys, price, class) = (config.keys.as_ref()?, decision.price?, decision.verdict.address);
    if decision.outcome != Outcome::Challenge {
        return None;
    }
    // A form that is sent before its wait is over gets its challenge again, whose time runs on.
    let brought = request.brought.as_ref().filter(|(_, answer)| answer.is_empty());
    let again = brought.and_then(|(token, _)| {
        let challenge = Challenge::waiting(keys, token, class, host.now_ms())?;
        Some(Given { challenge, token: token.clone() })
    });
    Some(again.unwrap_or_else(|| Given::new(host, keys, price, class, &request.target, rules)))
}

/// A page in place of what was asked for.
pub fn page(
    decision: &Decision<'_>,
    given: Option<&Given>,
    request: &Request,
    form: &Form,
    rules: &Rules<'_>,
    lang: Lang,
) -> Response {
    let words = Words { rules, lang };
    let reference = decision.reference.as_str();
    let body = match (given, decision.outcome) {
        (Some(_), _) if request.frame == Some(Frame::Elsewhere) => {
            page::out_of_frame(words, &request.target, reference)
        }
        (Some(given), _) => page::challenge(words, &given.challenge, &given.token, form, reference),
        (None, Outcome::Throttle) => page::told(words, held(decision), decision.retry_after, None, reference),
        (None, _) => page::told(words, "block", 0, None, reference),
    };
    with_fields(Response::new(status(decision.outcome), page::headers(lang, request.frame.is_some()), body), decision)
}

/// What there is to say of a request that is told to come later: that there were too many, or that it is held for what it
/// says of itself.
fn held(decision: &Decision<'_>) -> &'static str {
    let by_rules = decision.verdict.outcome >= Outcome::Throttle && decision.over().next().is_none();
    if by_rules { "held" } else { "throttle" }
}

/// A problem in place of what was asked for.
pub fn problem(decision: &Decision<'_>, given: Option<&Given>, rules: &Rules<'_>, lang: Lang) -> Response {
    let kind = match decision.outcome {
        Outcome::Challenge => &CHALLENGE_REQUIRED,
        Outcome::Throttle => &TOO_MANY_REQUESTS,
        _ => &BLOCKED,
    };
    let [zh, en] = [Lang::Zh, Lang::En].map(|lang| rules.says(decision.outcome, lang));
    let mut problem = Problem::new(kind, text(zh, en)).member("reference", decision.reference.as_str());
    if let Some(given) = given {
        problem = problem.member("challenge", given.told());
    }
    with_fields(problem.response(lang), decision)
}

fn status(outcome: Outcome) -> StatusCode {
    outcome.status().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::FORBIDDEN)
}

fn with_fields(response: Response, decision: &Decision<'_>) -> Response {
    with_limits(response.with("venditor-outcome", decision.outcome.name()), decision)
}

/// When to come again, and how a refused request stands with the limits that were asked.
pub fn with_limits(mut response: Response, decision: &Decision<'_>) -> Response {
    if decision.outcome == Outcome::Throttle {
        response = response.with("retry-after", decision.retry_after.to_string());
    }
    if !decision.standings.is_empty() {
        response = response
            .with("ratelimit-policy", policy_field(&decision.standings))
            .with("ratelimit", standing_field(&decision.standings));
    }
    response
}
