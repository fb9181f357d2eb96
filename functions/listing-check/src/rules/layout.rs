//! What each rule looks for, as arrays of a pack that are read in place: `listing-check-pack` writes them (its `layout`
//! and `heads` have the format). Reading is total: whatever the bytes are, a question has an answer or none.

use listing_engine::bytes::Arrays;

/// Bytes of the head of a group or rule.
pub(crate) const HEAD: usize = 24;
/// Flags of a head.
pub(crate) const FLAG_CUE: u8 = 1;
pub(crate) const FLAG_SHADOW: u8 = 2;
pub(crate) const FLAG_CONDITIONS: u8 = 4;

/// The most rules that are looked at.
const MOST: usize = 500;
/// The most patterns.
const MOST_PATTERNS: usize = 32;
/// Set in the number of words that are a group's.
const GROUP: u32 = 1 << 31;
/// The place of words that must not stand anywhere in the listing.
pub(crate) const WITHOUT: u8 = 255;

/// What a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Words near one another: how far apart, or anywhere in the listing; how many places they fill.
    Near { within: u32, across: bool, places: usize },
    /// A pattern, by its number.
    Pattern(usize),
    /// A statement that must be there.
    Duty,
}

/// What each rule looks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asks<'p> {
    rules: &'p [[u8; 8]],
    members: &'p [[u8; 8]],
    without: &'p [[u8; 8]],
    terms: &'p [[u8; 8]],
    patterns: &'p [[u8; 8]],
    bytes: &'p [u8],
}

impl<'p> Asks<'p> {
    /// Opens them; the head alone is looked at. Bytes that are none have no rules.
    pub(crate) fn open(bytes: &'p [u8]) -> Asks<'p> {
        let arrays = Arrays::open(bytes, b"VLR1");
        let entries = |place| arrays.map_or(&[][..], |arrays| arrays.entries(place));
        let rules = entries(0);
        Asks {
            rules: rules.get(..rules.len().min(MOST)).unwrap_or_default(),
            members: entries(1),
            without: entries(2),
            terms: entries(3),
            patterns: entries(4),
            bytes: arrays.map_or(&[][..], |arrays| arrays.get(5)),
        }
    }

    /// All rules: the head's number, and what it is. One that cannot be read is `None`.
    pub(crate) fn rules(&self) -> impl Iterator<Item = Option<(u16, Kind)>> + use<'p> {
        self.rules.iter().map(|rule| {
            let [head_low, head_high, kind, across, low, high, places, pattern] = *rule;
            let within = u16::from_le_bytes([low, high]).into();
            let kind = match kind {
                1 => Kind::Near { within, across: across == 1, places: places.into() },
                2 => Kind::Pattern(pattern.into()),
                3 => Kind::Duty,
                _ => return None,
            };
            Some((u16::from_le_bytes([head_low, head_high]), kind))
        })
    }

    /// Which words a term is one of: the lists that it is in, and its group.
    pub(crate) fn words_of(&self, term: u32, group: Option<u16>) -> impl Iterator<Item = u32> + use<'p> {
        let lists = keyed(self.terms, term).map(|rest| u32::from_le_bytes(*rest));
        lists.chain(group.map(|group| u32::from(group) | GROUP))
    }

    /// Which places of which rules words fill.
    pub(crate) fn places_of(&self, words: u32) -> impl Iterator<Item = (usize, u8)> + use<'p> {
        keyed(self.members, words).map(|[low, high, place, _]| (u16::from_le_bytes([*low, *high]).into(), *place))
    }

    /// Words that must not stand by.
    pub(crate) fn without(&self, rule: usize) -> impl Iterator<Item = u32> + use<'p> {
        let rule = u32::try_from(rule).unwrap_or(u32::MAX);
        keyed(self.without, rule).map(|rest| u32::from_le_bytes(*rest))
    }

    /// The automata of a pattern, forward and in reverse.
    pub(crate) fn pattern(&self, number: usize) -> Option<(&'p [u8], &'p [u8])> {
        let mut at = 0_usize;
        for (place, pair) in self.patterns.iter().take(MOST_PATTERNS).enumerate() {
            let [a, b, c, d, e, f, g, h] = *pair;
            let middle = at.checked_add(u32::from_le_bytes([a, b, c, d]) as usize)?;
            let end = middle.checked_add(u32::from_le_bytes([e, f, g, h]) as usize)?;
            if place == number {
                return Some((self.bytes.get(at..middle)?, self.bytes.get(middle..end)?));
            }
            at = end;
        }
        None
    }
}

/// What stands beside a key; ascending by it.
fn keyed(entries: &[[u8; 8]], key: u32) -> impl Iterator<Item = &[u8; 4]> {
    let of = |entry: &[u8; 8]| {
        let [a, b, c, d, ..] = *entry;
        u32::from_le_bytes([a, b, c, d])
    };
    let from = entries.partition_point(|entry| of(entry) < key);
    let rest = entries.get(from..).unwrap_or_default();
    rest.iter().take_while(move |entry| of(entry) == key).filter_map(|entry| entry.last_chunk::<4>())
}
