//! The shell around the pure core: gather facts through ports, ask the core, do the effects, answer.

mod complaints;

use std::ops::Deref;

use http::StatusCode;
use sha2::{Digest, Sha256};
use shared::config::ConfigError;
use shared::event::EventLine;
use shared::function::Segment::{Any, Begins, Is, Rest};
use shared::function::{Call, Failure, Function, Page, Params, Route, log_storage_fault};
use shared::hex::hex;
use shared::http::{Accepts, Head, HeaderSet, Response, VARY, negotiated_json};
use shared::lang::Lang;
use shared::platform::{self, Host, Schema, StorageError, Variables};
use shared::policy::{Pack, Spec, Trust};
use shared::problem::{Problem, STORAGE_UNAVAILABLE, text};
use shared::trace::TraceContext;

use crate::answer::Answer;
use crate::assess::{Assessment, HeadState};
use crate::config::Config;
use crate::details::{HeadDetails, ScanDetails, ShadowDetails};
use crate::digital_link::{Link, MAX_PATH};
use crate::history::History;
use crate::keys;
use crate::outcome::{self, Basis, Ledger, Outcome};
use crate::policy::{Rules, figures};
use crate::problems;
use crate::scan;
use crate::serial::Code;
use crate::{NAME, page, policy, refusal, store, visit};

static NO_ICON: HeaderSet =
    shared::header_set!("image/x-icon", csp: "default-src 'none'", cache: "public, max-age=604800");

/// The photo of a record: what its digest names never changes.
static PHOTO_JPEG: HeaderSet =
    shared::header_set!("image/jpeg", csp: "default-src 'none'", cache: "public, max-age=31536000, immutable");
static PHOTO_PNG: HeaderSet =
    shared::header_set!("image/png", csp: "default-src 'none'", cache: "public, max-age=31536000, immutable");
static PHOTO_WEBP: HeaderSet =
    shared::header_set!("image/webp", csp: "default-src 'none'", cache: "public, max-age=31536000, immutable");

/// The function, as [`shared::function`] sees it.
pub struct TraceVerify;

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The page of a code, or its JSON.
    Page,
    /// A shopper's word, on that page, that the piece was scanned.
    Confirm,
    /// A label's own URL.
    Label,
    /// A complaint.
    Report,
    /// What became of a complaint.
    LookUp,
    /// The operator's list of complaints.
    Complaints,
    /// The operator's answer to one.
    Answer,
    /// Takes complaints of earlier builds into the list.
    Gather,
    /// A photo of a record.
    Photo,
    /// What every browser asks for.
    Icon,
    /// No address of ours.
    Elsewhere,
}

impl Function for TraceVerify {
    const NAME: &'static str = NAME;
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMA: Schema = store::SCHEMA;
    const ROUTES: &'static [Route<Action>] = &[
        Route::get(&[Is("verify"), Rest], Action::Page),
        Route::post(&[Is("verify"), Rest], Action::Confirm),
        Route::get(&[Is("favicon.ico")], Action::Icon),
        Route::post(&[Is("report")], Action::Report),
        Route::get(&[Is("report")], Action::LookUp),
        Route::get(&[Is("v1"), Is("complaints")], Action::Complaints),
        Route::post(&[Is("v1"), Is("complaints"), Any, Is("answer")], Action::Answer),
        Route::post(&[Is("v1"), Is("complaints"), Is("gather")], Action::Gather),
        Route::get(&[Is("photo"), Any], Action::Photo),
        // Every application identifier begins with a digit, and nothing else of ours does.
        Route::get(&[Begins("0123456789%"), Rest], Action::Label),
        Route::every(&[Rest], Action::Elsewhere),
    ];

    type Action = Action;
    type Config = Config;

    async fn configure(variables: &impl Variables) -> Result<Config, ConfigError> {
        Config::read(variables).await
    }

    const POLICY: Option<&'static Spec> = Some(&policy::SPEC);
    const PAGE_SECTIONS: &'static [&'static str] = &policy::SECTIONS;

    fn trust(config: &Config) -> Option<&Trust> {
        Some(&config.trust)
    }

    fn admit(config: &Config, head: &Head) -> Result<(), Problem> {
        if !config.is_own_host(&head.target.host) {
            return Err(problems::unknown_host(&config.hosts));
        }
        Ok(())
    }

    async fn act<H: Host>(
        call: &Call<'_, TraceVerify, H>,
        action: Action,
        params: Params<'_>,
        body: H::Body,
    ) -> Result<platform::Answer<H::Stream>, Failure> {
        let request = Request { call };
        let answer = match action {
            Action::Page => {
                let label = call.path().strip_prefix("/verify").unwrap_or_default();
                request.verify(label, call.accepts(Accepts::Html), false).await
            }
            Action::Confirm => {
                let label = call.path().strip_prefix("/verify").unwrap_or_default();
                request.confirm(label).await
            }
            Action::Label => match call.accepts(Accepts::Html) {
                Accepts::Json => request.verify(call.path(), Accepts::Json, false).await,
                Accepts::Html => request.to_page(call.path()),
            },
            Action::Report => request.report(body).await,
            Action::LookUp => request.look_up().await,
            Action::Complaints => request.complaints().await,
            Action::Answer => request.answer_complaint(params.get(0), body).await,
            Action::Gather => request.gather(body).await,
            Action::Photo => request.photo(params.get(0)).await,
            // There is none, and the browser need not ask again.
            Action::Icon => Ok(Response::new(StatusCode::NO_CONTENT, NO_ICON, Vec::new())),
            Action::Elsewhere if call.path().len() > MAX_PATH => Err(problems::path_too_long().into()),
            Action::Elsewhere => Err(Problem::not_found().into()),
        };
        answer.map(Into::into)
    }

    fn unavailable(_: &StorageError, action: Action) -> Problem {
        let detail = match action {
            Action::Photo => text("照片暂时读不到。", "The photo cannot be read right now."),
            Action::LookUp | Action::Complaints | Action::Gather => {
                text("举报暂时查不到，请稍后再试。", "Complaints cannot be read right now; please try again.")
            }
            _ => text("举报暂时无法保存，请稍后再试。", "The report cannot be kept right now; please try again."),
        };
        Problem::new(&STORAGE_UNAVAILABLE, detail).retry_after(30)
    }

    fn fault_page(config: Option<&Config>, pack: &Pack, head: &Head, lang: Lang, problem: &Problem) -> Option<Page> {
        let hosts: &[String] = config.map_or(&[], |config| &config.hosts);
        let words = || Rules::of(pack).words(lang);
        let page = || Page { fixed: page::PAGE, body: page::problem(problem, words(), hosts) };
        (head.accepts(Accepts::Json) == Accepts::Html).then(page)
    }
}

struct Request<'a, H> {
    call: &'a Call<'a, TraceVerify, H>,
}

impl<'a, H> Deref for Request<'a, H> {
    type Target = Call<'a, TraceVerify, H>;

    fn deref(&self) -> &Self::Target {
        self.call
    }
}

impl<H: Host> Request<'_, H> {
    /// A label's own URL leads to the page. Nothing is checked or counted here.
    fn to_page(&self, path: &str) -> Result<Response, Failure> {
        let link = Link::scanned_path(path).map_err(|error| problems::bad_link(&error))?;
        let mut location = page_path(&link);
        if let Some(lang) = self.head.param("lang").as_deref().and_then(Lang::from_range) {
            location.push_str("?lang=");
            location.push_str(lang.param());
        }
        Ok(Response::redirect(StatusCode::TEMPORARY_REDIRECT, location).with("vary", "accept"))
    }

    /// The page again, for a shopper who says "I scanned this" there.
    async fn confirm(&self, path: &str) -> Result<Response, Failure> {
        visit::from_our_page(&self.host.headers(), self.head)?;
        self.verify(path, self.accepts(Accepts::Html), true).await
    }

    async fn verify(&self, path: &str, form: Accepts, confirmed: bool) -> Result<Response, Failure> {
        let config = self.config;
        let link = Link::scanned_path(path).map_err(|error| problems::bad_link(&error))?;
        let pack = self.policies.pack(&policy::SECTIONS).await?;
        let rules = Rules::of(&pack);
        let now = self.host.now_ms();
        let hosts = &config.hosts;
        // The tag decides before any storage is asked.
        let Ok(code) = Code::verify(&link, &config.mac_keys) else {
            if form == Accepts::Json {
                let (body, decision_id) = refusal::json(&link, hosts, rules, self.lang, now);
                let canonical = link.canonical();
                let details = ScanDetails::new(&canonical, None, &decision_id);
                self.tell(now, Outcome::BadCode.code(), &["bad_code"], rules.digest(), details);
                return Ok(Response::new(StatusCode::OK, negotiated_json(self.lang), body));
            }
            let answer = Answer::bad_code(&link, hosts, rules, self.lang, now);
            return Ok(self.answer(&answer, &link, None, rules, form));
        };
        let asked = visit::Asked { form, confirmed, now_ms: now };
        let visitor = visit::visitor(self.call, &code, asked, rules)?;
        // Boxed: a refused code should not carry this future's size.
        let (assessment, ledger) = Box::pin(scan::scan(self.host, &visitor, &code, self.policies, now, &|error| {
            log_storage_fault(self.host, NAME, self.trace, error)
        }))
        .await;
        let ledger = ledger?;
        for state in &assessment.heads {
            self.alarm(state, rules, now).await;
        }
        self.judge_again(&code, &assessment, &ledger, rules, now);
        let answer = Answer::new(&code, &assessment, &ledger, hosts, rules, self.lang, now);
        let history = if let Ledger::Known(history) = &ledger { Some(history) } else { None };
        let response = self.answer(&answer, &link, history, rules, form);
        let cookie = history.and_then(|history| {
            let days = rules.figure(figures::DEVICE_COOKIE_DAYS);
            visit::set_cookie(config, &visitor, history, &code.item(), &page_path(&link), days, now)
        });
        Ok(match cookie {
            Some(cookie) => response.with("set-cookie", cookie),
            None => response,
        })
    }

    /// Tells the operator that a head is about to end, or is not as it should be: from then on no scan is answered in full.
    async fn alarm(&self, state: &HeadState, rules: Rules<'_>, at: i64) {
        let Some((code, left_ms)) = state.alarm(at) else { return };
        if self.policies.alarm_is_due(&["head", &state.issuer, code].join(" ")).await {
            let details = HeadDetails { issuer: &state.issuer, left_ms };
            let event = EventLine::new("venditor.head.v1", NAME, at, self.trace, code, details);
            self.host.emit(&EventLine { policy: rules.digest(), ..event }.line());
        }
    }

    /// Has the shadow judge the same scan once the answer is out: an event if it would have said something else.
    fn judge_again(&self, code: &Code, assessment: &Assessment, ledger: &Ledger, rules: Rules<'_>, at: i64) {
        if !self.policies.has_shadow() {
            return;
        }
        let (item, policy, verdict) = (code.item(), rules.digest().to_owned(), assessment.verdict);
        let (ledger, said) = (ledger.clone(), outcome::decide(verdict, ledger, rules, at));
        let again = move |shadow: &Pack| {
            let rules = Rules::of(shadow);
            let would = outcome::decide(verdict, &ledger, rules, at);
            let details = ShadowDetails { item: &item, shadow: rules.digest(), outcome: would.code() };
            let none = TraceContext::default();
            let event = EventLine::new("venditor.shadow.v1", NAME, at, &none, said.code(), details);
            (would != said).then(|| EventLine { policy: &policy, ..event }.line())
        };
        self.policies.judge_again(&policy::SECTIONS, Box::new(again));
    }

    fn answer(
        &self,
        answer: &Answer<'_>,
        link: &Link,
        history: Option<&History>,
        rules: Rules<'_>,
        form: Accepts,
    ) -> Response {
        let reasons: Vec<&str> = answer.reasons.iter().map(|reason| reason.code).collect();
        let mut details = ScanDetails::new(&answer.code.digital_link, answer.scans.as_ref(), &answer.decision_id);
        if let Some(history) = history {
            let window = rules.figure(figures::CLONE_WINDOW_DAYS);
            details.basis = Some(Basis::of(history, answer.checked_at, window));
        }
        self.tell(answer.checked_at, answer.outcome.code(), &reasons, answer.policy, details);
        let cookie_days = self.config.jar.as_ref().map(|_| rules.figure(figures::DEVICE_COOKIE_DAYS));
        match form {
            Accepts::Json => Response::json(StatusCode::OK, negotiated_json(self.lang), answer),
            Accepts::Html => page_response(
                StatusCode::OK,
                self.lang,
                page::verdict(answer, rules.words(self.lang), &page_path(link), cookie_days),
            ),
        }
    }

    /// The event of a scan.
    fn tell(&self, at: i64, outcome: &str, reasons: &[&str], policy: &str, details: ScanDetails<'_>) {
        let mut event = EventLine::new("venditor.scan.v1", NAME, at, self.trace, outcome, details);
        event.reasons = reasons;
        event.policy = policy;
        self.host.emit(&event.line());
    }

    /// A photo, only if its bytes are the ones that the inspection base signed for.
    async fn photo(&self, digest: &str) -> Result<Response, Failure> {
        let none = || {
            let detail =
                text("没有这张照片，或它与记录不符。", "There is no such photo, or it is not what its record says.");
            Failure::Problem(Problem::new(&problems::NO_PHOTO, detail))
        };
        if digest.len() != 64 || !digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(none());
        }
        let bytes = self.host.get(&keys::photo(digest)).await?;
        let bytes = bytes.filter(|bytes| hex(&Sha256::digest(bytes)) == digest).ok_or_else(none)?;
        let kind = match bytes.as_slice() {
            [0xff, 0xd8, 0xff, ..] => PHOTO_JPEG,
            [0x89, b'P', b'N', b'G', ..] => PHOTO_PNG,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => PHOTO_WEBP,
            _ => return Err(none()),
        };
        Ok(Response::new(StatusCode::OK, kind, bytes))
    }
}

fn page_response(status: StatusCode, lang: Lang, body: Vec<u8>) -> Response {
    Response::new(status, page::PAGE, body).with("content-language", lang.tag()).with("vary", VARY)
}

/// The page of a code.
fn page_path(link: &Link) -> String {
    let canonical = link.canonical();
    format!("/verify/{}", canonical.strip_prefix(crate::digital_link::CANONICAL_BASE).unwrap_or_default())
}
