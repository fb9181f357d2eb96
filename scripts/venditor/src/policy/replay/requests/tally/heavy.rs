//! The most frequent of texts without end, in bounded memory: Metwally, Agrawal and El Abbadi's Space-Saving (2005).

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

/// So many texts are counted at once: a text that is more than one in so many is among them for certain.
const ROOM: usize = 8192;
/// The longest part of a text that tells it apart, in bytes.
const LONGEST: usize = 512;

/// A text, and how often it occurred.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The text.
    pub text: String,
    /// How often at most.
    pub times: u64,
    /// By how much that may be too much.
    pub error: u64,
}

impl Counted {
    /// How often, in words.
    pub fn told(&self) -> String {
        if self.error == 0 {
            self.times.to_string()
        } else {
            format!("{} (at least {})", self.times, self.times - self.error)
        }
    }
}

/// Texts, counted.
pub struct Heavy {
    counts: HashMap<String, (u64, u64)>,
    /// By how often, the least first.
    order: BTreeSet<(u64, String)>,
}

impl Heavy {
    pub fn new() -> Heavy {
        Heavy { counts: HashMap::new(), order: BTreeSet::new() }
    }

    pub fn add(&mut self, text: &str) {
        let text = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
        if let Some((times, _)) = self.counts.get_mut(text) {
            self.order.remove(&(*times, text.to_owned()));
            *times += 1;
            self.order.insert((*times, text.to_owned()));
            return;
        }
        let least = if self.counts.len() < ROOM { None } else { self.order.pop_first() };
        let error = least.map_or(0, |(times, text)| {
            self.counts.remove(&text);
            times
        });
        self.counts.insert(text.to_owned(), (error + 1, error));
        self.order.insert((error + 1, text.to_owned()));
    }

    /// The most frequent.
    pub fn most(self, top: usize) -> Vec<Counted> {
        let counts = self.counts;
        let mut all: Vec<Counted> =
            counts.into_iter().map(|(text, (times, error))| Counted { text, times, error }).collect();
        all.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| a.text.cmp(&b.text)));
        all.truncate(top);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_frequent_is_found_among_more_texts_than_there_is_room_for() {
        let mut heavy = Heavy::new();
        for n in 0..100_000 {
            heavy.add(&format!("once {n}"));
            if n % 10 == 0 {
                heavy.add("often");
            }
            if n % 100 == 0 {
                heavy.add("sometimes");
            }
        }
        let most = heavy.most(2);
        assert_eq!(most.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["often", "sometimes"]);
        assert!(most.iter().all(|one| one.times >= 1000 && one.times - one.error <= 10_000), "{most:?}");
    }
}
