//! `bot-screen`: lets shoppers and verified crawlers through, and scores, challenges, limits or blocks the rest.
//!
//! Not built yet: its issue is open. It answers its health and an honest `501` for everything else.

#[cfg(target_os = "wasi")]
mod spin;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod workers;

use shared::http::{Head, Response};

/// The function's name, as in its health path and its events.
pub const NAME: &str = "bot-screen";

/// The answer to any request.
pub fn answer(head: &Head) -> Response {
    shared::health::only(head, NAME, env!("CARGO_PKG_VERSION"))
}
