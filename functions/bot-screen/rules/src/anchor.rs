//! What rules can be looked up by: texts and numbers that they want of a signal or of a header field, whole or in part.

use crate::part::hash;
use crate::signal::Signal;

/// How many bytes of a beginning, an end or a short part a rule is looked up by; a shorter one leads to none.
pub const GRAM: usize = 3;
/// How many of a part that is no shorter: most texts have three bytes of it by chance.
pub const LONG_GRAM: usize = 4;

/// So many header fields at most are looked at for what rules can be looked up by.
pub const MOST_HEADERS: usize = 64;

/// Where a text or a number stands: a signal, or a header field by its place in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source(u8);

impl Source {
    /// A signal.
    pub const fn signal(signal: Signal) -> Source {
        Source(signal as u8)
    }

    /// A header field; none of more than can be looked at.
    pub fn header(place: usize) -> Option<Source> {
        let place = u8::try_from(place).ok().filter(|place| usize::from(*place) < MOST_HEADERS)?;
        Some(Source(0x40 | place))
    }

    /// Its bit among those of its kind, and whether it is a header field.
    pub const fn bit(self) -> (u64, bool) {
        (1 << (self.0 & 0x3F), self.0 & 0x40 != 0)
    }
}

/// How a rule wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Whole; of a number, its eight bytes, little-endian.
    Whole,
    /// Its first bytes.
    Start,
    /// Its last bytes.
    End,
    /// [`LONG_GRAM`] bytes somewhere within.
    Part,
    /// [`GRAM`] bytes somewhere within.
    ShortPart,
}

/// What a rule can be looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor<'t> {
    /// What stands somewhere.
    At(Source, How, &'t [u8]),
    /// A label.
    Label(&'t str),
}

impl Anchor<'_> {
    /// Its hash: 32 bits of FNV-1a, begun anew for each source and kind. Two of one hash cost an evaluation in vain, no more.
    pub fn hash(self) -> u32 {
        match self {
            Anchor::At(Source(source), how, bytes) => begun(how as u8, source, bytes),
            Anchor::Label(label) => begun(u8::MAX, 0, label.as_bytes()),
        }
    }
}

/// The hash that stands for all parts of one bucket: of so many that a text has, only those are looked up whose bucket some
/// rule wants.
pub(crate) fn of_bucket(bucket: u32) -> u32 {
    begun(0x80, 0, &bucket.to_le_bytes())
}

fn begun(kind: u8, source: u8, bytes: &[u8]) -> u32 {
    let with = u32::from(kind) << 8 | u32::from(source);
    hash(0x811C_9DC5 ^ with.wrapping_mul(0x9E37_79B1), bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_elsewhere_or_otherwise_is_another_anchor() {
        let (path, query) = (Source::signal(Signal::Path), Source::signal(Signal::Query));
        let header = Source::header(0).unwrap();
        let at = |source, how| Anchor::At(source, how, b"/ab").hash();
        let all = [
            at(path, How::Whole),
            at(query, How::Whole),
            at(header, How::Whole),
            at(path, How::Start),
            at(path, How::End),
            at(path, How::Part),
            Anchor::Label("/ab").hash(),
        ];
        assert!(all.iter().enumerate().all(|(place, hash)| !all[..place].contains(hash)), "{all:?}");
        assert_eq!((Source::header(64), path.bit(), header.bit()), (None, (4, false), (1, true)));
    }
}
