//! The table of `agents/agents.csv`, as `build.rs` compiles it, and one pass over a user agent.

use super::{Class, Purpose};

include!(concat!(env!("OUT_DIR"), "/agents.rs"));

/// The most bytes of a user agent that are read: the longest of real apps have some 800.
const MAX_BYTES: usize = 4096;

/// What a token tells.
pub(super) struct Known {
    pub class: Class,
    pub purpose: Option<Purpose>,
    pub name: &'static str,
}

/// Where in a user agent a token counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Anywhere.
    Any,
    /// Not right behind a letter or a digit.
    Word,
    /// At the very beginning.
    Start,
}

struct Entry {
    token: &'static str,
    at: At,
    /// The greatest of those found wins.
    weight: u16,
    /// `None`: only hides shorter tokens within it.
    known: Option<Known>,
}

/// The entries whose token begins with one byte.
struct Bucket {
    /// Bit `b & 63` for each second byte `b`: most positions are passed over by looking here.
    seconds: u64,
    /// The longest first.
    entries: &'static [Entry],
}

impl Entry {
    fn stands(&self, agent: &[u8], index: usize) -> bool {
        let there = index.checked_add(self.token.len()).and_then(|end| agent.get(index..end));
        let before = index.checked_sub(1).and_then(|at| agent.get(at));
        let placed = match self.at {
            At::Any => true,
            At::Word => !before.is_some_and(u8::is_ascii_alphanumeric),
            At::Start => before.is_none(),
        };
        placed && there.is_some_and(|bytes| bytes.eq_ignore_ascii_case(self.token.as_bytes()))
    }
}

/// The strongest token in a user agent. Where two overlap, the one that begins first, and then the longer, is read.
pub(super) fn strongest(agent: &[u8]) -> Option<&'static Known> {
    let agent = agent.get(..MAX_BYTES).unwrap_or(agent);
    let mut best: Option<&Entry> = None;
    let mut index: usize = 0;
    while let Some(first) = agent.get(index) {
        let found = found(agent, index, first.to_ascii_lowercase());
        if let Some(entry) = found
            && best.is_none_or(|best| entry.weight > best.weight)
        {
            best = Some(entry);
        }
        index = index.saturating_add(found.map_or(1, |entry| entry.token.len()));
    }
    best?.known.as_ref()
}

fn found(agent: &[u8], index: usize, first: u8) -> Option<&'static Entry> {
    let bucket = BUCKETS.get(usize::from(first))?;
    let second = agent.get(index.checked_add(1)?)?.to_ascii_lowercase();
    let possible = bucket.seconds.checked_shr(u32::from(second & 63)).unwrap_or(0) & 1 == 1;
    if possible { bucket.entries.iter().find(|entry| entry.stands(agent, index)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    include!(concat!(env!("OUT_DIR"), "/agent_examples.rs"));

    #[test]
    fn every_row_is_found_in_its_example() {
        assert!(!EXAMPLES.is_empty());
        let mut wrong = Vec::new();
        for (class, purpose, name, example) in EXAMPLES {
            let found = strongest(example.as_bytes()).map(|known| (known.class, known.purpose, known.name));
            let right = match class {
                Some(class) => found == Some((*class, *purpose, *name)),
                // It hides a shorter token, which would have told something stronger.
                None => found.is_none_or(|(class, ..)| class <= Class::InApp),
            };
            if !right {
                wrong.push(format!("{example}: {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn an_endless_agent_is_read_in_part() {
        let long = "x".repeat(MAX_BYTES);
        assert!(strongest(format!("{long}Googlebot").as_bytes()).is_none());
        assert!(strongest(format!("Googlebot{long}").as_bytes()).is_some());
    }
}
