//! Annotations above characters (`ruby`). The page runs on without them, so they are no part of what is seen; they are
//! read by themselves, and in the order of the source.

use super::{INLINE, Reading};

/// So many characters before the annotated ones are read with them.
const BEFORE: usize = 6;

/// An element `ruby` that is open.
#[derive(Default)]
pub struct Ruby {
    /// In the order of the source, with what stands before.
    all: Reading,
    /// Its annotations alone.
    notes: Reading,
}

/// Whether an element is an annotation.
pub fn annotates(name: &str) -> bool {
    matches!(name, "rt" | "rtc")
}

/// Whether an element ends a part of `ruby` that is open: their end tags may be left out.
pub fn parts(name: &str) -> bool {
    matches!(name, "rt" | "rtc" | "rp" | "rb")
}

/// Whether the text of an element runs on with what stands around it.
pub fn runs_on(name: &str) -> bool {
    INLINE.contains(&name) || name == "ruby" || parts(name)
}

impl Ruby {
    /// One that begins behind what was seen.
    pub fn behind(seen: &Reading) -> Ruby {
        let mut all = Reading::default();
        let from = seen.places.len().saturating_sub(BEFORE);
        for (c, place) in seen.text.chars().skip(from).zip(seen.places.iter().skip(from)) {
            all.text.push(c);
            all.places.push(*place);
        }
        Ruby { all, notes: Reading::default() }
    }

    /// A text in it.
    pub fn hold(&mut self, text: &Reading, annotates: bool) {
        let notes = annotates.then_some(&mut self.notes);
        for reading in std::iter::once(&mut self.all).chain(notes) {
            reading.text.push_str(&text.text);
            reading.places.extend(&text.places);
        }
    }

    /// What is read besides what is seen: nothing if nothing was annotated.
    pub fn readings(self) -> impl Iterator<Item = Reading> {
        let annotated = !self.notes.text.trim().is_empty();
        [self.all, self.notes].into_iter().filter(move |_| annotated)
    }
}
