//! Takes every term of the default lexicon through every kind of writing, inside neutral sentences, and prints the share
//! that is found by kind. Ends with 1 if a sentence without a term has a finding, or if a property does not hold of a
//! text that was tried.
//!
//! A term counts as found if a finding overlaps what was written and is of the term, or of one that holds it or that it
//! holds (支付宝 of 支付宝转账).

mod holds;
mod kinds;
mod tables;
mod world;

use std::process::ExitCode;

use holds::{Broken, Engine};
use kinds::{KINDS, Kind};
use listing_engine::{Language, Lexicon, Tuning};
use tables::Tables;
use world::{SENTENCES, World};

/// What came of a kind.
#[derive(Clone, Copy, Default)]
struct Tally {
    terms: usize,
    tried: usize,
    found: usize,
    other: usize,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, String> {
    // With `--missed KIND`, what was missed of a kind is printed.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let missed = match arguments.iter().map(String::as_str).collect::<Vec<&str>>()[..] {
        [] => None,
        ["--missed", kind] if KINDS.iter().any(|known| known.name == kind) => Some(kind),
        _ => return Err("listing-metamorphic [--missed KIND], as the table names it".to_owned()),
    };
    let world = World::read()?;
    let engine = Engine {
        language: Language::open(&world.language).ok_or("the language cannot be opened")?,
        lexicon: Lexicon::open(&world.lexicon).ok_or("the lexicon cannot be opened")?,
        allowing: Lexicon::open(&world.allowing).ok_or("the lexicon cannot be opened")?,
        tuning: Tuning::default(),
    };
    let mut broken = Broken::default();
    for sentence in SENTENCES {
        let plain = sentence.replace("{}", "");
        for one in engine.find(&plain, &mut broken) {
            broken.note("a sentence without a term has no finding", || format!("{plain:?}: {}", engine.term(&one)));
        }
    }
    let tables = Tables::read();
    let (mut all, mut sum) = (Vec::new(), Tally::default());
    for kind in &KINDS {
        let mut tally = Tally::default();
        for term in &world.terms {
            let ways = kind.of(&tables, term);
            tally.terms += usize::from(!ways.is_empty());
            for way in &ways {
                try_way(&engine, kind, term, way, missed, &mut tally, &mut broken);
            }
        }
        sum.tried += tally.tried;
        sum.found += tally.found;
        sum.other += tally.other;
        all.push((kind.name, tally));
    }
    sum.terms = world.terms.len();
    all.push(("all", sum));
    println!("{:20} {:>6} {:>8} {:>8} {:>7} {:>9}", "kind", "terms", "found", "tried", "", "another");
    for (name, Tally { terms, tried, found, other }) in all {
        let percent = 100.0 * found as f64 / tried.max(1) as f64;
        println!("{name:20} {terms:6} {found:8} {tried:8} {percent:6.1}% {other:9}");
    }
    for (property, (times, examples)) in &broken.0 {
        println!("\nDoes not hold, {times} times: {property}");
        examples.iter().for_each(|example| println!("  {example}"));
    }
    Ok(broken.0.is_empty())
}

/// Tries a way of writing in every sentence.
fn try_way(
    engine: &Engine<'_>,
    kind: &Kind,
    term: &str,
    way: &str,
    missed: Option<&str>,
    tally: &mut Tally,
    broken: &mut Broken,
) {
    for (before, after) in SENTENCES.iter().filter_map(|sentence| sentence.split_once("{}")) {
        let line = if kind.lines { "\n" } else { "" };
        let raw = format!("{before}{line}{way}{line}{after}");
        let start = before.chars().count() + line.len();
        let end = start + way.chars().count();
        let found = engine.find(&raw, broken);
        let here = || found.iter().filter(|one| (one.start as usize) < end && start < one.end as usize);
        let is = |known: &str| known.contains(term) || term.contains(known);
        tally.tried += 1;
        if here().any(|one| is(engine.term(one))) {
            tally.found += 1;
            continue;
        }
        tally.other += usize::from(here().next().is_some());
        if missed == Some(kind.name) {
            println!("{term}: {raw:?}, {:?}", found.iter().map(|one| engine.term(one)).collect::<Vec<&str>>());
        }
    }
}
