//! Requests to bot-screen: whoever sends what, in JSON or as a client itself, there is an answer, no panic and no 5xx but
//! those that say what is wrong; no spelling of the path makes a verdict milder than its plain one, and where a browser is
//! sent on to is this host. Bytes: a first line with a method and a target, then header fields, then a body.
#![no_main]

use std::cell::RefCell;

use bot_screen::BotScreen;
use bot_screen::challenge::Challenge;
use bot_screen::client::AddressClass;
use bot_screen::seal::Keys;
use bot_screen::store::SCHEMA;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shared::http::{Head, Headers, Target};
use shared::platform::native::{Native, handle};

const PASS_KEYS: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// The SHA-256 of the bearer key `test`, which is none that a caller could have: so what is asked is refused, or read.
const CALLERS: &str = r#"[{"caller":"edge","kid":"k","alg":"bearer-sha256","key":"n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg","scopes":["screen"]}]"#;

thread_local! {
    static HOST: RefCell<Native> = RefCell::new(host());
}

fn host() -> Native {
    let mut host = Native::new(SCHEMA).expect("a database in memory");
    for (name, value) in [
        ("SCREEN_CALLERS", CALLERS),
        ("SCREEN_PASS_KEYS", PASS_KEYS),
        ("SCREEN_ORIGIN", "https://shop.example"),
        ("SCREEN_HOPS", "1"),
    ] {
        host.variables.insert(name.to_owned(), value.to_owned());
    }
    host
}

fuzz_target!(|bytes: &[u8]| {
    let (head, body) = match bytes.windows(2).position(|two| two == b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (bytes, &b""[..]),
    };
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines();
    let (method, target) = lines.next().unwrap_or_default().split_once(' ').unwrap_or(("GET", "/"));
    let Ok(method) = http::Method::from_bytes(method.as_bytes()) else { return };
    let mut headers = Headers::default();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if is_name && !value.contains(['\r', '\n', '\0']) {
            headers.push(name, value);
        }
    }
    let field = |name: &str| headers.get(name).unwrap_or_default().to_owned();
    let head = Head {
        method,
        target: Target::new("shop.example", target),
        accept: field("accept"),
        accept_language: field("accept-language"),
        ..Head::default()
    };
    HOST.with_borrow_mut(|host| {
        host.headers = headers;
        let Some(answer) = handle::<BotScreen>(host, &head, body.to_vec()).ours() else { return };
        let status = answer.status.as_u16();
        // 502: the origin of this test never answers. 501: no web sockets.
        assert!(matches!(status, 200..=499 | 501 | 502), "{status}");
        for (name, value) in answer.headers() {
            assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{name}");
            if name == "location" {
                assert!(value.starts_with('/') && !value.starts_with("//") && !value.starts_with("/\\"), "{value}");
            }
        }
        let json = answer.headers().any(|(name, value)| name == "content-type" && value.contains("json"));
        if json && !answer.body.is_empty() {
            let _told: Value = serde_json::from_slice(&answer.body).expect("JSON is JSON");
        }
    });
    let (target, _) = Challenge::target(&head.target.path, &head.target.query);
    assert!(target.starts_with('/') && !target.starts_with("//"), "{target}");
    let keys = Keys::parse(PASS_KEYS).expect("a key");
    let token = String::from_utf8_lossy(body);
    assert!(Challenge::answered(&keys, &token, &text, AddressClass::Unknown, 0).is_err(), "nobody forges a challenge");
});
