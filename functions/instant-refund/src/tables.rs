//! The tariff tables of a pack: what they say of a case at an instant.
//!
//! A table can have several editions; the newest that is in force at the asked instant answers. Tables are bytes that are
//! evaluated in place; the compiler of packs has proved what they say.

use decision_table::{DomainView, EvalError, Hits, Interval, TableView, Value};
use shared::policy::Map;

use crate::policy::{Lack, tables_lack};

/// The tables of a pack.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'p>(Map<'p>);

/// What a route table says of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteAmount<'p> {
    /// The rule that decided.
    pub rule: &'p str,
    /// Where the table's figures come from.
    pub source: &'p str,
    /// The amount, fen.
    pub amount_fen: i64,
    /// The weight that was charged: started kilograms.
    pub chargeable_kg: i64,
    /// The tariff group of the origin.
    pub group_from: &'p str,
    /// The tariff group of the destination.
    pub group_to: &'p str,
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
    /// The table contradicts itself. The proofs of the compiler exclude it.
    NoAnswer,
}

/// What a late shipment costs the merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lateness<'p> {
    /// The rules that decided: of the base, then those of the extra for long delays.
    pub rules: Vec<&'p str>,
    /// Where the base's figures come from.
    pub source: &'p str,
    /// Started hours late.
    pub hours_late: i64,
    /// What is due by what was paid, fen.
    pub base_fen: i64,
    /// What a long delay adds, fen; nothing where no base is due.
    pub extra_fen: i64,
    /// Both together, fen.
    pub amount_fen: i64,
}

/// How much a buyer's level allows an instant refund to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstantCap<'p> {
    /// The rule that decided.
    pub rule: &'p str,
    /// Where the table's figures come from.
    pub source: &'p str,
    /// The most that one refund may be, fen; 0 is none.
    pub cap_fen: i64,
    /// The most refunds in 365 days; 0 is none.
    pub per_year: i64,
}

impl<'p> Tables<'p> {
    /// Of a section.
    pub fn of(section: Map<'p>) -> Tables<'p> {
        Tables(section)
    }

    /// What is missing of the tables that the code asks, if anything.
    pub fn lack(&self) -> Option<Lack> {
        tables_lack(self.0)
    }

    /// What the freight insurance pays for a self-mailed return, where its policy goes by tariff. Regions are six-digit
    /// GB/T 2260 codes of province-level divisions, the weight is in grams, and under 1 kg counts as 1 kg.
    ///
    /// # Errors
    /// [`NoTariff`].
    pub fn self_mail_payout(
        &self,
        from: &str,
        to: &str,
        weight_g: i64,
        at_ms: i64,
    ) -> Result<RouteAmount<'p>, NoTariff> {
        self.by_route("self_mail_tariff", from, to, weight_g, at_ms)
    }

    /// What posting that parcel really costs. A payout above it is an arbitrage, which the compiler of packs warns of.
    ///
    /// # Errors
    /// [`NoTariff`].
    pub fn real_freight(&self, from: &str, to: &str, weight_g: i64, at_ms: i64) -> Result<RouteAmount<'p>, NoTariff> {
        self.by_route("real_freight", from, to, weight_g, at_ms)
    }

    /// The tariff group of a province-level division (GB/T 2260, six digits); `None` of any other code.
    pub fn region_group(&self, code: &str, at_ms: i64) -> Option<&'p str> {
        self.edition("region_groups", at_ms)?.evaluate(&[Value::Text(code)]).ok()??.text(0)
    }

    /// The compensation for shipping late. `kind` is `spot`, `presale`, `tiered_spot` or `tiered_presale`; a share is
    /// rounded down to the fen, a started hour counts. `None` if it is not late, the kind is unknown, or no edition was
    /// in force.
    pub fn lateness(&self, paid_fen: i64, kind: &str, late_ms: i64, at_ms: i64) -> Option<Lateness<'p>> {
        if late_ms <= 0 {
            return None;
        }
        let table = self.edition("lateness", at_ms)?;
        let hours = late_ms.saturating_add(3_599_999).div_euclid(3_600_000);
        // Later than the table goes: as late as it goes.
        let hours_late = hours.min(highest(table, 2)?);
        let inputs = [Value::Int(paid_fen), Value::Text(kind), Value::Int(hours_late)];
        let outcome = table.evaluate(&inputs).ok()??;
        let base_fen = table.amount(&inputs, &outcome)?;
        let mut rules: Vec<&'p str> = outcome.rules().map(|rule| rule.id).collect();
        let mut extra_fen = 0;
        if base_fen > 0
            && let Some((extra, outcome)) = self.extra(kind, hours_late, at_ms)
        {
            extra_fen = extra;
            rules.extend(outcome.rules().map(|rule| rule.id));
        }
        let amount_fen = base_fen.checked_add(extra_fen)?;
        Some(Lateness { rules, source: table.source, hours_late, base_fen, extra_fen, amount_fen })
    }

    /// The instant-refund cap of a buyer's level, 0 to 10; `None` of any other level.
    pub fn instant_cap(&self, level: i64, at_ms: i64) -> Option<InstantCap<'p>> {
        let table = self.edition("instant_caps", at_ms)?;
        let outcome = table.evaluate(&[Value::Int(level)]).ok()??;
        let (cap_fen, per_year) = (outcome.int(0)?, outcome.int(1)?);
        Some(InstantCap { rule: outcome.rule().id, source: table.source, cap_fen, per_year })
    }

    /// The edition in force at an instant.
    fn edition(&self, name: &str, at_ms: i64) -> Option<TableView<'p>> {
        let number = self.0.ints(name).take_while(|from| *from <= at_ms).count().checked_sub(1)?;
        TableView::open(self.0.get(&format!("{name}/{number}"))?).ok()
    }

    fn by_route(
        &self,
        name: &str,
        from: &str,
        to: &str,
        weight_g: i64,
        at_ms: i64,
    ) -> Result<RouteAmount<'p>, NoTariff> {
        let table = self.edition(name, at_ms).ok_or(NoTariff::NotInForce)?;
        let group = |code| self.region_group(code, at_ms).ok_or(NoTariff::UnknownRegion);
        let (group_from, group_to) = (group(from)?, group(to)?);
        let chargeable_kg = chargeable_kg(weight_g);
        let inputs = [Value::Text(group_from), Value::Text(group_to), Value::Int(chargeable_kg)];
        let outcome = match table.evaluate(&inputs) {
            Ok(Some(outcome)) => outcome,
            Err(EvalError::OutsideDomain { input: "weight_kg" }) => return Err(NoTariff::WeightOutOfRange),
            _ => return Err(NoTariff::NoAnswer),
        };
        let amount_fen = table.amount(&inputs, &outcome).ok_or(NoTariff::NoAnswer)?;
        let (rule, source) = (outcome.rule().id, table.source);
        Ok(RouteAmount { rule, source, amount_fen, chargeable_kg, group_from, group_to })
    }

    fn extra(&self, kind: &str, hours_late: i64, at_ms: i64) -> Option<(i64, Hits<'p>)> {
        let table = self.edition("lateness_extra", at_ms)?;
        let inputs = [Value::Text(kind), Value::Int(hours_late.min(highest(table, 1)?))];
        let outcome = table.evaluate(&inputs).ok()??;
        Some((table.amount(&inputs, &outcome)?, outcome))
    }
}

/// Started kilograms: what carriers and insurers charge.
pub fn chargeable_kg(weight_g: i64) -> i64 {
    weight_g.saturating_add(999).div_euclid(1000)
}

/// The highest number that an input column takes.
fn highest(table: TableView<'_>, column: usize) -> Option<i64> {
    match table.inputs().nth(column)?.domain {
        DomainView::Ints(Interval { high, .. }) => Some(high),
        DomainView::Texts(_) => None,
    }
}

#[cfg(test)]
#[path = "tables/tests.rs"]
mod tests;
