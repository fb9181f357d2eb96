//! `rules.toml`: rules, in their order, compiled to the bytes that [`screen_rules`] reads: an index with those that
//! many requests meet, the others, and what rules are called.

use std::collections::{BTreeMap, BTreeSet};

use pack_source::toml::{Document, Value};
use pack_source::{Files, Finding, Findings, MapWriter, nearest};
use screen_rules::index::{self, bit};
use screen_rules::part;
use screen_rules::program::{self, Kind, MOST_RULES, NONE, SHADOW};

use crate::expression::{self, Expression, Literal, Test, Wrong};
use crate::lookup::{Anchors, Headers, OFTEN, Owned, anchors, bucket_bits, looked};

/// The file.
pub const FILE: &str = "rules.toml";

/// A rule as it is read.
struct Rule {
    code: String,
    expression: Expression,
    weight: i16,
    label: Option<String>,
    shadow: bool,
    words: [String; 2],
}

/// The sections of rules.
pub struct Sections {
    /// What [`screen_rules::Index`] reads.
    pub index: Vec<u8>,
    /// What [`screen_rules::Part`] reads: the rules that are not in the index.
    pub rules: Vec<u8>,
    /// A map: of each rule `n/code`, `n/zh` and `n/en`.
    pub words: Vec<u8>,
}

/// Compiles it.
pub fn compile(files: &Files, findings: &Findings) -> Option<Sections> {
    let document = Document::parse(files, FILE, findings)?;
    let root = document.root();
    root.only(["rule"]);
    let rows = root.want("rule")?.list()?;
    if rows.len() > MOST_RULES {
        findings.error(FILE, 0, 0, format!("there are at most {MOST_RULES} rules"));
        return None;
    }
    let mut codes = BTreeSet::new();
    let mut labels: Vec<String> = Vec::new();
    let mut rules = Vec::new();
    for row in &rows {
        let Some(rule) = read(row, &labels, findings) else { continue };
        if !codes.insert(rule.code.clone()) {
            row.refuse(format!("a rule above has the code {} already", rule.code));
        }
        labels.extend(rule.label.clone());
        rules.push(rule);
    }
    let mut map = MapWriter::new();
    for (number, rule) in rules.iter().enumerate() {
        let [zh, en] = &rule.words;
        map.text(format!("{number}/code"), &rule.code)
            .text(format!("{number}/zh"), zh)
            .text(format!("{number}/en"), en);
    }
    let (index, rules) = sections(&rules);
    Some(Sections { index, rules, words: map.finish()? })
}

fn read(row: &Value<'_>, labels: &[String], findings: &Findings) -> Option<Rule> {
    let table = row.table()?;
    table.only(["code", "when", "weight", "label", "shadow", "zh", "en"]);
    let code = table.want("code").and_then(|value| is_code(&value));
    let expression = table.want("when").and_then(|value| expression(&value, labels, findings));
    let weight = table.int("weight", -10_000..=10_000);
    let label = table.get("label").map(|value| is_code(&value));
    let shadow = table.get("shadow").is_some_and(|value| value.flag() == Some(true));
    let words = [table.text("zh").map(str::to_owned), table.text("en").map(str::to_owned)];
    let [Some(zh), Some(en)] = words else { return None };
    Some(Rule {
        code: code?,
        expression: expression?,
        weight: i16::try_from(weight?).ok()?,
        label: match label {
            None => None,
            Some(label) => Some(label?),
        },
        shadow,
        words: [zh, en],
    })
}

fn is_code(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let fits = pack_source::toml::is_code(text);
    if !fits {
        value.refuse(format!("{}: {text:?}: lower-case letters, digits, _ and - are wanted", value.name()));
    }
    fits.then(|| text.to_owned())
}

fn expression(value: &Value<'_>, labels: &[String], findings: &Findings) -> Option<Expression> {
    let text = value.text()?;
    let read = expression::read(text).and_then(|expression| {
        let unknown = asked(&expression).into_iter().find(|asked| !labels.contains(asked));
        match unknown {
            None => Ok(expression),
            Some(label) => {
                let at =
                    text.find(&format!("{label:?}")).map_or(0, |at| text.get(..at).unwrap_or_default().chars().count());
                let meant = nearest(&label, labels.iter().map(String::as_str)).map(str::to_owned);
                Err(Wrong { at, reason: format!("no rule above gives the label {label:?}"), meant })
            }
        }
    });
    match read {
        Ok(expression) => Some(expression),
        Err(Wrong { at, reason, meant }) => {
            let (line, column) = value.position();
            // Behind the quote, on one line; of several lines, where the text begins.
            let inside = if text.contains('\n') { 0 } else { u32::try_from(at).unwrap_or(0).saturating_add(1) };
            let reason = format!("{}: {reason}", value.name());
            findings.push(Finding::error(FILE, line, column.saturating_add(inside), reason).meant(meant));
            None
        }
    }
}

/// The labels that an expression asks for.
fn asked(expression: &Expression) -> Vec<String> {
    match expression {
        Expression::Test(Test { kind: Kind::Label, values, .. }) => texts(values).map(str::to_owned).collect(),
        Expression::Test(_) => Vec::new(),
        Expression::Not(one) => asked(one),
        Expression::And(all) | Expression::Or(all) => all.iter().flat_map(asked).collect(),
    }
}

fn texts(values: &[Literal]) -> impl Iterator<Item = &str> {
    values.iter().filter_map(|value| if let Literal::Text(text) = value { Some(text.as_str()) } else { None })
}

/// The signals that an expression asks for, a bit each.
fn read_by(expression: &Expression) -> u64 {
    match expression {
        Expression::Test(Test { signal, .. }) => signal.map_or(0, bit),
        Expression::Not(one) => read_by(one),
        Expression::And(all) | Expression::Or(all) => all.iter().fold(0, |bits, one| bits | read_by(one)),
    }
}

/// Ops, values and pool, as they grow.
#[derive(Default)]
struct Writer {
    ops: Vec<[u8; 8]>,
    values: Vec<[u8; 8]>,
    pool: Vec<u8>,
    known: BTreeMap<String, [u8; 8]>,
}

impl Writer {
    fn value(&mut self, value: &Literal) -> u32 {
        let bytes = match value {
            Literal::Number(number) => number.to_le_bytes(),
            Literal::Text(text) => self.text(text),
        };
        self.values.push(bytes);
        u32::try_from(self.values.len()).unwrap_or(NONE).saturating_sub(1)
    }

    fn text(&mut self, text: &str) -> [u8; 8] {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
        let ([a, b, c, d], [e, f, g, h]) = (number(self.pool.len()), number(text.len()));
        self.pool.extend(text.bytes());
        self.known.insert(text.to_owned(), [a, b, c, d, e, f, g, h]);
        [a, b, c, d, e, f, g, h]
    }

    fn op(&mut self, kind: Kind, signal: u8, values: &[Literal]) {
        let first = u32::try_from(self.values.len()).unwrap_or(NONE);
        for value in values {
            self.value(value);
        }
        let [a, b, c, d] = first.to_le_bytes();
        let [low, high] = u16::try_from(values.len()).unwrap_or(u16::MAX).to_le_bytes();
        self.ops.push([kind as u8, signal, low, high, a, b, c, d]);
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Test(test) => {
                self.op(test.kind, test.signal.map_or(u8::MAX, |signal| signal as u8), &test.values)
            }
            Expression::Not(one) => {
                self.expression(one);
                self.op(Kind::Not, u8::MAX, &[]);
            }
            Expression::And(all) => self.joined(all, Kind::And),
            Expression::Or(all) => self.joined(all, Kind::Or),
        }
    }

    fn joined(&mut self, all: &[Expression], kind: Kind) {
        for (number, one) in all.iter().enumerate() {
            self.expression(one);
            if number > 0 {
                self.op(kind, u8::MAX, &[]);
            }
        }
    }
}

/// The bytes of rules, in their order.
fn program(rules: &[&Rule]) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut records = Vec::new();
    for rule in rules {
        let first = u32::try_from(writer.ops.len()).unwrap_or(NONE);
        writer.expression(&rule.expression);
        let count = writer.ops.len().saturating_sub(first as usize);
        let label = rule.label.as_ref().map_or(NONE, |label| writer.value(&Literal::Text(label.clone())));
        let ([a, b, c, d], [e, f]) = (first.to_le_bytes(), u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes());
        let ([w, x], [g, h, i, j]) = (rule.weight.to_le_bytes(), label.to_le_bytes());
        let flags = if rule.shadow { SHADOW } else { 0 };
        records.extend([a, b, c, d, e, f, w, x, g, h, i, j, flags, 0, 0, 0]);
    }
    let mut bytes = program::MAGIC.to_vec();
    bytes.extend(counts([rules.len(), writer.ops.len(), writer.values.len()]));
    bytes.extend(records);
    bytes.extend(writer.ops.iter().flatten());
    bytes.extend(writer.values.iter().flatten());
    bytes.extend(writer.pool);
    bytes
}

/// The most rules that are in the index though they could be looked up; of fewer rules all are.
const MOST_NEAR: usize = 256;

/// The bytes of the index of rules, and of those that are not in it.
fn sections(rules: &[Rule]) -> (Vec<u8>, Vec<u8>) {
    let mut headers = Headers::default();
    let found: Vec<Option<Anchors>> = rules.iter().map(|rule| anchors(&rule.expression, &mut headers)).collect();
    let bits = bucket_bits(found.iter().flatten());
    let key = |owned: &Owned| index::key(owned.anchor(), bits);
    let all: Vec<Placed<'_>> = (0_u32..)
        .zip(rules.iter().zip(&found))
        .map(|(number, (rule, found))| {
            let found = found.as_ref();
            let hashes = found.map(|anchors| anchors.entries.iter().map(key).collect()).unwrap_or_default();
            Placed { number, rule, share: found.map(|anchors| anchors.share), hashes }
        })
        .collect();
    let mut room = MOST_NEAR;
    let (near, far): (Vec<_>, Vec<_>) = all.iter().partition(|placed| match placed.share {
        None => true,
        Some(share) if share >= OFTEN || rules.len() <= MOST_NEAR => {
            let fits = room > 0;
            room = room.saturating_sub(1);
            fits
        }
        Some(_) => false,
    });
    let always: Vec<u32> = all.iter().filter(|placed| placed.share.is_none()).map(|placed| placed.number).collect();
    let hashes: BTreeSet<u32> = far.iter().flat_map(|placed| placed.hashes.iter().copied()).collect();
    let names: String = headers.0.iter().flat_map(|name| [name.as_str(), " "]).collect();
    let mut buckets = vec![0_u8; index::bucket_bytes(bits).unwrap_or(0)];
    for part in found.iter().flatten().flat_map(|anchors| &anchors.entries).filter(|one| one.is_part()) {
        for bucket in index::buckets(part.anchor(), bits) {
            if let Some(byte) = buckets.get_mut(bucket as usize / 8) {
                *byte |= 1 << (bucket % 8);
            }
        }
    }
    let read = rules.iter().fold(0, |bits, rule| bits | read_by(&rule.expression));
    let mut bytes = index::MAGIC.to_vec();
    bytes.extend(counts([rules.len(), always.len(), hashes.len(), names.len(), bits as usize]));
    bytes.extend(u64::to_le_bytes(read));
    bytes.extend(looked(found.iter().flatten()).iter().flatten().flat_map(|bits| bits.to_le_bytes()));
    bytes.extend(always.into_iter().chain(hashes).flat_map(u32::to_le_bytes));
    bytes.extend(names.into_bytes());
    bytes.extend(buckets);
    bytes.extend(part(&near));
    (bytes, part(&far))
}

/// A rule, its number among all, and what it can be looked up by.
struct Placed<'r> {
    number: u32,
    rule: &'r Rule,
    /// Of a thousand requests, how many look at it; `None`: all do.
    share: Option<usize>,
    hashes: Vec<u32>,
}

/// The bytes of a part of the rules.
fn part(rules: &[&Placed<'_>]) -> Vec<u8> {
    let anchors: BTreeSet<(u32, u32)> =
        rules.iter().flat_map(|placed| placed.hashes.iter().map(|hash| (*hash, placed.number))).collect();
    let mut bytes = part::MAGIC.to_vec();
    bytes.extend(counts([rules.len(), anchors.len()]));
    bytes.extend(rules.iter().flat_map(|placed| placed.number.to_le_bytes()));
    bytes.extend(anchors.into_iter().flat_map(|(hash, rule)| [hash, rule]).flat_map(u32::to_le_bytes));
    bytes.extend(program(&rules.iter().map(|placed| placed.rule).collect::<Vec<_>>()));
    bytes
}

fn counts<const N: usize>(counts: [usize; N]) -> impl Iterator<Item = u8> {
    counts.into_iter().flat_map(|count| u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes())
}
