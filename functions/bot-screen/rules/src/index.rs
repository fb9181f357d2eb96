//! Which of many rules can match at all: those that ask for a text of a signal which the request has, or for a label
//! that was given.

use crate::signal::Signal;

/// Stands for a label where a signal's byte is.
pub const LABEL: u8 = 255;

/// The hash of a text: 32 bits of FNV-1a. Two texts of one hash cost an evaluation in vain, no more.
pub fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// An entry as it lies in a table.
pub fn entry(signal: u8, hash: u32, rule: u32) -> [u8; 12] {
    let ([a, b, c, d], [e, f, g, h]) = (hash.to_le_bytes(), rule.to_le_bytes());
    [signal, 0, 0, 0, a, b, c, d, e, f, g, h]
}

/// Rules by what they ask for, ascending.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchors<'p>(pub &'p [[u8; 12]]);

impl<'p> Anchors<'p> {
    /// The signals that rules are looked up by.
    pub(crate) fn signals(self) -> impl Iterator<Item = Signal> + use<'p> {
        let mut place = 0;
        let signal = move || {
            let [signal, ..] = self.0.get(place)?;
            // Behind the last entry of this signal.
            place = self.0.partition_point(|[known, ..]| known <= signal);
            Some(*signal)
        };
        std::iter::from_fn(signal).filter_map(Signal::of_byte)
    }

    /// Marks the rules that ask for a text of this hash.
    pub(crate) fn mark(self, signal: u8, hash: u32, candidates: &mut [u64]) {
        let rest = self.0.get(self.from(signal, hash)..).unwrap_or_default();
        for [.., a, b, c, d] in rest.iter().take_while(|entry| key(entry) == (signal, hash)) {
            let rule = u32::from_le_bytes([*a, *b, *c, *d]);
            if let Some(word) = candidates.get_mut(rule as usize / 64) {
                *word |= 1 << (rule % 64);
            }
        }
    }

    fn from(self, signal: u8, hash: u32) -> usize {
        self.0.partition_point(|entry| key(entry) < (signal, hash))
    }
}

fn key([signal, _, _, _, a, b, c, d, ..]: &[u8; 12]) -> (u8, u32) {
    (*signal, u32::from_le_bytes([*a, *b, *c, *d]))
}
