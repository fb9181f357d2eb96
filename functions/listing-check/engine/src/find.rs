//! All terms of a text, with what made each of them count.

use std::collections::BTreeMap;

use crate::align::{Aligned, Readings, aside};
use crate::canonical::Text;
use crate::costs::Costs;
use crate::edges::{Read, classes_of};
use crate::language::Language;
use crate::lattice::Lattice;
use crate::lexicon::{Lexicon, Role, Term, classes, initials_key};
use crate::orders;
use crate::step::{Step, Steps};
use crate::symbol::{self, Symbol};
use crate::weigh::{Scales, turned, weigh};

/// The most terms that are tried from one place.
const MOST_TRIED: usize = 24;

/// What counts, in quarter bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// By how much a reading other than the literal one must win.
    pub least: i32,
    /// The same of a term as it stands, or with signs alone in between: what it may lose, as a negative number.
    pub least_literal: i32,
    /// What is added for each doubling of the number of terms above 128.
    pub per_doubling: i32,
    /// What steps cost, and what evidence weighs.
    pub costs: Costs,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning { least: 10, least_literal: -6, per_doubling: 2, costs: Costs::DEFAULT }
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

/// Finds terms. With `all`, those that do not count are told as well.
pub fn find(raw: &str, language: &Language<'_>, lexicon: &Lexicon<'_>, tuning: &Tuning, all: bool) -> Vec<Found> {
    find_counting(raw, language, lexicon, tuning, all).0
}

/// The same, and how much was done for it: places, edges, terms looked at and ways followed.
pub fn find_counting(
    raw: &str,
    language: &Language<'_>,
    lexicon: &Lexicon<'_>,
    tuning: &Tuning,
    all: bool,
) -> (Vec<Found>, u64) {
    let text = Text::of(raw, language);
    let mut found = Vec::new();
    let turned = turned(&text);
    let mut look = |text: &Text, by| in_text(text, by, turned, language, lexicon, tuning, &mut found);
    let mut work = look(&text, Steps::NONE);
    for column in orders::columns(&text) {
        work += look(&column, Steps::of(Step::Columns));
    }
    (best(found, all), work)
}

fn in_text(
    text: &Text,
    by: Steps,
    turned: bool,
    language: &Language<'_>,
    lexicon: &Lexicon<'_>,
    tuning: &Tuning,
    found: &mut Vec<Found>,
) -> u64 {
    let lattice = Lattice::of(text, language, tuning.costs.lonely);
    let scales = Scales { text, lattice: &lattice, lexicon, tuning, turned };
    let mut readings = Readings::of(text, &lattice, *language, tuning.costs);
    let mut tried: Vec<u32> = Vec::new();
    for place in 0..text.read.len() {
        // Where words of the text stand side by side, only terms as they are can begin: one look at the table tells.
        let settled = |place: usize| lattice.settled.get(place) == Some(&true);
        let words = settled(place) && settled(place + 1);
        let ordered = !(words && settled(place + 2) && settled(place + 3));
        if words && !ordered && !may_begin(text, place, language, lexicon) {
            continue;
        }
        let mut see = |term: Term<'_>, way: Aligned| {
            let way = whole_run(text, Aligned { steps: way.steps.and(by), ..way });
            if let Some(weighed) = weigh(&scales, &term, &way) {
                found.push(weighed);
            }
        };
        tried.clear();
        candidates(&mut readings, place, lexicon, &mut tried);
        for index in &tried {
            let Some(term) = lexicon.term(*index) else { continue };
            if let Some(way) = readings.align(&term, place).filter(|way| !term.allowed || way.other == 0) {
                see(term, way);
            }
        }
        if ordered {
            orders::at(text, place, lexicon, &tuning.costs, &mut see);
        }
        initials(text, place, lexicon, &tuning.costs, &mut see);
    }
    readings.work + 8 * text.read.len() as u64
}

/// Whether a term as it stands may begin at a place: it is listed under every class of its symbols.
fn may_begin(text: &Text, place: usize, language: &Language<'_>, lexicon: &Lexicon<'_>) -> bool {
    let [one, ..] = classes(text.symbol(place), language);
    let [two, ..] = classes(text.symbol(place + 1), language);
    lexicon.begins(one, two) || lexicon.begins(one, 0) || text.symbol(place) == text.symbol(place + 1)
}

/// A first or last symbol that is repeated belongs to the stretch, if others within are repeated too.
fn whole_run(text: &Text, way: Aligned) -> Aligned {
    let (mut from, mut to) = (way.from as usize, way.to as usize);
    let again = |a: usize, b: usize| text.symbol(a) == text.symbol(b) && text.gap(a).is_empty();
    while way.steps.has(Step::Repeat) && from > 0 && again(from - 1, from) {
        from -= 1;
    }
    while way.steps.has(Step::Repeat) && to > 0 && text.symbol(to) != 0 && again(to - 1, to) {
        to += 1;
    }
    Aligned { from: from as u32, to: to as u32, ..way }
}

/// Terms that may begin at a place: by the classes of what it and what follows can be read as.
fn candidates(readings: &mut Readings<'_>, place: usize, lexicon: &Lexicon<'_>, tried: &mut Vec<u32>) {
    let language = readings.language;
    let of = |read: Read, out: &mut Vec<u16>| classes_of(read, &language, |class| out.push(class));
    let firsts: Vec<(Read, u32)> = readings.at(place).iter().map(|edge| (edge.read, edge.to)).collect();
    let mut seconds: Vec<(u32, Vec<u16>)> = Vec::new();
    let mut ones = Vec::new();
    let mut pairs: Vec<(u16, u16)> = Vec::new();
    for (read, to) in firsts {
        if let Read::Name(emoji, number) = read {
            let mut name = language.emoji(emoji).nth(number.into()).unwrap_or_default().iter();
            let mut next = || name.next().map_or([0; 3], |symbol| classes(u16::from_le_bytes(*symbol), &language));
            let (ones, twos) = (next(), next());
            for one in ones.into_iter().filter(|class| *class != 0) {
                let twos = twos.into_iter().filter(|class| *class != 0);
                pairs.extend(twos.filter(|two| lexicon.begins(one, *two)).map(|two| (one, two)));
            }
            continue;
        }
        ones.clear();
        of(read, &mut ones);
        ones.sort_unstable();
        ones.dedup();
        if !seconds.iter().any(|(known, _)| *known == to) {
            let mut twos = Vec::new();
            // What stands in between may be an emoji, a sign, or the same again.
            for next in to as usize..to as usize + 4 {
                let skippable = readings.text.symbol(next);
                for edge in readings.at(next).iter() {
                    if !(matches!(read, Read::Initial(_)) && matches!(edge.read, Read::Initial(_))) {
                        of(edge.read, &mut twos);
                    }
                }
                let again = next > 0 && skippable == readings.text.symbol(next - 1);
                let passes = symbol::is_emoji(skippable) || symbol::is_sign(skippable) || symbol::is_digit(skippable);
                if !again && !passes {
                    break;
                }
            }
            if let Some(behind) = aside(readings.text, (to as usize).saturating_sub(1)) {
                readings.at(behind).iter().for_each(|edge| of(edge.read, &mut twos));
            }
            twos.sort_unstable();
            twos.dedup();
            seconds.push((to, twos));
        }
        let twos = seconds.iter().find(|(known, _)| *known == to).map_or(&[][..], |(_, twos)| twos);
        for one in &ones {
            if lexicon.begins(*one, 0) {
                pairs.push((*one, 0));
            }
            pairs.extend(twos.iter().filter(|two| lexicon.begins(*one, **two)).map(|two| (*one, *two)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut near = None;
    for (one, two) in pairs {
        for index in lexicon.beginning(one, two) {
            if tried.len() >= MOST_TRIED {
                return;
            }
            readings.work += 1;
            if tried.contains(&index) {
                continue;
            }
            // Of terms that begin alike, those that cannot go on here are not tried.
            let near = near.get_or_insert_with(|| readings.classes_near(place));
            let goes_on = |term: Term<'_>| {
                let all = |symbol| classes(symbol, &language).iter().any(|class| *class != 0 && near.has(*class));
                term.each().skip(2).all(all)
            };
            if lexicon.term(index).is_some_and(goes_on) {
                tried.push(index);
            }
        }
    }
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
    if !letter(place) || (place > 0 && letter(place - 1) && text.gap(place - 1).is_empty()) {
        return;
    }
    let mut to = place + 1;
    let mut gaps = 0;
    while letter(to) && joined(to - 1) && to - place < 8 {
        gaps += text.gap(to - 1).len();
        to += 1;
        let ends = !letter(to) || !text.gap(to - 1).is_empty();
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
                found(term, Aligned { from, to, cost, steps, other: len, dearest: len, aside: 0 });
            }
        }
    }
}

/// Of stretches that overlap, the one that wins by most; longer ones first where they win alike.
fn best(mut found: Vec<Found>, all: bool) -> Vec<Found> {
    found.sort_by_key(|one| {
        (!one.counts, one.steps.has(Step::Columns), one.start, std::cmp::Reverse(one.gain), one.term)
    });
    found.sort_by_key(|one| (!one.counts, std::cmp::Reverse((one.gain, one.end - one.start)), one.start, one.term));
    let allowed: Vec<(u32, u32)> =
        found.iter().filter(|one| one.allowed && one.counts).map(|one| (one.start, one.end)).collect();
    found.retain(|one| !one.allowed);
    let mut kept: Vec<Found> = Vec::new();
    // Terms and parts of combinations take no place from each other.
    let (mut terms, mut parts): (BTreeMap<u32, u32>, BTreeMap<u32, u32>) = (BTreeMap::new(), BTreeMap::new());
    for one in found {
        if !one.counts {
            kept.extend(all.then_some(one));
            continue;
        }
        let mut take = |taken: &mut BTreeMap<u32, u32>, part| {
            if taken.range(..one.end).next_back().is_none_or(|(_, end)| *end <= one.start) {
                taken.insert(one.start, one.end);
                kept.push(Found { part, ..one.clone() });
            }
        };
        if one.role != Role::Part {
            take(&mut terms, false);
        }
        if one.role != Role::Term {
            take(&mut parts, true);
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
