//! Measures the engine natively, and leaves what `engine.mjs` measures it in wasm with.
//!
//!     cargo run --release -p bench-engine -- FOLDER TERMS.txt CLEAN.jsonl... -- DISGUISED.jsonl...
//!     cargo run --release -p bench-engine -- --findings TERMS.txt ROWS.jsonl...
//!
//! With `--findings` it says what is found in each row, a line each: what makes the engine faster must not change it.

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    native::main();
}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    #![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "a measurement, no service")]

    use std::path::Path;
    use std::time::Instant;

    use bench_engine::Subject;
    use listing_check_pack::{language, lexicon};
    use listing_engine::{Language, Lexicon, Text, Tuning, search};
    use pack_source::{Files, Findings};

    const POLICY: &str = "functions/listing-check/policy";
    /// One row in so many is disguised.
    const EVERY: usize = 20;

    pub fn main() {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let [folder, terms, rows @ ..] = args.as_slice() else { panic!("FOLDER TERMS CLEAN... -- DISGUISED...") };
        if folder == "--findings" {
            return findings(&std::fs::read_to_string(terms).unwrap(), &texts(rows, "\n"));
        }
        let (clean, disguised) = rows.split_at(rows.iter().position(|one| one == "--").expect("-- between the rows"));
        let terms = std::fs::read_to_string(terms).unwrap();
        let (language, lexicon) = tables(&terms);
        let (clean, disguised) = (texts(clean, " "), texts(disguised.get(1..).unwrap_or_default(), " "));
        let ordinary: Vec<String> = (0..20_000)
            .map(|at| {
                let rows = if at % EVERY == EVERY - 1 { &disguised } else { &clean };
                rows[at / if at % EVERY == EVERY - 1 { EVERY } else { 1 } % rows.len()].clone()
            })
            .collect();
        let all = ordinary.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        let worst = (0..4_000).map(|at| disguised[at % disguised.len()].as_str()).collect::<Vec<_>>().join("\n");
        let folder = Path::new(folder);
        std::fs::create_dir_all(folder).unwrap();
        for (name, bytes) in [
            ("language", &language[..]),
            ("lexicon", &lexicon),
            ("terms", terms.as_bytes()),
            ("ordinary", all.as_bytes()),
            ("disguised", worst.as_bytes()),
        ] {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        for (name, text) in [("ordinary", &all), ("disguised", &worst)] {
            let subject = Subject::new(language.clone(), lexicon.clone(), &terms, text);
            let chars = subject.chars() as f64;
            let bare = best(|| subject.bare());
            let (found, work, short) = subject.chain();
            let chain = best(|| subject.chain().0);
            println!(
                "native, {name}: automaton {:.2} M characters a second, engine {:.2} M, {:.3} of it; {found} found, {:.1} steps a character, {short} read in part",
                chars / bare / 1e6,
                chars / chain / 1e6,
                bare / chain,
                work as f64 / chars
            );
            if name == "ordinary" {
                hostile(&language, &lexicon, chain / chars);
            }
        }
    }

    /// What is found in each text.
    fn findings(terms: &str, texts: &[String]) {
        let (language, lexicon) = tables(terms);
        let (language, lexicon) = (Language::open(&language).unwrap(), Lexicon::open(&lexicon).unwrap());
        let tuning = Tuning::default();
        for (at, raw) in texts.iter().enumerate() {
            let searched = search(&Text::of(raw, &language), &language, &lexicon, &tuning, false);
            for found in &searched.found {
                println!("{at} {found:?} {:?}", lexicon.term(found.term).map(|term| term.text()));
            }
            if !searched.complete {
                println!("{at} read in part");
            }
        }
    }

    /// Texts built to cost more than others of their length, and what they cost beside the ordinary one.
    fn hostile(language: &[u8], lexicon: &[u8], ordinary: f64) {
        let emoji: Vec<String> = ["🐔", "🍎", "❤", "🐧", "💊", "🔫", "📱", "👩‍⚕️"].map(str::to_owned).to_vec();
        let repeated = [
            "微信",
            "微.信.",
            "微 信 ",
            "微",
            "wei",
            "w",
            "微wei",
            "+",
            "1",
            "木",
            "薇心",
            "v.x.",
            "\n微\n信",
            "zh",
            "行",
            "长重",
            "(微)信",
        ];
        let mixed = "重行长乐单曾朝藏differently";
        let mut worst = (0.0, String::new());
        for piece in emoji.into_iter().chain(repeated.map(str::to_owned)).chain([mixed.to_owned()]) {
            let text = piece.repeat(4800 / piece.chars().count()).replace('\n', "\u{2028}");
            let subject = Subject::new(language.to_vec(), lexicon.to_vec(), "x", &text);
            let ratio = best(|| subject.chain().0) / subject.chars() as f64 / ordinary;
            if ratio > 5.0 {
                println!("native, hostile {piece:?}: {ratio:.1} times an ordinary text");
            }
            if ratio > worst.0 {
                worst = (ratio, piece);
            }
        }
        println!("native, the worst of hostile texts: {:.1} times an ordinary one ({:?})", worst.0, worst.1);
    }

    /// The best of five runs, in seconds.
    fn best(mut run: impl FnMut() -> usize) -> f64 {
        let time = |_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed().as_secs_f64()
        };
        (0..5).map(time).fold(f64::MAX, f64::min)
    }

    fn tables(terms: &str) -> (Vec<u8>, Vec<u8>) {
        let root = Path::new(POLICY);
        let files = Files::read(root).unwrap();
        let bytes = language::compile(&files, &Findings::new()).unwrap();
        let known = Language::open(&bytes).unwrap();
        let entry =
            |text: &str, alias_of, allowed| lexicon::Entry { text: text.to_owned(), group: 0, alias_of, allowed };
        let mut entries: Vec<_> = terms.lines().map(|line| entry(line.trim(), None, false)).collect();
        let list = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
        let rows = |text: &str| -> Vec<Vec<String>> {
            let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
            lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
        };
        for row in rows(&list("aliases.csv")) {
            entries.push(entry(&row[0], Some((row[1].clone(), row[2].parse().unwrap())), false));
        }
        for row in rows(&list("allow.csv")) {
            entries.push(entry(&row[0], None, true));
        }
        let lexicon = lexicon::compile(&entries, &known);
        (bytes, lexicon)
    }

    /// The texts of rows, with something for ends of lines.
    fn texts(paths: &[String], line: &str) -> Vec<String> {
        let read = |path: &String| std::fs::read_to_string(path).unwrap();
        let text = |row: &str| {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            row["text"].as_str().unwrap().replace('\n', line)
        };
        let lines = |all: String| all.lines().filter(|line| !line.is_empty()).map(text).collect::<Vec<_>>();
        paths.iter().map(read).flat_map(lines).collect()
    }
}
