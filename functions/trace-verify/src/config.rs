//! This function's configuration, parsed once.

use serde::{Deserialize, Serialize};
use shared::callers::{self, Algorithm};
use shared::config::{ConfigError, Fault, parsed, required};
use shared::mac::{self, MacKey, Secret};
use shared::platform::Variables;
use shared::policy::{Trust, TrustNames};
use shared::seal;

use crate::cookie::Jar;
use crate::marks::Tagger;
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
    /// From the same secret: makes complaint numbers.
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
}

impl Config {
    /// Reads and parses it.
    ///
    /// # Errors
    /// The first key at fault.
    pub async fn read(variables: &impl Variables) -> Result<Config, ConfigError> {
        let hosts = required(variables, "TRACE_HOSTS").await?;
        let hosts: Vec<String> = hosts.split(',').map(|host| host.trim().to_ascii_lowercase()).collect();
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
        Ok(Config {
            callers: callers.map(|callers| callers.at(hosts.clone())),
            hosts,
            trust,
            mac_keys,
            tagger: Tagger::new(&secret),
            complaint_key: MacKey::new(&mac::derive(&secret, "venditor/trace/v1/complaint")),
            jar: cookie_keys.map(|keys| Jar { keys, plain }),
            hops,
        })
    }

    /// The host that people should see in their browsers.
    pub fn official_host(&self) -> &str {
        self.hosts.first().map_or("", String::as_str)
    }
}

fn plain(text: &str) -> Result<bool, String> {
    if text == "plain" { Ok(true) } else { Err("plain, or nothing".to_owned()) }
}
