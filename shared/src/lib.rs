//! What two or more Venditor functions need, and the platform layer.
//!
//! In scope: what every request goes through, callers, HTTP values, problems (RFC 9457), trace context, events,
//! configuration, user agents and addresses, what is sealed and comes back, and the ports to the host; the pure formats are crates below and named here again.
//! Out of scope: any business rule; those are in `functions/`.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod address;
pub mod agents;
pub mod callers;
pub mod config;
pub mod event;
pub mod function;
pub mod health;
pub mod http;
pub mod platform;
pub mod policy;
pub mod problem;
pub mod seal;
pub mod trace;

pub use calendar as china_time;
pub use formats::policy as policy_statement;
pub use formats::{chunks, crockford, dsse, hex, http_signature, jcs, jwk, keyset, lang, mac, money, origin, visible};
