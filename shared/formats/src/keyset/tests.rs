#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
use super::*;
use crate::dsse::DsseError;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000_000;
const YEAR: i64 = 365 * 86_400_000;

fn signer(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn x(seed: u8) -> String {
    URL_SAFE_NO_PAD.encode(signer(seed).verifying_key().to_bytes())
}

fn roots() -> Roots {
    Roots::parse(&format!("root-a:{}, root-b:{}", x(1), x(2))).unwrap()
}

fn document() -> Value {
    json!({
        "version": 7, "issued_at": NOW - YEAR,
        "keys": [{
            "kid": "hualin-2026a", "alg": "Ed25519", "x": x(3), "use": ["record", "status"],
            "owner": {"zh": "华林质检中心", "en": "Hualin Inspection Centre"},
            "not_before": NOW - YEAR, "not_after": NOW + YEAR, "revoked": null
        }],
        "mac_keys": [{"kid": 1, "not_before": NOW - YEAR, "not_after": NOW + YEAR, "revoked": null}]
    })
}

fn signed(document: &Value) -> Vec<u8> {
    dsse::sign(dsse::KEYSET, document, "root-a", &signer(1)).unwrap()
}

fn keyset(edit: impl Fn(&mut Value)) -> Result<KeySet, KeySetError> {
    let mut document = document();
    edit(&mut document);
    KeySet::verify_and_parse(&signed(&document), &roots())
}

fn revoked(at: i64, reason: &str) -> KeySet {
    keyset(|d| d["keys"][0]["revoked"] = json!({"at": at, "reason": reason})).unwrap()
}

#[test]
fn a_root_signs_and_nobody_else() {
    let set = keyset(|_| ()).unwrap();
    assert_eq!((set.version(), set.issued_at(), set.signed_by()), (7, NOW - YEAR, "root-a"));

    let open = |kid, seed| {
        KeySet::verify_and_parse(&dsse::sign(dsse::KEYSET, &document(), kid, &signer(seed)).unwrap(), &roots())
    };
    assert!(open("root-b", 2).is_ok());
    assert_eq!(open("root-c", 1), Err(KeySetError::UnknownRoot));
    assert_eq!(open("root-a", 2), Err(KeySetError::Envelope(DsseError::BadSignature)));
    let other = dsse::sign(dsse::RECORD, &document(), "root-a", &signer(1)).unwrap();
    assert_eq!(KeySet::verify_and_parse(&other, &roots()), Err(KeySetError::WrongType));
}

#[test]
fn an_older_edition_can_be_refused() {
    let envelope = signed(&document());
    assert!(KeySet::verify_and_parse(&envelope, &roots().with_minimum_version(7)).is_ok());
    let newer = roots().with_minimum_version(8);
    assert_eq!(KeySet::verify_and_parse(&envelope, &newer), Err(KeySetError::Rollback));
}

#[test]
fn unknown_members_are_refused_everywhere() {
    for pointer in ["", "/keys/0", "/mac_keys/0"] {
        let result = keyset(|d| d.pointer_mut(pointer).unwrap()["extra"] = json!(1));
        assert!(matches!(result, Err(KeySetError::Shape(_))), "{pointer}");
    }
    let result = keyset(|d| d["keys"][0]["revoked"] = json!({"at": 1, "reason": "ceased", "but": 1}));
    assert!(matches!(result, Err(KeySetError::Shape(_))));
}

#[test]
fn contradictions_are_refused() {
    let cases: [(&str, Value); 8] = [
        ("/keys/0/kid", json!("a b")),
        ("/keys/0/alg", json!("ES256")),
        ("/keys/0/x", json!("AAAA")),
        ("/keys/0/use", json!([])),
        ("/keys/0/not_after", json!(0)),
        ("/mac_keys/0/not_after", json!(0)),
        ("/keys", json!([document()["keys"][0], document()["keys"][0]])),
        ("/mac_keys", json!([document()["mac_keys"][0], document()["mac_keys"][0]])),
    ];
    for (pointer, value) in cases {
        let result = keyset(|d| *d.pointer_mut(pointer).unwrap() = value.clone());
        assert!(matches!(result, Err(KeySetError::Inconsistent(_))), "{pointer}: {result:?}");
    }
    assert!(matches!(keyset(|d| d["mac_keys"][0]["kid"] = json!(256)), Err(KeySetError::Shape(_))));
    assert!(matches!(keyset(|d| d["keys"][0]["use"] = json!(["everything"])), Err(KeySetError::Shape(_))));
}

#[test]
fn a_key_vouches_within_its_time_and_use() {
    let set = keyset(|_| ()).unwrap();
    let at = |signed_at, now| set.key_for("hualin-2026a", Use::Record, signed_at, now).map(|key| key.kid.as_str());
    assert_eq!(at(NOW, NOW), Ok("hualin-2026a"));
    assert_eq!(at(NOW - YEAR, NOW), Ok("hualin-2026a"));
    assert_eq!(at(NOW - YEAR - 1, NOW), Err(KeyError::NotYetValid));
    // The key's end limits signing, not the life of what it signed.
    assert_eq!(at(NOW + YEAR, NOW + 3 * YEAR), Ok("hualin-2026a"));
    assert_eq!(at(NOW + YEAR + 1, NOW + 3 * YEAR), Err(KeyError::ExpiredAtSigning));
    assert_eq!(at(NOW + CLOCK_SKEW_MS, NOW), Ok("hualin-2026a"));
    assert_eq!(at(NOW + CLOCK_SKEW_MS + 1, NOW), Err(KeyError::SignedInFuture));
    assert_eq!(set.key_for("hualin-2026a", Use::Manifest, NOW, NOW), Err(KeyError::WrongUse));
    assert_eq!(set.key_for("hualin-2026b", Use::Record, NOW, NOW), Err(KeyError::Unknown));
}

#[test]
fn revocation() {
    let at = |set: &KeySet, signed_at| set.key_for("hualin-2026a", Use::Record, signed_at, NOW).map(drop);
    for (reason, parsed) in [("superseded", RevocationReason::Superseded), ("ceased", RevocationReason::Ceased)] {
        let set = revoked(NOW - 1000, reason);
        assert_eq!(at(&set, NOW - 1001), Ok(()));
        assert_eq!(at(&set, NOW - 1000), Err(KeyError::Revoked(parsed)));
    }
    let set = revoked(NOW - 1000, "compromised");
    for signed_at in [NOW - YEAR - 1, NOW - YEAR, NOW - 1001, NOW] {
        assert_eq!(at(&set, signed_at), Err(KeyError::Revoked(RevocationReason::Compromised)));
    }
}

#[test]
fn mac_keys_have_dates_too() {
    let set = keyset(|_| ()).unwrap();
    assert!(set.mac_key_for(1, NOW, NOW).is_ok());
    assert_eq!(set.mac_key_for(2, NOW, NOW), Err(KeyError::Unknown));
    assert_eq!(set.mac_key_for(1, NOW - YEAR - 1, NOW), Err(KeyError::NotYetValid));
    let set = keyset(|d| d["mac_keys"][0]["revoked"] = json!({"at": 0, "reason": "compromised"})).unwrap();
    assert_eq!(set.mac_key_for(1, NOW, NOW), Err(KeyError::Revoked(RevocationReason::Compromised)));
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Note {
    text: String,
    issued_at: i64,
}

#[test]
fn opening_a_document() {
    let set = keyset(|_| ()).unwrap();
    let open_as = |bytes: &[u8], kind: &str, use_| open::<Note>(bytes, kind, use_, &set, |n| n.issued_at, NOW);
    let note = json!({"text": "ok", "issued_at": NOW - 5, "extra": "ignored"});
    let bytes = dsse::sign(dsse::RECORD, &note, "hualin-2026a", &signer(3)).unwrap();
    let opened = open_as(&bytes, dsse::RECORD, Use::Record).unwrap();
    assert_eq!(opened.payload, Note { text: "ok".into(), issued_at: NOW - 5 });
    assert_eq!((opened.kid.as_str(), opened.signed_at), ("hualin-2026a", NOW - 5));
    assert_eq!(opened.owner.en, "Hualin Inspection Centre");

    assert_eq!(open_as(&bytes, dsse::STATUS, Use::Record), Err(SignedError::WrongType));
    assert_eq!(open_as(&bytes, dsse::RECORD, Use::Manifest), Err(SignedError::Key(KeyError::WrongUse)));
    let forged = dsse::sign(dsse::RECORD, &note, "hualin-2026a", &signer(4)).unwrap();
    assert_eq!(open_as(&forged, dsse::RECORD, Use::Record), Err(SignedError::Envelope(DsseError::BadSignature)));
    let shapeless = dsse::sign(dsse::RECORD, &json!({"text": 1}), "hualin-2026a", &signer(3)).unwrap();
    assert!(matches!(open_as(&shapeless, dsse::RECORD, Use::Record), Err(SignedError::Shape(_))));
    let future = json!({"text": "", "issued_at": NOW + YEAR});
    let future = dsse::sign(dsse::RECORD, &future, "hualin-2026a", &signer(3)).unwrap();
    assert_eq!(open_as(&future, dsse::RECORD, Use::Record), Err(SignedError::Key(KeyError::SignedInFuture)));
}

#[test]
fn roots_are_read_strictly() {
    let good = format!("a:{}", x(1));
    assert!(Roots::parse(&format!(" {good} , b:{} ", x(2))).is_ok());
    let cases = [
        (String::new(), RootsError::Empty),
        (" ".into(), RootsError::Empty),
        (format!("{good},"), RootsError::BadEntry(2)),
        (format!("{good},{}", x(2)), RootsError::BadEntry(2)),
        (format!("{good},:{}", x(2)), RootsError::BadEntry(2)),
        (format!("{good},b:AAAA"), RootsError::BadKey(2)),
        // The neutral element: small order.
        (format!("{good},b:AQ{}", "A".repeat(41)), RootsError::BadKey(2)),
        (format!("{good},{good}"), RootsError::Duplicate(2)),
    ];
    for (text, expected) in cases {
        assert_eq!(Roots::parse(&text), Err(expected), "{text}");
    }
}
