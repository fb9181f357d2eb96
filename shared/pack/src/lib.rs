//! What the build scripts of functions share: a policy pack's digest, and what holds for its texts.
//!
//! A pack is a folder of figures, tables and texts that decisions are made by. Every answer names the digest of its
//! pack. In scope: what does not depend on what the figures mean. It runs at build time, so errors are texts.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail by panicking"))]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The digest of a pack: the first half of the SHA-256 over its parts, each with its length before it (8 bytes, the
/// greatest first), so that no two sequences of parts run into one another. 32 lower-case hex digits.
pub fn digest<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let half = hash.finalize().first_chunk::<16>().map_or(0, |half| u128::from_be_bytes(*half));
    format!("{half:032x}")
}

/// Every file of a folder and of the folders in it: the path below it, with `/` on every system, and the content; in the
/// order of the paths.
///
/// # Errors
/// The path that could not be read, and why.
pub fn files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    let mut files = Vec::new();
    for path in paths {
        let content = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        files.push((name(folder, &path)?, content));
    }
    files.sort();
    Ok(files)
}

/// The digest of all files of a folder, by name and content.
///
/// # Errors
/// As [`files`].
pub fn digest_of_folder(folder: &Path) -> Result<String, String> {
    let parts = files(folder)?.into_iter().flat_map(|(name, content)| [name.into_bytes(), content]);
    Ok(digest(parts))
}

/// The names in `{braces}` of a text. A text's two languages must have the same.
pub fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    let at = |e: std::io::Error| format!("{}: {e}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(at)? {
        let path = entry.map_err(at)?.path();
        if path.is_dir() { collect(&path, paths)? } else { paths.push(path) }
    }
    Ok(())
}

fn name(folder: &Path, path: &Path) -> Result<String, String> {
    let below = path.strip_prefix(folder).map_err(|_| format!("{}: not in the pack", path.display()))?;
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    Ok(parts.ok_or_else(|| format!("{}: names are UTF-8", path.display()))?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_keeps_its_parts_apart() {
        // SHA-256 of nothing, halved.
        assert_eq!(digest::<&str>([]), "e3b0c44298fc1c149afbf4c8996fb924");
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
        assert_ne!(digest(["a"]), digest(["a", ""]));
        assert_ne!(digest(["a", "b"]), digest(["b", "a"]));
    }

    #[test]
    fn a_folder_is_read_in_the_order_of_its_paths() {
        let root = std::env::temp_dir().join(format!("pack-{}", std::process::id()));
        std::fs::create_dir_all(root.join("tables")).unwrap();
        for (name, content) in [("b.toml", "2"), ("a.toml", "1"), ("tables/c.csv", "3")] {
            std::fs::write(root.join(name), content).unwrap();
        }
        let read = files(&root);
        let digest_read = digest_of_folder(&root);
        std::fs::remove_dir_all(&root).unwrap();
        let wanted = [("a.toml", "1"), ("b.toml", "2"), ("tables/c.csv", "3")];
        assert_eq!(read.unwrap(), wanted.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec())));
        assert_eq!(digest_read.unwrap(), digest(["a.toml", "1", "b.toml", "2", "tables/c.csv", "3"]));
        assert!(files(&root).is_err());
    }

    #[test]
    fn placeholders_are_named_once() {
        assert_eq!(placeholders("{a} of {b}, {a}, {open"), BTreeSet::from(["a", "b"]));
    }
}
