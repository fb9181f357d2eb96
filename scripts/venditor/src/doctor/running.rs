//! The store and the running function: whether they have what is here, and what a shopper sees.

use anyhow::Result;
use shared::keyset::KeySet;
use trace_verify::keys as names;
use trace_verify::manifest::{Issue, Manifest};
use trace_verify::serial::Code;

use super::{Command, Report};
use crate::edge::{Edge, Seen};
use crate::keys::dir::KeyDir;
use crate::mend::{self, command};
use crate::publish::store::Store;
use crate::shelf::Shelf;
use crate::status::book;

const STORE: &str = "store";
const FUNCTION: &str = "function";

pub fn look(report: &mut Report, command: &Command, keys: &KeyDir, set: &KeySet, shelf: &Shelf, now: i64) {
    let target = target(command);
    match store(command) {
        Ok(Some(store)) => stored(report, &store, &target, keys, set, shelf, now),
        Ok(None) => report.note(STORE, "was not read", "--spin RUNTIME.toml or --remote ENV says which it is"),
        Err(error) => report.note(STORE, format!("cannot be read: {error:#}"), ""),
    }
    let edge = match &command.url {
        Some(url) => Edge::at(url).map(Some),
        None => Ok(Edge::of_dev(&command.dev)),
    };
    match edge {
        Ok(Some(edge)) => asked(report, &edge, &target, keys, set, shelf),
        Ok(None) => report.note(FUNCTION, "was not asked", "start scripts/dev, or --url https://… says where it is"),
        Err(error) => report.wrong(FUNCTION, format!("{error:#}"), ""),
    }
}

/// The target of `publish` that the store and function are of.
fn target(command: &Command) -> String {
    match (&command.spin, &command.remote) {
        (Some(config), _) => format!("--spin {}", config.display()),
        (None, Some(env)) => format!("--remote --env {env}"),
        (None, None) if command.url.is_none() => {
            let dev = command.dev.display().to_string();
            if dev == ".venditor/dev.json" { "--local".to_owned() } else { format!("--local --dev {dev}") }
        }
        (None, None) => "--remote --env trace-verify".to_owned(),
    }
}

fn store(command: &Command) -> Result<Option<Store>> {
    let function = trace_verify::NAME;
    match (&command.spin, &command.remote) {
        (Some(config), _) => Store::of_spin(config, function).map(Some),
        (None, Some(env)) => Ok(Some(Store::Wrangler { env: env.clone(), binding: "KV".to_owned() })),
        (None, None) if command.url.is_none() && command.dev.exists() => {
            Store::of_dev(&command.dev, function).map(Some)
        }
        (None, None) => Ok(None),
    }
}

fn stored(report: &mut Report, store: &Store, target: &str, keys: &KeyDir, set: &KeySet, shelf: &Shelf, now: i64) {
    let keyset_file = keys.keyset_path().display().to_string();
    let publish = |what: &str| command(keys, &format!("publish {keyset_file} {what} {target}").replace("  ", " "));
    let there = match (store.get(names::KEYSET), keys.roots()) {
        (Ok(there), Ok(roots)) => there.map(|bytes| KeySet::verify_and_parse(&bytes, &roots)),
        (Err(error), _) | (_, Err(error)) => {
            report.note(STORE, format!("cannot be read: {error:#}"), "");
            return;
        }
    };
    match there {
        None => report.wrong(STORE, "has no key set: nothing is believed", publish("")),
        Some(Err(error)) => report.wrong(STORE, format!("its key set: {error}"), publish("")),
        Some(Ok(there)) if there.version() < set.version() => {
            let what = format!("has edition {} of the key set; {} is here", there.version(), set.version());
            report.wrong(STORE, what, publish(""));
        }
        Some(Ok(there)) if there.version() > set.version() => report.wrong(
            STORE,
            format!("has edition {} of the key set, newer than {}, which is here", there.version(), set.version()),
            "restore the newer key set here before anything is signed",
        ),
        Some(Ok(there)) => report.ok(STORE, format!("has edition {} of the key set", there.version())),
    }
    for held in &shelf.manifests {
        let Some(manifest) = &held.says else { continue };
        let lacks = |key: &str| matches!(store.get(key), Ok(None));
        if manifest.blocks().next().is_some_and(|key| lacks(&key)) {
            let what = format!("has no manifest of {}: its codes are \"not issued\"", manifest.batch);
            report.wrong(STORE, what, publish(&held.path.display().to_string()));
        }
        let counter = (manifest.records == Issue::Item).then_some(manifest.first);
        if let Some(record) = shelf.record(manifest, counter)
            && lacks(&names::record(&manifest.batch, counter))
        {
            let what = format!("has no record of {}, which is here", manifest.batch);
            report.wrong(STORE, what, publish(&record.path.display().to_string()));
        }
    }
    for book in book::all(keys, now).unwrap_or_default() {
        let there = store.get(&names::statements(&book.issuer, &book.product)).ok().flatten();
        if there.as_deref() != Some(&*book.bytes()) {
            let file = keys.file("statements").join(&book.issuer);
            let what = format!("does not have all statements of {} on {}", book.issuer, book.product);
            report.wrong(STORE, what, publish(&file.display().to_string()));
        }
    }
}

fn asked(report: &mut Report, edge: &Edge, target: &str, keys: &KeyDir, set: &KeySet, shelf: &Shelf) {
    let url = edge.url();
    match edge.misconfigured() {
        Err(error) => {
            report.wrong(
                FUNCTION,
                format!("{url} does not answer: {error:#}"),
                "is it deployed, and the address right?",
            );
            return;
        }
        Ok(Some(variable)) => {
            report.wrong(FUNCTION, format!("{url}: {variable} is missing or malformed"), mend::give_keys(keys));
            return;
        }
        Ok(None) => report.ok(FUNCTION, format!("{url} is configured")),
    }
    let mut edition_told = false;
    for held in &shelf.manifests {
        let Some(manifest) = &held.says else { continue };
        let Some(item) = first_piece(manifest, keys) else { continue };
        match edge.look(&item) {
            Err(error) => {
                let hint = "does TRACE_HOSTS name this host?";
                report.wrong(FUNCTION, format!("{}: {error:#}", manifest.batch), hint);
            }
            Ok(seen) => {
                if let Some(at) = seen.keyset_at.filter(|at| *at != set.issued_at() && !edition_told) {
                    edition_told = true;
                    let (which, mend) = if at < set.issued_at() {
                        let publish = format!("publish {} {target}", keys.keyset_path().display());
                        (
                            "an older",
                            format!("{}; a running instance looks again within a minute", command(keys, &publish)),
                        )
                    } else {
                        ("a newer", "restore the newer key set here before anything is signed".to_owned())
                    };
                    report.note(FUNCTION, format!("goes by {which} edition of the key set than is here"), mend);
                }
                piece(
                    report,
                    manifest,
                    &held.path.display().to_string(),
                    &format!("{url}/{item}"),
                    &seen,
                    target,
                    keys,
                );
            }
        }
    }
}

fn first_piece(manifest: &Manifest, keys: &KeyDir) -> Option<String> {
    let mac_keys = keys.mac_keys().ok()?;
    Code::mint(&manifest.primary, manifest.mac_kid, manifest.first, &mac_keys).ok().map(|code| code.item())
}

fn piece(report: &mut Report, manifest: &Manifest, file: &str, url: &str, seen: &Seen, target: &str, keys: &KeyDir) {
    let batch = &manifest.batch;
    let says = format!("{batch}: {} (\"{}\"), {url}", seen.outcome, seen.title);
    let keyset = keys.keyset_path().display().to_string();
    let publish = |what: &str| command(keys, &format!("publish {keyset} {what} {target}"));
    let mend = match seen.outcome.as_str() {
        "bad_code" => format!("it was never given MAC key {}. {}", manifest.mac_kid, mend::give_keys(keys)),
        "not_in_manifest" => publish(file),
        "record_missing" => {
            let (missing, of) = (vec![(manifest.records == Issue::Item).then_some(manifest.first)], 1);
            let mend = mend::no_record(keys, manifest, &missing, of).map(|(_, mend)| mend).unwrap_or_default();
            format!("{mend}: {}", publish("RECORDS"))
        }
        "record_invalid" => format!("`cargo venditor verify {url}` says what is wrong with the record"),
        "key_revoked" => command(keys, "keys list"),
        "check_incomplete" => format!(
            "{}; a head that has ended: {}",
            publish(file),
            command(keys, "status refresh --key HEAD-KEY --out head.dsse.json")
        ),
        "recalled" | "withdrawn" => {
            report.note(FUNCTION, says, command(keys, "status show"));
            return;
        }
        "suspected_clone" | "authentic_history_unavailable" | "record_unavailable" => {
            report.note(FUNCTION, says, "");
            return;
        }
        _ => {
            report.ok(FUNCTION, says);
            return;
        }
    };
    report.wrong(FUNCTION, says, mend);
}
