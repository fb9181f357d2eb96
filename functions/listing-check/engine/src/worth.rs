//! What a term can win by at most, before it is laid on the text: most of those that a dear reading points at cannot count.
//!
//! The bound is never below what [`crate::weigh`] comes to: a stretch is worth no more than the text costs up to its end,
//! and what speaks for a term is told of the whole text, or of what stands near by.

use crate::canonical::Text;
use crate::costs::Costs;
use crate::language::Language;
use crate::step::Step;
use crate::symbol;
use crate::weigh::{NEAR, Scales, any, offers};

/// How far behind a place within brackets the words behind them may stand.
const ASIDE: usize = 12;

/// What terms of a text can be worth at most.
pub(crate) struct Worth {
    /// By place: what the text costs up to it, or up to one before it, if words end there.
    most: Vec<i32>,
    /// By place: the first from there on that a term uses up by one symbol, and cannot pass over.
    stops: Vec<u32>,
    /// Where words of offers begin.
    offers: Vec<u32>,
    costs: Costs,
    /// What a reading must win by, less what speaks for any of the text.
    least: i32,
    /// What a term costs that is read by first letters.
    any: i32,
}

/// What is known of a term, and of the way in which its first symbols stand there.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    /// What the text costs up to where it begins.
    pub before: i32,
    /// Where it begins.
    pub from: usize,
    /// The place behind those symbols.
    pub to: usize,
    /// What they cost at least; more than 0.
    pub cost: i32,
    /// Whether none of them stands there as it is.
    pub none_stands: bool,
    /// Whether it begins with a letter.
    pub latin: bool,
    /// How many more symbols it has.
    pub more: usize,
    /// How many it has in all.
    pub len: usize,
    /// What it costs as Chinese.
    pub own: u8,
}

impl Worth {
    /// Of a text.
    pub(crate) fn of(scales: &Scales<'_, '_>, language: &Language<'_>) -> Worth {
        let Scales { text, lattice, lexicon, tuning, columns, .. } = *scales;
        let costs = tuning.costs;
        let speaks = |holds: bool, weight: i32| if holds { weight } else { 0 };
        let hidden = text.steps.has(Step::Invisible) || text.steps.has(Step::Mark);
        let least = tuning.least + tuning.more(lexicon)
            - speaks(text.steps.has(Step::Homoglyph), costs.foreign)
            - speaks(hidden, costs.hidden)
            - speaks(columns, costs.order_cue);
        let whole = lattice.before.last().copied().unwrap_or(0);
        let most = lattice.after().iter().scan(i32::MIN, |most, after| {
            *most = whole.saturating_sub(*after).max(*most);
            Some(*most)
        });
        Worth {
            most: most.collect(),
            stops: stops(text, language),
            offers: offers(text),
            costs,
            least,
            any: any(lexicon),
        }
    }

    /// Whether a term may win by enough.
    pub(crate) fn allows(&self, way: &Way) -> bool {
        self.may_cost(way.own, self.most(way), way.none_stands)
    }

    /// Whether a term that costs so much as Chinese may win by enough, where it may cost so much at most.
    #[inline]
    pub(crate) fn may_cost(&self, own: u8, most: i32, none_stands: bool) -> bool {
        // By first letters as well, where nothing of it stands as it is.
        i32::from(own).min(self.costs.prior) <= most || none_stands && self.any <= most + self.costs.beside
    }

    /// What a term may cost at most as Chinese to win by enough.
    pub(crate) fn most(&self, way: &Way) -> i32 {
        let mut end = self.stop(way.to);
        for _ in 0..way.more {
            end = self.stop(end + 1);
        }
        let costs = self.costs;
        let longer = costs.longer * (way.len as i32 - 2).clamp(0, 4);
        let run = if way.latin { costs.whole_run } else { 0 };
        let offers = if self.offered(way.from, end) { costs.leading } else { 0 };
        let text = self.most.get(end).copied().unwrap_or(0) - way.before;
        text - way.cost + longer + run + offers - self.least
    }

    #[inline]
    fn stop(&self, place: usize) -> usize {
        self.stops.get(place).map_or(self.most.len() - 1, |place| *place as usize)
    }

    /// Whether a word of offers stands near a stretch.
    fn offered(&self, from: usize, to: usize) -> bool {
        let first = self.offers.partition_point(|place| (*place as usize) + NEAR < from);
        self.offers.get(first).is_some_and(|place| (*place as usize) < to + NEAR)
    }
}

/// By place: the first from there on that a term uses up by one symbol and cannot pass over: none of letters, of digits and
/// signs, of emoji, of parts of a character, of repeats, and of what may stand within or behind brackets.
fn stops(text: &Text, language: &Language<'_>) -> Vec<u32> {
    let len = text.read.len();
    let mut stops = vec![len as u32; len];
    let (mut next, mut closed) = (len as u32, 0_usize);
    // Whether the symbol at a place may be a part of a character with the one behind it.
    let mut makes = false;
    for (place, room) in stops.iter_mut().enumerate().rev() {
        let here = text.symbol(place);
        if !text.joined(place) && text.gap(place).iter().any(|unit| is_closing(unit.char)) {
            closed = ASIDE;
        }
        closed = closed.saturating_sub(1);
        let before = place.checked_sub(1).map_or(0, |before| text.symbol(before));
        let made = language.may_make(before, here);
        if symbol::is_han(here) && closed == 0 && !makes && !made && before != here {
            next = place as u32;
        }
        *room = next;
        makes = made;
    }
    stops
}

const fn is_closing(c: char) -> bool {
    matches!(c, ')' | '）' | ']' | '】' | '］' | '》' | '>' | '〉' | '」' | '』' | '}')
}
