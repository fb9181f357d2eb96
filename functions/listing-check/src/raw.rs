//! A text as it is read, and where in the raw text each stretch of it stands.

use crate::texts::Field;

/// A stretch of raw text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins and ends, in Unicode scalar values.
    pub scalars: (u32, u32),
    /// The same in UTF-16 code units.
    pub utf16: (u32, u32),
    /// What stands there.
    pub raw: String,
}

/// The source of a text: its characters, and where in it each character of the text stands.
type Source<'f> = (Vec<char>, &'f [(u32, u32)]);

/// A text as it is read, and the raw text that it was read of.
pub(crate) struct Raw<'f> {
    /// The text, as it is read.
    pub chars: Vec<char>,
    /// Of a text that was read of HTML: the source, and where each character stands in it.
    source: Option<Source<'f>>,
    /// Of the raw text, where each character begins in UTF-16 code units; one more at the end.
    utf16: Vec<u32>,
}

impl<'f> Raw<'f> {
    pub(crate) fn of(field: &'f Field<'_>) -> Raw<'f> {
        let chars: Vec<char> = field.text.chars().collect();
        let source = field.source.as_ref().map(|(source, places)| (source.chars().collect(), places.as_slice()));
        let raw: &[char] = source.as_ref().map_or(&chars, |(source, _): &(Vec<char>, _)| source);
        let mut utf16 = Vec::with_capacity(raw.len().saturating_add(1));
        let mut at = 0_u32;
        utf16.push(0);
        for c in raw {
            at = at.saturating_add(if *c as u32 > 0xFFFF { 2 } else { 1 });
            utf16.push(at);
        }
        Raw { chars, source, utf16 }
    }

    fn slice(chars: &[char], start: u32, end: u32) -> String {
        let end = (end as usize).min(chars.len());
        chars.get((start as usize).min(end)..end).unwrap_or_default().iter().collect()
    }

    /// How many characters are read.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.chars.len()).unwrap_or(u32::MAX)
    }

    /// A stretch of what is read, as a stretch of the raw text.
    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        let (raw, start, end) = match &self.source {
            None => (&self.chars, start, end),
            Some((source, places)) => {
                let first = places.get(start as usize).map_or(0, |place| place.0);
                let last = end.checked_sub(1).and_then(|last| places.get(last as usize)).map_or(first, |place| place.1);
                (source, first, last)
            }
        };
        let utf16 = |at: u32| self.utf16.get(at as usize).copied().unwrap_or_default();
        Span { scalars: (start, end), utf16: (utf16(start), utf16(end)), raw: Raw::slice(raw, start, end) }
    }

    /// What is read in a stretch and up to `beside` characters around it, in lower case.
    pub(crate) fn around(&self, start: u32, end: u32, beside: u32) -> String {
        Raw::slice(&self.chars, start.saturating_sub(beside), end.saturating_add(beside)).to_lowercase()
    }
}
