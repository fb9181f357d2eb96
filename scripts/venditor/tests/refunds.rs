//! Keys of `instant-refund`, and requests to it as a caller makes them: the function itself answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/edge.rs"]
mod edge;
mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use instant_refund::auth::Callers;
use instant_refund::case::Case;
use instant_refund::decide::decide;
use instant_refund::decision::Outcome;
use instant_refund::policy::Rules;
use serde_json::Value;
use support::Desk;

const RECEIPT: &str = "keys new --use receipt --kid receipt-1 --owner-zh 甲 --owner-en A";
const AFTER_SALES: &str = "keys new --use caller --kid as-1 --caller after-sales --scopes refunds,events";
const OPERATOR: &str = "keys new --use caller --kid op-1 --caller operator --scopes operations --alg ed25519";

/// With all that `instant-refund` alone needs, and no label key.
fn desk() -> Desk {
    let desk = Desk::empty();
    desk.ok("keys new --use root --kid root-1");
    desk.ok(RECEIPT);
    desk.ok(AFTER_SALES);
    desk
}

fn exported(desk: &Desk) -> String {
    desk.ok("keys export-env --format workers --out vars");
    desk.text("vars")
}

#[test]
fn callers_are_exported_as_the_function_reads_them() {
    let desk = desk();
    desk.ok(OPERATOR);
    let vars = edge::variables(&exported(&desk));
    let names: Vec<&str> = vars.keys().map(String::as_str).collect();
    assert_eq!(names, ["REFUND_CALLERS", "REFUND_LOG_SECRET", "REFUND_RECEIPT_KEY", "REFUND_ROOT_KEY"]);
    Callers::parse(&vars["REFUND_CALLERS"]).unwrap();
    let entries: Value = serde_json::from_str(&vars["REFUND_CALLERS"]).unwrap();
    let secret = |file: &str| {
        let file: Value = serde_json::from_slice(&desk.read(&format!(".venditor/keys/{file}.key"))).unwrap();
        file["secret"].as_str().unwrap().to_owned()
    };
    assert_eq!(entries[0]["key"], secret("caller/as-1"));
    assert_eq!(entries[0]["scopes"], serde_json::json!(["refunds", "events"]));
    let seed = URL_SAFE_NO_PAD.decode(secret("caller/op-1")).unwrap();
    let public = ed25519_dalek::SigningKey::from_bytes(&seed.try_into().unwrap()).verifying_key();
    assert_eq!(entries[1]["key"], URL_SAFE_NO_PAD.encode(public.to_bytes()), "the public half alone");
    assert_eq!(vars["REFUND_RECEIPT_KEY"], format!("receipt-1:{}", secret("sign/receipt-1")));
    assert_eq!(vars["REFUND_LOG_SECRET"], secret("log"));

    // Both hosts get the same values, each time; each file's own way of quoting holds.
    desk.ok("keys export-env --format spin --out spin.toml");
    assert_eq!(edge::variables(&desk.text("spin.toml")), vars);
    assert!(desk.text("spin.toml").lines().all(|line| line.contains(" = '[{\"") || line.ends_with('"')));
    assert_eq!(edge::variables(&exported(&desk)), vars);
}

#[test]
fn each_function_can_be_given_its_own_values_alone() {
    let desk = Desk::with_keys();
    let export = |function: &str| {
        desk.ok(&format!("keys export-env --format workers --function {function} --out vars"));
        edge::variables(&desk.text("vars")).into_keys().collect::<Vec<_>>()
    };
    let refund = "keys export-env --format workers --function instant-refund --out vars";
    assert!(desk.fails(1, refund).contains("--use caller"));
    desk.ok(AFTER_SALES);
    assert!(desk.fails(1, refund).contains("--use receipt"));
    desk.ok(RECEIPT);
    assert!(export("instant-refund").iter().all(|name| name.starts_with("REFUND_")));
    assert!(export("trace-verify").iter().all(|name| name.starts_with("TRACE_")));
}

#[test]
fn callers_keys_are_never_replaced_and_can_be_revoked() {
    let desk = desk();
    assert!(desk.fails(1, AFTER_SALES).contains("--kid as-1: exists already"));
    assert!(desk.fails(1, "keys new --use caller --kid x --scopes events").contains("--caller"));
    assert!(desk.fails(1, "keys new --use caller --kid x --caller y").contains("--scopes"));
    assert!(desk.fails(1, "keys new --use caller --kid x --caller a/b --scopes events").contains("--caller a/b"));
    desk.fails(2, "keys new --use caller --kid x --caller y --scopes money");
    desk.ok(OPERATOR);
    assert!(desk.ok("keys list").contains("operator: operations"));
    desk.ok("keys revoke as-1 --caller --reason superseded");
    assert!(desk.fails(1, "keys revoke as-1 --caller --reason ceased").contains("revoked already"));
    assert!(desk.fails(1, "keys revoke nobody --caller --reason ceased").contains("callers.json"));
    let callers: Value = serde_json::from_str(&edge::variables(&exported(&desk))["REFUND_CALLERS"]).unwrap();
    assert_eq!((callers.as_array().unwrap().len(), &callers[0]["kid"]), (1, &"op-1".into()));
}

#[test]
fn the_newest_receipt_key_signs_and_covers_its_predecessors_time() {
    let desk = desk();
    desk.ok(&RECEIPT.replace("receipt-1", "receipt-2"));
    let key = |vars: &str| edge::variables(vars)["REFUND_RECEIPT_KEY"].split(':').next().unwrap().to_owned();
    assert_eq!(key(&exported(&desk)), "receipt-2");
    let keys = desk.json("keys list --json")["keyset"]["keys"].clone();
    assert_eq!(keys[0]["not_before"], keys[1]["not_before"]);
    desk.ok("keys export-env --format workers --receipt-key receipt-1 --out vars");
    assert_eq!(key(&desk.text("vars")), "receipt-1");
    let said = desk.fails(1, "keys export-env --format workers --receipt-key nobody --out vars");
    assert!(said.contains("--receipt-key nobody"), "{said}");
    desk.ok("keys revoke receipt-2 --reason compromised");
    assert_eq!(key(&exported(&desk)), "receipt-1");
}

/// The sample's case is refunded at once by the real rules, and still is when the sample is a month old.
#[test]
fn the_samples_case_is_approved() {
    let desk = Desk::empty();
    let summary = desk.json("sample --dir .venditor --json");
    assert_eq!(summary["case"], ".venditor/case.json");
    let bytes = desk.read(".venditor/case.json");
    let now = serde_json::from_slice::<Value>(&bytes).unwrap()["request"]["requested_at"].as_i64().unwrap();
    for later in [60_000, 30 * 86_400_000] {
        let case = Case::read(&bytes, now + later).unwrap();
        let decision = decide(&case, &Rules::bundled().at(case.order.paid_at), now + later);
        assert_eq!((decision.outcome, decision.total_fen), (Outcome::Approved, 13_400));
    }
}

#[test]
fn the_function_believes_what_is_signed() {
    let desk = Desk::empty();
    desk.ok("sample --dir .venditor --json");
    let url = edge::serve(&exported(&desk), "");
    let quote = format!("refund quote --case .venditor/case.json --url {url}");
    let answer = desk.json(&quote);
    assert_eq!((&answer["outcome"], &answer["total_fen"]), (&"approved".into(), &13_400.into()));
    assert_eq!(answer["message"], "Approved, paid now");
    assert_eq!(desk.json(&format!("{quote} --lang zh"))["message"], "同意，立即退款");
    assert_eq!(desk.json(&format!("refund sweep --url {url}/"))["due"], 0);

    // Refusals of the function, and of the command itself.
    let nobody = format!("rf_{}", "0".repeat(40));
    let said = desk.fails(1, &format!("refund show {nobody} --url {url}"));
    assert!(said.contains("HTTP 404") && said.contains("no refund of this id"), "{said}");
    let said = desk.fails(1, &format!("refund resume {nobody} --url {url}"));
    assert!(said.contains("HTTP 404"), "{said}");
    desk.write("event.json", r#"{"event_id": "e-1", "at": 1790000000000, "type": "claim_filed"}"#);
    assert!(desk.fails(1, &format!("refund event {nobody} --event event.json --url {url}")).contains("HTTP 404"));
    let request = format!("refund request --case .venditor/case.json --url {url} --idempotency-key");
    let said = desk.fails(1, &format!("{request} demo-1"));
    assert!(said.contains("HTTP 422") && said.contains("gateway-not-offered"), "{said}");
    assert!(desk.fails(1, &format!("{request} a,b")).contains("--idempotency-key a,b"));
    assert!(desk.fails(1, &format!("refund show rf_1 --url {url}")).contains("rf_1"));
    assert!(desk.fails(1, &format!("refund quote --case nowhere.json --url {url}")).contains("nowhere.json"));
    assert!(desk.fails(1, "refund sweep").contains(".venditor/dev.json"));
    for bad in ["http://192.0.2.1", "ftp://127.0.0.1", "https://a/b", "127.0.0.1"] {
        assert!(desk.fails(1, &format!("refund sweep --url {bad}")).contains("--url"), "{bad}");
    }
    // Without --url: where the development host says that it is.
    desk.write(".venditor/dev.json", &format!(r#"{{"host": "spin", "url": "{url}", "state": "x"}}"#));
    assert_eq!(desk.json("refund sweep")["failed"], 0);
}

#[test]
fn a_key_must_be_chosen_and_may_do_what_it_is_for() {
    let desk = desk();
    let url = edge::serve(&exported(&desk), "");
    let sweep = format!("refund sweep --url {url}");
    assert!(desk.fails(1, &sweep).contains("operations"), "the only key has not the scope");
    desk.ok(OPERATOR);
    assert!(desk.fails(1, &sweep).contains("as-1, op-1"));
    assert!(desk.fails(1, &format!("{sweep} --caller-kid nobody")).contains("--caller-kid nobody"));
    let said = desk.fails(1, &format!("{sweep} --caller-kid op-1"));
    assert!(said.contains("HTTP 401"), "the function does not know it yet: {said}");
    let url = edge::serve(&exported(&desk), "");
    assert_eq!(desk.json(&format!("refund sweep --url {url} --caller-kid op-1"))["failed"], 0);
    desk.ok("keys revoke as-1 --caller --reason ceased");
    desk.ok(&format!("refund sweep --url {url}"));
}

/// Two deployments that know the same callers: a request for one is nothing to the other.
#[test]
fn a_request_says_where_it_is_for() {
    let desk = desk();
    desk.ok(OPERATOR);
    let sweep = |url: &str| format!("refund sweep --caller-kid op-1 --url {url}");
    desk.ok(&sweep(&edge::serve(&exported(&desk), "")));
    let elsewhere = edge::serve(&(exported(&desk) + "REFUND_AUTHORITIES=refunds.example\n"), "");
    let said = desk.fails(1, &sweep(&elsewhere));
    assert!(said.contains("HTTP 401") && said.contains("authority-not-ours"), "{said}");
}

/// What `scripts/dev` prints, in order.
#[test]
fn from_the_sample_to_the_receipt_and_the_ledger() {
    let desk = Desk::empty();
    desk.ok("sample --dir .venditor --json");
    let url = edge::serve(&(exported(&desk) + &edge::gateways()), "");
    let request = format!("refund request --case .venditor/case.json --url {url} --idempotency-key");
    let answer = desk.ok(&format!("{request} demo-1"));
    desk.write("refund.json", &answer);
    let refund: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&refund["state"], &refund["total_fen"]), (&"posted".into(), &13_400.into()), "{answer}");
    assert_eq!(desk.json(&format!("{request} demo-1")), refund, "the same again is the same refund");
    let id = refund["refund_id"].as_str().unwrap();
    assert_eq!(desk.json(&format!("refund show {id} --url {url}")), refund);

    let said = desk.ok("verify --receipt refund.json");
    assert!(said.contains("refunded | CNY 134.00"), "{said}");

    let other = desk.json(&format!("{request} demo-2"));
    assert_eq!((&other["state"], &other["payment"]["trouble"]["code"]), (&"void".into(), &"over_refund".into()));
    desk.write("other.json", &other.to_string());
    assert!(desk.ok("verify --receipt other.json").contains("nothing was paid"));

    desk.write(
        "event.json",
        &format!(r#"{{"event_id": "e-1", "at": {}, "type": "merchant_appealed"}}"#, refund["created_at"]),
    );
    let appealed = desk.json(&format!("refund event {id} --event event.json --url {url}"));
    assert!(appealed["follow_up"]["appealed_at"].is_i64(), "{appealed}");
    desk.ok(&format!("refund resume {id} --url {url}"));

    let ledger = desk.ok(&format!("ledger --url {url}"));
    assert_eq!(ledger.lines().count(), 5, "a header, two legs of two lines: {ledger}");
    let balance = desk.json(&format!("ledger --url {url} --json"));
    assert_eq!((&balance["debit_fen"], &balance["balance_fen"]), (&13_400.into(), &0.into()));
}
