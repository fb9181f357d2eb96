//! Requests on their way to an origin: what it gets, and what the client gets of its answer.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail by panicking"
)]

#[path = "support/shop.rs"]
mod shop;
mod support;

use bot_screen::challenge::{Challenge, Kind, solve};
use bot_screen::client::AddressClass;
use bot_screen::pass::Pass;
use bot_screen::seal::Keys;
use http::Method;
use shared::http::Headers;
use shared::platform::native::Native;
use shared::platform::{Allowance, Answer, Forwarded, OutboundError};

use shop::{NOW, Sent, ask};
use support::PASS_KEYS;

const CHROME: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

fn host() -> (Native, Sent) {
    shop::before(&[("set-cookie", "cart=1")])
}

#[test]
fn a_request_goes_on_as_it_came_but_for_what_is_ours() {
    let (mut host, sent) = host();
    let fields = [
        ("user-agent", CHROME),
        ("cookie", "a=b"),
        ("venditor-outcome", "verified"),
        ("venditor-anything", "x"),
        ("x-original-url", "/admin"),
        ("x-forwarded-for", "203.0.113.9, 192.0.2.1"),
        ("connection", "venditor-agent, close"),
        ("content-type", "text/plain"),
    ];
    let answer = ask(&mut host, Method::PUT, "/p/AC%2FDC?a=1&a=2", &fields, "body");
    let Answer::Origin(answer) = answer else { panic!("the origin's") };
    assert_eq!(answer.headers.as_block(), "set-cookie\ncart=1\n");
    let (request, body) = sent.borrow_mut().remove(0);
    assert_eq!((request.url.as_str(), body), ("https://shop.example/p/AC%2FDC?a=1&a=2", b"body".to_vec()));
    let field = |name: &str| request.headers.get(name);
    for (name, value) in [
        ("cookie", Some("a=b")),
        ("venditor-outcome", Some("allow")),
        ("venditor-agent", Some("browser")),
        ("venditor-anything", None),
        ("x-original-url", None),
        ("x-forwarded-for", Some("192.0.2.1")),
        ("x-forwarded-host", Some("www.shop.example")),
    ] {
        assert_eq!(field(name), value, "{name}");
    }
}

#[test]
fn a_form_that_brings_its_answer_goes_on_with_a_pass_once() {
    let (mut host, sent) = host();
    let from = u32::try_from(NOW / 1000).unwrap();
    let class = AddressClass::Unknown;
    let target = "/checkout?step=2".to_owned();
    let challenge =
        Challenge { kind: Kind::Any, bits: 17, wait: 6, class, from, until: from + 600, nonce: [3; 10], target };
    let token = challenge.seal(&Keys::parse(PASS_KEYS).unwrap());
    let url = format!("/checkout?step=2&venditor-token={token}&venditor-answer={}", solve(&token, 17));
    let program =
        [("user-agent", "curl/8"), ("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded")];
    let Answer::Origin(answer) = ask(&mut host, Method::POST, &url, &program, "name=1") else { panic!("the origin's") };
    let cookies: Vec<&str> = answer.headers.iter().map(|(_, value)| value).collect();
    assert!(cookies[0] == "cart=1" && cookies[1].starts_with("__Host-venditor-pass=k1."), "{cookies:?}");
    let (request, body) = sent.borrow_mut().remove(0);
    assert_eq!((request.url.as_str(), body), ("https://shop.example/checkout?step=2", b"name=1".to_vec()));
    // The same again, without the cookie: what was answered once is worth nothing.
    let again = ask(&mut host, Method::POST, &url, &program, "name=1");
    assert_eq!(again.status(), 403);
    let page = String::from_utf8(again.ours().unwrap().body).unwrap();
    assert!(page.contains(r#"<input type="hidden" name="name" value="1">"#), "{page}");
    assert!(sent.borrow().is_empty());
}

#[test]
fn an_origin_that_does_not_answer_is_said_to() {
    let (mut host, _) = host();
    for (error, status, code) in
        [(OutboundError::Timeout, 504, "origin-timeout"), (OutboundError::Transport, 502, "origin-unreachable")]
    {
        host.upstream = Box::new(move |_, _| Err(error.clone()));
        let answer = ask(&mut host, Method::GET, "/", &[("user-agent", CHROME)], "").ours().unwrap();
        let body = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status.as_u16(), status);
        assert!(body.contains(&format!("/problems/{code}\"")), "{body}");
        // And a page for a person.
        let page =
            ask(&mut host, Method::GET, "/", &[("user-agent", CHROME), ("accept", "text/html")], "").ours().unwrap();
        assert!(page.body.starts_with(b"<!DOCTYPE html>"));
    }
}

#[test]
fn a_flood_of_views_is_held_back_by_the_hosts_limiter_and_nothing_else() {
    let (mut host, sent) = host();
    for (agent, limiter) in
        [(CHROME, "VIEWS"), ("curl/8", "PROGRAMS"), ("Mozilla/5.0 (compatible; Baiduspider/2.0)", "PROGRAMS")]
    {
        host.limits = Box::new(move |name, key| {
            assert_eq!((name, key), (limiter, "192.0.2.1"));
            Allowance::Limited
        });
        let view = ask(&mut host, Method::GET, "/p/1", &[("user-agent", agent), ("x-forwarded-for", "192.0.2.1")], "");
        assert_eq!(view.status(), 429);
    }
    let client = ("x-forwarded-for", "192.0.2.1");
    for (method, free) in
        [(Method::GET, "/assets/style.css"), (Method::GET, "/robots.txt"), (Method::POST, "/hooks/payment")]
    {
        assert_eq!(ask(&mut host, method, free, &[("user-agent", "curl/8"), client], "").status(), 200, "{free}");
    }
    assert_eq!(sent.borrow().len(), 3);
}

#[test]
fn one_account_is_one_account_from_whatever_address() {
    let (mut host, sent) = host();
    let mut seen = Vec::new();
    for n in 0..12 {
        let address = format!("192.0.2.{n}");
        let fields = [
            ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            ("x-forwarded-for", &address),
        ];
        let body = ["user=Li.Si%40example.com&password=x", r#"{"email":"li.si@example.com"}"#][n % 2];
        seen.push(ask(&mut host, Method::POST, "/login", &fields, body).status());
    }
    assert_eq!(seen, [[200; 10].as_slice(), &[403, 403]].concat());
    assert_eq!(sent.borrow()[0].1, b"user=Li.Si%40example.com&password=x", "what was read goes on as it came");
    // A form of files that says how long it is is read too; of another, a browser shows that it is one.
    let file = "--x\r\ncontent-disposition: form-data; name=\"user\"\r\n\r\nli.si@example.com\r\n--x--";
    let other = file.replace("li.si", "wang.wu");
    let length = file.len().to_string();
    let firefox = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    let files = ("content-type", "multipart/form-data; boundary=x");
    for (body, fields, status) in [
        (file, &[firefox, files, ("content-length", length.as_str())][..], 403),
        (other.as_str(), &[firefox, files, ("content-length", length.as_str())], 200),
        (other.as_str(), &[firefox, files], 403),
        (other.as_str(), &[firefox, ("content-encoding", "gzip")], 403),
    ] {
        assert_eq!(ask(&mut host, Method::POST, "/login", fields, body).status(), status, "{body} {fields:?}");
    }
    let long = "x".repeat(300 << 10);
    assert_eq!(
        ask(&mut host, Method::POST, "/login", &[("user-agent", "Mozilla/5.0 Firefox/140.0")], &long).status(),
        413
    );
}

/// What an attacker found, and what holds now.
#[test]
fn what_was_a_way_round_is_none() {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    // An override does not make a login a page view, nor a parameter make it a cart, nor a way up a notice.
    for target in [
        "/login?_method=GET",
        "/login?add-to-cart=1",
        "/login/..%2fhooks%2fx",
        "/login.php/%252e%252e/%252e%252e/hooks/x",
        "/login;x=1/..;/hooks/x",
    ] {
        let (mut host, _) = host();
        let fields = [("user-agent", FIREFOX), ("x-forwarded-for", "192.0.2.1")];
        let seen: Vec<u16> = (0..40).map(|_| ask(&mut host, Method::POST, target, &fields, "").status()).collect();
        assert_eq!((seen[0], seen[39]), (200, 403), "{target}");
    }
    // Nothing hides behind other parameters.
    let (mut host, sent) = host();
    let program = [("user-agent", "curl/8")];
    for query in [
        "a&".repeat(80) + "add-to-cart=1",
        "add-to-cart[]=1".into(),
        "add-to-cart%00x=1".into(),
        "x=1;add-to-cart=1".into(),
    ] {
        assert_eq!(ask(&mut host, Method::GET, &format!("/?{query}"), &program, "").status(), 403, "{query}");
    }
    // Spellings with underscores, and what says who the client is.
    let fields = [
        ("user-agent", FIREFOX),
        ("venditor_outcome", "verified"),
        ("x_original_url", "/admin"),
        ("x_forwarded_for", "203.0.113.9"),
        ("x-real-ip", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
    ];
    ask(&mut host, Method::GET, "/", &fields, "");
    let request = sent.borrow_mut().remove(0).0;
    assert!(!request.headers.as_block().contains("203.0.113.9"));
    assert!(request.headers.iter().all(|(name, _)| !name.contains('_')));
    // Our own addresses are nobody else's.
    for path in ["/.venditor/other", "//.venditor/check", "/.Venditor/x", "/%2evenditor/x"] {
        assert_eq!(ask(&mut host, Method::GET, path, &[("user-agent", FIREFOX)], "").status(), 404, "{path}");
    }
    assert!(sent.borrow().is_empty());
}

#[test]
fn a_form_of_another_site_is_not_sent_from_here() {
    let (mut host, _) = host();
    let kept = |host: &mut Native, field: (&str, &str)| {
        let fields = [
            ("user-agent", "curl/8"),
            ("accept", "text/html"),
            ("content-type", "application/x-www-form-urlencoded"),
            field,
        ];
        let page = ask(host, Method::POST, "/checkout", &fields, "address=evil").ours().unwrap();
        String::from_utf8(page.body).unwrap().contains("evil")
    };
    for (field, wanted) in [
        (("sec-fetch-site", "same-origin"), true),
        (("origin", "https://www.shop.example"), true),
        (("x-none", ""), true),
        (("sec-fetch-site", "cross-site"), false),
        (("origin", "https://evil.example"), false),
        (("origin", "null"), false),
    ] {
        assert_eq!(kept(&mut host, field), wanted, "{field:?}");
    }
}

#[test]
fn waits_are_not_gathered() {
    let (mut host, _) = host();
    let keys = Keys::parse(PASS_KEYS).unwrap();
    let from = u32::try_from(NOW / 1000).unwrap() - 60;
    let passes = (0..40).filter(|number| {
        let class = AddressClass::Unknown;
        let challenge = Challenge {
            kind: Kind::Any,
            bits: 17,
            wait: 6,
            class,
            from,
            until: from + 600,
            nonce: [*number; 10],
            target: "/".to_owned(),
        };
        let body = format!("token={}", challenge.seal(&keys));
        let fields = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", "192.0.2.1")];
        ask(&mut host, Method::POST, "/.venditor/solve", &fields, &body).status() == 303
    });
    assert_eq!(passes.count(), 6);
}

#[test]
fn a_visit_goes_on_from_page_to_page_and_not_through_caches_between() {
    let (mut host, _) = host();
    host.variables.insert("SCREEN_COOKIE_DOMAIN".to_owned(), "plain".to_owned());
    let page = [("user-agent", CHROME), ("accept", "text/html"), ("x-forwarded-for", "192.0.2.1")];
    let cookies = |host: &mut Native, fields: &[(&str, &str)], target: &str, cache: &'static str| {
        host.upstream = Box::new(move |_, _| {
            let mut headers = Headers::default();
            headers.push("cache-control", cache);
            Forwarded::whole(200, headers, Vec::new())
        });
        let Answer::Origin(answer) = ask(host, Method::GET, target, fields, "") else { panic!("the origin's") };
        let set = answer.headers.iter().filter(|(name, _)| *name == "set-cookie");
        set.map(|(_, value)| value.to_owned()).collect::<Vec<_>>()
    };
    let first = cookies(&mut host, &page, "/p/1", "private, no-cache");
    assert!(
        first.len() == 1 && first[0].starts_with("venditor-visit=k1.") && first[0].contains("HttpOnly"),
        "{first:?}"
    );
    assert!(cookies(&mut host, &page, "/p/1", "public, max-age=60").is_empty(), "a cache of one's own is before us");
    assert!(cookies(&mut host, &page, "/p/1", "S-MaxAge=60").is_empty());
    host.variables.insert("SCREEN_HOPS".to_owned(), "0".to_owned());
    assert_eq!(cookies(&mut host, &page, "/p/1", "public, max-age=60").len(), 1, "nothing of one's own is");
    // Parts of a page, what nothing holds up, and what is fetched ahead are no pages.
    let ahead = [&page[..], &[("sec-purpose", "prefetch;prerender")]].concat();
    assert!(cookies(&mut host, &ahead, "/p/1", "").is_empty());
    assert!(cookies(&mut host, &page, "/assets/a.css", "").is_empty());
    assert!(cookies(&mut host, &[("user-agent", CHROME), ("accept", "*/*")], "/p/1", "").is_empty());
}

#[test]
fn under_load_a_challenge_is_dearer_and_a_pass_for_the_usual_price_serves() {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let (mut host, _) = host();
    let mut order = |n: u32, cookie: &str| {
        let address = format!("10.{}.{}.1", n / 250, n % 250);
        let fields = [("user-agent", FIREFOX), ("x-forwarded-for", &address), ("cookie", cookie)];
        match ask(&mut host, Method::POST, "/checkout", &fields, "") {
            Answer::Ours(answer) => String::from_utf8(answer.body).unwrap(),
            Answer::Origin(_) => String::new(),
        }
    };
    let held = (0..4500).filter(|n| !order(*n, "").is_empty()).count();
    assert!((800..=1300).contains(&held), "3,200 at once, in sixteen parts: {held}");
    let problem: serde_json::Value = serde_json::from_str(&order(5000, "")).unwrap();
    assert_eq!(problem["challenge"]["work"]["bits"], 17 + 2 - 3, "{problem}");
    let pass = Pass { bits: 17, class: AddressClass::Unknown, from: 0, until: u32::MAX, nonce: [1; 10] };
    let cookie = format!("__Host-venditor-pass={}", pass.seal(&Keys::parse(PASS_KEYS).unwrap()));
    assert_eq!(order(5000, &cookie), "");
}

#[test]
fn a_body_tells_what_is_done_where_an_address_does_everything() {
    let (mut host, sent) = host();
    let program = ("user-agent", "curl/8");
    let order = r#"{"query":"mutation { placeOrder(input: {cart_id: \"x\"}) { order { order_number } } }"}"#;
    let read = r#"{"query":"{ products(search: \"tea\") { items { name } } }"}"#;
    let form = ("content-type", "application/x-www-form-urlencoded");
    let files = ("content-type", "multipart/form-data; boundary=x");
    let long = format!("{read}{}", " ".repeat(300 << 10));
    let length = long.len().to_string();
    for (target, field, body, status) in [
        ("/graphql", ("content-type", "application/json"), order, 403),
        ("/graphql", ("content-type", "text/plain"), order, 403),
        ("/graphql", ("content-type", "application/json"), read, 200),
        ("/wp-admin/admin-ajax.php", form, "action=heartbeat", 200),
        ("/wp-admin/admin-ajax.php", form, "x=1&action=WooCommerce_Checkout", 403),
        ("/wp-admin/admin-ajax.php?action=heartbeat", form, "action=woocommerce_add_to_cart", 403),
        // What cannot be looked into may be anything, and is not read.
        ("/wp-admin/admin-ajax.php", files, "--x--", 403),
        ("/graphql", ("content-encoding", "gzip"), "", 403),
        ("/graphql", ("content-length", length.as_str()), long.as_str(), 403),
    ] {
        assert_eq!(
            ask(&mut host, Method::POST, target, &[program, field], body).status(),
            status,
            "{target} {field:?}"
        );
    }
    assert_eq!(sent.borrow().len(), 2);
    assert_eq!(sent.borrow()[0].1, read.as_bytes(), "what was read goes on as it came");
}

#[test]
fn a_form_that_is_sent_too_early_waits_no_longer_for_it() {
    let (mut host, sent) = host();
    let fields =
        [("user-agent", "curl/8"), ("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded")];
    let mut send = |target: &str, at: i64| {
        host.now_ms.set(NOW + at);
        match ask(&mut host, Method::POST, target, &fields, "name=1") {
            Answer::Ours(page) => String::from_utf8(page.body).unwrap(),
            Answer::Origin(_) => String::new(),
        }
    };
    let within = |page: &str, before: &str| page.split_once(before).unwrap().1.split('"').next().unwrap().to_owned();
    let first = send("/checkout", 0);
    let token = within(&first, "data-token=\"");
    let target = format!("/checkout?venditor-token={token}");
    for (at, left) in [(1000, "5"), (5000, "1")] {
        let page = send(&target, at);
        assert_eq!(
            (within(&page, "data-token=\""), within(&page, "data-seconds=\"")),
            (token.clone(), left.to_owned())
        );
    }
    assert_eq!(send(&target, 6000), "");
    assert_eq!(sent.borrow().len(), 1);
}

#[test]
fn a_form_that_cannot_be_kept_leads_back_to_its_page() {
    let (mut host, _) = host();
    let long = format!("/checkout?x={}", "a".repeat(5000));
    let fields = [
        ("user-agent", "curl/8"),
        ("accept", "text/html"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("referer", "https://www.shop.example/checkout?step=2#top"),
    ];
    let many: String = (0..600).map(|n| format!("a{n}=1&")).collect();
    for (target, body) in [("/checkout", "name=%C4%E3"), (long.as_str(), "name=1"), ("/checkout", many.as_str())] {
        let answer = ask(&mut host, Method::POST, target, &fields, body).ours().unwrap();
        assert!(answer.fixed.iter().all(|(name, _)| *name != "strict-transport-security"));
        let page = String::from_utf8(answer.body).unwrap();
        assert!(page.contains("data-lost") && page.contains(r#"action="/.venditor/solve""#), "{target}");
        let token = page.split_once("data-token=\"").unwrap().1.split('"').next().unwrap();
        assert_eq!(Challenge::target_of(&Keys::parse(PASS_KEYS).unwrap(), token).unwrap(), "/checkout?step=2");
    }
    // Of another site's page nothing is believed.
    let fields = [("user-agent", "curl/8"), ("accept", "text/html"), ("referer", "https://evil.example/x")];
    let page = ask(&mut host, Method::POST, "/checkout", &fields, "a=1").ours().unwrap().body;
    let page = String::from_utf8(page).unwrap();
    let token = page.split_once("data-token=\"").unwrap().1.split('"').next().unwrap();
    assert_eq!(Challenge::target_of(&Keys::parse(PASS_KEYS).unwrap(), token).unwrap(), "/");
}
