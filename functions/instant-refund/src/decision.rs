//! What a decision says. Language-neutral: codes, figures and names; words are put in when it is shown.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A stable name: of a rule, a reason, an input.
pub type Code = Cow<'static, str>;

/// The answer to one case, with every leg. `total_fen` is the exact sum of the legs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What is to happen.
    pub outcome: Outcome,
    /// What is paid, by leg and payer; amounts above zero. Of a waiting decision: what would be paid if it came to that.
    pub legs: Vec<Leg>,
    /// Sum of the legs.
    pub total_fen: i64,
    /// Why: what was granted, what was not, and on what ground. Never empty.
    pub reasons: Vec<Reason>,
    /// Of a waiting decision: what for, and until when.
    pub waiting: Option<Waiting>,
    /// What must be reserved before any money moves.
    pub holds: Vec<Hold>,
    /// What is still open once the money has moved.
    pub follow_up: FollowUp,
    /// First half of the SHA-256 of the policy pack.
    pub policy: Code,
}

impl Decision {
    /// Whether it comes to the same for everybody: its reasons may be others.
    pub fn pays_as(&self, other: &Decision) -> bool {
        let legs = |decision: &Decision| {
            decision.legs.iter().map(|leg| (leg.kind, leg.payer, leg.route, leg.amount_fen)).collect::<Vec<_>>()
        };
        (self.outcome, &self.waiting, &self.follow_up) == (other.outcome, &other.waiting, &other.follow_up)
            && legs(self) == legs(other)
    }

    /// What some of its legs come to, fen.
    pub fn sum_fen(&self, which: impl Fn(&Leg) -> bool) -> i64 {
        let legs = self.legs.iter().filter(|leg| which(leg));
        legs.fold(0, |sum: i64, leg| sum.saturating_add(leg.amount_fen))
    }
}

/// What is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Pay now.
    Approved,
    /// Not yet.
    Waiting,
    /// Not by this function: the reasons say why, and people may decide otherwise.
    Declined,
}

impl Outcome {
    /// As in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Approved => "approved",
            Outcome::Waiting => "waiting",
            Outcome::Declined => "declined",
        }
    }
}

/// One amount, for one thing, borne by one party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// What for.
    pub kind: LegKind,
    /// Who bears it.
    pub payer: Payer,
    /// How it reaches the buyer.
    pub route: Route,
    /// How much, above zero.
    pub amount_fen: i64,
    /// The rule that gave it, as in `policy/`.
    pub rule: Code,
    /// The article of law or the source of the rule.
    pub article: Code,
    /// The figures that the rule looked at.
    pub inputs: Vec<Input>,
}

/// What a leg is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegKind {
    /// The price of the goods.
    GoodsRefund,
    /// What the buyer paid for delivery.
    OutboundFreight,
    /// What sending the goods back cost.
    ReturnFreight,
    /// For a broken shipping promise.
    LatenessCompensation,
}

/// Who bears a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// The freight insurer.
    Insurer,
    /// The merchant.
    Merchant,
    /// The marketplace.
    Platform,
    /// The consumer protection fund, with recourse against the merchant.
    ProtectionFund,
}

/// How a leg reaches the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Back along the payment: all refunds of a payment together may not exceed what was paid.
    Gateway,
    /// By a claim with the insurer, who pays the buyer or the carrier.
    InsuranceClaim,
    /// To the buyer's account with the marketplace: compensation is not a refund of the payment.
    AccountCredit,
    /// The same, in place of along the payment, which the gateway has refused: it counts as a refund of the payment.
    CreditInstead,
}

impl Route {
    /// Whether it gives back what was paid: along the payment, or in place of it.
    pub const fn gives_back(self) -> bool {
        matches!(self, Route::Gateway | Route::CreditInstead)
    }
}

/// One figure that a rule looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Its name, in snake case.
    pub name: Code,
    /// Its value.
    pub value: Scalar,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// An amount, an instant, a weight, a count.
    Integer(i64),
    /// A name.
    Text(Code),
}

/// Why something was granted or was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable, snake case; `policy/messages.toml` has its words under `[reason]`.
    pub code: Code,
    /// The leg it is about, if it is about one.
    pub leg: Option<LegKind>,
    /// The article of law or the source of the rule; empty if none.
    pub article: Code,
    /// What its words need filled in.
    pub inputs: Vec<Input>,
}

/// What a decision waits for. When the time is up, the case is decided again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// What for.
    #[serde(rename = "for")]
    pub what: WaitingFor,
    /// Until when; then the case is decided again, by what the rule says of silence.
    pub until: i64,
}

/// What a decision can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    /// The merchant's answer.
    MerchantAnswer,
    /// The buyer's posting the goods: the carrier's first scan.
    FirstScan,
    /// The goods' arrival at the merchant.
    ReturnReceived,
}

/// An amount to be held before money moves. A hold never takes what is held on an account above its limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Which account.
    pub account: Account,
    /// How much of it.
    pub amount_fen: i64,
    /// The most that may be held on it in all.
    pub limit_fen: i64,
    /// Whether the limit is a fact of the account that can never change (what was paid).
    pub pinned: bool,
}

/// Accounts that amounts are held on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Account {
    /// What the buyer paid for delivery: it goes back once. Before the payment, in the order of accounts, so that the
    /// goods can still be reserved for without it.
    Freight {
        /// The marketplace's id of the order.
        order: String,
    },
    /// A payment: all its refunds together may not exceed it.
    Payment {
        /// Gateway and its id of the payment, `wechat:…`.
        payment: String,
    },
    /// An order: all refunds of its one payment together may not exceed it, whatever the payment is called. Stripe has
    /// two names for one payment, `ch_…` and `pi_…`.
    Order {
        /// The marketplace's id of the order.
        order: String,
    },
    /// The pieces of a line: all refunds together may not take more than were bought.
    Pieces {
        /// The marketplace's id of the order.
        order: String,
        /// Its line.
        line: String,
    },
    /// What was paid for a line: all refunds of it together may not exceed it.
    Line {
        /// The marketplace's id of the order.
        order: String,
        /// Its line.
        line: String,
    },
    /// A buyer's instant-refund quota.
    BuyerQuota {
        /// The buyer.
        buyer: String,
    },
    /// How often a buyer was refunded at once within 365 days: amount 1, limit by the buyer's level.
    BuyerYear {
        /// The buyer.
        buyer: String,
    },
    /// What the fund has advanced for one merchant.
    FundMerchant {
        /// The merchant.
        merchant: String,
    },
    /// What the fund has advanced in all.
    Fund,
    /// The one claim of an order's payment: amount 1, limit 1.
    Claim {
        /// The marketplace's id of the order.
        order: String,
    },
    /// The one lateness compensation of an order: amount 1, limit 1.
    Compensation {
        /// The marketplace's id of the order.
        order: String,
    },
    /// A return waybill, which can be claimed for once ever: amount 1, limit 1.
    Waybill {
        /// Carrier and number, `sf:…`.
        waybill: String,
    },
    /// The one claim of an insurer's policy, over all orders: amount 1, limit 1.
    Policy {
        /// The insurer's number of it.
        policy: String,
    },
}

/// What stays open once the money has moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Paid before the goods came back: when they must have arrived, or the money is claimed back.
    #[serde(default)]
    pub return_due_at: Option<i64>,
    /// Until when the merchant may appeal.
    #[serde(default)]
    pub appeal_until: Option<i64>,
    /// Advanced by the fund: when recourse against the merchant ends for good.
    #[serde(default)]
    pub recourse_until: Option<i64>,
    /// Of a claim that the insurer is to pay: when it should have spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_until: Option<i64>,
    /// How many days the marketplace has to decide an appeal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal_decision_days: Option<i64>,
    /// How many days what the buyer owes is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivable_days: Option<i64>,
}
