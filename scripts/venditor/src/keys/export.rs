//! The configuration values of the functions, in each host's own file format.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, ValueEnum};
use shared::keyset::Use;

use super::dir::{KeyDir, Kind};
use super::{apps, callers, uploaders};
use crate::files::{self, Access};
use crate::out;

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// `.dev.vars`: `TRACE_MAC_KEYS="…"`, also what `wrangler secret bulk` takes.
    Workers,
    /// A file for `spin up --variable @FILE.toml`: `trace_mac_keys = "…"`.
    Spin,
}

/// A function that has keys here.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Function {
    TraceVerify,
    InstantRefund,
    ListingCheck,
    BotScreen,
}

/// The variables that `spin.toml` requires, of both functions. Hosts and origins are no keys: they are never written here.
const SPIN_REQUIRES: [&str; 8] = [
    "trace_hosts",
    "trace_root_key",
    "trace_mac_keys",
    "trace_device_secret",
    "refund_callers",
    "refund_receipt_key",
    "refund_log_secret",
    "refund_notify_origin",
];

#[derive(Args)]
pub struct Command {
    #[arg(long, value_enum)]
    format: Format,
    /// Only this function's values: what goes into its secrets need not be in another's.
    #[arg(long, value_enum)]
    function: Option<Function>,
    /// The key that signs receipts, if not the last that was made.
    #[arg(long)]
    receipt_key: Option<String>,
    /// The file, readable by its owner only. For Spin its name must end in `.toml`.
    #[arg(long)]
    out: PathBuf,
}

/// Writes the values to a file that only its owner reads. Nothing of them is shown.
pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    let Command { format, function, receipt_key, out: path } = command;
    if matches!(format, Format::Spin) {
        let toml = path.extension().is_some_and(|extension| extension == "toml");
        ensure!(toml, "{}: Spin knows formats by the ending; call it .toml", path.display());
    }
    let _lock = keys.lock()?;
    let refund = match function {
        Some(Function::TraceVerify | Function::ListingCheck | Function::BotScreen) => Vec::new(),
        _ => refund(keys, receipt_key.as_deref(), out::now_ms())?,
    };
    if *function == Some(Function::InstantRefund) {
        let has = |wanted| refund.iter().any(|(name, _)| *name == wanted);
        ensure!(has("refund_callers"), "nobody may call yet: `keys new --use caller`");
        ensure!(has("refund_receipt_key"), "no receipt key in force yet: `keys new --use receipt`");
    }
    let listing = match function {
        None | Some(Function::ListingCheck) => listing(keys, out::now_ms())?,
        Some(_) => Vec::new(),
    };
    if *function == Some(Function::ListingCheck) {
        ensure!(!listing.is_empty(), "nobody may call yet: `keys new --use uploader`");
    }
    let screen = match function {
        None | Some(Function::BotScreen) => screen(keys, out::now_ms())?,
        Some(_) => Vec::new(),
    };
    if *function == Some(Function::BotScreen) {
        ensure!(!screen.is_empty(), "nobody may call yet: `keys new --use edge`");
    }
    let mut values = Vec::new();
    // Whoever runs `instant-refund` alone has no labels to mark.
    let labels = refund.is_empty() && listing.is_empty() && screen.is_empty() || !keys.kids(Kind::Mac)?.is_empty();
    if labels && matches!(function, None | Some(Function::TraceVerify)) {
        // Parsed before they are written: what the functions would refuse must not reach them.
        keys.roots()?;
        keys.mac_keys()?;
        values.push(("trace_root_key", keys.roots_text()?));
        values.push(("trace_mac_keys", keys.mac_keys_text()?));
        values.push(("trace_device_secret", keys.device_secret()?));
        let cookie_keys = keys.seal_keys_text(Kind::Cookie)?;
        if cookie_keys.is_empty() {
            out::note("no key for cookies yet (`keys new --use cookie --kid c1`): no browser is known again");
        } else {
            values.push(("trace_cookie_keys", cookie_keys));
        }
        if let Some(apps) = apps::configuration(keys, out::now_ms())? {
            values.push(("trace_callers", apps));
        }
        if let Some(operators) = uploaders::of_complaints(keys, out::now_ms())? {
            values.push(("trace_operators", operators));
        }
    }
    values.extend(refund);
    values.extend(listing);
    values.extend(screen);
    let text: String = values
        .iter()
        .map(|(name, value)| {
            // JSON goes between single quotes: dotenv, and TOML, then take it as it is. No value holds one.
            let quote = if value.contains('"') { '\'' } else { '"' };
            match format {
                Format::Workers => format!("{}={quote}{value}{quote}\n", name.to_uppercase()),
                Format::Spin => format!("{name} = {quote}{value}{quote}\n"),
            }
        })
        .collect();
    files::replace(path, text.as_bytes(), Access::Secret)?;
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    out::line(format!("wrote {} to {}", names.join(", "), path.display()));
    if matches!(format, Format::Spin) {
        let missing: Vec<&str> = SPIN_REQUIRES.iter().copied().filter(|name| !names.contains(name)).collect();
        out::note(format!("spin.toml also requires {}", missing.join(", ")));
    }
    Ok(())
}

/// What `instant-refund` needs, as far as there are keys for it.
fn refund(keys: &KeyDir, receipt_key: Option<&str>, now: i64) -> Result<Vec<(&'static str, String)>> {
    let mut values = Vec::new();
    if let Some(callers) = callers::configuration(keys, now)? {
        values.push(("refund_callers", callers));
    }
    if let Some(kid) = receipts(keys, receipt_key, now)? {
        let seed = URL_SAFE_NO_PAD.encode(keys.secret(Kind::Sign, &kid)?.expose());
        values.push(("refund_receipt_key", format!("{kid}:{seed}")));
    }
    if !values.is_empty() {
        values.push(("refund_log_secret", keys.log_secret()?));
        // Whom to believe when a policy pack is published.
        if keys.file("roots.pub").exists() {
            values.push(("refund_root_key", keys.roots_text()?));
        }
    }
    Ok(values)
}

/// What `listing-check` needs, if anybody may call.
fn listing(keys: &KeyDir, now: i64) -> Result<Vec<(&'static str, String)>> {
    of_bearers(keys, "listing_callers", "listing_root_key", uploaders::of_listings(keys, now)?)
}

/// What `bot-screen` needs, if anybody may call.
fn screen(keys: &KeyDir, now: i64) -> Result<Vec<(&'static str, String)>> {
    let mut values = of_bearers(keys, "screen_callers", "screen_root_key", uploaders::of_screen(keys, now)?)?;
    let pass_keys = keys.seal_keys_text(Kind::Pass)?;
    if !values.is_empty() && !pass_keys.is_empty() {
        values.push(("screen_pass_keys", pass_keys));
    }
    Ok(values)
}

fn of_bearers(
    keys: &KeyDir,
    callers_name: &'static str,
    root_name: &'static str,
    callers: Option<String>,
) -> Result<Vec<(&'static str, String)>> {
    let Some(callers) = callers else { return Ok(Vec::new()) };
    let mut values = vec![(callers_name, callers)];
    if keys.file("roots.pub").exists() {
        values.push((root_name, keys.roots_text()?));
    }
    Ok(values)
}

/// The key that signs receipts from now on: the one named, or the last that was made and is in force.
fn receipts(keys: &KeyDir, named: Option<&str>, now: i64) -> Result<Option<String>> {
    if !keys.keyset_path().exists() {
        return Ok(None);
    }
    let set = keys.keyset()?;
    let usable = |kid: &&str| set.key_for(kid, Use::Receipt, now, now).is_ok() && keys.has(Kind::Sign, kid);
    if let Some(kid) = named {
        usable(&kid).then_some(()).with_context(|| format!("--receipt-key {kid}: no receipt key in force here"))?;
        return Ok(Some(kid.to_owned()));
    }
    let made = set.document().keys.iter().map(|key| key.kid.as_str());
    Ok(made.rev().find(usable).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_required_variables_are_those_of_the_manifest() {
        let manifest: toml::Table = toml::from_str(include_str!("../../../../spin.toml")).unwrap();
        let variables = manifest["variables"].as_table().unwrap();
        let required =
            variables.iter().filter(|(_, entry)| entry.get("required").is_some()).map(|(name, _)| name.as_str());
        let (mut found, mut said) = (required.collect::<Vec<_>>(), SPIN_REQUIRES.to_vec());
        found.sort_unstable();
        said.sort_unstable();
        assert_eq!(said, found);
    }
}
