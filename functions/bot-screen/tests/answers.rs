//! Our answers in place of an origin's: who may read them by script, what is shown within pages of others, and that a pass
//! that was earned comes with all of them.

#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::panic, reason = "tests may fail by panicking")]

mod support;

use bot_screen::BotScreen;
use bot_screen::challenge::{Challenge, Kind, solve};
use bot_screen::client::AddressClass;
use bot_screen::seal::Keys;
use http::Method;
use shared::http::{Head, Headers, Response, Target};
use shared::platform::OutboundError;
use shared::platform::native::{Native, handle};

use support::{PASS_KEYS, native};

const WWW: &str = "https://www.shop.example";

fn host() -> Native {
    let mut host = native(
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &[
            ("SCREEN_ORIGIN", "https://shop.example"),
            ("SCREEN_CORS_ORIGINS", "https://m.shop.example, https://www.shop.example"),
        ],
    );
    host.upstream = Box::new(|_, _| Err(OutboundError::Transport));
    host
}

fn ask(host: &mut Native, method: Method, target: &str, fields: &[(&str, &str)]) -> Response {
    let mut headers = Headers::default();
    for (name, value) in fields {
        headers.push(name, value);
    }
    let accept = headers.get("accept").unwrap_or_default().to_owned();
    host.headers = headers;
    let head = Head { method, target: Target::new("api.shop.example", target), accept, ..Head::default() };
    handle::<BotScreen>(host, &head, b"{}".to_vec()).ours().unwrap()
}

fn field<'r>(response: &'r Response, wanted: &str) -> Option<&'r str> {
    response.headers().find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

#[test]
fn pages_of_the_hosts_that_are_configured_may_read_what_is_ours() {
    let mut host = host();
    let post = Method::POST;
    for (method, target, status) in [
        (post.clone(), "/api/cart/items", 403),
        (post.clone(), "/.venditor/solve", 403),
        (Method::GET, "/.venditor/check", 403),
        // What the origin does not answer, and what another site may not ask.
        (Method::GET, "/", 502),
        (Method::GET, "/.venditor/none", 404),
    ] {
        let fields = [("user-agent", "curl/8"), ("accept", "application/json"), ("origin", WWW)];
        let answer = ask(&mut host, method.clone(), target, &fields);
        assert_eq!(answer.status.as_u16(), status, "{target}");
        assert_eq!(field(&answer, "access-control-allow-origin"), Some(WWW), "{target}");
        assert_eq!(field(&answer, "access-control-allow-credentials"), Some("true"), "{target}");
        assert!(answer.headers().any(|pair| pair == ("vary", "origin")), "{target}");
        for other in
            ["https://shop.example", "https://www.shop.example.evil.example", "null", "http://www.shop.example"]
        {
            let fields = [("user-agent", "curl/8"), ("accept", "application/json"), ("origin", other)];
            let answer = ask(&mut host, method.clone(), target, &fields);
            assert_eq!(field(&answer, "access-control-allow-origin"), None, "{target} {other}");
        }
    }
}

#[test]
fn a_frame_gets_a_page_and_one_within_another_site_leads_out() {
    let mut host = host();
    let fields = |dest, site| {
        [
            ("user-agent", "curl/8"),
            ("accept", "text/html"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", dest),
            ("sec-fetch-site", site),
        ]
    };
    for (dest, site, page, framed, out) in [
        ("document", "cross-site", true, false, false),
        ("iframe", "same-origin", true, true, false),
        ("frame", "same-site", true, true, false),
        ("iframe", "cross-site", true, true, true),
        ("image", "same-origin", false, false, false),
        ("empty", "same-origin", true, false, false),
    ] {
        let answer = ask(&mut host, Method::GET, "/cart?add-to-cart=1", &fields(dest, site));
        assert_eq!(answer.status.as_u16(), 403);
        assert_eq!(answer.body.starts_with(b"<!DOCTYPE html>"), page, "{dest} {site}");
        let policy = field(&answer, "content-security-policy").unwrap();
        assert_eq!(policy.contains("frame-ancestors *"), framed, "{dest} {site}: {policy}");
        let body = String::from_utf8(answer.body).unwrap();
        let leads = body.contains(r#"href="/cart?add-to-cart=1" target="_blank" rel="noopener""#);
        assert_eq!(leads, out, "{dest} {site}: {body}");
        assert_eq!(body.contains("id=\"challenge\""), page && !out, "{dest} {site}");
    }
}

#[test]
fn a_pass_that_was_earned_is_not_lost_with_an_origin_that_does_not_answer() {
    let mut host = host();
    let from = u32::try_from(host.now_ms.get() / 1000).unwrap();
    for (nonce, error, status) in [(4, OutboundError::Timeout, 504), (5, OutboundError::Transport, 502)] {
        host.upstream = Box::new(move |_, _| Err(error.clone()));
        let (kind, class, target) = (Kind::Any, AddressClass::Unknown, "/checkout".to_owned());
        let challenge =
            Challenge { kind, bits: 17, wait: 6, class, from, until: from + 600, nonce: [nonce; 10], target };
        let token = challenge.seal(&Keys::parse(PASS_KEYS).unwrap());
        let url = format!("/checkout?venditor-token={token}&venditor-answer={}", solve(&token, 17));
        let answer = ask(&mut host, Method::POST, &url, &[("user-agent", "curl/8")]);
        assert_eq!(answer.status.as_u16(), status);
        let mut cookies = answer.headers().filter(|(name, _)| *name == "set-cookie").map(|(_, value)| value);
        assert!(cookies.next().unwrap().starts_with("__Host-venditor-pass=k1."), "{status}");
        assert_eq!(cookies.next(), None, "a visit goes on with an answer of the origin alone");
    }
}
