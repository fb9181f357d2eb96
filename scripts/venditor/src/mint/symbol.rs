//! A URL as a QR symbol (ISO/IEC 18004): version 3 at level M wherever the URL allows it.
//!
//! Version 3 at level M holds 352 bits. A label's URL as one alphanumeric segment can need 354, and then every label of
//! the batch grows to 33×33. Splitting it (alphanumeric, numeric GTIN, alphanumeric) saves those bits, so the cheapest
//! segmentation is searched for rather than guessed.

use anyhow::{Result, bail};
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

/// Light modules around the symbol that readers need (ISO/IEC 18004, 9.1).
pub const QUIET: usize = 4;

/// The side of a version 3 symbol.
pub const SIDE: usize = 29;

/// A URL of so many upper-case characters always fits [`SIDE`].
pub const SAFE_LENGTH: usize = 61;

/// The dark and light modules of a symbol, without its quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    side: usize,
    dark: Vec<bool>,
}

impl Symbol {
    /// Encodes a URL of QR's alphanumeric set.
    pub fn encode(url: &str) -> Result<Symbol> {
        if let Some(c) = url.chars().find(|c| !QrSegment::is_alphanumeric(c.encode_utf8(&mut [0; 4]))) {
            bail!("{url}: `{c}` is outside QR's alphanumeric set (digits, A-Z, $%*+-./: and space)");
        }
        let segments = cheapest_segments(url);
        // One geometry for the whole batch: never below version 3. What room is left goes into error correction.
        let (from, to) = (Version::new(3), Version::new(9));
        let Ok(code) = QrCode::encode_segments_advanced(&segments, QrCodeEcc::Medium, from, to, None, true) else {
            bail!("{url}: {} characters do not fit a version 9 symbol", url.len());
        };
        let side = code.size();
        let dark = (0..side).flat_map(|y| (0..side).map(move |x| (x, y))).map(|(x, y)| code.get_module(x, y)).collect();
        Ok(Symbol { side: usize::try_from(side)?, dark })
    }

    /// A symbol from its modules, row by row.
    pub fn from_modules(side: usize, dark: Vec<bool>) -> Symbol {
        Symbol { side, dark }
    }

    /// Modules along an edge, without the quiet zone.
    pub const fn side(&self) -> usize {
        self.side
    }

    /// Modules along an edge, with the quiet zone.
    pub const fn outer(&self) -> usize {
        self.side + 2 * QUIET
    }

    /// Whether a module is dark; outside the symbol everything is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.dark.get(y * self.side + x).copied().unwrap_or(false)
    }

    /// As [`Self::is_dark`], counted from the corner of the quiet zone.
    pub fn is_dark_outer(&self, x: usize, y: usize) -> bool {
        x >= QUIET && y >= QUIET && self.is_dark(x - QUIET, y - QUIET)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Alphanumeric,
    Numeric,
}

impl Mode {
    /// Bits of a segment in versions 1 to 9 (ISO/IEC 18004, 7.4.1 and table 3).
    const fn bits(self, chars: usize) -> usize {
        match self {
            Mode::Alphanumeric => 4 + 9 + chars / 2 * 11 + chars % 2 * 6,
            Mode::Numeric => 4 + 10 + chars / 3 * 10 + [0, 4, 7][chars % 3],
        }
    }
}

/// The segmentation into alphanumeric and numeric segments that needs the fewest bits: shortest path over the places
/// where a segment can end.
fn cheapest_segments(text: &str) -> Vec<QrSegment> {
    let bytes = text.as_bytes();
    // best[end] = (bits, start of the last segment, its mode)
    let mut best = vec![(0usize, 0usize, Mode::Alphanumeric)];
    for end in 1..=bytes.len() {
        let mut cheapest = (usize::MAX, 0, Mode::Alphanumeric);
        let mut all_digits = true;
        for start in (0..end).rev() {
            all_digits &= bytes[start].is_ascii_digit();
            let mode = if all_digits { Mode::Numeric } else { Mode::Alphanumeric };
            let bits = best[start].0 + mode.bits(end - start);
            if bits < cheapest.0 {
                cheapest = (bits, start, mode);
            }
            // Digits may also be cheaper inside an alphanumeric neighbour: that is another `start`, reached later.
            let alphanumeric = best[start].0 + Mode::Alphanumeric.bits(end - start);
            if alphanumeric < cheapest.0 {
                cheapest = (alphanumeric, start, Mode::Alphanumeric);
            }
        }
        best.push(cheapest);
    }
    let mut segments = Vec::new();
    let mut end = bytes.len();
    while end > 0 {
        let (_, start, mode) = best[end];
        let part = &text[start..end];
        segments.push(match mode {
            Mode::Alphanumeric => QrSegment::make_alphanumeric(part),
            Mode::Numeric => QrSegment::make_numeric(part),
        });
        end = start;
    }
    segments.reverse();
    segments
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use qrcodegen::QrSegmentMode;

    fn total(segments: &[QrSegment]) -> usize {
        segments.iter().map(|s| 4 + if s.mode() == QrSegmentMode::Numeric { 10 } else { 9 } + s.data().len()).sum()
    }

    fn bits(text: &str) -> usize {
        total(&cheapest_segments(text))
    }

    /// The trap itself: one alphanumeric segment needs 354 bits and version 4, the split 351 and version 3.
    #[test]
    fn the_split_saves_a_version() {
        let url = "HTTPS://T.EXAMPLE.CN/01/09506000134352/21/0123456789ABCDEFGHJK";
        assert_eq!(url.len(), 62);
        assert_eq!(total(&[QrSegment::make_alphanumeric(url)]), 354);
        assert!(bits(url) <= 351, "{}", bits(url));
        assert_eq!(Symbol::encode(url).unwrap().side(), SIDE);
    }

    #[test]
    fn the_safe_length_is_safe_without_any_digits() {
        let url = format!("HTTPS://{}", "A".repeat(SAFE_LENGTH - 8));
        assert_eq!(Symbol::encode(&url).unwrap().side(), SIDE);
        assert_eq!(Symbol::encode(&format!("{url}A")).unwrap().side(), 33);
    }

    #[test]
    fn short_urls_keep_the_geometry_and_others_are_refused() {
        assert_eq!(Symbol::encode("HTTPS://A").unwrap().side(), SIDE);
        assert!(Symbol::encode("https://A").unwrap_err().to_string().contains("`h`"));
        assert!(Symbol::encode(&"A".repeat(400)).is_err());
    }

    #[test]
    fn segments_spell_the_text() {
        for text in ["", "A", "1", "12345678901234", "A1B2C3", "AAAA0123456789AAAA", "HTTPS://X/01/09506000134352/21/A"]
        {
            let chars: usize = cheapest_segments(text).iter().map(QrSegment::num_chars).sum();
            assert_eq!(chars, text.len());
            if !text.is_empty() {
                assert!(bits(text) <= Mode::Alphanumeric.bits(text.len()));
            }
        }
    }
}
