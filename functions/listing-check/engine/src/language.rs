//! What is known of characters: other forms, sounds, shapes, words. Read in place.

use crate::bytes::{Arrays, has_bit, pair_key, u16_at, u32_at};
use crate::classes::{CLASSES, Classes};
use crate::step::Step;
use crate::symbol::{EMOJI, HAN, Symbol};

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VLG3";

/// Places of the arrays.
pub mod place {
    /// By code from U+4E00 on: `u16`, the symbol; bit 15: it is another form of it.
    pub const HAN: usize = 0;
    /// By symbol from the first character on: `u8`, what it costs alone, in quarter bits.
    pub const COST: usize = 1;
    /// By symbol: three `u16`, its sounds, the usual one first; 0: none.
    pub const SOUNDS: usize = 2;
    /// By symbol: `u32`, the character.
    pub const CHARS: usize = 3;
    /// Words of two and more symbols: a hash table of `u16` marks, see [`super::WordHash`]; 0: free. Of some 20,000
    /// lookups one finds a word that is none: it costs no more than a slip of the dictionary would.
    pub const WORDS: usize = 4;
    /// By sound from 1 on: 6 bytes, its name, padded with zeros; ascending.
    pub const NAMES: usize = 5;
    /// By sound: `u16`, its class: sounds that are easily mistaken are one class.
    pub const CLASSES: usize = 6;
    /// Other forms: `u32` code, `u32` place in the pool (low 24 bits) and kind (high 8 bits); ascending by code.
    pub const FORMS: usize = 7;
    /// What the forms read: a length and so many bytes.
    pub const POOL: usize = 8;
    /// By symbol: `u32`, where its look-alikes begin; one more at the end.
    pub const GLYPH_AT: usize = 9;
    /// Look-alikes: `u16` symbol, `u16` likeness in per cent.
    pub const GLYPHS: usize = 10;
    /// Parts: three `u16` symbols, the third perhaps 0, and the `u16` symbol that they make; ascending.
    pub const SPLITS: usize = 11;
    /// Names of emoji: `u32` where they begin in [`EMOJI_NAMES`], by emoji; one more at the end.
    pub const EMOJI_AT: usize = 12;
    /// Names of emoji: `u16` symbols, each name ending with 0.
    pub const EMOJI_NAMES: usize = 13;
    /// By slot of [`WORDS`]: `u8`, what the word costs, in quarter bits.
    pub const WORD_COSTS: usize = 14;
    /// By symbol: `u8`, bit 0: it is the first part of a character, bit 1: the second.
    pub const PARTS: usize = 15;
    /// By eight symbols: `u32`, where the entries of [`SPLITS`] begin whose first part is one of them; one more at the end.
    pub const SPLIT_STARTS: usize = 16;
    /// By [`super::form_bucket`]: `u32`, where the entries of [`FORMS`] begin; one more at the end.
    pub const FORM_STARTS: usize = 17;
    /// By symbol: `u16`, the class of its usual sound; 0: it has none.
    pub const USUAL: usize = 18;
    /// By letter from `a` on: [`crate::classes::CLASSES`] bits, the classes of sounds that begin with it.
    pub const LETTERS: usize = 19;
    /// Syllables in letters: a hash table, see [`super::Spelt`].
    pub const SPELT: usize = 20;
    /// One bit for each [`crate::bytes::pair_key`] of the first two parts of a character, modulo the number of bits, which is
    /// a power of two.
    pub const MAKES: usize = 21;
    /// How many arrays there are.
    pub const COUNT: usize = 22;
}

/// The code of the first character of the table, and how many there are.
pub const FIRST: u32 = 0x4E00;
/// How many codes the table covers.
pub const CODES: usize = 0x5200;
/// The kind of a form that is an emoji.
pub const KIND_EMOJI: u8 = 200;
/// How many buckets forms are in.
pub const FORM_BUCKETS: usize = 4096;

/// The bucket of a form, by its code: ascending as the codes are.
#[inline]
pub const fn form_bucket(code: u32) -> usize {
    let bucket = (code >> 5) as usize;
    if bucket < FORM_BUCKETS { bucket } else { FORM_BUCKETS - 1 }
}

/// A syllable in letters, letter by letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelt(u32);

/// Bytes of an entry of syllables in letters: `u32` the letters ([`Spelt::code`]; 0: free), `u16` the sound that is spelt so,
/// or else `u16` the one that is meant where z is written for zh, n for ng and the like; 0: none.
pub const SPELT: usize = 8;

impl Spelt {
    /// No letter.
    pub const NONE: Spelt = Spelt(0);

    /// One letter more, of six at most.
    #[inline]
    #[must_use]
    pub fn with(self, letter: u8) -> Spelt {
        Spelt(self.0.wrapping_mul(27).wrapping_add(u32::from(letter.wrapping_sub(b'a' - 1) % 27)))
    }

    /// The letters as a number.
    pub const fn code(self) -> u32 {
        self.0
    }

    /// Where to look first among so many slots, a power of two.
    #[inline]
    pub const fn slot(self, slots: usize) -> usize {
        (self.0.wrapping_mul(0x9E37_79B1) >> 16) as usize & slots.wrapping_sub(1)
    }
}

/// What a character costs that nobody knows.
pub const UNKNOWN: i32 = 100;

/// The hash of a word, symbol by symbol.
#[derive(Clone, Copy, Debug)]
pub struct WordHash(u32);

impl WordHash {
    /// Of no symbol.
    pub const NONE: WordHash = WordHash(0x811C_9DC5);

    /// Of one symbol more.
    #[inline]
    #[must_use]
    pub fn with(self, symbol: Symbol) -> WordHash {
        let hash = (self.0 ^ u32::from(symbol)).wrapping_mul(0x0100_0193);
        WordHash(hash ^ hash >> 15)
    }

    /// Of a word in the hash table: its mark, never 0, and where to look first among so many slots.
    #[inline]
    pub fn key(self, slots: usize) -> (u16, usize) {
        let mixed = self.0.wrapping_mul(0x9E37_79B1);
        let mark = (mixed ^ (mixed >> 15)) as u16 | 1;
        (mark, ((u64::from(self.0.wrapping_mul(0x85EB_CA6B)) * slots as u64) >> 32) as usize)
    }
}

/// Of no word, but words begin with it.
pub const PREFIX: u8 = 255;

/// A language in its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Language<'a> {
    han: &'a [[u8; 2]],
    cost: &'a [u8],
    sounds: &'a [[u8; 6]],
    chars: &'a [[u8; 4]],
    words: &'a [[u8; 2]],
    word_costs: &'a [u8],
    names: &'a [[u8; 6]],
    classes: &'a [[u8; 2]],
    forms: &'a [[u8; 8]],
    form_starts: &'a [[u8; 4]],
    pool: &'a [u8],
    glyph_at: &'a [[u8; 4]],
    glyphs: &'a [[u8; 4]],
    splits: &'a [[u8; 8]],
    parts: &'a [u8],
    split_starts: &'a [[u8; 4]],
    emoji_at: &'a [[u8; 4]],
    emoji_names: &'a [[u8; 2]],
    usual: &'a [[u8; 2]],
    letters: &'a [[u8; CLASSES / 8]],
    spelt: &'a [[u8; SPELT]],
    makes: &'a [u8],
}

impl<'a> Language<'a> {
    /// Opens a language; its head alone is looked at.
    pub fn open(bytes: &'a [u8]) -> Option<Language<'a>> {
        let arrays = Arrays::open(bytes, MAGIC)?;
        Some(Language {
            han: arrays.entries(place::HAN),
            cost: arrays.get(place::COST),
            sounds: arrays.entries(place::SOUNDS),
            chars: arrays.entries(place::CHARS),
            words: arrays.entries(place::WORDS),
            word_costs: arrays.get(place::WORD_COSTS),
            names: arrays.entries(place::NAMES),
            classes: arrays.entries(place::CLASSES),
            forms: arrays.entries(place::FORMS),
            form_starts: arrays.entries(place::FORM_STARTS),
            pool: arrays.get(place::POOL),
            glyph_at: arrays.entries(place::GLYPH_AT),
            glyphs: arrays.entries(place::GLYPHS),
            splits: arrays.entries(place::SPLITS),
            parts: arrays.get(place::PARTS),
            split_starts: arrays.entries(place::SPLIT_STARTS),
            emoji_at: arrays.entries(place::EMOJI_AT),
            emoji_names: arrays.entries(place::EMOJI_NAMES),
            usual: arrays.entries(place::USUAL),
            letters: arrays.entries(place::LETTERS),
            spelt: arrays.entries(place::SPELT),
            makes: arrays.get(place::MAKES),
        })
    }

    /// The symbol of a character, and whether the character is another form of it; 0 if it is not known.
    #[inline]
    pub fn han(&self, c: char) -> (Symbol, bool) {
        let symbol = u16_at(self.han, (c as u32).wrapping_sub(FIRST) as usize);
        (symbol & 0x7FFF, symbol & 0x8000 != 0)
    }

    /// What another form reads, and how: none if it is no form.
    pub fn form(&self, c: char) -> Option<(&'a str, Form)> {
        let code = c as u32;
        let bucket = form_bucket(code);
        let near = u32_at(self.form_starts, bucket) as usize..u32_at(self.form_starts, bucket + 1) as usize;
        let [.., a, b, c, kind] = *self.forms.get(near)?.iter().find(|entry| {
            let [a, b, c, d, ..] = **entry;
            u32::from_le_bytes([a, b, c, d]) == code
        })?;
        let at = u32::from_le_bytes([a, b, c, 0]);
        if kind == KIND_EMOJI {
            return Some(("", Form::Emoji(EMOJI.saturating_add(at as u16))));
        }
        let at = at as usize;
        let len = usize::from(*self.pool.get(at)?);
        let text = std::str::from_utf8(self.pool.get(at + 1..at + 1 + len)?).ok()?;
        let step = crate::step::ALL.get(usize::from(kind)).copied()?;
        Some((text, Form::Text(step)))
    }

    /// What a character costs alone, in quarter bits.
    #[inline]
    pub fn cost(&self, symbol: Symbol) -> i32 {
        self.cost.get(usize::from(symbol.wrapping_sub(HAN))).map_or(UNKNOWN, |cost| i32::from(*cost))
    }

    /// Its sounds, the usual one first; 0: none.
    #[inline]
    pub fn sounds(&self, symbol: Symbol) -> [u16; 3] {
        let Some([a, b, c, d, e, f]) = self.sounds.get(usize::from(symbol.wrapping_sub(HAN))).copied() else {
            return [0; 3];
        };
        [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]), u16::from_le_bytes([e, f])]
    }

    /// The class of a sound; 0 if there is none.
    #[inline]
    pub fn class(&self, sound: u16) -> u16 {
        u16_at(self.classes, usize::from(sound))
    }

    /// The name of a sound.
    pub fn name(&self, sound: u16) -> &'a str {
        let name = self.names.get(usize::from(sound)).map_or(&[][..], |name| name);
        let len = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        name.get(..len).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default()
    }

    /// The sound of a name; 0 if there is none.
    pub fn sound(&self, name: &[u8]) -> u16 {
        let mut padded = [0; 6];
        if name.len() > padded.len() {
            return 0;
        }
        for (room, byte) in padded.iter_mut().zip(name) {
            *room = *byte;
        }
        self.names.binary_search(&padded).map_or(0, |place| place as u16)
    }

    /// The sound that letters spell, and else the one that is meant; 0: none.
    #[inline]
    pub fn spelt(&self, letters: Spelt) -> (u16, u16) {
        let mut slot = letters.slot(self.spelt.len());
        for _ in 0..64 {
            let Some([a, b, c, d, e, f, g, h]) = self.spelt.get(slot).copied() else { return (0, 0) };
            match u32::from_le_bytes([a, b, c, d]) {
                0 => return (0, 0),
                code if code == letters.0 => return (u16::from_le_bytes([e, f]), u16::from_le_bytes([g, h])),
                _ => slot = (slot + 1) & (self.spelt.len() - 1),
            }
        }
        (0, 0)
    }

    /// The classes of sounds that begin with a letter.
    #[inline]
    pub fn classes_of(&self, letter: u8) -> Classes {
        self.letters.get(usize::from(letter.wrapping_sub(b'a'))).map_or(Classes::NONE, Classes::read)
    }

    /// The character of a symbol.
    pub fn char(&self, symbol: Symbol) -> Option<char> {
        char::from_u32(u32_at(self.chars, usize::from(symbol.wrapping_sub(HAN))))
    }

    /// What a word costs: `None` if it is none; [`PREFIX`] if words begin with it.
    #[inline]
    pub fn word(&self, word: &[Symbol]) -> Option<u8> {
        self.word_of(word.iter().fold(WordHash::NONE, |hash, symbol| hash.with(*symbol)))
    }

    /// The same by its hash.
    #[inline]
    pub fn word_of(&self, word: WordHash) -> Option<u8> {
        let slots = self.words.len();
        let (mark, mut slot) = word.key(slots);
        for _ in 0..64 {
            match u16_at(self.words, slot) {
                0 => return None,
                here if here == mark => return self.word_costs.get(slot).copied(),
                _ => slot = if slot + 1 < slots { slot + 1 } else { 0 },
            }
        }
        None
    }

    /// Characters that look like one: their symbols and how much, per cent.
    pub fn glyphs(&self, symbol: Symbol) -> impl Iterator<Item = (Symbol, u16)> + use<'a> {
        let at = usize::from(symbol.wrapping_sub(HAN));
        let span = u32_at(self.glyph_at, at) as usize..u32_at(self.glyph_at, at + 1) as usize;
        self.glyphs
            .get(span)
            .unwrap_or_default()
            .iter()
            .map(|[a, b, c, d]| (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d])))
    }

    /// Whether two symbols may be parts of one character: of some ten that are none, it says so of one.
    #[inline]
    pub fn may_make(&self, first: Symbol, second: Symbol) -> bool {
        let part = |symbol: Symbol| self.parts.get(usize::from(symbol.wrapping_sub(HAN))).copied().unwrap_or(0);
        part(first) & 1 != 0 && part(second) & 2 != 0 && has_bit(self.makes, pair_key(first, second))
    }

    /// The class of the usual sound of a symbol; 0 if it has none.
    #[inline]
    pub fn usual_class(&self, symbol: Symbol) -> u16 {
        u16_at(self.usual, usize::from(symbol.wrapping_sub(HAN)))
    }

    /// What parts make together; the third may be 0.
    pub fn made_of(&self, parts: [Symbol; 3]) -> impl Iterator<Item = Symbol> + use<'a> {
        let key = |entry: &[u8; 8]| {
            let [a, b, c, d, e, f, ..] = *entry;
            [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]), u16::from_le_bytes([e, f])]
        };
        let eight = usize::from(parts[0].wrapping_sub(HAN) / 8);
        let span = u32_at(self.split_starts, eight) as usize..u32_at(self.split_starts, eight + 1) as usize;
        let splits = self.splits.get(span).unwrap_or_default();
        let from = splits.partition_point(|entry| key(entry) < parts);
        let rest = splits.get(from..).unwrap_or_default();
        rest.iter().take_while(move |entry| key(entry) == parts).map(|[.., a, b]| u16::from_le_bytes([*a, *b]))
    }

    /// Names of an emoji.
    pub fn emoji(&self, symbol: Symbol) -> impl Iterator<Item = &'a [[u8; 2]]> + use<'a> {
        let at = usize::from(symbol.wrapping_sub(EMOJI));
        let span = u32_at(self.emoji_at, at) as usize..u32_at(self.emoji_at, at + 1) as usize;
        self.emoji_names.get(span).unwrap_or_default().split(|symbol| *symbol == [0, 0]).filter(|name| !name.is_empty())
    }
}

/// What a form is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It reads a text.
    Text(Step),
    /// It is an emoji.
    Emoji(Symbol),
}
