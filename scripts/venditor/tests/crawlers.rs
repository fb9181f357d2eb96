//! `venditor crawlers refresh`, against lists on a server of this machine.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests may fail by panicking")]

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use support::Desk;

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/bot-screen/policy");

/// What the folder has of it.
const LIST: &str = "192.0.2.0/25\n198.51.100.0/24\n203.0.113.128/25\n";

/// Serves by path, until the test ends: what follows the status line.
fn serve(answer: fn(&str) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let read = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(head.get(..read).unwrap_or_default()).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            // Who does not read on has closed it.
            let _sent = stream.write_all(format!("HTTP/1.1 {}", answer(&path)).as_bytes());
        }
    });
    origin
}

fn whole(body: &str) -> String {
    format!("200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// A folder of the bundled rules, with one operator's list at a path of the server.
fn folder(desk: &Desk, origin: &str, path: &str) {
    copy(Path::new(RULES), &desk.path("rules"));
    let table = fs::read_to_string(desk.path("rules/ranges.toml")).unwrap();
    let from = "https://www.bing.com/toolbox/bingbot.json";
    assert!(table.contains(from));
    fs::write(desk.path("rules/ranges.toml"), table.replacen(from, &format!("{origin}{path}"), 1)).unwrap();
    fs::write(desk.path("rules/ranges/bingbot.csv"), LIST).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let into = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &into);
        } else {
            fs::copy(entry.path(), into).unwrap();
        }
    }
}

fn answer(path: &str) -> String {
    let large = || format!("\"{}\"", "x".repeat(3 << 20));
    match path {
        "/good" => whole(r#"{"prefixes":[{"ipv4Prefix":"192.0.2.0/25"},{"ipv6Prefix":"2001:db8:7::/48"}]}"#),
        "/same" => whole("198.51.100.0/24\n192.0.2.0/25\n203.0.113.128/25\n"),
        "/moved" => {
            "301 Moved\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()
        }
        "/page" => whole("<!doctype html><title>Sign in</title>"),
        "/short" => whole("203.0.113.7\n"),
        "/wide" => whole(r#"{"prefixes":[{"ipv4Prefix":"0.0.0.0/0"},{"ipv4Prefix":"192.0.2.0/25"}]}"#),
        "/host-bits" => whole("192.0.2.1/25\n198.51.100.0/24\n"),
        "/others" => whole("192.0.2.0/25\n66.249.64.0/19\n"),
        "/large" => whole(&large()),
        "/cut" => "200 OK\r\ncontent-length: 500\r\nconnection: close\r\n\r\n{\"prefixes\":[".into(),
        "/none" => whole("{}"),
        _ => "404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into(),
    }
}

#[test]
fn a_list_is_read_told_and_dated() {
    let origin = serve(answer);
    let desk = Desk::empty();
    folder(&desk, &origin, "/good");
    let before = fs::read_to_string(desk.path("rules/ranges.toml")).unwrap();
    let told = desk.ok("crawlers refresh rules --group bingbot --dry-run");
    assert_eq!(told, "bingbot: + 2001:db8:7::/48\nbingbot: - 198.51.100.0/24\nbingbot: - 203.0.113.128/25\n");
    assert_eq!(fs::read_to_string(desk.path("rules/ranges.toml")).unwrap(), before, "nothing is written");
    desk.ok("crawlers refresh rules --group bingbot");
    assert_eq!(fs::read_to_string(desk.path("rules/ranges/bingbot.csv")).unwrap(), "192.0.2.0/25\n2001:db8:7::/48\n");
    let after = fs::read_to_string(desk.path("rules/ranges.toml")).unwrap();
    let line = |text: &str, key: &str| {
        let entry =
            text.split("code = \"bingbot\"").nth(1).and_then(|rest| rest.split("[[group]]").next()).unwrap().to_owned();
        entry.lines().find(|line| line.starts_with(key)).map(str::to_owned)
    };
    assert_eq!(line(&before, "date").as_deref(), Some("date = \"2026-09-02\""));
    assert_ne!(line(&after, "date"), line(&before, "date"));
    assert_eq!(line(&after, "copy"), None);
    assert_eq!(after.lines().count() + 1, before.lines().count(), "all else stays");
    desk.ok("policy check rules --function bot-screen");
}

#[test]
fn what_cannot_be_meant_is_told_and_the_list_stays() {
    let origin = serve(answer);
    for (path, said) in [
        ("/moved", "elsewhere.example"),
        ("/page", "a page"),
        ("/short", "--allow-shrink"),
        ("/wide", "0.0.0.0/0"),
        ("/host-bits", "192.0.2.1/25"),
        ("/others", "66.249.64.0/19"),
        ("/large", "2097152"),
        ("/cut", "ended early"),
        ("/none", "no addresses"),
        ("/gone", "404"),
    ] {
        let desk = Desk::empty();
        folder(&desk, &origin, path);
        let before = fs::read_to_string(desk.path("rules/ranges.toml")).unwrap();
        let told = desk.fails(1, "crawlers refresh rules --group bingbot");
        assert!(told.contains(said), "{path}: {told}");
        assert_eq!(fs::read_to_string(desk.path("rules/ranges/bingbot.csv")).unwrap(), LIST);
        assert_eq!(fs::read_to_string(desk.path("rules/ranges.toml")).unwrap(), before);
    }
    let desk = Desk::empty();
    folder(&desk, &origin, "/same");
    assert_eq!(desk.ok("crawlers refresh rules --group bingbot"), "bingbot: the same 3 ranges\n");
    assert!(desk.fails(1, "crawlers refresh rules --group nobody").contains("nobody"));
}
