//! What of many rules every request needs: those that are always looked at, those that many requests meet, and whether
//! any other could match. The others lie in another [`Part`].
//!
//! ```text
//! magic     4 bytes, "VSI2"
//! counts    u32 each, little-endian: rules in all, rules that are always looked at, anchors of the other part, bytes of
//!           names, bits of a bucket's number
//! read      u64: a bit for each signal that a rule asks for
//! looked    u64 each: a bit for each signal whose value is looked up whole, by its beginning, its end, its parts, its short
//!           parts; and for each header field
//! always    u32 each, ascending: the rules that are always looked at, by their numbers among all
//! anchors   u32 each, ascending: hashes by which rules of the other part can be looked up
//! names     header fields that are looked at, in lower case, each with a space behind it
//! buckets   two bits for each part that a rule wants, of its bucket and of its second one (a Bloom filter); nothing if no
//!           part is looked up
//! near      the rules that are here: a part
//! ```

use crate::anchor::{Anchor, GRAM, How, LONG_GRAM, MOST_HEADERS, Source, of_bucket};
use crate::part::{self, Part};
use crate::program::{MOST_RULES, take};
use crate::signal::{Facts, Signal, Value};

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VSI2";
/// The most bits of a bucket's number.
pub const MOST_BUCKET_BITS: u32 = 17;

// A signal has a bit in a word.
const _: () = assert!(Signal::ALL.len() <= 64);

/// The hash of a text: 32 bits of FNV-1a.
pub fn hash(text: &str) -> u32 {
    part::hash(0x811C_9DC5, text.as_bytes())
}

/// The bit of a signal.
pub fn bit(signal: Signal) -> u64 {
    1_u64.checked_shl(u32::from(signal as u8)).unwrap_or_default()
}

/// The hash by which a rule is looked up, where buckets of parts have so many bits.
pub fn key(anchor: Anchor<'_>, bucket_bits: u32) -> u32 {
    match anchor {
        Anchor::At(_, How::Part | How::ShortPart, _) => of_bucket(buckets(anchor, bucket_bits)[0]),
        _ => anchor.hash(),
    }
}

/// The bucket of a part, by which rules are looked up, and a second one, which tells most others apart from it.
pub fn buckets(part: Anchor<'_>, bits: u32) -> [u32; 2] {
    let hash = part.hash();
    let shift = 32_u32.saturating_sub(bits);
    [
        hash.checked_shr(shift).unwrap_or_default(),
        hash.checked_shl(shift).and_then(|low| low.checked_shr(shift)).unwrap_or_default(),
    ]
}

/// How many bytes have a bit for each bucket, where buckets have so many bits; `None`: they never have.
pub fn bucket_bytes(bits: u32) -> Option<usize> {
    match bits {
        0 => Some(0),
        3..=MOST_BUCKET_BITS => Some(1_usize.checked_shl(bits)? / 8),
        _ => None,
    }
}

/// An index in its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Index<'p> {
    rules: usize,
    read: u64,
    looked: [Looked; 2],
    always: &'p [[u8; 4]],
    anchors: &'p [[u8; 4]],
    names: &'p str,
    buckets: &'p [u8],
    near: Part<'p>,
}

/// How signals, or header fields, are looked up: a bit each.
type Looked = [u64; 5];

impl<'p> Index<'p> {
    /// Opens an index; `None` if its bytes are not what they say.
    pub fn open(bytes: &'p [u8]) -> Option<Index<'p>> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (counts, rest) = rest.split_first_chunk::<20>()?;
        let ([rules, always, anchors, names, bits], _) = counts.as_chunks::<4>() else { return None };
        let [rules, always, anchors, names, bits] =
            [rules, always, anchors, names, bits].map(|n| u32::from_le_bytes(*n));
        let (read, rest) = rest.split_first_chunk::<8>()?;
        let (looked, rest) = rest.split_first_chunk::<80>()?;
        let (&[a, b, c, d, e, f, g, h, i, j], _) = looked.as_chunks::<8>() else { return None };
        let looked = [[a, b, c, d, e], [f, g, h, i, j]].map(|words| words.map(u64::from_le_bytes));
        let (always, rest) = take::<4>(rest, always as usize)?;
        let (anchors, rest) = take::<4>(rest, anchors as usize)?;
        let (names, rest) = rest.split_at_checked(names as usize)?;
        let names = std::str::from_utf8(names).ok()?;
        let (buckets, rest) = rest.split_at_checked(bucket_bytes(bits)?)?;
        let near = Part::open(rest)?;
        let (rules, read) = (rules as usize, u64::from_le_bytes(*read));
        (rules <= MOST_RULES).then_some(Index { rules, read, looked, always, anchors, names, buckets, near })
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

    /// Whether a rule of the other part can be looked up by this hash.
    pub(crate) fn leads_on(&self, hash: u32) -> bool {
        self.anchors.binary_search_by_key(&hash, |entry| u32::from_le_bytes(*entry)).is_ok()
    }

    /// Tells the hashes that rules are looked up by, of what is known of a request.
    pub(crate) fn hashes(&self, facts: &impl Facts, tell: impl FnMut(u32)) {
        let mut looks = Looks { looked: self.looked, buckets: self.buckets, told: Vec::new(), tell };
        for signal in Signal::ALL.iter().copied() {
            let source = Source::signal(signal);
            if !looks.at(source) {
                continue;
            }
            match facts.signal(signal) {
                Some(Value::Text(text)) => looks.text(source, text.as_bytes()),
                Some(Value::Number(number)) => looks.whole(source, &number.to_le_bytes()),
                _ => {}
            }
        }
        for (place, name) in self.names.split_terminator(' ').enumerate().take(MOST_HEADERS) {
            let (Some(source), Some(text)) = (Source::header(place), facts.header(name)) else { continue };
            looks.text(source, text.as_bytes());
        }
    }
}

/// What of a request is looked up.
struct Looks<'p, T> {
    looked: [Looked; 2],
    buckets: &'p [u8],
    /// The same as `buckets`, without those that were told; empty as long as none was asked.
    told: Vec<u8>,
    tell: T,
}

impl<T: FnMut(u32)> Looks<'_, T> {
    fn is(&self, source: Source, how: How) -> bool {
        let (bit, header) = source.bit();
        let words = self.looked.get(usize::from(header)).and_then(|looked| looked.get(how as usize));
        words.is_some_and(|word| word & bit != 0)
    }

    fn at(&self, source: Source) -> bool {
        [How::Whole, How::Start, How::End, How::Part, How::ShortPart].into_iter().any(|how| self.is(source, how))
    }

    fn whole(&mut self, source: Source, bytes: &[u8]) {
        if self.is(source, How::Whole) {
            (self.tell)(Anchor::At(source, How::Whole, bytes).hash());
        }
    }

    fn text(&mut self, source: Source, text: &[u8]) {
        self.whole(source, text);
        let ends = [(How::Start, text.first_chunk::<GRAM>()), (How::End, text.last_chunk::<GRAM>())];
        for (how, gram) in ends {
            if let Some(gram) = gram.filter(|_| self.is(source, how)) {
                (self.tell)(Anchor::At(source, how, gram).hash());
            }
        }
        for (how, length) in [(How::Part, LONG_GRAM), (How::ShortPart, GRAM)] {
            if self.is(source, how) {
                self.parts(source, how, text.windows(length));
            }
        }
    }

    /// Each bucket is told once, however often a text has its parts.
    fn parts<'t>(&mut self, source: Source, how: How, grams: impl Iterator<Item = &'t [u8]>) {
        if self.told.is_empty() {
            self.told = self.buckets.to_vec();
        }
        let bits = self.told.len().saturating_mul(8).checked_ilog2().unwrap_or_default();
        for gram in grams {
            let [first, second] = buckets(Anchor::At(source, how, gram), bits);
            let Some(byte) = self.told.get_mut(first as usize / 8) else { return };
            let bit = 1 << (first % 8);
            let is_second = || self.buckets.get(second as usize / 8).is_some_and(|byte| byte & 1 << (second % 8) != 0);
            if *byte & bit != 0 && is_second() {
                *byte &= !bit;
                (self.tell)(of_bucket(first));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_bytes_are_no_index() {
        let none = [&MAGIC[..], &[0; 108], part::MAGIC, &[0; 8], crate::program::MAGIC, &[0; 12]].concat();
        assert!(Index::open(&none).is_some_and(|index| index.is_empty() && index.always().is_empty()));
        for end in 0..none.len() {
            assert!(Index::open(&none[..end]).is_none(), "cut at {end}");
        }
        for place in [8, 12, 16, 20] {
            let mut more = none.clone();
            more[place] = 1;
            assert!(Index::open(&more).is_none(), "{place}");
        }
    }
}
