//! `venditor policy`: a folder of rules becomes a pack, what changed is said in words, and a statement puts it in force.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, Subcommand, ValueEnum};
use pack_source::{Compiled, Files, Finding, Kind, PackFile};
use serde_json::json;
use shared::dsse::{self, Envelope};
use shared::jcs;
use shared::policy_statement::{Dates, Role, Statement};

use crate::files::{self, Access};
use crate::keys::dir::{self, KeyDir};
use crate::out;

const DAY_MS: i64 = 86_400_000;

/// The functions that take packs at run time.
static KINDS: [Kind; 2] = [instant_refund_pack::KIND, trace_verify_pack::KIND];

#[derive(Subcommand)]
pub enum Command {
    /// Say what is wrong in a folder of rules: file, line, column, reason. Ends with 1 if something is.
    Check {
        /// The folder, such as functions/trace-verify/policy.
        folder: PathBuf,
        /// Whose rules these are.
        #[arg(long, default_value = "trace-verify")]
        function: String,
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Make a pack of a folder. The same folder makes the same bytes.
    Build {
        /// The folder.
        folder: PathBuf,
        /// The pack.
        #[arg(long)]
        out: PathBuf,
        /// Whose rules these are.
        #[arg(long, default_value = "trace-verify")]
        function: String,
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
        #[arg(long, default_value = "trace-verify")]
        function: String,
        /// For machines: both languages.
        #[arg(long)]
        json: bool,
    },
    /// Sign a statement that puts a pack in force, or add a signature to one.
    Sign(Sign),
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Language {
    Zh,
    En,
}

#[derive(Args)]
pub struct Sign {
    /// The pack; or a statement, to add a signature to.
    file: PathBuf,
    /// The policy key.
    #[arg(long)]
    key: String,
    /// Judge requests, or beside the current pack without effect.
    #[arg(long, value_enum, default_value = "current")]
    role: RoleName,
    /// Above every version that was published in this role and epoch; to go back, sign the old pack with a new version.
    #[arg(long = "pack-version", value_parser = clap::value_parser!(u64).range(1..))]
    version: Option<u64>,
    /// How long it may be adopted. A pack that was adopted goes on behind that.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: i64,
    /// The signed statement, `*.dsse.json`.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    Current,
    Shadow,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<ExitCode> {
    match command {
        Command::Check { folder, function, json } => check(folder, function, *json),
        Command::Build { folder, out, function } => build(folder, out, kind(function)?),
        Command::Diff { old, new, lang, function, json } => {
            diff(&pack(old, function)?, &pack(new, function)?, *lang, *json)
        }
        Command::Sign(command) => sign(command, keys),
    }
}

/// The rules of a function.
pub fn kind(function: &str) -> Result<&'static Kind> {
    KINDS.iter().find(|kind| kind.function == function).ok_or_else(|| {
        let list = KINDS.iter().map(|kind| kind.function).collect::<Vec<_>>().join(", ");
        anyhow!("{function}: takes no packs at run time; these do: {list}")
    })
}

fn compile(folder: &Path, function: &str) -> Result<(Compiled, &'static Kind)> {
    let kind = kind(function)?;
    let files = Files::read(folder).with_context(|| folder.display().to_string())?;
    Ok(((kind.compile)(&files), kind))
}

fn check(folder: &Path, function: &str, machines: bool) -> Result<ExitCode> {
    let (compiled, _) = compile(folder, function)?;
    let wrong = compiled.has_errors();
    if machines {
        let finding = |one: &Finding| {
            json!({
                "severity": format!("{:?}", one.severity).to_lowercase(), "file": one.file, "line": one.line,
                "column": one.column, "reason": one.reason, "suggestion": one.suggestion,
            })
        };
        let all: Vec<_> = compiled.findings.iter().map(finding).collect();
        out::json(&json!({ "sound": !wrong, "findings": all }))?;
    } else {
        compiled.findings.iter().for_each(|finding| out::line(finding.to_string()));
        out::line(if wrong { "not sound: no pack can be made of it" } else { "sound" });
    }
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn build(folder: &Path, path: &Path, kind: &Kind) -> Result<ExitCode> {
    let made = compile(folder, kind.function)?.0.pack(kind).map_err(faults)?;
    let bytes = made.to_bytes().context("the pack would have more than 4 GiB")?;
    files::replace(path, &bytes, Access::Public)?;
    out::line(format!("{}: policy {}", path.display(), made.manifest.digest()));
    for section in &made.manifest.sections {
        out::line(format!("  {:12} {:>9} bytes  {}", section.name, section.bytes, section.sha256));
    }
    Ok(ExitCode::SUCCESS)
}

fn faults(findings: Vec<Finding>) -> anyhow::Error {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    anyhow!("the folder is not sound:\n{}", lines.join("\n"))
}

/// A pack from its file, or made of a folder.
fn pack(path: &Path, function: &str) -> Result<PackFile> {
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

fn diff(old: &PackFile, new: &PackFile, lang: Language, machines: bool) -> Result<ExitCode> {
    let (was, is) = (old.manifest.digest(), new.manifest.digest());
    if (&old.manifest.function, old.manifest.format) != (&new.manifest.function, new.manifest.format) {
        bail!("the two are of different functions or formats");
    }
    let changes = (kind(&new.manifest.function)?.changes)(old, new);
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
        Language::En => format!("{} changes: policy {was} becomes {is}", changes.len()),
    });
    Ok(ExitCode::SUCCESS)
}

fn sign(command: &Sign, keys: &KeyDir) -> Result<ExitCode> {
    let set = keys.keyset()?;
    let key = keys.signing_key(dir::Kind::Sign, &command.key)?;
    let now = out::now_ms();
    let bytes = files::read(&command.file)?;
    let (payload, mut signed) = match PackFile::parse(&bytes) {
        Ok(pack) => {
            let version = command.version.context("--pack-version: a new statement needs one")?;
            let role = if let RoleName::Shadow = command.role { Role::Shadow } else { Role::Current };
            let dates = Dates { issued_at: now, not_before: now, expires_at: now + command.days * DAY_MS };
            let statement = Statement::on(&pack.manifest, role, (set.policy_epoch(), version), dates);
            statement.check().map_err(|error| anyhow!("{error}"))?;
            let payload = jcs::canonical(&serde_json::to_value(&statement)?).map_err(|error| anyhow!("{error}"))?;
            (payload, Vec::new())
        }
        Err(_) => {
            let all = Envelope::parse_all(&bytes)
                .map_err(|_| anyhow!("{}: neither a pack nor a signed statement", command.file.display()))?;
            let payload = all.first().map(|one| one.payload.clone()).unwrap_or_default();
            (payload, all)
        }
    };
    signed.retain(|one| one.keyid != command.key);
    signed.push(dsse::seal(dsse::POLICY, payload.clone(), &command.key, &key));
    let envelope = dsse::to_bytes(dsse::POLICY, &payload, &signed);
    // As the function will, but for the number of signers.
    let opened = shared::policy_statement::open(&envelope, &set, 1, now).map_err(|error| anyhow!("{error}"))?;
    files::replace(&command.out, &envelope, Access::Public)?;
    let statement = &opened.statement;
    let wanted = kind(&statement.function)?.signers;
    out::line(format!(
        "{}: {} {}.{} of {} is policy {}, signed by {} of {wanted}",
        command.out.display(),
        statement.role.name(),
        statement.epoch,
        statement.version,
        statement.function,
        opened.manifest.digest(),
        opened.signers.len(),
    ));
    Ok(ExitCode::SUCCESS)
}
