//! Lists of keys beside their secrets: whose they are, and which were withdrawn. One file a kind, in the order of their
//! making.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::keyset::Revocation;

use super::dir::KeyDir;
use crate::files::{self, Access};

/// A key in such a list, without its secret.
pub trait Listed: Serialize + DeserializeOwned {
    /// The list's file in the key directory.
    const FILE: &'static str;

    /// Its id.
    fn kid(&self) -> &str;

    /// Since when and why it is withdrawn, if it is.
    fn revoked(&mut self) -> &mut Option<Revocation>;
}

/// Where the list is.
pub fn path<K: Listed>(keys: &KeyDir) -> PathBuf {
    keys.file(K::FILE)
}

/// All that were made.
pub fn all<K: Listed>(keys: &KeyDir) -> Result<Vec<K>> {
    let path = path::<K>(keys);
    if path.exists() { files::read_json(&path) } else { Ok(Vec::new()) }
}

/// Takes up a key whose secret is there, if the list with it passes.
pub fn add<K: Listed>(keys: &KeyDir, key: K, check: impl Fn(&[K]) -> Result<()>) -> Result<()> {
    let mut all = all(keys)?;
    all.push(key);
    check(&all)?;
    files::replace_json(&path::<K>(keys), &all, Access::Public)
}

/// Withdraws a key: the next export leaves it out.
pub fn revoke<K: Listed>(keys: &KeyDir, kid: &str, revocation: Revocation) -> Result<()> {
    let mut all: Vec<K> = all(keys)?;
    let key = all.iter_mut().find(|key| key.kid() == kid);
    let key = key.with_context(|| format!("{kid}: {} names no such key", path::<K>(keys).display()))?;
    ensure!(key.revoked().is_none(), "{kid}: revoked already");
    *key.revoked() = Some(revocation);
    files::replace_json(&path::<K>(keys), &all, Access::Public)
}
