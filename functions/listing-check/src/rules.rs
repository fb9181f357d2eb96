//! Rules about more than a term: words near one another or anywhere in a listing, patterns, and statements that must be
//! there. What a listing's texts say is seen text by text; what depends on all of them is told at the end.
//!
//! **Invariant: work is bounded.** A word is looked at once for each rule that asks for it, a pattern once for each text,
//! and of one rule [`MOST_OF_RULE`] findings of a text are told.

pub(crate) mod layout;
mod near;
pub(crate) mod pattern;
pub(crate) mod scope;

use listing_engine::step::Steps;
use listing_engine::{Found, Text};

use crate::judge::{Finding, Findings, What};
use crate::policy::{Force, Rules, Severity};
use crate::raw::{Raw, Span};
use crate::rules::layout::Kind;
use crate::rules::near::{Anywhere, Window};
use crate::rules::pattern::Patterns;
use crate::rules::scope::{Scope, bit, looks_in};
use crate::texts::{Field, Place};

/// The most findings of one rule that are told of one text.
pub(crate) const MOST_OF_RULE: u32 = 20;

/// A word that a combination is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where: RFC 6901, into the listing.
    pub pointer: String,
    /// The stretch of the raw text.
    pub span: Span,
    /// The word.
    pub term: String,
    /// The steps from the raw text to it.
    pub steps: Steps,
}

/// A text of a listing, with what was found in it.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'s> {
    /// Which of the listing's texts it is.
    pub number: usize,
    pub field: &'s Field<'s>,
    pub raw: &'s Raw<'s>,
    pub text: &'s Text,
    /// Parts of combinations, by where they begin; of those that begin together the longest first. They may lie over one
    /// another.
    pub parts: &'s [Found],
    /// Terms that are told of it, and what they do: what one of them says need not be said again.
    pub told: &'s [(u32, u32, Severity)],
}

/// A rule that holds in this listing.
struct Rule {
    head: u16,
    shadow: bool,
    severity: Severity,
    fields: u8,
    looks: Looks,
}

enum Looks {
    Near(Window),
    Anywhere(Anywhere),
    Duty { met: bool },
}

/// All rules on one listing.
pub(crate) struct Watch<'p> {
    rules: Rules<'p>,
    /// By their numbers; `None` of those that do not hold, and of patterns.
    watched: Vec<Option<Rule>>,
    patterns: Patterns<'p>,
    /// Whether a rule asks for words at all.
    words: bool,
}

impl<'p> Watch<'p> {
    pub(crate) fn over(rules: &Rules<'p>, scope: &mut Scope<'_, 'p>) -> Watch<'p> {
        let (mut watched, mut shapes) = (Vec::new(), Vec::new());
        for rule in rules.asks.rules() {
            let holds = rule.filter(|(head, _)| {
                scope.force(*head) != Force::Not
                    && !rules.excepts_rule(*head, scope.seller(), |category| scope.within(category))
            });
            let looks = match holds {
                None => None,
                Some((_, Kind::Near { within, across: false, places })) => {
                    Some(Looks::Near(Window::of(within, places)))
                }
                Some((_, Kind::Near { places, .. })) => Some(Looks::Anywhere(Anywhere::of(places))),
                Some((_, Kind::Duty)) => Some(Looks::Duty { met: false }),
                Some((head, Kind::Pattern(number))) => {
                    shapes.push((head, scope.force(head) == Force::Shadow, number));
                    None
                }
            };
            watched.push(holds.zip(looks).map(|((head, _), looks)| Rule {
                head,
                shadow: scope.force(head) == Force::Shadow,
                severity: rules.severity(head),
                fields: rules.fields(head),
                looks,
            }));
        }
        let words = watched.iter().any(Option::is_some);
        Watch { rules: *rules, watched, patterns: Patterns::of(rules, shapes), words }
    }

    /// Sees a text.
    pub(crate) fn see(&mut self, seen: Seen<'_>, findings: &mut Findings) {
        if self.words {
            self.words(seen, findings);
        }
        self.patterns.see(seen, &self.rules, findings);
    }

    fn words(&mut self, seen: Seen<'_>, findings: &mut Findings) {
        let bit = bit(seen.field);
        let rules = self.rules;
        for rule in self.watched.iter_mut().flatten() {
            if let Looks::Near(window) = &mut rule.looks {
                window.begin();
            }
        }
        let mut beside = near::Beside::of(seen.parts);
        for (at, part) in seen.parts.iter().enumerate() {
            for words in words_of(part, &rules) {
                for (number, place) in rules.asks.places_of(words) {
                    let Some(rule) = self.watched.get_mut(number).and_then(Option::as_mut) else { continue };
                    if !looks_in(rule.fields, bit) {
                        continue;
                    }
                    match &mut rule.looks {
                        // What nobody sees states nothing.
                        Looks::Duty { met } => *met |= seen.field.place == Place::Words,
                        Looks::Anywhere(anywhere) => anywhere.see(place, at, seen, &rules),
                        Looks::Near(window) => {
                            let Some(found) = window.see(usize::from(place), at, seen.parts) else { continue };
                            let without = rules.asks.without(number);
                            if beside.any(&found, window.within, without, |part| words_of(part, &rules)) {
                                continue;
                            }
                            window.clear(found.end);
                            let says = |told: &(u32, u32, Severity)| found.end <= told.1 && rule.severity <= told.2;
                            let before = seen.told.partition_point(|told| told.0 <= found.start);
                            let told = before.checked_sub(1).and_then(|at| seen.told.get(at));
                            if told.is_some_and(says) || !window.tell() {
                                continue;
                            }
                            let parts = found.parts.iter().filter_map(|at| seen.parts.get(*at));
                            let parts: Vec<Part> = parts.filter_map(|part| part_of(part, seen, &rules)).collect();
                            let span = Some(seen.raw.span(found.start, found.end));
                            rule.found(seen.field.pointer.clone(), span, parts, &rules, findings);
                        }
                    }
                }
            }
        }
    }

    /// What depends on all texts.
    pub(crate) fn done(self, findings: &mut Findings) {
        for rule in self.watched.iter().flatten() {
            match &rule.looks {
                Looks::Anywhere(anywhere) => {
                    let Some(parts) = anywhere.found() else { continue };
                    let Some(first) = parts.first().cloned() else { continue };
                    rule.found(first.pointer, Some(first.span), parts, &self.rules, findings);
                }
                Looks::Duty { met: false } => {
                    let (head, states) = (rule.head, self.rules.states(rule.head).to_owned());
                    let what = What::Duty { rule: head, states };
                    let pointer = "/description".to_owned();
                    let finding = Finding { pointer, span: None, steps: Steps::NONE, severity: rule.severity, what };
                    findings.rule(head, rule.shadow, &self.rules, finding);
                }
                Looks::Duty { met: true } | Looks::Near(_) => {}
            }
        }
    }
}

impl Rule {
    fn found(&self, pointer: String, span: Option<Span>, parts: Vec<Part>, rules: &Rules<'_>, findings: &mut Findings) {
        let steps = parts.iter().fold(Steps::NONE, |all, part| all.and(part.steps));
        let what = What::Combination { rule: self.head, parts };
        let finding = Finding { pointer, span, steps, severity: self.severity, what };
        findings.rule(self.head, self.shadow, rules, finding);
    }
}

/// Which words a part is one of.
fn words_of<'p>(part: &Found, rules: &Rules<'p>) -> impl Iterator<Item = u32> + use<'p> {
    rules.asks.words_of(part.term, rules.lexicon.term(part.term).map(|term| term.group))
}

fn part_of(part: &Found, seen: Seen<'_>, rules: &Rules<'_>) -> Option<Part> {
    let term = rules.lexicon.term(part.term)?.text().to_owned();
    let (pointer, span) = (seen.field.pointer.clone(), seen.raw.span(part.start, part.end));
    Some(Part { pointer, span, term, steps: part.steps })
}

#[cfg(test)]
mod tests;
