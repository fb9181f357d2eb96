//! `trace-verify`: what a consumer sees who scans the QR code on a product.
//!
//! In scope: whether the code is one of ours, whether it was issued, what the inspection base signed about the
//! product, whether it is recalled, how often it has been scanned, and complaints about it. Out of scope: making codes
//! (the operator's command line does, with this same crate), redirects to merchants' pages, and GS1 linksets.
//!
//! The way through: [`handler`] parses the label's URL ([`digital_link`]), checks its tag ([`serial`]) before any
//! storage is asked, takes the visitor for what it is ([`visit`], [`visitor`], [`cookie`], [`marks`]), gathers documents and history
//! ([`scan`], [`ledger`]), lets the pure core judge ([`assess`], [`outcome`]),
//! and answers JSON ([`answer`]) or the page drawn from it ([`page`]). Formats: `FORMAT.md`.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod answer;
pub mod assess;
pub mod chain;
pub mod complaint;
pub mod config;
pub mod cookie;
mod details;
pub mod digital_link;
pub mod handler;
pub mod head;
pub mod history;
pub mod keys;
pub mod ledger;
pub mod manifest;
pub mod marks;
pub mod operators;
pub mod outcome;
pub mod page;
pub mod place;
pub mod policy;
mod problems;
pub mod record;
mod refusal;
pub mod report;
mod scan;
pub mod serial;
#[cfg(target_os = "wasi")]
mod spin;
pub mod statement;
pub mod status;
pub mod store;
mod visit;
pub mod visitor;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

/// The function's name, as in its health path, its store and its events.
pub const NAME: &str = "trace-verify";
