//! From three squares to a code's modules and what they say.

use std::io::Write;

use crate::codes::Work;
use crate::finders::Finder;
use crate::ink::Ink;
use crate::place::{Place, Point};

/// Modules along a side, of the smallest and of the largest code (ISO/IEC 18004, 6.3.1): 17 + 4 × version, 1 to 40.
pub const SIDES: (usize, usize) = (21, 177);
/// The most bytes that a code can say is 2,953, or 7,089 digits (ISO/IEC 18004, table 7).
const MOST_SAID: usize = 7_089;
/// How much of the two rulers between the squares has to be right before modules are read, and before a place that does
/// not decode counts as a code that was seen.
const RULED: f64 = 0.7;
const SURELY_RULED: f64 = 0.92;
/// Distances of two squares to try, in distances of the third: up to what a phone held at 45 degrees gives.
const TILTS: [f64; 9] = [0.68, 0.75, 0.83, 0.91, 1.0, 1.1, 1.21, 1.33, 1.46];

/// What three squares came to.
pub enum Outcome {
    /// They are not those of one code.
    Nothing,
    /// They are those of a code that does not decode.
    Seen,
    /// What the code says.
    Said(Vec<u8>),
}

/// A code's look: the ink of its modules.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    pub ink: &'a Ink,
    pub color: u8,
}

impl Look<'_> {
    fn has(&self, at: Point) -> bool {
        self.ink.has(self.color, at)
    }
}

/// A place where a code may be, and how likely it is.
struct Try {
    place: Place,
    side: usize,
    /// The share of the rulers that is right, and one more if the far square was found.
    weight: f64,
    /// Whether it is hardly chance.
    sure: bool,
}

/// Reads the code with these three corners. Which of `right` and `below` is which does not matter: rqrr also tries the
/// mirror image.
pub fn read(look: Look, corners: Corners, work: &mut Work) -> Outcome {
    let mut tries: Vec<Try> = Vec::new();
    for (side, counted) in sides(look, corners) {
        if !work.take(64 + side as u64 * 8) {
            return Outcome::Nothing;
        }
        let flat = corners.place(side, corners.far(1.0, 1.0));
        let (mut place, mut ruled) = (flat, rulers(look, &flat, side));
        let straight = ruled >= SURELY_RULED;
        if counted && !straight {
            if !work.take(side as u64 * 2 * (TILTS.len() * TILTS.len()) as u64) {
                return Outcome::Nothing;
            }
            (place, ruled) = tilted(look, corners, side, (place, ruled));
        }
        if ruled < RULED {
            continue;
        }
        if side > SIDES.0
            && let Some(place) = with_far_square(look, corners, &place, side, work)
        {
            tries.push(Try { place, side, weight: ruled + 1.0, sure: ruled >= SURELY_RULED });
        }
        tries.push(Try { place, side, weight: ruled, sure: straight });
    }
    tries.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let mut seen = false;
    for Try { place, side, sure, .. } in tries.into_iter().take(6) {
        if !work.take((side * side) as u64 * 60) {
            return Outcome::Nothing;
        }
        if let Some(said) = decoded(look, &place, side) {
            return Outcome::Said(said);
        }
        seen |= sure;
    }
    if seen { Outcome::Seen } else { Outcome::Nothing }
}

/// How many modules a side may have, likeliest first, and whether that was counted: by the rulers' changes, which a slant
/// does not alter, else by distance.
fn sides(look: Look, Corners { corner, right, below }: Corners) -> Vec<(usize, bool)> {
    let reach = |to: Finder| {
        let (dx, dy) = (to.x - corner.x, to.y - corner.y);
        let length = (dx * dx + dy * dy).sqrt();
        (length, dx / length, dy / length)
    };
    let ((length, ax, ay), (other, bx, by)) = (reach(right), reach(below));
    // The ruler runs three modules from the squares' middles, on the side where the code is.
    let counted = |far: Finder, (ux, uy): Point, (vx, vy): Point| {
        let (near, end) = (3.0 * corner.module, 3.0 * far.module);
        let from = (corner.x + near * (ux + vx), corner.y + near * (uy + vy));
        let to = (far.x - end * ux + end * vx, far.y - end * uy + end * vy);
        changes(look, from, to) as f64 + 13.0
    };
    let measured = |length: f64, far: Finder| length / ((corner.module + far.module) / 2.0) + 7.0;
    let measured = (measured(length, right) + measured(other, below)) / 2.0;
    let guesses = [
        (counted(right, (ax, ay), (bx, by)), true),
        (counted(below, (bx, by), (ax, ay)), true),
        (measured, false),
        (measured - 4.0, false),
        (measured + 4.0, false),
    ];
    let mut all: Vec<(usize, bool)> = Vec::new();
    for (guess, counted) in guesses {
        let side = ((guess - 17.0) / 4.0).round().clamp(0.0, 41.0) as usize * 4 + 17;
        if (SIDES.0..=SIDES.1).contains(&side) && all.iter().all(|(known, _)| *known != side) {
            all.push((side, counted));
        }
    }
    all
}

/// Changes between ink and none along a line, half a dot at a time.
fn changes(look: Look, from: Point, to: Point) -> usize {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let steps = (2.0 * (dx * dx + dy * dy).sqrt()).clamp(1.0, 20_000.0) as u32;
    let (mut count, mut before) = (0, look.has(from));
    for step in 1..=steps {
        let part = f64::from(step) / f64::from(steps);
        let now = look.has((from.0 + dx * part, from.1 + dy * part));
        count += usize::from(now != before);
        before = now;
    }
    count
}

/// Three squares that may be those of one code.
#[derive(Debug, Clone, Copy)]
pub struct Corners {
    pub corner: Finder,
    pub right: Finder,
    pub below: Finder,
}

impl Corners {
    /// The place of a code with so many modules along a side, from the middles of its squares and a fourth point: a place
    /// of the code, and of the picture.
    fn place(&self, side: usize, (module, dot): (Option<f64>, Point)) -> Place {
        let (near, end) = (3.5, side as f64 - 3.5);
        let far = module.unwrap_or(end);
        let Corners { corner, right, below } = self;
        let to = [(corner.x, corner.y), (right.x, right.y), dot, (below.x, below.y)];
        Place::new([(near, near), (end, near), (far, far), (near, end)], to)
    }

    /// Where the middle of a fourth square would be, if `right` and `below` are so much further away than the corner is.
    fn far(&self, right: f64, below: f64) -> (Option<f64>, Point) {
        let at = |a: f64, b: f64, c: f64| (right * a + below * b - c) / (right + below - 1.0);
        let Corners { corner, right, below } = self;
        (None, (at(right.x, below.x, corner.x), at(right.y, below.y, corner.y)))
    }
}

/// The slant under which the rulers fit best: how much further away the other two squares may be than the corner is.
fn tilted(look: Look, corners: Corners, side: usize, straight: (Place, f64)) -> (Place, f64) {
    let mut best = straight;
    for right in TILTS {
        for below in TILTS {
            let place = corners.place(side, corners.far(right, below));
            let ruled = rulers(look, &place, side);
            if ruled > best.1 {
                best = (place, ruled);
            }
        }
    }
    best
}

/// The share of the two rulers that is right: row and column 6, ink at even modules (ISO/IEC 18004, 6.3.5).
fn rulers(look: Look, place: &Place, side: usize) -> f64 {
    let (mut right, mut all) = (0, 0);
    for at in 7..side - 7 {
        let along = at as f64 + 0.5;
        for module in [(along, 6.5), (6.5, along)] {
            right += i32::from(look.has(place.of(module)) == at.is_multiple_of(2));
            all += 1;
        }
    }
    f64::from(right) / f64::from(all)
}

/// The place of a code whose small square near the far corner (6.3.6) is found near where it should be.
fn with_far_square(look: Look, corners: Corners, flat: &Place, side: usize, work: &mut Work) -> Option<Place> {
    let middle = side as f64 - 6.5;
    // Further away in larger codes: the same tilt moves it further.
    let reach = 3 + side as i32 / 16;
    let fits = |u: f64, v: f64| {
        let mut right = 0;
        for i in -2..=2i32 {
            for j in -2..=2i32 {
                let inked = i.abs().max(j.abs()) != 1;
                right += i32::from(look.has(flat.of((u + f64::from(i), v + f64::from(j)))) == inked);
            }
        }
        right
    };
    let steps = 3 * reach;
    if !work.take((4 * steps * steps * 25).unsigned_abs().into()) {
        return None;
    }
    let mut all = Vec::new();
    for i in -steps..=steps {
        for j in -steps..=steps {
            let (u, v) = (middle + f64::from(i) / 3.0, middle + f64::from(j) / 3.0);
            all.push((fits(u, v), -(i * i + j * j), u, v));
        }
    }
    let best = *all.iter().max_by_key(|(right, nearness, _, _)| (*right, *nearness))?;
    if best.0 < 21 {
        return None;
    }
    // Its middle is the middle of all that fit as well.
    let (mut u, mut v, mut count) = (0.0, 0.0, 0.0);
    for (right, _, x, y) in all {
        if right == best.0 && (x - best.2).abs() <= 1.0 && (y - best.3).abs() <= 1.0 {
            (u, v, count) = (u + x, v + y, count + 1.0);
        }
    }
    Some(corners.place(side, (Some(middle), flat.of((u / count, v / count)))))
}

/// What the modules at a place say. Each is what most of five dots in it are.
fn decoded(look: Look, place: &Place, side: usize) -> Option<Vec<u8>> {
    let grid = rqrr::SimpleGrid::from_func(side, |x, y| {
        let (u, v) = (x as f64 + 0.5, y as f64 + 0.5);
        let dots = [(u, v), (u - 0.2, v), (u + 0.2, v), (u, v - 0.2), (u, v + 0.2)];
        dots.into_iter().filter(|dot| look.has(place.of(*dot))).count() > 2
    });
    let mut said = Said(Vec::new());
    // `side` is one that exists, so that all that rqrr looks up is there.
    rqrr::Grid::new(grid).decode_to(&mut said).ok()?;
    Some(said.0)
}

/// Takes what a code can say, and no more.
struct Said(Vec<u8>);

impl Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_SAID {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
