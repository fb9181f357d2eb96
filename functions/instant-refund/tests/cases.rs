//! Decisions, case by case: the marketplace's rules and the law, with the source of each, and their boundaries.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]
#![allow(clippy::expect_used, reason = "tests may fail by panicking")]

#[path = "cases/accounts.rs"]
mod accounts;
#[path = "cases/boundaries.rs"]
mod boundaries;
#[path = "cases/cover.rs"]
mod cover;
#[path = "cases/exchange.rs"]
mod exchange;
#[path = "cases/expect.rs"]
mod expect;
#[path = "cases/faults.rs"]
mod faults;
#[path = "cases/fund.rs"]
mod fund;
#[path = "cases/given.rs"]
mod given;
#[path = "cases/instant.rs"]
mod instant;
#[path = "cases/insurance.rs"]
mod insurance;
#[path = "cases/lateness.rs"]
mod lateness;
#[path = "cases/law.rs"]
mod law;
#[path = "cases/learning.rs"]
mod learning;
#[path = "cases/met.rs"]
mod met;
#[path = "cases/properties.rs"]
mod properties;
#[path = "cases/refund_only.rs"]
mod refund_only;
#[path = "cases/return_freight.rs"]
mod return_freight;
#[path = "cases/terms.rs"]
mod terms;
#[path = "cases/ways.rs"]
mod ways;
#[path = "cases/words.rs"]
mod words;

use std::collections::BTreeSet;

use given::Row;
use instant_refund::decide::decide;
use instant_refund::policy::BUNDLED;
use shared::policy::Map;

fn all() -> Vec<Row> {
    [
        refund_only::rows(),
        instant::rows(),
        law::rows(),
        insurance::rows(),
        cover::rows(),
        exchange::rows(),
        return_freight::rows(),
        lateness::rows(),
        fund::rows(),
        boundaries::rows(),
        met::rows(),
        terms::rows(),
    ]
    .concat()
}

#[test]
fn every_case_is_decided_as_its_table_says() {
    let (mut failures, mut names) = (Vec::new(), BTreeSet::new());
    let rows = all();
    for (name, source, given, expected) in &rows {
        assert!(names.insert(*name), "two cases are called {name:?}");
        assert!(!source.is_empty(), "{name}: no source");
        if let Err(problem) = given.case.check(given.now) {
            failures.push(format!("{name}: the case itself is wrong: {:?}", problem.errors));
            continue;
        }
        let decision = decide(&given.case, &given.judged_by(), given.now);
        for difference in expect::differences(&decision, expected) {
            failures.push(format!("{name}: {difference}"));
        }
        expect::invariants(&given.case, &decision);
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

/// Every reason that has words is given by some case, so no rule goes untried and no text is left over.
#[test]
fn every_reason_occurs() {
    let mut codes = BTreeSet::new();
    for (_, _, given, _) in all() {
        codes.extend(
            decide(&given.case, &given.judged_by(), given.now).reasons.into_iter().map(|r| r.code.into_owned()),
        );
    }
    let words = Map::open(BUNDLED.section("words").unwrap()).unwrap();
    let texts = words.under("reason/").filter_map(|(name, _)| name.strip_prefix("reason/")?.strip_suffix("/en"));
    // What a full account means is given by the shell, when a hold finds it so.
    // So is what came of it at the gateway.
    codes.extend(
        [
            "not_paid",
            "reversed_by_gateway",
            "request_withdrawn",
            "request_too_old",
            "person_decided",
            "settled_as_paid",
            "settled_as_unpaid",
        ]
        .map(str::to_owned),
    );
    codes.extend(accounts::every().iter().map(|account| account.full().to_owned()));
    let (known, unused): (Vec<&str>, Vec<&str>) = texts.partition(|code| codes.contains(*code));
    assert!(known.len() > 50 && unused.is_empty(), "no case gives {unused:?}");
}
