//! A case put together in a line or two, and what is expected of it in a line of text.
//!
//! Instants are China time, `03-03 10:00` in 2025, or with a year, seconds and milliseconds. The order that everything
//! starts from: paid Monday 2025-03-03 10:00, one line `L1` of CNY 99.00 and CNY 10.00 of freight, not shipped; the buyer,
//! of level 0, asks for the money back at 10:30, and that is also now.

use instant_refund::case::*;
use instant_refund::policy::{Policy, Rules};

/// Milliseconds since the epoch of an instant in China time.
pub fn t(text: &str) -> i64 {
    let (date, time) = text.split_once(' ').unwrap_or_else(|| panic!("{text:?}"));
    let date: Vec<i64> = date.split('-').map(|part| part.parse().unwrap()).collect();
    let (year, month, day) = match date[..] {
        [month, day] => (2025, month, day),
        [year, month, day] => (year, month, day),
        _ => panic!("{text:?}"),
    };
    let (time, millis) = time.split_once('.').unwrap_or((time, "0"));
    let time: Vec<i64> = time.split(':').map(|part| part.parse().unwrap()).collect();
    let seconds = time[0] * 3600 + time[1] * 60 + time.get(2).unwrap_or(&0);
    (days(year, month, day) * 86_400 + seconds) * 1000 + millis.parse::<i64>().unwrap() - 8 * 3_600_000
}

/// Days from 1970-01-01, the long way round.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let leap = |y: i64| i64::from(y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
    let lengths = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    (1970..year).map(|y| 365 + leap(y)).sum::<i64>() + lengths[..month as usize - 1].iter().sum::<i64>() + day - 1
}

/// A case being put together.
#[derive(Clone, Debug)]
pub struct Given {
    pub case: Case,
    pub now: i64,
    pub change: fn(&mut Policy<'static>),
}

/// The order that everything starts from.
pub fn order() -> Given {
    let line = line("L1", 1, 9900);
    let asked = RequestLine { line_id: "L1".into(), quantity: 1, amount_fen: 9900 };
    let case = Case {
        order: Order {
            order_id: "O1".into(),
            currency: "CNY".into(),
            payment: Payment {
                gateway: GatewayName::Wechat,
                transaction_id: "4200001".into(),
                paid_fen: 10_900,
                currency: "CNY".into(),
            },
            paid_at: t("03-03 10:00"),
            shipped_at: None,
            signed_at: None,
            outbound_freight_fen: 1000,
            free_returns: false,
            outbound_waybills: vec![],
            lines: vec![line],
            promise: None,
        },
        request: Request {
            kind: RequestKind::RefundOnly,
            cause: Cause::NoReason,
            requested_at: t("03-03 10:30"),
            lines: vec![asked],
        },
        buyer: Buyer { buyer_id: "B1".into(), level: 0, quota_fen: 0, instant_refunds_last_year: 0, restriction: None },
        merchant: Merchant { merchant_id: "M1".into(), funds: MerchantFunds::Sufficient, deposit_fen: 0, answer: None },
        return_: None,
        insurance: None,
    };
    Given { case, now: t("03-03 10:30"), change: |_| {} }
}

/// The same order shipped on 03-03 at 18:00, signed for on Wednesday 03-05 at 15:00, and returned without a reason on
/// 03-06 at 09:30, which is also now.
pub fn returned() -> Given {
    order().shipped("03-03 18:00").signed("03-05 15:00").ask(RequestKind::ReturnRefund, Cause::NoReason, "03-06 09:30")
}

fn line(id: &str, quantity: i64, paid_fen: i64) -> Line {
    Line {
        line_id: id.into(),
        category: "apparel".into(),
        quantity,
        paid_fen,
        shipped_quantity: 0,
        refunded_quantity: 0,
        exclusion: None,
        exclusion_confirmed: false,
    }
}

/// A parcel from Zhejiang to Zhejiang, 900 g.
pub fn parcel(waybill: &str, method: ReturnMethod) -> Parcel {
    Parcel {
        carrier: "sf".into(),
        waybill: waybill.into(),
        method,
        from_region: "330000".into(),
        to_region: "330000".into(),
        weight_g: 900,
        freight_fen: None,
        first_scan_at: None,
        received_at: None,
        cancelled_at: None,
        prepaid: false,
    }
}

impl Given {
    /// Asks, and makes that the present.
    pub fn ask(mut self, kind: RequestKind, cause: Cause, at: &str) -> Given {
        self.case.request.kind = kind;
        self.case.request.cause = cause;
        self.case.request.requested_at = t(at);
        if kind == RequestKind::Compensation {
            self.case.request.lines.clear();
        }
        self.now(at)
    }

    pub fn cause(mut self, cause: Cause) -> Given {
        self.case.request.cause = cause;
        self
    }

    pub fn kind(mut self, kind: RequestKind) -> Given {
        self.case.request.kind = kind;
        self
    }

    pub fn now(mut self, at: &str) -> Given {
        self.now = t(at);
        self
    }

    pub fn paid(mut self, at: &str) -> Given {
        self.case.order.paid_at = t(at);
        self
    }

    /// The price of the only line, and what is asked back.
    pub fn price(mut self, fen: i64) -> Given {
        self.case.order.lines[0].paid_fen = fen;
        self.case.request.lines.iter_mut().for_each(|line| line.amount_fen = fen);
        self.total()
    }

    pub fn freight(mut self, fen: i64) -> Given {
        self.case.order.outbound_freight_fen = fen;
        self.total()
    }

    /// Replaces the lines: id, pieces, price; and asks for all of them.
    pub fn lines(mut self, lines: &[(&str, i64, i64)]) -> Given {
        let shipped = self.case.order.shipped_at.is_some();
        self.case.order.lines = lines.iter().map(|(id, quantity, fen)| line(id, *quantity, *fen)).collect();
        if shipped {
            self.case.order.lines.iter_mut().for_each(|line| line.shipped_quantity = line.quantity);
        }
        self.asks(lines).total()
    }

    /// Replaces what is asked for: id, pieces, amount.
    pub fn asks(mut self, lines: &[(&str, i64, i64)]) -> Given {
        let asked = lines.iter().map(|(id, quantity, amount_fen)| RequestLine {
            line_id: (*id).into(),
            quantity: *quantity,
            amount_fen: *amount_fen,
        });
        self.case.request.lines = asked.collect();
        self
    }

    fn total(mut self) -> Given {
        let order = &mut self.case.order;
        order.payment.paid_fen = order.outbound_freight_fen + order.lines.iter().map(|line| line.paid_fen).sum::<i64>();
        self
    }

    pub fn line(mut self, index: usize, change: impl FnOnce(&mut Line)) -> Given {
        change(&mut self.case.order.lines[index]);
        self
    }

    pub fn category(self, category: &str) -> Given {
        self.line(0, |line| line.category = category.into())
    }

    pub fn excluded(self, index: usize, exclusion: Exclusion, confirmed: bool) -> Given {
        self.line(index, |line| (line.exclusion, line.exclusion_confirmed) = (Some(exclusion), confirmed))
    }

    pub fn shipped(mut self, at: &str) -> Given {
        self.case.order.shipped_at = Some(t(at));
        self.case.order.lines.iter_mut().for_each(|line| line.shipped_quantity = line.quantity);
        self
    }

    /// When the first parcel was shipped, without saying what was in it.
    pub fn ship_time(mut self, at: &str) -> Given {
        self.case.order.shipped_at = Some(t(at));
        self
    }

    pub fn signed(mut self, at: &str) -> Given {
        self.case.order.signed_at = Some(t(at));
        self
    }

    pub fn unsigned(mut self) -> Given {
        self.case.order.signed_at = None;
        self
    }

    /// The buyer's level, with a quota of CNY 10,000.
    pub fn level(mut self, level: i64) -> Given {
        self.case.buyer.level = level;
        self.quota(1_000_000)
    }

    pub fn quota(mut self, fen: i64) -> Given {
        self.case.buyer.quota_fen = fen;
        self
    }

    pub fn count(mut self, count: i64) -> Given {
        self.case.buyer.instant_refunds_last_year = count;
        self
    }

    pub fn restricted(mut self, restriction: Restriction) -> Given {
        self.case.buyer.restriction = Some(restriction);
        self
    }

    pub fn accepted(self, at: &str) -> Given {
        self.answer(Verdict::Accepted, at)
    }

    pub fn rejected(self, at: &str) -> Given {
        self.answer(Verdict::Rejected, at)
    }

    fn answer(mut self, verdict: Verdict, at: &str) -> Given {
        self.case.merchant.answer = Some(MerchantAnswer { verdict, at: t(at) });
        self
    }

    pub fn unanswered(mut self) -> Given {
        self.case.merchant.answer = None;
        self
    }

    pub fn gateway(mut self, gateway: GatewayName, transaction_id: &str) -> Given {
        self.case.order.payment.gateway = gateway;
        self.case.order.payment.transaction_id = transaction_id.into();
        self
    }

    pub fn funds(mut self, funds: MerchantFunds) -> Given {
        self.case.merchant.funds = funds;
        self
    }

    pub fn deposit(mut self, fen: i64) -> Given {
        self.case.merchant.deposit_fen = fen;
        self
    }

    pub fn free_returns(mut self) -> Given {
        self.case.order.free_returns = true;
        self
    }

    /// Adds a parcel.
    pub fn sends(mut self, waybill: &str, method: ReturnMethod) -> Given {
        let return_ = self.case.return_.get_or_insert_with(|| Return { parcels: vec![] });
        return_.parcels.push(parcel(waybill, method));
        self
    }

    pub fn pickup(self, waybill: &str, freight_fen: i64) -> Given {
        self.sends(waybill, ReturnMethod::DoorPickup).last(|parcel| parcel.freight_fen = Some(freight_fen))
    }

    pub fn mails(self, waybill: &str) -> Given {
        self.sends(waybill, ReturnMethod::SelfMail)
    }

    /// Changes the last parcel.
    pub fn last(mut self, change: impl FnOnce(&mut Parcel)) -> Given {
        change(self.case.return_.as_mut().unwrap().parcels.last_mut().unwrap());
        self
    }

    pub fn scanned(self, at: &str) -> Given {
        let at = t(at);
        self.last(|parcel| parcel.first_scan_at = Some(at))
    }

    pub fn received(self, at: &str) -> Given {
        let at = t(at);
        self.last(|parcel| parcel.received_at = Some(at))
    }

    pub fn cancelled(self, at: &str) -> Given {
        let at = t(at);
        self.last(|parcel| parcel.cancelled_at = Some(at))
    }

    pub fn prepaid(self) -> Given {
        self.last(|parcel| parcel.prepaid = true)
    }

    pub fn route(self, from: &str, to: &str, weight_g: i64) -> Given {
        self.last(|parcel| {
            (parcel.from_region, parcel.to_region, parcel.weight_g) = (from.into(), to.into(), weight_g);
        })
    }

    pub fn costs(self, fen: i64) -> Given {
        self.last(|parcel| parcel.freight_fen = Some(fen))
    }

    /// Insured by the merchant at shipment until 06-01, fixed self-mail cover, capped at CNY 25.
    pub fn insured(mut self) -> Given {
        self.case.insurance = Some(Insurance {
            policy_no: "P1".into(),
            bought_by: InsuranceBuyer::Merchant,
            insured_at: self.case.order.shipped_at.unwrap_or(self.case.order.paid_at),
            ends_at: t("06-01 23:59:59.999"),
            covers: vec![CoveredKind::Return, CoveredKind::Exchange],
            self_mail_cover: SelfMailCover::Fixed,
            cap_fen: 2500,
            claim: ClaimState::Covered,
            bound_waybill: None,
        });
        self
    }

    pub fn insurance(mut self, change: impl FnOnce(&mut Insurance)) -> Given {
        change(self.case.insurance.as_mut().unwrap());
        self
    }

    pub fn tariff(self) -> Given {
        self.insured().insurance(|insurance| insurance.self_mail_cover = SelfMailCover::Tariff)
    }

    pub fn bound(self, waybill: &str) -> Given {
        self.insurance(|insurance| insurance.bound_waybill = Some(waybill.into()))
    }

    pub fn claim(self, state: ClaimState) -> Given {
        self.insurance(|insurance| insurance.claim = state)
    }

    pub fn policy(mut self, change: fn(&mut Policy<'static>)) -> Given {
        self.change = change;
        self
    }

    pub fn promise(
        mut self,
        kind: PromiseKind,
        stage: Option<PromiseStage>,
        spot: Option<i64>,
        days: Option<i64>,
    ) -> Given {
        self.case.order.promise =
            Some(ShippingPromise { kind, stage, spot_hours: spot, presale_days: days, presale_ends_at: None });
        self
    }

    pub fn presale_ends(mut self, at: &str) -> Given {
        self.case.order.promise.as_mut().unwrap().presale_ends_at = Some(t(at));
        self
    }

    /// The policy that judges it.
    pub fn judged_by(&self) -> Policy<'static> {
        let mut policy = Rules::bundled().at(self.case.order.paid_at);
        (self.change)(&mut policy);
        policy
    }
}

/// One row of a table of cases: name, source of the rule, the case, and what is expected.
///
/// The expectation: `outcome [for until]: leg + leg; why reason, !reason; hold account amount/limit, …`. A leg is
/// `goods merchant 9900`, `BOTH` is the whole of the base order; legs and holds are compared in full, reasons must occur (or, with `!`, must not).
pub type Row = (&'static str, &'static str, Given, &'static str);
