//! Policies as a request sees them: the pack that judges it, packs of old decisions, and what is to be judged again by
//! the shadow once the answer is decided.

use std::cell::RefCell;
use std::sync::Arc;

use super::{AdoptedSet, InDoubt, NoKeySet, Pack, Packs, Spec, Trust, adopt, keysets, read};
use crate::platform::{Clock, Events, Kv, Sql, StorageError};

/// Judges again what was decided: given the shadow, the event line where its outcome is another.
pub type Again = Box<dyn FnOnce(&Pack) -> Option<String>>;

/// What is to be done after the answer, beside the traffic.
pub struct Later {
    /// What the shadow is to judge, and the sections that it takes.
    again: Vec<(&'static [&'static str], Again)>,
    /// Whether it is time to look for something new.
    look: bool,
}

/// The policies of one request. **Invariant: one request is judged by one pack**, the one that was in force when it
/// came, however long it takes.
pub struct Policies<'a, H> {
    host: &'a H,
    function: &'static str,
    spec: Option<&'static Spec>,
    trust: Option<&'a Trust>,
    packs: &'a Packs,
    current: Arc<Pack>,
    again: RefCell<Vec<(&'static [&'static str], Again)>>,
}

impl<'a, H: Clock + Events + Kv + Sql> Policies<'a, H> {
    /// Takes the pack in force; the first request of an instance asks the database which that is.
    ///
    /// # Errors
    /// [`StorageError`] if it does not answer, and the function does not judge in doubt.
    pub async fn begin(
        host: &'a H,
        function: &'static str,
        spec: Option<&'static Spec>,
        trust: Option<&'a Trust>,
        packs: &'a Packs,
    ) -> Result<Policies<'a, H>, StorageError> {
        let current = match (packs.current(), spec) {
            (Some(known), _) => known.pack,
            (None, None) => packs.bundled(None),
            (None, Some(spec)) => match adopt::start(host, function, spec, trust, packs).await {
                Ok(in_force) => packs.put_first(in_force).pack,
                // Not remembered: the next request asks again.
                Err(_) if spec.in_doubt == InDoubt::Bundled => packs.bundled(Some(spec)),
                Err(error) => return Err(error),
            },
        };
        Ok(Policies { host, function, spec, trust, packs, current, again: RefCell::default() })
    }

    /// The policy digest of the pack that judges this request.
    pub fn digest(&self) -> &str {
        self.current.digest()
    }

    /// The pack that judges this request, with these sections read.
    ///
    /// # Errors
    /// [`StorageError`] if a section cannot be had, and the function does not judge in doubt.
    pub async fn pack(&self, sections: &[&str]) -> Result<Arc<Pack>, StorageError> {
        match (read::sections(self.host, &self.current, sections).await, self.spec) {
            (Ok(()), _) => Ok(Arc::clone(&self.current)),
            (Err(_), Some(spec)) if spec.in_doubt == InDoubt::Bundled => Ok(self.packs.bundled(Some(spec))),
            (Err(error), _) => Err(error),
        }
    }

    /// Makes sure that whatever is decided by the pack of this request can be judged by it for as long as it is open: to be
    /// called before a decision is stored. A published pack was kept before it was adopted; the bundled one is kept here,
    /// once an instance.
    ///
    /// # Errors
    /// [`StorageError`]: then nothing may be decided.
    pub async fn keep(&self) -> Result<(), StorageError> {
        match self.spec {
            Some(spec) if self.current.digest() == spec.bundled.digest => {
                adopt::keep_bundled(self.host, self.function, spec, self.packs).await
            }
            _ => Ok(()),
        }
    }

    /// The pack of an old decision, by the digest that it names, with these sections read; `None` if it is nowhere.
    ///
    /// # Errors
    /// [`StorageError`] if a store that should have it does not answer.
    pub async fn pack_of(&self, digest: &str, sections: &[&str]) -> Result<Option<Arc<Pack>>, StorageError> {
        let pack = match self.spec {
            _ if self.current.digest() == digest => Some(Arc::clone(&self.current)),
            Some(spec) => read::of(self.host, self.packs, self.function, spec, digest).await?,
            None => None,
        };
        if let Some(pack) = &pack {
            read::sections(self.host, pack, sections).await?;
        }
        Ok(pack)
    }

    /// Whether a decision is worth handing to [`Policies::judge_again`]: a shadow is known that is another pack, or
    /// nothing is known of shadows yet.
    pub fn has_shadow(&self) -> bool {
        self.trust.is_some()
            && match self.packs.shadow() {
                Some(shadow) => shadow.digest() != self.current.digest(),
                None => self.packs.is_new(),
            }
    }

    /// Has a decision judged again by the shadow once the answer is out, with these of its sections.
    pub fn judge_again(&self, sections: &'static [&'static str], again: Again) {
        self.again.borrow_mut().push((sections, again));
    }

    /// The key set to judge by, given what the key-value store has: never one below the highest that was adopted.
    ///
    /// # Errors
    /// [`NoKeySet`]; a function without configured roots has none.
    pub async fn keyset(&self, found: Result<Option<&[u8]>, ()>) -> Result<Arc<AdoptedSet>, NoKeySet> {
        let trust = self.trust.ok_or(NoKeySet::Missing)?;
        keysets::adopt(self.host, self.function, trust, self.packs, found, None).await
    }

    /// Whether an alarm of the function's own, by a name that is the same each time, is to be given now: at most once an
    /// hour, of all instances together while their database answers.
    pub async fn alarm_is_due(&self, what: &str) -> bool {
        self.packs.is_due(self.host, what).await
    }

    /// What is left to do once the answer is out; `None` if nothing is.
    pub fn later(self) -> Option<Later> {
        let looks = self.spec.is_some_and(|spec| self.trust.is_some() || spec.remembers);
        let look = looks && self.packs.take_turn(self.host.now_ms());
        let again = self.again.into_inner();
        (look || !again.is_empty()).then_some(Later { again, look })
    }
}

impl Later {
    /// Does it.
    pub async fn run<H: Clock + Events + Kv + Sql>(
        self,
        host: &H,
        function: &'static str,
        spec: Option<&Spec>,
        trust: Option<&Trust>,
        packs: &Packs,
    ) {
        if self.look
            && let Some(spec) = spec
        {
            adopt::beside(host, function, spec, trust, packs).await;
        }
        let Some(shadow) = packs.shadow() else { return };
        for (sections, again) in self.again {
            // A shadow that cannot be read judges nothing; looking for it has told so.
            if read::sections(host, &shadow, sections).await.is_ok()
                && let Some(line) = again(&shadow)
            {
                host.emit(&line);
            }
        }
    }
}
