//! `venditor policy sign`, `promote`, `rollback`: statements that put a pack in force, or beside the one in force.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use pack_source::PackFile;
use serde_json::json;
use shared::dsse::{self, Envelope};
use shared::jcs;
use shared::policy_statement::{self, Dates, Role, Statement};

use super::record::{Record, Release, bundled};
use super::{kind, told};
use crate::files::{self, Access};
use crate::keys::dir::{self, KeyDir};
use crate::out;

const DAY_MS: i64 = 86_400_000;

#[derive(Args)]
pub struct Sign {
    /// The pack; or a statement, to add a signature to.
    file: PathBuf,
    /// Judge requests (current), or beside the current pack without effect (shadow); current if not said.
    #[arg(long, value_enum)]
    role: Option<RoleName>,
    /// Above every version that was published in this role and epoch; without it, the next after what was signed here.
    #[arg(long = "pack-version", value_parser = clap::value_parser!(u64).range(1..))]
    version: Option<u64>,
    #[command(flatten)]
    how: How,
}

#[derive(Args)]
pub struct Promote {
    /// Whose shadow; without it, the only function that has one.
    #[arg(long)]
    pub(super) function: Option<String>,
    #[command(flatten)]
    how: How,
}

#[derive(Args)]
pub struct Rollback {
    /// Whose rules; it must be said.
    #[arg(long)]
    pub(super) function: Option<String>,
    /// The policy digest to go back to; without it, the one before the present one.
    #[arg(long)]
    to: Option<String>,
    #[command(flatten)]
    how: How,
}

#[derive(Args)]
struct How {
    /// The policy key.
    #[arg(long)]
    key: String,
    /// How many days it may be adopted. A pack that was adopted goes on behind that.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: i64,
    /// The signed statement, `*.dsse.json`.
    #[arg(long)]
    out: PathBuf,
    /// For machines.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    Current,
    Shadow,
}

pub fn sign(command: &Sign, keys: &KeyDir) -> Result<ExitCode> {
    let bytes = files::read(&command.file)?;
    if let Ok(pack) = PackFile::parse(&bytes) {
        let role = if let Some(RoleName::Shadow) = command.role { Role::Shadow } else { Role::Current };
        return issue(&pack, role, command.version, &command.how, keys);
    }
    let all = Envelope::parse_all(&bytes)
        .map_err(|_| anyhow!("{}: neither a pack nor a signed statement", command.file.display()))?;
    if command.role.is_some() || command.version.is_some() {
        bail!(
            "{}: is a statement, whose role and version stand; leave --role and --pack-version out",
            command.file.display()
        );
    }
    let payload = all.first().map(|one| one.payload.clone()).unwrap_or_default();
    seal(payload, all, None, &command.how, keys)
}

pub fn promote(command: &Promote, keys: &KeyDir) -> Result<ExitCode> {
    let record = Record::open(keys)?;
    let shadows: Vec<&Release> =
        super::KINDS.iter().filter_map(|kind| record.of(kind.function, Role::Shadow).first().copied()).collect();
    let named = |one: &&&Release| command.function.as_ref().is_none_or(|function| one.function == *function);
    let found: Vec<&&Release> = shadows.iter().filter(named).collect();
    let [shadow] = found.as_slice() else {
        match found.first() {
            Some(_) => bail!("more than one function has a shadow; say which with --function"),
            None => bail!("no shadow was signed here; `venditor policy sign PACK --role shadow` does"),
        }
    };
    let current = record.of(&shadow.function, Role::Current);
    if current.first().is_some_and(|current| current.policy == shadow.policy) {
        bail!("{}: the shadow {} is the current pack already", shadow.function, shadow.policy);
    }
    let pack = record.pack(&shadow.function, &shadow.policy)?;
    issue(&pack, Role::Current, None, &command.how, keys)
}

pub fn rollback(command: &Rollback, keys: &KeyDir) -> Result<ExitCode> {
    let function = command.function.as_deref().context("--function NAME says whose rules go back")?;
    let function = kind(function)?.function;
    let record = Record::open(keys)?;
    let releases = record.of(function, Role::Current);
    let now = releases.first().map(|release| release.policy.as_str());
    let pack = match (&command.to, now) {
        (Some(to), _) => record.pack(function, to)?,
        (None, None) => bail!("{function}: nothing was signed here yet"),
        (None, Some(now)) => match releases.iter().find(|release| release.policy != now) {
            Some(before) => record.pack(function, &before.policy)?,
            // Before the first that was published it was the bundled one.
            None => bundled(function).context("there is no pack before it")?,
        },
    };
    if now.is_some_and(|now| now == pack.manifest.digest()) {
        bail!("{function}: {} is the current pack already", pack.manifest.digest());
    }
    issue(&pack, Role::Current, None, &command.how, keys)
}

/// A new statement on a pack, signed once.
fn issue(pack: &PackFile, role: Role, version: Option<u64>, how: &How, keys: &KeyDir) -> Result<ExitCode> {
    let function = &pack.manifest.function;
    kind(function)?;
    let record = Record::open(keys)?;
    let epoch = keys.keyset()?.policy_epoch();
    let next = record.next_version(function, role, epoch);
    let version = version.unwrap_or(next);
    if version < next {
        out::note(format!(
            "{version} is not above {}, which was signed here: functions that adopted it refuse this",
            next - 1
        ));
    }
    let now = out::now_ms();
    let dates = Dates { issued_at: now, not_before: now, expires_at: now + how.days * DAY_MS };
    let statement = Statement::on(&pack.manifest, role, (epoch, version), dates);
    statement.check().map_err(|error| anyhow!("{error}"))?;
    if let Some(before) = record.of(function, Role::Current).first()
        && before.policy != pack.manifest.digest()
        && let Ok(before) = record.pack(function, &before.policy)
        && !how.json
    {
        told(&before, pack)?.iter().for_each(|change| out::line(format!("  {}", change.en)));
    }
    let payload = jcs::canonical(&serde_json::to_value(&statement)?).map_err(|error| anyhow!("{error}"))?;
    seal(payload, Vec::new(), Some(pack), how, keys)
}

/// Signs a statement's bytes, beside those who have signed them, and remembers it.
fn seal(
    payload: Vec<u8>,
    mut signed: Vec<Envelope>,
    pack: Option<&PackFile>,
    how: &How,
    keys: &KeyDir,
) -> Result<ExitCode> {
    let set = keys.keyset()?;
    let key = keys.signing_key(dir::Kind::Sign, &how.key)?;
    signed.retain(|one| one.keyid != how.key);
    signed.push(dsse::seal(dsse::POLICY, payload.clone(), &how.key, &key));
    let envelope = dsse::to_bytes(dsse::POLICY, &payload, &signed);
    let now = out::now_ms();
    // As the function will, but for the number of signers.
    let opened = policy_statement::open(&envelope, &set, 1, now).map_err(|error| anyhow!("{error}"))?;
    let statement = &opened.statement;
    let wanted = kind(&statement.function)?.signers;
    files::replace(&how.out, &envelope, Access::Public)?;
    let release = Release {
        function: statement.function.clone(),
        role: statement.role.name().to_owned(),
        epoch: statement.epoch,
        version: statement.version,
        policy: opened.manifest.digest(),
        signed_at: now,
        expires_at: statement.expires_at,
        signers: opened.signers.clone(),
    };
    let _lock = keys.lock()?;
    Record::open(keys)?.add(release.clone(), pack)?;
    say(&release, wanted, &how.out, how.json)?;
    Ok(ExitCode::SUCCESS)
}

fn say(release: &Release, wanted: usize, file: &Path, machines: bool) -> Result<()> {
    let Release { function, role, epoch, version, policy, signers, .. } = release;
    let signed = signers.len();
    if machines {
        return out::json(&json!({ "statement": file, "release": release, "signers_wanted": wanted }));
    }
    let file = file.display();
    out::line(format!(
        "{file}: {role} {epoch}.{version} of {function} is policy {policy}, signed by {signed} of {wanted}"
    ));
    if signed < wanted {
        out::line(format!("another key must sign it: venditor policy sign {file} --key KEY --out {file}"));
    }
    Ok(())
}
