//! Words near one another in one text, or anywhere in a listing.

use std::collections::BTreeMap;

use listing_engine::Found;

use crate::policy::Rules;
use crate::rules::layout::WITHOUT;
use crate::rules::{MOST_OF_RULE, Part, Seen, part_of};
use crate::texts::Place;

/// The most places of a combination.
const PLACES: usize = 4;

/// A combination that was found in a text.
pub(super) struct Hull {
    pub start: u32,
    pub end: u32,
    /// The parts of it, in their order, by their places among all parts of the text.
    pub parts: Vec<usize>,
}

/// What a rule has seen of the text that is being read.
pub(super) struct Window {
    pub within: u32,
    places: usize,
    /// Of each place, the last part that fills it.
    last: [Option<usize>; PLACES],
    told: u32,
}

impl Window {
    pub(super) fn of(within: u32, places: usize) -> Window {
        Window { within, places: places.clamp(1, PLACES), last: [None; PLACES], told: 0 }
    }

    /// A text begins.
    pub(super) fn begin(&mut self) {
        self.told = 0;
        self.clear();
    }

    /// What was seen belongs to no combination any more.
    pub(super) fn clear(&mut self) {
        self.last = [None; PLACES];
    }

    /// Whether one more finding of this text is told.
    pub(super) fn tell(&mut self) -> bool {
        self.told = self.told.saturating_add(1);
        self.told <= MOST_OF_RULE
    }

    /// A part fills a place: what it makes with the last of the others, if they stand near enough.
    pub(super) fn see(&mut self, place: usize, at: usize, parts: &[Found]) -> Option<Hull> {
        *self.last.get_mut(place)? = Some(at);
        let mut filled: Vec<usize> = self.last.get(..self.places)?.iter().copied().collect::<Option<_>>()?;
        filled.sort_unstable();
        // A word fills one place.
        if filled.is_sorted_by(|one, next| one < next) {
            let (first, last) = (parts.get(*filled.first()?)?, parts.get(*filled.last()?)?);
            let near = last.start.saturating_sub(first.end) <= self.within || self.places == 1;
            near.then_some(Hull { start: first.start, end: last.end, parts: filled })
        } else {
            None
        }
    }
}

/// The parts of a text by what they are words of; put in order once somebody asks.
pub(super) struct Beside<'s> {
    parts: &'s [Found],
    by_words: Option<BTreeMap<u32, Vec<usize>>>,
}

impl<'s> Beside<'s> {
    pub(super) fn of(parts: &'s [Found]) -> Beside<'s> {
        Beside { parts, by_words: None }
    }

    /// Whether some of these words stand within so many characters of a combination.
    pub(super) fn any<I: Iterator<Item = u32>>(
        &mut self,
        hull: &Hull,
        within: u32,
        mut without: impl Iterator<Item = u32>,
        words_of: impl Fn(&Found) -> I,
    ) -> bool {
        let parts = self.parts;
        let by_words = self.by_words.get_or_insert_with(|| {
            let mut by_words: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for (at, part) in parts.iter().enumerate() {
                for words in words_of(part) {
                    by_words.entry(words).or_default().push(at);
                }
            }
            by_words
        });
        without.any(|words| {
            let Some(places) = by_words.get(&words) else { return false };
            let part = |place: usize| places.get(place).and_then(|at| parts.get(*at));
            let far = |at: &usize| parts.get(*at).is_some_and(|part| part.end.saturating_add(within) < hull.start);
            part(places.partition_point(far)).is_some_and(|part| part.start <= hull.end.saturating_add(within))
        })
    }
}

/// The number of a text, and of a part in it.
type Number = (usize, usize);

/// What a rule that looks across fields has seen of the listing.
pub(super) struct Anywhere {
    places: usize,
    /// Of each place, the first parts that fill it, each with the number of its text and its own in it.
    first: [Vec<(Number, Part)>; PLACES],
    ruled_out: bool,
}

impl Anywhere {
    pub(super) fn of(places: usize) -> Anywhere {
        let first = [const { Vec::new() }; PLACES];
        Anywhere { places: places.clamp(1, PLACES), first, ruled_out: false }
    }

    pub(super) fn see(&mut self, place: u8, at: usize, seen: Seen<'_>, rules: &Rules<'_>) {
        // What nobody sees rules nothing out.
        self.ruled_out |= place == WITHOUT && seen.field.place == Place::Words;
        let Some(first) = self.first.get_mut(usize::from(place)) else { return };
        // More would be told no other way: so many places there are, and a word fills one.
        if first.len() >= PLACES || self.ruled_out {
            return;
        }
        if let Some(part) = seen.parts.get(at).and_then(|part| part_of(part, seen, rules)) {
            first.push(((seen.number, at), part));
        }
    }

    /// The parts of a combination, one for each place, in the order of the listing.
    pub(super) fn found(&self) -> Option<Vec<Part>> {
        if self.ruled_out {
            return None;
        }
        let mut chosen: BTreeMap<Number, Part> = BTreeMap::new();
        choose(self.first.get(..self.places)?, &mut chosen).then(|| chosen.into_values().collect())
    }
}

/// Chooses a part for each place, none twice: at most four parts for each of four places.
fn choose(places: &[Vec<(Number, Part)>], chosen: &mut BTreeMap<Number, Part>) -> bool {
    let Some((place, rest)) = places.split_first() else { return true };
    for (number, part) in place {
        if !chosen.contains_key(number) {
            chosen.insert(*number, part.clone());
            if choose(rest, chosen) {
                return true;
            }
            chosen.remove(number);
        }
    }
    false
}
