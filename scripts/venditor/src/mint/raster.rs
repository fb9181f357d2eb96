//! A symbol as PNG: one bit a pixel, a whole number of pixels a module.

use anyhow::{Context as _, Result, bail, ensure};

use super::symbol::{QUIET, Symbol};

/// The image. A module is `module_px` pixels and `module_um` micrometres wide.
pub fn render(symbol: &Symbol, module_px: usize, module_um: u32) -> Result<Vec<u8>> {
    let side = symbol.outer() * module_px;
    let row_bytes = side.div_ceil(8);
    let mut pixels = Vec::with_capacity(row_bytes * side);
    for y in 0..symbol.outer() {
        // In grayscale a set bit is white.
        let mut row = vec![0u8; row_bytes];
        for x in (0..side).filter(|x| !symbol.is_dark_outer(x / module_px, y)) {
            row[x / 8] |= 0x80 >> (x % 8);
        }
        (0..module_px).for_each(|_| pixels.extend_from_slice(&row));
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, u32::try_from(side)?, u32::try_from(side)?);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    // Rows repeat: against the row above they are zeros.
    encoder.set_filter(png::Filter::Up);
    encoder.set_compression(png::Compression::Balanced);
    let per_metre = u32::try_from(module_px)? * 1_000_000 / module_um.max(1);
    let dims = png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter };
    encoder.set_pixel_dims(Some(dims));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// Reads an image of [`render`] back. Every pixel counts: a module that is not of one colour, or a dark pixel in the
/// quiet zone, is an error.
pub fn read(bytes: &[u8], module_px: usize) -> Result<Symbol> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().context("not a PNG")?;
    let info = reader.info();
    let form = (info.color_type, info.bit_depth);
    ensure!(form == (png::ColorType::Grayscale, png::BitDepth::One), "not a one-bit grayscale PNG: {form:?}");
    let side = info.width as usize;
    ensure!(info.width == info.height, "not square: {}×{}", info.width, info.height);
    ensure!(module_px > 0 && side.is_multiple_of(module_px), "{side} pixels are no multiple of {module_px} per module");
    let outer = side / module_px;
    ensure!(outer > 2 * QUIET, "no room for a symbol in {outer} modules");
    let row_bytes = side.div_ceil(8);
    let mut pixels = vec![0u8; row_bytes * side];
    reader.next_frame(&mut pixels)?;

    let symbol_side = outer - 2 * QUIET;
    let mut dark = Vec::with_capacity(symbol_side * symbol_side);
    for (y, rows) in pixels.chunks(row_bytes * module_px).enumerate() {
        let (first, others) = rows.split_at(row_bytes);
        ensure!(others.chunks(row_bytes).all(|row| row == first), "the pixel rows of module row {y} differ");
        let is_dark = |x: usize| first[x / 8] & (0x80 >> (x % 8)) == 0;
        for x in 0..outer {
            let module = is_dark(x * module_px);
            ensure!(
                (0..module_px).all(|p| is_dark(x * module_px + p) == module),
                "module {x},{y} is not of one colour"
            );
            let within = |at: usize| (QUIET..QUIET + symbol_side).contains(&at);
            if within(x) && within(y) {
                dark.push(module);
            } else if module {
                bail!("the quiet zone is dark at module {x},{y}");
            }
        }
    }
    Ok(Symbol::from_modules(symbol_side, dark))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn symbol() -> Symbol {
        Symbol::encode("HTTPS://T.EXAMPLE.CN/01/09506000134352/21/0123456789ABCDEFGH").unwrap()
    }

    #[test]
    fn the_image_is_the_symbol_at_every_scale() {
        for module_px in [1, 3, 4, 7, 8, 10, 16] {
            let bytes = render(&symbol(), module_px, 400).unwrap();
            assert_eq!(read(&bytes, module_px).unwrap(), symbol(), "{module_px}");
        }
        assert!(render(&symbol(), 8, 400).unwrap().len() < 1500);
    }

    #[test]
    fn a_stray_pixel_or_a_torn_file_is_an_error() {
        let bytes = render(&symbol(), 8, 400).unwrap();
        assert!(read(&bytes[..bytes.len() / 2], 8).is_err());
        assert!(read(&bytes, 5).is_err());
        // Twice the size is another symbol's grid: its modules are not of one colour.
        assert!(read(&render(&symbol(), 4, 400).unwrap(), 8).is_err());
        assert!(read(b"", 8).is_err());
    }
}
