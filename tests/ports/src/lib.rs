//! A function for tests alone: it puts each port to use, so that `tests/ports/run` can watch both real runtimes at
//! it. Everything it answers is JSON, save for what it passes on.

#[cfg(target_os = "wasi")]
mod spin;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

use http::StatusCode;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use shared::config::{ConfigError, required};
use shared::function::{Call, Failure, Function, Params, Route, Segment};
use shared::hex::hex;
use shared::http::{Body, Head, JSON, Response, Target};
use shared::origin::Origin;
use shared::platform::{
    Allowance, Answer, Clock, ForwardRequest, Host, Limiter, Onward, Outbound, OutboundError, OutboundRequest, Schema,
    Signals, Sql, Statement, Step, StorageError, Variables, Wake, Waking,
};
use shared::policy::Policies;

/// Its name, as in its manifest.
pub const NAME: &str = "ports";

/// How often each shard was woken, and when for the last time.
pub const SCHEMA: Schema = Schema::new(&[Step {
    number: 1,
    statements: &[
        "CREATE TABLE IF NOT EXISTS woken (shard TEXT PRIMARY KEY, times INTEGER NOT NULL, at INTEGER NOT NULL) STRICT",
    ],
}]);

const WOKEN: Statement = Statement {
    sql: "INSERT INTO woken (shard, times, at) VALUES (?1, 1, ?2)
          ON CONFLICT (shard) DO UPDATE SET times = times + 1, at = excluded.at RETURNING times",
};
const TIMES: Statement = Statement { sql: "SELECT times, at FROM woken WHERE shard = ?1" };

/// How long an origin may take for an answer's head, in milliseconds, if `x-head-timeout` does not say.
const HEAD_TIMEOUT_MS: u32 = 30_000;

/// The function, as [`shared::function`] sees it.
pub struct Ports;

impl Function for Ports {
    const NAME: &'static str = NAME;
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMA: Schema = SCHEMA;
    const ROUTES: &'static [Route<()>] = &[Route::every(&[Segment::Is("ports"), Segment::Rest], ())];

    type Action = ();
    /// `PORTS_ORIGIN`: where it may send.
    type Config = Origin;

    async fn configure(variables: &impl Variables) -> Result<Origin, ConfigError> {
        let origin = required(variables, "PORTS_ORIGIN").await?;
        Origin::parse(&origin).map_err(|_| ConfigError::malformed("PORTS_ORIGIN", "https://host[:port]"))
    }

    fn origins(config: &Origin) -> Vec<Origin> {
        vec![config.clone()]
    }

    async fn act<H: Host>(
        call: &Call<'_, Ports, H>,
        (): (),
        _: Params<'_>,
        body: H::Body,
    ) -> Result<Answer<H::Stream>, Failure> {
        Ok(answer(call.host, call.head, body, call.config).await)
    }

    /// A shard whose name begins with `fails-once` fails at the first time.
    async fn wake<H: Host>(host: &H, _: &Origin, _: &Policies<'_, H>, shard: &str) -> Result<(), StorageError> {
        // There is no request here: nothing is known, and asking does no harm.
        if host.headers().iter().next().is_some() || host.place().is_some() || host.signals() != Signals::default() {
            return Err(StorageError::sql("a wake-up has no peer"));
        }
        let rows = host.query(shard, &WOKEN, &[shard.into(), host.now_ms().into()]).await?;
        let first = rows.first().and_then(|row| row.integer(0)) == Some(1);
        if first && shard.starts_with("fails-once") { Err(StorageError::sql("on purpose")) } else { Ok(()) }
    }
}

async fn answer<H: Host>(host: &H, head: &Head, body: H::Body, origin: &Origin) -> Answer<H::Stream> {
    let path = head.target.path.as_str();
    if let Some(rest) = path.strip_prefix("/ports/forward") {
        return pass_on(host, head, rest, body, origin).await;
    }
    let answer = match path {
        "/ports/signals" => signals(host),
        "/ports/limit" => limit(host, head).await,
        "/ports/large" => large(host, head).await,
        "/ports/send" => send(host, head, origin).await,
        "/ports/wake" => wake(host, head).await,
        "/ports/woken" => woken(host, head).await,
        "/ports/echo" => match body.read(1000).await {
            Ok(bytes) => json!({ "bytes": bytes.len() }),
            Err(error) => json!({ "error": format!("{error:?}") }),
        },
        _ => return Response::json(StatusCode::NOT_FOUND, JSON, &Json::Null).into(),
    };
    Response::json(StatusCode::OK, JSON, &answer).into()
}

fn param(head: &Head, name: &str) -> String {
    head.param(name).unwrap_or_default()
}

fn number(head: &Head, name: &str) -> u32 {
    param(head, name).parse().unwrap_or_default()
}

fn signals(host: &impl Host) -> Json {
    let signals = host.signals();
    json!({
        "asn": signals.asn,
        "as_organisation": signals.as_organisation,
        "ja3": signals.ja3,
        "ja4": signals.ja4,
        "tls_version": signals.tls_version,
        "tls_cipher": signals.tls_cipher,
        "http_version": signals.http_version,
        "bot_score": signals.bot_score,
        "verified_bot": signals.verified_bot,
        "verified_bot_category": signals.verified_bot_category,
    })
}

async fn limit(host: &impl Limiter, head: &Head) -> Json {
    match host.limit(&param(head, "name"), &param(head, "key")).await {
        Allowance::Allowed => "allowed",
        Allowance::Limited => "limited",
        Allowance::Unknown => "unknown",
    }
    .into()
}

async fn large(host: &impl Host, head: &Head) -> Json {
    let max = number(head, "max").try_into().unwrap_or(usize::MAX);
    match host.get_large(&param(head, "key"), max).await {
        Ok(Some(value)) => json!({ "bytes": value.len(), "sha256": hex(&Sha256::digest(&value)) }),
        Ok(None) => Json::Null,
        Err(error) => json!({ "error": error.to_string() }),
    }
}

async fn send(host: &impl Outbound, head: &Head, origin: &Origin) -> Json {
    let request = OutboundRequest {
        method: http::Method::GET,
        url: format!("{origin}{}", param(head, "path")),
        headers: Vec::new(),
        body: Vec::new(),
        timeout_ms: number(head, "timeout"),
        max_bytes: 1_000_000,
    };
    match host.send(request).await {
        Ok(answer) => json!({ "status": answer.status, "bytes": answer.body.len() }),
        Err(error) => json!({ "error": name(&error) }),
    }
}

async fn wake<H: Clock + Wake>(host: &H, head: &Head) -> Json {
    let at = host.now_ms().saturating_add(number(head, "in").into());
    match host.wake_at(&param(head, "shard"), at).await {
        Ok(Waking::Set) => json!({ "at": at }),
        Ok(Waking::Unsupported) => json!("unsupported"),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

async fn woken(host: &impl Sql, head: &Head) -> Json {
    let shard = param(head, "shard");
    match host.query(&shard, &TIMES, &[shard.as_str().into()]).await {
        Ok(rows) => {
            rows.first().map_or(json!({ "times": 0 }), |row| json!({ "times": row.integer(0), "at": row.integer(1) }))
        }
        Err(error) => json!({ "error": error.to_string() }),
    }
}

/// Sends a request on with changed headers, and answers with changed headers.
async fn pass_on<H: Host>(host: &H, head: &Head, rest: &str, body: H::Body, origin: &Origin) -> Answer<H::Stream> {
    // Well-formed, and not one that is allowed.
    let elsewhere = Origin::parse("https://elsewhere.example").unwrap_or_else(|_| origin.clone());
    let origin = if rest == "/elsewhere" { &elsewhere } else { origin };
    let target = Target { path: rest.to_owned(), ..head.target.clone() };
    let head = Head { target, ..head.clone() };
    let mut headers = host.headers();
    headers.remove("cookie");
    headers.set("x-forwarded-by", NAME);
    let limit = headers.get("x-head-timeout").and_then(|limit| limit.parse().ok()).unwrap_or(HEAD_TIMEOUT_MS);
    match host.forward(ForwardRequest::of(&head, headers, origin, limit), Onward::Stream(body)).await {
        Ok(mut answer) => {
            answer.headers.remove("x-internal");
            let seen = answer.status.to_string();
            answer.with("x-seen-status", &seen).into()
        }
        Err(error) => Response::json(StatusCode::BAD_GATEWAY, JSON, &json!({ "error": name(&error) })).into(),
    }
}

fn name(error: &OutboundError) -> &'static str {
    match error {
        OutboundError::Refused => "refused",
        OutboundError::Timeout => "timeout",
        OutboundError::Transport => "transport",
        OutboundError::TooLarge => "too-large",
    }
}
