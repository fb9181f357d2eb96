//! Money back without goods: before shipment at once or by the merchant's silence; after it only through the merchant.

use super::facts::{Facts, days_after, hours_after, int};
use super::{Gate, Goods, article, instant, outbound};
use crate::calendar;
use crate::case::{Cause, MerchantAnswer, Verdict};
use crate::decision::{FollowUp, LegKind, Waiting, WaitingFor};

const LEG: Option<LegKind> = Some(LegKind::GoodsRefund);

/// Whether the goods are paid for.
pub fn goods(facts: &mut Facts<'_>) -> Goods {
    let request = &facts.case.request;
    let amount_fen = request.lines.iter().fold(0i64, |sum, line| sum.saturating_add(line.amount_fen));
    let last_of_order = facts.takes_the_last(|_| true);
    let lines = request.lines.clone();
    let shut = Goods { amount_fen, lines, last_of_order, ..Goods::default() };
    let shipped_after = facts.case.order.shipped_at.filter(|at| *at > request.requested_at);
    // Forced upon the buyer is what was shipped of these lines; and what the buyer signed for was not forced.
    let forced = !is_unshipped(facts) && facts.case.order.signed_at.is_none();
    if let Some(at) = shipped_after
        && forced
        && facts.policy.merchant.refund_forced_shipment
    {
        facts.say("forced_shipment", LEG, article::FORCED_SHIPMENT, vec![int("shipped_at", at)]);
        return Goods { gate: Gate::Open, rule: "forced_shipment", article: article::FORCED_SHIPMENT, ..shut };
    }
    if is_unshipped(facts) { unshipped(facts, shut) } else { shipped(facts, shut) }
}

/// Whether all pieces asked for are among those not shipped. Pieces refunded earlier are taken to be among them too.
fn is_unshipped(facts: &Facts<'_>) -> bool {
    facts.case.request.lines.iter().all(|asked| {
        facts.line(&asked.line_id).is_some_and(|line| {
            let gone = line.shipped_quantity.saturating_add(line.refunded_quantity);
            asked.quantity <= line.quantity.saturating_sub(gone)
        })
    })
}

fn unshipped(facts: &mut Facts<'_>, shut: Goods) -> Goods {
    let request = &facts.case.request;
    let deadline = calendar::silence_deadline(request.requested_at, &silence_rule(facts));
    if let Some(answer) = answer_by(facts, deadline) {
        return answered(facts, answer, shut);
    }
    let window_end = hours_after(facts.case.order.paid_at, facts.policy.instant_refund.unshipped_window_hours);
    if request.requested_at > window_end {
        facts.say("instant_window_passed", LEG, article::INSTANT, vec![int("until", window_end)]);
    } else {
        let amount_fen = shut.amount_fen.saturating_add(outbound::due_fen(facts, shut.last_of_order));
        if let Some(cap) = instant::trusted(facts, amount_fen) {
            let inputs = vec![int("amount_fen", amount_fen), int("cap_fen", cap.cap_fen), int("until", window_end)];
            facts.say("instant_unshipped", LEG, article::INSTANT, inputs);
            let appeal_until = Some(days_after(facts.now, facts.policy.instant_refund.appeal_days));
            let follow_up = FollowUp { appeal_until, ..FollowUp::default() };
            let (rule, article) = ("instant_unshipped", article::INSTANT);
            let per_year = cap.per_year;
            return Goods { gate: Gate::Open, on_quota: true, per_year, follow_up, rule, article, ..shut };
        }
    }
    silence(facts, deadline, shut)
}

fn shipped(facts: &mut Facts<'_>, shut: Goods) -> Goods {
    let request = &facts.case.request;
    let deadline = hours_after(request.requested_at, facts.policy.merchant.shipped_reply_hours);
    if let Some(answer) = answer_by(facts, deadline) {
        return answered(facts, answer, shut);
    }
    if request.cause == Cause::NoReason {
        facts.say("refund_only_no_reason_shipped", LEG, article::NO_REASON, vec![]);
        return shut;
    }
    // Long after the goods came, a shop that is gone has agreed to nothing.
    let came_at = facts.case.order.signed_at.or(facts.case.order.shipped_at).unwrap_or(request.requested_at);
    let silence_until = days_after(came_at, facts.policy.terms.silence_days);
    if request.requested_at > silence_until {
        return long_after(facts, deadline, silence_until, shut);
    }
    silence(facts, deadline, shut)
}

/// The merchant is asked; if it says nothing, people decide.
fn long_after(facts: &mut Facts<'_>, deadline: i64, silence_until: i64, shut: Goods) -> Goods {
    if facts.now >= deadline {
        facts.say("silence_no_longer_consent", LEG, article::SILENCE, vec![int("until", silence_until)]);
        return shut;
    }
    facts.say("long_after_asks_merchant", LEG, article::SILENCE, vec![int("until", deadline)]);
    let waiting = Waiting { what: WaitingFor::MerchantAnswer, until: deadline };
    Goods { gate: Gate::Shut(waiting), rule: "merchant_silent", article: article::SILENCE, ..shut }
}

/// The merchant's answer, if it came in time: after the deadline its silence has spoken.
fn answer_by(facts: &Facts<'_>, deadline: i64) -> Option<MerchantAnswer> {
    facts.case.merchant.answer.filter(|answer| answer.at <= deadline)
}

fn answered(facts: &mut Facts<'_>, answer: MerchantAnswer, shut: Goods) -> Goods {
    let inputs = vec![int("answered_at", answer.at)];
    match answer.verdict {
        Verdict::Accepted => {
            facts.say("merchant_accepted", LEG, article::NONE, inputs);
            Goods { gate: Gate::Open, rule: "merchant_accepted", article: article::NONE, ..shut }
        }
        Verdict::Rejected => {
            facts.say("merchant_rejected", LEG, article::NONE, inputs);
            shut
        }
    }
}

fn silence(facts: &mut Facts<'_>, deadline: i64, shut: Goods) -> Goods {
    let (rule, article) = ("merchant_silent", article::SILENCE);
    if facts.now < deadline {
        facts.say("waits_for_merchant", LEG, article, vec![int("until", deadline)]);
        let gate = Gate::Shut(Waiting { what: WaitingFor::MerchantAnswer, until: deadline });
        return Goods { gate, rule, article, ..shut };
    }
    facts.say(rule, LEG, article, vec![int("until", deadline)]);
    Goods { gate: Gate::Open, rule, article, ..shut }
}

fn silence_rule(facts: &Facts<'_>) -> calendar::SilenceRule {
    let figures = &facts.policy.merchant;
    calendar::SilenceRule {
        open_minute: figures.opens_minute,
        close_minute: figures.closes_minute,
        within_ms: figures.reply_minutes.saturating_mul(60_000),
        else_next_day_minute: figures.otherwise_minute,
    }
}
