//! A deterministic simulator of `instant-refund`: the same core and shell as at the edge, on simulated hosts, stores,
//! clocks and gateways that fail in every way that we know of. One seed is one run, and the same seed is the same run.
//!
//! A run has a bad time, in which requests are duplicated, reordered and lost, isolates die between any two steps, clocks
//! are off, and gateways misbehave; and a good time, in which everything must become final. What must hold is in
//! [`watch`] (at every instant) and [`verdict`] (in the end). [`mutant`] has planted bugs that must be caught.
//!
//! The truth is the gateways' own record of money that moved ([`bank`]). Gateways keep the promises that
//! [`instant_refund::gateway::Semantics`] names, and nothing else.

pub mod bank;
pub mod callers;
pub mod client;
pub mod flight;
pub mod host;
pub mod mutant;
pub mod plan;
pub mod profile;
pub mod rng;
pub mod run;
pub mod tally;
pub mod verdict;
pub mod watch;
pub mod weather;
pub mod wire;
pub mod world;
