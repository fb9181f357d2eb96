//! One call: what a function's action has at hand.

use super::Function;
use crate::http::{Accepts, Head, Headers};
use crate::lang::Lang;
use crate::platform::Host;
use crate::policy::Policies;
use crate::problem::{Problem, UNSUPPORTED_MEDIA_TYPE, text};
use crate::trace::TraceContext;

/// A routed request.
pub struct Call<'a, F: Function, H> {
    /// The ports.
    pub host: &'a H,
    /// The function's configuration.
    pub config: &'a F::Config,
    /// The rules that it is judged by.
    pub policies: &'a Policies<'a, H>,
    /// Everything but the body and the other header fields.
    pub head: &'a Head,
    /// The language to answer in.
    pub lang: Lang,
    /// Who asked, in the terms of a distributed trace.
    pub trace: &'a TraceContext<'a>,
}

impl<F: Function, H: Host> Call<'_, F, H> {
    /// The path as it was sent.
    pub fn path(&self) -> &str {
        &self.head.target.path
    }

    /// The caller's media type, of the two that exist here.
    pub fn accepts(&self, otherwise: Accepts) -> Accepts {
        self.head.accepts(otherwise)
    }
}

/// Whether a body is of a media type, parameters aside (RFC 9110 §8.3).
///
/// # Errors
/// `415` with `Accept-Post`.
pub fn expect_media(headers: &Headers, wanted: &'static str) -> Result<(), Problem> {
    let sent = headers.get("content-type").unwrap_or_default();
    let sent = sent.split(';').next().unwrap_or_default().trim();
    if sent.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    let detail = text(format!("此地址只接受 {wanted}。"), format!("This resource takes {wanted}."));
    Err(Problem::new(&UNSUPPORTED_MEDIA_TYPE, detail).header("accept-post", wanted))
}
