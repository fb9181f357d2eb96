//! `rules.toml`: rules, in their order, compiled to the bytes that [`screen_rules`] reads: an index with those that
//! many requests meet, the others, and what rules are called.

use std::collections::{BTreeMap, BTreeSet};

use pack_source::toml::{Document, Value};
use pack_source::{Files, Finding, Findings, MapWriter, nearest};
use screen_rules::index::{self, bit};
use screen_rules::part::{self, LABEL, anchor};
use screen_rules::program::{self, Kind, MOST_RULES, NONE, SHADOW};
use screen_rules::signal::{Signal, Type};

use crate::expression::{self, Expression, Literal, Test, Wrong};

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

/// What a rule can be looked up by.
struct Anchors {
    entries: Vec<u32>,
    /// The signals of these, a bit each.
    looked: u64,
    /// How often it is looked at by them: the sum of [`share`] over them.
    share: usize,
}

/// What a rule can be looked up by: it holds only if one of these texts is the value of its signal, or was given as a
/// label. Of several conditions that must hold, the rarest counts. `None`: it must always be looked at.
fn anchors(expression: &Expression) -> Option<Anchors> {
    match expression {
        Expression::Test(Test { kind: Kind::Label, values, .. }) => {
            let entries: Vec<_> = texts(values).map(|label| anchor(LABEL, label)).collect();
            Some(Anchors { share: entries.len(), entries, looked: 0 })
        }
        Expression::Test(Test { kind: Kind::In, signal: Some(signal), values }) if signal.kind() == Type::Text => {
            let entries = texts(values).map(|text| anchor(*signal as u8, text)).collect();
            let share = texts(values).fold(0_usize, |sum, text| sum.saturating_add(share(*signal, text)));
            Some(Anchors { entries, share, looked: bit(*signal) })
        }
        Expression::Test(_) | Expression::Not(_) => None,
        Expression::And(all) => all.iter().filter_map(anchors).min_by_key(|anchors| anchors.share),
        Expression::Or(all) => {
            let all = all.iter().map(anchors).collect::<Option<Vec<_>>>()?;
            Some(Anchors {
                share: all.iter().fold(0_usize, |sum, one| sum.saturating_add(one.share)),
                looked: all.iter().fold(0, |bits, one| bits | one.looked),
                entries: all.into_iter().flat_map(|one| one.entries).collect(),
            })
        }
    }
}

/// The signals that an expression asks for, a bit each.
fn read_by(expression: &Expression) -> u64 {
    match expression {
        Expression::Test(Test { signal, .. }) => signal.map_or(0, bit),
        Expression::Not(one) => read_by(one),
        Expression::And(all) | Expression::Or(all) => all.iter().fold(0, |bits, one| bits | read_by(one)),
    }
}

/// Of a thousand requests to a shop, in about how many a signal has this value, where that is known: it decides only which
/// of two conditions a rule is looked up by, never what holds.
fn share(signal: Signal, text: &str) -> usize {
    match (signal, text) {
        (Signal::Method | Signal::HttpVersion | Signal::TlsVersion, _) => 300,
        (Signal::AgentClass, "browser") | (Signal::AddressClass, "consumer") => 600,
        (Signal::AgentClass, "in_app" | "unknown") => 100,
        (Signal::AgentClass, "crawler") => 50,
        (Signal::AgentName, "Chrome" | "Edge" | "Safari" | "Firefox" | "WeChat") => 100,
        (Signal::Action, "browse" | "static" | "api") => 300,
        (Signal::Action, "search") => 100,
        (Signal::FetchSite | Signal::FetchMode | Signal::FetchDest, _) => 200,
        (Signal::Host | Signal::Country | Signal::Ja3 | Signal::Ja4, _) => 10,
        _ => 1,
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

/// Of a thousand requests, a rule that so many meet is in the index.
const OFTEN: usize = 20;
/// The most rules that are in the index though they could be looked up; of fewer rules all are.
const MOST_NEAR: usize = 256;

/// The bytes of the index of rules, and of those that are not in it.
fn sections(rules: &[Rule]) -> (Vec<u8>, Vec<u8>) {
    let all: Vec<Placed<'_>> = (0_u32..)
        .zip(rules)
        .map(|(number, rule)| Placed { number, rule, anchors: anchors(&rule.expression) })
        .collect();
    let mut room = MOST_NEAR;
    let (near, far): (Vec<_>, Vec<_>) = all.iter().partition(|placed| match &placed.anchors {
        None => true,
        Some(anchors) if anchors.share >= OFTEN || rules.len() <= MOST_NEAR => {
            let fits = room > 0;
            room = room.saturating_sub(1);
            fits
        }
        Some(_) => false,
    });
    let always: Vec<u32> = all.iter().filter(|placed| placed.anchors.is_none()).map(|placed| placed.number).collect();
    let hashes: BTreeSet<u32> = far.iter().flat_map(|placed| placed.hashes()).collect();
    let looked = all.iter().filter_map(|placed| placed.anchors.as_ref()).fold(0, |bits, one| bits | one.looked);
    let read = rules.iter().fold(0, |bits, rule| bits | read_by(&rule.expression));
    let mut bytes = index::MAGIC.to_vec();
    bytes.extend(counts([rules.len(), always.len(), hashes.len()]));
    bytes.extend(read.to_le_bytes());
    bytes.extend(looked.to_le_bytes());
    bytes.extend(always.into_iter().chain(hashes).flat_map(u32::to_le_bytes));
    bytes.extend(part(&near));
    (bytes, part(&far))
}

/// A rule, its number among all, and what it can be looked up by.
struct Placed<'r> {
    number: u32,
    rule: &'r Rule,
    anchors: Option<Anchors>,
}

impl Placed<'_> {
    fn hashes(&self) -> impl Iterator<Item = u32> {
        self.anchors.iter().flat_map(|anchors| anchors.entries.iter().copied())
    }
}

/// The bytes of a part of the rules.
fn part(rules: &[&Placed<'_>]) -> Vec<u8> {
    let anchors: BTreeSet<(u32, u32)> =
        rules.iter().flat_map(|placed| placed.hashes().map(|hash| (hash, placed.number))).collect();
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
