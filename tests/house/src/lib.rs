//! The house rules, which neither rustc nor clippy knows. Each names what is broken, where, and the remedy.
//!
//! A rule is a function from the tree to its breaches, so that a test can plant one in a copy held in memory.

mod arrows;
mod core;
mod recipe;
mod rust;
mod text;
mod tree;

use std::fmt;

pub use tree::Tree;

/// One breach of one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    pub file: String,
    /// From 1; 0 stands for the file as a whole.
    pub line: usize,
    pub rule: &'static str,
    pub what: String,
    pub remedy: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Breach { file, line, rule, what, remedy } = self;
        write!(f, "{file}:{line}: {rule}: {what}\n    remedy: {remedy}")
    }
}

/// Every rule on every file, sorted by place.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let rules = [
        arrows::host_sdk,
        arrows::other_functions,
        arrows::pure_crates,
        core::clock_and_hash,
        core::panics,
        core::lints,
        recipe::functions,
        recipe::help,
        text::length,
        text::machine_paths,
        text::issue_numbers,
    ];
    let mut breaches: Vec<Breach> = rules.iter().flat_map(|rule| rule(tree)).collect();
    breaches.sort();
    breaches
}
