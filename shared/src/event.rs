//! Events: one JSON line a decision. They are the audit trail, the metrics and the source of the consumer protection
//! report. Deliberately absent: addresses, user agents, names, and anything else that is personal data in the clear.

use serde::Serialize;

use crate::trace::TraceContext;

/// One decision. Field order is the order in the line.
#[derive(Serialize)]
pub struct EventLine<'a, D: Serialize> {
    /// Schema of the line, `venditor.<what>.v1`.
    pub schema: &'static str,
    /// When, in milliseconds since the epoch (UTC).
    pub at: i64,
    /// The function.
    pub function: &'static str,
    /// The outcome's stable code.
    pub outcome: &'a str,
    /// Stable codes of the reasons.
    pub reasons: &'a [&'a str],
    /// Digest of the policy pack that decided.
    pub policy: &'a str,
    /// Request id, if the caller sent one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
    /// Trace id, if the caller has a trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<&'a str>,
    /// The caller's span, if it has a trace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<&'a str>,
    /// What this kind of decision adds. Nested: flattening would cost a map where a structure does.
    pub details: D,
}

impl<'a, D: Serialize> EventLine<'a, D> {
    /// An event with the trace of a request.
    pub fn new(
        schema: &'static str,
        function: &'static str,
        at: i64,
        trace: &TraceContext<'a>,
        outcome: &'a str,
        details: D,
    ) -> EventLine<'a, D> {
        EventLine {
            schema,
            at,
            function,
            outcome,
            reasons: &[],
            policy: "",
            request_id: trace.request_id,
            trace_id: trace.trace_id,
            parent_id: trace.parent_id,
            details,
        }
    }

    /// The line, without its end.
    pub fn line(&self) -> String {
        let mut line = Vec::with_capacity(512);
        match serde_json::to_writer(&mut line, self) {
            Ok(()) => String::from_utf8(line).unwrap_or_default(),
            Err(_) => String::new(),
        }
    }
}
