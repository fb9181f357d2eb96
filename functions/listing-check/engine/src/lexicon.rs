//! Terms, and what they are looked up by. Read in place.

use crate::bytes::{Arrays, has_bit, pair_key, u16_at, u32_at};
use crate::heads::{ENTRY, Entry, Heads, Made, Pairs, ROW, column, row};
use crate::symbol::Symbol;

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VLX4";
/// Places of the arrays.
pub mod place {
    /// Terms by the classes of their first two symbols: words, see [`crate::heads::WORD`].
    pub const PAIRS: usize = 0;
    /// The records of [`PAIRS`].
    pub const RECORDS: usize = 1;
    /// The entries of [`PAIRS`]: see [`crate::heads::Entry`].
    pub const ENTRIES: usize = 2;
    /// Terms: see [`super::Term`].
    pub const TERMS: usize = 3;
    /// `u16` symbols.
    pub const SYMBOLS: usize = 4;
    /// `u32` sum of a term's symbols, `u32` term; ascending.
    pub const SUMS: usize = 5;
    /// One bit for each [`super::turned_key`], modulo the number of bits, which is a power of two.
    pub const TURNED: usize = 6;
    /// `u32` key of a term's first letters, `u32` term; ascending.
    pub const INITIALS: usize = 7;
    /// Texts of terms.
    pub const TEXTS: usize = 8;
    /// Terms of one symbol: [`crate::heads::Entry`] by their class, which stands as the third; ascending.
    pub const SINGLE: usize = 9;
    /// By rows of first symbols, two bits for each column of second ones: whether a term may begin with them, and whether one
    /// in another order may ([`crate::heads::turned_heads`]). See [`crate::heads::ROW`].
    pub const HEADS: usize = 10;
    /// One bit for each class: whether [`SINGLE`] has it.
    pub const SINGLE_CLASSES: usize = 11;
    /// Two bits for each symbol: whether a term has it, and whether one begins with it.
    pub const MADE: usize = 12;
    /// By the highest bits of a sum: `u32`, where in [`SUMS`] those begin; one more at the end. As many bits as there are
    /// places, a power of two.
    pub const SUM_STARTS: usize = 13;
    /// By rows of first symbols, as [`HEADS`]: [`crate::classes::CLASSES`] bits, the classes of second symbols.
    pub const SECOND_CLASSES: usize = 14;
    /// One bit for each [`crate::bytes::pair_key`] of the class of a first symbol and the second symbol, modulo the number of bits,
    /// which is a power of two.
    pub const CLASS_FIRST: usize = 15;
    /// One bit for each [`crate::bytes::pair_key`] of a first and a second symbol, modulo the number of bits, which is a power of two:
    /// common symbols go on with so many that [`HEADS`] says yes to all.
    pub const FIRSTS: usize = 16;
    /// The same of terms in another order.
    pub const TURNED_FIRSTS: usize = 17;
    /// How many arrays there are.
    pub const COUNT: usize = 18;
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
    text: &'a [u8],
}

impl<'a> Term<'a> {
    /// How it is written.
    pub fn text(&self) -> &'a str {
        std::str::from_utf8(self.text).unwrap_or_default()
    }

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
    pairs: Pairs<'a>,
    made: &'a [u8],
    single: &'a [[u8; ENTRY]],
    single_classes: &'a [u8],
    heads: &'a [[u8; ROW]],
    second_classes: &'a [[u8; ROW]],
    class_first: &'a [u8],
    firsts: &'a [u8],
    turned_firsts: &'a [u8],
    terms: &'a [[u8; TERM]],
    symbols: &'a [[u8; 2]],
    sums: &'a [[u8; 8]],
    sum_starts: &'a [[u8; 4]],
    turned: &'a [u8],
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
            told: terms.partition_point(|[_, _, _, _, _, role, kind, ..]| Role::of(*role) != Role::Part && *kind != 1),
            pairs: Pairs {
                words: arrays.entries(place::PAIRS),
                records: arrays.entries(place::RECORDS),
                entries: arrays.entries(place::ENTRIES),
            },
            made: arrays.get(place::MADE),
            single: arrays.entries(place::SINGLE),
            single_classes: arrays.get(place::SINGLE_CLASSES),
            heads: arrays.entries(place::HEADS),
            second_classes: arrays.entries(place::SECOND_CLASSES),
            class_first: arrays.get(place::CLASS_FIRST),
            firsts: arrays.get(place::FIRSTS),
            turned_firsts: arrays.get(place::TURNED_FIRSTS),
            terms,
            symbols: arrays.entries(place::SYMBOLS),
            sums: arrays.entries(place::SUMS),
            sum_starts: arrays.entries(place::SUM_STARTS),
            turned: arrays.get(place::TURNED),
            initials: arrays.entries(place::INITIALS),
            texts: arrays.get(place::TEXTS),
        })
    }

    /// How many terms there are, aliases among them.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// How many of them are told by themselves: other names and parts of combinations stand behind all others. Which of so
    /// many a text may mean does not depend on either.
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
            text,
        })
    }

    /// What may follow a symbol at the head of a term.
    #[inline]
    pub(crate) fn heads(&self, first: Symbol) -> Heads<'a> {
        Heads::of(self.heads, first)
    }

    /// Whether a term may begin with a symbol, and a symbol of a class.
    #[inline]
    pub(crate) fn may_sound(&self, first: Symbol, second: u16) -> bool {
        let row = self.second_classes.get(row(first, self.second_classes.len()));
        row.and_then(|row| row.get(usize::from(second / 8))).is_some_and(|byte| byte >> (second % 8) & 1 == 1)
    }

    /// Whether a term may begin with a symbol of a class, and a symbol.
    #[inline]
    pub(crate) fn may_begin_with_class(&self, first: u16, second: Symbol) -> bool {
        has_bit(self.class_first, pair_key(first, second))
    }

    /// Whether a term may begin with these two symbols: of some sixteen that none begins with, it says so of one.
    #[inline]
    pub fn may_begin(&self, first: Symbol, second: Symbol) -> bool {
        self.heads(first).may_follow(column(second)) && has_bit(self.firsts, pair_key(first, second))
    }

    /// Whether a term in another order may begin with these two symbols.
    #[inline]
    pub fn may_be_turned(&self, first: Symbol, second: Symbol) -> bool {
        self.heads(first).may_be_turned(column(second)) && has_bit(self.turned_firsts, pair_key(first, second))
    }

    /// Whether terms of one symbol are among them.
    #[inline]
    pub(crate) fn has_singles(&self) -> bool {
        !self.single.is_empty()
    }

    /// Whether terms of one symbol of this class are among them.
    #[inline]
    pub(crate) fn has_single(&self, class: u16) -> bool {
        self.single_classes.get(usize::from(class / 8)).is_some_and(|byte| byte >> (class % 8) & 1 == 1)
    }

    /// Terms by the classes of their first two symbols.
    #[inline]
    pub(crate) fn pairs(&self) -> Pairs<'a> {
        self.pairs
    }

    /// Which symbols terms have.
    #[inline]
    pub(crate) fn made(&self) -> Made<'a> {
        Made(self.made)
    }

    /// Terms of one symbol of this class.
    #[inline]
    pub fn single(&self, class: u16) -> impl Iterator<Item = Entry> + use<'a> {
        let entries = if self.has_single(class) { self.single } else { &[] };
        let third = |entry: &[u8; ENTRY]| Entry::of(*entry).third;
        let from = entries.partition_point(|entry| third(entry) < class);
        let rest = entries.get(from..).unwrap_or_default().iter().map(|entry| Entry::of(*entry));
        rest.take_while(move |entry| entry.third == class)
    }

    /// Terms whose symbols have a sum, and which in another order begin with these two symbols.
    #[inline]
    pub fn of_sum(&self, sum: u32, head: (Symbol, Symbol)) -> impl Iterator<Item = u32> + use<'a> {
        let any = has_bit(self.turned, turned_key(sum, head));
        let bucket = sum_bucket(sum, self.sum_starts.len().saturating_sub(1));
        let start = |at: usize| u32_at(self.sum_starts, at) as usize;
        let sums = if any { self.sums.get(start(bucket)..start(bucket + 1)).unwrap_or_default() } else { &[] };
        let of = move |entry: &&[u8; 8]| key_of(entry) == sum;
        sums.iter().filter(of).map(|[.., e, f, g, h]| u32::from_le_bytes([*e, *f, *g, *h]))
    }

    /// Terms whose first letters have a key.
    pub fn of_initials(&self, key: u32) -> impl Iterator<Item = u32> + use<'a> {
        let from = self.initials.partition_point(|entry| key_of(entry) < key);
        let rest = self.initials.get(from..).unwrap_or_default().iter().take_while(move |entry| key_of(entry) == key);
        rest.map(|[.., e, f, g, h]| u32::from_le_bytes([*e, *f, *g, *h]))
    }
}

fn key_of([a, b, c, d, ..]: &[u8; 8]) -> u32 {
    u32::from_le_bytes([*a, *b, *c, *d])
}

/// What a symbol adds to the sum of a term, in whatever order its symbols stand.
#[inline]
pub fn share(symbol: Symbol) -> u32 {
    u32::from(symbol).wrapping_mul(0x9E37_79B1).rotate_left(9).wrapping_mul(0x85EB_CA6B)
}

/// The bucket of a sum, of so many, a power of two.
#[inline]
pub const fn sum_bucket(sum: u32, buckets: usize) -> usize {
    ((sum as u64 * buckets as u64) >> 32) as usize
}

/// The key of a sum in an order that begins with two symbols.
#[inline]
pub fn turned_key(sum: u32, (one, two): (Symbol, Symbol)) -> u32 {
    let mixed = (sum ^ u32::from(one) << 16 ^ u32::from(two)).wrapping_mul(0x9E37_79B1);
    mixed ^ mixed >> 15
}

/// The key of first letters.
pub fn initials_key(letters: impl Iterator<Item = Symbol>) -> u32 {
    letters.fold(7, |key, letter| key.wrapping_mul(31).wrapping_add(u32::from(letter)))
}
