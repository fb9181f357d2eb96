//! What a text costs as Chinese: the best way through its words, forwards and backwards.

use std::borrow::Cow;
use std::cell::OnceCell;

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
#[derive(Clone, Debug)]
pub struct Lattice<'t> {
    /// What comes before a place.
    pub before: Vec<i32>,
    /// Whether the symbol at a place lies in a word of the best way through, and no dear character stands beside it.
    pub settled: Vec<bool>,
    symbols: &'t [Symbol],
    /// Whether nothing stands between a symbol and the next, for a reader.
    whole: Cow<'t, [bool]>,
    language: Language<'t>,
    /// All words: where they begin, how long they are, what they cost.
    words: Vec<(u32, u8, u8)>,
    /// What comes from a place on: found when it is asked for, as few texts have anything to weigh.
    after: OnceCell<Vec<i32>>,
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
        let same = if text.joined(at) { None } else { sign(at).filter(|sign| *sign != '\n') };
        let Some(same) = same else {
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

impl<'t> Lattice<'t> {
    /// Of a text; a word beside a character that costs `lonely` or more is in doubt.
    pub fn of(text: &'t Text, language: &Language<'t>, lonely: i32) -> Lattice<'t> {
        // Words do not go across signs, but where each character has the same one behind it.
        let whole = spaced(text).map_or(Cow::Borrowed(&*text.joined), Cow::Owned);
        let mut lattice = Lattice::of_symbols(&text.symbols, whole, language);
        lattice.doubt(lonely);
        lattice
    }

    /// Words of two characters beside a lonely one may be cut from what was meant: they are not settled.
    fn doubt(&mut self, lonely: i32) {
        let (symbols, language) = (self.symbols, self.language);
        let joined = |at: usize| self.whole.get(at) == Some(&true);
        // Letters around a sign that may stand for one are a piece of a word, whatever they are alone: we!xin.
        let letter = |at: usize| symbols.get(at).is_some_and(|symbol| symbol::is_letter(*symbol));
        let stands_for_one = |at: usize, symbol: Symbol| {
            (symbol::is_sign(symbol) || symbol::is_digit(symbol)) && joined(at) && letter(at + 1)
        };
        for (at, symbol) in symbols.iter().enumerate().skip(1) {
            if !stands_for_one(at, *symbol) || !letter(at - 1) || !joined(at - 1) {
                continue;
            }
            let from = (0..at).rev().take_while(|at| letter(*at) && joined(*at)).last().unwrap_or(at);
            let to = (at + 1..symbols.len()).take_while(|at| letter(*at)).last().unwrap_or(at);
            self.settled.get_mut(from..=to).unwrap_or_default().fill(false);
        }
        let is_lonely = |symbol: Symbol| symbol::is_han(symbol) && language.cost(symbol) >= lonely;
        let words = &self.settled;
        let alone: Vec<usize> = symbols
            .iter()
            .zip(words)
            .enumerate()
            .filter(|(_, (symbol, settled))| !**settled && is_lonely(**symbol))
            .map(|(at, _)| at)
            .collect();
        for at in alone {
            for side in [at.wrapping_sub(1), at + 1] {
                if joined(at.min(side)) && self.settled.get(side) == Some(&true) {
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
            let way = self.before.get(begin)? + i32::from(*cost) + self.after().get(end)?;
            crosses.then_some(way.saturating_sub(whole))
        })
        .min()
    }

    /// Of symbols; `whole` says whether nothing stands between one and the next.
    pub fn of_symbols(symbols: &'t [Symbol], whole: Cow<'t, [bool]>, language: &Language<'t>) -> Lattice<'t> {
        let len = symbols.len();
        let (before, words) = (vec![i32::MAX; len + 1], Vec::with_capacity(len));
        let (language, settled) = (*language, vec![false; len]);
        let mut lattice = Lattice { before, settled, symbols, whole, language, words, after: OnceCell::new() };
        let mut came_by = vec![1_u8; len + 1];
        if let Some(first) = lattice.before.first_mut() {
            *first = 0;
        }
        for at in 0..len {
            let from = lattice.words.len();
            lattice.words_at(at);
            let here = lattice.before.get(at).copied().unwrap_or(0);
            let alone = lattice.single(at, at == 0 || !lattice.same_run(at - 1, at));
            let mut reach = |to: usize, cost: i32, length: u8| {
                if let (Some(best), Some(by)) = (lattice.before.get_mut(to), came_by.get_mut(to))
                    && cost < *best
                {
                    (*best, *by) = (cost, length);
                }
            };
            reach(at + 1, here.saturating_add(alone), 1);
            for (_, length, cost) in lattice.words.get(from..).unwrap_or_default() {
                reach(at + usize::from(*length), here.saturating_add(i32::from(*cost)), *length);
            }
        }
        let mut at = len;
        while at > 0 {
            let length = came_by.get(at).map_or(1, |by| usize::from(*by).max(1)).min(at);
            if length > 1 {
                lattice.settled.get_mut(at - length..at).unwrap_or_default().fill(true);
            }
            at -= length;
        }
        lattice
    }

    #[inline]
    fn joined(&self, at: usize) -> bool {
        self.whole.get(at) == Some(&true)
    }

    /// Adds the words that begin at a place.
    #[inline]
    fn words_at(&mut self, at: usize) {
        let (symbols, language) = (self.symbols, self.language);
        let Some(first) = symbols.get(at).copied() else { return };
        let letter = |at: usize| symbols.get(at).is_some_and(|symbol| symbol::is_letter(*symbol));
        // Letters are a word only if the whole run is: cm, USB.
        if symbol::is_letter(first) && (at == 0 || !letter(at - 1) || !self.joined(at - 1)) {
            let end = (at + 1..=at + LONGEST).find(|to| !letter(*to) || !self.joined(*to - 1));
            let run = end.and_then(|end| symbols.get(at..end)).filter(|run| run.len() > 1);
            if let Some((run, cost)) = run.and_then(|run| Some((run, language.word(run)?)))
                && cost != PREFIX
            {
                self.words.push((at as u32, run.len() as u8, cost));
            }
            return;
        }
        let mut hash = WordHash::NONE.with(first);
        for length in 2..=LONGEST {
            let last = at + length - 1;
            let Some(symbol) = symbols.get(last).filter(|symbol| symbol::is_han(**symbol)) else { return };
            if !self.joined(last - 1) {
                return;
            }
            hash = hash.with(*symbol);
            match language.word_of(hash) {
                None => return,
                Some(PREFIX) => {}
                Some(cost) => self.words.push((at as u32, length as u8, cost)),
            }
        }
    }

    /// What a symbol costs alone; of a run, its first, or one of the others.
    #[inline]
    fn single(&self, at: usize, begins: bool) -> i32 {
        let symbols = self.symbols;
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
                let before = at > 0 && self.joined(at - 1) && han(at - 1);
                let beside = before || self.joined(at) && han(at + 1);
                if beside { EMOJI.1 } else { EMOJI.0 }
            }
            _ => self.language.cost(symbol),
        }
    }

    /// Whether two neighbours are of one run of letters or digits.
    #[inline]
    fn same_run(&self, a: usize, b: usize) -> bool {
        let (Some(x), Some(y)) = (self.symbols.get(a).copied(), self.symbols.get(b).copied()) else { return false };
        let alike = symbol::is_letter(x) && symbol::is_letter(y) || symbol::is_digit(x) && symbol::is_digit(y);
        alike && self.joined(a)
    }

    /// What comes from each place on.
    pub fn after(&self) -> &[i32] {
        self.after.get_or_init(|| {
            let len = self.symbols.len();
            let mut after = vec![0; len + 1];
            let (mut run_end, mut words) = (len, &*self.words);
            for at in (0..len).rev() {
                if at + 1 < len && !self.same_run(at, at + 1) {
                    run_end = at + 1;
                }
                let next = |to: usize| after.get(to).copied().unwrap_or(0);
                // From here on alone the rest of a run begins anew, and goes on cheaply behind its first.
                let others = (run_end - at).saturating_sub(1) as i32;
                let rest = if others > 0 { others.saturating_mul(self.single(at, false)) } else { 0 };
                let alone = self.single(at, true).saturating_add(rest);
                let mut best = alone.saturating_add(next(run_end.max(at + 1)));
                while let [before @ .., (from, length, cost)] = words
                    && *from as usize == at
                {
                    best = best.min(i32::from(*cost).saturating_add(next(at + usize::from(*length))));
                    words = before;
                }
                if let Some(here) = after.get_mut(at) {
                    *here = best;
                }
            }
            after
        })
    }

    /// What a stretch of `read` is worth as it stands: what the whole costs less what is left without the stretch.
    pub fn literal(&self, from: usize, to: usize) -> i32 {
        let whole = self.before.last().copied().unwrap_or(0);
        let left = self.before.get(from).copied().unwrap_or(0) + self.after().get(to).copied().unwrap_or(0);
        whole.saturating_sub(left)
    }
}
