//! `venditor policy`: a folder of rules becomes a pack, what changed is said in words, and a statement puts it in force.

mod browsers;
mod endings;
mod record;
mod release;
mod replay;
mod status;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, Subcommand, ValueEnum};
use pack_source::{Change, Compiled, Files, Finding, Kind, PackFile, SectionEntry};
use serde_json::json;

use crate::files::{self, Access};
use crate::keys::dir::KeyDir;
use crate::out;

/// What `venditor policy --help` ends with.
pub const WAY: &str = "\
A change, from edit to rollback (scripts/venditor/POLICY.md walks through it):
  venditor policy check functions/instant-refund/policy
  venditor policy build functions/instant-refund/policy --out new.pack
  venditor policy diff old.pack new.pack
  venditor policy replay new.pack --url https://refunds.example
  venditor policy sign new.pack --role shadow --key policy-1 --out s.dsse.json
  venditor policy sign s.dsse.json --key policy-2 --out s.dsse.json     where money moves, two keys sign
  venditor publish .venditor/keys/keyset.dsse.json new.pack s.dsse.json --remote --env instant-refund
  venditor policy promote --key policy-1 --out s.dsse.json              then as above: sign, publish
  venditor policy rollback --function instant-refund --key policy-1 --out s.dsse.json

It ends with 0 if it did what it was asked, 1 if not, 2 if the command line is wrong.";

/// The functions that take packs at run time.
static KINDS: [Kind; 4] =
    [bot_screen_pack::KIND, instant_refund_pack::KIND, listing_check_pack::KIND, trace_verify_pack::KIND];

#[derive(Args)]
pub struct Policy {
    /// Whose rules these are; the same as after the command.
    #[arg(long)]
    function: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Say what is wrong in a folder of rules: file, line, column, reason. Ends with 1 if something is.
    Check {
        /// The folder, such as functions/trace-verify/policy.
        folder: PathBuf,
        /// Whose rules these are; a folder below `functions/` says so by itself.
        #[arg(long)]
        function: Option<String>,
        /// Of bot-screen: a browser that these rules may hold up while it looks at pages, by its name; may be repeated.
        #[arg(long)]
        holds_up: Vec<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Make a pack of a folder. The same folder makes the same bytes.
    Build {
        /// The folder.
        folder: PathBuf,
        /// The pack, `*.pack`.
        #[arg(long)]
        out: PathBuf,
        /// Whose rules these are; a folder below `functions/` says so by itself.
        #[arg(long)]
        function: Option<String>,
        /// Of bot-screen: a browser that these rules may hold up while it looks at pages, by its name; may be repeated.
        #[arg(long)]
        holds_up: Vec<String>,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Say in words what changes from one pack or folder to another.
    Diff {
        /// What is in force.
        old: PathBuf,
        /// What is to be.
        new: PathBuf,
        /// The language of the words.
        #[arg(long, value_enum, default_value = "en")]
        lang: Language,
        /// Whose rules these are, of folders.
        #[arg(long)]
        function: Option<String>,
        /// For machines: both languages.
        #[arg(long)]
        json: bool,
    },
    /// Sign a statement that puts a pack in force, or beside the one in force (shadow); or add a signature to one.
    Sign(release::Sign),
    /// Sign the newest shadow as the pack that is to judge.
    Promote(release::Promote),
    /// Sign the pack that judged before the present one.
    Rollback(release::Rollback),
    /// What was signed here, newest first; what instances made of it, from their events.
    Status(status::Command),
    /// Judge recorded decisions by a pack: what would change, for whom and for how much.
    Replay(replay::Command),
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Language {
    Zh,
    En,
}

pub fn run(policy: Policy, keys: &KeyDir) -> Result<ExitCode> {
    let outer = policy.function;
    let of = |own: Option<String>| own.or_else(|| outer.clone());
    match policy.command {
        Command::Check { folder, function, holds_up, json } => check(&folder, of(function).as_deref(), &holds_up, json),
        Command::Build { folder, out, function, holds_up, json } => {
            build(&folder, &out, of(function).as_deref(), &holds_up, json)
        }
        Command::Diff { old, new, lang, function, json } => {
            let function = of(function);
            let function = function.as_deref();
            diff(&pack(&old, function)?, &pack(&new, function)?, lang, json)
        }
        Command::Promote(mut command) => {
            command.function = of(command.function);
            release::promote(&command, keys)
        }
        Command::Rollback(mut command) => {
            command.function = of(command.function);
            release::rollback(&command, keys)
        }
        Command::Status(mut command) => {
            command.function = of(command.function);
            status::run(&command, keys)
        }
        Command::Sign(_) | Command::Replay(_) if outer.is_some() => {
            bail!("--function: packs and recorded decisions name their function themselves")
        }
        Command::Sign(command) => release::sign(&command, keys),
        Command::Replay(command) => replay::run(&command, keys),
    }
}

/// The rules of a function.
pub fn kind(function: &str) -> Result<&'static Kind> {
    KINDS.iter().find(|kind| kind.function == function).ok_or_else(|| {
        let list = KINDS.iter().map(|kind| kind.function).collect::<Vec<_>>().join(", ");
        anyhow!("{function}: takes no packs at run time; these do: {list}")
    })
}

/// The rules of a folder: of the function that is named, or whose name its path has in it.
fn kind_of(folder: &Path, function: Option<&str>) -> Result<&'static Kind> {
    if let Some(function) = function {
        return kind(function);
    }
    let whole = folder.canonicalize().with_context(|| folder.display().to_string())?;
    let parts: Vec<&str> = whole.iter().filter_map(|part| part.to_str()).collect();
    let named = KINDS.iter().filter(|kind| parts.contains(&kind.function)).collect::<Vec<_>>();
    match named.as_slice() {
        [one] => Ok(one),
        _ => {
            let list = KINDS.iter().map(|kind| kind.function).collect::<Vec<_>>().join(" or ");
            bail!("{}: whose rules are these? Say --function {list}", folder.display())
        }
    }
}

fn compile(folder: &Path, function: Option<&str>) -> Result<(Compiled, &'static Kind)> {
    let kind = kind_of(folder, function)?;
    let files = Files::read(folder).with_context(|| folder.display().to_string())?;
    Ok(((kind.compile)(&files), kind))
}

fn check(folder: &Path, function: Option<&str>, holds_up: &[String], machines: bool) -> Result<ExitCode> {
    let (compiled, kind) = compile(folder, function)?;
    let mut wrong = compiled.has_errors();
    let (held_up, ends) = if wrong {
        Default::default()
    } else {
        let (made, _) = compile(folder, Some(kind.function))?;
        let pack = made.pack(kind).map_err(faults)?;
        (browsers::held_up(&pack, holds_up)?, endings::of(&pack, out::now_ms()))
    };
    wrong |= !held_up.is_empty();
    if machines {
        let finding = |one: &Finding| {
            json!({
                "severity": format!("{:?}", one.severity).to_lowercase(), "file": one.file, "line": one.line,
                "column": one.column, "reason": one.reason, "suggestion": one.suggestion,
            })
        };
        let all: Vec<_> = compiled.findings.iter().map(finding).collect();
        out::json(&json!({ "sound": !wrong, "findings": all, "held_up": held_up, "ends": ends }))?;
    } else {
        compiled.findings.iter().for_each(|finding| out::line(finding.to_string()));
        held_up.iter().for_each(|line| out::line(format!("error: a browser would be held up while browsing: {line}")));
        ends.iter().for_each(|line| out::line(format!("warning: {line}")));
        out::line(if wrong { "not sound: no pack can be made of it" } else { "sound" });
    }
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn build(folder: &Path, path: &Path, function: Option<&str>, holds_up: &[String], machines: bool) -> Result<ExitCode> {
    let (compiled, kind) = compile(folder, function)?;
    let warnings: Vec<String> = compiled.findings.iter().map(ToString::to_string).collect();
    let made = compiled.pack(kind).map_err(faults)?;
    let held_up = browsers::held_up(&made, holds_up)?;
    if !held_up.is_empty() {
        bail!("browsers would be held up while browsing (--holds-up NAME lets it be):\n{}", held_up.join("\n"));
    }
    warnings.iter().for_each(out::note);
    let bytes = made.to_bytes().context("the pack would have more than 4 GiB")?;
    files::replace(path, &bytes, Access::Public)?;
    if machines {
        let section = |one: &SectionEntry| json!({ "name": one.name, "bytes": one.bytes, "sha256": one.sha256 });
        let sections: Vec<_> = made.manifest.sections.iter().map(section).collect();
        let (function, format) = (&made.manifest.function, made.manifest.format);
        let digest = made.manifest.digest();
        out::json(&json!({ "function": function, "format": format, "policy": digest, "sections": sections }))?;
        return Ok(ExitCode::SUCCESS);
    }
    out::line(format!("{}: policy {}", path.display(), made.manifest.digest()));
    for section in &made.manifest.sections {
        out::line(format!("  {:12} {:>9} bytes  {}", section.name, section.bytes, section.sha256));
    }
    Ok(ExitCode::SUCCESS)
}

pub fn faults(findings: Vec<Finding>) -> anyhow::Error {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    anyhow!("the folder is not sound:\n{}", lines.join("\n"))
}

/// A pack from its file, or made of a folder.
pub fn pack(path: &Path, function: Option<&str>) -> Result<PackFile> {
    if path.is_dir() {
        let (compiled, kind) = compile(path, function)?;
        return compiled.pack(kind).map_err(faults);
    }
    read_pack(path)
}

/// A pack from its file.
pub fn read_pack(path: &Path) -> Result<PackFile> {
    PackFile::parse(&files::read(path)?).map_err(|error| anyhow!("{}: {error}", path.display()))
}

/// What changes from one pack to another, in words.
fn told(old: &PackFile, new: &PackFile) -> Result<Vec<Change>> {
    Ok((kind(&new.manifest.function)?.changes)(old, new))
}

fn diff(old: &PackFile, new: &PackFile, lang: Language, machines: bool) -> Result<ExitCode> {
    let (was, is) = (old.manifest.digest(), new.manifest.digest());
    if (&old.manifest.function, old.manifest.format) != (&new.manifest.function, new.manifest.format) {
        bail!("the two are of different functions or formats");
    }
    let changes = told(old, new)?;
    if machines {
        let all: Vec<_> = changes.iter().map(|change| json!({ "zh": change.zh, "en": change.en })).collect();
        out::json(&json!({ "from": was, "to": is, "changes": all }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for change in &changes {
        out::line(match lang {
            Language::Zh => &change.zh,
            Language::En => &change.en,
        });
    }
    out::line(match lang {
        Language::Zh => format!("{} 处变更：规则 {was} → {is}", changes.len()),
        Language::En => {
            let many = changes.len();
            format!("{many} {}: policy {was} becomes {is}", if many == 1 { "change" } else { "changes" })
        }
    });
    Ok(ExitCode::SUCCESS)
}
