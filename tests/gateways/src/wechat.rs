//! WeChat Pay API v3: "Apply for a refund", "Query a single refund", "Refund result notification".

use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::book::{Asked, Book, Course, Delivery, Refund, Status};
use crate::fault::Fault;
use crate::keys::{Keys, MCHID, MERCHANT_SERIAL, PLATFORM_SERIAL};
use crate::{Notification, Reply, WireRequest};

const PATH: &str = "/v3/refund/domestic/refunds";

pub fn handle(keys: &Keys, book: &mut Book, now: i64, request: &WireRequest) -> Reply {
    if !authorised(keys, now, request) {
        return error(keys, now, 401, "SIGN_ERROR");
    }
    match (request.method.as_str(), request.target.strip_prefix(PATH)) {
        ("POST", Some("")) => refund(keys, book, now, &request.body),
        ("GET", Some(rest)) => query(keys, book, now, rest.trim_start_matches('/')),
        _ => error(keys, now, 404, "RESOURCE_NOT_EXISTS"),
    }
}

/// `WECHATPAY2-SHA256-RSA2048 mchid="…",nonce_str="…",signature="…",timestamp="…",serial_no="…"`.
fn authorised(keys: &Keys, now: i64, request: &WireRequest) -> bool {
    let Some(parameters) = request.header("authorization").and_then(|a| a.strip_prefix("WECHATPAY2-SHA256-RSA2048 "))
    else {
        return false;
    };
    let field = |name: &str| {
        let found = parameters.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix("=\""));
        found.and_then(|value| value.strip_suffix('"')).unwrap_or_default()
    };
    let (timestamp, nonce) = (field("timestamp"), field("nonce_str"));
    let mut text = format!("{}\n{}\n{timestamp}\n{nonce}\n", request.method, request.target).into_bytes();
    text.extend_from_slice(&request.body);
    text.push(b'\n');
    let fresh = timestamp.parse::<i64>().is_ok_and(|at| (at * 1000 - now).abs() <= 300_000);
    field("mchid") == MCHID
        && field("serial_no") == MERCHANT_SERIAL
        && nonce.len() == 32
        && fresh
        && keys.wechat_merchant.verifies(&text, field("signature"))
}

fn refund(keys: &Keys, book: &mut Book, now: i64, body: &[u8]) -> Reply {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return error(keys, now, 400, "PARAM_ERROR") };
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (payment, key) = (text("transaction_id"), text("out_refund_no"));
    let amount = &body["amount"];
    let (Some(fen), Some(total)) = (amount["refund"].as_i64(), amount["total"].as_i64()) else {
        return error(keys, now, 400, "PARAM_ERROR");
    };
    let form = |b: u8| b.is_ascii_alphanumeric() || b"_-|*@".contains(&b);
    let good = (1..=64).contains(&key.len()) && key.bytes().all(form) && fen > 0 && amount["currency"] == "CNY";
    if !good || payment.is_empty() || !text("notify_url").starts_with("http") {
        return error(keys, now, 400, "PARAM_ERROR");
    }
    let advance = body["funds_account"] == "AVAILABLE";
    let delivery = match book.course(&payment, advance) {
        Course::Before(Fault::DropBefore) => return Reply::Close,
        Course::Before(Fault::ErrorBefore) => return bad_gateway(),
        Course::Before(Fault::Frequency) => {
            let mut reply = error(keys, now, 429, "FREQUENCY_LIMITED");
            if let Reply::Answer { headers, .. } = &mut reply {
                headers.push(("retry-after".to_owned(), "7".to_owned()));
            }
            return reply;
        }
        Course::Before(Fault::NotEnough | Fault::NotEnoughEver) => return error(keys, now, 403, "NOT_ENOUGH"),
        Course::Before(Fault::Refused) => return error(keys, now, 403, "USER_ACCOUNT_ABNORMAL"),
        Course::Before(_) => return error(keys, now, 500, "SYSTEM_ERROR"),
        Course::Through(delivery) => delivery,
    };
    match book.ask(&payment, &key, fen, total, now) {
        Asked::Done { refund, .. } => deliver(keys, now, answer(&refund), delivery),
        Asked::Mismatch => error(keys, now, 400, "INVALID_REQUEST"),
        Asked::TooMuch => error(keys, now, 400, "INVALID_REQUEST"),
    }
}

fn query(keys: &Keys, book: &mut Book, now: i64, key: &str) -> Reply {
    let Some(refund) = book.find(key, now) else {
        let (status, code) = if book.is_mute() { (500, "SYSTEM_ERROR") } else { (404, "RESOURCE_NOT_EXISTS") };
        return error(keys, now, status, code);
    };
    match crate::fault::of(&refund.payment) {
        Some(Fault::QueryMalformed) if now < refund.at + 600_000 => signed(keys, now, 200, "<html>".to_owned()),
        Some(Fault::Mute) => error(keys, now, 500, "SYSTEM_ERROR"),
        Some(Fault::QueryError) if refund.queries == 1 => error(keys, now, 500, "SYSTEM_ERROR"),
        _ => signed(keys, now, 200, answer(&refund).to_string()),
    }
}

fn answer(refund: &Refund) -> Value {
    let total = refund.total;
    let status = match refund.status {
        Status::Paid => "SUCCESS",
        Status::Processing => "PROCESSING",
        Status::Closed => "CLOSED",
    };
    json!({
        "refund_id": refund.number, "out_refund_no": refund.key, "transaction_id": refund.payment,
        "out_trade_no": "x", "channel": "ORIGINAL", "user_received_account": "招商银行信用卡0403",
        "success_time": china(refund.at), "create_time": china(refund.at), "status": status,
        "amount": { "total": total, "refund": refund.amount, "payer_total": total, "payer_refund": refund.amount, "currency": "CNY" },
    })
}

fn deliver(keys: &Keys, now: i64, mut answer: Value, delivery: Delivery) -> Reply {
    let fault = match delivery {
        Delivery::Right => return signed(keys, now, 200, answer.to_string()),
        Delivery::Lost => return Reply::Close,
        Delivery::ProxyError => return bad_gateway(),
        Delivery::Spoilt(fault) => fault,
    };
    match fault {
        Fault::Malformed => return signed(keys, now, 200, "{\"refund_id\":".to_owned()),
        Fault::Truncated => {
            let Reply::Answer { status, headers, mut body } = signed(keys, now, 200, answer.to_string()) else {
                return Reply::Close;
            };
            body.truncate(body.len() / 2);
            return Reply::Answer { status, headers, body };
        }
        Fault::WrongAmount => answer["amount"]["refund"] = json!(answer["amount"]["refund"].as_i64().unwrap_or(0) + 1),
        Fault::WrongRefund => answer["out_refund_no"] = json!("rf_another"),
        Fault::Contradicts => answer["status"] = json!("CLOSED"),
        Fault::Stale => return signed(keys, now - 600_000, 200, answer.to_string()),
        _ => {}
    }
    let mut reply = signed(keys, now, 200, answer.to_string());
    if let Reply::Answer { headers, .. } = &mut reply {
        for (name, value) in headers {
            match (fault, name.as_str()) {
                (Fault::BadSignature, "wechatpay-signature") => *value = keys.wechat_merchant.sign(b"something else"),
                (Fault::UnknownSerial, "wechatpay-serial") => *value = "PUB_KEY_ID_UNKNOWN".to_owned(),
                _ => {}
            }
        }
    }
    reply
}

fn signed(keys: &Keys, now: i64, status: u16, body: String) -> Reply {
    let headers = signature(keys, now, body.as_bytes());
    let mut reply = Reply::json(status, body);
    if let Reply::Answer { headers: all, .. } = &mut reply {
        all.extend(headers);
    }
    reply
}

fn signature(keys: &Keys, now: i64, body: &[u8]) -> Vec<(String, String)> {
    let (timestamp, nonce) = ((now / 1000).to_string(), "c5ac7061fccab6bf3e254dcf98995b8c");
    let text = [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat();
    let signature = keys.wechat_platform.sign(&text);
    [
        ("wechatpay-timestamp", timestamp),
        ("wechatpay-nonce", nonce.to_owned()),
        ("wechatpay-signature", signature),
        ("wechatpay-serial", PLATFORM_SERIAL.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn error(keys: &Keys, now: i64, status: u16, code: &str) -> Reply {
    signed(keys, now, status, json!({ "code": code, "message": code }).to_string())
}

fn bad_gateway() -> Reply {
    let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
    Reply::Answer { status: 502, headers, body: b"<html>502 Bad Gateway</html>".to_vec() }
}

/// RFC 3339 in China, seconds.
fn china(at: i64) -> String {
    let local = at / 1000 + 8 * 3600;
    let (days, of_day) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    // The civil calendar by counting, independent of the code under test.
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let (mut year, mut day) = (1970, days);
    while day >= if leap(year) { 366 } else { 365 } {
        day -= if leap(year) { 366 } else { 365 };
        year += 1;
    }
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}+08:00", month + 1, day + 1)
}

pub fn notification(keys: &Keys, book: &Book, key: &str, how: &str, now: i64) -> Option<Notification> {
    let refund = book.peek(key, now);
    let refund = refund.as_ref();
    let payment = refund.map_or("none", |refund| refund.payment.as_str());
    let fen = refund.map_or(1, |refund| refund.amount) + i64::from(how == "wrong-amount");
    let status = match refund.map(|refund| refund.status) {
        Some(Status::Closed) => "CLOSED",
        Some(Status::Processing) => "PROCESSING",
        _ => "SUCCESS",
    };
    let number = refund.map_or("re_none", |refund| refund.number.as_str());
    let plain = json!({
        "mchid": MCHID, "transaction_id": payment, "out_trade_no": "x", "refund_id": number, "out_refund_no": key,
        "refund_status": status, "success_time": china(refund.map_or(now, |refund| refund.at)),
        "amount": { "total": fen, "refund": fen, "payer_total": fen, "payer_refund": fen },
        "user_received_account": "招商银行信用卡0403",
    });
    let cipher = Aes256Gcm::new_from_slice(keys.apiv3_key.as_bytes()).ok()?;
    let mut text = plain.to_string().into_bytes();
    cipher.encrypt_in_place(&Nonce::from(*b"fdasflkja484"), b"refund", &mut text).ok()?;
    let event_type = if how == "other-event" { "TRANSACTION.SUCCESS".to_owned() } else { format!("REFUND.{status}") };
    let event = json!({
        "id": "EV-2018022511223320873", "create_time": china(now), "resource_type": "encrypt-resource",
        "event_type": event_type, "summary": "退款成功",
        "resource": {
            "original_type": "refund", "algorithm": "AEAD_AES_256_GCM", "ciphertext": STANDARD.encode(text),
            "associated_data": "refund", "nonce": "fdasflkja484",
        },
    });
    let body = if how == "malformed" { "{}".to_owned() } else { event.to_string() };
    let at = if how == "stale" { now - 300_000 } else { now };
    let mut headers = signature(keys, at, body.as_bytes());
    if how == "bad-signature" {
        headers[2].1 = keys.wechat_merchant.sign(body.as_bytes());
    }
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    Some((headers, body.into_bytes()))
}
