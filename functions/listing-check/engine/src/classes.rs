//! Classes of symbols: sounds that are easily mistaken are one, and so is each letter, digit and sign.

use crate::language::Language;
use crate::symbol::{self, HAN, Symbol};

/// Classes are below it.
pub const CLASSES: usize = 512;
/// The class of a character without a sound, and of emoji.
pub const OTHER: u16 = 63;

/// The number of two classes.
#[inline]
pub const fn pair(first: u16, second: u16) -> usize {
    first as usize * CLASSES + second as usize
}

/// A class as a member of a set in which eight classes share a place.
#[inline]
pub const fn mask(class: u16) -> u64 {
    1 << (class % 64)
}

/// A set of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classes([u64; CLASSES / 64]);

impl Classes {
    /// None.
    pub const NONE: Classes = Classes([0; CLASSES / 64]);

    /// One.
    pub fn of(class: u16) -> Classes {
        let mut one = Classes::NONE;
        one.add(class);
        one
    }

    /// One more.
    #[inline]
    pub fn add(&mut self, class: u16) {
        if let Some(word) = self.0.get_mut(usize::from(class / 64)) {
            *word |= mask(class);
        }
    }

    /// Whether one is among them.
    #[inline]
    pub fn has(&self, class: u16) -> bool {
        self.0.get(usize::from(class / 64)).is_some_and(|word| word & mask(class) != 0)
    }

    /// As they lie in a table.
    #[inline]
    pub fn read(bytes: &[u8; CLASSES / 8]) -> Classes {
        let mut classes = Classes::NONE;
        for (word, bytes) in classes.0.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        classes
    }

    /// As bytes.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + use<> {
        self.0.into_iter().flat_map(u64::to_le_bytes)
    }

    /// Each of them.
    pub fn each(self) -> impl Iterator<Item = u16> {
        (0..).zip(self.0).flat_map(|(number, word)| {
            let rest = |word: &u64| Some(word & (word - 1)).filter(|word| *word != 0);
            let words = std::iter::successors(Some(word).filter(|word| *word != 0), rest);
            words.map(move |word| number * 64 + word.trailing_zeros() as u16)
        })
    }

    /// The [`mask`]s of all of them.
    #[inline]
    pub fn masks(&self) -> u64 {
        self.0.iter().fold(0, |all, word| all | word)
    }
}

/// The class that a symbol of a text is looked up by.
#[inline]
pub fn class(symbol: Symbol, language: &Language<'_>) -> u16 {
    if symbol < HAN {
        return symbol;
    }
    match language.usual_class(symbol) {
        0 => OTHER,
        class => class,
    }
}

/// The classes that a symbol of a term may be looked up under; 0: no further one.
#[inline]
pub fn classes(symbol: Symbol, language: &Language<'_>) -> [u16; 3] {
    if symbol < HAN {
        return [symbol, 0, 0];
    }
    if symbol::is_emoji(symbol) {
        return [OTHER, 0, 0];
    }
    let sounds = language.sounds(symbol);
    let [a, b, c] = sounds.map(|sound| if sound == 0 { 0 } else { language.class(sound) });
    let b = if b == a { 0 } else { b };
    let c = if c == a || c == b { 0 } else { c };
    if a == 0 { [OTHER, 0, 0] } else { [a, b, c] }
}
