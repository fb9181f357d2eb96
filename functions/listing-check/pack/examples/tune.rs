//! Searches costs (`listing_engine::Costs`) on labelled rows: changes one at a time, keeps what is better.
//!
//!     cargo run --release -p listing-check-pack --example tune -- ROUNDS TERMS ROWS.jsonl...
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

/// What a false hit weighs in misses.
const FALSE: i64 = 3;

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
    let entry = |text: &str, alias_of, allowed| lexicon::Entry { text: text.to_owned(), group: 0, alias_of, allowed };
    let mut entries: Vec<_> =
        std::fs::read_to_string(&args[1]).unwrap().lines().map(|line| entry(line.trim(), None, false)).collect();
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
    let lex = lexicon::compile(&entries, &lang);
    let lex = Lexicon::open(&lex).unwrap();
    let mut rows = Vec::new();
    for path in &args[2..] {
        for line in std::fs::read_to_string(path).unwrap().lines().filter(|l| !l.is_empty()) {
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            if v.get("value").is_none() {
                let term = v.get("term").and_then(|t| t.as_str()).map(str::to_owned);
                rows.push(Row { text: v["text"].as_str().unwrap().to_owned(), term });
            }
        }
    }
    // How far each row is from the border counts a little, so that there is a slope.
    let judge = |tuning: &Tuning| -> (i64, i64, i64) {
        let (mut missed, mut wrong) = (0, 0);
        for row in &rows {
            let found = find(&row.text, &lang, &lex, tuning, false);
            match &row.term {
                Some(term) => missed += i64::from(!found.iter().any(|f| lex.term(f.term).unwrap().text() == *term)),
                None => wrong += i64::from(!found.is_empty()),
            }
        }
        (missed + FALSE * wrong, missed, wrong)
    };
    let mut best = Tuning::default();
    let mut score = judge(&best);
    println!("start {score:?} of {}", rows.len());
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
        if judged.0 < score.0 || judged.0 == score.0 && judged != score {
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
