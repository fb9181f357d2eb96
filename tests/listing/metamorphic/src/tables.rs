//! Small tables of how characters may be written otherwise. They were written for this program alone: what packs are
//! compiled from is not used, or a gap there would be a gap here.

use std::collections::BTreeMap;

/// What stands for a letter and looks like it, in Cyrillic.
const CYRILLIC: &str = "aа cс dԁ eе hһ iі jј kк lӏ mм oо pр qԛ sѕ tт uц vѵ wԝ xх yу";
/// Digits and signs that stand for letters.
const LEET: &str = "a4 b8 e3 g9 i1 l1 o0 s5 t7 z2";
/// A vowel with the mark of each tone.
const TONES: [(char, [char; 4]); 6] = [
    ('a', ['ā', 'á', 'ǎ', 'à']),
    ('e', ['ē', 'é', 'ě', 'è']),
    ('o', ['ō', 'ó', 'ǒ', 'ò']),
    ('i', ['ī', 'í', 'ǐ', 'ì']),
    ('u', ['ū', 'ú', 'ǔ', 'ù']),
    ('v', ['ǖ', 'ǘ', 'ǚ', 'ǜ']),
];

/// The tables.
pub struct Tables {
    pub traditional: BTreeMap<char, String>,
    pub splits: BTreeMap<char, String>,
    pub emoji: BTreeMap<char, String>,
    pub cyrillic: BTreeMap<char, String>,
    pub leet: BTreeMap<char, String>,
    homophones: Vec<Vec<char>>,
    sounds: BTreeMap<char, Sound>,
}

/// How a character is read.
#[derive(Clone)]
pub struct Sound {
    /// Without its tone.
    pub name: String,
    /// 1 to 5; 5 has no mark.
    pub tone: usize,
}

impl Sound {
    /// With the mark of its tone.
    pub fn marked(&self) -> String {
        let has = |vowel: char| self.name.contains(vowel);
        // On a, e or o; of i and u, which otherwise share a sound, on the last.
        let main = ['a', 'e', 'o'].into_iter().find(|vowel| has(*vowel));
        let main = main.or_else(|| self.name.chars().rev().find(|c| "iuv".contains(*c)));
        let marks = TONES.into_iter().find(|(vowel, _)| Some(*vowel) == main).map(|(_, marks)| marks);
        let mark = marks.and_then(|marks| marks.get(self.tone - 1).copied());
        self.name.chars().map(|c| if Some(c) == main { mark.unwrap_or(c) } else { c }).collect()
    }
}

impl Tables {
    pub fn read() -> Tables {
        let lines = |text: &'static str| text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let sets = lines(include_str!("../tables/homophones.txt"));
        let sounds = lines(include_str!("../tables/pinyin.txt")).filter_map(|line| line.split_once(' '));
        let sounds = sounds.flat_map(|(sound, chars)| {
            let (name, tone) = sound.split_at(sound.len() - 1);
            let sound = Sound { name: name.to_owned(), tone: tone.parse().expect("a sound ends with its tone") };
            chars.chars().map(move |c| (c, sound.clone()))
        });
        Tables {
            traditional: pairs(include_str!("../tables/traditional.txt")),
            splits: pairs(include_str!("../tables/splits.txt")),
            emoji: pairs(include_str!("../tables/emoji.txt")),
            cyrillic: pairs(CYRILLIC),
            leet: pairs(LEET),
            homophones: sets.map(|set| set.chars().collect()).collect(),
            sounds: sounds.collect(),
        }
    }

    /// Another character of the same sound: of several, as `turn` says.
    pub fn homophone(&self, c: char, turn: usize) -> Option<String> {
        let set = self.homophones.iter().find(|set| set.contains(&c))?;
        let others: Vec<char> = set.iter().copied().filter(|other| *other != c).collect();
        others.get(turn % others.len()).map(char::to_string)
    }

    /// How each character is read; `None` if one is not in the table. Letters are read as themselves.
    pub fn sounds(&self, term: &str) -> Option<Vec<Sound>> {
        let sound = |c: char| {
            let letter = c.is_ascii_alphanumeric().then(|| Sound { name: c.to_string(), tone: 5 });
            letter.or_else(|| self.sounds.get(&c).cloned())
        };
        term.chars().map(sound).collect()
    }
}

/// A table whose entries are a character and what is written for it, without anything in between.
fn pairs(text: &str) -> BTreeMap<char, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let entries = lines.flat_map(str::split_whitespace).filter_map(|entry| {
        let mut chars = entry.chars();
        Some((chars.next()?, chars.collect()))
    });
    entries.collect()
}
