//! Who answers challenges too often: told when to come again, and not challenged without end.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests may fail by panicking"
)]

mod support;

use bot_screen::BotScreen;
use bot_screen::challenge::solve;
use http::Method;
use serde_json::{Value, json};
use shared::http::{Head, Headers, Target};
use shared::platform::native::{Native, handle};

use support::native;

fn post(host: &mut Native, path: &str, body: &Value) -> Value {
    let mut headers = Headers::default();
    headers.push("authorization", "Bearer test");
    headers.push("content-type", "application/json");
    headers.push("x-original-address", "192.0.2.7");
    host.headers = headers;
    let head = Head { method: Method::POST, target: Target::new("screen.example", path), ..Head::default() };
    let answer = handle::<BotScreen>(host, &head, body.to_string().into_bytes()).ours().unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

/// A program that fills a cart, with what it brings in the query.
fn cart(host: &mut Native, query: &str) -> Value {
    let question = json!({
        "method": "POST", "url": format!("/cart/add{query}"), "host": "shop.example", "client_address": "192.0.2.7",
        "headers": [["user-agent", "curl/8"], ["accept", "*/*"]],
    });
    post(host, "/v1/screen", &question)
}

#[test]
fn a_right_answer_that_comes_too_often_is_told_when_to_come_again() {
    let mut host = native("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg", &[]);
    let answer = |challenged: &Value| {
        let challenge = &challenged["challenge"];
        let token = challenge["token"].as_str().unwrap().to_owned();
        let bits = u8::try_from(challenge["work"]["bits"].as_u64().unwrap()).unwrap();
        let answer = solve(&token, bits + 3);
        (token, answer)
    };
    let mut solved = 0;
    let (token, work) = loop {
        let challenged = cart(&mut host, "");
        assert_eq!(challenged["outcome"], "challenge");
        let (token, work) = answer(&challenged);
        let got = post(&mut host, "/.venditor/solve", &json!({ "token": token, "answer": work }));
        if got["pass"].is_null() {
            break (token, work);
        }
        solved += 1;
        assert!(solved < 500, "nobody answers so often");
    };
    let told = cart(&mut host, &format!("?venditor-token={token}&venditor-answer={work}"));
    assert_eq!(told["outcome"], "throttle", "{told}");
    assert!(told["retry_after_seconds"].as_i64().unwrap() > 0 && told["challenge"].is_null(), "{told}");
    // Its time comes, and the same answer serves.
    let seconds = told["retry_after_seconds"].as_i64().unwrap();
    host.now_ms.set(host.now_ms.get() + seconds * 1000);
    let told = cart(&mut host, &format!("?venditor-token={token}&venditor-answer={work}"));
    assert_eq!(told["outcome"], "tag", "{told}");
}
