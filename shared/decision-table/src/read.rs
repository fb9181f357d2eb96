//! Reads a table from its file; `policy/tables/README.md` describes the format. For build time and tests: what is read
//! is leaked, so that it is the same `&'static` data as a compiled table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::amount::Amount;
use super::{Column, Domain, HitPolicy, Interval, MAX_INPUTS, MAX_TEXTS, Output, OutputColumn, Rule, Status, Table};
use super::{Test, cell};

/// Why a file is no table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Line, from 1; 0 if it is about the whole file.
    pub line: u32,
    /// Why.
    pub reason: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.reason)
    }
}

impl std::error::Error for ReadError {}

/// Reads a table. `name` is what it is called in traces.
pub fn table(name: &str, text: &str) -> Result<Table, ReadError> {
    let (mut head, rows) = split(text)?;
    let ((header_line, header), rows) = rows.split_first().ok_or_else(|| at(0, "there is no table"))?;
    let (policy, names) = header.split_first().ok_or_else(|| at(*header_line, "there is no table"))?;
    let policy = hit_policy(policy).map_err(|reason| at(*header_line, reason))?;
    let (inputs, outputs) = columns(names, &mut head).map_err(|reason| at(*header_line, reason))?;

    let status = match head.need("status")? {
        (_, "example") => Status::Example,
        (_, "sourced") => Status::Sourced,
        (line, other) => return Err(at(line, format!("status {other:?} is neither example nor sourced"))),
    };
    let amount = match head.keys.remove("amount") {
        Some((line, text)) => Some(amount(text, &inputs, &outputs, policy).map_err(|reason| at(line, reason))?),
        None => None,
    };
    let cap = match head.keys.remove("cap") {
        Some((line, text)) => Some(text.parse().map_err(|_| at(line, "cap: a number of fen is wanted"))?),
        None => None,
    };
    let monotone = match head.keys.remove("monotone") {
        Some((line, text)) => Some(monotone(text, &inputs, amount).map_err(|reason| at(line, reason))?),
        None => None,
    };
    if cap.is_some() && amount.is_none() {
        return Err(at(0, "cap: there is no amount to be capped"));
    }
    let (title, source) = (head.need("title")?.1, head.need("source")?.1);
    let (line, effective_from) = head.need("effective_from")?;
    if !is_date(effective_from) {
        return Err(at(line, format!("effective_from: {effective_from:?} is not YYYY-MM-DD")));
    }
    if let Some((key, (line, _))) = head.keys.first_key_value() {
        return Err(at(*line, format!("{key}: no such header line")));
    }

    let mut ids = BTreeSet::new();
    let mut rules = Vec::with_capacity(rows.len());
    for (line, cells) in rows {
        let rule = rule(*line, cells, &inputs, &outputs, amount).map_err(|reason| at(*line, reason))?;
        if !ids.insert(rule.id) {
            return Err(at(*line, format!("rule {:?} is there twice", rule.id)));
        }
        rules.push(rule);
    }
    Ok(Table {
        name: leak(name),
        title: leak(title),
        source: leak(source),
        effective_from: leak(effective_from),
        status,
        policy,
        inputs: inputs.leak(),
        outputs: outputs.leak(),
        rules: rules.leak(),
        amount,
        cap,
        monotone,
    })
}

/// Header lines by key, with their line numbers.
struct Head<'t> {
    keys: BTreeMap<String, (u32, &'t str)>,
}

impl<'t> Head<'t> {
    fn need(&mut self, key: &str) -> Result<(u32, &'t str), ReadError> {
        let found = self.keys.remove(key).filter(|(_, value)| !value.is_empty());
        found.ok_or_else(|| at(0, format!("`# {key}:` is missing")))
    }
}

type Row<'t> = (u32, Vec<&'t str>);

fn split(text: &str) -> Result<(Head<'_>, Vec<Row<'_>>), ReadError> {
    let mut head = Head { keys: BTreeMap::new() };
    let mut rows = Vec::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            let (key, value) = comment.split_once(':').ok_or_else(|| at(number, "a header line is `# key: value`"))?;
            if !rows.is_empty() {
                return Err(at(number, "header lines stand above the table"));
            }
            if head.keys.insert(key.trim().to_owned(), (number, value.trim())).is_some() {
                return Err(at(number, format!("{} is said twice", key.trim())));
            }
        } else if line.contains('"') {
            return Err(at(number, "cells have no quotes and no commas"));
        } else if !line.is_empty() {
            rows.push((number, line.split(',').map(str::trim).collect()));
        }
    }
    Ok((head, rows))
}

fn hit_policy(text: &str) -> Result<HitPolicy, String> {
    Ok(match text {
        "U" => HitPolicy::Unique,
        "F" => HitPolicy::First,
        "A" => HitPolicy::Any,
        "C" => HitPolicy::Collect,
        "C+" => HitPolicy::CollectSum,
        "C<" => HitPolicy::CollectMin,
        "C>" => HitPolicy::CollectMax,
        "C#" => HitPolicy::CollectCount,
        _ => return Err(format!("hit policy {text:?} is none of U, F, A, C, C+, C<, C>, C#")),
    })
}

/// Columns with a domain are inputs; those behind them are outputs.
fn columns(names: &[&str], head: &mut Head<'_>) -> Result<(Vec<Column>, Vec<OutputColumn>), String> {
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for name in names {
        let (name, text) = name.strip_suffix(":text").map_or((*name, false), |name| (name, true));
        if name.is_empty() || name == "amount" || !seen.insert(name) {
            return Err(format!("column {name:?}: empty, `amount` or there twice"));
        }
        match head.keys.remove(&format!("domain {name}")) {
            Some(_) if !outputs.is_empty() => return Err(format!("input {name} stands behind an output")),
            Some((_, values)) => inputs.push(Column { name: leak(name), domain: domain(values)? }),
            None => outputs.push(OutputColumn { name: leak(name), text }),
        }
    }
    if inputs.is_empty() || inputs.len() > MAX_INPUTS || outputs.is_empty() {
        return Err(format!(
            "1 to {MAX_INPUTS} inputs (columns with a `# domain NAME:` line) and an output are wanted"
        ));
    }
    Ok((inputs, outputs))
}

fn domain(values: &str) -> Result<Domain, String> {
    if values == "int" {
        return Ok(Domain::Ints(Interval { low: i64::MIN, high: i64::MAX }));
    }
    if values.contains("..") {
        return cell::interval(&format!("[{values}]")).map(Domain::Ints);
    }
    let texts: Vec<&'static str> = values.split('|').map(|text| leak(text.trim())).collect();
    let distinct: BTreeSet<&str> = texts.iter().copied().collect();
    if texts.len() > MAX_TEXTS || distinct.len() != texts.len() || distinct.contains("") || distinct.contains("-") {
        return Err(format!("domain {values:?}: 1 to {MAX_TEXTS} different texts, or `1..5`, or `int` are wanted"));
    }
    Ok(Domain::Texts(texts.leak()))
}

/// `extra_fen`, `first_and_continued(weight_kg, first_fen, next_fen, most_fen)` (the last may be left out) or
/// `share(paid_fen, fixed_fen, permille, least_fen, most_fen)`.
fn amount(text: &str, inputs: &[Column], outputs: &[OutputColumn], policy: HitPolicy) -> Result<Amount, String> {
    let output = |name: &str| {
        let place = outputs.iter().position(|column| column.name == name && !column.text);
        place.ok_or_else(|| format!("amount: {name:?} is no output of numbers"))
    };
    let input = |name: &str| {
        let place = inputs.iter().position(|column| column.name == name && matches!(column.domain, Domain::Ints(_)));
        place.ok_or_else(|| format!("amount: {name:?} is no input of numbers"))
    };
    if policy == HitPolicy::Collect {
        return Err("amount: a list has none".to_owned());
    }
    let Some((formula, names)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        return Ok(Amount::Output { output: output(text)? });
    };
    if !policy.wants_a_hit() {
        return Err("amount: a formula over a collecting table says nothing".to_owned());
    }
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    match (formula, names.as_slice()) {
        ("first_and_continued", [weight, first, next, most @ ..]) if most.len() <= 1 => {
            let most = most.first().map(|most| output(most)).transpose()?;
            Ok(Amount::FirstAndContinued { weight: input(weight)?, first: output(first)?, next: output(next)?, most })
        }
        ("share", [paid, fixed, permille, least, most]) => Ok(Amount::Share {
            paid: input(paid)?,
            fixed: output(fixed)?,
            permille: output(permille)?,
            least: output(least)?,
            most: output(most)?,
        }),
        _ => Err(format!("amount: {text:?} is no known formula")),
    }
}

fn monotone(text: &str, inputs: &[Column], amount: Option<Amount>) -> Result<usize, String> {
    let name = text.split_once("->").filter(|(_, to)| to.trim() == "amount").map(|(from, _)| from.trim());
    let name = name.ok_or("monotone: `INPUT -> amount` is wanted")?;
    let place = inputs.iter().position(|column| column.name == name && matches!(column.domain, Domain::Ints(_)));
    let place = place.ok_or_else(|| format!("monotone: {name:?} is no input of numbers"))?;
    let amount = amount.ok_or("monotone: there is no amount")?;
    // A formula's two ends bound it only in its own input.
    match amount.input() {
        Some(input) if input != place => Err("monotone: the amount's formula looks at another input".to_owned()),
        _ => Ok(place),
    }
}

fn rule(
    line: u32,
    cells: &[&str],
    inputs: &[Column],
    outputs: &[OutputColumn],
    amount: Option<Amount>,
) -> Result<Rule, String> {
    let (id, cells) = cells.split_first().ok_or("an empty row")?;
    let wanted = inputs.len().saturating_add(outputs.len());
    if id.is_empty() || cells.len() != wanted {
        return Err(format!("a rule's name and {wanted} cells are wanted, there are {}", cells.len()));
    }
    let mut cells = cells.iter().copied();
    let mut tests: Vec<Test> = Vec::with_capacity(inputs.len());
    for (column, text) in inputs.iter().zip(cells.by_ref()) {
        tests.push(cell::test(text, &column.domain).map_err(|reason| format!("{}: {reason}", column.name))?);
    }
    let used = amount.map(Amount::outputs).unwrap_or_default();
    // Only formulas need it: a plain output may be negative.
    let formula = amount.is_some_and(|amount| amount.input().is_some());
    let mut values = Vec::with_capacity(outputs.len());
    for ((index, column), text) in outputs.iter().enumerate().zip(cells) {
        let wrong = || format!("{}: {text:?} is no number", column.name);
        let value =
            if column.text { Output::Text(leak(text)) } else { Output::Int(text.parse().map_err(|_| wrong())?) };
        if formula && used.contains(&index) && matches!(value, Output::Int(..=-1)) {
            return Err(format!("{}: below zero", column.name));
        }
        values.push(value);
    }
    Ok(Rule { id: leak(id), line, tests: tests.leak(), outputs: values.leak() })
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn at(line: u32, reason: impl Into<String>) -> ReadError {
    ReadError { line, reason: reason.into() }
}
