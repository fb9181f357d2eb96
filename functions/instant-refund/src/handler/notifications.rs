//! `POST /v1/gateways/{name}/notifications`: what gateways send on their own. Sent again, it changes nothing.

use http::StatusCode;
use sha2::{Digest as _, Sha256};
use shared::function::Failure;
use shared::hex::hex;
use shared::http::{Body, JSON, Response, TEXT};
use shared::platform::Host;
use shared::problem::{Problem, text};

use super::{Call, pack_of};
use crate::case::{GatewayName, is_id};
use crate::gateway::{Gateway, Instruction, Moment, Notification, NotificationError, Report};
use crate::issue::{Notice, holder};
use crate::problems::{
    GATEWAY_NOT_OFFERED, NOTIFICATION_MALFORMED, NOTIFICATION_MISMATCH, NOTIFICATION_SIGNATURE, NOTIFICATION_STALE,
    NOTIFICATION_UNKNOWN,
};
use crate::refund::{State, id_of_key};
use crate::store::{Outside, Standing};

/// The longest notification, in bytes.
const MAX_NOTIFICATION: usize = 64 * 1024;

fn malformed() -> Problem {
    Problem::new(&NOTIFICATION_MALFORMED, text("内容无法解析。", "It cannot be read."))
}

impl<H: Host> Call<'_, H> {
    /// A refund that is not ours, as a notification tells of it; `None`: nobody says how much it is, and it is to come again.
    async fn made_outside(&self, gateway: &dyn Gateway, notification: &Notification) -> Option<Outside> {
        let now = self.host.now_ms();
        let amount_fen = match notification.amount_fen {
            Some(fen) => fen,
            None => {
                let (transaction_id, key) = (notification.transaction_id.clone()?, notification.key.clone());
                let unsaid = Instruction { transaction_id, key, ..Instruction::default() };
                let nonce = holder(self.host);
                let query = gateway.query(&unsaid, Moment { now_ms: now, nonce: &nonce });
                gateway.read_amount(&self.host.send(query).await.ok()?, &unsaid)?
            }
        };
        let (standing, at) = match &notification.report {
            Report::Succeeded(settled) => (Standing::Refunded, settled.at),
            Report::Refused { .. } => (Standing::Failed, None),
            _ => (Standing::Refunded, None),
        };
        // Whatever it is called, it is one word of a name.
        let number = notification.number.as_deref().unwrap_or(&notification.key);
        let number = if is_id(number) { number.to_owned() } else { hex(Sha256::digest(number).get(..16)?) };
        Some(Outside { number, amount_fen, at: notification.at.or(at).unwrap_or(now), standing })
    }

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
            Err(NotificationError::Irrelevant) => {
                return match gateway.read_dispute(&self.host.headers(), &bytes, self.host.now_ms()) {
                    Ok(dispute) => {
                        self.note(name, &dispute.payments, &dispute.outside).await?;
                        acknowledged()
                    }
                    Err(NotificationError::Irrelevant) => acknowledged(),
                    Err(_) => Err(malformed().into()),
                };
            }
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
                return Err(malformed().into());
            }
        };
        let unknown = || Problem::new(&NOTIFICATION_UNKNOWN, text("没有这笔退款。", "There is no such refund."));
        let Some((id, _)) = id_of_key(&notification.key) else {
            let outside = self.made_outside(gateway, &notification).await.ok_or_else(unknown)?;
            self.note(name, &notification.payments, &outside).await?;
            return acknowledged();
        };
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
