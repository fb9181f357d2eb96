//! One generic wake-up.

use std::future::Future;

use super::StorageError;

/// Calls the function's own handler for a shard, at an instant.
///
/// On Workers it is the alarm of the shard's Durable Object, which has one and no more: **the earliest instant asked
/// for wins**, and later ones are forgotten. So a handler reads from the shard's tables what is due and what comes
/// next, does what is due, and asks again. It is called at least once, at the instant or later (usually within
/// seconds; after a failure of the object up to a minute), perhaps twice, and again with growing pauses (2 s at first)
/// while it fails; after six failures the wake is lost. So it must be idempotent, and correctness must not rest on it:
/// what it would have done is also found by the function's sweep.
///
/// Spin has no alarms: [`Waking::Unsupported`], and the sweep does it all.
pub trait Wake {
    /// Asks for the handler to be called for `shard` at `at_ms` (milliseconds since the epoch; the past is at once).
    /// An error says that nothing was set.
    fn wake_at(&self, shard: &str, at_ms: i64) -> impl Future<Output = Result<Waking, StorageError>>;
}

/// What became of a wish to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waking {
    /// The handler will be called, at this instant or an earlier one that was set before.
    Set,
    /// This host has no alarms.
    Unsupported,
}
