//! Key sets that are adopted: like a statement's, a key set's version only grows, and the function's own database knows
//! the highest.

use std::sync::Arc;

use formats::keyset::{KeySet, KeySetError, Roots};
use pack::sha256_hex;

use super::event::Happening;
use super::store::{self, Adopted, Candidate};
use super::{Packs, Trust};
use crate::platform::{Clock, Events, Sql, StorageError};

/// The row's name.
pub(super) const NAME: &str = "keyset";

/// A key set that this instance has adopted.
#[derive(Debug)]
pub struct AdoptedSet {
    /// The set.
    pub set: KeySet,
    /// The envelope that it came in.
    envelope: Vec<u8>,
}

/// Why there is no key set to judge by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoKeySet {
    /// What lies there is none of ours, and none was adopted before.
    Refused(KeySetError),
    /// The store, or the database that knows the highest version, does not answer.
    Unavailable,
    /// Nothing lies there, and none was adopted before.
    Missing,
    /// A newer build wrote the database; it is left alone.
    Newer(StorageError),
}

/// The key set to judge by, given what the key-value store has: that one, if it is the one adopted or newer than it; else
/// the one that was adopted. A set that is new to this instance is compared and set in the database. `rows`: what the
/// database has adopted, if it was read just now.
///
/// # Errors
/// [`NoKeySet`]: there is none to judge by.
pub(super) async fn adopt(
    host: &(impl Sql + Clock + Events),
    function: &'static str,
    trust: &Trust,
    packs: &Packs,
    found: Result<Option<&[u8]>, ()>,
    rows: Option<&[Adopted]>,
) -> Result<Arc<AdoptedSet>, NoKeySet> {
    let known = packs.keyset();
    let tell = |happening| packs.tell(host, function, happening);
    let envelope = match (found, &known) {
        (Ok(Some(bytes)), Some(known)) if known.envelope == bytes => return Ok(Arc::clone(known)),
        (Ok(Some(bytes)), _) => bytes,
        (Ok(None) | Err(()), Some(known)) => return Ok(Arc::clone(known)),
        (Ok(None), None) => return last(host, trust, packs, rows).await.ok_or(NoKeySet::Missing),
        (Err(()), None) => return last(host, trust, packs, rows).await.ok_or(NoKeySet::Unavailable),
    };
    let set = match KeySet::verify_and_parse(envelope, &trust.roots) {
        Ok(set) => set,
        Err(error) => {
            tell(Happening::new("refused", error.code(), NAME).because(&error)).await;
            let last = match known {
                Some(known) => Some(known),
                None => last(host, trust, packs, rows).await,
            };
            return last.ok_or(NoKeySet::Refused(error));
        }
    };
    // By what it says, not by how its envelope is written.
    let digest = sha256_hex(&serde_json::to_vec(set.document()).unwrap_or_default());
    if let Some(known) = &known
        && set.version() <= known.set.version()
    {
        if set != known.set {
            let code = if set.version() == known.set.version() { "conflict" } else { "older" };
            let why = format!("version {} was adopted before", known.set.version());
            tell(Happening::new("refused", code, NAME).about(&digest, (0, set.version())).because(why)).await;
        }
        return Ok(Arc::clone(known));
    }
    let Ok(body) = std::str::from_utf8(envelope) else { return known.ok_or(NoKeySet::Unavailable) };
    let rank = (0, set.version());
    let row = match compare_and_set(host, &Candidate { name: NAME, rank, digest: &digest, body }, rows).await {
        Ok((row, changed)) => {
            if changed {
                tell(Happening::new("adopted", "", NAME).about(&digest, rank)).await;
            }
            row
        }
        Err(error) => {
            tell(Happening::new("unavailable", "storage_unavailable", NAME).about(&digest, rank).because(&error)).await;
            let none = if error.is_newer() { NoKeySet::Newer(error) } else { NoKeySet::Unavailable };
            return known.ok_or(none);
        }
    };
    if (row.rank, row.digest.as_str()) != (rank, digest.as_str()) {
        let code = if row.rank == rank { "conflict" } else { "older" };
        let why = format!("version {} was adopted before", row.rank.1);
        tell(Happening::new("refused", code, NAME).about(&digest, rank).because(why)).await;
        return of_row(&row, &trust.roots, packs).or(known).ok_or(NoKeySet::Unavailable);
    }
    let adopted = Arc::new(AdoptedSet { set, envelope: envelope.to_vec() });
    packs.put_keyset(Arc::clone(&adopted));
    Ok(adopted)
}

/// Adopts a set that is newer than the row; the row as it is then, and whether it is another than before. An instance
/// that only learns what others have adopted writes nothing.
async fn compare_and_set(
    host: &(impl Sql + Clock),
    candidate: &Candidate<'_>,
    rows: Option<&[Adopted]>,
) -> Result<(Adopted, bool), StorageError> {
    match row(host, rows).await?.filter(|row| row.rank >= candidate.rank) {
        Some(row) => Ok((row, false)),
        None => store::adopt(host, candidate, host.now_ms()).await.map(|row| (row, true)),
    }
}

/// The set that the database has, when the key-value store has none.
async fn last(host: &impl Sql, trust: &Trust, packs: &Packs, rows: Option<&[Adopted]>) -> Option<Arc<AdoptedSet>> {
    of_row(&row(host, rows).await.ok()??, &trust.roots, packs)
}

/// The key set's row, of those that were read, or read now.
async fn row(host: &impl Sql, rows: Option<&[Adopted]>) -> Result<Option<Adopted>, StorageError> {
    let its = |row: &&Adopted| row.name == NAME;
    Ok(match rows {
        Some(rows) => rows.iter().find(its).cloned(),
        None => store::adopted(host).await?.iter().find(its).cloned(),
    })
}

fn of_row(row: &Adopted, roots: &Roots, packs: &Packs) -> Option<Arc<AdoptedSet>> {
    let set = KeySet::verify_and_parse(row.body.as_bytes(), roots).ok()?;
    let adopted = Arc::new(AdoptedSet { set, envelope: row.body.clone().into_bytes() });
    packs.put_keyset(Arc::clone(&adopted));
    Some(adopted)
}
