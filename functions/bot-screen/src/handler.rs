//! The shell around the pure core: authenticate, read, judge, answer, tell.

use serde::Serialize;
use shared::callers::Asked;
use shared::config::ConfigError;
use shared::event::EventLine;
use shared::function::Segment::Is;
use shared::function::{Call, Failure, Function, Params, Route};
use shared::http::Body;
use shared::platform::{Answer, Host, Schema, StorageError, Variables};
use shared::policy::{Pack, Policies, Spec, Trust};
use shared::problem::{Problem, text};
use shared::trace::TraceContext;

use crate::auth::Scope;
use crate::config::Config;
use crate::policy::{self, Rules};
use crate::request::{BOUNDS, Request, is_json};
use crate::signals::class;
use crate::verdict::{Outcome, Verdict, judge};
use crate::{NAME, answer, store};

/// The function, as [`shared::function`] sees it.
pub struct BotScreen;

impl Function for BotScreen {
    const NAME: &'static str = NAME;
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMA: Schema = store::SCHEMA;
    // A proxy's sub-request may have the client's method.
    const ROUTES: &'static [Route<()>] = &[Route::every(&[Is("v1"), Is("screen")], ())];
    const POLICY: Option<&'static Spec> = Some(&policy::SPEC);

    type Action = ();
    type Config = Config;

    async fn configure(variables: &impl Variables) -> Result<Config, ConfigError> {
        Config::read(variables).await
    }

    fn trust(config: &Config) -> Option<&Trust> {
        config.trust.as_ref()
    }

    async fn act<H: Host>(
        call: &Call<'_, BotScreen, H>,
        (): (),
        _: Params<'_>,
        body: H::Body,
    ) -> Result<Answer<H::Stream>, Failure> {
        let headers = call.host.headers();
        let asked_in_json = is_json(call.head, &headers, &call.config.original);
        let bytes = if asked_in_json { Some(body.read(BOUNDS.bytes).await?) } else { None };
        let asked = Asked { head: call.head, headers: &headers, body: bytes.as_deref(), covered: None };
        call.config.callers.authenticate(asked, Scope::Screen, call.host.now_ms())?;
        let request = match &bytes {
            Some(bytes) => Request::read(bytes)?,
            None => Request::told(&headers, &call.config.original)?,
        };
        let pack = call.policies.pack(&policy::SECTIONS).await?;
        let Some(rules) = Rules::of(&pack) else { return Err(Self::unavailable(&lacking(), ()).into()) };
        let verdict = judge(&request, &rules);
        tell(call, &verdict, &rules);
        let answer = if asked_in_json {
            answer::json(&request, &verdict, &rules, call.lang)
        } else {
            answer::for_proxy(&verdict, &rules)
        };
        judge_again(call.policies, request, verdict.outcome, call.host.now_ms());
        Ok(answer.into())
    }

    fn unavailable(_: &StorageError, (): ()) -> Problem {
        let detail = text(
            "规则暂时读不到，这个请求没有判定，请按站点的约定处理。",
            "The rules cannot be read right now, and this request was not judged; do as your site has decided.",
        );
        Problem::new(&shared::problem::STORAGE_UNAVAILABLE, detail).retry_after(30)
    }
}

fn lacking() -> StorageError {
    StorageError::kv("the policy in force lacks something")
}

/// What an event says of a request: nothing of the person who sent it.
#[derive(Serialize)]
struct Details<'a> {
    action: &'a str,
    agent: &'static str,
    weight: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    spared: Option<&'static str>,
    labels: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shadow: Vec<&'a str>,
}

fn tell<H: Host>(call: &Call<'_, BotScreen, H>, verdict: &Verdict<'_>, rules: &Rules<'_>) {
    if verdict.outcome == Outcome::Allow && verdict.reasons.is_empty() && !is_sampled(call.host, rules) {
        return;
    }
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| rules.code(reason.rule)).collect();
    let details = Details {
        action: verdict.action.name(),
        agent: class(verdict.agent.class),
        weight: verdict.weight,
        spared: verdict.spared,
        labels: answer::labels(verdict),
        shadow: verdict.shadow.iter().map(|rule| rules.code(*rule)).collect(),
    };
    let outcome = verdict.outcome.name();
    let event = EventLine::new("venditor.screen.v1", NAME, call.host.now_ms(), call.trace, outcome, details);
    call.host.emit(&EventLine { reasons: &codes, policy: rules.digest, ..event }.line());
}

/// Whether an allowed request is one of those that are logged.
fn is_sampled(host: &impl Host, rules: &Rules<'_>) -> bool {
    match rules.allows_per_hundred {
        0 => false,
        100 => true,
        share => {
            let mut random = [0_u8; 4];
            host.fill(&mut random);
            i64::from(u32::from_le_bytes(random) % 100) < share
        }
    }
}

/// Has the shadow judge the same request once the answer is out: an event if it would have judged otherwise.
fn judge_again<H: Host>(policies: &Policies<'_, H>, request: Request, was: Outcome, at: i64) {
    if !policies.has_shadow() {
        return;
    }
    let again = move |shadow: &Pack| {
        let rules = Rules::of(shadow)?;
        let would = judge(&request, &rules);
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
    policies.judge_again(&policy::SECTIONS, Box::new(again));
}
