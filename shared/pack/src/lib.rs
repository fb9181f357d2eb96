//! What the build scripts of functions share: a policy pack's digest, and what holds for its texts.
//!
//! A pack is a folder of figures, tables and texts that decisions are made by. Every answer names the digest of its
//! pack. In scope: what does not depend on what the figures mean. Out of scope: reading files, which build scripts do.

use std::collections::BTreeSet;

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

/// The digest of a pack's files, by path and content, in the order of the paths. A path is the one below the pack, with
/// `/` on every system: the digest must not depend on where it is built.
pub fn digest_of_files(mut files: Vec<(String, Vec<u8>)>) -> String {
    files.sort();
    digest(files.into_iter().flat_map(|(path, content)| [path.into_bytes(), content]))
}

/// The names in `{braces}` of a text. A text's two languages must have the same.
pub fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
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
    fn files_come_in_the_order_of_their_paths() {
        let file = |path: &str, content: &str| (path.to_owned(), content.as_bytes().to_vec());
        let files = vec![file("tables/c.csv", "3"), file("b.toml", "2"), file("a.toml", "1")];
        assert_eq!(digest_of_files(files), digest(["a.toml", "1", "b.toml", "2", "tables/c.csv", "3"]));
    }

    #[test]
    fn placeholders_are_named_once() {
        assert_eq!(placeholders("{a} of {b}, {a}, {open"), BTreeSet::from(["a", "b"]));
    }
}
