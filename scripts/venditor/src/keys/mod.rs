//! `venditor keys`: making, listing and revoking keys; the configuration that the functions need.

pub mod apps;
pub mod callers;
pub mod dir;
mod export;
mod listed;
mod revoke;
pub mod uploaders;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand, ValueEnum};
use instant_refund::auth::Scope;
use serde_json::json;
use shared::callers::{Algorithm, Scope as _};
use shared::keyset::{Key, KeySet, MacKeyEntry, Use, is_kid};
use shared::lang::Text;
use shared::visible;

use crate::mint::ledger;
use crate::{mend, out};
use apps::AppKey;
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
    Revoke(revoke::Revoke),
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
    /// Its id: letters, digits, `.`, `_`, `-`; for `mac` a number from 0 to 255, for `pass` and `cookie`
    /// lower-case letters and digits.
    #[arg(long)]
    pub kid: String,
    /// Whose it is, in Chinese (manifest, record, status, receipt, policy).
    #[arg(long)]
    pub owner_zh: Option<String>,
    /// Whose it is, in English (manifest, record, status, receipt, policy).
    #[arg(long)]
    pub owner_en: Option<String>,
    /// Whose statements or heads the key signs (status, head): the same name for keys that take over from one another. For
    /// status the key's own id, if absent.
    #[arg(long)]
    pub issuer: Option<String>,
    /// Who calls with it (caller, app, uploader, edge, operator); the same name for all keys of one system.
    #[arg(long)]
    pub caller: Option<String>,
    /// What it may do (caller): `refunds` (ask for refunds and quotes, and read its own), `all_refunds` (read everybody's),
    /// `events` (report events), or of some kinds alone `carrier_events`, `merchant_events`, `insurer_events`, `buyer_events`,
    /// `marketplace_events`; `operations` (resume, sweep, export the ledger, correct).
    #[arg(long, value_parser = callers::scope, value_delimiter = ',')]
    pub scopes: Vec<Scope>,
    /// The merchants whose refunds alone it may touch (caller); all, if absent.
    #[arg(long, value_delimiter = ',')]
    pub merchants: Vec<String>,
    /// How it signs (caller, app): `hmac-sha256` (one secret on both sides) or `ed25519` (whose secret need not be configured
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
    /// Signs heads, which say which status statements of an issuer are the last: online, and for nothing else.
    Head,
    /// Signs the receipts of refunds.
    Receipt,
    /// Signs statements that put a policy pack in force.
    Policy,
    /// Calls instant-refund.
    Caller,
    /// Signs scans for trace-verify: a marketplace's app.
    App,
    /// Has listings checked by listing-check: a bearer key.
    Uploader,
    /// Asks bot-screen for verdicts: the bearer key of a CDN or a proxy.
    Edge,
    /// Reads and answers complaints at trace-verify: a bearer key.
    Operator,
    /// Seals bot-screen's challenges and passes; the one whose id sorts last seals.
    Pass,
    /// Seals trace-verify's cookies; the one whose id sorts last seals.
    Cookie,
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
            if new.purpose == Purpose::App {
                make_app(&new, keys, out::now_ms())?;
                out::line(format!("made {}; `keys export-env` puts it into TRACE_CALLERS", new.kid));
                return Ok(());
            }
            let seals = match new.purpose {
                Purpose::Pass => Some((Kind::Pass, "SCREEN_PASS_KEYS")),
                Purpose::Cookie => Some((Kind::Cookie, "TRACE_COOKIE_KEYS")),
                _ => None,
            };
            if let Some((kind, name)) = seals {
                make_seal(kind, &new.kid, keys)?;
                out::line(format!("made {}; `keys export-env` puts it into {name}", new.kid));
                return Ok(());
            }
            let bearer = match new.purpose {
                Purpose::Uploader => Some((Bearer::Listings, "LISTING_CALLERS")),
                Purpose::Edge => Some((Bearer::Screen, "SCREEN_CALLERS")),
                Purpose::Operator => Some((Bearer::Complaints, "TRACE_OPERATORS")),
                _ => None,
            };
            if let Some((purpose, name)) = bearer {
                make_bearer(&new, purpose, keys, out::now_ms())?;
                out::line(format!("made {}; `keys export-env` puts its digest into {name}", new.kid));
                out::note(format!("`keys token --kid {}` prints the key itself", new.kid));
                return Ok(());
            }
            let version = make(&new, keys, out::now_ms())?;
            if new.purpose == Purpose::Mac {
                out::note(format!(
                    "labels of MAC key {} are invalid before the function has it. {}",
                    new.kid,
                    mend::give_keys(keys)
                ));
            }
            out::note(format!("publish {} with what the key signs", keys.keyset_path().display()));
            out::line(format!("made {}; {} is edition {version}", new.kid, keys.keyset_path().display()));
            Ok(())
        }
        Command::List { json } => list(keys, json),
        Command::Revoke(revoke) => revoke::run(&revoke, keys),
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
        Purpose::Manifest | Purpose::Record | Purpose::Status | Purpose::Head | Purpose::Receipt | Purpose::Policy => {
            let (Some(zh), Some(en)) = (&new.owner_zh, &new.owner_en) else {
                bail!("--owner-zh and --owner-en: consumers are shown who vouches, in both languages");
            };
            if let Some(c) = visible::hidden(zh).or_else(|| visible::hidden(en)) {
                bail!("--owner-zh, --owner-en: U+{:04X} is invisible, or hides what stands around it", u32::from(c));
            }
            if listed.as_ref().is_some_and(|set| set.key(kid).is_some()) {
                return Err(exists());
            }
            let issuer = issuer(new, listed.as_ref())?;
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
                    issuer,
                    not_before,
                    not_after,
                    revoked: None,
                });
                Ok(())
            })
        }
        Purpose::Caller
        | Purpose::App
        | Purpose::Uploader
        | Purpose::Edge
        | Purpose::Operator
        | Purpose::Pass
        | Purpose::Cookie => {
            bail!("--use caller: is not in the key set")
        }
    }
}

/// The issuer that goes into the key set.
fn issuer(new: &New, listed: Option<&KeySet>) -> Result<Option<String>> {
    match (new.purpose, &new.issuer) {
        (Purpose::Status, Some(issuer)) => ensure_name("--issuer", issuer)?,
        (Purpose::Head, Some(issuer)) => {
            let states = listed.is_some_and(|set| set.issuers().iter().any(|known| known.name == issuer));
            ensure!(states, "--issuer {issuer}: no status key is of this issuer; `keys list` shows them");
            out::note(
                "from the publication of this key set on, scans are not complete without a head: `status refresh` first",
            );
        }
        (Purpose::Head, None) => bail!("--issuer: whose statements does the head name?"),
        (Purpose::Status, None) => {
            let known: Vec<&str> =
                listed.map(|set| set.issuers().iter().map(|known| known.name).collect()).unwrap_or_default();
            if !known.is_empty() {
                let known = known.join(", ");
                out::note(format!("a new issuer, with chains of its own; to go on in another's, --issuer: {known}"));
            }
        }
        (_, Some(_)) => bail!("--issuer: goes with --use status and --use head"),
        (_, None) => {}
    }
    Ok(new.issuer.clone())
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
        merchants: new.merchants.clone(),
        not_before: now,
        not_after: now + new.days * DAY_MS,
        revoked: None,
    };
    callers::add(keys, key, now)
}

/// Makes the key of an app that signs scans.
pub fn make_app(new: &New, keys: &KeyDir, now: i64) -> Result<()> {
    let kid = &new.kid;
    ensure_name("--kid", kid)?;
    let caller = new.caller.as_deref().context("--caller: an app's key belongs to somebody")?;
    ensure_name("--caller", caller)?;
    if apps::all(keys)?.iter().any(|key| key.kid == *kid) {
        bail!("--kid {kid}: exists already; a key is never replaced, only revoked");
    }
    draw_once(keys, Kind::App, kid)?;
    let (caller, not_after) = (caller.to_owned(), now + new.days * DAY_MS);
    let key = AppKey { caller, kid: kid.clone(), alg: new.alg, not_before: now, not_after, revoked: None };
    apps::add(keys, key, now)
}

/// Makes a key that seals: challenges and passes, or cookies.
pub fn make_seal(kind: Kind, kid: &str, keys: &KeyDir) -> Result<()> {
    let is_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    ensure!(
        (1..=16).contains(&kid.len()) && kid.bytes().all(is_id),
        "--kid {kid}: takes 1 to 16 lower-case letters and digits"
    );
    ensure!(!keys.has(kind, kid), "--kid {kid}: exists already; a key is never replaced");
    keys.draw(kind, kid)
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
            Purpose::Head => Ok(Use::Head),
            Purpose::Receipt => Ok(Use::Receipt),
            Purpose::Policy => Ok(Use::Policy),
            Purpose::Root
            | Purpose::Mac
            | Purpose::Caller
            | Purpose::App
            | Purpose::Uploader
            | Purpose::Edge
            | Purpose::Operator
            | Purpose::Pass
            | Purpose::Cookie => bail!("signs no documents"),
        }
    }
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
    let state = |revoked: &Option<shared::keyset::Revocation>, not_after: i64| match revoked {
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
    for key in apps::all(keys)? {
        let here = if keys.has(Kind::App, &key.kid) { "" } else { "  (secret not here)" };
        let state = state(&key.revoked, key.not_after);
        out::line(format!("{:24} {:10} {state:18} {}{here}", key.kid, "app", key.caller));
    }
    for key in uploaders::all(keys)? {
        let here = if keys.has(Kind::Uploader, &key.kid) { "" } else { "  (secret not here)" };
        let state = state(&key.revoked, key.not_after);
        out::line(format!("{:24} {:10} {state:18} {}{here}", key.kid, key.purpose.name(), key.caller));
    }
    Ok(())
}
