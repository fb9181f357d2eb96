//! Which of the operator's systems may read and answer complaints. Keys and their errors are [`shared::callers`]'.

use serde::{Deserialize, Serialize};
use shared::callers::{self, Algorithm};

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read and answer complaints.
    Complaints,
}

impl callers::Scope for Scope {
    const ALL: &'static [Scope] = &[Scope::Complaints];
    const ALGORITHMS: &'static [Algorithm] = &[Algorithm::BearerSha256];
    const REALM: &'static str = crate::NAME;
}

/// The operator's callers of this function.
pub type Operators = callers::Callers<Scope>;
