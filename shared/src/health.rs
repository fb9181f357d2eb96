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
}

/// The health answer, if the request asks for this function's. `fault` is what is wrong with its configuration: it
/// answers `200` with `"degraded"` then, because the instance itself is up.
pub fn answer(head: &Head, function: &str, version: &str, fault: Option<&ConfigError>) -> Option<Response> {
    if head.target.path.strip_prefix("/healthz/") != Some(function) {
        return None;
    }
    if head.method != Method::GET && head.method != Method::HEAD {
        return Some(Problem::method_not_allowed("GET, HEAD").response(head.lang()));
    }
    let status = if fault.is_some() { "degraded" } else { "ok" };
    let health = Health { function, version, status, misconfigured: fault.map(|f| f.key) };
    Some(Response::json(StatusCode::OK, JSON, &health))
}
