#![allow(clippy::unwrap_used)]
use super::*;
use crate::gateway::rsa_keys::test_keys::{merchant, pem, platform};
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const APIV3_KEY: &str = "0123456789abcdef0123456789abcdef";
const NOW: i64 = 1_554_208_460_000;
const MOMENT: Moment<'static> = Moment { now_ms: NOW, nonce: "593bec0c930bf1afeb40b4a08c8fb242" };

fn config() -> Value {
    json!({
        "mchid": "1900009191",
        "serial_no": "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C",
        "private_key": pem("PRIVATE KEY", &merchant().private),
        "apiv3_key": APIV3_KEY,
        "platform_keys": { "PUB_KEY_ID_1": pem("PUBLIC KEY", &platform().public), "OLD": platform().public },
    })
}

fn adapter() -> Wechat {
    Wechat::new(&config().to_string(), ORIGIN).unwrap()
}

fn instruction() -> Instruction {
    Instruction {
        transaction_id: "4200000991202103266853086457".to_owned(),
        key: "rf_1-goods".to_owned(),
        amount_fen: 888,
        paid_fen: 1000,
        advance: false,
        notify_url: "https://example.com/n".to_owned(),
    }
}

fn body(status: &str) -> Value {
    json!({
        "refund_id": "50001", "out_refund_no": "rf_1-goods", "transaction_id": "4200000991202103266853086457",
        "channel": "ORIGINAL", "status": status, "success_time": "2019-04-02T20:34:20+08:00",
        "amount": { "refund": 888, "total": 1000, "payer_refund": 888, "currency": "CNY" },
    })
}

fn headers(at_s: i64, serial: &str, body: &[u8]) -> Headers {
    let signer = Signer::parse(&platform().private).unwrap();
    let at = at_s.to_string();
    let mut headers = Headers::default();
    headers.push("wechatpay-timestamp", &at);
    headers.push("wechatpay-nonce", "n0");
    headers.push("wechatpay-serial", serial);
    headers.push("wechatpay-signature", &signer.sign(&answer_message(&at, "n0", body), ""));
    headers
}

fn answer(status: u16, body: &[u8]) -> OutboundResponse {
    OutboundResponse { status, headers: headers(NOW / 1000, "PUB_KEY_ID_1", body), body: body.to_vec() }
}

fn signed(status: u16, body: &Value) -> OutboundResponse {
    answer(status, body.to_string().as_bytes())
}

fn read(answer: &OutboundResponse) -> Report {
    adapter().read_refund(answer, &instruction(), NOW)
}

fn code(code: &str) -> Report {
    Report::Unknown { code: code.to_owned() }
}

#[test]
fn message_strings() {
    // 签名生成: the example of its text.
    let wanted = "GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n";
    let made = request_message("GET", "/v3/certificates", 1_554_208_460, "593BEC0C930BF1AFEB40B4A08C8FB242", b"");
    assert_eq!(made, wanted.as_bytes());
    assert_eq!(answer_message("1", "n", b"{}"), b"1\nn\n{}\n");
}

#[test]
fn a_refund_request_is_signed_over_its_bytes() {
    let request = adapter().refund(&instruction(), MOMENT);
    assert_eq!((request.method.as_str(), request.timeout_ms, request.max_bytes), ("POST", 10_000, 65_536));
    assert_eq!(request.url, "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds");
    let wanted = json!({
        "transaction_id": "4200000991202103266853086457", "out_refund_no": "rf_1-goods",
        "notify_url": "https://example.com/n", "amount": { "refund": 888, "total": 1000, "currency": "CNY" },
    });
    assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), wanted);

    let authorization = &request.headers.iter().find(|(name, _)| *name == "authorization").unwrap().1;
    let (head, rest) = authorization.split_once("signature=\"").unwrap();
    let (signature, rest) = rest.split_once('"').unwrap();
    assert_eq!(head, "WECHATPAY2-SHA256-RSA2048 mchid=\"1900009191\",nonce_str=\"593bec0c930bf1afeb40b4a08c8fb242\",");
    assert_eq!(rest, ",timestamp=\"1554208460\",serial_no=\"1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C\"");
    let mut message = b"POST\n/v3/refund/domestic/refunds\n1554208460\n593bec0c930bf1afeb40b4a08c8fb242\n".to_vec();
    message.extend_from_slice(&request.body);
    message.push(b'\n');
    assert!(Verifier::parse(&merchant().public).unwrap().verify(&message, signature));

    let advance = adapter().refund(&Instruction { advance: true, ..instruction() }, MOMENT);
    assert_eq!(serde_json::from_slice::<Value>(&advance.body).unwrap()["funds_account"], "AVAILABLE");

    let query = adapter().query(&instruction(), MOMENT);
    assert_eq!(query.url, "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds/rf_1-goods");
    assert!(query.body.is_empty() && query.method == Method::GET);
}

#[test]
fn statuses() {
    let settled = Settled { refund_no: "50001".to_owned(), at: Some(1_554_208_460_000) };
    assert_eq!(read(&signed(200, &body("SUCCESS"))), Report::Succeeded(settled));
    assert_eq!(read(&signed(200, &body("PROCESSING"))), Report::Processing { refund_no: Some("50001".to_owned()) });
    assert_eq!(read(&signed(200, &body("CLOSED"))), Report::Refused { code: "CLOSED".to_owned() });
    assert_eq!(read(&signed(200, &body("ABNORMAL"))), code("abnormal"));
    assert_eq!(read(&signed(200, &body("NEW"))), code("malformed"));
}

#[test]
fn an_answer_must_be_about_this_refund_and_amount() {
    for (pointer, value, wanted) in [
        ("/out_refund_no", json!("other"), "wrong_refund"),
        ("/transaction_id", json!("other"), "wrong_refund"),
        ("/amount/refund", json!(889), "wrong_amount"),
        ("/amount/total", json!(999), "wrong_amount"),
        ("/amount/currency", json!("USD"), "wrong_amount"),
        ("/amount/refund", json!(888.5), "malformed"),
        ("/status", json!(null), "malformed"),
    ] {
        let mut changed = body("SUCCESS");
        *changed.pointer_mut(pointer).unwrap() = value;
        assert_eq!(read(&signed(200, &changed)), code(wanted), "{pointer}");
    }
    let text = body("SUCCESS").to_string();
    let twice = text.replace(r#""status":"#, r#""status":"CLOSED","status":"#);
    assert_eq!(read(&answer(200, twice.as_bytes())), code("malformed"));
    assert_eq!(read(&answer(200, &text.as_bytes()[..text.len() - 1])), code("malformed"));
    assert_eq!(read(&answer(200, b"")), code("malformed"));
}

#[test]
fn what_is_not_signed_says_nothing() {
    let genuine = signed(200, &body("SUCCESS"));
    let mut changed = genuine.clone();
    changed.body.push(b' ');
    assert_eq!(read(&changed), code("bad_signature"));
    for missing in ["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial", "wechatpay-signature"] {
        let mut stripped = OutboundResponse { headers: Headers::default(), ..genuine.clone() };
        genuine.headers.iter().filter(|(n, _)| *n != missing).for_each(|(n, v)| stripped.headers.push(n, v));
        assert_eq!(read(&stripped), code("bad_signature"), "{missing}");
        let mut twice = genuine.clone();
        let value = genuine.headers.get(missing).unwrap();
        twice.headers.push(missing, value);
        assert_eq!(read(&twice), code("bad_signature"), "{missing} twice");
    }
    let bytes = body("SUCCESS").to_string();
    let unknown = OutboundResponse { headers: headers(NOW / 1000, "NEW", bytes.as_bytes()), ..genuine.clone() };
    assert_eq!(read(&unknown), code("bad_signature"));
    let rotated = OutboundResponse { headers: headers(NOW / 1000, "OLD", bytes.as_bytes()), ..genuine.clone() };
    assert!(matches!(read(&rotated), Report::Succeeded(_)));
    for (skew, stale) in [(299, false), (-299, false), (300, true), (-300, true), (86_400, true)] {
        let at = headers(NOW / 1000 + skew, "PUB_KEY_ID_1", bytes.as_bytes());
        let report = read(&OutboundResponse { headers: at, ..genuine.clone() });
        assert_eq!(report == code("stale"), stale, "{skew}");
    }

    let page = |status| OutboundResponse { status, headers: Headers::default(), body: b"<html>".to_vec() };
    assert_eq!(read(&page(502)), code("http_502"));
    assert_eq!(read(&page(403)), code("bad_signature"));
    let refusal = json!({"code": "NO_AUTH"}).to_string().into_bytes();
    let unsigned = OutboundResponse { status: 403, headers: Headers::default(), body: refusal };
    assert_eq!(read(&unsigned), code("bad_signature"), "not a definite refusal");
}

#[test]
fn error_codes() {
    let failure = |status, code: &str| signed(status, &json!({ "code": code, "message": "…" }));
    for refused in ["USER_ACCOUNT_ABNORMAL", "NO_AUTH", "INVALID_REQUEST", "PARAM_ERROR", "RESOURCE_NOT_EXISTS"] {
        assert_eq!(read(&failure(400, refused)), Report::Refused { code: refused.to_owned() });
        // The same code on a server's error is not believed.
        assert_eq!(read(&failure(500, refused)), code(refused));
    }
    for ours in ["SIGN_ERROR", "MCH_NOT_EXISTS"] {
        let later = Report::NotAccepted { code: ours.to_owned(), retry_after_ms: Some(300_000) };
        assert_eq!(read(&failure(401, ours)), later, "the deployment's own credentials");
    }
    assert_eq!(read(&failure(500, "SYSTEM_ERROR")), code("SYSTEM_ERROR"));
    assert_eq!(read(&failure(400, "NEW_CODE")), code("NEW_CODE"));
    assert_eq!(read(&failure(403, "NOT_ENOUGH")), Report::InsufficientFunds { code: "NOT_ENOUGH".to_owned() });
    let mut limited = failure(429, "FREQUENCY_LIMITED");
    limited.headers.push("retry-after", "60");
    let not_accepted = Report::NotAccepted { code: "FREQUENCY_LIMITED".to_owned(), retry_after_ms: Some(60_000) };
    assert_eq!(read(&limited), not_accepted);
    assert_eq!(read(&answer(400, b"nothing")), code("malformed"));
}

#[test]
fn a_query_finds_or_does_not_or_says_nothing() {
    let query = |answer: &OutboundResponse| adapter().read_query(answer, &instruction(), NOW);
    assert!(matches!(query(&signed(200, &body("SUCCESS"))), Report::Succeeded(_)));
    assert_eq!(query(&signed(404, &json!({"code": "RESOURCE_NOT_EXISTS"}))), Report::NotFound);
    assert_eq!(query(&signed(400, &json!({"code": "RESOURCE_NOT_EXISTS"}))), code("RESOURCE_NOT_EXISTS"));
    assert_eq!(query(&signed(400, &json!({"code": "PARAM_ERROR"}))), code("PARAM_ERROR"));
    assert_eq!(query(&signed(429, &json!({"code": "FREQUENCY_LIMITED"}))), code("FREQUENCY_LIMITED"));
    let unsigned = OutboundResponse { headers: Headers::default(), ..signed(404, &json!({"code": "X"})) };
    assert_eq!(query(&unsigned), code("bad_signature"));
}

fn sealed(event: &str, plain: &Value) -> Vec<u8> {
    let cipher = aes_gcm::Aes256Gcm::new(&(*APIV3_KEY.as_bytes().first_chunk::<32>().unwrap()).into());
    let nonce = aes_gcm::Nonce::from(*b"abcdefghijkl");
    let text = plain.to_string();
    let ciphertext = cipher.encrypt(&nonce, Payload { msg: text.as_bytes(), aad: b"refund" }).unwrap();
    json!({
        "id": "1", "event_type": event, "resource_type": "encrypt-resource",
        "resource": {
            "algorithm": "AEAD_AES_256_GCM", "original_type": "refund", "associated_data": "refund",
            "nonce": "abcdefghijkl", "ciphertext": STANDARD.encode(ciphertext),
        },
    })
    .to_string()
    .into_bytes()
}

fn notice(status: &str) -> Value {
    json!({
        "mchid": "1900009191", "transaction_id": "4200", "out_trade_no": "o", "refund_id": "50001",
        "out_refund_no": "rf_1-goods", "refund_status": status, "success_time": "2019-04-02T20:34:20+08:00",
        "amount": { "total": 1000, "refund": 888, "payer_total": 1000, "payer_refund": 888 },
    })
}

#[test]
fn notifications() {
    let hear = |body: &[u8], at_s: i64| adapter().read_notification(&headers(at_s, "OLD", body), body, NOW);
    let now = NOW / 1000;
    let heard = hear(&sealed("REFUND.SUCCESS", &notice("SUCCESS")), now).unwrap();
    let wanted = Notification {
        key: "rf_1-goods".to_owned(),
        transaction_id: Some("4200".to_owned()),
        amount_fen: Some(888),
        report: Report::Succeeded(Settled { refund_no: "50001".to_owned(), at: Some(1_554_208_460_000) }),
        number: Some("50001".to_owned()),
        payments: vec!["4200".to_owned()],
        at: None,
    };
    assert_eq!(heard, wanted);
    let closed = hear(&sealed("REFUND.CLOSED", &notice("CLOSED")), now).unwrap();
    assert_eq!(closed.report, Report::Refused { code: "CLOSED".to_owned() });
    assert_eq!(hear(&sealed("REFUND.ABNORMAL", &notice("ABNORMAL")), now).unwrap().report, code("abnormal"));
    use NotificationError::*;
    let genuine = sealed("REFUND.SUCCESS", &notice("SUCCESS"));
    assert_eq!(hear(&genuine, now - 300), Err(Stale));
    assert_eq!(hear(&sealed("TRANSACTION.SUCCESS", &notice("SUCCESS")), now), Err(Irrelevant));
    assert_eq!(hear(&sealed("REFUND.CLOSED", &notice("SUCCESS")), now), Err(Malformed), "contradiction");
    let mut foreign = notice("SUCCESS");
    foreign["mchid"] = json!("1");
    assert_eq!(hear(&sealed("REFUND.SUCCESS", &foreign), now), Err(Irrelevant));
    assert_eq!(hear(b"{}", now), Err(Malformed));
    assert_eq!(hear(&sealed("REFUND.SUCCESS", &json!({})), now), Err(Malformed));
    let text = String::from_utf8(genuine.clone()).unwrap();
    for (from, to, error) in [
        ("abcdefghijkl", "abcdefghijkm", BadSignature),
        (r#""associated_data":"refund""#, r#""associated_data":"other""#, BadSignature),
        ("abcdefghijkl", "short", Malformed),
        ("AEAD_AES_256_GCM", "NONE", Malformed),
    ] {
        assert_eq!(hear(text.replace(from, to).as_bytes(), now), Err(error), "{from}");
    }
    assert_eq!(adapter().read_notification(&Headers::default(), &genuine, NOW), Err(BadSignature));
    assert_eq!(adapter().read_notification(&headers(now, "OLD", b"{}"), &genuine, NOW), Err(BadSignature));
    assert!(adapter().acknowledgement(true).1.contains("SUCCESS"));
    assert!(adapter().acknowledgement(false).1.contains("FAIL"));
}

#[test]
fn configuration_is_read_strictly_and_never_shown() {
    for (member, value, wanted) in [
        ("mchid", json!(null), "mchid: missing"),
        ("mchid", json!("a\"b"), "mchid: characters other than letters, digits, _ and -"),
        ("serial_no", json!(""), "serial_no: missing"),
        ("private_key", json!("SECRET"), "private_key: not an RSA key of 2048 bits or more"),
        ("private_key", json!({"SECRET": 1}), "private_key: unknown or of another type"),
        ("apiv3_key", json!("SECRET"), "apiv3_key: not 32 characters"),
        ("platform_keys", json!({}), "platform_keys: missing"),
        ("platform_keys", json!({"A": "SECRET"}), "platform_keys.A: no key"),
        ("more", json!("SECRET"), "more: unknown or of another type"),
    ] {
        let mut changed = config();
        changed[member] = value;
        let error = Wechat::new(&changed.to_string(), ORIGIN).err().unwrap();
        assert_eq!(error, wanted);
    }
    assert_eq!(Wechat::new(&config().to_string(), "nowhere").err().as_deref(), Some("base: not an origin"));
}
