//! What was told of a payment was wrong, and an operator says what is right.
//!
//! What was paid is a limit of accounts that all refunds of the order share, and two limits of one account cannot both be
//! true: whoever came with the right one was refused because of the one before. So a correction is of the accounts, not of
//! one refund: once it is told, of any refund of the order, the right ones find room.

use crate::case::{Case, MAX_AMOUNT_FEN};
use crate::decide;
use crate::decision::{Account, Hold};
use crate::policy::Rules;
use crate::refund::{Refund, State};
use crate::refund_event::CorrectedLine;

impl Refund {
    /// Takes the right amounts in place of what was told.
    ///
    /// # Errors
    /// While it is on its way, for what its gateway was told must not change then; if the amounts do not add up; and if more
    /// than that was refunded.
    pub(crate) fn correct(
        &mut self,
        paid_fen: i64,
        outbound_freight_fen: Option<i64>,
        lines: &[CorrectedLine],
        rules: &Rules<'_>,
        now: i64,
    ) -> Result<(), &'static str> {
        if self.state == State::Issuing {
            return Err("being_paid");
        }
        let mut case = self.case.clone();
        let within = |fen: i64| (0..=MAX_AMOUNT_FEN).contains(&fen);
        if !within(paid_fen) || !within(outbound_freight_fen.unwrap_or(0)) || lines.iter().any(|l| !within(l.paid_fen))
        {
            return Err("does_not_add_up");
        }
        case.order.payment.paid_fen = paid_fen;
        case.order.outbound_freight_fen = outbound_freight_fen.unwrap_or(case.order.outbound_freight_fen);
        for line in lines {
            let known =
                case.order.lines.iter_mut().find(|known| known.line_id == line.line_id).ok_or("unknown_line")?;
            known.paid_fen = line.paid_fen;
        }
        case.check(now).map_err(|_| "does_not_add_up")?;
        if self.state == State::Posted && self.given_back_fen() > paid_fen {
            return Err("more_was_refunded");
        }
        self.case = case;
        // What was decided stays as it was decided: it is the accounts that change.
        let held = self.decision.holds.iter().chain(&self.kept).chain(&self.settled);
        let right = |hold: &Hold| right_limit(&self.case, hold).map(|limit_fen| Hold { limit_fen, ..hold.clone() });
        self.correcting = held.filter_map(right).collect();
        if self.state == State::Waiting {
            self.decide_again(decide::by(rules, &self.case, now), now);
        }
        Ok(())
    }
}

impl Refund {
    /// Holds what it is to hold anew under the limits that are known by now.
    pub(super) fn limit_rightly(&mut self) {
        for hold in &mut self.decision.holds {
            hold.limit_fen = right_limit(&self.case, hold).unwrap_or(hold.limit_fen);
        }
    }
}

/// What may be held on an account by what was paid, if that bounds it.
fn right_limit(case: &Case, hold: &Hold) -> Option<i64> {
    let order = &case.order;
    match &hold.account {
        Account::Payment { .. } | Account::Order { .. } => Some(order.payment.paid_fen),
        Account::Freight { .. } => Some(order.outbound_freight_fen),
        Account::Line { line, .. } => {
            order.lines.iter().find(|known| known.line_id == *line).map(|known| known.paid_fen)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::follow_up::Intake;
    use crate::gateway::Settled;
    use crate::refund::{Step, refund_id};
    use crate::refund_event::{EventKind, RefundEvent};

    const NOW: i64 = 1_790_000_000_000;
    const UNSHIPPED: &[u8] = include_bytes!("../../../../tests/vectors/instant-refund/cases/unshipped.json");

    /// 10,000 for the goods and 800 for their delivery; both go back.
    fn posted() -> Refund {
        let case = Case::read(UNSHIPPED, NOW).unwrap();
        let decision = decide::by(&Rules::bundled(), &case, NOW);
        let mut refund = Refund::new(refund_id("c", "k"), case, decision, NOW);
        assert_eq!(refund.state, State::Issuing);
        assert_eq!(tell(&mut refund, 20_000, None, &[]), Intake::Contradiction("being_paid"));
        refund.post(Settled { refund_no: "1".into(), at: Some(NOW) }, NOW);
        refund
    }

    fn tell(refund: &mut Refund, paid_fen: i64, freight: Option<i64>, lines: &[(&str, i64)]) -> Intake {
        let lines = lines.iter().map(|(id, fen)| CorrectedLine { line_id: (*id).into(), paid_fen: *fen }).collect();
        let kind = EventKind::PaymentCorrected { paid_fen, outbound_freight_fen: freight, lines };
        refund.tell(&RefundEvent { event_id: format!("e{paid_fen}"), at: NOW, kind }, &Rules::bundled(), NOW)
    }

    #[test]
    fn the_accounts_are_put_right() {
        let mut refund = posted();
        let line = refund.case.order.lines.first().unwrap().line_id.clone();
        assert_eq!(tell(&mut refund, 12_000, None, &[]), Intake::Contradiction("does_not_add_up"));
        assert_eq!(tell(&mut refund, -1, None, &[]), Intake::Contradiction("does_not_add_up"));
        assert_eq!(tell(&mut refund, 12_001, None, &[("none", 1)]), Intake::Contradiction("unknown_line"));
        assert_eq!(tell(&mut refund, 13_000, Some(1_000), &[(&line, 12_000)]), Intake::Changed(vec![]));
        let mut limits: Vec<(String, i64)> =
            refund.correcting.iter().map(|hold| (hold.account.name(), hold.limit_fen)).collect();
        limits.sort();
        let ends: Vec<i64> = limits.iter().map(|(_, fen)| *fen).collect();
        assert_eq!(ends, [1_000, 12_000, 13_000, 13_000], "{limits:?}");
        assert_eq!(refund.next_due(), Some(0));
        assert_eq!(refund.next(false, &Rules::bundled(), NOW), Step::PutRight);
        let Step::Leave { refund, .. } = refund.put_right(false) else { return assert_eq!(1, 2, "it is left") };
        assert!(refund.correcting.is_empty());
    }
}
