//! Members of a record by name, as the published schema has them: a name that it does not have is a slip of the pen, which
//! would else be signed and shown to nobody.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};
use shared::china_time;

use super::SCHEMA;
use crate::table::damage;

/// What a template has where something is to be filled in.
pub const PLACEHOLDER: &str = "<fill in>";

/// A member's path, `inspection.results.0.value`.
pub struct Field {
    path: Vec<String>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Instant,
    Date,
    /// A list of texts, separated by semicolons.
    Texts,
}

impl Field {
    /// The member that a column is named after.
    pub fn named(title: &str) -> Result<Field> {
        let path: Vec<String> = title.trim_matches('/').split(['.', '/']).map(|part| part.trim().to_owned()).collect();
        let schema: Value = serde_json::from_str(SCHEMA)?;
        let mut at = schema.clone();
        for (depth, name) in path.iter().enumerate() {
            at = resolve(&schema, at);
            at = if name.parse::<usize>().is_ok() && at.get("items").is_some() {
                at["items"].clone()
            } else {
                let known = at.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
                let found = known.get(name).cloned();
                let before = path.get(..depth).unwrap_or_default().join(".");
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                found.with_context(|| {
                    let of = if before.is_empty() { "a record".to_owned() } else { format!("`{before}`") };
                    if names.is_empty() {
                        format!("`{title}`: {of} has no members of its own")
                    } else {
                        format!("`{title}`: {of} has no member `{name}`; it has {}", names.join(", "))
                    }
                })?
            };
        }
        at = resolve(&schema, at);
        let last = path.last().map(String::as_str).unwrap_or_default();
        let is = |wanted: &str| match &at["type"] {
            Value::String(kind) => kind == wanted,
            Value::Array(kinds) => kinds.iter().any(|kind| kind == wanted),
            _ => false,
        };
        let kind = match last {
            "valid_until" | "issued_at" => Kind::Instant,
            "inspected_on" => Kind::Date,
            _ if is("integer") => Kind::Number,
            _ if is("array") && resolve(&schema, at["items"].clone())["type"] == "string" => Kind::Texts,
            _ if is("string") => Kind::Text,
            _ => bail!("`{title}`: is not one value; name its members, as in `{title}.zh`"),
        };
        Ok(Field { path, kind })
    }

    /// Puts the text of a cell there.
    pub fn put(&self, record: &mut Value, text: &str) -> Result<()> {
        let value = self.read(text)?;
        put(record, &self.path, value)
    }

    fn read(&self, text: &str) -> Result<Value> {
        let fail = |wanted: &str| {
            let why = damage(text).unwrap_or_else(|| wanted.to_owned());
            anyhow::anyhow!("{text}: {why}")
        };
        Ok(match self.kind {
            Kind::Text if self.path.last().is_some_and(|last| last == "certificate") && damage(text).is_some() => {
                return Err(fail(""));
            }
            Kind::Text => text.into(),
            Kind::Texts => {
                text.split([';', '；']).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
            }
            Kind::Number => text.parse::<u32>().map_err(|_| fail("not a whole number"))?.into(),
            Kind::Date => date(text).with_context(|| format!("{text}: not a date, YYYY-MM-DD"))?.into(),
            Kind::Instant => match (text.parse::<i64>(), date(text)) {
                // A day's last instant: a certificate that is valid until a day is valid on it.
                (_, Some(day)) => {
                    let day = china_time::parse_date(&day).with_context(|| format!("{text}: not a date"))?;
                    (china_time::start_of_day(day + 1) - 1).into()
                }
                (Ok(instant), None) => instant.into(),
                (Err(_), None) => return Err(fail("neither a date, YYYY-MM-DD, nor milliseconds since the epoch")),
            },
        })
    }
}

/// A date as Excel shows it in China, year first, in the form of records.
fn date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.trim_end_matches('日').split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let date = format!("{:04}-{:02}-{:02}", number(year).filter(|_| year.len() == 4)?, number(month)?, number(day)?);
    china_time::parse_date(&date).map(|_| date)
}

fn resolve(schema: &Value, at: Value) -> Value {
    match at.get("$ref").and_then(Value::as_str).and_then(|name| schema.pointer(name.trim_start_matches('#'))) {
        Some(found) => found.clone(),
        None => at,
    }
}

fn put(at: &mut Value, path: &[String], value: Value) -> Result<()> {
    let Some((name, rest)) = path.split_first() else {
        *at = value;
        return Ok(());
    };
    if let Ok(place) = name.parse::<usize>() {
        if !at.is_array() {
            *at = Value::Array(Vec::new());
        }
        if let Value::Array(items) = at {
            ensure!(place <= items.len(), "item {place} where there are {}: items are filled in order", items.len());
            if place == items.len() {
                items.push(Value::Null);
            }
            return items.get_mut(place).map_or(Ok(()), |item| put(item, rest, value));
        }
    }
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    match at {
        Value::Object(members) => put(members.entry(name.clone()).or_insert(Value::Null), rest, value),
        _ => Ok(()),
    }
}

/// The first place that is still to be filled in.
pub fn placeholder(value: &Value, at: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains(PLACEHOLDER).then(|| at.to_owned()),
        Value::Array(items) => items.iter().enumerate().find_map(|(n, item)| placeholder(item, &format!("{at}/{n}"))),
        Value::Object(members) => members.iter().find_map(|(name, value)| placeholder(value, &format!("{at}/{name}"))),
        _ => None,
    }
}
