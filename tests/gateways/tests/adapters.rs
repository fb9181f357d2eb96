//! The function's adapters against these servers: each fault, and what the adapter makes of it.

use std::sync::OnceLock;

use gateways::keys::Keys;
use gateways::{Gateways, Reply, WireRequest};
use instant_refund::gateway::alipay::Alipay;
use instant_refund::gateway::stripe::Stripe;
use instant_refund::gateway::wechat::Wechat;
use instant_refund::gateway::{Gateway, Instruction, Moment, NotificationError, Report};
use shared::http::Headers;
use shared::platform::{OutboundRequest, OutboundResponse};

const NOW: i64 = 1_790_000_000_000;
const NONCE: &str = "0123456789abcdef0123456789abcdef";

fn keys() -> Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys::from_seed(7, 2048)).clone()
}

fn adapter(name: &str) -> Box<dyn Gateway> {
    let credentials = keys().credentials();
    let of = |name: &str| credentials.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone()).unwrap();
    match name {
        "wechat" => Box::new(Wechat::new(&of("REFUND_WECHAT"), "https://w.example").unwrap()),
        "alipay" => Box::new(Alipay::new(&of("REFUND_ALIPAY"), "https://a.example").unwrap()),
        _ => Box::new(Stripe::new(&of("REFUND_STRIPE"), "https://s.example").unwrap()),
    }
}

fn exchange(gateways: &mut Gateways, now: i64, request: OutboundRequest) -> Option<OutboundResponse> {
    let target = request.url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap();
    let headers = request.headers.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
    let wire = WireRequest { method: request.method.to_string(), target, headers, body: request.body };
    match gateways.handle(now, &wire) {
        Reply::Close => None,
        Reply::Answer { status, headers: fields, body } => {
            let mut headers = Headers::default();
            fields.iter().for_each(|(name, value)| headers.push(name, value));
            Some(OutboundResponse { status, headers, body })
        }
    }
}

fn instruction(payment: &str) -> Instruction {
    Instruction {
        transaction_id: payment.to_owned(),
        key: "rf_0123456789012345678901234567890123456789".to_owned(),
        amount_fen: 1234,
        paid_fen: 5000,
        advance: false,
        notify_url: "https://n.example/v1/gateways/x/notifications".to_owned(),
    }
}

/// Asks for a refund, in words: the report's kind and code.
fn asked(name: &str, gateways: &mut Gateways, instruction: &Instruction, now: i64) -> String {
    let gateway = adapter(name);
    match exchange(gateways, now, gateway.refund(instruction, Moment { now_ms: now, nonce: NONCE })) {
        None => "lost".to_owned(),
        Some(answer) => words(&gateway.read_refund(&answer, instruction, now)),
    }
}

fn queried(name: &str, gateways: &mut Gateways, instruction: &Instruction, now: i64) -> String {
    let gateway = adapter(name);
    match exchange(gateways, now, gateway.query(instruction, Moment { now_ms: now, nonce: NONCE })) {
        None => "lost".to_owned(),
        Some(answer) => words(&gateway.read_query(&answer, instruction, now)),
    }
}

fn words(report: &Report) -> String {
    match report {
        Report::Succeeded(settled) => {
            assert!(settled.at.is_none_or(|at| at == NOW), "the instant is read");
            "succeeded".to_owned()
        }
        Report::Processing { .. } => "processing".to_owned(),
        Report::Refused { code } => format!("refused {code}"),
        Report::InsufficientFunds { code } => format!("short {code}"),
        Report::NotAccepted { code, retry_after_ms } => format!("later {code} {}", retry_after_ms.unwrap_or(0)),
        Report::NotFound => "not found".to_owned(),
        Report::Unknown { code } => format!("unknown {code}"),
    }
}

/// Fault, first answer, the query's answer after it, how often it was paid then.
type Row = (&'static str, &'static str, &'static str, usize);

fn table(name: &str, prefix: &str, rows: &[Row]) {
    for (fault, first, then, paid) in rows {
        let mut gateways = Gateways::new(keys());
        let payment = format!("{prefix}.{fault}.p5000");
        let instruction = instruction(&payment);
        assert_eq!(asked(name, &mut gateways, &instruction, NOW), *first, "{name} {fault}");
        assert_eq!(queried(name, &mut gateways, &instruction, NOW), *then, "{name} {fault}, query");
        assert_eq!(gateways.paid().get(&payment).map_or(0, Vec::len), *paid, "{name} {fault}, paid");
    }
}

#[test]
fn wechat() {
    table(
        "wechat",
        "4200",
        &[
            ("ok", "succeeded", "succeeded", 1),
            ("drop-after", "lost", "succeeded", 1),
            ("drop-before", "lost", "not found", 0),
            ("error-after", "unknown http_502", "succeeded", 1),
            ("error-before", "unknown http_502", "not found", 0),
            ("malformed", "unknown malformed", "succeeded", 1),
            ("truncated", "unknown bad_signature", "succeeded", 1),
            ("wrong-amount", "unknown wrong_amount", "succeeded", 1),
            ("wrong-refund", "unknown wrong_refund", "succeeded", 1),
            ("bad-signature", "unknown bad_signature", "succeeded", 1),
            ("stale", "unknown stale", "succeeded", 1),
            ("unknown-serial", "unknown bad_signature", "succeeded", 1),
            ("frequency", "later FREQUENCY_LIMITED 7000", "not found", 0),
            ("system-error", "unknown SYSTEM_ERROR", "not found", 0),
            ("not-enough", "short NOT_ENOUGH", "not found", 0),
            ("refused", "refused USER_ACCOUNT_ABNORMAL", "not found", 0),
            ("processing", "processing", "processing", 0),
            ("closed", "processing", "processing", 0),
            ("contradicts", "refused CLOSED", "succeeded", 1),
            ("hidden", "lost", "not found", 1),
            ("query-malformed", "lost", "unknown malformed", 1),
            ("query-error", "lost", "unknown SYSTEM_ERROR", 1),
        ],
    );
}

#[test]
fn alipay() {
    table(
        "alipay",
        "2026",
        &[
            ("ok", "succeeded", "succeeded", 1),
            ("drop-after", "lost", "succeeded", 1),
            ("drop-before", "lost", "not found", 0),
            ("error-after", "unknown http_502", "succeeded", 1),
            ("malformed", "unknown malformed", "succeeded", 1),
            ("truncated", "unknown malformed", "succeeded", 1),
            ("wrong-amount", "unknown wrong_amount", "succeeded", 1),
            ("wrong-refund", "unknown wrong_refund", "succeeded", 1),
            ("bad-signature", "unknown bad_signature", "succeeded", 1),
            ("frequency", "later isv.call-limited 0", "not found", 0),
            ("system-error", "unknown ACQ.SYSTEM_ERROR", "not found", 0),
            ("not-enough", "short ACQ.SELLER_BALANCE_NOT_ENOUGH", "not found", 0),
            ("refused", "refused ACQ.TRADE_HAS_FINISHED", "not found", 0),
            ("processing", "unknown fund_change_n", "not found", 0),
            ("contradicts", "unknown fund_change_n", "succeeded", 1),
            ("query-malformed", "lost", "unknown malformed", 1),
            ("query-error", "lost", "unknown ACQ.SYSTEM_ERROR", 1),
        ],
    );
}

#[test]
fn stripe() {
    table(
        "stripe",
        "ch_1",
        &[
            ("ok", "succeeded", "succeeded", 1),
            ("drop-after", "lost", "succeeded", 1),
            ("drop-before", "lost", "not found", 0),
            ("error-after", "unknown http_502", "succeeded", 1),
            ("malformed", "unknown malformed", "succeeded", 1),
            ("wrong-amount", "unknown wrong_amount", "succeeded", 1),
            ("wrong-refund", "unknown wrong_refund", "succeeded", 1),
            ("frequency", "later rate_limit 7000", "not found", 0),
            ("system-error", "unknown http_500", "not found", 0),
            ("not-enough", "short balance_insufficient", "not found", 0),
            ("refused", "refused charge_already_refunded", "not found", 0),
            ("processing", "processing", "processing", 0),
            ("contradicts", "refused failed", "succeeded", 1),
            ("twice", "lost", "succeeded", 1),
            ("query-malformed", "lost", "unknown malformed", 1),
            ("query-error", "lost", "unknown api_error", 1),
        ],
    );
}

/// The same key again is the same refund, or says that it is not; more than was paid is refused.
#[test]
fn repeats_and_limits() {
    for (name, payment, again, other, too_much) in [
        ("wechat", "4200.ok.p5000", "succeeded", "refused INVALID_REQUEST", "refused INVALID_REQUEST"),
        (
            "alipay",
            "2026.ok.p5000",
            "unknown fund_change_n",
            "unknown key_mismatch",
            "refused ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        ),
        ("stripe", "ch_1.ok.p5000", "succeeded", "unknown key_mismatch", "refused amount_too_large"),
    ] {
        let mut gateways = Gateways::new(keys());
        let first = instruction(payment);
        assert_eq!(asked(name, &mut gateways, &first, NOW), "succeeded");
        assert_eq!(asked(name, &mut gateways, &first, NOW), again, "{name}");
        let changed = Instruction { amount_fen: 1235, ..first.clone() };
        assert_eq!(asked(name, &mut gateways, &changed, NOW), other, "{name}");
        let equal = Instruction { key: format!("{}-2", first.key), ..first.clone() };
        assert_eq!(asked(name, &mut gateways, &equal, NOW), "succeeded", "{name}: an equal partial refund is another");
        let over = Instruction { key: format!("{}-3", first.key), amount_fen: 5000, ..first };
        assert_eq!(asked(name, &mut gateways, &over, NOW), too_much, "{name}");
        assert_eq!(gateways.paid()[payment], [1234, 1234]);
    }
}

#[test]
fn the_platform_advances_at_wechat() {
    let mut gateways = Gateways::new(keys());
    let short = instruction("4200.not-enough.p5000");
    assert_eq!(asked("wechat", &mut gateways, &short, NOW), "short NOT_ENOUGH");
    assert_eq!(asked("wechat", &mut gateways, &Instruction { advance: true, ..short }, NOW), "succeeded");
}

#[test]
fn notifications() {
    for (name, payment) in [("wechat", "4200.ok.1"), ("alipay", "2026.ok.1"), ("stripe", "ch_1.ok.1")] {
        let mut gateways = Gateways::new(keys());
        let instruction = instruction(payment);
        assert_eq!(asked(name, &mut gateways, &instruction, NOW), "succeeded");
        let mut read = |how: &str| {
            let (fields, body) = gateways.notification(name, &instruction.key, how, NOW).unwrap();
            let mut headers = Headers::default();
            fields.iter().for_each(|(name, value)| headers.push(name, value));
            adapter(name).read_notification(&headers, &body, NOW)
        };
        let genuine = read("genuine").unwrap();
        assert_eq!(genuine.key, instruction.key);
        let expected = if name == "alipay" { "processing" } else { "succeeded" };
        assert_eq!(words(&genuine.report), expected, "{name}");
        assert!(genuine.amount_fen.is_none_or(|fen| fen == 1234));
        assert_eq!(read("bad-signature"), Err(NotificationError::BadSignature), "{name}");
        assert_eq!(read("other-event"), Err(NotificationError::Irrelevant), "{name}");
        assert!(matches!(read("malformed"), Err(NotificationError::Malformed)), "{name}");
        if name != "alipay" {
            assert_eq!(read("wrong-amount").unwrap().amount_fen, Some(1235));
            assert_eq!(read("stale"), Err(NotificationError::Stale), "{name}");
        }
    }
}

/// No error of a constructor shows what it was given.
#[test]
fn bad_credentials_are_not_shown() {
    let secret = "planted-secret-7391";
    for text in [
        secret.to_owned(),
        format!("{{\"mchid\":\"{secret}\"}}"),
        format!(
            "{{\"mchid\":\"1\",\"serial_no\":\"1\",\"private_key\":\"{secret}\",\"apiv3_key\":\"{secret}\",\"platform_keys\":{{}}}}"
        ),
        format!("{{\"app_id\":\"1\",\"private_key\":\"{secret}\",\"alipay_public_key\":\"{secret}\"}}"),
        format!("{{\"secret_key\":\"{secret} {secret}\"}}"),
    ] {
        let errors = [
            Wechat::new(&text, "https://x").err(),
            Alipay::new(&text, "https://x").err(),
            Stripe::new(&text, "https://x").err(),
        ];
        assert!(errors.iter().flatten().all(|error| !error.contains("7391")), "{errors:?}");
        assert!(errors.iter().flatten().count() >= 2);
    }
}
