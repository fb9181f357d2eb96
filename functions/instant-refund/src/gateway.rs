//! Payment gateways behind one small trait. Adapters do no I/O: they build requests and read answers, and they say what
//! each gateway promises about keys and repeats. `crate::issue` sends.

use shared::http::Headers;
use shared::platform::{OutboundRequest, OutboundResponse};

use crate::store::Outside;

pub mod alipay;
mod rsa_keys;
pub mod stripe;
mod times;
pub mod wechat;
mod wire;

/// One refund to be made, the same on every attempt with the same key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instruction {
    /// The gateway's id of the payment.
    pub transaction_id: String,
    /// Our key: WeChat `out_refund_no`, Alipay `out_request_no`, Stripe `Idempotency-Key` and metadata. At most 64
    /// characters of `[0-9A-Za-z_-]`.
    pub key: String,
    /// How much, fen.
    pub amount_fen: i64,
    /// What was paid in all, fen.
    pub paid_fen: i64,
    /// Whether the platform advances the money (the merchant's balance is short).
    pub advance: bool,
    /// Where the gateway should notify, an absolute URL.
    pub notify_url: String,
}

/// What a gateway promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Semantics {
    /// How long it remembers a key, milliseconds; `None`: for good. Past it a repeat is a **new** refund.
    pub key_lifetime_ms: Option<i64>,
    /// Whether an attempt after a definite refusal must have a new key (Stripe stores the refusal under the old one).
    pub new_key_after_refusal: bool,
    /// Whether "no such refund" from a query proves that nothing was paid (Alipay's missing `refund_status` does not).
    pub absence_is_proof: bool,
    /// How long after a send a query may still not see it, milliseconds.
    pub settle_ms: i64,
    /// The least time between two refunds of one payment, milliseconds.
    pub min_interval_ms: i64,
    /// The most refunds of one payment.
    pub max_refunds: u32,
    /// How long after payment a refund can be made, milliseconds.
    pub window_ms: i64,
}

#[cfg(test)]
impl Semantics {
    /// Of a gateway that forgets nothing and bounds next to nothing.
    pub(crate) const EASY: Semantics = Semantics {
        key_lifetime_ms: None,
        new_key_after_refusal: false,
        absence_is_proof: true,
        settle_ms: 0,
        min_interval_ms: 0,
        max_refunds: 50,
        window_ms: i64::MAX,
    };
}

/// What an answer of a gateway says about a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The buyer has the money.
    Succeeded(Settled),
    /// It was taken on; a query or a notification brings the outcome.
    Processing {
        /// The gateway's id of the refund, if it gave one.
        refund_no: Option<String>,
    },
    /// Definitely not done, and not to be tried again as it is.
    Refused {
        /// The gateway's own code.
        code: String,
    },
    /// Definitely not done: the merchant's balance is short.
    InsufficientFunds {
        /// The gateway's own code.
        code: String,
    },
    /// Definitely not done now; the same request may be sent later.
    NotAccepted {
        /// The gateway's own code.
        code: String,
        /// When, if it said, milliseconds from now.
        retry_after_ms: Option<i64>,
    },
    /// Of a query: it knows no such refund.
    NotFound,
    /// It may have been done, or not: query.
    Unknown {
        /// The gateway's own code, or ours for an answer that cannot be trusted: `malformed`, `bad_signature`,
        /// `wrong_amount`, `wrong_refund`, `http_500`, …
        code: String,
    },
}

/// A refund that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The gateway's id of the refund.
    pub refund_no: String,
    /// When, milliseconds since the epoch, if it said.
    pub at: Option<i64>,
}

/// A notification that proved genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Our key of the refund.
    pub key: String,
    /// The gateway's id of the payment.
    pub transaction_id: Option<String>,
    /// The amount that it names, fen. The handler compares it.
    pub amount_fen: Option<i64>,
    /// What it says.
    pub report: Report,
    /// The gateway's id of the refund: of one that is not ours, it is known by it.
    pub number: Option<String>,
    /// All names that it gives the payment.
    pub payments: Vec<String>,
    /// When it was said, milliseconds since the epoch, if it says.
    pub at: Option<i64>,
}

/// A notification of a dispute that proved genuine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// All names that it gives the payment.
    pub payments: Vec<String>,
    /// What it says.
    pub outside: Outside,
}

/// Why a notification is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationError {
    /// Its signature does not verify, or the key is unknown.
    BadSignature,
    /// Its time is too far from ours.
    Stale,
    /// It cannot be read.
    Malformed,
    /// Genuine, and not about a refund: to be acknowledged and dropped.
    Irrelevant,
}

/// What an adapter needs from outside at the moment of use.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Milliseconds since the epoch.
    pub now_ms: i64,
    /// 32 hex digits, fresh.
    pub nonce: &'a str,
}

/// One gateway.
pub trait Gateway {
    /// What it promises.
    fn semantics(&self) -> &'static Semantics;
    /// How many refunds it takes in a second. Not promised, so no limit: what is due at the same time is spread by it.
    fn per_second(&self) -> i64 {
        25
    }
    /// The request that makes a refund.
    fn refund(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest;
    /// What its answer says. `None`: nothing came back.
    fn read_refund(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64) -> Report;
    /// The request that asks after a refund.
    fn query(&self, instruction: &Instruction, moment: Moment<'_>) -> OutboundRequest;
    /// What its answer says.
    fn read_query(&self, answer: &OutboundResponse, instruction: &Instruction, now_ms: i64) -> Report;
    /// Reads a notification that came to us.
    ///
    /// # Errors
    /// [`NotificationError`].
    fn read_notification(&self, headers: &Headers, body: &[u8], now_ms: i64)
    -> Result<Notification, NotificationError>;
    /// Reads a notification that came to us and is irrelevant to refunds: of a dispute, where the gateway tells of these.
    ///
    /// # Errors
    /// [`NotificationError`].
    fn read_dispute(&self, _: &Headers, _: &[u8], _now_ms: i64) -> Result<Dispute, NotificationError> {
        Err(NotificationError::Irrelevant)
    }
    /// How much a refund is that is not ours, fen, by the answer to a query after it; where notifications do not say.
    fn read_amount(&self, _answer: &OutboundResponse, _instruction: &Instruction) -> Option<i64> {
        None
    }
    /// The answer that the gateway wants to hear: content type and body.
    fn acknowledgement(&self, accepted: bool) -> (&'static str, &'static str);
}
