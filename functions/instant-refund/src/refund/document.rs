//! A refund as it is stored: JSON that says its version. What an earlier build wrote stays readable; what a newer one
//! wrote is not interpreted.
//!
//! A change that an older reader would misread is a new version: raise [`VERSION`], and let [`read`] turn the versions
//! before into today's. A member that may be missing (`#[serde(default)]`) is not.

use serde::Serialize;
use serde_json::Value;
use shared::http::json::{self, Unknown};

use super::Refund;

/// What this build writes. Version 3 has refunds that a gateway took back, or that are paid another way. Version 2 names
/// accounts of lines and of freight among what is held; version 1, which is also that of a document without one, has none
/// of them, and goes on without.
pub const VERSION: i64 = 3;

#[derive(Serialize)]
struct Written<'a> {
    version: i64,
    #[serde(flatten)]
    refund: &'a Refund,
}

/// Why a stored document is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer build wrote it, in this version.
    Newer(i64),
    /// It is no refund.
    Malformed,
}

/// The document of a refund; `None` if it cannot be expressed, which its types rule out.
pub fn write(refund: &Refund) -> Option<String> {
    serde_json::to_string(&Written { version: VERSION, refund }).ok()
}

/// The refund of a document.
///
/// # Errors
/// [`Unreadable`]: leave its row alone.
pub fn read(text: &str) -> Result<Refund, Unreadable> {
    // By way of a value, as a case is read: a second reader of the same types is a tenth of what ships.
    let value: Value = serde_json::from_str(text).map_err(|_| Unreadable::Malformed)?;
    let version = value.get("version").map_or(Some(1), Value::as_i64);
    match version.ok_or(Unreadable::Malformed)? {
        1..=VERSION => json::of_value(&value, Unknown::Ignore).map_err(|_| Unreadable::Malformed),
        newer if newer > VERSION => Err(Unreadable::Newer(newer)),
        _ => Err(Unreadable::Malformed),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::case::Case;
    use crate::decide::decide;
    use crate::policy::Rules;
    use crate::refund::refund_id;

    fn refund() -> Refund {
        let case = include_bytes!("../../../../tests/vectors/instant-refund/cases/unshipped.json");
        let case = Case::read(case, 1_790_000_000_000).unwrap();
        let decision = decide(&case, &Rules::bundled().at(case.order.paid_at), 1_790_000_000_000);
        Refund::new(refund_id("caller", "k"), case, decision, 1_790_000_000_000)
    }

    #[test]
    fn what_is_written_is_read() {
        let refund = refund();
        let text = write(&refund).unwrap();
        assert!(text.starts_with(r#"{"version":3,"id":"rf_"#), "{text}");
        assert_eq!(read(&text), Ok(refund));
    }

    #[test]
    fn a_document_without_a_version_is_the_first() {
        let refund = refund();
        assert_eq!(read(&serde_json::to_string(&refund).unwrap()), Ok(refund.clone()));
        let first = write(&refund).unwrap().replacen("\"version\":3", "\"version\":1", 1);
        assert_eq!(read(&first), Ok(refund));
    }

    #[test]
    fn a_newer_one_is_not_guessed_at() {
        let text = write(&refund()).unwrap();
        assert_eq!(read(&text.replacen("\"version\":3", "\"version\":4", 1)), Err(Unreadable::Newer(4)));
        // Even if this build could make nothing of it.
        assert_eq!(read(r#"{"version":7,"refund":{}}"#), Err(Unreadable::Newer(7)));
        for odd in ["", "{}", "[]", r#"{"version":0}"#, r#"{"version":"1"}"#] {
            assert_eq!(read(odd), Err(Unreadable::Malformed), "{odd}");
        }
    }
}
