//! Screening on the way to an origin: the request goes on as it came, and the answer comes back untouched and streaming.
//!
//! What the client sent under the names of our own fields is gone, so the origin can believe them.

use shared::function::{Call, Failure};
use shared::http::{Body, Headers, decode_all_pairs, percent_decode};
use shared::platform::{Answer, ForwardRequest, Host, Onward, OutboundError, wants_websocket};
use shared::problem::{Problem, text};

use crate::action::Asks;
use crate::challenge::Challenge;
use crate::handler::{judge_again, tell, with_pass};
use crate::page::{Form, KeptForm};
use crate::policy::Rules;
use crate::request::{Peer, Request};
use crate::routes::Action;
use crate::screen::{Decision, address_of, screen, visit, visit_goes_on};
use crate::sections::{rules_of, with_ranges, with_rules};
use crate::verdict::{Outcome, asks_address, judge};
use crate::{BotScreen, answer, body, multipart, refuse, solve};

shared::problem_kinds! {
    /// The origin does not answer.
    ORIGIN_UNREACHABLE = BAD_GATEWAY "origin-unreachable", "源站没有响应", "The origin does not answer";
    /// The origin does not answer in time.
    ORIGIN_TIMEOUT = GATEWAY_TIMEOUT "origin-timeout", "源站超时", "The origin took too long";
    /// This host has no WebSocket.
    NO_WEBSOCKET = NOT_IMPLEMENTED "no-websocket", "此处不支持 WebSocket", "No WebSocket here";
}

/// The longest form that is kept while its browser is challenged, in bytes.
const LONGEST_FORM: usize = 64 << 10;
/// The most fields of a form that is kept.
const MOST_KEPT: usize = 500;
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
    let looks = looks_into_body(&request, headers, rules);
    let hidden = is_hidden(headers, looks);
    if looks != Looks::Not && hidden {
        request.body = body::Body::Hidden;
    }
    let body = if looks != Looks::Not && !hidden {
        let bytes = body.read(LONGEST_COUNTED).await?;
        // Servers read on behind a byte that is no text.
        request.with_body(String::from_utf8_lossy(&bytes).into_owned());
        Onward::Whole(bytes)
    } else {
        Onward::Stream(body)
    };
    let more = with_ranges(call, rules, || asks_address(&request, rules)).await?;
    let rules = &rules_of(more.as_deref(), rules)?;
    let set_cookie = solve::redeem(call, &mut request, rules).await;
    let now = call.host.now_ms();
    request.visit = visit(call.config, &request.headers, rules, now);
    let first = judge(&request, rules, now);
    let more = with_rules(call, rules, &first).await;
    let more = more.map_err(|error| with_pass(call, error.into(), Action::Inline, set_cookie.clone()))?;
    let rules = &rules_of(more.as_deref(), rules)?;
    let verdict = if more.is_some() { judge(&request, rules, now) } else { first };
    let decision = match screen(call, &request, verdict, rules).await {
        Ok(decision) => decision,
        Err(failure) => return Err(with_pass(call, failure, Action::Inline, set_cookie)),
    };
    tell(call, &decision, rules);
    let answer = match decision.outcome {
        Outcome::Allow | Outcome::Tag => {
            let on = onward(call, &head, headers, &decision, rules, address.as_deref());
            let cookies =
                Cookies { pass: set_cookie, visit: visit_goes_on(call.config, &request, &decision, rules, now) };
            let pass = cookies.pass.clone();
            forward(call, on, body, cookies).await.map_err(|failure| with_pass(call, failure, Action::Inline, pass))
        }
        _ => {
            let refused = if request.shows_page() {
                let form = match body {
                    Onward::Stream(body) => form(&mut request, headers, body).await,
                    Onward::Whole(bytes) => form(&mut request, headers, bytes).await,
                };
                let given = refuse::given(call.host, call.config, &decision, &request, rules);
                refuse::page(&decision, given.as_ref(), &request, &form, rules, call.lang)
            } else {
                let given = refuse::given(call.host, call.config, &decision, &request, rules);
                refuse::problem(&decision, given.as_ref(), rules, call.lang)
            };
            // What was earned is not lost with what does not go on: its challenge is used up.
            Ok(set_cookie.into_iter().fold(refused, |answer, cookie| answer.with("set-cookie", cookie)).into())
        }
    };
    judge_again(call.policies, request, decision.verdict.outcome, call.host.now_ms());
    answer
}

/// Why a body is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    /// It is not.
    Not,
    /// It may say what the request does, which it seldom does here.
    ToNotice,
    /// To tell what the request does.
    ToTell,
    /// To count it by fields as well: so one that is too long is refused.
    ToCount,
}

/// Whether it matters what a request's body says. Its media type is not asked, for servers do not always either.
fn looks_into_body(request: &Request, headers: &Headers, rules: &Rules<'_>) -> Looks {
    let empty = headers.get("content-length").is_some_and(|length| length == "0");
    if empty || matches!(request.sent.as_str(), "GET" | "OPTIONS") {
        return Looks::Not;
    }
    let named = |path: &String| {
        let action = rules.action(request, &request.method, path);
        action.keys.iter().flat_map(|names| names.split(' ')).any(|name| !name.is_empty())
    };
    let asks = |path: &String| rules.actions.asks_body(request, &request.method, path);
    match request.paths.iter().map(asks).max() {
        _ if request.paths.iter().any(named) => Looks::ToCount,
        Some(Asks::Here) => Looks::ToTell,
        Some(Asks::Anywhere) => Looks::ToNotice,
        _ => Looks::Not,
    }
}

/// Whether a body streams and is not looked into: compressed, or files of more or of unknown length than is looked into;
/// where it only tells what is done, all that says that it is longer; where it seldom does, of unknown length too. What is
/// counted by fields is refused for its length instead.
fn is_hidden(headers: &Headers, looks: Looks) -> bool {
    let length = headers.get("content-length").and_then(|length| length.parse::<usize>().ok());
    let is_short = length.is_some_and(|length| length <= LONGEST_COUNTED);
    let media = headers.get("content-type").unwrap_or_default().to_ascii_lowercase();
    let files = media.starts_with("multipart/");
    let streams = match looks {
        Looks::Not | Looks::ToNotice => true,
        Looks::ToTell => files || length.is_some(),
        Looks::ToCount => files,
    };
    headers.get("content-encoding").is_some() || !is_short && streams
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
    let timeout = u32::try_from(rules.figures.origin_seconds.saturating_mul(1000)).unwrap_or(u32::MAX);
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

/// The fields `Set-Cookie` that an answer gets.
struct Cookies {
    pass: Option<String>,
    visit: Option<String>,
}

async fn forward<H: Host>(
    call: &Call<'_, BotScreen, H>,
    request: Option<ForwardRequest>,
    body: Onward<H::Body>,
    cookies: Cookies,
) -> Result<Answer<H::Stream>, Failure> {
    let Some(request) = request else { return Err(Problem::not_found().into()) };
    match call.host.forward(request, body).await {
        Ok(mut forwarded) => {
            // A cache between here and the browser would hand one's visit to all, or not keep the answer for a cookie. What
            // it has stored takes on the fields of an answer that says that nothing has changed (RFC 9111 §4.3.4).
            let stored = call.config.hops > 0 && (forwarded.status == 304 || is_shared(&forwarded.headers));
            for cookie in cookies.pass.iter().chain(cookies.visit.iter().filter(|_| !stored)) {
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

/// Whether an answer says that shared caches may store it (RFC 9111 §3, RFC 9213): an age alone does, unless it is private.
fn is_shared(headers: &Headers) -> bool {
    let said = headers.combined("cache-control").unwrap_or_default().to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let targeted = ["cdn-cache-control", "surrogate-control"].iter().any(|name| headers.get(name).is_some());
    let aged = has(&["max-age"]) || headers.get("expires").is_some();
    targeted || has(&["public", "s-maxage"]) || aged && !has(&["private", "no-store", "no-cache", "max-age=0"])
}

/// The form that a request was about to send, kept for after its challenge if it can be. If it cannot, the browser goes on to
/// the page that the form stands on, to send it again.
pub async fn form(request: &mut Request, headers: &Headers, body: impl Body) -> Form {
    if request.sent == "GET" {
        return Form::None;
    }
    let kept = if request.target_is_whole { kept(&request.host, headers, body).await } else { Form::Lost };
    if kept == Form::Lost {
        request.target = page_before(&request.host, headers);
    }
    kept
}

/// What becomes of a form whose body nobody hands on: the challenge leads back to its own page.
pub fn without_body(request: &mut Request) -> Form {
    if request.sent == "GET" {
        return Form::None;
    }
    request.target = page_before(&request.host, &request.headers);
    Form::Lost
}

/// The page of this host that a browser says it comes from, or the first.
fn page_before(host: &str, headers: &Headers) -> String {
    let here = headers.get("referer").and_then(|referer| referer.split_once("://")).and_then(|(_, rest)| {
        let (authority, _) = rest.split_once('/')?;
        let target = rest.get(authority.len()..)?;
        (crate::path::host(authority) == host).then_some(target)
    });
    let target = here.unwrap_or("/").split('#').next().unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Challenge::target(path, query).0
}

/// A form is kept if it is one of text fields, and of this site: one that another site sends would come from here then, with
/// cookies that are not for it.
async fn kept(host: &str, headers: &Headers, body: impl Body) -> Form {
    if is_of_elsewhere(headers, host) {
        return Form::Lost;
    }
    let Ok(bytes) = body.read(LONGEST_FORM).await else { return Form::Lost };
    let Ok(text) = String::from_utf8(bytes) else { return Form::Lost };
    let form = if shared::function::expect_media(headers, FORM).is_ok() {
        fields(&text)
    } else {
        parts(headers.get("content-type").unwrap_or_default(), &text)
    };
    form.filter(|form| form.fields.len().saturating_add(form.files.len()) <= MOST_KEPT).map_or(Form::Lost, Form::Kept)
}

/// A form as `application/x-www-form-urlencoded`; none if it is not in UTF-8: the page is, and would send it in that.
fn fields(text: &str) -> Option<KeptForm> {
    let is_utf8 = |part: &str| percent_decode(part).is_some_and(|bytes| String::from_utf8(bytes).is_ok());
    let fields = || KeptForm { fields: decode_all_pairs(text).collect(), ..KeptForm::default() };
    text.split(['&', '=']).all(is_utf8).then(fields)
}

/// A form as `multipart/form-data`; none if a file was chosen, which a page cannot send again.
fn parts(media: &str, text: &str) -> Option<KeptForm> {
    let mut form = KeptForm { multipart: true, ..KeptForm::default() };
    for part in multipart::parts(media, text)? {
        match part.file {
            None => form.fields.push((part.name, part.value.to_owned())),
            Some(file) if file.is_empty() && part.value.is_empty() => form.files.push(part.name),
            Some(_) => return None,
        }
    }
    Some(form)
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
