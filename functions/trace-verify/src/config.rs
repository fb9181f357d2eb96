//! This function's configuration, parsed once.

use serde::{Deserialize, Serialize};
use shared::callers::{self, Algorithm};
use shared::config::{ConfigError, Fault, optional, parsed, required};
use shared::mac::{self, MacKey, Secret};
use shared::platform::Variables;
use shared::policy::{Trust, TrustNames};
use shared::seal;

use crate::cookie::Jar;
use crate::marks::Tagger;
use crate::operators::Operators;
use crate::place::Fields;
use crate::serial::MacKeys;

const TRUST: TrustNames = TrustNames {
    roots: "TRACE_ROOT_KEY",
    keyset_minimum: "TRACE_KEYSET_MINIMUM",
    signers: "TRACE_POLICY_SIGNERS",
    minimum: "TRACE_POLICY_MINIMUM",
};

/// The least number of keys that must sign a policy pack: no money moves by it.
pub const SIGNERS: usize = 1;

/// The space of the keys that seal cookies.
pub const COOKIE_SPACE: &str = "venditor/trace/v1/cookie";

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Say which device scans.
    Scan,
}

impl callers::Scope for Scope {
    const ALL: &'static [Scope] = &[Scope::Scan];
    const ALGORITHMS: &'static [Algorithm] = &[Algorithm::Ed25519, Algorithm::HmacSha256];
    const REALM: &'static str = crate::NAME;
}

/// The apps that sign scans.
pub type Callers = callers::Callers<Scope>;

/// All of it.
pub struct Config {
    /// `TRACE_HOSTS`: the hosts that labels name, comma-separated, lower case, with a port where it is not the scheme's
    /// own. The first is shown to people as the official one.
    pub hosts: Vec<String>,
    /// `TRACE_ROOT_KEY`: the public keys that may sign the key set, `kid:base64url[,…]`. `TRACE_KEYSET_MINIMUM`,
    /// `TRACE_POLICY_SIGNERS`, `TRACE_POLICY_MINIMUM`: see [`TrustNames`].
    pub trust: Trust,
    /// `TRACE_MAC_KEYS` (secret): the label keys, `kid:base64url[,…]`.
    pub mac_keys: MacKeys,
    /// From `TRACE_DEVICE_SECRET` (secret): 32 bytes in base64url.
    pub tagger: Tagger,
    /// `TRACE_OPERATORS` (secret, optional): who may read and answer complaints, a JSON array of bearer keys' digests.
    pub operators: Option<Operators>,
    /// From the same secret: makes complaint numbers and the day's tags of networks.
    pub complaint_key: MacKey,
    /// `TRACE_COOKIE_KEYS` (secret): what cookies are sealed with, see [`seal::Keys`]. Without them none is set, and a
    /// device is known by likeness alone. `TRACE_COOKIE`: `plain` is for development without https.
    pub jar: Option<Jar>,
    /// `TRACE_CALLERS` (secret): the apps that sign scans, see [`Callers`]. A signature is for one of the hosts that labels
    /// name. Without it no app is believed.
    pub callers: Option<Callers>,
    /// `TRACE_HOPS`: how many proxies of one's own stand before this function and write `X-Forwarded-For`; 0 is none. On
    /// Workers it is not asked: the edge itself says who the client is.
    pub hops: usize,
    /// `TRACE_PLACE`: in which fields these proxies say where the client is, see [`Fields`]. Only with `TRACE_HOPS`, and not
    /// asked on Workers either.
    pub place: Option<Fields>,
}

impl Config {
    /// Reads and parses it.
    ///
    /// # Errors
    /// The first key at fault.
    pub async fn read(variables: &impl Variables) -> Result<Config, ConfigError> {
        let hosts = required(variables, "TRACE_HOSTS").await?;
        let hosts: Vec<String> = hosts.split(',').map(|host| plain_host(host.trim())).collect();
        let is_host = |host: &String| {
            !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b))
        };
        if let Some(at) = hosts.iter().position(|host| !is_host(host)) {
            let wanted = format!("host[:port][,…]; entry {}", at.saturating_add(1));
            return Err(ConfigError::malformed("TRACE_HOSTS", wanted));
        }
        let missing = || ConfigError { key: TRUST.roots, fault: Fault::Missing };
        let trust = Trust::read(variables, SIGNERS, &TRUST).await?.ok_or_else(missing)?;
        let mac_keys = MacKeys::parse(&required(variables, "TRACE_MAC_KEYS").await?)
            .map_err(|e| ConfigError::malformed("TRACE_MAC_KEYS", e.to_string()))?;
        let secret = Secret::from_base64url(&required(variables, "TRACE_DEVICE_SECRET").await?)
            .map_err(|_| ConfigError::malformed("TRACE_DEVICE_SECRET", "32 bytes in base64url"))?;
        let plain = parsed(variables, "TRACE_COOKIE", plain).await?.unwrap_or(false);
        let cookie_keys = parsed(variables, "TRACE_COOKIE_KEYS", |text| seal::Keys::parse(text, COOKIE_SPACE)).await?;
        let callers = parsed(variables, "TRACE_CALLERS", Callers::parse).await?;
        let hops = parsed(variables, "TRACE_HOPS", shared::address::hops).await?.unwrap_or(0);
        let place = parsed(variables, "TRACE_PLACE", |text| Fields::parse_behind(hops, text)).await?;
        let operators = optional(variables, "TRACE_OPERATORS").await?;
        let operators = operators.as_deref().map(Operators::parse).transpose();
        let operators = operators.map_err(|why| ConfigError::malformed("TRACE_OPERATORS", why))?;
        Ok(Config {
            callers: callers.map(|callers| callers.at(hosts.clone())),
            operators,
            hosts,
            trust,
            mac_keys,
            tagger: Tagger::new(&secret),
            complaint_key: MacKey::new(&mac::derive(&secret, "venditor/trace/v1/complaint")),
            jar: cookie_keys.map(|keys| Jar { keys, plain }),
            hops,
            place,
        })
    }

    /// Whether labels name this host. One dot at the end of a name makes it no other (RFC 3986 §3.2.2).
    pub fn is_own_host(&self, host: &str) -> bool {
        self.hosts.contains(&plain_host(host))
    }

    /// Whether a page of this origin is one of ours.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let host = host.map(|host| host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host));
        host.is_some_and(|host| self.is_own_host(host))
    }
}

fn plain(text: &str) -> Result<bool, String> {
    if text == "plain" { Ok(true) } else { Err("plain, or nothing".to_owned()) }
}

/// A host in lower case, without the dot that ends a fully qualified name, with its port.
fn plain_host(host: &str) -> String {
    let is_port = |port: &&str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let (name, port) = match host.rsplit_once(':').filter(|(_, port)| is_port(port)) {
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    };
    let name = name.strip_suffix('.').filter(|name| !name.is_empty()).unwrap_or(name).to_ascii_lowercase();
    port.map_or(name.clone(), |port| format!("{name}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::plain_host;

    #[test]
    fn one_dot_at_the_end_makes_no_other_host() {
        for (host, plain) in [
            ("T.Example", "t.example"),
            ("t.example.", "t.example"),
            ("t.example.:8787", "t.example:8787"),
            ("[::1]:80", "[::1]:80"),
            ("[::1]", "[::1]"),
            (".", "."),
            ("t.example..", "t.example."),
            ("", ""),
        ] {
            assert_eq!(plain_host(host), plain, "{host}");
        }
    }
}
