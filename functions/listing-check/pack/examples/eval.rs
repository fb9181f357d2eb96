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
use listing_engine::*;
use pack_source::{Files, Findings};
use std::collections::BTreeMap;
fn field(line: &str, name: &str) -> Option<String> {
    let v: serde_json::Value = serde_json::from_str(line).ok()?;
    v.get(name)?.as_str().map(str::to_owned)
}
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let root = std::path::Path::new("functions/listing-check/policy");
    let files = Files::read(root).unwrap();
    let findings = Findings::new();
    let bytes = language::compile(&files, &findings);
    for f in findings.sorted() {
        println!("{f}");
    }
    let bytes = bytes.unwrap();
    let lang = Language::open(&bytes).unwrap();
    let mut entries = Vec::new();
    for t in std::fs::read_to_string(&args[0]).unwrap().lines() {
        entries.push(lexicon::Entry { text: t.trim().to_owned(), group: 0, alias_of: None, allowed: false });
    }
    if let Ok(aliases) = std::fs::read_to_string(root.join("aliases.csv")) {
        for line in aliases.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            let c: Vec<&str> = line.split(',').collect();
            entries.push(lexicon::Entry {
                text: c[0].to_owned(),
                group: 0,
                alias_of: Some((c[1].to_owned(), c[2].parse().unwrap())),
                allowed: false,
            });
        }
    }
    if let Ok(allow) = std::fs::read_to_string(root.join("allow.csv")) {
        for line in allow.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            entries.push(lexicon::Entry {
                text: line.split(',').next().unwrap().to_owned(),
                group: 0,
                alias_of: None,
                allowed: true,
            });
        }
    }
    let lex = lexicon::compile(&entries, &lang);
    let lex = Lexicon::open(&lex).unwrap();
    let tuning = Tuning::default();
    let show = |text: &str, all: bool| {
        let chars: Vec<char> = text.chars().collect();
        for f in find(text, &lang, &lex, &tuning, all).iter().take(12) {
            let raw: String = chars[f.start as usize..f.end as usize].iter().collect();
            println!(
                "      {} {raw} -> {} lit {} prior {} cost {} ev {} gain {} {:?}",
                if f.counts { "HIT " } else { "    " },
                lex.term(f.term).unwrap().text,
                f.literal,
                f.prior,
                f.cost,
                f.evidence,
                f.gain,
                f.steps.each().map(|s| s.name()).collect::<Vec<_>>()
            );
        }
    };
    if args[1] == "-t" {
        show(&args[2], true);
        return;
    }
    let verbose = args.iter().any(|a| a == "-v");
    let mut kinds: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let started = std::time::Instant::now();
    let mut chars = 0;
    for path in args[1..].iter().filter(|a| !a.starts_with('-')) {
        for line in std::fs::read_to_string(path).unwrap().lines().filter(|l| !l.is_empty()) {
            let (text, kind) = (field(line, "text").unwrap(), field(line, "kind").unwrap());
            let term = field(line, "term");
            if field(line, "value").is_some() {
                continue;
            }
            chars += text.chars().count();
            let found = find(&text, &lang, &lex, &tuning, false);
            let e = kinds.entry(format!("{}{kind}", if term.is_some() { "+ " } else { "- " })).or_default();
            e.1 += 1;
            let good = match &term {
                Some(t) => found.iter().any(|f| lex.term(f.term).unwrap().text == *t),
                None => found.is_empty(),
            };
            if good == term.is_some() {
                e.0 += 1;
            }
            if verbose && !good {
                println!("{kind}: {text:?} {}", term.clone().unwrap_or_default());
                show(&text, term.is_some());
            }
        }
    }
    println!("{} chars, {:?}", chars, started.elapsed());
    let (mut r, mut f) = ((0, 0), (0, 0));
    for (k, (n, of)) in &kinds {
        println!("{k:24} {n:4}/{of:4} {:5.1}%", 100.0 * *n as f64 / *of as f64);
        let s = if k.starts_with('+') { &mut r } else { &mut f };
        s.0 += n;
        s.1 += of;
    }
    println!(
        "recall {:.1}% of {}  false {:.1}% of {}",
        100.0 * r.0 as f64 / r.1.max(1) as f64,
        r.1,
        100.0 * f.0 as f64 / f.1.max(1) as f64,
        f.1
    );
}
