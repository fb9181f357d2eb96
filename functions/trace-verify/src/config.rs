//! This function's configuration, parsed once.

use shared::config::{ConfigError, Fault, required};
use shared::mac::{self, MacKey, Secret};
use shared::platform::Variables;
use shared::policy::{Trust, TrustNames};

use crate::serial::MacKeys;
use crate::visitor::DeviceTagger;

const TRUST: TrustNames = TrustNames {
    roots: "TRACE_ROOT_KEY",
    keyset_minimum: "TRACE_KEYSET_MINIMUM",
    signers: "TRACE_POLICY_SIGNERS",
    minimum: "TRACE_POLICY_MINIMUM",
};

/// The least number of keys that must sign a policy pack: no money moves by it.
pub const SIGNERS: usize = 1;

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
    pub tagger: DeviceTagger,
    /// From the same secret: makes complaint numbers.
    pub complaint_key: MacKey,
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
        Ok(Config {
            hosts,
            trust,
            mac_keys,
            tagger: DeviceTagger::new(&secret),
            complaint_key: MacKey::new(&mac::derive(&secret, "venditor/trace/v1/complaint")),
        })
    }

    /// The host that people should see in their browsers.
    pub fn official_host(&self) -> &str {
        self.hosts.first().map_or("", String::as_str)
    }
}
