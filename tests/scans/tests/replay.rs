//! The thresholds hold on both sets of ranges, on fewer tales than `cargo run --release -p scans` plays.

use scans::{Knows, Many, Set, play};

const MANY: Many = Many { households: 2_000, campaigns: 400, griefers: 200 };

// Signals switched off.
const HOUSEHOLD: usize = 2;
const NETWORKS: usize = 3;
const PHONES: usize = 4;
const PROVINCES: usize = 5;
const WINDOW: usize = 6;

fn hold(set: Set, knows: Knows) {
    let table = play(set, knows, MANY, 1);
    let text = table.text();
    assert!(table.households[0] < 0.005 && table.households_red[0] <= 0.0, "{text}");
    assert!(table.campaigns[0] > 0.95, "{text}");
    // A griefer turns no piece red, and no warning of his is more than amber.
    assert!(table.buyers_red[0] <= 0.0 && table.griefed_red[0] < 0.005, "{text}");
    // Each signal does something, here or there.
    assert!(table.buyers[HOUSEHOLD] > 0.8 && table.households[WINDOW] > table.households[0], "{text}");
    assert!(table.campaigns[NETWORKS] < table.campaigns[0] - 0.01, "{text}");
    match knows {
        Knows::Places => {
            // Of those whom no cookie, line, city, province or phone tells from a stranger, some are warned.
            assert!(table.buyers[0] < 0.03, "{text}");
            assert!(table.buyers_red[NETWORKS] > 0.3 && table.campaigns[PROVINCES] < table.campaigns[0], "{text}");
            // Without phones more is warned of, copies and genuine pieces.
            assert!(table.campaigns[PHONES] > table.campaigns[0], "{text}");
        }
        // An address alone tells far fewer of the buyer's own from strangers.
        Knows::Addresses => assert!(table.griefed_red[0] <= 0.0 && table.buyers[0] < 0.25, "{text}"),
    }
}

#[test]
fn with_cities_on_the_training_ranges() {
    hold(Set::Training, Knows::Places);
}

#[test]
fn with_cities_on_the_second_ranges() {
    hold(Set::Second, Knows::Places);
}

#[test]
fn with_cities_on_the_ranges_held_out_now() {
    hold(Set::HeldOutNow, Knows::Places);
}

#[test]
fn without_cities_on_the_training_ranges() {
    hold(Set::Training, Knows::Addresses);
}

#[test]
fn without_cities_on_the_ranges_held_out_now() {
    hold(Set::HeldOutNow, Knows::Addresses);
}

#[test]
fn a_seed_is_one_run() {
    let few = Many { households: 20, campaigns: 3, griefers: 3 };
    let text = || play(Set::Training, Knows::Places, few, 7).text();
    assert_eq!(text(), text());
}
