//! All terms of a text, with what made each of them count.

use std::collections::BTreeMap;

use crate::align::{Aligned, Readings};
use crate::canonical::Text;
use crate::edges::{Read, classes_of};
use crate::language::Language;
use crate::lattice::Lattice;
use crate::lexicon::{Lexicon, Term, classes, initials_key};
use crate::orders;
use crate::step::{Step, Steps};
use crate::symbol::{self, Symbol};

/// The most terms that are tried from one place.
const MOST_TRIED: usize = 48;

/// What it costs that a term is written by its first letters alone, in quarter bits: which term, is counted apart.
const INITIALS: i32 = 30;
/// What any term costs of which another name stands there, in quarter bits: how well known the name is, its list says.
const ALIAS: i32 = 24;
/// What a word beside first letters is worth that says what is done with the thing.
const BESIDE: i32 = 12;
/// Characters of such words.
const DONE: [char; 22] = [
    '代', '开', '办', '加', '私', '聊', '询', '搜', '扫', '找', '出', '收', '招', '买', '卖', '售', '做', '要', '刷',
    '号', '群', '领',
];

/// What counts, in quarter bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// By how much a reading other than the literal one must win.
    pub least: i32,
    /// The same of a term as it stands, or with signs alone in between: what it may lose, as a negative number.
    pub least_literal: i32,
    /// What is added for each doubling of the number of terms above 128.
    pub per_doubling: i32,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning { least: 10, least_literal: -6, per_doubling: 2 }
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
    /// Whether it is a word that is allowed.
    allowed: bool,
}

/// Finds terms. With `all`, those that do not count are told as well.
pub fn find(raw: &str, language: &Language<'_>, lexicon: &Lexicon<'_>, tuning: &Tuning, all: bool) -> Vec<Found> {
    let text = Text::of(raw, language);
    let mut found = Vec::new();
    in_text(&text, Steps::NONE, language, lexicon, tuning, &mut found);
    for column in orders::columns(&text) {
        in_text(&column, Steps::of(Step::Columns), language, lexicon, tuning, &mut found);
    }
    best(found, all)
}

fn in_text(
    text: &Text,
    by: Steps,
    language: &Language<'_>,
    lexicon: &Lexicon<'_>,
    tuning: &Tuning,
    found: &mut Vec<Found>,
) {
    let lattice = Lattice::of(text, language);
    let mut readings = Readings::of(text, *language);
    let mut tried: Vec<u32> = Vec::new();
    for place in 0..text.read.len() {
        let mut see = |term: Term<'_>, way: Aligned| {
            let way = whole_run(text, Aligned { steps: way.steps.and(by), ..way });
            if let Some(weighed) = weigh(text, &lattice, language, lexicon, tuning, &term, &way) {
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
        orders::at(text, place, lexicon, &mut see);
        initials(text, place, lexicon, &mut see);
    }
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
        ones.clear();
        of(read, &mut ones);
        ones.sort_unstable();
        ones.dedup();
        if !seconds.iter().any(|(known, _)| *known == to) {
            let mut twos = Vec::new();
            // What stands in between may be an emoji, a sign, or the same again.
            for at in 0..4 {
                let next = to as usize + at;
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
fn initials<'a>(text: &Text, place: usize, lexicon: &Lexicon<'a>, mut found: impl FnMut(Term<'a>, Aligned)) {
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
                let cost = INITIALS + 6 * gaps as i32;
                let len = (to - place) as u8;
                found(term, Aligned { from: place as u32, to: to as u32, cost, steps, other: len, dearest: len });
            }
        }
    }
}

fn weigh(
    text: &Text,
    lattice: &Lattice,
    language: &Language<'_>,
    lexicon: &Lexicon<'_>,
    tuning: &Tuning,
    term: &Term<'_>,
    way: &Aligned,
) -> Option<Found> {
    let (from, to) = (way.from as usize, way.to as usize);
    // In columns, what is read first may stand last.
    let places = || (from..to).filter_map(|at| text.at(at));
    let (start, end) = (places().map(|unit| unit.start).min()?, places().map(|unit| unit.end).max()?);
    let literal = lattice.literal(from, to);
    let plain = way.other == 0;
    let letters = way.steps.has(Step::Initials) && usize::from(way.dearest) == term.len();
    let prior = if term.alias {
        ALIAS
    } else if plain && !way.steps.has(Step::Separator) {
        term.own
    } else if plain {
        term.own.min(72)
    } else if letters {
        4 * lexicon.len().max(2).ilog2() as i32
    } else {
        term.prior
    };
    let cost = way.cost + term.cost;
    let mut evidence = evidence(text, language, term, way);
    if plain && !way.steps.has(Step::Separator) {
        evidence += whole_word(text, from, to, term);
    }
    let size = lexicon.len().max(128).ilog2() as i32 - 7;
    let dear = !plain || term.alias;
    let least = if dear { tuning.least + tuning.per_doubling * size } else { tuning.least_literal };
    let gain = literal - prior - cost + evidence;
    let mut steps = way.steps;
    if term.alias {
        steps = steps.with(Step::Symbol);
    }
    Some(Found {
        term: term.target,
        start,
        end,
        steps,
        literal,
        prior,
        cost,
        evidence,
        gain,
        counts: gain >= least || term.allowed && plain,
        allowed: term.allowed,
    })
}

/// Latin terms match whole words.
fn whole_word(text: &Text, from: usize, to: usize, term: &Term<'_>) -> i32 {
    let joins = |a: usize, b: usize| {
        let (x, y) = (text.symbol(a), text.symbol(b));
        symbol::is_letter(x) && (symbol::is_letter(y)) && text.gap(a).is_empty()
    };
    let (first, last) = (term.symbol(0), term.symbol(term.len().saturating_sub(1)));
    let before = from > 0 && symbol::is_letter(first) && joins(from - 1, from);
    let after = symbol::is_letter(last) && joins(to.saturating_sub(1), to);
    if before || after { -400 } else { 0 }
}

/// Words of offers that are made behind the counter, two characters each.
const OFFERS: [[char; 2]; 34] = [
    ['同', '号'],
    ['同', '名'],
    ['秒', '到'],
    ['日', '结'],
    ['比', '一'],
    ['私', '聊'],
    ['看', '图'],
    ['领', '图'],
    ['加', '我'],
    ['加', '微'],
    ['联', '系'],
    ['代', '开'],
    ['代', '办'],
    ['可', '查'],
    ['包', '过'],
    ['实', '名'],
    ['详', '聊'],
    ['拿', '货'],
    ['货', '源'],
    ['渠', '道'],
    ['出', '售'],
    ['收', '购'],
    ['咨', '询'],
    ['进', '群'],
    ['领', '券'],
    ['返', '现'],
    ['勿', '拍'],
    ['诚', '信'],
    ['预', '测'],
    ['兼', '职'],
    ['招', '人'],
    ['原', '装'],
    ['税', '点'],
    ['加', '薇'],
];
/// What such a word near by is worth, in quarter bits.
const LEADING: i32 = 10;
/// How far away it may stand, in symbols.
const NEAR: usize = 6;

/// Whether a word of such offers stands near a stretch.
fn leads(text: &Text, from: usize, to: usize) -> bool {
    let before = from.saturating_sub(NEAR)..from.saturating_sub(1);
    let pair = |at: usize| Some([text.at(at)?.char, text.at(at + 1)?.char]);
    before.chain(to..to + NEAR).filter_map(pair).any(|pair| OFFERS.contains(&pair))
}

fn evidence(text: &Text, _language: &Language<'_>, term: &Term<'_>, way: &Aligned) -> i32 {
    let (from, to) = (way.from as usize, way.to as usize);
    let mut sum = 0;
    // Letters that go on before or behind: part of another word.
    let letter = |at: usize| symbol::is_letter(text.symbol(at));
    let before = from > 0 && letter(from) && letter(from - 1) && text.gap(from - 1).is_empty();
    let after = to > 0 && letter(to) && letter(to - 1) && text.gap(to - 1).is_empty();
    if way.other > 0 || term.alias {
        sum -= 40 * (i32::from(before) + i32::from(after));
    }
    let letters = way.steps.has(Step::Initials) && usize::from(way.dearest) == term.len();
    if letters || term.alias {
        let beside = (from.saturating_sub(2)..from).chain(to..to + 2).filter_map(|at| text.at(at));
        sum += if beside.into_iter().any(|unit| DONE.contains(&unit.char)) { BESIDE } else { 0 };
    }
    if term.alias && way.other == 0 {
        // Models and types are written so: VX200, ZFB.
        let capitals =
            (from..to).filter_map(|at| text.at(at)).all(|unit| unit.capital || !symbol::is_letter(unit.symbol));
        let number = letter(to.saturating_sub(1)) && symbol::is_digit(text.symbol(to)) && text.gap(to - 1).is_empty();
        sum -= if capitals && letter(from) { 14 } else { 0 } + if number { 16 } else { 0 };
    }
    // Capitals begin names.
    let latin = way.steps.has(Step::Pinyin) || way.steps.has(Step::Initials);
    let capitals = (from..to).filter_map(|at| text.at(at)).filter(|unit| unit.capital).count();
    if latin && capitals > 0 && capitals < to - from {
        sum -= 6;
    }
    if latin && capitals > 1 && capitals == to - from && !way.steps.has(Step::Pinyin) {
        sum -= 24;
    }
    // Few of a term's symbols as they are: less of it can be seen.
    let len = term.len() as i32;
    // Two symbols, both of them something else, and each in another way: next to nothing of the term is there.
    let ways = [Step::Homophone, Step::Glyph, Step::Initials, Step::Emoji, Step::Pinyin, Step::Split];
    if len == 2 && way.dearest == 2 && ways.iter().filter(|step| way.steps.has(**step)).count() > 1 {
        sum -= 28;
    }
    if len == 2 && way.dearest == 2 && way.steps.has(Step::Homophone) {
        sum -= 12;
    }
    if (way.other > 0 || term.alias) && leads(text, from, to) {
        sum += LEADING;
    }
    if way.steps.has(Step::Homophone) || way.steps.has(Step::Glyph) {
        let other = i32::from(way.other);
        if len > 2 && other == len {
            sum -= 8;
        }
    }
    sum
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
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    for one in found {
        let free = taken.range(..one.end).next_back().is_none_or(|(_, end)| *end <= one.start);
        if one.counts && free {
            taken.insert(one.start, one.end);
        }
        if one.counts && free || all && !one.counts {
            kept.push(one);
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
