//! What speaks for a term on a text, and against it.

use crate::align::Aligned;
use crate::canonical::Text;
use crate::find::{Found, Tuning};
use crate::language::Language;
use crate::lattice::Lattice;
use crate::lexicon::{Lexicon, Term};
use crate::step::Step;
use crate::symbol;

/// What it costs that a term is written by its first letters alone, in quarter bits: which term, is counted apart.
pub(crate) const INITIALS: i32 = 30;
/// What any term costs of which another name stands there, in quarter bits: how well known the name is, its list says.
const ALIAS: i32 = 24;
/// What a word beside first letters is worth that says what is done with the thing.
const BESIDE: i32 = 12;
/// Characters of such words.
const DONE: [char; 22] = [
    '代', '开', '办', '加', '私', '聊', '询', '搜', '扫', '找', '出', '收', '招', '买', '卖', '售', '做', '要', '刷',
    '号', '群', '领',
];

/// A term on a text, with what speaks for it and against it.
pub(crate) fn weigh(
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
