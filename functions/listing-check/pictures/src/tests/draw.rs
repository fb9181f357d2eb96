//! Codes as pictures, and what a camera does to them.

use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};

pub const TEXT: &str = "https://weixin.example.cn/g/wxid_a1b2c3d4e5";

/// A generator of numbers (xorshift64*, Vigna 2016). The seed is not zero.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }
}

#[derive(Clone)]
pub struct Grey {
    pub width: usize,
    pub height: usize,
    pub dots: Vec<u8>,
}

pub fn code(text: &str, module: usize) -> Grey {
    drawn(&QrCode::encode_text(text, QrCodeEcc::Medium).unwrap(), module)
}

/// Of bytes as they are.
pub fn of_bytes(bytes: &[u8], module: usize) -> Grey {
    drawn(&QrCode::encode_segments(&[QrSegment::make_bytes(bytes)], QrCodeEcc::Medium).unwrap(), module)
}

pub fn coded(text: &str, version: u8, module: usize) -> Grey {
    let (from, to) = (Version::new(version), Version::new(version));
    let segments = QrSegment::make_segments(text);
    let code = QrCode::encode_segments_advanced(&segments, QrCodeEcc::Low, from, to, Some(Mask::new(2)), false);
    drawn(&code.unwrap(), module)
}

/// With a quiet zone of four modules.
pub fn drawn(code: &QrCode, module: usize) -> Grey {
    let side = (code.size() as usize + 8) * module;
    let at = |place: usize| (place / module) as i32 - 4;
    let dots = (0..side * side).map(|dot| if code.get_module(at(dot % side), at(dot / side)) { 0 } else { 255 });
    Grey { width: side, height: side, dots: dots.collect() }
}

pub fn noise(width: usize, height: usize, seed: u64) -> Grey {
    let mut random = Random(seed);
    Grey { width, height, dots: (0..width * height).map(|_| random.below(256) as u8).collect() }
}

impl Grey {
    pub fn new(width: usize, height: usize, value: u8) -> Grey {
        Grey { width, height, dots: vec![value; width * height] }
    }

    /// Slopes, discs, stripes and some noise.
    pub fn scene(width: usize, height: usize, seed: u64) -> Grey {
        let mut random = Random(seed);
        let discs: Vec<[usize; 4]> =
            (0..30).map(|_| [width, height, 120, 200].map(|bound| random.below(bound))).collect();
        let mut scene = Grey::new(width, height, 0);
        for y in 0..height {
            for x in 0..width {
                let mut value = x * 100 / width + y * 80 / height + 30;
                for [a, b, reach, level] in &discs {
                    if a.abs_diff(x).pow(2) + b.abs_diff(y).pow(2) < reach.pow(2) {
                        value = *level + (x / 7 % 2) * 30;
                    }
                }
                scene.dots[y * width + x] = (value + random.below(20)).min(255) as u8;
            }
        }
        scene
    }

    pub fn paste(&mut self, other: &Grey, left: usize, top: usize) {
        for (at, dot) in other.dots.iter().enumerate() {
            self.dots[(top + at / other.width) * self.width + left + at % other.width] = *dot;
        }
    }

    pub fn inverted(mut self) -> Grey {
        self.dots.iter_mut().for_each(|dot| *dot = 255 - *dot);
        self
    }

    pub fn levels(&self, dark: u8, light: u8) -> Grey {
        let mut other = self.clone();
        other.dots.iter_mut().for_each(|dot| *dot = if *dot < 128 { dark } else { light });
        other
    }

    /// A quarter turn of a square picture.
    pub fn quarter(&self) -> Grey {
        let side = self.width;
        let dots = (0..side * side).map(|at| self.dots[(side - 1 - at % side) * side + at / side]).collect();
        Grey { width: side, height: side, dots }
    }

    pub fn mirrored(&self) -> Grey {
        let side = self.width;
        let dots = (0..side * side).map(|at| self.dots[at / side * side + side - 1 - at % side]).collect();
        Grey { width: side, height: side, dots }
    }

    pub fn blurred(&self, reach: usize) -> Grey {
        let mut other = self.clone();
        for y in 0..self.height {
            for x in 0..self.width {
                let (mut sum, mut count) = (0usize, 0);
                for v in y.saturating_sub(reach)..(y + reach + 1).min(self.height) {
                    for u in x.saturating_sub(reach)..(x + reach + 1).min(self.width) {
                        sum += usize::from(self.dots[v * self.width + u]);
                        count += 1;
                    }
                }
                other.dots[y * self.width + x] = (sum / count) as u8;
            }
        }
        other
    }

    /// A picture of twice the side; `from` says where a place, counted from the middle, comes from. Means of four dots.
    pub fn mapped(&self, from: impl Fn(f64, f64) -> (f64, f64)) -> Grey {
        let mut other = Grey::new(self.width * 2, self.height * 2, 230);
        let middle = self.width as f64 / 2.0;
        for at in 0..other.dots.len() {
            let (x, y) = ((at % other.width) as f64 - 2.0 * middle, (at / other.width) as f64 - 2.0 * middle);
            let mut sum = 0.0;
            for (u, v) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let (u, v) = from(x + u, y + v);
                let (u, v) = (u + middle, v + middle);
                let inside = u >= 0.0 && v >= 0.0 && u < self.width as f64 && v < self.height as f64;
                sum += if inside { f64::from(self.dots[v as usize * self.width + u as usize]) } else { 230.0 };
            }
            other.dots[at] = (sum / 4.0) as u8;
        }
        other
    }
}

pub fn png(grey: &Grey) -> Vec<u8> {
    png_of(grey.width, grey.height, png::ColorType::Grayscale, &grey.dots)
}

pub fn png_of(width: usize, height: usize, color: png::ColorType, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(bytes).unwrap();
    writer.finish().unwrap();
    out
}

pub fn jpeg(grey: &Grey, quality: u8) -> Vec<u8> {
    jpeg_of(grey, quality, false)
}

/// In colour, baseline or progressive.
pub fn jpeg_of(grey: &Grey, quality: u8, progressive: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, quality);
    encoder.set_progressive(progressive);
    let colors: Vec<u8> = grey.dots.iter().flat_map(|dot| [*dot, *dot, dot.saturating_sub(10)]).collect();
    encoder.encode(&colors, grey.width as u16, grey.height as u16, jpeg_encoder::ColorType::Rgb).unwrap();
    out
}
