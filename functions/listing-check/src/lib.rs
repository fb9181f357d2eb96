//! `listing-check`: checks a listing before it goes on sale.
//!
//! In scope: forbidden goods, counterfeit words and ways to be reached elsewhere in the texts of a listing, however they
//! are written, rules as data over them, categories, prices and qualifications, and a verdict that names each. Out of
//! scope for now: words in pictures' own bytes (a listing with a picture whose text and codes the caller has not read is
//! for a person).
//!
//! The way through: [`handler`] knows the caller ([`auth`]), reads the listing ([`listing`]), gathers its texts
//! ([`texts`]), lets the engine and [`contact`] find, the rules say what it means ([`judge`], `rules`), and answers ([`answer`]).

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod answer;
pub mod auth;
pub mod batch;
mod code;
pub mod config;
pub mod contact;
mod context;
pub mod handler;
mod html;
pub mod judge;
pub mod listing;
pub mod passed;
pub mod picture;
pub mod policy;
mod raw;
mod rules;
#[cfg(target_os = "wasi")]
mod spin;
pub mod store;
mod texts;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

pub use handler::ListingCheck;

/// The function's name, as in its health path, its store and its events.
pub const NAME: &str = "listing-check";
