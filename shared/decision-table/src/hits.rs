//! What a table says of a case, and why it cannot say anything.

use std::fmt;

use super::{Output, RuleView};

/// What a table says of a case: the rules that hit, at least one, and the outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hits<'a> {
    pub(super) first: RuleView<'a>,
    pub(super) more: Vec<RuleView<'a>>,
    pub(super) outputs: Vec<Output<'a>>,
}

impl<'a> Hits<'a> {
    /// The rule that decided; of a collecting policy, the first that hit.
    pub fn rule(&self) -> RuleView<'a> {
        self.first
    }

    /// The rules that decided, in table order.
    pub fn rules(&self) -> impl Iterator<Item = RuleView<'a>> + '_ {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    /// The outputs: of the rule that decided, or the aggregates. Of `Collect`, each of [`Hits::rules`] has its own.
    pub fn outputs(&self) -> &[Output<'a>] {
        &self.outputs
    }

    /// The number in an output column.
    pub fn int(&self, column: usize) -> Option<i64> {
        match self.outputs.get(column) {
            Some(Output::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// The text in an output column.
    pub fn text(&self, column: usize) -> Option<&'a str> {
        match self.outputs.get(column) {
            Some(Output::Text(value)) => Some(value),
            _ => None,
        }
    }
}

/// Why a table cannot say anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalError<'a> {
    /// More or fewer inputs than columns.
    WrongInputs,
    /// A number for a column of texts, or the other way round.
    WrongKind {
        /// The column.
        input: &'a str,
    },
    /// A value outside the column's domain.
    OutsideDomain {
        /// The column.
        input: &'a str,
    },
    /// Two rules of a `Unique` table hit, or two of an `Any` table say different things.
    Conflict {
        /// One rule.
        first: &'a str,
        /// The other.
        second: &'a str,
    },
    /// A sum that is no `i64`, or an aggregate of texts.
    NoAggregate {
        /// The output column.
        output: &'a str,
    },
    /// Its bytes are no table; [`super::TableView::check`] finds it before.
    Malformed,
}

impl fmt::Display for EvalError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongInputs => f.write_str("not one value an input column"),
            Self::WrongKind { input } => write!(f, "{input}: not the column's kind of value"),
            Self::OutsideDomain { input } => write!(f, "{input}: outside the column's domain"),
            Self::Conflict { first, second } => write!(f, "rules {first} and {second} both hit"),
            Self::NoAggregate { output } => write!(f, "{output}: cannot be aggregated"),
            Self::Malformed => f.write_str("the bytes are no table"),
        }
    }
}

impl std::error::Error for EvalError<'_> {}
