//! What holds of every decision, on random cases from a seeded generator.

use instant_refund::case::*;
use instant_refund::decide::{advance, decide};
use instant_refund::decision::{Outcome, Payer};

use crate::expect::invariants;
use crate::given::{Given, order, t};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    fn of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.roll(items.len() as u64) as usize].clone()
    }

    /// An instant from one to another, often on a whole hour.
    fn at(&mut self, from: i64, to: i64) -> i64 {
        let at = from + self.roll((to - from).max(0) as u64 + 1) as i64;
        if self.one_in(2) { (at / 3_600_000 * 3_600_000).max(from) } else { at }
    }
}

/// A case that passes its check.
fn random(seed: u64) -> Given {
    let dice = &mut Dice(seed);
    let mut given = order();
    let start = dice.of(&[t("01-06 10:00"), t("2023-12-30 10:00"), t("09-22 10:00"), t("2026-02-10 22:00")]);
    let end = start + 40 * 86_400_000;
    let case = &mut given.case;
    case.order.paid_at = start;
    let shipped = (!dice.one_in(3)).then(|| dice.at(start, start + 5 * 86_400_000));
    case.order.shipped_at = shipped;
    case.order.signed_at = shipped.filter(|_| !dice.one_in(4)).map(|at| dice.at(at, at + 5 * 86_400_000));
    case.order.free_returns = dice.one_in(6);
    case.order.outbound_freight_fen = dice.of(&[0, 1, 1000]);
    let exclusions = [None, None, None, Some(Exclusion::CustomMade), Some(Exclusion::ByNature)];
    case.order.lines = (0..1 + dice.roll(4))
        .map(|i| {
            let quantity = 1 + dice.roll(3) as i64;
            let refunded_quantity = if dice.one_in(4) { dice.roll(quantity as u64) as i64 } else { 0 };
            let shipped_quantity = match shipped {
                Some(_) if i == 0 => quantity,
                Some(_) => dice.roll(quantity as u64 + 1) as i64,
                None => 0,
            };
            Line {
                line_id: format!("L{i}"),
                category: dice.of(&["apparel", "apparel", "food"]).into(),
                quantity,
                paid_fen: 1 + dice.of(&[7u64, 5000, 30_000, 120_000]) as i64 - dice.roll(7) as i64,
                shipped_quantity,
                refunded_quantity,
                exclusion: dice.of(&exclusions),
                exclusion_confirmed: dice.one_in(2),
            }
        })
        .collect();
    case.order.payment.paid_fen =
        case.order.outbound_freight_fen + case.order.lines.iter().map(|line| line.paid_fen).sum::<i64>();
    let kinds = [RequestKind::RefundOnly, RequestKind::ReturnRefund, RequestKind::Exchange, RequestKind::Compensation];
    let kind = dice.of(&kinds);
    use Cause::*;
    let causes: &[Cause] = match kind {
        RequestKind::RefundOnly => &[NoReason, QualityFault, LateShipment, NotReceived],
        RequestKind::ReturnRefund => &[NoReason, NoReason, QualityFault, WrongItem, LateShipment],
        RequestKind::Exchange => &[NoReason, QualityFault, NotAsDescribed],
        RequestKind::Compensation => &[LateShipment],
    };
    case.request.kind = kind;
    case.request.cause = dice.of(causes);
    case.request.requested_at = dice.at(start, start + 12 * 86_400_000);
    case.request.lines = vec![];
    if kind != RequestKind::Compensation {
        let skip = if dice.one_in(2) { None } else { Some(dice.roll(4) as usize) };
        for (i, line) in case.order.lines.iter().enumerate() {
            if Some(i) != skip || case.order.lines.len() == 1 {
                let quantity = 1 + dice.roll((line.quantity - line.refunded_quantity) as u64) as i64;
                let share = (line.paid_fen * quantity + line.quantity - 1) / line.quantity;
                let amount_fen = (share - dice.of(&[0, 0, 1])).max(1);
                case.request.lines.push(RequestLine { line_id: line.line_id.clone(), quantity, amount_fen });
            }
        }
    }
    case.buyer.level = dice.roll(11) as i64;
    case.buyer.quota_fen = dice.of(&[0, 5000, 10_000_000]);
    case.buyer.instant_refunds_last_year = dice.of(&[0, 0, 10]);
    case.buyer.restriction = if dice.one_in(10) { Some(Restriction::AbnormalClaims) } else { None };
    case.merchant.funds = dice.of(&[
        MerchantFunds::Sufficient,
        MerchantFunds::Sufficient,
        MerchantFunds::Short,
        MerchantFunds::Unreachable,
    ]);
    case.merchant.deposit_fen = dice.of(&[0, 1_000_000]);
    let now = dice.at(case.request.requested_at, end);
    if dice.one_in(3) {
        let verdict = dice.of(&[Verdict::Accepted, Verdict::Accepted, Verdict::Rejected]);
        case.merchant.answer = Some(MerchantAnswer { verdict, at: dice.at(case.request.requested_at, now) });
    }
    if matches!(kind, RequestKind::ReturnRefund | RequestKind::Exchange) && !dice.one_in(5) {
        let parcels = (0..1 + dice.roll(3)).map(|i| {
            let method = dice.of(&[ReturnMethod::DoorPickup, ReturnMethod::SelfMail]);
            let mut parcel = crate::given::parcel(&format!("SF{i:04}"), method);
            parcel.weight_g = dice.of(&[1, 1000, 1001, 5000, 20_001]);
            parcel.from_region = dice.of(&["330000", "650000", "230000", "990000"]).into();
            parcel.freight_fen = dice.of(&[None, Some(0), Some(900), Some(1936), Some(9000)]);
            parcel.prepaid = dice.one_in(6);
            if method == ReturnMethod::DoorPickup && dice.one_in(4) {
                parcel.cancelled_at = Some(dice.at(case.request.requested_at, now));
            } else if !dice.one_in(4) {
                let scan = dice.at(case.request.requested_at, now);
                parcel.first_scan_at = Some(scan);
                parcel.received_at = if dice.one_in(2) { Some(dice.at(scan, now)) } else { None };
            }
            parcel
        });
        case.return_ = Some(Return { parcels: parcels.collect() });
    }
    if !dice.one_in(3) {
        given = given.insured();
        let insurance = given.case.insurance.as_mut().unwrap();
        insurance.insured_at = dice.at(start, start + 4 * 86_400_000).min(now);
        insurance.bought_by = dice.of(&[InsuranceBuyer::Merchant, InsuranceBuyer::Buyer]);
        insurance.ends_at = if dice.one_in(3) { dice.at(insurance.insured_at, end) } else { end };
        insurance.cap_fen = dice.of(&[0, 999, 2500]);
        insurance.self_mail_cover = dice.of(&[SelfMailCover::Fixed, SelfMailCover::Tariff]);
        use ClaimState::*;
        insurance.claim = dice.of(&[Covered, Covered, Covered, Claiming, Paid, Failed, Expired]);
        insurance.bound_waybill =
            dice.of(&[None, None, Some("SF0000".into()), Some("SF0001".into()), Some("SF9999".into())]);
        insurance.covers = dice.of(&[vec![CoveredKind::Return, CoveredKind::Exchange], vec![CoveredKind::Exchange]]);
    }
    given = match dice.roll(4) {
        0 => given.promise(PromiseKind::Spot, None, Some(dice.of(&[0, 24])), None),
        1 => given.promise(PromiseKind::Presale, None, None, Some(5)),
        2 => given.promise(
            PromiseKind::Tiered,
            Some(dice.of(&[PromiseStage::Spot, PromiseStage::Presale])),
            Some(48),
            Some(10),
        ),
        _ => given,
    };
    // Nothing lies in the future.
    given.now = now.max(given.case.order.signed_at.or(given.case.order.shipped_at).unwrap_or(now));
    given
}

#[test]
fn random_cases() {
    let (mut outcomes, mut payers) = ([0u32; 3], [0u32; 4]);
    for seed in 0..20_000 {
        let given = random(seed);
        let (case, policy) = (&given.case, given.judged_by());
        if let Err(problem) = case.check(given.now) {
            panic!("seed {seed}: {:?}", problem.errors);
        }
        let decision = decide(case, &policy, given.now);
        let result = std::panic::catch_unwind(|| invariants(case, &decision));
        assert!(result.is_ok(), "seed {seed}: {decision:#?}\n{case:#?}");
        assert_eq!(decide(case, &policy, given.now), decision, "seed {seed}: the same again");
        outcomes[decision.outcome as usize] += 1;
        decision.legs.iter().for_each(|leg| payers[leg.payer as usize] += 1);
        let due = decision.follow_up.return_due_at;
        assert!(due.is_none_or(|due| given.now < due), "seed {seed}: claimed back when it is paid");
        let advanced = advance(&decision, case, &policy, given.now);
        invariants(case, &advanced);
        assert!(advanced.outcome != Outcome::Approved || advanced.legs.iter().all(|leg| leg.payer != Payer::Merchant));
        // At no instant does it panic, nor on facts that no check has seen.
        for now in [i64::MIN, 0, case.order.paid_at, i64::MAX] {
            decide(case, &policy, now);
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "an outcome never came about: {outcomes:?}");
    assert!([0, 1, 3].iter().all(|payer| payers[*payer] > 0), "a payer never paid: {payers:?}");
}

/// Money that has not moved does not become less by waiting for it: a wait that ends in payment pays what it named.
#[test]
fn a_wait_names_what_comes_of_it() {
    let mut followed = 0;
    for seed in 0..20_000 {
        let given = random(seed);
        let policy = given.judged_by();
        let decision = decide(&given.case, &policy, given.now);
        let Some(waiting) = &decision.waiting else { continue };
        assert!(waiting.until > given.now, "seed {seed}: it waits for what lies ahead");
        let then = decide(&given.case, &policy, waiting.until);
        assert_ne!(
            then.waiting.as_ref().map(|w| (w.what, w.until)),
            Some((waiting.what, waiting.until)),
            "seed {seed}: no wait without end"
        );
        if then.outcome == Outcome::Approved {
            let goods = |d: &instant_refund::decision::Decision| {
                d.legs
                    .iter()
                    .filter(|leg| leg.route == instant_refund::decision::Route::Gateway)
                    .map(|l| l.amount_fen)
                    .sum::<i64>()
            };
            assert!(goods(&then) == 0 || goods(&then) == goods(&decision), "seed {seed}");
            followed += 1;
        }
    }
    assert!(followed > 0, "no wait ended in payment: this proves nothing");
}

#[test]
fn facts_that_nobody_checked_do_not_panic() {
    for seed in 0..2000 {
        let mut given = random(seed);
        let dice = &mut Dice(seed ^ 0xff);
        let case = &mut given.case;
        let wild = [i64::MIN, -1, 0, 1, i64::MAX];
        case.order.paid_at = dice.of(&wild);
        case.request.requested_at = dice.of(&wild);
        case.order.lines[0].paid_fen = dice.of(&wild);
        case.order.lines[0].quantity = dice.of(&wild);
        case.order.outbound_freight_fen = dice.of(&wild);
        case.order.payment.paid_fen = dice.of(&wild);
        case.buyer.level = dice.of(&wild);
        if let Some(line) = case.request.lines.first_mut() {
            (line.line_id, line.quantity, line.amount_fen) = ("none".into(), dice.of(&wild), dice.of(&wild));
        }
        if let Some(parcel) = case.return_.as_mut().and_then(|r| r.parcels.first_mut()) {
            (parcel.weight_g, parcel.freight_fen) = (dice.of(&wild), Some(dice.of(&wild)));
            parcel.first_scan_at = Some(dice.of(&wild));
        }
        if let Some(insurance) = &mut case.insurance {
            (insurance.cap_fen, insurance.ends_at) = (dice.of(&wild), dice.of(&wild));
        }
        if let Some(promise) = &mut case.order.promise {
            (promise.spot_hours, promise.presale_days) = (Some(dice.of(&wild)), Some(dice.of(&wild)));
        }
        let policy = given.judged_by();
        let _ = given.case.check(given.now);
        let decision = decide(&given.case, &policy, given.now);
        assert!(decision.legs.iter().all(|leg| leg.amount_fen > 0));
    }
}
