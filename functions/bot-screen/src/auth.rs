//! Who may ask for a verdict. Keys, signatures and their errors are [`shared::callers`]'.
//!
//! A caller is believed in what it says of the client: its address, its method, its path. So a caller is the hop before
//! this function and nobody else.

use serde::{Deserialize, Serialize};
use shared::callers::{self, Algorithm};

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Ask for verdicts.
    Screen,
}

impl callers::Scope for Scope {
    const ALL: &'static [Scope] = &[Scope::Screen];
    const ALGORITHMS: &'static [Algorithm] = &[Algorithm::Ed25519, Algorithm::HmacSha256, Algorithm::BearerSha256];
    const REALM: &'static str = crate::NAME;
}

/// The callers of this function.
pub type Callers = callers::Callers<Scope>;
