//! What a check has to go by, from files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use shared::dsse::Envelope;
use shared::keyset::{KeySet, Roots};
use trace_verify::assess::{Documents, Lookup, Published};
use trace_verify::digital_link::{Link, PrimaryKey};
use trace_verify::serial::MacKeys;

use super::Command;
use super::search::{Sources, search};
use crate::keys::dir::{KeyDir, Kind, read_keyset};
use crate::{document, files};

pub struct Inputs {
    pub documents: Documents,
    pub roots: Roots,
    /// Absent: the tag cannot be checked.
    pub mac_keys: Option<MacKeys>,
    /// The ids of those keys.
    pub mac_kids: Vec<u8>,
    /// Which files were found.
    pub sources: Sources,
    pub has_manifest: bool,
    pub has_record: bool,
    pub has_status: bool,
}

impl Inputs {
    pub fn read(command: &Command, keys: &KeyDir) -> Result<Inputs> {
        let (roots, mac_keys) = believed(command, keys)?;
        let keyset = command.keyset.clone().unwrap_or_else(|| keys.keyset_path());
        let mut documents = Documents {
            keyset: Lookup::Found(files::read(&keyset)?),
            manifest: found(command.manifest.as_deref())?,
            record: found(command.record.as_deref())?,
            ..Documents::default()
        };
        let mut chains = Vec::new();
        for path in &command.status {
            let bytes = files::read(path)?;
            if let Some((issuer, product)) = document::chain(&bytes, path)? {
                chains.push((issuer, product, bytes));
                continue;
            }
            // Only to know where the edge would have found it; the assessment opens it properly.
            let of_product =
                Envelope::parse(&bytes).ok().and_then(|envelope| envelope.json().ok()).is_some_and(|status| {
                    status
                        .get("scope")
                        .and_then(|scope| scope.as_str())
                        .is_some_and(|scope| scope.starts_with("product/"))
                });
            let place = if of_product { &mut documents.product_status } else { &mut documents.batch_status };
            if *place != Lookup::Missing {
                anyhow::bail!("{}: the second --status of its kind; the store holds one", path.display());
            }
            *place = Lookup::Found(bytes);
        }
        for (issuer, product, bytes) in chains {
            let of_label = Link::parse(command.url.as_deref().unwrap_or_default()).is_ok_and(|link| {
                PrimaryKey::new(link.ai(), link.primary_part()).is_ok_and(|primary| primary == product)
            });
            anyhow::ensure!(of_label, "a chain of {issuer} on {product}, which is not what the label names");
            if documents.issuers.iter().any(|known| known.issuer == issuer) {
                anyhow::bail!("the second chain of {issuer}; the store holds one");
            }
            let head = command.head.iter().find_map(|path| {
                let bytes = files::read(path).ok()?;
                let of = Envelope::parse(&bytes).ok()?.json().ok()?.get("issuer")?.as_str() == Some(&*issuer);
                of.then_some(Lookup::Found(bytes))
            });
            let (chain, head) = (Lookup::Found(bytes), head.unwrap_or_default());
            documents.issuers.push(Published { issuer, chain, head });
        }
        let named = command.manifest.is_some() || command.record.is_some() || !command.status.is_empty();
        let sources = if named && command.folders.is_empty() {
            Sources::default()
        } else {
            let here = [PathBuf::from(".")];
            let folders = if command.folders.is_empty() { &here[..] } else { &command.folders };
            let label = command.url.as_deref().unwrap_or_default();
            search(folders, label, &roots, mac_keys.as_ref(), &mut documents)?
        };
        let found = |lookup: &Lookup| matches!(lookup, Lookup::Found(_));
        Ok(Inputs {
            has_manifest: found(&documents.manifest),
            has_record: documents.record != Lookup::Unavailable,
            has_status: !documents.issuers.is_empty()
                || found(&documents.batch_status)
                || found(&documents.product_status),
            mac_kids: mac_keys.iter().flat_map(MacKeys::kids).collect(),
            sources,
            documents,
            roots,
            mac_keys,
        })
    }
}

/// The roots, and the MAC keys if there are any: of --env or of the key directory.
fn believed(command: &Command, keys: &KeyDir) -> Result<(Roots, Option<MacKeys>)> {
    match &command.env {
        Some(path) => configured(path),
        None => Ok((keys.roots()?, if keys.kids(Kind::Mac)?.is_empty() { None } else { Some(keys.mac_keys()?) })),
    }
}

/// The key set, under the roots that are believed.
pub fn keyset(command: &Command, keys: &KeyDir) -> Result<KeySet> {
    let (roots, _) = believed(command, keys)?;
    read_keyset(&command.keyset.clone().unwrap_or_else(|| keys.keyset_path()), &roots)
}

/// A file that was not named is not one that does not exist.
fn found(path: Option<&Path>) -> Result<Lookup> {
    path.map_or(Ok(Lookup::Unavailable), |path| files::read(path).map(Lookup::Found))
}

/// Reads `NAME="value"` lines, of either host's form.
fn configured(path: &Path) -> Result<(Roots, Option<MacKeys>)> {
    let name = path.display();
    let text = String::from_utf8(files::read(path)?).map_err(|_| anyhow!("{name}: not UTF-8"))?;
    let value = |wanted: &str| {
        text.lines().filter_map(|line| line.split_once('=')).find_map(|(key, value)| {
            key.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches(['"', '\'']))
        })
    };
    let roots = value("TRACE_ROOT_KEY").with_context(|| format!("{name}: no TRACE_ROOT_KEY"))?;
    let roots = Roots::parse(roots).map_err(|e| anyhow!("{name}: TRACE_ROOT_KEY: {e}"))?;
    let mac_keys = value("TRACE_MAC_KEYS").map(MacKeys::parse).transpose();
    Ok((roots, mac_keys.map_err(|e| anyhow!("{name}: TRACE_MAC_KEYS: {e}"))?))
}
