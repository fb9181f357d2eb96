//! The thresholds hold on both sets of ranges, on fewer tales than `cargo run --release -p scans` plays.

use scans::{Many, Set, Table, play};

const MANY: Many = Many { households: 2_000, campaigns: 400, griefers: 200 };

fn hold(table: &Table) {
    let text = table.text();
    assert!(table.households[0] < 0.005, "{text}");
    assert!(table.campaigns[0] > 0.95, "{text}");
    // A griefer turns no buyer's piece red, and no warning of his is more than amber.
    assert!(table.buyers_red[0] <= 0.0, "{text}");
    assert!(table.griefed_red[0] < 0.005, "{text}");
    // Of those whom no cookie, line, city, province or phone tells from a stranger, some are warned.
    assert!(table.buyers[0] < 0.03, "{text}");
    // Each signal does something, here or there.
    assert!(table.campaigns[5] < 0.05 && table.buyers[2] > 0.8 && table.buyers_red[3] > 0.3, "{text}");
}

#[test]
fn households_campaigns_and_griefers_on_the_training_ranges() {
    hold(&play(Set::Training, MANY, 1));
}

#[test]
fn households_campaigns_and_griefers_on_the_held_out_ranges() {
    hold(&play(Set::HeldOut, MANY, 1));
}

#[test]
fn households_campaigns_and_griefers_on_the_ranges_held_out_last() {
    hold(&play(Set::HeldOutLast, MANY, 1));
}

#[test]
fn a_seed_is_one_run() {
    let few = Many { households: 20, campaigns: 3, griefers: 3 };
    assert_eq!(play(Set::Training, few, 7).text(), play(Set::Training, few, 7).text());
}
