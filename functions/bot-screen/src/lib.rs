//! `bot-screen`: lets shoppers and good crawlers through, and tags, slows down or blocks what says of itself, or what the
//! edge knows, that it is a program.
//!
//! Two ways in: it stands before an origin itself ([`inline`]), or a CDN or a proxy asks it about a request ([`handler`]).
//!
//! The way through: a request is brought to one form ([`request`], [`path`]); it is taken for an action ([`action`]), and
//! rules match what is known of it ([`signals`], [`bot_auth`], [`verdict`]); passes and limits over several requests have their say
//! ([`screen`], [`pass`], [`limits`]); and it goes on, or gets a challenge ([`challenge`], [`solve`]) or a refusal
//! ([`refuse`], [`page`]).
//!
//! Not built yet: reverse DNS, what other peers know, appeal and replay.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod action;
pub mod answer;
pub mod auth;
pub mod body;
pub mod bot_auth;
pub mod challenge;
pub mod client;
pub mod config;
pub mod cors;
pub mod fields;
pub mod handler;
pub mod inline;
pub mod limits;
pub mod multipart;
pub mod page;
pub mod pass;
pub mod path;
pub mod policy;
pub mod query;
pub mod refuse;
pub mod request;
pub mod routes;
pub mod screen;
pub mod seal;
mod sections;
pub mod signals;
pub mod solve;
#[cfg(target_os = "wasi")]
mod spin;
pub mod store;
pub mod verdict;
pub mod visit;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

pub use handler::BotScreen;

/// The function's name, as in its health path, its store and its events.
pub const NAME: &str = "bot-screen";
