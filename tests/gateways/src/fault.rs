//! Faults, by the second part of a payment's id between dots: `4200.drop-after.1`. Most strike once, at the payment's
//! first refund.

/// What goes wrong with a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Paid, and the connection is closed before the answer.
    DropAfter,
    /// Closed before anything was done.
    DropBefore,
    /// Paid, and answered with a 502 page of a proxy.
    ErrorAfter,
    /// A 502 page before anything was done.
    ErrorBefore,
    /// Paid, and answered with something that is not JSON, but signed.
    Malformed,
    /// Paid; half of the answer.
    Truncated,
    /// Paid rightly; the answer names another amount.
    WrongAmount,
    /// Paid rightly; the answer names another refund.
    WrongRefund,
    /// Paid; the answer's signature is wrong.
    BadSignature,
    /// Paid; the answer was signed ten minutes ago.
    Stale,
    /// Paid; the answer is signed with an unknown key.
    UnknownSerial,
    /// Too many requests, once, with `Retry-After: 7`.
    Frequency,
    /// A system error, once, before anything was done.
    SystemError,
    /// The balance is short, unless the platform advances.
    NotEnough,
    /// The balance is short, always.
    NotEnoughEver,
    /// Refused for good.
    Refused,
    /// Taken on; done at the second query.
    Processing,
    /// Taken on; closed at the second query.
    Closed,
    /// The answer says closed; the money is paid all the same, and a notification says so.
    Contradicts,
    /// Paid, connection closed, and a query does not see it for three seconds.
    Hidden,
    /// Keys mean nothing: each request pays (as PyPI `localstripe` does); the first answer is lost.
    Twice,
    /// Paid; every answer to a query is malformed until ten minutes later.
    QueryMalformed,
    /// Paid, answer lost; the first query answers with a system error.
    QueryError,
    /// Paid, answer lost, and no query is ever answered.
    Mute,
    /// Connection closed before anything was done, and no query is ever answered.
    MuteBefore,
    /// Paid, and from an hour later on it has failed: the money came back.
    Reverses,
}

/// The fault in a payment's id.
pub fn of(payment: &str) -> Option<Fault> {
    Some(match payment.split('.').nth(1)? {
        "drop-after" => Fault::DropAfter,
        "drop-before" => Fault::DropBefore,
        "error-after" => Fault::ErrorAfter,
        "error-before" => Fault::ErrorBefore,
        "malformed" => Fault::Malformed,
        "truncated" => Fault::Truncated,
        "wrong-amount" => Fault::WrongAmount,
        "wrong-refund" => Fault::WrongRefund,
        "bad-signature" => Fault::BadSignature,
        "stale" => Fault::Stale,
        "unknown-serial" => Fault::UnknownSerial,
        "frequency" => Fault::Frequency,
        "system-error" => Fault::SystemError,
        "not-enough" => Fault::NotEnough,
        "not-enough-ever" => Fault::NotEnoughEver,
        "refused" => Fault::Refused,
        "processing" => Fault::Processing,
        "closed" => Fault::Closed,
        "contradicts" => Fault::Contradicts,
        "hidden" => Fault::Hidden,
        "twice" => Fault::Twice,
        "query-malformed" => Fault::QueryMalformed,
        "query-error" => Fault::QueryError,
        "mute" => Fault::Mute,
        "mute-before" => Fault::MuteBefore,
        "reverses" => Fault::Reverses,
        _ => return None,
    })
}

/// What was paid with a payment, if its id says so: a part `p10800`. Without it there is no limit.
pub fn total(payment: &str) -> i64 {
    payment.split('.').find_map(|part| part.strip_prefix('p')?.parse().ok()).unwrap_or(i64::MAX)
}
