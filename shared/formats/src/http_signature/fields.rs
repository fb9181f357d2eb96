//! `Content-Digest` (RFC 9530) and `Date`: what a signature covers by name is checked by value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::ListEntry;
use sha2::{Digest as _, Sha256};

use super::{MAX_SKEW_MS, SignatureError, dictionary};
use crate::headers::Headers;
use crate::mac;

/// Checks `Content-Digest` (RFC 9530): its `sha-256` must be there and be the body's.
///
/// # Errors
/// [`SignatureError::DigestMissing`], [`SignatureError::DigestWrong`], [`SignatureError::Malformed`].
pub fn check_digest(headers: &Headers, body: &[u8]) -> Result<(), SignatureError> {
    let digests = match dictionary(headers, "content-digest") {
        Err(SignatureError::Missing) => return Err(SignatureError::DigestMissing),
        other => other?,
    };
    let Some(ListEntry::Item(item)) = digests.get("sha-256") else { return Err(SignatureError::DigestMissing) };
    let digest = item.bare_item.as_byte_sequence().ok_or(SignatureError::Malformed)?;
    if mac::equal(digest, &Sha256::digest(body)) { Ok(()) } else { Err(SignatureError::DigestWrong) }
}

/// The value of `Content-Digest` for a body.
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

/// Checks that `Date` (RFC 9110 §6.6.1) is no more than [`MAX_SKEW_MS`] from our clock.
///
/// # Errors
/// [`SignatureError::DateMissing`], [`SignatureError::DateSkew`].
pub fn check_date(headers: &Headers, now_ms: i64) -> Result<(), SignatureError> {
    let date = headers.get("date").and_then(|value| httpdate::parse_http_date(value).ok());
    let since = date.and_then(|date| date.duration_since(std::time::UNIX_EPOCH).ok());
    let at = since.and_then(|since| i64::try_from(since.as_millis()).ok()).ok_or(SignatureError::DateMissing)?;
    if at.abs_diff(now_ms) > MAX_SKEW_MS.unsigned_abs() { Err(SignatureError::DateSkew) } else { Ok(()) }
}
