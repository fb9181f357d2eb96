//! The rules of `bot-screen`: how its folder `policy/` becomes a pack, and what changed between two, in words.
//!
//! Sections: `common`, which every request takes, a map of these parts: `actions`, `figures` (each under `section.name`),
//! `index`, `limits`, `prices`, `signers`, `words` (`section/code/zh` and `section/code/en`). And what only some take: `ranges`,
//! `rules` and `rule-words` ([`rules::Sections`]).

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail by panicking"))]

mod actions;
mod expression;
mod limits;
mod lookup;
mod names;
mod prices;
mod ranges;
mod rules;
mod signers;
mod tokens;

use pack_source::words::{self, Wanted};
use pack_source::{Change, Compiled, Files, Findings, Kind, Map, MapWriter, PackFile, figures, section};

pub use expression::{CLASSES, PURPOSES};
pub use names::{FIGURES, TEXTS};
pub use signers::keys_of;

/// The rules of `bot-screen`.
pub const KIND: Kind = Kind { function: "bot-screen", format: 2, signers: 1, compile, changes };

const COMMON: &str = "common";
const POLICY: &str = "policy.toml";
const MESSAGES: &str = "messages.toml";
const ALL: [&str; 7] = [actions::FILE, limits::FILE, MESSAGES, POLICY, prices::FILE, ranges::FILE, rules::FILE];

fn wanted() -> Vec<Wanted<'static>> {
    TEXTS.iter().map(|(name, fills)| Wanted { name, fills: Some(fills) }).collect()
}

/// Rust constants for the function's build script: the texts and figures that its code asks for.
pub fn constants() -> String {
    let figures = FIGURES.map(|figure| (figure.name, figure.least, figure.most));
    let texts = TEXTS.map(|(name, _)| name);
    format!(
        "pub(crate) const TEXTS: [&str; {}] = {texts:?};\npub(crate) const FIGURES: [(&str, i64, i64); {}] = {figures:?};\n",
        TEXTS.len(),
        figures.len()
    )
}

fn compile(files: &Files) -> Compiled {
    let findings = Findings::new();
    files.only(|path| ALL.contains(&path) || ranges::is_file(path) || signers::is_file(path), ALL, &findings);
    let actions = actions::compile(files, &findings);
    let figures = figures(files, &findings);
    let ranges = ranges::compile(files, &findings);
    let rules = rules::compile(files, &findings);
    let signers = signers::compile(files, &findings);
    let limits = limits::compile(files, &findings);
    let prices = prices::compile(files, &findings);
    let words = words::compile(files, MESSAGES, &wanted(), &findings);
    let (index, rules, rule_words) =
        rules.map_or((None, None, None), |of| (Some(of.index), Some(of.rules), Some(of.words)));
    let common = common([
        ("actions", actions),
        ("figures", figures),
        ("index", index),
        ("limits", limits),
        ("prices", prices),
        ("signers", signers),
        ("words", words),
    ]);
    let sections = [(COMMON, common), ("ranges", ranges), ("rule-words", rule_words), ("rules", rules)];
    Compiled::of(findings, sections)
}

/// One section of what every request takes: a fresh instance reads one value then, not seven.
fn common<const N: usize>(parts: [(&str, Option<Vec<u8>>); N]) -> Option<Vec<u8>> {
    let mut map = MapWriter::new();
    for (name, bytes) in parts {
        map.bytes(name, bytes?);
    }
    map.finish()
}

/// The bytes of a part of the section `common`.
fn bytes_of<'p>(pack: &'p PackFile, name: &str) -> Option<&'p [u8]> {
    section(pack, COMMON).get(name)
}

/// The same as a map; empty if it is not there or is no map.
pub fn part<'p>(pack: &'p PackFile, name: &str) -> Map<'p> {
    bytes_of(pack, name).and_then(|bytes| Map::open(bytes).ok()).unwrap_or(Map::EMPTY)
}

fn figures(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let compiled = figures::compile(files, POLICY, &FIGURES, findings)?;
    let map = Map::open(&compiled).ok()?;
    let weights: Vec<Option<i64>> = ["weight.tag", "weight.challenge", "weight.block"].map(|name| map.int(name)).into();
    if weights.windows(2).any(|pair| matches!(pair, [Some(less), Some(more)] if less >= more)) {
        findings.error(POLICY, 0, 0, "[weight] tag, challenge and block must grow in this order");
    }
    Some(compiled)
}

fn changes(before: &PackFile, after: &PackFile) -> Vec<Change> {
    let told = figures::changes(&FIGURES, part(before, "figures"), part(after, "figures"));
    let of = |name: &str, zh, en| (bytes_of(before, name) != bytes_of(after, name)).then(|| Change::new(zh, en));
    let rules = ["rules", "rule-words"].iter().any(|name| before.section(name) != after.section(name));
    told.into_iter()
        .chain(of("actions", "请求归类（actions.toml）有改动", "What requests are taken for (actions.toml) changed"))
        .chain(of("prices", "各类操作的代价（prices.toml）有改动", "What actions cost (prices.toml) changed"))
        .chain(of("limits", "频率限制（limits.toml）有改动", "The limits (limits.toml) changed"))
        .chain(rules.then(|| Change::new("规则（rules.toml）有改动", "The rules (rules.toml) changed")))
        .chain(ranges::changes(section(before, "ranges"), section(after, "ranges")))
        .chain(signers::changes(part(before, "signers"), part(after, "signers")))
        .chain(words::changes(part(before, "words"), part(after, "words")))
        .collect()
}

#[cfg(test)]
mod tests;
