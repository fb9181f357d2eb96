//! Photos by folder: which belong to which record, by their names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::hex::hex;
use trace_verify::digital_link::PrimaryKey;
use trace_verify::serial::Code;

use crate::files;
use crate::keys::dir::KeyDir;
use crate::publish::sniff;

/// A folder of photos.
pub struct Photos {
    folder: PathBuf,
    /// By the name that they are found by: a folder's, or what a file's begins with; `""`: of a batch.
    by_name: BTreeMap<String, Vec<PathBuf>>,
    used: BTreeSet<String>,
    /// Records that found none.
    without: usize,
}

impl Photos {
    pub fn read(folder: &Path) -> Result<Photos> {
        let mut photos =
            Photos { folder: folder.to_owned(), by_name: BTreeMap::new(), used: BTreeSet::new(), without: 0 };
        for path in entries(folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                let inside = entries(&path)?.into_iter().filter(|path| is_image(path));
                photos.by_name.entry(name).or_default().extend(inside);
            } else if is_image(&path) {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let key = stem.split(['-', '_', ' ', '(']).next().unwrap_or_default().to_owned();
                photos.by_name.entry(key).or_default().push(path.clone());
                photos.by_name.entry(String::new()).or_default().push(path);
            }
        }
        ensure!(!photos.by_name.is_empty(), "--photos {}: no .jpg, .png or .webp in it", folder.display());
        Ok(photos)
    }

    /// Adds a record's photos to those that it names already.
    pub fn add(&mut self, record: &mut Value, (zh, en): (&str, &str), keys: &KeyDir) -> Result<()> {
        let names = match record.get("counter").and_then(Value::as_u64) {
            Some(counter) => vec![Some(counter.to_string()), serial(record, counter, keys)],
            None => vec![Some(String::new())],
        };
        let names: Vec<String> = names.into_iter().flatten().collect();
        let found: Vec<PathBuf> = names.iter().filter_map(|name| self.by_name.get(name)).flatten().cloned().collect();
        if found.is_empty() {
            self.without += 1;
            return Ok(());
        }
        self.used.extend(names);
        let Value::Object(members) = record else { return Ok(()) };
        let photos = members.entry("photos").or_insert_with(|| json!([]));
        let Value::Array(photos) = photos else { return Ok(()) };
        for path in found {
            let bytes = files::read(&path)?;
            let media = sniff(&bytes).with_context(|| format!("{}: is no JPEG, PNG or WebP", path.display()))?;
            let digest = hex(&Sha256::digest(&bytes));
            if photos.iter().any(|known| known["sha256"] == digest.as_str()) {
                continue;
            }
            let number = (photos.len() + 1).to_string();
            let alt = json!({"zh": zh.replace("{n}", &number), "en": en.replace("{n}", &number)});
            photos.push(json!({"sha256": digest, "type": media.name(), "alt": alt}));
        }
        Ok(())
    }

    /// Says what found no photo, and which photos found no record.
    pub fn tell(&self) {
        let folder = self.folder.display();
        if self.without > 0 {
            crate::out::note(format!("note: {} records found no photo in {folder}", self.without));
        }
        let batch = self.used.contains("");
        let unused = |name: &&String| !self.used.contains(*name) && !name.is_empty() && !batch;
        let unused: Vec<&str> = self.by_name.keys().filter(unused).map(String::as_str).take(10).collect();
        if !unused.is_empty() {
            crate::out::note(format!("note: {folder}: nobody's photos: {}", unused.join(", ")));
        }
    }
}

/// The serial of a piece, if its label key is here.
fn serial(record: &Value, counter: u64, keys: &KeyDir) -> Option<String> {
    let primary = PrimaryKey::parse(record.get("primary")?.as_str()?).ok()?;
    let taken = crate::mint::ledger::taken(keys).ok()?;
    let batch = record.get("batch")?.as_str()?;
    let kid = taken.iter().find(|taken| taken.batch == batch)?.mac_kid;
    let code = Code::mint(&primary, kid, u32::try_from(counter).ok()?, &keys.mac_keys().ok()?).ok()?;
    Some(code.serial().to_owned())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<PathBuf> = read.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

fn is_image(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ["png", "jpg", "jpeg", "webp"].contains(&extension.as_str())
}
