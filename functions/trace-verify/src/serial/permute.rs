//! The counter's permutation: neighbours on the conveyor get serials that reveal nothing of each other, of how many there
//! are, or of the next one.
//!
//! An alternating Feistel network of ten rounds, as in FF1 (NIST SP 800-38G). It hides order and volume; the
//! tag, not the permutation, is what keeps forgers out.

use shared::mac::{self, MacKey};

use super::Layout;

const ROUNDS: u8 = 10;

/// Counter to permuted counter, both within the layout's bits.
pub(super) fn forward(key: &MacKey, layout: Layout, counter: u32) -> u32 {
    join(layout, (0..ROUNDS).fold(split(layout, counter), |halves, n| round(key, layout, n, halves)))
}

/// The inverse.
pub(super) fn backward(key: &MacKey, layout: Layout, permuted: u32) -> u32 {
    join(layout, (0..ROUNDS).rev().fold(split(layout, permuted), |halves, n| round(key, layout, n, halves)))
}

/// One half is changed by a function of the other, so the same round undoes itself.
fn round(key: &MacKey, layout: Layout, n: u8, (left, right): (u16, u16)) -> (u16, u16) {
    let (left_bits, right_bits) = widths(layout);
    let mask = |half: u16, bits: u32| {
        let [high, low] = half.to_be_bytes();
        let tag = key.tag(&[&[layout.number(), n, high, low]]);
        u16::try_from(mac::leftmost_u64(&tag, bits)).unwrap_or_default()
    };
    if n.is_multiple_of(2) { (left ^ mask(right, left_bits), right) } else { (left, right ^ mask(left, right_bits)) }
}

/// Bits of the left and of the right half.
const fn widths(layout: Layout) -> (u32, u32) {
    match layout {
        Layout::One => (15, 15),
        Layout::Two => (13, 12),
    }
}

fn split(layout: Layout, value: u32) -> (u16, u16) {
    let (left, right) = match layout {
        Layout::One => (value >> 15, value & 0x7FFF),
        Layout::Two => (value >> 12, value & 0x0FFF),
    };
    (u16::try_from(left).unwrap_or_default(), u16::try_from(right).unwrap_or_default())
}

fn join(layout: Layout, (left, right): (u16, u16)) -> u32 {
    match layout {
        Layout::One => (u32::from(left) << 15) | u32::from(right),
        Layout::Two => (u32::from(left) << 12) | u32::from(right),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]
    use super::*;
    use shared::mac::Secret;

    fn key(seed: u8) -> MacKey {
        MacKey::new(&Secret::new([seed; 32]))
    }

    /// A slice of 2^16 neighbours: no two meet, and all stay within the layout.
    #[test]
    fn a_slice_is_permuted_without_collision() {
        for (layout, start, count) in [(Layout::One, (1 << 30) - (1 << 16), 1 << 16), (Layout::Two, 0, 1 << 12)] {
            let key = key(1);
            let mut images: Vec<u32> = (start..).take(count).map(|c| forward(&key, layout, c)).collect();
            for (counter, &image) in (start..).zip(&images).step_by(97) {
                assert_eq!(backward(&key, layout, image), counter);
            }
            images.sort_unstable();
            images.dedup();
            assert_eq!(images.len(), count);
            assert!(images.last() <= Some(&layout.max_counter()));
        }
    }

    #[test]
    fn samples_over_the_whole_range_come_back() {
        for layout in [Layout::One, Layout::Two] {
            for sample in 0..2048u32 {
                let value = sample.wrapping_mul(0x9E37_79B1) & layout.max_counter();
                assert_eq!(backward(&key(2), layout, forward(&key(2), layout, value)), value);
                assert_eq!(forward(&key(2), layout, backward(&key(2), layout, value)), value);
            }
        }
    }

    /// Neighbours differ in about half of their bits, and keys and layouts give different orders.
    #[test]
    fn neighbours_are_unrelated() {
        let differing: u32 = (0..4096u32)
            .map(|c| (forward(&key(3), Layout::One, c) ^ forward(&key(3), Layout::One, c + 1)).count_ones())
            .sum();
        let mean = f64::from(differing) / 4096.0;
        assert!((14.5..15.5).contains(&mean), "{mean}");
        assert_ne!(forward(&key(3), Layout::One, 5), forward(&key(4), Layout::One, 5));
    }
}
