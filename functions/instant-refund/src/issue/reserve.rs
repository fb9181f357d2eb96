//! Reserving: every amount of a refund is held before money moves. All at once, where nobody competes; in order, where
//! somebody does.
//!
//! Refunds that compete for the last room of two accounts could each get one of the two, and both be refused. So there
//! is one order of accounts for all refunds, that of [`Account`]. Whoever is refused keeps what comes before the account
//! that refuses, gives back what comes behind it, and goes on from there in that order. **A refund is refused for good
//! only by an account that is full of refunds which hold all that they need, while it holds all that comes before.**
//!
//! Nobody waits for ever: whoever waits holds only what comes before the account that it waits for, so of all that wait,
//! the one that has come furthest waits for nobody who waits, but for somebody who is reserving, sending, or giving back
//! right now, or has died at it and is finished by the sweep.

use futures_util::future::{join, join_all};
use shared::platform::{Clock, Entropy, Outbound, Sql, StorageError};

use super::{Issuer, Notice};
use crate::decision::{Account, Hold};
use crate::gateway::Report;
use crate::refund::{Came, Issuing, PREPARING_MS, Phase, Refund, SKEW_MS, State, id_of_hold, pause_ms};
use crate::store::{Breaker, Held, Holding, Turn};

/// How often a refund that was refused tries again at once; then the sweep, or whoever asks again, goes on.
const TRIES: usize = 3;

/// While a dispute of its payment is open, which takes weeks, a refund looks again after so long, milliseconds.
const DISPUTED_MS: i64 = 3_600_000;

/// Why not everything is held.
enum Refused {
    /// The account is full for good; what is left on it.
    Full(Account, i64),
    /// The account is full of refunds that may yet give back.
    Contended,
    /// What it had reserved was released.
    Released,
}

impl<H: Clock + Entropy + Outbound + Sql> Issuer<'_, H> {
    /// Holds everything, and asks the breaker in the same round. `version` of the refund is what holds.
    ///
    /// # Errors
    /// What came of it if not everything is held: then nothing may be sent.
    pub(super) async fn reserve(&self, refund: &Refund, version: i64, now: i64) -> Result<(Breaker, Turn), Came> {
        let store = self.store();
        let apart = self.apart_ms(refund);
        let mut holds: Vec<&Hold> = refund.decision.holds.iter().collect();
        holds.sort_by(|a, b| a.account.cmp(&b.account));
        let name = refund.hold_as();
        let at_once = store.hold_all(&holds, &name, version, apart, now);
        let gateway = refund.case.order.payment.gateway.as_str();
        let (held, breaker) = join(at_once, store.breaker(gateway)).await;
        let mut holding = Holding::default();
        let refused = match held {
            Ok(found) => {
                holding = found;
                self.in_order(refund, version, &holds, &mut holding, now).await
            }
            Err(error) => Err(error),
        };
        let in_doubt = holding.in_doubt;
        let turn = holding.turn.unwrap_or(Turn { is_ours: true, last_other: None, before: 0 });
        let tries = refund.issuing.as_ref().map_or(0, |issuing| issuing.tries);
        let later = |trouble| Came::Later { trouble, at: now.saturating_add(pause_ms(tries)) };
        match refused {
            // Until its bank has decided, the buyer may be paid by it.
            Ok(None) if holding.disputed => {
                Err(Came::Later { trouble: "payment_disputed", at: now.saturating_add(DISPUTED_MS) })
            }
            Ok(None) if in_doubt => match self.ask_the_refused(refund, version, &holds).await {
                Ok(None) => Ok((breaker.unwrap_or_default(), turn)),
                // A gateway that does not say so at once may take a day.
                Ok(Some(trouble @ "asks_the_refused")) => {
                    Err(Came::Later { trouble, at: now.saturating_add(pause_ms(tries).saturating_mul(3)) })
                }
                Ok(Some(trouble)) => Err(later(trouble)),
                Err(error) => {
                    (self.tell)(Notice::Fault(&error));
                    Err(later("storage_unavailable"))
                }
            },
            Ok(None) => Ok((breaker.unwrap_or_default(), turn)),
            Ok(Some(Refused::Full(account, left))) => Err(Came::Full { account, left }),
            Ok(Some(Refused::Released)) => Err(Came::Released),
            Ok(Some(Refused::Contended)) => Err(later("contended")),
            Err(error) => {
                (self.tell)(Notice::Fault(&error));
                Err(later("storage_unavailable"))
            }
        }
    }

    /// Goes on in order from the first account that has refused; `None` if none has, or if all are held then. `holding` says
    /// what became of each of `holds`.
    async fn in_order(
        &self,
        refund: &Refund,
        version: i64,
        holds: &[&Hold],
        holding: &mut Holding,
        now: i64,
    ) -> Result<Option<Refused>, StorageError> {
        let held = std::mem::take(&mut holding.held);
        if held.contains(&Held::Released) {
            return Ok(Some(Refused::Released));
        }
        let Some(first) = held.iter().position(|held| *held != Held::Yes) else { return Ok(None) };
        let store = self.store();
        let behind = holds.iter().zip(&held).skip(first).filter(|(_, held)| **held == Held::Yes);
        let name = refund.hold_as();
        join_all(behind.map(|(hold, _)| store.give_back(hold, &name, version)))
            .await
            .into_iter()
            .collect::<Result<(), _>>()?;
        let mut refusing = first;
        if let (Some(hold), Some(Held::Otherwise)) = (holds.get(first), held.get(first)) {
            return Ok(Some(Refused::Full(hold.account.clone(), self.left(refund, hold).await?)));
        }
        for _ in 0..TRIES {
            let Some(hold) = holds.get(refusing) else { return Ok(None) };
            let left = self.left(refund, hold).await?;
            if left < hold.amount_fen {
                return Ok(Some(Refused::Full(hold.account.clone(), left)));
            }
            loop {
                let Some(hold) = holds.get(refusing) else { return Ok(None) };
                let one = store.hold_all(&[*hold], &name, version, self.apart_ms(refund), now).await?;
                holding.in_doubt |= one.in_doubt;
                holding.disputed |= one.disputed;
                holding.turn = one.turn.or(holding.turn);
                match one.held.first().copied().unwrap_or(Held::Full) {
                    Held::Yes => refusing = refusing.saturating_add(1),
                    Held::Full => break,
                    Held::Otherwise => {
                        let left = self.left(refund, hold).await?;
                        return Ok(Some(Refused::Full(hold.account.clone(), left)));
                    }
                    Held::Released => return Ok(Some(Refused::Released)),
                }
            }
        }
        Ok(Some(Refused::Contended))
    }

    /// How far apart two refunds of the payment are about to be sent: as its gateway wants it, and a send begins a little later.
    fn apart_ms(&self, refund: &Refund) -> i64 {
        let along = self.gateway(refund).filter(|_| refund.gateway_fen() > 0);
        let least = along.map_or(0, |gateway| gateway.semantics().min_interval_ms);
        if least > 0 { least.saturating_add(PREPARING_MS).saturating_add(SKEW_MS) } else { 0 }
    }

    /// Whether its gateway takes it now, by its own limits: so many refunds of a payment, each so long after the last. If not,
    /// what comes of it: it holds what it holds, and waits, or is refused as the gateway would.
    pub(super) async fn is_its_turn(&self, refund: &Refund, turn: Turn, now: i64) -> Result<(), Came> {
        let Some(gateway) = self.gateway(refund).filter(|_| refund.gateway_fen() > 0) else { return Ok(()) };
        let limits = gateway.semantics();
        let refused = |code: &str| Err(Came::Report(Report::Refused { code: code.to_owned() }));
        if now > refund.case.order.paid_at.saturating_add(limits.window_ms) {
            return refused("gateway_window_passed");
        }
        if turn.before >= i64::from(limits.max_refunds) {
            let tries = refund.issuing.as_ref().map_or(0, |issuing| issuing.tries);
            return match self.makes_room(refund).await {
                Ok(false) => refused("too_many_refunds"),
                Ok(true) => Err(Came::Later { trouble: "contended", at: now.saturating_add(pause_ms(tries)) }),
                Err(error) => {
                    (self.tell)(Notice::Fault(&error));
                    Err(Came::Later { trouble: "storage_unavailable", at: now.saturating_add(pause_ms(tries)) })
                }
            };
        }
        if turn.is_ours {
            return Ok(());
        }
        let at = turn.last_other.unwrap_or(now).saturating_add(self.apart_ms(refund)).max(now.saturating_add(1_000));
        Err(Came::Later { trouble: "gateway_interval", at })
    }

    /// Whether somebody who holds room of its payment may yet give it back.
    async fn makes_room(&self, refund: &Refund) -> Result<bool, StorageError> {
        let payment = refund.decision.holds.iter().find(|hold| matches!(hold.account, Account::Payment { .. }));
        let Some(payment) = payment else { return Ok(false) };
        let store = self.store();
        let others = store.others(payment, &refund.hold_as()).await?;
        for (name, ..) in &others.latest {
            let stored = store.load(id_of_hold(name)).await?;
            if stored.is_some_and(|stored| may_give_back(&stored.refund, &payment.account)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What those who hold all that they need leave on an account.
    async fn left(&self, refund: &Refund, hold: &Hold) -> Result<i64, StorageError> {
        let store = self.store();
        let others = store.others(hold, &refund.hold_as()).await?;
        let loaded = join_all(others.latest.iter().map(|(name, ..)| store.load(id_of_hold(name)))).await;
        let (mut sum_fen, mut of_other_limit) = (others.sum_fen, others.of_other_limit);
        for ((_, amount_fen, other_limit), loaded) in others.latest.iter().zip(loaded) {
            let may_give_back = match loaded {
                Ok(Some(stored)) => may_give_back(&stored.refund, &hold.account),
                // What a newer build wrote, or nobody knows, is not going to make room.
                Ok(None) => false,
                Err(error) if error.is_newer() => false,
                Err(error) => return Err(error),
            };
            if may_give_back {
                sum_fen = sum_fen.saturating_sub(*amount_fen);
                of_other_limit = of_other_limit.saturating_sub(i64::from(*other_limit));
            }
        }
        // Under two limits that cannot both be true, nothing is.
        let disputed = hold.pinned && of_other_limit > 0;
        Ok(if disputed { 0 } else { hold.limit_fen.saturating_sub(sum_fen).max(0) })
    }
}

/// Whether a refund that holds an amount on an account may give it back, or is about to release it, without anything
/// being told of it. What a void refund does not release it keeps for good: a claim that its insurer has paid.
fn may_give_back(refund: &Refund, account: &Account) -> bool {
    let reserving = || {
        // What nobody can go on with keeps what it holds: it is for people.
        let given_up = |issuing: &Issuing| issuing.trouble.as_deref() == Some("key_too_old");
        let not_yet = |issuing: &Issuing| !issuing.reserved && issuing.phase != Phase::Accepted && !given_up(issuing);
        refund.state == State::Issuing && refund.issuing.as_ref().is_some_and(not_yet)
    };
    refund.releasing.iter().any(|hold| hold.account == *account) || reserving()
}

#[cfg(test)]
#[path = "reserve/tests.rs"]
mod tests;
