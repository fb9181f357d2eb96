//! Freight insurance (退货运费险): whether it covers this return, which parcel it pays for, and how much. One claim per
//! payment, one per waybill for good; what the insurer may still pay no one else pays.

use super::facts::{Facts, days_after, hours_after, int, text, word};
use super::{Payment, article, instant};
use crate::case::{
    ClaimState, CoveredKind, Insurance, InsuranceBuyer, Parcel, RequestKind, ReturnMethod, SelfMailCover,
    is_same_waybill,
};
use crate::decision::{Account, Code, Hold, Input, Leg, LegKind, Payer, Route};

const LEG: Option<LegKind> = Some(LegKind::ReturnFreight);

/// What the insurer does for a return.
#[derive(Debug)]
pub enum Claim {
    /// It pays now.
    Pays(Payment),
    /// It pays once the parcel was handed over or has arrived; what, if that is known.
    Later(Option<Payment>),
    /// It is dealing with the claim, has paid it, or may yet: no one else pays what it pays. That, if it is known.
    Taken(Option<i64>),
    /// It does not pay; others may.
    None,
}

/// A refund without return has no waybill, so there is no claim.
pub fn not_for_refund_only(facts: &mut Facts<'_>) {
    if facts.case.insurance.is_some() {
        facts.say("insurance_refund_only", LEG, article::INSURANCE, vec![]);
    }
}

/// Whether a line's category can be insured.
pub fn covers_category(facts: &Facts<'_>, line_id: &str) -> bool {
    let excluded = facts.policy.freight_insurance.excluded_categories;
    facts.line(line_id).is_some_and(|line| !excluded.contains(&line.category))
}

/// What the insurer does about these parcels, in the order they were booked.
pub fn claim<'a>(facts: &mut Facts<'a>, parcels: &[&'a Parcel], insurable: bool) -> Claim {
    let case = facts.case;
    let Some(insurance) = &case.insurance else {
        facts.say("no_insurance", LEG, article::INSURANCE, vec![]);
        return Claim::None;
    };
    match state(facts, insurance).and_then(|()| cover(facts, insurance, insurable)) {
        Ok(()) => {}
        Err(claim) => return claim,
    }
    let Some(parcel) = parcels.first() else {
        return ended(facts, insurance, facts.now).unwrap_or_else(|| later(facts, None));
    };
    match bound(facts, insurance, parcels, parcel) {
        Some(parcel) => payout(facts, insurance, parcel),
        // What it pays is for another parcel.
        None => Claim::Taken(Some(0)),
    }
}

/// One claim per policy: what became of it.
fn state(facts: &mut Facts<'_>, insurance: &Insurance) -> Result<(), Claim> {
    let (code, claim) = match insurance.claim {
        ClaimState::Covered => return Ok(()),
        ClaimState::Claiming => ("claim_in_progress", Claim::Taken(expected(facts, insurance))),
        // Spent on a parcel of another request: this one's freight is not paid twice.
        ClaimState::Paid if is_of_another_return(facts, insurance) => ("claim_already_paid", Claim::None),
        ClaimState::Paid => ("claim_already_paid", Claim::Taken(expected(facts, insurance))),
        ClaimState::Failed => ("claim_failed_insurer_may_pay", Claim::Taken(Some(0))),
        ClaimState::Expired => ("claim_policy_expired", Claim::None),
    };
    facts.say(code, LEG, article::INSURANCE, vec![text("policy_no", &insurance.policy_no)]);
    Err(claim)
}

/// What the policy comes to for the parcel that it is claimed for: the one that it is bound to, else the first.
fn expected(facts: &mut Facts<'_>, insurance: &Insurance) -> Option<i64> {
    let mut live =
        facts.case.return_.iter().flat_map(|r| &r.parcels).filter(|parcel| parcel.is_live() && !parcel.prepaid);
    let bound =
        |parcel: &&Parcel| insurance.bound_waybill.as_ref().is_none_or(|bound| is_same_waybill(&parcel.waybill, bound));
    let parcel = live.find(bound)?;
    let said = facts.reasons.len();
    let amount = amount(facts, insurance, parcel);
    facts.reasons.truncate(said);
    amount.map(|amount| amount.fen)
}

/// Whether the insurer has bound the claim to a waybill that is not of this return.
fn is_of_another_return(facts: &Facts<'_>, insurance: &Insurance) -> bool {
    let mut parcels = facts.case.return_.iter().flat_map(|r| &r.parcels);
    insurance.bound_waybill.as_ref().is_some_and(|bound| parcels.all(|parcel| !is_same_waybill(&parcel.waybill, bound)))
}

/// Whether the policy covers this order, this kind of request, these goods and this buyer.
fn cover(facts: &mut Facts<'_>, insurance: &Insurance, insurable: bool) -> Result<(), Claim> {
    let case = facts.case;
    let insured_by = hours_after(case.order.paid_at, facts.policy.freight_insurance.tolerance_hours);
    let wanted = if case.request.kind == RequestKind::Exchange { CoveredKind::Exchange } else { CoveredKind::Return };
    let unshipped = insurance.bought_by == InsuranceBuyer::Merchant && case.order.shipped_at.is_none();
    let (code, inputs): (_, Vec<Input>) = if unshipped {
        ("insurance_not_in_force", vec![])
    } else if insurance.insured_at > insured_by {
        ("insured_too_late", vec![int("insured_at", insurance.insured_at), int("until", insured_by)])
    } else if !insurance.covers.contains(&wanted) {
        let wanted = if wanted == CoveredKind::Exchange { "exchange" } else { "return" };
        ("insurance_not_for_this", vec![word("covers", wanted)])
    } else if let Some(restriction) = case.buyer.restriction {
        ("insurance_buyer_restricted", vec![word("restriction", instant::restriction_name(restriction))])
    } else if !insurable {
        ("insurance_category_excluded", vec![])
    } else {
        return Ok(());
    };
    facts.say(code, LEG, article::INSURANCE, inputs);
    Err(Claim::None)
}

/// Which parcel the claim is for: the one that the insurer has bound it to, else the first. A claim bound to a cancelled
/// pickup moves on; one bound to a waybill that is not of this return does not.
fn bound<'a>(
    facts: &mut Facts<'a>,
    insurance: &Insurance,
    parcels: &[&'a Parcel],
    first: &'a Parcel,
) -> Option<&'a Parcel> {
    let chosen = match &insurance.bound_waybill {
        None => first,
        Some(waybill) => {
            let all = facts.case.return_.iter().flat_map(|r| &r.parcels);
            let named = all.clone().find(|parcel| is_same_waybill(&parcel.waybill, waybill));
            match (named, parcels.iter().find(|parcel| is_same_waybill(&parcel.waybill, waybill))) {
                (_, Some(parcel)) => parcel,
                (Some(cancelled), None) if !cancelled.is_live() => {
                    facts.say(
                        "rebound_after_cancelled_pickup",
                        LEG,
                        article::INSURANCE,
                        vec![text("waybill", waybill)],
                    );
                    first
                }
                _ => {
                    facts.say("waybill_bound_elsewhere", LEG, article::INSURANCE, vec![text("waybill", waybill)]);
                    return None;
                }
            }
        }
    };
    for other in parcels.iter().filter(|parcel| parcel.waybill != chosen.waybill) {
        facts.say("one_claim_per_payment", LEG, article::INSURANCE, vec![text("waybill", &other.waybill)]);
    }
    Some(chosen)
}

/// What the policy pays for a parcel, and whether it pays yet.
fn payout(facts: &mut Facts<'_>, insurance: &Insurance, parcel: &Parcel) -> Claim {
    let figures = facts.policy.freight_insurance;
    // A door pickup is deducted when handed over; self-mail is claimed when it has arrived.
    let waits_for_arrival = parcel.method == ReturnMethod::SelfMail && figures.self_mail_after_receipt;
    let event = if waits_for_arrival { parcel.received_at } else { parcel.posted_at() };
    if let Some(claim) = ended(facts, insurance, parcel.posted_at().unwrap_or(facts.now)) {
        return claim;
    }
    if parcel.posted_at().is_some_and(|at| at < insurance.insured_at) {
        // What has happened already is not insured.
        facts.say("insured_after_posting", LEG, article::INSURANCE, vec![int("insured_at", insurance.insured_at)]);
        return Claim::None;
    }
    if let Some(event) = event {
        let until = days_after(event, figures.claim_window_days);
        if facts.now > until {
            facts.say("claim_window_passed", LEG, article::INSURANCE, vec![int("until", until)]);
            return Claim::None;
        }
    }
    let Some(paid) = amount(facts, insurance, parcel) else {
        // Without the figure it is unknown what is left for others.
        let unknown = parcel.method == ReturnMethod::DoorPickup && parcel.freight_fen.is_none();
        return match (unknown, event) {
            (false, _) => Claim::None,
            (true, None) => later(facts, None),
            (true, Some(_)) => Claim::Taken(None),
        };
    };
    let payment = paid.payment(facts, insurance, parcel);
    if event.is_none() {
        return later(facts, Some(payment));
    }
    if let Some(cap_fen) = paid.capped {
        facts.say("payout_capped", LEG, article::INSURANCE, vec![int("cap_fen", cap_fen)]);
    }
    facts.say(paid.rule, LEG, article::INSURANCE, paid.inputs);
    Claim::Pays(payment)
}

/// The cover is over if the goods were not handed over by its last instant.
fn ended(facts: &mut Facts<'_>, insurance: &Insurance, handed_over: i64) -> Option<Claim> {
    let until = insurance.ends_at;
    (handed_over > until).then(|| {
        facts.say("insurance_ended", LEG, article::INSURANCE, vec![int("until", until)]);
        Claim::None
    })
}

fn later(facts: &mut Facts<'_>, payment: Option<Payment>) -> Claim {
    facts.say("return_freight_later", LEG, article::INSURANCE, vec![]);
    Claim::Later(payment)
}

/// A payout worked out.
struct Amount {
    fen: i64,
    /// The cap that cut it.
    capped: Option<i64>,
    rule: &'static str,
    article: Code,
    inputs: Vec<Input>,
}

fn amount(facts: &mut Facts<'_>, insurance: &Insurance, parcel: &Parcel) -> Option<Amount> {
    let figures = facts.policy.freight_insurance;
    let terms = Code::Borrowed(article::INSURANCE);
    let (rule, gross, cap, source, mut inputs) = match (parcel.method, insurance.self_mail_cover) {
        (ReturnMethod::DoorPickup, _) => {
            let Some(freight) = parcel.freight_fen else {
                facts.say("pickup_freight_unknown", LEG, article::INSURANCE, vec![text("waybill", &parcel.waybill)]);
                return None;
            };
            ("insurance_pays_pickup", freight, figures.pickup_cap_fen, terms, vec![int("freight_fen", freight)])
        }
        (ReturnMethod::SelfMail, SelfMailCover::Fixed) => {
            ("insurance_pays_fixed", figures.self_mail_fixed_fen, i64::MAX, terms, vec![])
        }
        (ReturnMethod::SelfMail, SelfMailCover::Tariff) => {
            let (from, to) = (&parcel.from_region, &parcel.to_region);
            let tariff =
                facts.policy.rules.tables.self_mail_payout(from, to, parcel.weight_g, facts.case.order.paid_at);
            let Ok(tariff) = tariff else {
                let weight = int("weight_g", parcel.weight_g);
                let inputs = vec![text("from_region", from), text("to_region", to), weight];
                facts.say("no_tariff_for_route", LEG, article::INSURANCE, inputs);
                return None;
            };
            let inputs = vec![
                text("from_region", from),
                text("to_region", to),
                int("weight_g", parcel.weight_g),
                int("chargeable_kg", tariff.chargeable_kg),
                text("tariff", tariff.rule),
            ];
            (
                "insurance_pays_tariff",
                tariff.amount_fen,
                figures.self_mail_cap_fen,
                tariff.source.to_owned().into(),
                inputs,
            )
        }
    };
    let cap = cap.min(insurance.cap_fen);
    let fen = gross.min(cap);
    if fen <= 0 {
        facts.say("insurance_pays_nothing", LEG, article::INSURANCE, vec![int("cap_fen", cap)]);
        return None;
    }
    inputs.push(int("cap_fen", cap));
    inputs.push(int("amount_fen", fen));
    Some(Amount { fen, capped: (gross > cap).then_some(cap), rule, article: source, inputs })
}

impl Amount {
    fn payment(&self, facts: &Facts<'_>, insurance: &Insurance, parcel: &Parcel) -> Payment {
        let mut inputs = self.inputs.clone();
        inputs.push(text("waybill", &parcel.waybill));
        inputs.push(text("policy_no", &insurance.policy_no));
        let leg = Leg {
            kind: LegKind::ReturnFreight,
            payer: Payer::Insurer,
            route: Route::InsuranceClaim,
            amount_fen: self.fen,
            rule: self.rule.into(),
            article: self.article.clone(),
            inputs,
        };
        let claim = Account::Claim { order: facts.case.order.order_id.clone() };
        let policy = Account::Policy { policy: insurance.policy_no.clone() };
        let once = |account| Hold { account, amount_fen: 1, limit_fen: 1, pinned: true };
        (leg, vec![once(claim), waybill(parcel), once(policy)])
    }
}

/// A waybill is paid for once ever.
pub fn waybill(parcel: &Parcel) -> Hold {
    Hold { account: Account::Waybill { waybill: parcel.key() }, amount_fen: 1, limit_fen: 1, pinned: true }
}
