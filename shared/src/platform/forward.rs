//! Streaming pass-through: a request goes on to an origin and its answer comes back, and neither body is ever whole in
//! our memory.

use std::future::Future;

use http::Method;

use super::OutboundError;
use crate::http::{Body, Head, Headers, Response};
use crate::origin::Origin;

/// Sends the request that is being answered on to an origin.
pub trait Forward {
    /// The body of the request that is being answered.
    type Body: Body;
    /// The body of the origin's answer, not read.
    type Stream;

    /// Sends a request with `body`, and returns once the head of the answer is there. Both bodies then flow by
    /// themselves, at the pace of the slower side.
    ///
    /// - Only to origins that the deployment allows: else [`OutboundError::Refused`], and nothing is sent.
    /// - Connection-specific fields go neither way (RFC 9110 §7.6.1: `connection` and whatever it names, `keep-alive`,
    ///   `te`, `transfer-encoding`, `upgrade` …); `host` is the URL's, `content-length` the body's own. Trailers are
    ///   the host's affair. What an edge adds for itself (`spin-…`) stays here. Spin hides `connection` from us, so there what
    ///   only `connection` names goes on.
    /// - No answer's head within `head_timeout_ms`, counted from the call: [`OutboundError::Timeout`]. An origin that
    ///   answers once it has read the body must have read it by then, so uploads want a longer one. Afterwards there
    ///   is no deadline. On Spin a silence of the origin of [`IDLE_MS`] ends the body, on Workers the runtime's own
    ///   limits do: the client sees an answer broken off.
    /// - A web socket that was asked for is opened where the host has them ([`Forward::has_websockets`]), and its frames
    ///   flow by themselves too; the deadline ends with the handshake. Elsewhere the origin sees a plain GET.
    /// - Redirects are passed back, not followed. A body of GET or HEAD is not sent on.
    /// - An error may come after the origin has received the request, save for [`OutboundError::Refused`]. The body
    ///   is spent either way.
    fn forward(
        &self,
        request: ForwardRequest,
        body: Onward<Self::Body>,
    ) -> impl Future<Output = Result<Forwarded<Self::Stream>, OutboundError>>;

    /// Whether web sockets can be passed on: on Workers. On Spin `upgrade` never reaches a component.
    fn has_websockets(&self) -> bool {
        false
    }
}

/// The body of a request that goes on.
pub enum Onward<B> {
    /// As it comes: no byte of it was read.
    Stream(B),
    /// Whole: a function has read it.
    Whole(Vec<u8>),
}

/// Whether a request asks for a web socket (RFC 6455 §4.1). `sec-websocket-key` is end to end, so it says so on every host.
pub fn wants_websocket(headers: &Headers) -> bool {
    headers.get("sec-websocket-key").is_some()
}

/// How long an origin may be silent within an answer's body on Spin, in milliseconds.
pub const IDLE_MS: u32 = 60_000;

/// What to send.
#[derive(Clone, Debug)]
pub struct ForwardRequest {
    /// Method.
    pub method: Method,
    /// Absolute URL.
    pub url: String,
    /// Header fields; those that do not go on are removed when it is sent.
    pub headers: Headers,
    /// Give up if the answer's head is not there after so many milliseconds.
    pub head_timeout_ms: u32,
    /// Whether a web socket is asked for.
    pub websocket: bool,
}

impl ForwardRequest {
    /// The request as it came, to an origin. Path and query are the normalised ones of
    /// [`crate::http::Target`]: what was judged is what is sent.
    /// What the client's `connection` names is gone: what a function sets afterwards goes on, whatever the client said.
    pub fn of(head: &Head, mut headers: Headers, origin: &Origin, head_timeout_ms: u32) -> ForwardRequest {
        let upgrade = headers.combined("upgrade").unwrap_or_default();
        let websocket = wants_websocket(&headers) && upgrade.eq_ignore_ascii_case("websocket");
        keep_end_to_end(&mut headers);
        let target = &head.target;
        let mark = if target.query.is_empty() { "" } else { "?" };
        let url = format!("{origin}{}{mark}{}", target.path, target.query);
        ForwardRequest { method: head.method.clone(), url, headers, head_timeout_ms, websocket }
    }

    /// Whether a body goes with it.
    pub(super) fn has_body(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD)
    }

    /// The header fields that go on: `host` is the URL's, and what has no body has no length.
    pub(super) fn fields(&self) -> Headers {
        let mut headers = self.headers.clone();
        keep_end_to_end(&mut headers);
        headers.remove("host");
        if !self.has_body() {
            headers.remove("content-length");
        }
        headers
    }
}

/// An origin's answer on its way to the client: head seen, body not.
#[derive(Debug)]
pub struct Forwarded<S> {
    /// Status code, 200 to 599; 101 if a web socket was opened.
    pub status: u16,
    /// Header fields without the connection-specific ones; to be changed at will, save for those that describe the
    /// body (`content-length`, `content-encoding`).
    pub headers: Headers,
    /// The body.
    pub(super) body: S,
}

impl<S> Forwarded<S> {
    /// From a host's answer; none if its status is not one that can be passed on.
    pub(super) fn new(status: u16, mut headers: Headers, body: S) -> Result<Forwarded<S>, OutboundError> {
        if !(200..600).contains(&status) {
            return Err(OutboundError::Transport);
        }
        keep_end_to_end(&mut headers);
        Ok(Forwarded { status, headers, body })
    }

    /// Of a web socket that the host has opened. What belongs to the handshake is the host's.
    #[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
    pub(super) fn websocket(mut headers: Headers, body: S) -> Forwarded<S> {
        keep_end_to_end(&mut headers);
        headers.retain(|name| !matches!(name, "sec-websocket-accept" | "sec-websocket-extensions"));
        Forwarded { status: 101, headers, body }
    }

    /// Sets a header field of the answer. `name` in lower case.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Forwarded<S> {
        self.headers.set(name, value);
        self
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Forwarded<Vec<u8>> {
    /// An answer of a test's origin.
    pub fn whole(status: u16, headers: Headers, body: Vec<u8>) -> Result<Forwarded<Vec<u8>>, OutboundError> {
        Forwarded::new(status, headers, body)
    }

    /// What the client gets.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }
}

/// What a function answers that may pass requests on: its own answer, or an origin's.
#[derive(Debug)]
pub enum Answer<S> {
    /// Its own.
    Ours(Response),
    /// An origin's.
    Origin(Forwarded<S>),
}

impl<S> From<Response> for Answer<S> {
    fn from(response: Response) -> Answer<S> {
        Answer::Ours(response)
    }
}

impl<S> From<Forwarded<S>> for Answer<S> {
    fn from(forwarded: Forwarded<S>) -> Answer<S> {
        Answer::Origin(forwarded)
    }
}

impl<S> Answer<S> {
    /// Status code.
    pub fn status(&self) -> u16 {
        match self {
            Answer::Ours(response) => response.status.as_u16(),
            Answer::Origin(forwarded) => forwarded.status,
        }
    }

    /// The function's own answer, if it is one.
    pub fn ours(self) -> Option<Response> {
        match self {
            Answer::Ours(response) => Some(response),
            Answer::Origin(_) => None,
        }
    }

    /// What every answer gets at the end ([`Response::finish`]): the request id back, also on an origin's.
    #[must_use]
    pub fn finish(self, head: &Head, request_id: Option<&str>) -> Answer<S> {
        match (self, request_id) {
            (Answer::Ours(response), _) => Answer::Ours(response.finish(head, request_id)),
            (Answer::Origin(forwarded), Some(id)) => Answer::Origin(forwarded.with("x-request-id", id)),
            (origin, None) => origin,
        }
    }
}

/// Fields of one connection and not of the message (RFC 9110 §7.6.1, with the older ones of RFC 2616 §13.5.1), and
/// `expect`, which the host has answered.
const CONNECTION: [&str; 10] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Removes what must not be passed on.
fn keep_end_to_end(headers: &mut Headers) {
    let named = headers.combined("connection").unwrap_or_default().to_ascii_lowercase();
    let named: Vec<&str> = named.split(',').map(str::trim).collect();
    headers.retain(|name| !CONNECTION.contains(&name) && !named.contains(&name));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Target;

    fn headers(lines: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in lines {
            headers.push(name, value);
        }
        headers
    }

    #[test]
    fn connection_fields_stay_behind() {
        let sent = headers(&[
            ("host", "shop.example"),
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("connection", "x-other"),
            ("x-other", "2"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("proxy-authorization", "Basic x"),
            ("cookie", "a=b"),
            ("accept", "text/html"),
            ("accept", "*/*"),
            ("content-length", "5"),
        ]);
        let get = ForwardRequest {
            method: Method::GET,
            url: String::new(),
            headers: sent,
            head_timeout_ms: 1,
            websocket: false,
        };
        let kept = "cookie\na=b\naccept\ntext/html\naccept\n*/*\n";
        assert_eq!(get.fields().as_block(), kept);
        let post = ForwardRequest { method: Method::POST, ..get };
        assert_eq!(post.fields().as_block(), format!("{kept}content-length\n5\n"));
    }

    #[test]
    fn a_client_does_not_name_away_what_a_function_sets() {
        let origin = Origin::parse("https://shop.example").unwrap();
        let sent = headers(&[("connection", "close, X-Verdict"), ("x-verdict", "shopper")]);
        let mut request = ForwardRequest::of(&Head::default(), sent, &origin, 1);
        assert_eq!(request.headers.get("x-verdict"), None);
        request.headers.set("x-verdict", "bot");
        assert_eq!(request.fields().get("x-verdict"), Some("bot"));
    }

    #[test]
    fn what_was_judged_is_what_is_sent() {
        let origin = Origin::parse("https://shop.example").unwrap();
        let head = Head { target: Target::new("h", "/a/../b%2Fc?d=1"), ..Head::default() };
        let request = ForwardRequest::of(&head, Headers::default(), &origin, 1);
        assert_eq!(request.url, "https://shop.example/b%2Fc?d=1");
        assert!(!request.has_body());
        let head = Head { method: Method::POST, target: Target::new("h", "/"), ..Head::default() };
        let request = ForwardRequest::of(&head, Headers::default(), &origin, 1);
        assert_eq!((request.url.as_str(), request.has_body()), ("https://shop.example/", true));
    }

    #[test]
    fn a_status_that_is_no_answer_is_none() {
        for status in [0, 101, 199, 600] {
            assert_eq!(Forwarded::whole(status, Headers::default(), vec![]).err(), Some(OutboundError::Transport));
        }
        let answer = Forwarded::whole(200, headers(&[("connection", "close"), ("x", "1")]), b"body".to_vec()).unwrap();
        let answer: Answer<_> = answer.with("x", "2").into();
        let answer = answer.finish(&Head::default(), Some("id"));
        let Answer::Origin(answer) = answer else { panic!("the origin's") };
        assert_eq!(answer.headers.as_block(), "x\n2\nx-request-id\nid\n");
        assert_eq!(answer.into_body(), b"body");
    }
}
