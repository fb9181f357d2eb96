#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod chains;

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use shared::mac::Secret;

use crate::digital_link::PrimaryKey;
use crate::serial::MacKeys;

const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;
const COUNTER: u32 = 4100;

fn signer(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn x(seed: u8) -> String {
    URL_SAFE_NO_PAD.encode(signer(seed).verifying_key().to_bytes())
}

fn text(en: &str) -> Value {
    json!({"zh": "文字", "en": en})
}

/// A world in which the code is genuine; tests break one thing at a time.
#[derive(Clone)]
struct World {
    keyset: Value,
    manifest: Option<Value>,
    batch_status: Option<Value>,
    product_status: Option<Value>,
    record: Option<Value>,
}

impl World {
    fn new() -> World {
        let key = |kid: &str, seed, uses: Value| {
            json!({"kid": kid, "alg": "Ed25519", "x": x(seed), "use": uses, "owner": text(kid),
                "not_before": NOW - 100 * DAY, "not_after": NOW + 100 * DAY, "revoked": null})
        };
        World {
            keyset: json!({"version": 1, "issued_at": NOW - 90 * DAY,
                "keys": [key("mint", 2, json!(["manifest"])), key("base", 3, json!(["record"])),
                    key("desk", 4, json!(["status"]))],
                "mac_keys": [{"kid": 7, "not_before": NOW - 100 * DAY, "not_after": NOW + 100 * DAY, "revoked": null}]}),
            manifest: Some(json!({"batch": "HL-1", "primary": "01/09506000134352", "mac_kid": 7, "layout": 1,
                "first": 4096, "count": 100, "minted_at": NOW - 30 * DAY, "records": "batch"})),
            batch_status: None,
            product_status: None,
            record: Some(json!({"batch": "HL-1", "counter": null, "primary": "01/09506000134352",
                "product": {"name": text("Amber"), "brand": text("Hai Po")},
                "inspection": {"body": text("NGTC"), "certificate": "42", "method": text("IR"),
                    "inspected_on": "2026-12-01", "base": {"name": text("Hualin")}},
                "issued_at": NOW - 29 * DAY, "valid_until": NOW + DAY})),
        }
    }

    fn with(edit: impl Fn(&mut World)) -> World {
        let mut world = World::new();
        edit(&mut world);
        world
    }

    fn documents(&self) -> Documents {
        let signed = |kind: &str, value: &Option<Value>, kid: &str, seed| match value {
            Some(value) => Lookup::Found(dsse::sign(kind, value, kid, &signer(seed)).unwrap()),
            None => Lookup::Missing,
        };
        Documents {
            keyset: signed(dsse::KEYSET, &Some(self.keyset.clone()), "root", 1),
            manifest: signed(dsse::MANIFEST, &self.manifest, "mint", 2),
            batch_status: signed(dsse::STATUS, &self.batch_status, "desk", 4),
            product_status: signed(dsse::STATUS, &self.product_status, "desk", 4),
            record: signed(dsse::RECORD, &self.record, "base", 3),
            issuers: Vec::new(),
        }
    }

    fn assess(&self) -> Assessment {
        assess(&code(), &self.documents(), &roots(), NOW)
    }

    /// Verdict, document and code of the reason, as one line.
    fn verdict(&self) -> String {
        line(&self.assess())
    }

    fn revoke(&mut self, list: &str, place: usize, at: i64, reason: &str) {
        self.keyset[list][place]["revoked"] = json!({"at": at, "reason": reason});
    }

    fn manifest(&mut self) -> &mut Value {
        self.manifest.as_mut().unwrap()
    }

    fn record(&mut self) -> &mut Value {
        self.record.as_mut().unwrap()
    }
}

fn line(assessment: &Assessment) -> String {
    let reason = assessment.reason.map(|r| format!(" {} {}", r.about.code(), r.code)).unwrap_or_default();
    format!("{}{reason}", assessment.verdict.code())
}

fn code() -> Code {
    let keys = MacKeys::new(&[(7, Secret::new([7; 32]))]);
    Code::mint(&PrimaryKey::parse("01/09506000134352").unwrap(), 7, COUNTER, &keys).unwrap()
}

fn roots() -> Roots {
    Roots::parse(&format!("root:{}", x(1))).unwrap()
}

fn status(scope: &str, state: &str) -> Option<Value> {
    Some(json!({"scope": scope, "counters": null, "state": state, "reason": text("because"), "advice": null,
        "reference": null, "issued_at": NOW - DAY}))
}

const BATCH: &str = "batch/HL-1";
const PRODUCT: &str = "product/01/09506000134352";

#[test]
fn genuine_with_evidence() {
    let assessment = World::new().assess();
    assert_eq!(line(&assessment), "genuine");
    assert!(!assessment.certificate_expired);
    let claims: Vec<String> = assessment
        .claims
        .iter()
        .map(|c| {
            let age = c.age_ms(NOW).map_or("-".into(), |ms| (ms / DAY).to_string());
            let owner = c.by.owner.as_ref().map_or("ours", |text| text.en.as_str());
            format!("{} {} {owner} {age} {}", c.proof.code(), c.by.kid, c.limit.code())
        })
        .collect();
    assert_eq!(
        claims,
        [
            "code_tag 7 ours - copies",
            "keyset root ours 90 honesty",
            "membership mint mint 30 attachment",
            "inspection_record base base 29 each_piece"
        ]
    );
}

#[test]
fn a_record_of_one_piece() {
    let item = |counter: Value| {
        World::with(|w| {
            w.manifest()["records"] = "item".into();
            w.record()["counter"] = counter.clone();
        })
    };
    let assessment = item(json!(COUNTER)).assess();
    assert_eq!(line(&assessment), "genuine");
    assert_eq!(assessment.claims[3].limit, Limit::LaterChanges);
    assert_eq!(item(json!(COUNTER + 1)).verdict(), "record_invalid record mismatch");
    assert_eq!(item(Value::Null).verdict(), "record_invalid record mismatch");
}

#[test]
fn an_expired_certificate_is_still_genuine() {
    let assessment = World::with(|w| w.record()["valid_until"] = (NOW - 1).into()).assess();
    assert_eq!((line(&assessment).as_str(), assessment.certificate_expired), ("genuine", true));
}

#[test]
fn what_the_manifest_did_not_issue() {
    let cases: [(&str, Value, &str); 8] = [
        ("count", json!(4), "does_not_contain"),
        ("first", json!(8192), "does_not_contain"),
        ("mac_kid", json!(6), "does_not_contain"),
        ("primary", json!("01/00614141123452"), "does_not_contain"),
        ("first", json!(4097), "manifest_unaligned"),
        ("batch", json!("../keyset"), "manifest_bad_batch"),
        ("layout", json!(3), "payload_malformed"),
        ("minted_at", json!(NOW + DAY), "signed_in_future"),
    ];
    for (member, value, reason) in cases {
        let world = World::with(|w| w.manifest()[member] = value.clone());
        assert_eq!(world.verdict(), format!("not_in_manifest manifest {reason}"), "{member}");
        assert_eq!(world.assess().record, None);
    }
    assert_eq!(World::with(|w| w.manifest = None).verdict(), "not_in_manifest manifest missing");
    // A key of the set that may not sign manifests.
    let mut documents = World::new().documents();
    documents.manifest = Lookup::Found(dsse::sign(dsse::MANIFEST, &World::new().manifest, "base", &signer(3)).unwrap());
    let assessment = assess(&code(), &documents, &roots(), NOW);
    assert_eq!(line(&assessment), "not_in_manifest manifest key_wrong_use");
}

#[test]
fn mac_keys() {
    let with = |list: Value| World::with(|w| w.keyset["mac_keys"] = list.clone()).verdict();
    let key = |from: i64, to: i64| json!([{"kid": 7, "not_before": from, "not_after": to, "revoked": null}]);
    assert_eq!(with(json!([])), "unavailable mac_key key_unknown");
    assert_eq!(with(key(NOW, NOW)), "not_in_manifest mac_key key_not_yet_valid");
    assert_eq!(with(key(0, NOW - 60 * DAY)), "not_in_manifest mac_key key_expired_at_signing");

    let revoked = |at: i64, reason: &str| World::with(|w| w.revoke("mac_keys", 0, at, reason));
    assert_eq!(revoked(NOW, "compromised").verdict(), "key_revoked mac_key key_compromised");
    assert_eq!(revoked(NOW - DAY, "superseded").verdict(), "genuine");
    assert_eq!(revoked(NOW - 40 * DAY, "superseded").verdict(), "key_revoked mac_key key_superseded");
    // A compromised key is said before a missing manifest; another revocation needs the manifest's date.
    let without = |mut world: World| {
        world.manifest = None;
        world.verdict()
    };
    assert_eq!(without(revoked(NOW, "compromised")), "key_revoked mac_key key_compromised");
    assert_eq!(without(revoked(NOW - 40 * DAY, "superseded")), "not_in_manifest manifest missing");
}

#[test]
fn revoked_signers() {
    let revoked = |place, at: i64, reason: &str| World::with(|w| w.revoke("keys", place, at, reason)).verdict();
    assert_eq!(revoked(0, NOW, "compromised"), "key_revoked manifest key_compromised");
    assert_eq!(revoked(1, NOW, "compromised"), "key_revoked record key_compromised");
    assert_eq!(revoked(1, NOW - DAY, "ceased"), "genuine");
    assert_eq!(revoked(1, NOW - 29 * DAY, "ceased"), "key_revoked record key_ceased");
    // No status: the desk's key does not matter. With one, it is not believed.
    assert_eq!(revoked(2, NOW, "compromised"), "genuine");
    let world = World::with(|w| {
        w.revoke("keys", 2, NOW, "compromised");
        w.product_status = status(PRODUCT, "active");
    });
    assert_eq!(world.verdict(), "record_invalid status key_compromised");
}

#[test]
fn a_recall_is_said_before_everything_else() {
    type Edit = fn(&mut World);
    let worse: [(&str, Edit); 7] = [
        ("nothing else", |_| ()),
        ("mac key", |w| w.revoke("mac_keys", 0, NOW, "compromised")),
        ("record key", |w| w.revoke("keys", 1, NOW, "compromised")),
        ("no record", |w| w.record = None),
        ("wrong record", |w| w.record()["batch"] = "HL-2".into()),
        ("no manifest", |w| w.manifest = None),
        ("manifest key", |w| w.revoke("keys", 0, NOW, "compromised")),
    ];
    for (name, edit) in worse {
        let by_product = World::with(|w| {
            edit(w);
            w.product_status = status(PRODUCT, "recalled");
            w.batch_status = status(BATCH, "active");
        });
        assert_eq!(by_product.verdict(), "recalled", "{name}");
        // Without a manifest the batch is unknown, and so is its recall.
        let by_batch = World::with(|w| {
            edit(w);
            w.batch_status = status(BATCH, "recalled");
        });
        let known = by_batch.assess().manifest.is_some();
        assert_eq!(by_batch.verdict() == "recalled", known, "{name}");
    }
    let recalled = World::with(|w| w.batch_status = status(BATCH, "recalled")).assess();
    assert!(recalled.record.is_some() && recalled.reason.is_none());
    assert_eq!(recalled.claims[3].proof, Proof::Status);
    assert_eq!(recalled.claims[3].limit, Limit::LaterStatements);
}

#[test]
fn a_recall_outranks_a_store_that_fails() {
    let mut documents = World::with(|w| w.product_status = status(PRODUCT, "recalled")).documents();
    documents.manifest = Lookup::Unavailable;
    documents.record = Lookup::Unavailable;
    assert_eq!(line(&assess(&code(), &documents, &roots(), NOW)), "recalled");
}

#[test]
fn withdrawn() {
    let world = World::with(|w| w.batch_status = status(BATCH, "withdrawn"));
    assert_eq!(world.verdict(), "withdrawn");
    assert_eq!(World { record: None, ..world.clone() }.verdict(), "withdrawn");
    let both = World { product_status: status(PRODUCT, "recalled"), ..world.clone() };
    assert_eq!(both.verdict(), "recalled");
    let product = World::with(|w| {
        w.product_status = status(PRODUCT, "withdrawn");
        w.manifest = None;
    });
    assert_eq!(product.verdict(), "not_in_manifest manifest missing");
    assert_eq!(World::with(|w| w.batch_status = status(BATCH, "active")).verdict(), "genuine");
}

#[test]
fn a_statement_covers_what_it_names() {
    let ranged = |ranges: Value| {
        World::with(|w| {
            w.batch_status = status(BATCH, "recalled");
            w.batch_status.as_mut().unwrap()["counters"] = ranges.clone();
        })
        .verdict()
    };
    assert_eq!(ranged(json!([[0, 1], [COUNTER, COUNTER]])), "recalled");
    assert_eq!(ranged(json!([[0, COUNTER - 1], [COUNTER + 1, 9999]])), "genuine");
    // Another's statement under this key.
    let foreign = World::with(|w| w.batch_status = status("batch/HL-2", "active"));
    assert_eq!(foreign.verdict(), "record_invalid status mismatch");
    let foreign = World::with(|w| w.product_status = status("product/01/00614141123452", "active"));
    assert_eq!(foreign.verdict(), "record_invalid status mismatch");
}

#[test]
fn a_status_that_does_not_verify_fails_closed() {
    let mut documents = World::new().documents();
    for bytes in [
        b"garbage".to_vec(),
        dsse::sign(dsse::STATUS, &status(BATCH, "active"), "desk", &signer(9)).unwrap(),
        dsse::sign(dsse::STATUS, &status(BATCH, "active"), "base", &signer(3)).unwrap(),
        dsse::sign(dsse::RECORD, &status(BATCH, "active"), "desk", &signer(4)).unwrap(),
    ] {
        documents.batch_status = Lookup::Found(bytes);
        let assessment = assess(&code(), &documents, &roots(), NOW);
        assert_eq!(assessment.verdict, Verdict::RecordInvalid);
        assert_eq!(assessment.reason.unwrap().about, About::Status);
    }
}

#[test]
fn records() {
    assert_eq!(World::with(|w| w.record = None).verdict(), "record_missing record missing");
    let cases: [(&str, Value, &str); 6] = [
        ("batch", json!("HL-2"), "mismatch"),
        ("primary", json!("01/00614141123452"), "mismatch"),
        ("counter", json!(COUNTER), "mismatch"),
        ("valid_until", json!(0), "ends_before_issue"),
        ("product", json!({}), "payload_malformed"),
        ("issued_at", json!(NOW - 101 * DAY), "inspected_after_issue"),
    ];
    for (member, value, reason) in cases {
        let mut world = World::with(|w| w.record()[member] = value.clone());
        if member == "issued_at" {
            world.keyset["keys"][1]["not_before"] = json!(0);
        }
        assert_eq!(world.verdict(), format!("record_invalid record {reason}"), "{member}");
    }
    let mut documents = World::new().documents();
    documents.record = Lookup::Found(dsse::sign(dsse::RECORD, &World::new().record, "base", &signer(9)).unwrap());
    assert_eq!(line(&assess(&code(), &documents, &roots(), NOW)), "record_invalid record bad_signature");
}

#[test]
fn a_store_that_fails() {
    let fail = |edit: fn(&mut Documents)| {
        let mut documents = World::new().documents();
        edit(&mut documents);
        assess(&code(), &documents, &roots(), NOW)
    };
    assert_eq!(line(&fail(|d| d.keyset = Lookup::Unavailable)), "unavailable keyset unavailable");
    assert_eq!(line(&fail(|d| d.keyset = Lookup::Missing)), "unavailable keyset missing");
    assert_eq!(line(&fail(|d| d.keyset = Lookup::Found(vec![]))), "unavailable keyset envelope_not_json");
    assert_eq!(line(&fail(|d| d.manifest = Lookup::Unavailable)), "unavailable manifest unavailable");
    assert_eq!(line(&fail(|d| d.batch_status = Lookup::Unavailable)), "unavailable status unavailable");
    assert_eq!(line(&fail(|d| d.product_status = Lookup::Unavailable)), "unavailable status unavailable");
    let record = fail(|d| d.record = Lookup::Unavailable);
    assert_eq!(line(&record), "record_unavailable record unavailable");
    assert!(record.manifest.is_some());
    assert!(record.claims.iter().any(|claim| claim.proof == Proof::Membership));
}

/// A leaked label key makes valid tags, and nothing else.
#[test]
fn the_label_key_alone_invents_nothing() {
    let keys = MacKeys::new(&[(7, Secret::new([7; 32]))]);
    for counter in [0, 4095, 4196, 8192] {
        let forged = Code::mint(&PrimaryKey::parse("01/09506000134352").unwrap(), 7, counter, &keys).unwrap();
        let verdict = assess(&forged, &World::new().documents(), &roots(), NOW).verdict;
        assert_eq!(verdict, Verdict::NotInManifest, "{counter}");
    }
}

#[test]
fn evidence_that_nobody_asked_for_is_not_genuine() {
    let documents = World::new().documents();
    let keyset = trusted(&documents.keyset, &roots()).unwrap();
    let membership = membership(&code(), &keyset, &documents.manifest, NOW);
    let statuses = Statuses { batch: &Lookup::Missing, product: &Lookup::Missing, issuers: &[] };
    let standing = standing(&code(), &keyset, None, &statuses, NOW);
    let assessment = combine(&code(), &keyset, membership, standing, None, NOW);
    assert_eq!(assessment.verdict, Verdict::RecordUnavailable);
}

#[test]
fn verdicts_are_listed_in_order() {
    assert!(Verdict::ALL.is_sorted());
}
