//! `venditor publish`: signed documents and photos into a store. Doing it twice changes nothing.

mod collect;
mod local;
mod older;
mod spin;
pub mod store;
mod warn;

use std::path::PathBuf;
use std::process::Command as Process;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{ArgGroup, Args};
use serde::Serialize;
use serde_json::json;
use trace_verify::keys as names;

use crate::edge::Edge;
use crate::files::{self, Access};
use crate::keys::dir::KeyDir;
use crate::out;
use crate::status::check;
use collect::Bundle;
pub use collect::sniff;
use store::Store;

#[derive(Args)]
#[command(group(ArgGroup::new("target").required(true)))]
pub struct Command {
    /// Files and folders: signed documents (`*.dsse.json`), the photos that records name, policy packs (`*.pack`).
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Into the development host that runs on this machine.
    #[arg(long, group = "target")]
    local: bool,
    /// Into the key-value store of a Spin deployment on this machine, by its runtime configuration. Spin may be running.
    #[arg(long, group = "target", value_name = "RUNTIME.toml")]
    spin: Option<PathBuf>,
    /// The label of the store in the runtime configuration; without it, the function whose documents these are.
    #[arg(long)]
    store: Option<String>,
    /// Into a file for `redis-cli -u URL --pipe`: a Spin deployment that keeps its store in Redis.
    #[arg(long, group = "target", value_name = "FILE")]
    redis: Option<PathBuf>,
    /// Where that Redis is (`redis://…`): what is there is read first, through `redis-cli`.
    #[arg(long, requires = "redis", value_name = "URL")]
    redis_url: Option<String>,
    /// Into a file for `wrangler kv bulk put`: a JSON array of `key`, `value` (base64) and `base64`. With `--env`, what is
    /// there is read first, through wrangler.
    #[arg(long, group = "target", value_name = "FILE")]
    bulk: Option<PathBuf>,
    /// Into Workers KV, through wrangler and its login.
    #[arg(long, group = "target", requires = "env")]
    remote: bool,
    /// The wrangler environment.
    #[arg(long)]
    env: Option<String>,
    /// The wrangler binding.
    #[arg(long, default_value = "KV")]
    binding: String,
    /// Where the running development host says how to reach it.
    #[arg(long, default_value = ".venditor/dev.json")]
    dev: PathBuf,
    /// Takes status statements from before there were chains, each of which replaces the one that is stored.
    #[arg(long)]
    old_form: bool,
    /// Where the function is: says what a shopper now sees of pieces that statements cover (`status check`).
    #[arg(long, value_name = "URL")]
    check: Option<String>,
    /// Publishes nothing if shoppers would see something as broken.
    #[arg(long)]
    strict: bool,
    /// Does not read the store before it is written: nothing says then whether something newer is there.
    #[arg(long)]
    unread: bool,
    /// The answer for machines.
    #[arg(long, conflicts_with = "check")]
    json: bool,
}

/// One entry of wrangler's bulk format.
#[derive(Serialize)]
struct BulkEntry<'a> {
    key: &'a str,
    value: String,
    /// Photos are no text; one form for all is simpler to check.
    base64: bool,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    let bundle = collect::collect(&command.paths, keys, command.old_form, out::now_ms())?;
    look_before(command, &bundle, keys)?;
    let target = if command.local {
        local::publish(&command.dev, &bundle, keys)?
    } else if let Some(config) = &command.spin {
        let store = command.store.as_deref();
        spin::publish(config, store.map_or_else(|| bundle.function(), Ok)?, &bundle, &keys.roots()?)?
    } else if let Some(path) = &command.redis {
        files::replace(path, &spin::redis(&bundle), Access::Public)?;
        path.display().to_string()
    } else if let Some(path) = &command.bulk {
        files::replace(path, &bulk(&bundle)?, Access::Public)?;
        path.display().to_string()
    } else {
        remote(command, &bundle)?
    };
    let names: Vec<&String> = bundle.entries.keys().collect();
    let states = names.iter().any(|key| key.starts_with("statements/"));
    if command.json {
        if states {
            out::note(not_read_back(command));
        }
        return out::json(&json!({"target": target, "keys": names}));
    }
    names.iter().for_each(out::line);
    out::line(format!("{} entries into {target}", names.len()));
    // What was stated is looked at as a shopper sees it, without being asked for where the function is known.
    let local = || Edge::of_dev(&command.dev).filter(|_| command.local && states).map(|edge| edge.url());
    match command.check.clone().or_else(local) {
        Some(url) => check::read_back(&url, check::WAIT, keys)?,
        None if states => out::note(not_read_back(command)),
        None => {}
    }
    Ok(())
}

/// Says plainly that nobody has looked at what a shopper now sees of what was stated, and which command does.
fn not_read_back(command: &Command) -> String {
    let first = if command.redis.is_some() || command.bulk.is_some() { "once the file is in the store, " } else { "" };
    format!(
        "note: not read back: it is not known whether shoppers see these statements. {first}`venditor status check --url URL`, \
         with the function's address, asks it for sample pieces and says (`--check URL` does so at once)"
    )
}

/// Refuses what is older than what the store has, and says what shoppers would see as broken.
fn look_before(command: &Command, bundle: &Bundle, keys: &KeyDir) -> Result<()> {
    let function = bundle.function()?;
    let store = if command.unread {
        None
    } else if command.local {
        Some(Store::of_dev(&command.dev, function)?)
    } else if let Some(config) = &command.spin {
        Some(Store::of_spin(config, command.store.as_deref().unwrap_or(function))?)
    } else if let Some(url) = &command.redis_url {
        Some(Store::Redis { url: url.clone() })
    } else if let (true, Some(env)) = (command.remote || command.bulk.is_some(), &command.env) {
        Some(Store::Wrangler { env: env.clone(), binding: command.binding.clone() })
    } else {
        None
    };
    match &store {
        Some(store) => older::than_there(&bundle.entries, store, &keys.roots()?)?,
        None => {
            ensure!(command.unread || !bundle.entries.keys().any(|key| older::is_versioned(key)), "{}", blind(command));
            unread(bundle);
        }
    }
    if function != trace_verify::NAME {
        return Ok(());
    }
    let edge = match &command.check {
        Some(url) => Some(Edge::at(url)?),
        None if command.local => Edge::of_dev(&command.dev),
        None => None,
    };
    if edge.is_none() && !command.local {
        warn::unasked(&bundle.manifests);
    }
    let warnings = warn::before(bundle, store.as_ref(), edge.as_ref(), keys)?;
    warnings.iter().for_each(|warning| out::note(format!("warning: {warning}")));
    ensure!(!command.strict || warnings.is_empty(), "--strict: nothing was published");
    Ok(())
}

/// Why a key set, a chain or a head does not go into a file, and what does it.
fn blind(command: &Command) -> String {
    let reads = if command.redis.is_some() { "--redis-url redis://… reads it" } else { "--env ENV reads it" };
    format!(
        "nothing was written: nobody has read the store, and what is there may be newer than this key set, chain or head, \
         which would bring back revoked keys or lose a recall. {reads} first; where it cannot be read, --unread writes the \
         file all the same, and `venditor doctor`, or `status check --url URL`, says afterwards what is there"
    )
}

/// Says what nobody could check, where the store is not read.
fn unread(bundle: &Bundle) {
    let mut unknown = Vec::new();
    if bundle.entries.keys().any(|key| older::is_versioned(key)) {
        unknown.push("whether a newer key set, chain or head is there, which these would replace");
    }
    if !bundle.signers.is_empty() && !bundle.entries.contains_key(names::KEYSET) {
        unknown.push("whether the key set that is there names the keys that signed these");
    }
    if !bundle.manifests.is_empty() {
        unknown.push("whether the records of these batches are there, where they are not among these");
    }
    if !unknown.is_empty() {
        out::note(format!(
            "note: nobody has read the store. Not known: {}. `venditor doctor`, or `--check URL`, says afterwards what is there",
            unknown.join("; ")
        ));
    }
}

/// Wrangler's bulk format.
fn bulk(bundle: &Bundle) -> Result<Vec<u8>> {
    let entries: Vec<BulkEntry> = bundle
        .entries
        .iter()
        .map(|(key, value)| BulkEntry { key, value: STANDARD.encode(value), base64: true })
        .collect();
    Ok(serde_json::to_vec(&entries)?)
}

fn remote(command: &Command, bundle: &Bundle) -> Result<String> {
    let env = command.env.as_deref().unwrap_or_default();
    let path = std::env::temp_dir().join(format!("venditor-bulk-{}.json", std::process::id()));
    files::create(&path, &bulk(bundle)?, Access::Secret)?;
    let file = path.display().to_string();
    let arguments = ["wrangler", "kv", "bulk", "put", &file, "--binding", &command.binding, "--env", env, "--remote"];
    out::note(format!("npx {}", arguments.join(" ")));
    // Wrangler's own words go to stderr, so that stdout stays the answer.
    let status = Process::new("npx").args(arguments).stdout(std::io::stderr()).status();
    let removed = std::fs::remove_file(&path);
    let status = status.context("npx")?;
    removed.with_context(|| file.clone())?;
    if !status.success() {
        bail!("wrangler: {status}");
    }
    Ok(format!("{} of {env}", command.binding))
}
