//! The rules of `trace-verify`: how its folder `policy/` becomes a pack, and what changed between two, in words.
//!
//! Sections: `figures`, each under `section.name` as an integer; `words`, `section/code/zh` and `section/code/en`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail by panicking"))]

mod names;

use pack_source::toml::Document;
use pack_source::words::{self, Wanted};
use pack_source::{Change, Compiled, Files, Findings, Kind, MapWriter, PackFile, section};

pub use names::{FIGURES, FILLED, Figure, PLAIN};

/// The rules of `trace-verify`.
pub const KIND: Kind = Kind { function: "trace-verify", format: 1, signers: 1, compile, changes };

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
    let figures = figures(files, &findings);
    let words = words::compile(files, MESSAGES, &wanted(), &findings);
    Compiled::of(findings, [("figures", figures), ("words", words)])
}

fn figures(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let document = Document::parse(files, POLICY, findings)?;
    let root = document.root();
    let mut sections: Vec<&str> = FIGURES.iter().map(|figure| split(figure.name).0).collect();
    sections.sort_unstable();
    sections.dedup();
    root.only(sections.iter().copied());
    let mut map = MapWriter::new();
    for section in sections {
        let Some(table) = root.table(section) else { continue };
        let of_section = || FIGURES.iter().filter(|figure| split(figure.name).0 == section);
        table.only(of_section().map(|figure| split(figure.name).1));
        for figure in of_section() {
            if let Some(value) = table.int(split(figure.name).1, figure.least..=figure.most) {
                map.int(figure.name, value);
            }
        }
    }
    map.finish()
}

fn split(name: &'static str) -> (&'static str, &'static str) {
    name.split_once('.').unwrap_or((name, ""))
}

fn changes(before: &PackFile, after: &PackFile) -> Vec<Change> {
    let (was, is) = (section(before, "figures"), section(after, "figures"));
    let changed = FIGURES.iter().filter(|figure| was.get(figure.name) != is.get(figure.name));
    let told = changed.map(|figure| {
        let told = |text: &str, none: &str| {
            let value = |value: Option<i64>| value.map_or_else(|| none.to_owned(), |value| value.to_string());
            text.replace("{was}", &value(was.int(figure.name))).replace("{is}", &value(is.int(figure.name)))
        };
        Change::new(told(figure.zh, "（无）"), told(figure.en, "(none)"))
    });
    told.chain(words::changes(section(before, "words"), section(after, "words"))).collect()
}

#[cfg(test)]
mod tests;
