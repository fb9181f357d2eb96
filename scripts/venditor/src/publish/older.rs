//! What must never go back: a key set, a chain of statements, a head. An older one in the store would bring back revoked
//! keys, or lose a recall.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use shared::dsse::Envelope;
use shared::keyset::{KeySet, Roots};
use trace_verify::head::Head;
use trace_verify::keys as names;

use super::store::Store;
use crate::files;
use crate::keys::dir::KeyDir;
use crate::status::book;

/// Refuses what is older than what this key directory knows of.
pub fn than_here(entries: &BTreeMap<String, Vec<u8>>, keys: &KeyDir, now: i64) -> Result<()> {
    let roots = keys.roots()?;
    if let Some(new) = entries.get(names::KEYSET)
        && keys.keyset_path().exists()
    {
        than(names::KEYSET, &files::read(&keys.keyset_path())?, new, &roots)?;
    }
    if !keys.keyset_path().exists() || !entries.keys().any(|key| key.starts_with("statements/")) {
        return Ok(());
    }
    for book in book::all(keys, now)? {
        let key = names::statements(&book.issuer, &book.product);
        if let Some(new) = entries.get(&key) {
            than(&key, &book.bytes(), new, &roots)?;
        }
    }
    Ok(())
}

/// Whether something older must never take the place of what is stored under a key.
pub fn is_versioned(key: &str) -> bool {
    key == names::KEYSET || key.starts_with("statements/") || key.starts_with("head/")
}

/// Refuses what is older than what the store has.
pub fn than_there(entries: &BTreeMap<String, Vec<u8>>, store: &Store, roots: &Roots) -> Result<()> {
    for (key, new) in entries.iter().filter(|(key, _)| is_versioned(key)) {
        let there = store
            .get(key)
            .context("nothing was published; --unread publishes without reading the store, where it cannot be read")?;
        if let Some(there) = there {
            than(key, &there, new, roots)?;
        }
    }
    Ok(())
}

/// Refuses a value that is older than the one that is there, or contradicts it.
pub fn than(key: &str, there: &[u8], new: &[u8], roots: &Roots) -> Result<()> {
    if key == names::KEYSET {
        // What does not verify is worth nothing, and may be replaced.
        let (Ok(there), Ok(new)) = (KeySet::verify_and_parse(there, roots), KeySet::verify_and_parse(new, roots))
        else {
            return Ok(());
        };
        ensure!(
            new.version() >= there.version(),
            "keyset: edition {} is older than {}, which is known already: revoked keys would come back",
            new.version(),
            there.version()
        );
        ensure!(
            new.version() > there.version() || new.document() == there.document(),
            "keyset: another edition {} is known already; an edition is made once",
            new.version()
        );
    } else if key.starts_with("statements/") {
        let (there, new) = (digests(there), digests(new));
        if !new.starts_with(&there) {
            bail!(
                "{key}: {} statements are known, and these {} do not go on from them: a recall would be lost",
                there.len(),
                new.len()
            );
        }
    } else if key.starts_with("head/")
        && let (Some(there), Some(new)) = (issued(there), issued(new))
    {
        ensure!(new >= there, "{key}: a newer head is there");
    }
    Ok(())
}

/// The names of a chain's statements, in order.
fn digests(chain: &[u8]) -> Vec<String> {
    let envelopes: Vec<Value> = serde_json::from_slice(chain).unwrap_or_default();
    envelopes.into_iter().filter_map(|value| Some(Envelope::from_value(value).ok()?.digest())).collect()
}

fn issued(head: &[u8]) -> Option<i64> {
    let head: Head = serde_json::from_value(Envelope::parse(head).ok()?.json().ok()?).ok()?;
    Some(head.issued_at)
}
