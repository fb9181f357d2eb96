//! From what a world draws its figures: `ranges.toml`, with where they come from.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::rng::Rng;

/// Which ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// On which the thresholds were chosen.
    Training,
    /// Run once they were frozen.
    HeldOut,
}

impl Set {
    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Set::Training => "training",
            Set::HeldOut => "held out",
        }
    }
}

#[derive(Deserialize)]
struct Range {
    training: [f64; 2],
    held_out: [f64; 2],
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
            let [low, high] = if set == Set::Training { range.training } else { range.held_out };
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
