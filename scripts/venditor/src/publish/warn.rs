//! What shoppers would see as broken, said before it is published: codes without a record, keys that the published key set
//! does not name, labels whose key the running function was never given.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use shared::keyset::{KeySet, Roots};
use trace_verify::keys as names;
use trace_verify::manifest::{Issue, Manifest};
use trace_verify::serial::Code;

use super::collect::Bundle;
use super::store::Store;
use crate::edge::Edge;
use crate::keys::dir::KeyDir;
use crate::mend::{self, command};

/// The most pieces that are looked for in the store one by one.
const LOOKED_FOR: usize = 200;

/// All warnings, each with what mends it.
pub fn before(bundle: &Bundle, store: Option<&Store>, edge: Option<&Edge>, keys: &KeyDir) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    let published = published(bundle, store, &keys.roots()?)?;
    if let Some(published) = &published {
        for (kid, path) in &bundle.signers {
            if published.key(kid).is_none() {
                warnings.push(format!(
                    "{}: signed with {kid}, which the published key set (edition {}) does not name: publish {} with it",
                    path.display(),
                    published.version(),
                    keys.keyset_path().display()
                ));
            }
        }
    }
    for (path, manifest) in &bundle.manifests {
        let at = path.display();
        if let Some(published) = &published
            && published.mac_key_for(manifest.mac_kid, manifest.minted_at, crate::out::now_ms()).is_err()
        {
            warnings.push(format!(
                "{at}: labels of MAC key {}, which the published key set (edition {}) does not name: publish {} with it",
                manifest.mac_kid,
                published.version(),
                keys.keyset_path().display()
            ));
        }
        if let Some(warning) = records(bundle, store, manifest, keys)? {
            warnings.push(format!("{at}: {warning}"));
        }
        if let Some(edge) = edge
            && let Some(warning) = label_key(manifest, edge, keys)
        {
            warnings.push(format!("{at}: {warning}"));
        }
    }
    Ok(warnings)
}

/// Says how to find out whether the function has the keys of these labels, where nobody asked it: at the host that the
/// labels themselves name, if the job's codes lie beside their manifest.
pub fn unasked(manifests: &[(PathBuf, Manifest)]) {
    let mut kids: Vec<u8> = manifests.iter().map(|(_, manifest)| manifest.mac_kid).collect();
    kids.sort_unstable();
    kids.dedup();
    if kids.is_empty() {
        return;
    }
    let kids: Vec<String> = kids.iter().map(u8::to_string).collect();
    let origin = manifests.iter().find_map(|(path, _)| origin(path)).unwrap_or_else(|| "https://HOST".to_owned());
    crate::out::note(format!(
        "note: nobody asked the function whether it has MAC key {}: without it every label is \"invalid\". \
         `--check {origin}`, or `cargo venditor doctor --url {origin}`, asks it",
        kids.join(", ")
    ));
}

/// Where the labels of a job lead.
fn origin(manifest: &Path) -> Option<String> {
    let codes = std::fs::read_to_string(manifest.with_file_name("codes.csv")).ok()?;
    let url = codes.lines().nth(1)?.split(',').nth(1)?.to_lowercase();
    let (scheme, rest) = url.split_once("://")?;
    Some(format!("{scheme}://{}", rest.split('/').next()?))
}

/// The key set that will be in the store.
fn published(bundle: &Bundle, store: Option<&Store>, roots: &Roots) -> Result<Option<KeySet>> {
    let bytes = match (bundle.entries.get(names::KEYSET), store) {
        (Some(bytes), _) => Some(bytes.clone()),
        (None, Some(store)) => store.get(names::KEYSET)?,
        (None, None) => return Ok(None),
    };
    Ok(bytes.and_then(|bytes| KeySet::verify_and_parse(&bytes, roots).ok()))
}

/// Whether the pieces of a manifest will have records that count.
fn records(bundle: &Bundle, store: Option<&Store>, manifest: &Manifest, keys: &KeyDir) -> Result<Option<String>> {
    let counters: Vec<Option<u32>> = match manifest.records {
        Issue::Batch => vec![None],
        Issue::Item => (manifest.first..manifest.first + manifest.count).map(Some).collect(),
    };
    let (mut missing, mut strange, mut looked_for) = (Vec::new(), BTreeSet::new(), 0);
    for counter in &counters {
        let key = names::record(&manifest.batch, *counter);
        match bundle.records.get(&key) {
            Some((kid, _)) if !manifest.takes_records_of(kid) => drop(strange.insert(kid.clone())),
            Some((_, primary)) if *primary != manifest.primary => drop(strange.insert(primary.to_string())),
            Some(_) => {}
            None => {
                looked_for += 1;
                let there = match store {
                    Some(store) if looked_for <= LOOKED_FOR => store.get(&key)?.is_some(),
                    _ => false,
                };
                if !there {
                    missing.push(*counter);
                }
            }
        }
    }
    if !strange.is_empty() {
        let strange: Vec<String> = strange.into_iter().collect();
        return Ok(Some(format!(
            "its records by {} do not count (another key or product than the manifest names): shoppers see that the record is invalid",
            strange.join(", ")
        )));
    }
    // Without the store, what is there is not known: `unread` says so.
    let of = if store.is_none() { "among what is published now, " } else { "" };
    Ok(mend::no_record(keys, manifest, &missing, counters.len()).map(|(what, mend)| format!("{of}{what}. {mend}")))
}

/// Whether the running function has the key of these labels: it would say "invalid code" of every one.
fn label_key(manifest: &Manifest, edge: &Edge, keys: &KeyDir) -> Option<String> {
    let mac_keys = keys.mac_keys().ok()?;
    let code = Code::mint(&manifest.primary, manifest.mac_kid, manifest.first, &mac_keys).ok()?;
    match edge.look(&code.item()) {
        Ok(seen) if seen.outcome == "bad_code" => Some(format!(
            "{} was never given MAC key {}: shoppers see \"{}\" for every one of these labels. {}",
            edge.url(),
            manifest.mac_kid,
            seen.title,
            mend::give_keys(keys)
        )),
        Ok(_) => None,
        Err(error) => Some(format!("what shoppers see is not known: {error:#}; {}", command(keys, "doctor"))),
    }
}
