//! Policy packs at run time: which pack judges a request, and how a new one comes into force.
//!
//! An operator signs a statement on a pack ([`formats::policy`]) and writes both to the key-value store. Whoever can
//! write that store can withhold, replay or tear what lies there, but not make a function follow an older or a foreign
//! rule, because
//! - a statement is followed only with enough signatures by keys of the key set, which a root in the configuration signs;
//! - the highest statement, and the highest key set, that any instance has adopted stand in the function's own database
//!   ([`store`]), compared and set when one is adopted, never per request;
//! - a statement names every section by its digest, and a section is verified before it is read;
//! - what was adopted is kept in that database too, so that it goes on when the key-value store gives nothing.
//!
//! The way of a request: it takes the pack in force once and is judged by it to its end ([`Packs`]). An instance's first
//! request asks the database which that is; everything else, a new statement, its sections, a shadow, is fetched after
//! an answer, beside the traffic, every [`REFRESH_MS`] ([`adopt`]).
//!
//! Deliberately absent: trusting a clock to order versions; and falling back to the bundled pack once another was
//! adopted, for a store that lies could bring back old rules that way. The one exception is a function that would rather
//! answer than not ([`InDoubt::Bundled`]), while its own database is down.

mod adopt;
mod call;
mod event;
mod keysets;
mod pack;
mod packs;
mod read;
pub mod store;
mod trust;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

pub use ::pack::{Bundled, Map, MapWriter, PackFile};
pub use adopt::KEYSET_KEY;
pub use call::{Again, Later, Policies};
pub use keysets::{AdoptedSet, NoKeySet};
pub use pack::Pack;
pub use packs::Packs;
pub use trust::{Trust, TrustNames};

/// How often an instance looks for a new statement, in milliseconds: half of the minute within which one must be in
/// force, because an edge location may show a value for another half.
pub const REFRESH_MS: i64 = 20_000;

/// What a function says of its packs, in a constant.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The format of its sections that this build reads.
    pub format: u32,
    /// The pack that is compiled in.
    pub bundled: &'static Bundled,
    /// Policy digests that builds before packs named their rules by, each with the digest of the pack that says the same.
    pub former: &'static [(&'static str, &'static str)],
    /// The most bytes of all sections of a pack.
    pub max_bytes: u64,
    /// Whether decisions outlive the pack that made them, so that it must stay readable: also the bundled one, which a
    /// later build does not have.
    pub remembers: bool,
    /// What judges when the database cannot say which pack is in force.
    pub in_doubt: InDoubt,
    /// Whether a pack, all of whose sections have been read, has what this build asks for; the error says what it lacks.
    /// Asked once, before a pack is adopted. A build that asks for more than packs of its format have to have reads
    /// another format.
    pub check: fn(&Pack) -> Result<(), String>,
}

/// What judges when the database cannot say which pack is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InDoubt {
    /// Nothing: money is at stake.
    Refuse,
    /// The bundled pack: a person is waiting for an answer.
    Bundled,
}
