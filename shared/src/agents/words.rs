//! The words of a user agent, with what stands around each.

/// Letters and digits without a gap.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    pub text: &'a [u8],
    /// The byte before it; none at the beginning.
    pub before: Option<u8>,
    /// Only that byte stands between it and the word before.
    pub joined: bool,
    /// All that follows.
    pub after: &'a [u8],
    /// Not within brackets.
    pub outside: bool,
}

pub(super) struct Words<'a> {
    rest: &'a [u8],
    before: Option<u8>,
    depth: u32,
}

pub(super) fn words(text: &[u8]) -> Words<'_> {
    Words { rest: text, before: None, depth: 0 }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let mut gap = 0u32;
        loop {
            let length = self.rest.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
            if length > 0 {
                let (text, after) = self.rest.split_at_checked(length)?;
                let word = Word { text, before: self.before, joined: gap == 1, after, outside: self.depth == 0 };
                self.rest = after;
                return Some(word);
            }
            let (first, behind) = self.rest.split_first()?;
            match first {
                b'(' | b'[' => self.depth = self.depth.saturating_add(1),
                b')' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            gap = gap.saturating_add(1);
            (self.before, self.rest) = (Some(*first), behind);
        }
    }
}
