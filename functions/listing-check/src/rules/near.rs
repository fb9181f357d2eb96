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

/// So many parts of each place are remembered: words may lie over one another, and then an earlier one may fit where the
/// last does not.
const LAST: usize = 4;

/// What a rule has seen of the text that is being read.
pub(super) struct Window {
    pub within: u32,
    places: usize,
    /// Of each place, the last parts that fill it, the latest first.
    last: [[Option<usize>; LAST]; PLACES],
    /// Where the last combination ends: what begins before belongs to it.
    behind: u32,
    told: u32,
}

impl Window {
    pub(super) fn of(within: u32, places: usize) -> Window {
        Window { within, places: places.clamp(1, PLACES), last: [[None; LAST]; PLACES], behind: 0, told: 0 }
    }

    /// A text begins.
    pub(super) fn begin(&mut self) {
        (self.told, self.behind) = (0, 0);
        self.last = [[None; LAST]; PLACES];
    }

    /// What was seen belongs to no combination any more but the one that ends there.
    pub(super) fn clear(&mut self, end: u32) {
        self.last = [[None; LAST]; PLACES];
        self.behind = end;
    }

    /// Whether one more finding of this text is told.
    pub(super) fn tell(&mut self) -> bool {
        self.told = self.told.saturating_add(1);
        self.told <= MOST_OF_RULE
    }

    /// A part fills a place: what it makes with the last of the others, if they stand near enough.
    pub(super) fn see(&mut self, place: usize, at: usize, parts: &[Found]) -> Option<Hull> {
        let part = parts.get(at).filter(|part| part.start >= self.behind)?;
        let last = self.last.get_mut(place)?;
        if last.first() != Some(&Some(at)) {
            last.rotate_right(1);
            *last.first_mut()? = Some(at);
        }
        let mut chosen = vec![at];
        if self.places > 1 && !self.fill(0, place, part.start.saturating_sub(self.within), parts, &mut chosen) {
            return None;
        }
        chosen.sort_unstable();
        let of = |at: &usize| parts.get(*at);
        let start = of(chosen.first()?)?.start;
        let end = chosen.iter().filter_map(of).map(|part| part.end).max()?;
        Some(Hull { start, end, parts: chosen })
    }

    /// Fills the other places, each with a part that lies over none of those chosen: at most [`LAST`] tries for each of
    /// at most three places. What ends before `least` is too far from the part that was just seen.
    fn fill(&self, next: usize, seen: usize, least: u32, parts: &[Found], chosen: &mut Vec<usize>) -> bool {
        if next >= self.places {
            return true;
        }
        if next == seen {
            return self.fill(next.saturating_add(1), seen, least, parts, chosen);
        }
        for at in self.last.get(next).into_iter().flatten().flatten() {
            let Some(part) = parts.get(*at) else { continue };
            let over = |other: &Found| part.start < other.end && other.start < part.end;
            // A word fills one place, and letters belong to one word.
            if part.end < least || chosen.iter().any(|at| parts.get(*at).is_none_or(over)) {
                continue;
            }
            chosen.push(*at);
            if self.fill(next.saturating_add(1), seen, least, parts, chosen) {
                return true;
            }
            chosen.pop();
        }
        false
    }
}

/// The parts of a text by what they are words of; put in order once somebody asks.
pub(super) struct Beside<'s> {
    parts: &'s [Found],
    /// Each with the farthest end of it and those before: a word may reach farther than one that begins behind it.
    by_words: Option<BTreeMap<u32, Vec<(usize, u32)>>>,
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
            let mut by_words: BTreeMap<u32, Vec<(usize, u32)>> = BTreeMap::new();
            for (at, part) in parts.iter().enumerate() {
                for words in words_of(part) {
                    let places = by_words.entry(words).or_default();
                    let farthest = places.last().map_or(0, |(_, end)| *end).max(part.end);
                    places.push((at, farthest));
                }
            }
            by_words
        });
        without.any(|words| {
            let Some(places) = by_words.get(&words) else { return false };
            // The first that reaches so far begins before all others that do.
            let far = |(_, end): &(usize, u32)| end.saturating_add(within) < hull.start;
            let first = places.get(places.partition_point(far)).and_then(|(at, _)| parts.get(*at));
            first.is_some_and(|part| part.start <= hull.end.saturating_add(within))
        })
    }
}

/// A part with the number of its text and its stretch there.
type Placed = ((usize, u32, u32), Part);

/// So many parts of each place are remembered. A word fills one place, and one of another place may lie over several.
const FIRST: usize = 12;
/// So many ways to fill the places are tried.
const TRIES: u32 = 2000;

/// What a rule that looks across fields has seen of the listing.
pub(super) struct Anywhere {
    places: usize,
    /// Of each place, the first parts that fill it.
    first: [Vec<Placed>; PLACES],
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
        if first.len() >= FIRST || self.ruled_out {
            return;
        }
        let Some(found) = seen.parts.get(at) else { return };
        if let Some(part) = part_of(found, seen, rules) {
            first.push(((seen.number, found.start, found.end), part));
        }
    }

    /// The parts of a combination, one for each place, in the order of the listing.
    pub(super) fn found(&self) -> Option<Vec<Part>> {
        if self.ruled_out {
            return None;
        }
        let (mut chosen, mut tries) = (Vec::new(), TRIES);
        if !choose(self.first.get(..self.places)?, &mut chosen, &mut tries) {
            return None;
        }
        chosen.sort_by_key(|(place, _)| *place);
        Some(chosen.into_iter().map(|(_, part)| part.clone()).collect())
    }
}

/// Chooses a part for each place; none lies over another.
fn choose<'s>(places: &'s [Vec<Placed>], chosen: &mut Vec<&'s Placed>, tries: &mut u32) -> bool {
    let Some((place, rest)) = places.split_first() else { return true };
    for placed in place {
        let ((text, start, end), _) = placed;
        let over = |((of, from, to), _): &&Placed| of == text && from < end && start < to;
        if *tries == 0 || chosen.iter().any(over) {
            continue;
        }
        *tries = tries.saturating_sub(1);
        chosen.push(placed);
        if choose(rest, chosen, tries) {
            return true;
        }
        chosen.pop();
    }
    false
}
