//! The Stripe adapter before Stripe servers of other people. `tests/gateways/foreign/run -- cargo test -p gateways --test
//! foreign` starts them; without `STRIPE_MOCK` and `LOCALSTRIPE` nothing is tested here.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use instant_refund::gateway::stripe::Stripe;
use instant_refund::gateway::{Gateway as _, Instruction, Moment, Report};
use serde_json::Value;
use shared::http::Headers;
use shared::platform::{OutboundRequest, OutboundResponse};

const MOMENT: Moment<'static> = Moment { now_ms: 0, nonce: "00" };

struct Foreign {
    base: String,
    adapter: Stripe,
}

impl Foreign {
    fn at(variable: &str) -> Option<Foreign> {
        let base = std::env::var(variable).ok()?;
        let adapter = Stripe::new(r#"{"secret_key":"sk_test_1","webhook_secrets":["x"]}"#, &base).unwrap();
        Some(Foreign { base, adapter })
    }

    fn post(&self, path: &str, body: &str) -> Value {
        let request = OutboundRequest {
            method: http::Method::POST,
            url: format!("{}{path}", self.base),
            headers: vec![
                ("authorization", "Bearer sk_test_1".to_owned()),
                ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ],
            body: body.as_bytes().to_vec(),
            timeout_ms: 0,
            max_bytes: 0,
        };
        serde_json::from_slice(&self.send(&request).body).unwrap()
    }

    fn send(&self, request: &OutboundRequest) -> OutboundResponse {
        let rest = request.url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        // 1.0: no chunks come back.
        let mut head = format!("{} /{path} HTTP/1.0\r\nhost: {host}\r\n", request.method);
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", request.body.len()));
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&request.body).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
        OutboundResponse { status, headers: Headers::default(), body: body.as_bytes().to_vec() }
    }

    fn refund(&self, instruction: &Instruction) -> Report {
        self.adapter.read_refund(&self.send(&self.adapter.refund(instruction, MOMENT)), instruction, 0)
    }

    fn query(&self, instruction: &Instruction) -> Report {
        self.adapter.read_query(&self.send(&self.adapter.query(instruction, MOMENT)), instruction, 0)
    }
}

fn instruction(transaction_id: &Value, key: &str, amount_fen: i64) -> Instruction {
    Instruction {
        transaction_id: transaction_id.as_str().unwrap().to_owned(),
        key: key.to_owned(),
        amount_fen,
        paid_fen: 10_000,
        advance: false,
        notify_url: String::new(),
    }
}

#[test]
fn stripe_stateful_mock() {
    let Some(foreign) = Foreign::at("STRIPE_MOCK") else { return };
    let charge = foreign.post("/v1/charges", "amount=10000&currency=cny&source=tok_visa");
    let first = instruction(&charge["id"], "k1", 6000);
    assert_eq!(foreign.query(&first), Report::NotFound);
    let Report::Succeeded(settled) = foreign.refund(&first) else { panic!("refunded") };
    assert_eq!(foreign.refund(&first), Report::Succeeded(settled.clone()), "a replay");
    assert_eq!(foreign.query(&first), Report::Succeeded(settled));
    let other = instruction(&charge["id"], "k1", 6001);
    assert_eq!(foreign.refund(&other), Report::Unknown { code: "key_mismatch".to_owned() });
    let refused = Report::Refused { code: "invalid_request_error".to_owned() };
    assert_eq!(foreign.refund(&instruction(&charge["id"], "k2", 4001)), refused, "more than is left");
    assert!(matches!(foreign.refund(&instruction(&charge["id"], "k3", 4000)), Report::Succeeded(_)));
    let empty = Report::Refused { code: "charge_already_refunded".to_owned() };
    assert_eq!(foreign.refund(&instruction(&charge["id"], "k4", 1)), empty);
    let missing = instruction(&Value::from("ch_nothing"), "k5", 1);
    assert_eq!(foreign.refund(&missing), Report::Refused { code: "resource_missing".to_owned() });
}

/// It forgets keys at once and refunds more than was paid: only a query before each repeat keeps the money.
#[test]
fn localstripe() {
    let Some(foreign) = Foreign::at("LOCALSTRIPE") else { return };
    let card = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2040&card[cvc]=123";
    let method = foreign.post("/v1/payment_methods", card);
    let pay = format!("amount=10000&currency=cny&confirm=true&payment_method={}", method["id"].as_str().unwrap());
    let intent = foreign.post("/v1/payment_intents", &pay);
    for paid in [&intent["id"], &intent["latest_charge"]["id"]] {
        let first = instruction(paid, if paid == &intent["id"] { "k1" } else { "k2" }, 100);
        let intent = paid == &intent["id"];
        assert_eq!(foreign.query(&first), Report::NotFound);
        let Report::Succeeded(once) = foreign.refund(&first) else { panic!("refunded") };
        let Report::Succeeded(again) = foreign.refund(&first) else { panic!("refunded again") };
        assert_ne!(once.refund_no, again.refund_no, "paid twice on one key");
        assert!(matches!(foreign.query(&first), Report::Succeeded(_)), "{intent}");
    }
}
