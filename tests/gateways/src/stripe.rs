//! Stripe: `POST /v1/refunds`, the list of a payment's refunds, webhooks.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::alipay::form;
use crate::book::{Asked, Book, Course, Delivery, Refund, Status};
use crate::fault::{self, Fault};
use crate::keys::Keys;
use crate::{Notification, Reply, WireRequest};

pub fn handle(keys: &Keys, book: &mut Book, now: i64, request: &WireRequest) -> Reply {
    if request.header("authorization") != Some(&format!("Bearer {}", keys.stripe_secret)) {
        return error(401, "invalid_request_error", "api_key");
    }
    let parameters = match request.method.as_str() {
        "POST" => form(&String::from_utf8_lossy(&request.body)),
        _ => form(request.target.split_once('?').map_or("", |(_, query)| query)),
    };
    let payment = parameters.get("charge").or(parameters.get("payment_intent")).cloned().unwrap_or_default();
    if request.method == "GET" {
        return list(book, now, &payment);
    }
    let (Some(key), Some(amount)) = (request.header("idempotency-key"), parameters.get("amount")) else {
        return error(400, "invalid_request_error", "parameter_missing");
    };
    let Some(amount) = amount.parse::<i64>().ok().filter(|amount| *amount > 0) else {
        return error(400, "invalid_request_error", "parameter_invalid_integer");
    };
    let delivery = match book.course(&payment, false) {
        Course::Before(Fault::DropBefore) => return Reply::Close,
        Course::Before(Fault::Frequency) => {
            let mut reply = error(429, "invalid_request_error", "rate_limit");
            if let Reply::Answer { headers, .. } = &mut reply {
                headers.push(("retry-after".to_owned(), "7".to_owned()));
            }
            return reply;
        }
        Course::Before(Fault::NotEnough | Fault::NotEnoughEver) => {
            return error(400, "invalid_request_error", "balance_insufficient");
        }
        Course::Before(Fault::Refused) => return error(400, "invalid_request_error", "charge_already_refunded"),
        Course::Before(_) => return error(500, "api_error", "api_error"),
        Course::Through(delivery) => delivery,
    };
    let refund = match book.ask(&payment, key, amount, fault::total(&payment), now) {
        Asked::Done { refund, .. } => refund,
        Asked::Mismatch => return error(400, "idempotency_error", ""),
        Asked::TooMuch => return error(400, "invalid_request_error", "amount_too_large"),
    };
    let mut answer = object(&refund);
    match delivery {
        Delivery::Right => {}
        Delivery::Lost => return Reply::Close,
        Delivery::ProxyError => return Reply::json(502, "<html>"),
        Delivery::Spoilt(Fault::Malformed) => return Reply::json(200, "{"),
        Delivery::Spoilt(Fault::Truncated) => return Reply::json(200, &answer.to_string()[..40]),
        Delivery::Spoilt(Fault::WrongAmount) => answer["amount"] = json!(refund.amount + 1),
        Delivery::Spoilt(Fault::WrongRefund) => answer["metadata"]["venditor_key"] = json!("rf_another"),
        Delivery::Spoilt(Fault::Contradicts) => answer["status"] = json!("failed"),
        Delivery::Spoilt(_) => return Reply::json(500, "{}"),
    }
    Reply::json(200, answer.to_string())
}

fn list(book: &mut Book, now: i64, payment: &str) -> Reply {
    let refunds = book.list(payment, now);
    match (fault::of(payment), refunds.first()) {
        (Some(Fault::QueryMalformed), Some(refund)) if now < refund.at + 600_000 => return Reply::json(200, "["),
        (Some(Fault::QueryError), Some(refund)) if refund.queries == 1 => return error(500, "api_error", "api_error"),
        _ => {}
    }
    let data: Vec<Value> = refunds.iter().map(object).collect();
    Reply::json(200, json!({ "object": "list", "url": "/v1/refunds", "has_more": false, "data": data }).to_string())
}

fn object(refund: &Refund) -> Value {
    let status = match refund.status {
        Status::Paid => "succeeded",
        Status::Processing => "pending",
        Status::Closed => "failed",
    };
    let metadata = if refund.key.starts_with("console-") { json!({}) } else { json!({ "venditor_key": refund.key }) };
    json!({
        "id": refund.number, "object": "refund", "amount": refund.amount, "charge": refund.payment, "currency": "cny",
        "created": refund.at / 1000, "metadata": metadata, "status": status,
        "reason": "requested_by_customer",
    })
}

fn error(status: u16, kind: &str, code: &str) -> Reply {
    Reply::json(status, json!({ "error": { "type": kind, "code": code, "message": code } }).to_string())
}

pub fn notification(keys: &Keys, book: &Book, key: &str, how: &str, now: i64) -> Option<Notification> {
    let refund = book.peek(key, now);
    let mut data = refund.map_or_else(
        || json!({ "id": "re_none", "object": "refund", "charge": "ch_none", "created": now / 1000, "amount": 1, "currency": "cny", "status": "succeeded", "metadata": { "venditor_key": key } }),
        |refund| object(&refund),
    );
    let dispute = how.strip_prefix("dispute-");
    if let Some(status) = dispute {
        let (payment, fen) = key.split_once('/')?;
        data = json!({ "id": format!("dp_{}", payment.replace('.', "_")), "object": "dispute", "charge": payment,
            "amount": fen.parse::<i64>().ok()?, "currency": "cny", "status": status });
    }
    if how == "wrong-amount" {
        data["amount"] = json!(data["amount"].as_i64().unwrap_or(0) + 1);
    }
    let kind = match data["status"].as_str() {
        _ if dispute.is_some() => "charge.dispute.updated",
        _ if how == "other-event" => "charge.succeeded",
        Some("failed") => "refund.failed",
        _ => "refund.updated",
    };
    let event =
        json!({ "id": "evt_1", "object": "event", "created": now / 1000, "type": kind, "data": { "object": data } });
    let body = if how == "malformed" { "{}".to_owned() } else { event.to_string() };
    let at = if how == "stale" { now - 301_000 } else { now } / 1000;
    let secret = if how == "bad-signature" { "whsec_other" } else { &keys.stripe_webhook };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{at}.{body}").as_bytes());
    let tag: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("stripe-signature".to_owned(), format!("t={at},v1={tag}")),
    ];
    Some((headers, body.into_bytes()))
}
