//! The rules of `listing-check`: how its folder `policy/` becomes a pack.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail by panicking"))]
#![allow(
    clippy::arithmetic_side_effects,
    reason = "sizes of tables that are held in memory; runs at build time and on an operator's machine"
)]

pub mod language;
pub mod lexicon;
