//! The buyer's right by law: seven days without a reason, faulty goods, and what is excluded.

use super::facts::{Facts, hours_after, int, text, word};
use super::{article, insurance};
use crate::case::{Exclusion, Line, RequestLine, Verdict};
use crate::decision::{LegKind, Waiting, WaitingFor};

const LEG: Option<LegKind> = Some(LegKind::GoodsRefund);

/// What of a return the buyer has a right to, or the merchant agreed to.
#[derive(Debug, Default)]
pub struct Granted {
    /// What is asked back for the lines granted.
    pub amount_fen: i64,
    /// The lines granted.
    pub lines: Vec<RequestLine>,
    /// Whether they are the last of the order.
    pub last_of_order: bool,
    /// Whether freight insurance covers any of them by category.
    pub insurable: bool,
    /// The rule, and its article.
    pub rule: &'static str,
    /// The article.
    pub article: &'static str,
    /// The merchant must be asked first.
    pub waiting: Option<Waiting>,
}

/// Looks at every line of a return.
pub fn granted(facts: &mut Facts<'_>) -> Granted {
    let asked: Vec<&RequestLine> = facts.case.request.lines.iter().filter(|r| was_shipped(facts, r)).collect();
    for line in facts.case.request.lines.iter().filter(|r| !asked.iter().any(|a| a.line_id == r.line_id)) {
        facts.say("line_not_shipped", LEG, article::NONE, vec![text("line_id", &line.line_id)]);
    }
    if asked.is_empty() {
        return Granted::default();
    }
    if facts.at_fault() { faulty(facts, asked) } else { without_reason(facts, asked) }
}

fn was_shipped(facts: &Facts<'_>, asked: &RequestLine) -> bool {
    facts.line(&asked.line_id).is_some_and(|line| asked.quantity <= line.shipped_quantity)
}

/// Art. 24: within seven days of receipt; later only with the merchant, or with people.
fn faulty(facts: &mut Facts<'_>, asked: Vec<&RequestLine>) -> Granted {
    let (rule, article) = ("fault_return", article::FAULT);
    let Some(signed_at) = facts.case.order.signed_at else {
        facts.say("fault_return_unsigned", LEG, article, vec![]);
        return grant(facts, &asked, rule, article);
    };
    let until = deadline(facts, signed_at, facts.policy.law.fault_days);
    if facts.case.request.requested_at <= until {
        facts.say(rule, LEG, article, vec![int("until", until)]);
        return grant(facts, &asked, rule, article);
    }
    if let Some(at) = accepted(facts) {
        return by_agreement(facts, at, &asked);
    }
    let reply_by = hours_after(facts.case.request.requested_at, facts.policy.merchant.shipped_reply_hours);
    if facts.now < reply_by {
        facts.say("beyond_fault_days_asks_merchant", LEG, article, vec![int("until", reply_by)]);
        let waiting = Some(Waiting { what: WaitingFor::MerchantAnswer, until: reply_by });
        return Granted { waiting, ..grant(facts, &asked, rule, article) };
    }
    facts.say("beyond_seven_days_needs_people", LEG, article, vec![int("until", until)]);
    Granted::default()
}

/// Art. 25: seven days from the day after signing, line by line.
fn without_reason(facts: &mut Facts<'_>, asked: Vec<&RequestLine>) -> Granted {
    let (rule, article) = ("seven_day_right", article::NO_REASON);
    let agreed = accepted(facts);
    let days = facts.policy.law.no_reason_days;
    let deadline = facts.case.order.signed_at.map(|at| deadline(facts, at, days));
    if let (Some(until), None) = (deadline.filter(|until| facts.case.request.requested_at > *until), agreed) {
        facts.say("seven_day_passed", LEG, article, vec![int("until", until)]);
        return Granted::default();
    }
    let mut lines = Vec::with_capacity(asked.len());
    for asked in asked {
        let Some((line, exclusion)) = facts.line(&asked.line_id).and_then(|l| l.exclusion.map(|e| (l, e))) else {
            lines.push(asked);
            continue;
        };
        let inputs = vec![text("line_id", &line.line_id), word("exclusion", exclusion_name(exclusion))];
        if !excluded(line, exclusion) {
            facts.say("exclusion_not_confirmed", LEG, article::BY_NATURE, inputs);
            lines.push(asked);
        } else if agreed.is_some() {
            lines.push(asked);
        } else {
            facts.say("excluded_by_law", LEG, exclusion_article(exclusion), inputs);
        }
    }
    if lines.is_empty() {
        return Granted::default();
    }
    match (agreed, deadline) {
        (Some(at), _) => return by_agreement(facts, at, &lines),
        (None, Some(until)) => facts.say(rule, LEG, article, vec![int("until", until)]),
        (None, None) => facts.say("seven_day_unsigned", LEG, article, vec![]),
    }
    grant(facts, &lines, rule, article)
}

/// The last millisecond of a statutory term. Says so if the rest days of its years are not all known: then it is the latest
/// that it may turn out to be, for a table that has ended takes no right away.
fn deadline(facts: &mut Facts<'_>, signed_at: i64, days: i64) -> i64 {
    let calendar = facts.policy.rules.calendar;
    if calendar.deadline_is_covered(signed_at, days) {
        return calendar.statutory_deadline(signed_at, days);
    }
    let until = calendar.latest_deadline(signed_at, days);
    facts.say("rest_days_not_known", LEG, article::COUNTING, vec![int("until", until)]);
    until
}

fn by_agreement(facts: &mut Facts<'_>, at: i64, lines: &[&RequestLine]) -> Granted {
    facts.say("merchant_accepted", LEG, article::NONE, vec![int("answered_at", at)]);
    grant(facts, lines, "merchant_accepted", article::NONE)
}

fn grant(facts: &Facts<'_>, lines: &[&RequestLine], rule: &'static str, article: &'static str) -> Granted {
    Granted {
        amount_fen: lines.iter().fold(0i64, |sum, line| sum.saturating_add(line.amount_fen)),
        lines: lines.iter().map(|line| (*line).clone()).collect(),
        last_of_order: facts.takes_the_last(|id| lines.iter().any(|line| line.line_id == id)),
        insurable: lines.iter().any(|line| insurance::covers_category(facts, &line.line_id)),
        rule,
        article,
        waiting: None,
    }
}

/// When the merchant agreed, if it did: an agreement binds beyond the law (SPC 2022, on excluded goods).
fn accepted(facts: &Facts<'_>) -> Option<i64> {
    facts.case.merchant.answer.filter(|answer| answer.verdict == Verdict::Accepted).map(|answer| answer.at)
}

/// Items 1 to 4 exclude by themselves; goods unsuitable by nature only if the buyer confirmed it.
fn excluded(line: &Line, exclusion: Exclusion) -> bool {
    exclusion != Exclusion::ByNature || line.exclusion_confirmed
}

fn exclusion_name(exclusion: Exclusion) -> &'static str {
    match exclusion {
        Exclusion::CustomMade => "custom_made",
        Exclusion::Perishable => "perishable",
        Exclusion::Digital => "digital",
        Exclusion::Periodical => "periodical",
        Exclusion::ByNature => "by_nature",
    }
}

fn exclusion_article(exclusion: Exclusion) -> &'static str {
    match exclusion {
        Exclusion::CustomMade => article::CUSTOM_MADE,
        Exclusion::Perishable => article::PERISHABLE,
        Exclusion::Digital => article::DIGITAL,
        Exclusion::Periodical => article::PERIODICAL,
        Exclusion::ByNature => article::BY_NATURE,
    }
}
