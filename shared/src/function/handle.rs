//! What every request goes through: health, configuration, admission, rules, route, action, and the problem if one
//! fails.

use super::{Call, Function, Page, failure, log_storage_fault, route};
use crate::config::ConfigError;
use crate::health::{self, Notice};
use crate::http::{Head, Response};
use crate::lang::Lang;
use crate::platform::{Answer, Host, StorageError};
use crate::policy::{Later, Packs, Policies};
use crate::problem::Problem;
use crate::trace::TraceContext;

/// An answer, and what is left to do once it is out.
pub struct Handled<S> {
    /// The answer.
    pub answer: Answer<S>,
    /// What the host runs beside the traffic, with the same configuration and packs; `None` if nothing is left.
    pub later: Option<Later>,
}

/// Answers any request. Infallible: every path ends in an answer.
pub async fn handle<F: Function, H: Host>(
    host: &H,
    config: Result<&F::Config, &ConfigError>,
    packs: &Packs,
    head: &Head,
    body: H::Body,
) -> Handled<H::Stream> {
    let trace = TraceContext::of(head);
    let notices = match config {
        // By the constant, as in `finish`.
        Ok(config) if !F::NOTICE_SECTIONS.is_empty() && health::is_asked(head, F::NAME) => {
            notices::<F, H>(host, config, packs).await
        }
        _ => Vec::new(),
    };
    let (answer, later) = match health::answer(head, F::NAME, F::VERSION, config.err(), &notices) {
        Some(response) => (response.into(), None),
        None => answer::<F, H>(host, config, packs, head, &trace, body).await,
    };
    let answer = match answer {
        Answer::Ours(ours) if F::ON_SITES_OF_OTHERS => Answer::Ours(ours.on_anothers_site()),
        answer => answer,
    };
    Handled { answer: answer.finish(head, trace.request_id), later }
}

/// The rules that a request or an event is judged by.
///
/// # Errors
/// [`StorageError`] if the database cannot say which they are, and the function does not judge in doubt.
pub(crate) async fn policies<'a, F: Function, H: Host>(
    host: &'a H,
    config: &'a F::Config,
    packs: &'a Packs,
) -> Result<Policies<'a, H>, StorageError> {
    Policies::begin(host, F::NAME, F::POLICY, F::trust(config), packs).await
}

/// What the rules in force have to tell operators; nothing while the stores that could say which they are do not answer.
async fn notices<F: Function, H: Host>(host: &H, config: &F::Config, packs: &Packs) -> Vec<Notice> {
    let Ok(policies) = policies::<F, H>(host, config, packs).await else { return Vec::new() };
    let pack = policies.pack(F::NOTICE_SECTIONS).await;
    pack.map(|pack| F::notices(&pack, host.now_ms())).unwrap_or_default()
}

/// Does what was left to do once an answer is out. By the constant: a function without rules does not carry the code
/// that looks for some.
pub(crate) async fn finish<F: Function, H: Host>(host: &H, config: &F::Config, packs: &Packs, later: Option<Later>) {
    if F::POLICY.is_some()
        && let Some(later) = later
    {
        later.run(host, F::NAME, F::POLICY, F::trust(config), packs).await;
    }
}

async fn answer<F: Function, H: Host>(
    host: &H,
    config: Result<&F::Config, &ConfigError>,
    packs: &Packs,
    head: &Head,
    trace: &TraceContext<'_>,
    body: H::Body,
) -> (Answer<H::Stream>, Option<Later>) {
    let lang = head.lang();
    let bundled = || packs.bundled(F::POLICY);
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            failure::log_misconfigured(host, F::NAME, trace, error);
            let problem = Problem::from(error);
            return (render::<F>(None, &bundled(), head, lang, &problem).into(), None);
        }
    };
    if let Err(problem) = F::admit(config, head) {
        return (render::<F>(Some(config), &bundled(), head, lang, &problem).into(), None);
    }
    let policies = match policies::<F, H>(host, config, packs).await {
        Ok(policies) => policies,
        Err(error) => {
            log_storage_fault(host, F::NAME, trace, &error);
            let problem = if error.is_newer() { Problem::database_newer() } else { failure::unavailable() };
            return (render::<F>(Some(config), &bundled(), head, lang, &problem).into(), None);
        }
    };
    let answer = match routed::<F, H>(host, config, &policies, head, lang, trace, body).await {
        Ok(answer) => answer,
        Err(problem) => {
            // A pack whose words cannot be read must not take the problem with it.
            let pack = policies.pack(F::PAGE_SECTIONS).await.unwrap_or_else(|_| bundled());
            render::<F>(Some(config), &pack, head, lang, &problem).into()
        }
    };
    // By the constant, as in `finish`.
    (answer, if F::POLICY.is_some() { policies.later() } else { None })
}

async fn routed<F: Function, H: Host>(
    host: &H,
    config: &F::Config,
    policies: &Policies<'_, H>,
    head: &Head,
    lang: Lang,
    trace: &TraceContext<'_>,
    body: H::Body,
) -> Result<Answer<H::Stream>, Problem> {
    let (action, params) = route::find(F::ROUTES, &head.method, &head.target.path)?;
    let call = Call { host, config, policies, head, lang, trace };
    F::act(&call, action, params, body).await.map_err(|failure| failure.told::<F>(host, trace, action))
}

/// A problem in the caller's language, as a page for a client that prefers one.
fn render<F: Function>(
    config: Option<&F::Config>,
    pack: &crate::policy::Pack,
    head: &Head,
    lang: Lang,
    problem: &Problem,
) -> Response {
    let mut response = problem.response(lang);
    if let Some(Page { fixed, body }) = F::fault_page(config, pack, head, lang, problem) {
        response.fixed = fixed;
        response.body = body;
    }
    response
}
