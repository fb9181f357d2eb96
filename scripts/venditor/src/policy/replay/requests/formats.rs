//! What a line of a log says: nginx's combined format (with or without a host before it), nginx's JSON, Cloudflare's
//! Logpush as NDJSON, and this function's own event lines.

mod json;
mod time;

use std::sync::{Arc, LazyLock};

use bot_screen::request::{Peer, Request};
use shared::platform::Signals;

pub use self::json::Event;

/// A line of a log.
pub enum Line {
    /// Nothing stands in it.
    Empty,
    /// It is no request, and why.
    Unread(&'static str),
    /// A request.
    Request(Box<Record>),
    /// A decision of ours, of which the request is not kept.
    Event(Box<Event>),
}

/// A request that was recorded.
pub struct Record {
    /// The request.
    pub request: Request,
    /// When, in milliseconds since the epoch, if the log says so.
    pub at_ms: Option<i64>,
}

/// Reads a line. `host`: of logs that name none.
pub fn read(line: &[u8], host: &str) -> Line {
    let Ok(text) = std::str::from_utf8(line) else { return Line::Unread("no UTF-8") };
    let text = text.trim_start_matches('\u{feff}').trim();
    match text.bytes().next() {
        None => Line::Empty,
        Some(b'{') => json::read(text, host),
        Some(_) => combined(text, host)
            .map_or(Line::Unread("neither nginx's combined format nor JSON"), |record| Line::Request(Box::new(record))),
    }
}

static OF_COMBINED: LazyLock<Arc<[String]>> = LazyLock::new(|| ["user-agent", "referer"].map(str::to_owned).into());

/// `address - user [time] "request" status bytes "referer" "user agent"`, perhaps with `host:port` before it and anything
/// behind.
fn combined(text: &str, host: &str) -> Option<Record> {
    let (head, rest) = text.split_once(" [")?;
    let (when, rest) = rest.split_once("] ")?;
    let mut words = head.split_whitespace();
    let (first, second) = (words.next()?, words.next()?);
    let (host, address) = match first.rsplit_once(':') {
        // Not an address of IPv6.
        Some((name, port)) if second != "-" && port.bytes().all(|b| b.is_ascii_digit()) => (name, second),
        _ => (host, first),
    };
    let (request, rest) = quoted(rest)?;
    let (_, rest) = rest.split_once('"')?;
    let (referer, rest) = quoted_behind(rest)?;
    let (_, rest) = rest.split_once('"')?;
    let (agent, _) = quoted_behind(rest)?;
    let (method, uri, protocol) = request_line(&request)?;
    let fields = [("user-agent", agent.as_str()), ("referer", referer.as_str())];
    let sent: Vec<_> = fields.into_iter().filter(|(_, value)| *value != "-").collect();
    let signals = Signals { http_version: Some(version(protocol)), ..Signals::default() };
    let peer = Peer { address: Some(address.to_owned()), signals, country: None };
    let request = Request::of_log(method, uri, host, &sent, &OF_COMBINED, peer);
    Some(Record { request, at_ms: time::of_log(when) })
}

/// Method, target and protocol of a request line.
fn request_line(line: &str) -> Option<(&str, &str, &str)> {
    let (method, rest) = line.split_once(' ')?;
    let (uri, protocol) = rest.rsplit_once(' ')?;
    let is_method = !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-');
    (is_method && protocol.starts_with("HTTP/") && !uri.is_empty()).then_some((method, uri, protocol))
}

/// As the edge writes it: `HTTP/1.1`, `HTTP/2`, `HTTP/3`.
fn version(protocol: &str) -> String {
    match protocol {
        "HTTP/2.0" => "HTTP/2".to_owned(),
        "HTTP/3.0" => "HTTP/3".to_owned(),
        other => other.to_owned(),
    }
}

/// A text in quotes, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    quoted_behind(text.strip_prefix('"')?)
}

/// The same behind its first quote: `\"`, `\\` and `\xHH` stand for what nginx escaped.
fn quoted_behind(text: &str) -> Option<(String, &str)> {
    let mut bytes = Vec::with_capacity(text.len().min(256));
    let raw = text.as_bytes();
    let mut at = 0;
    loop {
        match *raw.get(at)? {
            b'"' => {
                let rest = text.get(at + 1..)?;
                return Some((String::from_utf8_lossy(&bytes).into_owned(), rest));
            }
            b'\\' => {
                let hex = |range: std::ops::Range<usize>| u8::from_str_radix(text.get(range)?, 16).ok();
                match (*raw.get(at + 1)?, hex(at + 2..at + 4)) {
                    (b'x', Some(byte)) => {
                        bytes.push(byte);
                        at += 4;
                    }
                    (escaped, _) => {
                        bytes.push(escaped);
                        at += 2;
                    }
                }
            }
            byte => {
                bytes.push(byte);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(line: &str) -> Record {
        match read(line.as_bytes(), "own.example") {
            Line::Request(record) => *record,
            Line::Unread(why) => panic!("{line}: {why}"),
            _ => panic!("{line}: no request"),
        }
    }

    #[test]
    fn lines_of_nginx_are_read() {
        let line = r#"192.0.2.7 - - [10/Oct/2026:13:55:36 +0800] "GET /p/1?q=%20\x22 HTTP/2.0" 200 512 "https://shop.example/" "Mozilla/5.0 (X; \"Y\" \xE8\x8C\xB6)" "-""#;
        let Record { request: one, at_ms } = request(line);
        assert_eq!((one.method.as_str(), one.host.as_str(), one.query.as_str()), ("GET", "own.example", "q=%20\""));
        assert_eq!(one.headers.get("user-agent"), Some("Mozilla/5.0 (X; \"Y\" 茶)"));
        assert_eq!((one.signals.http_version.as_deref(), at_ms), (Some("HTTP/2"), Some(1_791_611_736_000)));
        assert!(one.knows_header("referer") && !one.knows_header("accept-language"));
        let with_host =
            r#"m.shop.example:443 2001:db8::1 - - [10/Oct/2026:13:55:36 +0000] "POST /login HTTP/1.1" 200 1 "-" "-""#;
        let one = request(with_host).request;
        assert_eq!((one.host.as_str(), one.headers.get("user-agent")), ("m.shop.example", None));
        assert!(one.address.is_some_and(|address| address.is_ipv6()));
    }

    #[test]
    fn what_is_no_request_says_so() {
        for line in [
            r#"192.0.2.7 - - [10/Oct/2026:13:55:36 +0800] "\x16\x03\x01" 400 150 "-" "-""#,
            r#"192.0.2.7 - - [10/Oct/2026:13:55:36 +0800] "GET / HTTP/1.1" 200 1 "-" "cut"#,
            "nothing of the sort",
            "{}",
            "{\"request_uri\":",
            "{\"schema\":\"venditor.scan.v1\"}",
        ] {
            assert!(matches!(read(line.as_bytes(), ""), Line::Unread(_)), "{line}");
        }
        assert!(matches!(read(b"\xff\xfe", ""), Line::Unread("no UTF-8")));
        assert!(matches!(read(b"  \r", ""), Line::Empty));
    }
}
