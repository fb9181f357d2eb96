//! A request's head: everything but the body.

use http::Method;

use super::{Headers, Target, form};
use crate::lang::Lang;
use crate::trace::TraceContext;

/// What a client would rather have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// A person's browser: `text/html` is named.
    Html,
    /// A program: JSON is named, or nothing is.
    Json,
}

/// A request without its body.
#[derive(Clone, Debug)]
pub struct Head {
    /// Request method.
    pub method: Method,
    /// Host, path and query.
    pub target: Target,
    /// Header fields.
    pub headers: Headers,
}

impl Head {
    /// The first value of a query parameter, decoded; malformed escapes stay as they are.
    pub fn param(&self, name: &str) -> Option<String> {
        form::decode_pairs(&self.target.query).find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The language to answer in.
    pub fn lang(&self) -> Lang {
        let param = if self.target.query.contains("lang=") { self.param("lang") } else { None };
        Lang::negotiate(param.as_deref(), self.headers.get("accept-language"))
    }

    /// HTML if `Accept` ranks `text/html` (or `application/xhtml+xml`) no lower than JSON; `otherwise` if it names
    /// neither (`*/*`, or no header at all). RFC 9110 §12.5.1, reduced to the two types that exist here.
    pub fn accepts(&self, otherwise: Accepts) -> Accepts {
        let mut html = 0u16;
        let mut json = 0u16;
        for item in self.headers.get("accept").unwrap_or("").split(',').take(32) {
            let mut parts = item.split(';');
            let media = parts.next().unwrap_or("").trim().to_ascii_lowercase();
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(1000, thousandths);
            match media.as_str() {
                "text/html" | "application/xhtml+xml" => html = html.max(weight),
                m if m == "application/json" || m.ends_with("+json") => json = json.max(weight),
                _ => {}
            }
        }
        match (html, json) {
            (0, 0) => otherwise,
            (html, json) if html >= json => Accepts::Html,
            _ => Accepts::Json,
        }
    }

    /// Request id and trace context; `fresh` supplies entropy for what the caller did not send.
    pub fn trace(&self, fresh: impl FnMut(&mut [u8])) -> TraceContext {
        TraceContext::from_headers(&self.headers, fresh)
    }
}

fn thousandths(text: &str) -> u16 {
    let value = text.trim().parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0);
    (value * 1000.0) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(accept: &str) -> Head {
        let mut headers = Headers::default();
        headers.push("accept", accept);
        Head { method: Method::GET, target: Target::new("h", "/?lang=en&x=%E8%8C%B6+1"), headers }
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
    }

    #[test]
    fn parameters_are_decoded() {
        assert_eq!(head("").param("x").as_deref(), Some("茶 1"));
        assert_eq!(head("").lang(), Lang::En);
    }
}
