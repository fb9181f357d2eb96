//! What must hold at every instant: looked at whenever a refund is saved and whenever money moves.

use std::collections::BTreeMap;

use instant_refund::decision::LegKind;
use instant_refund::refund::{Refund, State, id_of_key};

use crate::bank::{Bank, Move};
use crate::tally;
use crate::wire::Ask;
use crate::world::Violation;

/// Whatever is sent so long after something was taken in was reserved after it, milliseconds.
const TAKEN_IN_MS: i64 = 60_000;

/// The eyes.
#[derive(Default)]
pub struct Watch {
    /// Each refund, as last saved.
    pub refunds: BTreeMap<String, Refund>,
    /// What no log line may hold.
    pub secrets: Vec<String>,
    /// Of each payment, which refund was last sent, and when.
    pub sent: BTreeMap<String, (String, i64)>,
    /// What was refunded at a console and taken in, by key: payment, fen, when it was taken in.
    pub counted: BTreeMap<String, (String, i64, i64)>,
}

fn broken(invariant: &'static str, detail: String) -> Result<(), Violation> {
    Err(Violation { invariant, detail })
}

impl Watch {
    /// A secret in a line.
    pub fn leaks(&self, line: &str) -> Option<&str> {
        self.secrets.iter().find(|secret| line.contains(secret.as_str())).map(String::as_str)
    }

    /// A request goes to a gateway: not sooner after one for another refund of the payment than it takes them.
    pub fn sent(&mut self, ask: &Ask, min_interval_ms: i64, now: i64) -> Option<Violation> {
        if ask.what != "refund" {
            return None;
        }
        let id = id_of_key(&ask.key).map_or(ask.key.as_str(), |(id, _)| id).to_owned();
        let last = self.sent.insert(ask.payment.clone(), (id.clone(), now));
        let too_soon = |(other, at): &(String, i64)| *other != id && now < at + min_interval_ms;
        let detail = |last| format!("{}: {id} at {now}, {last:?}", ask.payment);
        last.filter(too_soon).map(|last| Violation { invariant: "keeps_the_gateways_pace", detail: detail(last) })
    }

    /// A request goes to a gateway: for no more than what others leave of the payment, outside of us too.
    pub fn asked(&self, ask: &Ask, bank: &Bank, now: i64) -> Option<Violation> {
        let payment = bank.payments.get(&ask.payment).filter(|payment| !payment.contradicted)?;
        let known = self.counted.values().filter(|(of, _, at)| *of == ask.payment && now > at + TAKEN_IN_MS);
        let outside: i64 = known.map(|(_, fen, _)| fen).sum();
        if ask.what != "refund" || outside == 0 {
            return None;
        }
        let id = id_of_key(&ask.key).map_or("", |(id, _)| id);
        let others = self.refunds.values().filter(|other| other.id != id && other.state == State::Posted);
        let of_it = others.filter(|other| other.case.order.payment.transaction_id == ask.payment);
        let sum = of_it.map(Refund::given_back_fen).sum::<i64>() + outside + ask.amount_fen;
        let detail = format!("{}: {sum} of {} for {id}", ask.payment, payment.paid_fen);
        (sum > payment.paid_fen).then_some(Violation { invariant: "asks_for_what_is_left", detail })
    }

    /// A refund was saved.
    pub fn saved(&mut self, id: &str, document: &str, has_due: bool, bank: &Bank) -> Result<(), Violation> {
        let Ok(next) = serde_json::from_str::<Refund>(document) else {
            return broken("readable", format!("{id}: {document}"));
        };
        tally::count("state", next.state.name());
        if let Some(trouble) = next.issuing.as_ref().and_then(|issuing| issuing.trouble.as_ref()) {
            tally::count("trouble", trouble);
        }
        if next.issuing.as_ref().is_some_and(|issuing| issuing.attempt > 1) {
            tally::count("state", "second_key");
        }
        let last = self.refunds.insert(id.to_owned(), next.clone());
        if next.state == State::Issuing && !has_due {
            return broken("issuing_is_looked_after", format!("{id} is issuing and never due"));
        }
        if next.state == State::Waiting && !has_due {
            return broken("waiting_is_looked_after", format!("{id} waits and is never due"));
        }
        let tidy = !next.is_untidy();
        if !tidy && !has_due {
            return broken("holds_are_looked_after", format!("{id} has holds to put right and is never due"));
        }
        let Some(last) = last else { return Ok(()) };
        use State::{Declined, Issuing, Posted, Reversed, Void, Waiting};
        // No quota was left: the case goes the ordinary way, if nothing was sent.
        let untrusted =
            last.state == Issuing && next.case.buyer.quota_fen == 0 && next.kept.len() + next.releasing.len() > 0;
        let of = |moved: &&Move| id_of_key(&moved.key).is_some_and(|(of, _)| of == id);
        let came_back = bank.moves.iter().filter(of).any(|moved| moved.taken_back);
        let told_more = next.told.len() > last.told.len();
        let unpaid = !bank.moves.iter().filter(of).any(|moved| !moved.taken_back);
        let once_paid = bank.moves.iter().any(|moved| of(&moved));
        if matches!(next.state, Waiting | Declined) && untrusted && unpaid {
            return Ok(());
        }
        let lawful = match (last.state, next.state) {
            (Waiting, Waiting | Declined | Issuing) => true,
            // What had happened in time was told late.
            (Declined, Waiting | Issuing) => told_more,
            (Issuing, Issuing | Posted | Void) => true,
            (Issuing, Reversed) => next.reversals > 0 && last.reversals == next.reversals,
            (Void | Reversed, Posted) => once_paid,
            // What was paid came back.
            (Posted, Reversed) => came_back,
            // An operator has it paid another way.
            (Void | Reversed, Issuing) => told_more,
            (Reversed, Reversed) | (Posted, Posted) | (Declined, Declined) | (Void, Void) => true,
            _ => false,
        };
        if !lawful {
            return broken("lawful_transition", format!("{id}: {:?} to {:?}", last.state, next.state));
        }
        let told = |event: &instant_refund::refund::TakenEvent| next.told.iter().any(|other| other == event);
        if !last.told.iter().all(told) {
            return broken("event_kept", format!("{id} has forgotten an event"));
        }
        // Freight that went back already is left out before anything is sent.
        let freight = |refund: &Refund| refund.decision.sum_fen(|leg| leg.kind == LegKind::OutboundFreight);
        let without_freight = last.state == Issuing
            && freight(&next) == 0
            && next.given_back_fen() == last.given_back_fen() - freight(&last)
            && unpaid;
        if !matches!(last.state, Waiting | Declined)
            && last.given_back_fen() != next.given_back_fen()
            && !without_freight
        {
            return broken("amount_stands", format!("{id}: {} to {}", last.given_back_fen(), next.given_back_fen()));
        }
        if last.issuing.as_ref().map(|i| i.attempt) > next.issuing.as_ref().map(|i| i.attempt) {
            return broken("lawful_transition", format!("{id} goes back to an older key"));
        }
        let arrived = |refund: &Refund| {
            let parcels = refund.case.return_.iter().flat_map(|back| &back.parcels);
            let mut live = parcels.filter(|parcel| parcel.cancelled_at.is_none()).peekable();
            live.peek().is_some() && live.all(|parcel| parcel.received_at.is_some())
        };
        let clawed = |refund: &Refund| refund.aftermath.clawed_back_at.is_some();
        if clawed(&next) && !clawed(&last) && arrived(&last) {
            return broken("claws_back_only_what_is_out", format!("{id}: all of it has come back"));
        }
        Ok(())
    }

    /// Money moved.
    pub fn moved(&self, moved: &Move, bank: &Bank) -> Result<(), Violation> {
        let live = || bank.moves.iter().filter(|other| !other.taken_back);
        let of_payment = live().filter(|other| other.payment == moved.payment);
        let sum: i64 = of_payment.map(|other| other.amount_fen).sum();
        if let Some((id, _)) = id_of_key(&moved.key) {
            let same = live().filter(|other| id_of_key(&other.key).is_some_and(|(of, _)| of == id));
            if same.count() > 1 {
                return broken("one_payment", format!("{id} was paid again: {moved:?}"));
            }
            let Some(refund) = self.refunds.get(id) else {
                return broken("paid_with_intent", format!("no intent for {moved:?}"));
            };
            if refund.given_back_fen() != moved.amount_fen {
                return broken("right_amount", format!("{} decided, {moved:?}", refund.given_back_fen()));
            }
            match refund.state {
                State::Issuing => {}
                State::Void if moved.against_its_word => {}
                state => return broken("paid_with_intent", format!("{state:?} and {moved:?}")),
            }
        }
        match bank.payments.get(&moved.payment) {
            Some(payment) if sum > payment.paid_fen => {
                broken("never_over_refunded", format!("{sum} of {} after {moved:?}", payment.paid_fen))
            }
            _ => Ok(()),
        }
    }
}
