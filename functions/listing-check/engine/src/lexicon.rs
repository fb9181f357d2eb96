//! Terms, by the classes of their first two symbols. Read in place.

use crate::bytes::{Arrays, u16_at};
use crate::language::Language;
use crate::symbol::{self, HAN, Symbol};

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VLX1";
/// Classes are below it.
pub const CLASSES: usize = 512;
/// The class of a character without a sound, and of emoji.
pub const OTHER: u16 = 63;

/// Places of the arrays.
pub mod place {
    /// One bit for each two classes: whether a term begins with them.
    pub const PAIRS: usize = 0;
    /// `u16` class, `u16` class, `u32` where their terms begin in [`ENTRIES`]; ascending; one more at the end.
    pub const BUCKETS: usize = 1;
    /// `u32` terms.
    pub const ENTRIES: usize = 2;
    /// Terms: see [`super::Term`].
    pub const TERMS: usize = 3;
    /// `u16` symbols.
    pub const SYMBOLS: usize = 4;
    /// `u32` sum of a term's symbols, `u32` term; ascending.
    pub const SUMS: usize = 5;
    /// One bit for each sum, modulo the number of bits.
    pub const SUM_BITS: usize = 6;
    /// `u32` key of a term's first letters, `u32` term; ascending.
    pub const INITIALS: usize = 7;
    /// Texts of terms.
    pub const TEXTS: usize = 8;
    /// How many arrays there are.
    pub const COUNT: usize = 9;
}

/// Bytes of a term; the sixth is its [`Role`].
pub const TERM: usize = 20;

/// What a term is found for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// To be told by itself.
    #[default]
    Term,
    /// As a part of combinations alone.
    Part,
    /// As both.
    Both,
}

impl Role {
    /// Its byte.
    pub const fn byte(self) -> u8 {
        match self {
            Role::Term => 0,
            Role::Part => 1,
            Role::Both => 2,
        }
    }

    const fn of(byte: u8) -> Role {
        match byte {
            1 => Role::Part,
            2 => Role::Both,
            _ => Role::Term,
        }
    }
}

/// A term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    /// Its number.
    pub index: u32,
    /// Its symbols, `u16` each.
    pub symbols: &'a [[u8; 2]],
    /// What it costs as Chinese, whole, in quarter bits.
    pub own: i32,
    /// Whether it is another name of the term that it is for.
    pub alias: bool,
    /// Whether it is no term but a word that is allowed: terms within it do not count.
    pub allowed: bool,
    /// What it is found for; an alias, what its term is.
    pub role: Role,
    /// What an alias costs, in quarter bits.
    pub cost: i32,
    /// The group of terms that it belongs to, which a rule is about.
    pub group: u16,
    /// The term that it is for: itself, or the one whose alias it is.
    pub target: u32,
    /// How it is written.
    pub text: &'a str,
}

impl Term<'_> {
    /// A symbol of it.
    #[inline]
    pub fn symbol(&self, at: usize) -> Symbol {
        u16_at(self.symbols, at)
    }

    /// All symbols of it.
    pub fn each(&self) -> impl ExactSizeIterator<Item = Symbol> + DoubleEndedIterator + '_ {
        self.symbols.iter().map(|symbol| u16::from_le_bytes(*symbol))
    }

    /// How many symbols it has.
    #[inline]
    pub fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }
}

/// Terms in their bytes.
#[derive(Clone, Copy, Debug)]
pub struct Lexicon<'a> {
    pairs: &'a [u8],
    buckets: &'a [[u8; 8]],
    entries: &'a [[u8; 4]],
    terms: &'a [[u8; TERM]],
    symbols: &'a [[u8; 2]],
    sums: &'a [[u8; 8]],
    sum_bits: &'a [u8],
    initials: &'a [[u8; 8]],
    texts: &'a [u8],
    told: usize,
}

impl<'a> Lexicon<'a> {
    /// Opens terms; the head alone is looked at.
    pub fn open(bytes: &'a [u8]) -> Option<Lexicon<'a>> {
        let arrays = Arrays::open(bytes, MAGIC)?;
        let terms: &[[u8; TERM]] = arrays.entries(place::TERMS);
        Some(Lexicon {
            told: terms.partition_point(|[_, _, _, _, _, role, ..]| Role::of(*role) != Role::Part),
            pairs: arrays.get(place::PAIRS),
            buckets: arrays.entries(place::BUCKETS),
            entries: arrays.entries(place::ENTRIES),
            terms,
            symbols: arrays.entries(place::SYMBOLS),
            sums: arrays.entries(place::SUMS),
            sum_bits: arrays.get(place::SUM_BITS),
            initials: arrays.entries(place::INITIALS),
            texts: arrays.get(place::TEXTS),
        })
    }

    /// How many terms there are, aliases among them.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// How many of them are told by themselves: parts of combinations stand behind all others. Which of so many a text
    /// may mean does not depend on parts.
    pub fn told(&self) -> usize {
        self.told
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// A term.
    pub fn term(&self, index: u32) -> Option<Term<'a>> {
        let [a, b, c, d, len, role, kind, cost, g, h, o, p, i, j, k, l, t, u, v, w] =
            *self.terms.get(index as usize)?;
        let at = u32::from_le_bytes([a, b, c, d]) as usize;
        let text = u32::from_le_bytes([t, u, v, 0]) as usize;
        let text = self.texts.get(text..text + usize::from(w))?;
        Some(Term {
            index,
            symbols: self.symbols.get(at..at + usize::from(len))?,
            own: i32::from(u16::from_le_bytes([o, p])),
            alias: kind == 1,
            allowed: kind == 2,
            role: Role::of(role),
            cost: i32::from(cost),
            group: u16::from_le_bytes([g, h]),
            target: u32::from_le_bytes([i, j, k, l]),
            text: std::str::from_utf8(text).unwrap_or_default(),
        })
    }

    /// Whether a term begins with symbols of these classes; the second is 0 for terms of one symbol.
    #[inline]
    pub fn begins(&self, first: u16, second: u16) -> bool {
        let bit = usize::from(first) * CLASSES + usize::from(second);
        self.pairs.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
    }

    /// Terms that begin with symbols of these classes.
    pub fn beginning(&self, first: u16, second: u16) -> impl Iterator<Item = u32> + use<'a> {
        let key = |bucket: &[u8; 8]| {
            let [a, b, c, d, ..] = *bucket;
            (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]))
        };
        let found = self.buckets.binary_search_by_key(&(first, second), key).ok();
        let at = move |place: usize| {
            self.buckets.get(place).map_or(0, |[.., e, f, g, h]| u32::from_le_bytes([*e, *f, *g, *h]) as usize)
        };
        let span = found.map_or(0..0, |place| at(place)..at(place + 1));
        self.entries.get(span).unwrap_or_default().iter().map(|entry| u32::from_le_bytes(*entry))
    }

    /// Terms whose symbols have a sum.
    pub fn of_sum(&self, sum: u32) -> impl Iterator<Item = u32> + use<'a> {
        let bits = self.sum_bits.len().wrapping_mul(8);
        let bit = if bits == 0 { 0 } else { sum as usize % bits };
        let any = self.sum_bits.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1);
        keyed(if any { self.sums } else { &[] }, sum)
    }

    /// Terms whose first letters have a key.
    pub fn of_initials(&self, key: u32) -> impl Iterator<Item = u32> + use<'a> {
        keyed(self.initials, key)
    }
}

fn keyed<'a>(entries: &'a [[u8; 8]], key: u32) -> impl Iterator<Item = u32> + use<'a> {
    let head = |entry: &[u8; 8]| {
        let [a, b, c, d, ..] = *entry;
        u32::from_le_bytes([a, b, c, d])
    };
    let from = entries.partition_point(|entry| head(entry) < key);
    let rest = entries.get(from..).unwrap_or_default();
    rest.iter().take_while(move |entry| head(entry) == key).map(|[.., e, f, g, h]| u32::from_le_bytes([*e, *f, *g, *h]))
}

/// What a symbol adds to the sum of a term, in whatever order its symbols stand.
#[inline]
pub fn share(symbol: Symbol) -> u32 {
    u32::from(symbol).wrapping_mul(0x9E37_79B1).rotate_left(9).wrapping_mul(0x85EB_CA6B)
}

/// The key of first letters.
pub fn initials_key(letters: impl Iterator<Item = Symbol>) -> u32 {
    letters.fold(7, |key, letter| key.wrapping_mul(31).wrapping_add(u32::from(letter)))
}

/// The classes that a symbol may be looked up under; 0: no further one.
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
