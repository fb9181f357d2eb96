//! A set of rules at hand: its index, and the rules that are not in it, which may not have been read yet.
//!
//! Of thousands of rules a request seldom meets any but those that the index has with it. So the others are read when one
//! of them could match, and not for every request of a fresh instance.

use crate::anchor::Anchor;
use crate::index::Index;
use crate::part::Part;
use crate::program::{Match, Program};
use crate::signal::Facts;

/// Rules, by their index.
#[derive(Clone, Copy, Debug)]
pub struct RuleSet<'p> {
    index: Index<'p>,
    far: Option<Part<'p>>,
}

/// What of the rules matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'p> {
    /// The rules that match, in their order; if it is not the whole, some of them.
    pub matches: Vec<Match<'p>>,
    /// Whether that is all: no rule that could match was left out because it has not been read.
    pub whole: bool,
}

impl<'p> RuleSet<'p> {
    /// Of an index and the rules that are not in it, `None` while they have not been read.
    pub const fn new(index: Index<'p>, far: Option<Part<'p>>) -> RuleSet<'p> {
        RuleSet { index, far }
    }

    /// The index.
    pub const fn index(&self) -> &Index<'p> {
        &self.index
    }

    /// Whether rules are still to be read.
    pub const fn is_unread(&self) -> bool {
        self.far.is_none()
    }

    /// Whether index and rules are of one set: each rule is in one of them.
    pub fn is_sound(&self) -> bool {
        let Some(far) = &self.far else { return false };
        let near = self.index.near();
        let in_one = |rule: usize| near.place(rule).is_some() != far.place(rule).is_some();
        near.len().saturating_add(far.len()) == self.index.len() && (0..self.index.len()).all(in_one)
    }

    /// All rules that match, in their order. Labels that a rule gives are seen by those behind it; those that a shadow
    /// gives, by other shadows alone.
    pub fn run(&self, facts: &impl Facts) -> Found<'p> {
        let mut candidates = self.index.always();
        let mut found = Found { matches: Vec::new(), whole: true };
        self.index.hashes(facts, |hash| found.whole &= self.mark(hash, &mut candidates));
        for word in 0..candidates.len() {
            let mut done = 0_u64;
            // A label may add rules behind, also of this word.
            while let Some(bits) = candidates.get(word).map(|bits| bits & !done).filter(|bits| *bits != 0) {
                if !found.whole {
                    return found;
                }
                let bit = bits.trailing_zeros();
                done |= u64::MAX.checked_shr(63_u32.saturating_sub(bit)).unwrap_or(0);
                let rule = word.saturating_mul(64).saturating_add(bit as usize);
                let matched = self.rule(rule).and_then(|(rules, place)| rules.one(place, rule, facts, &found.matches));
                let Some(matched) = matched else { continue };
                if let Some(label) = matched.label {
                    found.whole &= self.mark(Anchor::Label(label).hash(), &mut candidates);
                }
                found.matches.push(matched);
            }
        }
        found
    }

    /// The weight of a rule; none of a shadow, or of one that has not been read.
    pub fn weight(&self, rule: usize) -> Option<i16> {
        let (rules, place) = self.rule(rule)?;
        rules.weight(place)
    }

    /// Where a rule stands; `None` if it has not been read.
    fn rule(&self, rule: usize) -> Option<(&Program<'p>, usize)> {
        [Some(self.index.near()), self.far.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|part| Some((part.program(), part.place(rule)?)))
    }

    /// Marks the rules that a hash leads to; whether all of them are known.
    fn mark(&self, hash: u32, candidates: &mut [u64]) -> bool {
        self.index.near().mark(hash, candidates);
        match &self.far {
            Some(far) => {
                far.mark(hash, candidates);
                true
            }
            None => !self.index.leads_on(hash),
        }
    }
}
