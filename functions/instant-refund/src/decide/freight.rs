//! The way back: the insurer first; then whoever bears it by law or agreement (Consumer Rights Law art. 24 para. 2, 25
//! para. 3).

use super::facts::{Facts, int, numbered, text};
use super::insurance::{self, Claim};
use super::{Payment, article, parcels};
use crate::case::{Parcel, ReturnMethod};
use crate::decision::{Leg, LegKind, Payer, Route};

const KIND: LegKind = LegKind::ReturnFreight;
const LEG: Option<LegKind> = Some(KIND);

/// What is paid for sending the goods back.
#[derive(Default)]
pub struct WayBack {
    /// Legs; of one that is not ready, what is expected.
    pub payments: Vec<Payment>,
    /// Whether it can be paid now.
    pub ready: bool,
    /// Whether it becomes due once the parcel moves on.
    pub may_come: bool,
}

/// What is paid for sending the goods back, and by whom.
pub fn way_back(facts: &mut Facts<'_>, insurable: bool) -> WayBack {
    let (prepaid, parcels): (Vec<&Parcel>, Vec<&Parcel>) = parcels::live(facts).partition(|parcel| parcel.prepaid);
    for parcel in &prepaid {
        facts.say("label_prepaid", LEG, article::NONE, vec![text("waybill", &parcel.waybill)]);
    }
    if parcels.is_empty() && !prepaid.is_empty() {
        return WayBack::default();
    }
    match insurance::claim(facts, &parcels, insurable) {
        Claim::Taken(pays) => left_by_the_insurer(facts, pays, &parcels),
        Claim::Later(expected) => WayBack { payments: expected.into_iter().collect(), ready: false, may_come: true },
        Claim::Pays(payment) => topped_up(facts, payment, &parcels),
        Claim::None => uninsured(facts, &parcels),
    }
}

/// Who bears what no insurer bears.
fn bearer(facts: &Facts<'_>) -> Option<(Payer, &'static str)> {
    if facts.at_fault() {
        Some((Payer::Merchant, article::FAULT_FREIGHT))
    } else if facts.case.order.free_returns {
        Some((Payer::Merchant, article::RETURN_TERMS))
    } else if facts.case.buyer.level >= facts.policy.returns.platform_bears_from_level {
        Some((Payer::Platform, article::NONE))
    } else {
        None
    }
}

fn topped_up(facts: &mut Facts<'_>, claim: Payment, parcels: &[&Parcel]) -> WayBack {
    let (mut total, mut exact) = (0i64, true);
    for parcel in parcels.iter().filter(|parcel| parcel.posted_at().is_some()) {
        exact &= parcel.freight_fen.is_some();
        total = total.saturating_add(cost(facts, parcel));
    }
    let left = total.saturating_sub(claim.0.amount_fen);
    let mut payments = vec![claim];
    match bearer(facts) {
        // Only what is known to have been paid is topped up.
        Some((payer, article)) if left > 0 && exact => {
            let code = if payer == Payer::Merchant { "merchant_tops_up_freight" } else { "platform_bears_freight" };
            facts.say(code, LEG, article, vec![int("amount_fen", left)]);
            let posted: Vec<&Parcel> = parcels.iter().copied().filter(|p| p.posted_at().is_some()).collect();
            payments.push(borne(left, payer, code, article, &posted));
        }
        None if left > 0 && exact => {
            facts.say("return_freight_over_cover", LEG, article::RETURN_TERMS, vec![int("excess_fen", left)]);
        }
        _ => {}
    }
    WayBack { payments, ready: true, may_come: false }
}

/// What the insurer does not pay, or not for this parcel: faulty goods go back at the merchant's cost (art. 24 para. 2). Of
/// others no one else pays while the insurer may.
fn left_by_the_insurer(facts: &mut Facts<'_>, pays: Option<i64>, parcels: &[&Parcel]) -> WayBack {
    let Some(pays) = pays.filter(|_| facts.at_fault()) else { return WayBack::default() };
    let article = article::FAULT_FREIGHT;
    let all_posted = !parcels.is_empty() && parcels.iter().all(|parcel| parcel.posted_at().is_some());
    if !all_posted {
        facts.say("return_freight_later", LEG, article, vec![]);
        return WayBack { payments: vec![], ready: false, may_come: true };
    }
    let cost = parcels.iter().fold(0i64, |sum, parcel| sum.saturating_add(cost(facts, parcel)));
    let left = cost.saturating_sub(pays);
    if left <= 0 {
        return WayBack::default();
    }
    let code = if pays > 0 { "merchant_tops_up_freight" } else { "merchant_bears_freight" };
    facts.say(code, LEG, article, vec![int("amount_fen", left)]);
    let payments = vec![borne(left, Payer::Merchant, code, article, parcels)];
    WayBack { payments, ready: true, may_come: false }
}

fn uninsured(facts: &mut Facts<'_>, parcels: &[&Parcel]) -> WayBack {
    let Some((payer, article)) = bearer(facts) else {
        facts.say("buyer_bears_freight", LEG, article::RETURN_TERMS, vec![]);
        return WayBack::default();
    };
    let all_posted = !parcels.is_empty() && parcels.iter().all(|parcel| parcel.posted_at().is_some());
    if !all_posted {
        facts.say("return_freight_later", LEG, article, vec![]);
        return WayBack { payments: vec![], ready: false, may_come: true };
    }
    let cost = parcels.iter().fold(0i64, |sum, parcel| sum.saturating_add(cost(facts, parcel)));
    if cost <= 0 {
        return WayBack::default();
    }
    let code = if payer == Payer::Merchant { "merchant_bears_freight" } else { "platform_bears_freight" };
    facts.say(code, LEG, article, vec![int("amount_fen", cost)]);
    WayBack { payments: vec![borne(cost, payer, code, article, parcels)], ready: true, may_come: false }
}

/// What a parcel cost. A door pickup: what the carrier charged. Self-mail: what the buyer says, not above what the route
/// costs. If nobody said, what the route costs.
fn cost(facts: &mut Facts<'_>, parcel: &Parcel) -> i64 {
    let (from, to) = (&parcel.from_region, &parcel.to_region);
    let table = facts
        .policy
        .rules
        .tables
        .real_freight(from, to, parcel.weight_g, facts.case.order.paid_at)
        .ok()
        .map(|freight| freight.amount_fen);
    let Some(known) = parcel.freight_fen.or(table) else {
        let inputs = vec![text("from_region", from), text("to_region", to), int("weight_g", parcel.weight_g)];
        facts.say("no_tariff_for_route", LEG, article::NONE, inputs);
        return 0;
    };
    let ceiling = if parcel.method == ReturnMethod::DoorPickup { None } else { table };
    known.min(ceiling.unwrap_or(i64::MAX)).min(facts.policy.returns.freight_cap_fen)
}

fn borne(amount_fen: i64, payer: Payer, rule: &'static str, article: &'static str, parcels: &[&Parcel]) -> Payment {
    let mut inputs = vec![int("amount_fen", amount_fen)];
    for (number, parcel) in (1u32..).zip(parcels) {
        inputs.push(numbered(text("waybill", &parcel.waybill), number));
        inputs.push(numbered(int("weight_g", parcel.weight_g), number));
    }
    let leg = Leg {
        kind: KIND,
        payer,
        route: Route::AccountCredit,
        amount_fen,
        rule: rule.into(),
        article: article.into(),
        inputs,
    };
    (leg, parcels.iter().map(|parcel| insurance::waybill(parcel)).collect())
}
