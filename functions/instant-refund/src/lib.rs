//! `instant-refund`: decides and issues instant refunds, exactly once, to the fen.
//!
//! In scope: one decision a request with every leg and who bears it; bringing the gateway legs to the buyer through a
//! payment gateway, once; what follows (claw-back, appeal, recourse, insurer's results); the ledger; receipts. Out of
//! scope: filing claims with insurers and crediting buyers' accounts (the marketplace does, on our word), disputes that
//! people decide.
//!
//! The way through: [`handler`] knows the caller ([`auth`]), reads the case ([`case`]), lets the pure core decide
//! ([`decide`]), makes the intent durable ([`store`]) and issues it ([`issue`]) through a gateway adapter
//! ([`gateway`]). What a report of the gateway does to a refund is pure again ([`refund`]).

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

mod account;
mod answer;
pub mod auth;
pub mod calendar;
pub mod case;
pub mod config;
pub mod decide;
pub mod decision;
pub mod follow_up;
pub mod gateway;
pub mod handler;

pub mod issue;
mod log;
pub mod payment_event;
pub mod policy;
mod postings;
mod problems;
pub mod receipt;
pub mod refund;
pub mod refund_event;
#[cfg(target_os = "wasi")]
mod spin;
pub mod store;
pub mod tables;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

/// The function's name, as in its health path, its store and its events.
pub const NAME: &str = "instant-refund";
