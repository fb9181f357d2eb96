//! `instant-refund`: decides and issues instant refunds, exactly once, to the fen.
//!
//! Not built yet: its issue is open. It answers its health and an honest `501` for everything else.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod case;
pub mod decision;
pub mod gateway;
pub mod happening;
#[cfg(target_os = "wasi")]
mod spin;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

use shared::http::{Head, Response};

/// The function's name, as in its health path and its events.
pub const NAME: &str = "instant-refund";

/// The answer to any request.
pub fn answer(head: &Head) -> Response {
    shared::health::only(head, NAME, env!("CARGO_PKG_VERSION"))
}
