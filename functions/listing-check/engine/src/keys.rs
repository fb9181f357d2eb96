//! What readings are looked up by.

use crate::classes::{class, mask};
use crate::costs::Costs;
use crate::edges::{Edge, Read};
use crate::heads::{Entry, column};
use crate::language::Language;
use crate::symbol::{self, Symbol};

/// The most keys of a place.
const MOST_KEYS: usize = 64;

/// What a reading is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The place behind it.
    pub to: u32,
    /// What the text up to its end costs as Chinese, less what it costs itself.
    pub leaves: i32,
    /// The class of its symbol; of a first letter, the letter.
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

impl Key {
    /// Whether it may be the symbol of a term at one of its first three places.
    #[inline]
    pub(crate) fn fits(&self, entry: &Entry, at: usize) -> bool {
        let stands = matches!(self.kind, Kind::Literal | Kind::Sounded);
        (self.symbol == 0 || entry.symbols.get(at) == Some(&self.symbol)) && (stands || !entry.literal)
    }

    /// What it costs at least: a first letter behind another costs less.
    #[inline]
    pub(crate) fn least(&self, costs: &Costs) -> i32 {
        let cost = i32::from(self.cost);
        if self.kind == Kind::Initial { cost.min(costs.initial_again) } else { cost }
    }

    /// The key of what follows within an emoji's name.
    pub(crate) fn goes_on(&self, language: &Language<'_>) -> Key {
        let symbol: Symbol = self.next;
        Key { class: class(symbol, language), symbol, column: column(symbol), next: 0, kind: Kind::Other, ..*self }
    }
}

/// The keys of one place, as they are found.
pub(crate) struct Keys<'k, 'p> {
    pub language: Language<'p>,
    pub keys: &'k mut Vec<Key>,
    pub from: usize,
    pub masks: u64,
}

impl Keys<'_, '_> {
    /// What a reading is looked up by; what stands up to its end costs `before`.
    pub(crate) fn of(&mut self, edge: &Edge, literal: bool, before: i32) {
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
                self.masks |= language.classes_of(letter).masks();
                self.put(key(u16::from(letter), 0, 0, Kind::Initial));
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
        if keys.len() < MOST_KEYS && !(self.masks & mask(key.class) != 0 && keys.contains(&key)) {
            self.masks |= mask(key.class);
            self.keys.push(key);
        }
    }
}
