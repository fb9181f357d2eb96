//! Counts what happened over all runs of a thread: a fault that never occurs tests nothing.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// How often, by kind and name.
pub type Tally = BTreeMap<(&'static str, String), u64>;

thread_local! {
    static TALLY: RefCell<Tally> = const { RefCell::new(BTreeMap::new()) };
}

/// Counts one.
pub fn count(kind: &'static str, name: &str) {
    TALLY.with_borrow_mut(|tally| {
        if let Some(n) = tally.get_mut(&(kind, name.to_owned())) {
            *n += 1;
        } else {
            tally.insert((kind, name.to_owned()), 1);
        }
    });
}

/// What this thread has counted; starts anew.
pub fn take() -> Tally {
    TALLY.with_borrow_mut(std::mem::take)
}
