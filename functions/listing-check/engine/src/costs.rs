//! What steps cost, and what speaks for a term and against it: quarter bits, all of them.

macro_rules! costs {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:literal;)+) => {
        /// Costs of steps, and weights of evidence, in quarter bits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Costs {
            $($(#[doc = $doc])+ pub $name: i32,)+
        }

        impl Costs {
            /// What is set where nobody says otherwise: found on `tests/listing/rows`.
            pub const DEFAULT: Costs = Costs { $($name: $value,)+ };
            /// Names of all costs, in their order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)+];

            /// The cost of a name.
            pub fn by_name(&mut self, name: &str) -> Option<&mut i32> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)+
                    _ => None,
                }
            }
        }

        impl Default for Costs {
            fn default() -> Costs {
                Costs::DEFAULT
            }
        }
    };
}

impl Costs {
    /// What a character costs for another that it looks like, so many per cent.
    #[inline]
    pub(crate) fn like(&self, likeness: u16) -> i32 {
        self.glyph + (100 - i32::from(likeness.min(100))) * self.glyph_slope / 100
    }

    /// What a character costs for another, by its usual sound, or by one of the others.
    #[inline]
    pub(crate) fn sounds_like(&self, number: usize) -> i32 {
        self.homophone + if number == 0 { 0 } else { self.second_sound }
    }
}

costs! {
    /// Another character of the same sound.
    homophone = 36;
    /// A character by a sound that is not its usual one.
    second_sound = 9;
    /// A sound that is nearly the same.
    near = 3;
    /// A look-alike that looks all alike.
    glyph = 7;
    /// What each hundredth less of likeness costs, in hundredths.
    glyph_slope = 46;
    /// A character taken apart.
    split = 12;
    /// A syllable in letters.
    pinyin = 4;
    /// A first letter; and one that follows another.
    initial = 10;
    /// One that follows another.
    initial_again = 6;
    /// An emoji by what it shows.
    emoji = 4;
    /// More for one character out of several of its name.
    emoji_part = 17;
    /// An emoji by how its name sounds.
    emoji_sound = 31;
    /// A digit or sign for a letter.
    leet = 4;
    /// A digit for a numeral of Chinese, or the other way round.
    numeral = 5;
    /// Another Latin letter that sounds alike.
    typo = 18;
    /// The same sign in between again.
    gap_again = 2;
    /// A space in between.
    gap_space = 6;
    /// A line's end in between.
    gap_line = 13;
    /// A sentence's end, or a comma, in between.
    gap_stop = 40;
    /// An enumeration comma in between.
    gap_comma = 24;
    /// A bracket in between.
    gap_bracket = 3;
    /// Any other sign in between.
    gap_sign = 4;
    /// An emoji, or a sign that may stand for a letter, in between.
    gap_symbol = 7;
    /// A digit in between.
    gap_digit = 24;
    /// The symbol before again.
    repeat = 15;
    /// And once more.
    repeat_again = 13;
    /// Words in brackets in between.
    aside = 8;
    /// Neighbours swapped.
    swapped = 14;
    /// A term written backwards.
    reversed = 14;
    /// Each sign between symbols in another order.
    order_gap = 6;
    /// A term by its first letters alone.
    initials = 14;
    /// Each sign between first letters.
    initials_gap = 2;
    /// What another name costs, besides what its list says.
    alias = 22;
    /// The most that a term is taken to cost as Chinese, where it is not there as it is.
    prior = 73;
    /// The same where signs alone are in between.
    prior_apart = 54;
    /// A character beside first letters that says what is done with the thing.
    beside = 9;
    /// A word of offers near by.
    leading = 58;
    /// A word near by that says in which order to read.
    order_cue = 25;
    /// Letters of a name: the first, or each, a capital.
    capital = 2;
    /// First letters, all of them capitals.
    capitals = 68;
    /// Another name in capitals.
    alias_capitals = 6;
    /// A number behind another name, as models are written.
    alias_number = 24;
    /// Two symbols that are both something else, each in its own way.
    two_ways = 14;
    /// Two symbols that are both of the same sound alone.
    two_sounds = 12;
    /// Three and more symbols, none of which is there as it is.
    none_left = 8;
    /// Letters that go on before or behind.
    joined = 69;
    /// Each symbol beyond two of a term that is read otherwise.
    longer = 4;
    /// A run of letters that is the pinyin of a term and nothing else.
    whole_run = 13;
    /// Traditional forms within a text that has none near by.
    old_form = 49;
    /// Invisible characters or marks within.
    hidden = 27;
    /// Letters of another script within.
    foreign = 78;
    /// How near a way through must come that cuts the term, for the term to be in doubt.
    cut = 41;
    /// By how much a way that cuts a term of three and more symbols must at least be cheaper, for the term to be in doubt.
    cut_weak = 8;
    /// From which cost on a character beside a word leaves the word in doubt.
    lonely = 52;
}
