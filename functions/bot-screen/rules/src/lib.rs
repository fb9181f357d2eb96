//! Rules over the signals of a request, in their compiled form: read in place, evaluated at a bounded cost.
//!
//! A rule has an expression over signals ([`signal`]), a weight, perhaps a label that later rules read, and may be a
//! shadow that only is told. [`index`] says whether and which of thousands can match at all, [`program`] whether one
//! does, and [`set`] which of all do; they lie in two parts ([`part`]). [`ranges`] says who an address belongs to.
//! Expressions and ranges are checked by `bot-screen-pack`, offline.
//!
//! **Invariant: unknown is never a score.** Logic has three values. What compares a signal that is not known is unknown,
//! so is its negation, and only what holds makes a rule match; `known(…)` is how a rule asks for absence on purpose.
//! **Invariant: reading is total and bounded.** Whatever the bytes are, nothing panics; an expression has at most
//! [`program::MOST_OPS`] steps, and a list at most [`program::MOST_LIST`] values.
//!
//! Out of scope: what signals a request has, what weights lead to, any host.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail by panicking"))]

pub mod anchor;
pub mod index;
pub mod part;
pub mod program;
pub mod ranges;
pub mod set;
pub mod signal;

pub use index::Index;
pub use part::Part;
pub use program::{Match, Program, Truth};
pub use ranges::{Ranges, Standing};
pub use set::{Found, RuleSet};
pub use signal::{Facts, Signal, Type};
