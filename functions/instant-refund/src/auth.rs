//! Who may call, and what for. Keys, signatures and their errors are [`shared::callers`]'.

use serde::{Deserialize, Serialize};
use shared::callers::{self, Algorithm};

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Ask for refunds and quotes, and read them.
    Refunds,
    /// Tell events.
    Events,
    /// Resume, sweep, export the ledger.
    Operations,
}

impl callers::Scope for Scope {
    const ALL: &'static [Scope] = &[Scope::Refunds, Scope::Events, Scope::Operations];
    const ALGORITHMS: &'static [Algorithm] = &[Algorithm::Ed25519, Algorithm::HmacSha256];
    const REALM: &'static str = crate::NAME;
}

/// The callers of this function.
pub type Callers = callers::Callers<Scope>;
