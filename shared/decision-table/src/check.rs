//! Proofs over a whole table, at build time: no gap, no overlap, no rule that can never decide, an amount that never
//! falls where it must not and never exceeds its cap.
//!
//! Exact, not sampled: every cell of the grid of elementary regions is looked at (see `region.rs`), and amounts are
//! non-decreasing within one (see [`super::amount`]), so its two ends bound it.

use std::collections::BTreeMap;
use std::fmt;

use super::region::{Grid, describe, hits, size};
pub use super::region::{MAX_CELLS, Region};
use super::{HitPolicy, Output, Rule, Table};

/// A flaw in a table, with a counterexample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What is wrong.
    pub kind: FlawKind,
    /// The lines of the file that it is in; empty of a gap.
    pub lines: Vec<u32>,
    /// One region where it shows, in words.
    pub region: String,
    /// How many cases it shows in, over all regions.
    pub cases: u128,
}

/// Kinds of flaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlawKind {
    /// No rule hits.
    Gap,
    /// Two rules of a `Unique` table hit.
    Overlap,
    /// Two rules of an `Any` table hit and say different things.
    Disagreement,
    /// A rule never decides anything: it lies outside the domains, or rules before it take all its cases.
    Unreachable,
    /// An amount is no `i64`.
    NoAmount,
    /// An amount is above the cap.
    AboveCap,
    /// The amount falls while the input that it must not fall in grows.
    Falls,
    /// The table has too many cells to be checked.
    TooManyCells,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FlawKind::Gap => "no rule hits",
            FlawKind::Overlap => "more than one rule hits",
            FlawKind::Disagreement => "rules hit that say different things",
            FlawKind::Unreachable => "the rule can never decide",
            FlawKind::NoAmount => "the amount cannot be computed",
            FlawKind::AboveCap => "the amount is above the cap",
            FlawKind::Falls => "the amount falls",
            FlawKind::TooManyCells => "too many regions to check",
        };
        let lines: Vec<String> = self.lines.iter().map(u32::to_string).collect();
        let lines = if lines.is_empty() { String::new() } else { format!("line {}: ", lines.join(", ")) };
        write!(f, "{lines}{what}: {} ({} cases in all)", self.region, self.cases)
    }
}

/// All flaws of a table, one for each kind and set of rules.
pub fn all(table: &Table) -> Vec<Flaw> {
    let inner = table.monotone.or(table.amount.and_then(super::amount::Amount::input)).unwrap_or(0);
    let grid = match Grid::new(table, &[table], None) {
        Ok(grid) => grid,
        Err(cells) => {
            let region = format!("{cells} cells, at most {MAX_CELLS} are checked");
            return vec![Flaw { kind: FlawKind::TooManyCells, lines: Vec::new(), region, cases: 0 }];
        }
    };
    let mut found = Found { table, flaws: BTreeMap::new() };
    let mut deciding = vec![false; table.rules.len()];
    let mut last: Option<(Vec<Region>, i64, Vec<u32>)> = None;
    grid.visit(inner, |cell| {
        let hits = hits(table, cell);
        let lines: Vec<u32> = hits.iter().map(|rule| rule.line).collect();
        for (rule, deciding) in table.rules.iter().zip(deciding.iter_mut()) {
            *deciding |= decides(table.policy, &hits).iter().any(|hit| std::ptr::eq(*hit, rule));
        }
        match (table.policy, hits.as_slice()) {
            (policy, []) if policy.wants_a_hit() => found.add(FlawKind::Gap, lines.clone(), cell),
            (HitPolicy::Unique, [_, _, ..]) => found.add(FlawKind::Overlap, lines.clone(), cell),
            (HitPolicy::Any, [first, rest @ ..]) if rest.iter().any(|rule| rule.outputs != first.outputs) => {
                found.add(FlawKind::Disagreement, lines.clone(), cell);
            }
            _ => {}
        }
        let Some([low, high]) = ends(table, &hits, cell) else { return };
        let (Some(low), Some(high)) = (low, high) else { return found.add(FlawKind::NoAmount, lines, cell) };
        if table.cap.is_some_and(|cap| high.max(low) > cap) {
            found.add(FlawKind::AboveCap, lines.clone(), cell);
        }
        if table.monotone.is_some() {
            let before = last.take().filter(|(at, ..)| same_but(inner, at, cell));
            match before {
                Some((_, amount, mut earlier)) if amount > low => {
                    earlier.extend(&lines);
                    found.add(FlawKind::Falls, earlier, cell);
                }
                _ if low > high => found.add(FlawKind::Falls, lines.clone(), cell),
                _ => {}
            }
            last = Some((cell.to_vec(), high, lines));
        }
    });
    for (rule, deciding) in table.rules.iter().zip(deciding) {
        if !deciding {
            let region = format!("rule {}", rule.id);
            found.flaws.insert((FlawKind::Unreachable, vec![rule.line]), (region, 0));
        }
    }
    found.finish()
}

/// The amount at the low and the high end of a cell: `None` where there is none to check, an inner `None` where it is
/// no `i64`. The ends are of the formula's own input; where nothing hits, a collecting table comes to zero.
pub(super) fn ends(table: &Table, hits: &[&Rule], cell: &[Region]) -> Option<[Option<i64>; 2]> {
    let amount = table.amount?;
    let region = amount.input().and_then(|column| cell.get(column).copied());
    let moving = [region.map_or(0, Region::low), region.map_or(0, Region::high)];
    let decided = decides(table.policy, hits);
    let first = match decided.first() {
        Some(first) => *first,
        None if table.policy.wants_a_hit() => return None,
        None => return Some([Some(0), Some(0)]),
    };
    let of = |rule: &Rule, moving| amount.of(moving, rule.outputs);
    Some(moving.map(|at| match table.policy {
        HitPolicy::CollectSum => decided.iter().try_fold(0_i64, |sum, rule| sum.checked_add(of(rule, at)?)),
        HitPolicy::CollectMin => decided.iter().map(|rule| of(rule, at)).min().flatten(),
        HitPolicy::CollectMax => decided.iter().map(|rule| of(rule, at)).max().flatten(),
        HitPolicy::CollectCount => amount.of(at, &[Output::Int(i64::try_from(decided.len()).ok()?)]),
        _ => of(first, at),
    }))
}

/// Of the rules that hit, those that decide.
fn decides<'a, 'r>(policy: HitPolicy, hits: &'a [&'r Rule]) -> &'a [&'r Rule] {
    if policy == HitPolicy::First { hits.get(..1).unwrap_or_default() } else { hits }
}

fn same_but(column: usize, a: &[Region], b: &[Region]) -> bool {
    a.iter().zip(b).enumerate().all(|(index, (a, b))| index == column || a == b)
}

struct Found<'a> {
    table: &'a Table,
    flaws: BTreeMap<(FlawKind, Vec<u32>), (String, u128)>,
}

impl Found<'_> {
    fn add(&mut self, kind: FlawKind, mut lines: Vec<u32>, cell: &[Region]) {
        lines.sort_unstable();
        lines.dedup();
        let flaw = self.flaws.entry((kind, lines)).or_insert_with(|| (describe(self.table, cell), 0));
        flaw.1 = flaw.1.saturating_add(size(cell));
    }

    fn finish(self) -> Vec<Flaw> {
        let flaw = |((kind, lines), (region, cases))| Flaw { kind, lines, region, cases };
        self.flaws.into_iter().map(flaw).collect()
    }
}
