//! Decoding back: no image is written that does not read as its URL.
//!
//! What is checked, on the very bytes that are written:
//! - PNG: decoded, and every pixel must belong to a module of one colour, with a clear quiet zone; then the modules are
//!   decoded by rqrr ([`Depth::Grid`]). Some are also *found* in the picture by rqrr's detector, as a camera's reader
//!   would ([`Depth::Detect`]), on the raster at [`DETECT_PX`] pixels a module, which the first check proves to be the
//!   same picture. Detection takes some twenty times as long as all the rest, and on a picture that is right to the pixel it can
//!   only repeat itself.
//! - SVG: its path is filled by an own rasteriser, one pixel a module; the modules are decoded by rqrr.
//!
//! rqrr shares no code with the encoder. What is not checked: other SVG renderers, the printer, the paper.

use anyhow::{Context as _, Result, ensure};
use rqrr::{Grid, PreparedImage, SimpleGrid};

use super::symbol::Symbol;
use super::{raster, svg};

/// Pixels a module for the detector: as few as it needs, because its time grows with the area.
pub const DETECT_PX: usize = 3;

/// How a PNG is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every pixel, then the modules.
    Grid,
    /// That, and found by a detector.
    Detect,
}

/// Checks a PNG against the URL it must carry.
pub fn png(bytes: &[u8], module_px: usize, url: &str, depth: Depth) -> Result<()> {
    let symbol = raster::read(bytes, module_px)?;
    same(&decode(&symbol)?, url)?;
    if depth == Depth::Detect { same(&detect(&symbol)?, url) } else { Ok(()) }
}

/// Checks an SVG against the URL it must carry.
pub fn svg(text: &str, url: &str) -> Result<()> {
    same(&decode(&svg::rasterise(text)?)?, url)
}

fn decode(symbol: &Symbol) -> Result<String> {
    let grid = SimpleGrid::from_func(symbol.side(), |x, y| symbol.is_dark(x, y));
    let (_, read) = Grid::new(grid).decode().context("the modules do not decode")?;
    Ok(read)
}

/// Finds and decodes the one symbol in a picture of [`DETECT_PX`] pixels a module.
fn detect(symbol: &Symbol) -> Result<String> {
    let side = symbol.outer() * DETECT_PX;
    let mut picture =
        PreparedImage::prepare_from_bitmap(side, side, |x, y| symbol.is_dark_outer(x / DETECT_PX, y / DETECT_PX));
    let found = picture.detect_grids();
    ensure!(found.len() == 1, "the detector finds {} symbols in the image instead of one", found.len());
    let (_, read) = found[0].decode().context("the symbol found does not decode")?;
    Ok(read)
}

fn same(read: &str, url: &str) -> Result<()> {
    ensure!(read == url, "reads `{read}` instead of `{url}`");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn right_images_pass_and_others_do_not() {
        let (url, other) = ("HTTPS://T.EXAMPLE.CN/01/09506000134352/21/0123456789ABCDEFGH", "HTTPS://T.EXAMPLE.CN/01/");
        let symbol = Symbol::encode(url).unwrap();
        for module_px in [1, 8] {
            let bytes = raster::render(&symbol, module_px, 400).unwrap();
            png(&bytes, module_px, url, Depth::Grid).unwrap();
            png(&bytes, module_px, url, Depth::Detect).unwrap();
            assert!(png(&bytes, module_px, other, Depth::Grid).unwrap_err().to_string().contains("instead of"));
        }
        let text = svg::render(&symbol, url, 400);
        svg(&text, url).unwrap();
        assert!(svg(&text, other).is_err());
    }
}
