//! Collecting: signed documents and photos from files and folders, each checked as the edge will check it, under the names
//! that the edge looks for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use sha2::{Digest as _, Sha256};
use shared::dsse;
use shared::hex::hex;
use shared::keyset::KeySet;
use shared::policy_statement;
use trace_verify::chain::Chain;
use trace_verify::digital_link::PrimaryKey;
use trace_verify::head::Head;
use trace_verify::keys as names;
use trace_verify::manifest::Manifest;
use trace_verify::record::{MediaType, Record};
use trace_verify::status::{Scope, Status};

use super::older;
use crate::keys::dir::KeyDir;
use crate::mint::journal;
use crate::{document, files, out};

/// What goes into the store, by its key there.
#[derive(Default)]
pub struct Bundle {
    pub entries: BTreeMap<String, Vec<u8>>,
    /// Which file each entry came from.
    sources: BTreeMap<String, PathBuf>,
    /// The manifests among them.
    pub manifests: Vec<(PathBuf, Manifest)>,
    /// Of the records among them, by their key: who signed it, and the product.
    pub records: BTreeMap<String, (String, PrimaryKey)>,
    /// Which keys signed what is among them, each with one of its files.
    pub signers: BTreeMap<String, PathBuf>,
}

/// Photos larger than this slow the page down for everyone; the store takes 25 MiB.
const LARGE_PHOTO: usize = 1024 * 1024;

/// Reads, checks and names everything under these paths.
pub fn collect(paths: &[PathBuf], keys: &KeyDir, old_form: bool, now: i64) -> Result<Bundle> {
    let mut found = Found::default();
    for path in paths {
        if !path.exists() {
            bail!("{}: does not exist", path.display());
        }
        found.walk(path, true)?;
    }
    let mut bundle = Bundle::default();
    let (mut documents, mut chains) = (Vec::new(), Vec::new());
    let mut newest: Option<KeySet> = None;
    for path in &found.documents {
        let bytes = files::read(path)?;
        if let Some((issuer, product)) = document::chain(&bytes, path)? {
            chains.push((path, issuer, product, bytes));
            continue;
        }
        let kind = document::kind(&bytes, path)?;
        if kind == dsse::KEYSET {
            let set =
                KeySet::verify_and_parse(&bytes, &keys.roots()?).map_err(|e| anyhow!("{}: {e}", path.display()))?;
            bundle.add(names::KEYSET.to_owned(), bytes, path)?;
            newest = Some(set);
        } else {
            documents.push((path, kind, bytes));
        }
    }
    // A key set that goes out with the documents is the one that they will be judged by.
    let set = match newest {
        Some(set) => set,
        None if documents.is_empty() && chains.is_empty() && found.packs.is_empty() => {
            bail!("no signed document under the given paths")
        }
        None => keys.keyset()?,
    };
    for (path, issuer, product, bytes) in chains {
        let chain = Chain::read(&bytes, &issuer, &product, &set, now);
        if let Some(problem) = chain.problem {
            bail!("{}: {problem}", path.display());
        }
        bundle.add(names::statements(&issuer, &product), bytes, path)?;
    }
    let mut photos = BTreeMap::new();
    for (path, kind, bytes) in documents {
        let at = || path.display().to_string();
        match kind.as_str() {
            dsse::MANIFEST => {
                let opened = document::opened::<Manifest>(&bytes, &set, now).with_context(at)?;
                bundle.signers.insert(opened.kid, path.clone());
                let manifest = opened.payload;
                for key in manifest.blocks() {
                    bundle.add(key, bytes.clone(), path)?;
                }
                bundle.manifests.push((path.clone(), manifest));
            }
            dsse::RECORD => {
                let opened = document::opened::<Record>(&bytes, &set, now).with_context(at)?;
                let record = opened.payload;
                let key = names::record(&record.batch, record.counter);
                bundle.records.insert(key, (opened.kid.clone(), record.primary.clone()));
                bundle.signers.insert(opened.kid, path.clone());
                photos.extend(record.photos.iter().map(|photo| (photo.sha256.clone(), (photo.media_type, path))));
                bundle.add(names::record(&record.batch, record.counter), bytes, path)?;
            }
            dsse::STATUS => {
                let status = document::opened::<Status>(&bytes, &set, now).with_context(at)?.payload;
                ensure!(
                    old_form,
                    "{}: a statement that stands alone replaces whatever one is stored for {}: state it anew with `status`, \
                     which adds to what was stated before; or --old-form",
                    path.display(),
                    status.scope
                );
                let key = match &status.scope {
                    Scope::Batch(batch) => names::batch_status(batch),
                    Scope::Product(primary) => names::product_status(primary),
                };
                bundle.add(key, bytes, path)?;
            }
            dsse::HEAD => {
                let head = document::opened::<Head>(&bytes, &set, now).with_context(at)?.payload;
                ensure!(!head.is_over(now), "{}: this head has ended: `status refresh`", path.display());
                bundle.add(names::head(&head.issuer), bytes, path)?;
            }
            dsse::POLICY => {
                let signers = |function: &str| crate::policy::kind(function).map_or(1, |kind| kind.signers);
                let named = policy_statement::peek(&bytes).with_context(at)?;
                let opened = policy_statement::open(&bytes, &set, signers(&named.function), now);
                let statement = opened.map_err(|error| anyhow!("{}: {error}", path.display()))?.statement;
                statement.adoptable(set.policy_epoch(), now).map_err(|error| anyhow!("{}: {error}", path.display()))?;
                bundle.add(policy_statement::statement_key(&statement.function, statement.role), bytes, path)?;
            }
            other => bail!("{}: no document of ours: {other}", path.display()),
        }
    }
    for path in &found.packs {
        let pack = crate::policy::read_pack(path)?;
        let digest = pack.manifest.digest();
        bundle.add(
            policy_statement::manifest_key(&pack.manifest.function, &digest),
            pack.manifest.text().into(),
            path,
        )?;
        for (entry, section) in pack.manifest.sections.iter().zip(pack.sections) {
            bundle.add(policy_statement::section_key(&entry.sha256), section, path)?;
        }
    }
    bundle.photos(&found.images, &photos)?;
    older::than_here(&bundle.entries, keys, now)?;
    Ok(bundle)
}

impl Bundle {
    /// Whose store it is for: the one function whose packs or statements are in it, else the one that labels are for.
    pub fn function(&self) -> Result<&str> {
        let mut functions: Vec<&str> =
            self.entries.keys().filter_map(|key| Some(key.strip_prefix("policy/")?.split_once('/')?.0)).collect();
        functions.retain(|name| *name != "sections");
        functions.dedup();
        match functions.as_slice() {
            [] => Ok(trace_verify::NAME),
            [one] => Ok(one),
            many => {
                bail!("policies of {}: each function has a store of its own; publish one's at a time", many.join(", "))
            }
        }
    }
}

/// Files that may be of interest, sorted, so that complaints do not depend on the file system.
#[derive(Default)]
struct Found {
    documents: BTreeSet<PathBuf>,
    images: BTreeSet<PathBuf>,
    packs: BTreeSet<PathBuf>,
}

impl Found {
    /// `named`: the operator named this very path, so it must be something.
    fn walk(&mut self, path: &Path, named: bool) -> Result<()> {
        if path.is_dir() {
            // The pictures of a mint job are for the printer.
            let minted = path.join(journal::FILE).exists();
            for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
                let entry = entry?;
                let printed = minted && (entry.file_name() == "png" || entry.file_name() == "svg");
                if !printed {
                    self.walk(&entry.path(), false)?;
                }
            }
            return Ok(());
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        if name.ends_with(".dsse.json") || (named && extension == "json") {
            self.documents.insert(path.to_owned());
        } else if extension == "pack" {
            self.packs.insert(path.to_owned());
        } else if ["png", "jpg", "jpeg", "webp"].contains(&extension.as_str()) {
            self.images.insert(path.to_owned());
        } else if named {
            bail!("{}: neither a signed document (.json) nor an image (.png, .jpg, .webp)", path.display());
        }
        Ok(())
    }
}

impl Bundle {
    fn add(&mut self, key: String, bytes: Vec<u8>, path: &Path) -> Result<()> {
        if let Some(other) = self.sources.get(&key)
            && self.entries.get(&key) != Some(&bytes)
        {
            bail!("{} and {} are both for {key}; name only the one that counts", other.display(), path.display());
        }
        self.sources.insert(key.clone(), path.to_owned());
        self.entries.insert(key, bytes);
        Ok(())
    }

    /// Takes the images that a record names, and says which ones it misses.
    fn photos(&mut self, images: &BTreeSet<PathBuf>, wanted: &BTreeMap<String, (MediaType, &PathBuf)>) -> Result<()> {
        for path in images {
            let bytes = files::read(path)?;
            let digest = hex(&Sha256::digest(&bytes));
            let Some((media_type, record)) = wanted.get(&digest) else { continue };
            if sniff(&bytes) != Some(*media_type) {
                bail!("{}: {} calls it {}, which it is not", path.display(), record.display(), media_type.name());
            }
            if bytes.len() > LARGE_PHOTO {
                out::note(format!("warning: {}: {} KiB is a lot for a phone", path.display(), bytes.len() / 1024));
            }
            self.add(names::photo(&digest), bytes, path)?;
        }
        for (digest, (_, record)) in wanted {
            if !self.entries.contains_key(&names::photo(digest)) {
                out::note(format!("warning: {}: photo {digest} is not among the files", record.display()));
            }
        }
        Ok(())
    }
}

/// The media type by the first bytes.
pub fn sniff(bytes: &[u8]) -> Option<MediaType> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(MediaType::Png),
        [0xFF, 0xD8, 0xFF, ..] => Some(MediaType::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(MediaType::Webp),
        _ => None,
    }
}
