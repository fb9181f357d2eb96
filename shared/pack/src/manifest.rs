//! The manifest of a pack: its sections with their lengths and digests, in one spelling.
//!
//! ```text
//! venditor-policy <format> <function>\n
//! <section> <bytes> <SHA-256, 64 lower-case hex digits>\n      for each section, in the order of their names
//! ```

use std::fmt;

use crate::sha256_hex;

const MAGIC: &str = "venditor-policy";

/// Most sections of a pack.
pub const MAX_SECTIONS: usize = 64;

/// What a pack consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The function whose rules these are.
    pub function: String,
    /// How its sections are to be read: a number that the function counts up when their meaning changes.
    pub format: u32,
    /// The sections, in the order of their names.
    pub sections: Vec<SectionEntry>,
}

/// One section, as its manifest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionEntry {
    /// Its name: lower-case letters, digits, `_` and `-`.
    pub name: String,
    /// Its length, in bytes.
    pub bytes: u32,
    /// Its SHA-256, 64 lower-case hex digits.
    pub sha256: String,
}

/// Why a manifest cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestError;

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the manifest of a policy pack")
    }
}

impl std::error::Error for ManifestError {}

impl Manifest {
    /// The manifest of sections; `None` if one has more than 4 GiB.
    pub fn of<N: AsRef<str>, B: AsRef<[u8]>>(
        function: &str,
        format: u32,
        sections: impl IntoIterator<Item = (N, B)>,
    ) -> Option<Manifest> {
        let entry = |(name, bytes): (N, B)| {
            let (name, bytes) = (name.as_ref(), bytes.as_ref());
            Some(SectionEntry {
                name: name.to_owned(),
                bytes: u32::try_from(bytes.len()).ok()?,
                sha256: sha256_hex(bytes),
            })
        };
        let mut sections = sections.into_iter().map(entry).collect::<Option<Vec<_>>>()?;
        sections.sort_by(|a, b| a.name.cmp(&b.name));
        Some(Manifest { function: function.to_owned(), format, sections })
    }

    /// Its text.
    pub fn text(&self) -> String {
        let mut text = format!("{MAGIC} {} {}\n", self.format, self.function);
        for SectionEntry { name, bytes, sha256 } in &self.sections {
            text.push_str(&format!("{name} {bytes} {sha256}\n"));
        }
        text
    }

    /// Reads its text.
    ///
    /// # Errors
    /// [`ManifestError`]: there is one spelling, and this is another.
    pub fn parse(text: &str) -> Result<Manifest, ManifestError> {
        let read = || {
            let mut lines = text.lines();
            let mut head = lines.next()?.strip_prefix(MAGIC)?.strip_prefix(' ')?.splitn(2, ' ');
            let format = head.next()?.parse().ok()?;
            let function = head.next()?.to_owned();
            let entry = |line: &str| {
                let mut words = line.split(' ');
                let (name, bytes, sha256) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
                Some(SectionEntry { name: name.to_owned(), bytes, sha256: sha256.to_owned() })
            };
            let sections = lines.map(entry).collect::<Option<Vec<_>>>()?;
            Some(Manifest { function, format, sections })
        };
        read().filter(|manifest| manifest.is_sound() && manifest.text() == text).ok_or(ManifestError)
    }

    /// Whether its names, digests and order are those that a manifest may have.
    pub fn is_sound(&self) -> bool {
        let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_name(&self.function)
            && (1..=MAX_SECTIONS).contains(&self.sections.len())
            && self.sections.iter().all(|section| is_name(&section.name) && is_digest(&section.sha256))
            && self.sections.is_sorted_by(|a, b| a.name < b.name)
    }

    /// The policy digest: the first half of the SHA-256 of its text, 32 lower-case hex digits.
    pub fn digest(&self) -> String {
        let mut digest = sha256_hex(self.text().as_bytes());
        digest.truncate(32);
        digest
    }

    /// Bytes of all sections.
    pub fn bytes(&self) -> u64 {
        self.sections.iter().fold(0, |sum, section| sum.saturating_add(section.bytes.into()))
    }

    /// A section by its name.
    pub fn section(&self, name: &str) -> Option<&SectionEntry> {
        self.sections.iter().find(|section| section.name == name)
    }
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Manifest {
        Manifest::of("instant-refund", 1, [("words", "w"), ("figures", "ff")]).unwrap()
    }

    #[test]
    fn one_spelling_and_one_digest() {
        let manifest = sample();
        let text = manifest.text();
        assert!(text.starts_with("venditor-policy 1 instant-refund\nfigures 2 "), "{text}");
        assert_eq!(Manifest::parse(&text), Ok(manifest.clone()));
        assert_eq!((manifest.digest().len(), manifest.bytes()), (32, 3));
        let zeros = "0".repeat(64);
        for bad in [
            text.replace("words 1", "words 01"),
            text.replace("policy 1 ", "policy +1 "),
            text.replace('\n', "\r\n"),
            text.replace("figures", "Figures"),
            text.replace("words", "figures"),
            format!("{text}\n"),
            text.trim_end().to_owned(),
            format!("{text}aaa 1 {zeros}\n"),
            format!("{text}x 1 {zeros} y\n"),
            "venditor-policy 1 instant-refund\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(Manifest::parse(&bad), Err(ManifestError), "{bad:?}");
        }
    }

    #[test]
    fn every_part_counts() {
        let of = |function, format, sections: [(&str, &str); 1]| Manifest::of(function, format, sections).unwrap();
        let base = of("f", 1, [("a", "x")]).digest();
        for other in
            [of("g", 1, [("a", "x")]), of("f", 2, [("a", "x")]), of("f", 1, [("b", "x")]), of("f", 1, [("a", "y")])]
        {
            assert_ne!(other.digest(), base);
        }
    }
}
