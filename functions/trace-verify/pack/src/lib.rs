//! The rules of `trace-verify`: how its folder `policy/` becomes a pack, and what changed between two, in words.
//!
//! Sections: `figures`, each under `section.name` as an integer; `words`, `section/code/zh` and `section/code/en`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail by panicking"))]

mod names;

use pack_source::figures::{self, Figure};
use pack_source::words::{self, Wanted};
use pack_source::{Change, Compiled, Files, Findings, Kind, PackFile, section};

pub use names::{FIGURES, FILLED, PLAIN};

/// The rules of `trace-verify`.
pub const KIND: Kind = Kind { function: "trace-verify", format: 3, signers: 1, compile, changes };

const POLICY: &str = "policy.toml";
const MESSAGES: &str = "messages.toml";

/// All texts that the code asks for.
pub fn wanted() -> Vec<Wanted<'static>> {
    let plain = PLAIN.iter().map(|name| Wanted { name, fills: Some(&[]) });
    plain.chain(FILLED.iter().map(|(name, fills)| Wanted { name, fills: Some(fills) })).collect()
}

/// Rust constants for the function's build script: `SECTION_CODE` of each text in a module `texts` and of each figure in a
/// module `figures`, and in both `ALL` that there are. The types `Text` and `Figure` are the function's. `ALL` names no
/// constant, so that rustc warns of one that no code asks for any more.
pub fn constants() -> String {
    let text = |Wanted { name, .. }| (name, format!("Text {{ zh: \"{name}/zh\", en: \"{name}/en\" }}"));
    let texts: Vec<_> = wanted().into_iter().map(text).collect();
    let figure = |Figure { name, least, most, .. }| {
        (name, format!("Figure {{ name: \"{name}\", least: {least}, most: {most} }}"))
    };
    let figures: Vec<_> = FIGURES.into_iter().map(figure).collect();
    module("texts", "Text", &texts) + &module("figures", "Figure", &figures)
}

fn module(name: &str, kind: &str, values: &[(&str, String)]) -> String {
    let constant = |name: &str| name.to_uppercase().replace(['/', '-', '.'], "_");
    let each = values.iter().map(|(name, value)| format!("pub const {}: {kind} = {value};\n", constant(name)));
    let all: Vec<&str> = values.iter().map(|(_, value)| value.as_str()).collect();
    let each: String = each.collect();
    let all = all.join(", ");
    format!("pub(crate) mod {name} {{\nuse super::{kind};\n{each}pub(super) const ALL: &[{kind}] = &[{all}];\n}}\n")
}

fn compile(files: &Files) -> Compiled {
    let findings = Findings::new();
    files.only(|path| [POLICY, MESSAGES].contains(&path), [POLICY, MESSAGES], &findings);
    let figures = figures::compile(files, POLICY, &FIGURES, &findings);
    let words = words::compile(files, MESSAGES, &wanted(), &findings);
    Compiled::of(findings, [("figures", figures), ("words", words)])
}

fn changes(before: &PackFile, after: &PackFile) -> Vec<Change> {
    let told = figures::changes(&FIGURES, section(before, "figures"), section(after, "figures"));
    told.into_iter().chain(words::changes(section(before, "words"), section(after, "words"))).collect()
}

#[cfg(test)]
mod tests;
