//! Where challenges are answered, and where it is looked whether the pass came back.
//!
//! A right answer gets a pass once. Whoever answers again, because a page was sent twice or came back from the cache, goes
//! on to the same place: with a pass the way is open, and without one it is looked why.

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use shared::function::{Call, Failure, log_storage_fault};
use shared::http::json::{self, Bounds, Unknown};
use shared::http::{Accepts, Body, Headers, JSON, Response, decode_pairs};
use shared::platform::{Host, StorageError};
use shared::problem::{Problem, text};

use crate::challenge::{Challenge, Refusal};
use crate::client::Whence;
use crate::config::Config;
use crate::limits::{self, Counts, Limit};
use crate::page::{self, Words};
use crate::pass::{self, Pass};
use crate::policy::Rules;
use crate::request::{Request, shows_within};
use crate::screen::in_time;
use crate::seal::{Keys, Purpose};
use crate::{BotScreen, NAME, store};

shared::problem_kinds! {
    /// The answer is not what the challenge asked for.
    WRONG_ANSWER = UNPROCESSABLE_ENTITY "wrong-answer", "答案不对", "The answer is wrong";
    /// The challenge is no longer valid, or is none.
    CHALLENGE_EXPIRED = FORBIDDEN "challenge-expired", "验证已失效", "The challenge has expired";
    /// The wait that stands for the work is not over.
    CHALLENGE_EARLY = FORBIDDEN "challenge-early", "还需等待", "It is too early";
    /// The browser did not keep the pass.
    NO_PASS = FORBIDDEN "no-pass", "没有通行凭证", "There is no pass";
    /// This deployment challenges nobody.
    NO_CHALLENGES = NOT_FOUND "no-challenges", "本站不使用验证", "There are no challenges here";
}

/// The most bytes of an answer.
const LONGEST: usize = 16 << 10;
/// For how long one may look whether a pass came back, in milliseconds.
const CHECK_MS: i64 = 3_600_000;

/// What was answered.
#[derive(Default, Deserialize)]
struct Answered {
    #[serde(default)]
    token: String,
    #[serde(default)]
    answer: String,
}

#[derive(Serialize)]
struct Solved<'a> {
    pass: PassBody<'a>,
    check: String,
}

#[derive(Serialize)]
struct PassBody<'a> {
    cookie: &'a str,
    value: &'a str,
    valid_seconds: i64,
}

/// The keys of a deployment that challenges.
///
/// # Errors
/// `404`: it does not.
pub fn keys(config: &Config) -> Result<&Keys, Problem> {
    let detail = || text("没有配置 SCREEN_PASS_KEYS。", "SCREEN_PASS_KEYS is not configured.");
    config.keys.as_ref().ok_or_else(|| Problem::new(&NO_CHALLENGES, detail()))
}

/// A pass for whoever answered a challenge rightly, for the first time. `None`: it was answered before.
///
/// # Errors
/// [`Refusal`], or the store does not answer: then there is no pass, and the challenge may be answered again.
pub async fn earn(
    host: &impl Host,
    keys: &Keys,
    (token, answer): (&str, &str),
    whence: Whence,
    rules: &Rules<'_>,
) -> Result<Result<(Challenge, Option<Pass>), Refusal>, StorageError> {
    let now = host.now_ms();
    let challenge = match Challenge::answered(keys, token, answer, rules.address_class(whence.address()), now) {
        Ok(challenge) => challenge,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // An answer that comes again earns nothing, and must not use up what others behind the same address may answer.
    let number = shared::hex::hex(&challenge.nonce);
    if store::answered(host, &number).await? {
        return Ok(Ok((challenge, None)));
    }
    if let Some(reset) = too_often(host, keys, answer.is_empty(), whence, rules).await? {
        return Ok(Err(Refusal::Often(reset)));
    }
    let until_ms = i64::from(challenge.until).saturating_mul(1000);
    let first = store::answer(host, &number, until_ms, now).await?;
    let from = u32::try_from(now / 1000).unwrap_or_default();
    let until = from.saturating_add(u32::try_from(rules.figures.valid_seconds[1]).unwrap_or_default());
    let mut nonce = [0; 10];
    host.fill(&mut nonce);
    let pass = first.then_some(Pass { bits: challenge.bits, class: challenge.class, from, until, nonce });
    Ok(Ok((challenge, pass)))
}

/// Whether an address answers too often, and for how many seconds more: a wait costs a program nothing, and many are waited
/// for at once.
async fn too_often(
    host: &impl Host,
    keys: &Keys,
    waited: bool,
    whence: Whence,
    rules: &Rules<'_>,
) -> Result<Option<u32>, StorageError> {
    let action = if waited { "wait" } else { "solve" };
    let limits = Limit::of(rules.limits, action, true, rules.address_class(whence.address()));
    let line = whence.line();
    let counts = Counts { address: line.clone(), line, network: whence.network(), ..Counts::default() };
    let standings = limits::count(host, keys, &limits, action, &counts, host.now_ms()).await?;
    let over = standings.iter().filter(|standing| standing.over).map(|standing| standing.reset.max(1)).max();
    Ok(over.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX)))
}

/// The field `Set-Cookie` of a pass.
pub fn set_cookie(config: &Config, keys: &Keys, pass: &Pass) -> String {
    config.cookie.set(
        &config.cookie.named(pass::NAME),
        &pass.seal(keys),
        i64::from(pass.until).saturating_sub(pass.from.into()),
    )
}

/// Gives a pass to whoever brings the right answer to a challenge with a form; the field that sets its cookie. Only for an
/// action that has a price. If the store does not answer, there is no pass, and what other passes say decides.
pub async fn redeem<H: Host>(
    call: &Call<'_, BotScreen, H>,
    request: &mut Request,
    rules: &Rules<'_>,
) -> Option<String> {
    let ((token, answer), keys) = (request.brought.clone()?, call.config.keys.as_ref()?);
    let path = request.paths.first().map_or("/", String::as_str);
    let action = rules.action(request, &request.method, path);
    rules.price(action.name())?;
    match in_time(call.host, rules, earn(call.host, keys, (&token, &answer), request.whence, rules)).await {
        Ok(Ok((_, Some(pass)))) => {
            let cookie = set_cookie(call.config, keys, &pass);
            request.earned = Some(pass);
            Some(cookie)
        }
        Ok(Err(Refusal::Often(left))) => {
            request.answers_too_often = Some(left);
            None
        }
        Ok(_) => None,
        Err(error) => {
            log_storage_fault(call.host, NAME, call.trace, &error);
            None
        }
    }
}

/// Takes an answer to a challenge.
pub async fn solve<H: Host>(
    call: &Call<'_, BotScreen, H>,
    headers: &Headers,
    whence: Whence,
    rules: &Rules<'_>,
    body: H::Body,
) -> Result<Response, Failure> {
    let keys = keys(call.config)?;
    // Another site has no pass to give: its own would be spent by whoever took it.
    if headers.get("sec-fetch-site") == Some("cross-site") {
        return Err(expired().into());
    }
    let answered = read(call, headers, body).await?;
    let json = call.accepts(Accepts::Html) == Accepts::Json || is_json(headers);
    let earned = earn(call.host, keys, (&answered.token, &answered.answer), whence, rules);
    let (challenge, pass) = match in_time(call.host, rules, earned).await? {
        Ok(earned) => earned,
        Err(refusal) => return refused(call, headers, refusal, &answered, json, rules),
    };
    let check = page::check_url(&sealed_target(keys, &challenge.target, call.host.now_ms()));
    let mut answer = match (&pass, json) {
        (Some(pass), true) => {
            let value = pass.seal(keys);
            let cookie = &call.config.cookie.named(pass::NAME);
            let body = PassBody { cookie, value: &value, valid_seconds: rules.figures.valid_seconds[1] };
            Response::json(StatusCode::OK, JSON, &Solved { pass: body, check })
        }
        (None, true) => return Err(expired().into()),
        (_, false) => Response::redirect(StatusCode::SEE_OTHER, check),
    };
    if let Some(pass) = &pass {
        answer = answer.with("set-cookie", set_cookie(call.config, keys, pass));
    }
    Ok(answer)
}

/// Whether a browser shows the answer within a page.
fn is_framed(headers: &Headers) -> bool {
    headers.get("sec-fetch-dest").is_some_and(shows_within)
}

fn is_json(headers: &Headers) -> bool {
    shared::function::expect_media(headers, "application/json").is_ok()
}

async fn read<H: Host>(call: &Call<'_, BotScreen, H>, headers: &Headers, body: H::Body) -> Result<Answered, Problem> {
    let of_pairs = |text: &str| {
        let find = |name: &str| decode_pairs(text).find(|(known, _)| known == name).map(|(_, value)| value);
        Answered { token: find("token").unwrap_or_default(), answer: find("answer").unwrap_or_default() }
    };
    if call.head.method != Method::POST {
        return Ok(of_pairs(&call.head.target.query));
    }
    let bytes = body.read(LONGEST).await?;
    if is_json(headers) {
        const BOUNDS: Bounds = Bounds { bytes: LONGEST, depth: 2, items: 10 };
        return json::read(&bytes, BOUNDS, Unknown::Ignore).map_err(|unread| unread.problem(&WRONG_ANSWER));
    }
    Ok(of_pairs(&String::from_utf8_lossy(&bytes)))
}

fn refused<H: Host>(
    call: &Call<'_, BotScreen, H>,
    headers: &Headers,
    refusal: Refusal,
    answered: &Answered,
    json: bool,
    rules: &Rules<'_>,
) -> Result<Response, Failure> {
    let problem = match refusal {
        Refusal::Wrong => Problem::new(
            &WRONG_ANSWER,
            text("工作量证明不对，请重新求解。", "The proof of work is not one; solve the challenge again."),
        )
        .field("/answer", "wrong", text("答案不符合要求。", "The answer does not fit.")),
        Refusal::Early(left) | Refusal::Often(left) => {
            Problem::new(&CHALLENGE_EARLY, text(format!("请在 {left} 秒后重试。"), format!("Try again in {left} s.")))
                .retry_after(left)
        }
        Refusal::Expired | Refusal::Elsewhere => expired(),
    };
    if json {
        return Err(problem.into());
    }
    let words = Words { rules, lang: call.lang };
    let (body, left) = match refusal {
        // The page again, with the same challenge: its time runs on.
        Refusal::Early(left) | Refusal::Often(left) => {
            let on = format!("{}?token={}", crate::routes::SOLVE, answered.token);
            (page::told(words, "early", left.into(), Some(&on), ""), left)
        }
        _ => {
            let on = keys(call.config).ok().and_then(|keys| Challenge::target_of(keys, &answered.token));
            (page::told(words, "expired", 0, Some(on.as_deref().unwrap_or("/")), ""), 0)
        }
    };
    let page = Response::new(problem.kind.status, page::headers(call.lang, is_framed(headers)), body);
    Ok(if left > 0 { page.with("retry-after", left.to_string()) } else { page })
}

fn expired() -> Problem {
    let detail = text(
        "验证已过期、已用过，或来自另一类网络。请重新请求原来的地址。",
        "The challenge has expired, was used, or was given to another kind of network; ask for the first address again.",
    );
    Problem::new(&CHALLENGE_EXPIRED, detail)
}

fn sealed_target(keys: &Keys, target: &str, now: i64) -> String {
    let mut bytes = now.saturating_add(CHECK_MS).to_be_bytes().to_vec();
    bytes.extend(target.as_bytes());
    keys.seal(Purpose::Target, &bytes)
}

fn open_target(keys: &Keys, sealed: &str, now: i64) -> Option<String> {
    let bytes = keys.open(Purpose::Target, sealed)?;
    let (until, target) = bytes.split_first_chunk::<8>()?;
    (now < i64::from_be_bytes(*until)).then(|| String::from_utf8_lossy(target).into_owned())
}

/// Leads on to where a browser was going, if its pass came back; else says that cookies are off.
pub fn check<H: Host>(
    call: &Call<'_, BotScreen, H>,
    headers: &Headers,
    rules: &Rules<'_>,
) -> Result<Response, Failure> {
    let keys = keys(call.config)?;
    let now = call.host.now_ms();
    let sealed = call.head.param("to").unwrap_or_default();
    let target = open_target(keys, &sealed, now).unwrap_or_else(|| "/".to_owned());
    let json = call.accepts(Accepts::Html) == Accepts::Json;
    let has_pass = Pass::of(headers, keys, &call.config.cookie, now).is_some();
    match (has_pass, json) {
        (true, true) => Ok(Response::new(StatusCode::NO_CONTENT, JSON, Vec::new())),
        (true, false) => Ok(Response::redirect(StatusCode::SEE_OTHER, target)),
        (false, true) => {
            let detail = text("浏览器没有保存通行凭证的 Cookie。", "The browser did not keep the cookie of its pass.");
            Err(Problem::new(&NO_PASS, detail).into())
        }
        (false, false) => {
            let words = Words { rules, lang: call.lang };
            let again = page::check_url(&sealed);
            let on = if open_target(keys, &sealed, now).is_some() { target } else { again };
            let body = page::told(words, "cookies", 0, Some(&on), "");
            Ok(Response::new(StatusCode::FORBIDDEN, page::headers(call.lang, is_framed(headers)), body))
        }
    }
}
