//! Which dots are darker, and which lighter, than their neighbourhood.

use crate::luma::Luma;

/// Neither darker nor lighter.
const NEITHER: u8 = 0;
/// A code is printed dark on light, or light on dark.
pub const DARK: u8 = 1;
pub const LIGHT: u8 = 2;

/// [`DARK`], [`LIGHT`] or neither, for each dot.
pub struct Ink {
    pub width: usize,
    pub height: usize,
    dots: Vec<u8>,
}

impl Ink {
    /// Compares each dot with the mean of the square of about `side` dots around it. A dot counts when it is off the mean
    /// by five levels, for noise, and by a 32nd of what is left on its side of the scale.
    pub fn of(luma: &Luma, side: usize) -> Ink {
        let (width, height, radius) = (luma.width, luma.height, side / 2);
        let mut columns = vec![0u32; width]; // Sums of the rows around this one: at most 255 * 4,000,000.
        let mut before = vec![0u64; width + 1]; // Sums of the columns before each.
        let mut dots = Vec::with_capacity(width * height);
        for y in 0..radius.min(height) {
            columns.iter_mut().zip(luma.row(y)).for_each(|(sum, dot)| *sum += u32::from(*dot));
        }
        for y in 0..height {
            columns.iter_mut().zip(luma.row(y + radius)).for_each(|(sum, dot)| *sum += u32::from(*dot));
            if let Some(gone) = y.checked_sub(radius + 1) {
                columns.iter_mut().zip(luma.row(gone)).for_each(|(sum, dot)| *sum -= u32::from(*dot));
            }
            let mut total = 0;
            for (sum, column) in before.iter_mut().skip(1).zip(&columns) {
                total += u64::from(*column);
                *sum = total;
            }
            let rows = (y + radius + 1).min(height) - y.saturating_sub(radius);
            for (x, dot) in luma.row(y).iter().enumerate() {
                let (from, to) = (x.saturating_sub(radius), (x + radius + 1).min(width));
                let sum = before.get(to).zip(before.get(from)).map_or(0, |(to, from)| to - from);
                let count = u64::try_from((to - from) * rows).unwrap_or(u64::MAX);
                let value = u64::from(*dot);
                dots.push(if 32 * (value + 5) * count < 31 * sum {
                    DARK
                } else if 32 * value.saturating_sub(5) * count > 31 * sum + 255 * count {
                    LIGHT
                } else {
                    NEITHER
                });
            }
        }
        Ink { width, height, dots }
    }

    /// A row; past the last, an empty one.
    pub fn row(&self, y: usize) -> &[u8] {
        self.dots.get(y * self.width..(y + 1) * self.width).unwrap_or_default()
    }

    /// Whether the dot at a place has this ink. Nothing has, outside of the picture.
    pub fn has(&self, ink: u8, (x, y): (f64, f64)) -> bool {
        // NaN is no place. Conversions of floats saturate.
        if !(x >= 0.0 && y >= 0.0) {
            return false;
        }
        let (x, y) = (x as usize, y as usize);
        x < self.width && y < self.height && self.dots.get(y * self.width + x) == Some(&ink)
    }
}
