//! Policy packs: the rules that decisions are made by, as bytes that are read in place.
//!
//! A pack is a few named sections of bytes. Its [`Manifest`] names each section with its length and its SHA-256, and the
//! first half of the manifest's own SHA-256 is the **policy digest** that every answer names. So whoever knows a digest
//! can tell by itself whether a manifest, and then a section, is what was meant, whoever stored it.
//!
//! A section of figures, tables or words is a [`Map`]: sorted keys and their values, looked up without being unpacked.
//!
//! In scope: the bytes, their digests and reading them safely. Out of scope: what the keys of one function mean, who may
//! publish a pack (`formats::policy`), and how a folder of TOML and CSV becomes one (`pack-source`).

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "tests may fail by panicking"))]

mod file;
mod manifest;
mod map;

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

pub use file::PackFile;
pub use manifest::{Manifest, ManifestError, SectionEntry};
pub use map::{Malformed, Map, MapWriter};

/// A pack that is compiled into a function: its sections are constants, and their digests were taken at build time.
#[derive(Clone, Copy, Debug)]
pub struct Bundled {
    /// The policy digest: 32 lower-case hex digits.
    pub digest: &'static str,
    /// Sections by name, in the order of their names.
    pub sections: &'static [(&'static str, &'static [u8])],
}

impl Bundled {
    /// The bytes of a section.
    pub fn section(&self, name: &str) -> Option<&'static [u8]> {
        self.sections.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
    }
}

/// SHA-256, 64 lower-case hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        out.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')));
    }
    out
}

/// The names in `{braces}` of a text. A text's two languages must have the same.
pub fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_lower_case_hex() {
        // FIPS 180-4, SHA-256 of "abc".
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn placeholders_are_named_once() {
        assert_eq!(placeholders("{a} of {b}, {a}, {open"), BTreeSet::from(["a", "b"]));
    }
}
