//! Who may call, and what for. Keys, signatures and their errors are [`shared::callers`]'.

use serde::{Deserialize, Serialize};
use shared::callers::{self, Algorithm};

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Ask for refunds and quotes, and read the refunds that it asked for.
    Refunds,
    /// Tell events of every kind but an operator's.
    Events,
    /// Resume, sweep, export the ledger; correct, reverse and pay another way; read all refunds.
    Operations,
    /// Read all refunds, whoever asked for them.
    AllRefunds,
    /// Tell what becomes of parcels.
    CarrierEvents,
    /// Tell what a merchant answers, receives and appeals.
    MerchantEvents,
    /// Tell what becomes of claims.
    InsurerEvents,
    /// Tell what a buyer posts, or takes back.
    BuyerEvents,
    /// Tell appeals decided, money recovered and repaid.
    MarketplaceEvents,
}

/// All that allow to tell events of some kind.
pub const TELLING: [Scope; 7] = [
    Scope::Events,
    Scope::Operations,
    Scope::CarrierEvents,
    Scope::MerchantEvents,
    Scope::InsurerEvents,
    Scope::BuyerEvents,
    Scope::MarketplaceEvents,
];

impl callers::Scope for Scope {
    const ALL: &'static [Scope] = &[
        Scope::Refunds,
        Scope::Events,
        Scope::Operations,
        Scope::AllRefunds,
        Scope::CarrierEvents,
        Scope::MerchantEvents,
        Scope::InsurerEvents,
        Scope::BuyerEvents,
        Scope::MarketplaceEvents,
    ];
    const ALGORITHMS: &'static [Algorithm] = &[Algorithm::Ed25519, Algorithm::HmacSha256];
    const REALM: &'static str = crate::NAME;

    fn is_of_merchants(self) -> bool {
        // The ledger and the sweep are of all.
        self != Scope::Operations
    }
}

/// The callers of this function.
pub type Callers = callers::Callers<Scope>;
