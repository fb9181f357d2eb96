//! A request's head: everything but the body.

use http::Method;

use formats::http_signature::Message;
use formats::quality::weighted;

use super::{Headers, Target, form};
use crate::lang::Lang;

/// What a client would rather have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// A person's browser: `text/html` is named.
    Html,
    /// A program: JSON is named, or nothing is.
    Json,
}

/// What every answer needs to know of a request. The other header fields are a question to the host
/// ([`crate::platform::Peer::headers`]), which costs a crossing of its own, so an answer that does not need them does not ask.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Request method.
    pub method: Method,
    /// Host, path and query.
    pub target: Target,
    /// `Accept`, empty if absent.
    pub accept: String,
    /// `Accept-Language`, empty if absent.
    pub accept_language: String,
    /// `X-Request-Id` as sent, empty if absent.
    pub request_id: String,
    /// `traceparent` as sent, empty if absent.
    pub traceparent: String,
}

/// The fields of [`Head`] that are header fields, in its order. (`edge.js` reads the same for Workers.)
#[cfg(target_arch = "wasm32")]
pub(crate) const HEAD_FIELDS: [&str; 4] = ["accept", "accept-language", "x-request-id", "traceparent"];

impl Head {
    /// The first value of a query parameter, decoded; malformed escapes stay as they are.
    pub fn param(&self, name: &str) -> Option<String> {
        form::decode_pairs(&self.target.query).find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The language to answer in.
    pub fn lang(&self) -> Lang {
        let param = if self.target.query.contains("lang=") { self.param("lang") } else { None };
        Lang::negotiate(param.as_deref(), Some(&self.accept_language))
    }

    /// The request as a signature sees it (RFC 9421); `headers` are all its fields.
    pub fn message<'a>(&'a self, headers: &'a Headers) -> Message<'a> {
        let Target { host, path, query } = &self.target;
        // The edge is reached by https; plain http is for machines of developers.
        Message { method: self.method.as_str(), scheme: "https", authority: host, path, query, headers }
    }

    /// HTML if `Accept` ranks `text/html` (or `application/xhtml+xml`) no lower than JSON; `otherwise` if it names
    /// neither (`*/*`, or no header at all). RFC 9110 §12.5.1, reduced to the two types that exist here.
    pub fn accepts(&self, otherwise: Accepts) -> Accepts {
        let mut html = 0u16;
        let mut json = 0u16;
        for (media, weight) in weighted(&self.accept) {
            let is = |name: &str| media.eq_ignore_ascii_case(name);
            if is("text/html") || is("application/xhtml+xml") {
                html = html.max(weight);
            } else if is("application/json") || is("application/problem+json") {
                json = json.max(weight);
            }
        }
        match (html, json) {
            (0, 0) => otherwise,
            (html, json) if html >= json => Accepts::Html,
            _ => Accepts::Json,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(accept: &str) -> Head {
        let target = Target::new("h", "/?lang=en&x=%E8%8C%B6+1");
        Head { target, accept: accept.to_owned(), ..Head::default() }
    }

    #[test]
    fn accept_chooses_between_html_and_json() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(head(browser).accepts(Accepts::Json), Accepts::Html);
        assert_eq!(head("application/json").accepts(Accepts::Html), Accepts::Json);
        assert_eq!(head("application/json, text/html;q=0.5").accepts(Accepts::Html), Accepts::Json);
        assert_eq!(head("application/problem+json").accepts(Accepts::Html), Accepts::Json);
        assert_eq!(head("*/*").accepts(Accepts::Html), Accepts::Html);
        assert_eq!(head("*/*").accepts(Accepts::Json), Accepts::Json);
        // A weight that is none counts for nothing.
        assert_eq!(head("text/html;q=2, application/json;q=0.1").accepts(Accepts::Html), Accepts::Json);
        assert_eq!(head("text/html;q=1e0, application/json;q=0.1").accepts(Accepts::Html), Accepts::Json);
    }

    #[test]
    fn parameters_are_decoded() {
        assert_eq!(head("").param("x").as_deref(), Some("茶 1"));
        assert_eq!(head("").lang(), Lang::En);
    }
}
