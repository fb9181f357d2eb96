//! The shell around the pure core: authenticate, read, judge, answer, tell.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use shared::callers::Asked;
use shared::config::ConfigError;
use shared::event::EventLine;
use shared::function::{Call, Failure, Function, Page, Params, Route};
use shared::http::json::{self, Bounds, Unknown};
use shared::http::{Accepts, Body, Head, Headers, Response};
use shared::lang::Lang;
use shared::origin::Origin;
use shared::platform::{Answer, Host, Schema, StorageError, Variables};
use shared::policy::{Pack, Policies, Spec, Trust};
use shared::problem::{Problem, text};
use shared::trace::TraceContext;
use shared::{function, platform};

use crate::auth::Scope;
use crate::bot_auth::Signed;
use crate::client::Whence;
use crate::config::Config;
use crate::page::{self, SCRIPTS, Words};
use crate::policy::{self, Rules};
use crate::request::{BAD_REQUEST, BOUNDS, Request, is_json};
use crate::routes::{Action, ROUTES};
use crate::screen::{self, Decision, address_of};
use crate::sections::{lacking, rules_of, with_ranges, with_rules};
use crate::signals::class;
use crate::verdict::{Outcome, asks_address, judge};
use crate::{NAME, answer, cors, inline, refuse, solve, store};

/// The function, as [`shared::function`] sees it.
pub struct BotScreen;

impl Function for BotScreen {
    const NAME: &'static str = NAME;
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMA: Schema = store::SCHEMA;
    const READS_HEADERS: bool = true;
    const ON_SITES_OF_OTHERS: bool = true;
    const ROUTES: &'static [Route<Action>] = ROUTES;
    const POLICY: Option<&'static Spec> = Some(&policy::SPEC);
    const PAGE_SECTIONS: &'static [&'static str] = &policy::SECTIONS;

    type Action = Action;
    type Config = Config;

    async fn configure(variables: &impl Variables) -> Result<Config, ConfigError> {
        Config::read(variables).await
    }

    fn origins(config: &Config) -> Vec<Origin> {
        config.origin.iter().cloned().collect()
    }

    fn trust(config: &Config) -> Option<&Trust> {
        config.trust.as_ref()
    }

    async fn act<H: Host>(
        call: &Call<'_, BotScreen, H>,
        action: Action,
        _: Params<'_>,
        body: H::Body,
    ) -> Result<platform::Answer<H::Stream>, Failure> {
        let headers = call.host.headers();
        let answer = acted(call, &headers, action, body).await;
        let Some(reader) = cors::reader(call.config, &headers) else { return answer };
        match answer {
            Ok(Answer::Ours(ours)) => Ok(cors::response(ours, reader).into()),
            Ok(theirs) => Ok(theirs),
            Err(failure) => Err(cors::problem(failure.told::<BotScreen>(call.host, call.trace, action), reader).into()),
        }
    }

    fn fault_page(_: Option<&Config>, pack: &Pack, head: &Head, lang: Lang, problem: &Problem) -> Option<Page> {
        let rules = Rules::of(pack)?;
        let page = || Page { fixed: page::FAULT, body: page::problem(Words { rules: &rules, lang }, problem) };
        (head.accepts(Accepts::Json) == Accepts::Html).then(page)
    }

    fn unavailable(_: &StorageError, _: Action) -> Problem {
        let detail = text(
            "规则或计数暂时读不到，这个请求没有判定，请按站点的约定处理。",
            "Rules or counts cannot be read right now, and this request was not judged; do as your site has decided.",
        );
        Problem::new(&shared::problem::STORAGE_UNAVAILABLE, detail).retry_after(30)
    }
}

/// A failure that leaves the client a pass that it has earned: the challenge for it is used up.
pub fn with_pass<H: Host>(
    call: &Call<'_, BotScreen, H>,
    failure: Failure,
    action: Action,
    set_cookie: Option<String>,
) -> Failure {
    match set_cookie {
        Some(cookie) => failure.told::<BotScreen>(call.host, call.trace, action).header("set-cookie", cookie).into(),
        None => failure,
    }
}

/// Answers a request that was routed.
async fn acted<H: Host>(
    call: &Call<'_, BotScreen, H>,
    headers: &Headers,
    action: Action,
    body: H::Body,
) -> Result<platform::Answer<H::Stream>, Failure> {
    let wanted: &[&str] = if matches!(action, Action::Solve | Action::Page) { &policy::ALL } else { &policy::SECTIONS };
    let pack = call.policies.pack(wanted).await?;
    let rules = Rules::of(&pack).ok_or_else(lacking)?;
    match action {
        Action::Screen => asked(call, headers, &rules, body).await.map(Into::into),
        Action::Forward => forwarded(call, headers, &rules).await.map(Into::into),
        Action::Page => page_for_proxy(call, headers, &rules, body).await.map(Into::into),
        Action::Revoke => revoke(call, headers, body).await.map(Into::into),
        Action::Solve => {
            let whence = Whence::of(client_of(call, headers).as_deref());
            solve::solve(call, headers, whence, &rules, body).await.map(Into::into)
        }
        Action::Check => solve::check(call, headers, &rules).map(Into::into),
        Action::ScriptOfShops => {
            Ok(Response::new(http::StatusCode::OK, page::SCRIPT, page::script_of_shops(&rules).into_bytes()).into())
        }
        Action::Script(which) => {
            let script = SCRIPTS.get(which).copied().unwrap_or_default();
            Ok(Response::new(http::StatusCode::OK, page::SCRIPT, script.as_bytes().to_vec()).into())
        }
        Action::Inline => inline::pass_through(call, headers, &rules, body).await,
    }
}

/// Lets callers through, and nobody else.
fn authenticate<H: Host>(call: &Call<'_, BotScreen, H>, headers: &Headers, body: Option<&[u8]>) -> Result<(), Problem> {
    let asked = Asked { head: call.head, headers, body, covered: None };
    call.config.callers.authenticate(asked, Scope::Screen, call.host.now_ms()).map(drop)
}

/// Answers a caller who asks about a request.
async fn asked<H: Host>(
    call: &Call<'_, BotScreen, H>,
    headers: &Headers,
    rules: &Rules<'_>,
    body: H::Body,
) -> Result<Response, Failure> {
    let asked_in_json = is_json(call.head, headers, &call.config.original);
    let bytes = if asked_in_json { Some(body.read(BOUNDS.bytes).await?) } else { None };
    authenticate(call, headers, bytes.as_deref())?;
    let (request, form) = match &bytes {
        Some(bytes) => (Request::read(bytes)?, Form::Json),
        None => (Request::told(headers, &call.config.original)?, Form::Statuses),
    };
    answered(call, rules, request, form).await
}

/// Answers a proxy that hands whatever is not 2xx to its client as it is.
async fn forwarded<H: Host>(
    call: &Call<'_, BotScreen, H>,
    headers: &Headers,
    rules: &Rules<'_>,
) -> Result<Response, Failure> {
    authenticate(call, basic_as_bearer(headers).as_ref().unwrap_or(headers), None)?;
    let request = Request::forwarded(call.head, headers, call.config.hops)?;
    answered(call, rules, request, Form::Whole).await
}

/// The same fields with a bearer key that came as the password of a name (RFC 7617), which is all that some proxies can
/// send: what stands before `@` in an address.
fn basic_as_bearer(headers: &Headers) -> Option<Headers> {
    let basic = headers.get("authorization")?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(basic.trim()).ok()?).ok()?;
    let (_, key) = pair.split_once(':')?;
    let mut with = Headers::default();
    headers.iter().filter(|(name, _)| *name != "authorization").for_each(|(name, value)| with.push(name, value));
    with.push("authorization", &format!("Bearer {key}"));
    Some(with)
}

/// In which form a caller gets its answer.
enum Form {
    /// The whole verdict.
    Json,
    /// Statuses and fields that a proxy acts on: [`answer::for_proxy`].
    Statuses,
    /// What the client itself is to get, if the request does not go on.
    Whole,
}

/// Judges a request and answers whoever asked about it.
async fn answered<H: Host>(
    call: &Call<'_, BotScreen, H>,
    rules: &Rules<'_>,
    mut request: Request,
    form: Form,
) -> Result<Response, Failure> {
    let more = with_ranges(call, rules, || matches!(form, Form::Json) || asks_address(&request, rules)).await?;
    let rules = &rules_of(more.as_deref(), rules)?;
    let set_cookie = solve::redeem(call, &mut request, rules).await;
    let now = call.host.now_ms();
    request.visit = screen::visit(call.config, &request.headers, rules, now);
    let first = judge(&request, rules, now);
    let more = with_rules(call, rules, &first).await;
    let more = more.map_err(|error| with_pass(call, error.into(), Action::Screen, set_cookie.clone()))?;
    let rules = &rules_of(more.as_deref(), rules)?;
    let verdict = if more.is_some() { judge(&request, rules, now) } else { first };
    let decision = match screen::screen(call, &request, verdict, rules).await {
        Ok(decision) => decision,
        Err(failure) => return Err(with_pass(call, failure, Action::Screen, set_cookie)),
    };
    let kept = match form {
        Form::Whole if decision.outcome.status().is_some() => inline::without_body(&mut request),
        _ => page::Form::None,
    };
    let given = refuse::given(call.host, call.config, &decision, &request, rules);
    tell(call, &decision, rules);
    let mut answer = match form {
        Form::Json => answer::json(&request, &decision, given.as_ref(), rules, call.lang),
        Form::Whole if decision.outcome.status().is_none() => answer::goes_on(&decision, rules),
        Form::Whole if request.shows_page() => {
            refuse::page(&decision, given.as_ref(), &request, &kept, rules, call.lang)
        }
        Form::Whole => refuse::problem(&decision, given.as_ref(), rules, call.lang),
        Form::Statuses => answer::for_proxy(&decision, rules),
    };
    // A pass goes first: not every proxy hands on two.
    let goes_on = || screen::visit_goes_on(call.config, &request, &decision, rules, now);
    if let Some(cookie) = set_cookie.or_else(goes_on) {
        answer = answer.with("set-cookie", cookie);
    }
    if call.policies.has_shadow() {
        judge_again(call.policies, request, decision.verdict.outcome, call.host.now_ms());
    }
    Ok(answer)
}

/// The page, or the problem, that a proxy's client gets in place of what it asked for. The proxy says what it was told:
/// nothing is counted again.
async fn page_for_proxy<H: Host>(
    call: &Call<'_, BotScreen, H>,
    headers: &Headers,
    rules: &Rules<'_>,
    body: H::Body,
) -> Result<Response, Failure> {
    authenticate(call, headers, None)?;
    let mut request = Request::told(headers, &call.config.original)?;
    let decision = screen::told(call.config, &request, rules, headers, call.host.now_ms());
    let lang = call.lang;
    if !request.shows_page() {
        let given = refuse::given(call.host, call.config, &decision, &request, rules);
        return Ok(refuse::problem(&decision, given.as_ref(), rules, lang));
    }
    let form = inline::form(&mut request, headers, body).await;
    let given = refuse::given(call.host, call.config, &decision, &request, rules);
    Ok(refuse::page(&decision, given.as_ref(), &request, &form, rules, lang))
}

/// Who comes to an address of this function's own: a client itself, or one that a proxy which is believed speaks for.
fn client_of<H: Host>(call: &Call<'_, BotScreen, H>, headers: &Headers) -> Option<String> {
    let speaks_for = headers.get("authorization").is_some() && authenticate(call, headers, None).is_ok();
    if speaks_for {
        return headers.get(&call.config.original.address).map(str::to_owned);
    }
    address_of(call.host, call.config, headers)
}

#[derive(Deserialize)]
struct Revoked {
    pass: String,
}

/// Takes a pass back.
async fn revoke<H: Host>(call: &Call<'_, BotScreen, H>, headers: &Headers, body: H::Body) -> Result<Response, Failure> {
    const SMALL: Bounds = Bounds { bytes: 1024, depth: 2, items: 10 };
    function::expect_media(headers, "application/json")?;
    let bytes = body.read(SMALL.bytes).await?;
    authenticate(call, headers, Some(&bytes))?;
    let told: Revoked = json::read(&bytes, SMALL, Unknown::Refuse).map_err(|unread| unread.problem(&BAD_REQUEST))?;
    let is_number = told.pass.len() == 20 && told.pass.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_number {
        let detail =
            text("pass 是事件中的 20 位十六进制编号。", "pass is the number of 20 hex digits that events name.");
        return Err(Problem::new(&BAD_REQUEST, detail.clone()).field("/pass", "malformed", detail).into());
    }
    let now = call.host.now_ms();
    // No pass is valid for longer than a day.
    store::revoke(call.host, &told.pass, now.saturating_add(86_400_000), now).await?;
    Ok(Response::new(http::StatusCode::NO_CONTENT, shared::http::JSON, Vec::new()))
}

/// What an event says of a request: nothing of the person who sent it.
#[derive(Serialize)]
struct Details<'a> {
    action: &'a str,
    agent: &'static str,
    weight: i64,
    /// Of the rules among the reasons, in their order.
    weights: Vec<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spared: Option<&'static str>,
    labels: Vec<&'a str>,
    /// What its signature comes to, if it has one, and whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    over: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pass_shared: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unread: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    address_unread: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    flood: Option<&'static str>,
    reference: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shadow: Vec<&'a str>,
}

/// Writes the event line of a decision.
pub fn tell<H: Host>(call: &Call<'_, BotScreen, H>, decision: &Decision<'_>, rules: &Rules<'_>) {
    let verdict = &decision.verdict;
    let dull = decision.outcome == Outcome::Allow && verdict.reasons.is_empty() && verdict.shadow.is_empty();
    if dull && !is_sampled(&decision.reference, rules) {
        return;
    }
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| rules.code(reason.rule)).collect();
    let details = Details {
        action: verdict.action.name(),
        agent: class(verdict.agent.class),
        weight: verdict.weight,
        weights: verdict.reasons.iter().map(|reason| reason.weight).collect(),
        spared: decision.spared(),
        labels: answer::labels(verdict),
        signature: verdict.signed.as_ref().map(Signed::name),
        signer: verdict.signed.as_ref().and_then(Signed::proof).map(|proof| proof.signer),
        over: decision.over().map(|limit| limit.code).collect(),
        pass: decision.pass.as_ref().map(|pass| pass.number()),
        pass_shared: decision.pass_shared,
        unread: decision.unread,
        address_unread: decision.address_unread,
        flood: decision.flood,
        reference: &decision.reference,
        shadow: verdict.shadow.iter().map(|rule| rules.code(*rule)).collect(),
    };
    let outcome = decision.outcome.name();
    let event = EventLine::new("venditor.screen.v1", NAME, call.host.now_ms(), call.trace, outcome, details);
    call.host.emit(&EventLine { reasons: &codes, policy: rules.digest, ..event }.line());
}

/// Whether an allowed request is one of those that are logged, by its reference, which is random.
fn is_sampled(reference: &str, rules: &Rules<'_>) -> bool {
    i64::from(screen_rules::index::hash(reference) % 100) < rules.figures.allows_per_hundred
}

/// Has the shadow judge the same request once the answer is out: an event if it would have judged otherwise.
pub fn judge_again<H: Host>(policies: &Policies<'_, H>, mut request: Request, was: Outcome, at: i64) {
    if !policies.has_shadow() {
        return;
    }
    // Another pack asks for other fields.
    request.body.anew();
    let again = move |shadow: &Pack| {
        let rules = Rules::of(shadow)?;
        let would = judge(&request, &rules, at);
        if would.outcome == was {
            return None;
        }
        #[derive(Serialize)]
        struct Would<'a> {
            would: &'static str,
            action: &'a str,
        }
        let details = Would { would: would.outcome.name(), action: would.action.name() };
        let event = EventLine::new("venditor.shadow.v1", NAME, at, &TraceContext::default(), was.name(), details);
        Some(EventLine { policy: rules.digest, ..event }.line())
    };
    policies.judge_again(&policy::ALL, Box::new(again));
}
