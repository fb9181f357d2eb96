//! Looking after what is due. First all that wait are decided, many at a time and cheaply; then whatever is due is done one
//! by one: sent, asked after, released. What is to be paid of many is spread by what its gateway takes in a second.
//!
//! Where the host wakes a shard by itself (Workers), the cron only wakes those that have something due, and each goes on
//! until nothing is. Elsewhere (Spin) a sweep does it all, and says if there is more.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde::Serialize;
use shared::event::EventLine;
use shared::platform::{Host, StorageError, Waking};
use shared::policy::Policies;
use shared::policy::store::is_to_be_told;
use shared::trace::TraceContext;

use super::{pack_of, tell};
use crate::NAME;
use crate::case::GatewayName;
use crate::config::Config;
use crate::issue::{Issuer, Notice};
use crate::policy::{self, Rules};
use crate::refund::{SHARDS, State};
use crate::store::{Store, shard_name, shard_number};

/// The most refunds of one shard that are read at once.
const PER_SHARD: i64 = 16;
/// The most refunds that are looked after at once.
const AT_ONCE: usize = 6;
/// The most in one round; the next one takes the rest.
const PER_ROUND: usize = 48;
/// The most rounds in one sweep.
const ROUNDS: usize = 64;
/// The most statements that decide of one shard in one sweep: one of an alarm asks no more of its host than it gives.
const BATCHES: usize = 400;
/// A sweep begins nothing more after so long, milliseconds.
const SWEEP_MS: i64 = 20_000;
/// A shard that is woken begins nothing more after so long, milliseconds, and is woken again.
const WAKE_MS: i64 = 10_000;
/// How long one that cannot be looked after waits, in milliseconds: a store that was down, a pack that nobody has.
const POSTPONED_MS: i64 = 300_000;
/// That a table ends is told again after so long, in milliseconds.
const ENDINGS_AGAIN_MS: i64 = 3_600_000;
/// The cron looks again after so long, milliseconds: what is due later is its to find.
const CRON_MS: i64 = 60_000;
/// A shard is not woken again sooner, milliseconds.
const SOON_MS: i64 = 200;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Refunds that were due.
    pub due: usize,
    /// Of them, those that somebody could look after.
    pub done: usize,
    /// Shards and refunds that a store failed for.
    pub failed: usize,
    /// Whether there is more to do at once.
    pub more: bool,
}

impl Swept {
    /// Takes up what another part of the sweep did; whether there is more is for whoever goes on to say.
    fn add(&mut self, other: Swept) {
        self.due = self.due.saturating_add(other.due);
        self.done = self.done.saturating_add(other.done);
        self.failed = self.failed.saturating_add(other.failed);
    }
}

/// One who sweeps.
struct Sweeper<'a, H> {
    host: &'a H,
    config: &'a Config,
    policies: &'a Policies<'a, H>,
    trace: &'a TraceContext<'a>,
    /// When nothing more is begun.
    until: i64,
}

/// Looks after everything that is due: what a crash left behind, what waited for an instant, what a gateway is slow with.
pub async fn sweep<H: Host>(host: &H, config: &Config, policies: &Policies<'_, H>, trace: &TraceContext<'_>) -> Swept {
    let until = host.now_ms().saturating_add(SWEEP_MS);
    let sweeper = Sweeper { host, config, policies, trace, until };
    sweeper.tell_endings().await;
    let all: Vec<u8> = (0..SHARDS).collect();
    sweeper.shards(&all).await
}

/// The cron: wakes the shards that have something due, or sweeps where a host wakes nobody.
pub async fn scheduled<H: Host>(host: &H, config: &Config, policies: &Policies<'_, H>) {
    let trace = TraceContext::default();
    let (store, now) = (Store { host }, host.now_ms());
    let soon = now.saturating_add(CRON_MS);
    let wake = async |shard: u8| -> Result<Waking, StorageError> {
        match store.next_due(shard).await? {
            Some(due) if due <= soon => host.wake_at(&shard_name(shard), due.max(now)).await,
            _ => Ok(Waking::Set),
        }
    };
    let woken = join_all((0..SHARDS).map(async |shard| (shard, wake(shard).await))).await;
    let left: Vec<u8> = woken.iter().filter(|(_, woken)| *woken != Ok(Waking::Set)).map(|(shard, _)| *shard).collect();
    let sweeper = Sweeper { host, config, policies, trace: &trace, until: now.saturating_add(SWEEP_MS) };
    sweeper.tell_endings().await;
    sweeper.shards(&left).await;
}

/// A shard was woken: does what is due in it, and has it woken again if something is due before the cron comes.
///
/// # Errors
/// [`StorageError`]: the host tries again.
pub async fn woken<H: Host>(
    host: &H,
    config: &Config,
    policies: &Policies<'_, H>,
    shard: &str,
) -> Result<(), StorageError> {
    let Some(number) = shard_number(shard) else { return Ok(()) };
    let trace = TraceContext::default();
    let until = host.now_ms().saturating_add(WAKE_MS);
    let swept = Sweeper { host, config, policies, trace: &trace, until }.shards(&[number]).await;
    let now = host.now_ms();
    // What nobody can look after stays due: it is the cron's.
    let next = Store { host }.next_due(number).await?;
    let next = next.filter(|due| *due <= now.saturating_add(CRON_MS) && (swept.done > 0 || *due > now));
    if let Some(due) = next {
        host.wake_at(shard, due.max(now.saturating_add(SOON_MS))).await?;
    }
    Ok(())
}

impl<H: Host> Sweeper<'_, H> {
    fn store(&self) -> Store<'_, H> {
        Store { host: self.host }
    }

    fn tell(&self, told: &Notice<'_>) {
        tell(self.host, self.config, self.trace, told);
    }

    fn is_over(&self) -> bool {
        self.host.now_ms() >= self.until
    }

    /// Decides what waits of some shards, then does what is due of them.
    async fn shards(&self, shards: &[u8]) -> Swept {
        let mut swept = Swept::default();
        for some in shards.chunks(AT_ONCE) {
            for decided in join_all(some.iter().map(|shard| self.decide(*shard))).await {
                match decided {
                    Ok((decided, more)) => {
                        swept.add(Swept { due: decided, done: decided, ..Swept::default() });
                        swept.more |= more;
                    }
                    Err(error) => {
                        self.tell(&Notice::Fault(&error));
                        swept.failed = swept.failed.saturating_add(1);
                    }
                }
            }
        }
        for _ in 0..ROUNDS {
            let round = self.round(shards).await;
            swept.add(round);
            if !round.more || round.done == 0 || self.is_over() {
                swept.more |= round.more;
                break;
            }
        }
        swept
    }

    /// Decides all that waits of a shard: how many that leaves nothing more to do for now, and whether there are more.
    async fn decide(&self, shard: u8) -> Result<(usize, bool), StorageError> {
        let store = self.store();
        let mut after = (-1, String::new());
        let mut turns: BTreeMap<GatewayName, i64> = BTreeMap::new();
        let mut decided = 0usize;
        for _ in 0..BATCHES {
            let now = self.host.now_ms();
            let waiting = store.waiting(shard, now, &after).await?;
            let mut next = Vec::with_capacity(waiting.found.len());
            for stored in waiting.found {
                // One whose pack nobody has is told when it is looked after by itself.
                let Ok(pack) = pack_of(self.policies, &stored.refund).await else { continue };
                let rules = Rules::of_decision(&pack, &stored.refund.decision.policy);
                let gateway = stored.refund.case.order.payment.gateway;
                let per_second = self.config.gateway(gateway).map_or(1, |gateway| gateway.per_second());
                let apart = i64::from(SHARDS).saturating_mul(1000).checked_div(per_second).unwrap_or(0);
                let turn = turns.entry(gateway).or_default();
                let turn_at = now.saturating_add(turn.saturating_mul(apart));
                let Some((refund, due_at)) = stored.refund.decided_in_turn(&rules, turn_at, now) else { continue };
                if refund.state == State::Issuing {
                    *turn = turn.saturating_add(1);
                }
                next.push((stored.version, refund, due_at));
            }
            let saved = if next.is_empty() { Vec::new() } else { store.save_many(shard, &next, now).await? };
            for (_, refund, due_at) in next.iter().filter(|(_, refund, _)| saved.contains(&refund.id)) {
                if refund.state != State::Waiting {
                    self.tell(&Notice::Changed(refund));
                }
                // What is due still is counted when it is done.
                decided = decided.saturating_add(usize::from(due_at.is_none_or(|due| due > now)));
            }
            let Some(place) = waiting.next else { return Ok((decided, false)) };
            after = place;
            if self.is_over() {
                break;
            }
        }
        Ok((decided, true))
    }

    /// Does what is due of some shards, one by one.
    async fn round(&self, shards: &[u8]) -> Swept {
        let (store, now) = (self.store(), self.host.now_ms());
        let mut swept = Swept::default();
        let mut found = Vec::new();
        for ids in join_all(shards.iter().map(|shard| store.due(*shard, now, PER_SHARD))).await {
            match ids {
                Ok(ids) => {
                    swept.more |= i64::try_from(ids.len()).is_ok_and(|found| found == PER_SHARD);
                    found.push(ids.into_iter());
                }
                Err(error) => {
                    self.tell(&Notice::Fault(&error));
                    swept.failed = swept.failed.saturating_add(1);
                }
            }
        }
        // In turn from each shard: one that is full does not starve the others.
        let mut due = Vec::new();
        loop {
            let before = due.len();
            due.extend(found.iter_mut().filter_map(Iterator::next));
            if due.len() == before {
                break;
            }
        }
        swept.due = due.len();
        swept.more |= due.len() > PER_ROUND;
        due.truncate(PER_ROUND);
        for some in due.chunks(AT_ONCE) {
            for (id, result) in some.iter().zip(join_all(some.iter().map(|id| self.one(id))).await) {
                match result {
                    Ok(()) => swept.done = swept.done.saturating_add(1),
                    Err(error) => {
                        self.tell(&Notice::Fault(&error));
                        swept.failed = swept.failed.saturating_add(1);
                        // What a newer build wrote is left alone, its time as well.
                        if !error.is_newer()
                            && let Err(error) = store.postpone(id, now, now.saturating_add(POSTPONED_MS)).await
                        {
                            self.tell(&Notice::Fault(&error));
                        }
                    }
                }
            }
        }
        swept
    }

    async fn one(&self, id: &str) -> Result<(), StorageError> {
        let Some(stored) = self.store().load(id).await? else { return Ok(()) };
        let pack = pack_of(self.policies, &stored.refund).await?;
        let rules = Rules::of_decision(&pack, &stored.refund.decision.policy);
        let tell = |told: Notice<'_>| self.tell(&told);
        Issuer { host: self.host, config: self.config, rules, tell: &tell }.resume(stored).await.map(drop)
    }

    /// Tells operators which tables of the rules in force end, once an hour: a table that has ended takes no right away, but
    /// terms are then taken to end at the latest possible.
    async fn tell_endings(&self) {
        // The stores' faults are told by what follows.
        let Ok(pack) = self.policies.pack(&policy::ENDINGS).await else { return };
        let now = self.host.now_ms();
        for ending in Rules::of(&pack).endings(now) {
            let what = format!("{} {} {}", ending.code, ending.about, ending.at);
            let first = is_to_be_told(self.host, &what, now, now.saturating_sub(ENDINGS_AGAIN_MS)).await;
            if first.unwrap_or(false) {
                let event = EventLine::new("venditor.notice.v1", NAME, now, self.trace, ending.code, &ending);
                self.host.emit(&EventLine { policy: pack.digest(), ..event }.line());
            }
        }
    }
}
