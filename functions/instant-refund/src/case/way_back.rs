//! How the goods come back, and the freight insurance (退货运费险) of it.

use serde::{Deserialize, Serialize};

use super::carrier::{one_name, one_spelling};

/// How the goods come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// Parcels, 1 to 10, in the order they were booked. A cancelled pickup stays in the list.
    pub parcels: Vec<Parcel>,
}

/// One parcel on its way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
    /// Carrier code.
    pub carrier: String,
    /// Waybill number, unique with the carrier; letters in upper case, however they were sent.
    pub waybill: String,
    /// How it is sent.
    pub method: ReturnMethod,
    /// Where from: a province-level division, GB/T 2260 six digits, e.g. `330000`.
    pub from_region: String,
    /// Where to.
    pub to_region: String,
    /// Weight.
    pub weight_g: i64,
    /// Door pickup: the base freight that the carrier charges. Self-mail: what the buyer paid, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freight_fen: Option<i64>,
    /// The carrier's first scan; of a door pickup, the handing over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_scan_at: Option<i64>,
    /// When the merchant received it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<i64>,
    /// When a booked pickup was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<i64>,
    /// Whether the label was prepaid by the platform.
    #[serde(default)]
    pub prepaid: bool,
}

impl Parcel {
    /// The name of the waybill in accounts: `sf:SF…`.
    pub fn key(&self) -> String {
        format!("{}:{}", self.carrier, self.waybill)
    }

    /// Gives carrier and waybill their one name and spelling.
    pub fn spell(&mut self) {
        self.carrier = one_name(&self.carrier);
        self.waybill = one_spelling(&self.carrier, &self.waybill);
    }

    /// When the carrier had it: its first scan, or its arrival if no scan was reported.
    pub fn posted_at(&self) -> Option<i64> {
        self.first_scan_at.or(self.received_at)
    }

    /// Whether it is on its way or may still be: its pickup was not cancelled.
    pub fn is_live(&self) -> bool {
        self.cancelled_at.is_none()
    }
}

/// How a parcel is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnMethod {
    /// The carrier comes for it.
    DoorPickup,
    /// The buyer posts it.
    SelfMail,
}

/// A freight-insurance policy (退货运费险).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insurance {
    /// The insurer's policy number.
    pub policy_no: String,
    /// Who bought it.
    pub bought_by: InsuranceBuyer,
    /// When the order was insured: at shipment, and within the policy's tolerance after payment.
    pub insured_at: i64,
    /// Its last instant.
    pub ends_at: i64,
    /// What it covers.
    pub covers: Vec<CoveredKind>,
    /// Fixed or by tariff, as the policy says, for self-mail.
    pub self_mail_cover: SelfMailCover,
    /// The cap of one claim.
    pub cap_fen: i64,
    /// State of its one claim.
    pub claim: ClaimState,
    /// The waybill that the insurer has bound the claim to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_waybill: Option<String>,
}

/// Who pays the premium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsuranceBuyer {
    /// The merchant, order by order, at shipment.
    Merchant,
    /// The buyer, at purchase.
    Buyer,
    /// The platform.
    Platform,
}

/// What a policy covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoveredKind {
    /// Returns.
    Return,
    /// Exchanges.
    Exchange,
}

/// How a policy pays self-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfMailCover {
    /// A fixed sum.
    Fixed,
    /// By route and weight.
    Tariff,
}

/// State of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Nothing claimed yet.
    Covered,
    /// Filed, undecided.
    Claiming,
    /// Paid.
    Paid,
    /// Refused. The insurer may still pay later: no one else pays in the meantime.
    Failed,
    /// The policy ended.
    Expired,
}
