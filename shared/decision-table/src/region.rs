//! Elementary regions: each input's domain cut at every boundary that a rule has in it. Within a product of such
//! regions, a cell of the grid, each rule either hits everywhere or nowhere: what holds of cells holds of all cases.

use std::collections::BTreeSet;

use super::cell::everything;
use super::{Domain, Interval, Rule, Table, Test};

/// Most cells that a table is checked in.
pub const MAX_CELLS: usize = 400_000;

/// A piece of one input's domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Region {
    /// These numbers.
    Ints(Interval),
    /// These texts of the domain, as bits.
    Texts(u64),
}

impl Region {
    /// The least number; 0 of texts.
    pub(super) fn low(self) -> i64 {
        match self {
            Self::Ints(interval) => interval.low,
            Self::Texts(_) => 0,
        }
    }

    /// The greatest number; 0 of texts.
    pub(super) fn high(self) -> i64 {
        match self {
            Self::Ints(interval) => interval.high,
            Self::Texts(_) => 0,
        }
    }

    fn size(self) -> u128 {
        match self {
            Self::Ints(interval) => u128::from(interval.high.abs_diff(interval.low)).saturating_add(1),
            Self::Texts(mask) => u128::from(mask.count_ones()),
        }
    }
}

/// The regions of every column. `each` names a column to be cut into single numbers.
#[derive(Debug)]
pub(super) struct Grid {
    columns: Vec<Vec<Region>>,
}

impl Grid {
    /// Cuts the domains of `table` at the boundaries of the rules of all `tables`, which must have the same inputs.
    /// Fails, with the number of cells, if there would be more than [`MAX_CELLS`].
    pub(super) fn new(table: &Table, tables: &[&Table], each: Option<usize>) -> Result<Self, u128> {
        let mut columns = Vec::with_capacity(table.inputs.len());
        let mut cells = 1_u128;
        for (index, column) in table.inputs.iter().enumerate() {
            let tests: Vec<&Test> =
                tables.iter().flat_map(|table| table.rules).filter_map(|rule| rule.tests.get(index)).collect();
            let regions = match column.domain {
                Domain::Ints(domain) if each == Some(index) => {
                    cells = cells.saturating_mul(Region::Ints(domain).size());
                    if cells > MAX_CELLS as u128 {
                        return Err(cells);
                    }
                    (domain.low..=domain.high).map(|at| Region::Ints(Interval { low: at, high: at })).collect()
                }
                Domain::Ints(domain) => cut_ints(domain, &tests),
                Domain::Texts(texts) => cut_texts(everything(texts.len()), &tests),
            };
            if each != Some(index) {
                cells = cells.saturating_mul(regions.len() as u128);
            }
            columns.push(regions);
        }
        if cells > MAX_CELLS as u128 { Err(cells) } else { Ok(Self { columns }) }
    }

    /// Visits every cell; `inner` is the column that varies fastest, in ascending order.
    pub(super) fn visit(&self, inner: usize, mut visit: impl FnMut(&[Region])) {
        let mut order: Vec<usize> = (0..self.columns.len()).filter(|column| *column != inner).collect();
        order.push(inner);
        let mut cell: Vec<Region> = self.columns.iter().filter_map(|regions| regions.first().copied()).collect();
        if cell.len() == self.columns.len() {
            self.descend(&order, &mut cell, &mut visit);
        }
    }

    fn descend(&self, order: &[usize], cell: &mut Vec<Region>, visit: &mut impl FnMut(&[Region])) {
        let Some((column, rest)) = order.split_first() else { return visit(cell) };
        for region in self.columns.get(*column).into_iter().flatten() {
            if let Some(place) = cell.get_mut(*column) {
                *place = *region;
            }
            self.descend(rest, cell, visit);
        }
    }
}

/// The rules that hit in a cell, in table order.
pub(super) fn hits(table: &Table, cell: &[Region]) -> Vec<&'static Rule> {
    let hits = |rule: &&Rule| rule.tests.iter().zip(cell).all(|(test, region)| accepts(test, *region));
    table.rules.iter().filter(hits).collect()
}

/// How many cases a cell stands for.
pub(super) fn size(cell: &[Region]) -> u128 {
    cell.iter().fold(1, |all, region| all.saturating_mul(region.size()))
}

/// A cell in words: `from=north|south, weight_kg=1..5`.
pub(super) fn describe(table: &Table, cell: &[Region]) -> String {
    let mut out = String::new();
    for (column, region) in table.inputs.iter().zip(cell) {
        let values = match (region, column.domain) {
            (Region::Texts(mask), Domain::Texts(texts)) => {
                let named = texts
                    .iter()
                    .enumerate()
                    .filter(|(place, _)| super::cell::bit(*place).is_some_and(|b| mask & b != 0));
                named.map(|(_, text)| *text).collect::<Vec<_>>().join("|")
            }
            (Region::Ints(interval), _) if interval.low == interval.high => interval.low.to_string(),
            _ => format!("{}..{}", region.low(), region.high()),
        };
        let comma = if out.is_empty() { "" } else { ", " };
        out.push_str(&format!("{comma}{}={values}", column.name));
    }
    out
}

fn accepts(test: &Test, region: Region) -> bool {
    match (test, region) {
        (Test::Any, _) => true,
        // No boundary of a rule lies inside a region: its least number speaks for all.
        (Test::Ints(intervals), Region::Ints(at)) => intervals.iter().any(|interval| interval.contains(at.low)),
        (Test::Texts(mask), Region::Texts(texts)) => mask & texts != 0,
        _ => false,
    }
}

fn cut_ints(domain: Interval, tests: &[&Test]) -> Vec<Region> {
    let mut starts = BTreeSet::from([domain.low]);
    for test in tests {
        let Test::Ints(intervals) = test else { continue };
        for interval in *intervals {
            starts.extend([Some(interval.low), interval.high.checked_add(1)].into_iter().flatten());
        }
    }
    let starts: Vec<i64> = starts.into_iter().filter(|start| domain.contains(*start)).collect();
    let ends = starts.iter().skip(1).map(|next| next.saturating_sub(1)).chain([domain.high]);
    starts.iter().zip(ends).map(|(low, high)| Region::Ints(Interval { low: *low, high })).collect()
}

fn cut_texts(all: u64, tests: &[&Test]) -> Vec<Region> {
    let mut pieces = vec![all];
    for test in tests {
        let Test::Texts(mask) = test else { continue };
        pieces = pieces.iter().flat_map(|piece| [piece & mask, piece & !mask]).filter(|piece| *piece != 0).collect();
    }
    pieces.sort_by_key(|piece| piece.trailing_zeros());
    pieces.into_iter().map(Region::Texts).collect()
}
