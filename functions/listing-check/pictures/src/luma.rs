//! Brightness of a picture, 0 (black) to 255, and the same picture at half or double size.

/// Brightness, row by row; `dots` has `width * height` of them.
#[derive(Debug, Clone)]
pub struct Luma {
    pub width: usize,
    pub height: usize,
    pub dots: Vec<u8>,
}

impl Luma {
    /// A row; past the last, an empty one.
    pub fn row(&self, y: usize) -> &[u8] {
        self.dots.get(y * self.width..(y + 1) * self.width).unwrap_or_default()
    }

    /// Each dot the mean of four. An odd last row or column is left out.
    pub fn halved(&self) -> Luma {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut dots = Vec::with_capacity(width * height);
        for y in 0..height {
            let (above, below) = (self.row(2 * y).as_chunks::<2>().0, self.row(2 * y + 1).as_chunks::<2>().0);
            dots.extend(above.iter().zip(below).map(|([a, b], [c, d])| {
                let sum = u16::from(*a) + u16::from(*b) + u16::from(*c) + u16::from(*d);
                u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX)
            }));
        }
        Luma { width, height, dots }
    }

    /// Each dot becomes four, the later ones means with the neighbours to the right and below.
    pub fn doubled(&self) -> Luma {
        let mut dots = Vec::with_capacity(self.dots.len() * 4);
        for y in 0..self.height {
            let row = self.row(y);
            let below = if y + 1 < self.height { self.row(y + 1) } else { row };
            for other in [row, below] {
                for (x, (a, c)) in row.iter().zip(other).enumerate() {
                    let here = u8::midpoint(*a, *c);
                    let (b, d) = (row.get(x + 1).unwrap_or(a), other.get(x + 1).unwrap_or(c));
                    dots.extend_from_slice(&[here, u8::midpoint(here, u8::midpoint(*b, *d))]);
                }
            }
        }
        Luma { width: self.width * 2, height: self.height * 2, dots }
    }
}
