//! Finding the documents that speak of a label in folders, as the edge finds them in its store.

use std::path::{Path, PathBuf};

use anyhow::Result;
use shared::keyset::{KeySet, Roots};
use trace_verify::assess::{Documents, Lookup, Published};
use trace_verify::digital_link::{Link, PrimaryKey};
use trace_verify::manifest::Issue;
use trace_verify::serial::{Code, MacKeys};

use crate::out;
use crate::shelf::{Held, Shelf};

/// Which file stands for what.
#[derive(Default)]
pub struct Sources {
    pub manifest: Option<PathBuf>,
    pub record: Option<PathBuf>,
    pub statements: Vec<PathBuf>,
    /// How many signed documents there were to choose from; `None`: nobody looked.
    pub of: Option<usize>,
}

/// Fills in what nobody named. Without MAC keys the piece is not known, and only statements on its product are found.
pub fn search(
    folders: &[PathBuf],
    label: &str,
    roots: &Roots,
    mac_keys: Option<&MacKeys>,
    documents: &mut Documents,
) -> Result<Sources> {
    let Lookup::Found(keyset) = &documents.keyset else { return Ok(Sources::default()) };
    let Ok(set) = KeySet::verify_and_parse(keyset, roots) else { return Ok(Sources::default()) };
    let shelf = Shelf::read(folders, &set, out::now_ms())?;
    let of = shelf.manifests.len() + shelf.records.len() + shelf.chains.len() + shelf.heads.len() + shelf.alone.len();
    let mut sources = Sources { of: Some(of), ..Sources::default() };
    let Ok(link) = Link::parse(label) else { return Ok(sources) };
    let Ok(product) = PrimaryKey::new(link.ai(), link.primary_part()) else { return Ok(sources) };
    let code = mac_keys.and_then(|keys| Code::verify(&link, keys).ok());
    let issues = |held: &&Held<trace_verify::manifest::Manifest>| {
        let says = held.says.as_ref();
        says.zip(code.as_ref()).is_some_and(|(manifest, code)| manifest.contains(code))
    };
    let manifest = shelf.manifests.iter().filter(issues).find(|held| held.kid.is_ok());
    let manifest = manifest.or_else(|| shelf.manifests.iter().find(issues));
    if documents.manifest == Lookup::Unavailable
        && let Some(held) = manifest
    {
        documents.manifest = Lookup::Found(held.bytes.clone());
        sources.manifest = Some(held.path.clone());
    }
    let says = manifest.and_then(|held| held.says.as_ref()).zip(code.as_ref());
    if documents.record == Lookup::Unavailable
        && let Some((manifest, code)) = says
    {
        let counter = (manifest.records == Issue::Item).then(|| code.counter());
        if let Some(held) = shelf.record(manifest, counter) {
            documents.record = Lookup::Found(held.bytes.clone());
            sources.record = Some(held.path.clone());
        } else {
            // Looked for, and not there: that is an answer.
            documents.record = Lookup::Missing;
        }
    }
    if documents.issuers.is_empty() {
        statements(&shelf, &product, documents, &mut sources);
    }
    for (path, bytes, scope) in &shelf.alone {
        let of_batch = says.map(|(manifest, _)| format!("batch/{}", manifest.batch));
        let place = match scope {
            Some(scope) if *scope == format!("product/{product}") => &mut documents.product_status,
            Some(_) if *scope == of_batch => &mut documents.batch_status,
            _ => continue,
        };
        if *place == Lookup::Missing {
            *place = Lookup::Found(bytes.clone());
            sources.statements.push(path.clone());
        }
    }
    Ok(sources)
}

/// The longest chain of each issuer, with the newest of its heads.
fn statements(shelf: &Shelf, product: &PrimaryKey, documents: &mut Documents, sources: &mut Sources) {
    let mut chains: Vec<_> = shelf.chains.iter().filter(|chain| chain.product == *product).collect();
    chains.sort_by_key(|chain| (chain.issuer.clone(), std::cmp::Reverse(chain.bytes.len())));
    chains.dedup_by_key(|chain| chain.issuer.clone());
    for chain in chains {
        let of =
            |held: &&Held<trace_verify::head::Head>| held.says.as_ref().is_some_and(|head| head.issuer == chain.issuer);
        let newest = shelf.heads.iter().filter(of).max_by_key(|held| held.says.as_ref().map(|head| head.issued_at));
        let head = newest.map(|held| Lookup::Found(held.bytes.clone())).unwrap_or_default();
        documents.issuers.push(Published {
            issuer: chain.issuer.clone(),
            chain: Lookup::Found(chain.bytes.clone()),
            head,
        });
        sources.statements.push(chain.path.clone());
    }
}

/// A file for the operator's eyes.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}
