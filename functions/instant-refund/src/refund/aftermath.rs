//! What becomes of a refund once its money has moved.

use serde::{Deserialize, Serialize};

/// Money that a gateway moved although it had paid, or although the buyer was paid another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondPayment {
    /// The gateway's id of it.
    pub refund_no: String,
    /// When it was seen.
    pub at: i64,
    /// Fen.
    pub amount_fen: i64,
}

/// What became of what was still open when the money moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Aftermath {
    /// The goods have come back.
    pub returned_at: Option<i64>,
    /// The money was claimed back from the buyer.
    pub clawed_back_at: Option<i64>,
    /// What the buyer has paid back, fen.
    pub repaid_fen: i64,
    /// The merchant appealed.
    pub appealed_at: Option<i64>,
    /// The appeal's outcome.
    pub appeal_upheld: Option<bool>,
    /// What the fund has got back from the merchant, fen.
    pub recovered_fen: i64,
    /// The rest was written off.
    pub written_off_at: Option<i64>,
    /// What the insurer paid, fen.
    pub claim_paid_fen: Option<i64>,
    /// What the insurer said when it refused.
    pub claim_failure: Option<String>,
    /// The insurer's payment is booked.
    pub claim_booked: bool,
    /// The goods came after the money was claimed back: the claim was taken back.
    pub claw_back_reversed_at: Option<i64>,
    /// The buyer's quota was freed because nothing had to come back.
    pub quota_freed_at: Option<i64>,
    /// It is more than a year ago, and no longer counts for the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year_over_at: Option<i64>,
    /// When the marketplace had not decided an appeal in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal_overdue_at: Option<i64>,
    /// When the insurer had neither paid nor refused in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_overdue_at: Option<i64>,
    /// When what the buyer owed was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receivable_given_up_at: Option<i64>,
    /// What was given up of it then and is still not paid back, fen: the marketplace bears it.
    #[serde(skip_serializing_if = "is_nothing")]
    pub given_up_fen: i64,
    /// Payments that the gateway made besides the one that it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub second_payments: Vec<SecondPayment>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_nothing(fen: &i64) -> bool {
    *fen == 0
}
