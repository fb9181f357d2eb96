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

pub use piece::{Knows, SIGNALS};
use piece::{Ledgers, Without};
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

/// Of each of [`SIGNALS`] switched off, parts of a whole.
pub type Parts = [f64; SIGNALS.len()];

/// What came of it.
pub struct Table {
    /// On which ranges.
    pub set: Set,
    /// What the host knows.
    pub knows: Knows,
    /// Genuine pieces, nobody meddling, that somebody was warned of in three years.
    pub households: Parts,
    /// Campaigns that were caught within the tenth scan.
    pub campaigns: Parts,
    /// Griefed pieces that the buyer's phone was warned of.
    pub buyers: Parts,
    /// Griefed pieces that somebody of the buyer's household was warned of.
    pub of_household: Parts,
    /// Griefed pieces that somebody was warned of who came new, by gift or resale.
    pub newcomers: Parts,
    /// Genuine pieces, nobody meddling, that somebody read red on.
    pub households_red: Parts,
    /// Griefed pieces that the buyer's phone read red on.
    pub buyers_red: Parts,
    /// Griefed pieces that anybody read red on.
    pub griefed_red: Parts,
}

/// Plays it all.
pub fn play(set: Set, knows: Knows, many: Many, seed: u64) -> Table {
    let ranges = Ranges::read();
    let ledgers = Ledgers::new(knows);
    let each = |count: u64, kind: u64, tale: &mut dyn FnMut(u64, &ranges::Figures, &mut Rng)| {
        for n in 0..count {
            let mut rng = Rng::new(seed ^ (kind << 56) ^ ((set as u64) << 52) ^ n);
            let figures = ranges.draw(set, &mut rng);
            tale(n, &figures, &mut rng);
        }
    };
    let mut sums = [[0u64; SIGNALS.len()]; 8];
    let mut add = |at: usize, is: Without| sums[at].iter_mut().zip(is).for_each(|(sum, is)| *sum += u64::from(is));
    each(many.households, 1, &mut |n, figures, rng| {
        let told = tales::household(&ledgers, format!("household {n}"), figures, rng);
        add(0, told.warned);
        add(5, told.red);
    });
    each(many.campaigns, 2, &mut |n, figures, rng| {
        add(1, tales::campaign(&ledgers, format!("campaign {n}"), figures, rng));
    });
    each(many.griefers, 3, &mut |n, figures, rng| {
        let told = tales::griefer(&ledgers, format!("griefer {n}"), figures, rng);
        add(2, told.buyer.warned);
        add(3, told.household.warned);
        add(4, told.others.warned);
        add(6, told.buyer.red);
        let mut anybody = told.household;
        anybody.or(&told.others);
        add(7, anybody.red);
    });
    let parts = |at: usize, of: u64| sums[at].map(|sum| sum as f64 / of.max(1) as f64);
    Table {
        set,
        knows,
        households: parts(0, many.households),
        campaigns: parts(1, many.campaigns),
        buyers: parts(2, many.griefers),
        of_household: parts(3, many.griefers),
        newcomers: parts(4, many.griefers),
        households_red: parts(5, many.households),
        buyers_red: parts(6, many.griefers),
        griefed_red: parts(7, many.griefers),
    }
}

impl Table {
    /// For people.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{:<14} | households      | campaigns | griefed: warned                | griefed: red\n\
             {:<14} | warned      red |    caught |    buyer  household  newcomers |    buyer  anybody\n",
            self.set.name(),
            match self.knows {
                Knows::Places => "with cities",
                Knows::Addresses => "without cities",
            }
        );
        for (at, signal) in SIGNALS.iter().enumerate() {
            let percent = |of: &Parts| format!("{:.2} %", of[at] * 100.0);
            let without = if at == 0 { "all signals".to_owned() } else { format!("no {signal}") };
            _ = writeln!(
                text,
                "{without:<14} | {:>7} {:>7} | {:>9} | {:>8} {:>10} {:>10} | {:>8} {:>8}",
                percent(&self.households),
                percent(&self.households_red),
                percent(&self.campaigns),
                percent(&self.buyers),
                percent(&self.of_household),
                percent(&self.newcomers),
                percent(&self.buyers_red),
                percent(&self.griefed_red)
            );
        }
        text
    }
}
