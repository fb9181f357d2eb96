#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
use super::*;
use crate::case::Case;
use crate::decide::decide;
use crate::follow_up::Intake;
use crate::gateway::Settled;
use crate::policy::Rules;
use crate::postings::Line;
use crate::refund::{Phase, Step, refund_id};
use crate::refund_event::{EventKind, RefundEvent};

const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;

const SEMANTICS: Semantics = Semantics::EASY;

fn rules() -> Rules<'static> {
    Rules::bundled()
}

fn paid(refund_no: &str) -> Report {
    Report::Succeeded(Settled { refund_no: refund_no.into(), at: Some(NOW) })
}

fn failed() -> Report {
    Report::Refused { code: "failed".into() }
}

/// A posted one, its lines so far, and what is still open of each account of the ledger.
struct Booked {
    refund: Refund,
    lines: Vec<Line>,
}

impl Booked {
    fn posted(case: &[u8]) -> Booked {
        let case = Case::read(case, NOW).unwrap();
        let decision = decide(&case, &rules().at(case.order.paid_at), NOW);
        let mut booked = Booked { refund: Refund::new(refund_id("c", "k"), case, decision, NOW), lines: Vec::new() };
        booked.refund.issuing.as_mut().unwrap().reserved = true;
        booked.told(paid("1"), NOW);
        assert_eq!(booked.refund.state, State::Posted);
        booked
    }

    fn told(&mut self, report: Report, now: i64) -> Effect {
        let effect = self.refund.report(report, &SEMANTICS, &rules(), now);
        self.lines.extend(effect.postings.clone());
        effect
    }

    /// What an account is owed in the end, fen.
    fn balance(&self, account: &str) -> i64 {
        let of = self.lines.iter().filter(|line| line.account == account);
        of.map(|line| line.credit_fen - line.debit_fen).sum()
    }

    fn balances(&self) {
        let sum: i64 = self.lines.iter().map(|line| line.debit_fen - line.credit_fen).sum();
        assert_eq!(sum, 0);
    }

    /// The gateway is asked because somebody said so, and denies it.
    fn reversed(&mut self, now: i64) -> Effect {
        self.refund.contest(&failed(), now);
        self.told(failed(), now)
    }
}

const UNSHIPPED: &[u8] = include_bytes!("../../../../../tests/vectors/instant-refund/cases/unshipped.json");

#[test]
fn news_of_a_failure_is_asked_about_and_an_answer_counts() {
    let mut booked = Booked::posted(UNSHIPPED);
    let heard = booked.refund.contest(&failed(), NOW + 1);
    assert_eq!(
        (heard.alarm, heard.due_at, booked.refund.state),
        (Some("refused_after_payment"), Some(NOW + 1), State::Posted)
    );
    assert!(booked.refund.releasing.is_empty(), "nothing is released on hearsay");
    assert_eq!(booked.refund.next(false, &rules(), NOW + 1), Step::Ask);
    // The gateway does not say: asked again, ever more seldom, and somebody is told.
    let mut now = NOW + 1;
    let mut alarms = 0;
    for _ in 0..MANY_TRIES + 2 {
        let effect = booked.told(Report::Unknown { code: "timeout".into() }, now);
        alarms += i32::from(effect.alarm == Some("still_contested"));
        now = booked.refund.contested().unwrap().ask_at;
        assert_eq!(booked.refund.next_due(), Some(now));
    }
    assert!(alarms == 1 && now > NOW + DAY);
    // It has paid, whatever was said.
    let effect = booked.told(paid("1"), now);
    assert!(!effect.unchanged && booked.refund.contested().is_none() && booked.refund.state == State::Posted);
    // What it denies is booked back, and released.
    let effect = booked.reversed(now);
    assert_eq!((effect.alarm, booked.refund.state), (Some("reversed_after_success"), State::Reversed));
    assert_eq!(booked.refund.releasing, booked.refund.decision.holds);
    assert_eq!((booked.balance("gateway:wechat"), booked.balance("merchant:m-1")), (0, 0));
    booked.balances();
    assert!(booked.refund.is_in_doubt() && booked.refund.paid_legs().is_empty());
    // A query that sees nothing is no denial.
    let mut unseen = Booked::posted(UNSHIPPED);
    unseen.refund.contest(&Report::NotFound, NOW);
    unseen.told(Report::NotFound, NOW);
    assert_eq!(
        (unseen.refund.state, unseen.refund.contested().unwrap().code.as_str()),
        (State::Posted, "paid_then_not_found")
    );
}

#[test]
fn what_was_taken_back_can_be_paid_after_all_or_another_way() {
    let mut booked = Booked::posted(UNSHIPPED);
    booked.reversed(NOW);
    booked.refund.releasing.clear();
    // News of a payment may be old: it is asked about as well.
    assert_eq!(booked.refund.contest(&paid("1"), NOW).due_at, Some(NOW));
    let still = booked.told(failed(), NOW);
    assert!(booked.refund.state == State::Reversed && booked.refund.contested().is_none() && still.postings.is_empty());
    booked.refund.contest(&paid("1"), NOW);
    let effect = booked.told(paid("1"), NOW);
    assert_eq!((effect.alarm, booked.refund.state), (Some("paid_after_refusal"), State::Posted));
    assert_eq!(booked.refund.reinstating, booked.refund.decision.holds);
    assert_eq!(booked.balance("gateway:wechat"), 10_800);
    assert!(booked.lines.iter().any(|line| line.entry == "payment:2"));
    booked.refund.reinstating.clear();
    assert_eq!(booked.refund.pay_another_way(NOW), Err("not_refused_by_the_gateway"));
    booked.reversed(NOW);
    booked.refund.releasing.clear();
    // Another way: the gateway is asked first, and comes first if it has paid.
    let name = booked.refund.hold_as();
    booked.refund.pay_another_way(NOW).unwrap();
    assert_eq!((booked.refund.state, booked.refund.next(true, &rules(), NOW)), (State::Issuing, Step::Ask));
    let mut after_all = booked.refund.clone();
    after_all.report(paid("1"), &SEMANTICS, &rules(), NOW);
    assert_eq!((after_all.state, after_all.gateway_fen()), (State::Posted, 10_800));
    let effect = booked.told(failed(), NOW);
    assert_eq!((effect.due_at, booked.refund.gateway_fen(), booked.refund.given_back_fen()), (Some(NOW), 0, 10_800));
    assert_ne!(booked.refund.hold_as(), name, "what was released under a name stays released");
    assert_eq!(booked.refund.issuing.as_ref().unwrap().phase, Phase::Ready);
    booked.told(paid(""), NOW);
    assert_eq!((booked.refund.state, booked.balance("buyer-credit")), (State::Posted, 10_800));
    assert_eq!(booked.balance("gateway:wechat"), 0);
    booked.balances();
    // The gateway's money as well is one payment too many.
    assert_eq!(booked.told(paid("1"), NOW).alarm, Some("second_payment"));
    assert!(booked.refund.contest(&failed(), NOW).unchanged, "it goes along no payment any more");
    // Seen once, however often it is told; people find it, and the buyer owes it.
    assert!(booked.told(paid("1"), NOW).postings.is_empty());
    assert_eq!((booked.refund.overpaid_fen(), booked.balance("buyer:receivable")), (10_800, -10_800));
    let repaid = |id: &str, amount_fen| RefundEvent {
        event_id: id.into(),
        at: NOW,
        kind: EventKind::BuyerRepaid { amount_fen },
    };
    let Intake::Changed(lines) = booked.refund.tell(&repaid("e-1", 10_800), &rules(), NOW) else { panic!("owed") };
    booked.lines.extend(lines);
    assert_eq!(booked.balance("buyer:receivable"), 0);
    // What nobody claims back may come all the same: it is whose it was.
    let Intake::Changed(lines) = booked.refund.tell(&repaid("e-2", 800), &rules(), NOW) else { panic!("free") };
    booked.lines.extend(lines);
    assert_eq!(booked.balance("merchant:merchant-1"), -10_000);
    assert_eq!(booked.refund.tell(&repaid("e-3", 10_001), &rules(), NOW), Intake::Contradiction("more_than_was_paid"));
    booked.balances();
}

#[test]
fn an_absence_that_proves_nothing_is_waited_for() {
    let semantics = Semantics { absence_is_proof: false, ..SEMANTICS };
    let mut booked = Booked::posted(UNSHIPPED);
    booked.reversed(NOW);
    booked.refund.releasing.clear();
    booked.refund.pay_another_way(NOW).unwrap();
    let effect = booked.refund.report(Report::NotFound, &semantics, &rules(), NOW + 1);
    assert_eq!((effect.due_at, booked.refund.gateway_fen()), (Some(NOW + DOUBT_MS), 10_800));
    booked.refund.report(Report::NotFound, &semantics, &rules(), NOW + DOUBT_MS);
    assert_eq!(booked.refund.gateway_fen(), 0);
}
