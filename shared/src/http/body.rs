//! Request bodies: read chunk by chunk under a cap, never whole and then measured.

use std::future::Future;

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It grew past the cap; `limit` is the cap in bytes. What had been read was dropped.
    TooLarge {
        /// The cap in bytes.
        limit: usize,
    },
    /// The client stopped sending, or the host reported a transport error.
    Broken,
    /// The bytes are not UTF-8; `at` is the offset of the first bad byte.
    NotUtf8 {
        /// Offset of the first bad byte.
        at: usize,
    },
    /// Not JSON of the wanted shape: `line` and `column` (both from 1) of the first fault.
    NotJson {
        /// Line of the fault.
        line: usize,
        /// Column of the fault.
        column: usize,
    },
}

/// A request body that can be read once.
pub trait Body {
    /// All of the body, if it has at most `limit` bytes. A `Content-Length` above the cap is refused before the first
    /// chunk is read.
    fn read(self, limit: usize) -> impl Future<Output = Result<Vec<u8>, BodyError>>;
}

/// A body in memory: the native platform's.
impl Body for Vec<u8> {
    async fn read(self, limit: usize) -> Result<Vec<u8>, BodyError> {
        if self.len() > limit { Err(BodyError::TooLarge { limit }) } else { Ok(self) }
    }
}

/// Reads a body of UTF-8 text.
pub async fn read_text(body: impl Body, limit: usize) -> Result<String, BodyError> {
    let bytes = body.read(limit).await?;
    String::from_utf8(bytes).map_err(|e| BodyError::NotUtf8 { at: e.utf8_error().valid_up_to() })
}
