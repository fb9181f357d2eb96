//! Responses: a status, a fixed set of headers by kind of answer, the few that vary, and the whole body.

use http::StatusCode;

use super::Head;
use crate::lang::Lang;

/// Headers that every answer of one kind carries, in lower case. Being `'static`, a platform module can build its
/// host's own header object for a set once and reuse it.
pub type HeaderSet = &'static [(&'static str, &'static str)];

/// The security headers that everything carries, as `name, value` pairs. The argument is the Content Security Policy.
#[macro_export]
macro_rules! header_set {
    ($content_type:literal, csp: $csp:expr, cache: $cache:literal $(, $name:literal: $value:expr)*) => {
        $crate::header_set!($content_type, csp: $csp, cache: $cache, referrer: "no-referrer" $(, $name: $value)*)
    };
    ($content_type:literal, csp: $csp:expr, cache: $cache:literal, referrer: $referrer:literal $(, $name:literal: $value:expr)*) => {
        &[
            $(($name, $value),)*
            ("content-type", $content_type),
            ("cache-control", $cache),
            ("content-security-policy", $csp),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", $referrer),
            ("cross-origin-resource-policy", "same-origin"),
            // The last: see `Response::on_anothers_site`.
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ]
    };
}

/// The policy of an answer that is not a page: it may load nothing and be framed by no one.
macro_rules! nothing {
    () => {
        "default-src 'none'; frame-ancestors 'none'"
    };
}

/// JSON for one caller, never cached.
pub static JSON: HeaderSet = header_set!("application/json", csp: nothing!(), cache: "no-store");

/// Plain text for one caller, never cached.
pub static TEXT: HeaderSet = header_set!("text/plain; charset=utf-8", csp: nothing!(), cache: "no-store");

/// The header `Vary` of whatever is negotiated by media type and language.
pub const VARY: &str = "accept, accept-language";

/// Negotiated JSON, by language.
pub fn negotiated_json(lang: Lang) -> HeaderSet {
    static ZH: HeaderSet = header_set!("application/json", csp: nothing!(), cache: "no-store",
        "content-language": "zh-CN", "vary": VARY);
    static EN: HeaderSet = header_set!("application/json", csp: nothing!(), cache: "no-store",
        "content-language": "en", "vary": VARY);
    lang.pick(ZH, EN)
}

/// A problem (RFC 9457).
pub(crate) static PROBLEM: HeaderSet = header_set!("application/problem+json", csp: nothing!(), cache: "no-store");

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Status code.
    pub status: StatusCode,
    /// The fixed headers of its kind.
    pub fixed: HeaderSet,
    /// Headers of few values each, in lower case, such as an outcome: a host keeps its own header object for a fixed set and
    /// these. Nothing here is of a person or of one request alone. Values as those of `varying`.
    pub steady: Vec<(&'static str, String)>,
    /// The headers that vary, in lower case; values are visible ASCII by construction.
    pub varying: Vec<(&'static str, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer of a kind.
    pub fn new(status: StatusCode, fixed: HeaderSet, body: Vec<u8>) -> Response {
        Response { status, fixed, steady: Vec::new(), varying: Vec::new(), body }
    }

    /// A JSON answer of a kind. `value` is one of our own types: serialising it cannot fail, and if it ever did, the body would
    /// be `null`, not a panic.
    pub fn json(status: StatusCode, fixed: HeaderSet, value: &impl serde::Serialize) -> Response {
        let mut body = Vec::with_capacity(1024);
        if serde_json::to_writer(&mut body, value).is_err() {
            body = b"null".to_vec();
        }
        Response::new(status, fixed, body)
    }

    /// A redirect that keeps the method (`307`) or not, as `status` says.
    pub fn redirect(status: StatusCode, location: String) -> Response {
        Response::new(status, TEXT, Vec::new()).with("location", location)
    }

    /// Adds a header. Characters that a field value cannot hold are dropped, so no input can split a response.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.varying.push((name, visible(value.into())));
        self
    }

    /// Adds a header that has few values: see [`Response::steady`].
    pub fn with_steady(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.steady.push((name, visible(value.into())));
        self
    }

    /// Without what it would say of its whole site, which is another's: whether all of that is reached over https alone.
    pub fn on_anothers_site(mut self) -> Response {
        if let Some((("strict-transport-security", _), others)) = self.fixed.split_last() {
            self.fixed = others;
        }
        self
    }

    /// What every answer gets at the end: the request id back, and no body for HEAD (RFC 9110 §9.3.2).
    pub fn finish(mut self, head: &Head, request_id: Option<&str>) -> Response {
        if head.method == http::Method::HEAD {
            self.body.clear();
        }
        match request_id {
            Some(id) => self.with("x-request-id", id),
            None => self,
        }
    }

    /// Every header, fixed ones first.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let set = self.steady.iter().chain(&self.varying).map(|(name, value)| (*name, value.as_str()));
        self.fixed.iter().copied().chain(set)
    }
}

fn visible(mut value: String) -> String {
    if !value.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        value.retain(|c| (' '..'\u{7f}').contains(&c));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_cannot_split_a_response() {
        let response = Response::redirect(StatusCode::TEMPORARY_REDIRECT, "/a\r\nx: y\u{8336}".to_owned());
        assert_eq!(response.varying, [("location", "/ax: y".to_owned())]);
    }
}
