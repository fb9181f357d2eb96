//! Request ids and W3C Trace Context (`traceparent`, level 1), read, continued and logged.

use crate::http::Headers;

/// Who asked, in the terms of a distributed trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// `X-Request-Id` as sent, if it is 1 to 128 characters of `[A-Za-z0-9._:/+=-]`; else 16 random hex digits.
    pub request_id: String,
    /// 32 lower-case hex digits: the caller's trace id, or a new one.
    pub trace_id: String,
    /// 16 lower-case hex digits: the caller's span, if it sent a valid `traceparent`.
    pub parent_id: Option<String>,
    /// Whether the caller sampled the trace.
    pub sampled: bool,
}

impl TraceContext {
    /// From request headers; `fresh` fills bytes with entropy for what is missing (ids, not secrets).
    pub fn from_headers(headers: &Headers, mut fresh: impl FnMut(&mut [u8])) -> TraceContext {
        let parent = headers.get("traceparent").and_then(parse_traceparent);
        let sent_id = sent_request_id(headers);
        let mut random = [0u8; 24];
        if parent.is_none() || sent_id.is_none() {
            fresh(&mut random);
        }
        let (for_id, for_trace) = random.split_at(8);
        let request_id = sent_id.map_or_else(|| hex(for_id), str::to_owned);
        match parent {
            Some((trace_id, parent_id, sampled)) => TraceContext {
                request_id,
                trace_id: trace_id.to_owned(),
                parent_id: Some(parent_id.to_owned()),
                sampled,
            },
            None => TraceContext { request_id, trace_id: hex(for_trace), parent_id: None, sampled: false },
        }
    }

    /// The `traceparent` to send onward from a span of ours.
    pub fn traceparent(&self, span: [u8; 8]) -> String {
        format!("00-{}-{}-{:02x}", self.trace_id, hex(&span), u8::from(self.sampled))
    }
}

/// The caller's own request id, if it sent a well-formed one.
pub fn sent_request_id(headers: &Headers) -> Option<&str> {
    let well_formed = |id: &&str| {
        (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/+=-".contains(&b))
    };
    headers.get("x-request-id").filter(well_formed)
}

/// `version-traceid-parentid-flags`; unknown higher versions are read by their first four fields, as the
/// specification asks (§4.3), and all-zero ids are invalid.
fn parse_traceparent(text: &str) -> Option<(&str, &str, bool)> {
    let mut fields = text.trim().split('-');
    let (version, trace, parent, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let is_hex = |s: &str, len: usize| s.len() == len && s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let nonzero = |s: &str| s.bytes().any(|b| b != b'0');
    let valid = is_hex(version, 2)
        && version != "ff"
        && (version != "00" || fields.next().is_none())
        && is_hex(trace, 32)
        && nonzero(trace)
        && is_hex(parent, 16)
        && nonzero(parent)
        && is_hex(flags, 2);
    valid.then(|| (trace, parent, u8::from_str_radix(flags, 16).is_ok_and(|f| f & 1 == 1)))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(fields: &[(&str, &str)]) -> TraceContext {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.push(name, value);
        }
        TraceContext::from_headers(&headers, |bytes| bytes.fill(0xab))
    }

    #[test]
    fn a_valid_parent_is_continued() {
        let sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let trace = context(&[("traceparent", sent), ("x-request-id", "r-1")]);
        assert_eq!(trace.request_id, "r-1");
        assert_eq!(trace.trace_id, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(trace.parent_id.as_deref(), Some("b7ad6b7169203331"));
        assert_eq!(trace.traceparent([1; 8]), "00-0af7651916cd43dd8448eb211c80319c-0101010101010101-01");
    }

    #[test]
    fn what_is_malformed_is_replaced() {
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ] {
            let trace = context(&[("traceparent", bad), ("x-request-id", "a b")]);
            assert_eq!(trace.parent_id, None, "{bad}");
            assert_eq!(trace.request_id, "abababababababab");
            assert_eq!(trace.trace_id, "ab".repeat(16));
        }
    }
}
