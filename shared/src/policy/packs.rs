//! What one instance knows of packs: the pack in force, a shadow, the key set, packs of old decisions.
//!
//! A request takes the pack in force with one look at this and keeps it; a new one is put in its place whole. Nothing
//! here is of a request, and nobody waits for another request's work: two that find nothing both fetch it.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use ::pack::Manifest;

use super::event::Happening;
use super::{AdoptedSet, Pack, REFRESH_MS, Spec, store};
use crate::platform::{Clock, Events, Sql};

/// The most packs of old decisions that an instance keeps at hand.
const OLDER: usize = 4;

/// The same thing is told again after so long, in milliseconds.
const AGAIN_MS: i64 = 3_600_000;

/// The most things that are remembered as told.
const TOLD: usize = 64;

/// What an instance knows. One a function and instance, in a static.
#[derive(Debug)]
pub struct Packs {
    state: Mutex<State>,
    bundled: OnceLock<Arc<Pack>>,
}

#[derive(Debug)]
struct State {
    current: Option<InForce>,
    shadow: Option<InForce>,
    keyset: Option<Arc<AdoptedSet>>,
    asked_at: Option<i64>,
    has_looked: bool,
    older: Vec<Arc<Pack>>,
    told: Vec<(Happening, i64)>,
    alarms: Vec<(String, i64)>,
    bundled_is_kept: bool,
}

impl State {
    const NEW: State = State {
        current: None,
        shadow: None,
        keyset: None,
        asked_at: None,
        has_looked: false,
        older: Vec::new(),
        told: Vec::new(),
        alarms: Vec::new(),
        bundled_is_kept: false,
    };
}

/// A pack and the statement that it is in force by.
#[derive(Clone, Debug)]
pub(super) struct InForce {
    /// The pack.
    pub pack: Arc<Pack>,
    /// Epoch and version of the statement; `None` of a bundled pack that no statement names.
    pub rank: Option<(u64, u64)>,
}

impl Default for Packs {
    fn default() -> Packs {
        Packs::new()
    }
}

impl Packs {
    /// Of an instance that has just started.
    pub const fn new() -> Packs {
        Packs { state: Mutex::new(State::NEW), bundled: OnceLock::new() }
    }

    /// Forgets all of it, as if the instance had just started: for tests.
    pub fn forget(&self) {
        *self.state() = State::NEW;
    }

    /// The pack that is compiled in; an empty one of a function without rules.
    pub fn bundled(&self, spec: Option<&Spec>) -> Arc<Pack> {
        let none = ::pack::Bundled { digest: "", sections: &[] };
        let make = || Arc::new(Pack::bundled(spec.map_or(&none, |spec| spec.bundled)));
        Arc::clone(self.bundled.get_or_init(make))
    }

    /// The pack in force, if it is known by now.
    pub(super) fn current(&self) -> Option<InForce> {
        self.state().current.clone()
    }

    /// The shadow, if there is one and it is known by now.
    pub(super) fn shadow(&self) -> Option<Arc<Pack>> {
        self.state().shadow.as_ref().map(|shadow| Arc::clone(&shadow.pack))
    }

    /// Puts a pack in force.
    pub(super) fn put(&self, current: InForce) {
        self.state().current = Some(current);
    }

    /// Puts in force what the first request of an instance found; what another first one has found meanwhile stays, so that
    /// they read one pack together.
    pub(super) fn put_first(&self, found: InForce) -> InForce {
        self.state().current.get_or_insert(found).clone()
    }

    /// Puts a shadow beside it, or takes it away.
    pub(super) fn put_shadow(&self, shadow: Option<InForce>) {
        self.state().shadow = shadow;
    }

    /// Whether the database is known to keep the bundled pack.
    pub(super) fn bundled_is_kept(&self) -> bool {
        self.state().bundled_is_kept
    }

    /// Remembers that it does.
    pub(super) fn put_bundled_kept(&self) {
        self.state().bundled_is_kept = true;
    }

    /// The key set that this instance has adopted.
    pub(super) fn keyset(&self) -> Option<Arc<AdoptedSet>> {
        self.state().keyset.clone()
    }

    /// Remembers a key set as adopted.
    pub(super) fn put_keyset(&self, keyset: Arc<AdoptedSet>) {
        self.state().keyset = Some(keyset);
    }

    /// Whether it is time to look for something new: whoever is told so has taken it on, and nobody else is until the
    /// next time. A clock that went back counts as time that has passed.
    pub(super) fn take_turn(&self, now: i64) -> bool {
        let mut state = self.state();
        let due = state.asked_at.is_none_or(|at| !(at..at.saturating_add(REFRESH_MS)).contains(&now));
        if due {
            state.asked_at = Some(now);
        }
        due
    }

    /// Whether nobody here has looked for anything yet, nor knows that another instance has.
    pub(super) fn is_new(&self) -> bool {
        self.state().asked_at.is_none()
    }

    /// Another instance has looked at this time: this one need not at once.
    pub(super) fn has_been_looked(&self, at: i64) {
        self.state().asked_at.get_or_insert(at);
    }

    /// Whether this instance has not looked by itself before. Asked once a look: the next time it has.
    pub(super) fn looks_first(&self) -> bool {
        !std::mem::replace(&mut self.state().has_looked, true)
    }

    /// A pack that is at hand, by its policy digest.
    pub(super) fn at_hand(&self, digest: &str) -> Option<Arc<Pack>> {
        let state = self.state();
        let in_force = [&state.current, &state.shadow].into_iter().flatten().map(|known| &known.pack);
        in_force.chain(&state.older).find(|pack| pack.digest() == digest).cloned()
    }

    /// The pack of a manifest: the one that is compiled in, one at hand, or one of which nothing has been read.
    pub(super) fn of(&self, spec: &Spec, manifest: &Manifest) -> Arc<Pack> {
        let digest = manifest.digest();
        if digest == spec.bundled.digest {
            return self.bundled(Some(spec));
        }
        self.at_hand(&digest).unwrap_or_else(|| Arc::new(Pack::unread(manifest)))
    }

    /// Keeps the pack of an old decision at hand for a while.
    pub(super) fn keep(&self, pack: &Arc<Pack>) {
        let mut state = self.state();
        state.older.retain(|known| known.digest() != pack.digest());
        state.older.truncate(OLDER.saturating_sub(1));
        state.older.insert(0, Arc::clone(pack));
    }

    /// Tells what happened, unless the same has just been told, here or by another instance.
    pub(super) async fn tell(&self, host: &(impl Clock + Events + Sql), function: &'static str, happening: Happening) {
        let now = host.now_ms();
        let in_force = {
            let mut state = self.state();
            state.told.retain(|(_, at)| now.saturating_sub(*at) < AGAIN_MS);
            if state.told.iter().any(|(told, _)| *told == happening) {
                return;
            }
            if state.told.len() >= TOLD {
                state.told.remove(0);
            }
            state.told.push((happening.clone(), now));
            state.current.as_ref().map(|current| Arc::clone(&current.pack))
        };
        // While the database is down, each instance tells for itself.
        let since = now.saturating_sub(AGAIN_MS);
        if store::is_to_be_told(host, &happening.what(), now, since).await.unwrap_or(true) {
            happening.tell(host, function, in_force.as_ref().map_or("", |pack| pack.digest()));
        }
    }

    /// Whether an alarm is to be given now: not for an hour after it was, here or by another instance.
    pub(super) async fn is_due(&self, host: &(impl Clock + Sql), what: &str) -> bool {
        let now = host.now_ms();
        {
            let mut state = self.state();
            state.alarms.retain(|(_, at)| now.saturating_sub(*at) < AGAIN_MS);
            if state.alarms.iter().any(|(given, _)| given == what) {
                return false;
            }
            if state.alarms.len() >= TOLD {
                state.alarms.remove(0);
            }
            state.alarms.push((what.to_owned(), now));
        }
        store::is_to_be_told(host, what, now, now.saturating_sub(AGAIN_MS)).await.unwrap_or(true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds this, and a state half changed is none that matters: each change is one write.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
