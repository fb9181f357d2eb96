//! Money back against the goods: on the carrier's first scan for trusted buyers, otherwise on arrival at the merchant.

use super::facts::{Facts, days_after, int};
use super::law::{self, Granted};
use super::parcels::{self, Progress};
use super::{Gate, Goods, article, instant, outbound};
use crate::case::{Cause, MerchantAnswer, Verdict};
use crate::decision::{FollowUp, LegKind, Waiting, WaitingFor};

const LEG: Option<LegKind> = Some(LegKind::GoodsRefund);

/// Whether the goods are paid for.
pub fn goods(facts: &mut Facts<'_>) -> Goods {
    if !is_bare_refusal(facts) && rejected(facts, LegKind::GoodsRefund) {
        return Goods::default();
    }
    let granted = law::granted(facts);
    if let Some(answer) = refusal(facts) {
        // By law the merchant is not asked: its bare refusal ends nothing.
        let inputs = vec![int("answered_at", answer.at)];
        if granted.lines.is_empty() {
            facts.say("merchant_rejected", LEG, article::NONE, inputs);
            return Goods::default();
        }
        facts.say("refusal_does_not_end_right", LEG, article::NO_REASON, inputs);
    }
    let Granted { amount_fen, lines, last_of_order, insurable, rule, article, .. } = granted;
    let goods = Goods { amount_fen, lines, last_of_order, insurable, rule, article, ..Goods::default() };
    if goods.lines.is_empty() {
        return goods;
    }
    if amount_fen <= 0 {
        facts.say("nothing_was_paid_for_it", LEG, article::NONE, vec![]);
    }
    if let Some(waiting) = granted.waiting {
        return Goods { gate: Gate::Shut(waiting), ..goods };
    }
    match parcels::progress(facts) {
        Progress::Received(at) => received(facts, at, goods),
        Progress::Posted(at) => posted(facts, at, goods),
        Progress::NotPosted => wait(facts, goods),
    }
}

/// The merchant's refusal, if it refused.
fn refusal(facts: &Facts<'_>) -> Option<MerchantAnswer> {
    facts.case.merchant.answer.filter(|answer| answer.verdict == Verdict::Rejected)
}

/// Whether the merchant refused a return without a reason (art. 25) before it had the goods. What it says once it has looked
/// at them, or of faults, is for people.
fn is_bare_refusal(facts: &Facts<'_>) -> bool {
    let Some(answer) = refusal(facts) else { return false };
    let had_the_goods = matches!(parcels::progress(facts), Progress::Received(at) if answer.at >= at);
    facts.case.request.cause == Cause::NoReason && !had_the_goods
}

/// Whether the merchant said no: people decide from there on.
pub fn rejected(facts: &mut Facts<'_>, leg: LegKind) -> bool {
    let answer = facts.case.merchant.answer.filter(|answer| answer.verdict == Verdict::Rejected);
    if let Some(answer) = answer {
        facts.say("merchant_rejected", Some(leg), article::NONE, vec![int("answered_at", answer.at)]);
    }
    answer.is_some()
}

/// Art. 25 para. 3: the merchant has seven days from the arrival, until 24:00 of the last (Civil Code art. 201, 203); none
/// if it agreed already.
fn received(facts: &mut Facts<'_>, at: i64, goods: Goods) -> Goods {
    let accepted = facts.case.merchant.answer.is_some_and(|answer| answer.verdict == Verdict::Accepted);
    let last = facts.policy.rules.calendar.statutory_deadline(at, facts.policy.merchant.inspection_days);
    let until = last.saturating_add(1);
    if accepted {
        facts.say("return_received_accepted", LEG, article::RETURN_TERMS, vec![int("received_at", at)]);
    } else if facts.now < until {
        let inputs = vec![int("received_at", at), int("until", until)];
        facts.say("waits_for_inspection", LEG, article::RETURN_TERMS, inputs);
        return Goods { gate: Gate::Shut(Waiting { what: WaitingFor::MerchantAnswer, until }), ..goods };
    } else {
        facts.say("inspection_over", LEG, article::RETURN_TERMS, vec![int("until", until)]);
    }
    Goods { gate: Gate::Open, ..goods }
}

/// On the first scan: at once for a trusted buyer who posted in time, as long as it would not be claimed back at once.
fn posted(facts: &mut Facts<'_>, at: i64, goods: Goods) -> Goods {
    let figures = facts.policy.instant_refund;
    let until = parcels::post_by(facts);
    let in_time = at <= until;
    if !in_time {
        facts.say("instant_posted_late", LEG, article::FIRST_SCAN, vec![int("until", until)]);
    }
    let return_due_at = days_after(at, figures.claw_back_days);
    let recent = facts.now < return_due_at;
    if !recent {
        facts.say("instant_scanned_long_ago", LEG, article::FIRST_SCAN, vec![int("until", return_due_at)]);
    }
    // Whom the merchant has refused it is not paid before it has the goods.
    let unopposed = refusal(facts).is_none();
    let labelled = !figures.prepaid_labels_only || parcels::live(facts).all(|parcel| parcel.prepaid);
    if !labelled {
        facts.say("instant_needs_prepaid_label", LEG, article::FIRST_SCAN, vec![]);
    }
    let amount_fen = goods.amount_fen.saturating_add(outbound::due_fen(facts, goods.last_of_order));
    let cap = if in_time && recent && labelled && unopposed { instant::trusted(facts, amount_fen) } else { None };
    let Some(cap) = cap else { return wait(facts, goods) };
    let inputs = vec![int("amount_fen", amount_fen), int("cap_fen", cap.cap_fen), int("first_scan_at", at)];
    facts.say("instant_first_scan", LEG, article::FIRST_SCAN, inputs);
    let follow_up = FollowUp {
        return_due_at: Some(return_due_at),
        appeal_until: Some(days_after(facts.now, figures.appeal_days)),
        ..FollowUp::default()
    };
    let per_year = cap.per_year;
    Goods { gate: Gate::Open, on_quota: true, per_year, follow_up, rule: "instant_first_scan", ..goods }
}

fn wait(facts: &mut Facts<'_>, goods: Goods) -> Goods {
    match parcels::wait(facts, LegKind::GoodsRefund) {
        Some(waiting) => Goods { gate: Gate::Shut(waiting), ..goods },
        None => Goods { gate: Gate::Closed, ..goods },
    }
}
