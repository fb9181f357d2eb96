//! Decides one case over and over. `decide.mjs` calls it in V8, the engine of Workers, with every import of the host SDK
//! stubbed: none is called.

#![allow(unsafe_code, reason = "exports to a script that knows no bindings")]

use std::hint::black_box;

use instant_refund::case::Case;
use instant_refund::decide;
use instant_refund::policy::Rules;

const CASE: &[u8] = include_bytes!("../../../vectors/instant-refund/cases/insured-return.json");
/// The clock of the vectors.
const NOW_MS: i64 = 1_790_000_000_000;

/// Decides so many times; the sum of the totals, in fen, so that nothing is left out.
#[unsafe(no_mangle)]
pub extern "C" fn decide_times(times: u32) -> f64 {
    let Ok(case) = Case::read(CASE, NOW_MS) else { return -1.0 };
    let rules = Rules::bundled();
    (0..times).map(|_| decide::by(black_box(&rules), black_box(&case), black_box(NOW_MS)).total_fen as f64).sum()
}
