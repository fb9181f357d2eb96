//! What every request goes through: health, configuration, admission, route, action, and the problem if one fails.

use super::{Call, Failure, Function, Page, log_storage_fault, route};
use crate::config::ConfigError;
use crate::health;
use crate::http::{Head, Response};
use crate::lang::Lang;
use crate::platform::{Answer, Host};
use crate::problem::Problem;
use crate::trace::TraceContext;

/// Answers any request. Infallible: every path ends in an answer.
pub async fn handle<F: Function, H: Host>(
    host: &H,
    config: Result<&F::Config, &ConfigError>,
    head: &Head,
    body: H::Body,
) -> Answer<H::Stream> {
    let trace = TraceContext::of(head);
    let answer = match health::answer(head, F::NAME, F::VERSION, config.err()) {
        Some(response) => response.into(),
        None => {
            let lang = head.lang();
            match answer::<F, H>(host, config, head, lang, &trace, body).await {
                Ok(answer) => answer,
                Err(problem) => render::<F>(config.ok(), head, lang, &problem).into(),
            }
        }
    };
    answer.finish(head, trace.request_id)
}

async fn answer<F: Function, H: Host>(
    host: &H,
    config: Result<&F::Config, &ConfigError>,
    head: &Head,
    lang: Lang,
    trace: &TraceContext<'_>,
    body: H::Body,
) -> Result<Answer<H::Stream>, Problem> {
    let config = config.map_err(Problem::from)?;
    F::admit(config, head)?;
    let (action, params) = route::find(F::ROUTES, &head.method, &head.target.path)?;
    let call = Call { host, config, head, lang, trace };
    match F::act(&call, action, params, body).await {
        Ok(answer) => Ok(answer),
        Err(Failure::Problem(problem)) => Err(problem),
        Err(Failure::Storage(error)) => {
            log_storage_fault(host, F::NAME, trace, &error);
            Err(if error.is_newer() { Problem::database_newer() } else { F::unavailable(&error, action) })
        }
    }
}

/// A problem in the caller's language, as a page for a client that prefers one.
fn render<F: Function>(config: Option<&F::Config>, head: &Head, lang: Lang, problem: &Problem) -> Response {
    let mut response = problem.response(lang);
    if let Some(Page { fixed, body }) = F::fault_page(config, head, lang, problem) {
        response.fixed = fixed;
        response.body = body;
    }
    response
}
