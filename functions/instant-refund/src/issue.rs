//! Issuing: takes a refund as far as it will go now. Reserve, send, take in what the gateway says, book; or ask first,
//! if it may have been sent. The way to call it is to hold the refund: be its `holder` until `held_until`.
//!
//! From the intent to the gateway it is one round of storage (all holds and the breaker at once), and one after it, where
//! nothing goes wrong and nobody competes.

mod doubt;
mod reserve;
mod send;

use futures_util::future::{join, join_all};
use shared::hex::hex;
use shared::platform::{Clock, Entropy, Outbound, Sql, StorageError};

use crate::config::Config;
use crate::gateway::{Gateway, Report, Semantics};
use crate::policy::Rules;
use crate::refund::{Came, Effect, Refund, State, Step};
use crate::store::{Store, Stored, Watch};

/// How long a refund is held by whoever takes it, in milliseconds. A send begins within [`crate::refund::PREPARING_MS`] of the save that
/// takes this lease and ends within the gateway's timeout (10 s, `gateway/wire.rs`), so it is over long before another
/// worker may take the refund. Storage calls have no such limit: what they write is a compare-and-set or can be repeated.
pub const LEASE_MS: i64 = 60_000;
/// The most steps in one go; a refund that wants more is looked after again.
const MAX_STEPS: usize = 8;

/// Of a refund whose legs all go other ways.
const NO_GATEWAY: Semantics = Semantics {
    key_lifetime_ms: None,
    new_key_after_refusal: false,
    absence_is_proof: true,
    settle_ms: 0,
    min_interval_ms: 0,
    max_refunds: u32::MAX,
    window_ms: i64::MAX,
};

/// Issuing, for one refund.
pub struct Issuer<'a, H> {
    /// The host.
    pub host: &'a H,
    /// The deployment.
    pub config: &'a Config,
    /// The rules of the pack that decided the refund: it is decided again by no other.
    pub rules: Rules<'a>,
    /// Where to report what happened.
    pub tell: &'a dyn Fn(Notice<'_>),
}

/// What is worth an event line.
pub enum Notice<'a> {
    /// A refund has changed.
    Changed(&'a Refund),
    /// A gateway contradicts itself, or us.
    Alarm(&'a Refund, &'a str),
    /// A store failed.
    Fault(&'a StorageError),
}

/// A fresh name for a holder.
pub fn holder(host: &impl Entropy) -> String {
    let mut bytes = [0u8; 16];
    host.fill(&mut bytes);
    hex(&bytes)
}

impl<H: Clock + Entropy + Outbound + Sql> Issuer<'_, H> {
    fn store(&self) -> Store<'_, H> {
        Store { host: self.host }
    }

    /// Takes an idle refund, and then as far as it will go. One that somebody else holds is left alone.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn resume(&self, mut stored: Stored) -> Result<Stored, StorageError> {
        let now = self.host.now_ms();
        if stored.held_until > now {
            return Ok(stored);
        }
        let me = holder(self.host);
        let until = now.saturating_add(LEASE_MS);
        let next = stored.refund.clone();
        // Due again when the lease ends: if this instance dies, the sweep goes on.
        let watch = Watch { due_at: Some(until), holder: &me, held_until: until };
        if !self.store().save(&mut stored, next, watch, &[], now).await? {
            return self.reload(&stored.refund.id).await;
        }
        self.go(stored, false).await
    }

    /// Goes on with a refund that we hold. `fresh`: nothing can have been sent under its present key.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn go(&self, mut stored: Stored, mut fresh: bool) -> Result<Stored, StorageError> {
        for _ in 0..MAX_STEPS {
            let now = self.host.now_ms();
            let step = match stored.refund.next(fresh, &self.rules, now) {
                Step::PutRight => {
                    self.put_right(&stored, now).await?;
                    stored.refund.put_right(fresh)
                }
                Step::Send => {
                    let (came, sent) = self.reserve_and_send(&mut stored, now).await;
                    stored.refund.came(came, sent, &self.rules, now)
                }
                Step::Ask => stored.refund.came(self.query(&stored.refund).await, true, &self.rules, now),
                step => step,
            };
            match step {
                Step::Keep { refund, fresh: unsent, decided } => {
                    if !self.go_on(&mut stored, *refund, now).await? {
                        return Ok(stored);
                    }
                    if decided {
                        (self.tell)(Notice::Changed(&stored.refund));
                    }
                    fresh = unsent;
                    continue;
                }
                Step::Take(report) => stored = self.take(stored, report, true).await?,
                Step::Leave { refund, effect, go_on } => {
                    if let Some(alarm) = effect.alarm {
                        (self.tell)(Notice::Alarm(&refund, alarm));
                    }
                    self.leave(&mut stored, *refund, effect, now).await?;
                    if !go_on {
                        return Ok(stored);
                    }
                }
                Step::PutRight | Step::Send | Step::Ask => return Ok(stored),
            }
            fresh = false;
            // What is due at once is done at once, if it is still ours to do. The gateway took its time: what its report
            // made due is not yet due by the clock of before.
            let due_now = stored.due_at.is_some_and(|due| due <= self.host.now_ms());
            if !due_now || !self.hold_again(&mut stored).await? {
                return Ok(stored);
            }
        }
        Ok(stored)
    }

    /// Reserves, and sends what is reserved. Whether it may have been sent is the second.
    async fn reserve_and_send(&self, stored: &mut Stored, now: i64) -> (Came, bool) {
        match self.reserve(&stored.refund, stored.version, now).await {
            Ok((breaker, turn)) => {
                // Saved with whatever comes of it.
                stored.refund.issuing.iter_mut().for_each(|issuing| issuing.reserved = true);
                match self.is_its_turn(&stored.refund, turn, now).await {
                    Ok(()) => self.send(&stored.refund, breaker, now).await,
                    Err(came) => (came, false),
                }
            }
            Err(came) => (came, false),
        }
    }

    /// Takes in a report, whoever holds the refund by now: what a gateway has said is not forgotten. `ours`: we hold
    /// it, and let go of it.
    ///
    /// Money that moved is a fact whenever it is reported. Everything else was true when it was seen, and somebody else may
    /// have sent since: from whoever does not hold the refund it is a reason to ask, no more.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn take(&self, mut stored: Stored, report: Report, mut ours: bool) -> Result<Stored, StorageError> {
        let me = stored.holder.clone();
        // An answer about a payment is one about the refund as it was when we asked.
        let asked_at = stored.version;
        loop {
            let now = self.host.now_ms();
            let along = self.gateway(&stored.refund).filter(|_| stored.refund.gateway_fen() > 0);
            let semantics = along.map_or(&NO_GATEWAY, |gateway| gateway.semantics());
            let mut next = stored.refund.clone();
            let paid = matches!(report, Report::Succeeded(_));
            let held = stored.held_until > now;
            // What is on its way may have been paid and taken back by now: once it is paid, it is asked.
            let news = next.state == State::Issuing && !ours && next.contest_on_its_way(&report, now);
            let effect = match next.state {
                State::Issuing if news => Effect { due_at: Some(now), ..Effect::default() },
                State::Issuing if !ours && !paid => Effect { due_at: Some(now), unchanged: held, ..Effect::default() },
                State::Posted if paid && !ours => next.heard_paid(&report, now),
                State::Posted | State::Void | State::Reversed if !ours || stored.version != asked_at => {
                    next.contest(&report, now)
                }
                // It is asked, or asked once it is paid.
                State::Issuing if !ours && next.goes_another_way() => {
                    Effect { due_at: Some(now), ..next.contest(&report, now) }
                }
                _ => next.report(report.clone(), semantics, &self.rules, now),
            };
            if let Some(alarm) = effect.alarm {
                (self.tell)(Notice::Alarm(&next, alarm));
            }
            if effect.unchanged && !ours {
                return Ok(stored);
            }
            let saved = if ours || stored.held_until <= now {
                self.try_leave(&mut stored, next, effect, now).await?
            } else {
                self.slip_in(&mut stored, next, effect, now).await?
            };
            if saved {
                return Ok(stored);
            }
            stored = self.reload(&stored.refund.id).await?;
            // An event may have come in between: then the refund is still held by us.
            ours = ours && !me.is_empty() && stored.holder == me;
        }
    }

    /// Asks after a refund whose state would not make us ask: the gateway hinted at money that should not have moved, or
    /// that something is new about money that has.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn ask(&self, stored: Stored) -> Result<Stored, StorageError> {
        let posted = stored.refund.state == State::Posted;
        match self.query(&stored.refund).await {
            Came::Report(report @ Report::Succeeded(_)) => self.take(stored, report, false).await,
            Came::Report(report @ (Report::Refused { .. } | Report::NotFound)) if posted => {
                self.take(stored, report, false).await
            }
            _ => Ok(stored),
        }
    }

    /// Saves, and leaves the refund to whoever holds it: what it is about to do to the stores or the gateway must be over
    /// before somebody else begins.
    async fn slip_in(&self, stored: &mut Stored, next: Refund, effect: Effect, now: i64) -> Result<bool, StorageError> {
        let (holder, held_until) = (stored.holder.clone(), stored.held_until);
        let watch = Watch { due_at: Some(held_until), holder: &holder, held_until };
        let saved = self.store().save(stored, next, watch, &effect.postings, now).await?;
        if saved {
            (self.tell)(Notice::Changed(&stored.refund));
        }
        Ok(saved)
    }

    /// Releases and reinstates what the document says.
    async fn put_right(&self, stored: &Stored, now: i64) -> Result<(), StorageError> {
        let store = self.store();
        let refund = &stored.refund;
        let (name, in_doubt) = (refund.hold_as(), refund.was_refused());
        let of = (name.as_str(), stored.version);
        let released = refund.releasing.iter().map(|hold| store.release(hold, of, in_doubt, now));
        let reinstated = refund.reinstating.iter().map(|hold| store.reinstate(hold, of, now));
        let corrected = refund.correcting.iter().map(|hold| store.correct(hold));
        let (released, (reinstated, corrected)) =
            join(join_all(released), join(join_all(reinstated), join_all(corrected))).await;
        released.into_iter().chain(reinstated).chain(corrected).collect()
    }

    /// Saves and goes on holding.
    async fn keep(&self, stored: &mut Stored, next: Refund, now: i64) -> Result<bool, StorageError> {
        let until = now.saturating_add(LEASE_MS);
        let me = if stored.holder.is_empty() { holder(self.host) } else { stored.holder.clone() };
        let watch = Watch { due_at: Some(until), holder: &me, held_until: until };
        self.store().save(stored, next, watch, &[], now).await
    }

    /// Saves and goes on holding, or finds what somebody else has made of it.
    async fn go_on(&self, stored: &mut Stored, next: Refund, now: i64) -> Result<bool, StorageError> {
        let ours = self.keep(stored, next, now).await?;
        if !ours {
            *stored = self.reload(&stored.refund.id).await?;
        }
        Ok(ours)
    }

    /// Takes the refund again after a step that let go of it. Whether it is ours: not if somebody else holds it.
    async fn hold_again(&self, stored: &mut Stored) -> Result<bool, StorageError> {
        let now = self.host.now_ms();
        if stored.held_until > now {
            return Ok(false);
        }
        stored.holder.clear();
        let next = stored.refund.clone();
        self.keep(stored, next, now).await
    }

    /// Saves and lets go. If somebody else came first, what is there now is what counts.
    async fn leave(&self, stored: &mut Stored, next: Refund, effect: Effect, now: i64) -> Result<(), StorageError> {
        if !self.try_leave(stored, next, effect, now).await? {
            *stored = self.reload(&stored.refund.id).await?;
        }
        Ok(())
    }

    async fn try_leave(
        &self,
        stored: &mut Stored,
        next: Refund,
        effect: Effect,
        now: i64,
    ) -> Result<bool, StorageError> {
        let changed = next.state != stored.refund.state || !effect.postings.is_empty();
        let watch = Watch { due_at: effect.due_at, holder: "", held_until: 0 };
        let saved = self.store().save(stored, next, watch, &effect.postings, now).await?;
        if saved && changed {
            (self.tell)(Notice::Changed(&stored.refund));
        }
        Ok(saved)
    }

    async fn reload(&self, id: &str) -> Result<Stored, StorageError> {
        self.store().load(id).await?.ok_or_else(|| StorageError::sql("a refund is gone"))
    }

    fn gateway(&self, refund: &Refund) -> Option<&dyn Gateway> {
        self.config.gateway(refund.case.order.payment.gateway)
    }
}
