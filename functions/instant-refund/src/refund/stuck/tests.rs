#![allow(clippy::unwrap_used)]
use super::*;
use crate::case::Case;
use crate::decide;
use crate::follow_up::Intake;
use crate::gateway::Settled;
use crate::policy::Rules;
use crate::refund::{SecondPayment, refund_id};
use crate::refund_event::{EventKind, RefundEvent};

const NOW: i64 = 1_790_000_000_000;
const UNSHIPPED: &[u8] = include_bytes!("../../../../../tests/vectors/instant-refund/cases/unshipped.json");

fn issuing() -> Refund {
    let case = Case::read(UNSHIPPED, NOW).unwrap();
    let decision = decide::brought(&Rules::bundled(), &case, NOW);
    Refund::new(refund_id("c", "k"), case, decision, NOW)
}

fn code(refund: &Refund, due_at: Option<i64>, now: i64) -> Option<&'static str> {
    refund.stuck(due_at, now).map(|stuck| stuck.code)
}

fn with(change: impl FnOnce(&mut Refund)) -> Option<&'static str> {
    let mut refund = issuing();
    change(&mut refund);
    code(&refund, Some(NOW), NOW)
}

#[test]
fn each_that_wants_a_person_says_for_what() {
    assert_eq!(with(|_| {}), None, "on its way");
    let trouble = |what: &'static str| {
        move |refund: &mut Refund| refund.issuing.iter_mut().for_each(|issuing| issuing.trouble = Some(what.into()))
    };
    assert_eq!(with(trouble("timeout")), None);
    assert_eq!(with(trouble("abnormal")), Some("abnormal"));
    assert_eq!(with(trouble("key_too_old")), Some("outcome_unknown"));
    assert_eq!(with(trouble("payment_disputed")), Some("payment_disputed"));
    assert_eq!(with(trouble("gateway_not_configured")), Some("gateway_not_configured"));
    assert_eq!(with(|r| r.issuing.iter_mut().for_each(|i| i.tries = 20)), Some("still_open"));
    assert_eq!(with(|r| r.issuing.iter_mut().for_each(|i| i.overdue_at = Some(NOW))), Some("outcome_unknown"));
    let refused = |r: &mut Refund| {
        drop(r.void("USER_ACCOUNT_ABNORMAL", NOW));
        r.issuing.iter_mut().for_each(|issuing| issuing.refused_at = Some(NOW));
    };
    assert_eq!(with(refused), Some("refused"));
    assert_eq!(with(|r| drop(r.void("over_refund", NOW))), None, "nobody can help that");
    let paid = |r: &mut Refund| drop(r.post(Settled { refund_no: "1".into(), at: None }, NOW));
    assert_eq!(with(paid), None);
    let back = |r: &mut Refund| {
        paid(r);
        r.reverse("failed", NOW);
    };
    assert_eq!(with(back), Some("reversed"));
    let twice = |r: &mut Refund| {
        paid(r);
        r.aftermath.second_payments.push(SecondPayment { refund_no: "2".into(), at: NOW, amount_fen: 5 });
    };
    assert_eq!(with(twice), Some("paid_twice"));
    let overdue = |r: &mut Refund| {
        paid(r);
        r.aftermath.appeal_overdue_at = Some(NOW);
    };
    assert_eq!(with(overdue), Some("appeal_undecided"));
    let silent = |r: &mut Refund| {
        paid(r);
        r.aftermath.claim_overdue_at = Some(NOW);
    };
    assert_eq!(with(silent), Some("claim_unsettled"));
}

#[test]
fn what_nobody_looks_after_is_told_in_minutes() {
    let refund = issuing();
    assert_eq!(code(&refund, Some(NOW), NOW + UNATTENDED_MS - 1), None);
    assert_eq!(code(&refund, Some(NOW), NOW + UNATTENDED_MS), Some("not_looked_after"));
    assert_eq!(code(&refund, None, NOW + UNATTENDED_MS), None);
    assert_eq!(refund.stuck(Some(0), NOW + UNATTENDED_MS).map(|stuck| stuck.since), Some(NOW), "since it is there");
}

#[test]
fn a_person_sets_it_aside_until_something_happens() {
    let mut refund = issuing();
    let aside = |id: &str| RefundEvent {
        event_id: id.into(),
        at: NOW,
        kind: EventKind::SetAside { reason: "the buyer was paid in cash".into(), by: "one".into() },
    };
    let rules = Rules::bundled();
    assert_eq!(refund.tell(&aside("s0"), &rules, NOW), Intake::Contradiction("not_to_be_set_aside"));
    refund.post(Settled { refund_no: "1".into(), at: None }, NOW);
    refund.reverse("failed", NOW);
    assert_eq!(refund.tell(&aside("s"), &rules, NOW), Intake::Changed(vec![]));
    assert_eq!(code(&refund, None, NOW), None);
    refund.pay_another_way(NOW).unwrap();
    assert_eq!(refund.set_aside, None);
}
