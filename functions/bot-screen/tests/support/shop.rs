//! The function before a shop's origin.

use std::cell::RefCell;
use std::rc::Rc;

use bot_screen::BotScreen;
use http::Method;
use shared::http::{Head, Headers, Target};
use shared::platform::native::{Native, handle};
use shared::platform::{Answer, ForwardRequest, Forwarded};

use crate::support::native;

/// What an origin was sent.
pub type Sent = Rc<RefCell<Vec<(ForwardRequest, Vec<u8>)>>>;

pub const NOW: i64 = 1_789_862_400_000;

/// The function before an origin that answers `200` with these fields, and what the origin was sent.
pub fn before(fields: &[(&'static str, &'static str)]) -> (Native, Sent) {
    let mut host = native(
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &[("SCREEN_ORIGIN", "https://shop.example"), ("SCREEN_HOPS", "1")],
    );
    host.now_ms.set(NOW);
    let sent = Sent::default();
    let (seen, fields) = (sent.clone(), fields.to_vec());
    host.upstream = Box::new(move |request, body| {
        seen.borrow_mut().push((request, body));
        let mut headers = Headers::default();
        fields.iter().for_each(|(name, value)| headers.push(name, value));
        Forwarded::whole(200, headers, b"the origin's".to_vec())
    });
    (host, sent)
}

pub fn ask(
    host: &mut Native,
    method: Method,
    target: &str,
    fields: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Answer<Vec<u8>> {
    let mut headers = Headers::default();
    for (name, value) in fields {
        headers.push(name, value);
    }
    let accept = headers.get("accept").unwrap_or_default().to_owned();
    host.headers = headers;
    let head = Head { method, target: Target::new("www.shop.example", target), accept, ..Head::default() };
    handle::<BotScreen>(host, &head, body.as_ref().to_vec())
}
