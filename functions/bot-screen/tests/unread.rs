//! Clients whose address cannot be read: counted, as one.

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

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn host() -> Native {
    native("n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg", &[("SCREEN_COOKIE_DOMAIN", "plain")])
}

fn post(host: &mut Native, path: &str, fields: &[(&str, &str)], body: &Value) -> Value {
    let mut headers = Headers::default();
    headers.push("authorization", "Bearer test");
    headers.push("content-type", "application/json");
    for (name, value) in fields {
        headers.push(name, value);
    }
    host.headers = headers;
    let head = Head { method: Method::POST, target: Target::new("screen.example", path), ..Head::default() };
    let answer = handle::<BotScreen>(host, &head, body.to_string().into_bytes()).ours().unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

/// A sign-in from what is told as an address.
fn sign_in(host: &mut Native, address: Option<&str>, cookie: &str) -> Value {
    let headers = json!([
        ["user-agent", FIREFOX],
        ["accept", "*/*"],
        ["accept-language", "en"],
        ["sec-fetch-site", "same-origin"],
        ["sec-fetch-mode", "cors"],
        ["sec-fetch-dest", "empty"],
        ["cookie", cookie],
    ]);
    let mut question = json!({ "method": "POST", "url": "/login", "host": "shop.example", "headers": headers });
    if let Some(address) = address {
        question["client_address"] = address.into();
    }
    post(host, "/v1/screen", &[], &question)
}

#[test]
fn what_cannot_be_read_is_counted_as_one_client_which_a_pass_leaves() {
    let mut host = host();
    let mut through = 0;
    let challenged = loop {
        // Whatever stands in place of an address: no spelling is a client of its own.
        let told = format!("unknown-{through}");
        let answer = sign_in(&mut host, Some(&told), "");
        assert_eq!(answer["request"]["address_unread"], true);
        if answer["outcome"] == "challenge" {
            break answer;
        }
        through += 1;
    };
    assert_eq!(through, 30, "as many as from one address");
    // Its browser shows that it is one, and is counted by its pass from then on.
    let token = challenged["challenge"]["token"].as_str().unwrap();
    let bits = u8::try_from(challenged["challenge"]["work"]["bits"].as_u64().unwrap()).unwrap();
    let answer = json!({ "token": token, "answer": solve(token, bits + 3) });
    let solved = post(&mut host, "/.venditor/solve", &[("x-original-address", "unknown")], &answer);
    let cookie = format!("venditor-pass={}", solved["pass"]["value"].as_str().unwrap());
    assert_eq!(sign_in(&mut host, Some("unix:"), &cookie)["outcome"], "allow");
    assert_eq!(sign_in(&mut host, Some("unix:"), "")["outcome"], "challenge");
    // Those whose address can be read are others, and who says nothing is counted by no address.
    assert_eq!(sign_in(&mut host, Some("192.0.2.1"), "")["outcome"], "allow");
    for _ in 0..40 {
        let answer = sign_in(&mut host, None, "");
        assert_eq!((&answer["outcome"], &answer["request"]["address_unread"]), (&json!("allow"), &Value::Null));
    }
}
