//! Cases that are refused, each fault by its code and pointer.

use instant_refund::case::problems::ALL;
use instant_refund::case::{BOUNDS, Case, RequestKind};
use serde_json::{Value, json};

use crate::given::{Given, order, returned, t};

/// A full case as JSON: a return with a parcel, insurance and a promise.
pub fn full() -> Value {
    let mut given =
        returned().mails("SF1001").scanned("03-07 12:00").received("03-08 12:00").insured().now("03-09 10:00");
    given = given.promise(instant_refund::case::PromiseKind::Spot, None, Some(48), None);
    serde_json::to_value(given.case).unwrap()
}

pub fn now() -> i64 {
    t("03-09 10:00")
}

/// What is wrong with a body: `code pointer`, in order.
fn wrong(body: &Value) -> Vec<String> {
    let bytes = serde_json::to_vec(body).unwrap();
    match Case::read(&bytes, now()) {
        Ok(_) => vec![],
        Err(problem) => {
            for error in &problem.errors {
                assert!(!error.detail.zh.is_empty() && !error.detail.en.is_empty());
            }
            problem.errors.iter().map(|e| format!("{} {}", e.code, e.pointer)).collect()
        }
    }
}

type Fault = (&'static str, Value, &'static str);

/// A member set to a value, and the fault that it must give, `code` at that very pointer or `code pointer`. A value of
/// `"—"` takes the member out.
pub fn rows() -> Vec<Fault> {
    let ms = |text| json!(t(text));
    vec![
        ("/order/order_id", json!(""), "bad-id"),
        ("/order/order_id", json!("x".repeat(65)), "bad-id"),
        ("/order/order_id", json!("a b"), "bad-id"),
        ("/order/order_id", json!("订单"), "bad-id"),
        ("/order/order_id", json!(1), "wrong-type"),
        ("/order/order_id", json!("—"), "missing-member"),
        ("/order/colour", json!("red"), "unknown-member"),
        ("/colour", json!("red"), "unknown-member"),
        ("/order/lines/0/colour", json!("red"), "unknown-member"),
        ("/request/lines/0/co~1lour~0", json!("red"), "unknown-member"),
        ("/order", json!("—"), "missing-member"),
        ("/order/lines/0/paid_fen", json!("—"), "missing-member"),
        ("/order/currency", json!("USD"), "bad-currency"),
        ("/order/payment/currency", json!("USD"), "currency-mismatch"),
        ("/order/payment/gateway", json!("cash"), "unknown-value"),
        ("/order/payment/transaction_id", json!("a/b"), "bad-id"),
        ("/order/payment/paid_fen", json!(10_899), "sum-mismatch"),
        ("/order/payment/paid_fen", json!(10_901), "sum-mismatch"),
        ("/order/payment/paid_fen", json!(-1), "bad-amount"),
        ("/order/payment/paid_fen", json!(1_000_000_000_001i64), "bad-amount"),
        ("/order/payment/paid_fen", json!("10900"), "wrong-type"),
        ("/order/outbound_freight_fen", json!(999), "sum-mismatch /order/payment/paid_fen"),
        ("/order/outbound_freight_fen", json!(-1), "bad-amount"),
        ("/order/paid_at", json!(-1), "bad-instant"),
        ("/order/paid_at", ms("03-09 10:05:00.001"), "in-the-future"),
        ("/order/shipped_at", ms("03-03 09:59:59.999"), "before-order"),
        ("/order/shipped_at", ms("03-05 15:00:00.001"), "before-shipment /order/signed_at"),
        ("/order/shipped_at", json!("—"), "shipped-inconsistent"),
        ("/order/shipped_at", json!(null), "signed-unshipped /order/signed_at"),
        ("/order/signed_at", ms("03-03 09:59:59.999"), "before-order"),
        ("/order/signed_at", ms("03-10 10:00"), "in-the-future"),
        ("/order/lines", json!([]), "empty"),
        ("/order/lines/0/quantity", json!(0), "bad-quantity"),
        ("/order/lines/0/quantity", json!(1_000_001), "bad-quantity"),
        ("/order/lines/0/shipped_quantity", json!(2), "quantity-over-line"),
        ("/order/lines/0/shipped_quantity", json!(-1), "quantity-over-line"),
        ("/order/lines/0/shipped_quantity", json!(0), "shipped-inconsistent /order/shipped_at"),
        ("/order/lines/0/refunded_quantity", json!(2), "quantity-over-line"),
        ("/order/lines/0/refunded_quantity", json!(1), "quantity-over-line /request/lines/0/quantity"),
        ("/order/lines/0/category", json!("Food"), "bad-category"),
        ("/order/lines/0/category", json!(""), "bad-category"),
        ("/order/lines/0/exclusion", json!("too_dear"), "unknown-value"),
        ("/order/lines/0/exclusion_confirmed", json!(1), "wrong-type"),
        ("/order/lines/0/paid_fen", json!(-5), "bad-amount"),
        ("/order/promise/type", json!("soon"), "unknown-value"),
        ("/order/promise/spot_hours", json!("—"), "promise-incomplete"),
        ("/order/promise/spot_hours", json!(-1), "promise-range"),
        ("/order/promise/spot_hours", json!(721), "promise-range"),
        ("/order/promise/presale_days", json!(5), "promise-surplus"),
        ("/order/promise/stage", json!("spot"), "promise-surplus"),
        ("/order/promise/presale_ends_at", ms("03-10 10:00"), "promise-surplus"),
        ("/order/promise/type", json!("tiered"), "promise-incomplete /order/promise/stage"),
        ("/order/promise/type", json!("presale"), "promise-incomplete /order/promise/presale_days"),
        ("/request/kind", json!("gift"), "unknown-value"),
        ("/request/kind", json!("refund_only"), "return-not-expected /return"),
        ("/request/kind", json!("compensation"), "lines-not-expected /request/lines"),
        ("/request/kind", json!("compensation"), "cause-does-not-fit /request/cause"),
        ("/request/cause", json!("boredom"), "unknown-value"),
        ("/request/cause", json!("not_received"), "cause-does-not-fit"),
        ("/request/requested_at", ms("03-03 09:59:59.999"), "before-order"),
        ("/request/requested_at", ms("03-09 10:05:00.001"), "in-the-future"),
        ("/request/lines", json!([]), "empty"),
        ("/request/lines/0/line_id", json!("L2"), "no-such-line"),
        ("/request/lines/0/quantity", json!(2), "quantity-over-line"),
        ("/request/lines/0/quantity", json!(0), "bad-quantity"),
        ("/request/lines/0/amount_fen", json!(0), "amount-not-positive"),
        ("/request/lines/0/amount_fen", json!(-1), "amount-not-positive"),
        ("/request/lines/0/amount_fen", json!(9901), "amount-over-share"),
        (
            "/request/lines/1",
            json!({"line_id": "L1", "quantity": 1, "amount_fen": 1}),
            "line-twice /request/lines/1/line_id",
        ),
        (
            "/order/lines/1",
            json!({"line_id": "L1", "category": "a", "quantity": 1, "paid_fen": 0}),
            "line-twice /order/lines/1/line_id",
        ),
        ("/buyer/buyer_id", json!(""), "bad-id"),
        ("/buyer/level", json!(11), "bad-level"),
        ("/buyer/level", json!(-1), "bad-level"),
        ("/buyer/quota_fen", json!(-1), "bad-amount"),
        ("/buyer/instant_refunds_last_year", json!(-1), "bad-count"),
        ("/buyer/restriction", json!("dislike"), "unknown-value"),
        ("/merchant/merchant_id", json!("m m"), "bad-id"),
        ("/merchant/funds", json!("rich"), "unknown-value"),
        ("/merchant/deposit_fen", json!(-1), "bad-amount"),
        (
            "/merchant/answer",
            json!({"verdict": "accepted", "at": t("03-06 09:29:59.999")}),
            "before-request /merchant/answer/at",
        ),
        (
            "/merchant/answer",
            json!({"verdict": "accepted", "at": t("03-09 10:06")}),
            "in-the-future /merchant/answer/at",
        ),
        ("/merchant/answer", json!({"verdict": "accepted"}), "missing-member /merchant/answer/at"),
        ("/return/parcels", json!([]), "empty"),
        ("/return/parcels/1", full()["return"]["parcels"][0].clone(), "waybill-twice /return/parcels/1/waybill"),
        ("/return/parcels/0/carrier", json!("快递"), "bad-carrier"),
        ("/return/parcels/0/waybill", json!("SF1"), "bad-waybill"),
        ("/return/parcels/0/waybill", json!("SF 1001"), "bad-waybill"),
        ("/return/parcels/0/waybill", json!("S".repeat(41)), "bad-waybill"),
        ("/return/parcels/0/method", json!("drone"), "unknown-value"),
        ("/return/parcels/0/from_region", json!("33000"), "bad-region"),
        ("/return/parcels/0/to_region", json!("33000x"), "bad-region"),
        ("/return/parcels/0/weight_g", json!(0), "bad-weight"),
        ("/return/parcels/0/weight_g", json!(1_000_001), "bad-weight"),
        ("/return/parcels/0/freight_fen", json!(-1), "bad-amount"),
        ("/return/parcels/0/first_scan_at", ms("03-03 09:59:59.999"), "before-order"),
        // Before the return was asked for, at 09:30: the parcel that the goods came in.
        ("/return/parcels/0/first_scan_at", ms("03-06 09:29:59.999"), "before-return-request"),
        ("/return/parcels/0/received_at", ms("03-05 15:00"), "before-return-request"),
        ("/order/outbound_waybills", json!(["sf1001"]), "outbound-waybill /return/parcels/0/waybill"),
        ("/order/outbound_waybills", json!(["?"]), "bad-waybill /order/outbound_waybills/0"),
        ("/order/outbound_waybills", json!(vec!["SF2002"; 51]), "too-many"),
        // Seconds for milliseconds: nothing was sold in 1970.
        ("/order/paid_at", json!(1_741_000_000), "bad-instant"),
        ("/request/requested_at", json!(1_741_000_000), "bad-instant"),
        ("/return/parcels/0/first_scan_at", ms("03-08 12:00:00.001"), "before-scan /return/parcels/0/received_at"),
        ("/return/parcels/0/received_at", ms("03-10 10:00"), "in-the-future"),
        ("/return/parcels/0/cancelled_at", ms("03-07 13:00"), "scanned-and-cancelled"),
        ("/return/parcels/0/cancelled_at", ms("03-07 13:00"), "not-a-pickup"),
        ("/insurance/policy_no", json!(""), "bad-id"),
        ("/insurance/insured_at", ms("03-03 09:59:59.999"), "before-order"),
        ("/insurance/ends_at", ms("03-03 17:59:59.999"), "ends-before-start"),
        ("/insurance/ends_at", json!(4_102_444_800_000i64), "bad-instant"),
        ("/insurance/covers", json!([]), "no-cover"),
        ("/insurance/covers", json!(["return", "return", "exchange"]), "too-many"),
        ("/insurance/covers/0", json!("loss"), "unknown-value"),
        ("/insurance/cap_fen", json!(-1), "bad-amount"),
        ("/insurance/claim", json!("lost"), "unknown-value"),
        ("/insurance/bound_waybill", json!("?"), "bad-waybill"),
    ]
}

/// Sets the member at a pointer.
pub fn set(body: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    match body.pointer_mut(parent).unwrap() {
        Value::Array(items) if name == items.len().to_string() => items.push(value),
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        Value::Object(members) if value == json!("—") => drop(members.remove(&name)),
        Value::Object(members) => drop(members.insert(name, value)),
        other => panic!("{other}"),
    }
}

#[test]
fn every_fault_has_its_code_and_pointer() {
    assert_eq!(wrong(&full()), [""; 0], "the case that faults are put into is right");
    let mut failures = Vec::new();
    for (pointer, value, expected) in rows() {
        let mut body = full();
        set(&mut body, pointer, value.clone());
        let expected = if expected.contains(' ') { expected.to_owned() } else { format!("{expected} {pointer}") };
        let found = wrong(&body);
        if !found.contains(&expected) {
            failures.push(format!("{pointer} = {value}: {found:?}, wanted {expected}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every kind of fault has a row, here or among what cannot be read.
#[test]
fn every_kind_of_fault_occurs() {
    let rows = rows();
    let given = rows.iter().filter_map(|(_, _, expected)| expected.split(' ').next());
    let given: Vec<&str> = given.chain(UNREADABLE.map(|(_, fault)| fault)).collect();
    let missing: Vec<&str> = ALL.iter().map(|fault| fault.code).filter(|code| !given.contains(code)).collect();
    assert!(missing.is_empty(), "no row gives {missing:?}");
}

#[test]
fn all_faults_are_told_at_once_up_to_twenty() {
    let mut body = full();
    set(&mut body, "/order/order_id", json!(""));
    set(&mut body, "/buyer/level", json!(99));
    set(&mut body, "/return/parcels/0/weight_g", json!(0));
    assert_eq!(
        wrong(&body),
        ["bad-id /order/order_id", "bad-level /buyer/level", "bad-weight /return/parcels/0/weight_g"]
    );
    let line = body["order"]["lines"][0].clone();
    body["order"]["lines"] = Value::Array(vec![line; 50]);
    assert_eq!(wrong(&body).len(), 20);
    let problem = Case::read(&serde_json::to_vec(&body).unwrap(), now()).unwrap_err();
    assert_eq!((problem.kind.code, problem.kind.status.as_u16()), ("bad-case", 422));
}

#[test]
fn lengths_are_bounded() {
    let many = |count: usize, pointer: &str, item: fn(usize) -> Value| {
        let mut body = full();
        *body.pointer_mut(pointer).unwrap() = (0..count).map(item).collect();
        wrong(&body)
    };
    let line = |i| json!({"line_id": format!("L{i}"), "category": "a", "quantity": 1, "paid_fen": 0});
    assert!(many(51, "/order/lines", line).contains(&"too-many /order/lines".to_owned()));
    assert!(!many(50, "/order/lines", line).contains(&"too-many /order/lines".to_owned()));
    let parcel = |i| {
        json!({"carrier": "sf", "waybill": format!("SF{i:04}"), "method": "self_mail", "from_region": "330000",
            "to_region": "330000", "weight_g": 1})
    };
    assert_eq!(many(11, "/return/parcels", parcel), ["too-many /return/parcels"]);
    assert_eq!(many(10, "/return/parcels", parcel), [""; 0]);
    let same = |_| {
        json!({"carrier": "sf", "waybill": "SF0001", "method": "self_mail", "from_region": "330000",
            "to_region": "330000", "weight_g": 1})
    };
    assert_eq!(many(2, "/return/parcels", same), ["waybill-twice /return/parcels/1/waybill"]);
}

#[test]
fn shares_round_up_to_a_fen() {
    let share = |quantity, pieces, paid, amount| {
        let given = order().lines(&[("L1", quantity, paid)]).asks(&[("L1", pieces, amount)]);
        given.case.check(given.now).is_ok()
    };
    assert!(share(3, 1, 10_000, 3334) && !share(3, 1, 10_000, 3335));
    assert!(share(3, 2, 10_000, 6667) && !share(3, 2, 10_000, 6668));
    assert!(share(3, 3, 10_000, 10_000) && !share(3, 3, 10_000, 10_001));
    assert!(share(2, 1, 10_000, 5000) && !share(2, 1, 10_000, 5001));
    assert!(share(7, 1, 1, 1) && !share(7, 1, 1, 2), "a fen for seven pieces is a fen for one");
    assert!(!share(1, 1, 0, 1));
    assert!(share(1_000_000, 999_999, 999_999_990_000, 999_998_990_001));
    assert!(!share(1_000_000, 999_999, 999_999_990_000, 999_998_990_002));
}

/// Bodies that are refused before any member is looked at: the code of their fault.
const UNREADABLE: [(&[u8], &str); 6] = [
    (b"", "not-json"),
    (b"{", "not-json"),
    (br#"{"order":{},"order":{}}"#, "json-duplicate-key"),
    (br#"{"order":1.5}"#, "json-not-an-integer"),
    (br#"{"order":9007199254740992}"#, "json-integer-out-of-range"),
    (b"[[[[[[[[[]]]]]]]]]", "json-too-deep"),
];

#[test]
fn what_is_not_json() {
    let codes = |bytes: &[u8]| {
        let problem = Case::read(bytes, now()).unwrap_err();
        (problem.kind.code, problem.errors.first().map(|error| error.code))
    };
    for (body, fault) in UNREADABLE {
        assert_eq!(codes(body), ("not-json", Some(fault)), "{}", String::from_utf8_lossy(body));
    }
    assert_eq!(codes(&vec![b' '; BOUNDS.bytes + 1]).0, "body-too-large");
    assert_eq!(codes(b"[]").0, "bad-case");
    assert_eq!(codes(b"null").0, "bad-case");
}

/// Past instants may be as far ahead as clocks differ, and no further.
#[test]
fn clocks_may_differ_by_five_minutes() {
    let given = order().ask(RequestKind::RefundOnly, instant_refund::case::Cause::NoReason, "03-03 10:30");
    let at = given.now;
    assert!(given.case.check(at - 300_000).is_ok());
    assert!(given.case.check(at - 300_001).is_err());
}

/// A waybill is one whatever the case of its letters and its hyphens.
#[test]
fn waybills_are_read_in_upper_case() {
    let mut body = full();
    set(&mut body, "/return/parcels/0/waybill", json!("sf10-01a"));
    set(&mut body, "/insurance/bound_waybill", json!("sF1001-a"));
    let case = Case::read(&serde_json::to_vec(&body).unwrap(), now()).unwrap();
    assert_eq!(case.return_.unwrap().parcels[0].waybill, "SF1001A");
    assert_eq!(case.insurance.unwrap().bound_waybill.as_deref(), Some("SF1001-A"));

    let mut body = full();
    let mut twin = body["return"]["parcels"][0].clone();
    twin["waybill"] = json!("sf1001");
    set(&mut body, "/return/parcels/1", twin);
    assert_eq!(wrong(&body), ["waybill-twice /return/parcels/1/waybill"]);
}

#[test]
fn a_case_survives_its_own_json() {
    let Given { case, now, .. } = returned().mails("SF1001").insured();
    let bytes = serde_json::to_vec(&case).unwrap();
    assert_eq!(Case::read(&bytes, now).unwrap(), case);
}
