//! Where a code's modules lie in a picture: a projection of the plane, from four points of the code and of the picture.
//! The construction is Heckbert's (Fundamentals of Texture Mapping and Image Warping, 1989, 2.2.3).

/// A place, in dots or in modules.
pub type Point = (f64, f64);

/// From modules to dots.
#[derive(Debug, Clone, Copy)]
pub struct Place([f64; 9]);

impl Place {
    /// The projection that takes each of four points, in order around, to another. Points that lie on one line give one
    /// that takes everything to no place.
    pub fn new(from: [Point; 4], to: [Point; 4]) -> Place {
        Place(multiplied(of_unit_square(to), adjugate(of_unit_square(from))))
    }

    /// A place that is not a number, if there is none.
    pub fn of(&self, (u, v): Point) -> Point {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        let scale = g * u + h * v + i;
        ((a * u + b * v + c) / scale, (d * u + e * v + f) / scale)
    }
}

fn of_unit_square([(x0, y0), (x1, y1), (x2, y2), (x3, y3)]: [Point; 4]) -> [f64; 9] {
    let (px, py) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
    let (ax, ay, bx, by) = (x1 - x2, y1 - y2, x3 - x2, y3 - y2);
    let scale = ax * by - bx * ay;
    let (g, h) = ((px * by - bx * py) / scale, (ax * py - px * ay) / scale);
    [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1.0]
}

fn adjugate([a, b, c, d, e, f, g, h, i]: [f64; 9]) -> [f64; 9] {
    [
        e * i - f * h,
        c * h - b * i,
        b * f - c * e,
        f * g - d * i,
        a * i - c * g,
        c * d - a * f,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    ]
}

fn multiplied([a, b, c, d, e, f, g, h, i]: [f64; 9], [j, k, l, m, n, o, p, q, r]: [f64; 9]) -> [f64; 9] {
    [
        a * j + b * m + c * p,
        a * k + b * n + c * q,
        a * l + b * o + c * r,
        d * j + e * m + f * p,
        d * k + e * n + f * q,
        d * l + e * o + f * r,
        g * j + h * m + i * p,
        g * k + h * n + i * q,
        g * l + h * o + i * r,
    ]
}
