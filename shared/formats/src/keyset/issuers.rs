//! Issuers: who makes status statements, under which name, and whether a head says which of them are the last.

use super::{Key, KeySet, RevocationReason, Use, is_kid};

/// Somebody whose keys may sign status statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issuer<'k> {
    /// The name under which the statements lie.
    pub name: &'k str,
    /// Whether heads say which of them are the last: without a head in force, nobody knows whether one is missing.
    pub has_heads: bool,
}

impl Key {
    /// The name under which its status statements or heads lie.
    pub fn issuer(&self) -> &str {
        self.issuer.as_deref().unwrap_or(&self.kid)
    }

    /// What of it contradicts itself, in words.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        if !is_kid(self.issuer()) {
            Some("the issuer is not [A-Za-z0-9._-]{1,64}")
        } else if self.uses.contains(&Use::Head) && self.uses.iter().any(|use_| *use_ != Use::Head) {
            // Whoever breaks into the machine that signs heads must not be able to sign anything else.
            Some("a key that signs heads signs nothing else")
        } else if self
            .revoked
            .is_some_and(|revoked| revoked.compromised_at.is_some() && revoked.reason != RevocationReason::Compromised)
        {
            Some("compromised_at goes with the reason compromised alone")
        } else {
            None
        }
    }
}

impl KeySet {
    /// Everybody who may make status statements, or might have: also whose keys are revoked by now, for what they stated
    /// before may stand.
    pub fn issuers(&self) -> Vec<Issuer<'_>> {
        let mut issuers: Vec<Issuer<'_>> = Vec::new();
        for key in self.document.keys.iter().filter(|key| key.uses.contains(&Use::Status)) {
            if issuers.iter().all(|known| known.name != key.issuer()) {
                issuers.push(Issuer { name: key.issuer(), has_heads: self.has_heads(key.issuer()) });
            }
        }
        issuers
    }

    /// Whether the set has a key for this issuer's heads. One that was stolen still counts, for without a head somebody
    /// who writes the store could withhold a recall; one whose owner has ceased does not.
    pub fn has_heads(&self, issuer: &str) -> bool {
        let ceased = |key: &Key| key.revoked.is_some_and(|revoked| revoked.reason == RevocationReason::Ceased);
        self.document.keys.iter().any(|key| key.uses.contains(&Use::Head) && key.issuer() == issuer && !ceased(key))
    }

    /// A key of the set, whatever it is for.
    pub fn key(&self, kid: &str) -> Option<&Key> {
        self.document.keys.iter().find(|key| key.kid == kid)
    }
}
