//! Which terms may begin at a place: by what its first symbols can be read as.

use std::cell::OnceCell;

use crate::canonical::Text;
use crate::classes::{class, mask};
use crate::heads::{Entry, Group, Made, NO_TERM, Pairs};
use crate::keys::{Key, Kind};
use crate::language::Language;
use crate::lexicon::Lexicon;
use crate::readings::{Here, Readings, following, goes_further};
use crate::symbol::{self, Symbol};
use crate::weigh::Scales;
use crate::worth::{Way, Worth};

/// The most terms that are tried from one place.
const MOST_TRIED: usize = 256;
/// The most combinations of readings that are looked up from one place.
const MOST_LOOKED: u32 = 60_000;
/// So many of them are as much work as one other thing.
const LOOKED: u32 = 12;
/// How far behind a place its first three symbols are looked for.
const AHEAD: usize = 24;

/// Terms that may begin at a place.
pub(crate) struct Candidates<'t, 'p> {
    scales: &'t Scales<'t, 'p>,
    tried: Vec<u32>,
    /// Up to which place it is known what can be read.
    known: usize,
    /// The last place that was asked for, and where its run of the same symbol begins.
    run: (usize, usize),
    least: [i32; 3],
    /// Found when a dear reading asks for it.
    worth: OnceCell<Worth>,
}

impl<'t, 'p> Candidates<'t, 'p> {
    /// Of a text.
    pub(crate) fn of(scales: &'t Scales<'t, 'p>) -> Candidates<'t, 'p> {
        let more = scales.tuning.more(scales.lexicon);
        let (tried, worth) = (Vec::with_capacity(MOST_TRIED), OnceCell::new());
        // By `more` a reading must win than it must among few terms.
        Candidates { scales, tried, known: 0, run: (0, 0), least: LEAST.map(|least| least + more), worth }
    }

    /// Whether a term as it stands may begin at a place.
    #[inline]
    pub(crate) fn may_begin(&self, text: &Text, place: usize, language: &Language<'_>) -> bool {
        let (one, two) = (text.symbol(place), text.symbol(place + 1));
        let lexicon = self.scales.lexicon;
        one == two
            || lexicon.may_begin(one, two)
            || lexicon.single(class(one, language)).any(|entry| entry.symbols[0] == one)
    }

    /// Terms that may begin at a place.
    pub(crate) fn at(&mut self, readings: &mut Readings<'_>, place: usize) -> &[u32] {
        self.tried.clear();
        readings.know(self.known.max(place)..place + AHEAD);
        self.known = place + AHEAD;
        let run = self.run_begins(readings.text, place);
        // Where too much was done, what stands there is looked up alone.
        let most = if readings.may(0) { MOST_LOOKED } else { 0 };
        let lexicon = *self.scales.lexicon;
        let mut search = Search {
            lexicon,
            pairs: lexicon.pairs(),
            made: lexicon.made(),
            readings,
            scales: self.scales,
            worth: &self.worth,
            tried: &mut self.tried,
            looked: 0,
            most,
            singles: lexicon.has_singles(),
            from: place,
            before: readings.before(place),
            before_run: readings.before(run),
            least: self.least,
            reach: None,
            most_own: None,
        };
        search.search();
        let looked = search.looked;
        readings.cut_short |= looked > MOST_LOOKED;
        readings.work += u64::from(looked / LOOKED);
        &self.tried
    }

    /// Where a run of the same symbol begins that ends at a place. Places are asked for one behind the other.
    fn run_begins(&mut self, text: &Text, place: usize) -> usize {
        let again = |at: usize| at > 0 && text.symbol(at - 1) == text.symbol(at) && text.joined(at - 1);
        let (known, begin) = self.run;
        let mut at = place;
        while again(at) && at != known {
            at -= 1;
        }
        let begin = if at == known && again(at) { begin } else { at };
        self.run = (place, begin);
        begin
    }
}

/// What the text up to one, two and three symbols must at least cost more as Chinese than their readings, in quarter bits:
/// below it nothing was ever found (`tests/listing/rows`).
const LEAST: [i32; 3] = [-10, 20, 40];

struct Search<'s, 't, 'p> {
    scales: &'s Scales<'s, 'p>,
    worth: &'s OnceCell<Worth>,
    lexicon: Lexicon<'p>,
    pairs: Pairs<'p>,
    made: Made<'p>,
    readings: &'s Readings<'t>,
    tried: &'s mut Vec<u32>,
    looked: u32,
    most: u32,
    /// Whether terms of one symbol are among them.
    singles: bool,
    /// The place.
    from: usize,
    /// What comes before it, as Chinese.
    before: i32,
    /// The same of a run of the same symbol that ends there: it may belong to the term.
    before_run: i32,
    least: [i32; 3],
    /// A place, and the masks of all that may follow there: of the last that was asked for.
    reach: Option<(u32, u64)>,
    /// A place, and what terms of two, three and four symbols may cost at most as Chinese whose first two end there for
    /// nothing: of the last that was asked for.
    most_own: Option<(u32, [i32; 3])>,
}

impl Search<'_, '_, '_> {
    fn search(&mut self) {
        let readings = self.readings;
        let Some(here) = readings.known(self.from) else { return };
        let emoji = symbol::is_emoji(readings.text.symbol(self.from));
        // Most readings end at the same place, behind which there is one place to go on at.
        let (mut to, mut there) = (u32::MAX, None);
        for first in readings.keys(here) {
            let dear = first.cost > 0;
            if dear && (self.looked >= self.most || first.leaves - self.before < self.least[0]) {
                break;
            }
            if self.singles {
                self.alone(first);
            }
            if first.symbol != 0 && !self.made.begins(first.symbol) {
                continue;
            }
            if first.next != 0 {
                let second = first.goes_on(&readings.language);
                if self.may_follow(first, &second) {
                    self.second(first, &second, first.to as usize);
                }
                continue;
            }
            if to != first.to {
                to = first.to;
                let further = goes_further(readings.text, to as usize);
                there = Some(readings.known(to as usize)).filter(|_| !further);
            }
            if let Some(there) = there {
                if let Some(there) = there {
                    self.seconds(first, there, to as usize);
                }
                continue;
            }
            // Behind an emoji that stands for a character, others in a row are for show.
            let shows = first.kind == Kind::Other && emoji;
            for place in following(readings.text, to as usize) {
                let passed = place > to as usize && symbol::is_emoji(readings.text.symbol(place - 1));
                if let Some(there) = readings.known(place).filter(|_| !(shows && passed)) {
                    self.seconds(first, there, place);
                }
            }
        }
    }

    /// Terms of one symbol.
    #[inline]
    fn alone(&mut self, first: &Key) {
        let mut put = |class: u16| {
            for entry in self.lexicon.single(class) {
                if first.fits(&entry, 0) && self.tried.len() < MOST_TRIED && !self.tried.contains(&entry.term) {
                    self.tried.push(entry.term);
                }
            }
        };
        if first.kind == Kind::Initial {
            self.readings.language.classes_of(first.class as u8).each().for_each(put);
        } else if self.lexicon.has_single(first.class) {
            put(first.class);
        }
    }

    /// Terms that begin with a reading, and one of those of a place behind it.
    #[inline]
    fn seconds(&mut self, first: &Key, there: &Here, place: usize) {
        // Those behind leave less.
        let least = self.least[1] + self.before + i32::from(first.cost);
        let dear = first.cost > 0;
        if dear && there.leaves < least {
            return;
        }
        let heads = self.lexicon.heads(first.symbol);
        if first.symbol != 0 {
            let sounds = first.kind != Kind::Sounded
                && there.sounds.is_none_or(|sounds| self.may_sound_like(first.symbol, sounds));
            if !sounds && !heads.may_meet(&there.columns) {
                return;
            }
        }
        for second in self.readings.keys(there) {
            if (dear || second.cost > 0) && second.leaves < least {
                if second.cost == 0 {
                    continue;
                }
                break;
            }
            self.looked += 1;
            let may = match (first.symbol, second.symbol) {
                (1.., 1..) => heads.may_follow(second.column) && self.lexicon.may_begin(first.symbol, second.symbol),
                _ => self.may_follow(first, second),
            };
            if may {
                self.second(first, second, place);
            }
        }
    }

    #[inline]
    fn may_sound_like(&self, first: Symbol, classes: [u16; 3]) -> bool {
        classes.into_iter().any(|class| class != 0 && self.lexicon.may_sound(first, class))
    }

    /// Whether a term may begin with both, that is not found by another two.
    fn may_follow(&self, first: &Key, second: &Key) -> bool {
        let (pairs, lexicon) = (self.pairs, self.lexicon);
        match (first.symbol, second.symbol) {
            (0, 0) => match (first.kind, second.kind) {
                (Kind::Initial, Kind::Initial) => false,
                (Kind::Initial, _) => self.letter(first).any(|class| pairs.has(class, second.class)),
                (_, Kind::Initial) => self.letter(second).any(|class| pairs.has(first.class, class)),
                _ => pairs.has(first.class, second.class),
            },
            (0, _) if second.kind == Kind::Sounded => false,
            (0, symbol) if first.kind == Kind::Initial => {
                self.letter(first).any(|class| lexicon.may_begin_with_class(class, symbol))
            }
            (0, symbol) => lexicon.may_begin_with_class(first.class, symbol),
            (_, 0) if first.kind == Kind::Sounded => false,
            (symbol, 0) if second.kind == Kind::Initial => {
                self.letter(second).any(|class| lexicon.may_sound(symbol, class))
            }
            (symbol, 0) => lexicon.may_sound(symbol, second.class),
            (one, two) => lexicon.may_begin(one, two),
        }
    }

    /// The classes of a first letter.
    fn letter(&self, key: &Key) -> impl Iterator<Item = u16> + use<> {
        self.readings.language.classes_of(key.class as u8).each()
    }

    /// Terms that begin with both, of which the second stands at a place.
    fn second(&mut self, first: &Key, second: &Key, place: usize) {
        match (first.kind, second.kind) {
            (Kind::Initial, _) => {
                self.letter(first).for_each(|class| self.pair(first, second, (class, second.class), place))
            }
            (_, Kind::Initial) => {
                self.letter(second).for_each(|class| self.pair(first, second, (first.class, class), place))
            }
            _ => self.pair(first, second, (first.class, second.class), place),
        }
    }

    /// The same of their classes.
    fn pair(&mut self, first: &Key, second: &Key, classes: (u16, u16), place: usize) {
        let cost = first.cost + second.cost;
        if cost > 0 && self.looked >= self.most {
            return;
        }
        let costs = &self.readings.costs;
        let Some(group) = self.pairs.of(classes.0, classes.1) else { return };
        // Of two sounds, one may be that of a character which stands there as it is.
        let sounds = first.symbol == 0 && second.symbol == 0;
        let (one, two) = (first.least(costs), second.least(costs));
        let least = if sounds { one.min(two) } else { one + two };
        let none_stands = first.cost > 0 && second.cost > 0;
        if cost > 0 && !self.may_win(second.to, least, none_stands, &group) {
            return;
        }
        let way = Way {
            before: self.before_run,
            from: self.from,
            to: second.to as usize,
            cost: least,
            none_stands,
            latin: symbol::is_letter(self.readings.text.symbol(self.from)),
            more: 0,
            len: 2,
            own: 0,
        };
        let readings = self.readings;
        let within = (second.next != 0).then(|| second.goes_on(&readings.language));
        let thirds = match &within {
            _ if group.thirds == 0 => 0,
            Some(third) => mask(third.class),
            None => self.reach(second.to),
        };
        let meets = thirds & group.thirds != 0;
        let further = goes_further(readings.text, second.to as usize);
        for entry in group.each(first.symbol, second.symbol) {
            self.looked += 1;
            if entry.third > 0 && (!meets || cost > 0 && self.looked >= self.most || thirds & mask(entry.third) == 0) {
                continue;
            }
            if !first.fits(&entry, 0) || !second.fits(&entry, 1) {
                continue;
            }
            let (way, more) = if cost > 0 {
                // Only now it is known which of them stands there.
                let text = readings.text;
                let stands = |key: &Key, at: usize, place: usize| {
                    key.cost == 0 || key.symbol == 0 && entry.symbols.get(at) == Some(&text.symbol(place))
                };
                let (one, two) = (stands(first, 0, self.from), stands(second, 1, place));
                let paid = |stands: bool, key: &Key| if stands { 0 } else { key.least(costs) };
                let cost = paid(one, first) + paid(two, second);
                let (len, own) = (usize::from(entry.len), entry.own);
                (Way { cost, none_stands: !one && !two, len, own, more: len.saturating_sub(2), ..way }, true)
            } else {
                let (len, own) = (usize::from(entry.len), entry.own);
                (Way { cost: 0, none_stands: false, len, own, ..way }, false)
            };
            if more && way.cost > 0 && !self.allows(&way) {
                continue;
            }
            if entry.third == 0 {
                self.put(&entry);
                continue;
            }
            match &within {
                Some(third) => self.third(&entry, [first, second, third], &way),
                None if !further => {
                    let there = readings.known(second.to as usize);
                    for third in there.map_or(&[][..], |there| readings.keys(there)) {
                        self.third(&entry, [first, second, third], &way);
                    }
                }
                None => {
                    for place in following(readings.text, second.to as usize) {
                        let Some(there) = readings.known(place) else { break };
                        for third in readings.keys(there) {
                            self.third(&entry, [first, second, third], &way);
                        }
                    }
                }
            }
        }
    }

    #[inline]
    fn third(&mut self, entry: &Entry, keys: [&Key; 3], way: &Way) {
        self.looked += 1;
        let [first, second, third] = keys;
        let fits = match third.kind {
            Kind::Initial => self.readings.language.classes_of(third.class as u8).has(entry.third),
            _ => third.class == entry.third,
        };
        if !fits {
            return;
        }
        let before = first.cost + second.cost;
        let worth = before + third.cost == 0 || third.leaves - i32::from(before) - self.before >= self.least[2];
        if !worth || !third.fits(entry, 2) {
            return;
        }
        // All symbols of an emoji's name are paid once.
        let cost = way.cost + if second.next == 0 { third.least(&self.readings.costs) } else { 0 };
        let (to, more) = (third.to as usize, way.len.saturating_sub(3));
        let none_stands = way.none_stands && third.cost > 0;
        if cost == 0 || self.allows(&Way { to, more, cost, none_stands, ..*way }) {
            self.put(entry);
        }
    }

    /// Whether a term of a group may win by enough whose first two symbols end at a place, and cost so much at least.
    #[inline]
    fn may_win(&mut self, to: u32, cost: i32, none_stands: bool, group: &Group<'_>) -> bool {
        let [.., longer] = group.least;
        // Of long terms that is too little to tell.
        if longer < NO_TERM || self.scales.all {
            return true;
        }
        let worth = self.worth.get_or_init(|| Worth::of(self.scales, &self.readings.language));
        let most = match self.most_own {
            Some((place, most)) if place == to => most,
            _ => {
                let latin = symbol::is_letter(self.readings.text.symbol(self.from));
                let (before, from, to) = (self.before_run, self.from, to as usize);
                let way =
                    |more| Way { before, from, to, cost: 0, none_stands: false, latin, more, len: more + 2, own: 0 };
                let most = [0, 1, 2].map(|more| worth.most(&way(more)));
                self.most_own = Some((to as u32, most));
                most
            }
        };
        let each = group.least.into_iter().zip(most);
        each.into_iter().any(|(own, most)| own < NO_TERM && worth.may_cost(own, most - cost, none_stands))
    }

    /// Whether a term may win by enough; all may where all are told.
    #[inline]
    fn allows(&self, way: &Way) -> bool {
        self.scales.all || self.worth.get_or_init(|| Worth::of(self.scales, &self.readings.language)).allows(way)
    }

    /// The classes of all that may follow behind a place.
    #[inline]
    fn reach(&mut self, to: u32) -> u64 {
        if let Some((place, masks)) = self.reach
            && place == to
        {
            return masks;
        }
        let (readings, place) = (self.readings, to as usize);
        let masks = if goes_further(readings.text, place) {
            let known = following(readings.text, place).map_while(|place| readings.known(place));
            known.fold(0, |all, there| all | there.masks)
        } else {
            readings.known(place).map_or(0, |there| there.masks)
        };
        self.reach = Some((to, masks));
        masks
    }

    #[inline]
    fn put(&mut self, entry: &Entry) {
        if self.tried.len() < MOST_TRIED && !self.tried.contains(&entry.term) {
            self.tried.push(entry.term);
        }
    }
}
