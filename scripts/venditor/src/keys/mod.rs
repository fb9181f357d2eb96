//! `venditor keys`: making, listing and revoking keys; the configuration that the functions need.

pub mod callers;
pub mod dir;
mod export;
pub mod uploaders;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand, ValueEnum};
use instant_refund::auth::Scope;
use serde_json::json;
use shared::callers::{Algorithm, Scope as _};
use shared::keyset::{Key, MacKeyEntry, Revocation, RevocationReason, Use, is_kid};
use shared::lang::Text;

use crate::mint::ledger;
use crate::out;
use callers::CallerKey;
use dir::{KeyDir, Kind};
use uploaders::{Bearer, UploaderKey};

const DAY_MS: i64 = 86_400_000;

#[derive(Subcommand)]
pub enum Command {
    /// Make a key and sign the key set anew.
    New(New),
    /// Show the key set.
    List {
        /// For machines.
        #[arg(long)]
        json: bool,
    },
    /// Withdraw a key and sign the key set anew.
    Revoke(Revoke),
    /// Print a bearer key (uploader, edge), to hand it over: `Authorization: Bearer KEY`.
    Token {
        /// Its id.
        #[arg(long)]
        kid: String,
    },
    /// Write the configuration values that the functions need.
    ExportEnv(export::Command),
}

#[derive(Args)]
pub struct New {
    /// What the key is for.
    #[arg(long = "use", value_enum)]
    pub purpose: Purpose,
    /// Its id: letters, digits, `.`, `_`, `-`; for `mac` a number from 0 to 255, for `pass` lower-case letters
    /// and digits.
    #[arg(long)]
    pub kid: String,
    /// Whose it is, in Chinese (manifest, record, status, receipt, policy).
    #[arg(long)]
    pub owner_zh: Option<String>,
    /// Whose it is, in English (manifest, record, status, receipt, policy).
    #[arg(long)]
    pub owner_en: Option<String>,
    /// Who calls with it (caller, uploader, edge); the same name for all keys of one system.
    #[arg(long)]
    pub caller: Option<String>,
    /// What it may do (caller): `refunds` (ask for refunds and quotes, and read them), `events` (report events),
    /// `operations` (resume, sweep, export the ledger).
    #[arg(long, value_parser = callers::scope, value_delimiter = ',')]
    pub scopes: Vec<Scope>,
    /// How it signs (caller): `hmac-sha256` (one secret on both sides) or `ed25519` (whose secret need not be configured
    /// anywhere).
    #[arg(long, value_parser = callers::algorithm, default_value = "hmac-sha256")]
    pub alg: Algorithm,
    /// How long it may sign or mark labels.
    #[arg(long, default_value_t = 730, value_parser = clap::value_parser!(i64).range(1..=36_500))]
    pub days: i64,
    /// The root that signs the key set, if not the last one that did.
    #[arg(long)]
    pub root: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Purpose {
    Root,
    Mac,
    Manifest,
    Record,
    Status,
    /// Signs the receipts of refunds.
    Receipt,
    /// Signs statements that put a policy pack in force.
    Policy,
    /// Calls instant-refund.
    Caller,
    /// Has listings checked by listing-check: a bearer key.
    Uploader,
    /// Asks bot-screen for verdicts: the bearer key of a CDN or a proxy.
    Edge,
    /// Seals bot-screen's challenges and passes; the one whose id sorts last seals.
    Pass,
}

#[derive(Args)]
pub struct Revoke {
    kid: String,
    /// `compromised` voids everything the key ever signed; the others, what it signs from now on.
    #[arg(long, value_enum)]
    reason: Reason,
    /// The id is a MAC key's.
    #[arg(long)]
    mac: bool,
    /// The id is a caller's key's.
    #[arg(long, conflicts_with = "mac")]
    caller: bool,
    /// The id is a bearer key's: an uploader's, or an edge's.
    #[arg(long, conflicts_with_all = ["mac", "caller"])]
    uploader: bool,
    /// The root that signs the key set, if not the last one that did.
    #[arg(long)]
    root: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Reason {
    Compromised,
    Superseded,
    Ceased,
}

pub fn run(command: Command, keys: &KeyDir) -> Result<()> {
    match command {
        Command::New(new) => {
            let _lock = keys.lock()?;
            if new.purpose == Purpose::Caller {
                make_caller(&new, keys, out::now_ms())?;
                out::line(format!("made {}; `keys export-env` puts it into REFUND_CALLERS", new.kid));
                return Ok(());
            }
            if new.purpose == Purpose::Pass {
                make_pass(&new.kid, keys)?;
                out::line(format!("made {}; `keys export-env` puts it into SCREEN_PASS_KEYS", new.kid));
                return Ok(());
            }
            let bearer = match new.purpose {
                Purpose::Uploader => Some((Bearer::Listings, "LISTING_CALLERS")),
                Purpose::Edge => Some((Bearer::Screen, "SCREEN_CALLERS")),
                _ => None,
            };
            if let Some((purpose, name)) = bearer {
                make_bearer(&new, purpose, keys, out::now_ms())?;
                out::line(format!("made {}; `keys export-env` puts its digest into {name}", new.kid));
                out::note(format!("`keys token --kid {}` prints the key itself", new.kid));
                return Ok(());
            }
            let version = make(&new, keys, out::now_ms())?;
            out::line(format!("made {}; {} is edition {version}", new.kid, keys.keyset_path().display()));
            Ok(())
        }
        Command::List { json } => list(keys, json),
        Command::Revoke(revoke) => {
            let _lock = keys.lock()?;
            if revoke.caller {
                callers::revoke(keys, &revoke.kid, revoke.reason.now())?;
                out::line(format!("revoked {}", revoke.kid));
                out::note("export and set REFUND_CALLERS now: until then the function still believes the key");
                return Ok(());
            }
            if revoke.uploader {
                uploaders::revoke(keys, &revoke.kid, revoke.reason.now())?;
                out::line(format!("revoked {}", revoke.kid));
                out::note("export and set LISTING_CALLERS now: until then the function still believes the key");
                return Ok(());
            }
            let version = withdraw(&revoke, keys)?;
            out::line(format!("revoked {}; {} is edition {version}", revoke.kid, keys.keyset_path().display()));
            out::note("publish the key set now: until then the functions still trust the key");
            Ok(())
        }
        Command::Token { kid } => {
            let known = uploaders::all(keys)?.iter().any(|key| key.kid == kid && key.revoked.is_none());
            ensure!(known, "{kid}: no bearer key of that id is in force");
            out::line(uploaders::token(keys, &kid)?);
            Ok(())
        }
        Command::ExportEnv(command) => export::run(&command, keys),
    }
}

/// Makes a key. A secret that an earlier, interrupted run left without an entry in the set is taken up, not replaced.
pub fn make(new: &New, keys: &KeyDir, now: i64) -> Result<u64> {
    let kid = &new.kid;
    ensure_name("--kid", kid)?;
    let (not_before, not_after) = (now, now + new.days * DAY_MS);
    let listed = if keys.keyset_path().exists() { Some(keys.keyset()?) } else { None };
    let exists = || anyhow::anyhow!("--kid {kid}: exists already; a key is never replaced, only revoked");
    match new.purpose {
        Purpose::Root => {
            if keys.has(Kind::Root, kid) && keys.file("roots.pub").exists() && listed.is_some() {
                return Err(exists());
            }
            draw_once(keys, Kind::Root, kid)?;
            keys.publish_root(kid)?;
            keys.edit(new.root.as_deref(), now, |_| Ok(()))
        }
        Purpose::Mac => {
            let id = kid.parse::<u8>().ok().filter(|id| id.to_string() == *kid);
            let id = id.with_context(|| format!("--kid {kid}: a MAC key's id is a number from 0 to 255"))?;
            if listed.is_some_and(|set| set.document().mac_keys.iter().any(|key| key.kid == id)) {
                return Err(exists());
            }
            draw_once(keys, Kind::Mac, kid)?;
            ledger::open_account(keys, id)?;
            keys.edit(new.root.as_deref(), now, |document| {
                document.mac_keys.push(MacKeyEntry { kid: id, not_before, not_after, revoked: None });
                Ok(())
            })
        }
        Purpose::Manifest | Purpose::Record | Purpose::Status | Purpose::Receipt | Purpose::Policy => {
            let (Some(zh), Some(en)) = (&new.owner_zh, &new.owner_en) else {
                bail!("--owner-zh and --owner-en: consumers are shown who vouches, in both languages");
            };
            if listed.is_some_and(|set| set.document().keys.iter().any(|key| key.kid == *kid)) {
                return Err(exists());
            }
            draw_once(keys, Kind::Sign, kid)?;
            let public = keys.signing_key(Kind::Sign, kid)?.verifying_key().to_bytes();
            let purpose = new.purpose.signs()?;
            keys.edit(new.root.as_deref(), now, |document| {
                // Receipts are signed whenever they are asked for and claim the instant of the decision, so a key that
                // takes over signs for its predecessor's time too.
                let receipts =
                    document.keys.iter().filter(|key| purpose == Use::Receipt && key.uses.contains(&purpose));
                let not_before = receipts.map(|key| key.not_before).fold(not_before, i64::min);
                document.keys.push(Key {
                    kid: kid.clone(),
                    alg: "Ed25519".into(),
                    x: URL_SAFE_NO_PAD.encode(public),
                    uses: vec![purpose],
                    owner: Text { zh: zh.clone(), en: en.clone() },
                    not_before,
                    not_after,
                    revoked: None,
                });
                Ok(())
            })
        }
        Purpose::Caller | Purpose::Uploader | Purpose::Edge | Purpose::Pass => {
            bail!("--use caller: is not in the key set")
        }
    }
}

/// Makes a caller's key. The key set knows nothing of it: only the function needs to know who may call.
pub fn make_caller(new: &New, keys: &KeyDir, now: i64) -> Result<()> {
    let kid = &new.kid;
    ensure_name("--kid", kid)?;
    let caller = new.caller.as_deref().context("--caller: a caller's key belongs to somebody")?;
    ensure_name("--caller", caller)?;
    ensure!(!new.scopes.is_empty(), "--scopes: at least one of refunds, events, operations");
    if callers::all(keys)?.iter().any(|key| key.kid == *kid) {
        bail!("--kid {kid}: exists already; a key is never replaced, only revoked");
    }
    draw_once(keys, Kind::Caller, kid)?;
    let mut scopes = new.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    let key = CallerKey {
        caller: caller.to_owned(),
        kid: kid.clone(),
        alg: new.alg,
        scopes,
        not_before: now,
        not_after: now + new.days * DAY_MS,
        revoked: None,
    };
    callers::add(keys, key, now)
}

/// Makes a key that seals challenges and passes.
pub fn make_pass(kid: &str, keys: &KeyDir) -> Result<()> {
    let is_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    ensure!(
        (1..=16).contains(&kid.len()) && kid.bytes().all(is_id),
        "--kid {kid}: takes 1 to 16 lower-case letters and digits"
    );
    ensure!(!keys.has(Kind::Pass, kid), "--kid {kid}: exists already; a key is never replaced");
    keys.draw(Kind::Pass, kid)
}

pub fn make_bearer(new: &New, purpose: Bearer, keys: &KeyDir, now: i64) -> Result<()> {
    let kid = &new.kid;
    ensure_name("--kid", kid)?;
    let caller = new.caller.as_deref().context("--caller: a bearer key belongs to somebody")?;
    ensure_name("--caller", caller)?;
    if uploaders::all(keys)?.iter().any(|key| key.kid == *kid) {
        bail!("--kid {kid}: exists already; a key is never replaced, only revoked");
    }
    draw_once(keys, Kind::Uploader, kid)?;
    let (caller, not_after) = (caller.to_owned(), now + new.days * DAY_MS);
    uploaders::add(keys, UploaderKey { caller, kid: kid.clone(), purpose, not_before: now, not_after, revoked: None })
}

fn ensure_name(flag: &str, name: &str) -> Result<()> {
    ensure!(is_kid(name), "{flag} {name}: takes 1 to 64 letters, digits, `.`, `_`, `-`");
    Ok(())
}

fn draw_once(keys: &KeyDir, kind: Kind, kid: &str) -> Result<()> {
    if keys.has(kind, kid) {
        out::note(format!("{kid}: taking up the secret of an interrupted run"));
        return Ok(());
    }
    keys.draw(kind, kid)
}

impl Purpose {
    fn signs(self) -> Result<Use> {
        match self {
            Purpose::Manifest => Ok(Use::Manifest),
            Purpose::Record => Ok(Use::Record),
            Purpose::Status => Ok(Use::Status),
            Purpose::Receipt => Ok(Use::Receipt),
            Purpose::Policy => Ok(Use::Policy),
            Purpose::Root | Purpose::Mac | Purpose::Caller | Purpose::Uploader | Purpose::Edge | Purpose::Pass => {
                bail!("signs no documents")
            }
        }
    }
}

impl Reason {
    fn now(self) -> Revocation {
        let reason = match self {
            Reason::Compromised => RevocationReason::Compromised,
            Reason::Superseded => RevocationReason::Superseded,
            Reason::Ceased => RevocationReason::Ceased,
        };
        Revocation { at: out::now_ms(), reason }
    }
}

fn withdraw(revoke: &Revoke, keys: &KeyDir) -> Result<u64> {
    let revocation @ Revocation { at: now, reason } = revoke.reason.now();
    keys.edit(revoke.root.as_deref(), now, |document| {
        let steals = |key: &&Key| key.kid == revoke.kid && key.uses.contains(&Use::Policy);
        if reason == RevocationReason::Compromised && !revoke.mac && document.keys.iter().any(|key| steals(&key)) {
            // Whatever version its thief has published is behind the versions of the next epoch.
            document.policy_epoch += 1;
        }
        let entry = if revoke.mac {
            let entry = document.mac_keys.iter_mut().find(|key| key.kid.to_string() == revoke.kid);
            entry.map(|key| &mut key.revoked)
        } else {
            document.keys.iter_mut().find(|key| key.kid == revoke.kid).map(|key| &mut key.revoked)
        };
        let revoked = entry.with_context(|| format!("{}: the key set has no such key", revoke.kid))?;
        match revoked {
            // The one change that makes a revocation stricter.
            Some(old) if reason == RevocationReason::Compromised && old.reason != reason => old.reason = reason,
            Some(old) => bail!("{}: revoked already, {:?}", revoke.kid, old.reason),
            None => *revoked = Some(revocation),
        }
        Ok(())
    })
}

fn list(keys: &KeyDir, json: bool) -> Result<()> {
    let set = keys.keyset()?;
    let document = set.document();
    if json {
        let (roots, callers) = (keys.roots_text()?, callers::all(keys)?);
        return out::json(&json!({
            "roots": roots, "signed_by": set.signed_by(), "keyset": document, "callers": callers,
        }));
    }
    out::line(format!("edition {}, signed by {}", document.version, set.signed_by()));
    // Public: the functions' configuration in the open takes it.
    out::line(format!("TRACE_ROOT_KEY={}", keys.roots_text()?));
    let state = |revoked: &Option<Revocation>, not_after: i64| match revoked {
        Some(revocation) => format!("revoked: {:?}", revocation.reason).to_lowercase(),
        None if not_after < out::now_ms() => "ended".to_owned(),
        None => format!("{} days left", (not_after - out::now_ms()) / DAY_MS),
    };
    for key in &document.keys {
        let uses: Vec<String> = key.uses.iter().map(|u| format!("{u:?}").to_lowercase()).collect();
        let here = if keys.has(Kind::Sign, &key.kid) { "" } else { "  (secret not here)" };
        let (owner, uses) = (&key.owner, uses.join(","));
        out::line(format!(
            "{:24} {uses:10} {:18} {} / {}{here}",
            key.kid,
            state(&key.revoked, key.not_after),
            owner.zh,
            owner.en
        ));
    }
    for key in &document.mac_keys {
        let here = if keys.has(Kind::Mac, &key.kid.to_string()) { "" } else { "  (secret not here)" };
        out::line(format!("{:24} {:10} {}{here}", key.kid, "mac", state(&key.revoked, key.not_after)));
    }
    for key in callers::all(keys)? {
        let here = if keys.has(Kind::Caller, &key.kid) { "" } else { "  (secret not here)" };
        let scopes: Vec<String> = key.scopes.iter().map(|scope| scope.name()).collect();
        let (state, scopes) = (state(&key.revoked, key.not_after), scopes.join(","));
        out::line(format!("{:24} {:10} {state:18} {}: {scopes}{here}", key.kid, "caller", key.caller));
    }
    for key in uploaders::all(keys)? {
        let here = if keys.has(Kind::Uploader, &key.kid) { "" } else { "  (secret not here)" };
        let state = state(&key.revoked, key.not_after);
        out::line(format!("{:24} {:10} {state:18} {}{here}", key.kid, key.purpose.name(), key.caller));
    }
    Ok(())
}
