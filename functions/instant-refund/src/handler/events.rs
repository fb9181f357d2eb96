//! `POST /v1/refunds/{id}/events`: carrier scans, merchants' answers, insurers' results.

use http::StatusCode;
use serde::Serialize;
use shared::callers::{Caller, forbidden};
use shared::function::Failure;
use shared::http::{Body, JSON, Response};
use shared::platform::Host;
use shared::policy::Pack;
use shared::problem::{Problem, text};

use super::{Call, not_theirs};
use crate::auth::{Scope, TELLING};
use crate::follow_up::Intake;
use crate::issue::{LEASE_MS, Notice, holder};
use crate::policy::Rules;
use crate::problems::{EVENT_CONTRADICTS, EVENT_REUSED, IN_PROGRESS, TOO_MANY_EVENTS};
use crate::refund::{Refund, State};
use crate::refund_event::{EventKind, RefundEvent};
use crate::store::Watch;

/// The longest event, in bytes.
const MAX_EVENT: usize = crate::refund_event::BOUNDS.bytes;
/// How often a transition is tried that others come before.
const TRIES: usize = 8;

/// What whoever may only tell of some things is told.
#[derive(Serialize)]
struct Taken<'a> {
    refund_id: &'a str,
    state: State,
}

/// Somebody else is at it.
fn busy() -> Problem {
    let detail = text("这笔退款正在处理，请稍后重发事件。", "The refund is being worked on; tell the event again.");
    Problem::new(&IN_PROGRESS, detail).retry_after(1)
}

impl<H: Host> Call<'_, H> {
    pub(super) async fn event(&self, id: &str, body: impl Body) -> Result<Response, Failure> {
        let headers = self.host.headers();
        let bytes = self.read_body(&headers, body, MAX_EVENT).await?;
        let caller = self.authenticate_any(&headers, Some(&bytes), &TELLING)?;
        let now = self.host.now_ms();
        let mut event = RefundEvent::parse(&bytes, now)?;
        event.kind.told_by(caller.name);
        if !event.kind.scopes().iter().any(|scope| self.config.callers.may(&caller, *scope)) {
            return Err(forbidden().into());
        }
        for _ in 0..TRIES {
            let (mut stored, pack) = self.find(id).await?;
            if !caller.may_touch(&stored.refund.case.merchant.merchant_id) {
                return Err(not_theirs().into());
            }
            let mut next = stored.refund.clone();
            let lines = match next.tell(&event, &Rules::of_decision(&pack, &stored.refund.decision.policy), now) {
                Intake::Changed(lines) => lines,
                Intake::Known => return Ok(self.taken(&caller, &stored.refund, &pack)),
                Intake::Reused => {
                    let detail = text("这个事件编号已用于其他内容。", "This event id was told with another payload.");
                    return Err(Problem::new(&EVENT_REUSED, detail.clone())
                        .field("/event_id", "event-id-reused", detail)
                        .into());
                }
                Intake::Contradiction(code) => {
                    let detail = text(
                        format!("事件与现状矛盾（{code}）。"),
                        format!("The event contradicts what is known ({code})."),
                    );
                    let member = event.kind.at_fault(code);
                    return Err(Problem::new(&EVENT_CONTRADICTS, detail.clone()).field(member, code, detail).into());
                }
                Intake::TooMany => {
                    let detail = text("这笔退款的事件过多。", "This refund has had too many events.");
                    return Err(Problem::new(&TOO_MANY_EVENTS, detail).into());
                }
            };
            // Whoever holds it may be about to send: what is settled then is settled wrongly.
            let settles = matches!(event.kind, EventKind::DecisionApproved { .. });
            if settles && stored.refund.state == State::Issuing && stored.held_until > now {
                return Err(busy().into());
            }
            // A refund that becomes due for payment is ours to pay; one that somebody holds goes on being theirs.
            let pay = next.state == State::Issuing && stored.refund.state != State::Issuing;
            let tidy = next.is_untidy();
            let me = holder(self.host);
            let until = now.saturating_add(LEASE_MS);
            let held = stored.held_until > now;
            let holder_before = stored.holder.clone();
            let watch = if pay || (tidy && !held) {
                Watch { due_at: Some(until), holder: &me, held_until: until }
            } else if held {
                Watch { due_at: stored.due_at, holder: &holder_before, held_until: stored.held_until }
            } else {
                let due_at = if next.state == State::Issuing { stored.due_at } else { next.next_due() };
                Watch { due_at, holder: "", held_until: 0 }
            };
            let saved = self.store().save(&mut stored, next, watch, &lines, now).await;
            if !saved? {
                continue;
            }
            self.tell(Notice::Changed(&stored.refund));
            if pay || (tidy && !held) {
                let tell = |told: Notice<'_>| self.tell(told);
                stored = self.issuer(&pack, &stored.refund, &tell).go(stored, pay).await?;
            }
            return Ok(self.taken(&caller, &stored.refund, &pack));
        }
        Err(busy().into())
    }

    /// The answer to an event: the refund for whoever may see it, or may tell of everything; else how far it has come.
    fn taken(&self, caller: &Caller<'_>, refund: &Refund, pack: &Pack) -> Response {
        if self.may_read(caller, refund) || self.config.callers.may(caller, Scope::Events) {
            return self.show(refund, pack);
        }
        let status = if refund.state.is_final() { StatusCode::OK } else { StatusCode::ACCEPTED };
        Response::json(status, JSON, &Taken { refund_id: &refund.id, state: refund.state })
    }
}
