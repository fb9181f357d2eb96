//! No seed breaks a promise. `SIM_SEEDS` sets how many are run; the binary runs the great numbers.

use sim::run::Simulator;

fn seeds() -> u64 {
    std::env::var("SIM_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(200)
}

#[test]
fn no_seed_breaks_a_promise() {
    let mut simulator = Simulator::new(None);
    for seed in 0..seeds() {
        let outcome = simulator.run(seed, false);
        if let Some(violation) = outcome.violations.first() {
            panic!(
                "seed {seed}: {}: {}\nrepeat with: cargo run -p sim -- --seed {seed} --trace",
                violation.invariant, violation.detail
            );
        }
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let (mut one, mut other) = (Simulator::new(None), Simulator::new(None));
    // A used simulator and a new one: nothing is left over from the run before.
    one.run(3, false);
    for seed in [1, 2] {
        let (a, b) = (one.run(seed, true), other.run(seed, true));
        assert_eq!(a.events, b.events, "seed {seed}");
        assert_eq!(a.trace, b.trace, "seed {seed}");
    }
}
