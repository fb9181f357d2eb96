//! Tests of the test: every planted bug is caught, and by the promise that it breaks.

use sim::mutant::{self, Mutant};
use sim::run::Simulator;

/// How many seeds a planted bug may hide for.
const SEEDS: u64 = 1_000;

fn catch(mutant: Mutant, by: &[&str]) -> Result<u64, String> {
    let mut simulator = Simulator::new(Some(mutant));
    let mut other = Vec::new();
    for seed in 0..SEEDS {
        let violations = simulator.run(seed, false).violations;
        if violations.iter().any(|violation| by.contains(&violation.invariant)) {
            return Ok(seed);
        }
        other.extend(violations.iter().map(|violation| violation.invariant));
    }
    Err(format!("{mutant:?} is not caught by any of {by:?} in {SEEDS} seeds; broken were {other:?}"))
}

#[test]
fn every_planted_bug_is_caught() {
    let missed: Vec<String> = mutant::ALL
        .iter()
        .filter_map(|(mutant, by)| match catch(*mutant, by) {
            Ok(seed) => {
                println!("{mutant:?}: seed {seed}");
                None
            }
            Err(missed) => Some(missed),
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}
