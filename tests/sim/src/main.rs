//! Runs seeds and says what broke, with the step-by-step trace of the first failure.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use sim::mutant::{self, Mutant};
use sim::run::Simulator;
use sim::tally::{self, Tally};
use sim::weather::Weather;

const USAGE: &str =
    "sim [--seeds N | --nightly] [--from N] [--jobs N] [--mutant NAME] | --seed N [--trace] [--mutant NAME]
  --seeds N    so many seeds (2000)
  --nightly    100000 seeds
  --from N     the first (0)
  --jobs N     threads (2)
  --mutant M   with a planted bug: the names of sim::mutant::Mutant
  --seed N     one seed; with --trace, every step";

struct Options {
    seeds: u64,
    from: u64,
    jobs: u64,
    seed: Option<u64>,
    trace: bool,
    mutant: Option<Mutant>,
}

fn options() -> Result<Options, String> {
    let mut options = Options { seeds: 2_000, from: 0, jobs: 2, seed: None, trace: false, mutant: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let value = arguments.next().and_then(|value| value.parse().ok());
            value.ok_or_else(|| format!("{argument}: a number is wanted\n{USAGE}"))
        };
        match argument.as_str() {
            "--seeds" => options.seeds = number()?,
            "--nightly" => options.seeds = 100_000,
            "--from" => options.from = number()?,
            "--jobs" => options.jobs = number()?.max(1),
            "--seed" => options.seed = Some(number()?),
            "--trace" => options.trace = true,
            "--mutant" => {
                let name = arguments.next().unwrap_or_default();
                let known = mutant::ALL.iter().find(|(mutant, _)| format!("{mutant:?}") == name);
                options.mutant = Some(known.ok_or_else(|| format!("no mutant {name}\n{USAGE}"))?.0);
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    match options.seed {
        Some(seed) => one(seed, options.trace, options.mutant),
        None => many(&options),
    }
}

fn one(seed: u64, trace: bool, mutant: Option<Mutant>) -> ExitCode {
    let outcome = Simulator::new(mutant).run(seed, trace);
    for line in &outcome.trace {
        println!("{line}");
    }
    for violation in &outcome.violations {
        println!("seed {seed}: {}: {}", violation.invariant, violation.detail);
    }
    println!("seed {seed}: {} events, {} violations", outcome.events, outcome.violations.len());
    ExitCode::from(u8::from(!outcome.violations.is_empty()))
}

fn many(options: &Options) -> ExitCode {
    let start = Instant::now();
    let (from, until, jobs, mutant) = (options.from, options.from + options.seeds, options.jobs, options.mutant);
    let workers: Vec<_> = (0..jobs)
        .map(|job| {
            std::thread::spawn(move || {
                let mut simulator = Simulator::new(mutant);
                let mut failed: Vec<(u64, &'static str, String)> = Vec::new();
                let mut events = 0;
                for seed in (from..until).filter(|seed| seed % jobs == job) {
                    let outcome = simulator.run(seed, false);
                    events += outcome.events;
                    let first = outcome.violations.into_iter().next();
                    failed.extend(first.map(|violation| (seed, violation.invariant, violation.detail)));
                }
                (failed, events, tally::take())
            })
        })
        .collect();
    let mut failed = Vec::new();
    let mut total = Tally::new();
    let mut events = 0;
    for worker in workers {
        let (some, happened, counted) = worker.join().expect("a simulator thread panicked");
        failed.extend(some);
        events += happened;
        for (what, n) in counted {
            *total.entry(what).or_default() += n;
        }
    }
    for ((kind, name), n) in &total {
        println!("{kind:<14} {name:<32} {n}");
    }
    let took = start.elapsed();
    println!("{} seeds, {events} events, {:.1} s", options.seeds, took.as_secs_f64());
    let never: Vec<&str> =
        Weather::FAULTS.iter().copied().filter(|fault| !total.contains_key(&("fault", (*fault).to_owned()))).collect();
    if !never.is_empty() && options.seeds >= 1_000 {
        println!("BROKEN: faults that never occurred: {never:?}");
        report(&mut failed);
        return ExitCode::from(1);
    }
    report(&mut failed)
}

fn report(failed: &mut [(u64, &'static str, String)]) -> ExitCode {
    failed.sort();
    let mut kinds: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (seed, invariant, _) in failed.iter() {
        kinds.entry(invariant).or_default().push(*seed);
    }
    for (invariant, seeds) in &kinds {
        println!("BROKEN {invariant}: {} seeds, {:?}…", seeds.len(), &seeds[..seeds.len().min(8)]);
    }
    let Some((seed, invariant, detail)) = failed.first() else { return ExitCode::SUCCESS };
    println!("seed {seed}: {invariant}: {detail}\nrepeat with: cargo run -p sim -- --seed {seed} --trace");
    ExitCode::from(1)
}
