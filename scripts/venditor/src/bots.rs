//! `venditor bots`: the keys of agents that sign their requests (Web Bot Auth), fetched from their directories into the
//! folder of rules. The function itself never fetches: what it believes was signed by the operator.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, Subcommand};
use pack_source::Files;
use shared::china_time;
use shared::http::Headers;
use shared::http_signature::{
    Algorithm, Component, Extent, Message, Presence, Profile, Requirement, VerificationKey, verify,
};
use shared::jwk::{self, PublicKey};

use crate::files::{self, Access};
use crate::out;
use crate::published::Published;

/// Where a directory is, of any site (draft-ietf-webbotauth-httpsig-directory).
const WELL_KNOWN: &str = "/.well-known/http-message-signatures-directory";
/// What it is.
const MEDIA: &str = "application/http-message-signatures-directory+json";
/// The longest directory, in bytes.
const LONGEST: u64 = 64 << 10;
/// The longest that one may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a directory's own signature covers.
const AUTHORITY: Component = Component { name: "@authority", parameters: &[("req", None)] };

#[derive(Subcommand)]
pub enum Command {
    /// Read the directories of the signers that a folder of rules lists, show what changed, and write their keys there.
    Refresh(Refresh),
}

#[derive(Args)]
pub struct Refresh {
    /// The folder of bot-screen's rules: signers.toml is in it.
    folder: PathBuf,
    /// Only these signers, by their codes.
    #[arg(long)]
    signer: Vec<String>,
    /// Read the directory from here instead of from the signer's site: a mirror's origin, with one --signer.
    #[arg(long)]
    from: Option<String>,
    /// Take keys of a directory that is not signed by them: then TLS alone says whose they are.
    #[arg(long)]
    allow_unsigned: bool,
    /// Show what would change and write nothing.
    #[arg(long)]
    dry_run: bool,
}

pub fn run(Command::Refresh(command): &Command) -> Result<ExitCode> {
    let kind = &bot_screen_pack::KIND;
    let files = Files::read(&command.folder).with_context(|| command.folder.display().to_string())?;
    let pack = (kind.compile)(&files).pack(kind).map_err(crate::policy::faults)?;
    let signers = bot_screen_pack::part(&pack, "signers");
    let listed: Vec<(&str, &str)> = signers
        .under("site/")
        .filter_map(|(name, site)| Some((name.strip_prefix("site/")?, std::str::from_utf8(site).ok()?)))
        .collect();
    for code in &command.signer {
        ensure!(listed.iter().any(|(known, _)| known == code), "--signer {code}: signers.toml lists no such signer");
    }
    ensure!(command.from.is_none() || command.signer.len() == 1, "--from is for one --signer");
    let wanted = |code: &str| command.signer.is_empty() || command.signer.iter().any(|one| one == code);
    let mut failed = false;
    for (code, site) in listed.into_iter().filter(|(code, _)| wanted(code)) {
        match fetched(command, site) {
            Ok(keys) => taken(command, code, &bot_screen_pack::keys_of(signers, code), &keys)?,
            Err(error) => {
                failed = true;
                out::note(format!("{code}: {error:#}; its keys stay as they are"));
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Tells what changed, and writes the keys.
fn taken(command: &Refresh, code: &str, before: &BTreeSet<String>, keys: &[PublicKey]) -> Result<()> {
    let after: BTreeSet<String> = keys.iter().map(PublicKey::thumbprint).collect();
    for key in after.difference(before) {
        out::line(format!("{code}: + {key}"));
    }
    for key in before.difference(&after) {
        out::line(format!("{code}: - {key}"));
    }
    if *before == after {
        out::line(format!("{code}: the same {} keys", after.len()));
    }
    if command.dry_run {
        return Ok(());
    }
    let instant = |seconds: Option<i64>| seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
    let today = china_time::date(out::now_ms());
    let mut text = "key,not_before,expires,date\n".to_owned();
    for key in keys {
        text.push_str(&format!("{},{},{},{today}\n", key.x(), instant(key.not_before), instant(key.expires)));
    }
    let path = command.folder.join("signers").join(format!("{code}.csv"));
    write(&path, &text)
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        files::dir(folder)?;
    }
    files::replace(path, text.as_bytes(), Access::Public)
}

/// The keys of a site's directory.
fn fetched(command: &Refresh, site: &str) -> Result<Vec<PublicKey>> {
    let origin = match &command.from {
        Some(from) => from.trim_end_matches('/').to_owned(),
        None => format!("https://{site}"),
    };
    let Published { headers, body } = Published::read(&format!("{origin}{WELL_KNOWN}"), MEDIA, PATIENCE, LONGEST)?;
    let media = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    ensure!(media.eq_ignore_ascii_case(MEDIA), "{origin}{WELL_KNOWN}: it is {media:?}, not {MEDIA}");
    let mut fields = Headers::default();
    for name in ["signature", "signature-input", "content-digest", "content-type"] {
        for value in headers.get_all(name) {
            fields.push(name, value.to_str().unwrap_or_default());
        }
    }
    let keys = jwk::read_set(&body).with_context(|| format!("{origin}{WELL_KNOWN}: no set of Ed25519 keys"))?;
    let now = out::now_ms();
    let (vouched, alone): (Vec<PublicKey>, Vec<PublicKey>) =
        keys.into_iter().partition(|key| command.allow_unsigned || is_signed_by(key, site, &fields, now));
    for key in &alone {
        out::note(format!("{site}: {} is passed over: the directory is not signed by it", key.thumbprint()));
    }
    if vouched.is_empty() {
        bail!("none of its {} keys has signed the directory (--allow-unsigned takes them for TLS alone)", alone.len());
    }
    Ok(vouched)
}

/// Whether a directory is signed by one of its keys, for its site: who holds the key wants it to be there.
fn is_signed_by(key: &PublicKey, site: &str, headers: &Headers, now: i64) -> bool {
    let profile = Profile {
        required: vec![Requirement::Component(AUTHORITY)],
        extent: Extent::Answer,
        tag: Some("http-message-signatures-directory"),
        expires: Presence::Required,
        max_age_ms: i64::MAX,
        algorithms: &[Algorithm::Ed25519],
        keyid: |id| id.len() == 43,
        ..Profile::of(&[])
    };
    let print = key.thumbprint();
    let verification = VerificationKey::Ed25519(key.key);
    let message = Message { method: "GET", scheme: "https", authority: site, path: WELL_KNOWN, query: "", headers };
    verify(message, &profile, |id| (id == print).then_some((&verification, ())), now).is_ok()
}
