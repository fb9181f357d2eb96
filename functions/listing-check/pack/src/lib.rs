//! The rules of `listing-check`: how its folder `policy/` becomes a pack, and what changed between two, in words.
//!
//! Sections: `figures`, each as an integer; `words` (`section/code/zh` and `section/code/en`); `groups`, what is said of
//! the terms of each list ([`groups`]); `lexicon`, the terms, and `language`, the tables that they are read by, both as
//! `listing-engine` reads them in place.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail by panicking"))]
#![allow(
    clippy::arithmetic_side_effects,
    reason = "sizes of tables that are held in memory; runs at build time and on an operator's machine"
)]

mod changes;
mod cues;
pub mod exceptions;
mod figures;
pub mod groups;
pub mod language;
pub mod lexicon;
mod names;
mod terms;

use listing_engine::Language;
use pack_source::words::{self, Wanted};
use pack_source::{Compiled, Files, Findings, Kind};

pub use figures::{FIGURES, Figure};
pub use names::TEXTS;

/// The rules of `listing-check`.
pub const KIND: Kind = Kind { function: "listing-check", format: 1, signers: 1, compile, changes: changes::between };

const POLICY: &str = "policy.toml";
const RULES: &str = "rules.toml";
const MESSAGES: &str = "messages.toml";
const ALIASES: &str = "aliases.csv";
const ALLOW: &str = "allow.csv";
const CUES: &str = "cues.csv";
/// Not every folder has one.
const EXCEPTIONS: &str = "exceptions.csv";
const LEXICON: &str = "lexicon/";

/// Rust constants for the function's build script: the texts and figures that the code asks of any pack.
pub fn constants() -> String {
    let texts = TEXTS.map(|(name, _)| name);
    let figures = FIGURES.map(|figure| (figure.name, figure.least, figure.most));
    format!(
        "/// Texts, as `section/code`.\nconst TEXTS: &[&str] = &{texts:?};\n\
         /// Figures: name, least, most.\nconst FIGURES_ASKED: &[(&str, i64, i64)] = &{figures:?};\n"
    )
}

fn compile(files: &Files) -> Compiled {
    let findings = Findings::new();
    let names = || [POLICY, RULES, MESSAGES, ALIASES, ALLOW, CUES].into_iter().chain(language::FILES);
    let known = |path: &str| {
        names().any(|name| name == path) || path == EXCEPTIONS || path.starts_with(LEXICON) && path.ends_with(".csv")
    };
    files.only(known, names(), &findings);
    let figures = figures::compile(files, &findings);
    let wanted = TEXTS.map(|(name, fills)| Wanted { name, fills: Some(fills) });
    let words = words::compile(files, MESSAGES, &wanted, &findings);
    let language = language::compile(files, &findings);
    let groups = groups::read(files, &findings);
    let lexicon = groups.as_ref().zip(language.as_deref()).and_then(|(groups, bytes)| {
        let language = Language::open(bytes)?;
        Some(lexicon::compile(&terms::read(files, groups, &language, &findings)?, &language))
    });
    let cues = cues::compile(files, language.as_deref(), &findings);
    let exceptions = exceptions::read(files, &findings);
    let groups = groups.and_then(|groups| groups::section(&groups, &exceptions));
    Compiled::of(
        findings,
        [
            ("figures", figures),
            ("words", words),
            ("groups", groups),
            ("language", language),
            ("lexicon", lexicon),
            ("cues", cues),
        ],
    )
}

#[cfg(test)]
mod tests;
