//! Reading a pack's sections: from the key-value store, else from the function's own database, verified before use.

use std::fmt;
use std::sync::Arc;

use formats::policy::{manifest_key, section_key};
use futures_util::future::join_all;
use pack::{Manifest, SectionEntry};

use super::{Pack, Packs, Spec, store};
use crate::platform::{Kv, LargeError, Sql, StorageError};

/// Why a section cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SectionError {
    /// It lies nowhere.
    Missing(String),
    /// What lies there is not it: cut, torn, or another's.
    Corrupt(String),
    /// A store does not answer.
    Storage(StorageError),
}

impl SectionError {
    /// A stable name, in snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            SectionError::Missing(_) => "section_missing",
            SectionError::Corrupt(_) => "section_corrupt",
            SectionError::Storage(_) => "storage_unavailable",
        }
    }
}

impl fmt::Display for SectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SectionError::Missing(name) => write!(f, "the section {name} is not in the store"),
            SectionError::Corrupt(name) => write!(f, "what lies in place of the section {name} is not it"),
            SectionError::Storage(error) => error.fmt(f),
        }
    }
}

/// Reads those of a pack's sections that have not been read, all at once.
///
/// # Errors
/// [`StorageError`] of the first that neither store has.
pub(super) async fn sections(host: &(impl Kv + Sql), pack: &Pack, names: &[&str]) -> Result<(), StorageError> {
    // Nearly always.
    if pack.is_whole() {
        return Ok(());
    }
    let wanted = names.iter().filter_map(|name| pack.wants(name));
    for read in join_all(wanted.map(|entry| section(host, pack, entry))).await {
        read?;
    }
    Ok(())
}

/// Reads a section. Requests that want it at the same time all fetch it, for none waits for another; but what one of them
/// has verified meanwhile, the others need not.
async fn section(host: &(impl Kv + Sql), pack: &Pack, entry: &SectionEntry) -> Result<(), StorageError> {
    let published = match fetched(host, entry).await {
        Ok(bytes) if pack.wants(&entry.name).is_some() => verified(host, entry, bytes).await,
        Ok(_) => return Ok(()),
        Err(error) => Err(error),
    };
    let bytes = match published {
        Ok(bytes) => bytes,
        // The store withholds it or has torn it: what was adopted is kept here.
        Err(error) => kept(host, entry).await?.ok_or_else(|| StorageError::kv(error.to_string()))?,
    };
    pack.keep(&entry.name, bytes);
    Ok(())
}

/// A section from the key-value store.
///
/// # Errors
/// [`SectionError`].
pub(super) async fn published(host: &impl Kv, entry: &SectionEntry) -> Result<Vec<u8>, SectionError> {
    let bytes = fetched(host, entry).await?;
    verified(host, entry, bytes).await
}

async fn fetched(host: &impl Kv, entry: &SectionEntry) -> Result<Vec<u8>, SectionError> {
    let bytes = usize::try_from(entry.bytes).unwrap_or(usize::MAX);
    match host.get_unverified(&section_key(&entry.sha256), bytes).await {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(SectionError::Missing(entry.name.clone())),
        Err(LargeError::Chunks(_)) => Err(SectionError::Corrupt(entry.name.clone())),
        Err(LargeError::Storage(error)) => Err(SectionError::Storage(error)),
    }
}

async fn verified(host: &impl Kv, entry: &SectionEntry, bytes: Vec<u8>) -> Result<Vec<u8>, SectionError> {
    let is_it = host.sha256(&bytes).await == entry.sha256;
    if is_it { Ok(bytes) } else { Err(SectionError::Corrupt(entry.name.clone())) }
}

/// A section from the function's own database.
async fn kept(host: &(impl Kv + Sql), entry: &SectionEntry) -> Result<Option<Vec<u8>>, StorageError> {
    let length = usize::try_from(entry.bytes).unwrap_or(usize::MAX);
    let Some(bytes) = store::section(host, &entry.sha256, length).await? else { return Ok(None) };
    Ok(verified(host, entry, bytes).await.ok())
}

/// The pack of an old decision, by the policy digest that it names; `None` if no store has its manifest. Its sections
/// are read when they are asked for. A manifest proves itself: its digest is the one that was asked for.
///
/// # Errors
/// [`StorageError`] if a store that could have it does not answer.
pub(super) async fn of(
    host: &(impl Kv + Sql),
    packs: &Packs,
    function: &str,
    spec: &Spec,
    digest: &str,
) -> Result<Option<Arc<Pack>>, StorageError> {
    let digest = spec.former.iter().find(|(former, _)| *former == digest).map_or(digest, |(_, pack)| *pack);
    let bundled = packs.bundled(Some(spec));
    if bundled.digest() == digest {
        return Ok(Some(bundled));
    }
    if let Some(pack) = packs.at_hand(digest) {
        return Ok(Some(pack));
    }
    let is_digest = digest.len() == 32 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_digest {
        return Ok(None);
    }
    let proved = |text: &str| {
        let manifest = Manifest::parse(text).ok()?;
        (manifest.digest() == digest && manifest.function == function && manifest.format == spec.format)
            .then_some(manifest)
    };
    let kept = store::manifest(host, digest).await?;
    let manifest = match kept.as_deref().and_then(proved) {
        Some(manifest) => Some(manifest),
        None => {
            let published = host.get(&manifest_key(function, digest)).await?;
            published.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(proved)
        }
    };
    let Some(manifest) = manifest else { return Ok(None) };
    let pack = Arc::new(Pack::unread(&manifest));
    packs.keep(&pack);
    Ok(Some(pack))
}
