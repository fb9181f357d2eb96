//! The steps that lead from raw text to a term, by the names that answers give.

/// A way in which text is written otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Step {
    /// Full-width, styled, circled, small-capital letters; compatibility forms of characters.
    Style,
    /// Combining marks.
    Mark,
    /// Invisible characters in between: zero-width, bidi controls, variation selectors.
    Invisible,
    /// Letters of another script that look alike.
    Homoglyph,
    /// Traditional, old and regional forms.
    Traditional,
    /// Digits in another style.
    Number,
    /// Digits and signs for letters.
    Leet,
    /// A character repeated.
    Repeat,
    /// Signs in between.
    Separator,
    /// A character taken apart.
    Split,
    /// An emoji for a character.
    Emoji,
    /// A symbol, nickname or abbreviation for the whole term.
    Symbol,
    /// Pinyin.
    Pinyin,
    /// First letters of pinyin.
    Initials,
    /// Pinyin with tones.
    Tones,
    /// Sounds that are nearly the same.
    Mistyped,
    /// Another character of the same sound.
    Homophone,
    /// Another character that looks alike.
    Glyph,
    /// Neighbours swapped.
    Swapped,
    /// Written backwards.
    Reversed,
    /// Written in columns.
    Columns,
    /// A digit for a numeral of Chinese, or the other way round.
    Numeral,
}

/// All steps, in their order.
pub const ALL: [Step; 22] = [
    Step::Style,
    Step::Mark,
    Step::Invisible,
    Step::Homoglyph,
    Step::Traditional,
    Step::Number,
    Step::Leet,
    Step::Repeat,
    Step::Separator,
    Step::Split,
    Step::Emoji,
    Step::Symbol,
    Step::Pinyin,
    Step::Initials,
    Step::Tones,
    Step::Mistyped,
    Step::Homophone,
    Step::Glyph,
    Step::Swapped,
    Step::Reversed,
    Step::Columns,
    Step::Numeral,
];

impl Step {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Step::Style => "style",
            Step::Mark => "mark",
            Step::Invisible => "invisible",
            Step::Homoglyph => "homoglyph",
            Step::Traditional => "traditional",
            Step::Number => "number",
            Step::Leet => "leet",
            Step::Repeat => "repeat",
            Step::Separator => "separator",
            Step::Split => "split",
            Step::Emoji => "emoji",
            Step::Symbol => "symbol",
            Step::Pinyin => "pinyin",
            Step::Initials => "initials",
            Step::Tones => "tones",
            Step::Mistyped => "mistyped",
            Step::Homophone => "homophone",
            Step::Glyph => "glyph",
            Step::Swapped => "swapped",
            Step::Reversed => "reversed",
            Step::Columns => "columns",
            Step::Numeral => "numeral",
        }
    }
}

/// A set of steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Steps(u32);

impl Steps {
    /// No step.
    pub const NONE: Steps = Steps(0);

    /// One step.
    pub const fn of(step: Step) -> Steps {
        Steps(1 << step as u8)
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, step: Step) -> Steps {
        Steps(self.0 | 1 << step as u8)
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Steps) -> Steps {
        Steps(self.0 | other.0)
    }

    /// Whether a step is among them.
    pub const fn has(self, step: Step) -> bool {
        self.0 & (1 << step as u8) != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, in their order.
    pub fn each(self) -> impl Iterator<Item = Step> {
        ALL.into_iter().filter(move |step| self.has(*step))
    }
}
