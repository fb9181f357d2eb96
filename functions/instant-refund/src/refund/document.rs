//! A refund as it is stored: JSON that says its version. What an earlier build wrote is read for ever; what a newer one
//! wrote is not guessed at.
//!
//! A change that an older reader would misread is a new version: raise [`VERSION`], and let [`read`] turn the versions
//! before into today's. A member that may be missing (`#[serde(default)]`) is not.

use serde::{Deserialize, Serialize};

use super::Refund;

/// What this build writes. A document without a version is of version 1: builds before there were versions wrote those.
pub const VERSION: i64 = 1;

#[derive(Serialize)]
struct Written<'a> {
    version: i64,
    #[serde(flatten)]
    refund: &'a Refund,
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default = "first")]
    version: i64,
}

const fn first() -> i64 {
    1
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
    let Tag { version } = serde_json::from_str(text).map_err(|_| Unreadable::Malformed)?;
    match version {
        1 => serde_json::from_str(text).map_err(|_| Unreadable::Malformed),
        newer if newer > VERSION => Err(Unreadable::Newer(newer)),
        _ => Err(Unreadable::Malformed),
    }
}
