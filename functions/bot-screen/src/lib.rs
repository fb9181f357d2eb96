//! `bot-screen`: lets shoppers and good crawlers through, and tags, slows down or blocks what says of itself, or what the
//! edge knows, that it is a program.
//!
//! In scope so far: the verdict on one request that a CDN or a proxy asks about ([`handler`]): what it is taken for
//! ([`action`]), who it says it is, and the rules of the policy pack over its signals ([`signals`], [`verdict`]). Not
//! built yet: screening inline before an origin, challenges and passes, limits over several requests, verified crawlers.
//!
//! The way through: [`handler`] knows the caller, reads the request asked about ([`request`]), brings its path to one
//! form ([`path`]), lets the rules match, and answers for a program or for a proxy ([`answer`]).

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod action;
pub mod answer;
pub mod auth;
pub mod config;
pub mod handler;
pub mod path;
pub mod policy;
pub mod request;
pub mod signals;
#[cfg(target_os = "wasi")]
mod spin;
pub mod store;
pub mod verdict;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

pub use handler::BotScreen;

/// The function's name, as in its health path, its store and its events.
pub const NAME: &str = "bot-screen";
