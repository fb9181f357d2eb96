//! Raw text to units: what is read, and where it stands.

use crate::language::{FIRST, Form, Language};
use crate::step::{Step, Steps};
use crate::symbol::{self, Symbol};

/// A unit of the canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// What it is read as; 0: white space, punctuation, what is not known.
    pub symbol: Symbol,
    /// The character as it is read.
    pub char: char,
    /// Where it begins in the raw text, in Unicode scalar values.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// What was done to read it so.
    pub steps: Steps,
    /// A capital letter.
    pub capital: bool,
}

/// A text in its canonical form.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// All units.
    pub units: Vec<Unit>,
    /// Places in `units` of those that have a symbol.
    pub read: Vec<u32>,
    /// Their symbols.
    pub symbols: Vec<Symbol>,
    /// Whether nothing stands between each of them and the next.
    pub joined: Vec<bool>,
    /// What was done to read them, all in all.
    pub steps: Steps,
}

impl Text {
    /// The canonical form of a raw text.
    pub fn of(raw: &str, language: &Language<'_>) -> Text {
        let (units, read) = (raw.len() / 2, raw.len() / 3);
        let mut text = Text {
            units: Vec::with_capacity(units),
            read: Vec::with_capacity(read),
            symbols: Vec::with_capacity(read),
            joined: Vec::with_capacity(read),
            steps: Steps::NONE,
        };
        for (at, c) in raw.chars().enumerate() {
            text.push(c, at as u32, language);
        }
        text
    }

    /// A text of some of its units, in another order.
    pub fn rearranged(&self, places: impl Iterator<Item = u32>) -> Text {
        let mut text = Text::default();
        for unit in places.filter_map(|place| self.units.get(place as usize)) {
            text.unit(*unit);
        }
        text
    }

    fn push(&mut self, c: char, at: u32, language: &Language<'_>) {
        let plain = |symbol, char| Unit { symbol, char, start: at, end: at + 1, steps: Steps::NONE, capital: false };
        if c == '/' && self.drawn(at) {
            return;
        }
        if c.is_ascii() {
            let unit = Unit { capital: c.is_ascii_uppercase(), ..plain(symbol::of_ascii(c), c.to_ascii_lowercase()) };
            return self.unit(unit);
        }
        let code = c as u32;
        if (FIRST..0xA000).contains(&code) {
            let (symbol, other) = language.han(c);
            if !other {
                return self.unit(plain(if symbol == 0 { symbol::of_rare(c) } else { symbol }, c));
            }
            let char = language.char(symbol).unwrap_or(c);
            return self.unit(Unit { steps: Steps::of(Step::Traditional), ..plain(symbol, char) });
        }
        if is_mark(code) {
            if let Some(unit) = self.units.last_mut() {
                unit.steps = unit.steps.with(if code == 0x20E3 { Step::Number } else { Step::Mark });
                self.steps = self.steps.and(unit.steps);
                unit.end = at + 1;
            }
            return;
        }
        if is_invisible(code) {
            // After an emoji it only says how the emoji is drawn.
            if let Some(unit) = self.units.last_mut().filter(|unit| !symbol::is_emoji(unit.symbol) && code != 0xFE0F) {
                unit.steps = unit.steps.with(Step::Invisible);
                self.steps = self.steps.and(unit.steps);
            }
            return;
        }
        match language.form(c) {
            Some((_, Form::Emoji(symbol))) => self.unit(plain(symbol, c)),
            Some((reads, Form::Text(step))) => {
                for read in reads.chars() {
                    let (symbol, other) =
                        if read.is_ascii() { (symbol::of_ascii(read), false) } else { language.han(read) };
                    let char = if other { language.char(symbol).unwrap_or(read) } else { read.to_ascii_lowercase() };
                    self.unit(Unit { steps: Steps::of(step), ..plain(symbol, char) });
                }
            }
            None => self.unit(plain(symbol::of_rare(c).max(symbol::of_sign(c)), c)),
        }
    }

    /// A letter that is drawn with two signs: `\\/`.
    fn drawn(&mut self, at: u32) -> bool {
        let Some(last) = self.units.last().filter(|unit| unit.char == '\\' && unit.end == at).copied() else {
            return false;
        };
        self.units.pop();
        self.joined.pop();
        // Nothing but the sign may stand behind the symbol before.
        let joined = match (self.read.last(), self.units.len().checked_sub(1)) {
            (Some(read), Some(place)) => *read as usize == place,
            _ => true,
        };
        self.joined.extend(self.read.last().map(|_| joined));
        self.unit(Unit { symbol: symbol::of_ascii('v'), char: 'v', end: at + 1, steps: Steps::of(Step::Leet), ..last });
        true
    }

    fn unit(&mut self, unit: Unit) {
        self.steps = self.steps.and(unit.steps);
        if unit.symbol != 0 {
            self.read.push(self.units.len() as u32);
            self.symbols.push(unit.symbol);
            self.joined.push(true);
        } else if let Some(joined) = self.joined.last_mut() {
            *joined = false;
        }
        self.units.push(unit);
    }

    /// The unit at a place of `read`.
    #[inline]
    pub fn at(&self, place: usize) -> Option<&Unit> {
        self.units.get(*self.read.get(place)? as usize)
    }

    /// The symbol at a place of `read`; 0 behind the end.
    #[inline]
    pub fn symbol(&self, place: usize) -> Symbol {
        self.symbols.get(place).copied().unwrap_or(0)
    }

    /// Whether nothing stands between the symbol at a place and the next.
    #[inline]
    pub fn joined(&self, place: usize) -> bool {
        self.joined.get(place) == Some(&true)
    }

    /// The units between a place of `read` and the next.
    pub fn gap(&self, place: usize) -> &[Unit] {
        let (Some(from), Some(to)) = (self.read.get(place), self.read.get(place + 1)) else { return &[] };
        self.units.get(*from as usize + 1..*to as usize).unwrap_or_default()
    }
}

const fn is_mark(code: u32) -> bool {
    matches!(
        code,
        0x0300..=0x034E
            | 0x0350..=0x036F
            | 0x0483..=0x0489
            | 0x0591..=0x05BD
            | 0x0610..=0x061A
            | 0x064B..=0x065F
            | 0x0E31
            | 0x0E34..=0x0E3A
            | 0x0E47..=0x0E4E
            | 0x1AB0..=0x1AFF
            | 0x1DC0..=0x1DFF
            | 0x20D0..=0x20FF
            | 0x302A..=0x302F
            | 0x3099..=0x309A
            | 0xFE20..=0xFE2F
    )
}

const fn is_invisible(code: u32) -> bool {
    matches!(
        code,
        0x00AD
            | 0x034F
            | 0x061C
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180F
            | 0x200B..=0x200F
            | 0x202A..=0x202E
            | 0x2060..=0x206F
            | 0x3164
            | 0xFE00..=0xFE0F
            | 0xFEFF
            | 0xFFA0
            | 0xFFF0..=0xFFFB
            | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF
    )
}
