//! What can be read at each place of a text: found when it is asked for, and kept for the places near by.

use crate::align::aside;
use crate::canonical::Text;
use crate::classes::{class, mask};
use crate::costs::Costs;
use crate::edges::{Edge, Read, edges, literal, other_numerals, put_together};
use crate::heads::{Columns, Made, column};
use crate::keys::{Key, Keys, Kind};
use crate::language::Language;
use crate::lattice::Lattice;
use crate::symbol::{self, Symbol};

/// How many places are kept at once: more than a term goes over, but for signs and emoji in between.
const KEPT: usize = 64;
/// How many readings are kept before all are forgotten, and found again where they are asked for.
const MOST_EDGES: usize = 16_384;
/// The most places at which a symbol may follow another.
const FOLLOWING: usize = 5;

/// What can be read from one place on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here {
    place: u32,
    keys: (u32, u32),
    /// The [`mask`]s of the classes of the keys.
    pub masks: u64,
    /// The columns of their symbols.
    pub columns: Columns,
    /// The classes of those that are sounds, if all are told.
    pub sounds: Option<[u16; 3]>,
    /// The most that one of them leaves.
    pub leaves: i32,
}

/// Readings by place.
pub struct Readings<'t> {
    /// The text.
    pub text: &'t Text,
    /// What is known of characters.
    pub language: Language<'t>,
    /// What the text costs as Chinese, and where it has words: what is part of one is read as it stands alone.
    pub lattice: &'t Lattice<'t>,
    /// What steps cost.
    pub costs: Costs,
    /// What terms are made of: what none has need not be read.
    made: Made<'t>,
    kept: Vec<Here>,
    keys: Vec<Key>,
    /// Edges by place, as they are asked for: the place, the first, the one behind the last.
    followed: Vec<(u32, u32, u32)>,
    edges: Vec<Edge>,
    parts: Vec<Edge>,
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
/// With so many doublings of the number of terms, it doubles.
const DOUBLINGS: u64 = 3;
/// The same of columns, of which there may be several for each character.
const EACH_IN_COLUMNS: u64 = 8;
/// What a place takes where nothing is read but what stands there.
const PLACE: u64 = 8;

impl<'t> Readings<'t> {
    /// Of a text; of columns, with what was done and what may be done so far. `doublings`: of the number of terms.
    pub(crate) fn of(
        text: &'t Text,
        lattice: &'t Lattice<'t>,
        language: Language<'t>,
        costs: Costs,
        made: Made<'t>,
        done: Option<(u64, u64)>,
        doublings: u32,
    ) -> Readings<'t> {
        let each = if done.is_some() { EACH_IN_COLUMNS } else { EACH_PLACE };
        // Among more terms any text takes more.
        let each = each * (DOUBLINGS + u64::from(doublings)) / DOUBLINGS;
        let (work, limit) = done.unwrap_or((0, AT_FIRST));
        let (edges, keys) = (Vec::new(), Vec::with_capacity(4 * text.read.len().min(256)));
        let cut_short = false;
        Readings {
            text,
            language,
            lattice,
            costs,
            made,
            kept: vec![NOWHERE; KEPT.min(text.read.len())],
            keys,
            followed: Vec::new(),
            edges,
            parts: Vec::new(),
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
        if self.keys.len() > MOST_EDGES || self.edges.len() > MOST_EDGES {
            self.edges.clear();
            self.followed.fill((u32::MAX, 0, 0));
            self.keys.clear();
            self.kept.fill(NOWHERE);
        }
        for place in places {
            if place < self.text.read.len() && self.known(place).is_none() {
                self.read(place);
            }
        }
    }

    /// What was read of a place before; nothing if it was not.
    #[inline]
    pub(crate) fn known(&self, place: usize) -> Option<&Here> {
        self.kept.get(place % KEPT).filter(|here| here.place as usize == place)
    }

    /// The numbers of the readings of a place.
    pub fn edges_at(&mut self, place: usize) -> std::ops::Range<usize> {
        let len = self.text.read.len();
        if place >= len {
            return 0..0;
        }
        if self.followed.is_empty() {
            self.followed = vec![(u32::MAX, 0, 0); KEPT.min(len)];
        }
        match self.followed.get(place % KEPT).copied() {
            Some((known, from, to)) if known as usize == place => from as usize..to as usize,
            _ => self.find_edges(place),
        }
    }

    fn find_edges(&mut self, place: usize) -> std::ops::Range<usize> {
        let from = self.edges.len();
        if self.is_dear(place) {
            edges(self.text, place, &self.language, &self.costs, self.made, &mut self.edges);
        } else {
            self.edges.extend(literal(self.text, place));
            let others = other_numerals(self.text, place, &self.language, &self.costs, self.made);
            self.edges.extend(others);
        }
        self.work += (self.edges.len() - from) as u64;
        if let Some(room) = self.followed.get_mut(place % KEPT) {
            *room = (place as u32, from as u32, self.edges.len() as u32);
        }
        from..self.edges.len()
    }

    /// Whether more is read at a place than what stands there.
    fn is_dear(&mut self, place: usize) -> bool {
        self.lattice.settled.get(place) != Some(&true) && self.may(0)
    }

    /// A reading, by its number.
    #[inline]
    pub fn edge(&self, number: usize) -> Option<&Edge> {
        self.edges.get(number)
    }

    /// What terms are looked up by that may begin, or go on, at a place: first what stands there, then those that leave
    /// most.
    #[inline]
    pub(crate) fn keys(&self, here: &Here) -> &[Key] {
        self.keys.get(here.keys.0 as usize..here.keys.1 as usize).unwrap_or_default()
    }

    /// What comes before a place, as Chinese.
    #[inline]
    pub fn before(&self, place: usize) -> i32 {
        self.lattice.before.get(place).copied().unwrap_or(0)
    }

    fn read(&mut self, place: usize) {
        let from = self.keys.len();
        let (masks, sounds) = if !self.is_dear(place) {
            (self.read_plain(place), Some([0; 3]))
        } else if symbol::is_han(self.text.symbol(place)) {
            let sounds = self.language.sounds(self.text.symbol(place)).map(|sound| self.language.class(sound));
            (self.read_han(place), Some(sounds))
        } else {
            (self.read_other(place), None)
        };
        let (mut columns, mut leaves) = (Columns::NONE, i32::MIN);
        for key in self.keys.get(from..).unwrap_or_default() {
            leaves = key.leaves.max(leaves);
            if key.symbol != 0 {
                columns.add(key.column);
            }
        }
        let keys = (from as u32, self.keys.len() as u32);
        self.work += u64::from(keys.1 - keys.0);
        if let Some(kept) = self.kept.get_mut(place % KEPT) {
            *kept = Here { place: place as u32, keys, masks, columns, sounds, leaves };
        }
    }

    /// What stands there.
    fn read_plain(&mut self, place: usize) -> u64 {
        let symbol = self.text.symbol(place);
        let leaves = self.before(place + 1);
        let mut masks = self.put(place, symbol, 0, leaves, Kind::Literal);
        let (text, language, costs) = (self.text, self.language, self.costs);
        // A numeral within a word may stand for a digit all the same.
        for edge in other_numerals(text, place, &language, &costs, self.made) {
            let Read::Symbol(symbol) = edge.read else { continue };
            masks |= self.put(place, symbol, edge.cost, leaves - i32::from(edge.cost), Kind::Other);
        }
        masks
    }

    /// Puts a key of one symbol that is read at a place.
    #[inline]
    fn put(&mut self, place: usize, symbol: Symbol, cost: i16, leaves: i32, kind: Kind) -> u64 {
        let class = class(symbol, &self.language);
        let column = column(symbol);
        self.keys.push(Key { to: place as u32 + 1, leaves, class, symbol, cost, next: 0, column, kind });
        mask(class)
    }

    /// All that a character can be read as.
    fn read_han(&mut self, place: usize) -> u64 {
        let (text, language, costs) = (self.text, self.language, self.costs);
        let (symbol, from) = (text.symbol(place), self.keys.len());
        let leaves = self.before(place + 1);
        let mut masks = self.put(place, symbol, 0, leaves, Kind::Sounded);
        for edge in other_numerals(text, place, &language, &costs, self.made) {
            let Read::Symbol(symbol) = edge.read else { continue };
            masks |= self.put(place, symbol, edge.cost, leaves - i32::from(edge.cost), Kind::Other);
        }
        // Those that cost least come first.
        let (to, made) = (place as u32 + 1, self.made);
        let glyphs = language.glyphs(symbol).filter(|(alike, _)| made.has(*alike));
        self.keys.extend(glyphs.map(|(alike, likeness)| {
            let cost = costs.like(likeness);
            let (class, column) = (class(alike, &language), column(alike));
            masks |= mask(class);
            let (leaves, cost) = (leaves - cost, cost as i16);
            Key { to, leaves, class, symbol: alike, cost, next: 0, column, kind: Kind::Other }
        }));
        let sounds = language.sounds(symbol);
        for (at, sound) in sounds.into_iter().enumerate().filter(|(_, sound)| *sound != 0) {
            let cost = costs.sounds_like(at);
            let (class, to) = (language.class(sound), place as u32 + 1);
            let leaves = leaves - cost;
            let cost = cost as i16;
            self.keys.push(Key { to, leaves, class, symbol: 0, cost, next: 0, column: column(0), kind: Kind::Other });
            masks |= mask(class);
        }
        put_together(text, place, &language, &costs, &mut self.parts);
        if !self.parts.is_empty() {
            let mut keys = Keys { language, keys: &mut self.keys, from, masks };
            for edge in self.parts.drain(..) {
                keys.of(&edge, false, self.lattice.before.get(edge.to as usize).copied().unwrap_or(0));
            }
            masks = keys.masks;
        }
        self.sort(from);
        masks
    }

    /// All that can be read at a place without a character.
    fn read_other(&mut self, place: usize) -> u64 {
        let from = self.keys.len();
        let numbers = self.edges_at(place);
        let mut keys = Keys { language: self.language, keys: &mut self.keys, from, masks: 0 };
        for (number, edge) in self.edges.get(numbers).unwrap_or_default().iter().enumerate() {
            keys.of(edge, number == 0, self.lattice.before.get(edge.to as usize).copied().unwrap_or(0));
        }
        let masks = keys.masks;
        self.sort(from);
        masks
    }

    /// What stands there comes first, then those that leave most.
    fn sort(&mut self, from: usize) {
        if let Some([_, rest @ ..]) = self.keys.get_mut(from..)
            && !rest.is_sorted_by_key(|key| std::cmp::Reverse(key.leaves))
        {
            rest.sort_by_key(|key| std::cmp::Reverse(key.leaves));
        }
    }
}

const NOWHERE: Here = Here { place: u32::MAX, keys: (0, 0), masks: 0, columns: Columns::NONE, sounds: None, leaves: 0 };

/// Whether a symbol that follows may stand elsewhere than at a place.
#[inline]
pub(crate) fn goes_further(text: &Text, to: usize) -> bool {
    let passed = text.symbol(to);
    let again = to > 0 && passed == text.symbol(to - 1);
    let brackets = to > 0 && !text.joined(to - 1);
    passed != 0 && (again || symbol::is_emoji(passed) || symbol::is_sign(passed) || symbol::is_digit(passed))
        || brackets
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
