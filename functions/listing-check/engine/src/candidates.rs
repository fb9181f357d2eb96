//! Which terms may begin at a place: by what its first symbols can be read as.

use crate::align::aside;
use crate::canonical::Text;
use crate::language::Language;
use crate::lexicon::{Entry, Lexicon, classes, mask};
use crate::readings::{Key, Kind, Readings};
use crate::symbol::{self, Symbol};

/// The most terms that are tried from one place.
const MOST_TRIED: usize = 24;
/// The most combinations of readings that are looked up from one place.
const MOST_LOOKED: u32 = 60_000;
/// How far behind a place its first three symbols are looked for.
const AHEAD: usize = 24;
/// The most places at which a symbol may follow another.
const FOLLOWING: usize = 5;

/// Terms that may begin at a place.
pub(crate) struct Candidates<'p> {
    lexicon: Lexicon<'p>,
    tried: Vec<u32>,
    /// Up to which place it is known what can be read.
    known: usize,
    least: [i32; 3],
}

impl<'p> Candidates<'p> {
    /// By `more` a reading must win than it must among few terms.
    pub(crate) fn of(lexicon: Lexicon<'p>, more: i32) -> Candidates<'p> {
        let least = LEAST.map(|least| least + more);
        Candidates { lexicon, tried: Vec::new(), known: 0, least }
    }

    /// Whether a term as it stands may begin at a place.
    #[inline]
    pub(crate) fn may_begin(&self, text: &Text, place: usize, language: &Language<'_>) -> bool {
        let (one, two) = (text.symbol(place), text.symbol(place + 1));
        let [class, ..] = classes(one, language);
        one == two
            || self.lexicon.may_begin(one, two)
            || self.lexicon.short(class, 0).any(|entry| entry.symbols[0] == one)
    }

    /// Terms that may begin at a place.
    pub(crate) fn at(&mut self, readings: &mut Readings<'_>, place: usize) -> &[u32] {
        self.tried.clear();
        for place in self.known.max(place)..place + AHEAD {
            readings.at(place);
        }
        self.known = place + AHEAD;
        // Where too much was done, what stands there is looked up alone.
        let most = if readings.may(0) { MOST_LOOKED } else { 0 };
        let tried = &mut self.tried;
        let mut search =
            Search { lexicon: self.lexicon, readings, tried, looked: 0, most, before: 0, least: self.least };
        search.from(place);
        let looked = search.looked;
        readings.cut_short |= looked > MOST_LOOKED;
        readings.work += u64::from(looked / 4);
        &self.tried
    }
}

/// What the text up to one, two and three symbols must at least cost more as Chinese than their readings, in quarter bits:
/// below it nothing was ever found (`tests/listing/rows`).
const LEAST: [i32; 3] = [-10, 20, 40];

struct Search<'s, 't, 'p> {
    lexicon: Lexicon<'p>,
    readings: &'s Readings<'t>,
    tried: &'s mut Vec<u32>,
    looked: u32,
    most: u32,
    /// What comes before the place, as Chinese.
    before: i32,
    least: [i32; 3],
}

impl Search<'_, '_, '_> {
    fn from(&mut self, place: usize) {
        let readings = self.readings;
        let Some(here) = readings.known(place) else { return };
        self.before = readings.before(place);
        for first in &here.keys {
            if first.cost > 0 && (self.looked >= self.most || self.worth(first.to, first.cost) < self.least[0]) {
                continue;
            }
            for entry in self.lexicon.short(first.class, 0) {
                self.put(&entry, [first, first, first], 1);
            }
            if first.next != 0 {
                self.second(first, &first.goes_on(&readings.language));
                continue;
            }
            for place in following(readings.text, first.to as usize) {
                let Some(there) = readings.known(place) else { break };
                if first.cost > 0 && there.most - self.before - i32::from(first.cost) < self.least[1] {
                    continue;
                }
                for second in &there.keys {
                    self.second(first, second);
                }
            }
        }
    }

    fn second(&mut self, first: &Key, second: &Key) {
        self.looked += 1;
        let cost = first.cost + second.cost;
        if cost > 0 && (self.looked >= self.most || self.worth(second.to, cost) < self.least[1]) {
            return;
        }
        if !self.lexicon.may_go_on(first.class, second.class) || !may_follow(first, second, &self.lexicon) {
            return;
        }
        for entry in self.lexicon.short(first.class, second.class) {
            self.put(&entry, [first, second, second], 2);
        }
        let readings = self.readings;
        let within = (second.next != 0).then(|| second.goes_on(&readings.language));
        let places = || following(readings.text, second.to as usize).map_while(|place| readings.known(place));
        let thirds = match &within {
            Some(third) => mask(third.class),
            None => places().fold(0, |all, there| all | there.mask),
        };
        for entry in self.lexicon.long(first.class, second.class, thirds) {
            self.looked += 1;
            if mask(entry.third) & thirds == 0 {
                continue;
            }
            if cost > 0 && self.looked >= self.most {
                return;
            }
            let thirds = within.iter().chain(places().flat_map(|there| &there.keys).filter(|_| within.is_none()));
            for third in thirds {
                self.looked += 1;
                if third.class != entry.third {
                    continue;
                }
                let cost = cost + third.cost;
                if cost == 0 || self.worth(third.to, cost) >= self.least[2] {
                    self.put(&entry, [first, second, third], 3);
                }
            }
        }
    }

    /// What the text from the place on costs as Chinese, less what its readings cost.
    #[inline]
    fn worth(&self, to: u32, cost: i16) -> i32 {
        self.readings.before(to as usize) - self.before - i32::from(cost)
    }

    #[inline]
    fn put(&mut self, entry: &Entry, keys: [&Key; 3], count: usize) {
        let mut keys = keys.iter().zip(entry.symbols).take(count);
        let fits = keys.all(|(key, symbol)| {
            let stands = matches!(key.kind, Kind::Literal | Kind::Sounded);
            (key.symbol == 0 || key.symbol == symbol) && (stands || !entry.literal)
        });
        if fits && self.tried.len() < MOST_TRIED && !self.tried.contains(&entry.term) {
            self.tried.push(entry.term);
        }
    }
}

impl Key {
    /// The key of what follows within an emoji's name.
    fn goes_on(&self, language: &Language<'_>) -> Key {
        let [class, ..] = classes(self.next, language);
        Key { class, symbol: self.next, next: 0, kind: Kind::Other, ..*self }
    }
}

/// Whether a term may begin with both, that is not found by another two.
#[inline]
fn may_follow(first: &Key, second: &Key, lexicon: &Lexicon<'_>) -> bool {
    match (first.symbol, second.symbol) {
        (0, 0) => first.kind != Kind::Initial || second.kind != Kind::Initial,
        (0, _) => second.kind != Kind::Sounded,
        (_, 0) => first.kind != Kind::Sounded,
        (one, two) => lexicon.may_begin(one, two),
    }
}

/// Where a symbol may stand that follows: here, or behind an emoji, a sign, a digit or the same again, or behind words in
/// brackets.
#[inline]
fn following(text: &Text, to: usize) -> impl Iterator<Item = usize> + use<> {
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
