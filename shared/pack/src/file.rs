//! A whole pack in one file, as an operator's tools hand it on: a [`Map`] of its manifest and its sections.

use crate::{Malformed, Manifest, Map, MapWriter, sha256_hex};

const MANIFEST: &str = "manifest";
const SECTION: &str = "section/";

/// A pack, whole. Its sections are what its manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackFile {
    /// What it consists of.
    pub manifest: Manifest,
    /// The bytes of each section, in the manifest's order.
    pub sections: Vec<Vec<u8>>,
}

impl PackFile {
    /// Of sections; `None` if one has more than 4 GiB, or a name that it may not have.
    pub fn new(function: &str, format: u32, mut sections: Vec<(String, Vec<u8>)>) -> Option<PackFile> {
        sections.sort();
        let named = sections.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        let manifest = Manifest::of(function, format, named).filter(Manifest::is_sound)?;
        Some(PackFile { manifest, sections: sections.into_iter().map(|(_, bytes)| bytes).collect() })
    }

    /// The file's bytes; `None` if they are more than 4 GiB.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut map = MapWriter::new();
        map.text(MANIFEST, &self.manifest.text());
        for (entry, bytes) in self.manifest.sections.iter().zip(&self.sections) {
            map.bytes(format!("{SECTION}{}", entry.name), bytes.clone());
        }
        map.finish()
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Malformed`]: it is no pack, or a section is not what its manifest says.
    pub fn parse(bytes: &[u8]) -> Result<PackFile, Malformed> {
        let map = Map::open(bytes)?;
        map.check()?;
        let manifest = Manifest::parse(map.text(MANIFEST).ok_or(Malformed)?).map_err(|_| Malformed)?;
        if map.len() != manifest.sections.len().saturating_add(1) {
            return Err(Malformed);
        }
        let section = |entry: &crate::SectionEntry| {
            let bytes = map.get(&format!("{SECTION}{}", entry.name))?;
            (bytes.len() as u64 == u64::from(entry.bytes) && sha256_hex(bytes) == entry.sha256).then(|| bytes.to_vec())
        };
        let sections = manifest.sections.iter().map(section).collect::<Option<Vec<_>>>().ok_or(Malformed)?;
        Ok(PackFile { manifest, sections })
    }

    /// The bytes of a section.
    pub fn section(&self, name: &str) -> Option<&[u8]> {
        let mut both = self.manifest.sections.iter().zip(&self.sections);
        both.find(|(entry, _)| entry.name == name).map(|(_, bytes)| bytes.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_was_written_or_not_at_all() {
        let sections = vec![("words".to_owned(), b"w".to_vec()), ("figures".to_owned(), b"".to_vec())];
        let pack = PackFile::new("trace-verify", 1, sections).unwrap();
        let bytes = pack.to_bytes().unwrap();
        assert_eq!(PackFile::parse(&bytes), Ok(pack.clone()));
        assert_eq!((pack.section("words"), pack.section("tables")), (Some(&b"w"[..]), None));
        for place in 0..bytes.len() {
            let mut other = bytes.clone();
            other[place] ^= 1;
            assert_ne!(PackFile::parse(&other), Ok(pack.clone()), "byte {place}");
        }
        assert!(PackFile::new("trace-verify", 1, vec![("Words".to_owned(), Vec::new())]).is_none());
        assert!(PackFile::new("trace-verify", 1, Vec::new()).is_none());
    }
}
