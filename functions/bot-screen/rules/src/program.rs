//! Rules in their bytes, and whether one of them holds.
//!
//! ```text
//! magic     4 bytes, "VSR2"
//! counts    u32 each, little-endian: rules, ops, values
//! rules     16 bytes each: first op u32, ops u16, weight i16, label u32 (a value, or NONE), flags u8, 3 unused
//! ops       8 bytes each: kind u8, signal u8, count of values u16, first value u32
//! values    8 bytes each: begin u32 and length u32 of a text in the pool; of a number, the number
//! pool      texts
//! ```

use crate::signal::{Facts, Signal, Value};

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VSR2";
/// The most rules.
pub const MOST_RULES: usize = 20_000;
/// The most steps of one expression.
pub const MOST_OPS: usize = 64;
/// The most values of one list.
pub const MOST_LIST: usize = 200;
/// No label.
pub const NONE: u32 = u32::MAX;
/// The flag of a shadow.
pub const SHADOW: u8 = 1;

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Nobody can tell.
    Unknown,
}

impl Truth {
    const fn of(holds: bool) -> Truth {
        if holds { Truth::Yes } else { Truth::No }
    }

    const fn not(self) -> Truth {
        match self {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        }
    }

    const fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Yes, Truth::Yes) => Truth::Yes,
            _ => Truth::Unknown,
        }
    }

    const fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }
}

/// A step of an expression: operands first, then what joins them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The last two both hold.
    And,
    /// One of the last two holds.
    Or,
    /// The last does not hold.
    Not,
    /// A signal is known.
    Known,
    /// A header field is there: its name is the value.
    HasHeader,
    /// A label was given: its name is the value.
    Label,
    /// A flag is set.
    Is,
    /// A text or number is one of the values.
    In,
    /// A text begins with one of the values.
    StartsWith,
    /// A text ends with one of them.
    EndsWith,
    /// A text contains one of them.
    Contains,
    /// A number is less than the value.
    Less,
    /// A number is more than the value.
    More,
    /// A header field is one of the values; the first value is its name.
    HeaderIn,
    /// A header field begins with one of the values; the first value is its name.
    HeaderStarts,
    /// A header field contains one of the values; the first value is its name.
    HeaderContains,
    /// A header field stood before another: their names are the values.
    Before,
}

impl Kind {
    /// All of them, in their order.
    pub const ALL: [Kind; 17] = [
        Kind::And,
        Kind::Or,
        Kind::Not,
        Kind::Known,
        Kind::HasHeader,
        Kind::Label,
        Kind::Is,
        Kind::In,
        Kind::StartsWith,
        Kind::EndsWith,
        Kind::Contains,
        Kind::Less,
        Kind::More,
        Kind::HeaderIn,
        Kind::HeaderStarts,
        Kind::HeaderContains,
        Kind::Before,
    ];
}

/// A rule that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match<'p> {
    /// Its number among all rules.
    pub rule: usize,
    /// Its weight.
    pub weight: i16,
    /// The label that it gave.
    pub label: Option<&'p str>,
    /// Whether it is only told.
    pub shadow: bool,
}

/// Rules in their bytes.
#[derive(Clone, Copy, Debug)]
pub struct Program<'p> {
    rules: &'p [[u8; 16]],
    ops: &'p [[u8; 8]],
    values: &'p [[u8; 8]],
    pool: &'p [u8],
}

impl<'p> Program<'p> {
    /// Opens rules; `None` if their bytes are too short for what they say, or there are too many.
    pub fn open(bytes: &'p [u8]) -> Option<Program<'p>> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (counts, rest) = rest.split_first_chunk::<12>()?;
        let mut counts = counts.as_chunks::<4>().0.iter().map(|count| u32::from_le_bytes(*count) as usize);
        let mut next = || counts.next().unwrap_or_default();
        let (rules, ops, values) = (next(), next(), next());
        if rules > MOST_RULES {
            return None;
        }
        let (rules, rest) = take::<16>(rest, rules)?;
        let (ops, rest) = take::<8>(rest, ops)?;
        let (values, pool) = take::<8>(rest, values)?;
        Some(Program { rules, ops, values, pool })
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The weight of the rule at a place of these; none of a shadow.
    pub(crate) fn weight(&self, place: usize) -> Option<i16> {
        let [_, _, _, _, _, _, w, x, _, _, _, _, flags, ..] = *self.rules.get(place)?;
        (flags & SHADOW == 0).then_some(i16::from_le_bytes([w, x]))
    }

    /// The rule at a place of these, whose number among all is told, if it matches. Labels that a rule gives are seen by
    /// those behind it; those that a shadow gives, by other shadows alone.
    pub(crate) fn one(
        &self,
        place: usize,
        number: usize,
        facts: &impl Facts,
        found: &[Match<'p>],
    ) -> Option<Match<'p>> {
        let [a, b, c, d, count_low, count_high, w, x, e, f, g, h, flags, ..] = *self.rules.get(place)?;
        let first = u32::from_le_bytes([a, b, c, d]) as usize;
        let count = usize::from(u16::from_le_bytes([count_low, count_high]));
        let shadow = flags & SHADOW != 0;
        let ops = self.ops.get(first..first.checked_add(count.min(MOST_OPS))?)?;
        let labels = |name: &str| found.iter().any(|one| one.label == Some(name) && (shadow || !one.shadow));
        if self.holds(ops, facts, labels) != Truth::Yes {
            return None;
        }
        let label = match u32::from_le_bytes([e, f, g, h]) {
            NONE => None,
            value => self.text(value as usize),
        };
        Some(Match { rule: number, weight: i16::from_le_bytes([w, x]), label, shadow })
    }

    fn holds(&self, ops: &[[u8; 8]], facts: &impl Facts, labels: impl Fn(&str) -> bool) -> Truth {
        let mut stack = Stack::new();
        for [kind, signal, low, high, a, b, c, d] in ops {
            let Some(kind) = Kind::ALL.get(usize::from(*kind)) else { return Truth::Unknown };
            let signal = || facts.signal(Signal::of_byte(*signal)?);
            let count = usize::from(u16::from_le_bytes([*low, *high])).min(MOST_LIST);
            let first = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            let behind = first.saturating_add(count);
            let name = || self.text(first).unwrap_or_default();
            let any = |from: usize, text: Option<&str>, fits: fn(&[u8], &[u8]) -> bool| {
                let values = || (first.saturating_add(from)..behind).filter_map(|value| self.bytes(value));
                text.map_or(Truth::Unknown, |text| Truth::of(values().any(|value| fits(text.as_bytes(), value))))
            };
            let text = || if let Some(Value::Text(text)) = signal() { Some(text) } else { None };
            let number = || if let Some(Value::Number(number)) = signal() { Some(number) } else { None };
            let than = |fits: fn(i64, i64) -> bool| match (number(), self.number(first)) {
                (Some(number), Some(value)) => Truth::of(fits(number, value)),
                _ => Truth::Unknown,
            };
            let mut pop = || stack.pop();
            let truth = match kind {
                Kind::And => pop().and(pop()),
                Kind::Or => pop().or(pop()),
                Kind::Not => pop().not(),
                Kind::Known => Truth::of(signal().is_some()),
                Kind::HasHeader => match facts.header(name()) {
                    None if !facts.knows_header(name()) => Truth::Unknown,
                    value => Truth::of(value.is_some()),
                },
                Kind::Label => Truth::of(labels(name())),
                Kind::Is => match signal() {
                    Some(Value::Flag(flag)) => Truth::of(flag),
                    _ => Truth::Unknown,
                },
                Kind::In => match signal() {
                    Some(Value::Number(number)) => {
                        Truth::of((first..behind).any(|value| self.number(value) == Some(number)))
                    }
                    _ => any(0, text(), |text, value| text == value),
                },
                Kind::StartsWith => any(0, text(), |text, value| text.starts_with(value)),
                Kind::EndsWith => any(0, text(), |text, value| text.ends_with(value)),
                Kind::Contains => any(0, text(), contains),
                Kind::Less => than(|number, value| number < value),
                Kind::More => than(|number, value| number > value),
                Kind::HeaderIn => any(1, facts.header(name()), |text, value| text == value),
                Kind::HeaderStarts => any(1, facts.header(name()), |text, value| text.starts_with(value)),
                Kind::HeaderContains => any(1, facts.header(name()), contains),
                Kind::Before => {
                    let other = self.text(first.saturating_add(1)).unwrap_or_default();
                    facts.before(name(), other).map_or(Truth::Unknown, Truth::of)
                }
            };
            stack.push(truth);
        }
        stack.pop()
    }

    fn text(&self, value: usize) -> Option<&'p str> {
        std::str::from_utf8(self.bytes(value)?).ok()
    }

    /// A text that is only compared, and need not be read as one.
    fn bytes(&self, value: usize) -> Option<&'p [u8]> {
        let [a, b, c, d, e, f, g, h] = *self.values.get(value)?;
        let begin = u32::from_le_bytes([a, b, c, d]) as usize;
        let end = begin.checked_add(u32::from_le_bytes([e, f, g, h]) as usize)?;
        self.pool.get(begin..end)
    }

    fn number(&self, value: usize) -> Option<i64> {
        self.values.get(value).map(|bytes| i64::from_le_bytes(*bytes))
    }
}

/// Whether a text contains another. Values are short and texts too: looking for the first byte costs less than what the
/// standard library prepares for each search.
fn contains(text: &[u8], value: &[u8]) -> bool {
    let mut rest = text;
    let Some((first, behind)) = value.split_first() else { return true };
    while let Some(place) = rest.iter().position(|byte| byte == first) {
        rest = rest.get(place.saturating_add(1)..).unwrap_or_default();
        if rest.starts_with(behind) {
            return true;
        }
    }
    false
}

/// The operands of an expression, in place: as many as it has steps at most.
struct Stack {
    slots: [Truth; MOST_OPS],
    used: usize,
}

impl Stack {
    const fn new() -> Stack {
        Stack { slots: [Truth::Unknown; MOST_OPS], used: 0 }
    }

    fn push(&mut self, truth: Truth) {
        if let Some(slot) = self.slots.get_mut(self.used) {
            *slot = truth;
            self.used = self.used.saturating_add(1);
        }
    }

    /// The last; unknown if there is none.
    fn pop(&mut self) -> Truth {
        self.used = self.used.saturating_sub(1);
        self.slots.get_mut(self.used).map_or(Truth::Unknown, |slot| std::mem::replace(slot, Truth::Unknown))
    }
}

/// The first so many entries, and what follows.
pub(crate) fn take<const N: usize>(bytes: &[u8], count: usize) -> Option<(&[[u8; N]], &[u8])> {
    let (entries, rest) = bytes.split_at_checked(count.checked_mul(N)?)?;
    Some((entries.as_chunks::<N>().0, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_stays_unknown() {
        use Truth::{No, Unknown, Yes};
        assert_eq!((Unknown.not(), Unknown.and(No), Unknown.and(Yes)), (Unknown, No, Unknown));
        assert_eq!((Unknown.or(Yes), Unknown.or(No), No.or(Yes), No.or(No)), (Yes, Unknown, Yes, No));
    }

    #[test]
    fn a_text_contains_what_the_standard_library_finds_in_it() {
        let texts = ["", "a", "ab", "aab", "abab", "baab", "茶ab", "a茶b", "aaaaab"];
        for text in texts {
            for value in texts {
                assert_eq!(contains(text.as_bytes(), value.as_bytes()), text.contains(value), "{text:?} {value:?}");
            }
        }
    }

    #[test]
    fn damaged_bytes_are_no_rules() {
        assert!(Program::open(b"").is_none());
        assert!(Program::open(b"VSR2").is_none());
        let mut bytes = MAGIC.to_vec();
        bytes.extend([0xFF; 20]);
        assert!(Program::open(&bytes).is_none());
        let none = [&MAGIC[..], &[0; 20]].concat();
        assert!(Program::open(&none).unwrap().is_empty());
    }
}
