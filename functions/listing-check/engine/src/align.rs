//! How a term lies on a text from a place on, at the least cost.

use std::rc::Rc;

use crate::canonical::Text;
use crate::edges::{Edge, Read, classes_of, cost, edges};
use crate::language::Language;
use crate::lexicon::{CLASSES, Term};
use crate::step::{Step, Steps};
use crate::symbol::{self, Symbol};

/// Costs above it are not looked at, in quarter bits.
pub const MOST: i32 = 180;
/// How many ways are followed for one term from one place.
const MOST_WAYS: u32 = 32;

/// A term on a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// Edges by place, found when they are asked for.
pub struct Readings<'t> {
    /// The text.
    pub text: &'t Text,
    /// What is known of characters.
    pub language: Language<'t>,
    /// By place: whether what stands there is part of a word of the text, and is read as it stands alone.
    settled: &'t [bool],
    known: Vec<Option<Rc<[Edge]>>>,
    classes: Vec<Option<ClassSet>>,
    /// How much was done: ways followed, edges made, terms looked at.
    pub work: u64,
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClassSet([u64; CLASSES / 64]);

impl ClassSet {
    /// Whether a class is among them.
    #[inline]
    pub fn has(&self, class: u16) -> bool {
        self.0.get(usize::from(class) / 64).is_some_and(|bits| bits >> (class % 64) & 1 == 1)
    }

    fn put(&mut self, class: u16) {
        if let Some(bits) = self.0.get_mut(usize::from(class) / 64) {
            *bits |= 1 << (class % 64);
        }
    }
}

/// How far behind a place the symbols of a term may stand that begins there.
const WINDOW: usize = 40;

impl<'t> Readings<'t> {
    /// Of a text.
    pub fn of(text: &'t Text, settled: &'t [bool], language: Language<'t>) -> Readings<'t> {
        Readings {
            text,
            language,
            settled,
            known: vec![None; text.read.len()],
            classes: vec![None; text.read.len()],
            work: 0,
        }
    }

    /// The edges of a place.
    pub fn at(&mut self, place: usize) -> Rc<[Edge]> {
        let (text, language) = (self.text, self.language);
        let dear = self.settled.get(place) != Some(&true);
        match self.known.get_mut(place) {
            Some(Some(known)) => Rc::clone(known),
            Some(unknown) => {
                let edges: Rc<[Edge]> = edges(text, place, &language, dear).into();
                self.work += edges.len() as u64;
                Rc::clone(unknown.insert(edges))
            }
            None => Rc::new([]),
        }
    }

    /// The classes of all that can be read behind a place, as far as a term may go.
    pub fn classes_near(&mut self, place: usize) -> ClassSet {
        let mut all = ClassSet::default();
        for at in place..(place + WINDOW).min(self.classes.len()) {
            let here = match self.classes.get(at).copied().flatten() {
                Some(here) => here,
                None => {
                    let (language, mut here) = (self.language, ClassSet::default());
                    for edge in self.at(at).iter() {
                        classes_of(edge.read, &language, |class| here.put(class));
                    }
                    if let Some(known) = self.classes.get_mut(at) {
                        *known = Some(here);
                    }
                    here
                }
            };
            for (bits, more) in all.0.iter_mut().zip(here.0) {
                *bits |= more;
            }
        }
        all
    }

    /// The best way in which a term lies from a place on.
    pub fn align(&mut self, term: &Term<'_>, place: usize) -> Option<Aligned> {
        let mut search = Search { readings: self, term, best: None, ways: 0, from: place };
        search.go(
            0,
            place,
            Aligned { from: place as u32, to: place as u32, cost: 0, steps: Steps::NONE, other: 0, dearest: 0 },
        );
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
            let end = Aligned { to: place as u32, ..way };
            if self.best.is_none_or(|best| end.cost < best.cost) {
                self.best = Some(end);
            }
            return;
        }
        self.ways += 1;
        self.readings.work += 1;
        let bound = self.best.map_or(MOST, |best| best.cost);
        if self.ways > MOST_WAYS || way.cost >= bound {
            return;
        }
        let wanted = self.term.symbol(at);
        let first = at == 0;
        // What may stand in between is passed over: at the beginning, nothing.
        let mut skipped = Skipped::default();
        let mut place = place;
        if !first && !skipped.gap(self.readings.text, place.saturating_sub(1)) {
            return;
        }
        for _ in 0..6 {
            for edge in self.readings.at(place).iter() {
                let used = self.used(edge, at);
                let Some((cost, steps, dear)) =
                    matches(edge, wanted, way, &self.readings.language).filter(|_| used > 0)
                else {
                    continue;
                };
                if self.term.alias && cost > 0 && dear {
                    continue;
                }
                let next = Aligned {
                    cost: way.cost + cost + skipped.cost,
                    steps: way.steps.and(steps).and(skipped.steps),
                    other: way.other + u8::from(cost > 0),
                    dearest: way.dearest + u8::from(dear),
                    ..way
                };
                if next.cost < bound {
                    self.go(at + used, edge.to as usize, next);
                }
            }
            if first || !skipped.symbol(self.readings.text, place, self.from) {
                return;
            }
            if !skipped.gap(self.readings.text, place) {
                return;
            }
            place += 1;
        }
    }
}

/// What an edge costs as a symbol of a term; `None` if it does not read it. The last says whether it is a dear reading.
fn matches(edge: &Edge, wanted: Symbol, way: Aligned, language: &Language<'_>) -> Option<(i32, Steps, bool)> {
    let base = i32::from(edge.cost);
    match edge.read {
        Read::Symbol(symbol) if symbol == wanted => Some((base, edge.steps, base > 0)),
        Read::Symbol(_) => None,
        Read::Sound(sound) if symbol::is_han(wanted) => {
            let sounds = language.sounds(wanted);
            let second = |at: usize| if at == 0 { 0 } else { i32::from(cost::SECOND_SOUND) };
            if let Some(at) = sounds.iter().position(|known| *known == sound) {
                return Some((base + second(at), edge.steps, true));
            }
            let class = language.class(sound);
            let near = |known: &u16| *known != 0 && language.class(*known) == class;
            let at = sounds.iter().position(near)?;
            Some((base + i32::from(cost::NEAR) + second(at), edge.steps.with(Step::Mistyped), true))
        }
        Read::Sound(_) => None,
        Read::Initial(letter) if symbol::is_han(wanted) => {
            let name = language.name(language.sounds(wanted)[0]).as_bytes();
            let again = way.steps.has(Step::Initials);
            (name.first() == Some(&letter)).then_some((base - if again { 6 } else { 0 }, edge.steps, true))
        }
        Read::Initial(_) => None,
        Read::Name(..) => Some((base, edge.steps, true)),
    }
}

/// What stands between two symbols of a term and is passed over.
#[derive(Default)]
struct Skipped {
    cost: i32,
    steps: Steps,
    last: char,
    signs: u32,
}

impl Skipped {
    /// Passes over the signs behind a place; whether it can.
    fn gap(&mut self, text: &Text, place: usize) -> bool {
        for unit in text.gap(place) {
            self.signs += 1;
            if self.signs > 8 {
                return false;
            }
            let cost = match unit.char {
                same if same == self.last => 1,
                ' ' | '\u{3000}' | '\u{a0}' => 8,
                '\n' | '\r' => 20,
                '，' | '。' | '；' | '！' | '？' | '!' | '?' | ';' | '：' | ':' => 30,
                '、' | ',' => 26,
                '（' | '(' | '）' | ')' | '《' | '》' => 14,
                _ => 9,
            };
            self.last = unit.char;
            self.cost += cost;
            self.steps = self.steps.with(Step::Separator).and(unit.steps);
        }
        true
    }

    /// Passes over the symbol at a place, if it may stand in between: an emoji, a sign, the symbol before again.
    fn symbol(&mut self, text: &Text, place: usize, from: usize) -> bool {
        let here = text.symbol(place);
        let before = if place > from { text.symbol(place - 1) } else { 0 };
        if here == 0 {
            return false;
        }
        if here == before {
            self.cost += if self.steps.has(Step::Repeat) { 2 } else { 7 };
            self.steps = self.steps.with(Step::Repeat);
            return true;
        }
        self.signs += 1;
        if (symbol::is_emoji(here) || symbol::is_sign(here)) && self.signs <= 4 {
            self.cost += 10;
            self.steps = self.steps.with(Step::Separator);
            return true;
        }
        if symbol::is_digit(here) && self.signs <= 1 {
            self.cost += 26;
            self.steps = self.steps.with(Step::Separator);
            return true;
        }
        false
    }
}
