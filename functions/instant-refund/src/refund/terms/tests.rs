#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
use super::*;
use crate::case::Case;
use crate::decide;
use crate::follow_up::Intake;
use crate::gateway::{Report, Semantics, Settled};
use crate::policy::Rules;
use crate::postings::Line;
use crate::refund::{Step, refund_id};
use crate::refund_event::{EventKind, RefundEvent};

const NOW: i64 = 1_790_000_000_000;
const UNSHIPPED: &[u8] = include_bytes!("../../../../../tests/vectors/instant-refund/cases/unshipped.json");
const SCANNED: &[u8] = include_bytes!("../../../../../tests/vectors/instant-refund/cases/scanned-return.json");

const SEMANTICS: Semantics = Semantics::EASY;

fn rules() -> Rules<'static> {
    Rules::bundled()
}

fn issuing(case: &[u8]) -> Refund {
    let case = Case::read(case, NOW).unwrap();
    let decision = decide::brought(&rules(), &case, NOW);
    let refund = Refund::new(refund_id("c", "k"), case, decision, NOW);
    assert_eq!(refund.state, State::Issuing, "{:?}", refund.decision);
    refund
}

fn posted(case: &[u8]) -> (Refund, Vec<Line>) {
    let mut refund = issuing(case);
    let paid = Report::Succeeded(Settled { refund_no: "1".into(), at: Some(NOW) });
    let lines = refund.report(paid, &SEMANTICS, &rules(), NOW).postings;
    (refund, lines)
}

fn balance(lines: &[Line], account: &str) -> i64 {
    lines.iter().filter(|line| line.account == account).map(|line| line.credit_fen - line.debit_fen).sum()
}

fn tell(refund: &mut Refund, id: &str, at: i64, kind: EventKind) -> Intake {
    refund.tell(&RefundEvent { event_id: id.into(), at, kind }, &rules(), at)
}

/// What is due by an instant is done one thing after the other, as the shell does it; what was told.
fn until(refund: &mut Refund, now: i64, lines: &mut Vec<Line>) -> Vec<&'static str> {
    let mut told = Vec::new();
    while refund.next_due().is_some_and(|due| due <= now) {
        refund.releasing.clear();
        let at = refund.next_due().unwrap_or(now).max(NOW);
        let effect = refund.fall_due(at.min(now));
        told.extend(effect.alarm);
        lines.extend(effect.postings);
        assert!(told.len() < 10, "it goes on and on");
        if !refund.releasing.is_empty() {
            break;
        }
    }
    told
}

#[test]
fn what_was_never_sent_is_given_up_after_the_gateways_time() {
    let mut refund = issuing(UNSHIPPED);
    refund.issuing.as_mut().unwrap().phase = Phase::Ready;
    let term = NOW + 90 * DAY_MS;
    assert!(matches!(refund.next(false, &rules(), term), Step::Keep { .. }), "it is sent");
    let Step::Leave { refund: void, .. } = refund.next(false, &rules(), term + 1) else { panic!("another step") };
    assert_eq!(
        (void.state, void.issuing.as_ref().unwrap().trouble.as_deref()),
        (State::Void, Some("gateway_term_passed"))
    );
    assert!(void.is_in_doubt() && void.releasing == void.decision.holds);
}

#[test]
fn what_may_have_been_sent_is_told_once_and_asked_about_for_good() {
    let mut refund = issuing(UNSHIPPED);
    let mut alarms = 0;
    let mut now = NOW + 90 * DAY_MS;
    for _ in 0..5 {
        let effect = refund.report(Report::Processing { refund_no: None }, &SEMANTICS, &rules(), now);
        alarms += i32::from(effect.alarm == Some("gateway_term_passed"));
        assert_eq!((refund.state, alarms), (State::Issuing, i32::from(now > NOW + 90 * DAY_MS)));
        assert_eq!(effect.due_at.unwrap() - now >= SELDOM_MS, now > NOW + 90 * DAY_MS);
        now = effect.due_at.unwrap().max(NOW + 90 * DAY_MS + 1);
    }
}

#[test]
fn a_contest_that_nobody_settles_ends() {
    let (mut refund, _) = posted(UNSHIPPED);
    let mut now = NOW + 1;
    refund.contest(&Report::Refused { code: "failed".into() }, now);
    let mut last = None;
    while refund.contested().is_some() {
        let effect = refund.report(Report::Unknown { code: "timeout".into() }, &SEMANTICS, &rules(), now);
        last = effect.alarm;
        now = refund.contested().map_or(now, |contested| contested.ask_at);
    }
    assert_eq!((last, refund.state), (Some("contest_given_up"), State::Posted));
    assert!(now > NOW + 90 * DAY_MS && now < NOW + 93 * DAY_MS);
}

#[test]
fn a_buyers_debt_is_given_up_and_may_be_paid_all_the_same() {
    let (mut refund, mut lines) = posted(SCANNED);
    let due = refund.return_due().unwrap();
    refund.decision.follow_up.claim_until = None;
    assert_eq!(until(&mut refund, due, &mut lines), [""; 0]);
    assert_eq!(refund.receivable_fen(), refund.given_back_fen());
    let owed = refund.receivable_fen();
    let Intake::Changed(paid) = tell(&mut refund, "e1", due + 1, EventKind::BuyerRepaid { amount_fen: 100 }) else {
        panic!("another step")
    };
    lines.extend(paid);
    let term = refund.receivable_due().unwrap();
    assert_eq!(term, due + 1095 * DAY_MS);
    assert_eq!(until(&mut refund, term - 1, &mut lines), [""; 0]);
    assert_eq!(until(&mut refund, term, &mut lines), ["receivable_given_up"]);
    assert_eq!((balance(&lines, "buyer:receivable"), balance(&lines, "platform")), (0, 100 - owed));
    assert!(refund.releasing.iter().any(|hold| hold.account.is_quota()), "the buyer's quota is free");
    assert_eq!((refund.receivable_fen(), refund.receivable_due()), (0, None));
    // It comes after all; and then the goods do.
    for (id, fen) in [("e2", 200), ("e3", owed)] {
        let told = tell(&mut refund, id, term + 1, EventKind::BuyerRepaid { amount_fen: fen });
        match told {
            Intake::Changed(paid) => lines.extend(paid),
            told => assert_eq!((id, told), ("e3", Intake::Contradiction("more_than_was_claimed_back"))),
        }
    }
    assert_eq!(balance(&lines, "platform"), 300 - owed);
    lines.extend(refund.come_back(term + 2));
    assert_eq!((balance(&lines, "buyer:receivable"), balance(&lines, "platform")), (0, 0));
    assert_eq!(refund.aftermath.given_up_fen, 0);
    assert_eq!(lines.iter().map(|line| line.debit_fen - line.credit_fen).sum::<i64>(), 0);
}

#[test]
fn an_appeal_that_nobody_decides_is_told_and_may_still_be_decided() {
    let (mut refund, mut lines) = posted(UNSHIPPED);
    assert_eq!(tell(&mut refund, "a", NOW + 5, EventKind::MerchantAppealed {}), Intake::Changed(vec![]));
    let due = NOW + 5 + 30 * DAY_MS;
    assert_eq!(refund.next_term(), Some(due));
    assert_eq!(until(&mut refund, due, &mut lines), ["appeal_undecided"]);
    assert_eq!(refund.appeal_decision_due(), None);
    assert!(matches!(tell(&mut refund, "d", due + 1, EventKind::AppealDecided { upheld: true }), Intake::Changed(_)));
}

#[test]
fn an_insurer_that_says_nothing_is_told_of_once() {
    let (mut refund, mut lines) = posted(UNSHIPPED);
    refund.decision.follow_up.claim_until = Some(NOW + 90 * DAY_MS);
    assert_eq!(until(&mut refund, NOW + 89 * DAY_MS, &mut lines), [""; 0]);
    assert_eq!(until(&mut refund, NOW + 90 * DAY_MS, &mut lines), ["claim_unsettled"]);
    assert_eq!(refund.claim_due(), None);
}
