//! What terms begin with, in tables that are read in place.

use crate::classes::pair;
use crate::lexicon::share;
use crate::symbol::Symbol;

/// Bytes of an entry.
pub const ENTRY: usize = 12;

/// A term under the classes of its first symbols, with what tells at a glance whether it can stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The term.
    pub term: u32,
    /// Its first symbols; 0: it has none.
    pub symbols: [Symbol; 3],
    /// The class of the third, of a term of one symbol that of the first; 0: there is none.
    pub third: u16,
    /// Whether only the term as it stands counts: another name, or a word that is allowed.
    pub literal: bool,
}

impl Entry {
    /// As it lies in a table.
    pub fn bytes(self) -> [u8; ENTRY] {
        let [a, b, c, d] = self.term.to_le_bytes();
        let [[e, f], [g, h], [i, j]] = self.symbols.map(u16::to_le_bytes);
        let [k, l] = (self.third | u16::from(self.literal) << 15).to_le_bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l]
    }

    #[inline]
    pub(crate) fn of([a, b, c, d, e, f, g, h, i, j, k, l]: [u8; ENTRY]) -> Entry {
        let symbols = [[e, f], [g, h], [i, j]].map(u16::from_le_bytes);
        let third = u16::from_le_bytes([k, l]);
        Entry { term: u32::from_le_bytes([a, b, c, d]), symbols, third: third & 0x7FFF, literal: third >> 15 == 1 }
    }
}

/// Bytes of a word of [`crate::lexicon::place::PAIRS`], and of a record.
pub const WORD: usize = 12;

/// Terms by the classes of their first two symbols: few of all pairs have any.
///
/// A word has the bits of 64 pairs (`u64`) and how many are set before them (`u32`); the record of a set bit, where its
/// entries begin (`u32`) and the classes of the third symbols among them ([`crate::classes::mask`], `u64`). One record more stands at the
/// end. Of each pair, terms of two symbols come first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pairs<'a> {
    pub words: &'a [[u8; WORD]],
    pub records: &'a [[u8; WORD]],
    pub entries: &'a [[u8; ENTRY]],
}

impl<'a> Pairs<'a> {
    /// Whether terms begin with symbols of these classes.
    #[inline]
    pub(crate) fn has(&self, first: u16, second: u16) -> bool {
        let number = pair(first, second);
        self.words
            .get(number / 64)
            .is_some_and(|[bits @ .., _, _, _, _]| u64::from_le_bytes(*bits) >> (number % 64) & 1 == 1)
    }

    /// Those terms.
    #[inline]
    pub(crate) fn of(&self, first: u16, second: u16) -> Option<Group<'a>> {
        let number = pair(first, second);
        let [bits @ .., a, b, c, d] = self.words.get(number / 64)?;
        let (bits, bit) = (u64::from_le_bytes(*bits), 1_u64 << (number % 64));
        if bits & bit == 0 {
            return None;
        }
        let rank = u32::from_le_bytes([*a, *b, *c, *d]).wrapping_add((bits & (bit - 1)).count_ones()) as usize;
        let [[e, f, g, h, thirds @ ..], [i, j, k, l, ..]] = self.records.get(rank..rank + 2)? else { return None };
        let span = u32::from_le_bytes([*e, *f, *g, *h]) as usize..u32::from_le_bytes([*i, *j, *k, *l]) as usize;
        Some(Group { thirds: u64::from_le_bytes(*thirds), entries: self.entries.get(span)? })
    }
}

/// The terms of two classes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'a> {
    /// The classes of the third symbols of the longer ones: [`crate::classes::mask`].
    pub thirds: u64,
    entries: &'a [[u8; ENTRY]],
}

impl<'a> Group<'a> {
    /// All of them, those of two symbols first.
    #[inline]
    pub(crate) fn each(&self) -> impl Iterator<Item = Entry> + use<'a> {
        self.entries.iter().map(|entry| Entry::of(*entry))
    }
}

/// What terms are made of: two bits for each symbol, whether one has it, and whether one begins with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'a>(pub &'a [u8]);

impl Made<'_> {
    #[inline]
    fn bits(self, symbol: Symbol) -> u8 {
        self.0.get(usize::from(symbol / 4)).map_or(0, |byte| byte >> (symbol % 4 * 2))
    }

    /// Whether a term has this symbol.
    #[inline]
    pub(crate) fn has(self, symbol: Symbol) -> bool {
        self.bits(symbol) & 1 != 0
    }

    /// Whether a term begins with it.
    #[inline]
    pub(crate) fn begins(self, symbol: Symbol) -> bool {
        self.bits(symbol) & 2 != 0
    }
}

/// Bytes of a row: all that may follow one symbol lie side by side.
pub const ROW: usize = 64;

/// The row of a first symbol, of so many, a power of two.
#[inline]
pub fn row(first: Symbol, rows: usize) -> usize {
    usize::from(first) & rows.wrapping_sub(1)
}

/// Where in a row the two bits of a second symbol lie: at four times as many bits.
#[inline]
pub fn column(second: Symbol) -> u8 {
    (share(second) >> 24) as u8
}

/// What may follow one symbol at the head of a term: of some thirty symbols that none goes on with, it says so of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads<'a>(Option<&'a [u8; ROW]>);

impl<'a> Heads<'a> {
    /// Of one symbol.
    #[inline]
    pub(crate) fn of(rows: &'a [[u8; ROW]], first: Symbol) -> Heads<'a> {
        Heads(rows.get(row(first, rows.len())))
    }

    #[inline]
    fn bits(self, column: u8) -> u8 {
        let at = usize::from(column / 4);
        self.0.and_then(|row| row.get(at)).map_or(0, |byte| byte >> (column % 4 * 2))
    }

    /// Whether a term may go on with a symbol of this column.
    #[inline]
    pub(crate) fn may_follow(self, column: u8) -> bool {
        self.bits(column) & 1 != 0
    }

    /// The same of a term in another order.
    #[inline]
    pub(crate) fn may_be_turned(self, column: u8) -> bool {
        self.bits(column) & 2 != 0
    }
}

/// The first two symbols of a term in every other order in which it is looked for: backwards, or with two neighbours
/// swapped.
pub fn turned_heads(symbols: &[Symbol]) -> impl Iterator<Item = (Symbol, Symbol)> {
    let heads = match *symbols {
        [one, two] => [Some((two, one)), None, None, None],
        [one, two, three] => [Some((three, two)), Some((two, one)), Some((one, three)), None],
        [one, two, three, .., before, last] => {
            [Some((last, before)), Some((two, one)), Some((one, three)), Some((one, two))]
        }
        [one, two, three, last] => [Some((last, three)), Some((two, one)), Some((one, three)), Some((one, two))],
        _ => [None; 4],
    };
    heads.into_iter().flatten()
}
