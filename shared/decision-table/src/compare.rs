//! Where one table pays more than another says the thing costs: freight insurance that pays more than posting costs is
//! what fraudsters send parcels for.

use super::check::ends;
use super::region::{Grid, Region, describe, hits};
use super::{Interval, Table};

/// A region in which `payout` exceeds `cost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Line of the payout table's rule.
    pub payout_line: u32,
    /// Line of the cost table's rule.
    pub cost_line: u32,
    /// The region, in words.
    pub region: String,
    /// The largest excess in it: what is paid, fen.
    pub paid: i64,
    /// What it costs there, fen.
    pub costs: i64,
    /// The number of the compared column there; 0 if the amounts look at none.
    pub at: i64,
}

/// All regions where `payout` pays more than `cost`. Both must have the same inputs with the same domains. A formula's
/// input is looked at number by number, because two formulas may cross within a region.
pub fn excesses(payout: &Table, cost: &Table) -> Result<Vec<Excess>, String> {
    if payout.inputs != cost.inputs {
        return Err(format!("{} and {}: inputs or their domains differ", payout.name, cost.name));
    }
    let input = |table: &Table| table.amount.and_then(super::amount::Amount::input);
    let each = match (input(payout), input(cost)) {
        (Some(a), Some(b)) if a != b => {
            return Err(format!("{} and {}: amounts look at different inputs", payout.name, cost.name));
        }
        (a, b) => a.or(b),
    };
    let grid = Grid::new(payout, &[payout, cost], each)
        .map_err(|cells| format!("{} and {}: too many regions to compare: {cells}", payout.name, cost.name))?;
    let inner = each.unwrap_or(0);
    let mut found: Vec<(Vec<Region>, Excess)> = Vec::new();
    grid.visit(inner, |cell| {
        let (pays, costs) = (hits(payout, cell), hits(cost, cell));
        let (Some(pay), Some(real)) = (pays.first(), costs.first()) else { return };
        let (Some([Some(paid), _]), Some([Some(needed), _])) = (ends(payout, &pays, cell), ends(cost, &costs, cell))
        else {
            return;
        };
        if paid <= needed {
            return;
        }
        let at = cell.get(inner).map_or(0, |region| region.low());
        let (payout_line, cost_line) = (pay.line, real.line);
        let excess = Excess { payout_line, cost_line, region: String::new(), paid, costs: needed, at };
        match found.last_mut().filter(|(before, last)| {
            (last.payout_line, last.cost_line) == (payout_line, cost_line) && follows(before, cell, inner)
        }) {
            Some((before, last)) => {
                if let (Some(Region::Ints(old)), Some(new)) = (before.get_mut(inner), cell.get(inner)) {
                    *old = Interval { low: old.low, high: new.high() };
                }
                if paid.saturating_sub(needed) > last.paid.saturating_sub(last.costs) {
                    *last = excess;
                }
            }
            None => found.push((cell.to_vec(), excess)),
        }
    });
    Ok(found.into_iter().map(|(cell, excess)| Excess { region: describe(payout, &cell), ..excess }).collect())
}

/// Whether `cell` lies directly behind `before` along a column of numbers, and is the same in all others.
fn follows(before: &[Region], cell: &[Region], column: usize) -> bool {
    before.iter().zip(cell).enumerate().all(|(index, (a, b))| match (a, b) {
        (Region::Ints(a), Region::Ints(b)) if index == column => a.high.checked_add(1) == Some(b.low),
        _ => a == b,
    })
}
