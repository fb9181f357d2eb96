//! All terms of a text, with what made each of them count.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::align::Aligned;
use crate::candidates::Candidates;
use crate::canonical::Text;
use crate::costs::Costs;
use crate::edges::numerals;
use crate::language::Language;
use crate::lattice::Lattice;
use crate::lexicon::{Lexicon, Role, Term, initials_key};
use crate::orders;
use crate::readings::Readings;
use crate::step::{Step, Steps};
use crate::symbol::{self, Symbol};
use crate::weigh::{Scales, turned, weigh};

/// So many terms are few.
pub(crate) const FEW: usize = 512;

/// What counts, in quarter bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// By how much a reading other than the literal one must win.
    pub least: i32,
    /// The same of a term as it stands, or with signs alone in between: what it may lose, as a negative number.
    pub least_literal: i32,
    /// What is added for each doubling of the number of terms above [`FEW`].
    pub per_doubling: i32,
    /// What steps cost, and what evidence weighs.
    pub costs: Costs,
}

impl Tuning {
    /// By how much more a reading must win, out of so many terms.
    pub(crate) fn more(&self, lexicon: &Lexicon<'_>) -> i32 {
        self.per_doubling * doublings(lexicon) as i32
    }
}

/// How often the number of terms is doubled above [`FEW`].
fn doublings(lexicon: &Lexicon<'_>) -> u32 {
    lexicon.told().max(FEW).ilog2() - FEW.ilog2()
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning { least: 14, least_literal: -6, per_doubling: 2, costs: Costs::DEFAULT }
    }
}

/// A term that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The term, by its number; of an alias, the one that it is for.
    pub term: u32,
    /// Where it begins in the raw text, in Unicode scalar values.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The steps from the raw text to the term.
    pub steps: Steps,
    /// What the stretch costs as it stands, in quarter bits.
    pub literal: i32,
    /// What the term costs.
    pub prior: i32,
    /// What the steps cost.
    pub cost: i32,
    /// What speaks for it, or against it, besides.
    pub evidence: i32,
    /// By how much it wins.
    pub gain: i32,
    /// Whether it counts.
    pub counts: bool,
    /// Whether it is a part of combinations, and no finding of its own.
    pub part: bool,
    /// Whether it is a word that is allowed.
    pub(crate) allowed: bool,
    /// What its term is found for.
    pub(crate) role: Role,
}

/// What a text was found to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// The terms that were found.
    pub found: Vec<Found>,
    /// Whether all readings were tried. Where not, the text was built to have too many, or by chance has: terms as they
    /// stand are found all the same, but a person must look.
    pub complete: bool,
    /// How much was done for it: places, edges, terms looked at and ways followed.
    pub work: u64,
    /// How much might be done so far: what the text leaves is its columns'.
    limit: u64,
}

/// Finds terms. With `all`, those that do not count are told as well.
pub fn find(raw: &str, language: &Language<'_>, lexicon: &Lexicon<'_>, tuning: &Tuning, all: bool) -> Vec<Found> {
    search(&Text::of(raw, language), language, lexicon, tuning, all).found
}

/// The same of a text in its canonical form, and whether all of it was read.
pub fn search(text: &Text, language: &Language<'_>, lexicon: &Lexicon<'_>, tuning: &Tuning, all: bool) -> Searched {
    let mut done = Searched { complete: true, ..Searched::default() };
    let known = OnceCell::new();
    let turned = || *known.get_or_init(|| turned(text));
    let mut look = |text: &Text, by| in_text(text, by, (&turned, all), language, lexicon, tuning, &mut done);
    look(text, Steps::NONE);
    for column in orders::columns(text) {
        look(&column, Steps::of(Step::Columns));
    }
    Searched { found: best(done.found, all), ..done }
}

fn in_text(
    text: &Text,
    by: Steps,
    (turned, all): (&dyn Fn() -> bool, bool),
    language: &Language<'_>,
    lexicon: &Lexicon<'_>,
    tuning: &Tuning,
    done: &mut Searched,
) {
    let lattice = Lattice::of(text, language, tuning.costs.lonely);
    let columns = by.has(Step::Columns);
    let scales = Scales { text, lattice: &lattice, lexicon, tuning, turned, columns, all };
    let mut readings = Readings::of(
        text,
        &lattice,
        *language,
        tuning.costs,
        lexicon.made(),
        columns.then_some((done.work, done.limit)),
        doublings(lexicon),
    );
    let mut candidates = Candidates::of(&scales);
    for place in 0..text.read.len() {
        readings.go_on(place);
        // Where words of the text stand side by side, only terms as they are can begin: one look at the table tells.
        let settled = |place: usize| lattice.settled.get(place) == Some(&true);
        let words = settled(place) && settled(place + 1);
        let ordered = !(words && settled(place + 2) && settled(place + 3));
        let numeral = |place: usize| text.at(place).is_some_and(|unit| !numerals(unit.char).is_empty());
        let begins = !words || candidates.may_begin(text, place, language) || numeral(place) || numeral(place + 1);
        if !begins && !ordered {
            continue;
        }
        let mut see = |term: Term<'_>, way: Aligned| {
            let way = whole_run(text, Aligned { steps: way.steps.and(by), ..way });
            if let Some(weighed) = weigh(&scales, &term, &way) {
                done.found.push(weighed);
            }
        };
        for index in if begins { candidates.at(&mut readings, place) } else { &[] } {
            let Some(term) = lexicon.term(*index) else { continue };
            if let Some(way) = readings.align(&term, place).filter(|way| !term.allowed || way.other == 0) {
                see(term, way);
            }
        }
        if ordered {
            orders::at(text, place, &lattice, lexicon, &tuning.costs, &mut see);
        }
        if symbol::is_letter(text.symbol(place)) {
            initials(text, place, lexicon, &tuning.costs, &mut see);
        }
    }
    done.work = readings.work;
    done.limit = readings.limit;
    done.complete &= !readings.cut_short;
}

/// A first or last symbol that is repeated belongs to the stretch, if others within are repeated too.
fn whole_run(text: &Text, way: Aligned) -> Aligned {
    let (mut from, mut to) = (way.from as usize, way.to as usize);
    let again = |a: usize, b: usize| text.symbol(a) == text.symbol(b) && text.joined(a);
    while way.steps.has(Step::Repeat) && from > 0 && again(from - 1, from) {
        from -= 1;
    }
    while way.steps.has(Step::Repeat) && to > 0 && text.symbol(to) != 0 && again(to - 1, to) {
        to += 1;
    }
    Aligned { from: from as u32, to: to as u32, ..way }
}

/// Terms of which all first letters stand there, and nothing else.
fn initials<'a>(
    text: &Text,
    place: usize,
    lexicon: &Lexicon<'a>,
    costs: &Costs,
    mut found: impl FnMut(Term<'a>, Aligned),
) {
    let letter = |at: usize| symbol::is_letter(text.symbol(at));
    let joined = |at: usize| text.gap(at).iter().all(|unit| matches!(unit.char, '.' | ' ' | '-' | '·'));
    if !letter(place) || (place > 0 && letter(place - 1) && text.joined(place - 1)) {
        return;
    }
    let mut to = place + 1;
    let mut gaps = 0;
    while letter(to) && joined(to - 1) && to - place < 8 {
        gaps += text.gap(to - 1).len();
        to += 1;
        let ends = !letter(to) || !text.joined(to - 1);
        if ends {
            let symbols = (place..to).map(|at| text.symbol(at));
            for index in lexicon.of_initials(initials_key(symbols)) {
                let Some(term) = lexicon.term(index).filter(|term| term.len() == to - place) else { continue };
                let steps = (place..to)
                    .filter_map(|at| text.at(at))
                    .fold(Steps::of(Step::Initials), |all, unit| all.and(unit.steps));
                let steps = if gaps > 0 { steps.with(Step::Separator) } else { steps };
                let cost = costs.initials + costs.initials_gap * gaps as i32;
                let len = (to - place) as u8;
                let (from, to) = (place as u32, to as u32);
                found(term, Aligned { from, to, cost, steps, other: len, dearest: len, ..Aligned::default() });
            }
        }
    }
}

/// Of stretches that overlap, the one that wins by most; longer ones first where they win alike.
fn best(mut found: Vec<Found>, all: bool) -> Vec<Found> {
    // What stands there as it is is no other term in disguise: 一比一 is not 1比1.
    let stands = found.iter().filter(|one| one.counts && one.steps.is_empty() && !one.allowed);
    let stands: BTreeMap<(u32, u32), i32> = stands.map(|one| ((one.start, one.end), one.gain)).collect();
    for one in found.iter_mut().filter(|one| !one.steps.is_empty()) {
        if let Some(gain) = stands.get(&(one.start, one.end)) {
            one.gain = one.gain.min(gain - 1);
        }
    }
    found.sort_by_key(|one| {
        (!one.counts, one.steps.has(Step::Columns), one.start, std::cmp::Reverse(one.gain), one.term)
    });
    found.sort_by_key(|one| (!one.counts, std::cmp::Reverse((one.gain, one.end - one.start)), one.start, one.term));
    let allowed: Vec<(u32, u32)> =
        found.iter().filter(|one| one.allowed && one.counts).map(|one| (one.start, one.end)).collect();
    found.retain(|one| !one.allowed);
    let mut kept: Vec<Found> = Vec::new();
    // Terms take places from each other. Parts of combinations take none: a rule must see each word that it names, also one
    // within another or across its end. Only what a word is read of twice counts once, and of one stretch the likeliest.
    let mut terms: BTreeMap<u32, u32> = BTreeMap::new();
    let mut parts: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let mut stretches: BTreeMap<(u32, u32), i32> = BTreeMap::new();
    for one in found {
        if !one.counts {
            kept.extend(all.then_some(one));
            continue;
        }
        if one.role != Role::Part && terms.range(..one.end).next_back().is_none_or(|(_, end)| *end <= one.start) {
            terms.insert(one.start, one.end);
            kept.push(Found { part: false, ..one.clone() });
        }
        if one.role != Role::Term {
            let before = parts.range((one.term, 0)..(one.term, one.end)).next_back();
            // Those that win by more come first.
            let likeliest = *stretches.entry((one.start, one.end)).or_insert(one.gain);
            if before.is_none_or(|(_, end)| *end <= one.start) && likeliest == one.gain {
                parts.insert((one.term, one.start), one.end);
                kept.push(Found { part: true, ..one });
            }
        }
    }
    // What lies within an allowed word says what the word says. Only now: an allowed word never adds a finding.
    for one in &mut kept {
        one.counts &= !allowed.iter().any(|(start, end)| *start <= one.start && one.end <= *end);
    }
    kept.retain(|one| all || one.counts);
    kept.sort_by_key(|one| (!one.counts, one.start, one.end, one.term));
    kept
}

/// The first letter of a sound, as a symbol.
pub fn initial(language: &Language<'_>, symbol: Symbol) -> Option<Symbol> {
    let name = language.name(language.sounds(symbol)[0]).as_bytes();
    name.first().map(|letter| symbol::A + Symbol::from(letter.saturating_sub(b'a')))
}
