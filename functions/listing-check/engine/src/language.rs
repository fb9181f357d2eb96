//! What is known of characters: other forms, sounds, shapes, words. Read in place.

use crate::bytes::{Arrays, u16_at, u32_at};
use crate::step::Step;
use crate::symbol::{EMOJI, HAN, Symbol};

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VLG2";

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
    /// How many arrays there are.
    pub const COUNT: usize = 17;
}

/// The code of the first character of the table, and how many there are.
pub const FIRST: u32 = 0x4E00;
/// How many codes the table covers.
pub const CODES: usize = 0x5200;
/// The kind of a form that is an emoji.
pub const KIND_EMOJI: u8 = 200;
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
    pool: &'a [u8],
    glyph_at: &'a [[u8; 4]],
    glyphs: &'a [[u8; 4]],
    splits: &'a [[u8; 8]],
    parts: &'a [u8],
    split_starts: &'a [[u8; 4]],
    emoji_at: &'a [[u8; 4]],
    emoji_names: &'a [[u8; 2]],
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
            pool: arrays.get(place::POOL),
            glyph_at: arrays.entries(place::GLYPH_AT),
            glyphs: arrays.entries(place::GLYPHS),
            splits: arrays.entries(place::SPLITS),
            parts: arrays.get(place::PARTS),
            split_starts: arrays.entries(place::SPLIT_STARTS),
            emoji_at: arrays.entries(place::EMOJI_AT),
            emoji_names: arrays.entries(place::EMOJI_NAMES),
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
        let found = self.forms.binary_search_by_key(&code, |entry| {
            let [a, b, c, d, ..] = *entry;
            u32::from_le_bytes([a, b, c, d])
        });
        let [.., a, b, c, kind] = *self.forms.get(found.ok()?)?;
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

    /// Sounds that begin with a letter.
    pub fn sounds_of(&self, letter: u8) -> std::ops::Range<u16> {
        let from = self.names.partition_point(|name| name < &[letter, 0, 0, 0, 0, 0]);
        let to = self.names.partition_point(|name| name < &[letter.saturating_add(1), 0, 0, 0, 0, 0]);
        from.max(1) as u16..to as u16
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

    /// Whether two symbols may be parts of one character.
    #[inline]
    pub fn may_make(&self, first: Symbol, second: Symbol) -> bool {
        let part = |symbol: Symbol| self.parts.get(usize::from(symbol.wrapping_sub(HAN))).copied().unwrap_or(0);
        part(first) & 1 != 0 && part(second) & 2 != 0
    }

    /// The class of the usual sound of a symbol; 0 if it has none.
    #[inline]
    pub fn usual_class(&self, symbol: Symbol) -> u16 {
        let sounds = self.sounds.get(usize::from(symbol.wrapping_sub(HAN)));
        sounds.map_or(0, |[a, b, ..]| self.class(u16::from_le_bytes([*a, *b])))
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
