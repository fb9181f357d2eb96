//! Reads the QR codes in a picture that a stranger uploaded.
//!
//! - [`read`]: bytes to a [`Picture`], or why not ([`Unread`]).
//! - `format`: what the bytes say they are.
//! - `plain`: a PNG without all that drawing it does not need, and its size, before anything is decoded.
//! - `raster`: a PNG's brightness, over white and over black. `jpeg`: a JPEG's.
//! - `luma`, `ink`: brightness at several scales; what is darker or lighter than its neighbourhood.
//! - `finders`: the three squares in a code's corners. `place`, `modules`: from three squares to a code's modules.
//! - `codes`: all of it for a picture, within [`MOST_WORK`].
//!
//! In scope: PNG, JPEG, QR codes of model 2. Out of scope: what a payload means, and every other format and kind of code;
//! those formats are named, so that a person can look.
//!
//! **Invariant: nothing panics, whatever the bytes are.** A panic kills the instance and its neighbours. rqrr's search of a
//! picture has asserts that a crafted picture reaches (`Perspective::map`, `measure_timing_pattern`), divides by what may
//! be zero, and copies the picture once for each pair of squares; so the search here is our own, and rqrr only gets a
//! square of modules of a size that exists, which it reads without panics.
//! **Invariant: work is bounded** by [`MOST_BYTES`], [`MOST_PIXELS`], [`MOST_WORK`] and, of several pictures together, [`MOST_TOGETHER_WORK`],
//! each checked before it is spent.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail by panicking"))]
#![allow(
    clippy::arithmetic_side_effects,
    reason = "places are within a picture of at most MOST_PIXELS; what a file says is added with checks"
)]

mod codes;
mod cursor;
mod finders;
mod format;
mod gbk;
mod ink;
mod jpeg;
mod luma;
mod modules;
mod place;
mod plain;
mod raster;
#[cfg(test)]
mod tests;

pub use codes::{Budget, MOST_TOGETHER_WORK, MOST_WORK};
pub use format::Format;

use luma::Luma;

/// The largest file that is looked at, in bytes.
pub const MOST_BYTES: usize = 2 << 20;
/// The largest picture that is decoded, in pixels. It takes at most some 30 MB while it is read.
pub const MOST_PIXELS: u64 = 4_000_000;
/// The longest side of a picture that is decoded, in pixels: decoders hold whole rows.
pub const MOST_SIDE: u32 = 20_000;
/// The most payloads that a picture gives.
pub const MOST_PAYLOADS: usize = 20;
/// The most characters of a payload.
pub const MOST_CHARACTERS: usize = 2_048;

/// Why a picture was not read. But for [`Unread::Unknown`], a buyer's browser may show it all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// More than [`MOST_BYTES`].
    TooLarge,
    /// The header says more than [`MOST_PIXELS`], or a side longer than [`MOST_SIDE`]. Nothing was decoded.
    TooManyPixels {
        /// In pixels, as the header says.
        width: u32,
        /// In pixels, as the header says.
        height: u32,
    },
    /// The bytes begin as no picture that is known here.
    Unknown,
    /// A picture in a format, or of a kind of JPEG, that is known and not read here: its name, such as `webp` or `jpeg-cmyk`.
    Format(&'static str),
    /// The bytes are of another format than the caller said: the name of the one that they are.
    NotAs(&'static str),
    /// Cut short, or against the rules of its format. A lenient browser may show some of it.
    Damaged,
}

/// A picture that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What the bytes are.
    pub format: Format,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// What its codes say, each once, in the order in which they were found. Bytes that are not UTF-8 are
    /// read as GBK; of those that are neither, each became U+FFFD.
    pub payloads: Vec<String>,
    /// Whether all that was seen was read. If not, a person should look: something has the squares and the ruler of a code
    /// and does not decode, [`MOST_WORK`] ran out, a payload was cut or is no text, there were more than [`MOST_PAYLOADS`], or an
    /// animation has frames after the first.
    pub complete: bool,
}

/// Reads the codes in `bytes`. `declared` is the media type that the caller said, parameters and case ignored; `None` if it
/// said none.
pub fn read(bytes: &[u8], declared: Option<&str>) -> Result<Picture, Unread> {
    read_within(bytes, declared, &mut Budget::default())
}

/// The same of one of several pictures, within what they may spend together.
pub fn read_within(bytes: &[u8], declared: Option<&str>, budget: &mut Budget) -> Result<Picture, Unread> {
    if bytes.len() > MOST_BYTES {
        return Err(Unread::TooLarge);
    }
    let found = format::found(bytes).ok_or(Unread::Unknown)?;
    if declared.is_some_and(|declared| !found.is(declared)) {
        return Err(Unread::NotAs(found.name));
    }
    let format = found.format.ok_or(Unread::Format(found.name))?;
    let (grounds, more) = match format {
        Format::Png => {
            let plain = plain::png(bytes)?;
            (raster::png(&plain)?, plain.more)
        }
        Format::Jpeg => (vec![jpeg::read(bytes)?], false),
    };
    let size = |of: fn(&Luma) -> usize| grounds.first().and_then(|luma| u32::try_from(of(luma)).ok()).unwrap_or(0);
    let (width, height) = (size(|luma| luma.width), size(|luma| luma.height));
    let codes = codes::read(grounds, budget);
    Ok(Picture { format, width, height, payloads: codes.payloads, complete: codes.complete && !more })
}
