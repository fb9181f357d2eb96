//! 退款结果通知: what is in the envelope, once its signature has been checked.

use aes_gcm::aead::{Aead as _, KeyInit as _, Nonce, Payload};
use aes_gcm::{Aes256Gcm, Key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::gateway::{Notification, NotificationError, Report, wire};

use super::status;

#[derive(Deserialize)]
struct Envelope {
    event_type: String,
    resource: Resource,
}

#[derive(Deserialize)]
struct Resource {
    algorithm: String,
    ciphertext: String,
    #[serde(default)]
    associated_data: String,
    nonce: String,
}

#[derive(Deserialize)]
struct Refund {
    mchid: String,
    transaction_id: String,
    refund_id: String,
    out_refund_no: String,
    refund_status: String,
    success_time: Option<String>,
    amount: Amount,
}

#[derive(Deserialize)]
struct Amount {
    refund: i64,
}

/// Reads a body whose signature verified.
pub(super) fn read(body: &[u8], apiv3_key: &[u8; 32], mchid: &str) -> Result<Notification, NotificationError> {
    let envelope: Envelope = wire::json(body).map_err(|_| NotificationError::Malformed)?;
    let Some(event) = envelope.event_type.strip_prefix("REFUND.") else { return Err(NotificationError::Irrelevant) };
    let plain = decrypt(&envelope.resource, apiv3_key)?;
    let refund: Refund = wire::json(&plain).map_err(|_| NotificationError::Malformed)?;
    if refund.mchid != mchid {
        return Err(NotificationError::Irrelevant);
    }
    // The outer type is signed and the inner status is sealed; if they differ, neither is believed.
    if event != refund.refund_status {
        return Err(NotificationError::Malformed);
    }
    let number = Some(refund.refund_id.clone());
    match status(&refund.refund_status, refund.refund_id, refund.success_time.as_deref()) {
        Report::Unknown { code } if code == "malformed" => Err(NotificationError::Malformed),
        report => Ok(Notification {
            key: refund.out_refund_no,
            payments: vec![refund.transaction_id.clone()],
            transaction_id: Some(refund.transaction_id),
            amount_fen: Some(refund.amount.refund),
            report,
            number,
            at: None,
        }),
    }
}

/// 证书和回调报文解密: AEAD_AES_256_GCM (RFC 5116) under the APIv3 key.
fn decrypt(resource: &Resource, apiv3_key: &[u8; 32]) -> Result<Vec<u8>, NotificationError> {
    if resource.algorithm != "AEAD_AES_256_GCM" {
        return Err(NotificationError::Malformed);
    }
    let sealed = STANDARD.decode(&resource.ciphertext).map_err(|_| NotificationError::Malformed)?;
    let nonce = <&Nonce<Aes256Gcm>>::try_from(resource.nonce.as_bytes()).map_err(|_| NotificationError::Malformed)?;
    let key: &Key<Aes256Gcm> = apiv3_key.into();
    let payload = Payload { msg: &sealed, aad: resource.associated_data.as_bytes() };
    Aes256Gcm::new(key).decrypt(nonce, payload).map_err(|_| NotificationError::BadSignature)
}
