//! The rules of `listing-check`: how its folder `policy/` becomes a pack, and what changed between two, in words.
//!
//! Sections: `figures`, each as an integer; `words` (`section/code/zh` and `section/code/en`); `groups`, what is said of
//! each group of terms and of each rule, and when and where it holds ([`heads`], [`exceptions`], [`beside`]); `rules`, what
//! each rule looks for ([`layout`]); `lexicon`, the terms, and `language`, the tables that they are read by, both as
//! `listing-engine` reads them in place.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail by panicking"))]
#![allow(
    clippy::arithmetic_side_effects,
    reason = "sizes of tables that are held in memory; runs at build time and on an operator's machine"
)]

pub mod beside;
mod changes;
mod conditions;
mod cues;
pub mod exceptions;
mod figures;
pub mod groups;
pub mod heads;
pub mod language;
pub mod layout;
pub mod lexicon;
pub mod list;
mod names;
mod patterns;
mod rules;
mod said;
mod senses;
mod syllables;
mod terms;

use std::collections::{BTreeMap, BTreeSet};

use listing_engine::lexicon::Role;
use listing_engine::{Language, Lexicon};
use pack_source::toml::Document;
use pack_source::words::{self, Wanted};
use pack_source::{Compiled, Files, Findings, Kind, MapWriter};

use crate::rules::Member;
use crate::terms::Terms;

pub use figures::FIGURES;
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
    let (families, fields, beside) = (heads::FAMILIES, conditions::FIELDS, beside::LISTS);
    let figures = FIGURES.map(|figure| (figure.name, figure.least, figure.most));
    format!(
        "/// Texts, as `section/code`.\nconst TEXTS: &[&str] = &{texts:?};\n\
         /// Figures: name, least, most.\nconst FIGURES_ASKED: &[(&str, i64, i64)] = &{figures:?};\n\
         /// Families, as a pack counts them.\nconst FAMILIES: &[&str] = &{families:?};\n\
         /// Texts of a listing, as a pack counts them.\nconst FIELDS: &[&str] = &{fields:?};\n\
         /// Lists of words that stand beside terms.\nconst BESIDE: &[&str] = &{beside:?};\n"
    )
}

fn compile(files: &Files) -> Compiled {
    let findings = Findings::new();
    let beside = beside::LISTS.map(beside::path);
    let names = || {
        let beside = beside.iter().map(String::as_str);
        [POLICY, RULES, MESSAGES, ALIASES, ALLOW, CUES].into_iter().chain(language::FILES).chain(beside)
    };
    let known = |path: &str| {
        names().any(|name| name == path)
            || path == EXCEPTIONS
            || path == senses::SENSES
            || path.starts_with(LEXICON) && path.ends_with(".csv")
    };
    files.only(known, names(), &findings);
    let figures = pack_source::figures::compile(files, POLICY, &FIGURES, &findings);
    let wanted = TEXTS.map(|(name, fills)| Wanted { name, fills: Some(fills) });
    let words = words::compile(files, MESSAGES, &wanted, &findings);
    let language = language::compile(files, &findings);
    let made = language.as_deref().and_then(|bytes| terms_and_rules(files, &Language::open(bytes)?, &findings));
    let [groups, rules, lexicon] = made.map_or([None, None, None], |sections| sections.map(Some));
    let cues = cues::compile(files, language.as_deref(), &findings);
    Compiled::of(
        findings,
        [
            ("figures", figures),
            ("words", words),
            ("groups", groups),
            ("rules", rules),
            ("language", language),
            ("lexicon", lexicon),
            ("cues", cues),
        ],
    )
}

/// The sections `groups`, `rules` and `lexicon`.
fn terms_and_rules(files: &Files, language: &Language<'_>, findings: &Findings) -> Option<[Vec<u8>; 3]> {
    let document = Document::parse(files, RULES, findings)?;
    let root = document.root();
    root.only(["group", "list", "rule"]);
    let groups = groups::read(&root, files, findings)?;
    let lists = groups::lists(&root, files, findings);
    let rules = rules::read(&root, &lists, &groups, language, findings);
    let exceptions = exceptions::read(files, &groups, &rules, findings);
    let senses = senses::read(files, &groups, findings);
    let Terms { entries, lists: words } = terms::read(files, &groups, &lists, language, findings)?;

    let of_groups: BTreeSet<u32> = rules.iter().flat_map(rules::Rule::members).filter_map(Member::group).collect();
    let in_lists: BTreeSet<&str> = words.iter().flatten().map(String::as_str).collect();
    let mut roles: BTreeMap<&str, Role> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.alias_of.is_none() && !entry.allowed) {
        let (listed, group) = (in_lists.contains(entry.text.as_str()), u32::from(entry.group));
        let role = match group {
            group if group == u32::from(terms::NO_GROUP) => Role::Part,
            group if listed || of_groups.contains(&group) => Role::Both,
            _ => Role::Term,
        };
        roles.insert(&entry.text, role);
    }
    let role = |text: &str| roles.get(text).copied().unwrap_or_default();
    let lexicon = lexicon::compile_with(&entries, language, role);

    let mut map = MapWriter::new();
    heads::put(groups.iter().chain(rules.iter().map(|rule| &rule.head)), &mut map);
    exceptions::put(&exceptions, &mut map);
    senses::put(&senses, &mut map);
    layout::texts(&rules, groups.len(), &lists, &words, &mut map);
    beside::put(files, &mut map, findings);
    let laid = layout::section(&rules, groups.len(), &words, &Lexicon::open(&lexicon)?);
    Some([map.finish()?, laid, lexicon])
}

#[cfg(test)]
mod tests;
