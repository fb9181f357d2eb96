//! Which rules a refund goes by, through the whole shell: those of the pack that decided it, whatever is in force by now.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests may fail by panicking"
)]

use http::Method;
use instant_refund::NAME;
use instant_refund::config::Config;
use instant_refund::handler::InstantRefund;
use instant_refund::policy::{BUNDLED, Rules, SPEC};
use instant_refund::store;
use serde_json::Value;
use shared::function;
use shared::http::{Head, Headers, Target};
use shared::http_signature::{self, SignatureKey};
use shared::mac::{MacKey, Secret};
use shared::platform::native::{self, Native, block_on};
use shared::platform::{Sql, Statement};
use shared::policy::{Packs, Policies};

const NOW: i64 = 1_790_000_000_000;
/// Waits for the buyer's parcel.
const CASE: &str = include_str!("../../../tests/vectors/instant-refund/cases/return-to-come.json");

fn host() -> Native {
    let mut host = Native::new(store::SCHEMA).unwrap();
    let (zero, one) = ("A".repeat(43), "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE".to_owned());
    let scopes = r#"["refunds","events","operations"]"#;
    let callers = format!(r#"[{{"caller":"c","kid":"k","alg":"hmac-sha256","key":"{zero}","scopes":{scopes}}}]"#);
    let stripe = r#"{"secret_key":"sk_test_1","webhook_secrets":["whsec_1"]}"#.to_owned();
    host.variables = [
        ("REFUND_CALLERS", callers),
        ("REFUND_RECEIPT_KEY", format!("r:{one}")),
        ("REFUND_LOG_SECRET", zero),
        ("REFUND_NOTIFY_ORIGIN", "https://n.example".to_owned()),
        ("REFUND_STRIPE", stripe),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    host.now_ms.set(NOW);
    host
}

/// One signed request: status and body.
fn ask(host: &mut Native, method: Method, path: &str, key: Option<&str>, body: &str) -> (u16, Value) {
    let head;
    (head, host.headers) = signed(host, method, path, key, body);
    let answer = native::handle::<InstantRefund>(host, &head, body.as_bytes().to_vec()).ours().unwrap();
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap())
}

fn signed(host: &Native, method: Method, path: &str, key: Option<&str>, body: &str) -> (Head, Headers) {
    let head = Head { method, target: Target::new("n.example", path), ..Head::default() };
    let mut headers = Headers::default();
    let date = std::time::UNIX_EPOCH + std::time::Duration::from_millis(host.now_ms.get().unsigned_abs());
    headers.push("date", &httpdate::fmt_http_date(date));
    let mut components = vec!["@method", "@path", "date"];
    if !body.is_empty() {
        headers.push("content-type", "application/json");
        headers.push("content-digest", &http_signature::content_digest(body.as_bytes()));
        components.push("content-digest");
    }
    if let Some(key) = key {
        headers.push("idempotency-key", key);
        components.push("idempotency-key");
    }
    let secret = MacKey::new(&Secret::new([0; 32]));
    let message = head.message(&headers);
    let at = host.now_ms.get();
    let (input, signature) =
        http_signature::sign(message, &components, "k", &SignatureKey::HmacSha256(&secret), at).unwrap();
    headers.push("signature-input", &input);
    headers.push("signature", &signature);
    (head, headers)
}

/// A refund that waits; its id.
fn waiting(host: &mut Native, key: &str) -> String {
    let case = CASE.replace("\"wechat\"", "\"stripe\"").replace("420000-1", &format!("ch_{key}"));
    let case = case.replace("O-1", &format!("O-{key}"));
    let (status, answer) = ask(host, Method::POST, "/v1/refunds", Some(key), &case);
    assert_eq!((status, &answer["state"]), (202, &"waiting".into()), "{answer}");
    assert_eq!(answer["policy"], Rules::bundled().digest);
    answer["refund_id"].as_str().unwrap().to_owned()
}

/// Has a refund name another policy, as one that was decided long ago does.
fn decided_by(host: &Native, id: &str, from: &str, policy: &str) {
    let sql = "UPDATE refund SET document = replace(document, ?2, ?3) WHERE id = ?1 RETURNING shard";
    let params = [id.into(), from.into(), policy.into()];
    assert_eq!(block_on(host.query("", &Statement { sql }, &params)).unwrap().len(), 1);
}

const UNKNOWN: &str = "00000000000000000000000000000000";

#[test]
fn a_refund_of_a_build_before_packs_goes_on() {
    let mut host = host();
    let id = waiting(&mut host, "a");
    for former in ["07e4c5207988584beb990f099b1af56b", "29f0cd2ad0872493f3ba8b1a525bcede"] {
        decided_by(&host, &id, BUNDLED.digest, former);
        let (status, answer) = ask(&mut host, Method::GET, &format!("/v1/refunds/{id}"), None, "");
        assert_eq!((status, &answer["policy"]), (202, &former.into()));
        host = self::host();
        waiting(&mut host, "a");
    }
}

/// Between the answer and what follows it an instance may die, and the next build may have other rules.
#[test]
fn the_rules_of_a_promise_are_kept_before_it_is_made() {
    let mut host = host();
    let (status, _) = ask(&mut host, Method::POST, "/v1/refunds/quote", None, CASE);
    assert_eq!(status, 200);
    let kept = Statement { sql: "SELECT digest FROM policy_pack" };
    let digests = |host: &Native| block_on(host.query("", &kept, &[])).unwrap().len();
    // What follows an answer has kept them; here it has not been run yet.
    let mut fresh = self::host();
    let case = CASE.replace("\"wechat\"", "\"stripe\"");
    let head;
    (head, fresh.headers) = signed(&fresh, Method::POST, "/v1/refunds", Some("k"), &case);
    let config = block_on(Config::read(&fresh)).unwrap();
    let packs = Packs::new();
    let handled = function::handle::<InstantRefund, _>(&fresh, Ok(&config), &packs, &head, case.into_bytes());
    let answer = block_on(handled).answer.ours().unwrap();
    assert_eq!((answer.status.as_u16(), digests(&fresh), digests(&host)), (202, 1, 1));
    fresh.sql_down.set(true);
    let policies = Policies::begin(&fresh, NAME, Some(&SPEC), None, &packs);
    assert!(block_on(policies).is_ok_and(|policies| block_on(policies.keep()).is_ok()), "asked once an instance");
    let other = Packs::new();
    let policies = Policies::begin(&fresh, NAME, Some(&SPEC), None, &other);
    assert!(block_on(policies).is_ok_and(|policies| block_on(policies.keep()).is_err()));
}

#[test]
fn nothing_is_decided_or_said_by_another_pack_than_its_own() {
    let mut host = host();
    let (lost, kept) = (waiting(&mut host, "lost"), waiting(&mut host, "kept"));
    decided_by(&host, &lost, BUNDLED.digest, UNKNOWN);
    let event = format!(
        r#"{{"event_id":"e","type":"parcel_added","at":{NOW},"parcel":{{"carrier":"sf","waybill":"SF1000000009","method":"self_mail",
           "from_region":"330000","to_region":"650000","weight_g":800}}}}"#
    );
    for (method, path, body) in [(Method::GET, "", ""), (Method::POST, "/events", event.as_str())] {
        let (status, answer) = ask(&mut host, method.clone(), &format!("/v1/refunds/{lost}{path}"), None, body);
        assert_eq!((status, &answer["title"]), (503, &"存储暂时不可用".into()), "{answer}");
        let (status, answer) = ask(&mut host, method, &format!("/v1/refunds/{kept}{path}"), None, body);
        assert_eq!((status, &answer["policy"]), (202, &BUNDLED.digest.into()), "{answer}");
    }
    assert!(host.events.borrow().iter().any(|line| line.contains(UNKNOWN)), "operators are told which pack is missing");
}

#[test]
fn what_cannot_be_looked_after_does_not_keep_others_from_it() {
    let mut host = host();
    let ids: Vec<String> = (0..3).map(|n| waiting(&mut host, &format!("k{n}"))).collect();
    decided_by(&host, &ids[1], BUNDLED.digest, UNKNOWN);
    // Their waiting is over.
    host.now_ms.set(NOW + 400 * 86_400_000);
    let (status, swept) = ask(&mut host, Method::POST, "/v1/refunds/sweep", None, "");
    assert_eq!((status, &swept["due"], &swept["done"], &swept["failed"]), (200, &3.into(), &2.into(), &1.into()));
    let (_, swept) = ask(&mut host, Method::POST, "/v1/refunds/sweep", None, "");
    assert_eq!(swept["due"], 0, "it waits, and does not come first each time");
    host.now_ms.set(host.now_ms.get() + 300_000);
    decided_by(&host, &ids[1], UNKNOWN, BUNDLED.digest);
    let (_, swept) = ask(&mut host, Method::POST, "/v1/refunds/sweep", None, "");
    assert_eq!((&swept["due"], &swept["failed"]), (&1.into(), &0.into()), "its pack is there again");
}
