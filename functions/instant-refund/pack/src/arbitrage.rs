//! Proofs over more than one table: the groups of regions fit the tariffs, and nobody earns by sending parcels.

use std::collections::{BTreeMap, BTreeSet};

use decision_table::compare::{Excess, excesses};
use decision_table::{Domain, Output, Table};
use pack_source::{Finding, Findings};

use crate::tables::Editions;

const TARIFFS: [&str; 2] = ["self_mail_tariff", "real_freight"];

/// Groups that no tariff knows, or tariffs that no group leads to, would be gaps between tables.
pub(crate) fn groups(all: &BTreeMap<&str, Editions<'_>>, findings: &Findings) {
    let editions = |name: &str| all.get(name).into_iter().flat_map(BTreeMap::values);
    for (file, groups) in editions("region_groups") {
        let group = |output: Option<&Output<'static>>| match output {
            Some(Output::Text(group)) => Some(*group),
            _ => None,
        };
        let given: BTreeSet<&str> = groups.rules.iter().filter_map(|rule| group(rule.outputs.first())).collect();
        for (other, tariff) in TARIFFS.iter().flat_map(|name| editions(name)) {
            for input in tariff.inputs.iter().take(2) {
                let known: BTreeSet<&str> = match input.domain {
                    Domain::Texts(texts) => texts.iter().copied().collect(),
                    Domain::Ints(_) => BTreeSet::new(),
                };
                for unknown in given.difference(&known) {
                    findings.error(other, 0, 0, format!("{}: the group {unknown} of {file} is unknown", input.name));
                }
                for unled in known.difference(&given) {
                    findings.error(file, 0, 0, format!("no region leads to the group {unled} of {other}"));
                }
            }
        }
    }
}

/// Where the insurance pays more than posting costs, of editions that are in force at the same time: warnings, the worst
/// of each file's first.
pub(crate) fn payouts(all: &BTreeMap<&str, Editions<'_>>, findings: &Findings) {
    let [Some(payouts), Some(costs)] = TARIFFS.map(|name| all.get(name)) else { return };
    for (file, payout, from, until) in periods(payouts) {
        for (cost_file, cost, cost_from, cost_until) in periods(costs) {
            if from >= cost_until || cost_from >= until {
                continue;
            }
            match excesses(payout, cost) {
                Ok(mut all) => {
                    all.sort_by_key(|excess| excess.costs.saturating_sub(excess.paid));
                    for Excess { payout_line, cost_line, region, paid, costs, at } in all {
                        let reason = format!(
                            "pays more than posting costs ({cost_file}:{cost_line}): {region}; most at {at}: {paid} fen \
                             for {costs}"
                        );
                        findings.push(Finding::warning(file, payout_line, 0, reason));
                    }
                }
                Err(error) => findings.error(file, 0, 0, format!("cannot be compared with {cost_file}: {error}")),
            }
        }
    }
}

/// Each edition with its first instant, and the first of the next.
fn periods<'e, 'f>(editions: &'e Editions<'f>) -> impl Iterator<Item = (&'f str, &'e Table, i64, i64)> {
    let ends = editions.keys().copied().skip(1).chain([i64::MAX]);
    editions.iter().zip(ends).map(|((from, (file, table)), end)| (*file, table, *from, end))
}
