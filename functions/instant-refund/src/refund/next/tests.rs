#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::decide::decide;
use crate::gateway::Settled;
use crate::refund::refund_id;

const NOW: i64 = 1_790_000_000_000;

fn rules() -> Rules<'static> {
    Rules::bundled()
}

fn refund() -> Refund {
    let case = include_bytes!("../../../../../tests/vectors/instant-refund/cases/unshipped.json");
    let case = Case::read(case, NOW).unwrap();
    let decision = decide(&case, &rules().at(case.order.paid_at), NOW);
    Refund::new(refund_id("c", "k"), case, decision, NOW)
}

fn fen(name: &'static str, value: i64) -> Input {
    Input { name: name.into(), value: Scalar::Integer(value) }
}

fn kept(step: Step) -> (Refund, bool, bool) {
    match step {
        Step::Keep { refund, fresh, decided } => (*refund, fresh, decided),
        other => panic!("{other:?}"),
    }
}

fn left(step: Step) -> (Refund, Effect, bool) {
    match step {
        Step::Leave { refund, effect, go_on } => (*refund, effect, go_on),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_may_have_been_sent_is_asked_about_and_what_was_not_is_sent() {
    let refund = refund();
    assert_eq!(refund.next(true, &rules(), NOW), Step::Send);
    assert_eq!(refund.next(false, &rules(), NOW), Step::Ask);
    // A mark that has grown old is made again before anything is sent.
    let late = NOW + PREPARING_MS;
    let (again, fresh, decided) = kept(refund.next(true, &rules(), late));
    assert_eq!((again.issuing.as_ref().unwrap().sent_at, fresh, decided), (late, true, false));
    assert_eq!(again.next(true, &rules(), late), Step::Send);
    // Not done under the present key: marked before it is sent.
    let mut ready = refund.clone();
    ready.issuing.as_mut().unwrap().phase = Phase::Ready;
    let (marked, fresh, _) = kept(ready.next(false, &rules(), NOW));
    assert_eq!((marked.issuing.as_ref().unwrap().phase, fresh), (Phase::Sent, true));
}

#[test]
fn stores_are_put_right_before_anything_else() {
    let mut refund = refund();
    refund.releasing = refund.decision.holds.clone();
    assert_eq!(refund.next(true, &rules(), NOW), Step::PutRight);
    let (issuing, fresh, _) = kept(refund.put_right(true));
    assert!(issuing.releasing.is_empty() && fresh);
    refund.void("over_refund", NOW);
    let (void, effect, go_on) = left(refund.put_right(false));
    assert_eq!((void.state, effect.due_at, go_on), (State::Void, None, false));
}

#[test]
fn a_full_account_takes_its_leg_away_or_ends_the_refund() {
    let refund = refund();
    let account = refund.decision.holds.first().unwrap().account.clone();
    let (void, effect, go_on) = left(refund.came(Came::Full { account, left: 7 }, false, &rules(), NOW));
    assert_eq!((void.state, effect.due_at, go_on), (State::Void, Some(NOW), true));
    assert_eq!(void.releasing, refund.decision.holds);
    let said = void.decision.reasons.last().unwrap();
    assert_eq!((&*said.code, &said.inputs), ("over_refund", &vec![fen("left_fen", 7)]));
    // Freight that went back already does not go back again; the goods do.
    let account = Account::Freight { order: refund.case.order.order_id.clone() };
    let (without, fresh, _) = kept(refund.came(Came::Full { account: account.clone(), left: 0 }, false, &rules(), NOW));
    assert!(fresh && without.gateway_fen() == refund.gateway_fen() - refund.case.order.outbound_freight_fen);
    assert!(without.decision.legs.iter().all(|leg| leg.kind != LegKind::OutboundFreight));
    assert!(without.decision.holds.iter().all(|hold| hold.account != account));
    let sums: Vec<i64> =
        without.decision.holds.iter().filter(|h| h.account.is_of_sum()).map(|h| h.amount_fen).collect();
    assert_eq!(sums, vec![without.gateway_fen(); 3], "payment, order and quota");
    let about: Vec<&str> =
        without.decision.reasons.iter().filter(|r| r.leg == Some(LegKind::OutboundFreight)).map(|r| &*r.code).collect();
    assert_eq!(about, ["outbound_freight_already_refunded"], "what granted it is gone with it");
    // Without its quota, a case goes the way of any other.
    let quota = refund.decision.holds.iter().find(|hold| hold.account.is_quota()).unwrap().account.clone();
    let (waiting, effect, go_on) = left(refund.came(Came::Full { account: quota, left: 0 }, false, &rules(), NOW));
    assert_eq!((waiting.state, waiting.issuing.is_none(), go_on), (State::Waiting, true, true));
    assert_eq!(effect.due_at, waiting.next_due());
    assert!(waiting.kept.iter().all(|hold| !hold.account.is_quota()) && !waiting.kept.is_empty());
    // What it had reserved of its trust is released.
    assert!(waiting.releasing.iter().all(|hold| hold.account.is_of_trust()));
    let (waiting, ..) = left(waiting.put_right(false));
    // And once the merchant has been silent for long enough, it is decided again.
    let due = waiting.next_due().unwrap();
    assert_eq!(left(waiting.next(false, &rules(), due - 1)).1.due_at, Some(due));
    let (issuing, fresh, decided) = kept(waiting.next(false, &rules(), due));
    assert_eq!((issuing.state, fresh, decided), (State::Issuing, true, true));
}

#[test]
fn nothing_learnt_is_tried_later_and_a_report_is_taken_in() {
    let refund = refund();
    let later = || Came::Later { trouble: "contended", at: NOW + 5 };
    for (sent, phase) in [(false, Phase::Ready), (true, Phase::Sent)] {
        let (left, effect, go_on) = left(refund.came(later(), sent, &rules(), NOW));
        let issuing = left.issuing.unwrap();
        assert_eq!((issuing.phase, issuing.tries, effect.due_at, go_on), (phase, 1, Some(NOW + 5), false));
        assert_eq!(issuing.trouble.as_deref(), Some("contended"));
    }
    let report = Report::Succeeded(Settled { refund_no: "1".into(), at: None });
    assert_eq!(refund.came(Came::Report(report.clone()), true, &rules(), NOW), Step::Take(report));
    let (void, ..) = left(refund.came(Came::Released, false, &rules(), NOW));
    assert_eq!(void.state, State::Void);
    let (still, effect, go_on) = left(void.put_right(false));
    assert_eq!(left(still.next(false, &rules(), NOW)), (still, effect, go_on));
}

#[test]
fn a_policy_that_was_claimed_leaves_a_faults_freight_to_the_merchant() {
    let case = include_bytes!("../../../tests/cases/met/fault_freight_dropped.json");
    let now = 1_773_115_200_000; // 2026-03-10 12:00
    let met: serde_json::Value = serde_json::from_slice(case).unwrap();
    let case = met.get("case").unwrap_or(&met);
    let case = Case::read(&serde_json::to_vec(case).unwrap(), now).unwrap();
    let decision = decide(&case, &rules().at(case.order.paid_at), now);
    let refund = Refund::new(refund_id("c", "k"), case, decision, now);
    let claim = refund.decision.holds.iter().find(|hold| matches!(hold.account, Account::Policy { .. })).unwrap();
    let account = claim.account.clone();
    let (without, fresh, _) = kept(refund.came(Came::Full { account, left: 0 }, false, &rules(), now));
    let freight = without.decision.legs.iter().filter(|leg| leg.kind == LegKind::ReturnFreight);
    let borne: Vec<_> = freight.map(|leg| (leg.payer, leg.amount_fen)).collect();
    assert_eq!((borne, fresh), (vec![(crate::decision::Payer::Merchant, 1_800)], true));
    assert!(without.decision.reasons.iter().any(|reason| reason.code == "policy_already_claimed"));
    assert!(without.releasing.iter().all(|hold| hold.account.is_claim()) && without.releasing.len() == 2);
}
