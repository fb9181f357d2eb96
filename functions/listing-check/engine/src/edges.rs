//! What a stretch of text that begins at a place can be read as: edges of a graph whose nodes are places.

use crate::canonical::Text;
use crate::costs::Costs;
use crate::heads::Made;
use crate::language::{Language, Spelt};
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
        (Some(9), _) => b"gqp",
        (_, Some('@')) => b"a",
        (_, Some('$')) => b"s",
        (_, Some('!')) => b"i",
        (_, Some('|')) => b"il",
        (_, Some('+')) => b"t",
        (_, Some('€')) => b"e",
        (_, Some('£')) => b"l",
        (_, Some('*')) => b"aeiou",
        (_, Some('√')) => b"v",
        (_, Some('°')) => b"o",
        (_, Some('¥')) => b"y",
        _ => b"",
    }
}

/// The edge that reads what stands at a place of `read`.
pub(crate) fn literal(text: &Text, place: usize) -> Option<Edge> {
    let unit = text.at(place)?;
    Some(Edge { to: place as u32 + 1, read: Read::Symbol(unit.symbol), cost: 0, steps: unit.steps })
}

/// Adds the edges that begin at a place of `read`: the first reads what stands there. What no term has is left out where
/// that is easily seen.
pub(crate) fn edges(
    text: &Text,
    place: usize,
    language: &Language<'_>,
    costs: &Costs,
    made: Made<'_>,
    edges: &mut Vec<Edge>,
) {
    let (Some(unit), Some(plain)) = (text.at(place), literal(text, place)) else { return };
    let to = plain.to;
    let here = unit.symbol;
    let edge = |to, read, cost: i32, steps| Edge { to, read, cost: cost as i16, steps };
    edges.push(plain);
    edges.extend(other_numerals(text, place, language, costs, made));
    if symbol::is_han(here) {
        for (at, sound) in language.sounds(here).into_iter().enumerate().filter(|(_, sound)| *sound != 0) {
            let cost = costs.sounds_like(at);
            edges.push(edge(to, Read::Sound(sound), cost, unit.steps.with(Step::Homophone)));
        }
        for (alike, likeness) in language.glyphs(here).filter(|(alike, _)| made.has(*alike)) {
            let cost = costs.like(likeness);
            edges.push(edge(to, Read::Symbol(alike), cost, unit.steps.with(Step::Glyph)));
        }
        put_together(text, place, language, costs, edges);
    } else if symbol::is_emoji(here) {
        put_together(text, place, language, costs, edges);
        // Within a row of the same, each reads as the last does.
        if text.symbol(place + 1) == here && text.symbol(place + 2) == here {
            return;
        }
        // How its name sounds counts beside a word only: anywhere else an emoji is for show.
        let word = |at: usize| symbol::is_han(text.symbol(at)) || symbol::is_letter(text.symbol(at));
        let before = place > 0 && text.joined(place - 1) && word(place - 1);
        let beside = before || text.joined(place) && word(place + 1);
        let steps = unit.steps.with(Step::Emoji);
        for (number, name) in (0..=u8::MAX).zip(language.emoji(here)) {
            let has = |symbol: &[u8; 2]| made.has(u16::from_le_bytes(*symbol));
            if name.len() > 1 && name.iter().all(has) {
                edges.push(edge(to, Read::Name(here, number), costs.emoji, steps));
            }
            let part = if name.len() == 1 { 0 } else { costs.emoji_part };
            for symbol in name {
                let symbol = u16::from_le_bytes(*symbol);
                if made.has(symbol) {
                    edges.push(edge(to, Read::Symbol(symbol), costs.emoji + part, steps));
                }
                let [sound, ..] = language.sounds(symbol);
                if sound != 0 && beside {
                    edges.push(edge(to, Read::Sound(sound), costs.emoji_sound + part, steps));
                }
            }
        }
    } else {
        let of = |letter: &u8| symbol::A + Symbol::from(letter.saturating_sub(b'a'));
        for letter in leet(here) {
            edges.push(edge(to, Read::Symbol(of(letter)), costs.leet, unit.steps.with(Step::Leet)));
        }
        // A look-alike of l is one of I.
        if unit.steps.has(Step::Homoglyph) {
            for letter in drawn_alike(here) {
                edges.push(edge(to, Read::Symbol(of(letter)), costs.pinyin, unit.steps));
            }
        }
        for letter in typos(here) {
            edges.push(edge(to, Read::Symbol(of(letter)), costs.typo, unit.steps.with(Step::Mistyped)));
        }
        pinyin(text, place, language, costs, edges);
        if symbol::is_letter(here) {
            let letter = symbol::letter(here) as u8;
            let steps = unit.steps.with(Step::Initials);
            edges.push(edge(to, Read::Initial(letter), costs.initial, steps));
            if text.symbol(place + 1) == symbol::of_ascii('h') && text.joined(place) {
                edges.push(edge(to + 1, Read::Initial(letter), costs.initial, steps));
            }
        }
    }
}

/// The edges that read a digit at a place as it is written otherwise, and the other way round.
#[inline]
pub(crate) fn other_numerals(
    text: &Text,
    place: usize,
    language: &Language<'_>,
    costs: &Costs,
    made: Made<'_>,
) -> impl Iterator<Item = Edge> {
    let (here, steps) = text.at(place).map_or(('\0', Steps::NONE), |unit| (unit.char, unit.steps));
    let symbol = |c: char| if c.is_ascii() { symbol::of_ascii(c) } else { language.han(c).0 };
    let others = numerals(here).iter().filter(move |other| **other != here).map(move |other| symbol(*other));
    let cost = costs.numeral as i16;
    let edge = move |read| Edge { to: place as u32 + 1, read, cost, steps: steps.with(Step::Numeral) };
    others.filter(move |symbol| made.has(*symbol)).map(move |symbol| edge(Read::Symbol(symbol)))
}

/// All ways to write a digit, if it is one: as a digit, in Chinese, in words of money, as it is told over the telephone.
pub(crate) const fn numerals(digit: char) -> &'static [char] {
    match digit {
        '0' | '零' => &['0', '零'],
        '1' | '一' | '壹' | '幺' => &['1', '一', '壹', '幺'],
        '2' | '二' | '贰' | '两' => &['2', '二', '贰', '两'],
        '3' | '三' | '叁' => &['3', '三', '叁'],
        '4' | '四' | '肆' => &['4', '四', '肆'],
        '5' | '五' | '伍' => &['5', '五', '伍'],
        '6' | '六' | '陆' => &['6', '六', '陆'],
        '7' | '七' | '柒' => &['7', '七', '柒'],
        '8' | '八' | '捌' => &['8', '八', '捌'],
        '9' | '九' | '玖' => &['9', '九', '玖'],
        '十' | '拾' => &['十', '拾'],
        _ => &[],
    }
}

/// Letters of which one is drawn as the other is as a capital.
fn drawn_alike(unit: Symbol) -> &'static [u8] {
    if !symbol::is_letter(unit) {
        return b"";
    }
    match symbol::letter(unit) {
        'i' => b"l",
        'l' => b"i",
        _ => b"",
    }
}

/// Letters that are written for one another, by sound.
fn typos(unit: Symbol) -> &'static [u8] {
    if !symbol::is_letter(unit) {
        return b"";
    }
    match symbol::letter(unit) {
        'c' => b"k",
        'k' => b"c",
        'y' => b"i",
        'i' => b"y",
        'z' => b"s",
        's' => b"z",
        _ => b"",
    }
}

/// Characters of parts that stand side by side: of characters, and of emoji that are called by one character.
#[inline]
pub(crate) fn put_together(text: &Text, place: usize, language: &Language<'_>, costs: &Costs, edges: &mut Vec<Edge>) {
    let (one, two) = (text.symbol(place), text.symbol(place + 1));
    if two == 0 || !text.joined(place) {
        return;
    }
    let emoji = symbol::is_emoji(one) || symbol::is_emoji(two);
    if emoji || language.may_make(one, two) {
        put_together_of(text, place, (one, two, emoji), language, costs, edges);
    }
}

fn put_together_of(
    text: &Text,
    place: usize,
    (one, two, emoji): (Symbol, Symbol, bool),
    language: &Language<'_>,
    costs: &Costs,
    edges: &mut Vec<Edge>,
) {
    let steps = [place, place + 1]
        .iter()
        .filter_map(|at| text.at(*at))
        .fold(Steps::of(Step::Split), |all, unit| all.and(unit.steps));
    let (steps, cost) = if emoji { (steps.with(Step::Emoji), costs.split + costs.emoji) } else { (steps, costs.split) };
    let mut put = |to: usize, made| {
        edges.push(Edge { to: to as u32, read: Read::Symbol(made), cost: cost as i16, steps });
    };
    for first in parts(one, language) {
        for second in parts(two, language).filter(|second| language.may_make(first, *second)) {
            language.made_of([first, second, 0]).for_each(|made| put(place + 2, made));
            if text.joined(place + 1) && !emoji {
                let third = text.symbol(place + 2);
                language.made_of([first, second, third]).filter(|_| third != 0).for_each(|made| put(place + 3, made));
            }
        }
    }
}

/// What a symbol is as a part: itself, or what an emoji is called, by one character.
fn parts(symbol: Symbol, language: &Language<'_>) -> impl Iterator<Item = Symbol> {
    let names = if symbol::is_emoji(symbol) { language.emoji(symbol) } else { language.emoji(0) };
    let called = names.filter_map(|name| if let [one] = name { Some(u16::from_le_bytes(*one)) } else { None });
    Some(symbol).filter(|symbol| symbol::is_han(*symbol)).into_iter().chain(called)
}

/// Syllables in letters; a letter may be a digit or sign that stands for it.
fn pinyin(text: &Text, place: usize, language: &Language<'_>, costs: &Costs, edges: &mut Vec<Edge>) {
    let (mut spelt, mut cost, mut steps, mut letters) = (Spelt::NONE, costs.pinyin, Steps::of(Step::Pinyin), 0);
    for at in 0..6 {
        let Some(unit) = text.at(place + at).filter(|_| at == 0 || text.joined(place + at - 1)) else { break };
        let letter = if symbol::is_letter(unit.symbol) {
            letters += 1;
            symbol::letter(unit.symbol) as u8
        } else {
            let Some(letter) = leet(unit.symbol).first() else { break };
            cost += costs.leet;
            steps = steps.with(Step::Leet);
            *letter
        };
        spelt = spelt.with(letter);
        steps = steps.and(unit.steps);
        if unit.steps.has(Step::Mark) {
            steps = steps.with(Step::Tones);
        }
        if letters == 0 {
            continue;
        }
        let (sound, steps, cost) = match language.spelt(spelt) {
            (0, meant) => (meant, steps.with(Step::Mistyped), cost + costs.near),
            (sound, _) => (sound, steps, cost),
        };
        if sound == 0 {
            continue;
        }
        let to = place + at + 1;
        let mut put = |to: usize, steps| {
            edges.push(Edge { to: to as u32, read: Read::Sound(sound), cost: cost as i16, steps });
        };
        put(to, steps);
        // A digit for the tone.
        let tone = text.symbol(to).wrapping_sub(symbol::ZERO);
        if (1..=5).contains(&tone) && text.joined(to - 1) {
            put(to + 1, steps.with(Step::Tones));
        }
    }
}
