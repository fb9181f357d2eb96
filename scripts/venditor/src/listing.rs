//! `venditor listing`: listings checked, texts explained and rules measured, natively, with the very code of the edge.

mod check;
mod eval;
mod explain;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use listing_check::policy::{BUNDLED, Rules};
use listing_check_pack::{language, lexicon};
use listing_engine::Language;
use pack_source::{Files, Findings};
use shared::lang::Lang;
use shared::policy::Pack;

use crate::out;
use crate::policy;

#[derive(Subcommand)]
pub enum Command {
    /// Judge listings: a JSON object a line, or CSV with columns such as id, title, description. Verdicts a line each, in
    /// order. Ends with 1 if a line is no listing.
    Check(check::Command),
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
    /// Terms to look for in place of the pack's own, a line each. The tables of the language are those of --policy, which
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
    files.put("lexicon/list.csv", usable(&list, terms, &own)?.into_bytes());
    files.put("allow.csv", own.bytes("allow.csv").unwrap_or_default());
    let both = |name: &str| format!("{name} = {{ zh = \"{name}\", en = \"{name}\" }}\n");
    let texts: String = ["what", "cites", "suggestion"].into_iter().map(both).collect();
    let group =
        |code: &str, family: &str| format!("[group.{code}]\nfamily = \"{family}\"\nseverity = \"reject\"\n{texts}");
    files.put("rules.toml", group("contact", "offsite") + &group("list", "own"));
    Ok(files)
}

/// The lines of a bare list that can be looked for, each term once; the others are named. A pack that is to be published
/// is refused for them: `venditor policy check`.
fn usable(list: &str, terms: &Path, own: &Files) -> Result<String> {
    let findings = Findings::new();
    let tables = language::compile(own, &findings).context("the folder's tables have faults: venditor policy check")?;
    let language = Language::open(&tables).context("the folder's tables cannot be read")?;
    let mut kept = String::new();
    let mut seen = BTreeSet::new();
    for (at, line) in list.trim_start_matches('\u{feff}').lines().enumerate() {
        let term = line.split(',').next().unwrap_or_default().trim();
        if term.is_empty() || term.starts_with('#') {
            continue;
        }
        if term.len() > lexicon::LONGEST_BYTES || lexicon::spell(term, &language).is_err() {
            out::note(format!("{}:{}: `{term}` cannot be looked for and is left out", terms.display(), at + 1));
        } else if seen.insert(term) {
            kept.push_str(line.trim());
            kept.push('\n');
        }
    }
    Ok(kept)
}

fn rules(pack: &Pack, now_ms: i64) -> Result<Rules<'_>> {
    Rules::of(pack, now_ms).context("the pack lacks something that listing-check asks for")
}

pub fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Check(command) => check::run(command),
        Command::Explain(command) => explain::run(command),
        Command::Eval(command) => eval::run(command),
    }
}
