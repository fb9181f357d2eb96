//! The shell: a request in, the caller known, the core asked, effects done, an answer out.

mod create;
mod events;
mod notifications;
mod operations;

use http::{Method, StatusCode};
use serde::Serialize;
use shared::callers::Asked;
use shared::config::ConfigError;
use shared::event::Event;
use shared::health;
use shared::http::{Body, Head, Headers, Response, negotiated_json};
use shared::lang::Lang;
use shared::platform::{Clock, Entropy, Host, Outbound, Sql, StorageError};
use shared::problem::{Problem, STORAGE_UNAVAILABLE, UNSUPPORTED_MEDIA_TYPE, text};
use shared::trace::{self, TraceContext};

use crate::answer;
use crate::auth::Scope;
use crate::case::GatewayName;
use crate::config::Config;
use crate::issue::{Issuer, Told};
use crate::log::{AlarmDetails, FaultDetails, RefundDetails};
use crate::problems::UNKNOWN_REFUND;
use crate::refund::{Refund, State, is_refund_id};
use crate::store::{Store, Stored};
use crate::{NAME, policy};

pub use operations::sweep;

/// The longest case, in bytes.
const MAX_CASE: usize = 64 * 1024;

/// Answers any request.
pub async fn handle<H: Host + Outbound>(
    host: &H,
    config: Result<&Config, &ConfigError>,
    head: &Head,
    body: impl Body,
) -> Response {
    let sent_id = trace::sent_request_id(head);
    if let Some(health) = health::answer(head, NAME, env!("CARGO_PKG_VERSION"), config.err()) {
        return health.finish(head, sent_id);
    }
    let lang = head.lang();
    let trace = TraceContext::of(head);
    let answer = match config {
        Ok(config) => Call { host, config, head, lang, trace: &trace }.route(body).await,
        Err(error) => Err(Problem::from(error)),
    };
    answer.unwrap_or_else(|problem| problem.response(lang)).finish(head, sent_id)
}

/// One request.
pub(crate) struct Call<'a, H> {
    pub host: &'a H,
    pub config: &'a Config,
    pub head: &'a Head,
    pub lang: Lang,
    pub trace: &'a TraceContext<'a>,
}

impl<H: Host + Outbound> Call<'_, H> {
    async fn route(&self, body: impl Body) -> Result<Response, Problem> {
        let path = self.head.target.path.as_str();
        if let Some(gateway) = path.strip_prefix("/v1/gateways/").and_then(|rest| rest.strip_suffix("/notifications")) {
            let gateway = GatewayName::of(gateway).ok_or_else(Problem::not_found)?;
            self.allow(&[Method::POST], "POST")?;
            return self.notification(gateway, body).await;
        }
        let rest = path.strip_prefix("/v1/refunds").ok_or_else(Problem::not_found)?;
        match rest {
            "" | "/" => {
                self.allow(&[Method::POST], "POST")?;
                self.create(body).await
            }
            "/quote" => {
                self.allow(&[Method::POST], "POST")?;
                self.quote(body).await
            }
            "/sweep" => {
                self.allow(&[Method::POST], "POST")?;
                self.swept(body).await
            }
            "/ledger" => {
                self.allow(&[Method::GET, Method::HEAD], "GET, HEAD")?;
                self.ledger().await
            }
            rest => {
                let rest = rest.strip_prefix('/').ok_or_else(Problem::not_found)?;
                let (id, action) = rest.split_once('/').unwrap_or((rest, ""));
                match action {
                    "" => {
                        self.allow(&[Method::GET, Method::HEAD], "GET, HEAD")?;
                        self.read(id).await
                    }
                    "events" => {
                        self.allow(&[Method::POST], "POST")?;
                        self.event(id, body).await
                    }
                    "resume" => {
                        self.allow(&[Method::POST], "POST")?;
                        self.resume(id, body).await
                    }
                    _ => Err(Problem::not_found()),
                }
            }
        }
    }

    fn allow(&self, methods: &[Method], names: &'static str) -> Result<(), Problem> {
        if methods.contains(&self.head.method) { Ok(()) } else { Err(Problem::method_not_allowed(names)) }
    }

    async fn read(&self, id: &str) -> Result<Response, Problem> {
        self.authenticate(&self.host.headers(), None, Scope::Refunds, None)?;
        Ok(self.show(&self.find(id).await?.refund))
    }

    /// Who calls, and whether it may.
    fn authenticate(
        &self,
        headers: &Headers,
        body: Option<&[u8]>,
        scope: Scope,
        covered: Option<&'static str>,
    ) -> Result<&str, Problem> {
        let asked = Asked { head: self.head, headers, body, covered };
        Ok(self.config.callers.authenticate(asked, scope, self.host.now_ms())?.name)
    }

    /// A refund by the id in a path.
    async fn find(&self, id: &str) -> Result<Stored, Problem> {
        let unknown = || {
            let detail = text("没有这个编号的退款。", "There is no refund of this id.");
            Problem::new(&UNKNOWN_REFUND, detail)
        };
        if !is_refund_id(id) {
            return Err(unknown());
        }
        self.store().load(id).await.map_err(|error| self.storage_problem(&error))?.ok_or_else(unknown)
    }

    /// The refund as it stands.
    fn show(&self, refund: &Refund) -> Response {
        let status = if refund.state.is_final() { StatusCode::OK } else { StatusCode::ACCEPTED };
        let receipt = &self.config.receipt_key;
        let body = answer::of(refund, receipt, self.lang);
        let mut response = Response::json(status, negotiated_json(self.lang), &body)
            .with("location", format!("/v1/refunds/{}", refund.id));
        if refund.state == State::Issuing {
            response = response.with("retry-after", "2");
        }
        response
    }

    fn store(&self) -> Store<'_, H> {
        Store { host: self.host }
    }

    fn issuer<'s>(&'s self, tell: &'s dyn Fn(Told<'_>)) -> Issuer<'s, H> {
        Issuer { host: self.host, config: self.config, tell }
    }

    /// Writes what is worth telling.
    fn tell(&self, told: Told<'_>) {
        tell(self.host, self.config, self.trace, &told);
    }

    fn storage_problem(&self, error: &StorageError) -> Problem {
        self.tell(Told::Fault(error));
        let detail = text(
            "暂时无法读写退款记录。请用同一个幂等键重试，不会重复退款。",
            "Refunds cannot be read or written right now. Retry with the same Idempotency-Key: nothing is paid twice.",
        );
        Problem::new(&STORAGE_UNAVAILABLE, detail).retry_after(5)
    }

    /// The body, if it says that it is JSON.
    async fn read_body(&self, headers: &Headers, body: impl Body, most: usize) -> Result<Vec<u8>, Problem> {
        let bytes = body.read(most).await?;
        let media = headers.get("content-type").unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim();
        if !bytes.is_empty() && !media.eq_ignore_ascii_case("application/json") {
            let detail = text("此地址只接受 application/json。", "This resource takes application/json.");
            return Err(Problem::new(&UNSUPPORTED_MEDIA_TYPE, detail).header("accept-post", "application/json"));
        }
        Ok(bytes)
    }
}

/// Writes an event line. Ids of buyers, orders and waybills are keyed hashes in it.
pub(crate) fn tell<H: Clock + Entropy + Sql + shared::platform::Events>(
    host: &H,
    config: &Config,
    trace: &TraceContext<'_>,
    told: &Told<'_>,
) {
    let at = host.now_ms();
    match told {
        Told::Changed(refund) => {
            let details = RefundDetails::of(refund, &config.log_key);
            let reasons: Vec<&str> = refund.decision.reasons.iter().map(|reason| reason.code.as_ref()).collect();
            emit(
                host,
                Event {
                    reasons: &reasons,
                    policy: policy::DIGEST,
                    ..Event::new("venditor.refund.v1", NAME, at, trace, refund.state.name(), details)
                },
            );
        }
        Told::Alarm(refund, alarm) => {
            emit(
                host,
                Event::new("venditor.refund-alarm.v1", NAME, at, trace, alarm, AlarmDetails { refund: &refund.id }),
            );
        }
        Told::Fault(error) => {
            let details = FaultDetails { port: "sql", error: &error.0 };
            emit(host, Event::new("venditor.fault.v1", NAME, at, trace, "storage_unavailable", details));
        }
    }
}

fn emit<D: Serialize>(host: &impl shared::platform::Events, event: Event<'_, D>) {
    host.emit(&event.line());
}
