//! What is wrong with a value, where, and the words for it.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use crate::lang::Text;
use crate::problem::{Kind, Problem, text};

/// One thing that is wrong with a value of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: names and places, the innermost first.
    path: Vec<String>,
    /// What.
    pub wrong: Wrong,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is no member of this name.
    UnknownMember,
    /// A member is missing.
    MissingMember,
    /// A text that is none of those allowed.
    UnknownValue(&'static [&'static str]),
    /// A value of another type.
    Type {
        /// What is wanted.
        wanted: Found,
        /// What is there.
        found: Found,
    },
    /// An integer outside of its range.
    Range {
        /// The least.
        from: i128,
        /// The greatest.
        to: i128,
    },
    /// An array of another length; how many items are wanted is known to the type alone.
    Length,
    /// A value that the type refuses for a reason of its own.
    Value,
    /// A member occurs twice.
    Twice,
    /// An escape of one half of a character: a surrogate without the other.
    HalfCharacter,
    /// A number that no machine holds.
    Endless,
}

/// The types of JSON in our subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean,
    /// An integer.
    Integer,
    /// A number that is none, or beyond 64 bits.
    Number,
    /// A text.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Fault {
    /// A fault of the value that is being read.
    pub fn here(wrong: Wrong) -> Fault {
        Fault { path: Vec::new(), wrong }
    }

    /// A fault of a member of the value that is being read.
    pub fn of(member: &str, wrong: Wrong) -> Fault {
        Fault::here(wrong).within(member)
    }

    /// The same, seen from the value that holds this one as a member or item.
    pub(super) fn within(mut self, token: impl Into<String>) -> Fault {
        self.path.push(token.into());
        self
    }

    /// RFC 6901.
    pub fn pointer(&self) -> String {
        let mut out = String::new();
        for token in self.path.iter().rev() {
            out.push('/');
            out.push_str(&token.replace('~', "~0").replace('/', "~1"));
        }
        out
    }

    /// A stable name, in kebab case.
    pub const fn code(&self) -> &'static str {
        match self.wrong {
            Wrong::UnknownMember => "unknown-member",
            Wrong::MissingMember => "missing-member",
            Wrong::UnknownValue(_) => "unknown-value",
            Wrong::Type { .. } => "wrong-type",
            Wrong::Range { .. } => "out-of-range",
            Wrong::Length => "wrong-length",
            Wrong::Value => "bad-value",
            Wrong::Twice => "duplicate-member",
            Wrong::HalfCharacter => "lone-surrogate",
            Wrong::Endless => "number-too-large",
        }
    }

    /// Why, for a person.
    pub fn words(&self) -> Text {
        match &self.wrong {
            Wrong::UnknownMember => text("没有这个字段。", "There is no such member."),
            Wrong::MissingMember => text("缺少这个字段。", "This member is missing."),
            Wrong::UnknownValue(allowed) => text(
                format!("这个值不在允许的取值之中：{}。", allowed.join("、")),
                format!("This value is none of those allowed: {}.", allowed.join(", ")),
            ),
            Wrong::Type { wanted, found } => text(
                format!("这个值的类型不对：应为{}，而不是{}。", wanted.zh(), found.zh()),
                format!("This value has the wrong type: {} is wanted, not {}.", wanted.en(), found.en()),
            ),
            Wrong::Range { from, to } => text(
                format!("这个整数须在 {from} 至 {to} 之间。"),
                format!("This integer lies between {from} and {to}."),
            ),
            Wrong::Length => text("这个数组的项数不对。", "This array has another number of items than is wanted."),
            Wrong::Value => text("不接受这个值。", "This value is not accepted."),
            Wrong::Twice => text("同一字段出现了两次。", "A member occurs twice."),
            Wrong::HalfCharacter => text(
                "转义序列只有代理对的一半，不是字符。",
                "An escape sequence has half of a surrogate pair, which is no character.",
            ),
            Wrong::Endless => text("数值过大。", "The number is too large."),
        }
    }

    /// As the one fault of a problem.
    pub fn problem(&self, kind: &'static Kind) -> Problem {
        let words = self.words();
        Problem::new(kind, words.clone()).field(self.pointer(), self.code(), words)
    }
}

impl Found {
    fn zh(self) -> &'static str {
        match self {
            Found::Null => "空值",
            Found::Boolean => "布尔值",
            Found::Integer => "整数",
            Found::Number => "小数或过大的数",
            Found::Text => "文本",
            Found::Array => "数组",
            Found::Object => "对象",
        }
    }

    fn en(self) -> &'static str {
        match self {
            Found::Null => "null",
            Found::Boolean => "a boolean",
            Found::Integer => "an integer",
            Found::Number => "a fraction or a number that is too large",
            Found::Text => "a text",
            Found::Array => "an array",
            Found::Object => "an object",
        }
    }
}

/// For a log; people are shown [`Fault::words`].
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer(), self.code())
    }
}

impl std::error::Error for Fault {}

/// What serde's derived code says, as kinds. Its sentences are dropped.
impl Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Fault {
        Fault::here(Wrong::Value)
    }

    // [`super::read::At`] compares types itself; these come from a type's own hand-written visitor.
    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Fault {
        Fault::here(Wrong::Value)
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Fault {
        Fault::here(Wrong::Value)
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Fault {
        Fault::here(Wrong::Length)
    }

    fn unknown_variant(_: &str, allowed: &'static [&'static str]) -> Fault {
        Fault::here(Wrong::UnknownValue(allowed))
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Fault {
        Fault::of(name, Wrong::UnknownMember)
    }

    fn missing_field(name: &'static str) -> Fault {
        Fault::of(name, Wrong::MissingMember)
    }
}
