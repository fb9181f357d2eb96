#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use crate::case::Case;
use crate::decide;
use crate::follow_up::Intake;
use crate::policy::Rules;
use crate::postings::Line;
use crate::refund::{Phase, State, Step, refund_id};
use crate::refund_event::EventKind;

const NOW: i64 = 1_790_000_000_000;
const UNSHIPPED: &[u8] = include_bytes!("../../../../../tests/vectors/instant-refund/cases/unshipped.json");

fn rules() -> Rules<'static> {
    Rules::bundled()
}

/// Sent, and never spoken of.
fn unknown() -> Refund {
    let case = Case::read(UNSHIPPED, NOW).unwrap();
    let decision = decide::brought(&rules(), &case, NOW);
    let mut refund = Refund::new(refund_id("c", "k"), case, decision, NOW);
    refund.issuing.iter_mut().for_each(|issuing| issuing.overdue_at = Some(NOW));
    refund
}

fn tell(refund: &mut Refund, id: &str, now: i64, kind: EventKind) -> Intake {
    refund.tell(&RefundEvent { event_id: id.into(), at: now, kind }, &rules(), now)
}

fn found(by: &str, paid: bool) -> EventKind {
    let refund_no = paid.then(|| "re_1".to_owned());
    let finding = Finding { paid, refund_no, paid_at: paid.then_some(NOW - 5), reason: "seen in the console".into() };
    EventKind::OutcomeProposed { finding, by: by.into() }
}

fn agreed(by: &str) -> EventKind {
    EventKind::DecisionApproved { proposal: "f".into(), by: by.into() }
}

fn credited(lines: &[Line]) -> i64 {
    lines.iter().filter(|line| line.account == "gateway:wechat").map(|line| line.credit_fen - line.debit_fen).sum()
}

#[test]
fn two_people_say_that_it_was_paid() {
    let mut refund = unknown();
    assert_eq!(tell(&mut refund, "f", NOW, found("one", true)), Intake::Changed(vec![]));
    assert_eq!(refund.state, State::Issuing, "one says it: nothing is booked");
    assert_eq!(tell(&mut refund, "a", NOW, agreed("one")), Intake::Contradiction("same_operator"));
    let late = NOW + PROPOSAL_MS + 1;
    assert_eq!(tell(&mut refund.clone(), "a", late, agreed("two")), Intake::Contradiction("proposal_too_old"));
    let Intake::Changed(lines) = tell(&mut refund, "a", NOW, agreed("two")) else { return assert_eq!(1, 2) };
    assert_eq!((refund.state, credited(&lines)), (State::Posted, 10_800));
    let issuing = refund.issuing.as_ref().unwrap();
    assert_eq!((issuing.refund_no.as_deref(), issuing.posted_at), (Some("re_1"), Some(NOW - 5)));
    assert!(refund.releasing.is_empty() && refund.settlement.is_none());
    assert!(refund.decision.reasons.iter().any(|reason| reason.code == "settled_as_paid"));
    assert_eq!(tell(&mut refund, "f2", NOW, found("one", false)), Intake::Contradiction("outcome_not_unknown"));
}

#[test]
fn two_people_say_that_it_was_not() {
    let mut refund = unknown();
    assert_eq!(tell(&mut refund, "f", NOW, found("one", false)), Intake::Changed(vec![]));
    assert_eq!(tell(&mut refund, "a", NOW, agreed("two")), Intake::Changed(vec![]));
    assert_eq!((refund.state, refund.releasing.len()), (State::Void, refund.decision.holds.len()));
    assert!(!refund.is_in_doubt(), "whoever takes its room need not ask");
    assert_eq!(refund.next(false, &rules(), NOW), Step::PutRight);
}

#[test]
fn what_its_gateway_may_still_say_is_not_settled_by_people() {
    let mut refund = unknown();
    refund.issuing.iter_mut().for_each(|issuing| issuing.overdue_at = None);
    assert_eq!(tell(&mut refund, "f", NOW, found("one", true)), Intake::Contradiction("outcome_not_unknown"));
    refund.issuing.iter_mut().for_each(|issuing| issuing.trouble = Some("key_too_old".into()));
    assert_eq!(tell(&mut refund.clone(), "f", NOW, found("one", true)), Intake::Changed(vec![]));
    // It was certainly not sent.
    refund.issuing.iter_mut().for_each(|issuing| issuing.phase = Phase::Ready);
    assert_eq!(tell(&mut refund, "f", NOW, found("one", true)), Intake::Contradiction("outcome_not_unknown"));
    // Its gateway spoke before the second one agreed.
    let mut refund = unknown();
    assert_eq!(tell(&mut refund, "f", NOW, found("one", false)), Intake::Changed(vec![]));
    refund.post(Settled { refund_no: "re_1".into(), at: None }, NOW);
    assert_eq!(refund.settlement, None);
    assert_eq!(tell(&mut refund, "a", NOW, agreed("two")), Intake::Contradiction("nothing_for_people"));
}

#[test]
fn what_is_to_go_another_way_goes_or_was_paid() {
    let asked = || {
        let mut refund = unknown();
        refund.void("refused", NOW);
        refund.releasing.clear();
        refund.issuing.iter_mut().for_each(|issuing| issuing.refused_at = Some(NOW));
        refund.pay_another_way(NOW).unwrap();
        refund.issuing.iter_mut().for_each(|issuing| issuing.tries = 20);
        assert_eq!(tell(&mut refund, "f", NOW, found("one", false)), Intake::Changed(vec![]));
        refund
    };
    let mut refund = asked();
    assert_eq!(tell(&mut refund, "a", NOW, agreed("two")), Intake::Changed(vec![]));
    assert_eq!((refund.state, refund.gateway_fen(), refund.given_back_fen()), (State::Issuing, 0, 10_800));
    let mut refund = asked();
    assert_eq!(tell(&mut refund, "f2", NOW, found("one", true)), Intake::Changed(vec![]));
    let kind = EventKind::DecisionApproved { proposal: "f2".into(), by: "two".into() };
    let Intake::Changed(lines) = tell(&mut refund, "a", NOW, kind) else { return assert_eq!(1, 2) };
    assert_eq!((refund.state, credited(&lines)), (State::Posted, 10_800));
    assert_eq!(refund.reinstating, refund.decision.holds, "what was released is held again");
}
