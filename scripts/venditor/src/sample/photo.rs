//! Photos for the sample, drawn instead of taken: small, the same everywhere, free of others' rights.

use anyhow::Result;

const WIDTH: usize = 320;
const HEIGHT: usize = 240;

type Colour = [f32; 3];

/// A jade disc with its hole, on dark cloth.
pub fn jade() -> Result<Vec<u8>> {
    let (cloth, light, deep) = ([46.0, 40.0, 52.0], [196.0, 226.0, 196.0], [96.0, 158.0, 112.0]);
    png(|x, y| {
        let (dx, dy) = (x - 160.0, y - 120.0);
        let radius = (dx * dx + dy * dy).sqrt();
        // Veins: slow waves across the stone.
        let vein = ((dx * 0.045 + dy * 0.021).sin() + (dy * 0.06 - dx * 0.013).cos()) * 0.25 + 0.5;
        let shine = (1.0 - ((dx + 34.0).powi(2) + (dy + 38.0).powi(2)).sqrt() / 60.0).max(0.0);
        let stone = blend(blend(deep, light, vein), [255.0; 3], shine * 0.7);
        let inside = edge(92.0 - radius) * edge(radius - 20.0);
        blend(cloth, stone, inside)
    })
}

/// A tea leaf on paper.
pub fn tea() -> Result<Vec<u8>> {
    let (paper, leaf, dark) = ([244.0, 240.0, 226.0], [122.0, 158.0, 74.0], [66.0, 104.0, 46.0]);
    png(|x, y| {
        // Along and across the leaf, which lies slanted.
        let (dx, dy) = (x - 160.0, y - 120.0);
        let (along, across) = (dx * 0.94 - dy * 0.34, dx * 0.34 + dy * 0.94);
        let half = 46.0 * (1.0 - (along / 128.0).powi(2)).max(0.0);
        let rib = edge(1.6 - across.abs());
        let side = edge(1.0 - ((along + across.abs() * 0.9).rem_euclid(22.0) - 11.0).abs());
        let shade = blend(leaf, dark, (0.5 + across / 110.0).clamp(0.0, 1.0));
        let drawn = blend(blend(shade, dark, side * 0.5), dark, rib);
        blend(paper, drawn, edge(half - across.abs()) * edge(127.0 - along.abs()))
    })
}

/// 0 outside, 1 inside, soft over a pixel.
fn edge(distance: f32) -> f32 {
    (distance + 0.5).clamp(0.0, 1.0)
}

fn blend(from: Colour, to: Colour, share: f32) -> Colour {
    std::array::from_fn(|i| from[i] + (to[i] - from[i]) * share)
}

fn png(colour: impl Fn(f32, f32) -> Colour) -> Result<Vec<u8>> {
    let mut pixels = Vec::with_capacity(WIDTH * HEIGHT * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            // Steps of four: nobody sees them, and the file halves.
            pixels.extend(colour(x as f32, y as f32).map(|channel| (channel as u8) & !3));
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_filter(png::Filter::Adaptive);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}
