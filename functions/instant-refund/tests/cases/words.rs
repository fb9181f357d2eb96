//! What is said of a body that cannot be read is said in the reader's language: bodies are spoilt in every place and in
//! many ways, and no Chinese sentence may hold English words, other than names and values that the contract gives.

use std::collections::BTreeSet;

use instant_refund::case::Case;
use instant_refund::refund_event::RefundEvent;
use serde_json::{Value, json};
use shared::problem::Problem;

use crate::faults::{full, now, set};

/// An event of each type.
fn events() -> Vec<Value> {
    let parcel = full()["return"]["parcels"][0].clone();
    let what = [
        json!({"type": "parcel_added", "parcel": parcel}),
        json!({"type": "parcel_scanned", "waybill": "SF1001", "weight_g": 900}),
        json!({"type": "pickup_cancelled", "waybill": "SF1001"}),
        json!({"type": "parcel_received", "waybill": "SF1001"}),
        json!({"type": "merchant_accepted"}),
        json!({"type": "merchant_rejected"}),
        json!({"type": "merchant_appealed"}),
        json!({"type": "appeal_decided", "upheld": true}),
        json!({"type": "claim_filed"}),
        json!({"type": "claim_paid", "amount_fen": 5}),
        json!({"type": "claim_failed", "code": "LIMIT"}),
        json!({"type": "recourse_recovered", "amount_fen": 5}),
        json!({"type": "buyer_repaid", "amount_fen": 5}),
        json!({"type": "outcome_proposed", "paid": true, "refund_no": "r-1", "paid_at": 1_790_000_000_000_i64, "reason": "看过后台"}),
        json!({"type": "set_aside", "reason": "看过后台"}),
    ];
    let whole = what.into_iter().map(|mut event| {
        event["event_id"] = json!("e-1");
        event["at"] = json!(now());
        event
    });
    whole.collect()
}

/// The pointers of a value and of all that is in it.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), out)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| places(value, &format!("{at}/{i}"), out)),
        _ => {}
    }
}

/// A body, spoilt in every place.
fn spoilt(body: &Value) -> Vec<Vec<u8>> {
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(9_007_199_254_740_991i64),
        json!(""),
        json!("nonsense"),
        json!([]),
        json!([[1]]),
        json!({}),
        json!({"nonsense": 1}),
        json!("—"), // takes a member out
    ];
    let (mut all, mut out) = (Vec::new(), Vec::new());
    places(body, "", &mut all);
    for place in &all {
        for value in &values {
            let mut body = body.clone();
            match place.as_str() {
                "" => body = value.clone(),
                place => set(&mut body, place, value.clone()),
            }
            out.push(serde_json::to_vec(&body).unwrap());
        }
        if body.pointer(place).is_some_and(Value::is_object) {
            let mut body = body.clone();
            set(&mut body, &format!("{place}/nonsense"), json!([{}]));
            out.push(serde_json::to_vec(&body).unwrap());
        }
    }
    let text = body.to_string();
    out.extend((0..text.len()).step_by(7).map(|end| text.as_bytes()[..end].to_vec()));
    out.extend([text.replacen('1', "1.5", 1).into_bytes(), text.replacen('1', "12345678901234567890", 1).into_bytes()]);
    out.push(format!("{}{text}{}", "[".repeat(9), "]".repeat(9)).into_bytes());
    out.push(text.replacen('{', "{\"at\":1,\"at\":1,", 1).into_bytes());
    out.push(vec![b' '; 65 * 1024]);
    out
}

/// The names of members and the values of enumerations that the contract gives.
fn known() -> BTreeSet<String> {
    fn words(text: &str) -> impl Iterator<Item = String> + '_ {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map(str::to_owned)
    }
    let contract = include_str!("../../openapi.yaml");
    let lists = contract.split("enum: [").skip(1).map(|rest| rest.split(']').next().unwrap());
    let mut known: BTreeSet<String> = lists.flat_map(words).collect();
    for body in events().iter().chain([&full()]) {
        let mut pointers = Vec::new();
        places(body, "", &mut pointers);
        known.extend(pointers.iter().flat_map(|pointer| words(pointer)));
    }
    // Names that Chinese has no other word for.
    known.extend(["JSON", "CNY"].map(str::to_owned));
    known
}

fn english(zh: &str, known: &BTreeSet<String>) -> Vec<String> {
    let words = zh.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let words = words.filter(|word| word.bytes().any(|b| b.is_ascii_alphabetic()));
    words.filter(|word| !known.contains(*word)).map(str::to_owned).collect()
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn no_librarys_english_is_in_a_chinese_answer() {
    let known = known();
    let blessed = english("成员有误：unknown variant `merchant`, expected one of `claim_paid`", &known);
    assert_eq!(blessed, ["variant", "expected", "one", "of"], "what this test is to find");
    let (mut refused, mut codes) = (0, BTreeSet::new());
    let mut look = |problem: Problem, body: &[u8]| {
        refused += 1;
        let details = problem.errors.iter().map(|error| &error.detail).chain([&problem.detail]);
        for detail in details {
            let body = String::from_utf8_lossy(body);
            let found = english(&detail.zh, &known);
            assert!(found.is_empty(), "{found:?} in {:?}, of {body}", detail.zh);
            assert!(detail.zh.chars().any(is_chinese), "{:?}, of {body}", detail.zh);
            assert!(!detail.en.chars().any(is_chinese) && !detail.en.is_empty(), "{:?}, of {body}", detail.en);
        }
        codes.extend(problem.errors.iter().map(|error| error.code));
    };
    for body in spoilt(&full()) {
        if let Err(problem) = Case::read(&body, now()) {
            look(problem, &body);
        }
    }
    for event in events() {
        assert!(RefundEvent::parse(event.to_string().as_bytes(), now()).is_ok(), "{event}");
        for body in spoilt(&event) {
            if let Err(problem) = RefundEvent::parse(&body, now()) {
                look(problem, &body);
            }
        }
    }
    assert!(refused > 0, "nothing was refused: this proves nothing");
    for code in ["missing-member", "unknown-member", "unknown-value", "wrong-type", "bad-member", "json-too-deep"] {
        assert!(codes.contains(code), "{code} did not occur");
    }
}

/// Of an event the pointer leads to the member, however deep, and for an unknown type the known ones are listed.
#[test]
fn an_events_faults_are_placed() {
    let wrong = |pointer: &str, value: Value| {
        let mut event = events().remove(0);
        set(&mut event, pointer, value);
        let problem = RefundEvent::parse(event.to_string().as_bytes(), now()).unwrap_err();
        let error = problem.errors[0].clone();
        (problem.kind.code, error.pointer, error.code, error.detail.zh)
    };
    let fault = |pointer: &str, zh: &str| ("bad-event", pointer.to_owned(), "bad-member", zh.to_owned());
    assert_eq!(wrong("/extra", json!(1)), fault("/extra", "没有这个字段。"));
    assert_eq!(wrong("/parcel/extra", json!(1)), fault("/parcel/extra", "没有这个字段。"));
    assert_eq!(wrong("/parcel/carrier", json!("—")), fault("/parcel/carrier", "缺少这个字段。"));
    let method = "这个值不在允许的取值之中：door_pickup、self_mail。";
    assert_eq!(wrong("/parcel/method", json!("nonsense")), fault("/parcel/method", method));
    let type_ = wrong("/type", json!("nonsense"));
    assert!(type_.1 == "/type" && type_.3.contains("：parcel_added、parcel_scanned、"), "{type_:?}");
    let number = "这个值的类型不对：应为整数，而不是文本。";
    assert_eq!(wrong("/parcel/weight_g", json!("heavy")), fault("/parcel/weight_g", number));
    assert_eq!(wrong("/type", json!("—")), fault("/type", "缺少这个字段。"));
}
