//! Words that say what stands beside them (a messenger, a call, a bar code): a table that is read in place, and the
//! places of its words in a text.
//!
//! One pass over a text finds them all. Most characters begin none of the words, and one look at a sieve tells.

use std::ops::Range;

use crate::bytes::{Arrays, u32_at};
use crate::canonical::{Text, Unit};

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VCU1";

/// Places of the arrays.
pub mod place {
    /// [`super::SIEVE`] bits by the low bits of a character's code: whether words begin with such a character.
    pub const SIEVE: usize = 0;
    /// Words, ascending by their first character, the longer first: `u32` that character, `u32` where the word is in the
    /// pool (low 24 bits) and its length in bytes (high 8 bits), `u32` what it says.
    pub const WORDS: usize = 1;
    /// The words.
    pub const POOL: usize = 2;
    /// How many arrays there are.
    pub const COUNT: usize = 3;
}

/// The bits of the sieve.
pub const SIEVE: u32 = 2048;
/// The longest word, in characters.
pub const LONGEST: usize = 12;
/// The most units within a place of a word, with what stands between its characters.
pub const WIDEST: usize = LONGEST * (MOST_GAP + 1);
/// The most units between two characters of a word.
const MOST_GAP: usize = 2;

/// What a word says, a bit each.
pub mod says {
    /// A WeChat account follows.
    pub const WECHAT: u32 = 1;
    /// A QQ number follows.
    pub const QQ: u32 = 1 << 1;
    /// A telephone number follows.
    pub const CALL: u32 = 1 << 2;
    /// Somebody can be reached, by whatever follows.
    pub const REACH: u32 = 1 << 3;
    /// A code of an invitation follows.
    pub const INVITATION: u32 = 1 << 4;
    /// Another platform or messenger, whose accounts are of letters and digits.
    pub const ACCOUNT: u32 = 1 << 5;
    /// Another platform, where shops and people are found by their names.
    pub const SHOP: u32 = 1 << 6;
    /// Mail is spoken of: its signs may be words.
    pub const MAIL: u32 = 1 << 7;
    /// A web address is spoken of: any top-level domain is one.
    pub const SITE: u32 = 1 << 8;
    /// A number or a word of letters beside it is something else: a model, a standard.
    pub const NOT: u32 = 1 << 9;
    /// A word in which no other counts.
    pub const NOTHING: u32 = 1 << 10;
    /// Pieces are to be put together.
    pub const TOGETHER: u32 = 1 << 11;
    /// It joins two pieces.
    pub const JOIN: u32 = 1 << 12;
    /// Somebody may be called: too little alone.
    pub const HINT: u32 = 1 << 13;
    /// What stands right before it is an account.
    pub const BEHIND: u32 = 1 << 14;
    /// Devices are paired, software is set up: names of letters and digits are no accounts.
    pub const DEVICE: u32 = 1 << 15;
    /// A shop's service: manuals, warranty.
    pub const SERVICE: u32 = 1 << 16;
    /// What follows is a name by which a shop or a person is found.
    pub const NAME: u32 = 1 << 17;
    /// It can mean nothing else: it counts over several fields.
    pub const ANYWHERE: u32 = 1 << 18;
    /// It counts right before an account only.
    pub const NEXT: u32 = 1 << 19;
    /// A number of seven or eight digits behind it is a telephone's.
    pub const LAND: u32 = 1 << 20;

    /// A top-level domain that needs no word before it. It is looked up, and marks nothing.
    pub const DOMAIN: u32 = 1 << 21;
    /// A code is to be copied.
    pub const CODE: u32 = 1 << 22;
    /// The first piece of a contact stands beside it.
    pub const FIRST: u32 = 1 << 23;
    /// A piece from its middle.
    pub const MIDDLE: u32 = 1 << 24;
    /// The last piece.
    pub const LAST: u32 = 1 << 25;
    /// A contact near by is to be read backwards.
    pub const TURNED: u32 = 1 << 26;

    /// Their names in the table's source.
    pub const NAMES: [(&str, u32); 27] = [
        ("wechat", WECHAT),
        ("qq", QQ),
        ("call", CALL),
        ("reach", REACH),
        ("invitation", INVITATION),
        ("account", ACCOUNT),
        ("shop", SHOP),
        ("mail", MAIL),
        ("site", SITE),
        ("not", NOT),
        ("nothing", NOTHING),
        ("together", TOGETHER),
        ("join", JOIN),
        ("hint", HINT),
        ("behind", BEHIND),
        ("device", DEVICE),
        ("service", SERVICE),
        ("name", NAME),
        ("anywhere", ANYWHERE),
        ("next", NEXT),
        ("land", LAND),
        ("domain", DOMAIN),
        ("code", CODE),
        ("first", FIRST),
        ("middle", MIDDLE),
        ("last", LAST),
        ("turned", TURNED),
    ];
}

/// The table in its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Cues<'a> {
    sieve: &'a [u8],
    words: &'a [[u8; 12]],
    pool: &'a [u8],
}

/// A place of a word in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark<'a> {
    /// Where it begins, in units of the text.
    pub from: usize,
    /// The place behind it.
    pub to: usize,
    /// What it says: bits of [`says`].
    pub says: u32,
    /// The word.
    pub word: &'a str,
}

impl<'a> Cues<'a> {
    /// Opens a table; its head alone is looked at.
    pub fn open(bytes: &'a [u8]) -> Option<Cues<'a>> {
        let arrays = Arrays::open(bytes, MAGIC)?;
        let (sieve, words, pool) = (arrays.get(place::SIEVE), arrays.entries(place::WORDS), arrays.get(place::POOL));
        Some(Cues { sieve, words, pool })
    }

    /// What a word says; nothing if it is none of the table.
    pub fn says(&self, word: &str) -> u32 {
        let Some(first) = word.chars().next() else { return 0 };
        self.beginning(first).find(|(known, _)| *known == word).map_or(0, |(_, says)| says)
    }

    /// All places of the words in a text, by where they begin. Behind a word in which no other counts, the search goes on.
    pub fn marks(&self, text: &Text) -> Vec<Mark<'a>> {
        let mut marks = Vec::new();
        let mut at = 0;
        while let Some(unit) = text.units.get(at) {
            let from = at;
            at += 1;
            if !self.passes(unit.char) {
                continue;
            }
            for (word, says) in self.beginning(unit.char) {
                if says == says::DOMAIN {
                    continue;
                }
                let Some(to) = lies(&text.units, from, word) else { continue };
                if says & says::NOTHING != 0 {
                    at = to;
                    break;
                }
                marks.push(Mark { from, to, says, word });
            }
        }
        marks
    }

    #[inline]
    fn passes(&self, first: char) -> bool {
        let bit = first as u32 % SIEVE;
        self.sieve.get((bit / 8) as usize).is_some_and(|byte| byte >> (bit % 8) & 1 != 0)
    }

    /// The words that begin with a character, and what they say.
    fn beginning(&self, first: char) -> impl Iterator<Item = (&'a str, u32)> + use<'a> {
        let code = |entry: &[u8; 12]| u32_at(entry.as_chunks().0, 0);
        let from = self.words.partition_point(|entry| code(entry) < first as u32);
        let (words, pool) = (self.words, self.pool);
        let same = words.get(from..).unwrap_or_default().iter().take_while(move |entry| code(entry) == first as u32);
        same.filter_map(move |entry| {
            let [place, says] = [1, 2].map(|n| u32_at(entry.as_chunks().0, n));
            let at = (place & 0xFF_FFFF) as usize;
            let word = pool.get(at..at + (place >> 24) as usize)?;
            Some((std::str::from_utf8(word).ok()?, says))
        })
    }
}

/// The places of marks that may lie over a stretch of units: those that begin within it, or little before.
pub fn over(marks: &[Mark<'_>], units: Range<usize>) -> Range<usize> {
    let from = marks.partition_point(|mark| mark.from + WIDEST < units.start);
    from..marks.partition_point(|mark| mark.from < units.end).max(from)
}

/// The place behind a word that begins at a place. Blanks and signs may stand between its characters; between its letters
/// either everywhere or nowhere, and a word of letters is a whole word.
fn lies(units: &[Unit], from: usize, word: &str) -> Option<usize> {
    let char = |at: usize| units.get(at).map(|unit| if unit.char == '：' { ':' } else { unit.char });
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    let mut spelt: Option<bool> = None;
    let (mut at, mut before, mut letters) = (from, '\0', 0_u32);
    for (n, c) in word.chars().enumerate() {
        letters += u32::from(c.is_ascii_alphanumeric());
        if n > 0 {
            let mut gap = 0;
            while char(at) != Some(c) && gap < MOST_GAP && units.get(at).is_some_and(between) {
                (at, gap) = (at + 1, gap + 1);
            }
            if c.is_ascii_alphanumeric() && before.is_ascii_alphanumeric() && *spelt.get_or_insert(gap > 0) != (gap > 0)
            {
                return None;
            }
        }
        if c == ' ' && char(at) != Some(' ') {
            // A blank within a word may be missing.
            before = c;
            continue;
        }
        if char(at)? != c {
            return None;
        }
        (at, before) = (at + 1, c);
    }
    let outside = from.checked_sub(1).and_then(char);
    let first = char(from);
    let begins = !letter(first) || !(letter(outside) || letters == 1 && outside.is_some_and(|c| c.is_ascii_digit()));
    (begins && !(letter(Some(before)) && letter(char(at)))).then_some(at)
}

/// What may stand between two characters of a word: no sign that parts sentences, or a word from its value.
fn between(unit: &Unit) -> bool {
    matches!(unit.char, ' ' | '-' | '_' | '.' | '·' | '*' | '/' | '|' | '+' | '~' | '\u{3000}' | '丶')
}
