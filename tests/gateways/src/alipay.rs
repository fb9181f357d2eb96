//! Alipay open platform: `alipay.trade.refund`, `alipay.trade.fastpay.refund.query`, refund notifications.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::book::{Asked, Book, Course, Delivery, Status};
use crate::fault::{self, Fault};
use crate::keys::{APP_ID, Keys};
use crate::{Notification, Reply, WireRequest};

pub fn handle(keys: &Keys, book: &mut Book, now: i64, request: &WireRequest) -> Reply {
    let parameters = form(&String::from_utf8_lossy(&request.body));
    let field = |name: &str| parameters.get(name).map_or("", String::as_str);
    let signed: Vec<String> = parameters
        .iter()
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let member = match field("method") {
        "alipay.trade.refund" => "alipay_trade_refund_response",
        "alipay.trade.fastpay.refund.query" => "alipay_trade_fastpay_refund_query_response",
        _ => "error_response",
    };
    let genuine = field("app_id") == APP_ID
        && field("sign_type") == "RSA2"
        && field("timestamp").len() == 19
        && keys.alipay_app.verifies(signed.join("&").as_bytes(), field("sign"));
    if !genuine {
        return refuse(keys, member, "40002", "isv.invalid-signature");
    }
    let Ok(content) = serde_json::from_str::<Value>(field("biz_content")) else {
        return refuse(keys, member, "40004", "ACQ.INVALID_PARAMETER");
    };
    let text = |name: &str| content[name].as_str().unwrap_or_default().to_owned();
    let (payment, key) = (text("trade_no"), text("out_request_no"));
    match member {
        "alipay_trade_refund_response" => refund(keys, book, now, &payment, &key, &text("refund_amount")),
        "alipay_trade_fastpay_refund_query_response" => query(keys, book, now, &payment, &key),
        _ => refuse(keys, member, "40002", "isv.invalid-method"),
    }
}

fn refund(keys: &Keys, book: &mut Book, now: i64, payment: &str, key: &str, amount: &str) -> Reply {
    const MEMBER: &str = "alipay_trade_refund_response";
    let amount = amount.split_once('.').filter(|(_, cents)| cents.len() == 2);
    let fen = amount.and_then(|(yuan, cents)| Some(yuan.parse::<i64>().ok()? * 100 + cents.parse::<i64>().ok()?));
    let (Some(fen), false) = (fen.filter(|fen| *fen > 0), key.is_empty()) else {
        return refuse(keys, MEMBER, "40004", "ACQ.INVALID_PARAMETER");
    };
    let delivery = match book.course(payment, false) {
        Course::Before(Fault::DropBefore) => return Reply::Close,
        Course::Before(Fault::ErrorBefore) => return Reply::json(502, "<html>"),
        Course::Before(Fault::NotEnough | Fault::NotEnoughEver) => {
            return refuse(keys, MEMBER, "40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH");
        }
        Course::Before(Fault::Refused) => return refuse(keys, MEMBER, "40004", "ACQ.TRADE_HAS_FINISHED"),
        Course::Before(Fault::Frequency) => return refuse(keys, MEMBER, "40005", "isv.call-limited"),
        Course::Before(_) => return refuse(keys, MEMBER, "40004", "ACQ.SYSTEM_ERROR"),
        Course::Through(delivery) => delivery,
    };
    let (refund, again) = match book.ask(payment, key, fen, fault::total(payment), now) {
        Asked::Done { refund, again } => (refund, again),
        Asked::Mismatch => return refuse(keys, MEMBER, "40004", "ACQ.DISCORDANT_REPEAT_REQUEST"),
        Asked::TooMuch => return refuse(keys, MEMBER, "40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
    };
    let mut answer = json!({
        "code": "10000", "msg": "Success", "trade_no": payment, "out_trade_no": "x", "buyer_logon_id": "x***@x.com",
        "fund_change": if again || refund.status != Status::Paid { "N" } else { "Y" },
        "refund_fee": yuan(book.sum(payment)), "send_back_fee": yuan(refund.amount),
    });
    let spoilt = match delivery {
        Delivery::Right => None,
        Delivery::Lost => return Reply::Close,
        Delivery::ProxyError => return Reply::json(502, "<html>"),
        Delivery::Spoilt(fault) => Some(fault),
    };
    match spoilt {
        Some(Fault::Malformed) => return Reply::json(200, "{\"alipay_trade_refund_response\":"),
        Some(Fault::WrongAmount) => answer["refund_fee"] = "0.00".into(),
        Some(Fault::WrongRefund) => answer["trade_no"] = "another".into(),
        Some(Fault::Contradicts) => answer["fund_change"] = "N".into(),
        _ => {}
    }
    let text = answer.to_string();
    let sign = match spoilt {
        Some(Fault::BadSignature | Fault::UnknownSerial | Fault::Stale) => keys.alipay_app.sign(text.as_bytes()),
        _ => keys.alipay.sign(text.as_bytes()),
    };
    let mut body = format!("{{\"{MEMBER}\":{text},\"sign\":\"{sign}\"}}");
    if spoilt == Some(Fault::Truncated) {
        body.truncate(body.len() / 2);
    }
    Reply::json(200, body)
}

fn query(keys: &Keys, book: &mut Book, now: i64, payment: &str, key: &str) -> Reply {
    const MEMBER: &str = "alipay_trade_fastpay_refund_query_response";
    let refund = book.find(key, now);
    match (fault::of(payment), &refund) {
        (Some(Fault::QueryMalformed), Some(refund)) if now < refund.at + 600_000 => return Reply::json(200, "<html>"),
        (Some(Fault::QueryError), Some(refund)) if refund.queries == 1 => {
            return refuse(keys, MEMBER, "40004", "ACQ.SYSTEM_ERROR");
        }
        _ => {}
    }
    let mut answer = json!({ "code": "10000", "msg": "Success" });
    if let Some(refund) = refund {
        answer["trade_no"] = payment.into();
        answer["out_request_no"] = key.into();
        answer["refund_amount"] = yuan(refund.amount).into();
        // Missing: it failed, or has not been received.
        if refund.status == Status::Paid {
            answer["refund_status"] = "REFUND_SUCCESS".into();
        }
    }
    signed(keys, MEMBER, &answer)
}

fn signed(keys: &Keys, member: &str, answer: &Value) -> Reply {
    let text = answer.to_string();
    Reply::json(200, format!("{{\"{member}\":{text},\"sign\":\"{}\"}}", keys.alipay.sign(text.as_bytes())))
}

fn refuse(keys: &Keys, member: &str, code: &str, sub_code: &str) -> Reply {
    signed(keys, member, &json!({ "code": code, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": sub_code }))
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

pub(crate) fn form(text: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| {
        let bytes = text.as_bytes();
        let (mut out, mut i) = (Vec::new(), 0);
        while i < bytes.len() {
            match bytes[i] {
                b'+' => out.push(b' '),
                b'%' => {
                    let digits = text.get(i + 1..i + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                    out.push(digits.unwrap_or(b'%'));
                    i += 2;
                }
                byte => out.push(byte),
            }
            i += 1;
        }
        String::from_utf8_lossy(&out).into_owned()
    };
    let pairs = text.split('&').filter_map(|part| part.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

pub fn notification(keys: &Keys, book: &Book, key: &str, how: &str, now: i64) -> Option<Notification> {
    let refund = book.peek(key, now);
    let payment = refund.as_ref().map_or("none", |refund| refund.payment.as_str());
    let mut fields: BTreeMap<&str, String> = [
        ("app_id", APP_ID.to_owned()),
        ("notify_id", "ac05099524730693a8b330c5ecf72da978".to_owned()),
        ("notify_type", "trade_status_sync".to_owned()),
        ("trade_no", payment.to_owned()),
        ("out_biz_no", key.to_owned()),
        ("refund_fee", yuan(book.sum(payment))),
        ("trade_status", "TRADE_SUCCESS".to_owned()),
        ("charset", "utf-8".to_owned()),
        ("version", "1.0".to_owned()),
    ]
    .into();
    if how == "other-event" {
        fields.remove("out_biz_no");
    }
    let text: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let signer = if how == "bad-signature" { &keys.alipay_app } else { &keys.alipay };
    fields.insert("sign", signer.sign(text.join("&").as_bytes()));
    fields.insert("sign_type", "RSA2".to_owned());
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect()
    };
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
    Some((headers, if how == "malformed" { b"\xff".to_vec() } else { body.join("&").into_bytes() }))
}
