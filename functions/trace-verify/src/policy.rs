//! The rules: figures and texts of a policy pack, read in place. Which pack is the shell's business.
//!
//! What the code may ask for are the constants of [`texts`] and [`figures`]: `build.rs` makes them of the list that the
//! compiler of packs refuses incomplete packs by. A pack comes from elsewhere, perhaps from an older compiler, so it is
//! judged by only if [`Rules::lack`] finds nothing.

use std::borrow::Cow;
use std::fmt;

use shared::lang::{Lang, fill};
use shared::policy::{InDoubt, Map, Pack, Spec};

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));
include!(concat!(env!("OUT_DIR"), "/names.rs"));

/// The sections that a request needs.
pub const SECTIONS: [&str; 2] = [FIGURES, WORDS];

const FIGURES: &str = "figures";
const WORDS: &str = "words";

/// The most bytes of a pack. Words for every market are far below it.
const MAX_BYTES: u64 = 32 << 20;

/// How packs are taken. A scan is judged on the spot and no later, so no decision outlives its pack; and a shopper gets
/// an answer also while nobody can tell which pack is in force.
pub static SPEC: Spec = Spec {
    format: 3,
    bundled: &BUNDLED,
    former: &[],
    max_bytes: MAX_BYTES,
    remembers: false,
    in_doubt: InDoubt::Bundled,
    check: |pack| Rules::of(pack).lack().map_or(Ok(()), |lack| Err(lack.to_string())),
};

/// A text that the code asks for: its keys in the words of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    zh: &'static str,
    en: &'static str,
}

/// A figure that the code asks for: its key in the figures of a pack, and its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    name: &'static str,
    least: i64,
    most: i64,
}

/// What a pack lacks that the code asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lack(
    /// The key in the words or figures.
    pub &'static str,
);

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policy has no {}, or one out of its range", self.0)
    }
}

/// The rules of one pack.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'p> {
    digest: &'p str,
    figures: Map<'p>,
    words: Map<'p>,
}

/// The texts of one pack in one language.
#[derive(Clone, Copy, Debug)]
pub struct Words<'p> {
    /// The language.
    pub lang: Lang,
    map: Map<'p>,
}

impl<'p> Rules<'p> {
    /// Of a pack whose [`SECTIONS`] have been read.
    pub fn of(pack: &'p Pack) -> Rules<'p> {
        Rules { digest: pack.digest(), figures: pack.map(FIGURES), words: pack.map(WORDS) }
    }

    /// Of the pack that is compiled in: for what has no other at hand.
    pub fn bundled() -> Rules<'static> {
        let map = |name| BUNDLED.section(name).and_then(|bytes| Map::open(bytes).ok()).unwrap_or(Map::EMPTY);
        Rules { digest: BUNDLED.digest, figures: map(FIGURES), words: map(WORDS) }
    }

    /// What the pack lacks, if anything: whoever takes a pack into use asks once, and refuses one that lacks something.
    pub fn lack(&self) -> Option<Lack> {
        let texts = texts::ALL.iter().flat_map(|text| [text.zh, text.en]);
        let text = texts.into_iter().find(|key| self.words.text(key).is_none_or(|text| text.trim().is_empty()));
        let holds = |figure: &&Figure| {
            self.figures.int(figure.name).is_some_and(|value| (figure.least..=figure.most).contains(&value))
        };
        text.or_else(|| figures::ALL.iter().find(|figure| !holds(figure)).map(|figure| figure.name)).map(Lack)
    }

    /// The policy digest, which every answer names.
    pub fn digest(&self) -> &'p str {
        self.digest
    }

    /// A figure, within its range whatever the pack is.
    pub fn figure(&self, figure: Figure) -> i64 {
        self.figures.int(figure.name).unwrap_or(figure.least).clamp(figure.least, figure.most)
    }

    /// The texts in a language.
    pub fn words(&self, lang: Lang) -> Words<'p> {
        Words { lang, map: self.words }
    }
}

impl<'p> Words<'p> {
    /// A text as it stands.
    pub fn get(&self, text: Text) -> &'p str {
        self.map.text(self.lang.pick(text.zh, text.en)).unwrap_or_default()
    }

    /// A text with its placeholders filled in. What has no value stays out; values are not read again.
    pub fn fill(&self, text: Text, values: &[(&str, &str)]) -> Cow<'p, str> {
        fill(self.get(text), |name| values.iter().find(|(n, _)| *n == name).map(|(_, value)| Cow::Borrowed(*value)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use shared::policy::{Map, PackFile};

    use super::*;

    #[test]
    fn the_bundled_pack_lacks_nothing() {
        assert_eq!(Rules::bundled().lack(), None);
        let pack = Pack::bundled(&BUNDLED);
        assert_eq!(Rules::of(&pack).digest(), Rules::bundled().digest());
        assert_eq!(Rules::of(&pack).figure(figures::CLONE_DEVICES), 10);
        assert_eq!(Rules::of(&pack).words(Lang::En).get(texts::GRAVITY_GOOD), "Passed");
    }

    /// The bundled pack with a key of a section changed, or left out.
    pub(crate) fn changed(section: &str, key: &str, value: Option<&[u8]>) -> Pack {
        let sections = BUNDLED.sections.iter().map(|(name, bytes)| {
            let mut writer = pack::MapWriter::new();
            for (known, bytes) in Map::open(bytes).unwrap().under("").filter(|(known, _)| *known != key) {
                writer.bytes(known, bytes);
            }
            if let Some(value) = value.filter(|_| *name == section) {
                writer.bytes(key, value);
            }
            ((*name).to_owned(), writer.finish().unwrap())
        });
        Pack::from_file(PackFile::new(crate::NAME, 3, sections.collect()).unwrap())
    }

    #[test]
    fn a_pack_that_lacks_something_is_known_and_harms_nobody() {
        for (section, key, value) in [
            ("words", "title/bad_code/zh", None),
            ("words", "page/brand/en", Some(b" ".as_slice())),
            ("words", "page/brand/en", Some(b"\xff")),
            ("figures", "device.rotation_days", None),
            ("figures", "device.rotation_days", Some(&[0; 8])),
            ("figures", "clone.devices", Some(&[0x7f; 8])),
            ("figures", "clone.places", Some(b"four")),
        ] {
            let pack = changed(section, key, value);
            let rules = Rules::of(&pack);
            assert_eq!(rules.lack(), Some(Lack(key)), "{value:?}");
            assert!((1..=365).contains(&rules.figure(figures::DEVICE_ROTATION_DAYS)));
            assert!((2..=100_000).contains(&rules.figure(figures::CLONE_DEVICES)));
        }
        let unread = Pack::unread(&pack::Manifest::of(crate::NAME, 3, [("words", b"")]).unwrap());
        assert!(Rules::of(&unread).lack().is_some());
        assert_eq!(Rules::of(&unread).words(Lang::Zh).get(texts::PAGE_BRAND), "");
        assert_eq!(changed("words", "page/none/en", Some(b"more")).digest().len(), 32);
        assert_eq!(Rules::of(&changed("words", "page/none/en", Some(b"more"))).lack(), None, "more than is asked for");
    }
}
