//! The squares in three corners of a code (ISO/IEC 18004, 6.3.3): ink, gap, ink, gap, ink along a line through the middle,
//! 1 : 1 : 3 : 1 : 1, at any angle, since the three outlines are similar.

use std::f64::consts::FRAC_1_SQRT_2 as DIAGONAL;

use crate::codes::Work;
use crate::ink::Ink;

/// The most squares that are kept of one look at a picture.
const MOST_FINDERS: usize = 400;
/// Sixteen directions, as unit vectors.
const DIRECTIONS: [(f64, f64); 16] = [
    (1.0, 0.0),
    (0.92388, 0.38268),
    (DIAGONAL, DIAGONAL),
    (0.38268, 0.92388),
    (0.0, 1.0),
    (-0.38268, 0.92388),
    (-DIAGONAL, DIAGONAL),
    (-0.92388, 0.38268),
    (-1.0, 0.0),
    (-0.92388, -0.38268),
    (-DIAGONAL, -DIAGONAL),
    (-0.38268, -0.92388),
    (0.0, -1.0),
    (0.38268, -0.92388),
    (DIAGONAL, -DIAGONAL),
    (0.92388, -0.38268),
];
/// Of the sixteen, so many have to fit: a logo, a fold or glare may spoil some.
const FITTING: usize = 13;
/// Of a square whose modules are less than this many dots, all have to fit: in noise, some fit anywhere.
const TINY: f64 = 2.5;
/// The mean distance from a square's middle to its edge over all directions, in halves of its side: (4/π) ln(1 + √2).
const MEAN_REACH: f64 = 1.122;

/// A square: its middle and the size of one module, in dots of the picture that was looked at.
#[derive(Debug, Clone, Copy)]
pub struct Finder {
    pub x: f64,
    pub y: f64,
    pub module: f64,
    /// The rows in which it was met.
    pub hits: u32,
}

/// All squares of an ink, those met in most rows (for their size) first.
pub fn all(ink: &Ink, color: u8, work: &mut Work) -> Vec<Finder> {
    let mut found: Vec<Finder> = Vec::new();
    for y in 0..ink.height {
        let (mut runs, mut length, mut inked) = ([0u32; 5], 0u32, false);
        // One dot past the end, which has no ink, ends the last run.
        for (x, dot) in ink.row(y).iter().chain([&0]).enumerate() {
            if (*dot == color) == inked {
                length += 1;
                continue;
            }
            let [_, a, b, c, d] = runs;
            runs = [a, b, c, d, length];
            length = 1;
            inked = !inked;
            if !inked && is_finder(runs) && !meet(ink, color, (x, y), runs, &mut found, work) {
                return ranked(found);
            }
        }
    }
    ranked(found)
}

/// A square that is met once in a picture of large modules is chance; how often it should be is three modules.
fn ranked(mut found: Vec<Finder>) -> Vec<Finder> {
    found.retain(|finder| f64::from(finder.hits) >= finder.module.clamp(2.0, 6.0));
    let weight = |finder: &Finder| f64::from(finder.hits) / finder.module;
    found.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    found
}

/// Whether runs are 1 : 1 : 3 : 1 : 1, each off by at most 0.6 of a module and half a dot.
fn is_finder(runs: [u32; 5]) -> bool {
    let total: u32 = runs.iter().sum();
    let fits = |run: u32, modules: u32| {
        let slack = if modules == 3 { 12 * total } else { 6 * total };
        run > 0 && (7 * run).abs_diff(modules * total) * 10 <= slack + 35
    };
    let [a, b, c, d, e] = runs;
    total >= 7 && fits(a, 1) && fits(b, 1) && fits(c, 3) && fits(d, 1) && fits(e, 1)
}

/// Looks closer at what five runs that end before `end` may be; false if work or room ran out.
fn meet(ink: &Ink, color: u8, end: (usize, usize), runs: [u32; 5], found: &mut Vec<Finder>, work: &mut Work) -> bool {
    let [_, _, c, d, e] = runs.map(f64::from);
    let module = f64::from(runs.iter().sum::<u32>()) / 7.0;
    let x = end.0 as f64 - e - d - c / 2.0;
    let y = end.1 as f64 + 0.5;
    if !work.take(4 + found.len() as u64 / 4) {
        return false;
    }
    let near = |known: &&mut Finder| {
        let reach = 1.8 * known.module;
        (known.x - x).abs() < reach && (known.y - y).abs() < reach && module < 2.0 * known.module
    };
    if let Some(known) = found.iter_mut().find(near) {
        known.hits += 1;
        return true;
    }
    if !work.take(16 + (module * 16.0) as u64) {
        return false;
    }
    let Some(y) = middle(ink, color, (x, y), (0.0, 1.0), module) else { return true };
    let Some(x) = middle(ink, color, (x, y), (1.0, 0.0), module) else { return true };
    if !work.take(64 + (module * 200.0) as u64) {
        return false;
    }
    let Some(module) = surrounded(ink, color, (x, y), module) else { return true };
    if found.len() >= MOST_FINDERS {
        // Those of noise are met once, and are not met again below.
        found.retain(|known| known.hits > 1 || y - known.y < 2.0 * known.module);
    }
    if found.len() >= MOST_FINDERS {
        work.give_up();
        return false;
    }
    found.push(Finder { x, y, module, hits: 1 });
    true
}

/// Along an axis through a place, the middle of five runs that are those of a square.
fn middle(ink: &Ink, color: u8, (x, y): (f64, f64), (dx, dy): (f64, f64), module: f64) -> Option<f64> {
    let most = module * 4.0 + 3.0;
    // Lengths of ink, gap, ink from the place outwards, the dot of the place itself counted on both sides.
    let outwards = |sign: f64| -> Option<[f64; 3]> {
        let mut runs = [0.0; 3];
        let mut at = 0.0;
        for (run, inked) in runs.iter_mut().zip([true, false, true]) {
            while ink.has(color, (x + sign * dx * at, y + sign * dy * at)) == inked {
                *run += 1.0;
                at += 1.0;
                if *run > most {
                    return None;
                }
            }
        }
        Some(runs)
    };
    let ([stone, gap, ring], [stone_too, gap_too, ring_too]) = (outwards(-1.0)?, outwards(1.0)?);
    let runs = [ring, gap, stone + stone_too - 1.0, gap_too, ring_too].map(|run| run.max(0.0) as u32);
    let here = if dx > dy { x } else { y }.floor();
    is_finder(runs).then_some(here + (stone_too - stone) / 2.0 + 0.5)
}

/// The size of a module, if in nearly all directions ink ends at 1.5, begins again at 2.5 and ends at 3.5 modules.
fn surrounded(ink: &Ink, color: u8, place: (f64, f64), module: f64) -> Option<f64> {
    let (mut sum, mut fitting) = (0.0, 0);
    for direction in DIRECTIONS {
        let Some([stone, gap, ring]) = ray(ink, color, place, direction, module * 6.0 + 3.0) else { continue };
        // Around it a module is empty.
        let beyond = ring * 4.0 / 3.5;
        if ink.has(color, (place.0 + direction.0 * beyond, place.1 + direction.1 * beyond)) {
            continue;
        }
        let unit = ring / 3.5;
        let slack = 0.45 * unit + 0.8;
        let sized = unit > 0.4 * module && unit < 2.5 * module;
        if sized && (stone - 1.5 * unit).abs() <= slack && (gap - 2.5 * unit).abs() <= slack {
            sum += unit;
            fitting += 1;
        }
    }
    let needed = if module < TINY { DIRECTIONS.len() } else { FITTING };
    (fitting >= needed).then(|| sum / fitting as f64 / MEAN_REACH)
}

/// Where ink ends, begins again and ends from a place outwards, in dots.
fn ray(ink: &Ink, color: u8, (x, y): (f64, f64), (dx, dy): (f64, f64), most: f64) -> Option<[f64; 3]> {
    let mut edges = [0.0; 3];
    let mut at = 0.0;
    for (edge, inked) in edges.iter_mut().zip([true, false, true]) {
        while ink.has(color, (x + dx * at, y + dy * at)) == inked {
            at += 0.5;
            if at > most {
                return None;
            }
        }
        *edge = at - 0.25;
    }
    Some(edges)
}
