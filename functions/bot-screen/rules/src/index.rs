//! What of many rules every request needs: those that are always looked at, those that many requests meet, and whether
//! any other could match. The others lie in another [`Part`].
//!
//! ```text
//! magic     4 bytes, "VSI1"
//! counts    u32 each, little-endian: rules in all, rules that are always looked at, anchors of the other part
//! read      u64: a bit for each signal that a rule asks for
//! looked    u64: a bit for each signal that anchors are of
//! always    u32 each, ascending: the rules that are always looked at, by their numbers among all
//! anchors   u32 each, ascending: hashes by which rules of the other part can be looked up
//! near      the rules that are here: a part
//! ```

use crate::part::{self, Part};
use crate::program::{MOST_RULES, take};
use crate::signal::Signal;

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VSI1";

// A signal has a bit in a word.
const _: () = assert!(Signal::ALL.len() <= 64);

/// The hash of a text: 32 bits of FNV-1a.
pub fn hash(text: &str) -> u32 {
    part::hash(0x811C_9DC5, text)
}

/// The bit of a signal.
pub fn bit(signal: Signal) -> u64 {
    1_u64.checked_shl(u32::from(signal as u8)).unwrap_or_default()
}

/// An index in its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Index<'p> {
    rules: usize,
    read: u64,
    looked: u64,
    always: &'p [[u8; 4]],
    anchors: &'p [[u8; 4]],
    near: Part<'p>,
}

impl<'p> Index<'p> {
    /// Opens an index; `None` if its bytes are not what they say.
    pub fn open(bytes: &'p [u8]) -> Option<Index<'p>> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (counts, rest) = rest.split_first_chunk::<12>()?;
        let ([rules, always, anchors], _) = counts.as_chunks::<4>() else { return None };
        let [rules, always, anchors] = [rules, always, anchors].map(|count| u32::from_le_bytes(*count) as usize);
        let (read, rest) = rest.split_first_chunk::<8>()?;
        let (looked, rest) = rest.split_first_chunk::<8>()?;
        let (always, rest) = take::<4>(rest, always)?;
        let (anchors, rest) = take::<4>(rest, anchors)?;
        let near = Part::open(rest)?;
        let (read, looked) = (u64::from_le_bytes(*read), u64::from_le_bytes(*looked));
        (rules <= MOST_RULES).then_some(Index { rules, read, looked, always, anchors, near })
    }

    /// How many rules there are in all.
    pub const fn len(&self) -> usize {
        self.rules
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.rules == 0
    }

    /// Whether a rule asks for a signal.
    pub fn reads(&self, signal: Signal) -> bool {
        self.read & bit(signal) != 0
    }

    /// The rules that are here.
    pub const fn near(&self) -> &Part<'p> {
        &self.near
    }

    /// A bit for each rule, set for those that are always looked at.
    pub(crate) fn always(&self) -> Vec<u64> {
        let mut candidates = vec![0; self.rules.div_ceil(64)];
        self.always.iter().for_each(|rule| part::mark(*rule, &mut candidates));
        candidates
    }

    /// The signals that rules are looked up by.
    pub(crate) fn signals(&self) -> impl Iterator<Item = Signal> + use<> {
        let looked = self.looked;
        Signal::ALL.iter().copied().filter(move |signal| looked & bit(*signal) != 0)
    }

    /// Whether a rule of the other part can be looked up by this hash.
    pub(crate) fn leads_on(&self, hash: u32) -> bool {
        self.anchors.binary_search_by_key(&hash, |entry| u32::from_le_bytes(*entry)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_bytes_are_no_index() {
        let none = [&MAGIC[..], &[0; 28], part::MAGIC, &[0; 8], crate::program::MAGIC, &[0; 12]].concat();
        assert!(Index::open(&none).is_some_and(|index| index.is_empty() && index.always().is_empty()));
        for end in 0..none.len() {
            assert!(Index::open(&none[..end]).is_none(), "cut at {end}");
        }
        let mut more = none;
        more[8] = 1;
        assert!(Index::open(&more).is_none());
    }
}
