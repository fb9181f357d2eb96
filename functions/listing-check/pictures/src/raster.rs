//! Pixels of a PNG to brightness.

use crate::Unread;
use crate::luma::Luma;
use crate::plain::Plain;

/// The most that the PNG decoder may allocate for itself, in bytes: some rows of at most 20,000 pixels of 8 bytes.
const MOST_ALLOCATED: usize = 8 << 20;

/// The picture over white, as most pages show it; and over black if it is transparent somewhere, since a code of white
/// squares is invisible over white and plain to see where a page is dark.
pub type Grounds = Vec<Luma>;

/// Decodes a PNG; of an animation, the still picture. Not more of its data is inflated than its size needs.
pub fn png(plain: &Plain) -> Result<Grounds, Unread> {
    let (width, height) = size(plain)?;
    let mut decoder = png::Decoder::new_with_limits(
        std::io::Cursor::new(plain.bytes.as_slice()),
        png::Limits { bytes: MOST_ALLOCATED },
    );
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| Unread::Damaged)?;
    let (color, depth) = reader.output_color_type();
    let samples = color.samples();
    if depth != png::BitDepth::Eight || !(1..=4).contains(&samples) {
        return Err(Unread::Damaged);
    }
    let stride = width * samples;
    let mut bytes = Vec::new();
    if reader.info().interlaced {
        bytes.resize(stride * height, 0);
        let bits = u8::try_from(samples * 8).unwrap_or(u8::MAX);
        while let Some(row) = reader.next_interlaced_row().map_err(|_| Unread::Damaged)? {
            let png::InterlaceInfo::Adam7(place) = row.interlace() else { return Err(Unread::Damaged) };
            png::expand_interlaced_row(&mut bytes, stride, row.data(), place, bits);
        }
    } else {
        bytes.reserve_exact(stride * height);
        for _ in 0..height {
            // Not `next_frame`: it goes on to inflate what the file has beyond its last row.
            let row = reader.next_row().map_err(|_| Unread::Damaged)?.ok_or(Unread::Damaged)?;
            bytes.extend_from_slice(row.data().get(..stride).ok_or(Unread::Damaged)?);
        }
    }
    Ok(match samples {
        1 => vec![Luma { width, height, dots: bytes }],
        2 => over(width, height, bytes.as_chunks().0.iter().map(|[value, alpha]| (*value, *alpha))),
        3 => vec![opaque(width, height, &bytes)],
        _ => over(width, height, bytes.as_chunks().0.iter().map(|[r, g, b, alpha]| (luma(*r, *g, *b), *alpha))),
    })
}

fn size(plain: &Plain) -> Result<(usize, usize), Unread> {
    let number = |value| usize::try_from(value).map_err(|_| Unread::Damaged);
    Ok((number(plain.width)?, number(plain.height)?))
}

/// ITU-R BT.601 in 256ths.
fn luma(r: u8, g: u8, b: u8) -> u8 {
    let sum = 77 * u32::from(r) + 150 * u32::from(g) + 29 * u32::from(b);
    u8::try_from(sum >> 8).unwrap_or(u8::MAX)
}

fn opaque(width: usize, height: usize, bytes: &[u8]) -> Luma {
    Luma { width, height, dots: bytes.as_chunks().0.iter().map(|[r, g, b]| luma(*r, *g, *b)).collect() }
}

/// Brightness and opacity, over white and over black.
fn over(width: usize, height: usize, pixels: impl Iterator<Item = (u8, u8)>) -> Grounds {
    let mix = |value: u8, alpha: u8, ground: u8| {
        let sum = u32::from(value) * u32::from(alpha) + u32::from(ground) * u32::from(255 - alpha);
        u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
    };
    let (mut white, mut black) = (Vec::with_capacity(width * height), Vec::with_capacity(width * height));
    let mut transparent = false;
    for (value, alpha) in pixels {
        white.push(mix(value, alpha, 255));
        black.push(mix(value, alpha, 0));
        transparent |= alpha < 255;
    }
    let mut grounds = vec![Luma { width, height, dots: white }];
    if transparent {
        grounds.push(Luma { width, height, dots: black });
    }
    grounds
}
