//! A part of the rules in its bytes: which they are, what they can be looked up by, and the rules themselves.
//!
//! ```text
//! magic     4 bytes, "VSP1"
//! counts    u32 each, little-endian: rules, anchors
//! numbers   u32 each, ascending: the numbers of these rules among all
//! anchors   8 bytes each, ascending: hash u32 of what a rule can be looked up by, and the number u32 of the rule
//! program   the rules, in their order
//! ```

use crate::program::{Program, take};

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VSP1";

/// 32 bits of FNV-1a, begun with a seed.
pub(crate) fn hash(seed: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(seed, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// A part of the rules.
#[derive(Clone, Copy, Debug)]
pub struct Part<'p> {
    numbers: &'p [[u8; 4]],
    anchors: &'p [[u8; 8]],
    program: Program<'p>,
}

impl<'p> Part<'p> {
    /// Opens a part; `None` if its bytes are not what they say.
    pub fn open(bytes: &'p [u8]) -> Option<Part<'p>> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (counts, rest) = rest.split_first_chunk::<8>()?;
        let ([rules, anchors], _) = counts.as_chunks::<4>() else { return None };
        let (numbers, rest) = take::<4>(rest, u32::from_le_bytes(*rules) as usize)?;
        let (anchors, rest) = take::<8>(rest, u32::from_le_bytes(*anchors) as usize)?;
        let program = Program::open(rest)?;
        (program.len() == numbers.len()).then_some(Part { numbers, anchors, program })
    }

    /// How many rules it has.
    pub const fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Marks the rules that can be looked up by this hash.
    pub(crate) fn mark(&self, hash: u32, candidates: &mut [u64]) {
        let key = |[a, b, c, d, ..]: &[u8; 8]| u32::from_le_bytes([*a, *b, *c, *d]);
        let rest = self.anchors.get(self.anchors.partition_point(|entry| key(entry) < hash)..).unwrap_or_default();
        for [.., a, b, c, d] in rest.iter().take_while(|entry| key(entry) == hash) {
            mark([*a, *b, *c, *d], candidates);
        }
    }

    /// Where a rule stands here, by its number among all; `None`: it is of another part.
    pub(crate) fn place(&self, rule: usize) -> Option<usize> {
        self.numbers.binary_search_by_key(&rule, |number| u32::from_le_bytes(*number) as usize).ok()
    }

    /// The rules, by their places.
    pub(crate) const fn program(&self) -> &Program<'p> {
        &self.program
    }
}

/// Sets the bit of a rule.
pub(crate) fn mark(rule: [u8; 4], candidates: &mut [u64]) {
    let rule = u32::from_le_bytes(rule);
    if let Some(word) = candidates.get_mut(rule as usize / 64) {
        *word |= 1 << (rule % 64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_bytes_are_no_part() {
        let none = [&MAGIC[..], &[0; 8], crate::program::MAGIC, &[0; 12]].concat();
        assert!(Part::open(&none).is_some_and(|part| part.is_empty()));
        for end in 0..none.len() {
            assert!(Part::open(&none[..end]).is_none(), "cut at {end}");
        }
        let mut more = none;
        more[4] = 1;
        assert!(Part::open(&more).is_none());
    }
}
