//! Webhooks: `Stripe-Signature` (Verify webhook signatures manually) and the event.

use serde::Deserialize;
use serde_json::Value;
use shared::hex::hex;
use shared::http::Headers;
use shared::mac::{equal, hmac_sha256};

use crate::case::{MAX_AMOUNT_FEN, is_id};
use crate::gateway::{Dispute, Notification, NotificationError, wire};
use crate::store::{Outside, Standing};

use super::Refund;

/// The default of Stripe's libraries, seconds, here on either side.
const TOLERANCE_S: u64 = 300;
/// The most signatures that are tried: one for each active secret.
const MAX_SIGNATURES: usize = 8;

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Event {
    created: Option<i64>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Refund,
}

/// `t=…,v1=…,v1=…`: one of the signatures must be the HMAC-SHA-256 of `t.body` under one of the secrets.
pub(super) fn verify(headers: &Headers, body: &[u8], secrets: &[String], now_ms: i64) -> Result<(), NotificationError> {
    let header = headers.combined("stripe-signature").ok_or(NotificationError::BadSignature)?;
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let mut times = parts().filter(|(scheme, _)| *scheme == "t").map(|(_, time)| time);
    let (Some(time), None) = (times.next(), times.next()) else { return Err(NotificationError::BadSignature) };
    let then: i64 = time.parse().map_err(|_| NotificationError::BadSignature)?;
    let tags: Vec<String> = secrets
        .iter()
        .map(|secret| hmac_sha256(secret.as_bytes(), &[time.as_bytes(), b".", body]))
        .map(|tag| hex(&tag))
        .collect();
    let signatures = parts().filter(|(scheme, _)| *scheme == "v1").map(|(_, signature)| signature);
    let genuine = signatures
        .take(MAX_SIGNATURES)
        .fold(false, |genuine, sent| tags.iter().fold(genuine, |g, tag| equal(tag.as_bytes(), sent.as_bytes()) | g));
    if !genuine {
        return Err(NotificationError::BadSignature);
    }
    if now_ms.div_euclid(1000).abs_diff(then) > TOLERANCE_S { Err(NotificationError::Stale) } else { Ok(()) }
}

/// Reads an event whose signature verified. A refund without our key is not ours: it has been made elsewhere.
pub(super) fn read(body: &[u8]) -> Result<Notification, NotificationError> {
    let kind: Kind = wire::json(body).map_err(|_| NotificationError::Malformed)?;
    if !matches!(kind.kind.as_str(), "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated") {
        return Err(NotificationError::Irrelevant);
    }
    let event: Event = wire::json(body).map_err(|_| NotificationError::Malformed)?;
    let refund = event.data.object;
    if refund.object != "refund" || refund.currency != super::CURRENCY {
        return Err(NotificationError::Malformed);
    }
    Ok(Notification {
        key: refund.key().cloned().unwrap_or_default(),
        transaction_id: payment(&refund),
        amount_fen: Some(refund.amount),
        number: Some(refund.id.clone()),
        payments: [&refund.charge, &refund.payment_intent].into_iter().flatten().cloned().collect(),
        report: refund.status(),
        at: event.created.and_then(|seconds| seconds.checked_mul(1000)),
    })
}

/// Reads an event of a dispute whose signature verified. An inquiry takes no money, and a refund is what ends it: it is none.
pub(super) fn read_dispute(body: &[u8], now_ms: i64) -> Result<Dispute, NotificationError> {
    let event: Value = wire::json(body).map_err(|_| NotificationError::Malformed)?;
    let text = |name: &str| event.pointer(name).and_then(Value::as_str);
    let number = |name: &str| event.pointer(name).and_then(Value::as_i64);
    if !text("/type").is_some_and(|kind| kind.starts_with("charge.dispute.")) {
        return Err(NotificationError::Irrelevant);
    }
    let standing = match text("/data/object/status") {
        Some("warning_needs_response" | "warning_under_review") => return Err(NotificationError::Irrelevant),
        Some("won" | "warning_closed" | "prevented") => Standing::Won,
        Some("lost") => Standing::Lost,
        Some(_) => Standing::Open,
        None => return Err(NotificationError::Malformed),
    };
    if text("/data/object/currency").is_some_and(|currency| currency != super::CURRENCY) {
        return Err(NotificationError::Irrelevant);
    }
    let id = text("/data/object/id").filter(|id| is_id(id) && text("/data/object/object") == Some("dispute"));
    let amount_fen = number("/data/object/amount").filter(|fen| (0..=MAX_AMOUNT_FEN).contains(fen));
    let (Some(id), Some(amount_fen)) = (id, amount_fen) else { return Err(NotificationError::Malformed) };
    let at = number("/created").and_then(|seconds| seconds.checked_mul(1000)).unwrap_or(now_ms);
    let names = [text("/data/object/charge"), text("/data/object/payment_intent")];
    let payments = names.into_iter().flatten().map(str::to_owned).collect();
    Ok(Dispute { payments, outside: Outside { number: id.to_owned(), amount_fen, at, standing } })
}

/// The payment, where the refund names one id: with both a charge and an intent, it does not say which is ours.
fn payment(refund: &Refund) -> Option<String> {
    match (&refund.charge, &refund.payment_intent) {
        (Some(_), Some(_)) => None,
        (one, other) => one.clone().or_else(|| other.clone()),
    }
}
