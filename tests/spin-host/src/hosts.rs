//! `allowed_outbound_hosts`, after Spin's `crates/outbound-networking-config/src/allowed_hosts.rs`:
//! `scheme://host[:port]`, where each of the three may be `*`, the host may be `*.domain`, and the port may be a range
//! `start..end` (end excluded). A port that is left out means the scheme's own port.
//!
//! Not copied: CIDR hosts and `self` (both are refused at start rather than misread).

use std::net::IpAddr;
use std::ops::Range;

use http::Uri;
use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

#[derive(Debug, Default, PartialEq)]
pub struct AllowedHosts(Vec<AllowedHost>);

#[derive(Debug, PartialEq)]
struct AllowedHost {
    /// `None` is any.
    scheme: Option<String>,
    host: Host,
    ports: Ports,
}

#[derive(Debug, PartialEq)]
enum Host {
    Any,
    /// With its leading dot.
    Suffix(String),
    Exact(String),
}

#[derive(Debug, PartialEq)]
enum Ports {
    Any,
    Range(Range<u32>),
}

impl AllowedHosts {
    pub fn parse(patterns: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let mut hosts = Vec::new();
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let host = AllowedHost::parse(pattern).with_context(|| format!("allowed_outbound_hosts {pattern:?}"))?;
            hosts.push(host);
        }
        Ok(Self(hosts))
    }

    /// Only absolute `http`/`https` URIs can be allowed; a request without an authority (Spin's "self request") never is.
    pub fn allows(&self, uri: &Uri) -> bool {
        let scheme = uri.scheme_str().unwrap_or("https");
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
            return false;
        };
        let host = host.to_ascii_lowercase();
        let Some(port) = uri.port_u16().or_else(|| well_known_port(scheme)) else {
            return false;
        };
        self.0.iter().any(|allowed| allowed.allows(scheme, &host, port))
    }
}

impl AllowedHost {
    fn parse(pattern: &str) -> Result<Self> {
        let pattern = pattern.trim();
        let Some((scheme, rest)) = pattern.split_once("://") else {
            bail!("must have the form <scheme>://<host>[:<port>], with '*' allowed for each");
        };
        let (host, port) = split_port(rest);
        let port = match port.split_once('/') {
            Some((port, "")) => port,
            Some(_) => bail!("has a path, which is not allowed"),
            None => port,
        };
        if scheme != "*" && !scheme.chars().all(char::is_alphabetic) {
            bail!("the scheme contains a character that is not a letter");
        }
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host: Host::parse(host)?,
            ports: Ports::parse(port, scheme)?,
        })
    }

    fn allows(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.scheme.as_deref().is_none_or(|allowed| allowed == scheme)
            && self.host.allows(host)
            && self.ports.allows(port)
    }
}

/// The last colon divides host and port, except inside the brackets of an IPv6 address.
fn split_port(rest: &str) -> (&str, &str) {
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (rest, ""),
    }
}

impl Host {
    fn parse(host: &str) -> Result<Self> {
        let host = host.trim();
        if host == "*" {
            return Ok(Self::Any);
        }
        if host == "self" || host == "self.alt" || host.starts_with('{') {
            bail!("{host:?} is not supported by this stand-in");
        }
        if let Some((network, length)) = host.split_once('/')
            && !length.is_empty()
        {
            if network.parse::<IpAddr>().is_ok() {
                bail!("networks are not supported by this stand-in");
            }
            bail!("has a path, which is not allowed");
        }
        let host = host.trim_end_matches('/').to_ascii_lowercase();
        match host.strip_prefix("*.") {
            Some(domain) if !domain.contains('*') => Ok(Self::Suffix(format!(".{domain}"))),
            _ if host.contains('*') => bail!("wildcards are allowed only as the first label"),
            _ if host.is_empty() => bail!("has no host"),
            _ => Ok(Self::Exact(host)),
        }
    }

    fn allows(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Suffix(suffix) => host.ends_with(suffix),
            Self::Exact(exact) => host == exact,
        }
    }
}

impl Ports {
    fn parse(port: &str, scheme: &str) -> Result<Self> {
        if port == "*" {
            return Ok(Self::Any);
        }
        let number = |text: &str| -> Result<u32> {
            let port = text.parse::<u16>().with_context(|| format!("port {text:?} is not a port number"))?;
            Ok(port.into())
        };
        let range = match port.split_once("..") {
            Some((start, end)) => number(start)?..number(end)?,
            None if port.is_empty() => {
                let port =
                    well_known_port(scheme).with_context(|| format!("no port, and {scheme:?} has no default port"))?;
                u32::from(port)..u32::from(port) + 1
            }
            None => number(port)?..number(port)? + 1,
        };
        Ok(Self::Range(range))
    }

    fn allows(&self, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Range(range) => range.contains(&port.into()),
        }
    }
}

fn well_known_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, uri: &str) -> bool {
        AllowedHosts::parse([pattern]).unwrap().allows(&uri.parse().unwrap())
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        assert!(!AllowedHosts::default().allows(&"https://a.test/".parse().unwrap()));
    }

    #[test]
    fn scheme_host_and_port_must_all_match() {
        assert!(allows("https://a.test", "https://a.test/x?y"));
        assert!(allows("https://a.test", "https://a.test:443/"));
        assert!(allows("https://A.test", "https://a.TEST/"));
        assert!(!allows("https://a.test", "http://a.test/"));
        assert!(!allows("https://a.test", "https://a.test:8443/"));
        assert!(!allows("https://a.test", "https://b.test/"));
        assert!(!allows("https://a.test", "https://a.test.evil/"));
        assert!(!allows("https://a.test", "https://evil/?https://a.test/"));
        assert!(!allows("https://a.test", "https://a.test@evil/"));
    }

    #[test]
    fn wildcards() {
        assert!(allows("*://a.test:*", "http://a.test:81/"));
        assert!(allows("http://127.0.0.1:*", "http://127.0.0.1:3999/"));
        assert!(allows("https://*", "https://any.test/"));
        assert!(!allows("https://*", "https://any.test:8443/"));
        assert!(allows("https://*.a.test", "https://x.y.a.test/"));
        assert!(!allows("https://*.a.test", "https://a.test/"));
        assert!(!allows("https://*.a.test", "https://xa.test/"));
        assert!(allows("http://a.test:80..90", "http://a.test:89/"));
        assert!(!allows("http://a.test:80..90", "http://a.test:90/"));
        assert!(allows("http://[::1]:8080", "http://[::1]:8080/"));
        assert!(allows("http://[::1]", "http://[::1]/"));
    }

    #[test]
    fn a_uri_without_authority_is_refused() {
        assert!(!allows("*://*:*", "/relative"));
    }

    #[test]
    fn bad_patterns_are_refused() {
        for bad in [
            "a.test",
            "*",
            "",
            "https://a.test/path",
            "https://*a.test",
            "https://a.*.test",
            "ftp://a.test",
            "https://a.test:x",
            "https://self",
            "http://10.0.0.0/8",
            "ht-tp://a",
            "https://:80",
        ] {
            assert!(AllowedHosts::parse([bad]).is_err(), "{bad}");
        }
        assert!(AllowedHosts::parse(["https://a.test/", "https://a.test:443/"]).is_ok());
    }
}
