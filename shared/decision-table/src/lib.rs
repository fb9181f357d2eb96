//! Decision tables after DMN 1.x: whole numbers and texts, hit policies, and a declared domain for every input.
//!
//! A table is read from CSV ([`read`]), proved ([`check`], [`compare`]) and written as bytes ([`Table::to_bytes`]) by an
//! operator's tools; functions evaluate those bytes in place ([`TableView`]). Both are this crate, so that what is proved is
//! what runs; it names nothing but `std`.
//!
//! Differences from DMN, each for money: numbers are `i64` (fen, grams, hours), a value outside an input's declared
//! domain is an error and not "no hit", and sums are checked.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod amount;
mod bytes;
mod cell;
pub mod check;
pub mod compare;
mod hits;
pub mod read;
mod region;
mod view;

use amount::Amount;

pub use hits::{EvalError, Hits};
pub use view::{ColumnView, DomainView, Malformed, RuleView, TableView, TestView};

/// Most input columns of a table.
pub const MAX_INPUTS: usize = 8;
/// Most texts in a column's domain: a test is a bit mask over them.
pub const MAX_TEXTS: usize = 64;

/// A decision table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The table's name: its file's, without edition.
    pub name: &'static str,
    /// What it decides, for people.
    pub title: &'static str,
    /// Where its figures come from.
    pub source: &'static str,
    /// First day it is in force, `YYYY-MM-DD`, China Standard Time.
    pub effective_from: &'static str,
    /// Whether its figures have a public source.
    pub status: Status,
    /// Which of the rules that hit decide.
    pub policy: HitPolicy,
    /// Input columns, 1 to [`MAX_INPUTS`].
    pub inputs: &'static [Column],
    /// Output columns, 1 or more.
    pub outputs: &'static [OutputColumn],
    /// Rules, in the file's order.
    pub rules: &'static [Rule],
    /// How an amount of money comes from the outputs.
    pub amount: Option<Amount>,
    /// No amount is above this, fen.
    pub cap: Option<i64>,
    /// The input column in which the amount never falls.
    pub monotone: Option<usize>,
}

/// Whether a table's figures have a public source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// They are made up, in a plausible size.
    Example,
    /// The table's `source` says where they are from.
    Sourced,
}

/// Which of the rules that hit decide (DMN 1.3, 8.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitPolicy {
    /// `U`: at most one rule hits; two are an error.
    Unique,
    /// `F`: the first in table order.
    First,
    /// `A`: any, for all that hit say the same; otherwise it is an error.
    Any,
    /// `C`: all, in table order.
    Collect,
    /// `C+`: the sum of each output over all.
    CollectSum,
    /// `C<`: the least of each output.
    CollectMin,
    /// `C>`: the greatest of each output.
    CollectMax,
    /// `C#`: how many hit.
    CollectCount,
}

impl HitPolicy {
    /// Whether a case without a hit is a gap in the table. Of collecting policies it is a plain answer: nothing.
    pub fn wants_a_hit(self) -> bool {
        matches!(self, Self::Unique | Self::First | Self::Any)
    }
}

/// An input column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// The values that it can have.
    pub domain: Domain,
}

/// The values that an input can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Whole numbers, both ends included.
    Ints(Interval),
    /// These texts, 1 to [`MAX_TEXTS`].
    Texts(&'static [&'static str]),
}

/// Whole numbers from `low` to `high`, both included. Open ends of the notation have been turned into closed ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// The least.
    pub low: i64,
    /// The greatest; not below `low`.
    pub high: i64,
}

impl Interval {
    /// Whether a number lies in it.
    pub fn contains(self, value: i64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// An output column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name.
    pub name: &'static str,
    /// Whether its values are texts.
    pub text: bool,
}

/// One rule: a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, unique in the table; what a decision's trace says.
    pub id: &'static str,
    /// The line of the file that it stands in.
    pub line: u32,
    /// One test an input column.
    pub tests: &'static [Test],
    /// One value an output column.
    pub outputs: &'static [Output<'static>],
}

/// What a rule asks of one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `-`: nothing.
    Any,
    /// To lie in one of these.
    Ints(&'static [Interval]),
    /// To be one of these texts: a bit for each text of the column's domain, the first text's lowest.
    Texts(u64),
}

/// A value of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output<'a> {
    /// A number.
    Int(i64),
    /// A text.
    Text(&'a str),
}

/// A value of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number.
    Int(i64),
    /// A text.
    Text(&'a str),
}

#[cfg(test)]
mod tests;
