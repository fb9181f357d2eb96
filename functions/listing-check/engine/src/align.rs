//! How a term lies on a text from a place on, at the least cost.

use crate::canonical::Text;
use crate::costs::Costs;
use crate::edges::{Edge, Read};
use crate::language::Language;
use crate::lexicon::Term;
use crate::readings::Readings;
use crate::step::{Step, Steps};
use crate::symbol::{self, Symbol};

/// Costs above it are not looked at, in quarter bits.
pub const MOST: i32 = 180;
/// How many ways are followed for one term from one place.
const MOST_WAYS: u32 = 32;

/// A term on a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aligned {
    /// The first place of `read`.
    pub from: u32,
    /// The place behind the last.
    pub to: u32,
    /// What the steps cost, in quarter bits.
    pub cost: i32,
    /// The steps.
    pub steps: Steps,
    /// How many of the term's symbols do not stand there as they are.
    pub other: u8,
    /// How many of them stand there as look-alikes, emoji or first letters.
    pub dearest: u8,
    /// What words in brackets cost as Chinese that are passed over.
    pub aside: i32,
    /// The same of emoji that are passed over.
    pub emoji: i32,
    /// The sign that was passed over last, if one was: between the symbols of a term it is often the same.
    pub sign: Symbol,
    /// The same of what is no symbol.
    pub last: char,
}

impl Readings<'_> {
    /// The best way in which a term lies from a place on.
    pub fn align(&mut self, term: &Term<'_>, place: usize) -> Option<Aligned> {
        let mut search = Search { readings: self, term, best: None, ways: 0, from: place };
        let at = place as u32;
        search.go(0, place, Aligned { from: at, to: at, ..Aligned::default() });
        search.best
    }
}

struct Search<'r, 't, 'x> {
    readings: &'r mut Readings<'t>,
    term: &'x Term<'x>,
    best: Option<Aligned>,
    ways: u32,
    from: usize,
}

impl Search<'_, '_, '_> {
    /// How many symbols of the term an edge reads from one on; none if it reads others.
    fn used(&self, edge: &Edge, at: usize) -> usize {
        let Read::Name(emoji, number) = edge.read else { return 1 };
        let name = self.readings.language.emoji(emoji).nth(number.into()).unwrap_or_default();
        let here = self.term.symbols.get(at..at + name.len());
        if here == Some(name) { name.len() } else { 0 }
    }

    fn go(&mut self, at: usize, place: usize, way: Aligned) {
        if at == self.term.len() {
            // Letters that go on are another word: another way may use them up.
            let joined = way.other > 0 && place > self.from && goes_on(self.readings.text, place - 1);
            let joined = if joined { self.readings.costs.joined } else { 0 };
            let end = Aligned { to: place as u32, cost: way.cost + joined, ..way };
            if self.best.is_none_or(|best| end.cost < best.cost) {
                self.best = Some(end);
            }
            return;
        }
        self.ways += 1;
        let bound = self.best.map_or(MOST, |best| best.cost);
        let may = self.readings.may(1);
        if self.ways > MOST_WAYS || way.cost >= bound || !may && way.other > 0 {
            return;
        }
        // Where too much was done, nothing is passed over.
        let first = at == 0;
        if !may && (first || self.readings.text.joined(place - 1)) {
            return self.follow(at, place, way, &Skipped::default());
        }
        // What may stand in between is passed over: at the beginning, nothing.
        let again = self.readings.text.symbol(place.saturating_sub(1));
        let mut skipped = Skipped { again, sign: way.sign, last: way.last, ..Skipped::default() };
        let costs = self.readings.costs;
        if !first && let Some(behind) = aside(self.readings.text, place.saturating_sub(1)) {
            // What the words in brackets cost as Chinese does not speak for the term.
            let before = |at: usize| self.readings.lattice.before.get(at).copied().unwrap_or(0);
            let words = before(behind).saturating_sub(before(place)).clamp(0, 4000);
            let passed = Skipped { cost: costs.aside, steps: Steps::of(Step::Separator), ..Skipped::default() };
            self.follow(at, behind, Aligned { aside: way.aside + words, ..way }, &passed);
        }
        if !first && !skipped.gap(self.readings.text, place.saturating_sub(1), &costs) {
            return;
        }
        for place in place..place + 6 {
            self.follow(at, place, way, &skipped);
            if first || !skipped.symbol(self.readings.text, place, self.from, &costs) {
                return;
            }
            if symbol::is_emoji(self.readings.text.symbol(place)) {
                let before = |at: usize| self.readings.lattice.before.get(at).copied().unwrap_or(0);
                skipped.emoji += before(place + 1).saturating_sub(before(place)).clamp(0, 400);
            }
            if !skipped.gap(self.readings.text, place, &costs) {
                return;
            }
        }
    }
}

impl Search<'_, '_, '_> {
    /// Follows all edges of a place.
    fn follow(&mut self, at: usize, place: usize, way: Aligned, skipped: &Skipped) {
        let wanted = self.term.symbol(at);
        let edges = self.readings.edges_at(place);
        self.readings.work += edges.len() as u64 / 8;
        for number in edges {
            let Some(edge) = self.readings.edge(number).copied() else { return };
            let Some((cost, steps, dear)) = matches(&edge, wanted, way, &self.readings.language, &self.readings.costs)
            else {
                continue;
            };
            let used = self.used(&edge, at);
            if used == 0 {
                continue;
            }
            if self.term.alias && cost > 0 && dear {
                continue;
            }
            let next = Aligned {
                cost: way.cost + cost + skipped.cost,
                steps: way.steps.and(steps).and(skipped.steps),
                other: way.other + u8::from(cost > 0),
                dearest: way.dearest + u8::from(dear),
                emoji: way.emoji + skipped.emoji,
                sign: skipped.sign,
                last: skipped.last,
                ..way
            };
            let bound = self.best.map_or(MOST, |best| best.cost);
            if next.cost < bound {
                self.go(at + used, edge.to as usize, next);
            }
        }
    }
}

/// What an edge costs as a symbol of a term; `None` if it does not read it. The last says whether it is a dear reading.
fn matches(
    edge: &Edge,
    wanted: Symbol,
    way: Aligned,
    language: &Language<'_>,
    costs: &Costs,
) -> Option<(i32, Steps, bool)> {
    let base = i32::from(edge.cost);
    match edge.read {
        Read::Symbol(symbol) if symbol == wanted => Some((base, edge.steps, base > 0)),
        Read::Symbol(_) => None,
        Read::Sound(sound) if symbol::is_han(wanted) => {
            let sounds = language.sounds(wanted);
            let second = |at: usize| if at == 0 { 0 } else { costs.second_sound };
            if let Some(at) = sounds.iter().position(|known| *known == sound) {
                return Some((base + second(at), edge.steps, true));
            }
            let class = language.class(sound);
            let near = |known: &u16| *known != 0 && language.class(*known) == class;
            let at = sounds.iter().position(near)?;
            Some((base + costs.near + second(at), edge.steps.with(Step::Mistyped), true))
        }
        Read::Sound(_) => None,
        Read::Initial(letter) if symbol::is_han(wanted) => {
            let name = language.name(language.sounds(wanted)[0]).as_bytes();
            let again = way.steps.has(Step::Initials);
            (name.first() == Some(&letter)).then_some((
                if again { costs.initial_again } else { base },
                edge.steps,
                true,
            ))
        }
        Read::Initial(_) => None,
        Read::Name(..) => Some((base, edge.steps, true)),
    }
}

/// Whether letters go on behind a place.
pub(crate) fn goes_on(text: &Text, place: usize) -> bool {
    symbol::is_letter(text.symbol(place)) && symbol::is_letter(text.symbol(place + 1)) && text.joined(place)
}

/// What stands between two symbols of a term and is passed over.
#[derive(Default)]
struct Skipped {
    cost: i32,
    /// What emoji cost as Chinese.
    emoji: i32,
    steps: Steps,
    last: char,
    signs: u32,
    again: Symbol,
    /// The sign or emoji that was passed over last, of the whole term.
    sign: Symbol,
}

/// The longest words in brackets that are passed over, in symbols.
const LONGEST_ASIDE: usize = 8;

impl Skipped {
    /// Passes over the signs behind a place; whether it can.
    fn gap(&mut self, text: &Text, place: usize, costs: &Costs) -> bool {
        for unit in text.gap(place) {
            self.signs += 1;
            if self.signs > 8 {
                return false;
            }
            let cost = match unit.char {
                same if same == self.last => costs.gap_again,
                ' ' | '\u{3000}' | '\u{a0}' => costs.gap_space,
                '\n' | '\r' => costs.gap_line,
                '，' | '。' | '；' | '！' | '？' | '!' | '?' | ';' | '：' | ':' => costs.gap_stop,
                '、' | ',' => costs.gap_comma,
                '（' | '(' | '）' | ')' | '《' | '》' => costs.gap_bracket,
                _ => costs.gap_sign,
            };
            self.last = unit.char;
            self.cost += cost;
            self.steps = self.steps.with(Step::Separator).and(unit.steps);
        }
        true
    }

    /// Passes over the symbol at a place, if it may stand in between: an emoji, a sign, the symbol before again.
    fn symbol(&mut self, text: &Text, place: usize, from: usize, costs: &Costs) -> bool {
        let here = text.symbol(place);
        let before = if place > from { text.symbol(place - 1) } else { 0 };
        if here == 0 {
            return false;
        }
        if here == before || here == self.again && place > from {
            self.cost += if self.steps.has(Step::Repeat) { costs.repeat_again } else { costs.repeat };
            self.steps = self.steps.with(Step::Repeat);
            return true;
        }
        self.signs += 1;
        if (symbol::is_emoji(here) || symbol::is_sign(here)) && self.signs <= 4 {
            self.cost += if here == self.sign { costs.gap_again } else { costs.gap_symbol };
            self.steps = self.steps.with(Step::Separator);
            self.sign = here;
            return true;
        }
        // Circled and other styled digits count what stands between them: ①微②信.
        let styled = text.at(place).is_some_and(|unit| unit.steps.has(Step::Number));
        if symbol::is_digit(here) && self.signs <= if styled { 2 } else { 1 } {
            self.cost += if styled { costs.gap_sign } else { costs.gap_digit };
            self.steps = self.steps.with(Step::Separator);
            return true;
        }
        false
    }
}

/// Words in brackets that begin behind a place: the place behind them.
pub(crate) fn aside(text: &Text, place: usize) -> Option<usize> {
    if text.joined(place) {
        return None;
    }
    let closes = match text.gap(place) {
        [open] => match open.char {
            '(' | '（' => ")）",
            '[' | '【' | '［' => "]】］",
            '《' | '<' | '〈' => "》>〉",
            '「' | '『' | '{' => "」』}",
            _ => return None,
        },
        _ => return None,
    };
    let end = (place + 1..=place + LONGEST_ASIDE).find(|at| !text.joined(*at))?;
    let [close] = text.gap(end) else { return None };
    closes.contains(close.char).then_some(end + 1)
}
