//! Screening on the way to an origin: the request goes on as it came, and the answer comes back untouched and streaming.
//!
//! What the client sent under the names of our own fields is gone, so the origin can believe them.

use http::Method;
use shared::function::{Call, Failure};
use shared::http::{Body, Headers, decode_pairs};
use shared::platform::{Allowance, Answer, ForwardRequest, Host, Onward, OutboundError, wants_websocket};
use shared::problem::{Problem, text};

use crate::action::Action;
use crate::client;
use crate::handler::{judge_again, tell};
use crate::page::Form;
use crate::policy::Rules;
use crate::request::{Peer, Request};
use crate::screen::{Decision, address_of, screen};
use crate::verdict::Outcome;
use crate::{BotScreen, answer, refuse, solve};

shared::problem_kinds! {
    /// The origin does not answer.
    ORIGIN_UNREACHABLE = BAD_GATEWAY "origin-unreachable", "源站没有响应", "The origin does not answer";
    /// The origin does not answer in time.
    ORIGIN_TIMEOUT = GATEWAY_TIMEOUT "origin-timeout", "源站超时", "The origin took too long";
    /// This host has no WebSocket.
    NO_WEBSOCKET = NOT_IMPLEMENTED "no-websocket", "此处不支持 WebSocket", "No WebSocket here";
}

/// The host's limiter of page views, where it has one.
const VIEWS: &str = "VIEWS";
/// The longest form that is kept while its browser is challenged, in bytes.
const LONGEST_FORM: usize = 64 << 10;
const FORM: &str = "application/x-www-form-urlencoded";
/// The longest body of an action that is counted by fields of it, in bytes; a longer one is refused.
const LONGEST_COUNTED: usize = 256 << 10;
/// Fields with which some servers replace the path that was judged.
const REPLACE_PATH: [&str; 4] = ["x-original-url", "x-rewrite-url", "x-forwarded-uri", "x-forwarded-path"];
/// Fields with which a client could say who it is, or where it asked: what of it is believed is set here.
const SAY_WHO: [&str; 8] = [
    "cf-connecting-ip",
    "forwarded",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
];

/// Screens a request and sends it on.
pub async fn pass_through<H: Host>(
    call: &Call<'_, BotScreen, H>,
    headers: &Headers,
    rules: &Rules<'_>,
    body: H::Body,
) -> Result<Answer<H::Stream>, Failure> {
    if call.config.origin.is_none() {
        return Err(Problem::not_found().into());
    }
    let address = address_of(call.host, call.config, headers);
    let country = call.host.place().map(|place| place.country.to_ascii_uppercase());
    let peer = Peer { address: address.clone(), signals: call.host.signals(), country };
    let mut head = call.head.clone();
    let mut request = Request::own(&head, headers, peer);
    let own = |path: &String| path == "/.venditor" || path.starts_with("/.venditor/");
    if request.paths.iter().any(own) {
        return Err(Problem::not_found().into());
    }
    if wants_websocket(headers) && !call.host.has_websockets() {
        let detail = text(
            "这里的运行环境不转发 WebSocket，请直接连接源站，或改用普通请求。",
            "The host here does not pass on web sockets: connect to the origin itself, or use plain requests.",
        );
        return Err(Problem::new(&NO_WEBSOCKET, detail).into());
    }
    request.query.clone_into(&mut head.target.query);
    let set_cookie = solve::redeem(call, &mut request, rules).await;
    let body = if counts_by_fields(&request, headers, rules) {
        let bytes = body.read(LONGEST_COUNTED).await?;
        request.body = String::from_utf8(bytes.clone()).ok();
        Onward::Whole(bytes)
    } else {
        Onward::Stream(body)
    };
    let mut decision = screen(call, &request, rules).await?;
    let counted = rules.let_through || request.preflight || decision.price.is_some();
    if !counted && is_flood(call, &request, &decision).await {
        decision.outcome = Outcome::Throttle;
    }
    tell(call, &decision, rules);
    let answer = match decision.outcome {
        Outcome::Allow | Outcome::Tag => {
            let on = onward(call, &head, headers, &decision, rules, address.as_deref());
            forward(call, on, body, set_cookie).await
        }
        _ => {
            let given = refuse::given(call.host, call.config, &decision, &request, rules);
            Ok(if request.navigation {
                let form = match body {
                    Onward::Stream(body) => form(head.method.as_str(), &request.host, headers, body).await,
                    Onward::Whole(bytes) => form(head.method.as_str(), &request.host, headers, bytes).await,
                };
                refuse::page(&decision, given.as_ref(), &form, rules, call.lang).into()
            } else {
                refuse::problem(&decision, given.as_ref(), rules, call.lang).into()
            })
        }
    };
    judge_again(call.policies, request, decision.verdict.outcome, call.host.now_ms());
    answer
}

/// Whether a request's body is read before it goes on: that of an action that is counted by fields of it. Its media type
/// is not asked, for servers do not always either; files and compressed bodies are left alone.
fn counts_by_fields(request: &Request, headers: &Headers, rules: &Rules<'_>) -> bool {
    let empty = headers.get("content-length").is_some_and(|length| length == "0");
    let media = headers.get("content-type").unwrap_or_default().to_ascii_lowercase();
    let text = !media.starts_with("multipart/") && headers.get("content-encoding").is_none();
    let named = |path: &String| {
        let names = Action::of(request, &request.method, path, rules.actions, |action| rules.cost(action)).keys;
        names.iter().flat_map(|names| names.split(' ')).any(|name| !name.is_empty())
    };
    !empty && text && !matches!(request.sent.as_str(), "GET" | "OPTIONS") && request.paths.iter().any(named)
}

/// Whether a view is one of a flood, by the host's own limiter.
async fn is_flood<H: Host>(call: &Call<'_, BotScreen, H>, request: &Request, decision: &Decision<'_>) -> bool {
    let spared = decision.verdict.action.is_free() || decision.verdict.spared.is_some();
    match request.address {
        Some(address) if !spared && decision.outcome < Outcome::Throttle => {
            call.host.limit(VIEWS, &client::line(address)).await == Allowance::Limited
        }
        _ => false,
    }
}

/// The request for the origin.
fn onward<H: Host>(
    call: &Call<'_, BotScreen, H>,
    head: &shared::http::Head,
    headers: &Headers,
    decision: &Decision<'_>,
    rules: &Rules<'_>,
    address: Option<&str>,
) -> Option<ForwardRequest> {
    let origin = call.config.origin.as_ref()?;
    let timeout = u32::try_from(rules.origin_seconds.saturating_mul(1000)).unwrap_or(u32::MAX);
    let mut request = ForwardRequest::of(head, headers.clone(), origin, timeout);
    request.headers.retain(|name| {
        // Servers that hand fields on as variables read `_` and `-` as one.
        let plain = if name.contains('_') { Some(name.replace('_', "-")) } else { None };
        let name = plain.as_deref().unwrap_or(name);
        let ours = name.starts_with("venditor-") || call.config.original.has(name);
        !ours && !REPLACE_PATH.contains(&name) && !SAY_WHO.contains(&name)
    });
    for (name, value) in answer::fields(decision, rules) {
        request.headers.set(name, &value);
    }
    request.headers.set("x-forwarded-host", &head.target.host);
    if let Some(address) = address {
        request.headers.set("x-forwarded-for", address);
    }
    Some(request)
}

async fn forward<H: Host>(
    call: &Call<'_, BotScreen, H>,
    request: Option<ForwardRequest>,
    body: Onward<H::Body>,
    set_cookie: Option<String>,
) -> Result<Answer<H::Stream>, Failure> {
    let Some(request) = request else { return Err(Problem::not_found().into()) };
    match call.host.forward(request, body).await {
        Ok(mut forwarded) => {
            if let Some(cookie) = &set_cookie {
                forwarded.headers.push("set-cookie", cookie);
            }
            Ok(forwarded.into())
        }
        Err(OutboundError::Timeout) => {
            let detail =
                text("源站没有在规定时间内响应，请稍后再试。", "The origin did not answer in time; try again later.");
            Err(Problem::new(&ORIGIN_TIMEOUT, detail).retry_after(30).into())
        }
        Err(_) => {
            let detail =
                text("源站暂时连不上，请稍后再试。", "The origin cannot be reached right now; try again later.");
            Err(Problem::new(&ORIGIN_UNREACHABLE, detail).retry_after(30).into())
        }
    }
}

/// The form that a request was about to send, kept for after its challenge if it is one of text fields, and of this site: a
/// form that another site sends would come from here then, with cookies that are not for it.
pub async fn form(method: &str, host: &str, headers: &Headers, body: impl Body) -> Form {
    if method == Method::GET.as_str() || method == Method::HEAD.as_str() {
        return Form::None;
    }
    if shared::function::expect_media(headers, FORM).is_err() || is_of_elsewhere(headers, host) {
        return Form::Lost;
    }
    let Ok(bytes) = body.read(LONGEST_FORM).await else { return Form::Lost };
    let Ok(text) = String::from_utf8(bytes) else { return Form::Lost };
    let pairs: Vec<(String, String)> = decode_pairs(&text).collect();
    let all = text.split('&').filter(|part| !part.is_empty()).count() == pairs.len();
    if all { Form::Kept(pairs) } else { Form::Lost }
}

/// Whether a page of another site sends it: as fetch metadata says, or in older browsers, its origin (RFC 6454 §7).
fn is_of_elsewhere(headers: &Headers, host: &str) -> bool {
    match (headers.get("sec-fetch-site"), headers.get("origin")) {
        (Some(site), _) => site == "cross-site",
        (None, Some(origin)) => {
            origin.split_once("://").is_none_or(|(_, authority)| crate::path::host(authority) != host)
        }
        (None, None) => false,
    }
}
