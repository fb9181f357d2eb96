//! What an event changes in the facts. Late, repeated or out of order, it does no harm: the earliest scan and the
//! earliest arrival count, and what cannot be true together is named.

use super::carrier::{is_same_waybill, one_name};
use super::check::MAX_AMOUNT_FEN;
use super::{Case, ClaimState, MerchantAnswer, Parcel, RequestKind, Return, ReturnMethod, Verdict};
use crate::refund_event::{EventKind, RefundEvent};

/// What an event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// The facts are different now: decide again.
    Changed,
    /// It was known, or is no fact of the case.
    Nothing,
    /// It cannot be true together with the facts. A stable name, snake case.
    Contradiction(&'static str),
}

use Learned::{Changed, Contradiction, Nothing};

const MAX_PARCELS: usize = 10;
const MAX_WEIGHT_G: i64 = 1_000_000;

impl Case {
    /// Takes an event into the facts.
    pub fn learn(&mut self, event: &RefundEvent) -> Learned {
        let at = event.at;
        match &event.kind {
            EventKind::ParcelAdded { parcel } => self.add(parcel, at),
            EventKind::ParcelScanned { waybill, weight_g } => self.scanned(waybill, *weight_g, at),
            EventKind::PickupCancelled { waybill } => self.cancelled(waybill, at),
            EventKind::ParcelReceived { waybill } => self.received(waybill, at),
            EventKind::MerchantAccepted {} => self.answered(Verdict::Accepted, at),
            EventKind::MerchantRejected {} => self.answered(Verdict::Rejected, at),
            EventKind::ClaimFiled {} => self.claim(ClaimState::Claiming),
            EventKind::ClaimPaid { amount_fen } if !(1..=MAX_AMOUNT_FEN).contains(amount_fen) => {
                Contradiction("bad_amount")
            }
            EventKind::ClaimPaid { .. } => self.claim(ClaimState::Paid),
            // It is filed again with the right waybill: the claim is open.
            EventKind::ClaimFailed { code } if passes(code) => self.claim(ClaimState::Claiming),
            EventKind::ClaimFailed { .. } => self.claim(ClaimState::Failed),
            // Not facts that a decision looks at.
            EventKind::MerchantAppealed {}
            | EventKind::AppealDecided { .. }
            | EventKind::RecourseRecovered { .. }
            | EventKind::BuyerRepaid { .. }
            | EventKind::RequestWithdrawn {}
            | EventKind::PaymentReversed { .. }
            | EventKind::PayAnotherWay {}
            | EventKind::PaymentCorrected { .. }
            | EventKind::DecisionProposed { .. }
            | EventKind::OutcomeProposed { .. }
            | EventKind::SetAside { .. }
            | EventKind::DecisionApproved { .. } => Nothing,
        }
    }

    fn add(&mut self, parcel: &Parcel, at: i64) -> Learned {
        if !matches!(self.request.kind, RequestKind::ReturnRefund | RequestKind::Exchange) {
            return Contradiction("no_return_expected");
        }
        if self.order.is_sent_by(&parcel.waybill) {
            return Contradiction("outbound_waybill");
        }
        let (paid_at, requested_at) = (self.order.paid_at, self.request.requested_at);
        if parcel.posted_at().is_some_and(|posted| posted < requested_at) {
            return Contradiction("scan_before_request");
        }
        if parcel.check("", paid_at, requested_at, at).is_err() {
            return Contradiction("bad_parcel");
        }
        let parcels = &mut self.return_.get_or_insert_with(|| Return { parcels: Vec::new() }).parcels;
        if let Some(known) = parcels.iter_mut().find(|known| is_same_waybill(&known.waybill, &parcel.waybill)) {
            return merge(known, parcel);
        }
        if parcels.len() >= MAX_PARCELS {
            return Contradiction("too_many_parcels");
        }
        parcels.push(parcel.clone());
        Changed
    }

    fn parcel(&mut self, waybill: &str) -> Option<&mut Parcel> {
        self.return_.as_mut()?.parcels.iter_mut().find(|parcel| is_same_waybill(&parcel.waybill, waybill))
    }

    fn scanned(&mut self, waybill: &str, weight_g: Option<i64>, at: i64) -> Learned {
        let (paid_at, requested_at) = (self.order.paid_at, self.request.requested_at);
        let Some(parcel) = self.parcel(waybill) else { return Contradiction("unknown_waybill") };
        if at < paid_at {
            return Contradiction("scan_before_order");
        }
        if at < requested_at {
            return Contradiction("scan_before_request");
        }
        if parcel.cancelled_at.is_some() {
            return Contradiction("scanned_after_cancelling");
        }
        if parcel.first_scan_at.is_some_and(|known| known <= at) {
            return Nothing;
        }
        if parcel.received_at.is_some_and(|received| received < at) {
            return Contradiction("scan_after_receipt");
        }
        if weight_g.is_some_and(|weight| !(1..=MAX_WEIGHT_G).contains(&weight)) {
            return Contradiction("bad_weight");
        }
        parcel.first_scan_at = Some(at);
        parcel.weight_g = weight_g.unwrap_or(parcel.weight_g);
        Changed
    }

    fn cancelled(&mut self, waybill: &str, at: i64) -> Learned {
        let paid_at = self.order.paid_at;
        let Some(parcel) = self.parcel(waybill) else { return Contradiction("unknown_waybill") };
        if parcel.method != ReturnMethod::DoorPickup {
            return Contradiction("not_a_pickup");
        }
        if parcel.cancelled_at.is_some() {
            return Nothing;
        }
        if parcel.posted_at().is_some() {
            return Contradiction("already_handed_over");
        }
        if at < paid_at {
            return Contradiction("cancelled_before_order");
        }
        parcel.cancelled_at = Some(at);
        Changed
    }

    fn received(&mut self, waybill: &str, at: i64) -> Learned {
        let (paid_at, requested_at) = (self.order.paid_at, self.request.requested_at);
        let Some(parcel) = self.parcel(waybill) else { return Contradiction("unknown_waybill") };
        if at < paid_at {
            return Contradiction("received_before_order");
        }
        if at < requested_at {
            return Contradiction("received_before_request");
        }
        if parcel.cancelled_at.is_some() {
            return Contradiction("received_after_cancelling");
        }
        if parcel.received_at.is_some_and(|known| known <= at) {
            return Nothing;
        }
        if parcel.first_scan_at.is_some_and(|scan| at < scan) {
            return Contradiction("received_before_scan");
        }
        parcel.received_at = Some(at);
        Changed
    }

    /// The first answer counts; but a merchant that refused may agree, and may refuse again once it has looked at the goods.
    fn answered(&mut self, verdict: Verdict, at: i64) -> Learned {
        let parcels = self.return_.iter().flat_map(|back| &back.parcels).filter(|parcel| parcel.is_live());
        let arrived =
            parcels.map(|parcel| parcel.received_at).try_fold(None, |last, at| at.map(|at| last.max(Some(at))));
        let looked = |known: i64| arrived.flatten().is_some_and(|arrived| known < arrived && arrived <= at);
        match self.merchant.answer {
            Some(MerchantAnswer { verdict: Verdict::Rejected, at: known })
                if at >= known && (verdict == Verdict::Accepted || looked(known)) =>
            {
                self.merchant.answer = Some(MerchantAnswer { verdict, at });
                Changed
            }
            Some(known) if known.verdict == verdict => Nothing,
            Some(_) => Contradiction("second_answer"),
            None if at < self.request.requested_at => Contradiction("answer_before_request"),
            None => {
                self.merchant.answer = Some(MerchantAnswer { verdict, at });
                Changed
            }
        }
    }

    /// Claims only move on: filed, failed, paid. A failed one may still be paid; a paid one is paid.
    fn claim(&mut self, told: ClaimState) -> Learned {
        let Some(insurance) = &mut self.insurance else { return Contradiction("no_insurance") };
        match (insurance.claim, told) {
            (ClaimState::Paid, ClaimState::Failed) => return Contradiction("claim_already_paid"),
            (ClaimState::Expired, ClaimState::Claiming | ClaimState::Failed) => {
                return Contradiction("policy_expired");
            }
            (known, told) if known == told => return Nothing,
            // A filing reported late.
            (ClaimState::Paid | ClaimState::Failed, ClaimState::Claiming) => return Nothing,
            _ => {}
        }
        insurance.claim = told;
        Changed
    }
}

/// Whether an insurer's refusal is for a reason that passes: the claim is still bound to another waybill (WeChat code 2021),
/// a cancelled pickup's, and can be bound to the one that was sent.
fn passes(code: &str) -> bool {
    code == "2021"
}

/// A parcel reported again: what was not known is added, what never changes must be the same.
fn merge(known: &mut Parcel, told: &Parcel) -> Learned {
    let same = one_name(&known.carrier) == told.carrier
        && known.method == told.method
        && known.from_region == told.from_region
        && known.to_region == told.to_region
        && known.prepaid == told.prepaid;
    if !same {
        return Contradiction("another_parcel");
    }
    let before = (known.freight_fen, known.first_scan_at, known.received_at, known.cancelled_at);
    let after = (
        known.freight_fen.or(told.freight_fen),
        known.first_scan_at.or(told.first_scan_at),
        known.received_at.or(told.received_at),
        known.cancelled_at.or(told.cancelled_at),
    );
    let (_, scan, received, cancelled) = after;
    if cancelled.is_some() && (scan.is_some() || received.is_some()) {
        return Contradiction("already_handed_over");
    }
    if let (Some(scan), Some(received)) = (scan, received)
        && received < scan
    {
        return Contradiction("received_before_scan");
    }
    if before == after {
        return Nothing;
    }
    (known.freight_fen, known.first_scan_at, known.received_at, known.cancelled_at) = after;
    Changed
}
