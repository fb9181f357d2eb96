//! Issuing: takes a refund as far as it will go now. Reserve, send, take in what the gateway says, book; or ask first,
//! if it may have been sent. The way to call it is to hold the refund: be its `holder` until `held_until`.
//!
//! From the intent to the gateway it is one round of storage (all holds and the breaker at once), and one after it, where
//! nothing goes wrong and nobody competes.

mod reserve;
mod send;

use futures_util::future::{join, join_all};
use shared::hex::hex;
use shared::platform::{Clock, Entropy, Outbound, Sql, StorageError};

use crate::config::Config;
use crate::decide;
use crate::decision::Reason;
use crate::gateway::{Gateway, Report, Semantics};
use crate::policy::Rules;
use crate::refund::{Effect, PREPARING_MS, Phase, Refund, State};
use crate::store::{Store, Stored, Watch};
use send::Step;

/// How long a refund is held by whoever takes it, in milliseconds. A send begins within [`PREPARING_MS`] of the save that
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
            let mut next = stored.refund.clone();
            if !next.releasing.is_empty() || !next.reinstating.is_empty() {
                self.put_right(&next, now).await?;
                next.releasing.clear();
                next.reinstating.clear();
                if next.state == State::Issuing {
                    if !self.go_on(&mut stored, next, now).await? {
                        return Ok(stored);
                    }
                    continue;
                }
                let due_at = next.next_due();
                self.leave(&mut stored, next, Effect { due_at, ..Effect::default() }, now).await?;
                return Ok(stored);
            }
            match next.state {
                State::Issuing => {
                    let (phase, marked_at) =
                        next.issuing.as_ref().map_or((Phase::Sent, now), |issuing| (issuing.phase, issuing.sent_at));
                    // The mark must be recent when it is sent; one that has grown old by now is made again.
                    let old = fresh && now.saturating_sub(marked_at) > PREPARING_MS / 4;
                    if phase == Phase::Ready || old {
                        if let Some(issuing) = next.issuing.as_mut() {
                            issuing.phase = Phase::Sent;
                            issuing.sent_at = now;
                        }
                        if !self.go_on(&mut stored, next, now).await? {
                            return Ok(stored);
                        }
                        fresh = true;
                        continue;
                    }
                    let (report, sent) = if fresh {
                        match self.reserve(&next, stored.version, now).await {
                            Ok(breaker) => {
                                // Saved with whatever comes of it.
                                for refund in [&mut next, &mut stored.refund] {
                                    refund.issuing.iter_mut().for_each(|issuing| issuing.reserved = true);
                                }
                                self.send(&next, breaker, now).await
                            }
                            Err(step) => (step, false),
                        }
                    } else {
                        (self.query(&next).await, true)
                    };
                    fresh = false;
                    stored = match report {
                        Step::Report(report) => self.take(stored, report, true).await?,
                        Step::Full(account) if account.is_quota() => {
                            // No trust is left for this buyer: the case goes the way of any other, and what it has
                            // reserved already stays reserved for it.
                            next.kept =
                                next.decision.holds.iter().filter(|hold| !hold.account.is_quota()).cloned().collect();
                            next.case.buyer.quota_fen = 0;
                            let mut decision = decide::by(&self.rules, &next.case, now);
                            decision.reasons.push(Reason {
                                code: account.full().into(),
                                leg: None,
                                article: "".into(),
                                inputs: Vec::new(),
                            });
                            next.decide_again(decision, now);
                            if next.state == State::Issuing {
                                if !self.go_on(&mut stored, next, now).await? {
                                    return Ok(stored);
                                }
                                fresh = true;
                                continue;
                            }
                            next.issuing = None;
                            let due_at = next.next_due();
                            self.leave(&mut stored, next, Effect { due_at, ..Effect::default() }, now).await?;
                            stored
                        }
                        Step::Full(account) => {
                            // A claim that was made before takes its leg away; what is due besides is still due.
                            if next.without(&account) {
                                if !self.go_on(&mut stored, next, now).await? {
                                    return Ok(stored);
                                }
                                fresh = true;
                                continue;
                            }
                            let effect = next.void(account.full(), now);
                            self.leave(&mut stored, next, effect, now).await?;
                            stored
                        }
                        Step::Released => {
                            let effect = next.void("voided_meanwhile", now);
                            self.leave(&mut stored, next, effect, now).await?;
                            stored
                        }
                        Step::Later { trouble, at } => {
                            if let Some(issuing) = next.issuing.as_mut() {
                                issuing.trouble = Some(trouble.to_owned());
                                issuing.tries = issuing.tries.saturating_add(1);
                                // Asked and not sent: there is nothing to ask about.
                                issuing.phase = if sent { issuing.phase } else { Phase::Ready };
                            }
                            let effect = Effect { due_at: Some(at), ..Effect::default() };
                            self.leave(&mut stored, next, effect, now).await?;
                            return Ok(stored);
                        }
                    };
                    // What is due at once is done at once, if it is still ours to do. The gateway took its time: what
                    // its report made due is not yet due by the clock of before.
                    let due_now = stored.due_at.is_some_and(|due| due <= self.host.now_ms());
                    if !due_now || !self.hold_again(&mut stored).await? {
                        return Ok(stored);
                    }
                }
                State::Waiting => {
                    if next.next_due().is_some_and(|due| due > now) {
                        self.leave(
                            &mut stored,
                            next.clone(),
                            Effect { due_at: next.next_due(), ..Effect::default() },
                            now,
                        )
                        .await?;
                        return Ok(stored);
                    }
                    let decision = decide::by(&self.rules, &next.case, now);
                    next.decide_again(decision, now);
                    if next.state == State::Issuing {
                        if !self.go_on(&mut stored, next, now).await? {
                            return Ok(stored);
                        }
                        (self.tell)(Notice::Changed(&stored.refund));
                        fresh = true;
                        continue;
                    }
                    // A rule that waits for an instant in the past must not spin.
                    let due_at = next.next_due().map(|due| due.max(now.saturating_add(60_000)));
                    self.leave(&mut stored, next, Effect { due_at, ..Effect::default() }, now).await?;
                    return Ok(stored);
                }
                State::Posted => {
                    let effect = next.fall_due(now);
                    self.leave(&mut stored, next, effect, now).await?;
                    return Ok(stored);
                }
                State::Declined | State::Void => {
                    self.leave(&mut stored, next, Effect::default(), now).await?;
                    return Ok(stored);
                }
            }
        }
        Ok(stored)
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
        loop {
            let now = self.host.now_ms();
            let semantics = self.gateway(&stored.refund).map_or(&NO_GATEWAY, |gateway| gateway.semantics());
            let mut next = stored.refund.clone();
            let hearsay = !ours && next.state == State::Issuing && !matches!(report, Report::Succeeded(_));
            let effect = if hearsay {
                Effect { due_at: Some(now), unchanged: stored.held_until > now, ..Effect::default() }
            } else {
                next.report(report.clone(), semantics, &self.rules, now)
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

    /// Asks after a refund whose state would not make us ask: the gateway hinted at money that should not have moved.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn ask(&self, stored: Stored) -> Result<Stored, StorageError> {
        match self.query(&stored.refund).await {
            Step::Report(report @ Report::Succeeded(_)) => self.take(stored, report, false).await,
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
    async fn put_right(&self, refund: &Refund, now: i64) -> Result<(), StorageError> {
        let store = self.store();
        let released = refund.releasing.iter().map(|hold| store.release(hold, &refund.id, now));
        let reinstated = refund.reinstating.iter().map(|hold| store.reinstate(hold, &refund.id, now));
        let (released, reinstated) = join(join_all(released), join_all(reinstated)).await;
        released.into_iter().chain(reinstated).collect()
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
