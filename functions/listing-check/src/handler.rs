//! The shell around the pure core: authenticate, read, judge, answer.

use http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::callers::Asked;
use shared::config::ConfigError;
use shared::event::EventLine;
use shared::function::Segment::Is;
use shared::function::{Call, Failure, Function, Params, Route, expect_media};
use shared::http::{Body, Response, negotiated_json};
use shared::platform::{Answer, Host, Schema, StorageError, Variables};
use shared::policy::{Pack, Spec, Trust};
use shared::problem::{Problem, text};
use shared::trace::TraceContext;

use crate::answer::{content_digest, verdict};
use crate::auth::Scope;
use crate::batch;
use crate::config::Config;
use crate::judge::{Judged, judge};
use crate::listing::{BATCH_BOUNDS, BOUNDS, Listing};
use crate::picture::MOST_READ;
use crate::policy::{self, Rules};
use crate::{NAME, store};

/// The function, as [`shared::function`] sees it.
pub struct ListingCheck;

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// One listing.
    Check,
    /// Several.
    Batch,
}

impl Function for ListingCheck {
    const NAME: &'static str = NAME;
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMA: Schema = store::SCHEMA;
    const ROUTES: &'static [Route<Action>] = &[
        Route::post(&[Is("v1"), Is("listings"), Is("check")], Action::Check),
        Route::post(&[Is("v1"), Is("listings"), Is("check"), Is("batch")], Action::Batch),
    ];
    const POLICY: Option<&'static Spec> = Some(&policy::SPEC);

    type Action = Action;
    type Config = Config;

    async fn configure(variables: &impl Variables) -> Result<Config, ConfigError> {
        Config::read(variables).await
    }

    fn trust(config: &Config) -> Option<&Trust> {
        config.trust.as_ref()
    }

    async fn act<H: Host>(
        call: &Call<'_, ListingCheck, H>,
        action: Action,
        _: Params<'_>,
        body: H::Body,
    ) -> Result<Answer<H::Stream>, Failure> {
        let request = Request { call };
        let answer = match action {
            Action::Check => request.check(body).await,
            Action::Batch => request.batch(body).await,
        };
        answer.map(Into::into)
    }

    fn unavailable(_: &StorageError, _: Action) -> Problem {
        let detail = text(
            "规则暂时读不到，这个商品尚未检查，请稍后再试。",
            "The rules cannot be read right now, and this listing was not checked; please try again.",
        );
        Problem::new(&shared::problem::STORAGE_UNAVAILABLE, detail).retry_after(30)
    }
}

struct Request<'a, H: Host> {
    call: &'a Call<'a, ListingCheck, H>,
}

#[derive(Serialize)]
struct Batch {
    results: Vec<Option<Box<RawValue>>>,
}

/// What an event says of a listing.
#[derive(Serialize)]
struct Details {
    content: String,
    findings: usize,
    rules: Vec<String>,
    /// Rules in shadow that would have been met.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shadow: Vec<String>,
}

impl<H: Host> Request<'_, H> {
    async fn check(&self, body: H::Body) -> Result<Response, Failure> {
        let bytes = self.read(body, BOUNDS.bytes).await?;
        let listing = Listing::read(&bytes)?;
        let pack = self.call.policies.pack(&policy::SECTIONS).await?;
        let rules = rules(&pack, self.call.host.now_ms())?;
        let judged = judge(&listing, &rules);
        self.tell(&listing, &judged, &rules);
        self.judge_again(&listing, &judged);
        let answer = verdict(&listing, &judged, &rules, self.call.lang);
        Ok(Response::json(StatusCode::OK, negotiated_json(self.call.lang), &answer))
    }

    async fn batch(&self, body: H::Body) -> Result<Response, Failure> {
        let bytes = self.read(body, BATCH_BOUNDS.bytes).await?;
        let entries = batch::entries(&bytes)?;
        let pack = self.call.policies.pack(&policy::SECTIONS).await?;
        let rules = rules(&pack, self.call.host.now_ms())?;
        let mut pictures = MOST_READ;
        let read: Vec<Result<(Listing, Judged), Problem>> = entries
            .iter()
            .map(|entry| {
                let listing = Listing::one_of(entry.get().as_bytes(), &mut pictures)?;
                let judged = judge(&listing, &rules);
                self.tell(&listing, &judged, &rules);
                self.judge_again(&listing, &judged);
                Ok((listing, judged))
            })
            .collect();
        let lang = self.call.lang;
        // Each in the bytes that it would have alone.
        let results = read.iter().map(|entry| match entry {
            Ok((listing, judged)) => serde_json::value::to_raw_value(&verdict(listing, judged, &rules, lang)).ok(),
            Err(problem) => serde_json::from_slice(&problem.response(lang).body).ok(),
        });
        let results = results.collect();
        Ok(Response::json(StatusCode::OK, negotiated_json(lang), &Batch { results }))
    }

    async fn read(&self, body: H::Body, most: usize) -> Result<Vec<u8>, Problem> {
        let headers = self.call.host.headers();
        expect_media(&headers, "application/json")?;
        let bytes = body.read(most).await?;
        let asked = Asked { head: self.call.head, headers: &headers, body: Some(&bytes), covered: None };
        self.call.config.callers.authenticate(asked, Scope::Listings, self.call.host.now_ms())?;
        Ok(bytes)
    }

    fn tell(&self, listing: &Listing, judged: &Judged, rules: &Rules<'_>) {
        let details = details(listing, judged, rules);
        let now = self.call.host.now_ms();
        let event = EventLine::new("venditor.listing.v1", NAME, now, self.call.trace, judged.outcome.name(), details);
        self.call.host.emit(&EventLine { policy: rules.digest, ..event }.line());
    }

    /// Has the shadow judge the same listing once the answer is out: an event if it would have judged otherwise.
    fn judge_again(&self, listing: &Listing, judged: &Judged) {
        if !self.call.policies.has_shadow() {
            return;
        }
        let (listing, judged, at) = (listing.clone(), judged.clone(), self.call.host.now_ms());
        let again = move |shadow: &Pack| {
            let rules = Rules::of(shadow, at)?;
            let would = judge(&listing, &rules);
            if would.outcome == judged.outcome {
                return None;
            }
            let none = TraceContext::default();
            let details = details(&listing, &would, &rules);
            let event = EventLine::new("venditor.shadow.v1", NAME, at, &none, judged.outcome.name(), details);
            Some(event.line())
        };
        self.call.policies.judge_again(&policy::SECTIONS, Box::new(again));
    }
}

fn details(listing: &Listing, judged: &Judged, rules: &Rules<'_>) -> Details {
    let answer = verdict(listing, judged, rules, shared::lang::Lang::En);
    Details {
        content: content_digest(listing),
        findings: judged.findings.len(),
        rules: answer.rules(),
        shadow: judged.shadow.clone(),
    }
}

/// The rules of a pack. One that lacks something was refused when it was published; the bundled one lacks nothing.
fn rules(pack: &Pack, now_ms: i64) -> Result<Rules<'_>, Problem> {
    Rules::of(pack, now_ms).ok_or_else(|| {
        let detail = text("规则有缺，这个商品未能检查。", "The rules lack something; this listing was not checked.");
        Problem::new(&shared::problem::STORAGE_UNAVAILABLE, detail).retry_after(30)
    })
}
