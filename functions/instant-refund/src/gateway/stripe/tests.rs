#![allow(clippy::unwrap_used)]
use super::*;
use crate::store::{Outside, Standing};
use serde_json::{Value, json};
use shared::hex::hex;
use shared::mac::hmac_sha256;

const NOW: i64 = 1_700_000_000_000;
const MOMENT: Moment<'static> = Moment { now_ms: NOW, nonce: "00" };

fn adapter() -> Stripe {
    Stripe::new(r#"{"secret_key":"sk_test_1","webhook_secrets":["whsec_new","whsec_old"]}"#, ORIGIN).unwrap()
}

fn instruction() -> Instruction {
    Instruction {
        transaction_id: "ch_1".to_owned(),
        key: "rf_1-goods".to_owned(),
        amount_fen: 888,
        paid_fen: 1000,
        advance: false,
        notify_url: "https://example.com/n".to_owned(),
    }
}

fn refund(status: &str) -> Value {
    json!({
        "id": "re_1", "object": "refund", "amount": 888, "currency": "cny", "charge": "ch_1", "payment_intent": null,
        "status": status, "created": 1_700_000_000, "metadata": { "venditor_key": "rf_1-goods" },
    })
}

fn with(mut value: Value, member: &str, to: Value) -> Value {
    value[member] = to;
    value
}

fn answer(status: u16, body: &Value) -> OutboundResponse {
    OutboundResponse { status, headers: Headers::default(), body: body.to_string().into_bytes() }
}

fn read(status: u16, body: &Value) -> Report {
    adapter().read_refund(&answer(status, body), &instruction(), NOW)
}

fn error(status: u16, kind: &str, code: Option<&str>) -> Report {
    read(status, &json!({ "error": { "type": kind, "code": code, "message": "…" } }))
}

fn code(code: &str) -> Report {
    Report::Unknown { code: code.to_owned() }
}

fn succeeded() -> Report {
    Report::Succeeded(Settled { refund_no: "re_1".to_owned(), at: Some(NOW) })
}

#[test]
fn requests() {
    let request = adapter().refund(&instruction(), MOMENT);
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://api.stripe.com/v1/refunds"));
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "charge=ch_1&amount=888&metadata%5Bvenditor_key%5D=rf_1-goods"
    );
    let header = |name: &str| request.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str());
    assert_eq!(header("idempotency-key"), Some("rf_1-goods"));
    assert_eq!(header("authorization"), Some("Bearer sk_test_1"));
    assert_eq!(header("stripe-version"), Some(VERSION));

    let intent = Instruction { transaction_id: "pi_1".to_owned(), ..instruction() };
    let query = adapter().query(&intent, MOMENT);
    assert_eq!(query.url, "https://api.stripe.com/v1/refunds?payment_intent=pi_1&limit=100");
    assert!(query.headers.iter().all(|(name, _)| *name != "idempotency-key"));
    let older = Instruction { transaction_id: "py_1".to_owned(), ..instruction() };
    assert!(adapter().query(&older, MOMENT).url.ends_with("?charge=py_1&limit=100"));
}

#[test]
fn statuses() {
    assert_eq!(read(200, &refund("succeeded")), succeeded());
    for status in ["pending", "requires_action"] {
        assert_eq!(read(200, &refund(status)), Report::Processing { refund_no: Some("re_1".to_owned()) });
    }
    for status in ["failed", "canceled"] {
        assert_eq!(read(200, &refund(status)), Report::Refused { code: status.to_owned() });
    }
    assert_eq!(read(200, &refund("new")), code("malformed"));
    for (member, value, wanted) in [
        ("amount", json!(889), "wrong_amount"),
        ("currency", json!("usd"), "wrong_amount"),
        ("charge", json!("ch_2"), "wrong_refund"),
        ("metadata", json!({}), "wrong_refund"),
        ("metadata", json!({"venditor_key": "other"}), "wrong_refund"),
        ("object", json!("charge"), "wrong_refund"),
        ("amount", json!("888"), "malformed"),
    ] {
        assert_eq!(read(200, &with(refund("succeeded"), member, value)), code(wanted), "{member}");
    }
    let text = refund("succeeded").to_string();
    let body = |text: &str| OutboundResponse { body: text.as_bytes().to_vec(), ..answer(200, &json!(0)) };
    let read = |text: &str| adapter().read_refund(&body(text), &instruction(), NOW);
    assert_eq!(read(&text.replacen("\"status\":", "\"status\":\"failed\",\"status\":", 1)), code("malformed"));
    assert_eq!(read(&text[..text.len() - 1]), code("malformed"));
    assert_eq!(read("<html>"), code("malformed"));
}

#[test]
fn errors() {
    let invalid = "invalid_request_error";
    for refused in ["charge_already_refunded", "amount_too_large", "resource_missing"] {
        assert_eq!(error(400, invalid, Some(refused)), Report::Refused { code: refused.to_owned() });
    }
    assert_eq!(error(400, invalid, None), Report::Refused { code: invalid.to_owned() });
    // The deployment's own key is at fault: later.
    let later = Report::NotAccepted { code: invalid.to_owned(), retry_after_ms: Some(300_000) };
    assert_eq!(error(401, invalid, None), later);
    let short = Report::InsufficientFunds { code: "balance_insufficient".to_owned() };
    assert_eq!(error(400, invalid, Some("balance_insufficient")), short);
    assert_eq!(error(409, "idempotency_error", Some("idempotency_key_in_use")), code("key_in_use"));
    assert_eq!(error(400, "idempotency_error", None), code("key_mismatch"));
    assert_eq!(error(500, "api_error", None), code("http_500"));
    let mut limited = answer(429, &json!({ "error": { "type": invalid, "code": "rate_limit" } }));
    limited.headers.push("retry-after", "2");
    let not_accepted = Report::NotAccepted { code: "rate_limit".to_owned(), retry_after_ms: Some(2000) };
    assert_eq!(adapter().read_refund(&limited, &instruction(), NOW), not_accepted);
    // Pages of a proxy are no word of Stripe's.
    let page = |status| OutboundResponse { body: b"<html>".to_vec(), ..answer(status, &json!(0)) };
    assert_eq!(adapter().read_refund(&page(502), &instruction(), NOW), code("http_502"));
    assert_eq!(adapter().read_refund(&page(403), &instruction(), NOW), code("http_403"));
}

#[test]
fn a_query_finds_the_key_in_the_metadata() {
    let query = |status, body: &Value| adapter().read_query(&answer(status, body), &instruction(), NOW);
    let list = |data: Value, has_more: bool| json!({ "object": "list", "data": data, "has_more": has_more });
    let other = with(refund("succeeded"), "metadata", json!({ "venditor_key": "other" }));
    let none = with(refund("succeeded"), "metadata", json!({}));
    assert_eq!(query(200, &list(json!([other, none, refund("succeeded")]), true)), succeeded());
    assert_eq!(query(200, &list(json!([other, none]), false)), Report::NotFound);
    assert_eq!(query(200, &list(json!([other]), true)), code("more_pages"));
    assert_eq!(query(200, &list(json!([refund("failed"), refund("succeeded")]), false)), succeeded());
    let changed = with(refund("succeeded"), "amount", json!(1));
    assert_eq!(query(200, &list(json!([changed]), false)), code("wrong_amount"));
    assert_eq!(query(200, &json!({})), code("malformed"));
    assert_eq!(query(404, &json!({"error": {"type": "x", "code": "resource_missing"}})), Report::NotFound);
    assert_eq!(query(404, &json!({"error": {"type": "x", "code": "other"}})), code("other"));
    assert_eq!(query(500, &json!({})), code("http_500"));
}

fn signature(at_s: i64, secret: &str, body: &[u8]) -> String {
    let tag = hmac_sha256(secret.as_bytes(), &[at_s.to_string().as_bytes(), b".", body]);
    hex(&tag)
}

#[test]
fn webhooks() {
    use NotificationError::*;
    let now = NOW / 1000;
    let event = |kind: &str, object: &Value| json!({"type": kind, "data": {"object": object}}).to_string().into_bytes();
    let hear = |header: &str, body: &[u8]| {
        let mut headers = Headers::default();
        headers.push("stripe-signature", header);
        adapter().read_notification(&headers, body, NOW)
    };
    let signed = |body: &[u8], at_s: i64| hear(&format!("t={at_s},v1={}", signature(at_s, "whsec_old", body)), body);

    let body = event("refund.updated", &refund("succeeded"));
    let wanted = Notification {
        key: "rf_1-goods".to_owned(),
        transaction_id: Some("ch_1".to_owned()),
        amount_fen: Some(888),
        report: succeeded(),
        number: Some("re_1".to_owned()),
        payments: vec!["ch_1".to_owned()],
        at: None,
    };
    assert_eq!(signed(&body, now), Ok(wanted));
    for kind in ["refund.created", "refund.failed", "charge.refund.updated"] {
        assert!(signed(&event(kind, &refund("failed")), now).is_ok(), "{kind}");
    }
    let both = with(refund("succeeded"), "payment_intent", json!("pi_1"));
    let both = signed(&event("refund.updated", &both), now).unwrap();
    assert_eq!((both.transaction_id, both.payments), (None, vec!["ch_1".to_owned(), "pi_1".to_owned()]));
    assert_eq!(signed(&event("charge.refunded", &json!({})), now), Err(Irrelevant));
    let foreign = with(refund("succeeded"), "metadata", json!({}));
    let foreign = signed(&event("refund.updated", &foreign), now).unwrap();
    assert_eq!((foreign.key.as_str(), foreign.amount_fen), ("", Some(888)), "made elsewhere");
    assert_eq!(signed(&event("refund.updated", &json!({})), now), Err(Malformed));
    let euro = with(refund("succeeded"), "currency", json!("eur"));
    assert_eq!(signed(&event("refund.updated", &euro), now), Err(Malformed));
    assert_eq!(signed(b"{", now), Err(Malformed));
    for (at, error) in [(now - 300, None), (now + 300, None), (now - 301, Some(Stale)), (now + 301, Some(Stale))] {
        assert_eq!(signed(&body, at).err(), error);
    }

    let good = signature(now, "whsec_new", &body);
    assert!(hear(&format!("t={now},v0=x,v1={},v1={good}", "0".repeat(64)), &body).is_ok());
    for bad in [
        String::new(),
        format!("v1={good}"),
        format!("t={now}"),
        format!("t={now},v0={good}"),
        format!("t={now},t={now},v1={good}"),
        format!("t={},v1={good}", now + 1),
        format!("t={now},v1={}", signature(now, "other", &body)),
        format!("t={now},v1={}", good.to_uppercase()),
    ] {
        assert_eq!(hear(&bad, &body), Err(BadSignature), "{bad}");
    }
    assert_eq!(hear(&format!("t={now},v1={good}"), b"{}"), Err(BadSignature));
    assert_eq!(adapter().read_notification(&Headers::default(), &body, NOW), Err(BadSignature));
}

#[test]
fn disputes() {
    use NotificationError::*;
    let hear = |object: &Value| {
        let body = json!({"type": "charge.dispute.updated", "created": 1_700_000_000, "data": {"object": object}});
        let body = body.to_string().into_bytes();
        let mut headers = Headers::default();
        headers.push("stripe-signature", &format!("t={},v1={}", NOW / 1000, signature(NOW / 1000, "whsec_new", &body)));
        assert_eq!(adapter().read_notification(&headers, &body, NOW), Err(Irrelevant), "it is no refund");
        adapter().read_dispute(&headers, &body, NOW)
    };
    let dispute = |status: &str| {
        json!({"id": "dp_1", "object": "dispute", "amount": 500, "currency": "cny", "charge": "ch_1",
            "payment_intent": "pi_1", "status": status})
    };
    for (status, standing) in [
        ("needs_response", Standing::Open),
        ("under_review", Standing::Open),
        ("won", Standing::Won),
        ("warning_closed", Standing::Won),
        ("lost", Standing::Lost),
    ] {
        let outside = Outside { number: "dp_1".into(), amount_fen: 500, at: 1_700_000_000_000, standing };
        let payments = vec!["ch_1".to_owned(), "pi_1".to_owned()];
        assert_eq!(hear(&dispute(status)), Ok(Dispute { payments, outside }), "{status}");
    }
    // An inquiry is answered by a refund, and takes no money.
    assert_eq!(hear(&dispute("warning_needs_response")), Err(Irrelevant));
    assert_eq!(hear(&with(dispute("lost"), "currency", json!("eur"))), Err(Irrelevant));
    assert_eq!(hear(&with(dispute("lost"), "object", json!("charge"))), Err(Malformed));
    assert_eq!(hear(&with(dispute("lost"), "amount", json!(-1))), Err(Malformed));
    assert_eq!(hear(&json!({})), Err(Malformed));
    assert_eq!(adapter().read_dispute(&Headers::default(), b"{}", NOW), Err(BadSignature));
}

#[test]
fn configuration_is_read_strictly_and_never_shown() {
    for (config, wanted) in [
        (r#"{"webhook_secrets":["SECRET"]}"#, "secret_key: missing"),
        (r#"{"secret_key":"sk_1"}"#, "webhook_secrets: missing, or one is empty"),
        (r#"{"secret_key":"sk_1","webhook_secrets":[""]}"#, "webhook_secrets: missing, or one is empty"),
        (
            r#"{"secret_key":"a SECRET","webhook_secrets":["x"]}"#,
            "secret_key: characters other than letters, digits, _ and -",
        ),
        (r#"{"secret_key":"x","webhook_secrets":"SECRET"}"#, "webhook_secrets: unknown or of another type"),
    ] {
        assert_eq!(Stripe::new(config, ORIGIN).err().as_deref(), Some(wanted));
    }
}
