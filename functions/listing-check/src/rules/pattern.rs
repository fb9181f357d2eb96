//! Patterns over the canonical text, by automata that are read in place.
//!
//! Reading is total: an automaton is checked when it is opened, and a search that fails finds nothing.

use listing_engine::step::Steps;
use regex_automata::dfa::Automaton as _;
use regex_automata::dfa::sparse::DFA;
use regex_automata::{Anchored, Input};

use crate::judge::{Finding, Findings, What};
use crate::policy::{Rules, Severity};
use crate::rules::layout::{Asks, Kind};
use crate::rules::scope::{bit, looks_in};
use crate::rules::{MOST_OF_RULE, Seen};

/// The patterns that hold in a listing. They are opened for the first text that one of them looks in.
pub(crate) struct Patterns<'p> {
    asks: Asks<'p>,
    shapes: Vec<Shape<'p>>,
}

struct Shape<'p> {
    head: u16,
    shadow: bool,
    severity: Severity,
    fields: u8,
    number: usize,
    automata: Option<Option<Automata<'p>>>,
}

struct Automata<'p> {
    forward: DFA<&'p [u8]>,
    reverse: DFA<&'p [u8]>,
}

impl<'p> Automata<'p> {
    fn open(asks: &Asks<'p>, number: usize) -> Option<Automata<'p>> {
        let (forward, reverse) = asks.pattern(number)?;
        Some(Automata { forward: DFA::from_bytes(forward).ok()?.0, reverse: DFA::from_bytes(reverse).ok()?.0 })
    }

    /// The first stretch of a text from a place on, in bytes.
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let input = Input::new(text).range(from..);
        let end = self.forward.try_search_fwd(&input).ok()??.offset();
        let before = Input::new(text).range(from..end).anchored(Anchored::Yes);
        let start = self.reverse.try_search_rev(&before).ok()??.offset();
        (start < end).then_some((start, end))
    }
}

/// Whether all patterns of a pack can be opened.
pub(crate) fn can_be_read(asks: &Asks<'_>) -> bool {
    asks.rules().flatten().all(|(_, kind)| match kind {
        Kind::Pattern(number) => Automata::open(asks, number).is_some(),
        Kind::Near { .. } | Kind::Duty => true,
    })
}

impl<'p> Patterns<'p> {
    /// Of heads, whether they are in shadow, and numbers of patterns.
    pub(crate) fn of(rules: &Rules<'p>, shapes: Vec<(u16, bool, usize)>) -> Patterns<'p> {
        let shape = |(head, shadow, number)| {
            let (severity, fields) = (rules.severity(head), rules.fields(head));
            Shape { head, shadow, severity, fields, number, automata: None }
        };
        Patterns { asks: rules.asks, shapes: shapes.into_iter().map(shape).collect() }
    }

    pub(crate) fn see(&mut self, seen: Seen<'_>, rules: &Rules<'_>, findings: &mut Findings) {
        let bit = bit(seen.field);
        let mut canonical = None;
        for shape in self.shapes.iter_mut().filter(|shape| looks_in(shape.fields, bit)) {
            let automata = shape.automata.get_or_insert_with(|| Automata::open(&self.asks, shape.number));
            let Some(automata) = automata else { continue };
            let canonical = canonical.get_or_insert_with(|| Canonical::of(seen));
            let mut from = 0;
            for _ in 0..MOST_OF_RULE {
                let Some((start, end)) = automata.find(&canonical.text, from) else { break };
                from = end;
                let Some((raw_start, raw_end, steps)) = canonical.raw(start, end, seen) else { continue };
                let value = canonical.text.get(start..end).unwrap_or_default().to_owned();
                let what = What::Pattern { rule: shape.head, value };
                let span = Some(seen.raw.span(raw_start, raw_end));
                let pointer = seen.field.pointer.clone();
                let finding = Finding { pointer, span, steps, severity: shape.severity, what };
                findings.rule(shape.head, shape.shadow, rules, finding);
            }
        }
    }
}

/// A text as patterns see it.
struct Canonical {
    text: String,
    /// Where each unit begins in it, in bytes.
    starts: Vec<usize>,
}

impl Canonical {
    fn of(seen: Seen<'_>) -> Canonical {
        let mut text = String::with_capacity(seen.text.units.len().saturating_mul(2));
        let mut starts = Vec::with_capacity(seen.text.units.len());
        for unit in &seen.text.units {
            starts.push(text.len());
            text.push(unit.char);
        }
        Canonical { text, starts }
    }

    /// A stretch of it in the raw text, and the steps that led to it.
    fn raw(&self, start: usize, end: usize, seen: Seen<'_>) -> Option<(u32, u32, Steps)> {
        let first = self.starts.partition_point(|at| *at <= start).checked_sub(1)?;
        let last = self.starts.partition_point(|at| *at < end);
        let units = seen.text.units.get(first..last)?;
        let steps = units.iter().fold(Steps::NONE, |all, unit| all.and(unit.steps));
        Some((units.first()?.start, units.last()?.end, steps))
    }
}
