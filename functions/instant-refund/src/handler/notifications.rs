//! `POST /v1/gateways/{name}/notifications`: what gateways send on their own. Sent again, it changes nothing.

use http::StatusCode;
use shared::function::Failure;
use shared::http::{Body, JSON, Response, TEXT};
use shared::platform::Host;
use shared::problem::{Problem, text};

use super::{Call, pack_of};
use crate::case::GatewayName;
use crate::gateway::{NotificationError, Report};
use crate::issue::Notice;
use crate::problems::{
    GATEWAY_NOT_OFFERED, NOTIFICATION_MALFORMED, NOTIFICATION_MISMATCH, NOTIFICATION_SIGNATURE, NOTIFICATION_STALE,
    NOTIFICATION_UNKNOWN,
};
use crate::refund::{State, id_of_key};

/// The longest notification, in bytes.
const MAX_NOTIFICATION: usize = 64 * 1024;

impl<H: Host> Call<'_, H> {
    pub(super) async fn notification(&self, name: GatewayName, body: impl Body) -> Result<Response, Failure> {
        let gateway = self.config.gateway(name).ok_or_else(|| {
            Problem::new(
                &GATEWAY_NOT_OFFERED,
                text("本部署未接入该支付渠道。", "This deployment does not offer that gateway."),
            )
        })?;
        let bytes = body.read(MAX_NOTIFICATION).await?;
        let (media, words) = gateway.acknowledgement(true);
        let fixed = if media == "application/json" { JSON } else { TEXT };
        let acknowledged = || Ok(Response::new(StatusCode::OK, fixed, words.as_bytes().to_vec()));
        let notification = match gateway.read_notification(&self.host.headers(), &bytes, self.host.now_ms()) {
            Ok(notification) => notification,
            Err(NotificationError::Irrelevant) => return acknowledged(),
            Err(NotificationError::BadSignature) => {
                return Err(Problem::new(
                    &NOTIFICATION_SIGNATURE,
                    text("签名不符。", "The signature does not verify."),
                )
                .into());
            }
            Err(NotificationError::Stale) => {
                return Err(Problem::new(
                    &NOTIFICATION_STALE,
                    text("时间相差过大。", "Its time is too far from ours."),
                )
                .into());
            }
            Err(NotificationError::Malformed) => {
                return Err(Problem::new(&NOTIFICATION_MALFORMED, text("内容无法解析。", "It cannot be read.")).into());
            }
        };
        let unknown = || Problem::new(&NOTIFICATION_UNKNOWN, text("没有这笔退款。", "There is no such refund."));
        let (id, _) = id_of_key(&notification.key).ok_or_else(unknown)?;
        let stored = self.store().load(id).await?.ok_or_else(unknown)?;
        let payment = &stored.refund.case.order.payment;
        let fits = payment.gateway == name
            && notification.transaction_id.as_deref().is_none_or(|told| told == payment.transaction_id)
            && notification.amount_fen.is_none_or(|told| told == stored.refund.given_back_fen());
        if !fits {
            self.tell(Notice::Alarm(&stored.refund, "notification_mismatch"));
            let detail = text("通知的金额或支付单与退款不符。", "It names another amount or payment than the refund.");
            return Err(Problem::new(&NOTIFICATION_MISMATCH, detail).into());
        }
        let tell = |told: Notice<'_>| self.tell(told);
        let pack = pack_of(self.policies, &stored.refund).await?;
        let issuer = self.issuer(&pack, &stored.refund, &tell);
        let hint = matches!(notification.report, Report::Processing { .. });
        let taken = issuer.take(stored, notification.report, false).await;
        let mut taken = taken?;
        if hint && matches!(taken.refund.state, State::Void | State::Reversed | State::Posted) {
            taken = issuer.ask(taken).await?;
        }
        if taken.due_at.is_some_and(|due| due <= self.host.now_ms()) {
            issuer.resume(taken).await?;
        }
        acknowledged()
    }
}
