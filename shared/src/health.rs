//! `GET /healthz/<function>`: alive, which version, and whether its configuration is whole.

use http::{Method, StatusCode};
use serde::Serialize;

use crate::config::ConfigError;
use crate::http::{Head, JSON, Response};
use crate::problem::Problem;

#[derive(Serialize)]
struct Health<'a> {
    function: &'a str,
    version: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    misconfigured: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Notice]>::is_empty")]
    notices: &'a [Notice],
}

/// What operators should do before it is too late: a table of the rules that ends, say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// A stable name, snake case.
    pub code: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// When it is too late, milliseconds since the epoch.
    pub at: i64,
}

/// Whether a request asks for a function's health.
pub fn is_asked(head: &Head, function: &str) -> bool {
    head.target.path.strip_prefix("/healthz/") == Some(function)
}

/// The health answer, if the request asks for this function's. `fault` is what is wrong with its configuration: it
/// answers `200` with `"degraded"` then, because the instance itself is up.
pub fn answer(
    head: &Head,
    function: &str,
    version: &str,
    fault: Option<&ConfigError>,
    notices: &[Notice],
) -> Option<Response> {
    if !is_asked(head, function) {
        return None;
    }
    if head.method != Method::GET && head.method != Method::HEAD {
        return Some(Problem::method_not_allowed("GET, HEAD").response(head.lang()));
    }
    let status = if fault.is_some() { "degraded" } else { "ok" };
    let health = Health { function, version, status, misconfigured: fault.map(|f| f.key), notices };
    Some(Response::json(StatusCode::OK, JSON, &health))
}
