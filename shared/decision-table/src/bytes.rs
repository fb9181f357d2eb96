//! A table as bytes: the layout that [`super::TableView`] reads in place. Integers are little-endian; a text is its length
//! (2 bytes) and UTF-8.
//!
//! ```text
//! "VDT1" title source policy amount
//! inputs:  count (1), each: name, 0 low high (8 each) | 1 count (1) texts
//! outputs: count (1), each: name, whether of texts (1)
//! rules:   count (4), each: length of the rest (4), line (4), id, tests, outputs
//! test:    0 | 1 count (2) low high … | 2 mask (8)        output: 0 number (8) | 1 text
//! ```

use super::amount::Amount;
use super::{Domain, HitPolicy, Output, Rule, Table, Test};

/// What a table's bytes begin with.
pub(super) const MAGIC: &[u8; 4] = b"VDT1";

/// Hit policies, in the order of their codes.
pub(super) const POLICIES: [HitPolicy; 8] = [
    HitPolicy::Unique,
    HitPolicy::First,
    HitPolicy::Any,
    HitPolicy::Collect,
    HitPolicy::CollectSum,
    HitPolicy::CollectMin,
    HitPolicy::CollectMax,
    HitPolicy::CollectCount,
];

/// The place of a column that a formula does without.
pub(super) const NO_COLUMN: u8 = u8::MAX;

impl Table {
    /// The table as bytes. What only the proofs look at (the cap, the column in which amounts may not fall) is not in them.
    ///
    /// `None` if a text, a list or the whole is longer than its length can say.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut out = Writer(MAGIC.to_vec());
        out.text(self.title)?;
        out.text(self.source)?;
        let policy = POLICIES.iter().position(|policy| *policy == self.policy)?;
        out.byte(policy)?;
        out.amount(self.amount)?;
        out.byte(self.inputs.len())?;
        for column in self.inputs {
            out.text(column.name)?;
            match column.domain {
                Domain::Ints(interval) => {
                    out.byte(0)?;
                    out.numbers([interval.low, interval.high]);
                }
                Domain::Texts(texts) => {
                    out.byte(1)?;
                    out.byte(texts.len())?;
                    texts.iter().try_for_each(|text| out.text(text))?;
                }
            }
        }
        out.byte(self.outputs.len())?;
        for column in self.outputs {
            out.text(column.name)?;
            out.byte(column.text.into())?;
        }
        out.long(self.rules.len())?;
        for rule in self.rules {
            let bytes = rule_bytes(rule)?;
            out.long(bytes.len())?;
            out.0.extend(bytes);
        }
        Some(out.0)
    }
}

fn rule_bytes(rule: &Rule) -> Option<Vec<u8>> {
    let mut out = Writer(rule.line.to_le_bytes().to_vec());
    out.text(rule.id)?;
    for test in rule.tests {
        match test {
            Test::Any => out.byte(0)?,
            Test::Ints(intervals) => {
                out.byte(1)?;
                out.0.extend(u16::try_from(intervals.len()).ok()?.to_le_bytes());
                intervals.iter().for_each(|interval| out.numbers([interval.low, interval.high]));
            }
            Test::Texts(mask) => {
                out.byte(2)?;
                out.0.extend(mask.to_le_bytes());
            }
        }
    }
    for output in rule.outputs {
        match output {
            Output::Int(value) => {
                out.byte(0)?;
                out.numbers([*value]);
            }
            Output::Text(text) => {
                out.byte(1)?;
                out.text(text)?;
            }
        }
    }
    Some(out.0)
}

struct Writer(Vec<u8>);

impl Writer {
    fn byte(&mut self, value: usize) -> Option<()> {
        self.0.push(u8::try_from(value).ok()?);
        Some(())
    }

    fn long(&mut self, value: usize) -> Option<()> {
        self.0.extend(u32::try_from(value).ok()?.to_le_bytes());
        Some(())
    }

    fn text(&mut self, text: &str) -> Option<()> {
        self.0.extend(u16::try_from(text.len()).ok()?.to_le_bytes());
        self.0.extend(text.as_bytes());
        Some(())
    }

    fn numbers<const N: usize>(&mut self, values: [i64; N]) {
        values.iter().for_each(|value| self.0.extend(value.to_le_bytes()));
    }

    fn amount(&mut self, amount: Option<Amount>) -> Option<()> {
        let none = usize::from(NO_COLUMN);
        match amount {
            None => self.byte(0),
            Some(Amount::Output { output }) => self.columns(1, &[output]),
            Some(Amount::FirstAndContinued { weight, first, next, most }) => {
                self.columns(2, &[weight, first, next, most.unwrap_or(none)])
            }
            Some(Amount::Share { paid, fixed, permille, least, most }) => {
                self.columns(3, &[paid, fixed, permille, least, most])
            }
        }
    }

    fn columns(&mut self, formula: usize, columns: &[usize]) -> Option<()> {
        self.byte(formula)?;
        columns.iter().try_for_each(|column| self.byte(*column))
    }
}
