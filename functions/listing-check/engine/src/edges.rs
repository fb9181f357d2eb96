//! What a stretch of text that begins at a place can be read as: edges of a graph whose nodes are places.

use crate::canonical::Text;
use crate::language::Language;
use crate::lexicon::classes;
use crate::step::{Step, Steps};
use crate::symbol::{self, Symbol};

/// What an edge reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// This symbol.
    Symbol(Symbol),
    /// Any character of this sound.
    Sound(u16),
    /// Any character whose sound begins with this letter.
    Initial(u8),
    /// All symbols of an emoji's name, by the emoji and the number of the name.
    Name(Symbol, u8),
}

/// The classes of what an edge reads.
pub fn classes_of(read: Read, language: &Language<'_>, mut each: impl FnMut(u16)) {
    match read {
        Read::Symbol(symbol) => classes(symbol, language).into_iter().filter(|class| *class != 0).for_each(each),
        Read::Sound(sound) => each(language.class(sound)),
        Read::Initial(letter) => language.sounds_of(letter).for_each(|sound| each(language.class(sound))),
        Read::Name(emoji, number) => {
            for symbol in language.emoji(emoji).nth(number.into()).unwrap_or_default() {
                let classes = classes(u16::from_le_bytes(*symbol), language);
                classes.into_iter().filter(|class| *class != 0).for_each(&mut each);
            }
        }
    }
}

/// One reading of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The place behind the stretch.
    pub to: u32,
    /// What it is read as.
    pub read: Read,
    /// What that costs, in quarter bits.
    pub cost: i16,
    /// How it was read.
    pub steps: Steps,
}

/// Costs of steps, in quarter bits.
pub mod cost {
    /// Another character of the same sound.
    pub const HOMOPHONE: i16 = 22;
    /// A character by a sound that is not its usual one.
    pub const SECOND_SOUND: i16 = 6;
    /// A sound that is nearly the same.
    pub const NEAR: i16 = 10;
    /// A look-alike: the best.
    pub const GLYPH: i16 = 8;
    /// A character taken apart.
    pub const SPLIT: i16 = 14;
    /// A syllable in letters.
    pub const PINYIN: i16 = 6;
    /// A first letter.
    pub const INITIAL: i16 = 18;
    /// An emoji by what it shows.
    pub const EMOJI: i16 = 8;
    /// An emoji by how its name sounds.
    pub const EMOJI_SOUND: i16 = 20;
    /// A digit or sign for a letter.
    pub const LEET: i16 = 10;
}

/// Letters that a digit or sign may stand for.
pub fn leet(unit: Symbol) -> &'static [u8] {
    let sign = unit.checked_sub(symbol::SIGN).and_then(|place| symbol::SIGNS.get(usize::from(place)));
    match (unit.checked_sub(symbol::ZERO), sign) {
        (Some(0), _) => b"o",
        (Some(1), _) => b"il",
        (Some(2), _) => b"z",
        (Some(3), _) => b"e",
        (Some(4), _) => b"a",
        (Some(5), _) => b"s",
        (Some(6), _) => b"gb",
        (Some(7), _) => b"t",
        (Some(8), _) => b"b",
        (Some(9), _) => b"gq",
        (_, Some('@')) => b"a",
        (_, Some('$')) => b"s",
        (_, Some('!')) => b"i",
        (_, Some('|')) => b"il",
        (_, Some('+')) => b"t",
        (_, Some('€')) => b"e",
        (_, Some('£')) => b"l",
        (_, Some('*')) => b"aeiou",
        _ => b"",
    }
}

/// The edges that begin at a place of `read`.
pub fn edges(text: &Text, place: usize, language: &Language<'_>, dear: bool) -> Vec<Edge> {
    let mut edges = Vec::new();
    let Some(unit) = text.at(place) else { return edges };
    let to = place as u32 + 1;
    let here = unit.symbol;
    let edge = |to, read, cost, steps| Edge { to, read, cost, steps };
    edges.push(edge(to, Read::Symbol(here), 0, unit.steps));
    if !dear {
        return edges;
    }
    if symbol::is_han(here) {
        for (at, sound) in language.sounds(here).into_iter().enumerate().filter(|(_, sound)| *sound != 0) {
            let cost = cost::HOMOPHONE + if at == 0 { 0 } else { cost::SECOND_SOUND };
            edges.push(edge(to, Read::Sound(sound), cost, unit.steps.with(Step::Homophone)));
        }
        for (alike, likeness) in language.glyphs(here) {
            let cost = cost::GLYPH + (100 - likeness.min(100) as i16) * 2 / 3;
            edges.push(edge(to, Read::Symbol(alike), cost, unit.steps.with(Step::Glyph)));
        }
        if text.gap(place).is_empty()
            && let Some(second) = text.at(place + 1)
        {
            let steps = unit.steps.and(second.steps).with(Step::Split);
            for made in language.made_of([here, second.symbol, 0]) {
                edges.push(edge(to + 1, Read::Symbol(made), cost::SPLIT, steps));
                // What was put together may be read by its sound, too.
            }
            if text.gap(place + 1).is_empty() {
                let third = text.symbol(place + 2);
                for made in language.made_of([here, second.symbol, third]).filter(|_| third != 0) {
                    edges.push(edge(to + 2, Read::Symbol(made), cost::SPLIT, steps));
                }
            }
        }
    } else if symbol::is_emoji(here) {
        for (number, name) in (0..=u8::MAX).zip(language.emoji(here)) {
            if name.len() > 1 {
                edges.push(edge(to, Read::Name(here, number), cost::EMOJI, unit.steps.with(Step::Emoji)));
            }
            for symbol in name {
                let symbol = u16::from_le_bytes(*symbol);
                let cost = if name.len() == 1 { cost::EMOJI } else { cost::EMOJI + 8 };
                edges.push(edge(to, Read::Symbol(symbol), cost, unit.steps.with(Step::Emoji)));
                let [sound, ..] = language.sounds(symbol);
                let cost = if name.len() == 1 { cost::EMOJI_SOUND } else { cost::EMOJI_SOUND + 8 };
                edges.push(edge(to, Read::Sound(sound), cost, unit.steps.with(Step::Emoji)));
            }
        }
    } else {
        for letter in leet(here) {
            let letter = symbol::A + Symbol::from(letter.saturating_sub(b'a'));
            edges.push(edge(to, Read::Symbol(letter), cost::LEET, unit.steps.with(Step::Leet)));
        }
        pinyin(text, place, language, &mut edges);
        if symbol::is_letter(here) {
            let letter = symbol::letter(here) as u8;
            let steps = unit.steps.with(Step::Initials);
            edges.push(edge(to, Read::Initial(letter), cost::INITIAL, steps));
            if text.symbol(place + 1) == symbol::of_ascii('h') && text.gap(place).is_empty() {
                edges.push(edge(to + 1, Read::Initial(letter), cost::INITIAL, steps));
            }
        }
    }
    edges
}

/// Syllables in letters; a letter may be a digit or sign that stands for it.
fn pinyin(text: &Text, place: usize, language: &Language<'_>, edges: &mut Vec<Edge>) {
    let (mut name, mut cost, mut steps, mut letters) = ([0_u8; 6], cost::PINYIN, Steps::of(Step::Pinyin), 0);
    for at in 0..6 {
        let Some(unit) = text.at(place + at).filter(|_| at == 0 || text.gap(place + at - 1).is_empty()) else { break };
        let letter = if symbol::is_letter(unit.symbol) {
            letters += 1;
            symbol::letter(unit.symbol) as u8
        } else {
            let Some(letter) = leet(unit.symbol).first() else { break };
            cost += cost::LEET;
            steps = steps.with(Step::Leet);
            *letter
        };
        if let Some(room) = name.get_mut(at) {
            *room = letter;
        }
        steps = steps.and(unit.steps);
        if unit.steps.has(Step::Mark) {
            steps = steps.with(Step::Tones);
        }
        let sound = language.sound(name.get(..=at).unwrap_or_default());
        if sound == 0 || letters == 0 {
            continue;
        }
        let to = place + at + 1;
        edges.push(Edge { to: to as u32, read: Read::Sound(sound), cost, steps });
        // A digit for the tone.
        let tone = text.symbol(to).wrapping_sub(symbol::ZERO);
        if (1..=5).contains(&tone) && text.gap(to - 1).is_empty() {
            edges.push(Edge { to: to as u32 + 1, read: Read::Sound(sound), cost, steps: steps.with(Step::Tones) });
        }
    }
}
