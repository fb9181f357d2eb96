//! `POST /v1/refunds`: one idempotency key, one intent, one payment. `POST /v1/refunds/quote`: the decision alone.

use http::StatusCode;
use sha2::{Digest as _, Sha256};
use shared::callers::idempotency_key;
use shared::event::EventLine;
use shared::function::Failure;
use shared::hex::hex;
use shared::http::{Body, Response, negotiated_json};
use shared::platform::Host;
use shared::policy::Pack;
use shared::problem::{Problem, text};
use shared::trace::TraceContext;

use super::{Call, MAX_CASE, not_theirs, pack_of};
use crate::NAME;
use crate::answer;
use crate::auth::Scope;
use crate::case::Case;
use crate::decide;
use crate::decision::Decision;
use crate::issue::{LEASE_MS, Notice, holder};
use crate::log::ShadowDetails;
use crate::policy::{self, Rules};
use crate::problems::{GATEWAY_NOT_OFFERED, IDEMPOTENCY_MISMATCH, IN_PROGRESS};
use crate::refund::{Refund, State, refund_id};
use crate::store::{Stored, Watch};

impl<H: Host> Call<'_, H> {
    pub(super) async fn create(&self, body: impl Body) -> Result<Response, Failure> {
        let headers = self.host.headers();
        let bytes = self.read_body(&headers, body, MAX_CASE).await?;
        // The key is covered: with another key, the same signed request would be another refund.
        let caller = self.authenticate(&headers, Some(&bytes), Scope::Refunds, Some("idempotency-key"))?;
        let id = refund_id(caller.name, &idempotency_key(&headers)?);
        let now = self.host.now_ms();
        let case = Case::read(&bytes, now)?;
        if !caller.may_touch(&case.merchant.merchant_id) {
            return Err(not_theirs().into());
        }
        let name = case.order.payment.gateway.as_str();
        if self.config.gateway(case.order.payment.gateway).is_none() {
            let detail = text(format!("本部署未接入 {name}。"), format!("This deployment does not offer {name}."));
            return Err(Problem::new(&GATEWAY_NOT_OFFERED, detail.clone())
                .field("/order/payment/gateway", "gateway-not-offered", detail)
                .into());
        }
        let fingerprint = fingerprint(&case);
        let pack = self.policies.pack(&policy::SECTIONS).await?;
        // Before anything is promised by it.
        self.policies.keep().await?;
        let decision = decide::brought(&Rules::of(&pack), &case, now);
        let refund = Refund { caller: caller.name.to_owned(), ..Refund::new(id, case, decision, now) };
        let me = holder(self.host);
        let until = if refund.state == State::Issuing { now.saturating_add(LEASE_MS) } else { 0 };
        let due_at = if refund.state == State::Issuing { Some(until) } else { refund.next_due() };
        let watch = Watch { due_at, holder: &me, held_until: until };
        let stored = self.store().insert(&refund, &fingerprint, watch, now).await;
        let stored = stored?;
        if stored.fingerprint != fingerprint {
            let detail =
                text("这个幂等键已用于内容不同的请求。", "This Idempotency-Key was used with another payload.");
            let problem = Problem::new(&IDEMPOTENCY_MISMATCH, detail.clone());
            return Err(problem.field("/header/idempotency-key", "idempotency-key-reused", detail).into());
        }
        let made = stored.version == 1 && stored.holder == me;
        if made {
            self.judge_again(&stored.refund.id, &stored.refund.case, &stored.refund.decision, now);
            let stored = self.made(stored, &pack).await?;
            return Ok(self.show(&stored.refund, &pack));
        }
        let pack = pack_of(self.policies, &stored.refund).await?;
        let stored = self.found(stored, &pack, now).await?;
        Ok(self.show(&stored.refund, &pack))
    }

    /// Goes on with an intent that this request made.
    async fn made(&self, stored: Stored, pack: &Pack) -> Result<Stored, Failure> {
        if stored.refund.state != State::Issuing {
            self.tell(Notice::Changed(&stored.refund));
            return Ok(stored);
        }
        let tell = |told: Notice<'_>| self.tell(told);
        Ok(self.issuer(pack, &stored.refund, &tell).go(stored, true).await?)
    }

    /// An intent that was there already: its answer, or a hint that it is being worked on.
    async fn found(&self, stored: Stored, pack: &Pack, now: i64) -> Result<Stored, Failure> {
        if stored.refund.state.is_final() {
            return Ok(stored);
        }
        if stored.held_until > now {
            let detail = text(
                "相同请求正在处理，请稍后用同一个幂等键再试。",
                "The same request is being worked on; try again with the same Idempotency-Key.",
            );
            return Err(Problem::new(&IN_PROGRESS, detail).retry_after(1).into());
        }
        if stored.due_at.is_none_or(|due| due > now) {
            return Ok(stored);
        }
        let tell = |told: Notice<'_>| self.tell(told);
        Ok(self.issuer(pack, &stored.refund, &tell).resume(stored).await?)
    }

    pub(super) async fn quote(&self, body: impl Body) -> Result<Response, Failure> {
        let headers = self.host.headers();
        let bytes = self.read_body(&headers, body, MAX_CASE).await?;
        let caller = self.authenticate(&headers, Some(&bytes), Scope::Refunds, None)?;
        let now = self.host.now_ms();
        let case = Case::read(&bytes, now)?;
        if !caller.may_touch(&case.merchant.merchant_id) {
            return Err(not_theirs().into());
        }
        let pack = self.policies.pack(&policy::SECTIONS).await?;
        let rules = Rules::of(&pack);
        let decision = decide::brought(&rules, &case, now);
        self.judge_again("", &case, &decision, now);
        Ok(Response::json(StatusCode::OK, negotiated_json(self.lang), &answer::quote(&decision, &rules, self.lang)))
    }

    /// Has the shadow decide the same case once the answer is out: an event if it would have decided otherwise. A quote
    /// has no refund's id.
    fn judge_again(&self, refund: &str, case: &Case, decision: &Decision, at: i64) {
        if !self.policies.has_shadow() {
            return;
        }
        let (refund, case, decision) = (refund.to_owned(), case.clone(), decision.clone());
        let again = move |shadow: &Pack| {
            let would = decide::brought(&Rules::of(shadow), &case, at);
            if would.pays_as(&decision) {
                return None;
            }
            let none = TraceContext::default();
            let details = ShadowDetails::of(&refund, &case, &decision, &would);
            let event = EventLine::new("venditor.shadow.v1", NAME, at, &none, decision.outcome.name(), details);
            Some(EventLine { policy: &decision.policy, ..event }.line())
        };
        self.policies.judge_again(&policy::SECTIONS, Box::new(again));
    }
}

/// What two equal payloads have in common: the case as it was understood, so white space and the order of members do
/// not matter.
fn fingerprint(case: &Case) -> String {
    hex(&Sha256::digest(serde_json::to_vec(case).unwrap_or_default()))
}
