//! What a text costs as Chinese: the best way through its words, forwards and backwards.

use crate::canonical::Text;
use crate::language::{Language, PREFIX, WordHash};
use crate::symbol::{self, Symbol};

/// The longest word, in symbols.
pub const LONGEST: usize = 6;
/// What the first letter of a run costs, in quarter bits; and each of the others.
const LATIN: (i32, i32) = (44, 11);
/// The same of digits.
const DIGITS: (i32, i32) = (30, 8);
/// What a sign costs that can stand for a letter.
const SIGN: i32 = 16;
/// What an emoji costs; and beside a character, with nothing in between, where it rather stands for one.
const EMOJI: (i32, i32) = (40, 60);
/// What the same emoji again costs.
const EMOJI_AGAIN: i32 = 8;

/// Costs up to each place of a text's `read`, and from each place on.
#[derive(Clone, Debug, Default)]
pub struct Lattice {
    /// What comes before a place.
    pub before: Vec<i32>,
    /// What comes from a place on.
    pub after: Vec<i32>,
    /// Whether the symbol at a place lies in a word of the best way through, and no dear character stands beside it.
    pub settled: Vec<bool>,
    /// All words: where they begin, how long they are, what they cost.
    words: Vec<(u32, u8, u8)>,
}

/// So many characters with the same sign, or a blank, behind each are written so for show: 正 品 保 证.
const SPACED: usize = 5;

/// Between which symbols a reader sees nothing: where nothing stands, and in such rows. None if there are none.
fn spaced(text: &Text) -> Option<Vec<bool>> {
    let sign = |at: usize| match text.gap(at) {
        [sign] if symbol::is_han(text.symbol(at)) && symbol::is_han(text.symbol(at + 1)) => Some(sign.char),
        _ => None,
    };
    let mut whole: Option<Vec<bool>> = None;
    let mut at = 0;
    while at < text.read.len() {
        let Some(same) = sign(at).filter(|sign| *sign != '\n') else {
            at += 1;
            continue;
        };
        let to = (at + 1..text.read.len()).find(|to| sign(*to) != Some(same)).unwrap_or(text.read.len());
        if to - at + 1 >= SPACED
            && let Some(row) = whole.get_or_insert_with(|| text.joined.clone()).get_mut(at..to)
        {
            row.fill(true);
        }
        at = to;
    }
    whole
}

impl Lattice {
    /// Of a text; a word beside a character that costs `lonely` or more is in doubt.
    pub fn of(text: &Text, language: &Language<'_>, lonely: i32) -> Lattice {
        // Words do not go across signs, but where each character has the same one behind it.
        let spaced = spaced(text);
        let whole = spaced.as_ref().unwrap_or(&text.joined);
        let mut lattice = Lattice::of_symbols(&text.symbols, whole, language);
        lattice.doubt(&text.symbols, whole, language, lonely);
        lattice
    }

    /// Words of two characters beside a lonely one may be cut from what was meant: they are not settled.
    fn doubt(&mut self, symbols: &[Symbol], whole: &[bool], language: &Language<'_>, lonely: i32) {
        // Letters around a sign that may stand for one are a piece of a word, whatever they are alone: we!xin.
        let letter = |at: usize| symbols.get(at).is_some_and(|symbol| symbol::is_letter(*symbol));
        let stands_for_one = |at: usize| {
            symbols.get(at).is_some_and(|symbol| symbol::is_sign(*symbol) || symbol::is_digit(*symbol))
                && whole.get(at) == Some(&true)
                && letter(at + 1)
        };
        for at in
            (1..symbols.len()).filter(|at| letter(at - 1) && whole.get(at - 1) == Some(&true) && stands_for_one(*at))
        {
            let joined = |at: usize| letter(at) && whole.get(at) == Some(&true);
            let from = (0..at).rev().take_while(|at| joined(*at)).last().unwrap_or(at);
            let to = (at + 1..symbols.len()).take_while(|at| letter(*at)).last().unwrap_or(at);
            self.settled.get_mut(from..=to).unwrap_or_default().fill(false);
        }
        let words = self.settled.clone();
        let is_lonely = |at: usize| {
            let symbol = symbols.get(at).copied().unwrap_or(0);
            words.get(at) == Some(&false) && symbol::is_han(symbol) && language.cost(symbol) >= lonely
        };
        for at in (0..symbols.len()).filter(|at| is_lonely(*at)) {
            for side in [at.wrapping_sub(1), at + 1] {
                let joined = whole.get(at.min(side)) == Some(&true);
                if joined && self.settled.get(side) == Some(&true) {
                    let far = if side > at { side + 1 } else { side.wrapping_sub(1) };
                    for place in [side, far] {
                        if let Some(settled) = self.settled.get_mut(place) {
                            *settled = false;
                        }
                    }
                }
            }
        }
    }

    /// What the text costs at least, besides its best way, if a word lies across either end of a stretch; none if no
    /// word does. Words that begin at `but` or behind it, before the stretch, do not count.
    pub fn cut(&self, from: usize, to: usize, but: Option<usize>) -> Option<i32> {
        let whole = self.before.last().copied().unwrap_or(0);
        let first = self.words.partition_point(|(at, ..)| *at as usize + LONGEST < from);
        let near = self.words.get(first..).unwrap_or_default().iter().take_while(|(at, ..)| (*at as usize) < to);
        near.filter_map(|(at, len, cost)| {
            let (begin, end) = (*at as usize, *at as usize + usize::from(*len));
            let across = |place: usize| begin < place && place < end;
            // A longer word around the whole stretch is no cut: allowed words say what such a word is worth.
            let crosses = across(from) != across(to)
                && !(begin <= from && to <= end)
                && but.is_none_or(|but| begin < but || from <= begin);
            let way = self.before.get(begin)? + i32::from(*cost) + self.after.get(end)?;
            crosses.then_some(way.saturating_sub(whole))
        })
        .min()
    }

    /// Of symbols; `whole` says whether nothing stands between one and the next.
    pub fn of_symbols(symbols: &[Symbol], whole: &[bool], language: &Language<'_>) -> Lattice {
        let len = symbols.len();
        let mut words: Vec<(u32, u8, u8)> = Vec::with_capacity(len);
        let mut word_at = Vec::with_capacity(len + 1);
        let kind = |at: usize| symbols.get(at).map(|symbol| symbol::is_letter(*symbol));
        for at in 0..len {
            word_at.push(words.len());
            // Letters are a word only if the whole run is: cm, USB.
            let begins = at == 0 || kind(at - 1) != Some(true) || whole.get(at - 1) != Some(&true);
            if kind(at) == Some(true) && begins {
                let joined = |to: usize| kind(to) == Some(true) && whole.get(to - 1) == Some(&true);
                let end = (at + 1..=at + LONGEST).find(|to| !joined(*to));
                let run = end.and_then(|end| symbols.get(at..end)).filter(|run| run.len() > 1);
                if let Some(cost) = run.and_then(|run| language.word(run)).filter(|cost| *cost != PREFIX) {
                    words.push((at as u32, end.unwrap_or(at).saturating_sub(at) as u8, cost));
                }
                continue;
            }
            let mut hash = WordHash::NONE.with(symbols.get(at).copied().unwrap_or(0));
            for length in 2..=LONGEST {
                let last = at + length - 1;
                let Some(symbol) = symbols.get(last).filter(|symbol| symbol::is_han(**symbol)) else { break };
                if whole.get(last - 1) != Some(&true) {
                    break;
                }
                hash = hash.with(*symbol);
                match language.word_of(hash) {
                    None => break,
                    Some(PREFIX) => {}
                    Some(cost) => words.push((at as u32, length as u8, cost)),
                }
            }
        }
        word_at.push(words.len());
        let single = |at: usize, begins: bool| -> i32 {
            let symbol = symbols.get(at).copied().unwrap_or(0);
            let of_run = |(first, next): (i32, i32)| if begins { first } else { next };
            match symbol {
                _ if symbol::is_letter(symbol) => of_run(LATIN),
                _ if symbol::is_digit(symbol) => of_run(DIGITS),
                _ if symbol::is_sign(symbol) => SIGN,
                // The same again is drawn for show.
                _ if symbol::is_emoji(symbol) && at > 0 && symbols.get(at - 1) == Some(&symbol) => EMOJI_AGAIN,
                _ if symbol::is_emoji(symbol) => {
                    let han = |at: usize| symbols.get(at).is_some_and(|symbol| symbol::is_han(*symbol));
                    let before = at > 0 && whole.get(at - 1) == Some(&true) && han(at - 1);
                    let beside = before || whole.get(at) == Some(&true) && han(at + 1);
                    if beside { EMOJI.1 } else { EMOJI.0 }
                }
                _ => language.cost(symbol),
            }
        };
        let same_run = |a: usize, b: usize| {
            let (x, y) = (symbols.get(a).copied().unwrap_or(0), symbols.get(b).copied().unwrap_or(0));
            let alike = symbol::is_letter(x) && symbol::is_letter(y) || symbol::is_digit(x) && symbol::is_digit(y);
            alike && whole.get(a) == Some(&true)
        };
        let mut before = vec![i32::MAX; len + 1];
        let mut came_by = vec![1_u8; len + 1];
        if let Some(first) = before.first_mut() {
            *first = 0;
        }
        for at in 0..len {
            let here = before.get(at).copied().unwrap_or(0);
            let begins = at == 0 || !same_run(at - 1, at);
            let mut reach = |to: usize, cost: i32, length: u8| {
                if let (Some(best), Some(by)) = (before.get_mut(to), came_by.get_mut(to))
                    && cost < *best
                {
                    (*best, *by) = (cost, length);
                }
            };
            reach(at + 1, here.saturating_add(single(at, begins)), 1);
            let span = word_at.get(at).copied().unwrap_or(0)..word_at.get(at + 1).copied().unwrap_or(0);
            for (_, length, cost) in words.get(span).unwrap_or_default() {
                reach(at + usize::from(*length), here.saturating_add(i32::from(*cost)), *length);
            }
        }
        let mut after = vec![0; len + 1];
        let mut run_end = len;
        for at in (0..len).rev() {
            if at + 1 < len && !same_run(at, at + 1) {
                run_end = at + 1;
            }
            let next = |to: usize| after.get(to).copied().unwrap_or(0);
            // From here on alone the rest of a run begins anew, and goes on cheaply behind its first.
            let others = (run_end - at).saturating_sub(1) as i32;
            let cost = single(at, true).saturating_add(others.saturating_mul(single(at, false)));
            let alone = if others > 0 { cost } else { single(at, true) };
            let mut best = alone.saturating_add(next(run_end.max(at + 1)));
            let span = word_at.get(at).copied().unwrap_or(0)..word_at.get(at + 1).copied().unwrap_or(0);
            for (_, length, cost) in words.get(span).unwrap_or_default() {
                best = best.min(i32::from(*cost).saturating_add(next(at + usize::from(*length))));
            }
            if let Some(here) = after.get_mut(at) {
                *here = best;
            }
        }
        let mut settled = vec![false; len];
        let mut at = len;
        while at > 0 {
            let length = came_by.get(at).map_or(1, |by| usize::from(*by).max(1)).min(at);
            if length > 1 {
                settled.get_mut(at - length..at).unwrap_or_default().fill(true);
            }
            at -= length;
        }
        Lattice { before, after, settled, words }
    }

    /// What a stretch of `read` is worth as it stands: what the whole costs less what is left without the stretch.
    pub fn literal(&self, from: usize, to: usize) -> i32 {
        let whole = self.before.last().copied().unwrap_or(0);
        let left = self.before.get(from).copied().unwrap_or(0) + self.after.get(to).copied().unwrap_or(0);
        whole.saturating_sub(left)
    }
}
