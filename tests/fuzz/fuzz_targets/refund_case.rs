//! A refund from its case on: reading never panics, every case that is accepted is decided at every instant, no decision
//! promises more than was paid, and what is written to the store reads back the same.
//!
//! An input is a case and what happens to the refund then, apart by RS (RFC 7464): an event (`{…}`), an instant that the
//! clock moves to, or what the gateway says (a letter, see `report`).
#![no_main]

use std::collections::BTreeMap;

use instant_refund::case::Case;
use instant_refund::decide::{advance, decide};
use instant_refund::decision::{Account, Decision, Outcome, Route};
use instant_refund::gateway::{Report, Semantics, Settled};
use instant_refund::refund_event::RefundEvent;
use instant_refund::policy::Rules;
use instant_refund::refund::{Effect, Refund, State, refund_id};
use libfuzzer_sys::fuzz_target;

const NOW: i64 = 1_790_000_000_000;
const DAY_MS: i64 = 86_400_000;
const MAX_STEPS: usize = 24;

/// As Stripe has them: keys that are forgotten and changed are the harder case.
static SEMANTICS: Semantics = Semantics {
    key_lifetime_ms: Some(DAY_MS),
    new_key_after_refusal: true,
    absence_is_proof: true,
    settle_ms: 10_000,
    min_interval_ms: 0,
    max_refunds: u32::MAX,
    window_ms: 365 * DAY_MS,
};

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.split(|byte| *byte == 0x1e);
    let Ok(case) = Case::read(parts.next().unwrap_or_default(), NOW) else { return };
    let written = serde_json::to_vec(&case).expect("a case can be written");
    assert_eq!(Case::read(&written, NOW).ok().as_ref(), Some(&case), "what was accepted is accepted again");

    let policy = Rules::bundled().at(case.order.paid_at);
    let (paid_at, asked_at) = (case.order.paid_at, case.request.requested_at);
    let mut instants = vec![i64::MIN, paid_at, asked_at, NOW, NOW + 8 * DAY_MS, NOW + 400 * DAY_MS, i64::MAX];
    if let Some(waiting) = decide(&case, &policy, NOW).waiting {
        instants.extend([waiting.until - 1, waiting.until]);
    }
    for now in instants {
        let decision = decide(&case, &policy, now);
        assert_eq!(decide(&case, &policy, now), decision, "decided twice, decided alike");
        sound(&decision, &case);
        sound(&advance(&decision, &case, &policy, now), &case);
    }

    let decision = decide(&case, &policy, NOW);
    let mut life = Life { refund: Refund::new(refund_id("fuzz", "k"), case, decision, NOW), now: NOW, payments: 0 };
    life.look();
    for part in parts.take(MAX_STEPS) {
        life.step(part);
        life.look();
    }
});

/// What holds of every decision.
fn sound(decision: &Decision, case: &Case) {
    let sum: i64 = decision.legs.iter().map(|leg| leg.amount_fen).sum();
    assert_eq!(decision.total_fen, sum, "the legs sum to the total");
    assert!(decision.legs.iter().all(|leg| leg.amount_fen > 0));
    assert!(gateway_fen(decision) <= case.order.payment.paid_fen, "more goes back than was paid");
    assert!(!decision.reasons.is_empty());
    assert_eq!(decision.waiting.is_some(), decision.outcome == Outcome::Waiting);
    match decision.outcome {
        Outcome::Approved => assert!(!decision.legs.is_empty()),
        Outcome::Waiting => assert!(decision.holds.is_empty()),
        Outcome::Declined => assert!(decision.legs.is_empty() && decision.holds.is_empty()),
    }
    if decision.outcome == Outcome::Approved && gateway_fen(decision) > 0 {
        let held = decision.holds.iter().find(|hold| matches!(hold.account, Account::Payment { .. }));
        assert_eq!(held.map(|hold| hold.amount_fen), Some(gateway_fen(decision)), "what goes back is held");
    }
    let written = serde_json::to_vec(decision).expect("a decision can be written");
    assert_eq!(serde_json::from_slice::<Decision>(&written).expect("and read again"), *decision);
}

fn gateway_fen(decision: &Decision) -> i64 {
    decision.legs.iter().filter(|leg| leg.route == Route::Gateway).map(|leg| leg.amount_fen).sum()
}

/// A refund as it is told of and reported on.
struct Life {
    refund: Refund,
    now: i64,
    /// How often the payment was booked.
    payments: usize,
}

impl Life {
    fn step(&mut self, part: &[u8]) {
        let before = self.refund.state;
        if part.first() == Some(&b'{') {
            let Ok(event) = RefundEvent::parse(part, self.now) else { return };
            self.tell(&event);
        } else if let Some(at) = str::from_utf8(part).ok().and_then(|text| text.parse::<i64>().ok()) {
            self.wait(at);
        } else if let Some(report) = report(part) {
            let effect = self.refund.report(report, &SEMANTICS, &Rules::bundled(), self.now);
            self.book(&effect);
        }
        let moved = matches!(self.refund.state, State::Posted | State::Reversed | State::Issuing);
        assert!(before != State::Posted || moved, "money that has moved has moved");
    }

    /// A contradiction is not saved, so what it had begun does not count.
    fn tell(&mut self, event: &RefundEvent) {
        let mut next = self.refund.clone();
        next.tell(event, &Rules::bundled(), self.now);
        if next.told.len() > self.refund.told.len() {
            let mut again = next.clone();
            again.tell(event, &Rules::bundled(), self.now);
            assert_eq!(again, next, "told twice is told once");
            self.refund = next;
        }
    }

    fn wait(&mut self, at: i64) {
        self.now = self.now.max(at.min(NOW + 4000 * DAY_MS));
        let refund = &mut self.refund;
        if refund.state == State::Waiting && refund.next_due().is_some_and(|due| due <= self.now) {
            let decision = decide(&refund.case, &Rules::bundled().at(refund.case.order.paid_at), self.now);
            refund.decide_again(decision, self.now);
        }
        if refund.return_due().is_some_and(|due| due <= self.now) && refund.state == State::Posted {
            refund.aftermath.clawed_back_at = Some(self.now);
        }
    }

    fn book(&mut self, effect: &Effect) {
        let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for line in &effect.postings {
            let sum = sums.entry(&line.entry).or_default();
            sum.0 += line.debit_fen;
            sum.1 += line.credit_fen;
        }
        assert!(sums.values().all(|(debit, credit)| debit == credit), "every entry balances");
        self.payments += usize::from(sums.keys().any(|entry| entry.starts_with("payment")));
        self.payments -= usize::from(sums.keys().any(|entry| entry.starts_with("reversal")));
        assert!(self.payments <= 1, "booked once");
        let booked = matches!(self.refund.state, State::Posted | State::Reversed);
        assert!(effect.postings.is_empty() || booked, "booked when the money has moved");
    }

    fn look(&self) {
        let refund = &self.refund;
        let sum: i64 = refund.decision.legs.iter().map(|leg| leg.amount_fen).sum();
        assert_eq!(refund.decision.total_fen, sum);
        assert!(refund.gateway_fen() <= refund.case.order.payment.paid_fen);
        assert!(refund.aftermath.recovered_fen <= refund.advanced_fen());
        assert!(refund.aftermath.repaid_fen <= refund.given_back_fen());
        let written = serde_json::to_vec(refund).expect("a refund can be written");
        assert_eq!(serde_json::from_slice::<Refund>(&written).expect("and read again"), *refund);
    }
}

fn report(letters: &[u8]) -> Option<Report> {
    let code = || "FUZZ".to_owned();
    Some(match letters {
        b"s" => Report::Succeeded(Settled { refund_no: "re_1".to_owned(), at: None }),
        b"S" => Report::Succeeded(Settled { refund_no: "re_2".to_owned(), at: Some(NOW) }),
        b"p" => Report::Processing { refund_no: Some("re_1".to_owned()) },
        b"r" => Report::Refused { code: code() },
        b"i" => Report::InsufficientFunds { code: code() },
        b"l" => Report::NotAccepted { code: code(), retry_after_ms: Some(i64::MAX) },
        b"n" => Report::NotFound,
        b"u" => Report::Unknown { code: code() },
        _ => return None,
    })
}
