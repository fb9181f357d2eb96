//! What two or more Venditor functions need, and the platform layer.
//!
//! In scope: HTTP values, problems (RFC 9457), languages, trace context, events, configuration, signed documents,
//! codes, and the ports to the host. Out of scope: any business rule; those live in `functions/`.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod china_time;
pub mod config;
pub mod crockford;
pub mod dsse;
pub mod event;
pub mod health;
pub mod http;
pub mod http_signature;
pub mod jcs;
pub mod keyset;
pub mod lang;
pub mod mac;
pub mod platform;
pub mod problem;
pub mod trace;
