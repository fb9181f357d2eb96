//! Formats: bytes and texts that have a specification, and nothing that knows a host.
//!
//! In scope: canonical JSON, signed envelopes, key sets, MACs, codes, HTTP message signatures, languages, weights,
//! origins, amounts, values in chunks, characters that nobody sees, statements that put a policy pack in force.
//! Out of scope: ports, configuration, answers (the crate `shared`), any business rule (`functions/`). Build scripts,
//! the command line and tests use this crate as the edge does; no host SDK is among its dependencies.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod chunks;
pub mod crockford;
pub mod dsse;
pub mod headers;
pub mod hex;
pub mod http_signature;
pub mod jcs;
pub mod jwk;
pub mod keyset;
pub mod lang;
pub mod mac;
pub mod money;
pub mod origin;
pub mod policy;
pub mod quality;
pub mod visible;
