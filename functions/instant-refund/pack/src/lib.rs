//! The rules of `instant-refund`: how its folder `policy/` becomes a pack, what is proved of it, and what changed between
//! two, in words that a manager signs.
//!
//! Sections: `figures` ([`figures`]), `tables` ([`tables`]), `holidays` ([`holidays`]), `words` (`section/code/zh` and
//! `section/code/en`). What has editions has the first instants of them, oldest first, under its own name.

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "tests may fail by panicking"
    )
)]

mod arbitrage;
mod changes;
pub mod figures;
pub mod holidays;
mod names;
mod periods;
mod regions;
pub mod tables;

use pack_source::words::{self, Wanted};
use pack_source::{Compiled, Files, Findings, Kind};

pub use names::TEXTS;

/// The rules of `instant-refund`. Money moves by them: two keys sign.
pub const KIND: Kind = Kind { function: "instant-refund", format: 1, signers: 2, compile, changes: changes::between };

const FIGURES: &str = "policy.toml";
const MESSAGES: &str = "messages.toml";
const HOLIDAYS: &str = "holidays.csv";

/// Rust constants for the function's build script: the texts and tables that the code asks of any pack.
pub fn names() -> String {
    let texts = TEXTS.map(|(name, _)| name);
    format!("/// Texts, as `section/code`.\nconst TEXTS: &[&str] = &{texts:?};\n{}", tables::constants())
}

fn compile(files: &Files) -> Compiled {
    let findings = Findings::new();
    let names = [FIGURES, MESSAGES, HOLIDAYS];
    let tables = tables::EXPECTED.map(|expected| format!("{}{}.csv", tables::FOLDER, expected.name));
    let known = |path: &str| names.contains(&path) || tables::is_table(path);
    files.only(known, names.into_iter().chain(tables.iter().map(String::as_str)), &findings);
    let figures = figures::compile(files, &findings);
    let tables = tables::compile(files, &findings);
    let holidays = holidays::compile(files, &findings);
    let wanted = TEXTS.map(|(name, fills)| Wanted { name, fills: Some(fills) });
    let words = words::compile(files, MESSAGES, &wanted, &findings);
    Compiled::of(findings, [("figures", figures), ("tables", tables), ("holidays", holidays), ("words", words)])
}

#[cfg(test)]
mod tests;
