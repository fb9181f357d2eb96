//! Digits that are written as words of letters: one three eight, yao san ba.

use listing_engine::step::Step;
use listing_engine::{Text, Unit, symbol};

use super::number::digit_of;

/// Names of digits, the longer first, with the digit and how they are told.
const NAMES: [(&str, char, Step); 27] = [
    ("three", '3', Step::Number),
    ("seven", '7', Step::Number),
    ("eight", '8', Step::Number),
    ("liang", '2', Step::Pinyin),
    ("zero", '0', Step::Number),
    ("four", '4', Step::Number),
    ("five", '5', Step::Number),
    ("nine", '9', Step::Number),
    ("ling", '0', Step::Pinyin),
    ("dong", '0', Step::Pinyin),
    ("guai", '7', Step::Pinyin),
    ("one", '1', Step::Number),
    ("two", '2', Step::Number),
    ("six", '6', Step::Number),
    ("yao", '1', Step::Pinyin),
    ("san", '3', Step::Pinyin),
    ("liu", '6', Step::Pinyin),
    ("jiu", '9', Step::Pinyin),
    ("gou", '9', Step::Pinyin),
    ("oh", '0', Step::Number),
    ("yi", '1', Step::Pinyin),
    ("er", '2', Step::Pinyin),
    ("si", '4', Step::Pinyin),
    ("wu", '5', Step::Pinyin),
    ("qi", '7', Step::Pinyin),
    ("ba", '8', Step::Pinyin),
    ("jv", '9', Step::Pinyin),
];
/// So many of them in a row are a number; fewer are words.
const LEAST: usize = 3;
/// The most signs between two of them.
const BETWEEN: usize = 2;

/// A digit, and from where to where its name stands.
type Named = (char, Step, usize, usize);

/// The text with such digits read, if there are any.
pub(super) fn digits(text: &Text) -> Option<Text> {
    let mut read: Option<Text> = None;
    let (mut at, mut copied) = (0, 0);
    let mut row: Vec<Named> = Vec::new();
    while at < text.units.len() {
        if let Some(digit) = thousands(text, at) {
            // 138 0013 八千: so many thousands are four digits.
            let read = read.get_or_insert_with(Text::default);
            push(read, text, copied, at);
            (copied, at) = (at.saturating_add(2), at.saturating_add(2));
            for digit in [digit, '0', '0', '0'] {
                put(read, text, (digit, Step::Number, at.saturating_sub(2), at));
            }
            continue;
        }
        if !text.units.get(at).is_some_and(|unit| unit.char.is_ascii_alphabetic()) {
            at = at.saturating_add(1);
            continue;
        }
        let end = chain(text, at, &mut row);
        if row.len() >= LEAST {
            let read = read.get_or_insert_with(Text::default);
            for (digit, step, from, to) in &row {
                push(read, text, copied, *from);
                put(read, text, (*digit, *step, *from, *to));
                copied = *to;
            }
        }
        at = end.max(at.saturating_add(1));
    }
    if let Some(read) = &mut read {
        push(read, text, copied, text.units.len());
    }
    read
}

/// The digit of a number of thousands that ends a row of digits: 八千 behind 0013.
fn thousands(text: &Text, at: usize) -> Option<char> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    if char(at.saturating_add(1)) != Some('千')
        || char(at.saturating_add(2)).is_some_and(|c| "克瓦米元块万百伏卡焦赫".contains(c))
    {
        return None;
    }
    let digit = digit_of(char(at)?)?;
    // Seven digits stand before.
    let before = text.units.get(at.saturating_sub(12)..at).unwrap_or_default().iter().rev();
    let row = before.take_while(|unit| digit_of(unit.char).is_some() || !unit.char.is_alphanumeric());
    (row.filter(|unit| digit_of(unit.char).is_some()).count() == 7).then_some(digit)
}

/// Puts a digit in place of what stands for it.
fn put(into: &mut Text, text: &Text, (digit, step, from, to): Named) {
    let (Some(first), Some(last)) = (text.units.get(from), text.units.get(to.saturating_sub(1))) else { return };
    let (symbol, steps) = (symbol::of_ascii(digit), first.steps.and(last.steps).with(step));
    into.read.push(u32::try_from(into.units.len()).unwrap_or(u32::MAX));
    into.units.push(Unit { symbol, char: digit, start: first.start, end: last.end, steps, capital: false });
}

fn push(into: &mut Text, text: &Text, from: usize, to: usize) {
    for unit in text.units.get(from..to).unwrap_or_default() {
        if unit.symbol != 0 {
            into.read.push(u32::try_from(into.units.len()).unwrap_or(u32::MAX));
        }
        into.units.push(*unit);
    }
}

/// Names of digits from a place on, run after run of letters, and the place behind the last run that was looked at.
fn chain(text: &Text, from: usize, row: &mut Vec<Named>) -> usize {
    row.clear();
    let mut at = from;
    loop {
        let letters = text.units.iter().skip(at).take_while(|unit| unit.char.is_ascii_alphabetic()).count();
        let end = at.saturating_add(letters);
        if letters == 0 || !names(text, at, end, row) {
            return end.max(at);
        }
        let gap = text.units.iter().skip(end).take(BETWEEN).take_while(|unit| !unit.char.is_alphanumeric()).count();
        let next = end.saturating_add(gap);
        if !text.units.get(next).is_some_and(|unit| unit.char.is_ascii_alphabetic()) {
            return end;
        }
        at = next;
    }
}

/// Whether a run of letters is nothing but names of digits; they are put into the row.
fn names(text: &Text, from: usize, to: usize, row: &mut Vec<Named>) -> bool {
    let known = row.len();
    let mut at = from;
    while at < to {
        let here = |name: &str| {
            at.saturating_add(name.len()) <= to
                && name.bytes().zip(text.units.iter().skip(at)).all(|(b, unit)| unit.char == char::from(b))
        };
        let Some((name, digit, step)) = NAMES.iter().find(|(name, ..)| here(name)) else {
            row.truncate(known);
            return false;
        };
        let end = at.saturating_add(name.len());
        row.push((*digit, *step, at, end));
        at = end;
    }
    true
}
