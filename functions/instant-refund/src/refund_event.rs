//! What happens to a refund after it was asked for: the body of `POST /v1/refunds/{id}/events`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::http::json::{self, Bounds, Members, Unknown, Unread, Wrong};
use shared::lang::Text;
use shared::problem::{NOT_JSON, Problem, text};

use crate::auth::Scope;
use crate::case::{MAX_AMOUNT_FEN, MAX_SKEW_MS, MIN_INSTANT, RequestLine, is_id};
use crate::problems::BAD_EVENT;

/// What an event may grow to.
pub const BOUNDS: Bounds = Bounds { bytes: 8 * 1024, depth: 6, items: usize::MAX };

/// One thing that happened. Told again with the same id, it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefundEvent {
    /// The teller's id of it, unique within the refund.
    pub event_id: String,
    /// When it happened, milliseconds since the epoch.
    pub at: i64,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
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
    MerchantAccepted {},
    /// The merchant disagreed.
    MerchantRejected {},
    /// The merchant appeals an instant refund.
    MerchantAppealed {},
    /// The marketplace decided the appeal.
    AppealDecided {
        /// Whether the merchant was right.
        upheld: bool,
    },
    /// The insurer took up the claim.
    ClaimFiled {},
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
    /// The buyer takes the request back.
    RequestWithdrawn {},
    /// An operator knows that the gateway has taken back what it had paid, and cannot say so itself.
    PaymentReversed {
        /// Its code.
        code: String,
    },
    /// An operator has a refund that the gateway refused, or took back, paid to the buyer's account with the marketplace.
    PayAnotherWay {},
    /// An operator knows that what was told of the payment is wrong, and what is right. What is left out stays; together it
    /// must add up.
    PaymentCorrected {
        /// What was paid in all, fen.
        paid_fen: i64,
        /// What of it was for delivery, fen.
        #[serde(skip_serializing_if = "Option::is_none")]
        outbound_freight_fen: Option<i64>,
        /// What of it was for lines.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        lines: Vec<CorrectedLine>,
    },
    /// An operator would have a refund paid that was declined, or void for want of room.
    DecisionProposed {
        /// What, and why.
        grant: Grant,
        /// Who proposes it: whoever tells it.
        by: String,
    },
    /// An operator has found out, at the gateway's console, what became of a payment that the gateway never spoke of.
    OutcomeProposed {
        /// What.
        finding: Finding,
        /// Who says it: whoever tells it.
        by: String,
    },
    /// An operator has seen that a refund is stuck, and leaves it so.
    SetAside {
        /// Why.
        reason: String,
        /// Who: whoever tells it.
        by: String,
    },
    /// Another operator agrees: it is paid, or settled.
    DecisionApproved {
        /// The event that proposed it.
        proposal: String,
        /// Who agrees: whoever tells it.
        by: String,
    },
}

/// What a person grants, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Of which lines.
    pub lines: Vec<RequestLine>,
    /// Of what the buyer paid for delivery, fen.
    pub outbound_freight_fen: i64,
    /// Who bears it.
    pub payer: GrantPayer,
    /// Why, in the operator's words; the buyer reads it.
    pub reason: String,
}

/// What became of a payment, by its gateway's console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether the buyer was paid.
    pub paid: bool,
    /// The gateway's id of the refund, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_no: Option<String>,
    /// When, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<i64>,
    /// What was looked at, in the operator's words; the buyer reads it.
    pub reason: String,
}

/// Who bears what a person grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantPayer {
    /// The merchant; if it cannot pay, the fund advances.
    Merchant,
    /// The marketplace.
    Platform,
}

/// What was paid for a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectedLine {
    /// A line of the order.
    pub line_id: String,
    /// What was paid for it, fen.
    pub paid_fen: i64,
}

impl RefundEvent {
    /// Reads an event. Waybills are upper-cased: `sf1001` is `SF1001`.
    ///
    /// # Errors
    /// A problem that names the member at fault.
    pub fn parse(bytes: &[u8], now_ms: i64) -> Result<RefundEvent, Problem> {
        let value = json::parse(bytes, BOUNDS).map_err(|unread| match unread {
            Unread::Json(error, bounds) => {
                let Text { zh, .. } = json::words(&error, bounds);
                let detail = text(format!("不是可接受的 JSON：{zh}"), format!("Not acceptable JSON: {error}"));
                Problem::new(&NOT_JSON, detail.clone()).field("", error.code(), detail)
            }
            Unread::Shape(fault) => misshapen(&fault),
        })?;
        let event_id = value.get("event_id").and_then(Value::as_str).filter(|id| is_id(id)).map(str::to_owned);
        let event_id = event_id.ok_or_else(|| {
            bad(
                "/event_id",
                "bad-id",
                "应为 1 至 64 个字符：字母、数字、_ . : -",
                "1 to 64 characters: letters, digits, _ . : -",
            )
        })?;
        let at = value.get("at").and_then(Value::as_i64).filter(|at| *at >= MIN_INSTANT);
        let at = at.ok_or_else(|| {
            bad(
                "/at",
                "bad-instant",
                "应为 2000 年以来的毫秒时间戳（不是秒数）",
                "Milliseconds since the epoch, not seconds, from the year 2000 on",
            )
        })?;
        if at > now_ms.saturating_add(MAX_SKEW_MS) {
            return Err(bad("/at", "in-the-future", "时间在未来", "It lies in the future"));
        }
        let mut kind = EventKind::read(value).map_err(|fault| misshapen(&fault))?;
        kind.upper_case_waybills();
        kind.check()?;
        Ok(RefundEvent { event_id, at, kind })
    }
}

/// The types, as `type` names them.
const TYPES: &[&str] = &[
    "parcel_added",
    "parcel_scanned",
    "pickup_cancelled",
    "parcel_received",
    "merchant_accepted",
    "merchant_rejected",
    "merchant_appealed",
    "appeal_decided",
    "claim_filed",
    "claim_paid",
    "claim_failed",
    "recourse_recovered",
    "buyer_repaid",
    "request_withdrawn",
    "payment_reversed",
    "pay_another_way",
    "payment_corrected",
    "decision_proposed",
    "outcome_proposed",
    "set_aside",
    "decision_approved",
];

impl EventKind {
    /// Whether it changes nothing when it is told again, under whatever id: not money, and not an operator's decision.
    pub fn is_fact(&self) -> bool {
        !matches!(
            self,
            EventKind::RecourseRecovered { .. }
                | EventKind::BuyerRepaid { .. }
                | EventKind::PaymentReversed { .. }
                | EventKind::PayAnotherWay {}
                | EventKind::PaymentCorrected { .. }
                | EventKind::DecisionProposed { .. }
                | EventKind::OutcomeProposed { .. }
                | EventKind::SetAside { .. }
                | EventKind::DecisionApproved { .. }
        )
    }

    /// Notes who tells it, where that matters.
    pub fn told_by(&mut self, caller: &str) {
        if let EventKind::DecisionProposed { by, .. }
        | EventKind::OutcomeProposed { by, .. }
        | EventKind::SetAside { by, .. }
        | EventKind::DecisionApproved { by, .. } = self
        {
            caller.clone_into(by);
        }
    }

    /// Who may tell it: whoever has one of these.
    pub fn scopes(&self) -> &'static [Scope] {
        use EventKind as Kind;
        match self {
            Kind::PaymentReversed { .. }
            | Kind::PayAnotherWay {}
            | Kind::PaymentCorrected { .. }
            | Kind::DecisionProposed { .. }
            | Kind::OutcomeProposed { .. }
            | Kind::SetAside { .. }
            | Kind::DecisionApproved { .. } => &[Scope::Operations],
            Kind::ParcelAdded { .. } => &[Scope::Events, Scope::CarrierEvents, Scope::BuyerEvents],
            Kind::ParcelScanned { .. } | Kind::PickupCancelled { .. } => &[Scope::Events, Scope::CarrierEvents],
            Kind::ParcelReceived { .. } => &[Scope::Events, Scope::CarrierEvents, Scope::MerchantEvents],
            Kind::MerchantAccepted {} | Kind::MerchantRejected {} | Kind::MerchantAppealed {} => {
                &[Scope::Events, Scope::MerchantEvents]
            }
            Kind::ClaimFiled {} | Kind::ClaimPaid { .. } | Kind::ClaimFailed { .. } => {
                &[Scope::Events, Scope::InsurerEvents]
            }
            Kind::RequestWithdrawn {} => &[Scope::Events, Scope::BuyerEvents],
            Kind::AppealDecided { .. } | Kind::RecourseRecovered { .. } | Kind::BuyerRepaid { .. } => {
                &[Scope::Events, Scope::MarketplaceEvents]
            }
        }
    }

    /// The member of an event that a contradiction is about.
    pub fn at_fault(&self, code: &str) -> &'static str {
        match (self, code) {
            (EventKind::ParcelAdded { .. }, "scan_before_request") => "/parcel/first_scan_at",
            (EventKind::ParcelAdded { .. }, "outbound_waybill") => "/parcel/waybill",
            (EventKind::PaymentCorrected { .. }, "unknown_line") => "/lines",
            (EventKind::DecisionProposed { .. }, "does_not_add_up") => "/lines",
            (EventKind::DecisionApproved { .. }, "no_such_proposal" | "proposal_too_old") => "/proposal",
            (EventKind::PaymentCorrected { .. }, "does_not_add_up" | "more_was_refunded") => "/paid_fen",
            (_, "scan_before_request" | "received_before_request") => "/at",
            _ => "/type",
        }
    }

    /// Reads the members that are an event's of its type. (serde's own reading of `tag` loses where a fault is.)
    fn read(value: Value) -> Result<EventKind, json::Fault> {
        let mut members = Members::of(value, Unknown::Refuse)?;
        members.forget(&["event_id", "at"]);
        let what = match members.one_of("type", TYPES)? {
            "parcel_added" => EventKind::ParcelAdded { parcel: members.required("parcel")? },
            "parcel_scanned" => EventKind::ParcelScanned {
                waybill: members.required("waybill")?,
                weight_g: members.optional("weight_g")?,
            },
            "pickup_cancelled" => EventKind::PickupCancelled { waybill: members.required("waybill")? },
            "parcel_received" => EventKind::ParcelReceived { waybill: members.required("waybill")? },
            "merchant_accepted" => EventKind::MerchantAccepted {},
            "merchant_rejected" => EventKind::MerchantRejected {},
            "merchant_appealed" => EventKind::MerchantAppealed {},
            "appeal_decided" => EventKind::AppealDecided { upheld: members.required("upheld")? },
            "claim_filed" => EventKind::ClaimFiled {},
            "claim_paid" => EventKind::ClaimPaid { amount_fen: members.required("amount_fen")? },
            "claim_failed" => EventKind::ClaimFailed { code: members.required("code")? },
            "recourse_recovered" => EventKind::RecourseRecovered { amount_fen: members.required("amount_fen")? },
            "buyer_repaid" => EventKind::BuyerRepaid { amount_fen: members.required("amount_fen")? },
            "request_withdrawn" => EventKind::RequestWithdrawn {},
            "payment_reversed" => EventKind::PaymentReversed { code: members.required("code")? },
            "pay_another_way" => EventKind::PayAnotherWay {},
            "payment_corrected" => EventKind::PaymentCorrected {
                paid_fen: members.required("paid_fen")?,
                outbound_freight_fen: members.optional("outbound_freight_fen")?,
                lines: members.optional("lines")?.unwrap_or_default(),
            },
            "decision_proposed" => EventKind::DecisionProposed {
                grant: Grant {
                    lines: members.required("lines")?,
                    outbound_freight_fen: members.optional("outbound_freight_fen")?.unwrap_or(0),
                    payer: members.required("payer")?,
                    reason: members.required("reason")?,
                },
                by: String::new(),
            },
            "outcome_proposed" => EventKind::OutcomeProposed {
                finding: Finding {
                    paid: members.required("paid")?,
                    refund_no: members.optional("refund_no")?,
                    paid_at: members.optional("paid_at")?,
                    reason: members.required("reason")?,
                },
                by: String::new(),
            },
            "set_aside" => EventKind::SetAside { reason: members.required("reason")?, by: String::new() },
            "decision_approved" => {
                EventKind::DecisionApproved { proposal: members.required("proposal")?, by: String::new() }
            }
            _ => return Err(json::Fault::of("type", Wrong::UnknownValue(TYPES))),
        };
        members.done()?;
        Ok(what)
    }

    /// A waybill is one whatever the case of its letters, in events as in cases.
    fn upper_case_waybills(&mut self) {
        match self {
            EventKind::ParcelAdded { parcel } => parcel.spell(),
            EventKind::ParcelScanned { waybill, .. }
            | EventKind::PickupCancelled { waybill }
            | EventKind::ParcelReceived { waybill } => waybill.make_ascii_uppercase(),
            _ => {}
        }
    }

    fn check(&self) -> Result<(), Problem> {
        match self {
            EventKind::ClaimPaid { amount_fen }
            | EventKind::RecourseRecovered { amount_fen }
            | EventKind::BuyerRepaid { amount_fen } => {
                if (1..=MAX_AMOUNT_FEN).contains(amount_fen) {
                    return Ok(());
                }
                Err(bad("/amount_fen", "bad-amount", "应为 1 至 10^12 分的整数", "An integer from 1 to 10^12 fen"))
            }
            EventKind::ClaimFailed { code } | EventKind::PaymentReversed { code }
                if code.is_empty() || code.len() > 64 =>
            {
                Err(bad("/code", "bad-code", "应为 1 至 64 个字节", "1 to 64 bytes"))
            }
            EventKind::DecisionProposed { grant: Grant { reason, .. }, .. }
            | EventKind::OutcomeProposed { finding: Finding { reason, .. }, .. }
            | EventKind::SetAside { reason, .. }
                if reason.trim().is_empty() || reason.chars().count() > 200 =>
            {
                Err(bad("/reason", "bad-reason", "应为 1 至 200 个字符", "1 to 200 characters"))
            }
            EventKind::OutcomeProposed { finding, .. } => finding.check(),
            _ => Ok(()),
        }
    }
}

impl Finding {
    /// What was paid has the gateway's number, so that it is known again when the gateway speaks after all.
    fn check(&self) -> Result<(), Problem> {
        let named = self.refund_no.as_deref().is_some_and(is_id);
        if named != self.paid {
            let en = "The gateway's id of the refund exactly if it was paid: 1 to 64 letters, digits, _ . : -";
            return Err(bad("/refund_no", "bad-refund-no", "已付时须给出支付渠道的退款单号，未付时不给", en));
        }
        if self.paid_at.is_some_and(|at| !self.paid || at < MIN_INSTANT) {
            return Err(bad("/paid_at", "bad-instant", "应为付款时刻的毫秒时间戳", "When it was paid, milliseconds"));
        }
        Ok(())
    }
}

/// A member that an event of its type does not have, or not so.
pub(crate) fn misshapen(fault: &json::Fault) -> Problem {
    let Text { zh, en } = fault.words();
    bad(&fault.pointer(), "bad-member", &zh, &en)
}

pub(crate) fn bad(pointer: &str, code: &'static str, zh: &str, en: &str) -> Problem {
    let detail = text(zh, en);
    Problem::new(&BAD_EVENT, detail.clone()).field(pointer, code, detail)
}
