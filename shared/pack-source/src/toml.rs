//! TOML with the place of each value. What is not as it is asked for becomes a finding, and `None`; so a compiler asks for
//! everything, goes on after each fault, and ends with all of them.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::{Range, RangeInclusive};

use ::toml::Spanned;
use ::toml::de::{DeInteger, DeTable, DeValue};

use crate::{Files, Finding, Findings, nearest};

/// A file that was parsed.
#[derive(Debug)]
pub struct Document<'f> {
    source: Source<'f>,
    root: DeTable<'f>,
}

#[derive(Debug)]
struct Source<'f> {
    file: &'f str,
    text: &'f str,
    findings: &'f Findings,
}

/// A table, and how it was reached.
#[derive(Clone, Debug)]
pub struct Table<'d> {
    source: &'d Source<'d>,
    name: String,
    /// Where what is missing in it is reported.
    place: Option<Range<usize>>,
    entries: &'d DeTable<'d>,
}

/// A value, and how it was reached.
#[derive(Clone, Debug)]
pub struct Value<'d> {
    source: &'d Source<'d>,
    name: String,
    key: Option<Range<usize>>,
    span: Range<usize>,
    value: &'d DeValue<'d>,
}

impl<'f> Document<'f> {
    /// Parses a file of a pack; that it is missing, or no TOML, is a finding.
    pub fn parse(files: &'f Files, file: &'f str, findings: &'f Findings) -> Option<Document<'f>> {
        let text = files.text(file, findings)?;
        let source = Source { file, text, findings };
        match DeTable::parse(text) {
            Ok(root) => Some(Document { source, root: root.into_inner() }),
            Err(error) => {
                source.say(error.span(), error.message().lines().collect::<Vec<_>>().join(": "), None::<String>);
                None
            }
        }
    }

    /// The whole of it.
    pub fn root(&self) -> Table<'_> {
        Table { source: &self.source, name: String::new(), place: None, entries: &self.root }
    }
}

impl Source<'_> {
    fn say(&self, place: Option<Range<usize>>, reason: impl Into<String>, meant: Option<impl Into<String>>) {
        self.findings.push(self.finding(place, reason).meant(meant));
    }

    fn finding(&self, place: Option<Range<usize>>, reason: impl Into<String>) -> Finding {
        let (line, column) = place.map_or((0, 0), |place| position(self.text, place.start));
        Finding::error(self.file, line, column, reason)
    }
}

/// Line and column, both from 1, of a place in a text; the column in characters.
fn position(text: &str, at: usize) -> (u32, u32) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let from_one = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
    (from_one(line), from_one(column))
}

impl<'d> Table<'d> {
    /// Its name, as findings give it: `[clone]`, `[reason] bad_code`; empty of the root.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names in it, in order.
    pub fn keys(&self) -> impl Iterator<Item = &'d str> + use<'d> {
        self.entries.keys().map(|key| key.get_ref().as_ref())
    }

    /// Its entries, in the order of their names.
    pub fn entries(&self) -> impl Iterator<Item = (&'d str, Value<'d>)> {
        self.entries.iter().map(|(key, value)| (key.get_ref().as_ref(), self.value(key, value)))
    }

    /// An entry that may be absent.
    pub fn get(&self, name: &str) -> Option<Value<'d>> {
        let (key, value) = self.entries.get_key_value(name)?;
        Some(self.value(key, value))
    }

    /// An entry that must be there.
    pub fn want(&self, name: &str) -> Option<Value<'d>> {
        let found = self.get(name);
        if found.is_none() {
            self.refuse(format!("{} is missing", self.below(name)));
        }
        found
    }

    /// A table that must be there.
    pub fn table(&self, name: &str) -> Option<Table<'d>> {
        self.want(name)?.table()
    }

    /// An integer in a range, which must be there.
    pub fn int(&self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        self.want(name)?.int(range)
    }

    /// `true` or `false`, which must be there.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.want(name)?.flag()
    }

    /// A text, not blank, which must be there.
    pub fn text(&self, name: &str) -> Option<&'d str> {
        self.want(name)?.text()
    }

    /// A list of codes, each once, which must be there.
    pub fn codes(&self, name: &str) -> Option<Vec<&'d str>> {
        self.want(name)?.codes()
    }

    /// Refuses every name in it but these.
    pub fn only<'n>(&self, names: impl IntoIterator<Item = &'n str>) {
        let names: Vec<&str> = names.into_iter().collect();
        for (name, value) in self.entries().filter(|(name, _)| !names.contains(name)) {
            let absent = names.iter().copied().filter(|known| self.get(known).is_none());
            let meant = nearest(name, absent).or_else(|| nearest(name, names.iter().copied()));
            self.source.say(value.key.clone(), format!("{}: no such name here", value.name), meant);
        }
    }

    /// An error about the table as a whole.
    pub fn refuse(&self, reason: impl Into<String>) {
        self.source.say(self.place.clone(), reason, None::<String>);
    }

    fn value(&self, key: &'d Spanned<std::borrow::Cow<'d, str>>, value: &'d Spanned<DeValue<'d>>) -> Value<'d> {
        Value {
            source: self.source,
            name: self.below(key.get_ref()),
            key: Some(key.span()),
            span: value.span(),
            value: value.get_ref(),
        }
    }

    fn below(&self, name: &str) -> String {
        match self.name.as_str() {
            "" => format!("[{name}]"),
            above if above.ends_with(']') => format!("{above} {name}"),
            above => format!("{above}.{name}"),
        }
    }
}

impl<'d> Value<'d> {
    /// Its name, as findings give it: `[clone] devices`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As a table.
    pub fn table(&self) -> Option<Table<'d>> {
        self.is(self.as_table(), "a table")
    }

    /// As a table, if it is one; nothing is said if it is not.
    pub fn as_table(&self) -> Option<Table<'d>> {
        let entries = self.value.as_table()?;
        let place = Some(self.key.clone().unwrap_or_else(|| self.span.clone()));
        Some(Table { source: self.source, name: self.name.clone(), place, entries })
    }

    /// As a list, each of its values with its number, from 1.
    pub fn list(&self) -> Option<Vec<Value<'d>>> {
        let list = self.is(self.value.as_array(), "a list")?;
        let entry = |(number, value): (usize, &'d Spanned<DeValue<'d>>)| Value {
            source: self.source,
            name: format!("{} (no. {number})", self.name),
            key: None,
            span: value.span(),
            value: value.get_ref(),
        };
        Some((1..).zip(list.iter()).map(entry).collect())
    }

    /// As an integer in a range.
    pub fn int(&self, range: RangeInclusive<i64>) -> Option<i64> {
        let (least, most) = (range.start(), range.end());
        let integer = |value: &DeInteger<'_>| i64::from_str_radix(value.as_str(), value.radix()).ok();
        let value =
            self.is(self.value.as_integer().and_then(integer), &format!("an integer from {least} to {most}"))?;
        if !range.contains(&value) {
            self.refuse(format!("{} = {value}: an integer from {least} to {most} is wanted", self.name));
            return None;
        }
        Some(value)
    }

    /// As `true` or `false`.
    pub fn flag(&self) -> Option<bool> {
        self.is(self.value.as_bool(), "true or false")
    }

    /// As a text that is not blank.
    pub fn text(&self) -> Option<&'d str> {
        self.is(self.value.as_str().filter(|text| !text.trim().is_empty()), "a text that is not blank")
    }

    /// As one of a few words.
    pub fn one_of(&self, words: &[&str]) -> Option<&'d str> {
        let text = self.text()?;
        if words.contains(&text) {
            return Some(text);
        }
        let reason = format!("{} = {text:?}: one of {} is wanted", self.name, words.join(", "));
        self.refuse_meaning(reason, nearest(text, words.iter().copied()));
        None
    }

    /// As a list of codes ([`is_code`]), each once.
    pub fn codes(&self) -> Option<Vec<&'d str>> {
        let mut seen = BTreeSet::new();
        let code = |value: Value<'d>| {
            let text = value.text()?;
            if !is_code(text) {
                value.refuse(format!("{}: {text:?}: lower-case letters, digits, _ and - are wanted", value.name));
                return None;
            }
            if !seen.insert(text) {
                value.refuse(format!("{}: {text:?} occurs twice", value.name));
                return None;
            }
            Some(text)
        };
        // All of them are looked at, so that all that are wrong are named.
        let codes: Vec<Option<&str>> = self.list()?.into_iter().map(code).collect();
        codes.into_iter().collect()
    }

    /// An error about this value.
    pub fn refuse(&self, reason: impl Into<String>) {
        self.source.say(Some(self.span.clone()), reason, None::<String>);
    }

    /// An error about this value, with what may have been meant.
    pub fn refuse_meaning(&self, reason: impl Into<String>, meant: Option<impl Into<String>>) {
        self.source.say(Some(self.span.clone()), reason, meant);
    }

    /// A warning about this value, at its name if it has one.
    pub fn warn(&self, reason: impl Into<String>, meant: Option<impl Into<String>>) {
        let place = self.key.clone().unwrap_or_else(|| self.span.clone());
        let severity = crate::Severity::Warning;
        self.source.findings.push(Finding { severity, ..self.source.finding(Some(place), reason) }.meant(meant));
    }

    /// Where it stands: line and column, both from 1.
    pub fn position(&self) -> (u32, u32) {
        position(self.source.text, self.span.start)
    }

    fn is<T>(&self, value: Option<T>, wanted: &str) -> Option<T> {
        if value.is_none() {
            self.refuse(format!("{}: {wanted} is wanted, not {}", self.name, Kind(self.value)));
        }
        value
    }
}

/// What a value is, for a finding.
struct Kind<'v>(&'v DeValue<'v>);

impl fmt::Display for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            DeValue::String(text) => write!(f, "{text:?}"),
            DeValue::Integer(number) => write!(f, "{number}"),
            DeValue::Float(number) => write!(f, "{number}"),
            DeValue::Boolean(value) => write!(f, "{value}"),
            DeValue::Datetime(value) => write!(f, "{value}"),
            DeValue::Array(_) => f.write_str("a list"),
            DeValue::Table(_) => f.write_str("a table"),
        }
    }
}

/// Whether a text may be the name of a section or of a code: lower-case letters, digits, `_` and `-`.
pub fn is_code(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests;
