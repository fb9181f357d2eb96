//! What the three adapters share: configuration read without showing it, bounded requests, forms, cautious reports.

use serde::de::DeserializeOwned;
use shared::http::Headers;
use shared::origin::Origin;
use shared::platform::{OutboundRequest, OutboundResponse};

use super::Report;

/// Give up on a gateway after so many milliseconds.
const TIMEOUT_MS: u32 = 10_000;
/// The most bytes of an answer; a real one has some thousand.
const MAX_BYTES: usize = 65_536;
/// The most characters of a gateway's code that are kept.
const MAX_CODE: usize = 64;

/// A request within the bounds.
pub(super) fn request(
    method: http::Method,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
) -> OutboundRequest {
    OutboundRequest { method, url, headers, body, timeout_ms: TIMEOUT_MS, max_bytes: MAX_BYTES }
}

/// Reads a configuration. The error names the member at fault and never shows a value.
pub(super) fn config<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        if error.inner().is_data() { format!("{}: unknown or of another type", error.path()) } else { not_json() }
    })?;
    reader.end().map_err(|_| not_json())?;
    Ok(value)
}

fn not_json() -> String {
    "not a JSON object".to_owned()
}

/// A member that must be there and not be empty.
pub(super) fn required(value: Option<String>, member: &str) -> Result<String, String> {
    value.filter(|text| !text.is_empty()).ok_or_else(|| format!("{member}: missing"))
}

/// A member that goes into a header: letters, digits, `_` and `-` only.
pub(super) fn token(value: Option<String>, member: &str) -> Result<String, String> {
    let text = required(value, member)?;
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if plain { Ok(text) } else { Err(format!("{member}: characters other than letters, digits, _ and -")) }
}

/// Where the gateway is. The member is called `base` in messages: it is no part of the credentials.
pub(super) fn origin(base: &str) -> Result<Origin, String> {
    Origin::parse(base).map_err(|_| "base: not an origin".to_owned())
}

/// A form body or a query string (URL Standard §5): names and values percent-encoded as UTF-8.
pub(super) fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        escape(name, &mut out);
        out.push('=');
        escape(value, &mut out);
    }
    out
}

/// Percent-encodes everything but the unreserved characters (RFC 3986 §2.3).
pub(super) fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// It may have been done, or not.
pub(super) fn unknown(code: &str) -> Report {
    Report::Unknown { code: clean(code) }
}

/// An answer that is not the gateway's, or cannot be shown to be: a proxy's page, an overload.
pub(super) fn unknown_status(answer: &OutboundResponse) -> Report {
    Report::Unknown { code: format!("http_{}", answer.status) }
}

/// Definitely not done.
pub(super) fn refused(code: &str) -> Report {
    Report::Refused { code: clean(code) }
}

/// Definitely not done, for a reason that is the deployment's and not the refund's: later.
pub(super) fn not_now(code: &str) -> Report {
    Report::NotAccepted { code: clean(code), retry_after_ms: Some(300_000) }
}

/// A gateway's code, made safe to log: visible ASCII without quotes, cut.
pub(super) fn clean(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).take(MAX_CODE).collect()
}

/// `Retry-After` in its form of seconds (RFC 9110 §10.2.3), milliseconds.
pub(super) fn retry_after_ms(headers: &Headers) -> Option<i64> {
    let seconds: u32 = headers.get("retry-after")?.trim().parse().ok()?;
    i64::from(seconds).checked_mul(1000)
}

/// Reads JSON that is UTF-8 throughout (RFC 8259 §8.1). serde_json alone passes over members that nobody asks for
/// without looking at their bytes.
pub(super) fn json<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, NotJson> {
    serde_json::from_str(str::from_utf8(bytes).map_err(|_| NotJson)?).map_err(|_| NotJson)
}

/// Not JSON of the wanted shape.
#[derive(Debug)]
pub(super) struct NotJson;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_escape_everything_but_the_unreserved() {
        assert_eq!(form([("a b", "1+2=3&茶"), ("c", "~-._")]), "a%20b=1%2B2%3D3%26%E8%8C%B6&c=~-._");
        let back: Vec<_> = shared::http::decode_pairs(&form([("k", "a b+%茶")])).collect();
        assert_eq!(back, [("k".to_owned(), "a b+%茶".to_owned())]);
    }

    #[test]
    fn codes_are_cleaned_and_delays_are_seconds() {
        assert_eq!(clean("ACQ.X_Y\n\"<b>"), "ACQ.X_Yb");
        assert_eq!(clean(&"x".repeat(500)).len(), 64);
        let mut headers = Headers::default();
        assert_eq!(retry_after_ms(&headers), None);
        headers.push("retry-after", "30");
        assert_eq!(retry_after_ms(&headers), Some(30_000));
        let mut dated = Headers::default();
        dated.push("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT");
        assert_eq!(retry_after_ms(&dated), None);
    }

    #[test]
    fn configuration_errors_show_no_value() {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Probe {
            #[allow(dead_code)]
            name: Option<String>,
        }
        for bad in [r#"{"name":12345}"#, r#"{"name":{"12345":1}}"#, "12345", r#"{"name":"12345""#, r#"{} 12345"#] {
            let error = config::<Probe>(bad).err().unwrap();
            assert!(!error.contains("12345"), "{error}");
        }
        assert_eq!(config::<Probe>(r#"{"name":1}"#).err().as_deref(), Some("name: unknown or of another type"));
        assert_eq!(required(None, "x").err().as_deref(), Some("x: missing"));
        assert!(token(Some("a\"b".to_owned()), "x").is_err());
    }
}
