//! Decision tables after DMN 1.x: whole numbers and texts, hit policies, and a declared domain for every input.
//!
//! Tables are constants: `build.rs` reads `policy/tables/*.csv`, proves what [`check`] can prove and writes Rust. Build
//! scripts use this very crate, so that what is proved is what runs; it names nothing but `std`.
//!
//! Differences from DMN, each for money: numbers are `i64` (fen, grams, hours), a value outside an input's declared
//! domain is an error and not "no hit", and sums are checked.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::string_slice, reason = "tests may fail by panicking"))]

pub mod amount;
mod cell;
pub mod check;
pub mod compare;
pub mod read;
mod region;

use std::fmt;

use amount::Amount;

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
    pub outputs: &'static [Output],
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
pub enum Output {
    /// A number.
    Int(i64),
    /// A text.
    Text(&'static str),
}

/// A value of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number.
    Int(i64),
    /// A text.
    Text(&'a str),
}

/// What a table says of a case: the rules that hit, at least one, and the outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hits {
    first: &'static Rule,
    more: Vec<&'static Rule>,
    aggregate: Option<Vec<Output>>,
}

impl Hits {
    /// The rule that decided; of a collecting policy, the first that hit.
    pub fn rule(&self) -> &'static Rule {
        self.first
    }

    /// The rules that decided, in table order.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> + '_ {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    /// The outputs: of the rule that decided, or the aggregates. Of `Collect`, each of [`Hits::rules`] has its own.
    pub fn outputs(&self) -> &[Output] {
        self.aggregate.as_deref().unwrap_or(self.first.outputs)
    }

    /// The number in an output column.
    pub fn int(&self, column: usize) -> Option<i64> {
        match self.outputs().get(column) {
            Some(Output::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// The text in an output column.
    pub fn text(&self, column: usize) -> Option<&'static str> {
        match self.outputs().get(column) {
            Some(Output::Text(value)) => Some(value),
            _ => None,
        }
    }
}

/// Why a table cannot say anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// More or fewer inputs than columns.
    WrongInputs,
    /// A number for a column of texts, or the other way round.
    WrongKind {
        /// The column.
        input: &'static str,
    },
    /// A value outside the column's domain.
    OutsideDomain {
        /// The column.
        input: &'static str,
    },
    /// Two rules of a `Unique` table hit, or two of an `Any` table say different things.
    Conflict {
        /// One rule.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// A sum that is no `i64`, or an aggregate of texts.
    NoAggregate {
        /// The output column.
        output: &'static str,
    },
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongInputs => f.write_str("not one value an input column"),
            Self::WrongKind { input } => write!(f, "{input}: not the column's kind of value"),
            Self::OutsideDomain { input } => write!(f, "{input}: outside the column's domain"),
            Self::Conflict { first, second } => write!(f, "rules {first} and {second} both hit"),
            Self::NoAggregate { output } => write!(f, "{output}: cannot be aggregated"),
        }
    }
}

impl std::error::Error for EvalError {}

/// An input as the tests look at it.
#[derive(Clone, Copy)]
enum Key {
    Int(i64),
    Bit(u64),
}

impl Table {
    /// What the table says of a case; `None` if no rule hits. One value an input column, in the columns' order.
    pub fn evaluate(&self, inputs: &[Value<'_>]) -> Result<Option<Hits>, EvalError> {
        let keys = self.keys(inputs)?;
        let keys = keys.get(..self.inputs.len()).ok_or(EvalError::WrongInputs)?;
        let mut hits = self.rules.iter().filter(|rule| rule.hits(keys));
        let Some(first) = hits.next() else { return Ok(None) };
        let mut outcome = Hits { first, more: Vec::new(), aggregate: None };
        match self.policy {
            HitPolicy::First => {}
            HitPolicy::Unique => {
                if let Some(second) = hits.next() {
                    return Err(EvalError::Conflict { first: first.id, second: second.id });
                }
            }
            HitPolicy::Any => {
                outcome.more = hits.collect();
                if let Some(other) = outcome.more.iter().find(|rule| rule.outputs != first.outputs) {
                    return Err(EvalError::Conflict { first: first.id, second: other.id });
                }
            }
            _ => {
                outcome.more = hits.collect();
                outcome.aggregate = self.aggregate(&outcome)?;
            }
        }
        Ok(Some(outcome))
    }

    /// The amount of money that an outcome of these inputs comes to, fen. `None` if the table has no amount, or if it
    /// is no `i64`.
    pub fn amount(&self, inputs: &[Value<'_>], outcome: &Hits) -> Option<i64> {
        let amount = self.amount?;
        let moving = match amount.input().and_then(|column| inputs.get(column)) {
            Some(Value::Int(value)) => *value,
            _ => 0,
        };
        amount.of(moving, outcome.outputs())
    }

    fn keys(&self, inputs: &[Value<'_>]) -> Result<[Key; MAX_INPUTS], EvalError> {
        let mut keys = [Key::Bit(0); MAX_INPUTS];
        if inputs.len() != self.inputs.len() || inputs.len() > MAX_INPUTS {
            return Err(EvalError::WrongInputs);
        }
        for ((column, value), key) in self.inputs.iter().zip(inputs).zip(keys.iter_mut()) {
            *key = column.key(*value)?;
        }
        Ok(keys)
    }

    fn aggregate(&self, outcome: &Hits) -> Result<Option<Vec<Output>>, EvalError> {
        let fold: fn(i64, i64) -> Option<i64> = match self.policy {
            HitPolicy::CollectSum => i64::checked_add,
            HitPolicy::CollectMin => |a, b| Some(a.min(b)),
            HitPolicy::CollectMax => |a, b| Some(a.max(b)),
            HitPolicy::CollectCount => {
                let count = i64::try_from(outcome.more.len().saturating_add(1)).unwrap_or(i64::MAX);
                return Ok(Some(vec![Output::Int(count)]));
            }
            _ => return Ok(None),
        };
        let mut all = Vec::with_capacity(self.outputs.len());
        for (index, column) in self.outputs.iter().enumerate() {
            let wrong = EvalError::NoAggregate { output: column.name };
            let mut total = None;
            for rule in outcome.rules() {
                let Some(Output::Int(value)) = rule.outputs.get(index) else { return Err(wrong) };
                total = Some(total.map_or(Some(*value), |so_far| fold(so_far, *value)).ok_or(wrong)?);
            }
            all.push(Output::Int(total.ok_or(wrong)?));
        }
        Ok(Some(all))
    }
}

impl Column {
    fn key(&self, value: Value<'_>) -> Result<Key, EvalError> {
        let outside = EvalError::OutsideDomain { input: self.name };
        match (self.domain, value) {
            (Domain::Ints(domain), Value::Int(value)) => {
                if domain.contains(value) {
                    Ok(Key::Int(value))
                } else {
                    Err(outside)
                }
            }
            (Domain::Texts(texts), Value::Text(value)) => {
                let place = texts.iter().position(|text| *text == value).ok_or(outside)?;
                let bit = u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place));
                bit.map(Key::Bit).ok_or(outside)
            }
            _ => Err(EvalError::WrongKind { input: self.name }),
        }
    }
}

impl Rule {
    fn hits(&self, keys: &[Key]) -> bool {
        self.tests.iter().zip(keys).all(|(test, key)| match (test, key) {
            (Test::Any, _) => true,
            (Test::Ints(intervals), Key::Int(value)) => intervals.iter().any(|interval| interval.contains(*value)),
            (Test::Texts(mask), Key::Bit(bit)) => mask & bit != 0,
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests;
