//! A symbol as SVG: one path in module units, sized for print.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};

use super::outline;
use super::symbol::{QUIET, Symbol};

const PATH: &str = "<path d=\"";

/// The image. A module is `module_um` micrometres wide.
pub fn render(symbol: &Symbol, url: &str, module_um: u32) -> String {
    let outer = symbol.outer();
    let mm = f64::from(module_um) * outer as f64 / 1000.0;
    // The URL is of QR's alphanumeric set, which has nothing that XML escapes.
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{mm}mm\" height=\"{mm}mm\" viewBox=\"0 0 {outer} {outer}\" \
         shape-rendering=\"crispEdges\"><title>{url}</title><rect width=\"{outer}\" height=\"{outer}\" fill=\"#fff\"/>{PATH}"
    );
    for corners in outline::loops(symbol) {
        let mut corners = corners.into_iter();
        let Some((mut x, mut y)) = corners.next() else { continue };
        // Writing to a string cannot fail.
        let _ = write!(svg, "M{x} {y}");
        for (to_x, to_y) in corners {
            let _ = if to_y == y {
                write!(svg, "h{}", to_x as i64 - x as i64)
            } else {
                write!(svg, "v{}", to_y as i64 - y as i64)
            };
            (x, y) = (to_x, to_y);
        }
        svg.push('z');
    }
    svg.push_str("\"/></svg>\n");
    svg
}

/// Reads an image of [`render`] back: its path is filled by the even-odd rule on a raster of one pixel a module. The
/// rasteriser shares nothing with the outline tracer but the path's grammar (`M x y`, `h`, `v`, `z`).
pub fn rasterise(svg: &str) -> Result<Symbol> {
    let (head, rest) = svg.split_once(PATH).context("no path")?;
    let (path, _) = rest.split_once('"').context("the path does not end")?;
    let outer = head.split_once("viewBox=\"0 0 ").and_then(|(_, size)| size.split(' ').next()).context("no viewBox")?;
    let outer: usize = outer.parse().context("viewBox")?;
    if !(2 * QUIET..=1000).contains(&outer) {
        bail!("a viewBox of {outer} modules");
    }
    // Each unit of a vertical line flips all pixels right of it in its row.
    let mut flips = vec![false; (outer + 1) * outer];
    let mut flip = |x: i64, rows: std::ops::Range<i64>| -> Result<()> {
        for y in rows {
            let inside = (0..=outer as i64).contains(&x) && (0..outer as i64).contains(&y);
            anyhow::ensure!(inside, "the path leaves the viewBox at {x},{y}");
            flips[y as usize * (outer + 1) + x as usize] ^= true;
        }
        Ok(())
    };
    for part in path.split_terminator('z') {
        let part = part.strip_prefix('M').with_context(|| format!("`{part}` does not start with M"))?;
        let lines = part.find(['h', 'v']).unwrap_or(part.len());
        let (x, y) = part[..lines].split_once(' ').context("M takes two numbers")?;
        let start: (i64, i64) = (x.parse()?, y.parse()?);
        let (mut x, mut y) = start;
        let mut rest = &part[lines..];
        while let Some(command) = rest.chars().next() {
            let end = rest[1..].find(['h', 'v']).map_or(rest.len(), |at| at + 1);
            let by: i64 = rest[1..end].parse().with_context(|| format!("`{}`", &rest[..end]))?;
            if command == 'v' {
                flip(x, y.min(y + by)..y.max(y + by))?;
                y += by;
            } else {
                x += by;
            }
            rest = &rest[end..];
        }
        // `z` draws the last side.
        anyhow::ensure!(x == start.0 || y == start.1, "the last side of a loop is slanted");
        flip(x, y.min(start.1)..y.max(start.1))?;
    }
    let side = outer - 2 * QUIET;
    let mut dark = Vec::with_capacity(side * side);
    for y in 0..outer {
        let mut filled = false;
        for x in 0..outer {
            filled ^= flips[y * (outer + 1) + x];
            let within = |at: usize| (QUIET..QUIET + side).contains(&at);
            if within(x) && within(y) {
                dark.push(filled);
            } else if filled {
                bail!("the quiet zone is dark at {x},{y}");
            }
        }
    }
    Ok(Symbol::from_modules(side, dark))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_raster_is_the_symbol() {
        for n in 0..40 {
            let url = format!("HTTPS://T.EXAMPLE.CN/01/09506000134352/21/{:018}", n * 7919);
            let symbol = Symbol::encode(&url).unwrap();
            let svg = render(&symbol, &url, 400);
            assert_eq!(rasterise(&svg).unwrap(), symbol);
            assert!(svg.contains("width=\"14.8mm\""));
        }
    }

    #[test]
    fn another_path_is_another_symbol_or_refused() {
        let symbol = Symbol::encode("HTTPS://T.EXAMPLE.CN/01/09506000134352/21/ABC").unwrap();
        let svg = render(&symbol, "", 400);
        assert_ne!(rasterise(&svg.replacen("M4 4h7", "M4 4h8", 1)).ok(), Some(symbol.clone()));
        assert!(rasterise(&svg.replacen("M4 4h7", "M1 4h7", 1)).is_err());
        assert!(rasterise(&svg.replacen("M4 4h7", "M4 4H7", 1)).is_err());
        assert!(rasterise("<svg/>").is_err());
    }
}
