#![allow(clippy::unwrap_used)]
use super::*;
use crate::gateway::Settled;
use crate::gateway::rsa_keys::test_keys::{merchant, pem, platform};
use serde_json::{Value, json};
use shared::http::decode_pairs;

const NOW: i64 = 1_709_136_059_000;
const MOMENT: Moment<'static> = Moment { now_ms: NOW, nonce: "00" };

fn config() -> Value {
    json!({
        "app_id": "2014072300007148", "private_key": merchant().private,
        "alipay_public_key": pem("PUBLIC KEY", &platform().public),
    })
}

fn adapter() -> Alipay {
    Alipay::new(&config().to_string(), ORIGIN).unwrap()
}

fn instruction() -> Instruction {
    Instruction {
        transaction_id: "2014112611001004680073956707".to_owned(),
        key: "rf_1-goods".to_owned(),
        amount_fen: 10,
        paid_fen: 1000,
        advance: true,
        notify_url: "https://example.com/n".to_owned(),
    }
}

fn sign(text: &str) -> String {
    Signer::parse(&platform().private).unwrap().sign(text.as_bytes(), "")
}

fn answer(name: &str, part: &str) -> OutboundResponse {
    let body = format!(r#"{{"{name}":{part},"sign":"{}"}}"#, sign(part));
    OutboundResponse { status: 200, headers: Headers::default(), body: body.into_bytes() }
}

fn refund(part: &Value) -> Report {
    adapter().read_refund(&answer("alipay_trade_refund_response", &part.to_string()), &instruction(), NOW)
}

fn query(part: &Value) -> Report {
    let name = "alipay_trade_fastpay_refund_query_response";
    adapter().read_query(&answer(name, &part.to_string()), &instruction(), NOW)
}

fn done() -> Value {
    json!({
        "code": "10000", "msg": "Success", "trade_no": "2014112611001004680073956707", "out_trade_no": "o",
        "fund_change": "Y", "refund_fee": "0.10", "gmt_refund_pay": "2024-02-29 00:00:00",
    })
}

fn found() -> Value {
    json!({
        "code": "10000", "msg": "Success", "trade_no": "2014112611001004680073956707",
        "out_request_no": "rf_1-goods", "total_amount": "10.00", "refund_amount": "0.10",
        "refund_status": "REFUND_SUCCESS", "gmt_refund_pay": "2024-02-29 00:00:00",
    })
}

fn with(mut value: Value, member: &str, to: Value) -> Value {
    value[member] = to;
    value
}

fn code(code: &str) -> Report {
    Report::Unknown { code: code.to_owned() }
}

fn succeeded() -> Report {
    Report::Succeeded(Settled { refund_no: "rf_1-goods".to_owned(), at: Some(1_709_136_000_000) })
}

#[test]
fn canonical_text() {
    let mut parameters = [("version", "1.0"), ("app_id", "1"), ("biz_content", r#"{"a":"茶 &="}"#), ("method", "m")];
    assert_eq!(canonical(&mut parameters), r#"app_id=1&biz_content={"a":"茶 &="}&method=m&version=1.0"#);
}

#[test]
fn requests_are_signed_forms() {
    let request = adapter().refund(&instruction(), MOMENT);
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://openapi.alipay.com/gateway.do"));
    let body = String::from_utf8(request.body).unwrap();
    let mut pairs: Vec<(String, String)> = decode_pairs(&body).collect();
    let sign = pairs.pop().unwrap();
    assert_eq!(sign.0, "sign");
    let text = canonical(&mut pairs);
    assert_eq!(
        text,
        "app_id=2014072300007148&biz_content={\"trade_no\":\"2014112611001004680073956707\",\
         \"out_request_no\":\"rf_1-goods\",\"refund_amount\":\"0.10\"}&charset=utf-8&format=JSON&\
         method=alipay.trade.refund&notify_url=https://example.com/n&sign_type=RSA2&\
         timestamp=2024-02-29 00:00:59&version=1.0"
    );
    assert!(Verifier::parse(&merchant().public).unwrap().verify(text.as_bytes(), &sign.1));

    let query = String::from_utf8(adapter().query(&instruction(), MOMENT).body).unwrap();
    let pairs: Vec<(String, String)> = decode_pairs(&query).collect();
    assert!(pairs.contains(&("method".to_owned(), "alipay.trade.fastpay.refund.query".to_owned())));
    assert!(pairs.iter().all(|(name, _)| name != "notify_url"));
    let biz = pairs.iter().find(|(name, _)| name == "biz_content").unwrap();
    assert!(biz.1.ends_with(r#""query_options":["gmt_refund_pay"]}"#), "{}", biz.1);
}

#[test]
fn a_refund_is_done_when_funds_changed() {
    assert_eq!(refund(&done()), succeeded());
    // Cumulative: another refund of the same trade came before.
    assert_eq!(refund(&with(done(), "refund_fee", json!("10.00"))), succeeded());
    for fee in ["0.09", "10.01"] {
        assert_eq!(refund(&with(done(), "refund_fee", json!(fee))), code("wrong_amount"));
    }
    assert_eq!(refund(&with(done(), "refund_fee", json!("0.1x"))), code("malformed"));
    assert_eq!(refund(&with(done(), "fund_change", json!("N"))), code("fund_change_n"));
    assert_eq!(refund(&with(done(), "fund_change", json!(null))), code("malformed"));
    assert_eq!(refund(&with(done(), "trade_no", json!("other"))), code("wrong_refund"));
}

#[test]
fn error_codes() {
    let business = |sub: &str| json!({"code": "40004", "msg": "Business Failed", "sub_code": sub});
    for refused in [
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "ACQ.TRADE_NOT_EXIST",
        "ACQ.REASON_TRADE_REFUND_FEE_ERR",
        "ACQ.INVALID_PARAMETER",
    ] {
        assert_eq!(refund(&business(refused)), Report::Refused { code: refused.to_owned() });
        let asked = if refused == "ACQ.TRADE_NOT_EXIST" { Report::NotFound } else { code(refused) };
        assert_eq!(query(&business(refused)), asked, "a query's error says nothing, but that there is no such payment");
    }
    let short = "ACQ.SELLER_BALANCE_NOT_ENOUGH";
    assert_eq!(refund(&business(short)), Report::InsufficientFunds { code: short.to_owned() });
    assert_eq!(refund(&business("ACQ.SYSTEM_ERROR")), code("ACQ.SYSTEM_ERROR"));
    assert_eq!(refund(&business("ACQ.NEW")), code("ACQ.NEW"));
    assert_eq!(refund(&business("ACQ.DISCORDANT_REPEAT_REQUEST")), code("key_mismatch"));
    assert_eq!(refund(&json!({"code": "20000", "sub_code": "isp.unknow-error"})), code("isp.unknow-error"));
    assert_eq!(refund(&json!({"code": "20000"})), code("20000"));
    let limited = Report::NotAccepted { code: "app-call-limited".to_owned(), retry_after_ms: None };
    assert_eq!(refund(&json!({"code": "40005", "sub_code": "app-call-limited"})), limited);
    let sign = json!({"code": "40002", "sub_code": "isv.invalid-signature"});
    assert_eq!(
        refund(&sign),
        Report::NotAccepted { code: "isv.invalid-signature".to_owned(), retry_after_ms: Some(300_000) }
    );
    let report = adapter().read_refund(&answer("error_response", &sign.to_string()), &instruction(), NOW);
    assert_eq!(report, Report::NotAccepted { code: "isv.invalid-signature".to_owned(), retry_after_ms: Some(300_000) });
}

#[test]
fn a_query_tells_of_this_refund_only() {
    assert_eq!(query(&found()), succeeded());
    assert_eq!(query(&with(found(), "refund_status", json!(null))), Report::NotFound);
    assert_eq!(query(&json!({"code": "10000", "msg": "Success"})), Report::NotFound);
    assert_eq!(query(&json!({"code": "10000", "trade_no": "other"})), code("wrong_refund"));
    assert_eq!(query(&with(found(), "refund_amount", json!("0.11"))), code("wrong_amount"));
    assert_eq!(query(&with(found(), "refund_amount", json!(null))), code("malformed"));
    assert_eq!(query(&with(found(), "out_request_no", json!("other"))), code("wrong_refund"));
    assert_eq!(query(&with(found(), "trade_no", json!("other"))), code("wrong_refund"));
    assert_eq!(query(&with(found(), "refund_status", json!("NEW"))), code("malformed"));
}

#[test]
fn the_signature_is_over_the_bytes_as_they_came() {
    // Spaces, an escaped solidus and the order of members are Alipay's own.
    let part = r#"{ "trade_no":"2014112611001004680073956707","msg":"a\/b \u8336","code":"10000", "fund_change":"Y",
        "refund_fee":"0.10" }"#;
    let genuine = answer("alipay_trade_refund_response", part);
    let read = |answer: &OutboundResponse| adapter().read_refund(answer, &instruction(), NOW);
    assert!(matches!(read(&genuine), Report::Succeeded(_)));
    let text = String::from_utf8(genuine.body.clone()).unwrap();
    let replaced = |from: &str, to: &str| {
        let body = text.replacen(from, to, 1).into_bytes();
        read(&OutboundResponse { body, ..genuine.clone() })
    };
    assert_eq!(replaced(r"a\/b", "a/b"), code("bad_signature"));
    assert_eq!(replaced("\"sign\"", "\"sigm\""), code("bad_signature"));
    assert_eq!(replaced("\"sign\":", "\"sign\":\"AA\",\"sign\":"), code("malformed"));
    assert_eq!(replaced("{\"alipay", "{\"alipay_trade_refund_response\":{},\"alipay"), code("malformed"));
    assert_eq!(replaced("alipay_trade_refund_response", "other"), code("malformed"));
    let cut = OutboundResponse { body: genuine.body[..genuine.body.len() - 1].to_vec(), ..genuine.clone() };
    assert_eq!(read(&cut), code("malformed"));
    let page = OutboundResponse { status: 502, body: b"<html>".to_vec(), ..genuine.clone() };
    assert_eq!(read(&page), code("http_502"));
    assert_eq!(read(&OutboundResponse { status: 200, ..page }), code("malformed"));
    // An answer to the other question does not count.
    assert_eq!(adapter().read_query(&genuine, &instruction(), NOW), code("malformed"));
    let twice = part.replacen("\"code\":\"10000\"", "\"code\":\"40004\",\"code\":\"10000\"", 1);
    assert_eq!(read(&answer("alipay_trade_refund_response", &twice)), code("malformed"));
}

fn notice(changes: &[(&str, &str)]) -> Vec<u8> {
    let mut parameters: Vec<(String, String)> = [
        ("app_id", "2014072300007148"),
        ("charset", "utf-8"),
        ("gmt_refund", "2024-02-29 00:00:00.123"),
        ("notify_time", "2024-02-29 00:00:30"),
        ("out_biz_no", "rf_1-goods"),
        ("refund_fee", "0.10"),
        ("subject", "茶 & 杯"),
        ("trade_no", "2014112611001004680073956707"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    for (name, value) in changes {
        parameters.iter_mut().filter(|(n, _)| n == name).for_each(|pair| pair.1 = (*value).to_owned());
    }
    let sign = sign(&canonical(&mut parameters));
    parameters.extend([("sign_type".to_owned(), "RSA2".to_owned()), ("sign".to_owned(), sign)]);
    wire::form(parameters.iter().map(|(n, v)| (n.as_str(), v.as_str()))).into_bytes()
}

#[test]
fn notifications() {
    use NotificationError::*;
    let hear = |body: &[u8]| adapter().read_notification(&Headers::default(), body, NOW);
    let wanted = Notification {
        key: "rf_1-goods".to_owned(),
        transaction_id: Some("2014112611001004680073956707".to_owned()),
        amount_fen: None,
        report: Report::Processing { refund_no: None },
        number: Some("rf_1-goods".to_owned()),
        payments: vec!["2014112611001004680073956707".to_owned()],
        at: None,
    };
    assert_eq!(hear(&notice(&[])), Ok(wanted));
    assert_eq!(hear(&notice(&[("app_id", "1")])), Err(Malformed));
    assert_eq!(hear(&notice(&[("refund_fee", "x")])), Err(Malformed));
    assert_eq!(hear(&notice(&[("out_biz_no", "")])), Err(Irrelevant));
    assert_eq!(hear(&notice(&[("refund_fee", "")])), Err(Irrelevant));
    let text = String::from_utf8(notice(&[])).unwrap();
    assert_eq!(hear(text.replace("0.10", "9.10").as_bytes()), Err(BadSignature));
    assert_eq!(hear(text.replace("RSA2", "RSA").as_bytes()), Err(BadSignature));
    assert_eq!(hear(text.replace("&sign=", "&sigm=").as_bytes()), Err(BadSignature));
    assert_eq!(hear(format!("{text}&refund_fee=9").as_bytes()), Err(Malformed));
    assert_eq!(hear(format!("{text}&more=9").as_bytes()), Err(BadSignature));
    assert_eq!(hear(b"\xff"), Err(Malformed));
    assert_eq!(hear(b""), Err(BadSignature));
    assert_eq!(adapter().acknowledgement(true).1, "success");
    assert_eq!(adapter().acknowledgement(false).1, "fail");
}

#[test]
fn configuration_is_read_strictly_and_never_shown() {
    for (member, value, wanted) in [
        ("app_id", json!(null), "app_id: missing"),
        ("private_key", json!("SECRET"), "private_key: not an RSA key of 2048 bits or more"),
        ("alipay_public_key", json!("SECRET"), "alipay_public_key: not an RSA key of 2048 bits or more"),
        ("more", json!("SECRET"), "more: unknown or of another type"),
    ] {
        assert_eq!(Alipay::new(&with(config(), member, value).to_string(), ORIGIN).err().as_deref(), Some(wanted));
    }
    let armoured = with(config(), "private_key", json!(pem("PRIVATE KEY", &merchant().private)));
    assert!(Alipay::new(&armoured.to_string(), ORIGIN).is_ok());
}
