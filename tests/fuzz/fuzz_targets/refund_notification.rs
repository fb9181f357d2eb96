//! What gateways say: no answer and no notification panics an adapter, and without a signature WeChat Pay and Alipay
//! have said nothing. With one, only an answer that names this refund pays it.
//!
//! An input is a status and how it comes, header fields, an empty line, and a body:
//!
//! ```text
//! 200 wechat
//! wechatpay-serial: …
//!
//! {…}
//! ```
//!
//! How it comes: signed by `wechat`; by WeChat Pay and `sealed`; signed by `alipay` (the body is the signed part), or as
//! a `form` of Alipay's; signed by `stripe`. Otherwise it is taken as it is, and no fuzzer has a private key.
#![no_main]

use std::sync::LazyLock;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateways::keys::{APP_ID, Keys, MCHID, PLATFORM_SERIAL};
use instant_refund::gateway::alipay::Alipay;
use instant_refund::gateway::stripe::Stripe;
use instant_refund::gateway::wechat::Wechat;
use instant_refund::gateway::{Gateway, Instruction, Report};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use shared::http::{Headers, decode_pairs};
use shared::mac::hmac_sha256;
use shared::platform::OutboundResponse;

const NOW: i64 = 1_790_000_000_000;
const KEY: &str = "rf_0123456789012345678901234567890123456789";
const PAYMENT: &str = "4200000001";
const AMOUNT_FEN: i64 = 1234;
const PAID_FEN: i64 = 5000;

struct World {
    keys: Keys,
    wechat: Wechat,
    alipay: Alipay,
    stripe: Stripe,
    instruction: Instruction,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let keys = Keys::from_seed(7, 2048);
    let [(_, wechat), (_, alipay), (_, stripe)] = keys.credentials();
    World {
        wechat: Wechat::new(&wechat, "https://w.example").expect("WeChat Pay's configuration"),
        alipay: Alipay::new(&alipay, "https://a.example").expect("Alipay's configuration"),
        stripe: Stripe::new(&stripe, "https://s.example").expect("Stripe's configuration"),
        instruction: Instruction {
            transaction_id: PAYMENT.to_owned(),
            key: KEY.to_owned(),
            amount_fen: AMOUNT_FEN,
            paid_fen: PAID_FEN,
            advance: false,
            notify_url: String::new(),
        },
        keys,
    }
});

fuzz_target!(init: { LazyLock::force(&WORLD); }, |bytes: &[u8]| {
    let world = &*WORLD;
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
    let (head, body) = (&bytes[..end], bytes.get(end + 2..).unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let (status, how) = lines.next().unwrap_or_default().split_once(' ').unwrap_or_default();
    let mut headers = Headers::default();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.push(&name.to_ascii_lowercase(), value.trim());
    }
    let answer = OutboundResponse { status: status.parse().unwrap_or(200), headers, body: body.to_vec() };
    match how {
        "wechat" => world.by_wechat(answer),
        "sealed" => world.sealed(body),
        "alipay" => world.by_alipay(answer),
        "form" => world.form(body),
        "stripe" => world.by_stripe(body),
        _ => world.as_it_is(&answer),
    }
});

impl World {
    fn as_it_is(&self, answer: &OutboundResponse) {
        for gateway in [&self.wechat as &dyn Gateway, &self.alipay] {
            for report in [
                gateway.read_refund(answer, &self.instruction, NOW),
                gateway.read_query(answer, &self.instruction, NOW),
            ] {
                assert!(matches!(report, Report::Unknown { .. }), "believed without a signature: {report:?}");
            }
            assert!(gateway.read_notification(&answer.headers, &answer.body, NOW).is_err());
        }
        assert!(self.stripe.read_notification(&answer.headers, &answer.body, NOW).is_err());
        // TLS vouches for Stripe's answers.
        let value = || serde_json::from_slice::<Value>(&answer.body).expect("a body that was read is JSON");
        if let Report::Succeeded(_) = self.stripe.read_refund(answer, &self.instruction, NOW) {
            assert!(stripe_names_ours(&value()));
        }
        if let Report::Succeeded(_) = self.stripe.read_query(answer, &self.instruction, NOW) {
            assert!(value()["data"].as_array().is_some_and(|refunds| refunds.iter().any(stripe_names_ours)));
        }
    }

    /// Header fields as WeChat Pay sends them; those of the input besides.
    fn wechat_headers(&self, headers: &mut Headers, body: &[u8]) {
        let timestamp = (NOW / 1000).to_string();
        let text = [timestamp.as_bytes(), b"\nnonce\n", body, b"\n"].concat();
        headers.push("wechatpay-timestamp", &timestamp);
        headers.push("wechatpay-nonce", "nonce");
        headers.push("wechatpay-serial", PLATFORM_SERIAL);
        headers.push("wechatpay-signature", &self.keys.wechat_platform.sign(&text));
    }

    /// Signing is slow: what is no JSON at all is left out.
    fn by_wechat(&self, mut answer: OutboundResponse) {
        let Ok(value) = serde_json::from_slice::<Value>(&answer.body) else { return };
        self.wechat_headers(&mut answer.headers, &answer.body);
        let refund = self.wechat.read_refund(&answer, &self.instruction, NOW);
        let query = self.wechat.read_query(&answer, &self.instruction, NOW);
        for report in [refund, query] {
            if let Report::Succeeded(_) = report {
                assert_eq!((&value["out_refund_no"], &value["transaction_id"]), (&json!(KEY), &json!(PAYMENT)));
                assert_eq!(value["amount"]["refund"], json!(AMOUNT_FEN));
            }
        }
        let _ = self.wechat.read_notification(&answer.headers, &answer.body, NOW);
    }

    /// The body is what lies in the envelope.
    fn sealed(&self, plain: &[u8]) {
        let status = serde_json::from_slice::<Value>(plain)
            .ok()
            .and_then(|value| value["refund_status"].as_str().map(str::to_owned));
        let Some(status) = status else { return };
        let cipher = Aes256Gcm::new_from_slice(self.keys.apiv3_key.as_bytes()).expect("32 bytes");
        let sealed = cipher.encrypt(&Nonce::from(*b"0123456789ab"), Payload { msg: plain, aad: b"refund" });
        let envelope = json!({
            "event_type": format!("REFUND.{status}"),
            "resource": {
                "algorithm": "AEAD_AES_256_GCM", "ciphertext": STANDARD.encode(sealed.expect("sealed")),
                "associated_data": "refund", "nonce": "0123456789ab",
            },
        });
        let body = envelope.to_string().into_bytes();
        let mut headers = Headers::default();
        self.wechat_headers(&mut headers, &body);
        if let Ok(notification) = self.wechat.read_notification(&headers, &body, NOW) {
            let value: Value = serde_json::from_slice(plain).expect("it was read above");
            assert_eq!((&value["mchid"], &value["out_refund_no"]), (&json!(MCHID), &json!(notification.key)));
            assert_eq!(value["amount"]["refund"].as_i64(), notification.amount_fen);
            assert_eq!(status == "SUCCESS", matches!(notification.report, Report::Succeeded(_)));
        }
    }

    fn by_alipay(&self, mut answer: OutboundResponse) {
        let Ok(part) = str::from_utf8(&answer.body) else { return };
        let Ok(value) = serde_json::from_str::<Value>(part) else { return };
        let sign = self.keys.alipay.sign(part.as_bytes());
        let parts = ["alipay_trade_refund_response", "alipay_trade_fastpay_refund_query_response"];
        let text = parts.map(|name| format!("\"{name}\":{part},")).concat();
        answer.body = format!("{{{text}\"sign\":\"{sign}\"}}").into_bytes();
        if let Report::Succeeded(_) = self.alipay.read_refund(&answer, &self.instruction, NOW) {
            assert_eq!((&value["trade_no"], &value["fund_change"]), (&json!(PAYMENT), &json!("Y")));
        }
        if let Report::Succeeded(_) = self.alipay.read_query(&answer, &self.instruction, NOW) {
            assert_eq!((&value["trade_no"], &value["out_request_no"]), (&json!(PAYMENT), &json!(KEY)));
            assert_eq!(value["refund_status"], json!("REFUND_SUCCESS"));
        }
    }

    /// The body is a form without its signature.
    fn form(&self, body: &[u8]) {
        let Ok(text) = str::from_utf8(body) else { return };
        let mut signed: Vec<(String, String)> =
            decode_pairs(text).filter(|(name, _)| name != "sign" && name != "sign_type").collect();
        signed.sort();
        let canonical: Vec<String> = signed.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let sign = self.keys.alipay.sign(canonical.join("&").as_bytes()).replace('+', "%2B");
        let body = format!("sign_type=RSA2&sign={sign}&{text}");
        if let Ok(notification) = self.alipay.read_notification(&Headers::default(), body.as_bytes(), NOW) {
            assert!(!matches!(notification.report, Report::Succeeded(_)), "a hint and no proof");
            let names = |name: &str, value: &str| signed.iter().any(|(n, v)| n == name && v == value);
            assert!(names("app_id", APP_ID) && names("out_biz_no", &notification.key));
        }
    }

    fn by_stripe(&self, body: &[u8]) {
        let time = (NOW / 1000).to_string();
        let tag = hmac_sha256(self.keys.stripe_webhook.as_bytes(), &[time.as_bytes(), b".", body]);
        let tag: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut headers = Headers::default();
        headers.push("stripe-signature", &format!("t={time},v1={tag}"));
        if let Ok(notification) = self.stripe.read_notification(&headers, body, NOW) {
            let value: Value = serde_json::from_slice(body).expect("a body that was read is JSON");
            let object = &value["data"]["object"];
            assert_eq!(object["metadata"]["venditor_key"], json!(notification.key));
            assert_eq!(object["amount"].as_i64(), notification.amount_fen);
        }
    }
}

fn stripe_names_ours(refund: &Value) -> bool {
    refund["metadata"]["venditor_key"] == json!(KEY)
        && refund["charge"] == json!(PAYMENT)
        && refund["amount"] == json!(AMOUNT_FEN)
        && refund["currency"] == json!("cny")
}
