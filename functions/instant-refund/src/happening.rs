//! What happens to a refund after it was asked for: the body of `POST /v1/refunds/{id}/events`.

use serde::{Deserialize, Serialize};

/// One thing that happened. Told again with the same id, it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happening {
    /// The teller's id of it, unique within the refund.
    pub event_id: String,
    /// When it happened, milliseconds since the epoch.
    pub at: i64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen. (`deny_unknown_fields` does not reach through `flatten`: `Happening::parse` checks the members.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// The buyer booked or posted a return parcel.
    ParcelAdded {
        /// The parcel.
        parcel: crate::case::Parcel,
    },
    /// The carrier scanned a return parcel for the first time.
    ParcelScanned {
        /// Its waybill.
        waybill: String,
        /// The carrier's weight, grams.
        #[serde(default)]
        weight_g: Option<i64>,
    },
    /// A booked pickup was cancelled.
    PickupCancelled {
        /// Its waybill.
        waybill: String,
    },
    /// The merchant received a return parcel.
    ParcelReceived {
        /// Its waybill.
        waybill: String,
    },
    /// The merchant agreed.
    MerchantAccepted,
    /// The merchant disagreed.
    MerchantRejected,
    /// The merchant appeals an instant refund.
    MerchantAppealed,
    /// The marketplace decided the appeal.
    AppealDecided {
        /// Whether the merchant was right.
        upheld: bool,
    },
    /// The insurer took up the claim.
    ClaimFiled,
    /// The insurer paid.
    ClaimPaid {
        /// How much.
        amount_fen: i64,
    },
    /// The insurer refused. It may pay later all the same.
    ClaimFailed {
        /// Its code.
        code: String,
    },
    /// The merchant's deposit or balance paid the fund back.
    RecourseRecovered {
        /// How much.
        amount_fen: i64,
    },
    /// The buyer paid back what was claimed back.
    BuyerRepaid {
        /// How much.
        amount_fen: i64,
    },
}
