//! CORS (WHATWG Fetch §3.3) of our own answers: a page of a host that the configuration names may read them, so that its
//! scripts see why a request did not go on, and solve what it was challenged with. What an origin answers is its affair.

use shared::http::{Headers, Response};
use shared::problem::Problem;

use crate::config::Config;

/// What a script may read of our answers, besides what every script may.
const EXPOSED: &str = "ratelimit, ratelimit-policy, retry-after, venditor-outcome";

/// The origin of the page whose script asks, if it is one that may read what is answered.
pub fn reader<'c>(config: &'c Config, headers: &Headers) -> Option<&'c str> {
    let asks = headers.get("origin")?;
    config.cors_origins.iter().map(String::as_str).find(|origin| *origin == asks)
}

fn fields(reader: &str) -> [(&'static str, String); 4] {
    [
        ("access-control-allow-origin", reader.to_owned()),
        ("access-control-allow-credentials", "true".to_owned()),
        ("access-control-expose-headers", EXPOSED.to_owned()),
        ("vary", "origin".to_owned()),
    ]
}

/// An answer that its reader's page may read.
pub fn response(response: Response, reader: &str) -> Response {
    fields(reader).into_iter().fold(response, |response, (name, value)| response.with(name, value))
}

/// The same of a problem.
pub fn problem(problem: Problem, reader: &str) -> Problem {
    fields(reader).into_iter().fold(problem, |problem, (name, value)| problem.header(name, value))
}
