//! Arrays of numbers in one stretch of bytes, read in place.
//!
//! ```text
//! magic    4 bytes
//! count    u32, little-endian
//! spans    count pairs of u32: where each array begins and how many bytes it has
//! arrays   the arrays, each beginning at a multiple of four
//! ```
//!
//! Whatever the bytes are, an array that does not lie within them is empty.

/// Arrays in their bytes.
#[derive(Clone, Copy, Debug)]
pub struct Arrays<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl<'a> Arrays<'a> {
    /// Opens arrays of a kind.
    pub fn open(bytes: &'a [u8], magic: &[u8; 4]) -> Option<Arrays<'a>> {
        let (head, _) = bytes.split_first_chunk::<8>()?;
        let [a, b, c, d, n @ ..] = *head;
        let count = u32::from_le_bytes(n) as usize;
        ([a, b, c, d] == *magic && bytes.len() / 8 > count).then_some(Arrays { bytes, count })
    }

    /// The bytes of an array; none if there is none.
    pub fn get(&self, place: usize) -> &'a [u8] {
        let span = || {
            let at = 8 + place * 8;
            let [begin, len] = *self.bytes.get(at..at + 8)?.as_chunks::<4>().0.first_chunk::<2>()?;
            let begin = u32::from_le_bytes(begin) as usize;
            self.bytes.get(begin..begin.checked_add(u32::from_le_bytes(len) as usize)?)
        };
        if place < self.count { span().unwrap_or_default() } else { &[] }
    }

    /// An array of entries of `N` bytes.
    pub fn entries<const N: usize>(&self, place: usize) -> &'a [[u8; N]] {
        self.get(place).as_chunks::<N>().0
    }
}

/// A number of an array of `u16`; 0 if there is none.
#[inline]
pub fn u16_at(entries: &[[u8; 2]], place: usize) -> u16 {
    entries.get(place).map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

/// A number of an array of `u32`; 0 if there is none.
#[inline]
pub fn u32_at(entries: &[[u8; 4]], place: usize) -> u32 {
    entries.get(place).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Whether a table that has a bit for each key may have one: as many bits as a power of two.
#[inline]
pub(crate) fn has_bit(table: &[u8], key: u32) -> bool {
    let bit = key as usize & table.len().wrapping_mul(8).wrapping_sub(1);
    table.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
}

/// The key of two symbols, or of a class and a symbol.
#[inline]
pub fn pair_key(first: u16, second: u16) -> u32 {
    let mixed = (u32::from(first) << 16 | u32::from(second)).wrapping_mul(0x9E37_79B1);
    mixed ^ mixed >> 15
}

/// Puts arrays together.
pub fn join(magic: &[u8; 4], arrays: &[Vec<u8>]) -> Vec<u8> {
    let mut out = magic.to_vec();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    out.extend(number(arrays.len()));
    let mut at = 8 + arrays.len() * 8;
    for array in arrays {
        at = at.next_multiple_of(4);
        out.extend(number(at));
        out.extend(number(array.len()));
        at += array.len();
    }
    for array in arrays {
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend(array);
    }
    out
}
