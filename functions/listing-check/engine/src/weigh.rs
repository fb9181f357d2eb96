//! What speaks for a term on a text, and against it.

use crate::align::{Aligned, goes_on};
use crate::canonical::Text;
use crate::costs::Costs;
use crate::edges::numerals;
use crate::find::{FEW, Found, Tuning};
use crate::lattice::Lattice;
use crate::lexicon::{Lexicon, Role, Term};
use crate::step::Step;
use crate::symbol;

/// Characters of words beside first letters that say what is done with the thing.
const DONE: [char; 22] = [
    '代', '开', '办', '加', '私', '聊', '询', '搜', '扫', '找', '出', '收', '招', '买', '卖', '售', '做', '要', '刷',
    '号', '群', '领',
];

/// Verbs of selling and buying that stand right before what is sold.
const SELLS: [char; 9] = ['出', '收', '卖', '售', '买', '招', '求', '代', '供'];

/// What a term on a text is weighed with.
pub(crate) struct Scales<'t, 'p> {
    pub text: &'t Text,
    pub lattice: &'t Lattice<'t>,
    pub lexicon: &'t Lexicon<'p>,
    pub tuning: &'t Tuning,
    /// Whether the whole text says in which order it is to be read: asked when it matters, for it looks at all of it.
    pub turned: &'t dyn Fn() -> bool,
    /// Whether the text is of columns of another.
    pub columns: bool,
    /// Whether what does not count is told as well.
    pub all: bool,
}

/// A term on a text, with what speaks for it and against it.
pub(crate) fn weigh(scales: &Scales<'_, '_>, term: &Term<'_>, way: &Aligned) -> Option<Found> {
    let Scales { text, lattice, lexicon, tuning, turned, .. } = *scales;
    let (from, to) = (way.from as usize, way.to as usize);
    // In columns, what is read first may stand last.
    let places = || (from..to).filter_map(|at| text.at(at));
    let (start, end) = (places().map(|unit| unit.start).min()?, places().map(|unit| unit.end).max()?);
    let costs = &tuning.costs;
    // Emoji between characters hide a word. Where other emoji stand for its characters, those in between are a row for show.
    let show = if way.steps.has(Step::Emoji) { way.emoji } else { 0 };
    let literal = lattice.literal(from, to).saturating_sub(way.aside).saturating_sub(show);
    let plain = way.other == 0;
    // Who hides something within a term means the term, whatever words stand around it.
    let hidden = plain && is_hidden(way);
    let literal = if hidden { literal.max(term.own) } else { literal };
    let letters = way.steps.has(Step::Initials) && usize::from(way.dearest) == term.len();
    let latin = symbol::is_letter(term.symbol(0)) && symbol::is_letter(term.symbol(term.len().saturating_sub(1)));
    let reordered = way.steps.has(Step::Swapped) || way.steps.has(Step::Reversed);
    let any = any(lexicon);
    let prior = if term.alias {
        costs.alias
    } else if plain && !way.steps.has(Step::Separator) {
        term.own
    } else if plain {
        term.own.min(costs.prior_apart)
    } else if letters || latin && reordered {
        any
    } else {
        term.own.min(costs.prior)
    };
    let cost = way.cost + term.cost;
    let mut evidence = evidence(text, costs, term, way, turned);
    if plain {
        evidence += whole_word(text, from, to, term);
    }
    if plain && !way.steps.has(Step::Separator) {
        // 出|水军: who says that something is sold means what is named behind it.
        let sells = from.checked_sub(1).filter(|at| text.joined(*at));
        let sells = sells.filter(|at| text.at(*at).is_some_and(|unit| SELLS.contains(&unit.char)));
        // 高压|电击棒: of a longer term little is left to a word across its beginning, if that way is hardly cheaper.
        let weak = term.len() > 2 && term.own - literal <= costs.cut_weak;
        let but = if weak { Some(0) } else { sells };
        let cut = lattice.cut(from, to, but).map_or(0, |margin| (costs.cut - margin).max(0));
        evidence -= if term.allowed || hidden { 0 } else { cut };
        evidence += if alone_in_old_forms(text, from, to) { costs.old_form } else { 0 };
        evidence += if leads(text, from, to) { costs.leading } else { 0 };
    }
    let dear = !plain || term.alias;
    let least = if dear { tuning.least + tuning.more(lexicon) } else { tuning.least_literal };
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
        part: term.role == Role::Part,
        allowed: term.allowed,
        role: term.role,
    })
}

/// Which term it is, out of so many.
pub(crate) fn any(lexicon: &Lexicon<'_>) -> i32 {
    4 * lexicon.told().max(FEW).ilog2() as i32
}

/// Whether what cannot be seen stands within: nobody writes so by chance.
fn is_hidden(way: &Aligned) -> bool {
    let unseen = [Step::Invisible, Step::Mark];
    unseen.iter().any(|step| way.steps.has(*step)) && !way.steps.has(Step::Tones)
}

/// How many symbols on either side are looked at for other old forms.
const AROUND: usize = 12;

/// Whether a stretch has traditional forms, and what stands around it has none.
fn alone_in_old_forms(text: &Text, from: usize, to: usize) -> bool {
    let old = |at: usize| text.at(at).is_some_and(|unit| unit.steps.has(Step::Traditional));
    let around = || (from.saturating_sub(AROUND)..from).chain(to..to + AROUND);
    (from..to).any(old) && !around().any(old) && around().filter(|at| symbol::is_han(text.symbol(*at))).count() >= 4
}

/// Latin terms match whole words.
fn whole_word(text: &Text, from: usize, to: usize, term: &Term<'_>) -> i32 {
    let joins = |a: usize, b: usize| {
        let (x, y) = (text.symbol(a), text.symbol(b));
        symbol::is_letter(x) && (symbol::is_letter(y)) && text.joined(a)
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
/// How far away it may stand, in symbols.
pub(crate) const NEAR: usize = 6;

/// By the low bits of a character's code: whether words of offers begin with such a character.
const OFFERS_BEGIN: [u64; 16] = {
    let mut bits = [0; 16];
    let mut at = 0;
    #[allow(clippy::indexing_slicing, reason = "a constant: it does not compile out of bounds")]
    while at < OFFERS.len() {
        let code = OFFERS[at][0] as usize;
        bits[code / 64 % 16] |= 1 << (code % 64);
        at += 1;
    }
    bits
};

/// The places at which words of such offers begin.
pub(crate) fn offers(text: &Text) -> Vec<u32> {
    let begins = |c: char| {
        let code = c as usize;
        OFFERS_BEGIN.get(code / 64 % 16).is_some_and(|bits| bits >> (code % 64) & 1 == 1)
    };
    let pair = |at: usize| Some([text.at(at)?.char, text.at(at + 1)?.char]);
    let char = |unit: u32| text.units.get(unit as usize).map_or('\0', |unit| unit.char);
    let at = text.read.iter().enumerate().filter(|(_, unit)| begins(char(**unit))).map(|(at, _)| at);
    at.filter(|at| pair(*at).is_some_and(|pair| OFFERS.contains(&pair))).map(|at| at as u32).collect()
}

/// Whether a word of such offers stands near a stretch.
fn leads(text: &Text, from: usize, to: usize) -> bool {
    let before = from.saturating_sub(NEAR)..from.saturating_sub(1);
    let pair = |at: usize| Some([text.at(at)?.char, text.at(at + 1)?.char]);
    before.chain(to..to + NEAR).filter_map(pair).any(|pair| OFFERS.contains(&pair))
}

fn evidence(text: &Text, costs: &Costs, term: &Term<'_>, way: &Aligned, turned: &dyn Fn() -> bool) -> i32 {
    let (from, to) = (way.from as usize, way.to as usize);
    let units = || (from..to).filter_map(|at| text.at(at));
    let mut sum = 0;
    // Letters that go on before or behind: part of another word. What goes on behind a way is in its cost.
    let before = from > 0 && goes_on(text, from - 1);
    let after = to > 0 && goes_on(text, to - 1);
    let counted = way.other > 0 && !way.steps.has(Step::Swapped) && !way.steps.has(Step::Reversed);
    if way.other > 0 || term.alias {
        sum -= costs.joined * (i32::from(before) + i32::from(after && !counted));
    }
    let letters = way.steps.has(Step::Initials) && usize::from(way.dearest) == term.len();
    if letters || term.alias {
        let beside = (from.saturating_sub(2)..from).chain(to..to + 2).filter_map(|at| text.at(at));
        sum += if beside.into_iter().any(|unit| DONE.contains(&unit.char)) { costs.beside } else { 0 };
    }
    let letter = |at: usize| symbol::is_letter(text.symbol(at));
    if term.alias && way.other == 0 {
        // Models and types are written so: VX200, ZFB.
        let capitals = units().all(|unit| unit.capital || !symbol::is_letter(unit.symbol));
        let number = letter(to.saturating_sub(1)) && symbol::is_digit(text.symbol(to)) && text.joined(to - 1);
        sum -= if capitals && letter(from) { costs.alias_capitals } else { 0 };
        sum -= if number { costs.alias_number } else { 0 };
    }
    // A part of a longer number.
    if way.steps.has(Step::Numeral) {
        let numeral = |at: usize| text.at(at).is_some_and(|unit| !numerals(unit.char).is_empty() || unit.char == '百');
        let beside = |a: usize, b: usize| numeral(a) && numeral(b) && text.joined(a);
        let (before, after) = (from > 0 && beside(from - 1, from), to > 0 && beside(to - 1, to));
        // The same digit twice is another number.
        let again = way.steps.has(Step::Repeat);
        sum -= 2 * costs.joined * (i32::from(before) + i32::from(after) + i32::from(again));
    }
    // Capitals begin names.
    let latin = way.steps.has(Step::Pinyin) || way.steps.has(Step::Initials);
    let capitals = units().filter(|unit| unit.capital).count();
    if latin && capitals > 0 && capitals < to - from {
        sum -= costs.capital;
    }
    if latin && capitals > 1 && capitals == to - from && !way.steps.has(Step::Pinyin) {
        sum -= costs.capitals;
    }
    // Few of a term's symbols as they are: less of it can be seen.
    let len = term.len() as i32;
    // Two symbols, both of them something else, and each in another way: next to nothing of the term is there.
    let ways = [Step::Homophone, Step::Glyph, Step::Initials, Step::Emoji, Step::Pinyin, Step::Split];
    if len == 2 && way.dearest == 2 && ways.iter().filter(|step| way.steps.has(**step)).count() > 1 {
        sum -= costs.two_ways;
    }
    if len == 2 && way.dearest == 2 && way.steps.has(Step::Homophone) {
        sum -= costs.two_sounds;
    }
    // The more symbols are read otherwise and still make a term, the less it is by chance.
    if way.other > 0 && !term.alias && !letters {
        sum += costs.longer * (len - 2).clamp(0, 4);
    }
    // A whole run of letters that is nothing but the syllables of a term.
    let run = |at: usize| letter(at) && text.joined(at);
    let alone = (from == 0 || !run(from - 1)) && !(to > 0 && run(to - 1) && letter(to));
    if way.steps.has(Step::Pinyin) && alone && (from..to).all(letter) {
        sum += costs.whole_run;
    }
    if (way.other > 0 || term.alias) && leads(text, from, to) {
        sum += costs.leading;
    }
    if (way.steps.has(Step::Homophone) || way.steps.has(Step::Glyph)) && len > 2 && i32::from(way.other) == len {
        sum -= costs.none_left;
    }
    let ordered = [Step::Swapped, Step::Reversed, Step::Columns];
    if ordered.iter().any(|step| way.steps.has(*step)) && turned() {
        sum += costs.order_cue;
    }
    // Lines that are broken anywhere make all sorts of columns: only what stands there as it is counts.
    if way.steps.has(Step::Columns) && way.other > 0 && !turned() {
        sum -= costs.joined;
    }
    // 4G版, 5V信: part of a number with its unit.
    if term.alias && letter(from) && from > 0 && symbol::is_digit(text.symbol(from - 1)) && text.joined(from - 1) {
        sum -= 2 * costs.joined;
    }
    if is_hidden(way) {
        sum += costs.hidden;
    }
    // Two scripts in one word.
    if way.steps.has(Step::Homoglyph) {
        sum += costs.foreign;
    }
    sum
}

/// Words that say in which order to read, two characters each.
const ORDERS: [[char; 2]; 14] = [
    ['倒', '着'],
    ['倒', '读'],
    ['倒', '念'],
    ['反', '着'],
    ['反', '读'],
    ['反', '过'],
    ['倒', '过'],
    ['对', '调'],
    ['换', '位'],
    ['颠', '倒'],
    ['竖', '着'],
    ['从', '右'],
    ['后', '往'],
    ['字', '倒'],
];

/// Whether a text says in which order it is to be read.
pub(crate) fn turned(text: &Text) -> bool {
    let pair = |at: usize| Some([text.at(at)?.char, text.at(at + 1)?.char]);
    (0..text.read.len()).filter_map(pair).any(|pair| ORDERS.contains(&pair))
}
