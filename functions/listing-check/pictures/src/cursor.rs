//! Bytes of a file in order, and the sizes of pictures that are decoded.

use crate::{MOST_PIXELS, MOST_SIDE, Unread};

/// Bytes in order, never past the end.
pub struct Cursor<'a> {
    pub rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Unread> {
        let taken = self.rest.get(..count).ok_or(Unread::Damaged)?;
        self.rest = self.rest.get(count..).unwrap_or_default();
        Ok(taken)
    }

    pub fn byte(&mut self) -> Result<u8, Unread> {
        let (first, rest) = self.rest.split_first().ok_or(Unread::Damaged)?;
        self.rest = rest;
        Ok(*first)
    }
}

/// A size that may be decoded.
pub fn sized(width: u32, height: u32) -> Result<(), Unread> {
    match u64::from(width) * u64::from(height) {
        0 => Err(Unread::Damaged),
        pixels if pixels > MOST_PIXELS || width.max(height) > MOST_SIDE => Err(Unread::TooManyPixels { width, height }),
        _ => Ok(()),
    }
}
