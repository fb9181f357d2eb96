//! A PNG with only what its pixels need, and its size, before anything is decoded.
//!
//! Profiles, texts and camera data are left out: a decoder that does not get them cannot be attacked by them (a colour
//! profile of a few kB inflates to gigabytes). What is left is whole: a file without its end is refused here.

use crate::Unread;
use crate::cursor::{Cursor, sized};

/// A PNG with only what its pixels need.
pub struct Plain {
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
    /// There are frames after the first, which are not read.
    pub more: bool,
}

/// The chunks of a PNG that draw it (W3C PNG 3, 5.3): header, palette, transparency, data, end.
pub fn png(bytes: &[u8]) -> Result<Plain, Unread> {
    let mut cursor = Cursor { rest: bytes };
    let mut plain = Plain { width: 0, height: 0, bytes: cursor.take(8)?.to_vec(), more: false };
    let mut color = 0;
    loop {
        let whole = cursor.rest;
        let &[a, b, c, d, ref kind @ ..] = cursor.take(8)? else { return Err(Unread::Damaged) };
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).map_err(|_| Unread::Damaged)?;
        let data = cursor.take(length)?;
        cursor.take(4)?;
        match (kind, data) {
            (b"IHDR", &[a, b, c, d, e, f, g, h, _, kind, _, _, _]) if plain.width == 0 => {
                color = kind;
                (plain.width, plain.height) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
                sized(plain.width, plain.height)?;
            }
            (b"IHDR", _) => return Err(Unread::Damaged),
            _ if plain.width == 0 => return Err(Unread::Damaged),
            // A palette of part of a color, or of more than 256, makes the decoder panic (`create_rgba_palette`).
            (b"PLTE", data) if color == 3 && (data.is_empty() || data.len() % 3 != 0 || data.len() > 768) => {
                return Err(Unread::Damaged);
            }
            (b"PLTE", _) if color == 3 => {}
            (b"tRNS", data) if matches!((color, data.len()), (0, 2) | (2, 6) | (3, ..=256)) => {}
            (b"IDAT" | b"IEND", _) => {}
            (b"acTL", &[0, 0, 0, 1, ..]) => continue,
            // What a browser shows of an animation are frames that nobody looked at.
            (b"acTL" | b"fdAT", _) => {
                plain.more = true;
                continue;
            }
            _ => continue,
        }
        let length = whole.len() - cursor.rest.len();
        plain.bytes.extend_from_slice(whole.get(..length).unwrap_or_default());
        if kind == b"IEND" {
            return Ok(plain);
        }
    }
}
