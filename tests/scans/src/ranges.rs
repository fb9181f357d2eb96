//! From what a world draws its figures: `ranges.toml`, with where they come from.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::rng::Rng;

/// Which ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// On which the thresholds were chosen.
    Training,
    /// Run once they were frozen; what it showed changed what is counted.
    Validation,
    /// Likewise.
    Second,
    /// Drawn between training and validation by a seed, and run last at that time.
    HeldOut,
    /// Drawn likewise by another seed once provinces counted for kinship.
    HeldOutAnew,
    /// Drawn likewise by another once suspicion looked back for a month, and run last at that time.
    HeldOutLast,
    /// Drawn likewise by another once points were counted, with cities and without, and run last.
    HeldOutNow,
}

impl Set {
    /// All, in the order in which they were run.
    pub const ALL: [Set; 7] = [
        Set::Training,
        Set::Validation,
        Set::Second,
        Set::HeldOut,
        Set::HeldOutAnew,
        Set::HeldOutLast,
        Set::HeldOutNow,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Set::Training => "training",
            Set::Validation => "validation",
            Set::Second => "second",
            Set::HeldOut => "held out",
            Set::HeldOutAnew => "held out anew",
            Set::HeldOutLast => "held out last",
            Set::HeldOutNow => "held out now",
        }
    }
}

#[derive(Deserialize)]
struct Range {
    training: [f64; 2],
    validation: [f64; 2],
    second: [f64; 2],
}

/// By which the ends of the held-out ranges are drawn.
const HELD_OUT: u64 = 20_261_128;
const HELD_OUT_ANEW: u64 = 2_026_112_811;
const HELD_OUT_LAST: u64 = 202_611_281_440;
const HELD_OUT_NOW: u64 = 202_611_281_846;

impl Range {
    /// Each end somewhere between that of training and that of validation.
    fn held_out(&self, name: &str, seed: u64) -> [f64; 2] {
        let mut rng = Rng::new(name.bytes().fold(seed, |seed, b| seed.wrapping_mul(31).wrapping_add(u64::from(b))));
        [0, 1].map(|end| self.training[end] + (self.validation[end] - self.training[end]) * rng.part())
    }
}

/// All ranges.
pub struct Ranges(BTreeMap<String, Range>);

impl Ranges {
    /// Those of the file.
    pub fn read() -> Ranges {
        Ranges(toml::from_str(include_str!("../ranges.toml")).expect("ranges.toml"))
    }

    /// One world's figures.
    pub fn draw(&self, set: Set, rng: &mut Rng) -> Figures {
        let figures = self.0.iter().map(|(name, range)| {
            let [low, high] = match set {
                Set::Training => range.training,
                Set::Validation => range.validation,
                Set::Second => range.second,
                Set::HeldOut => range.held_out(name, HELD_OUT),
                Set::HeldOutAnew => range.held_out(name, HELD_OUT_ANEW),
                Set::HeldOutLast => range.held_out(name, HELD_OUT_LAST),
                Set::HeldOutNow => range.held_out(name, HELD_OUT_NOW),
            };
            (name.clone(), low + (high - low) * rng.part())
        });
        Figures(figures.collect())
    }
}

/// What one world has drawn.
pub struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// A figure by name.
    pub fn of(&self, name: &str) -> f64 {
        *self.0.get(name).unwrap_or_else(|| panic!("ranges.toml has no {name}"))
    }

    /// A whole number around a figure: its floor or the next, so that the mean is the figure.
    pub fn whole(&self, name: &str, rng: &mut Rng) -> u64 {
        let figure = self.of(name);
        figure.floor() as u64 + u64::from(rng.part() < figure.fract())
    }

    /// Whether something happens whose probability a figure is.
    pub fn happens(&self, name: &str, rng: &mut Rng) -> bool {
        rng.part() < self.of(name)
    }
}
