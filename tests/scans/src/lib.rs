//! A seeded replay of scans: households over three years, campaigns of copies, griefers. Each visit goes through the
//! function's own ledger, marks and rules; what is drawn comes from `ranges.toml`. Each signal is switched off alone.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a test: it may fail by panicking"
)]

mod people;
mod piece;
mod ranges;
mod rng;
mod tales;

use std::fmt::Write as _;

pub use piece::SIGNALS;
use piece::{Ledgers, Red};
use ranges::Ranges;
pub use ranges::Set;
use rng::Rng;

/// How many tales.
#[derive(Clone, Copy)]
pub struct Many {
    /// Households.
    pub households: u64,
    /// Campaigns.
    pub campaigns: u64,
    /// Griefers.
    pub griefers: u64,
}

/// What came of it: of each of [`SIGNALS`] switched off, parts of a whole.
pub struct Table {
    /// On which ranges.
    pub set: Set,
    /// Genuine pieces, nobody meddling, that somebody read red on in three years.
    pub households: [f64; SIGNALS.len()],
    /// Campaigns that were caught within the tenth scan.
    pub campaigns: [f64; SIGNALS.len()],
    /// Griefed pieces that the buyer's phone read red on.
    pub buyers: [f64; SIGNALS.len()],
    /// Griefed pieces that somebody of the buyer's household read red on.
    pub of_household: [f64; SIGNALS.len()],
    /// Griefed pieces that somebody read red on who came new, by gift or resale.
    pub newcomers: [f64; SIGNALS.len()],
}

/// Plays it all.
pub fn play(set: Set, many: Many, seed: u64) -> Table {
    let ranges = Ranges::read();
    let ledgers = Ledgers::new();
    let each = |count: u64, kind: u64, tale: &mut dyn FnMut(u64, &ranges::Figures, &mut Rng)| {
        for n in 0..count {
            let mut rng = Rng::new(seed ^ (kind << 56) ^ ((set as u64) << 52) ^ n);
            let figures = ranges.draw(set, &mut rng);
            tale(n, &figures, &mut rng);
        }
    };
    let mut sums = [[0u64; SIGNALS.len()]; 5];
    let mut add = |at: usize, red: Red| sums[at].iter_mut().zip(red).for_each(|(sum, red)| *sum += u64::from(red));
    each(many.households, 1, &mut |n, figures, rng| {
        add(0, tales::household(&ledgers, format!("household {n}"), figures, rng));
    });
    each(many.campaigns, 2, &mut |n, figures, rng| {
        add(1, tales::campaign(&ledgers, format!("campaign {n}"), figures, rng));
    });
    each(many.griefers, 3, &mut |n, figures, rng| {
        let told = tales::griefer(&ledgers, format!("griefer {n}"), figures, rng);
        add(2, told.buyer);
        add(3, told.household);
        add(4, told.others);
    });
    let parts = |at: usize, of: u64| sums[at].map(|sum| sum as f64 / of.max(1) as f64);
    Table {
        set,
        households: parts(0, many.households),
        campaigns: parts(1, many.campaigns),
        buyers: parts(2, many.griefers),
        of_household: parts(3, many.griefers),
        newcomers: parts(4, many.griefers),
    }
}

impl Table {
    /// For people.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{:<10} households red | campaigns caught | griefed: buyer red | household red | newcomers red\n",
            self.set.name()
        );
        for (at, signal) in SIGNALS.iter().enumerate() {
            let percent = |of: &[f64; SIGNALS.len()]| of[at] * 100.0;
            let without = if at == 0 { "all signals".to_owned() } else { format!("no {signal}") };
            _ = writeln!(
                text,
                "{without:<14} {:>9.2} % | {:>14.2} % | {:>16.2} % | {:>11.2} % | {:>11.2} %",
                percent(&self.households),
                percent(&self.campaigns),
                percent(&self.buyers),
                percent(&self.of_household),
                percent(&self.newcomers)
            );
        }
        text
    }
}
