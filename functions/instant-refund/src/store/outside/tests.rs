#![allow(clippy::unwrap_used)]
use shared::platform::native::{Native, block_on};

use super::*;
use crate::decision::Hold;
use crate::store::{Held, SCHEMA};

fn payment() -> Account {
    Account::Payment { payment: "stripe:ch_1".into() }
}

fn note(host: &Native, number: &str, amount_fen: i64, at: i64, standing: Standing) {
    let outside = Outside { number: number.into(), amount_fen, at, standing };
    block_on(Store { host }.note(&payment(), &outside)).unwrap();
}

fn standing(host: &Native, number: &str) -> Standing {
    let rows = block_on(Store { host }.payment(&payment())).unwrap();
    let found = rows.entries.into_iter().find_map(|entry| match entry {
        Entry::Outside(outside) if outside.number == number => Some(outside.standing),
        _ => None,
    });
    found.unwrap()
}

/// Whether a refund of ours finds room, and whether a dispute is open.
fn holds(host: &Native, name: &str, amount_fen: i64) -> (bool, bool) {
    let hold = Hold { account: payment(), amount_fen, limit_fen: 10_000, pinned: true };
    let holding = block_on(Store { host }.hold_all(&[&hold], name, 1, 0, 100)).unwrap();
    (holding.held == [Held::Yes], holding.disputed)
}

#[test]
fn what_was_refunded_outside_takes_its_room() {
    let host = Native::new(SCHEMA).unwrap();
    note(&host, "re_1", 4_000, 10, Standing::Refunded);
    note(&host, "re_1", 4_000, 10, Standing::Refunded);
    assert_eq!(holds(&host, "rf_a", 6_001), (false, false));
    assert_eq!(holds(&host, "rf_a", 6_000), (true, false), "and another limit than ours is no contradiction");
    let rows = block_on(Store { host: &host }.payment(&payment())).unwrap();
    assert_eq!((rows.held_fen, rows.paid_fen, rows.entries.len()), (10_000, Some(10_000), 2));
    // It failed, and its older news comes again.
    note(&host, "re_1", 4_000, 20, Standing::Failed);
    note(&host, "re_1", 4_000, 10, Standing::Refunded);
    assert_eq!(standing(&host, "re_1"), Standing::Failed);
    assert_eq!(holds(&host, "rf_b", 4_000), (true, false));
}

#[test]
fn a_dispute_holds_nothing_until_it_is_lost() {
    let host = Native::new(SCHEMA).unwrap();
    note(&host, "dp_1", 8_000, 10, Standing::Open);
    assert_eq!(holds(&host, "rf_a", 5_000), (true, true));
    note(&host, "dp_1", 8_000, 30, Standing::Won);
    note(&host, "dp_1", 8_000, 10, Standing::Open);
    note(&host, "dp_1", 8_000, 30, Standing::Open);
    assert_eq!(standing(&host, "dp_1"), Standing::Won, "what ends it counts, whatever comes first");
    assert_eq!(holds(&host, "rf_a", 5_000), (true, false));
    note(&host, "dp_1", 8_000, 40, Standing::Lost);
    assert_eq!((standing(&host, "dp_1"), holds(&host, "rf_b", 1)), (Standing::Lost, (false, false)));
    assert_eq!(block_on(Store { host: &host }.payment(&payment())).unwrap().held_fen, 13_000, "more than was paid");
    // Once more from the beginning.
    note(&host, "dp_1", 8_000, 50, Standing::Open);
    assert_eq!(standing(&host, "dp_1"), Standing::Open);
}

#[test]
fn a_corrected_limit_is_not_one_of_what_is_outside() {
    let host = Native::new(SCHEMA).unwrap();
    note(&host, "re_1", 4_000, 10, Standing::Refunded);
    let right = Hold { account: payment(), amount_fen: 1, limit_fen: 20_000, pinned: true };
    block_on(Store { host: &host }.correct(&right)).unwrap();
    assert_eq!(holds(&host, "rf_a", 6_000), (true, false), "it is still nobody's word on what was paid");
}
