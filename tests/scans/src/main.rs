//! Prints the tables.
//!
//! usage: scans [--households N] [--campaigns N] [--griefers N] [--seed N] [--set NAME] [--with-cities | --without-cities]

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::process::ExitCode;

use scans::{Knows, Many, Set, play};

fn main() -> ExitCode {
    let mut many = Many { households: 20_000, campaigns: 4_000, griefers: 4_000 };
    let mut worlds = vec![Knows::Places, Knows::Addresses];
    let (mut seed, mut sets) = (1, Set::ALL.to_vec());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|text| text.parse::<u64>().ok());
        let taken = match arg.as_str() {
            "--households" => number().map(|n| many.households = n),
            "--campaigns" => number().map(|n| many.campaigns = n),
            "--griefers" => number().map(|n| many.griefers = n),
            "--seed" => number().map(|n| seed = n),
            "--with-cities" | "--without-cities" => {
                worlds = vec![if arg == "--with-cities" { Knows::Places } else { Knows::Addresses }];
                Some(())
            }
            "--set" => {
                let name = args.next().unwrap_or_default();
                sets.retain(|set| set.name() == name);
                (!sets.is_empty()).then_some(())
            }
            _ => None,
        };
        if taken.is_none() {
            eprintln!(
                "usage: scans [--households N] [--campaigns N] [--griefers N] [--seed N] [--set NAME] [--with-cities | --without-cities]"
            );
            return ExitCode::from(2);
        }
    }
    for set in sets {
        for knows in &worlds {
            println!("{}", play(set, *knows, many, seed).text());
        }
    }
    ExitCode::SUCCESS
}
