//! What terms begin with, in tables that are read in place.

use crate::classes::pair;
use crate::lexicon::share;
use crate::symbol::Symbol;

/// Bytes of an entry.
pub const ENTRY: usize = 14;

/// A term under the classes of its first symbols, with what tells at a glance whether it can stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its first symbols; 0: it has none.
    pub symbols: [Symbol; 3],
    /// The class of the third, of a term of one symbol that of the first; 0: there is none.
    pub third: u16,
    /// Whether only the term as it stands counts: another name, or a word that is allowed.
    pub literal: bool,
    /// How many symbols it has.
    pub len: u8,
    /// What it costs as Chinese, whole, in quarter bits; no more than 255.
    pub own: u8,
    /// The term.
    pub term: u32,
}

impl Entry {
    /// As it lies in a table.
    pub fn bytes(self) -> [u8; ENTRY] {
        let [a, b, c, d] = self.term.to_le_bytes();
        let [[e, f], [g, h], [i, j]] = self.symbols.map(u16::to_le_bytes);
        let [k, l] = (self.third | u16::from(self.literal) << 15).to_le_bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l, self.len, self.own]
    }

    #[inline]
    pub(crate) fn of([a, b, c, d, e, f, g, h, i, j, k, l, len, own]: [u8; ENTRY]) -> Entry {
        let symbols = [[e, f], [g, h], [i, j]].map(u16::from_le_bytes);
        let (third, term) = (u16::from_le_bytes([k, l]), u32::from_le_bytes([a, b, c, d]));
        Entry { symbols, third: third & 0x7FFF, literal: third >> 15 == 1, len, own, term }
    }

    /// Its first two symbols, as they lie in a table.
    #[inline]
    fn head([_, _, _, _, e, f, g, h, ..]: &[u8; ENTRY]) -> (Symbol, Symbol) {
        (u16::from_le_bytes([*e, *f]), u16::from_le_bytes([*g, *h]))
    }
}

/// Bytes of a word of [`crate::lexicon::place::PAIRS`].
pub const WORD: usize = 12;
/// Bytes of a record of them.
pub const RECORD: usize = 16;
/// What no term costs: there is none of such a length.
pub const NO_TERM: u8 = u8::MAX;

/// Terms by the classes of their first two symbols: few of all pairs have any.
///
/// A word has the bits of 64 pairs (`u64`) and how many are set before them (`u32`); the record of a set bit, where its
/// entries begin (`u32`), the classes of the third symbols among them ([`crate::classes::mask`], `u64`), and the least that
/// their terms of two, of three, of four and of more symbols cost as Chinese (`u8` each; [`NO_TERM`]: there are none). One
/// record more stands at the end. Of each pair, entries are in the order of their symbols.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pairs<'a> {
    pub words: &'a [[u8; WORD]],
    pub records: &'a [[u8; RECORD]],
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
        let [[e, f, g, h, rest @ ..], [i, j, k, l, ..]] = self.records.get(rank..rank + 2)? else { return None };
        let span = u32::from_le_bytes([*e, *f, *g, *h]) as usize..u32::from_le_bytes([*i, *j, *k, *l]) as usize;
        let [thirds @ .., m, n, o, p] = *rest;
        Some(Group { thirds: u64::from_le_bytes(thirds), least: [m, n, o, p], entries: self.entries.get(span)? })
    }
}

/// The terms of two classes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'a> {
    /// The classes of the third symbols of the longer ones: [`crate::classes::mask`].
    pub thirds: u64,
    /// The least that those of two, of three, of four and of more symbols cost as Chinese.
    pub least: [u8; 4],
    entries: &'a [[u8; ENTRY]],
}

impl<'a> Group<'a> {
    /// Those that begin with two symbols; 0: with any.
    #[inline]
    pub(crate) fn each(&self, first: Symbol, second: Symbol) -> impl Iterator<Item = Entry> + use<'a> {
        let entries = match (first, second) {
            (0, _) => self.entries,
            (_, 0) => self.between((first, 0), (first, Symbol::MAX)),
            head => self.between(head, head),
        };
        let wanted = second.to_le_bytes();
        let fits = move |[_, _, _, _, _, _, a, b, ..]: &&[u8; ENTRY]| second == 0 || [*a, *b] == wanted;
        entries.iter().filter(fits).map(|entry| Entry::of(*entry))
    }

    fn between(&self, from: (Symbol, Symbol), to: (Symbol, Symbol)) -> &'a [[u8; ENTRY]] {
        let behind = self.entries.get(self.entries.partition_point(|entry| Entry::head(entry) < from)..);
        let behind = behind.unwrap_or_default();
        let count = behind.iter().take_while(|entry| Entry::head(entry) <= to).count();
        behind.get(..count).unwrap_or_default()
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

/// Bytes of a row: all that may follow one symbol lie side by side. A bit for each column: first of terms as they are, then
/// of terms in another order.
pub const ROW: usize = 64;
/// How many columns a row has.
pub const COLUMNS: usize = ROW * 4;

/// The row of a first symbol, of so many, a power of two.
#[inline]
pub fn row(first: Symbol, rows: usize) -> usize {
    usize::from(first) & rows.wrapping_sub(1)
}

/// The column of a second symbol.
#[inline]
pub fn column(second: Symbol) -> u8 {
    (share(second) >> 24) as u8
}

/// A set of columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns([u64; COLUMNS / 64]);

impl Columns {
    /// None.
    pub(crate) const NONE: Columns = Columns([0; COLUMNS / 64]);

    /// One more.
    #[inline]
    pub(crate) fn add(&mut self, column: u8) {
        if let Some(word) = self.0.get_mut(usize::from(column / 64)) {
            *word |= 1 << (column % 64);
        }
    }
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
    fn bit(self, half: usize, column: u8) -> bool {
        let at = half + usize::from(column / 8);
        self.0.and_then(|row| row.get(at)).is_some_and(|byte| byte >> (column % 8) & 1 == 1)
    }

    /// Whether a term may go on with a symbol of this column.
    #[inline]
    pub(crate) fn may_follow(self, column: u8) -> bool {
        self.bit(0, column)
    }

    /// Whether one may with a symbol of one of these columns.
    #[inline]
    pub(crate) fn may_meet(self, columns: &Columns) -> bool {
        let Some(row) = self.0 else { return false };
        row.as_chunks::<8>().0.iter().zip(columns.0).any(|(word, columns)| u64::from_le_bytes(*word) & columns != 0)
    }

    /// Whether a term in another order may go on with a symbol of this column.
    #[inline]
    pub(crate) fn may_be_turned(self, column: u8) -> bool {
        self.bit(ROW / 2, column)
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
