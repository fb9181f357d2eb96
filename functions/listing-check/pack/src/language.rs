//! The tables of a language, from the CSV files of `language/`.

use std::collections::BTreeMap;

use listing_engine::bytes::{join, pair_key};
use listing_engine::classes::Classes;
use listing_engine::language::{CODES, FIRST, FORM_BUCKETS, KIND_EMOJI, MAGIC, PREFIX, WordHash, form_bucket, place};
use listing_engine::step::{ALL, Step};
use listing_engine::symbol::{self, HAN, Symbol};
use pack_source::csv::{Cell, lines};
use pack_source::{Files, Findings};

use crate::lexicon::{bits_of, starts};
use crate::syllables::spelt;

/// The files of a language.
pub const FILES: [&str; 11] = [
    "language/characters.csv",
    "language/emoji.csv",
    "language/forms.csv",
    "language/glyphs.csv",
    "language/letters.csv",
    "language/more-emoji.csv",
    "language/more-forms.csv",
    "language/shop.csv",
    "language/splits.csv",
    "language/traditional.csv",
    "language/words.csv",
];

/// What a word of shops costs that the general list lacks, or holds for rarer than it is there, in quarter bits.
const SHOP_WORD: u8 = 52;

/// What an abbreviation costs that shops write, in quarter bits.
const LETTERS: u8 = 30;

/// The most characters.
const MOST: usize = 28_000;

/// Compiles a language; `None` if a file is missing or says what cannot be.
pub fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let mut source = Source { files, findings };
    let characters = source.characters()?;
    let symbols: BTreeMap<char, Symbol> =
        (HAN..).zip(&characters).map(|(symbol, character)| (character.char, symbol)).collect();
    let sounds = sounds(&characters);
    let mut arrays = vec![Vec::new(); place::COUNT];
    let mut put = |at: usize, bytes: Vec<u8>| {
        if let Some(array) = arrays.get_mut(at) {
            *array = bytes;
        }
    };
    let mut han = vec![0_u16; CODES];
    let mut set = |c: char, value: u16| {
        if let Some(room) = (c as u32).checked_sub(FIRST).and_then(|at| han.get_mut(at as usize)) {
            *room = value;
        }
    };
    for (c, symbol) in &symbols {
        set(*c, *symbol);
    }
    for path in ["language/more-forms.csv", "language/traditional.csv"] {
        for (form, common) in source.pairs(path)? {
            if let Some(symbol) = symbols.get(&common) {
                set(form, symbol | 0x8000);
            }
        }
    }
    put(place::HAN, han.iter().flat_map(|n| n.to_le_bytes()).collect());
    put(place::COST, characters.iter().map(|character| character.cost).collect());
    let of_sounds = |character: &Character| {
        let mut three = [0_u16; 3];
        for (room, sound) in three.iter_mut().zip(&character.sounds) {
            *room = sounds.get(sound.as_str()).map_or(0, |(number, _)| *number);
        }
        three.into_iter().flat_map(u16::to_le_bytes)
    };
    put(place::SOUNDS, characters.iter().flat_map(of_sounds).collect());
    put(place::CHARS, characters.iter().flat_map(|character| (character.char as u32).to_le_bytes()).collect());
    let mut names = vec![0; 6];
    let mut classes = vec![0, 0];
    for (name, (_, class)) in &sounds {
        let mut padded = [0; 6];
        for (room, byte) in padded.iter_mut().zip(name.bytes()) {
            *room = byte;
        }
        names.extend(padded);
        classes.extend(class.to_le_bytes());
    }
    put(place::NAMES, names);
    put(place::CLASSES, classes);
    let usual = |character: &Character| {
        character.sounds.first().and_then(|sound| sounds.get(sound.as_str())).map_or(0, |(_, class)| *class)
    };
    put(place::USUAL, characters.iter().map(usual).flat_map(u16::to_le_bytes).collect());
    let of_letter = |letter: u8| {
        let begin = sounds.iter().filter(move |(name, _)| name.bytes().next() == Some(letter));
        begin.fold(Classes::NONE, |mut all, (_, (_, class))| {
            all.add(*class);
            all
        })
    };
    put(place::LETTERS, (b'a'..=b'z').flat_map(|letter| of_letter(letter).bytes()).collect());
    put(place::SPELT, spelt(&sounds));
    let (words, word_costs) = words(&source.words(&symbols)?);
    put(place::WORDS, words);
    put(place::WORD_COSTS, word_costs);
    let (emoji, emoji_at, emoji_names) = source.emoji(&symbols)?;
    put(place::EMOJI_AT, emoji_at);
    put(place::EMOJI_NAMES, emoji_names);
    let (forms, pool) = source.forms(&emoji)?;
    put(place::FORM_STARTS, starts(FORM_BUCKETS, forms.iter().map(|(code, _)| form_bucket(*code))));
    put(
        place::FORMS,
        forms.into_iter().flat_map(|(code, entry)| code.to_le_bytes().into_iter().chain(entry)).collect(),
    );
    put(place::POOL, pool);
    let (glyph_at, glyphs) = source.glyphs(&characters, &symbols)?;
    put(place::GLYPH_AT, glyph_at);
    put(place::GLYPHS, glyphs);
    let splits = source.splits(&symbols)?;
    let mut parts = vec![0_u8; characters.len()];
    for [first, second, ..] in &splits {
        for (symbol, bit) in [(first, 1), (second, 2)] {
            if let Some(part) = parts.get_mut(usize::from(symbol.wrapping_sub(HAN))) {
                *part |= bit;
            }
        }
    }
    put(place::PARTS, parts);
    put(place::MAKES, bits_of(&splits.iter().map(|[first, second, ..]| pair_key(*first, *second)).collect()));
    let eights = splits.iter().map(|[first, ..]| usize::from(first.wrapping_sub(HAN) / 8));
    put(place::SPLIT_STARTS, starts(characters.len() / 8 + 1, eights));
    put(place::SPLITS, splits.into_iter().flatten().flat_map(u16::to_le_bytes).collect());
    Some(join(MAGIC, &arrays))
}

struct Character {
    char: char,
    cost: u8,
    sounds: Vec<String>,
}

/// Numbers and classes of sounds by name. Sounds that are easily mistaken are one class: z and zh, n and l, an and ang.
fn sounds(characters: &[Character]) -> BTreeMap<&str, (u16, u16)> {
    let names: std::collections::BTreeSet<&str> =
        characters.iter().flat_map(|character| &character.sounds).map(String::as_str).collect();
    let class_names: std::collections::BTreeSet<String> = names.iter().map(|name| class_name(name)).collect();
    let class = |name: &str| class_names.iter().position(|known| *known == class_name(name)).unwrap_or(0) as u16 + HAN;
    (1..).zip(&names).map(|(number, name)| (*name, (number, class(name)))).collect()
}

fn class_name(name: &str) -> String {
    let name = ["zh", "ch", "sh"].into_iter().find(|two| name.starts_with(two)).map_or_else(
        || name.to_owned(),
        |two| format!("{}{}", two.get(..1).unwrap_or_default(), name.get(2..).unwrap_or_default()),
    );
    let name = match name.strip_prefix(['n', 'r']) {
        Some(rest) if !rest.is_empty() => format!("l{rest}"),
        _ => name,
    };
    match name.strip_suffix('g') {
        Some(rest) if rest.ends_with(['n']) && !rest.ends_with("on") => rest.to_owned(),
        _ => name,
    }
}

/// The hash table of words, and of what words begin with.
fn words(costs: &BTreeMap<Vec<Symbol>, u8>) -> (Vec<u8>, Vec<u8>) {
    let mut all: BTreeMap<Vec<Symbol>, u8> = BTreeMap::new();
    for word in costs.keys() {
        for len in 2..word.len() {
            all.insert(word.get(..len).unwrap_or_default().to_vec(), PREFIX);
        }
    }
    all.extend(costs.iter().map(|(word, cost)| (word.clone(), *cost)));
    let slots = (all.len() * 4 / 3).max(2);
    let (mut marks, mut costs) = (vec![0_u16; slots], vec![0_u8; slots]);
    for (word, cost) in &all {
        let hash = word.iter().fold(WordHash::NONE, |hash, symbol| hash.with(*symbol));
        let (mark, mut slot) = hash.key(slots);
        while marks.get(slot).is_some_and(|here| *here != 0) {
            slot = if slot + 1 < slots { slot + 1 } else { 0 };
        }
        if let (Some(room), Some(price)) = (marks.get_mut(slot), costs.get_mut(slot)) {
            (*room, *price) = (mark, *cost);
        }
    }
    (marks.iter().flat_map(|mark| mark.to_le_bytes()).collect(), costs)
}

struct Source<'f> {
    files: &'f Files,
    findings: &'f Findings,
}

impl<'f> Source<'f> {
    /// Rows of a file with so many cells; each with its line.
    fn rows<const N: usize>(&mut self, path: &str) -> Option<Vec<(u32, [Cell<'f>; N])>> {
        let mut rows = Vec::new();
        for line in lines(self.files.text(path, self.findings)?) {
            if line.comment().is_some() {
                continue;
            }
            let cells = line.cells();
            let Ok(cells) = <[Cell<'f>; N]>::try_from(cells) else {
                self.findings.error(path, line.number, 1, format!("a row has {N} cells"));
                continue;
            };
            rows.push((line.number, cells));
        }
        Some(rows)
    }

    fn one(&self, path: &str, line: u32, cell: Cell<'_>) -> Option<char> {
        let mut chars = cell.text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Some(c),
            _ => {
                self.findings.error(path, line, cell.column, format!("`{}` is not one character", cell.text));
                None
            }
        }
    }

    fn number(&self, path: &str, line: u32, cell: Cell<'_>) -> u8 {
        cell.text.parse().ok().filter(|n| *n < PREFIX).unwrap_or_else(|| {
            self.findings.error(path, line, cell.column, format!("`{}` is no number from 0 to 254", cell.text));
            0
        })
    }

    fn pairs(&mut self, path: &str) -> Option<Vec<(char, char)>> {
        let rows = self.rows::<2>(path)?;
        Some(rows.into_iter().filter_map(|(n, [a, b])| Some((self.one(path, n, a)?, self.one(path, n, b)?))).collect())
    }

    fn characters(&mut self) -> Option<Vec<Character>> {
        let [path, ..] = FILES;
        let mut characters = Vec::new();
        for (line, [char, cost, sounds]) in self.rows(path)? {
            let Some(c) = self.one(path, line, char) else { continue };
            let sounds: Vec<String> = sounds.text.split_whitespace().map(str::to_owned).collect();
            if sounds.len() > 3 || sounds.iter().any(|s| s.len() > 6 || !s.bytes().all(|b| b.is_ascii_lowercase())) {
                self.findings.error(path, line, 1, "sounds are up to three syllables of pinyin, without tones");
                continue;
            }
            characters.push(Character { char: c, cost: self.number(path, line, cost), sounds });
        }
        if characters.len() > MOST {
            self.findings.error(path, 0, 0, format!("there are at most {MOST} characters"));
            return None;
        }
        Some(characters)
    }

    fn words(&mut self, symbols: &BTreeMap<char, Symbol>) -> Option<BTreeMap<Vec<Symbol>, u8>> {
        let mut words = BTreeMap::new();
        let path = "language/shop.csv";
        for (line, [word]) in self.rows(path)? {
            let spelt: Option<Vec<Symbol>> = word.text.chars().map(|c| symbols.get(&c).copied()).collect();
            match spelt.filter(|spelt| spelt.len() > 1) {
                Some(spelt) => _ = words.insert(spelt, SHOP_WORD),
                None => self.findings.error(
                    path,
                    line,
                    word.column,
                    "a word has two characters at least, all of them known",
                ),
            }
        }
        let path = "language/letters.csv";
        for (line, [word]) in self.rows(path)? {
            if word.text.len() < 2 || word.text.len() > 6 || !word.text.bytes().all(|byte| byte.is_ascii_lowercase()) {
                self.findings.error(path, line, word.column, "an abbreviation is two to six small letters");
                continue;
            }
            words.insert(word.text.chars().map(symbol::of_ascii).collect(), LETTERS);
        }
        let path = "language/words.csv";
        for (line, [word, cost]) in self.rows(path)? {
            let cost = self.number(path, line, cost);
            let spelt: Option<Vec<Symbol>> = word.text.chars().map(|c| symbols.get(&c).copied()).collect();
            match spelt {
                Some(spelt) if spelt.len() > 1 => {
                    let known = words.entry(spelt).or_insert(cost);
                    *known = cost.min(*known);
                }
                _ => {}
            }
        }
        Some(words)
    }

    #[expect(clippy::type_complexity, reason = "three arrays of one file")]
    fn emoji(&mut self, symbols: &BTreeMap<char, Symbol>) -> Option<(BTreeMap<char, u32>, Vec<u8>, Vec<u8>)> {
        let mut all: BTreeMap<char, Vec<&str>> = BTreeMap::new();
        for path in ["language/more-emoji.csv", "language/emoji.csv"] {
            for (line, [emoji, said]) in self.rows(path)? {
                let Some(c) = self.one(path, line, emoji) else { continue };
                let names = all.entry(c).or_default();
                for name in said.text.split_whitespace() {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
        let (mut known, mut at, mut names) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (c, said) in all {
            known.insert(c, known.len() as u32);
            at.extend((names.len() as u32 / 2).to_le_bytes());
            for name in said {
                let spelt: Option<Vec<Symbol>> = name.chars().map(|c| symbols.get(&c).copied()).collect();
                names.extend(spelt.unwrap_or_default().into_iter().chain([0]).flat_map(u16::to_le_bytes));
            }
        }
        at.extend((names.len() as u32 / 2).to_le_bytes());
        Some((known, at, names))
    }

    /// Other forms by their codes, with what stands behind the code in [`place::FORMS`]; and the pool.
    #[expect(clippy::type_complexity, reason = "two arrays of one file")]
    fn forms(&mut self, emoji: &BTreeMap<char, u32>) -> Option<(Vec<(u32, [u8; 4])>, Vec<u8>)> {
        let path = "language/forms.csv";
        let mut forms: BTreeMap<char, (u32, u8)> = emoji.iter().map(|(c, n)| (*c, (*n, KIND_EMOJI))).collect();
        let mut pool = Vec::new();
        for (line, [form, reads, kind]) in self.rows(path)? {
            let Some(c) = self.one(path, line, form) else { continue };
            let Some(kind) = ALL.iter().position(|step: &Step| step.name() == kind.text) else {
                let names: Vec<&str> = ALL.iter().map(|step| step.name()).collect();
                let meant = pack_source::nearest(kind.text, names);
                self.findings.push(
                    pack_source::Finding::error(path, line, kind.column, format!("no such step: {}", kind.text))
                        .meant(meant),
                );
                continue;
            };
            forms.insert(c, (pool.len() as u32, kind as u8));
            pool.push(reads.text.len() as u8);
            pool.extend(reads.text.bytes());
        }
        let bytes = forms.iter().map(|(c, (at, kind))| {
            let [a, b, d, _] = at.to_le_bytes();
            (*c as u32, [a, b, d, *kind])
        });
        Some((bytes.collect(), pool))
    }

    fn glyphs(&mut self, characters: &[Character], symbols: &BTreeMap<char, Symbol>) -> Option<(Vec<u8>, Vec<u8>)> {
        let path = "language/glyphs.csv";
        let mut alike: BTreeMap<char, BTreeMap<Symbol, u16>> = BTreeMap::new();
        for (line, [char, looks]) in self.rows(path)? {
            let Some(c) = self.one(path, line, char) else { continue };
            let Some(own) = symbols.get(&c) else { continue };
            for look in looks.text.split_whitespace() {
                let mut chars = look.chars();
                let other = chars.next().unwrap_or_default();
                let Some((symbol, likeness)) = symbols.get(&other).copied().zip(chars.as_str().parse::<u16>().ok())
                else {
                    self.findings.error(path, line, looks.column, format!("`{look}` is no character with a likeness"));
                    continue;
                };
                // It goes both ways.
                alike.entry(c).or_default().insert(symbol, likeness);
                alike.entry(other).or_default().insert(*own, likeness);
            }
        }
        let (mut at, mut glyphs) = (Vec::new(), Vec::new());
        for character in characters {
            at.extend((glyphs.len() as u32 / 4).to_le_bytes());
            // The likest first.
            let mut likest: Vec<_> = alike.get(&character.char).into_iter().flatten().collect();
            likest.sort_by_key(|(_, likeness)| std::cmp::Reverse(**likeness));
            for (symbol, likeness) in likest {
                glyphs.extend(symbol.to_le_bytes().into_iter().chain(likeness.to_le_bytes()));
            }
        }
        at.extend((glyphs.len() as u32 / 4).to_le_bytes());
        Some((at, glyphs))
    }

    fn splits(&mut self, symbols: &BTreeMap<char, Symbol>) -> Option<std::collections::BTreeSet<[Symbol; 4]>> {
        let path = "language/splits.csv";
        let mut splits = std::collections::BTreeSet::new();
        for (line, [char, parts]) in self.rows(path)? {
            let Some(c) = self.one(path, line, char) else { continue };
            let spelt: Option<Vec<Symbol>> =
                parts.text.split_whitespace().map(|part| symbols.get(&part.chars().next()?).copied()).collect();
            let (Some(made), Some(parts)) = (symbols.get(&c), spelt) else { continue };
            match *parts.as_slice() {
                [a, b] => {
                    // Whoever takes a character apart writes its parts in either order, and a mouth for a border.
                    let border = symbols.get(&'囗').copied();
                    let mouth = symbols.get(&'口').copied().filter(|_| border == Some(a));
                    for first in [Some(a), mouth].into_iter().flatten() {
                        splits.insert([first, b, 0, *made]);
                        splits.insert([b, first, 0, *made]);
                    }
                }
                [a, b, d] => _ = splits.insert([a, b, d, *made]),
                _ => {}
            }
        }
        Some(splits)
    }
}
