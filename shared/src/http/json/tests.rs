#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
struct Listing {
    title: String,
    price: Price,
    #[serde(default)]
    images: Vec<Image>,
    state: Option<State>,
    #[serde(default)]
    labels: BTreeMap<String, u8>,
    #[serde(default)]
    size: (i8, u64),
}

#[derive(Debug, PartialEq, Deserialize)]
struct Price {
    fen: u32,
    sale: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Image {
    url: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Draft,
    OnSale,
    Removed { why: String },
}

const BOUNDS: Bounds = Bounds { bytes: 1000, depth: 4, items: 3 };

fn listing(json: &str, unknown: Unknown) -> Result<Listing, Unread> {
    read(json.as_bytes(), BOUNDS, unknown)
}

#[test]
fn a_body_of_the_right_shape_is_read() {
    let text = r#"{"title":"茶","price":{"fen":4294967295,"sale":false},"images":[{"url":"a"}],"state":"on_sale",
        "labels":{"a":255},"size":[-128,9007199254740991]}"#;
    let read = listing(text, Unknown::Refuse).unwrap();
    assert_eq!((read.title.as_str(), read.price.fen, read.state), ("茶", u32::MAX, Some(State::OnSale)));
    assert_eq!((read.labels.get("a"), read.size), (Some(&255), (-128, 9_007_199_254_740_991)));
    let removed = r#"{"title":"","price":{"fen":0,"sale":true},"state":{"removed":{"why":"x"}}}"#;
    assert_eq!(listing(removed, Unknown::Refuse).unwrap().state, Some(State::Removed { why: "x".to_owned() }));
}

/// Each fault: the body, `code pointer`, and its English words.
#[test]
fn faults_say_where_and_why() {
    let price = r#""price":{"fen":1,"sale":true}"#;
    let with = |rest: &str| format!(r#"{{"title":"",{price},{rest}}}"#);
    let cases = [
        (r#"{"price":{"fen":1,"sale":true}}"#.to_owned(), "missing-member /title", "This member is missing."),
        (
            r#"{"title":1,"price":{"fen":1,"sale":true}}"#.to_owned(),
            "wrong-type /title",
            "This value has the wrong type: a text is wanted, not an integer.",
        ),
        (
            r#"{"title":"","price":[1,true]}"#.to_owned(),
            "wrong-type /price",
            "This value has the wrong type: an object is wanted, not an array.",
        ),
        (
            r#"{"title":"","price":{"fen":-1,"sale":true}}"#.to_owned(),
            "out-of-range /price/fen",
            "This integer lies between 0 and 4294967295.",
        ),
        (
            r#"{"title":"","price":{"fen":1,"sale":null}}"#.to_owned(),
            "wrong-type /price/sale",
            "This value has the wrong type: a boolean is wanted, not null.",
        ),
        (
            with(r#""state":"sold""#),
            "unknown-value /state",
            "This value is none of those allowed: draft, on_sale, removed.",
        ),
        (
            with(r#""state":"removed""#),
            "wrong-type /state",
            "This value has the wrong type: an object is wanted, not a text.",
        ),
        (with(r#""state":{"removed":{}}"#), "missing-member /state/removed/why", "This member is missing."),
        (with(r#""state":3"#), "wrong-type /state", "This value has the wrong type: a text is wanted, not an integer."),
        (
            with(r#""images":[{"url":"a"},{"url":"b","size":1}]"#),
            "unknown-member /images/1/size",
            "There is no such member.",
        ),
        (with(r#""labels":{"a/b~c":256}"#), "out-of-range /labels/a~1b~0c", "This integer lies between 0 and 255."),
        (with(r#""size":[1]"#), "wrong-length /size", "This array has another number of items than is wanted."),
        (with(r#""size":[1,2,3]"#), "wrong-length /size", "This array has another number of items than is wanted."),
        (with(r#""size":[1,-2]"#), "out-of-range /size/1", "This integer lies between 0 and 18446744073709551615."),
        (with(r#""colour":{"x":[1]}"#), "unknown-member /colour", "There is no such member."),
        ("[]".to_owned(), "wrong-type ", "This value has the wrong type: an object is wanted, not an array."),
    ];
    for (body, expected, words) in cases {
        let Err(Unread::Shape(fault)) = listing(&body, Unknown::Refuse) else { panic!("{body} was read") };
        assert_eq!(format!("{} {}", fault.code(), fault.pointer()), expected, "{body}");
        assert_eq!(fault.words().en, words, "{body}");
        let problem = fault.problem(&NOT_JSON);
        assert_eq!((problem.detail, problem.errors.len()), (fault.words(), 1));
    }
}

#[test]
fn unknown_members_are_ignored_where_nothing_is_lost() {
    let body = r#"{"title":"","price":{"fen":1,"sale":true,"later":[{}]},"later":null}"#;
    assert!(listing(body, Unknown::Ignore).is_ok());
    let Err(Unread::Shape(fault)) = listing(body, Unknown::Refuse) else { panic!("read") };
    assert_eq!(fault.code(), "unknown-member");
    // A type that refuses them by itself does so anyway.
    let body = r#"{"title":"","price":{"fen":1,"sale":true},"images":[{"url":"a","later":1}]}"#;
    assert!(listing(body, Unknown::Ignore).is_err());
}

#[test]
fn what_is_no_json_within_bounds() {
    let problem = |body: &str| {
        let Err(unread) = listing(body, Unknown::Ignore) else { panic!("{body} was read") };
        let problem = unread.problem(&crate::problem::BAD_REQUEST);
        let error = problem.errors.first().unwrap();
        format!("{} {} {} {}", problem.kind.status.as_u16(), problem.kind.code, error.code, error.detail.zh)
    };
    assert_eq!(problem("{"), "400 not-json not-json 第 1 行第 1 列有误。");
    assert_eq!(problem(r#"{"title":1.5}"#), "400 not-json json-not-an-integer 数值必须是整数。");
    assert_eq!(problem(r#"{"a":1,"a":2}"#), "400 not-json json-duplicate-key 同一字段出现了两次。");
    assert_eq!(problem("[[[[[]]]]]"), "400 not-json json-too-deep JSON 嵌套过深。");
    assert_eq!(problem("[1,2,3,4]"), "400 not-json json-too-many-items 数组最多 3 项。");
    assert_eq!(problem(&" ".repeat(1001)), "413 body-too-large too-large 请求内容不得超过 1000 字节。");
}

#[test]
fn members_are_taken_one_by_one() {
    let value = serde_json::json!({"type": "b", "size": 3, "none": null, "rest": 1});
    let mut members = Members::of(value.clone(), Unknown::Refuse).unwrap();
    assert_eq!(members.one_of("type", &["a", "b"]), Ok("b"));
    assert_eq!(members.required::<u8>("size"), Ok(3));
    assert_eq!(members.required::<u8>("size"), Err(Fault::of("size", Wrong::MissingMember)), "taken already");
    assert_eq!((members.optional::<u8>("none"), members.optional::<u8>("absent")), (Ok(None), Ok(None)));
    assert_eq!(members.done(), Err(Fault::of("rest", Wrong::UnknownMember)));

    let mut members = Members::of(value.clone(), Unknown::Ignore).unwrap();
    assert_eq!(members.one_of("type", &["a"]), Err(Fault::of("type", Wrong::UnknownValue(&["a"]))));
    let fault = members.required::<String>("size").unwrap_err();
    assert_eq!((fault.pointer().as_str(), fault.code()), ("/size", "wrong-type"));
    members.forget(&["none"]);
    assert_eq!(members.done(), Ok(()));
    assert!(Members::of(serde_json::json!([]), Unknown::Ignore).is_err());
}

/// What is read of a JSON text whose unread parts may be anything, and what is wrong with it.
#[test]
fn json_of_callers_who_send_more() {
    let loosely = |body: &str| parse_loosely(body.as_bytes(), BOUNDS);
    let same = |body: &str, as_if: &str| assert_eq!(loosely(body).unwrap().to_string(), as_if, "{body}");
    same(r#"{"a":1.5,"b":null,"c":[null,12345678901234567890123]}"#, r#"{"a":1.5,"c":[null,1.2345678901234568e+22]}"#);
    same("[[[[[[[[1]]]],{}]]]]", "[[[[[],{}]]]]");
    same(r#"[[[[{"a":1,"a":2}]]]]"#, "[[[[{}]]]]");
    same("[1,2,3,4,5]", "[1,2,3]");
    let fault = |body: &str| match loosely(body).unwrap_err() {
        Unread::Shape(fault) => format!("{} {}", fault.code(), fault.pointer()),
        Unread::Json(error, _) => format!("{error:?}"),
    };
    assert_eq!(fault(r#"{"a":[{"b":1,"b":2}]}"#), "duplicate-member /a/0/b");
    assert_eq!(fault(r#"{"a":["x","\ud83d"]}"#), "lone-surrogate /a/1");
    assert_eq!(fault(r#"{"a":"\udc00x"}"#), "lone-surrogate /a");
    assert_eq!(fault(r#"{"a":{"\ud83d":1}}"#), "lone-surrogate /a");
    assert_eq!(fault(r#"{"a":1e400}"#), "number-too-large /a");
    for body in ["", "{", "[1,]", r#"{"a":"\u12"}"#, "[1,2,3,4,}", "[] x"] {
        assert!(fault(body).starts_with("Syntax"), "{body}");
    }
    assert_eq!(fault(&" ".repeat(1001)), "TooLarge");
    let Unread::Shape(fraction) = of_value::<Price>(&loosely(r#"{"fen":1.5,"sale":true}"#).unwrap(), Unknown::Ignore)
        .map_err(Unread::Shape)
        .unwrap_err()
    else {
        panic!("read")
    };
    assert_eq!(
        (fraction.pointer().as_str(), fraction.words().en.as_str()),
        ("/fen", "This value has the wrong type: an integer is wanted, not a fraction or a number that is too large.")
    );
}
