//! A table, evaluated where its bytes lie: nothing is unpacked but the row that is being looked at.
//!
//! Total: whatever the bytes are, nothing outside of them is read and nothing panics. [`TableView::check`] looks at all of
//! it once; evaluation says [`EvalError::Malformed`] of what nobody has checked.

use super::amount::Amount;
use super::bytes::{MAGIC, NO_COLUMN, POLICIES};
use super::cell::bit;
use super::{EvalError, HitPolicy, Hits, Interval, MAX_INPUTS, Output, Value};

/// Bytes that are no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A table's bytes.
#[derive(Clone, Copy, Debug)]
pub struct TableView<'a> {
    /// What it decides, for people.
    pub title: &'a str,
    /// Where its figures come from.
    pub source: &'a str,
    /// Which of the rules that hit decide.
    pub policy: HitPolicy,
    /// How an amount of money comes from the outputs.
    pub amount: Option<Amount>,
    inputs: Counted<'a>,
    outputs: Counted<'a>,
    rules: Counted<'a>,
}

/// So many things, one behind the other.
#[derive(Clone, Copy, Debug)]
struct Counted<'a> {
    count: usize,
    bytes: Reader<'a>,
}

/// An input column.
#[derive(Clone, Copy, Debug)]
pub struct ColumnView<'a> {
    /// Its name.
    pub name: &'a str,
    /// The values that it can have.
    pub domain: DomainView<'a>,
}

/// The values that an input can have.
#[derive(Clone, Copy, Debug)]
pub enum DomainView<'a> {
    /// Whole numbers.
    Ints(Interval),
    /// Texts: [`DomainView::texts`].
    Texts(Texts<'a>),
}

/// The texts of a domain.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a>(Counted<'a>);

/// What a rule asks of an input, for people: evaluation does not make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestView<'a> {
    /// Nothing.
    Any,
    /// To lie in one of these.
    Ints(Vec<Interval>),
    /// To be one of these.
    Texts(Vec<&'a str>),
}

/// One rule: a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleView<'a> {
    /// Its name, unique in the table.
    pub id: &'a str,
    /// The line of the file that it stood in.
    pub line: u32,
    /// Its tests, then its outputs.
    cells: Reader<'a>,
}

/// An input as the tests look at it.
#[derive(Clone, Copy)]
enum Key {
    Int(i64),
    Bit(u64),
}

impl<'a> TableView<'a> {
    /// Of bytes.
    ///
    /// # Errors
    /// [`Malformed`] if what stands before the rules cannot be read.
    pub fn open(bytes: &'a [u8]) -> Result<TableView<'a>, Malformed> {
        Self::read(Reader(bytes)).ok_or(Malformed)
    }

    fn read(mut from: Reader<'a>) -> Option<TableView<'a>> {
        (from.take(MAGIC.len())? == MAGIC).then_some(())?;
        let (title, source) = (from.text()?, from.text()?);
        let policy = *POLICIES.get(usize::from(from.byte()?))?;
        let amount = from.amount()?;
        let inputs = Counted { count: from.byte()?.into(), bytes: from };
        (1..=MAX_INPUTS).contains(&inputs.count).then_some(())?;
        (0..inputs.count).try_for_each(|_| from.column().map(drop))?;
        let outputs = Counted { count: from.byte()?.into(), bytes: from };
        (0..outputs.count).try_for_each(|_| from.output_column().map(drop))?;
        let rules = Counted { count: usize::try_from(from.long()?).ok()?, bytes: from };
        Some(TableView { title, source, policy, amount, inputs, outputs, rules })
    }

    /// Looks at all of it: every rule has one readable test an input and one output of the column's kind an output.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn check(&self) -> Result<(), Malformed> {
        let sound = || {
            let mut from = self.rules.bytes;
            for _ in 0..self.rules.count {
                let mut cells = from.rule()?.cells;
                for column in self.inputs() {
                    cells.skip_test(Some(&column))?;
                }
                for (_, of_texts) in self.outputs() {
                    (matches!(cells.output()?, Output::Text(_)) == of_texts).then_some(())?;
                }
                cells.0.is_empty().then_some(())?;
            }
            from.0.is_empty().then_some(())
        };
        let columns = self.amount.is_none_or(|amount| {
            let input = amount.input().is_none_or(|column| column < self.inputs.count);
            input && amount.outputs().iter().all(|column| *column < self.outputs.count)
        });
        if columns { sound().ok_or(Malformed) } else { Err(Malformed) }
    }

    /// Input columns.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = ColumnView<'a>> + use<'a> {
        let mut from = self.inputs.bytes;
        // Read before, when the table was opened: none is missing.
        (0..self.inputs.count).map(move |_| from.column().unwrap_or(ColumnView::NONE))
    }

    /// Output columns: names, and whether their values are texts.
    pub fn outputs(&self) -> impl ExactSizeIterator<Item = (&'a str, bool)> + use<'a> {
        let mut from = self.outputs.bytes;
        (0..self.outputs.count).map(move |_| from.output_column().unwrap_or_default())
    }

    /// Rules, in the file's order.
    pub fn rules(&self) -> impl Iterator<Item = RuleView<'a>> + use<'a> {
        let mut from = self.rules.bytes;
        (0..self.rules.count).map_while(move |_| from.rule())
    }

    /// What the table says of a case; `None` if no rule hits. One value an input column, in the columns' order.
    ///
    /// # Errors
    /// [`EvalError`].
    pub fn evaluate(&self, inputs: &[Value<'_>]) -> Result<Option<Hits<'a>>, EvalError<'a>> {
        let keys = self.keys(inputs)?;
        let keys = keys.get(..self.inputs.count).ok_or(EvalError::WrongInputs)?;
        let mut hits: Vec<RuleView<'a>> = Vec::new();
        let mut from = self.rules.bytes;
        for _ in 0..self.rules.count {
            let rule = from.rule().ok_or(EvalError::Malformed)?;
            if rule.hits(keys).ok_or(EvalError::Malformed)? {
                match (self.policy, hits.first()) {
                    (HitPolicy::Unique, Some(first)) => {
                        return Err(EvalError::Conflict { first: first.id, second: rule.id });
                    }
                    (HitPolicy::Any, Some(first)) if self.outputs_of(*first)? != self.outputs_of(rule)? => {
                        return Err(EvalError::Conflict { first: first.id, second: rule.id });
                    }
                    _ => hits.push(rule),
                }
                if self.policy == HitPolicy::First {
                    break;
                }
            }
        }
        let Some(first) = hits.first().copied() else { return Ok(None) };
        let outputs = match self.aggregate(&hits)? {
            Some(aggregate) => aggregate,
            None => self.outputs_of(first)?,
        };
        hits.remove(0);
        Ok(Some(Hits { first, more: hits, outputs }))
    }

    /// The amount of money that an outcome of these inputs comes to, fen. `None` if the table has no amount, or if it
    /// is no `i64`.
    pub fn amount(&self, inputs: &[Value<'_>], outcome: &Hits<'_>) -> Option<i64> {
        let amount = self.amount?;
        let moving = match amount.input().and_then(|column| inputs.get(column)) {
            Some(Value::Int(value)) => *value,
            _ => 0,
        };
        amount.of(moving, outcome.outputs())
    }

    /// The outputs of one rule.
    ///
    /// # Errors
    /// [`EvalError::Malformed`].
    pub fn outputs_of(&self, rule: RuleView<'a>) -> Result<Vec<Output<'a>>, EvalError<'a>> {
        let mut cells = rule.cells;
        let tests = (0..self.inputs.count).try_for_each(|_| cells.skip_test(None));
        let outputs = tests.and_then(|()| (0..self.outputs.count).map(|_| cells.output()).collect());
        outputs.ok_or(EvalError::Malformed)
    }

    /// The tests of one rule as bytes: what two rules that hit in the same cases have in common.
    pub fn tests_of(&self, rule: RuleView<'a>) -> &'a [u8] {
        let mut cells = rule.cells;
        let all = (0..self.inputs.count).try_for_each(|_| cells.skip_test(None));
        let length = rule.cells.0.len().saturating_sub(cells.0.len());
        all.and_then(|()| rule.cells.0.get(..length)).unwrap_or_default()
    }

    /// What a rule asks of an input column.
    ///
    /// # Errors
    /// [`EvalError::Malformed`].
    pub fn test_of(&self, rule: RuleView<'a>, column: usize) -> Result<TestView<'a>, EvalError<'a>> {
        let mut cells = rule.cells;
        let domain = self.inputs().nth(column).map(|column| column.domain);
        let before = (0..column).try_for_each(|_| cells.skip_test(None));
        let test = before.and_then(|()| match (cells.byte()?, domain?) {
            (0, _) => Some(TestView::Any),
            (1, DomainView::Ints(_)) => {
                let (pairs, _) = cells.intervals()?.as_chunks::<16>();
                Some(TestView::Ints(pairs.iter().map(|pair| interval(*pair)).collect()))
            }
            (2, DomainView::Texts(texts)) => {
                let mask = cells.word()?;
                let taken = |(place, text): (usize, &'a str)| bit(place).filter(|bit| mask & bit != 0).map(|_| text);
                Some(TestView::Texts(texts.iter().enumerate().filter_map(taken).collect()))
            }
            _ => None,
        });
        test.ok_or(EvalError::Malformed)
    }

    fn keys(&self, inputs: &[Value<'_>]) -> Result<[Key; MAX_INPUTS], EvalError<'a>> {
        let mut keys = [Key::Bit(0); MAX_INPUTS];
        if inputs.len() != self.inputs.count || inputs.len() > MAX_INPUTS {
            return Err(EvalError::WrongInputs);
        }
        for ((column, value), key) in self.inputs().zip(inputs).zip(keys.iter_mut()) {
            *key = column.key(*value)?;
        }
        Ok(keys)
    }

    fn aggregate(&self, hits: &[RuleView<'a>]) -> Result<Option<Vec<Output<'a>>>, EvalError<'a>> {
        let fold: fn(i64, i64) -> Option<i64> = match self.policy {
            HitPolicy::CollectSum => i64::checked_add,
            HitPolicy::CollectMin => |a, b| Some(a.min(b)),
            HitPolicy::CollectMax => |a, b| Some(a.max(b)),
            HitPolicy::CollectCount => {
                return Ok(Some(vec![Output::Int(i64::try_from(hits.len()).unwrap_or(i64::MAX))]));
            }
            _ => return Ok(None),
        };
        let rows = hits.iter().map(|rule| self.outputs_of(*rule)).collect::<Result<Vec<_>, _>>()?;
        let total = |(index, (output, _)): (usize, (&'a str, bool))| {
            let total = rows.iter().try_fold(None, |total: Option<i64>, row| match (total, row.get(index)) {
                (None, Some(Output::Int(value))) => Some(Some(*value)),
                (Some(total), Some(Output::Int(value))) => fold(total, *value).map(Some),
                _ => None,
            });
            total.flatten().map(Output::Int).ok_or(EvalError::NoAggregate { output })
        };
        self.outputs().enumerate().map(total).collect::<Result<Vec<_>, _>>().map(Some)
    }
}

impl<'a> ColumnView<'a> {
    const NONE: ColumnView<'static> = ColumnView { name: "", domain: DomainView::Ints(Interval { low: 0, high: -1 }) };

    fn key(&self, value: Value<'_>) -> Result<Key, EvalError<'a>> {
        let outside = EvalError::OutsideDomain { input: self.name };
        match (self.domain, value) {
            (DomainView::Ints(domain), Value::Int(value)) if domain.contains(value) => Ok(Key::Int(value)),
            (DomainView::Texts(texts), Value::Text(value)) => {
                let place = texts.iter().position(|text| text == value).ok_or(outside)?;
                bit(place).map(Key::Bit).ok_or(outside)
            }
            (DomainView::Ints(_), Value::Int(_)) => Err(outside),
            _ => Err(EvalError::WrongKind { input: self.name }),
        }
    }
}

impl<'a> Texts<'a> {
    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut from = self.0.bytes;
        (0..self.0.count).map_while(move |_| from.text())
    }
}

impl RuleView<'_> {
    /// Whether it hits; `None` if it cannot be read.
    fn hits(&self, keys: &[Key]) -> Option<bool> {
        let mut cells = self.cells;
        for key in keys {
            let hits = match (cells.byte()?, key) {
                (0, _) => true,
                (1, Key::Int(value)) => {
                    let (pairs, _) = cells.intervals()?.as_chunks::<16>();
                    pairs.iter().any(|pair| interval(*pair).contains(*value))
                }
                (2, Key::Bit(bit)) => cells.word()? & bit != 0,
                _ => return None,
            };
            if !hits {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// What is left to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn long(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn word(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn short(&mut self) -> Option<usize> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?).into())
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.short()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// The bytes of the intervals of a test, 16 each.
    fn intervals(&mut self) -> Option<&'a [u8]> {
        let count = self.short()?;
        self.take(count.checked_mul(16)?)
    }

    fn column(&mut self) -> Option<ColumnView<'a>> {
        let name = self.text()?;
        let domain = match self.byte()? {
            0 => DomainView::Ints(interval(self.take(16)?.try_into().ok()?)),
            1 => {
                let texts = Counted { count: self.byte()?.into(), bytes: *self };
                (0..texts.count).try_for_each(|_| self.text().map(drop))?;
                DomainView::Texts(Texts(texts))
            }
            _ => return None,
        };
        Some(ColumnView { name, domain })
    }

    fn output_column(&mut self) -> Option<(&'a str, bool)> {
        Some((self.text()?, self.byte()? != 0))
    }

    fn rule(&mut self) -> Option<RuleView<'a>> {
        let length = usize::try_from(self.long()?).ok()?;
        let mut cells = Reader(self.take(length)?);
        let (line, id) = (cells.long()?, cells.text()?);
        Some(RuleView { id, line, cells })
    }

    /// A test; of a column, one of its kind.
    fn skip_test(&mut self, column: Option<&ColumnView<'_>>) -> Option<()> {
        let kind = self.byte()?;
        match kind {
            0 => {}
            1 => self.intervals().map(drop)?,
            2 => self.word().map(drop)?,
            _ => return None,
        }
        let fits = match column.map(|column| column.domain) {
            None => true,
            Some(DomainView::Ints(_)) => kind != 2,
            Some(DomainView::Texts(_)) => kind != 1,
        };
        fits.then_some(())
    }

    fn output(&mut self) -> Option<Output<'a>> {
        match self.byte()? {
            0 => Some(Output::Int(i64::from_le_bytes(self.take(8)?.try_into().ok()?))),
            1 => self.text().map(Output::Text),
            _ => None,
        }
    }

    fn amount(&mut self) -> Option<Option<Amount>> {
        let formula = self.byte()?;
        let mut column = || self.byte().map(usize::from);
        Some(match formula {
            0 => None,
            1 => Some(Amount::Output { output: column()? }),
            2 => {
                let (weight, first, next, most) = (column()?, column()?, column()?, column()?);
                let most = Some(most).filter(|most| *most != usize::from(NO_COLUMN));
                Some(Amount::FirstAndContinued { weight, first, next, most })
            }
            3 => {
                let (paid, fixed, permille) = (column()?, column()?, column()?);
                Some(Amount::Share { paid, fixed, permille, least: column()?, most: column()? })
            }
            _ => return None,
        })
    }
}

fn interval(pair: [u8; 16]) -> Interval {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = pair;
    Interval { low: i64::from_le_bytes([a, b, c, d, e, f, g, h]), high: i64::from_le_bytes([i, j, k, l, m, n, o, p]) }
}
