//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a caller's own name for a request, so that a request
//! sent twice is done once.

use super::IDEMPOTENCY_KEY;
use crate::http::Headers;
use crate::problem::{Problem, text};

/// The key of a request: a structured-field string, or the same without quotes. (It is covered by the signature: with
/// another key, the same signed request would be another one.)
///
/// # Errors
/// `400 idempotency-key`: missing or malformed.
pub fn idempotency_key(headers: &Headers) -> Result<String, Problem> {
    let sent = headers.combined("idempotency-key").unwrap_or_default();
    let sent = sent.trim();
    let key = sent.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(sent);
    if is_idempotency_key(key) {
        return Ok(key.to_owned());
    }
    let detail = text(
        "需要 Idempotency-Key：1 至 255 个可见 ASCII 字符，不含引号、逗号和反斜杠。",
        "Idempotency-Key is needed: 1 to 255 visible ASCII characters without quotes, commas and backslashes.",
    );
    let code = if sent.is_empty() { "missing" } else { "malformed" };
    Err(Problem::new(&IDEMPOTENCY_KEY, detail.clone()).field("/header/idempotency-key", code, detail))
}

/// Whether a text can be a key: 1 to 255 visible ASCII characters without quotes, commas and backslashes.
pub fn is_idempotency_key(key: &str) -> bool {
    (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic() && !b"\",\\".contains(&b))
}
