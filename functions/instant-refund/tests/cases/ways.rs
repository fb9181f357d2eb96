//! Returns that have come a way: accepted, posted, arrived.

use crate::given::{Given, returned};
use instant_refund::case::RequestKind;

/// Accepted, and `now` 03-10 13:00.
pub fn settled() -> Given {
    returned().accepted("03-06 10:00").now("03-10 13:00")
}

/// By door pickup, arrived.
pub fn pickup(freight: i64) -> Given {
    settled().pickup("SF1001", freight).scanned("03-07 12:00").received("03-10 12:00")
}

/// By self-mail, arrived.
pub fn mailed() -> Given {
    settled().mails("SF1001").scanned("03-07 12:00").received("03-10 12:00")
}

pub fn route(from: &str, to: &str, weight: i64) -> Given {
    mailed().tariff().route(from, to, weight)
}

pub fn exchange() -> Given {
    returned().kind(RequestKind::Exchange).insured().now("03-10 13:00")
}
