//! Test servers of three payment gateways, written from their public documentation and not from our adapters: they sign,
//! verify and keep books of their own. [`Gateways::handle`] is pure (a clock goes in, no I/O); [`server`] puts it on a
//! loopback port. Faults are switched on by the payment's id: see [`fault`].

pub mod alipay;
pub mod book;
pub mod fault;
pub mod keys;
pub mod server;
pub mod stripe;
pub mod wechat;

use std::collections::BTreeMap;

use book::{Book, Status};
use keys::Keys;

/// A request as it came over the wire.
#[derive(Clone, Debug, Default)]
pub struct WireRequest {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An answer.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// The connection is closed without one.
    Close,
}

/// Header fields and body of a notification.
pub type Notification = (Vec<(String, String)>, Vec<u8>);

/// All three, with one set of keys.
pub struct Gateways {
    pub keys: Keys,
    pub wechat: Book,
    pub alipay: Book,
    pub stripe: Book,
}

impl WireRequest {
    /// The first value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, body: impl Into<String>) -> Reply {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Reply::Answer { status, headers, body: body.into().into_bytes() }
    }
}

impl Gateways {
    /// Fresh books.
    pub fn new(keys: Keys) -> Gateways {
        Gateways { keys, wechat: Book::default(), alipay: Book::default(), stripe: Book::default() }
    }

    /// Forgets everything but the keys.
    pub fn reset(&mut self) {
        (self.wechat, self.alipay, self.stripe) = (Book::default(), Book::default(), Book::default());
    }

    /// One exchange, at an instant in milliseconds since the epoch.
    pub fn handle(&mut self, now: i64, request: &WireRequest) -> Reply {
        let path = request.target.split('?').next().unwrap_or_default();
        if path.starts_with("/v3/refund/domestic/refunds") {
            wechat::handle(&self.keys, &mut self.wechat, now, request)
        } else if path == "/gateway.do" {
            alipay::handle(&self.keys, &mut self.alipay, now, request)
        } else if path == "/v1/refunds" {
            stripe::handle(&self.keys, &mut self.stripe, now, request)
        } else {
            Reply::json(404, "{}")
        }
    }

    /// What was really paid, by payment, in the order paid, fen.
    pub fn paid(&self) -> BTreeMap<String, Vec<i64>> {
        let books = [&self.wechat, &self.alipay, &self.stripe];
        books.into_iter().flat_map(Book::paid).collect()
    }

    /// Takes back what was paid under a key (`closed`), or pays after all (`paid`). Whether there is such a refund.
    pub fn turn(&mut self, gateway: &str, key: &str, to: &str) -> bool {
        let book = match gateway {
            "wechat" => &mut self.wechat,
            "alipay" => &mut self.alipay,
            _ => &mut self.stripe,
        };
        book.turn(key, if to == "paid" { Status::Paid } else { Status::Closed })
    }

    /// Header fields and body of a notification about a refund. `how`: `genuine`, `bad-signature`, `stale`,
    /// `wrong-amount`, `malformed`, `other-event`, `unknown-refund`. `console`: about a refund that is made at the console by
    /// this, with `PAYMENT/FEN` for a key; `console-failed`: and failed; of Stripe `dispute-STATUS`, likewise.
    pub fn notification(&mut self, gateway: &str, key: &str, how: &str, now: i64) -> Option<Notification> {
        if how.starts_with("console") {
            let (payment, fen) = key.split_once('/')?;
            let book = match gateway {
                "wechat" => &mut self.wechat,
                "alipay" => &mut self.alipay,
                _ => &mut self.stripe,
            };
            let key = book.at_console(payment, fen.parse().ok()?, now);
            if how == "console-failed" {
                book.turn(&key, Status::Closed);
            }
            return self.notification(gateway, &key, "genuine", now);
        }
        match gateway {
            "wechat" => wechat::notification(&self.keys, &self.wechat, key, how, now),
            "alipay" => alipay::notification(&self.keys, &self.alipay, key, how, now),
            "stripe" => stripe::notification(&self.keys, &self.stripe, key, how, now),
            _ => None,
        }
    }
}
