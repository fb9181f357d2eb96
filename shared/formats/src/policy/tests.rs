#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::*;
use crate::jcs;
use crate::keyset::{RevocationReason, Roots};

const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

fn signer(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn x(seed: u8) -> String {
    URL_SAFE_NO_PAD.encode(signer(seed).verifying_key().to_bytes())
}

/// Keys `p-2`, `p-3` and `p-4` sign policies; `p-2b` is `p-2` under another name; `r-5` signs records.
fn keyset(edit: impl Fn(&mut Value)) -> KeySet {
    let key = |kid: &str, seed, use_: &str| {
        json!({
            "kid": kid, "alg": "Ed25519", "x": x(seed), "use": [use_], "owner": {"zh": "规则", "en": "Rules"},
            "not_before": NOW - 100 * DAY, "not_after": NOW + 100 * DAY, "revoked": null
        })
    };
    let mut document = json!({
        "version": 1, "issued_at": NOW - DAY, "mac_keys": [],
        "keys": [key("p-2", 2, "policy"), key("p-3", 3, "policy"), key("p-4", 4, "policy"), key("p-2b", 2, "policy"),
                 key("r-5", 5, "record")]
    });
    edit(&mut document);
    let roots = Roots::parse(&format!("root:{}", x(1))).unwrap();
    KeySet::verify_and_parse(&dsse::sign(dsse::KEYSET, &document, "root", &signer(1)).unwrap(), &roots).unwrap()
}

fn statement() -> Statement {
    let manifest = Manifest::of("instant-refund", 1, [("figures", "f"), ("words", "w")]).unwrap();
    let dates = Dates { issued_at: NOW - DAY, not_before: NOW - DAY, expires_at: NOW + DAY };
    Statement::on(&manifest, Role::Current, (0, 7), dates)
}

fn signed(statement: &Statement, by: &[(&str, u8)]) -> Vec<u8> {
    let payload = jcs::canonical(&serde_json::to_value(statement).unwrap()).unwrap();
    let all: Vec<_> =
        by.iter().map(|(kid, seed)| dsse::seal(dsse::POLICY, payload.clone(), kid, &signer(*seed))).collect();
    dsse::to_bytes(dsse::POLICY, &payload, &all)
}

fn opened(by: &[(&str, u8)], signers: usize) -> Result<Vec<String>, Refusal> {
    open(&signed(&statement(), by), &keyset(|_| ()), signers, NOW).map(|signed| signed.signers)
}

#[test]
fn signers_are_different_keys_that_may_sign_policies() {
    let few = |found, wanted| Err(Refusal::TooFewSigners { found, wanted });
    assert_eq!(opened(&[("p-2", 2)], 1), Ok(vec!["p-2".to_owned()]));
    assert_eq!(opened(&[("p-2", 2), ("p-3", 3)], 2), Ok(vec!["p-2".to_owned(), "p-3".to_owned()]));
    assert_eq!(opened(&[("p-2", 2)], 2), few(1, 2));
    assert_eq!(opened(&[("p-2", 2), ("p-2", 2)], 2), few(1, 2), "one key twice");
    assert_eq!(opened(&[("p-2", 2), ("p-2b", 2)], 2), few(1, 2), "one key under two names");
    assert_eq!(opened(&[("p-2", 2), ("r-5", 5)], 2), few(1, 2), "a key for records");
    assert_eq!(opened(&[("p-2", 2), ("p-9", 9)], 2), few(1, 2), "a key that the set does not have");
    assert_eq!(opened(&[("p-9", 9)], 0), few(0, 0), "nobody is never enough");
    assert_eq!(opened(&[("p-2", 3)], 1), Err(Refusal::Envelope(DsseError::BadSignature)));
}

#[test]
fn keys_that_are_revoked_or_out_of_time_do_not_vouch() {
    let envelope = signed(&statement(), &[("p-2", 2), ("p-3", 3)]);
    let refused = |edit: &dyn Fn(&mut Value)| open(&envelope, &keyset(edit), 2, NOW).unwrap_err().code();
    assert_eq!(refused(&|d| d["keys"][1]["revoked"] = json!({"at": NOW, "reason": "compromised"})), "key_revoked");
    assert_eq!(refused(&|d| d["keys"][1]["not_after"] = json!(NOW - 2 * DAY)), "key_refused");
    let superseded = keyset(|d| d["keys"][1]["revoked"] = json!({"at": NOW, "reason": "superseded"}));
    assert!(open(&envelope, &superseded, 2, NOW).is_ok(), "what it signed before stands");
    assert_eq!(Refusal::Key(KeyError::Revoked(RevocationReason::Ceased)).code(), "key_revoked");
}

#[test]
fn what_is_signed_must_be_a_statement() {
    let (set, payload) = (keyset(|_| ()), serde_json::to_value(statement()).unwrap());
    let refused = |edit: &dyn Fn(&mut Value)| {
        let mut payload = payload.clone();
        edit(&mut payload);
        let envelope = dsse::sign(dsse::POLICY, &payload, "p-2", &signer(2)).unwrap();
        open(&envelope, &set, 1, NOW).unwrap_err().code()
    };
    assert_eq!(refused(&|p| p["extra"] = json!(1)), "malformed");
    assert_eq!(refused(&|p| p["version"] = json!(0)), "malformed");
    assert_eq!(refused(&|p| p["role"] = json!("boss")), "malformed");
    assert_eq!(refused(&|p| p["sections"] = json!([])), "malformed");
    assert_eq!(refused(&|p| p["sections"][0]["name"] = json!("zzz")), "malformed");
    assert_eq!(refused(&|p| p["expires_at"] = json!(NOW - 2 * DAY)), "malformed");
    let other = dsse::sign(dsse::RECORD, &payload, "p-2", &signer(2)).unwrap();
    assert_eq!(open(&other, &set, 1, NOW).unwrap_err(), Refusal::WrongType);
}

#[test]
fn what_a_function_follows() {
    let wanted = Wanted { function: "instant-refund", format: 1, role: Role::Current, max_bytes: 2 };
    let statement = statement();
    assert_eq!(statement.suits(&wanted), Ok(()));
    let code = |wanted| statement.suits(&wanted).unwrap_err().code();
    assert_eq!(code(Wanted { function: "trace-verify", ..wanted }), "other_function");
    assert_eq!(code(Wanted { format: 2, ..wanted }), "other_format");
    assert_eq!(code(Wanted { role: Role::Shadow, ..wanted }), "other_role");
    assert_eq!(code(Wanted { max_bytes: 1, ..wanted }), "too_large");

    let at = |epoch, now| statement.adoptable(epoch, now).map_err(|refusal| refusal.code());
    assert_eq!(at(0, NOW), Ok(()));
    assert_eq!(at(1, NOW), Err("other_epoch"));
    assert_eq!(at(0, NOW + DAY + 1), Err("expired"));
    assert_eq!(at(0, NOW - DAY - CLOCK_SKEW_MS - 1), Err("not_yet_valid"));
}

#[test]
fn an_epoch_outranks_every_version() {
    let jumped = Statement { version: MAX_VERSION, ..statement() };
    let undone = Statement { epoch: 1, version: 1, ..statement() };
    assert!(undone.rank() > jumped.rank() && jumped.rank() > statement().rank());
    // The epoch is the key set's to name, and a set from before knows it as nothing.
    assert_eq!((keyset(|_| ()).policy_epoch(), keyset(|d| d["policy_epoch"] = json!(1)).policy_epoch()), (0, 1));
}
