//! The kinds of writing: what a term becomes by each.

use std::collections::BTreeMap;

use crate::tables::{Sound, Tables};

/// A kind of writing.
pub struct Kind {
    pub name: &'static str,
    /// A term in all ways of the kind; none if it cannot be written so.
    pub write: fn(&Tables, &str) -> Vec<String>,
    /// Whether it stands on lines of its own.
    pub lines: bool,
}

const SEPARATORS: [&str; 10] = [" ", ".", "-", "*", "/", "·", "~", "_", "，", "丨"];
const INVISIBLE: [&str; 5] = ["\u{200b}", "\u{200d}", "\u{2060}", "\u{feff}", "\u{ad}"];
const MARKS: [&str; 4] = ["\u{301}", "\u{336}", "\u{338}", "\u{20dd}"];
/// What stands behind the first character of a line.
const RESTS: [&str; 6] = ["杯垫", "木椅", "布包", "竹篮", "桌灯", "毛毯"];

/// All kinds, in the order in which they are told.
pub const KINDS: [Kind; 25] = [
    kind("as it stands", |_, term| vec![term.to_owned()]),
    kind("traditional", |tables, term| all_of(term, |c, _| tables.traditional.get(&c).cloned(), 1)),
    kind("homophone, one", |tables, term| each_of(term, |c, at| tables.homophone(c, at))),
    kind("homophones, all", |tables, term| all_of(term, |c, at| tables.homophone(c, at), 2)),
    kind("split", |tables, term| {
        let split = |c, _| tables.splits.get(&c).cloned();
        [each_of(term, split), all_of(term, split, 2)].concat()
    }),
    kind("emoji", |tables, term| each_of(term, |c, _| tables.emoji.get(&c).cloned())),
    kind("pinyin", |tables, term| {
        let Some(sounds) = of_characters(tables, term) else { return Vec::new() };
        ["", " "].map(|between| joined(&sounds, between, |sound| sound.name.clone())).into()
    }),
    kind("pinyin, one", |tables, term| {
        each_of(term, |c, _| Some(tables.sounds(&c.to_string())?.first()?.name.clone()))
    }),
    kind("pinyin with tones", |tables, term| {
        let Some(sounds) = of_characters(tables, term) else { return Vec::new() };
        let number = |sound: &Sound| format!("{}{}", sound.name, sound.tone);
        vec![joined(&sounds, "", Sound::marked), joined(&sounds, "", number)]
    }),
    kind("initials", |tables, term| {
        let Some(sounds) = of_characters(tables, term) else { return Vec::new() };
        vec![joined(&sounds, "", |sound| sound.name.chars().take(1).collect())]
    }),
    kind("letters: Cyrillic", |tables, term| substituted(tables, term, &tables.cyrillic)),
    kind("letters: full width", |tables, term| shifted(tables, term, '！', '!')),
    kind("letters: circled", |tables, term| shifted(tables, term, 'ⓐ', 'a')),
    kind("letters: bold", |tables, term| shifted(tables, term, '𝐚', 'a')),
    kind("letters: digits", |tables, term| substituted(tables, term, &tables.leet)),
    kind("letters: capitals", |tables, term| {
        let alternate = |(at, c): (usize, char)| if at % 2 == 0 { c } else { c.to_ascii_uppercase() };
        let letters = letters(tables, term);
        letters.iter().map(|word| word.chars().enumerate().map(alternate).collect()).collect()
    }),
    kind("separators", |_, term| SEPARATORS.map(|between| interspersed(term, between)).into()),
    kind("invisible", |_, term| INVISIBLE.map(|between| interspersed(term, between)).into()),
    kind("marks", |_, term| MARKS.map(|mark| interspersed(term, mark) + mark).into()),
    kind("repeats", |_, term| {
        let last = term.chars().next_back().map_or_else(String::new, |c| c.to_string().repeat(2));
        vec![term.chars().flat_map(|c| [c, c]).collect(), format!("{term}{last}")]
    }),
    kind("swapped", |_, term| swapped(term)),
    kind("reversed", |_, term| vec![term.chars().rev().collect()]),
    Kind { name: "columns", write: |_, term| vec![column(term)], lines: true },
    kind("two: sound, sign", |tables, term| {
        let other = all_of(term, |c, at| (at == 0).then(|| tables.homophone(c, at)).flatten(), 1);
        other.iter().map(|other| interspersed(other, ".")).collect()
    }),
    kind("two: form, unseen", |tables, term| {
        let other = |c, _| tables.traditional.get(&c).or_else(|| tables.splits.get(&c)).cloned();
        all_of(term, other, 1).iter().map(|other| interspersed(other, "\u{200b}")).collect()
    }),
];

const fn kind(name: &'static str, write: fn(&Tables, &str) -> Vec<String>) -> Kind {
    Kind { name, write, lines: false }
}

impl Kind {
    /// A term in all ways of the kind, each once, and none as it stands.
    pub fn of(&self, tables: &Tables, term: &str) -> Vec<String> {
        let mut ways = (self.write)(tables, term);
        ways.retain(|way| way != term || self.name == "as it stands");
        ways.sort();
        ways.dedup();
        ways
    }
}

/// One character replaced, each in turn.
fn each_of(term: &str, other: impl Fn(char, usize) -> Option<String>) -> Vec<String> {
    let replaced = |at: usize| {
        let replaced = other(term.chars().nth(at)?, at)?;
        let others = term.chars().enumerate();
        Some(others.map(|(place, c)| if place == at { replaced.clone() } else { c.to_string() }).collect())
    };
    (0..term.chars().count()).filter_map(replaced).collect()
}

/// All characters replaced that can be, if they are so many.
fn all_of(term: &str, other: impl Fn(char, usize) -> Option<String>, least: usize) -> Vec<String> {
    let all: Vec<(char, Option<String>)> = term.chars().enumerate().map(|(at, c)| (c, other(c, at))).collect();
    if all.iter().filter(|(_, other)| other.is_some()).count() < least {
        return Vec::new();
    }
    vec![all.into_iter().map(|(c, other)| other.unwrap_or_else(|| c.to_string())).collect()]
}

/// The sounds of a term that has characters.
fn of_characters(tables: &Tables, term: &str) -> Option<Vec<Sound>> {
    if term.is_ascii() { None } else { tables.sounds(term) }
}

fn joined(sounds: &[Sound], between: &str, write: impl Fn(&Sound) -> String) -> String {
    sounds.iter().map(write).collect::<Vec<String>>().join(between)
}

/// A term in letters: as it stands or in pinyin.
fn letters(tables: &Tables, term: &str) -> Option<String> {
    Some(joined(&tables.sounds(term)?, "", |sound| sound.name.clone()))
}

fn substituted(tables: &Tables, term: &str, by: &BTreeMap<char, String>) -> Vec<String> {
    let letters = letters(tables, term);
    let mut ways: Vec<String> = letters.iter().flat_map(|word| all_of(word, |c, _| by.get(&c).cloned(), 1)).collect();
    ways.retain(|way| Some(way) != letters.as_ref());
    ways
}

/// In letters of another style, which stand in Unicode as those of ASCII do.
fn shifted(tables: &Tables, term: &str, to: char, from: char) -> Vec<String> {
    let shift = to as u32 - from as u32;
    let shifted = |c: char| if c >= from { char::from_u32(c as u32 + shift).unwrap_or(c) } else { c };
    letters(tables, term).iter().map(|word| word.chars().map(shifted).collect()).collect()
}

fn interspersed(term: &str, between: &str) -> String {
    term.chars().map(String::from).collect::<Vec<String>>().join(between)
}

/// Each pair of neighbours swapped, of three characters and more: two are a term written backwards.
fn swapped(term: &str) -> Vec<String> {
    let chars: Vec<char> = term.chars().collect();
    let swap = |at: usize| {
        let mut chars = chars.clone();
        chars.swap(at, at + 1);
        chars.into_iter().collect()
    };
    if chars.len() < 3 { Vec::new() } else { (0..chars.len() - 1).map(swap).collect() }
}

/// At the beginnings of lines.
fn column(term: &str) -> String {
    let lines = term.chars().zip(RESTS.iter().cycle()).map(|(c, rest)| format!("{c}{rest}"));
    lines.collect::<Vec<String>>().join("\n")
}
