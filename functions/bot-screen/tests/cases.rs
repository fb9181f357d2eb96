//! Requests that screening gets wrong in public (`tests/bots`), each put to the function as a caller would, in its order and
//! at its times. Cases about the addresses of challenges are vectors (`tests/vectors/bot-screen`) and tests of a running
//! host (`tests/screen`).

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail by panicking"
)]

mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bot_screen::BotScreen;
use bot_screen::client::AddressClass;
use bot_screen::pass::Pass;
use bot_screen::policy::{BUNDLED, Rules};
use bot_screen::seal::Keys;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::http::{Head, Headers, Target};
use shared::platform::Allowance;
use shared::platform::native::{Native, handle};
use shared::policy::Pack;

use support::{PASS_KEYS, native};

/// Cases that are judged otherwise on purpose, and why.
const DISAGREE: &[(&str, &str)] = &[];

/// What should be held up and is not yet: what it takes is not built, or is not this test's.
const PENDING: &[(&str, &[&str])] = &[];

/// Cases of which a request needs what only a running deployment has: the address of a challenge and its answer, a pass of
/// another kind, a key of the site's own. `tests/vectors/bot-screen/{solve-*,check}` and `tests/screen` are about the first.
const NOT_JUDGED: [&str; 12] =
    ["b025", "b037", "b087", "b093", "b095", "b111", "b165", "b167", "b169", "b171", "b173", "b175"];

/// 2026-09-20: copies of crawlers' ranges are fresh, as the cases assume.
const NOW: i64 = 1_789_862_400_000;
const BEARER: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

fn cases() -> Vec<Value> {
    let text = std::fs::read_to_string("../../tests/bots/cases.jsonl").unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The function on a store of its own.
fn host() -> Native {
    let mut host = native(&URL_SAFE_NO_PAD.encode(Sha256::digest(BEARER)), &[]);
    // The host's limiters, with the figures of wrangler.toml; one period is longer than any case.
    let seen = RefCell::new(BTreeMap::<String, u32>::new());
    host.limits = Box::new(move |name, key| {
        let most = if name == "VIEWS" { 3000 } else { 300 };
        let mut seen = seen.borrow_mut();
        let count = seen.entry(format!("{name} {key}")).or_default();
        *count += 1;
        if *count > most { Allowance::Limited } else { Allowance::Allowed }
    });
    host
}

/// The verdict on one request, at so many milliseconds.
fn verdict(host: &mut Native, told: &Value, at: i64) -> Value {
    host.now_ms.set(NOW + at);
    let mut headers = Headers::default();
    headers.push("authorization", &format!("Bearer {BEARER}"));
    headers.push("content-type", "application/json");
    host.headers = headers;
    let head = Head { method: http::Method::POST, target: Target::new("t.example", "/v1/screen"), ..Head::default() };
    let answer = handle::<BotScreen>(host, &head, told.to_string().into_bytes()).ours().unwrap();
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer.status, 200, "{told}: {body}");
    body
}

/// The requests of a case, each with its time; `None` if one needs what only a running deployment has.
fn requests(case: &Value) -> Option<Vec<(i64, Value)>> {
    let mut all = Vec::new();
    let mut at = 0;
    for one in case["requests"].as_array().unwrap() {
        at = one["t"].as_f64().map_or(at, |seconds| (seconds * 1000.0) as i64);
        let times = one["repeat"].as_u64().unwrap_or(1);
        let every = (one["every"].as_f64().unwrap_or(0.0) * 1000.0) as i64;
        for n in 1..=times {
            all.push((at, told(one, n)?));
            at += every;
        }
    }
    Some(all)
}

fn told(one: &Value, n: u64) -> Option<Value> {
    let fill = |text: &str| -> Option<String> {
        let mut text = text.to_owned();
        while let Some((before, rest)) = text.split_once('{').filter(|(_, rest)| !rest.starts_with('{')) {
            let (what, behind) = rest.split_once('}')?;
            let first: u64 = what.split_once("..").map_or(Some(1), |(first, _)| first.parse().ok())?;
            text = format!("{before}{}{behind}", first + n - 1);
        }
        Some(text)
    };
    let cookie = |value: &str| -> Option<String> {
        let mut value = value.replace("{{pass_name}}", "__Host-venditor-pass");
        while let Some((before, rest)) = value.split_once("{{pass:") {
            let (action, behind) = rest.split_once("}}")?;
            value = format!("{before}__Host-venditor-pass={}{behind}", pass(action)?);
        }
        (!value.contains("{{")).then_some(value)
    };
    let headers: Option<Vec<Value>> =
        one["headers"].as_array()?.iter().map(|field| Some(json!([field[0], cookie(field[1].as_str()?)?]))).collect();
    let signals = &one["signals"];
    let (path, address) = (one["path"].as_str()?, one["addr"].as_str()?);
    if path.contains("{{") {
        return None;
    }
    Some(json!({
        "method": one["method"], "url": fill(path)?, "host": one["host"], "headers": headers?,
        "client_address": fill(address)?, "body": one["body"].as_str(),
        "signals": {
            "asn": signals["asn"], "country": signals["country"], "ja3": signals["ja3"], "ja4": signals["ja4"],
            "http_version": signals["http"].as_str().map(|version| format!("HTTP/{version}")),
            "tls_version": signals["tls"].as_str().map(|version| format!("TLSv{version}")),
            "bot_score": signals["bot_score"], "verified_bot": signals["verified_bot"],
        },
    }))
}

/// A pass that was earned for an action; `None` for passes of another kind.
fn pass(action: &str) -> Option<String> {
    let pack = Pack::bundled(&BUNDLED);
    let bits = Rules::of(&pack)?.price(action)?.bits;
    let from = u32::try_from(NOW / 1000).ok()?;
    let pass = Pass { bits, class: AddressClass::Consumer, from, until: from + 86_400, nonce: [1; 10] };
    Some(pass.seal(&Keys::parse(PASS_KEYS).unwrap()))
}

/// The verdicts on the requests of a case that its expectations are about.
fn verdicts(case: &Value) -> Option<Vec<(String, Value)>> {
    let requests = requests(case)?;
    let mut host = host();
    let all: Vec<(String, Value)> = requests
        .iter()
        .map(|(at, told)| (told["url"].as_str().unwrap_or_default().to_owned(), verdict(&mut host, told, *at)))
        .collect();
    let expect = &case["expect"];
    let last = all.len() - 1;
    Some(match &expect["applies_to"] {
        Value::String(_) => all,
        Value::Array(which) if which[0] != "last" => {
            which.iter().map(|at| all[at.as_u64().unwrap() as usize].clone()).collect()
        }
        _ => vec![all[last].clone()],
    })
}

#[test]
fn honest_clients_are_let_through() {
    let mut judged = 0;
    let mut wrong = Vec::new();
    for case in cases() {
        let id = case["id"].as_str().unwrap();
        let Some(must_not) = case["expect"]["must_not"].as_array() else { continue };
        if DISAGREE.iter().any(|(known, _)| *known == id) {
            continue;
        }
        for (url, verdict) in verdicts(&case).into_iter().flatten() {
            judged += 1;
            if must_not.contains(&verdict["outcome"]) {
                wrong.push(format!("{id}: {url} is {}: {}: {}", verdict["outcome"], case["note"], verdict["reasons"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{judged} judged\n{}", wrong.join("\n"));
    assert!(judged > 70, "{judged}");
}

#[test]
fn what_should_be_held_up_is_or_says_what_it_waits_for() {
    let mut missed = Vec::new();
    for case in cases() {
        let Some(wanted) = case["expect"]["must_be_one_of"].as_array() else { continue };
        let Some(verdicts) = verdicts(&case) else { continue };
        if !verdicts.iter().all(|(_, verdict)| wanted.contains(&verdict["outcome"])) {
            missed.push(case["id"].as_str().unwrap().to_owned());
        }
    }
    let pending: Vec<&str> = PENDING.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    let unsaid: Vec<&String> = missed.iter().filter(|id| !pending.contains(&id.as_str())).collect();
    let done: Vec<&&str> = pending.iter().filter(|id| !missed.iter().any(|missed| missed == **id)).collect();
    assert!(unsaid.is_empty(), "{unsaid:?} are not held up");
    assert!(done.is_empty(), "{done:?} are held up by now: strike them from the list");
}

#[test]
fn classes_are_those_that_the_cases_name() {
    let mut named = 0;
    for case in cases() {
        for must in case["expect"]["must"].as_array().into_iter().flatten() {
            let wanted = match must.as_str().unwrap() {
                "class:in_app_browser" => ("in_app", None),
                "class:browser" => ("browser", None),
                "class:preview_fetcher" => ("preview", None),
                "class:headless" => ("headless", None),
                "class:search_crawler_impostor" | "class:ai_crawler_impostor" => ("crawler", Some("impostor")),
                "class:search_crawler_verified" => ("crawler", Some("verified")),
                "class:search_crawler_claimed" => ("crawler", Some("claimed")),
                _ => continue,
            };
            named += 1;
            for (_, verdict) in verdicts(&case).into_iter().flatten() {
                let agent = &verdict["agent"];
                assert_eq!(agent["class"], wanted.0, "{}: {}", case["id"], case["note"]);
                if let Some(standing) = wanted.1 {
                    assert_eq!(agent["standing"], standing, "{}: {}", case["id"], case["note"]);
                }
            }
        }
    }
    assert!(named > 8, "{named}");
}

#[test]
fn no_case_is_left_out_unsaid() {
    let left_out: Vec<String> = cases()
        .iter()
        .filter(|case| requests(case).is_none())
        .map(|case| case["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(left_out, NOT_JUDGED);
}
