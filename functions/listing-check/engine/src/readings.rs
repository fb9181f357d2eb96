//! What can be read at each place of a text: found when it is asked for, and kept for the places near by.

use crate::canonical::Text;
use crate::costs::Costs;
use crate::edges::{Edge, Read, edges};
use crate::language::Language;
use crate::lattice::Lattice;
use crate::lexicon::{classes, mask};
use crate::symbol::{self, Symbol};

/// How many places are kept at once: more than a term goes over, but for signs and emoji in between.
const KEPT: usize = 64;
/// The most keys of a place.
const MOST_KEYS: usize = 64;

/// What can be read from one place on.
#[derive(Clone, Debug)]
pub struct Here {
    place: usize,
    /// All readings.
    pub edges: Vec<Edge>,
    /// What terms are looked up by that may begin, or go on, with one of them.
    pub keys: Vec<Key>,
    /// The classes of the keys: [`mask`].
    pub mask: u64,
    /// What the text up to the end of a key costs as Chinese, less what the key costs: the most of all of them.
    pub most: i32,
}

/// What a reading is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The place behind it.
    pub to: u32,
    /// The class of its symbol.
    pub class: u16,
    /// The symbol; 0: any of the class.
    pub symbol: Symbol,
    /// What it costs.
    pub cost: i16,
    /// What follows it within an emoji's name; 0: nothing.
    pub next: Symbol,
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
    kept: Vec<Here>,
    /// How much was done: places, ways followed, edges made and looked at, terms looked at.
    pub work: u64,
    /// How much may be done up to here: beyond it, only what stands there is read.
    limit: u64,
    /// By how much that grows with each place.
    each: u64,
    /// Whether something was left out.
    pub cut_short: bool,
}

/// What may be done for any text, and more for each of its places. An ordinary text takes a third of it, one in which all
/// is disguised two thirds; the worst cannot take more.
const AT_FIRST: u64 = 30_000;
const EACH_PLACE: u64 = 60;
/// The same of columns, of which there may be several for each character.
const EACH_IN_COLUMNS: u64 = 20;
/// What a place takes where nothing is read but what stands there.
const PLACE: u64 = 8;

impl<'t> Readings<'t> {
    /// Of a text; of columns, behind so much that was done for the text itself.
    pub fn of(
        text: &'t Text,
        lattice: &'t Lattice,
        language: Language<'t>,
        costs: Costs,
        done: Option<u64>,
    ) -> Readings<'t> {
        let each = if done.is_some() { EACH_IN_COLUMNS } else { EACH_PLACE };
        let work = done.unwrap_or(0);

        let none = Here { place: usize::MAX, edges: Vec::new(), keys: Vec::new(), mask: 0, most: 0 };
        let kept = vec![none; KEPT.min(text.read.len())];
        Readings { text, language, lattice, costs, kept, work, limit: work.max(AT_FIRST), each, cut_short: false }
    }

    /// Goes on to the next place.
    #[inline]
    pub fn go_on(&mut self) {
        self.work += PLACE;
        self.limit += self.each;
    }

    /// Whether more may be done; if not, what is left is not done.
    #[inline]
    pub fn may(&mut self, work: u64) -> bool {
        self.work += work;
        let may = self.work < self.limit;
        self.cut_short |= !may;
        may
    }

    /// What can be read from a place on; nothing behind the end.
    #[inline]
    pub fn at(&mut self, place: usize) -> Option<&Here> {
        if place >= self.text.read.len() {
            return None;
        }
        let slot = place % KEPT;
        if self.kept.get(slot)?.place != place {
            self.read(place, slot);
        }
        self.kept.get(slot)
    }

    /// One of the readings of a place, by its number. What is found on the way may have taken the room of the others.
    #[inline]
    pub fn edge(&mut self, place: usize, number: usize) -> Option<Edge> {
        self.at(place)?.edges.get(number).copied()
    }

    /// What was read of a place before; nothing if it was not.
    #[inline]
    pub fn known(&self, place: usize) -> Option<&Here> {
        self.kept.get(place % KEPT).filter(|here| here.place == place)
    }

    /// What comes before a place, as Chinese.
    #[inline]
    pub fn before(&self, place: usize) -> i32 {
        self.lattice.before.get(place).copied().unwrap_or(0)
    }

    fn read(&mut self, place: usize, slot: usize) {
        let (text, language) = (self.text, self.language);
        let settled = self.lattice.settled.get(place) == Some(&true);
        let dear = !settled && self.may(0);
        let Some(here) = self.kept.get_mut(slot) else { return };
        here.place = place;
        here.edges.clear();
        here.keys.clear();
        edges(text, place, &language, &self.costs, dear, &mut here.edges);
        self.work += here.edges.len() as u64;
        for (number, edge) in here.edges.iter().enumerate() {
            keys(edge, number == 0, dear, &language, &mut here.keys);
        }
        let before = |to: u32| self.lattice.before.get(to as usize).copied().unwrap_or(0);
        here.most = here.keys.iter().map(|key| before(key.to) - i32::from(key.cost)).max().unwrap_or(0);
        here.mask = here.keys.iter().fold(0, |all, key| all | mask(key.class));
    }
}

/// What a reading is looked up by.
fn keys(edge: &Edge, literal: bool, dear: bool, language: &Language<'_>, keys: &mut Vec<Key>) {
    let (to, cost) = (edge.to, edge.cost);
    let class = |symbol| {
        let [class, ..] = classes(symbol, language);
        class
    };
    let mut put = |class, symbol, next, kind| {
        let key = Key { to, class, symbol, cost, next, kind };
        if keys.len() < MOST_KEYS && !keys.contains(&key) {
            keys.push(key);
        }
    };
    match edge.read {
        Read::Symbol(symbol) => {
            let kind = match literal {
                true if dear && symbol::is_han(symbol) => Kind::Sounded,
                true => Kind::Literal,
                false => Kind::Other,
            };
            put(class(symbol), symbol, 0, kind);
        }
        Read::Sound(sound) => put(language.class(sound), 0, 0, Kind::Other),
        Read::Initial(letter) => {
            for sound in language.sounds_of(letter) {
                put(language.class(sound), 0, 0, Kind::Initial);
            }
        }
        Read::Name(emoji, number) => {
            let name = language.emoji(emoji).nth(number.into()).unwrap_or_default();
            let mut symbols = name.iter().map(|symbol| u16::from_le_bytes(*symbol));
            let (one, two) = (symbols.next().unwrap_or(0), symbols.next().unwrap_or(0));
            put(class(one), one, two, Kind::Other);
        }
    }
}
