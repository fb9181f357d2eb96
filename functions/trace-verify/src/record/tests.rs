#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000_000; // 2027-01-15T08:00:00Z

fn text(en: &str) -> Value {
    json!({"zh": "文字", "en": en})
}

fn document() -> Value {
    json!({
        "batch": "HL-2026-0815", "counter": null, "primary": "01/09506000134352",
        "product": {"name": text("Amber pendant"), "brand": text("Hai Po"), "category": text("Amber"),
            "origin": text("Fushun"), "specification": text("18 × 12 mm")},
        "inspection": {
            "body": text("National Gemstone Testing Centre"), "accreditations": ["CMA 240020", "CNAS L0001"],
            "certificate": "NGTC-26-0815-0042", "certificate_url": "https://www.ngtc.com.cn/q?no=42",
            "standards": ["GB/T 16552-2017"], "method": text("Infrared spectroscopy"),
            "results": [{"name": text("Mass"), "value": "12.48", "unit": "g"}, {"name": text("Grade"), "value": "A"}],
            "conclusion": text("Natural amber"), "inspected_on": "2027-01-15",
            "base": {"name": text("Hualin Inspection Centre"), "city": text("Guangzhou")}
        },
        "seller": text("Hai Po flagship shop"),
        "photos": [{"sha256": "0f".repeat(32), "type": "image/webp", "alt": text("Front")}],
        "issued_at": NOW, "valid_until": NOW + 1, "from_a_newer_base": {"ignored": true}
    })
}

fn check(edit: impl Fn(&mut Value)) -> String {
    let mut value = document();
    edit(&mut value);
    match serde_json::from_value::<Record>(value) {
        Ok(record) => record.check().map_or_else(|e| e.to_string(), |()| "ok".into()),
        Err(e) => format!("shape: {e}"),
    }
}

#[test]
fn a_full_and_a_bare_record() {
    assert_eq!(check(|_| ()), "ok");
    let bare = check(|v| {
        for member in ["counter", "seller", "photos", "valid_until"] {
            v.as_object_mut().unwrap().remove(member);
        }
        for member in ["category", "origin", "specification"] {
            v["product"].as_object_mut().unwrap().remove(member);
        }
        for member in ["accreditations", "certificate_url", "standards", "results", "conclusion"] {
            v["inspection"].as_object_mut().unwrap().remove(member);
        }
        v["inspection"]["base"].as_object_mut().unwrap().remove("city");
    });
    assert_eq!(bare, "ok");
}

#[test]
fn limits_and_forms() {
    let photo = document()["photos"][0].clone();
    let result = document()["inspection"]["results"][0].clone();
    let cases = [
        ("/batch", json!("a/b"), "/batch: bad_batch"),
        ("/product/name/zh", json!(" "), "/product/name/zh: empty"),
        ("/product/name/en", json!("x".repeat(121)), "/product/name/en: too_long"),
        ("/product/name/zh", json!("字".repeat(120)), "ok"),
        ("/product/name/en", json!("a\nb"), "/product/name/en: bad_character"),
        ("/product/brand/en", json!("a\u{202e}b"), "/product/brand/en: bad_character"),
        ("/product/brand/zh", json!("a\u{200b}"), "/product/brand/zh: bad_character"),
        ("/product/specification/en", json!("x".repeat(600)), "ok"),
        ("/product/specification/en", json!("x".repeat(601)), "/product/specification/en: too_long"),
        ("/inspection/certificate", json!(""), "/inspection/certificate: empty"),
        ("/inspection/certificate", json!("x".repeat(65)), "/inspection/certificate: too_long"),
        ("/inspection/certificate_url", json!("http://a.cn"), "/inspection/certificate_url: bad_url"),
        ("/inspection/certificate_url", json!("javascript:alert(1)"), "/inspection/certificate_url: bad_url"),
        ("/inspection/accreditations", json!(vec!["x"; 9]), "/inspection/accreditations: too_many"),
        ("/inspection/standards/0", json!(""), "/inspection/standards/0: empty"),
        ("/inspection/results", Value::from(vec![result; 25]), "/inspection/results: too_many"),
        ("/inspection/results/1/value", json!("x".repeat(65)), "/inspection/results/1/value: too_long"),
        ("/inspection/results/0/unit", json!(""), "/inspection/results/0/unit: empty"),
        ("/inspection/inspected_on", json!("2027-02-30"), "/inspection/inspected_on: bad_date"),
        ("/inspection/inspected_on", json!("2027-01-16"), "/inspection/inspected_on: inspected_after_issue"),
        ("/photos", Value::from(vec![photo; 13]), "/photos: too_many"),
        ("/photos/0/sha256", json!("0F".repeat(32)), "/photos/0/sha256: bad_digest"),
        ("/photos/0/sha256", json!("../../keyset"), "/photos/0/sha256: bad_digest"),
        ("/photos/0/alt/en", json!(""), "/photos/0/alt/en: empty"),
        ("/issued_at", json!(-1), "/issued_at: bad_instant"),
        ("/valid_until", json!(NOW - 1), "/valid_until: ends_before_issue"),
        ("/valid_until", json!(1i64 << 52), "/valid_until: bad_instant"),
    ];
    for (pointer, value, expected) in cases {
        assert_eq!(check(|v| *v.pointer_mut(pointer).unwrap() = value.clone()), expected, "{pointer}");
    }
    for (pointer, value) in [
        ("/primary", json!("01/09506000134353")),
        ("/photos/0/type", json!("image/svg+xml")),
        ("/inspection/results/0/value", json!(12)),
        ("/product/name", json!("one language")),
        ("/counter", json!(-1)),
    ] {
        assert!(check(|v| *v.pointer_mut(pointer).unwrap() = value.clone()).starts_with("shape"), "{pointer}");
    }
}

/// The day of inspection is a day in China: at 16:00 UTC the next one begins there.
#[test]
fn inspection_days_are_chinese() {
    let at = |issued_at: i64| {
        check(|v| {
            v["issued_at"] = issued_at.into();
            v["valid_until"] = Value::Null;
        })
    };
    let midnight_in_china = 1_799_942_400_000; // 2027-01-14T16:00:00Z
    assert_eq!(at(midnight_in_china), "ok");
    assert_eq!(at(midnight_in_china - 1), "/inspection/inspected_on: inspected_after_issue");
}

#[test]
fn the_end_of_validity() {
    let record: Record = serde_json::from_value(document()).unwrap();
    assert!(!record.expired(NOW + 1));
    assert!(record.expired(NOW + 2));
    assert!(!Record { valid_until: None, ..record }.expired(i64::MAX));
}

/// The published schema says what the code checks: the same limits, the same members, the same ones that may be left out.
#[test]
fn the_published_schema_is_the_codes_own() {
    let schema: Value = serde_json::from_str(include_str!("../../record.schema.json")).unwrap();
    let at = |pointer: &str| schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}")).clone();
    for (pointer, limit) in [
        ("/$defs/name/properties/zh/maxLength", MAX_NAME),
        ("/$defs/name/properties/en/maxLength", MAX_NAME),
        ("/$defs/text/properties/zh/maxLength", MAX_TEXT),
        ("/$defs/text/properties/en/maxLength", MAX_TEXT),
        ("/$defs/identifier/maxLength", MAX_IDENTIFIER),
        ("/$defs/result/properties/unit/maxLength", MAX_IDENTIFIER),
        ("/properties/inspection/properties/certificate_url/maxLength", MAX_URL),
        ("/properties/inspection/properties/accreditations/maxItems", MAX_REFERENCES),
        ("/properties/inspection/properties/standards/maxItems", MAX_REFERENCES),
        ("/properties/inspection/properties/results/maxItems", MAX_RESULTS),
        ("/properties/photos/maxItems", MAX_PHOTOS),
    ] {
        assert_eq!(at(pointer), json!(limit), "{pointer}");
    }
    let record: Record = serde_json::from_value(document()).unwrap();
    let record = serde_json::to_value(record).unwrap();
    for (of, properties) in [
        ("", "/properties"),
        ("/product", "/properties/product/properties"),
        ("/inspection", "/properties/inspection/properties"),
        ("/inspection/base", "/properties/inspection/properties/base/properties"),
        ("/inspection/results/0", "/$defs/result/properties"),
        ("/photos/0", "/$defs/photo/properties"),
    ] {
        let names =
            |value: &Value| value.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
        let members = names(record.pointer(of).unwrap());
        assert_eq!(members, names(&at(properties)), "{of}");
        let required = at(properties.strip_suffix("/properties").unwrap());
        let required: Vec<&str> = required["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for name in members.iter().filter(|name| *name != "issued_at") {
            let without = check(|value| {
                value.pointer_mut(of).unwrap().as_object_mut().unwrap().remove(name);
            });
            assert_eq!(without.starts_with("shape"), required.contains(&name.as_str()), "{of}/{name}: {without}");
        }
    }
}
