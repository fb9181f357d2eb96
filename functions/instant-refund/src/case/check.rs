//! Whether the facts of a case fit together. Every fault has its own code and a pointer; up to twenty are reported at once.

use shared::problem::Problem;

use super::problems::{self as p, Faults};
use super::{
    Case, Cause, Insurance, Line, MerchantAnswer, Order, Parcel, PromiseKind, PromiseStage, RequestKind, RequestLine,
    ReturnMethod, ShippingPromise,
};

/// The most fen of one amount: ten thousand million yuan.
pub const MAX_AMOUNT_FEN: i64 = 1_000_000_000_000;
/// How far the clock behind an instant may be ahead of ours: as far as a caller's.
pub use shared::http_signature::MAX_SKEW_MS;
const MAX_LINES: usize = 50;
const MAX_PARCELS: usize = 10;
const MAX_WAYBILLS: usize = 50;
const MAX_QUANTITY: i64 = 1_000_000;
const MAX_WEIGHT_G: i64 = 1_000_000;
/// 2000-01-01 00:00 UTC: what lies before it is no instant of a sale, but seconds for milliseconds.
pub const MIN_INSTANT: i64 = 946_684_800_000;
/// 2100-01-01 00:00 UTC.
const MAX_INSTANT: i64 = 4_102_444_800_000;

impl Case {
    /// Checks that the facts fit together and that nothing lies in the future.
    ///
    /// # Errors
    /// `422 bad-case`, with every fault up to twenty.
    pub fn check(&self, now_ms: i64) -> Result<(), Problem> {
        let mut check = Check {
            faults: Faults::default(),
            paid_at: self.order.paid_at,
            requested_at: self.request.requested_at,
            now: now_ms,
        };
        check.order(&self.order);
        check.request(self);
        check.parties(self);
        if let Some(return_) = &self.return_ {
            let expected = matches!(self.request.kind, RequestKind::ReturnRefund | RequestKind::Exchange);
            check.that(expected, "/return", &p::RETURN_NOT_EXPECTED);
            check.length(return_.parcels.len(), MAX_PARCELS, "/return/parcels");
            for (i, parcel) in return_.parcels.iter().enumerate().take(MAX_PARCELS) {
                check.parcel(parcel, &format!("/return/parcels/{i}"));
                let sent_by = self.order.is_sent_by(&parcel.waybill);
                check.faults.expect(!sent_by, || format!("/return/parcels/{i}/waybill"), &p::OUTBOUND_WAYBILL);
                let twice = return_.parcels.iter().take(i).any(|other| other.waybill == parcel.waybill);
                check.faults.expect(!twice, || format!("/return/parcels/{i}/waybill"), &p::WAYBILL_TWICE);
            }
        }
        if let Some(insurance) = &self.insurance {
            check.insurance(insurance);
        }
        check.faults.done()
    }
}

impl Parcel {
    /// Checks one parcel of a return that was asked for at `requested_at`, of an order that was paid at `paid_at`.
    ///
    /// # Errors
    /// `422 bad-case`, with pointers below `pointer`.
    pub fn check(&self, pointer: &str, paid_at: i64, requested_at: i64, now_ms: i64) -> Result<(), Problem> {
        let mut check = Check { faults: Faults::default(), paid_at, requested_at, now: now_ms };
        check.parcel(self, pointer);
        check.faults.done()
    }
}

struct Check {
    faults: Faults,
    paid_at: i64,
    requested_at: i64,
    now: i64,
}

impl Check {
    fn that(&mut self, holds: bool, pointer: &str, fault: &p::Fault) {
        self.faults.expect(holds, || pointer.to_owned(), fault);
    }

    fn amount(&mut self, fen: i64, pointer: &str) {
        self.that((0..=MAX_AMOUNT_FEN).contains(&fen), pointer, &p::BAD_AMOUNT);
    }

    fn id(&mut self, id: &str, pointer: &str) {
        self.that(is_id(id), pointer, &p::BAD_ID);
    }

    fn length(&mut self, length: usize, most: usize, pointer: &str) {
        self.that(length > 0, pointer, &p::EMPTY);
        self.that(length <= most, pointer, &p::TOO_MANY);
    }

    /// An instant of the calendar, past or future.
    fn instant(&mut self, at: i64, pointer: &str) -> bool {
        let good = (MIN_INSTANT..MAX_INSTANT).contains(&at);
        self.that(good, pointer, &p::BAD_INSTANT);
        good
    }

    /// Something that has happened, not before the payment.
    fn happened(&mut self, at: i64, pointer: &str) {
        if self.instant(at, pointer) {
            self.that(at <= self.now.saturating_add(MAX_SKEW_MS), pointer, &p::IN_THE_FUTURE);
            self.that(at >= self.paid_at, pointer, &p::BEFORE_ORDER);
        }
    }

    fn happened_if(&mut self, at: Option<i64>, pointer: &str) {
        if let Some(at) = at {
            self.happened(at, pointer);
        }
    }

    fn order(&mut self, order: &Order) {
        self.id(&order.order_id, "/order/order_id");
        self.that(order.currency == "CNY", "/order/currency", &p::BAD_CURRENCY);
        self.that(order.payment.currency == order.currency, "/order/payment/currency", &p::CURRENCY_MISMATCH);
        self.id(&order.payment.transaction_id, "/order/payment/transaction_id");
        self.amount(order.payment.paid_fen, "/order/payment/paid_fen");
        self.amount(order.outbound_freight_fen, "/order/outbound_freight_fen");
        self.happened(order.paid_at, "/order/paid_at");
        self.happened_if(order.shipped_at, "/order/shipped_at");
        self.happened_if(order.signed_at, "/order/signed_at");
        if let Some(signed_at) = order.signed_at {
            self.that(order.shipped_at.is_some(), "/order/signed_at", &p::SIGNED_UNSHIPPED);
            self.that(order.shipped_at.is_none_or(|at| at <= signed_at), "/order/signed_at", &p::BEFORE_SHIPMENT);
        }
        self.length(order.lines.len(), MAX_LINES, "/order/lines");
        let mut sum = order.outbound_freight_fen;
        for (i, line) in order.lines.iter().enumerate().take(MAX_LINES) {
            self.line(line, &format!("/order/lines/{i}"));
            let twice = order.lines.iter().take(i).any(|other| other.line_id == line.line_id);
            self.faults.expect(!twice, || format!("/order/lines/{i}/line_id"), &p::LINE_TWICE);
            sum = sum.saturating_add(line.paid_fen);
        }
        self.that(sum == order.payment.paid_fen, "/order/payment/paid_fen", &p::SUM_MISMATCH);
        let any_shipped = order.lines.iter().any(|line| line.shipped_quantity > 0);
        self.that(any_shipped == order.shipped_at.is_some(), "/order/shipped_at", &p::SHIPPED_INCONSISTENT);
        self.that(order.outbound_waybills.len() <= MAX_WAYBILLS, "/order/outbound_waybills", &p::TOO_MANY);
        for (i, waybill) in order.outbound_waybills.iter().enumerate().take(MAX_WAYBILLS) {
            self.faults.expect(is_waybill(waybill), || format!("/order/outbound_waybills/{i}"), &p::BAD_WAYBILL);
        }
        if let Some(promise) = &order.promise {
            self.promise(promise);
        }
    }

    fn line(&mut self, line: &Line, pointer: &str) {
        let at = |member: &str| format!("{pointer}/{member}");
        let whole = 0..=line.quantity;
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let category = (1..=64).contains(&line.category.len()) && line.category.bytes().all(fits);
        self.id(&line.line_id, &at("line_id"));
        self.faults.expect(category, || at("category"), &p::BAD_CATEGORY);
        self.faults.expect((1..=MAX_QUANTITY).contains(&line.quantity), || at("quantity"), &p::BAD_QUANTITY);
        self.amount(line.paid_fen, &at("paid_fen"));
        let shipped = whole.contains(&line.shipped_quantity);
        self.faults.expect(shipped, || at("shipped_quantity"), &p::QUANTITY_OVER_LINE);
        let refunded = whole.contains(&line.refunded_quantity);
        self.faults.expect(refunded, || at("refunded_quantity"), &p::QUANTITY_OVER_LINE);
    }

    /// Each kind of promise has exactly the members that it needs.
    fn promise(&mut self, promise: &ShippingPromise) {
        let tiered = promise.kind == PromiseKind::Tiered;
        let spot = promise.kind == PromiseKind::Spot || tiered;
        let presale = promise.kind == PromiseKind::Presale || tiered;
        // A tiered promise has both deadlines; of one already in its spot stage the other may be left out.
        let presale_needed = presale && promise.stage != Some(PromiseStage::Spot);
        let spot_needed = spot && promise.stage != Some(PromiseStage::Presale);
        let members = [
            ("stage", promise.stage.is_some(), tiered, tiered),
            ("spot_hours", promise.spot_hours.is_some(), spot_needed, spot),
            ("presale_days", promise.presale_days.is_some(), presale_needed, presale),
            ("presale_ends_at", promise.presale_ends_at.is_some(), false, presale),
        ];
        for (name, given, needed, allowed) in members {
            let at = || format!("/order/promise/{name}");
            self.faults.expect(given || !needed, at, &p::PROMISE_INCOMPLETE);
            self.faults.expect(allowed || !given, at, &p::PROMISE_SURPLUS);
        }
        let hours = promise.spot_hours.is_none_or(|hours| (0..=720).contains(&hours));
        self.that(hours, "/order/promise/spot_hours", &p::PROMISE_RANGE);
        let days = promise.presale_days.is_none_or(|days| (1..=365).contains(&days));
        self.that(days, "/order/promise/presale_days", &p::PROMISE_RANGE);
        if let Some(at) = promise.presale_ends_at {
            self.instant(at, "/order/promise/presale_ends_at");
        }
    }

    fn request(&mut self, case: &Case) {
        let request = &case.request;
        self.happened(request.requested_at, "/request/requested_at");
        let fits = match request.kind {
            RequestKind::RefundOnly => true,
            RequestKind::ReturnRefund => request.cause != Cause::NotReceived,
            RequestKind::Exchange => !matches!(request.cause, Cause::NotReceived | Cause::LateShipment),
            RequestKind::Compensation => request.cause == Cause::LateShipment,
        };
        self.that(fits, "/request/cause", &p::CAUSE_DOES_NOT_FIT);
        if request.kind == RequestKind::Compensation {
            self.that(request.lines.is_empty(), "/request/lines", &p::LINES_NOT_EXPECTED);
            return;
        }
        self.length(request.lines.len(), MAX_LINES, "/request/lines");
        for (i, asked) in request.lines.iter().enumerate().take(MAX_LINES) {
            let pointer = format!("/request/lines/{i}");
            let twice = request.lines.iter().take(i).any(|other| other.line_id == asked.line_id);
            self.faults.expect(!twice, || format!("{pointer}/line_id"), &p::LINE_TWICE);
            match case.order.lines.iter().find(|line| line.line_id == asked.line_id) {
                Some(line) => self.asked(asked, line, request.kind, &pointer),
                None => self.that(false, &format!("{pointer}/line_id"), &p::NO_SUCH_LINE),
            }
        }
    }

    /// At most the pieces that are left, and at most their share of the price: `⌈paid × pieces ÷ quantity⌉`. Shares of
    /// several requests may round up to a few fen more than the line; what was paid in all bounds them together.
    fn asked(&mut self, asked: &RequestLine, line: &Line, kind: RequestKind, pointer: &str) {
        let at = |member: &str| format!("{pointer}/{member}");
        self.faults.expect((1..=MAX_QUANTITY).contains(&asked.quantity), || at("quantity"), &p::BAD_QUANTITY);
        let left = line.quantity.saturating_sub(line.refunded_quantity);
        self.faults.expect(asked.quantity <= left, || at("quantity"), &p::QUANTITY_OVER_LINE);
        // What cost nothing comes back for nothing: with the goods that it came with, or at the merchant's cost.
        let comes_back = matches!(kind, RequestKind::ReturnRefund | RequestKind::Exchange);
        let for_nothing = comes_back && line.paid_fen == 0 && asked.amount_fen == 0;
        self.faults.expect(asked.amount_fen > 0 || for_nothing, || at("amount_fen"), &p::AMOUNT_NOT_POSITIVE);
        let pieces = i128::from(asked.quantity.clamp(0, line.quantity.max(0)));
        let over = i128::from(asked.amount_fen).saturating_mul(i128::from(line.quantity))
            >= i128::from(line.paid_fen).saturating_mul(pieces).saturating_add(i128::from(line.quantity));
        let whole_over = asked.amount_fen > line.paid_fen;
        self.faults.expect(!over && !whole_over, || at("amount_fen"), &p::AMOUNT_OVER_SHARE);
    }

    fn parties(&mut self, case: &Case) {
        let (buyer, merchant) = (&case.buyer, &case.merchant);
        self.id(&buyer.buyer_id, "/buyer/buyer_id");
        self.that((0..=10).contains(&buyer.level), "/buyer/level", &p::BAD_LEVEL);
        self.amount(buyer.quota_fen, "/buyer/quota_fen");
        let count = (0..=1_000_000).contains(&buyer.instant_refunds_last_year);
        self.that(count, "/buyer/instant_refunds_last_year", &p::BAD_COUNT);
        self.id(&merchant.merchant_id, "/merchant/merchant_id");
        self.amount(merchant.deposit_fen, "/merchant/deposit_fen");
        if let Some(MerchantAnswer { at, .. }) = merchant.answer {
            self.happened(at, "/merchant/answer/at");
            self.that(at >= case.request.requested_at, "/merchant/answer/at", &p::BEFORE_REQUEST);
        }
    }

    fn parcel(&mut self, parcel: &Parcel, pointer: &str) {
        let at = |member: &str| format!("{pointer}/{member}");
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let carrier = (1..=32).contains(&parcel.carrier.len()) && parcel.carrier.bytes().all(fits);
        self.faults.expect(carrier, || at("carrier"), &p::BAD_CARRIER);
        self.faults.expect(is_waybill(&parcel.waybill), || at("waybill"), &p::BAD_WAYBILL);
        for (region, member) in [(&parcel.from_region, "from_region"), (&parcel.to_region, "to_region")] {
            let good = region.len() == 6 && region.bytes().all(|b| b.is_ascii_digit());
            self.faults.expect(good, || at(member), &p::BAD_REGION);
        }
        self.faults.expect((1..=MAX_WEIGHT_G).contains(&parcel.weight_g), || at("weight_g"), &p::BAD_WEIGHT);
        if let Some(freight) = parcel.freight_fen {
            self.amount(freight, &at("freight_fen"));
        }
        // What a carrier had before anybody asked for a return is the parcel that the goods came in.
        for (when, member) in [(parcel.first_scan_at, "first_scan_at"), (parcel.received_at, "received_at")] {
            self.happened_if(when, &at(member));
            let after = when.is_none_or(|when| when >= self.requested_at);
            self.faults.expect(after, || at(member), &p::BEFORE_RETURN_REQUEST);
        }
        self.happened_if(parcel.cancelled_at, &at("cancelled_at"));
        if let (Some(scan), Some(received)) = (parcel.first_scan_at, parcel.received_at) {
            self.faults.expect(scan <= received, || at("received_at"), &p::BEFORE_SCAN);
        }
        if parcel.cancelled_at.is_some() {
            self.faults.expect(parcel.posted_at().is_none(), || at("cancelled_at"), &p::SCANNED_AND_CANCELLED);
            let pickup = parcel.method == ReturnMethod::DoorPickup;
            self.faults.expect(pickup, || at("cancelled_at"), &p::NOT_A_PICKUP);
        }
    }

    fn insurance(&mut self, insurance: &Insurance) {
        self.id(&insurance.policy_no, "/insurance/policy_no");
        self.happened(insurance.insured_at, "/insurance/insured_at");
        if self.instant(insurance.ends_at, "/insurance/ends_at") {
            let ordered = insurance.ends_at >= insurance.insured_at;
            self.that(ordered, "/insurance/ends_at", &p::ENDS_BEFORE_START);
        }
        self.that(!insurance.covers.is_empty(), "/insurance/covers", &p::NO_COVER);
        self.that(insurance.covers.len() <= 2, "/insurance/covers", &p::TOO_MANY);
        self.amount(insurance.cap_fen, "/insurance/cap_fen");
        if let Some(waybill) = &insurance.bound_waybill {
            self.that(is_waybill(waybill), "/insurance/bound_waybill", &p::BAD_WAYBILL);
        }
    }
}

/// Whether a text can be an id that a caller gives: of an order, a line, an event.
pub fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

fn is_waybill(waybill: &str) -> bool {
    (4..=40).contains(&waybill.len()) && waybill.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
