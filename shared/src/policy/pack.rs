//! A pack at hand: its digest, and those of its sections that have been read.

use std::any::Any;
use std::borrow::Cow;
use std::sync::OnceLock;

use pack::{Bundled, Manifest, Map, PackFile, SectionEntry};

/// A pack. Sections are read at first use; whoever asks a section that has not been read finds an empty map.
#[derive(Debug)]
pub struct Pack {
    digest: Cow<'static, str>,
    sections: Vec<Section>,
    /// What the function has made of it, once.
    made: OnceLock<Box<dyn Any + Send + Sync>>,
}

#[derive(Debug)]
struct Section {
    name: Cow<'static, str>,
    /// What to read, and what it must be; `None` of a bundled one, which is here.
    entry: Option<SectionEntry>,
    bytes: OnceLock<Cow<'static, [u8]>>,
}

impl Pack {
    /// The pack that is compiled in. Nothing is read, copied or hashed.
    pub fn bundled(bundled: &Bundled) -> Pack {
        let section = |(name, bytes): &(&'static str, &'static [u8])| Section {
            name: Cow::Borrowed(*name),
            entry: None,
            bytes: OnceLock::from(Cow::Borrowed(*bytes)),
        };
        let sections = bundled.sections.iter().map(section).collect();
        Pack { digest: Cow::Borrowed(bundled.digest), sections, made: OnceLock::new() }
    }

    /// A pack of which no section has been read yet.
    pub fn unread(manifest: &Manifest) -> Pack {
        let section = |entry: &SectionEntry| Section {
            name: Cow::Owned(entry.name.clone()),
            entry: Some(entry.clone()),
            bytes: OnceLock::new(),
        };
        let sections = manifest.sections.iter().map(section).collect();
        Pack { digest: Cow::Owned(manifest.digest()), sections, made: OnceLock::new() }
    }

    /// A pack from an operator's file: for tools and tests.
    pub fn from_file(file: PackFile) -> Pack {
        let pack = Pack::unread(&file.manifest);
        for (section, bytes) in pack.sections.iter().zip(file.sections) {
            section.bytes.get_or_init(|| Cow::Owned(bytes));
        }
        pack
    }

    /// The policy digest: 32 lower-case hex digits.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// A section, read in place; the empty map if it has not been read, is not there, or is no map.
    pub fn map(&self, name: &str) -> Map<'_> {
        self.bytes(name).and_then(|bytes| Map::open(bytes).ok()).unwrap_or(Map::EMPTY)
    }

    /// The bytes of a section that has been read.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.section(name)?.bytes.get().map(AsRef::as_ref)
    }

    /// What a function makes of its rules to look them up faster: made at first use and kept as long as the pack. `None`,
    /// and nothing is kept, where `make` gives nothing. One type a function.
    pub fn made<T: Any + Send + Sync>(&self, make: impl FnOnce(&Pack) -> Option<T>) -> Option<&T> {
        let made = match self.made.get() {
            Some(made) => made,
            None => {
                let fresh = make(self)?;
                self.made.get_or_init(|| Box::new(fresh))
            }
        };
        made.downcast_ref()
    }

    /// What must be read before a section can be used; `None` if it has been, or is not there.
    pub fn wants(&self, name: &str) -> Option<&SectionEntry> {
        let section = self.section(name)?;
        section.entry.as_ref().filter(|_| section.bytes.get().is_none())
    }

    /// Whether every section has been read.
    pub fn is_whole(&self) -> bool {
        self.sections.iter().all(|section| section.bytes.get().is_some())
    }

    /// Keeps a section's bytes, once they are what [`Pack::wants`] says.
    pub(super) fn keep(&self, name: &str, bytes: Vec<u8>) {
        if let Some(section) = self.section(name) {
            section.bytes.get_or_init(|| Cow::Owned(bytes));
        }
    }

    /// Names of its sections.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|section| section.name.as_ref())
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_there_once_they_are_kept() {
        let file = PackFile::new("f", 1, vec![("a".to_owned(), b"VPM1\0\0\0\0".to_vec())]).expect("a pack");
        let pack = Pack::unread(&file.manifest);
        assert_eq!(pack.wants("a").map(|entry| entry.bytes), Some(8));
        assert!(pack.bytes("a").is_none() && pack.map("a").is_empty() && pack.wants("b").is_none());
        pack.keep("a", b"VPM1\0\0\0\0".to_vec());
        assert!(pack.bytes("a").is_some() && pack.wants("a").is_none());
        assert_eq!(pack.digest(), Pack::from_file(file).digest());
    }

    #[test]
    fn what_is_made_of_a_pack_is_made_once() {
        let pack = Pack::bundled(&Bundled { digest: "d", sections: &[("a", b"bytes")] });
        assert_eq!(pack.made::<usize>(|_| None), None);
        assert_eq!(pack.made(|pack| pack.bytes("a").map(<[u8]>::len)), Some(&5));
        assert_eq!(pack.made::<usize>(|_| None), Some(&5));
    }
}
