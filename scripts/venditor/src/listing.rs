//! `venditor listing`: listings checked, texts explained and rules measured, natively, with the very code of the edge.

mod check;
mod digest;
mod eval;
mod explain;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use listing_check::policy::{BUNDLED, Rules};
use listing_check_pack::{language, lexicon, list};
use listing_engine::Language;
use pack_source::toml::is_code;
use pack_source::{Files, Findings};
use shared::lang::Lang;
use shared::policy::Pack;

use crate::out;
use crate::policy;

#[derive(Subcommand)]
pub enum Command {
    /// Judge listings: a JSON object a line, or CSV with a header. Verdicts a line each, in order. Ends with 1 if a line is
    /// no listing.
    Check(check::Command),
    /// Say what binds a verdict to what goes on sale: the digests of the content and of the rules. With --against, compare
    /// them with verdicts that were kept.
    Digest(digest::Command),
    /// Say what a text is read as: every reading that was tried, what it costs, and why it counts or does not.
    Explain(explain::Command),
    /// Measure on labelled rows: what is found of each kind, and what is found that should not be.
    Eval(eval::Command),
}

/// Whose rules.
#[derive(Args)]
pub struct Policy {
    /// A pack or its folder, in place of the rules that are built in.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Terms to look for in place of the pack's own: a line each, or CSV, with a header such as term,category or
    /// without; each category is a group of its own. The tables of the language are those of --policy, which
    /// must be a folder.
    #[arg(long)]
    terms: Option<PathBuf>,
    /// zh or en.
    #[arg(long, default_value = "zh")]
    lang: String,
    /// The day, or the instant in milliseconds since 1970, at which the listings are judged: rules have dates.
    #[arg(long)]
    now: Option<String>,
}

impl Policy {
    fn pack(&self) -> Result<Pack> {
        let Some(terms) = &self.terms else {
            return match &self.policy {
                None => Ok(Pack::bundled(&BUNDLED)),
                Some(path) => Ok(Pack::from_file(policy::pack(path, Some(listing_check::NAME))?)),
            };
        };
        let folder = self.policy.as_deref().context("--terms: --policy FOLDER says whose tables are used")?;
        let files = with_terms(folder, terms)?;
        let kind = policy::kind(listing_check::NAME)?;
        let compiled = (kind.compile)(&files);
        Ok(Pack::from_file(compiled.pack(kind).map_err(policy::faults)?))
    }

    fn now(&self) -> Result<i64> {
        let Some(said) = &self.now else { return Ok(out::now_ms()) };
        let day = calendar::parse_date(said).map(calendar::start_of_day);
        day.or_else(|| said.parse().ok()).context("--now: a day (2026-01-31, from midnight in China) or milliseconds")
    }

    fn lang(&self) -> Result<Lang> {
        match self.lang.as_str() {
            "zh" => Ok(Lang::Zh),
            "en" => Ok(Lang::En),
            other => anyhow::bail!("--lang {other}: zh or en"),
        }
    }
}

/// The files of a folder, with one list of terms in place of its own.
fn with_terms(folder: &Path, terms: &Path) -> Result<Files> {
    let own = Files::read(folder).with_context(|| folder.display().to_string())?;
    let kept =
        own.paths().filter(|path| !path.starts_with("lexicon/") && *path != "rules.toml" && *path != "allow.csv");
    let mut files = Files::of(kept.map(|path| (path, own.bytes(path).unwrap_or_default())));
    let list = std::fs::read_to_string(terms).with_context(|| terms.display().to_string())?;
    let lists = usable(&list, terms, &own)?;
    files.put("allow.csv", own.bytes("allow.csv").unwrap_or_default());
    let group = |code: &str, family: &str, what: &str| {
        let texts = [("what", what), ("cites", "cites"), ("suggestion", "suggestion")];
        let both = texts.map(|(name, text)| format!("{name} = {{ zh = {text:?}, en = {text:?} }}\n")).concat();
        format!("[group.{code}]\nfamily = \"{family}\"\nseverity = \"reject\"\n{both}")
    };
    let mut rules = group("contact", "offsite", "what");
    for (number, (category, words)) in (1..).zip(lists) {
        // A category that is no code is what its group is called by.
        let code = match category.as_str() {
            "" => "list".to_owned(),
            code if is_code(code) && code != "contact" => code.to_owned(),
            _ => format!("list_{number}"),
        };
        rules.push_str(&group(&code, "own", if category.is_empty() { "what" } else { &category }));
        files.put(format!("lexicon/{code}.csv"), words.into_bytes());
    }
    files.put("rules.toml", rules);
    Ok(files)
}

/// The terms of a list that can be looked for, each once, by their categories; the others are named. A pack that is to be
/// published says so too: `venditor policy check`.
fn usable(text: &str, terms: &Path, own: &Files) -> Result<BTreeMap<String, String>> {
    let findings = Findings::new();
    let tables = language::compile(own, &findings).context("the folder's tables have faults: venditor policy check")?;
    let language = Language::open(&tables).context("the folder's tables cannot be read")?;
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut twice = 0;
    for row in list::read(text).rows {
        let term = row.term.text;
        let told = |why: &str| out::note(format!("{}:{}: `{term}` {why}", terms.display(), row.number));
        if term.is_empty() {
        } else if term.len() > lexicon::LONGEST_BYTES || lexicon::spell(term, &language).is_err() {
            told("cannot be looked for and is left out");
        } else if seen.insert(term) {
            let words = kept.entry(row.category.map_or("", |cell| cell.text).to_owned()).or_default();
            words.push_str(term);
            words.push('\n');
        } else {
            twice += 1;
        }
    }
    if twice > 0 {
        out::note(format!("{}: {twice} rows repeat a term and count once", terms.display()));
    }
    Ok(kept)
}

fn rules(pack: &Pack, now_ms: i64) -> Result<Rules<'_>> {
    Rules::of(pack, now_ms).context("the pack lacks something that listing-check asks for")
}

pub fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Check(command) => check::run(command),
        Command::Digest(command) => digest::run(command),
        Command::Explain(command) => explain::run(command),
        Command::Eval(command) => eval::run(command),
    }
}
