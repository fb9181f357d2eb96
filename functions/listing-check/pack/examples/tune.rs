//! Searches costs (`listing_engine::Costs`) on labelled rows: changes one at a time, keeps what is better.
//!
//!     cargo run --release -p listing-check-pack --example tune -- ROUNDS TERMS ROWS.jsonl... [--among MORE ROWS.jsonl...]
//!
//! `--among`: more terms, and rows, in which the same rows of terms must be found and honest ones stay clean: what counts
//! among a hundred terms must hold among ten thousand.
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::arithmetic_side_effects,
    clippy::panic
)]
use listing_check_pack::{language, lexicon};
use listing_engine::{Costs, Language, Lexicon, Tuning, find};
use pack_source::{Files, Findings};

struct Row {
    text: String,
    term: Option<String>,
}

fn rows(paths: &[String]) -> Vec<Row> {
    let mut rows = Vec::new();
    for path in paths {
        for line in std::fs::read_to_string(path).unwrap().lines().filter(|l| !l.is_empty()) {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            if v.get("value").is_none() {
                let term = v.get("term").and_then(|t| t.as_str()).map(str::to_owned);
                rows.push(Row { text: v["text"].as_str().unwrap().to_owned(), term });
            }
        }
    }
    rows
}

/// What a false hit weighs, and what a miss does.
const FALSE: i64 = 3;
const MISS: i64 = 2;

/// Below it a step would make too many texts a disguise of some term in a lexicon larger than that of the rows.
fn floor(name: &str) -> i32 {
    match name {
        "reversed" | "swapped" | "emoji_sound" | "initials" => 14,
        "initial" | "typo" | "gap_line" | "split" | "none_left" | "two_sounds" => 8,
        "glyph" | "pinyin" | "gap_sign" | "gap_space" | "leet" | "repeat" | "emoji" => 4,
        _ => 2,
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let root = std::path::Path::new("functions/listing-check/policy");
    let files = Files::read(root).unwrap();
    let bytes = language::compile(&files, &Findings::new()).unwrap();
    let lang = Language::open(&bytes).unwrap();
    let compiled = |terms: &str| {
        let entry =
            |text: &str, alias_of, allowed| lexicon::Entry { text: text.to_owned(), group: 0, alias_of, allowed };
        let mut entries: Vec<_> =
            std::fs::read_to_string(terms).unwrap().lines().map(|line| entry(line.trim(), None, false)).collect();
        let list = |name: &str| -> Vec<String> {
            let text = std::fs::read_to_string(root.join(name)).unwrap();
            text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()).map(str::to_owned).collect()
        };
        for line in list("aliases.csv") {
            let c: Vec<&str> = line.split(',').collect();
            entries.push(entry(c[0], Some((c[1].to_owned(), c[2].parse().unwrap())), false));
        }
        for line in list("allow.csv") {
            entries.push(entry(line.split(',').next().unwrap(), None, true));
        }
        lexicon::compile(&entries, &lang)
    };
    let (few, among) = match args.iter().position(|arg| arg == "--among") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (&args[..], &[][..]),
    };
    let mut sets = vec![(compiled(&few[1]), rows(&few[2..]), 3)];
    if let [terms, paths @ ..] = among {
        sets.push((compiled(terms), rows(paths), 1));
    }
    let judge_set = |tuning: &Tuning, lex: &Lexicon<'_>, rows: &[Row]| -> (i64, i64) {
        let (mut missed, mut wrong) = (0, 0);
        for row in rows {
            let found = find(&row.text, &lang, lex, tuning, false);
            match &row.term {
                Some(term) => missed += i64::from(!found.iter().any(|f| lex.term(f.term).unwrap().text() == *term)),
                None => wrong += i64::from(!found.is_empty()),
            }
        }
        (missed, wrong)
    };
    let judge = |tuning: &Tuning| -> (i64, Vec<(i64, i64)>) {
        let (mut sum, mut each) = (0, Vec::new());
        for (bytes, rows, weight) in &sets {
            let lex = Lexicon::open(bytes).unwrap();
            // Two halves at once.
            let (a, b) = rows.split_at(rows.len() / 2);
            let (one, two) = std::thread::scope(|scope| {
                let one = scope.spawn(|| judge_set(tuning, &lex, a));
                (judge_set(tuning, &lex, b), one.join().unwrap())
            });
            let (missed, wrong) = (one.0 + two.0, one.1 + two.1);
            sum += weight * (MISS * missed + FALSE * wrong);
            each.push((missed, wrong));
        }
        (sum, each)
    };
    let mut best = Tuning::default();
    let mut score = judge(&best);
    println!("start {score:?}");
    let mut seed = 7_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    for round in 0..args[0].parse::<usize>().unwrap() {
        let mut next = best;
        for _ in 0..=random(3) {
            let step = [-8, -4, -2, -1, 1, 2, 4, 8][random(8)];
            let at = random(Costs::NAMES.len() + 3);
            let value = match at.checked_sub(Costs::NAMES.len()) {
                None => next.costs.by_name(Costs::NAMES[at]).unwrap(),
                Some(0) => &mut next.least,
                Some(1) => &mut next.least_literal,
                _ => continue,
            };
            let floor = Costs::NAMES.get(at).map_or(-60, |name| floor(name));
            *value = (*value + step).max(floor);
        }
        let judged = judge(&next);
        if judged.0 <= score.0 {
            if judged.0 < score.0 {
                println!("{round} {judged:?}");
            }
            (best, score) = (next, judged);
        }
    }
    println!("least {} least_literal {}", best.least, best.least_literal);
    for name in Costs::NAMES {
        let (new, old) = (*best.costs.by_name(name).unwrap(), *Costs::default().by_name(name).unwrap());
        println!("    {name} = {new};{}", if new == old { "" } else { "  // changed" });
    }
}
