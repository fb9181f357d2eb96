//! Finds terms in a text, however they are written.
//!
//! A text is read as a **noisy channel**: each stretch of it has a literal reading, whose cost is what a word lattice says
//! of it as Chinese, and other readings (homophones, pinyin, look-alike characters, characters taken apart, separators...),
//! each with a cost and a name. A term is found where reading the stretch as the term is cheaper than reading it as what
//! it says, by more than a threshold.
//!
//! - [`canonical`]: raw text to units: width, case, marks, invisible characters, look-alike letters, traditional forms;
//!   each unit knows its exact place in the raw text.
//! - [`language`]: characters, sounds, words, shapes: tables that are read in place.
//! - [`lexicon`]: terms by the classes of their first two symbols, read in place.
//! - [`lattice`]: what a text costs as Chinese.
//! - [`edges`], `readings`, `keys`: what a stretch can be read as; `candidates`, [`align`]: which terms may begin at a place, and
//!   how a term lies on a text.
//! - [`cues`]: words that say what stands beside them.
//! - [`orders`]: swapped, reversed and column-wise terms.
//! - `weigh`: what speaks for a term, and against it.
//! - `worth`: what a term can win by at most: most need not be laid on the text.
//! - [`find`]: all of it for a text, with the evidence that made each count.
//!
//! In scope: text and terms. Out of scope: listings, rules and verdicts (`listing-check`), and how a folder of CSV files
//! becomes the tables (`listing-check-pack`).
//!
//! **Invariant: integers only.** Costs are quarter bits, so that both hosts and the command line say the same.
//! **Invariant: reading is total and bounded.** Whatever the bytes of a table are, nothing panics; whatever the text is,
//! the work is bounded by its length.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail by panicking"))]
#![allow(
    clippy::arithmetic_side_effects,
    reason = "places are below the length of a text, which callers bound to a million; costs below 1,000 a unit"
)]

pub mod align;
pub mod bytes;
mod candidates;
pub mod canonical;
pub mod classes;
pub mod costs;
pub mod cues;
pub mod edges;
pub mod find;
pub mod heads;
mod keys;
pub mod language;
pub mod lattice;
pub mod lexicon;
pub mod orders;
mod readings;
pub mod step;
pub mod symbol;
mod weigh;
mod worth;

pub use canonical::{Text, Unit};
pub use costs::Costs;
pub use cues::Cues;
pub use find::{Found, Searched, Tuning, find, search};
pub use language::Language;
pub use lexicon::{Lexicon, Term};
pub use step::{Step, Steps};
