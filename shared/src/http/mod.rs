//! HTTP as the functions see it: plain values that each platform module fills from its host's request and turns into
//! its host's response, in as few boundary crossings as the host allows.
//!
//! Deliberately absent: streaming responses of our own (every answer is small; an origin's passes through by
//! [`crate::platform::Forward`]) and `http::HeaderMap` (its hash seeds are predictable on wasm32-unknown-unknown, and
//! a linear scan over a dozen headers is faster than building it).

mod body;
pub mod cookie;
mod form;
pub mod json;
mod request;
mod response;
mod target;

pub use body::{Body, BodyError, read_text};
pub use form::{decode_all_pairs, decode_pairs, percent_decode};
pub use formats::headers::Headers;
#[cfg(target_arch = "wasm32")]
pub(crate) use request::HEAD_FIELDS;
pub use request::{Accepts, Head};
pub(crate) use response::PROBLEM;
pub use response::{HeaderSet, JSON, Response, TEXT, VARY, negotiated_json};
pub use target::Target;
