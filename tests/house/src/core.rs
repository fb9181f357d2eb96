//! What core code must not do though it compiles: read a clock, hash with a seed of the host's, panic.

use crate::rust::{is_test_file, lines, lines_before_tests, words};
use crate::{Breach, Tree};

/// The lints of the root manifest that keep handlers from panicking.
const PANIC_LINTS: [&str; 8] = [
    "unwrap_used",
    "expect_used",
    "panic",
    "indexing_slicing",
    "unreachable",
    "string_slice",
    "arithmetic_side_effects",
    "todo",
];

pub fn clock_and_hash(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (file, text) in tree.rust(&["functions/", "shared/"]) {
        if !file.contains("/src/") || file.starts_with("shared/src/platform/") {
            continue;
        }
        for line in lines(text) {
            let clock = line.code.contains("Instant::now");
            let names = ["SystemTime", "HashMap", "HashSet", "getrandom", "OsRng"];
            if clock || words(&line.code).iter().any(|word| names.contains(&word.name)) {
                breaches.push(Breach {
                    file: file.to_owned(),
                    line: line.number,
                    rule: "hidden clock, entropy or hash seed",
                    what: line.code.trim().to_owned(),
                    remedy: "take time and random bytes from the platform's ports, as values; use BTreeMap (wasm32-unknown-unknown seeds HashMap predictably)",
                });
            }
        }
    }
    breaches
}

/// Panics that clippy does not deny. An assertion in a constant or a `const fn`, which is there to make constants, is a
/// proof at compile time.
pub fn panics(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (file, text) in tree.rust(&["functions/", "shared/"]) {
        if !file.contains("/src/") || is_test_file(file) {
            continue;
        }
        let mut proves = false;
        for line in lines_before_tests(text) {
            if line.code.contains("fn ") {
                proves = line.code.contains("const fn ");
            }
            let asserts = words(&line.code).iter().any(|word| {
                let name = ["assert", "assert_eq", "assert_ne"].contains(&word.name);
                name && word.after.starts_with('!') && !proves && !line.code.contains("const _")
            });
            let ends = ["process::exit", "process::abort", ".copy_from_slice(", ".split_at(", ".swap_remove("];
            if asserts || ends.iter().any(|call| line.code.contains(call)) {
                breaches.push(Breach {
                    file: file.to_owned(),
                    line: line.number,
                    rule: "may panic",
                    what: line.code.trim().to_owned(),
                    remedy: "answer with an error or a fault: a panic kills the instance and its neighbours (split_at_checked, get, debug_assert!, const _: () = assert!(…))",
                });
            }
        }
    }
    breaches
}

/// Every crate that runs at the edge takes the workspace's lints, and lifts one that guards against panics only in tests
/// or with a reason.
pub fn lints(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let edge = tree.functions().into_iter().map(|name| format!("functions/{name}"));
    let below = tree.crates_below("shared/").into_iter().map(|name| format!("shared/{name}"));
    for folder in edge.chain(below).chain(["shared".to_owned()]) {
        let manifest = format!("{folder}/Cargo.toml");
        let text = tree.get(&manifest).unwrap_or_default();
        if !text.contains("[lints]\nworkspace = true") {
            breaches.push(Breach {
                file: manifest,
                line: 0,
                rule: "lints not taken from the workspace",
                what: "no [lints] with workspace = true".to_owned(),
                remedy: "add the two lines; they deny unwrap, expect, indexing and unchecked arithmetic",
            });
        }
    }
    for (file, text) in tree.rust(&["functions/", "shared/"]) {
        if !file.contains("/src/") || is_test_file(file) {
            continue;
        }
        for line in lines_before_tests(text) {
            let code = line.code.trim();
            let lifted = (code.starts_with("#[allow(") || code.starts_with("#![allow(")) && !code.contains("reason =");
            if lifted && PANIC_LINTS.iter().any(|lint| code.contains(&format!("clippy::{lint}"))) {
                breaches.push(Breach {
                    file: file.to_owned(),
                    line: line.number,
                    rule: "lint lifted silently",
                    what: code.to_owned(),
                    remedy: "#[expect(clippy::…, reason = \"…\")] on the smallest item, with the reason why it cannot panic",
                });
            }
        }
    }
    breaches
}
