//! Patterns: regular expressions over the canonical text, compiled to automata that are read in place.

use listing_engine::{Language, Text};
use pack_source::Findings;
use pack_source::toml::Value;
use regex_automata::dfa::{Automaton as _, dense, sparse};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};

use crate::RULES;
use crate::rules::Rule;

/// The most patterns.
pub(crate) const MOST: usize = 32;
/// The longest pattern, in characters.
const LONGEST: usize = 400;
/// The most bytes of a pattern's two automata.
const MOST_BYTES: usize = 96 << 10;
/// The most bytes of all of them: a request that has a text for them checks them once.
const MOST_OF_ALL: usize = 512 << 10;
/// What making one may take: a dense automaton is larger by far than what is kept of it.
const BUILDING: usize = 2 << 20;

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// As it is written.
    pub text: String,
    /// A sparse automaton that finds ends, little-endian.
    pub forward: Vec<u8>,
    /// One that finds the beginning before an end.
    pub reverse: Vec<u8>,
}

impl Pattern {
    fn bytes(&self) -> usize {
        self.forward.len() + self.reverse.len()
    }
}

/// Reads and compiles a pattern.
pub(crate) fn read(value: &Value<'_>, language: &Language<'_>) -> Option<Pattern> {
    let text = value.text()?;
    let refuse = |reason: String| {
        value.refuse(format!("{}: {reason}", value.name()));
        None
    };
    if text.chars().count() > LONGEST {
        return refuse(format!("it has more than {LONGEST} characters"));
    }
    if let Some((is, read)) = never(text, language) {
        return refuse(format!("texts are read in lower case, simplified, narrow: write {read} for {is}"));
    }
    match build(text) {
        Ok(pattern) if pattern.bytes() > MOST_BYTES => {
            let (bytes, most) = (pattern.bytes() >> 10, MOST_BYTES >> 10);
            refuse(format!("its automata have {bytes} KiB; at most {most} are read in place"))
        }
        Ok(pattern) => Some(pattern),
        Err(why) => refuse(why),
    }
}

/// That there are not too many, nor too large ones together.
pub(crate) fn bounds<'p>(patterns: impl Iterator<Item = (&'p Rule, &'p Pattern)>, findings: &Findings) {
    let (mut count, mut bytes) = (0, 0);
    for (rule, pattern) in patterns {
        count += 1;
        bytes += pattern.bytes();
        if count == MOST + 1 || bytes > MOST_OF_ALL && bytes - pattern.bytes() <= MOST_OF_ALL {
            let most = MOST_OF_ALL >> 10;
            let code = &rule.head.code;
            let said = format!("[rule] {code}: there are at most {MOST} patterns, and {most} KiB of them");
            findings.error(RULES, 0, 0, said);
        }
    }
}

/// A character that no canonical text has, and what is read for it.
fn never(text: &str, language: &Language<'_>) -> Option<(char, String)> {
    let chars: Vec<char> = text.chars().collect();
    let mut escaped = false;
    for (at, c) in chars.iter().copied().enumerate() {
        let spells = escaped;
        escaped = c == '\\' && !spells;
        let read: String = Text::of(&c.to_string(), language).units.iter().map(|unit| unit.char).collect();
        // `\D` is no letter, and what a range of characters ends with need not be in a text.
        let ends =
            at.checked_sub(1).and_then(|before| chars.get(before)) == Some(&'-') || chars.get(at + 1) == Some(&'-');
        let passes = ends || read.is_empty() || spells && c.is_ascii();
        if !passes && read != c.to_string() {
            return Some((c, read));
        }
    }
    None
}

fn build(text: &str) -> Result<Pattern, String> {
    let automaton = |reverse: bool| {
        let config = dense::Config::new()
            .dfa_size_limit(Some(BUILDING))
            .determinize_size_limit(Some(BUILDING))
            .match_kind(if reverse { MatchKind::All } else { MatchKind::LeftmostFirst })
            .minimize(false);
        let config = if reverse { config.start_kind(regex_automata::dfa::StartKind::Anchored) } else { config };
        let dense = dense::Builder::new()
            .configure(config)
            .syntax(syntax::Config::new().unicode(true).utf8(true).nest_limit(50))
            .thompson(thompson::Config::new().reverse(reverse).nfa_size_limit(Some(BUILDING)))
            .build(text)
            .map_err(|error| reasons(&error))?;
        dense.to_sparse().map_err(|error| reasons(&error))
    };
    let (forward, reverse): (sparse::DFA<Vec<u8>>, _) = (automaton(false)?, automaton(true)?);
    if !matches!(forward.try_search_fwd(&Input::new("")), Ok(None)) {
        return Err("it is met by an empty text".to_owned());
    }
    let (forward, reverse) = (forward.to_bytes_little_endian(), reverse.to_bytes_little_endian());
    Ok(Pattern { text: text.to_owned(), forward, reverse })
}

/// Why there is no automaton, on one line: the last line of a fault in the syntax says what it is.
fn reasons(error: &dyn std::error::Error) -> String {
    let mut said = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        said.push(error.to_string());
        next = error.source();
    }
    let said = said.join(": ");
    if said.contains("Perl class") || said.contains("property not found") || said.contains("case-insensitive") {
        return "classes are written out: [0-9], [a-z], [一-鿿]".to_owned();
    }
    let last = said.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
