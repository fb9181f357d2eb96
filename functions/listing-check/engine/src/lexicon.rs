//! Terms, by the classes of their first two symbols. Read in place.

use crate::bytes::{Arrays, u16_at, u32_at};
use crate::language::Language;
use crate::symbol::{self, HAN, Symbol};

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VLX3";
/// Classes are below it.
pub const CLASSES: usize = 512;
/// The class of a character without a sound, and of emoji.
pub const OTHER: u16 = 63;

/// Places of the arrays.
pub mod place {
    /// Terms of two symbols by their classes: a [`super::Sparse`] set over both.
    pub const SHORT: usize = 0;
    /// The ranks of [`SHORT`].
    pub const SHORT_RANKS: usize = 1;
    /// The starts of [`SHORT`].
    pub const SHORT_STARTS: usize = 2;
    /// Terms: see [`super::Term`].
    pub const TERMS: usize = 3;
    /// `u16` symbols.
    pub const SYMBOLS: usize = 4;
    /// `u32` sum of a term's symbols, `u32` term; ascending.
    pub const SUMS: usize = 5;
    /// One bit for each sum, modulo the number of bits, which is a power of two.
    pub const SUM_BITS: usize = 6;
    /// `u32` key of a term's first letters, `u32` term; ascending.
    pub const INITIALS: usize = 7;
    /// Texts of terms.
    pub const TEXTS: usize = 8;
    /// The entries of [`SHORT`], [`super::ENTRY`] bytes each: see [`super::Entry`].
    pub const SHORT_ENTRIES: usize = 9;
    /// Two bits for each hash of two symbols: whether a term may begin with them, and whether one in another order may
    /// ([`super::turned_heads`]). A row is [`super::ROW`] bytes long; see [`super::row`] and
    /// [`super::column`].
    pub const HEADS: usize = 10;
    /// Longer terms by their first two classes: a [`super::Sparse`] set over both.
    pub const LONG: usize = 11;
    /// The ranks of [`LONG`].
    pub const LONG_RANKS: usize = 12;
    /// The starts of [`LONG`].
    pub const LONG_STARTS: usize = 13;
    /// The entries of [`LONG`].
    pub const LONG_ENTRIES: usize = 14;
    /// By set bit of [`LONG`]: `u64`, the third classes of its terms, see [`super::mask`].
    pub const LONG_THIRDS: usize = 15;
    /// Terms of one symbol: [`super::Entry`] by their class, which stands as the third; ascending.
    pub const SINGLE: usize = 16;
    /// One bit for each class: whether [`SINGLE`] has it.
    pub const SINGLE_CLASSES: usize = 17;
    /// How many arrays there are.
    pub const COUNT: usize = 18;
}

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
    fn of([a, b, c, d, e, f, g, h, i, j, k, l]: [u8; ENTRY]) -> Entry {
        let symbols = [[e, f], [g, h], [i, j]].map(u16::from_le_bytes);
        let third = u16::from_le_bytes([k, l]);
        Entry { term: u32::from_le_bytes([a, b, c, d]), symbols, third: third & 0x7FFF, literal: third >> 15 == 1 }
    }
}

/// Entries by number, of which few are taken: a bit for each number, how many are set before each word of 64 bits, and
/// where the entries of each set bit begin.
#[derive(Clone, Copy, Debug)]
pub struct Sparse<'a> {
    bits: &'a [[u8; 8]],
    ranks: &'a [[u8; 4]],
    starts: &'a [[u8; 4]],
    entries: &'a [[u8; ENTRY]],
}

impl<'a> Sparse<'a> {
    /// Whether the bit of a number is set.
    #[inline]
    fn has(&self, number: usize) -> bool {
        self.bits.get(number / 64).is_some_and(|word| u64::from_le_bytes(*word) >> (number % 64) & 1 == 1)
    }

    /// How many bits are set before that of a number; none if it is not set.
    #[inline]
    fn rank(&self, number: usize) -> Option<usize> {
        let word = u64::from_le_bytes(*self.bits.get(number / 64)?);
        let bit = 1_u64 << (number % 64);
        let before = (word & (bit - 1)).count_ones();
        (word & bit != 0).then(|| u32_at(self.ranks, number / 64).wrapping_add(before) as usize)
    }

    /// The entries of a set bit.
    #[inline]
    fn at(&self, rank: usize) -> impl Iterator<Item = Entry> + use<'a> {
        let span = u32_at(self.starts, rank) as usize..u32_at(self.starts, rank + 1) as usize;
        self.entries.get(span).unwrap_or_default().iter().map(|entry| Entry::of(*entry))
    }
}

/// What may follow one symbol at the head of a term: of some thirty symbols that none goes on with, it says so of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads<'a>(Option<&'a [u8; ROW]>);

impl Heads<'_> {
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

    /// These and those.
    #[must_use]
    pub fn and(mut self, other: &Classes) -> Classes {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
        self
    }

    /// Whether one of them may be in a set of [`mask`]s.
    #[inline]
    pub fn may_meet(&self, masks: u64) -> bool {
        self.0.iter().fold(0, |all, word| all | word) & masks != 0
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

/// Terms of three and more symbols, the first two of two classes.
pub(crate) struct Long<'a> {
    long: Sparse<'a>,
    thirds: &'a [[u8; 8]],
    rank: Option<usize>,
}

impl<'a> Long<'a> {
    /// The classes of their third symbols: [`mask`]; none if there are no terms.
    #[inline]
    pub(crate) fn thirds(&self) -> Option<u64> {
        Some(u64::from_le_bytes(*self.thirds.get(self.rank?)?))
    }

    /// The terms.
    #[inline]
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> + use<'a> {
        let long = self.long;
        self.rank.into_iter().flat_map(move |rank| long.at(rank))
    }
}

/// Terms in their bytes.
#[derive(Clone, Copy, Debug)]
pub struct Lexicon<'a> {
    short: Sparse<'a>,
    long: Sparse<'a>,
    long_thirds: &'a [[u8; 8]],
    single: &'a [[u8; ENTRY]],
    single_classes: &'a [u8],
    heads: &'a [[u8; ROW]],
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
        // Bits, ranks and starts lie side by side.
        let sparse = |bits: usize, entries: usize| Sparse {
            bits: arrays.entries(bits),
            ranks: arrays.entries(bits + 1),
            starts: arrays.entries(bits + 2),
            entries: arrays.entries(entries),
        };
        let terms: &[[u8; TERM]] = arrays.entries(place::TERMS);
        Some(Lexicon {
            told: terms.partition_point(|[_, _, _, _, _, role, ..]| Role::of(*role) != Role::Part),
            short: sparse(place::SHORT, place::SHORT_ENTRIES),
            long: sparse(place::LONG, place::LONG_ENTRIES),
            long_thirds: arrays.entries(place::LONG_THIRDS),
            single: arrays.entries(place::SINGLE),
            single_classes: arrays.get(place::SINGLE_CLASSES),
            heads: arrays.entries(place::HEADS),
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
            text,
        })
    }

    /// What may follow a symbol at the head of a term.
    #[inline]
    pub(crate) fn heads(&self, first: Symbol) -> Heads<'a> {
        Heads(self.heads.get(row(first, self.heads.len())))
    }

    /// Whether a term may begin with these two symbols: of some thirty that none begins with, it says so of one.
    #[inline]
    pub fn may_begin(&self, first: Symbol, second: Symbol) -> bool {
        self.heads(first).may_follow(column(second))
    }

    /// Whether a term in another order may begin with these two symbols.
    #[inline]
    pub fn may_be_turned(&self, first: Symbol, second: Symbol) -> bool {
        self.heads(first).may_be_turned(column(second))
    }

    /// Whether terms of two and more symbols begin with symbols of these classes.
    #[inline]
    pub fn may_go_on(&self, first: u16, second: u16) -> bool {
        let number = pair(first, second);
        self.long.has(number) || self.short.has(number)
    }

    /// Terms of one symbol of this class.
    #[inline]
    pub fn single(&self, class: u16) -> impl Iterator<Item = Entry> + use<'a> {
        let any = self.single_classes.get(usize::from(class / 8)).is_some_and(|byte| byte >> (class % 8) & 1 == 1);
        let entries = if any { self.single } else { &[] };
        let third = |entry: &[u8; ENTRY]| Entry::of(*entry).third;
        let from = entries.partition_point(|entry| third(entry) < class);
        let rest = entries.get(from..).unwrap_or_default().iter().map(|entry| Entry::of(*entry));
        rest.take_while(move |entry| entry.third == class)
    }

    /// Terms of two symbols of these classes.
    #[inline]
    pub fn short(&self, first: u16, second: u16) -> impl Iterator<Item = Entry> + use<'a> {
        let short = self.short;
        short.rank(pair(first, second)).into_iter().flat_map(move |rank| short.at(rank))
    }

    /// Terms of three and more symbols, the first two of these classes.
    #[inline]
    pub(crate) fn long(&self, first: u16, second: u16) -> Long<'a> {
        Long { long: self.long, thirds: self.long_thirds, rank: self.long.rank(pair(first, second)) }
    }

    /// Terms whose symbols have a sum.
    pub fn of_sum(&self, sum: u32) -> impl Iterator<Item = u32> + use<'a> {
        let bits = self.sum_bits.len().wrapping_mul(8);
        let bit = sum as usize & bits.wrapping_sub(1);
        let any = self.sum_bits.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1);
        // Sums are spread evenly: where one would lie is near where it lies.
        let sums = if any { self.sums } else { &[] };
        let mut from = ((u64::from(sum) * sums.len() as u64) >> 32) as usize;
        while from > 0 && sums.get(from - 1).is_some_and(|entry| key_of(entry) >= sum) {
            from -= 1;
        }
        while sums.get(from).is_some_and(|entry| key_of(entry) < sum) {
            from += 1;
        }
        from_key(sums, from, sum)
    }

    /// Terms whose first letters have a key.
    pub fn of_initials(&self, key: u32) -> impl Iterator<Item = u32> + use<'a> {
        from_key(self.initials, self.initials.partition_point(|entry| key_of(entry) < key), key)
    }
}

fn key_of([a, b, c, d, ..]: &[u8; 8]) -> u32 {
    u32::from_le_bytes([*a, *b, *c, *d])
}

/// The terms of a key, which begin at a place.
fn from_key<'a>(entries: &'a [[u8; 8]], from: usize, key: u32) -> impl Iterator<Item = u32> + use<'a> {
    let rest = entries.get(from..).unwrap_or_default().iter().take_while(move |entry| key_of(entry) == key);
    rest.map(|[.., e, f, g, h]| u32::from_le_bytes([*e, *f, *g, *h]))
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

/// What a symbol adds to the sum of a term, in whatever order its symbols stand.
#[inline]
pub fn share(symbol: Symbol) -> u32 {
    u32::from(symbol).wrapping_mul(0x9E37_79B1).rotate_left(9).wrapping_mul(0x85EB_CA6B)
}

/// The key of first letters.
pub fn initials_key(letters: impl Iterator<Item = Symbol>) -> u32 {
    letters.fold(7, |key, letter| key.wrapping_mul(31).wrapping_add(u32::from(letter)))
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
