//! This function's configuration, parsed once.

use shared::config::ConfigError;
use shared::platform::Variables;
use shared::policy::{Trust, TrustNames};

use crate::auth::Callers;

const TRUST: TrustNames = TrustNames {
    roots: "LISTING_ROOT_KEY",
    keyset_minimum: "LISTING_KEYSET_MINIMUM",
    signers: "LISTING_POLICY_SIGNERS",
    minimum: "LISTING_POLICY_MINIMUM",
};

/// The least number of keys that must sign a policy pack: no money moves by it.
const SIGNERS: usize = 1;

/// All of it.
pub struct Config {
    /// `LISTING_CALLERS` (secret): who may call, see [`Callers`]. `LISTING_AUTHORITIES`: where this deployment is reached,
    /// `host[:port]`, comma-separated; if set, signatures must cover `@authority`, and it must be one of these.
    pub callers: Callers,
    /// Whom to believe when a policy pack is published; without it, the bundled one is the only one. `LISTING_ROOT_KEY`:
    /// the public keys that may sign the key set, `kid:base64url[,…]`. `LISTING_KEYSET_MINIMUM`,
    /// `LISTING_POLICY_SIGNERS`, `LISTING_POLICY_MINIMUM`: see [`TrustNames`].
    pub trust: Option<Trust>,
}

impl Config {
    /// Reads and parses it.
    ///
    /// # Errors
    /// The first key at fault.
    pub async fn read(variables: &impl Variables) -> Result<Config, ConfigError> {
        let callers = Callers::read(variables, "LISTING_CALLERS", "LISTING_AUTHORITIES").await?;
        let trust = Trust::read(variables, SIGNERS, &TRUST).await?;
        Ok(Config { callers, trust })
    }
}
