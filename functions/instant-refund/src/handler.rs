//! The shell around the pure core: authenticate, ask the core, do the effects, answer.

mod create;
mod events;
mod list;
mod notifications;
mod operations;
mod payments;
mod sweep;

use std::ops::Deref;
use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;
use shared::callers::{Asked, Caller, FORBIDDEN_SCOPE};
use shared::config::ConfigError;
use shared::event::EventLine;
use shared::function::Segment::{self, Any, Is};
use shared::function::{Failure, Function, Params, Route, expect_media, log_storage_fault};
use shared::health::Notice as Ending;
use shared::http::{Body, Headers, Response, negotiated_json};
use shared::origin::Origin;
use shared::platform::{Answer, Clock, Entropy, Host, Schema, Sql, StorageError, Variables};
use shared::policy::{Pack, Policies, Spec, Trust};
use shared::problem::{Problem, STORAGE_UNAVAILABLE, text};
use shared::trace::TraceContext;

use crate::answer;
use crate::auth::Scope;
use crate::case::GatewayName;
use crate::config::Config;
use crate::issue::{Issuer, Notice};
use crate::log::{AlarmDetails, RefundDetails};
use crate::policy::Rules;
use crate::problems::UNKNOWN_REFUND;
use crate::refund::{Refund, State, is_refund_id};
use crate::store::{self, Store, Stored};
use crate::{NAME, policy};

pub use list::{Listed, RefundPage};
pub use operations::{DecidedRefund, DecisionPage};
pub use sweep::sweep;

/// The longest case, in bytes.
const MAX_CASE: usize = crate::case::BOUNDS.bytes;

/// The function, as [`shared::function`] sees it.
pub struct InstantRefund;

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask for a refund.
    Create,
    /// The decision alone.
    Quote,
    /// Look after what is due.
    Sweep,
    /// A page of the ledger.
    Ledger,
    /// A page of cases with what was decided.
    Decisions,
    /// Refunds by order, state, due and stuck.
    List,
    /// A refund as it is now.
    Read,
    /// Something has happened.
    Event,
    /// Go on with one.
    Resume,
    /// A gateway's notification.
    Notification,
    /// What is held on a payment, and what happened to it outside.
    Payment,
    /// Something has happened to a payment outside.
    PaymentEvent,
}

const V1: Segment = Is("v1");
const REFUNDS: Segment = Is("refunds");
const GATEWAYS: Segment = Is("gateways");
const PAYMENTS: Segment = Is("payments");

impl Function for InstantRefund {
    const NAME: &'static str = NAME;
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMA: Schema = store::SCHEMA;
    const ROUTES: &'static [Route<Action>] = &[
        Route::post(&[V1, REFUNDS], Action::Create),
        Route::get(&[V1, REFUNDS], Action::List),
        Route::post(&[V1, REFUNDS, Is("quote")], Action::Quote),
        Route::post(&[V1, REFUNDS, Is("sweep")], Action::Sweep),
        Route::get(&[V1, REFUNDS, Is("ledger")], Action::Ledger),
        Route::get(&[V1, REFUNDS, Is("decisions")], Action::Decisions),
        Route::get(&[V1, REFUNDS, Any], Action::Read),
        Route::post(&[V1, REFUNDS, Any, Is("events")], Action::Event),
        Route::post(&[V1, REFUNDS, Any, Is("resume")], Action::Resume),
        Route::post(&[V1, GATEWAYS, Any, Is("notifications")], Action::Notification),
        Route::get(&[V1, GATEWAYS, Any, PAYMENTS, Any], Action::Payment),
        Route::post(&[V1, GATEWAYS, Any, PAYMENTS, Any, Is("events")], Action::PaymentEvent),
    ];

    const POLICY: Option<&'static Spec> = Some(&policy::SPEC);

    type Action = Action;
    type Config = Config;

    async fn configure(variables: &impl Variables) -> Result<Config, ConfigError> {
        Config::read(variables).await
    }

    const NOTICE_SECTIONS: &'static [&'static str] = &policy::ENDINGS;

    fn notices(pack: &Pack, now_ms: i64) -> Vec<Ending> {
        Rules::of(pack).endings(now_ms)
    }

    fn trust(config: &Config) -> Option<&Trust> {
        config.trust.as_ref()
    }

    fn origins(config: &Config) -> Vec<Origin> {
        config.origins.clone()
    }

    async fn act<H: Host>(
        call: &shared::function::Call<'_, InstantRefund, H>,
        action: Action,
        params: Params<'_>,
        body: H::Body,
    ) -> Result<Answer<H::Stream>, Failure> {
        let call = Call(call);
        let name = params.get(0);
        let answer = match action {
            Action::Create => call.create(body).await,
            Action::Quote => call.quote(body).await,
            Action::Sweep => call.swept(body).await,
            Action::Ledger => call.ledger().await,
            Action::Decisions => call.decisions().await,
            Action::List => call.list().await,
            Action::Read => call.read(name).await,
            Action::Event => call.event(name, body).await,
            Action::Resume => call.resume(name, body).await,
            Action::Payment => call.payment(name, params.get(1)).await,
            Action::PaymentEvent => call.payment_event(name, params.get(1), body).await,
            Action::Notification => {
                call.notification(GatewayName::of(name).ok_or_else(Problem::not_found)?, body).await
            }
        };
        answer.map(Into::into)
    }

    fn unavailable(_: &StorageError, _: Action) -> Problem {
        let detail = text(
            "暂时无法读写退款记录。请用同一个幂等键重试，不会重复退款。",
            "Refunds cannot be read or written right now. Retry with the same Idempotency-Key: nothing is paid twice.",
        );
        Problem::new(&STORAGE_UNAVAILABLE, detail).retry_after(5)
    }

    async fn scheduled<H: Host>(host: &H, config: &Config, policies: &Policies<'_, H>) {
        sweep::scheduled(host, config, policies).await;
    }

    async fn wake<H: Host>(
        host: &H,
        config: &Config,
        policies: &Policies<'_, H>,
        shard: &str,
    ) -> Result<(), StorageError> {
        sweep::woken(host, config, policies, shard).await
    }
}

/// One request.
pub(crate) struct Call<'a, H>(&'a shared::function::Call<'a, InstantRefund, H>);

impl<'a, H> Deref for Call<'a, H> {
    type Target = shared::function::Call<'a, InstantRefund, H>;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

impl<H: Host> Call<'_, H> {
    async fn read(&self, id: &str) -> Result<Response, Failure> {
        let scopes = [Scope::Refunds, Scope::AllRefunds, Scope::Operations];
        let caller = self.authenticate_any(&self.host.headers(), None, &scopes)?;
        let (stored, pack) = self.find(id).await?;
        if !self.may_read(&caller, &stored.refund) {
            return Err(not_theirs().into());
        }
        Ok(self.show(&stored.refund, &pack))
    }

    /// Whether a caller may see a refund: its own, or all; and of its merchants, if it is confined to some.
    fn may_read(&self, caller: &Caller<'_>, refund: &Refund) -> bool {
        let own = refund.caller.is_empty() || refund.caller == caller.name;
        caller.may_touch(&refund.case.merchant.merchant_id) && (own || self.reads_all(caller))
    }

    /// Whether a caller may see what others asked for.
    fn reads_all(&self, caller: &Caller<'_>) -> bool {
        [Scope::AllRefunds, Scope::Operations].into_iter().any(|scope| self.config.callers.may(caller, scope))
    }

    /// Who calls, and whether it may.
    fn authenticate(
        &self,
        headers: &Headers,
        body: Option<&[u8]>,
        scope: Scope,
        covered: Option<&'static str>,
    ) -> Result<Caller<'_>, Problem> {
        let asked = Asked { head: self.head, headers, body, covered };
        self.config.callers.authenticate(asked, scope, self.host.now_ms())
    }

    /// Who calls, and has one of these scopes.
    fn authenticate_any(
        &self,
        headers: &Headers,
        body: Option<&[u8]>,
        scopes: &[Scope],
    ) -> Result<Caller<'_>, Problem> {
        let asked = Asked { head: self.head, headers, body, covered: None };
        self.config.callers.authenticate_any(asked, scopes, self.host.now_ms())
    }

    /// A refund by the id in a path, and the pack that it goes by.
    async fn find(&self, id: &str) -> Result<(Stored, Arc<Pack>), Failure> {
        let unknown = || {
            let detail = text("没有这个编号的退款。", "There is no refund of this id.");
            Problem::new(&UNKNOWN_REFUND, detail)
        };
        if !is_refund_id(id) {
            return Err(unknown().into());
        }
        let stored = self.store().load(id).await?.ok_or_else(unknown)?;
        let pack = pack_of(self.policies, &stored.refund).await?;
        Ok((stored, pack))
    }

    /// The refund as it is now, in the words of the pack that it goes by.
    fn show(&self, refund: &Refund, pack: &Pack) -> Response {
        let status = if refund.state.is_final() { StatusCode::OK } else { StatusCode::ACCEPTED };
        let receipt = &self.config.receipt_key;
        let body = answer::of(refund, &Rules::of(pack), receipt, self.lang);
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

    fn issuer<'s>(&'s self, pack: &'s Pack, refund: &Refund, tell: &'s dyn Fn(Notice<'_>)) -> Issuer<'s, H> {
        let rules = Rules::of_decision(pack, &refund.decision.policy);
        Issuer { host: self.host, config: self.config, rules, tell }
    }

    /// Writes an event line.
    fn tell(&self, told: Notice<'_>) {
        tell(self.host, self.config, self.trace, &told);
    }

    /// The body, if it says that it is JSON.
    async fn read_body(&self, headers: &Headers, body: impl Body, most: usize) -> Result<Vec<u8>, Problem> {
        let bytes = body.read(most).await?;
        if !bytes.is_empty() {
            expect_media(headers, "application/json")?;
        }
        Ok(bytes)
    }
}

/// The pack that decided a refund: it goes by no other, whatever is in force by now. The one place that looks for it.
///
/// # Errors
/// [`StorageError`] if no store has it, or one that could does not answer: nothing is decided or said without it.
pub(crate) async fn pack_of<H: Host>(policies: &Policies<'_, H>, refund: &Refund) -> Result<Arc<Pack>, StorageError> {
    let digest = &refund.decision.policy;
    let pack = policies.pack_of(digest, &policy::SECTIONS).await?;
    pack.ok_or_else(|| {
        StorageError::kv(format!("no store has the policy {digest}, which refund {} goes by", refund.id))
    })
}

/// A refund that is none of the caller's, or of a merchant that is none of its own.
pub(crate) fn not_theirs() -> Problem {
    let detail = text("此密钥无权涉及这笔退款或这个商家。", "This key may not touch this refund, or this merchant.");
    Problem::new(&FORBIDDEN_SCOPE, detail)
}

/// Writes an event line. Ids of buyers, orders and waybills are keyed hashes in it.
pub(crate) fn tell<H: Clock + Entropy + Sql + shared::platform::Events>(
    host: &H,
    config: &Config,
    trace: &TraceContext<'_>,
    told: &Notice<'_>,
) {
    let at = host.now_ms();
    match told {
        Notice::Changed(refund) => {
            let details = RefundDetails::of(refund, &config.log_key);
            let reasons: Vec<&str> = refund.decision.reasons.iter().map(|reason| reason.code.as_ref()).collect();
            emit(
                host,
                EventLine {
                    reasons: &reasons,
                    policy: &refund.decision.policy,
                    ..EventLine::new("venditor.refund.v1", NAME, at, trace, refund.state.name(), details)
                },
            );
        }
        Notice::Alarm(refund, alarm) => {
            emit(
                host,
                EventLine {
                    policy: &refund.decision.policy,
                    ..EventLine::new(
                        "venditor.refund-alarm.v1",
                        NAME,
                        at,
                        trace,
                        alarm,
                        AlarmDetails { refund: &refund.id },
                    )
                },
            );
        }
        Notice::Fault(error) => log_storage_fault(host, NAME, trace, error),
    }
}

fn emit<D: Serialize>(host: &impl shared::platform::Events, event: EventLine<'_, D>) {
    host.emit(&event.line());
}
