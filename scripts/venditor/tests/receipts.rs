//! Receipts of refunds, checked offline.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use instant_refund::case::Case;
use instant_refund::config::ReceiptKey;
use instant_refund::decide::decide;
use instant_refund::policy::Rules;
use instant_refund::receipt;
use instant_refund::refund::{Refund, State, refund_id};
use serde_json::{Value, json};
use shared::dsse;
use support::Desk;

const KEY: &str = "dev-receipt-1";

struct Made {
    desk: Desk,
    refund: Refund,
}

/// The sample's case, decided by the real rules and paid.
fn made() -> Made {
    let desk = Desk::empty();
    desk.ok("sample --dir .venditor --json");
    let bytes = desk.read(".venditor/case.json");
    // After the key was made, as everything that is decided under it.
    let now = desk.json("keys list --json")["keyset"]["issued_at"].as_i64().unwrap();
    let case = Case::read(&bytes, now).unwrap();
    let decision = decide(&case, &Rules::bundled().at(case.order.paid_at), now);
    let mut refund = Refund::new(refund_id("after-sales", "k-1"), case, decision, now);
    refund.state = State::Posted;
    let issuing = refund.issuing.as_mut().unwrap();
    issuing.posted_at = Some(now + 1000);
    issuing.refund_no = Some("50300".to_owned());
    Made { desk, refund }
}

impl Made {
    fn key(&self, kid: &str) -> SigningKey {
        let file: Value = serde_json::from_slice(&self.desk.read(&format!(".venditor/keys/sign/{kid}.key"))).unwrap();
        let seed = URL_SAFE_NO_PAD.decode(file["secret"].as_str().unwrap()).unwrap();
        SigningKey::from_bytes(&seed.try_into().unwrap())
    }

    /// As the function signs it, into `receipt.json`.
    fn signed(&self, kid: &str, key: &SigningKey) -> Value {
        let key = ReceiptKey { kid: kid.to_owned(), key: key.clone() };
        let envelope = receipt::sign(&self.refund, Rules::bundled().words, &key).unwrap();
        self.desk.write("receipt.json", envelope.get());
        serde_json::from_str(envelope.get()).unwrap()
    }

    /// Signed rightly, but saying something else.
    fn saying(&self, edit: impl Fn(&mut Value)) {
        let envelope = self.signed(KEY, &self.key(KEY));
        let payload = STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
        let mut payload: Value = serde_json::from_slice(&payload).unwrap();
        edit(&mut payload);
        let envelope = dsse::sign(dsse::RECEIPT, &payload, KEY, &self.key(KEY)).unwrap();
        self.desk.write("receipt.json", &String::from_utf8(envelope).unwrap());
    }
}

const VERIFY: &str = "verify --receipt receipt.json";

#[test]
fn a_receipt_that_holds() {
    let made = made();
    made.signed(KEY, &made.key(KEY));
    let said = made.desk.ok(VERIFY);
    for part in [&made.refund.id, "refunded | CNY 134.00", "borne by the merchant", "instant_unshipped", "50300"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(said.contains("validly signed by Sample Marketplace"), "{said}");
    let said = made.desk.ok(&format!("{VERIFY} --lang zh"));
    assert!(said.contains("已退款") && said.contains("由商家承担") && said.contains("样例平台"), "{said}");
    let value = made.desk.json(&format!("{VERIFY} --json"));
    assert_eq!((&value["valid"], &value["receipt"]["total_fen"]), (&true.into(), &13_400.into()));
    // Roots and key set from elsewhere, as an auditor has them.
    made.desk.ok("keys export-env --format workers --out vars");
    made.desk.ok(&format!("{VERIFY} --keys nowhere --env vars --keyset .venditor/keys/keyset.dsse.json"));
}

#[test]
fn what_was_not_paid_says_so() {
    let mut made = made();
    made.refund.state = State::Void;
    made.signed(KEY, &made.key(KEY));
    let said = made.desk.ok(VERIFY);
    assert!(
        said.contains("void: nothing was paid | CNY 0.00") && said.contains("no money has moved [not_paid]"),
        "{said}"
    );
}

#[test]
fn tampering_is_found() {
    let made = made();
    let mut envelope = made.signed(KEY, &made.key(KEY));
    let payload = STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    let payload = String::from_utf8(payload).unwrap().replace("13400", "93400");
    envelope["payload"] = STANDARD.encode(payload).into();
    made.desk.write("receipt.json", &envelope.to_string());
    let said = made.desk.fails(1, VERIFY);
    assert!(said.contains("receipt.json: the receipt does not hold: the signature does not verify"), "{said}");
    assert!(made.desk.fails(1, &format!("{VERIFY} --json")).contains("\"valid\": false"));
}

#[test]
fn keys_that_do_not_vouch() {
    let made = made();
    let stranger = SigningKey::from_bytes(&[7; 32]);
    made.signed("nobody", &stranger);
    let unknown = made.desk.fails(1, VERIFY);
    made.signed(KEY, &stranger);
    assert!(made.desk.fails(1, VERIFY).contains("does not verify"));
    made.signed("dev-record-1", &made.key("dev-record-1"));
    let wrong_use = made.desk.fails(1, VERIFY);
    made.saying(|payload| payload["issued_at"] = json!(1));
    let early = made.desk.fails(1, VERIFY);
    made.saying(|payload| payload["issued_at"] = json!(9_000_000_000_000_i64));
    let future = made.desk.fails(1, VERIFY);
    made.signed(KEY, &made.key(KEY));
    made.desk.ok(&format!("keys revoke {KEY} --reason compromised"));
    let revoked = made.desk.fails(1, VERIFY);
    let all = [&unknown, &wrong_use, &early, &future, &revoked];
    assert!(all.iter().all(|said| said.contains("the receipt does not hold: ")), "{all:?}");
    let different: std::collections::BTreeSet<_> = all.into_iter().collect();
    assert_eq!(different.len(), 5, "each has its own words: {different:?}");
}

#[test]
fn a_receipt_must_add_up() {
    let made = made();
    made.saying(|payload| payload["total_fen"] = json!(13_401));
    let said = made.desk.fails(1, VERIFY);
    assert!(said.contains("/total_fen: 13401") && said.contains("13400"), "{said}");
    made.saying(|payload| payload["legs"][0]["amount_fen"] = json!(-1));
    assert!(made.desk.fails(1, VERIFY).contains("/legs"));
    made.saying(|payload| payload["state"] = json!("declined"));
    assert!(made.desk.fails(1, VERIFY).contains("/total_fen"));
    made.saying(|payload| payload["state"] = json!("issuing"));
    assert!(made.desk.fails(1, VERIFY).contains("/state"));
    made.saying(|payload| drop(payload.as_object_mut().unwrap().remove("legs")));
    assert!(made.desk.fails(1, VERIFY).contains("legs"));
}

#[test]
fn a_whole_answer_must_say_what_its_receipt_says() {
    let made = made();
    let envelope = made.signed(KEY, &made.key(KEY));
    let payload = STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    let mut answer: Value = serde_json::from_slice(&payload).unwrap();
    answer["receipt"] = envelope;
    made.desk.write("answer.json", &answer.to_string());
    made.desk.ok("verify --receipt answer.json");
    answer["legs"][0]["amount_fen"] = json!(1);
    answer["state"] = json!("void");
    made.desk.write("answer.json", &answer.to_string());
    let said = made.desk.fails(1, "verify --receipt answer.json");
    assert!(said.contains("/state: the answer has \"void\", the receipt \"posted\""), "{said}");
    assert!(said.contains("/legs/0/amount_fen"), "{said}");
}

#[test]
fn what_is_no_receipt() {
    let made = made();
    made.desk.write("receipt.json", r#"{"refund_id": "rf_1", "state": "waiting"}"#);
    assert!(made.desk.fails(2, VERIFY).contains("receipt.json: neither a signed receipt"));
    made.desk.write("receipt.json", "{");
    assert!(made.desk.fails(2, VERIFY).contains("receipt.json"));
    made.desk.fails(2, "verify --receipt nowhere.json");
    made.desk.fails(2, "verify --receipt receipt.json HTTP://T.EXAMPLE/01/1/21/1");
    let said = made.desk.fails(1, "verify --receipt .venditor/sample/record-DEV-TEA-1.dsse.json");
    assert!(said.contains("does not hold"), "{said}");
}
