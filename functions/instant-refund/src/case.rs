//! A case: what the after-sales system knows about one request for money back. The body of `POST /v1/refunds`.
//!
//! Amounts are integer fen, instants are milliseconds since the epoch (UTC), weights are grams. Unknown members are
//! refused: this moves money.

use serde::{Deserialize, Serialize};

mod carrier;
mod check;
mod learn;
pub mod problems;
mod read;
mod way_back;

pub use carrier::{is_same_waybill, one_name, one_spelling};
pub use check::{MAX_AMOUNT_FEN, MAX_SKEW_MS, MIN_INSTANT, is_id};
pub use learn::Learned;
pub use read::BOUNDS;
pub use way_back::{ClaimState, CoveredKind, Insurance, InsuranceBuyer, Parcel, Return, ReturnMethod, SelfMailCover};

/// Everything that a decision may look at, besides the policy and the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What was bought and paid.
    pub order: Order,
    /// What the buyer asks for.
    pub request: Request,
    /// The buyer's standing.
    pub buyer: Buyer,
    /// The merchant's standing, and its answer to the request.
    pub merchant: Merchant,
    /// How the goods come back, once that is known.
    #[serde(rename = "return", default, skip_serializing_if = "Option::is_none")]
    pub return_: Option<Return>,
    /// The freight-insurance policy of the order, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance: Option<Insurance>,
}

/// An order with exactly one payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The marketplace's id.
    pub order_id: String,
    /// ISO 4217; `CNY`.
    pub currency: String,
    /// How it was paid.
    pub payment: Payment,
    /// When it was paid.
    pub paid_at: i64,
    /// When the first parcel was shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<i64>,
    /// When the buyer, or whoever the buyer named, signed for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<i64>,
    /// What the buyer paid for delivery; part of `payment.paid_fen`.
    #[serde(default)]
    pub outbound_freight_fen: i64,
    /// Whether the merchant agreed at the sale to bear the freight of returns (Consumer Rights Law art. 25 para. 3).
    #[serde(default)]
    pub free_returns: bool,
    /// The waybills that its goods were sent by, if they are known: none of them is a return's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outbound_waybills: Vec<String>,
    /// Its lines, 1 to 50.
    pub lines: Vec<Line>,
    /// What was promised about shipping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<ShippingPromise>,
}

impl Order {
    /// Whether its goods were sent by this waybill.
    pub fn is_sent_by(&self, waybill: &str) -> bool {
        self.outbound_waybills.iter().any(|sent| is_same_waybill(sent, waybill))
    }
}

/// The payment of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// Which gateway took it.
    pub gateway: GatewayName,
    /// The gateway's own id of the payment: WeChat Pay `transaction_id`, Alipay `trade_no`, Stripe `charge` or
    /// `payment_intent` (distinguished by prefix).
    pub transaction_id: String,
    /// What was paid in all.
    pub paid_fen: i64,
    /// ISO 4217; must equal the order's.
    pub currency: String,
}

/// The gateways that there are adapters for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GatewayName {
    /// WeChat Pay API v3.
    Wechat,
    /// Alipay open platform.
    Alipay,
    /// Stripe.
    Stripe,
}

impl GatewayName {
    /// Its name in JSON and in account names.
    pub fn as_str(self) -> &'static str {
        match self {
            GatewayName::Wechat => "wechat",
            GatewayName::Alipay => "alipay",
            GatewayName::Stripe => "stripe",
        }
    }
}

impl Payment {
    /// The name of the payment in accounts: `wechat:420000…`.
    pub fn key(&self) -> String {
        format!("{}:{}", self.gateway.as_str(), self.transaction_id)
    }
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Unique in the order.
    pub line_id: String,
    /// The marketplace's category code, e.g. `apparel`, `food`.
    pub category: String,
    /// Pieces, 1 or more.
    pub quantity: i64,
    /// What was paid for the line, all pieces, after discounts, without freight.
    pub paid_fen: i64,
    /// Pieces that were shipped; zero on every line exactly if `shipped_at` is missing.
    #[serde(default)]
    pub shipped_quantity: i64,
    /// Pieces that earlier requests were refunded for.
    #[serde(default)]
    pub refunded_quantity: i64,
    /// Goods that the seven-day right may not cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusion: Option<Exclusion>,
    /// Whether the buyer confirmed the exclusion of this purchase (Consumer Rights Law art. 25 para. 2).
    #[serde(default)]
    pub exclusion_confirmed: bool,
}

/// Consumer Rights Law art. 25: goods without a seven-day right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// Made to the buyer's order (item 1).
    CustomMade,
    /// Fresh and perishable (item 2).
    Perishable,
    /// Digital goods downloaded, or audio, video and software unsealed (item 3).
    Digital,
    /// Newspapers and periodicals delivered (item 4).
    Periodical,
    /// Unsuitable by nature (para. 2): only if the buyer confirmed it at purchase.
    ByNature,
}

/// What the merchant promised about shipping. 阶梯发货 is `tiered`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippingPromise {
    /// Which kind.
    #[serde(rename = "type")]
    pub kind: PromiseKind,
    /// Of `tiered`: whether this order was served from spot stock or from the pre-sale stage behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<PromiseStage>,
    /// Spot: hours to ship within; 0 means the day of payment, China time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot_hours: Option<i64>,
    /// Pre-sale: days to ship within, counted from payment (or from the end of the pre-sale, if one is given).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presale_days: Option<i64>,
    /// When the pre-sale ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presale_ends_at: Option<i64>,
}

/// Kinds of shipping promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseKind {
    /// From stock.
    Spot,
    /// Made or bought in after payment.
    Presale,
    /// Spot while stock lasts, pre-sale behind it.
    Tiered,
}

/// Which stage of a tiered promise an order fell into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromiseStage {
    /// From stock.
    Spot,
    /// Behind it.
    Presale,
}

/// What the buyer asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Which kind.
    pub kind: RequestKind,
    /// Why.
    pub cause: Cause,
    /// When the buyer asked.
    pub requested_at: i64,
    /// Which lines, and how much of each. Empty only for `compensation`.
    #[serde(default)]
    pub lines: Vec<RequestLine>,
}

/// Kinds of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// Money back, nothing comes back.
    RefundOnly,
    /// Money back against the goods.
    ReturnRefund,
    /// Other goods against the goods: freight may be insured, no goods refund.
    Exchange,
    /// Compensation for a broken promise alone.
    Compensation,
}

/// Why the buyer asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No reason given: the seven-day right.
    NoReason,
    /// The goods are faulty (Consumer Rights Law art. 24).
    QualityFault,
    /// They are not what was described.
    NotAsDescribed,
    /// The wrong goods came.
    WrongItem,
    /// Not shipped, or late.
    LateShipment,
    /// Never arrived.
    NotReceived,
}

impl Cause {
    /// Whether it is the merchant's doing: faulty, not as described, or wrong goods.
    pub const fn is_the_merchants(self) -> bool {
        matches!(self, Cause::QualityFault | Cause::NotAsDescribed | Cause::WrongItem)
    }
}

/// How much of one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestLine {
    /// A line of the order.
    pub line_id: String,
    /// Pieces.
    pub quantity: i64,
    /// What is asked back for them, above zero; at most the line's price for these pieces, rounded up to a fen.
    pub amount_fen: i64,
}

/// The buyer's standing with the marketplace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buyer {
    /// The marketplace's id.
    pub buyer_id: String,
    /// Credit level, 0 to 10.
    pub level: i64,
    /// The instant-refund quota of that level that is granted to this buyer.
    pub quota_fen: i64,
    /// Instant refunds granted in the last 365 days.
    #[serde(default)]
    pub instant_refunds_last_year: i64,
    /// Why the buyer's insurance or instant refunds are suspended, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restriction: Option<Restriction>,
}

/// Why a buyer gets no automatic money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// Unusually many claims.
    AbnormalClaims,
    /// Suspended for security (WeChat code 2008).
    SecurityHold,
}

/// The merchant's standing, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// The marketplace's id.
    pub merchant_id: String,
    /// Whether it can pay.
    pub funds: MerchantFunds,
    /// What it deposited, against which the fund has recourse.
    #[serde(default)]
    pub deposit_fen: i64,
    /// Its answer to the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<MerchantAnswer>,
}

/// Whether the merchant can pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MerchantFunds {
    /// It can.
    Sufficient,
    /// Its balance is short.
    Short,
    /// It cannot be reached, or has closed (E-Commerce Law art. 58, Consumer Rights Law art. 44).
    Unreachable,
}

/// A merchant's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MerchantAnswer {
    /// What it said.
    pub verdict: Verdict,
    /// When.
    pub at: i64,
}

/// What a merchant said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It agrees.
    Accepted,
    /// It does not: people decide from here on.
    Rejected,
}
