//! Which terms may begin at a place: by what its first symbols can be read as.

use crate::canonical::Text;
use crate::classes::{Classes, class};
use crate::heads::{Entry, Heads, Made, Pairs, column};
use crate::language::Language;
use crate::lexicon::Lexicon;
use crate::readings::{Key, Kind, Readings, following};
use crate::symbol::{self, Symbol};

/// The most terms that are tried from one place.
const MOST_TRIED: usize = 24;
/// The most combinations of readings that are looked up from one place.
const MOST_LOOKED: u32 = 60_000;
/// How far behind a place its first three symbols are looked for.
const AHEAD: usize = 24;

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
        Candidates { lexicon, tried: Vec::with_capacity(MOST_TRIED), known: 0, least }
    }

    /// Whether a term as it stands may begin at a place.
    #[inline]
    pub(crate) fn may_begin(&self, text: &Text, place: usize, language: &Language<'_>) -> bool {
        let (one, two) = (text.symbol(place), text.symbol(place + 1));
        one == two
            || self.lexicon.may_begin(one, two)
            || self.lexicon.single(class(one, language)).any(|entry| entry.symbols[0] == one)
    }

    /// Terms that may begin at a place.
    pub(crate) fn at(&mut self, readings: &mut Readings<'_>, place: usize) -> &[u32] {
        self.tried.clear();
        readings.know(self.known.max(place)..place + AHEAD);
        self.known = place + AHEAD;
        // Where too much was done, what stands there is looked up alone.
        let most = if readings.may(0) { MOST_LOOKED } else { 0 };
        let mut search = Search {
            lexicon: self.lexicon,
            pairs: self.lexicon.pairs(),
            made: self.lexicon.made(),
            readings,
            tried: &mut self.tried,
            looked: 0,
            most,
            before: readings.before(place),
            least: self.least,
            reach: None,
        };
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
    pairs: Pairs<'p>,
    made: Made<'p>,
    readings: &'s Readings<'t>,
    tried: &'s mut Vec<u32>,
    looked: u32,
    most: u32,
    /// What comes before the place, as Chinese.
    before: i32,
    least: [i32; 3],
    /// A place, and the classes of all that may follow there: of the last that was asked for.
    reach: Option<(u32, Classes)>,
}

impl Search<'_, '_, '_> {
    fn from(&mut self, place: usize) {
        let readings = self.readings;
        let Some(here) = readings.known(place) else { return };
        for first in readings.keys(here) {
            let dear = first.cost > 0;
            if dear && (self.looked >= self.most || first.leaves - self.before < self.least[0]) {
                break;
            }
            for entry in self.lexicon.single(first.class) {
                if first.fits(&entry, 0) {
                    self.put(&entry);
                }
            }
            if first.symbol != 0 && !self.made.begins(first.symbol) {
                continue;
            }
            let heads = self.lexicon.heads(first.symbol);
            if first.next != 0 {
                let second = first.goes_on(&readings.language);
                if self.may_follow(first, &second, heads) {
                    self.second(first, &second);
                }
                continue;
            }
            // Behind an emoji that stands for a character, others in a row are for show.
            let shows = first.kind == Kind::Other && symbol::is_emoji(readings.text.symbol(place));
            for place in following(readings.text, first.to as usize) {
                let passed = place > first.to as usize && symbol::is_emoji(readings.text.symbol(place - 1));
                if shows && passed {
                    continue;
                }
                let Some(there) = readings.known(place) else { break };
                // Those behind leave less.
                let least = self.least[1] + self.before + i32::from(first.cost);
                for second in readings.keys(there) {
                    let stands = second.cost == 0;
                    if (dear || !stands) && second.leaves < least {
                        if stands {
                            continue;
                        }
                        break;
                    }
                    self.looked += 1;
                    if self.may_follow(first, second, heads) {
                        self.second(first, second);
                    }
                }
            }
        }
    }

    /// Whether a term may begin with both, that is not found by another two.
    #[inline]
    fn may_follow(&self, first: &Key, second: &Key, heads: Heads<'_>) -> bool {
        let fits = match (first.symbol, second.symbol) {
            (0, 0) => first.kind != Kind::Initial || second.kind != Kind::Initial,
            (0, _) => second.kind != Kind::Sounded,
            (_, 0) => first.kind != Kind::Sounded,
            (_, _) => return heads.may_follow(second.column),
        };
        fits && self.pairs.has(first.class, second.class)
    }

    fn second(&mut self, first: &Key, second: &Key) {
        let cost = first.cost + second.cost;
        if cost > 0 && self.looked >= self.most {
            return;
        }
        let Some(group) = self.pairs.of(first.class, second.class) else { return };
        let readings = self.readings;
        let within = (second.next != 0).then(|| second.goes_on(&readings.language));
        let thirds = match &within {
            _ if group.thirds == 0 => Classes::NONE,
            Some(third) => Classes::of(third.class),
            None => self.reach(second.to),
        };
        let meets = thirds.may_meet(group.thirds);
        for entry in group.each() {
            self.looked += 1;
            if entry.third > 0 && (!meets || cost > 0 && self.looked >= self.most) {
                return;
            }
            if !first.fits(&entry, 0) || !second.fits(&entry, 1) {
                continue;
            }
            if entry.third == 0 {
                self.put(&entry);
                continue;
            }
            if !thirds.has(entry.third) {
                continue;
            }
            match &within {
                Some(third) => self.third(&entry, [first, second, third]),
                None => {
                    for place in following(readings.text, second.to as usize) {
                        let Some(there) = readings.known(place) else { break };
                        for third in readings.keys(there) {
                            self.third(&entry, [first, second, third]);
                        }
                    }
                }
            }
        }
    }

    #[inline]
    fn third(&mut self, entry: &Entry, keys: [&Key; 3]) {
        self.looked += 1;
        let [first, second, third] = keys;
        if third.class != entry.third {
            return;
        }
        let before = first.cost + second.cost;
        let worth = before + third.cost == 0 || third.leaves - i32::from(before) - self.before >= self.least[2];
        if worth && third.fits(entry, 2) {
            self.put(entry);
        }
    }

    /// The classes of all that may follow behind a place.
    #[inline]
    fn reach(&mut self, to: u32) -> Classes {
        if let Some((place, classes)) = self.reach
            && place == to
        {
            return classes;
        }
        let known = following(self.readings.text, to as usize).map_while(|place| self.readings.known(place));
        let classes = known.fold(Classes::NONE, |all, there| all.and(&there.classes));
        self.reach = Some((to, classes));
        classes
    }

    #[inline]
    fn put(&mut self, entry: &Entry) {
        if self.tried.len() < MOST_TRIED && !self.tried.contains(&entry.term) {
            self.tried.push(entry.term);
        }
    }
}

impl Key {
    /// Whether it may be the symbol of a term at one of its first three places.
    #[inline]
    fn fits(&self, entry: &Entry, at: usize) -> bool {
        let stands = matches!(self.kind, Kind::Literal | Kind::Sounded);
        (self.symbol == 0 || entry.symbols.get(at) == Some(&self.symbol)) && (stands || !entry.literal)
    }

    /// The key of what follows within an emoji's name.
    fn goes_on(&self, language: &Language<'_>) -> Key {
        let symbol: Symbol = self.next;
        Key { class: class(symbol, language), symbol, column: column(symbol), next: 0, kind: Kind::Other, ..*self }
    }
}
