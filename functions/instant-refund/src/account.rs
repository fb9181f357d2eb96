//! Names of the accounts that amounts are held on, and what a full one means.

use crate::decision::Account;

impl Account {
    /// Its name, which is also the shard that keeps it, one Durable Object an account on Workers; but an order keeps
    /// those of its lines and of its freight: [`Account::shard`].
    pub fn name(&self) -> String {
        match self {
            Account::Freight { order } => format!("freight/{order}"),
            Account::Pieces { order, line } => format!("pieces/{order}/{line}"),
            Account::Line { order, line } => format!("line/{order}/{line}"),
            Account::Payment { payment } => format!("payment/{payment}"),
            Account::Order { order } => format!("order/{order}"),
            Account::BuyerQuota { buyer } => format!("quota/{buyer}"),
            Account::BuyerYear { buyer } => format!("year/{buyer}"),
            Account::FundMerchant { merchant } => format!("fund/{merchant}"),
            Account::Fund => "fund".to_owned(),
            Account::Claim { order } => format!("claim/{order}"),
            Account::Compensation { order } => format!("compensation/{order}"),
            Account::Waybill { waybill } => format!("waybill/{waybill}"),
            Account::Policy { policy } => format!("policy/{policy}"),
        }
    }

    /// The shard that keeps it: accounts of one shard are held by one statement.
    pub fn shard(&self) -> String {
        match self {
            Account::Freight { order } | Account::Pieces { order, .. } | Account::Line { order, .. } => {
                format!("order/{order}")
            }
            Account::BuyerYear { buyer } => format!("quota/{buyer}"),
            account => account.name(),
        }
    }

    /// The reason to give when it is full.
    pub const fn full(&self) -> &'static str {
        match self {
            Account::Payment { .. } | Account::Order { .. } => "over_refund",
            Account::Freight { .. } => "outbound_freight_already_refunded",
            Account::Pieces { .. } => "pieces_already_refunded",
            Account::Line { .. } => "line_over_refund",
            Account::BuyerQuota { .. } => "quota_exhausted",
            Account::BuyerYear { .. } => "instant_year_full",
            Account::FundMerchant { .. } | Account::Fund => "fund_limit_reached",
            Account::Claim { .. } => "claim_already_made",
            Account::Compensation { .. } => "compensation_already_paid",
            Account::Waybill { .. } => "waybill_already_claimed",
            Account::Policy { .. } => "policy_already_claimed",
        }
    }

    /// Whether it is the fund's exposure.
    pub const fn is_fund(&self) -> bool {
        matches!(self, Account::FundMerchant { .. } | Account::Fund)
    }

    /// Whether it keeps a claim, or a waybill, from being used twice.
    pub const fn is_claim(&self) -> bool {
        matches!(self, Account::Claim { .. } | Account::Waybill { .. } | Account::Policy { .. })
    }

    /// Whether it is of an order's lines or of its freight.
    pub const fn is_of_lines(&self) -> bool {
        matches!(self, Account::Freight { .. } | Account::Pieces { .. } | Account::Line { .. })
    }

    /// Whether a gateway leg is held on it along with the others: its amount is their sum.
    pub const fn is_of_sum(&self) -> bool {
        matches!(self, Account::Payment { .. } | Account::Order { .. } | Account::BuyerQuota { .. })
    }

    /// Whether it bounds what goes back of a payment.
    pub const fn is_of_payment(&self) -> bool {
        matches!(self, Account::Payment { .. } | Account::Order { .. })
    }

    /// Whether what may be held on it was paid once, and never grows.
    pub const fn is_bounded(&self) -> bool {
        self.is_of_payment() || self.is_of_lines()
    }

    /// Whether it keeps something from being paid twice that is no part of the payment: it stays held when the payment
    /// itself has come back.
    pub const fn is_once(&self) -> bool {
        self.is_claim() || matches!(self, Account::Compensation { .. })
    }

    /// Whether it bounds what a buyer is trusted with.
    pub const fn is_of_trust(&self) -> bool {
        matches!(self, Account::BuyerQuota { .. } | Account::BuyerYear { .. })
    }

    /// Whether it counts the refunds of a year.
    pub const fn is_year(&self) -> bool {
        matches!(self, Account::BuyerYear { .. })
    }

    /// Whether it is a buyer's quota.
    pub const fn is_quota(&self) -> bool {
        matches!(self, Account::BuyerQuota { .. })
    }
}
