//! What an attacker tried, and what harmed an honest shopper: each as the requests that showed it.

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

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bot_screen::challenge::{Challenge, Kind, solve};
use bot_screen::client::AddressClass;
use bot_screen::pass::Pass;
use bot_screen::seal::Keys;
use http::Method;
use sha2::{Digest as _, Sha256};
use shared::http::Headers;
use shared::platform::native::Native;
use shared::platform::{Allowance, Answer, Forwarded};

use shop::{NOW, Sent, ask};
use support::PASS_KEYS;

fn host() -> (Native, Sent) {
    shop::before(&[])
}

const BEARER: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HTML: (&str, &str) = ("accept", "text/html");

/// The status of a browser's request from an address.
fn from(host: &mut Native, address: &str, method: Method, target: &str, fields: &[(&str, &str)], body: &[u8]) -> u16 {
    let all = [&[("user-agent", FIREFOX), ("x-forwarded-for", address)], fields].concat();
    ask(host, method, target, &all, body).status()
}

fn keys() -> Keys {
    Keys::parse(PASS_KEYS).unwrap()
}

fn pass(bits: u8, number: u8) -> String {
    let until = u32::try_from(NOW / 1000).unwrap() + 3600;
    let pass = Pass { bits, class: AddressClass::Unknown, from: 0, until, nonce: [number; 10] };
    format!("__Host-venditor-pass={}", pass.seal(&keys()))
}

#[test]
fn shoppers_of_one_shop_are_not_one_session() {
    // Magento for who has signed in, and with the shop's code in the path; WooCommerce; Spree.
    for target in [
        "/rest/V1/carts/mine/payment-information",
        "/rest/default/V1/guest-carts/q{n}/payment-information",
        "/rest/default/V1/carts/mine/payment-information",
        "/wp-json/wc/store/v1/checkout",
        "/wp-json/wc/store/checkout",
        "/api/v2/storefront/checkout",
    ] {
        let (mut host, _) = host();
        let seen = (0..60).map(|n| {
            let target = target.replace("{n}", &n.to_string());
            from(&mut host, &format!("10.{n}.0.1"), Method::POST, &target, &[], b"{}")
        });
        let held: Vec<u16> = seen.filter(|status| *status != 200).collect();
        assert!(held.is_empty(), "{target}: {held:?}");
    }
    // One cart, from many addresses, is one.
    for target in [
        "/rest/V1/guest-carts/q1w2/payment-information",
        "/rest/default/V1/guest-carts/q1w2/payment-information",
        "/api/storefront/checkouts/q1w2/billing-address",
    ] {
        let (mut host, _) = host();
        let last = (0..30).map(|n| from(&mut host, &format!("10.{n}.0.1"), Method::POST, target, &[], b"{}")).last();
        assert_eq!(last, Some(429), "{target}");
    }
}

#[test]
fn nobody_orders_under_anothers_name_until_its_owner_cannot() {
    for (target, bits) in [("/checkout", 17), ("/coupons/take", 17)] {
        let (mut host, _) = host();
        let body = b"email=victim%40example.com";
        for n in 0..40 {
            from(&mut host, &format!("10.{n}.0.1"), Method::POST, target, &[FORM], body);
        }
        let owner = from(&mut host, "192.0.2.1", Method::POST, target, &[FORM], body);
        assert_eq!(owner, 403, "{target}: a challenge, and not to come later");
        let owner = from(&mut host, "192.0.2.1", Method::POST, target, &[FORM, ("cookie", &pass(bits, 1))], body);
        assert_eq!(owner, 200, "{target}");
    }
}

/// The last of so many sign-ins to one account, each from another network.
fn last_sign_in(body: impl Fn(usize) -> Vec<u8>) -> u16 {
    let (mut host, _) = host();
    let each = (0..14).map(|n| from(&mut host, &format!("10.{n}.0.1"), Method::POST, "/login", &[], &body(n)));
    each.last().unwrap()
}

#[test]
fn no_body_hides_the_account_that_it_names() {
    // Other fields that are counted as accounts, before and behind it.
    let around = |n: usize| {
        let junk = |name: &str| (0..4).map(|m| format!("{name}=x{n}-{m}&")).collect::<String>();
        format!("{}email=victim%40example.com&{}password=x", junk("account"), junk("phone").replace("=x", "=y"))
            .into_bytes()
    };
    assert_eq!(last_sign_in(around), 403, "in the middle");
    // A byte that is no UTF-8.
    assert_eq!(last_sign_in(|_| b"email=victim%40example.com&x=\xff".to_vec()), 403, "no UTF-8");
    // JSON that other readers take.
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for rest in ["1e999", r#""\ud800""#, &deep] {
        let body = format!(r#"{{"email":"victim@example.com","password":"x","z":{rest}}}"#);
        assert_eq!(last_sign_in(|_| body.clone().into_bytes()), 403, "{}", rest.len());
    }
    // Spellings that WordPress takes for one.
    let spelt = |with: &str, n: usize| format!("email=vic{}tim", with.replace("{n}", &n.to_string())).into_bytes();
    assert_eq!(last_sign_in(|n| spelt("%25{n}", n + 10)), 403, "octets");
    assert_eq!(last_sign_in(|n| spelt("%3Cb{n}%3E", n)), 403, "tags");
    // Very many others before it.
    let many: String = (0..1100).map(|n| format!(r#""f{n}":1,"#)).collect();
    let body = format!(r#"{{"a":{{{many}"z":1}},"customer":{{"email":"victim@example.com"}}}}"#);
    assert_eq!(last_sign_in(|_| body.clone().into_bytes()), 403, "many");
}

#[test]
fn a_challenge_that_was_answered_is_not_asked_again_for_an_older_pass() {
    // A pass for more, which is of machines and so does not serve here: the new one does.
    let (mut host, sent) = host();
    let until = u32::try_from(NOW / 1000).unwrap() + 3600;
    let other = Pass { bits: 19, class: AddressClass::DataCentre, from: 0, until, nonce: [9; 10] };
    let shared = pass(19, 8);
    // And one that was used over too many networks.
    for n in 0..15 {
        from(&mut host, &format!("10.{n}.0.1"), Method::POST, "/checkout", &[("cookie", &shared)], b"");
    }
    sent.borrow_mut().clear();
    for cookie in [format!("__Host-venditor-pass={}", other.seal(&keys())), shared] {
        let fields = [
            ("user-agent", "curl/8"),
            ("x-forwarded-for", "192.0.2.1"),
            ("accept", "text/html"),
            FORM,
            ("cookie", &cookie),
        ];
        let page = ask(&mut host, Method::POST, "/cart/add", &fields, b"sku=1").ours().unwrap();
        let page = String::from_utf8(page.body).unwrap();
        let token = page.split("data-token=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let url = format!("/cart/add?venditor-token={token}&venditor-answer={}", solve(token, 15));
        let answer = ask(&mut host, Method::POST, &url, &fields, b"sku=1");
        assert_eq!(answer.status(), 200, "solved, and asked again");
    }
}

#[test]
fn a_pass_that_was_earned_is_not_lost_with_what_does_not_go_on() {
    let (mut host, _) = host();
    let fields = [("user-agent", "curl/8"), ("x-forwarded-for", "192.0.2.1"), HTML, FORM];
    let body = b"email=a%40example.com";
    let page = ask(&mut host, Method::POST, "/login", &fields, body).ours().unwrap();
    let page = String::from_utf8(page.body).unwrap();
    let token = page.split("data-token=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    // Meanwhile its line gets over a limit that a pass does not lift.
    for n in 0..220 {
        let (cookie, body) = (pass(17, 100 + n / 15), format!("email={n}%40example.com"));
        from(&mut host, "192.0.2.1", Method::POST, "/login", &[FORM, ("cookie", &cookie)], body.as_bytes());
    }
    let url = format!("/login?venditor-token={token}&venditor-answer={}", solve(token, 17));
    let answer = ask(&mut host, Method::POST, &url, &fields, body).ours().unwrap();
    assert_eq!(answer.status, 429);
    let told = format!("{answer:?}");
    assert!(told.contains("__Host-venditor-pass="), "{told}");
}

#[test]
fn nobody_keeps_the_owner_of_an_account_out() {
    let (mut host, _) = host();
    let body = b"email=victim%40example.com";
    // Passes for the usual price, from many networks: each is asked for more when the name was used too often.
    let tries: Vec<u16> = (0..90)
        .map(|n| {
            let cookie = pass(17, 100 + n / 15);
            from(&mut host, &format!("10.{n}.0.1"), Method::POST, "/login", &[FORM, ("cookie", &cookie)], body)
        })
        .collect();
    assert_eq!((tries.iter().filter(|status| **status == 200).count(), tries.last()), (60, Some(&403)));
    // Its owner, with a pass for the usual price and without one, solves one that is dearer by three bits.
    for (at, cookie) in [("192.0.2.7", String::new()), ("192.0.2.8", pass(17, 7))] {
        let fields = [("user-agent", FIREFOX), ("x-forwarded-for", at), HTML, FORM, ("cookie", &cookie)];
        let page = ask(&mut host, Method::POST, "/login", &fields, body).ours().unwrap();
        assert_eq!(page.status, 403);
        let page = String::from_utf8(page.body).unwrap();
        let token = page.split("data-token=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let url = format!("/login?venditor-token={token}&venditor-answer={}", solve(token, 20));
        assert_eq!(ask(&mut host, Method::POST, &url, &fields, body).status(), 200, "solved, and in");
    }
    // That pass serves until it ends: not each try is challenged.
    assert_eq!(from(&mut host, "192.0.2.8", Method::POST, "/login", &[FORM, ("cookie", &pass(20, 8))], body), 200);
}

#[test]
fn a_page_of_another_site_traps_nobody() {
    for (fields, trapped) in [
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")][..], false),
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], false),
        (&[("referer", "https://evil.example/")], false),
        (&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")], true),
        (&[("referer", "https://www.shop.example/p/1")], true),
        (&[], true),
    ] {
        let (mut host, _) = host();
        assert_eq!(from(&mut host, "192.0.2.1", Method::GET, "/venditor-trap/x", fields, b""), 200);
        let then = from(&mut host, "192.0.2.1", Method::GET, "/search?q=tea", &[], b"");
        assert_eq!(then, if trapped { 403 } else { 200 }, "{fields:?}");
    }
}

#[test]
fn a_front_controller_and_an_override_hide_nothing() {
    for (method, target) in [
        (Method::GET, "/login?_method=POST"),
        (Method::POST, "/index.php/login"),
        (Method::POST, "/index.php/customer/account/loginPost/"),
        (Method::POST, "/index.php/index.php/login"),
        (Method::POST, "/?rest_route=/wc/store/v1/checkout"),
        (Method::POST, "/?rest_route=/wc/store/v1/checkout/"),
        (Method::PUT, "/rest/V1/guest-carts/q1w2/order"),
        (Method::GET, "/wp-json/wc/store/v1/checkout?_method=POST"),
        (Method::POST, "/index.php/wp-json/wc/store/v1/checkout"),
    ] {
        let (mut host, _) = host();
        let seen = (0..40).map(|_| from(&mut host, "192.0.2.1", method.clone(), target, &[], b"")).last();
        assert!(seen.is_some_and(|status| status != 200), "{method} {target} is not counted");
    }
}

#[test]
fn what_nothing_else_counts_the_hosts_limiter_does() {
    let (mut host, _) = host();
    host.limits = Box::new(|_, _| Allowance::Limited);
    for (method, target) in [
        (Method::POST, "/graphql"),
        (Method::GET, "/api/products"),
        (Method::GET, "/login"),
        (Method::GET, "/checkout"),
    ] {
        assert_eq!(from(&mut host, "192.0.2.1", method.clone(), target, &[], b""), 429, "{method} {target}");
    }
    assert_eq!(from(&mut host, "192.0.2.1", Method::POST, "/login", &[], b""), 200, "its own limits count it");
    // And while counts cannot be asked, what goes on without them.
    assert_eq!(from(&mut host, "192.0.2.1", Method::POST, "/cart/add", &[], b""), 200);
    host.sql_down.set(true);
    assert_eq!(from(&mut host, "192.0.2.1", Method::POST, "/cart/add", &[], b""), 429);
}

#[test]
fn what_does_not_go_on_is_no_load() {
    let (mut host, _) = host();
    for _ in 0..400 {
        from(&mut host, "192.0.2.1", Method::POST, "/checkout", &[], b"");
    }
    // Whoever is counted in the same part.
    let held = (0..64).filter(|n| from(&mut host, &format!("10.{n}.0.1"), Method::POST, "/checkout", &[], b"") != 200);
    assert_eq!(held.count(), 0, "one address alone holds back a sixteenth of all");
}

#[test]
fn a_browser_that_few_know_has_a_way_on() {
    const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 \
                          Safari/537.36";
    for name in ["SznProhlizec/12.1", "Norton/120.0", "Avira/120.0", "Ecosia", "Atom/27.0", "Config/100.2.1281.82"] {
        let (mut host, _) = host();
        let agent = format!("{CHROME} {name}");
        let fields = [("user-agent", agent.as_str()), ("x-forwarded-for", "192.0.2.1"), HTML, FORM];
        let cookie = pass(17, 1);
        let with_pass = [&fields[..], &[("cookie", cookie.as_str())]].concat();
        let page = ask(&mut host, Method::POST, "/checkout", &fields, b"a=1").status();
        let paid = ask(&mut host, Method::POST, "/checkout", &with_pass, b"a=1").status();
        assert!(page != 429 && paid == 200, "{name}: {page} {paid}");
    }
}

#[test]
fn no_cache_between_hands_ones_visit_to_all() {
    for (name, value, kept) in [
        ("cache-control", "max-age=600", false),
        ("expires", "Thu, 01 Dec 2033 16:00:00 GMT", false),
        ("cdn-cache-control", "max-age=600", false),
        ("cache-control", "private, max-age=600", true),
        ("cache-control", "max-age=0, must-revalidate", true),
        ("cache-control", "no-store", true),
        ("x-none", "", true),
    ] {
        let (mut host, _) = host();
        host.upstream = Box::new(move |_, _| {
            let mut headers = Headers::default();
            headers.push(name, value);
            Forwarded::whole(200, headers, Vec::new())
        });
        let fields = [("user-agent", FIREFOX), ("x-forwarded-for", "192.0.2.1"), HTML];
        let Answer::Origin(answer) = ask(&mut host, Method::GET, "/p/1", &fields, b"") else { panic!("the origin's") };
        assert_eq!(answer.headers.get("set-cookie").is_some(), kept, "{name}: {value}");
        // What is stored is told anew by an answer without a body, whatever that says of itself.
        host.upstream = Box::new(|_, _| Forwarded::whole(304, Headers::default(), Vec::new()));
        let Answer::Origin(answer) = ask(&mut host, Method::GET, "/p/1", &fields, b"") else { panic!("the origin's") };
        assert_eq!(answer.headers.get("set-cookie"), None, "304");
    }
}

#[test]
fn a_script_that_sets_its_own_fields_is_of_the_browser_that_it_says() {
    // Chrome writes what a script sets where the script's fields stand: Accept before User-Agent (axios, jQuery).
    let (mut host, _) = host();
    let told = |mode: &str| {
        serde_json::json!({ "method": "POST", "url": "/api/cart", "host": "shop.example", "headers_in_order": true,
            "headers": [["host", "shop.example"], ["sec-ch-ua", "\"Chromium\";v=\"120\""], ["accept", "application/json"],
                ["accept-language", "en"],
                ["user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"],
                ["sec-fetch-mode", mode], ["accept-encoding", "gzip"]] })
        .to_string()
    };
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(BEARER));
    let callers = serde_json::json!([{ "caller": "edge", "kid": "k", "alg": "bearer-sha256", "key": digest, "scopes": ["screen"] }]);
    host.variables.insert("SCREEN_CALLERS".to_owned(), callers.to_string());
    let bearer = format!("Bearer {BEARER}");
    let fields = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let mut weight = |mode: &str| {
        let answer = ask(&mut host, Method::POST, "/v1/screen", &fields, told(mode).as_bytes()).ours().unwrap();
        serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap()["weight"].clone()
    };
    assert_eq!((weight("cors"), weight("navigate")), (0.into(), 25.into()));
}

#[test]
fn a_field_within_brackets_is_what_it_is_called() {
    // Magento's form, Shopify's, and that of Rails.
    for (target, name) in [
        ("/customer/account/loginPost/", "login[username]"),
        ("/account/login", "customer[email]"),
        ("/login", "spree_user[email]"),
    ] {
        let (mut host, _) = host();
        let body = format!("{name}=victim%40example.com&password=x");
        let each =
            (0..14).map(|n| from(&mut host, &format!("10.{n}.0.1"), Method::POST, target, &[FORM], body.as_bytes()));
        assert_eq!(each.last(), Some(403), "{name}");
    }
    // What else stands in such a form is no account: all who want to be remembered would be one.
    let (mut host, _) = host();
    let held = (0..90).filter(|n| {
        let body = format!("user[email]=u{n}%40example.com&user[password]=123456&user[remember_me]=1");
        from(&mut host, &format!("10.{n}.0.1"), Method::POST, "/login", &[FORM], body.as_bytes()) != 200
    });
    assert_eq!(held.count(), 0);
}

#[test]
fn what_rules_hold_back_uses_up_nobodys_tries() {
    const BOT: &str = "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)";
    for agent in ["curl/8", BOT] {
        let (mut host, _) = host();
        let body = b"email=victim%40example.com";
        for n in 0..20 {
            let address = format!("10.{n}.0.1");
            let fields = [("user-agent", agent), ("x-forwarded-for", address.as_str()), FORM];
            assert_ne!(ask(&mut host, Method::POST, "/login", &fields, body).status(), 200);
        }
        assert_eq!(from(&mut host, "192.0.2.1", Method::POST, "/login", &[FORM], body), 200, "{agent}");
    }
}

#[test]
fn looking_into_the_cart_is_not_filling_it() {
    for target in [
        "/api/storefront/carts",
        "/api/cart",
        "/api/v2/storefront/cart",
        "/store-api/checkout/cart",
        "/rest/V1/guest-carts/q1w2/items",
    ] {
        for cookie in ["x=1".to_owned(), pass(17, 1)] {
            let (mut host, _) = host();
            let fields = [("cookie", cookie.as_str())];
            let last = (0..60).map(|_| from(&mut host, "192.0.2.1", Method::GET, target, &fields, b"")).last();
            assert_eq!(last, Some(200), "{target}");
            let last = (0..60).map(|_| from(&mut host, "192.0.2.1", Method::POST, target, &fields, b"")).last();
            assert_ne!(last, Some(200), "{target}");
        }
    }
}

#[test]
fn an_answer_that_comes_again_keeps_no_neighbour_from_answering() {
    let (mut host, _) = host();
    let from = u32::try_from(NOW / 1000).unwrap() - 60;
    let mut wait = |number: u8| {
        let target = "/".to_owned();
        let class = AddressClass::Unknown;
        let nonce = [number; 10];
        let challenge = Challenge { kind: Kind::Any, bits: 17, wait: 6, class, from, until: from + 600, nonce, target };
        let body = format!("token={}", challenge.seal(&keys()));
        let fields = [FORM, ("x-forwarded-for", "192.0.2.1")];
        ask(&mut host, Method::POST, "/.venditor/solve", &fields, body.as_bytes()).status()
    };
    for _ in 0..20 {
        assert_eq!(wait(1), 303, "on to where it was going");
    }
    assert_eq!(wait(2), 303);
}

#[test]
fn an_action_is_found_however_its_name_is_written() {
    for target in [
        "/?wc-ajax=check%3Cb%3Eout",
        "/?wc-ajax=check%3Cxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx%3Eout",
        "/?wc-ajax=check%2541out",
        "/index.php?route=checkout/con-firm",
        "/index.php?route=checkout/confirm.confirm",
        "/index.php?route=account/login|",
        "/my-account/",
    ] {
        let (mut host, _) = host();
        let seen = (0..40).map(|_| from(&mut host, "192.0.2.1", Method::POST, target, &[], b"")).last();
        assert_eq!(seen, Some(403), "{target}");
    }
}
