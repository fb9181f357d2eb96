//! The JSON that we sign: a bounded, strict parser and the canonical form of RFC 8785.
//!
//! The subset is objects, arrays, strings, booleans, null and integers within ±(2^53 − 1) (I-JSON, RFC 7493 §2.2).
//! Numbers with a fraction or an exponent are refused: amounts are fen, instants are milliseconds, measurements are text.

use core::cell::Cell;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The largest integer that survives a trip through JavaScript.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Why a text is not JSON of our subset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// Longer than the caller allows, in bytes.
    TooLarge,
    /// Nested deeper than the caller allows.
    TooDeep,
    /// An array has more items than the caller allows.
    TooManyItems,
    /// An object names this member twice.
    DuplicateKey(String),
    /// A number with a fraction or an exponent, or beyond 64 bits, or minus zero.
    NotAnInteger,
    /// An integer beyond ±(2^53 − 1).
    IntegerOutOfRange,
    /// Not JSON, not UTF-8, a lone surrogate, or something after the value. Line and column count from 1.
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
}

impl JsonError {
    /// A stable name, in kebab case.
    pub const fn code(&self) -> &'static str {
        match self {
            JsonError::TooLarge => "json-too-large",
            JsonError::TooDeep => "json-too-deep",
            JsonError::TooManyItems => "json-too-many-items",
            JsonError::DuplicateKey(_) => "json-duplicate-key",
            JsonError::NotAnInteger => "json-not-an-integer",
            JsonError::IntegerOutOfRange => "json-integer-out-of-range",
            JsonError::Syntax { .. } => "json-syntax",
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonError::TooLarge => f.write_str("the JSON text is too long"),
            JsonError::TooDeep => f.write_str("the JSON text is nested too deeply"),
            JsonError::TooManyItems => f.write_str("an array has too many items"),
            JsonError::DuplicateKey(key) => write!(f, "the member {key:?} occurs twice"),
            JsonError::NotAnInteger => f.write_str("numbers must be integers: write a measurement as a string"),
            JsonError::IntegerOutOfRange => f.write_str("an integer is beyond ±(2^53 − 1)"),
            JsonError::Syntax { line, column } => write!(f, "not valid JSON at line {line}, column {column}"),
        }
    }
}

impl core::error::Error for JsonError {}

/// What a JSON text may grow to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The most bytes.
    pub bytes: usize,
    /// The deepest nesting; an object or array that holds only scalars has depth 1.
    pub depth: usize,
    /// The most items of one array.
    pub items: usize,
}

/// Parses one JSON value of any lengths that its bytes allow.
///
/// # Errors
/// [`JsonError`]: the first thing that is wrong.
pub fn parse_bounded(bytes: &[u8], max_bytes: usize, max_depth: usize) -> Result<Value, JsonError> {
    parse_within(bytes, &Bounds { bytes: max_bytes, depth: max_depth, items: usize::MAX })
}

/// Parses one JSON value within bounds. What is beyond them is refused while it is read, not built and then measured.
///
/// # Errors
/// [`JsonError`]: the first thing that is wrong.
pub fn parse_within(bytes: &[u8], bounds: &Bounds) -> Result<Value, JsonError> {
    if bytes.len() > bounds.bytes {
        return Err(JsonError::TooLarge);
    }
    // serde's errors are texts; the cell carries our own reason past them.
    let reason = Cell::new(None);
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let parsed = Bounded { depth_left: bounds.depth, items: bounds.items, reason: &reason }
        .deserialize(&mut parser)
        .and_then(|value| parser.end().map(|()| value));
    parsed.map_err(|e| {
        reason.take().unwrap_or(if e.to_string().starts_with("recursion limit") {
            JsonError::TooDeep
        } else {
            JsonError::Syntax { line: e.line(), column: e.column() }
        })
    })
}

/// The canonical bytes (RFC 8785): no white space, members sorted by UTF-16 code units, the shortest escapes.
///
/// # Errors
/// [`JsonError::NotAnInteger`] or [`JsonError::IntegerOutOfRange`].
pub fn canonical(value: &Value) -> Result<Vec<u8>, JsonError> {
    let mut out = String::new();
    write_value(&mut out, value)?;
    Ok(out.into_bytes())
}

fn write_value(out: &mut String, value: &Value) -> Result<(), JsonError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let integer = number.as_i64().ok_or(if number.is_u64() {
                JsonError::IntegerOutOfRange
            } else {
                JsonError::NotAnInteger
            })?;
            check_range(integer)?;
            out.push_str(&integer.to_string());
        }
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(out, item)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            // Not the order of UTF-8: a surrogate pair sorts before U+E000 (RFC 8785 §3.2.3).
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (i, (key, item)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(out, key);
                out.push(':');
                write_value(out, item)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// RFC 8785 §3.2.2.2.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{08}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{0c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn check_range(integer: i64) -> Result<(), JsonError> {
    if integer.unsigned_abs() > MAX_INTEGER { Err(JsonError::IntegerOutOfRange) } else { Ok(()) }
}

/// Deserializes one value, and refuses while reading: nothing too deep or doubled is ever built.
#[derive(Clone)]
struct Bounded<'a> {
    depth_left: usize,
    items: usize,
    reason: &'a Cell<Option<JsonError>>,
}

impl Bounded<'_> {
    fn refuse<E: serde::de::Error>(&self, reason: JsonError) -> E {
        let error = E::custom(&reason);
        self.reason.set(Some(reason));
        error
    }

    fn inner<E: serde::de::Error>(&self) -> Result<Self, E> {
        let depth_left = self.depth_left.checked_sub(1).ok_or_else(|| self.refuse(JsonError::TooDeep))?;
        Ok(Bounded { depth_left, items: self.items, reason: self.reason })
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        check_range(value).map_err(|reason| self.refuse(reason))?;
        Ok(Value::from(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => Err(self.refuse(JsonError::IntegerOutOfRange)),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Value, E> {
        Err(self.refuse(JsonError::NotAnInteger))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner.clone())? {
            if items.len() >= self.items {
                return Err(self.refuse(JsonError::TooManyItems));
            }
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if members.contains_key(&key) {
                return Err(self.refuse(JsonError::DuplicateKey(key)));
            }
            let value = map.next_value_seed(inner.clone())?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(text: &str) -> Result<Value, JsonError> {
        parse_bounded(text.as_bytes(), 4096, 8)
    }

    fn recode(text: &str) -> String {
        String::from_utf8(canonical(&parse(text).unwrap()).unwrap()).unwrap()
    }

    /// RFC 8785 §3.2.2 and §3.2.4, without the example's fractions.
    #[test]
    fn rfc_8785_strings_and_literals() {
        let text = r#"{
            "numbers": [333333333, 0, -1],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let expected = r#"{"literals":[null,true,false],"numbers":[333333333,0,-1],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
        assert_eq!(recode(text), expected);
        assert_eq!(recode(expected), expected);
    }

    /// RFC 8785 §3.2.3: the order of members.
    #[test]
    fn rfc_8785_member_order() {
        let text = r#"{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis"}"#;
        let canonical = recode(text);
        let order = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"];
        let places: Vec<usize> = order.iter().map(|word| canonical.find(word).unwrap()).collect();
        assert!(places.is_sorted(), "{canonical}");
    }

    #[test]
    fn every_control_character_has_one_escape() {
        let all: String = (0u32..0x20).chain([0x7f, 0x2028]).filter_map(char::from_u32).collect();
        let canonical = String::from_utf8(canonical(&Value::from(all.as_str())).unwrap()).unwrap();
        assert_eq!(parse(&canonical).unwrap(), Value::from(all));
        assert!(canonical.contains(r"\b\t\n\u000b\f\r\u000e") && canonical.ends_with("\u{7f}\u{2028}\""));
    }

    #[test]
    fn numbers_are_integers_in_range() {
        for good in ["0", "-1", "9007199254740991", "-9007199254740991"] {
            assert_eq!(recode(good), good);
        }
        for bad in ["9007199254740992", "-9007199254740992", "18446744073709551615"] {
            assert_eq!(parse(bad), Err(JsonError::IntegerOutOfRange), "{bad}");
        }
        for bad in ["1.0", "1e3", "-0", "0.1", "18446744073709551616", "1E400"] {
            let error = parse(bad).unwrap_err();
            assert!(matches!(error, JsonError::NotAnInteger | JsonError::Syntax { .. }), "{bad}: {error}");
        }
        assert_eq!(canonical(&serde_json::json!([1.5])), Err(JsonError::NotAnInteger));
        assert_eq!(canonical(&serde_json::json!(u64::MAX)), Err(JsonError::IntegerOutOfRange));
        assert_eq!(canonical(&serde_json::json!(1i64 << 53)), Err(JsonError::IntegerOutOfRange));
    }

    #[test]
    fn bounds_and_duplicates() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(8)).is_ok());
        assert_eq!(parse(&nested(9)), Err(JsonError::TooDeep));
        assert_eq!(parse(&"[".repeat(4096)), Err(JsonError::TooDeep));
        assert_eq!(parse_bounded(nested(500).as_bytes(), 4096, 4096), Err(JsonError::TooDeep));
        assert_eq!(parse_bounded(b"[]", 1, 8), Err(JsonError::TooLarge));
        assert_eq!(parse_bounded(b"1", 1, 0), Ok(Value::from(1)));
        let two = Bounds { bytes: 99, depth: 2, items: 2 };
        assert!(parse_within(b"[[1,2],[3,4]]", &two).is_ok());
        assert_eq!(parse_within(b"[[1,2],[3,4,5]]", &two), Err(JsonError::TooManyItems));
        assert_eq!(parse(r#"{"a":1,"b":{"x":1},"a":1}"#), Err(JsonError::DuplicateKey("a".into())));
        assert_eq!(parse(r#"[{"a":1,"\u0061":2}]"#), Err(JsonError::DuplicateKey("a".into())));
    }

    #[test]
    fn what_is_not_json() {
        let cases: [&[u8]; 12] = [
            b"",
            b" ",
            b"{",
            b"[1,]",
            b"{} {}",
            b"nul",
            b"'a'",
            b"\"\xff\"",
            b"\"\xed\xa0\x80\"",
            br#""\ud800""#,
            br#""\udc00\ud800""#,
            b"\"\x01\"",
        ];
        for bad in cases {
            let error = parse_bounded(bad, 4096, 8).unwrap_err();
            assert!(matches!(error, JsonError::Syntax { .. }), "{bad:?}: {error}");
        }
    }
}
