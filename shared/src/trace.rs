//! Request ids and W3C Trace Context (`traceparent`, level 1): read and logged, so that our line is found from
//! the caller's trace. No span of ours is made: a decision has its own id, and entropy costs a crossing.

use crate::http::Head;

/// Who asked, in the terms of a distributed trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceContext<'a> {
    /// `X-Request-Id`, if it is 1 to 128 characters of `[A-Za-z0-9._:/+=-]`.
    pub request_id: Option<&'a str>,
    /// The caller's trace id, 32 lower-case hex digits.
    pub trace_id: Option<&'a str>,
    /// The caller's span, 16 lower-case hex digits.
    pub parent_id: Option<&'a str>,
}

impl<'a> TraceContext<'a> {
    /// Of a request. What is malformed counts as absent.
    pub fn of(head: &'a Head) -> TraceContext<'a> {
        let request_id = sent_request_id(head);
        let (trace_id, parent_id) = parse_traceparent(&head.traceparent).unzip();
        TraceContext { request_id, trace_id, parent_id }
    }
}

/// The caller's own request id, if it sent a well-formed one.
pub fn sent_request_id(head: &Head) -> Option<&str> {
    let id = head.request_id.as_str();
    let well_formed =
        (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/+=-".contains(&b));
    well_formed.then_some(id)
}

/// `version-traceid-parentid-flags`; unknown higher versions are read by their first four fields, as the
/// specification asks (§4.3), and all-zero ids are invalid.
fn parse_traceparent(text: &str) -> Option<(&str, &str)> {
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
    valid.then_some((trace, parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(request_id: &str, traceparent: &str) -> Head {
        Head { request_id: request_id.to_owned(), traceparent: traceparent.to_owned(), ..Head::default() }
    }

    #[test]
    fn a_valid_parent_is_read() {
        let head = head("r-1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        let trace = TraceContext::of(&head);
        assert_eq!(trace.request_id, Some("r-1"));
        assert_eq!(trace.trace_id, Some("0af7651916cd43dd8448eb211c80319c"));
        assert_eq!(trace.parent_id, Some("b7ad6b7169203331"));
    }

    #[test]
    fn what_is_malformed_counts_as_absent() {
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ] {
            assert_eq!(TraceContext::of(&head("a b", bad)), TraceContext::default(), "{bad}");
        }
    }
}
