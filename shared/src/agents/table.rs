//! The table of `agents/agents.csv`, as `build.rs` compiles it, and one pass over a user agent.

use std::ops::Range;

use super::{Class, Purpose};

include!(concat!(env!("OUT_DIR"), "/agents.rs"));

/// The most bytes of a user agent that are read: the longest of real apps have some 800.
pub(super) const MAX_BYTES: usize = 1024;

/// What a token stands for.
pub(super) struct Known {
    pub class: Class,
    pub purpose: Option<Purpose>,
    pub name: &'static str,
}

/// Where in a user agent a token counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Anywhere.
    Any,
    /// Not right behind a letter or a digit.
    Word,
    /// At the very beginning.
    Start,
}

struct Entry {
    token: &'static str,
    /// Its second byte: most entries of a bucket differ in it.
    second: u8,
    at: At,
    /// The greatest of those found wins.
    weight: u16,
    /// `None`: only hides shorter tokens within it.
    known: Option<Known>,
}

impl Entry {
    /// A word for programs, and nobody's name.
    fn is_a_mere_word(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.name.is_empty() && known.class > Class::InApp)
    }

    /// Whether it stands at the beginning of `rest`, behind the byte `before`.
    fn stands(&self, before: Option<u8>, second: u8, rest: &[u8]) -> bool {
        let placed = || match self.at {
            At::Any => true,
            At::Word => !before.is_some_and(|b| b.is_ascii_alphanumeric()),
            At::Start => before.is_none(),
        };
        self.second == second && placed() && rest.starts_with(self.token.as_bytes())
    }
}

/// Where an Android browser says which phone it runs on: `(Linux; Android 15 Preview; Talbot X1)`. Makers call phones as
/// they like, so mere words there say nothing. A robot that poses as a phone names itself, or a page, or behind the bracket.
fn model(lower: &[u8]) -> Range<usize> {
    let begins = b"mozilla/5.0 (linux; ";
    let bracket = lower.strip_prefix(begins).and_then(|rest| rest.split(|b| *b == b')').next());
    let says = |bracket: &[u8], word: &[u8]| bracket.windows(word.len()).any(|part| part == word);
    match bracket {
        Some(bracket) if says(bracket, b"android") && !says(bracket, b"compatible") && !says(bracket, b"://") => {
            begins.len()..begins.len().saturating_add(bracket.len())
        }
        _ => 0..0,
    }
}

/// Room for a user agent in lower case.
pub(super) type Lower = [u8; MAX_BYTES];

/// A user agent in lower case, as far as it is read.
pub(super) fn lower<'a>(agent: &[u8], into: &'a mut Lower) -> &'a [u8] {
    for (to, from) in into.iter_mut().zip(agent) {
        *to = from.to_ascii_lowercase();
    }
    into.get(..agent.len()).unwrap_or(into)
}

/// The strongest token in a user agent in lower case. Where two overlap, the one that begins first, and then the
/// longer, is read.
pub(super) fn strongest(lower: &[u8]) -> Option<&'static Known> {
    let mut rest = lower;
    let mut before = None;
    let mut best: Option<&Entry> = None;
    let model = model(lower);
    while let [first, second, third, ..] = *rest {
        let found = if begins(first, second, third) { find(before, first, second, rest) } else { None };
        // How far in this stands.
        let at = lower.len().saturating_sub(rest.len());
        if let Some(entry) = found
            && best.is_none_or(|best| entry.weight > best.weight)
            && !(entry.is_a_mere_word() && model.contains(&at))
        {
            best = Some(entry);
        }
        let (read, behind) = rest.split_at_checked(found.map_or(1, |entry| entry.token.len()))?;
        before = read.last().copied();
        rest = behind;
    }
    best?.known.as_ref()
}

/// Whether a token may begin so. Five bits of each byte tell letters apart, and nearly every place is passed over here.
fn begins(first: u8, second: u8, third: u8) -> bool {
    let [first, second, third] = [first, second, third].map(|b| usize::from(b & 31));
    let set = BEGINNINGS.get(first << 4 | second >> 1).copied().unwrap_or(0);
    set >> ((second & 1) << 5 | third) & 1 == 1
}

fn find(before: Option<u8>, first: u8, second: u8, rest: &[u8]) -> Option<&'static Entry> {
    BUCKETS.get(usize::from(first))?.iter().find(|entry| entry.stands(before, second, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    include!(concat!(env!("OUT_DIR"), "/agent_examples.rs"));

    #[test]
    fn every_row_is_found_in_its_example() {
        assert!(!EXAMPLES.is_empty());
        let mut wrong = Vec::new();
        for (class, purpose, name, example) in EXAMPLES {
            let found = strongest(lower(example.as_bytes(), &mut [0; MAX_BYTES]))
                .map(|known| (known.class, known.purpose, known.name));
            let right = match class {
                Some(class) => found == Some((*class, *purpose, *name)),
                // It hides a shorter token, which would have meant a stronger class.
                None => found.is_none_or(|(class, ..)| class <= Class::InApp),
            };
            if !right {
                wrong.push(format!("{example}: {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn an_endless_agent_is_read_in_part() {
        let long = "x".repeat(MAX_BYTES);
        let known = |text: String| strongest(lower(text.as_bytes(), &mut [0; MAX_BYTES])).is_some();
        assert!(!known(format!("{long}Googlebot")));
        assert!(known(format!("Googlebot{long}")));
    }
}
