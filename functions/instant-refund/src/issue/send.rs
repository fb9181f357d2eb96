//! What goes to the gateway: the refund, once everything is reserved, or the question after it. And what came back.

use shared::platform::{Clock, Entropy, Outbound, OutboundError, Sql};

use super::{Issuer, Notice, holder};
use crate::gateway::{Instruction, Moment, Report, Settled};
use crate::refund::{Came, PREPARING_MS, Refund, State, pause_ms};
use crate::store::Breaker;

/// Failures in a row that open a gateway's breaker.
const BREAKER_FAILURES: i64 = 5;
/// How long it stays open, milliseconds.
const BREAKER_OPEN_MS: i64 = 30_000;

impl<H: Clock + Entropy + Outbound + Sql> Issuer<'_, H> {
    /// Sends what is reserved. Whether it was sent is the second.
    pub(super) async fn send(&self, refund: &Refund, breaker: Breaker, now: i64) -> (Came, bool) {
        let later = |trouble, at| (Came::Later { trouble, at }, false);
        let tries = refund.issuing.as_ref().map_or(0, |issuing| issuing.tries);
        let name = refund.case.order.payment.gateway.as_str();
        if refund.gateway_fen() == 0 {
            return (Came::Report(Report::Succeeded(Settled { refund_no: String::new(), at: Some(now) })), true);
        }
        if breaker.open_until > now {
            return later("gateway_resting", breaker.open_until);
        }
        let Some(gateway) = self.gateway(refund) else {
            return later("gateway_not_configured", now.saturating_add(pause_ms(tries)));
        };
        let now = self.host.now_ms();
        let sent_at = refund.issuing.as_ref().map_or(0, |issuing| issuing.sent_at);
        if now > sent_at.saturating_add(PREPARING_MS) {
            // The stores took so long that a later query could be taken as proof although this send is still to come, or
            // that the lease could end while it is under way. Nothing has been sent.
            return later("too_slow", now);
        }
        let instruction = self.instruction(refund);
        let answer = self.host.send(gateway.refund(&instruction, self.moment(&holder(self.host)))).await;
        if matches!(answer, Err(OutboundError::Refused)) {
            return later("gateway_not_allowed", now.saturating_add(pause_ms(tries)));
        }
        let report = match answer {
            Ok(answer) => gateway.read_refund(&answer, &instruction, self.host.now_ms()),
            Err(error) => lost(&error),
        };
        self.count(name, breaker, &report).await;
        (Came::Report(report), true)
    }

    /// Asks after a refund that may have been sent.
    pub(super) async fn query(&self, refund: &Refund) -> Came {
        let now = self.host.now_ms();
        let pause = now.saturating_add(pause_ms(refund.issuing.as_ref().map_or(0, |issuing| issuing.tries)));
        let on_another_way = refund.state == State::Issuing && refund.gateway_fen() == 0;
        if refund.given_back_fen() == 0 || on_another_way {
            // Nothing to ask about: reserving again is safe.
            return Came::Report(Report::NotFound);
        }
        let Some(gateway) = self.gateway(refund) else {
            return Came::Later { trouble: "gateway_not_configured", at: pause };
        };
        let instruction = self.instruction(refund);
        let nonce = holder(self.host);
        match self.host.send(gateway.query(&instruction, self.moment(&nonce))).await {
            Ok(answer) => {
                let now = self.host.now_ms();
                let settled_at = refund.issuing.as_ref().map_or(0, |issuing| issuing.settled_at(gateway.semantics()));
                Came::Report(match gateway.read_query(&answer, &instruction, now) {
                    // It may be the last attempt's refusal, under the same key, with the present one still unseen.
                    Report::Refused { code } | Report::InsufficientFunds { code } if now < settled_at => {
                        Report::Unknown { code }
                    }
                    report => report,
                })
            }
            Err(OutboundError::Refused) => Came::Later { trouble: "gateway_not_allowed", at: pause },
            Err(error) => Came::Report(lost(&error)),
        }
    }

    /// Keeps the breaker's count. Its own failure changes nothing: it only spares a gateway that is down.
    async fn count(&self, gateway: &str, breaker: Breaker, report: &Report) {
        let store = self.store();
        let now = self.host.now_ms();
        let counted = match report {
            Report::Unknown { .. } => {
                store.breaker_failed(gateway, BREAKER_FAILURES, now.saturating_add(BREAKER_OPEN_MS)).await
            }
            _ if breaker.failures > 0 => store.breaker_well(gateway).await,
            _ => Ok(()),
        };
        if let Err(error) = counted {
            (self.tell)(Notice::Fault(&error));
        }
    }

    fn instruction(&self, refund: &Refund) -> Instruction {
        refund.instruction(self.config.notify_url(refund.case.order.payment.gateway))
    }

    fn moment<'n>(&self, nonce: &'n str) -> Moment<'n> {
        Moment { now_ms: self.host.now_ms(), nonce }
    }
}

/// No answer: it may have arrived all the same.
fn lost(error: &OutboundError) -> Report {
    let code = match error {
        OutboundError::Refused => "not_allowed",
        OutboundError::Timeout => "timeout",
        OutboundError::Transport => "transport",
        OutboundError::TooLarge => "too_large",
    };
    Report::Unknown { code: code.to_owned() }
}
