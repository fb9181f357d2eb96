//! Who may call, and what for. Keys, signatures and their errors are [`shared::callers`]'.

use serde::{Deserialize, Serialize};
use shared::callers::{self, Algorithm};

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Have listings checked.
    Listings,
}

impl callers::Scope for Scope {
    const ALL: &'static [Scope] = &[Scope::Listings];
    const ALGORITHMS: &'static [Algorithm] = &[Algorithm::Ed25519, Algorithm::HmacSha256, Algorithm::BearerSha256];
    const REALM: &'static str = crate::NAME;
}

/// The callers of this function.
pub type Callers = callers::Callers<Scope>;
