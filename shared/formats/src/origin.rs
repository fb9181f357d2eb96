//! Web origins (RFC 6454, RFC 3986 §3.2): whom we send to, and under what name we are reached.

use core::net::{Ipv4Addr, Ipv6Addr};
use std::fmt;
use std::str::FromStr;

/// Scheme, host and port. Always safe from listeners: HTTPS, or HTTP to this very machine.
///
/// Written `https://host[:port]`: the host in lower case, an IPv6 address in its shortest form (RFC 5952), no default
/// port. Two that are the same are equal, however they were written. There is never a user, a path or a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// Not an origin, or one that would send in the clear to another machine. What is wanted is its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnOrigin;

/// The form that a configuration or a command wants.
pub const WANTED: &str = "https://host[:port]";

impl fmt::Display for NotAnOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{WANTED}, or http:// to this machine, without a path")
    }
}

impl std::error::Error for NotAnOrigin {}

impl Origin {
    /// Reads an origin: nothing may stand behind host and port, not even `/`.
    ///
    /// # Errors
    /// Anything else, HTTP to any host but `localhost`, `127.0.0.1` and `[::1]` included.
    pub fn parse(text: &str) -> Result<Origin, NotAnOrigin> {
        Origin::read(text).ok_or(NotAnOrigin)
    }

    /// The origin of a URL.
    ///
    /// # Errors
    /// As [`Origin::parse`]; a user before the host is refused too.
    pub fn of_url(url: &str) -> Result<Origin, NotAnOrigin> {
        let (scheme, rest) = url.split_once("://").ok_or(NotAnOrigin)?;
        let length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest.get(..length).unwrap_or_default();
        Origin::from_parts(scheme, authority).ok_or(NotAnOrigin)
    }

    /// Whether a URL lies at this origin. What cannot be read lies nowhere.
    pub fn permits(&self, url: &str) -> bool {
        Origin::of_url(url).is_ok_and(|origin| origin == *self)
    }

    /// `host[:port]`, as `Host` and `@authority` (RFC 9421 §2.2.3) have it.
    pub fn authority(&self) -> String {
        if self.port == default_port(self.secure) { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    fn read(text: &str) -> Option<Origin> {
        let (scheme, authority) = text.split_once("://")?;
        Origin::from_parts(scheme, authority)
    }

    fn from_parts(scheme: &str, authority: &str) -> Option<Origin> {
        let secure = if scheme.eq_ignore_ascii_case("https") {
            true
        } else if scheme.eq_ignore_ascii_case("http") {
            false
        } else {
            return None;
        };
        // The colons of an IPv6 address stand within its brackets.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port_number(port)?),
            _ => (authority, default_port(secure)),
        };
        let host = host_name(host)?;
        let here = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        (secure || here).then_some(Origin { secure, host, port })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.host)?;
        if self.port == default_port(self.secure) { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Origin, NotAnOrigin> {
        Origin::parse(text)
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

fn port_number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

/// A host name or address, as it is compared. A name whose last label is a number is an IPv4 address to a browser
/// (URL Standard §3.5), `127.1` too: only the full form is taken.
fn host_name(text: &str) -> Option<String> {
    if let Some(address) = text.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(fits);
    if text.len() > 253 || !text.split('.').all(label) {
        return None;
    }
    let numeric = text.rsplit('.').next().is_some_and(|last| {
        last.bytes().all(|b| b.is_ascii_digit()) || last.get(..2).is_some_and(|x| x.eq_ignore_ascii_case("0x"))
    });
    if numeric {
        text.parse::<Ipv4Addr>().ok().map(|address| address.to_string())
    } else {
        Some(text.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<String> {
        Origin::parse(text).ok().map(|origin| origin.to_string())
    }

    #[test]
    fn an_origin_is_written_in_one_way() {
        for (text, expected) in [
            ("https://api.mch.weixin.qq.com", "https://api.mch.weixin.qq.com"),
            ("HTTPS://Pay.Example:443", "https://pay.example"),
            ("https://pay.example:8443", "https://pay.example:8443"),
            ("https://pay.example:80", "https://pay.example:80"),
            ("http://localhost:80", "http://localhost"),
            ("http://127.0.0.1:8100", "http://127.0.0.1:8100"),
            ("http://[::1]:8100", "http://[::1]:8100"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
            ("https://[2001:DB8::1]", "https://[2001:db8::1]"),
            ("https://192.0.2.1", "https://192.0.2.1"),
            ("https://xn--fiqs8s.example", "https://xn--fiqs8s.example"),
        ] {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
        }
    }

    /// What a looser reader would take: other hosts in the clear, malformed addresses, paths.
    #[test]
    fn what_is_no_origin() {
        for bad in [
            "",
            "a",
            "https://",
            "https:///",
            "https://a/",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://u@a",
            "https://u:p@a",
            "https://a b",
            "https://a\\b",
            "https://a:",
            "https://a:0",
            "https://a:+80",
            "https://a:65536",
            "https://a:b",
            "https://a::::",
            "https://a..b",
            "https://.a",
            "https://a.",
            "https://[::1",
            "https://::1",
            "https://[fe80::1%25eth0]",
            "https://127.1",
            "https://0x7f.1",
            "https://a.0x1",
            "https://256.1.1.1",
            "https://茶.example",
            "http://pay.example",
            "http://127.0.0.2",
            "http://localhost.evil.example",
            "http://[::2]",
            "ftp://a",
            " https://a",
            "https://a ",
        ] {
            assert_eq!(written(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_url_lies_at_one_origin() {
        let pay = Origin::parse("https://pay.example").expect("an origin");
        for good in [
            "https://pay.example",
            "https://pay.example/v3/x?y",
            "https://pay.example?y=https://evil",
            "https://pay.example:443/",
            "https://PAY.example/",
            "https://pay.example#x",
        ] {
            assert!(pay.permits(good), "{good}");
        }
        for bad in [
            "https://pay.example.evil/",
            "https://pay.example:8443/",
            "https://pay.example@evil/",
            "https://evil@pay.example/",
            "https://evil\\@pay.example/",
            "https://pay.example\\@evil/",
            "http://pay.example/",
            "https:/pay.example/",
            "//pay.example/",
            "ftp://pay.example/",
            "",
        ] {
            assert!(!pay.permits(bad), "{bad}");
        }
        let here = Origin::parse("http://127.0.0.1:8100").expect("an origin");
        assert!(here.permits("http://127.0.0.1:8100/gateway.do"));
        for bad in
            ["http://127.0.0.1:81001/", "http://127.0.0.1:8101/", "https://127.0.0.1:8100/", "http://localhost:8100/"]
        {
            assert!(!here.permits(bad), "{bad}");
        }
    }

    #[test]
    fn an_authority_has_no_default_port() {
        let authority = |text| Origin::parse(text).map(|origin| origin.authority());
        assert_eq!(authority("https://Pay.example:443").as_deref(), Ok("pay.example"));
        assert_eq!(authority("http://[::1]:81").as_deref(), Ok("[::1]:81"));
    }
}
