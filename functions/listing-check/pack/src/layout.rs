//! The section `rules`: what each rule looks for, as arrays that are read in place.

use std::collections::BTreeMap;

use listing_engine::Lexicon;
use listing_engine::bytes::join;
use pack_source::MapWriter;

use crate::rules::{Asks, Member, Rule};

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VLR1";
/// Set in the number of words that are a group's, not a list's.
pub const GROUP: u32 = 1 << 31;
/// The place of words that must not stand by, in [`place::MEMBERS`]: only of rules that look across fields.
pub const WITHOUT: u8 = 255;

/// What a rule is.
pub mod kind {
    /// Words near one another.
    pub const NEAR: u8 = 1;
    /// A pattern.
    pub const PATTERN: u8 = 2;
    /// A statement that must be there.
    pub const DUTY: u8 = 3;
}

/// Places of the arrays. Numbers are little-endian.
pub mod place {
    /// A rule, 8 bytes: `u16` head, `u8` kind, `u8` 1 if it looks across fields, `u16` window, `u8` how many places it
    /// has, `u8` number of its pattern.
    pub const RULES: usize = 0;
    /// `u32` words (a list, or a group and [`super::GROUP`]), `u16` rule, `u8` place, `u8` 0; ascending.
    pub const MEMBERS: usize = 1;
    /// `u32` rule, `u32` words that must not stand by; ascending.
    pub const WITHOUT: usize = 2;
    /// `u32` term, `u32` list; ascending.
    pub const TERMS: usize = 3;
    /// Of each pattern `u32` bytes forward, `u32` bytes in reverse, in the order of [`BYTES`].
    pub const PATTERNS: usize = 4;
    /// The automata.
    pub const BYTES: usize = 5;
    /// How many arrays there are.
    pub const COUNT: usize = 6;
}

/// The section. `words`: those of each list.
pub(crate) fn section(rules: &[Rule], groups: usize, words: &[Vec<String>], lexicon: &Lexicon<'_>) -> Vec<u8> {
    let mut arrays = vec![Vec::new(); place::COUNT];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(array) = arrays.get_mut(at) {
            array.extend(bytes);
        }
    };
    let mut members: Vec<(u32, u16, u8)> = Vec::new();
    let mut patterns = 0_u8;
    for (number, rule) in (0_u16..).zip(rules) {
        let of = |words: &[Member], at: u8| {
            words.iter().map(|member| (self::number(*member), number, at)).collect::<Vec<_>>()
        };
        let head = u16::try_from(groups + usize::from(number)).unwrap_or(u16::MAX).to_le_bytes();
        let (kind, across, within, places, pattern) = match &rule.asks {
            Asks::Near { places, without, within, across } => {
                for (at, words) in (0..).zip(places) {
                    members.extend(of(words, at));
                }
                if *across {
                    members.extend(of(without, WITHOUT));
                }
                let mut numbers: Vec<u32> = without.iter().map(|member| self::number(*member)).collect();
                numbers.sort_unstable();
                for words in numbers {
                    put(place::WITHOUT, &u32::from(number).to_le_bytes());
                    put(place::WITHOUT, &words.to_le_bytes());
                }
                (kind::NEAR, *across, *within, places.len() as u8, 0)
            }
            Asks::Pattern(pattern) => {
                let lens = [&pattern.forward, &pattern.reverse].map(|bytes| (bytes.len() as u32).to_le_bytes());
                put(place::PATTERNS, lens.as_flattened());
                put(place::BYTES, &pattern.forward);
                put(place::BYTES, &pattern.reverse);
                patterns += 1;
                (kind::PATTERN, false, 0, 0, patterns - 1)
            }
            Asks::Duty(words) => {
                members.extend(of(words, 0));
                (kind::DUTY, false, 0, 1, 0)
            }
        };
        let [low, high] = within.to_le_bytes();
        put(place::RULES, &[head[0], head[1], kind, u8::from(across), low, high, places, pattern]);
    }
    members.sort_unstable();
    for (words, rule, at) in members {
        put(place::MEMBERS, &words.to_le_bytes());
        put(place::MEMBERS, &rule.to_le_bytes());
        put(place::MEMBERS, &[at, 0]);
    }
    let terms = (0..lexicon.len() as u32).filter_map(|index| lexicon.term(index));
    let numbers: BTreeMap<&str, u32> =
        terms.filter(|term| !term.alias && !term.allowed).map(|term| (term.text(), term.index)).collect();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for (list, words) in (0_u32..).zip(words) {
        pairs.extend(words.iter().filter_map(|word| Some((*numbers.get(word.as_str())?, list))));
    }
    pairs.sort_unstable();
    for (term, list) in pairs {
        put(place::TERMS, &term.to_le_bytes());
        put(place::TERMS, &list.to_le_bytes());
    }
    join(MAGIC, &arrays)
}

/// Texts about rules, in the section `groups`: of each list `list/n` its code; of each duty `n/states` the first
/// word of its first list, which is what is missing; of each pattern `n/pattern` how it is written.
pub(crate) fn texts(rules: &[Rule], groups: usize, lists: &[String], words: &[Vec<String>], map: &mut MapWriter) {
    for (number, list) in lists.iter().enumerate() {
        map.text(format!("list/{number}"), list);
    }
    for (number, rule) in (groups..).zip(rules) {
        match &rule.asks {
            Asks::Pattern(pattern) => _ = map.text(format!("{number}/pattern"), &pattern.text),
            Asks::Duty(members) => {
                let first = members.iter().find_map(|member| match member {
                    Member::List(list) => words.get(*list as usize)?.first(),
                    Member::Group(_) => None,
                });
                map.text(format!("{number}/states"), first.map_or("", String::as_str));
            }
            Asks::Near { .. } => {}
        }
    }
}

fn number(member: Member) -> u32 {
    match member {
        Member::List(number) => number,
        Member::Group(number) => number | GROUP,
    }
}
