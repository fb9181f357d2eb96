//! Logs of a storefront, judged by a pack that holds more up: planted differences are all found, whatever the format, and
//! the estimate of shoppers is held to a log whose clients are known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use support::Desk;

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/// The bundled rules with more of them, in `rules`.
fn desk(more: &[(&str, &str, i64)]) -> Desk {
    let desk = Desk::empty();
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/bot-screen/policy");
    copy(&bundled, &desk.path("rules"));
    let mut rules = desk.text("rules/rules.toml");
    for (code, when, weight) in more {
        rules += &format!(
            "\n[[rule]]\ncode = \"{code}\"\nwhen = '{when}'\nweight = {weight}\nzh = \"试\"\nen = \"A try\"\n"
        );
    }
    desk.write("rules/rules.toml", &rules);
    desk
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let into = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &into);
        } else {
            fs::copy(entry.path(), into).unwrap();
        }
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn combined(address: &str, uri: &str, agent: &str) -> String {
    format!("{address} - - [10/Oct/2026:13:55:36 +0800] \"GET {uri} HTTP/2.0\" 200 512 \"-\" \"{agent}\"\n")
}

#[test]
fn planted_differences_are_found_in_every_format() {
    let desk = desk(&[("planted", r#"path starts_with "/sale/""#, 500)]);
    let mut nginx = String::new();
    (0..30).for_each(|n| nginx += &combined("192.0.2.1", &format!("/sale/{}", n % 3), CHROME));
    (0..70).for_each(|n| nginx += &combined("192.0.2.2", &format!("/p/{n}"), CHROME));
    fs::write(desk.path("access.log"), [nginx.as_bytes(), b"\xff\xfe\ncut off\n"].concat()).unwrap();
    fs::write(desk.path("access.log.1.gz"), gzip(&nginx)).unwrap();
    let logpush = |uri: &str| {
        json!({
            "ClientIP": "192.0.2.3", "ClientRequestMethod": "GET", "ClientRequestURI": uri, "ClientRequestHost": "shop.example",
            "ClientRequestUserAgent": CHROME, "ClientRequestProtocol": "HTTP/3", "EdgeStartTimestamp": "2026-10-10T05:55:36Z",
        })
    };
    let json = |uri: &str| {
        json!({
            "remote_addr": "192.0.2.4", "request": format!("GET {uri} HTTP/1.1"), "host": "shop.example",
            "http_user_agent": CHROME, "http_accept": "*/*", "msec": "1791611736.000",
        })
    };
    let event = |reasons: &[&str], outcome: &str| {
        json!({
            "schema": "venditor.screen.v1", "at": 1, "function": "bot-screen", "outcome": outcome, "reasons": reasons,
            "policy": "x", "details": {"action": "browse", "agent": "browser", "weight": 0},
        })
    };
    let mixed = [
        logpush("/sale/9"),
        logpush("/p/9"),
        json("/sale/9"),
        json("/"),
        event(&["planted"], "allow"),
        event(&[], "allow"),
    ];
    desk.write("mixed.ndjson", &mixed.map(|line| line.to_string()).join("\n"));
    let told =
        desk.json("policy replay rules --function bot-screen --logs access.log access.log.1.gz mixed.ndjson --json");
    assert_eq!(told["requests"], json!({"requests": 206, "changed": 63, "held_up": 63}));
    assert_eq!(told["outcomes"], json!({"allow -> block": 63}));
    assert_eq!(told["rules"], json!([{"code": "planted", "gained": 63, "lost": 0}]));
    assert_eq!((&told["events"], &told["classes"]["browser"]["changed"]), (&json!(2), &json!(63)));
    assert_eq!(told["unread"], json!({"no UTF-8": 1, "neither nginx's combined format nor JSON": 1}));
    assert_eq!(
        (&told["agents"][0]["times"], &told["paths"][0]),
        (&json!(62), &json!({"text": "/sale/0", "times": 20, "error": 0}))
    );
    // In words, and what is cut short is told.
    let cut = fs::read(desk.path("access.log.1.gz")).unwrap();
    fs::write(desk.path("cut.gz"), &cut[..cut.len() - 20]).unwrap();
    let told = desk.fails(1, "policy replay rules --function bot-screen --logs cut.gz");
    assert!(told.contains("cannot be read on"), "{told}");
    let words = desk.ok("policy replay rules --function bot-screen --logs access.log");
    assert!(words.contains("100 requests by") && words.contains("+30 -0  planted"), "{words}");
}

#[test]
fn what_a_log_does_not_hold_holds_no_rule() {
    let desk = desk(&[
        ("lacks", r#"not header("accept-language")"#, 500),
        ("cookieless", "cookies == 0", 500),
        ("unknown-country", "not known(country)", 1),
    ]);
    desk.write("access.log", &combined("192.0.2.1", "/p/1", CHROME));
    let told = desk.json("policy replay rules --function bot-screen --logs access.log --json");
    assert_eq!(told["requests"], json!({"requests": 1, "changed": 0, "held_up": 0}));
    // A log that has a place for it says that it was not sent.
    let line = json!({
        "remote_addr": "192.0.2.4", "request_method": "GET", "request_uri": "/", "http_user_agent": CHROME,
        "http_accept_language": "",
    });
    desk.write("access.json", &line.to_string());
    let told = desk.json("policy replay rules --function bot-screen --logs access.json --json");
    assert_eq!(told["outcomes"], json!({"allow -> block": 1}));
}

#[test]
fn the_share_of_shoppers_is_that_of_a_log_whose_clients_are_known() {
    let desk = desk(&[("sale", r#"path == "/sale""#, 500)]);
    let sets = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/policy/browsers.json")).unwrap();
    let browsers: Vec<Value> = serde_json::from_str(&sets).unwrap();
    let (mut log, mut shoppers, mut touched) = (String::new(), 0, 0);
    let mut write = |address: &str, uri: &str, headers: &Value, second: usize| {
        let line = json!({
            "ClientIP": address, "ClientRequestMethod": "GET", "ClientRequestURI": uri, "ClientRequestHost": "shop.example",
            "ClientRequestUserAgent": headers["user-agent"], "RequestHeaders": headers,
            "EdgeStartTimestamp": 1_791_611_736 + second,
        });
        log += &format!("{line}\n");
    };
    for n in 0..400 {
        let browser = &browsers[n % browsers.len()];
        let pairs = browser["headers"].as_array().unwrap().iter();
        let headers: Value = pairs
            .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let address = format!("10.0.{}.{}", n / 250, n % 250);
        // A fourth goes to the sale; a fourth of the browsers are scrapers that read pages alone, some at a pace.
        let (sale, scraper) = (n % 4 == 0, n % 4 == 3);
        let pages = if scraper { 60 } else { 6 };
        for page in 0..pages {
            write(&address, &format!("/p/{page}"), &headers, page * if scraper { 1 } else { 20 });
            if !scraper || n % 8 == 3 {
                write(&address, "/assets/site.css", &headers, page);
            }
        }
        if sale || scraper {
            write(&address, "/sale", &headers, 200);
        }
        shoppers += usize::from(!scraper);
        touched += usize::from(sale);
    }
    // Programs fetch files as well, and are nobody's browser.
    for n in 0..100 {
        let headers = json!({"user-agent": "python-requests/2.32"});
        write(&format!("10.1.0.{n}"), "/assets/site.css", &headers, n);
        write(&format!("10.1.0.{n}"), "/sale", &headers, n);
    }
    desk.write("log.ndjson", &log);
    let told = desk.json("policy replay rules --function bot-screen --logs log.ndjson --json");
    let of = |name: &str| told["shoppers"][name].as_u64().unwrap() as f64;
    let (known, estimated) = (touched as f64 / shoppers as f64, of("touched") / of("clients"));
    assert_eq!((of("clients") as usize, of("touched") as usize), (shoppers, touched), "{known} {estimated}");
}
