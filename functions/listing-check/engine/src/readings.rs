//! What can be read at each place of a text: found when it is asked for, and kept for the places near by.

use crate::align::aside;
use crate::canonical::Text;
use crate::classes::{Classes, class};
use crate::costs::Costs;
use crate::edges::{Edge, Read, edges, literal, other_numerals};
use crate::heads::{Made, column};
use crate::language::Language;
use crate::lattice::Lattice;
use crate::symbol::{self, Symbol};

/// How many places are kept at once: more than a term goes over, but for signs and emoji in between.
const KEPT: usize = 64;
/// The most keys of a place.
const MOST_KEYS: usize = 64;
/// How many readings are kept before all are forgotten, and found again where they are asked for.
const MOST_EDGES: usize = 16_384;
/// The most places at which a symbol may follow another.
const FOLLOWING: usize = 5;

/// What can be read from one place on.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    place: u32,
    edges: (u32, u32),
    keys: (u32, u32),
    /// The classes of the keys.
    pub classes: Classes,
}

/// What a reading is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The place behind it.
    pub to: u32,
    /// What the text up to its end costs as Chinese, less what it costs itself.
    pub leaves: i32,
    /// The class of its symbol.
    pub class: u16,
    /// The symbol; 0: any of the class.
    pub symbol: Symbol,
    /// What it costs.
    pub cost: i16,
    /// What follows it within an emoji's name; 0: nothing.
    pub next: Symbol,
    /// The [`column`] of the symbol.
    pub column: u8,
    /// What kind of reading it is.
    pub kind: Kind,
}

/// What kind of reading a key is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What stands there.
    Literal,
    /// What stands there, and its sounds are among the readings.
    Sounded,
    /// A first letter.
    Initial,
    /// Any other.
    Other,
}

/// Readings by place.
pub struct Readings<'t> {
    /// The text.
    pub text: &'t Text,
    /// What is known of characters.
    pub language: Language<'t>,
    /// What the text costs as Chinese, and where it has words: what is part of one is read as it stands alone.
    pub lattice: &'t Lattice,
    /// What steps cost.
    pub costs: Costs,
    /// What terms are made of: what none has need not be read.
    made: Made<'t>,
    kept: Vec<Here>,
    edges: Vec<Edge>,
    keys: Vec<Key>,
    /// How much was done: places, ways followed, edges made and looked at, terms looked at.
    pub work: u64,
    /// How much may be done up to here: beyond it, only what stands there is read.
    pub limit: u64,
    /// By how much that grows with each place.
    each: u64,
    /// Whether something was left out.
    pub cut_short: bool,
}

/// What may be done for any text, and more for each of its characters: one budget for the text and its columns together. An
/// ordinary text takes an eighth of it, one full of emoji half; the worst cannot take more.
const AT_FIRST: u64 = 20_000;
const EACH_PLACE: u64 = 58;
/// The same of columns, of which there may be several for each character.
const EACH_IN_COLUMNS: u64 = 8;
/// What a place takes where nothing is read but what stands there.
const PLACE: u64 = 8;

impl<'t> Readings<'t> {
    /// Of a text; of columns, with what was done and what may be done so far.
    pub(crate) fn of(
        text: &'t Text,
        lattice: &'t Lattice,
        language: Language<'t>,
        costs: Costs,
        made: Made<'t>,
        done: Option<(u64, u64)>,
    ) -> Readings<'t> {
        let each = if done.is_some() { EACH_IN_COLUMNS } else { EACH_PLACE };
        let (work, limit) = done.unwrap_or((0, AT_FIRST));
        let (edges, keys) = (Vec::with_capacity(256), Vec::with_capacity(256));
        let cut_short = false;
        Readings {
            text,
            language,
            lattice,
            costs,
            made,
            kept: vec![NOWHERE; KEPT.min(text.read.len())],
            edges,
            keys,
            work,
            limit,
            each,
            cut_short,
        }
    }

    /// Goes on to a place: signs that stand before it count, too; ends of lines have their share in columns.
    #[inline]
    pub fn go_on(&mut self, place: usize) {
        self.work += PLACE;
        let gap = place.checked_sub(1).map_or(&[][..], |before| self.text.gap(before));
        let gap = gap.iter().filter(|unit| unit.char != '\n').count();
        self.limit += self.each * (1 + gap as u64);
    }

    /// Whether more may be done; if not, what is left is not done.
    #[inline]
    pub fn may(&mut self, work: u64) -> bool {
        self.work += work;
        let may = self.work < self.limit;
        self.cut_short |= !may;
        may
    }

    /// Finds what can be read at places, unless it is known. What was known of others may be forgotten.
    pub(crate) fn know(&mut self, places: std::ops::Range<usize>) {
        if self.edges.len() > MOST_EDGES {
            self.edges.clear();
            self.keys.clear();
            self.kept.fill(NOWHERE);
        }
        for place in places {
            if place < self.text.read.len() && self.known(place).is_none() {
                self.read(place);
            }
        }
    }

    /// What can be read from a place on; nothing behind the end.
    #[inline]
    pub fn at(&mut self, place: usize) -> Option<&Here> {
        if place >= self.text.read.len() {
            return None;
        }
        if self.known(place).is_none() {
            self.read(place);
        }
        self.known(place)
    }

    /// What was read of a place before; nothing if it was not.
    #[inline]
    pub fn known(&self, place: usize) -> Option<&Here> {
        self.kept.get(place % KEPT).filter(|here| here.place as usize == place)
    }

    /// The numbers of the readings of a place.
    #[inline]
    pub fn edges_at(&mut self, place: usize) -> std::ops::Range<usize> {
        self.at(place).map_or(0..0, |here| here.edges.0 as usize..here.edges.1 as usize)
    }

    /// A reading, by its number.
    #[inline]
    pub fn edge(&self, number: usize) -> Option<&Edge> {
        self.edges.get(number)
    }

    /// What terms are looked up by that may begin, or go on, at a place: first what stands there, then those that leave
    /// most.
    #[inline]
    pub fn keys(&self, here: &Here) -> &[Key] {
        self.keys.get(here.keys.0 as usize..here.keys.1 as usize).unwrap_or_default()
    }

    /// What comes before a place, as Chinese.
    #[inline]
    pub fn before(&self, place: usize) -> i32 {
        self.lattice.before.get(place).copied().unwrap_or(0)
    }

    fn read(&mut self, place: usize) {
        let settled = self.lattice.settled.get(place) == Some(&true);
        let (edges_from, keys_from) = (self.edges.len() as u32, self.keys.len() as u32);
        let classes = if !settled && self.may(0) { self.read_dear(place) } else { self.read_plain(place) };
        let (edges, keys) = ((edges_from, self.edges.len() as u32), (keys_from, self.keys.len() as u32));
        if let Some(kept) = self.kept.get_mut(place % KEPT) {
            *kept = Here { place: place as u32, edges, keys, classes };
        }
    }

    /// What stands there.
    fn read_plain(&mut self, place: usize) -> Classes {
        let Some(edge) = literal(self.text, place) else { return Classes::NONE };
        self.work += 1;
        self.edges.push(edge);
        let symbol = self.text.symbol(place);
        let (class, column) = (class(symbol, &self.language), column(symbol));
        let leaves = self.before(place + 1);
        let kind = Kind::Literal;
        self.keys.push(Key { to: edge.to, leaves, class, symbol, cost: 0, next: 0, column, kind });
        let mut classes = Classes::of(class);
        // A numeral within a word may stand for a digit all the same.
        for edge in other_numerals(self.text, place, &self.language, &self.costs, self.made) {
            let Read::Symbol(symbol) = edge.read else { continue };
            let class = self::class(symbol, &self.language);
            let (leaves, kind) = (leaves - i32::from(edge.cost), Kind::Other);
            self.keys.push(Key {
                to: edge.to,
                leaves,
                class,
                symbol,
                cost: edge.cost,
                next: 0,
                column: self::column(symbol),
                kind,
            });
            self.edges.push(edge);
            classes.add(class);
        }
        classes
    }

    /// All that can be read there.
    fn read_dear(&mut self, place: usize) -> Classes {
        let (edges_from, from) = (self.edges.len(), self.keys.len());
        edges(self.text, place, &self.language, &self.costs, self.made, &mut self.edges);
        let made = self.edges.get(edges_from..).unwrap_or_default();
        self.work += made.len() as u64;
        let mut keys = Keys { language: self.language, keys: &mut self.keys, from, classes: Classes::NONE };
        for (number, edge) in made.iter().enumerate() {
            let before = self.lattice.before.get(edge.to as usize).copied().unwrap_or(0);
            keys.of(edge, number == 0, before);
        }
        let classes = keys.classes;
        if let Some([_, rest @ ..]) = self.keys.get_mut(from..) {
            rest.sort_by_key(|key| std::cmp::Reverse(key.leaves));
        }
        classes
    }
}

const NOWHERE: Here = Here { place: u32::MAX, edges: (0, 0), keys: (0, 0), classes: Classes::NONE };

/// The keys of one place, as they are found.
struct Keys<'k, 'p> {
    language: Language<'p>,
    keys: &'k mut Vec<Key>,
    from: usize,
    classes: Classes,
}

impl Keys<'_, '_> {
    /// What a reading is looked up by; what stands up to its end costs `before`.
    fn of(&mut self, edge: &Edge, literal: bool, before: i32) {
        let (to, cost, language) = (edge.to, edge.cost, self.language);
        let key = |class, symbol, next, kind| {
            let leaves = before - i32::from(cost);
            Key { to, leaves, class, symbol, cost, next, column: column(symbol), kind }
        };
        match edge.read {
            Read::Symbol(symbol) => {
                let kind = match literal {
                    true if symbol::is_han(symbol) => Kind::Sounded,
                    true => Kind::Literal,
                    false => Kind::Other,
                };
                self.put(key(class(symbol, &language), symbol, 0, kind));
            }
            Read::Sound(sound) => self.put(key(language.class(sound), 0, 0, Kind::Other)),
            Read::Initial(letter) => {
                for sound in language.sounds_of(letter) {
                    self.put(key(language.class(sound), 0, 0, Kind::Initial));
                }
            }
            Read::Name(emoji, number) => {
                let name = language.emoji(emoji).nth(number.into()).unwrap_or_default();
                let mut symbols = name.iter().map(|symbol| u16::from_le_bytes(*symbol));
                let (one, two) = (symbols.next().unwrap_or(0), symbols.next().unwrap_or(0));
                self.put(key(class(one, &language), one, two, Kind::Other));
            }
        }
    }

    #[inline]
    fn put(&mut self, key: Key) {
        let keys = self.keys.get(self.from..).unwrap_or_default();
        // The same twice has its class among those that are known.
        if keys.len() < MOST_KEYS && !(self.classes.has(key.class) && keys.contains(&key)) {
            self.classes.add(key.class);
            self.keys.push(key);
        }
    }
}

/// Where a symbol may stand that follows: here, or behind an emoji, a sign, a digit or the same again, or behind words in
/// brackets.
#[inline]
pub(crate) fn following(text: &Text, to: usize) -> impl Iterator<Item = usize> + use<> {
    let mut places = [to; FOLLOWING];
    let mut count = 1;
    for next in to..to + FOLLOWING - 2 {
        let passed: Symbol = text.symbol(next);
        let again = next > 0 && passed == text.symbol(next - 1);
        if passed == 0 || !again && !symbol::is_emoji(passed) && !symbol::is_sign(passed) && !symbol::is_digit(passed) {
            break;
        }
        // Within a run of the same symbol each place reads as the one before; the last may begin something longer.
        if text.symbol(next + 1) == passed && text.symbol(next + 2) == passed {
            continue;
        }
        if let Some(room) = places.get_mut(count) {
            *room = next + 1;
        }
        count += 1;
    }
    if let Some((room, behind)) = places.get_mut(count).zip(aside(text, to.saturating_sub(1))) {
        *room = behind;
        count += 1;
    }
    places.into_iter().take(count)
}
