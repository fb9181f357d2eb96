//! All codes of a picture: it is looked at in several sizes, against several neighbourhoods, for dark and for light ink.

use crate::finders::{self, Finder};
use crate::gbk;
use crate::ink::{DARK, Ink, LIGHT};
use crate::luma::Luma;
use crate::modules::{self, Corners, Look, Outcome, SIDES};
use crate::{MOST_CHARACTERS, MOST_PAYLOADS};

/// The most steps that are spent on what might be codes, in one picture; a step is about one dot looked at. That comes on
/// top of what its size bounds: two to three looks in each of three sizes (four, where it is small), for dark and for light
/// ink, twice where it is transparent. An ordinary photo takes some ten thousand of them, noise all. Measured on one core: at
/// most 0.3 s for 4,000,000 pixels, whatever they are.
pub const MOST_WORK: u64 = 30_000_000;
/// The most in all pictures of one listing together. What the first leave is the others'.
pub const MOST_TOGETHER_WORK: u64 = 75_000_000;

/// With less than this no picture is searched.
const LEAST: u64 = 1_000_000;

/// What the pictures of a listing may still spend. One that is left without is not searched, and not complete.
#[derive(Debug, Clone, Copy)]
pub struct Budget(u64);

impl Default for Budget {
    fn default() -> Budget {
        Budget(MOST_TOGETHER_WORK)
    }
}
/// A picture of at most so many pixels is also looked at in double size, for codes of very small modules.
const DOUBLED: usize = 500_000;
/// The most squares of one look that are put together, best first, and the most threes of them that look like a code's
/// corners. A sheet of twenty codes has sixty.
const MOST_TOGETHER: usize = 150;
const MOST_THREES: usize = 100_000;

/// What is left of [`MOST_WORK`].
pub struct Work {
    left: u64,
    gave_up: bool,
}

impl Work {
    /// Takes some; false, from then on, if there is not so much.
    pub fn take(&mut self, steps: u64) -> bool {
        match self.left.checked_sub(steps) {
            Some(left) => self.left = left,
            None => self.give_up(),
        }
        !self.gave_up
    }

    /// Something was left out.
    pub fn give_up(&mut self) {
        self.gave_up = true;
    }
}

/// What the codes of a picture say; complete if none was left out that was seen.
pub struct Codes {
    pub payloads: Vec<String>,
    pub complete: bool,
    /// Of [`MOST_WORK`].
    pub spent: u64,
}

/// A code that was seen: its middle and the reach of its squares, in dots of the whole picture.
struct Spot {
    x: f64,
    y: f64,
    reach: f64,
}

struct Reader {
    codes: Codes,
    work: Work,
    read: Vec<Spot>,
    unread: Vec<Spot>,
}

/// Reads all codes of a picture, over each of the grounds that it may be shown on.
pub fn read(grounds: Vec<Luma>, budget: &mut Budget) -> Codes {
    let mut all = Codes { payloads: Vec::new(), complete: true, spent: 0 };
    if budget.0 == 0 {
        return Codes { complete: false, ..all };
    }
    let share = budget.0.min(MOST_WORK) / (grounds.len() as u64).max(1);
    for luma in grounds {
        let work = Work { left: share, gave_up: false };
        let mut reader = Reader { codes: all, work, read: Vec::new(), unread: Vec::new() };
        reader.picture(luma);
        all = reader.codes;
        all.spent += share - reader.work.left;
    }
    // Looks leave a part of what they may spend: what is next to nothing is nothing.
    budget.0 = budget.0.saturating_sub(all.spent);
    if budget.0 < LEAST {
        budget.0 = 0;
    }
    all
}

impl Reader {
    fn picture(&mut self, luma: Luma) {
        if luma.dots.len() <= DOUBLED {
            self.size(&luma.doubled(), 0.5, &[8, 2]);
        }
        self.size(&luma, 1.0, &[8, 2]);
        let half = luma.halved();
        drop(luma);
        self.size(&half, 2.0, &[24, 8, 2]);
        self.size(&half.halved(), 4.0, &[8, 2]);
        let inside = |unread: &Spot, read: &Spot| {
            (unread.x - read.x).abs() < read.reach && (unread.y - read.y).abs() < read.reach
        };
        let left = self.unread.iter().any(|unread| !self.read.iter().any(|read| inside(unread, read)));
        self.codes.complete &= !left && !self.work.gave_up;
    }

    /// Looks at a picture of which a dot is `scale` dots of the whole, against neighbourhoods of parts of its side.
    fn size(&mut self, luma: &Luma, scale: f64, parts: &[usize]) {
        if luma.width.min(luma.height) < SIDES.0 {
            return;
        }
        for part in parts {
            let ink = Ink::of(luma, (luma.width.max(luma.height) / part).max(15));
            for color in [DARK, LIGHT] {
                self.look(Look { ink: &ink, color }, scale);
            }
        }
    }

    fn look(&mut self, look: Look, scale: f64) {
        // Each look has a share of its own, so that one that finds much to do leaves something to the others.
        let mut work = Work { left: self.work.left / 4, gave_up: false };
        let given = work.left;
        let mut squares = finders::all(look.ink, look.color, &mut work);
        // What is read need not be read again in another size.
        squares.retain(|square| {
            let (x, y) = (square.x * scale, square.y * scale);
            !self.read.iter().any(|read| (read.x - x).abs() < read.reach && (read.y - y).abs() < read.reach)
        });
        if squares.len() > MOST_TOGETHER {
            work.give_up();
            squares.truncate(MOST_TOGETHER);
        }
        self.together(look, &squares, scale, &mut work);
        self.work.left -= given - work.left;
        self.work.gave_up |= work.gave_up;
    }

    /// Puts squares together by threes, those first that look most like the corners of one code.
    fn together(&mut self, look: Look, squares: &[Finder], scale: f64, work: &mut Work) {
        let mut threes = Vec::new();
        for (b, corner) in squares.iter().enumerate() {
            for (a, right) in squares.iter().enumerate().filter(|(a, _)| *a != b) {
                for (c, below) in squares.iter().enumerate().skip(a + 1).filter(|(c, _)| *c != b) {
                    if threes.len() <= MOST_THREES
                        && let Some(oddness) = oddness(corner, right, below)
                    {
                        threes.push((oddness, [a, b, c]));
                    }
                }
            }
        }
        work.take(squares.len().pow(3) as u64 / 20);
        if threes.len() > MOST_THREES {
            work.give_up();
        }
        threes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut used = Vec::new();
        for (_, three) in threes {
            if three.iter().any(|at| used.contains(at)) {
                continue;
            }
            let [Some(right), Some(corner), Some(below)] = three.map(|at| squares.get(at).copied()) else { continue };
            let spot = Spot {
                x: (right.x + below.x) / 2.0 * scale,
                y: (right.y + below.y) / 2.0 * scale,
                reach: distance(&right, &below) * 0.75 * scale,
            };
            match modules::read(look, Corners { corner, right, below }, work) {
                Outcome::Nothing if work.gave_up => return,
                Outcome::Nothing => {}
                Outcome::Seen => self.unread.push(spot),
                Outcome::Said(bytes) => {
                    used.extend(three);
                    self.read.push(spot);
                    self.keep(&bytes);
                }
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let known = gbk::text(bytes);
        self.codes.complete &= known.is_some();
        let text = known.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
        let payload: String = text.chars().take(MOST_CHARACTERS).collect();
        self.codes.complete &= payload.len() == text.len();
        if self.codes.payloads.contains(&payload) {
            return;
        }
        if self.codes.payloads.len() < MOST_PAYLOADS {
            self.codes.payloads.push(payload);
        } else {
            self.codes.complete = false;
        }
    }
}

fn distance(a: &Finder, b: &Finder) -> f64 {
    ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).sqrt()
}

/// How unlike the corners of a code three squares are: modules and sides of different lengths, a corner that is not square.
/// None if too unlike for a code that is seen at a slant.
fn oddness(corner: &Finder, right: &Finder, below: &Finder) -> Option<f64> {
    let uneven = |a: f64, b: f64| (a - b).abs() / a.min(b);
    let (first, second) = (distance(corner, right), distance(corner, below));
    let (ax, ay, bx, by) = (right.x - corner.x, right.y - corner.y, below.x - corner.x, below.y - corner.y);
    let slant = ((ax * bx + ay * by) / (first * second)).abs();
    let sides = uneven(first, second);
    let modules = uneven(corner.module, right.module).max(uneven(corner.module, below.module));
    // Middles of squares are 14 to 170 modules apart.
    let away = first.min(second) / corner.module;
    let fits = slant < 0.45 && sides < 0.8 && modules < 0.9 && away > 9.0 && away < 240.0;
    fits.then_some(slant + sides + modules)
}
