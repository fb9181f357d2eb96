//! The tariff tables of `policy/tables/`, compiled in and proved by `build.rs`: what they say of a case at an instant.
//!
//! A table can have several editions; the newest that is in force at the asked instant answers.

use decision_table::amount::Amount;
use decision_table::{
    Column, Domain, EvalError, HitPolicy, Hits, Interval, Output, OutputColumn, Rule, Status, Table, Test, Value,
};

/// The tables as constants.
pub mod compiled {
    use super::*;
    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}

include!(concat!(env!("OUT_DIR"), "/policy_digest.rs"));

/// One edition of a table.
#[derive(Clone, Copy, Debug)]
pub struct Edition {
    /// The first instant it is in force, milliseconds since the epoch.
    pub from_ms: i64,
    /// The table.
    pub table: &'static Table,
}

/// The edition in force at an instant, of editions sorted by their first.
pub fn edition(editions: &[Edition], at_ms: i64) -> Option<&'static Table> {
    editions.iter().rev().find(|edition| edition.from_ms <= at_ms).map(|edition| edition.table)
}

/// What a route table says of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteAmount {
    /// The rule that decided.
    pub rule: &'static str,
    /// Where the table's figures come from.
    pub source: &'static str,
    /// The amount, fen.
    pub amount_fen: i64,
    /// The weight that was charged: started kilograms.
    pub chargeable_kg: i64,
    /// The tariff group of the origin.
    pub group_from: &'static str,
    /// The tariff group of the destination.
    pub group_to: &'static str,
}

/// Why a route table says nothing of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTariff {
    /// No edition was in force.
    NotInForce,
    /// A region that is no province-level division of GB/T 2260.
    UnknownRegion,
    /// A weight of nothing, or above what the table goes up to.
    WeightOutOfRange,
    /// The table contradicts itself. The proofs at build time exclude it.
    NoAnswer,
}

/// What the freight insurance pays for a self-mailed return, where its policy goes by tariff. Regions are six-digit
/// GB/T 2260 codes of province-level divisions, the weight is in grams, and under 1 kg counts as 1 kg.
pub fn self_mail_payout(from: &str, to: &str, weight_g: i64, at_ms: i64) -> Result<RouteAmount, NoTariff> {
    by_route(compiled::SELF_MAIL_TARIFF, from, to, weight_g, at_ms)
}

/// What posting that parcel really costs. A payout above it is an arbitrage; [`compiled::ARBITRAGE`] lists where.
pub fn real_freight(from: &str, to: &str, weight_g: i64, at_ms: i64) -> Result<RouteAmount, NoTariff> {
    by_route(compiled::REAL_FREIGHT, from, to, weight_g, at_ms)
}

/// The tariff group of a province-level division (GB/T 2260, six digits); `None` of any other code.
pub fn region_group(code: &str, at_ms: i64) -> Option<&'static str> {
    let table = edition(compiled::REGION_GROUPS, at_ms)?;
    table.evaluate(&[Value::Text(code)]).ok()??.text(0)
}

/// Started kilograms: what carriers and insurers charge.
pub fn chargeable_kg(weight_g: i64) -> i64 {
    weight_g.saturating_add(999).div_euclid(1000)
}

/// What a late shipment costs the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lateness {
    /// The rules that decided: of the base, then those of the extra for long delays.
    pub rules: Vec<&'static str>,
    /// Where the base's figures come from.
    pub source: &'static str,
    /// Started hours late.
    pub hours_late: i64,
    /// What is due by what was paid, fen.
    pub base_fen: i64,
    /// What a long delay adds, fen; nothing where no base is due.
    pub extra_fen: i64,
    /// Both together, fen.
    pub amount_fen: i64,
}

/// The compensation for shipping late. `kind` is `spot`, `presale`, `tiered_spot` or `tiered_presale`; a share is
/// rounded down to the fen, a started hour counts. `None` if it is not late, the kind is unknown, or no edition was in
/// force.
pub fn lateness(paid_fen: i64, kind: &str, late_ms: i64, at_ms: i64) -> Option<Lateness> {
    if late_ms <= 0 {
        return None;
    }
    let table = edition(compiled::LATENESS, at_ms)?;
    let hours = late_ms.saturating_add(3_599_999).div_euclid(3_600_000);
    // Later than the table goes: as late as it goes.
    let hours_late = hours.min(highest(table, 2)?);
    let inputs = [Value::Int(paid_fen), Value::Text(kind), Value::Int(hours_late)];
    let outcome = table.evaluate(&inputs).ok()??;
    let base_fen = table.amount(&inputs, &outcome)?;
    let mut rules: Vec<&'static str> = outcome.rules().map(|rule| rule.id).collect();
    let mut extra_fen = 0;
    if base_fen > 0
        && let Some((extra, outcome)) = extra(kind, hours_late, at_ms)
    {
        extra_fen = extra;
        rules.extend(outcome.rules().map(|rule| rule.id));
    }
    let amount_fen = base_fen.checked_add(extra_fen)?;
    Some(Lateness { rules, source: table.source, hours_late, base_fen, extra_fen, amount_fen })
}

/// How much a buyer's level allows an instant refund to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstantCap {
    /// The rule that decided.
    pub rule: &'static str,
    /// Where the table's figures come from.
    pub source: &'static str,
    /// The most that one refund may be, fen; 0 is none.
    pub cap_fen: i64,
    /// The most refunds in 365 days; 0 is none.
    pub per_year: i64,
}

/// The instant-refund cap of a buyer's level, 0 to 10; `None` of any other level.
pub fn instant_cap(level: i64, at_ms: i64) -> Option<InstantCap> {
    let table = edition(compiled::INSTANT_CAPS, at_ms)?;
    let outcome = table.evaluate(&[Value::Int(level)]).ok()??;
    let (cap_fen, per_year) = (outcome.int(0)?, outcome.int(1)?);
    Some(InstantCap { rule: outcome.rule().id, source: table.source, cap_fen, per_year })
}

fn by_route(editions: &[Edition], from: &str, to: &str, weight_g: i64, at_ms: i64) -> Result<RouteAmount, NoTariff> {
    let table = edition(editions, at_ms).ok_or(NoTariff::NotInForce)?;
    let group = |code| region_group(code, at_ms).ok_or(NoTariff::UnknownRegion);
    let (group_from, group_to) = (group(from)?, group(to)?);
    let chargeable_kg = chargeable_kg(weight_g);
    let inputs = [Value::Text(group_from), Value::Text(group_to), Value::Int(chargeable_kg)];
    let outcome = match table.evaluate(&inputs) {
        Ok(Some(outcome)) => outcome,
        Err(EvalError::OutsideDomain { input: "weight_kg" }) => return Err(NoTariff::WeightOutOfRange),
        _ => return Err(NoTariff::NoAnswer),
    };
    let amount_fen = table.amount(&inputs, &outcome).ok_or(NoTariff::NoAnswer)?;
    Ok(RouteAmount { rule: outcome.rule().id, source: table.source, amount_fen, chargeable_kg, group_from, group_to })
}

fn extra(kind: &str, hours_late: i64, at_ms: i64) -> Option<(i64, Hits)> {
    let table = edition(compiled::LATENESS_EXTRA, at_ms)?;
    let inputs = [Value::Text(kind), Value::Int(hours_late.min(highest(table, 1)?))];
    let outcome = table.evaluate(&inputs).ok()??;
    Some((table.amount(&inputs, &outcome)?, outcome))
}

/// The highest number that an input column takes.
fn highest(table: &Table, column: usize) -> Option<i64> {
    match table.inputs.get(column)?.domain {
        Domain::Ints(Interval { high, .. }) => Some(high),
        Domain::Texts(_) => None,
    }
}

#[cfg(test)]
#[path = "tables/tests.rs"]
mod tests;
