//! JSON of callers who send more than is read: whatever is JSON is taken, and what no type asks for does no harm.
//!
//! **Invariant: what is built is bounded** as [`Bounds`] say. What lies deeper, and items beyond the most of an array, are
//! passed over, not refused; so whoever reads a type of this wants less than the bounds hold and counts by itself.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{Bounds, Fault, Unread, Wrong};
use crate::jcs::JsonError;

/// Parses a JSON text. Members that are `null` are absent; numbers of every kind are kept. What RFC 8259 allows and nobody
/// can rely on is a fault with its place: a member that occurs twice, half of a surrogate pair, a number without end.
///
/// # Errors
/// [`Unread`]: the first thing that is wrong.
pub fn parse_loosely(bytes: &[u8], bounds: Bounds) -> Result<Value, Unread> {
    if bytes.len() > bounds.bytes {
        return Err(Unread::Json(JsonError::TooLarge, bounds));
    }
    let (twice, path) = (Cell::new(false), RefCell::new(Vec::new()));
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let loose = Loose { depth_left: bounds.depth, items: bounds.items, twice: &twice, path: &path };
    let parsed = loose.deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
    parsed.map_err(|error| {
        let said = error.to_string();
        let wrong = if twice.get() {
            Wrong::Twice
        } else if said.starts_with("lone leading surrogate") || said.starts_with("unexpected end of hex escape") {
            Wrong::HalfCharacter
        } else if said.starts_with("number out of range") {
            Wrong::Endless
        } else {
            return Unread::Json(JsonError::Syntax { line: error.line(), column: error.column() }, bounds);
        };
        Unread::Shape(path.take().into_iter().fold(Fault::here(wrong), |fault, token| fault.within(token)))
    })
}

#[derive(Clone, Copy)]
struct Loose<'a> {
    depth_left: usize,
    items: usize,
    twice: &'a Cell<bool>,
    /// Where the fault is, the innermost first.
    path: &'a RefCell<Vec<String>>,
}

impl Loose<'_> {
    fn inner(self) -> Option<Self> {
        Some(Loose { depth_left: self.depth_left.checked_sub(1)?, ..self })
    }

    fn at<T, E>(self, token: impl FnOnce() -> String, read: Result<T, E>) -> Result<T, E> {
        if read.is_err() {
            self.path.borrow_mut().push(token());
        }
        read
    }
}

impl<'de> DeserializeSeed<'de> for Loose<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Loose<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        if let Some(inner) = self.inner() {
            while items.len() < self.items {
                let item = seq.next_element_seed(inner);
                let Some(item) = self.at(|| items.len().to_string(), item)? else { return Ok(Value::Array(items)) };
                items.push(item);
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let Some(inner) = self.inner() else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Object(Map::new()));
        };
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if members.contains_key(&key) {
                self.twice.set(true);
                return self.at(|| key, Err(A::Error::custom("a member occurs twice")));
            }
            let value = map.next_value_seed(inner);
            let value = self.at(|| key.clone(), value)?;
            members.insert(key, value);
        }
        members.retain(|_, value| !value.is_null());
        Ok(Value::Object(members))
    }
}
