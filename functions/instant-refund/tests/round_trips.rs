//! How often a request waits for storage: twice before the gateway is called, once after; once more at an instance's first.

#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "tests may fail by panicking")]

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use http::Method;
use instant_refund::NAME;
use instant_refund::case::GatewayName;
use instant_refund::config::Config;
use instant_refund::gateway::{
    Gateway, Instruction, Moment, Notification, NotificationError, Report, Semantics, Settled,
};
use instant_refund::handler::InstantRefund;
use instant_refund::policy::SPEC;
use instant_refund::store;
use shared::function;
use shared::http::{Head, Headers, Target};
use shared::http_signature::{self, SignatureKey};
use shared::mac::{MacKey, Secret};
use shared::platform::native::{Native, block_on};
use shared::platform::*;
use shared::policy::{Packs, Policies};

const NOW: i64 = 1_790_000_000_000;
const CASE: &str = include_str!("../../../tests/vectors/instant-refund/cases/unshipped.json");

/// A host whose storage answers at the next poll, as if over a network, and which notes what it was asked in turn.
struct Far {
    native: Native,
    rounds: RefCell<Vec<&'static str>>,
    /// Goes on while the gateway answers, as it does on every host.
    now: Cell<i64>,
}

impl Sql for Far {
    async fn query(&self, shard: &str, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, StorageError> {
        let mut waited = false;
        std::future::poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending })
            .await;
        self.native.query(shard, statement, params).await
    }
}

impl Outbound for Far {
    async fn send(&self, _: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        self.rounds.borrow_mut().push("gateway");
        self.now.set(self.now.get() + 150);
        Ok(OutboundResponse { status: 200, headers: Headers::default(), body: Vec::new() })
    }
}

impl Clock for Far {
    fn now_ms(&self) -> i64 {
        self.now.get()
    }
}

impl Entropy for Far {
    fn fill(&self, bytes: &mut [u8]) {
        self.native.fill(bytes);
    }
}

impl Peer for Far {
    fn headers(&self) -> Headers {
        self.native.headers()
    }

    fn client_addr<'h>(&self, headers: &'h Headers) -> Option<&'h str> {
        self.native.client_addr(headers)
    }

    fn place(&self) -> Option<Place> {
        None
    }
}

impl Kv for Far {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.native.get(key).await
    }
}

impl Forward for Far {
    type Body = Vec<u8>;
    type Stream = Vec<u8>;

    async fn forward(&self, _: ForwardRequest, _: Onward<Vec<u8>>) -> Result<Forwarded<Vec<u8>>, OutboundError> {
        Err(OutboundError::Refused)
    }
}

impl Limiter for Far {
    async fn limit(&self, _: &str, _: &str) -> Allowance {
        Allowance::Unknown
    }
}

impl Wake for Far {
    async fn wake_at(&self, _: &str, _: i64) -> Result<Waking, StorageError> {
        Ok(Waking::Unsupported)
    }
}

impl Events for Far {
    fn emit(&self, line: &str) {
        self.native.emit(line);
    }
}

/// A gateway that pays whatever it is asked for; but not at first, while the merchant's balance is short.
struct Pays {
    short: AtomicBool,
}

static SEMANTICS: Semantics = Semantics {
    key_lifetime_ms: None,
    new_key_after_refusal: false,
    absence_is_proof: true,
    settle_ms: 0,
    min_interval_ms: 0,
    max_refunds: 50,
    window_ms: i64::MAX,
};

impl Gateway for Pays {
    fn semantics(&self) -> &'static Semantics {
        &SEMANTICS
    }

    fn refund(&self, _: &Instruction, _: Moment<'_>) -> OutboundRequest {
        let url = "https://pays.example/".to_owned();
        OutboundRequest { method: Method::POST, url, headers: vec![], body: vec![], timeout_ms: 1, max_bytes: 1 }
    }

    fn read_refund(&self, _: &OutboundResponse, _: &Instruction, _: i64) -> Report {
        if self.short.swap(false, Ordering::Relaxed) {
            return Report::InsufficientFunds { code: "NOT_ENOUGH".to_owned() };
        }
        Report::Succeeded(Settled { refund_no: "1".to_owned(), at: Some(NOW) })
    }

    fn query(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest {
        self.refund(instruction, moment)
    }

    fn read_query(&self, _: &OutboundResponse, _: &Instruction, _: i64) -> Report {
        Report::NotFound
    }

    fn read_notification(&self, _: &Headers, _: &[u8], _: i64) -> Result<Notification, NotificationError> {
        Err(NotificationError::Malformed)
    }

    fn acknowledgement(&self, _: bool) -> (&'static str, &'static str) {
        ("text/plain", "")
    }
}

fn variables() -> [(&'static str, String); 4] {
    // 32 bytes of 0, and of 1.
    let (zero, one) = ("A".repeat(43), "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE".to_owned());
    let callers = format!(r#"[{{"caller":"c","kid":"k","alg":"hmac-sha256","key":"{zero}","scopes":["refunds"]}}]"#);
    [
        ("REFUND_CALLERS", callers),
        ("REFUND_RECEIPT_KEY", format!("r:{one}")),
        ("REFUND_LOG_SECRET", zero),
        ("REFUND_NOTIFY_ORIGIN", "https://n.example".to_owned()),
    ]
}

/// What a host is asked in turn while a refund is posted at once, by an instance that knows the bundled rules to be kept, or
/// not yet.
fn rounds(short: bool, knows: bool) -> Vec<&'static str> {
    let mut native = Native::new(store::SCHEMA).unwrap();
    native.variables = variables().map(|(name, value)| (name.to_owned(), value)).into();
    let mut config = block_on(Config::read(&native)).unwrap();
    config.gateways.push((GatewayName::Wechat, Box::new(Pays { short: short.into() })));

    let head = Head { method: Method::POST, target: Target::new("n.example", "/v1/refunds"), ..Head::default() };
    let mut headers = Headers::default();
    headers.push("content-type", "application/json");
    headers.push("date", "Mon, 21 Sep 2026 14:13:20 GMT");
    headers.push("content-digest", &http_signature::content_digest(CASE.as_bytes()));
    headers.push("idempotency-key", "k-1");
    let key = MacKey::new(&Secret::new([0; 32]));
    let components = ["@method", "@path", "date", "content-digest", "idempotency-key"];
    let message = head.message(&headers);
    let signed = http_signature::sign(message, &components, "k", &SignatureKey::HmacSha256(&key), NOW).unwrap();
    headers.push("signature-input", &signed.0);
    headers.push("signature", &signed.1);
    native.headers = headers;

    let host = Far { native, rounds: RefCell::default(), now: Cell::new(NOW) };
    // Some instance has kept them before.
    let keep = async |packs: &Packs| {
        let policies = Policies::begin(&host, NAME, Some(&SPEC), None, packs).await.unwrap();
        policies.keep().await.unwrap();
    };
    block_on(keep(&Packs::new()));
    let packs = Packs::new();
    if knows {
        block_on(keep(&packs));
    }
    host.rounds.take();
    let mut answer =
        pin!(function::handle::<InstantRefund, _>(&host, Ok(&config), &packs, &head, CASE.as_bytes().to_vec()));
    let response = loop {
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => break answer.answer.ours().unwrap(),
            Poll::Pending => host.rounds.borrow_mut().push("storage"),
        }
    };
    assert_eq!(response.status.as_u16(), 200, "{}", String::from_utf8_lossy(&response.body));
    host.rounds.take()
}

#[test]
fn two_before_the_gateway_and_one_after() {
    assert_eq!(rounds(false, true), ["storage", "storage", "gateway", "storage"]);
}

/// The first refund of an instance asks whether the rules that it promises by are kept.
#[test]
fn one_more_at_an_instances_first() {
    assert_eq!(rounds(false, false), ["storage", "storage", "storage", "gateway", "storage"]);
}

/// The fund's advance is due at the instant of the report, which is later than the instant of the send.
#[test]
fn what_a_report_makes_due_is_done_at_once() {
    let sends = rounds(true, true).into_iter().filter(|round| *round == "gateway").count();
    assert_eq!(sends, 2);
}
