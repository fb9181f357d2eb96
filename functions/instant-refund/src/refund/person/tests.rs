#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use crate::case::Buyer;
use crate::decision::{Account, Outcome, Payer};
use crate::follow_up::Intake;
use crate::refund::refund_id;
use crate::refund_event::EventKind;

const NOW: i64 = 1_790_000_000_000;
const UNSHIPPED: &[u8] = include_bytes!("../../../../../tests/vectors/instant-refund/cases/unshipped.json");

fn rules() -> Rules<'static> {
    Rules::bundled()
}

/// Its merchant has refused: it is for people.
fn declined() -> Refund {
    let mut case = Case::read(UNSHIPPED, NOW).unwrap();
    case.buyer = Buyer { level: 0, quota_fen: 0, ..case.buyer };
    let decision = decide::brought(&rules(), &case, NOW);
    let mut refund = Refund::new(refund_id("c", "k"), case, decision, NOW);
    assert!(matches!(tell(&mut refund, "m", NOW, EventKind::MerchantRejected {}), Intake::Changed(_)));
    assert_eq!(refund.state, State::Declined);
    refund
}

fn tell(refund: &mut Refund, id: &str, now: i64, kind: EventKind) -> Intake {
    refund.tell(&RefundEvent { event_id: id.into(), at: now, kind }, &rules(), now)
}

fn proposed(by: &str, fen: i64, freight: i64) -> EventKind {
    let lines = vec![RequestLine { line_id: "L-1".into(), quantity: 1, amount_fen: fen }];
    let reason = "photographs show the fault".into();
    let grant = Grant { lines, outbound_freight_fen: freight, payer: GrantPayer::Platform, reason };
    EventKind::DecisionProposed { grant, by: by.into() }
}

fn approved(by: &str, proposal: &str) -> EventKind {
    EventKind::DecisionApproved { proposal: proposal.into(), by: by.into() }
}

#[test]
fn two_people_grant_what_the_rules_declined() {
    let mut refund = declined();
    assert_eq!(tell(&mut refund, "a0", NOW, approved("two", "p")), Intake::Contradiction("no_such_proposal"));
    for (fen, freight) in [(10_001, 0), (0, 0), (5_000, 801), (5_000, -1)] {
        assert_eq!(
            tell(&mut refund, "p0", NOW, proposed("one", fen, freight)),
            Intake::Contradiction("does_not_add_up")
        );
    }
    assert_eq!(tell(&mut refund, "p", NOW, proposed("one", 5_000, 800)), Intake::Changed(vec![]));
    assert_eq!(refund.state, State::Declined, "nothing moves by one");
    assert_eq!(tell(&mut refund, "a1", NOW, approved("one", "p")), Intake::Contradiction("same_operator"));
    let late = NOW + PROPOSAL_MS + 1;
    assert_eq!(tell(&mut refund.clone(), "a2", late, approved("two", "p")), Intake::Contradiction("proposal_too_old"));
    assert_eq!(tell(&mut refund, "a", NOW + 1, approved("two", "p")), Intake::Changed(vec![]));
    assert_eq!((refund.state, refund.proposal.as_ref(), refund.gateway_fen()), (State::Issuing, None, 5_800));
    let decision = &refund.decision;
    assert_eq!((decision.outcome, decision.reasons[0].code.as_ref()), (Outcome::Approved, "person_decided"));
    assert!(decision.legs.iter().all(|leg| leg.payer == Payer::Platform));
    // Held as any other: the payment, the order, its freight and its line.
    let held = |which: fn(&Account) -> bool| decision.holds.iter().filter(|hold| which(&hold.account)).count();
    assert_eq!((held(Account::is_of_payment), held(Account::is_of_lines)), (2, 3));
    assert_ne!(refund.hold_as(), refund.id, "what was released under its name stays so");
    // It is on its way: nobody decides it again.
    assert_eq!(tell(&mut refund, "p2", NOW + 2, proposed("one", 1, 0)), Intake::Contradiction("nothing_for_people"));
}

#[test]
fn what_a_gateway_refused_goes_another_way() {
    let mut refund = declined();
    refund.state = State::Void;
    assert_eq!(tell(&mut refund.clone(), "p", NOW, proposed("one", 5_000, 0)), Intake::Changed(vec![]));
    let case = Case::read(UNSHIPPED, NOW).unwrap();
    let decision = decide::brought(&rules(), &case, NOW);
    let mut refund = Refund::new(refund_id("c", "k"), case, decision, NOW);
    refund.issuing.as_mut().unwrap().refused_at = Some(NOW);
    refund.state = State::Void;
    let refused = tell(&mut refund, "p", NOW, proposed("one", 5_000, 0));
    assert_eq!(refused, Intake::Contradiction("refused_by_the_gateway"));
    refund.state = State::Posted;
    assert_eq!(tell(&mut refund, "p", NOW, proposed("one", 5_000, 0)), Intake::Contradiction("nothing_for_people"));
}
