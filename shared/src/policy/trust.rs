//! Whom a function believes when a pack is published, from its configuration.

use formats::keyset::Roots;
use formats::policy::MAX_VERSION;

use crate::config::{ConfigError, optional};
use crate::platform::Variables;

/// Whom to believe.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The root keys of the key set, with the least version of a set that is taken.
    pub roots: Roots,
    /// How many different keys must sign a statement.
    pub signers: usize,
    /// The least rank, epoch and version, of a statement that is followed.
    pub minimum: (u64, u64),
}

/// The names of the variables.
#[derive(Clone, Copy, Debug)]
pub struct TrustNames {
    /// The roots, `kid:base64url[,…]`.
    pub roots: &'static str,
    /// The least version of the key set; 0 if not set.
    pub keyset_minimum: &'static str,
    /// How many different keys must sign; the function's own least if not set.
    pub signers: &'static str,
    /// The least statement, `version` or `epoch.version`; none if not set.
    pub minimum: &'static str,
}

impl Trust {
    /// Reads it; `None` if no root is set: then the bundled pack is the only one. `least_signers`: how many different
    /// keys must sign at least; configuration may ask for more.
    ///
    /// # Errors
    /// The first key at fault.
    pub async fn read(
        variables: &impl Variables,
        least_signers: usize,
        names: &TrustNames,
    ) -> Result<Option<Trust>, ConfigError> {
        let Some(roots) = optional(variables, names.roots).await? else { return Ok(None) };
        let roots = Roots::parse(&roots).map_err(|error| ConfigError::malformed(names.roots, error.to_string()))?;
        let roots = match optional(variables, names.keyset_minimum).await? {
            Some(text) => roots.with_minimum_version(whole(&text).ok_or_else(|| {
                ConfigError::malformed(names.keyset_minimum, "a version: a whole number up to 2^53-1")
            })?),
            None => roots,
        };
        let signers = match optional(variables, names.signers).await? {
            Some(text) => {
                let wanted = || ConfigError::malformed(names.signers, format!("a number from {least_signers} to 8"));
                text.parse().ok().filter(|n| (least_signers..=8).contains(n)).ok_or_else(wanted)?
            }
            None => least_signers,
        };
        let minimum = match optional(variables, names.minimum).await? {
            Some(text) => rank(&text)
                .ok_or_else(|| ConfigError::malformed(names.minimum, "version or epoch.version: whole numbers"))?,
            None => (0, 0),
        };
        Ok(Some(Trust { roots, signers, minimum }))
    }
}

fn rank(text: &str) -> Option<(u64, u64)> {
    match text.split_once('.') {
        Some((epoch, version)) => Some((whole(epoch)?, whole(version)?)),
        None => Some((0, whole(text)?)),
    }
}

fn whole(text: &str) -> Option<u64> {
    text.parse().ok().filter(|n| *n <= MAX_VERSION && !text.starts_with('+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks() {
        assert_eq!((rank("7"), rank("2.7"), rank("0.0")), (Some((0, 7)), Some((2, 7)), Some((0, 0))));
        for bad in ["", "x", "1.", ".1", "1.2.3", "-1", "+1", "9007199254740992"] {
            assert_eq!(rank(bad), None, "{bad}");
        }
    }
}
