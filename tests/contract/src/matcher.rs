//! Whether a value is what a vector expects. `tests/vectors/README.md` says what the patterns mean.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use shared::dsse::Envelope;

use crate::fixtures::Fixtures;
use crate::placeholders::{ABSENT, ANY, SIGNED};

/// How much of a value the vector states.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it: a member that the vector does not name is a difference.
    Whole,
    /// Of each object the members that it names. Lists have as many items, in this order.
    Part,
}

/// Matches the answers of one run of one vector.
pub struct Matcher<'a> {
    fixtures: &'a dyn Fixtures,
    /// What `{{*name}}` stood for so far.
    named: BTreeMap<String, String>,
}

impl<'a> Matcher<'a> {
    pub fn new(fixtures: &'a dyn Fixtures) -> Matcher<'a> {
        Matcher { fixtures, named: BTreeMap::new() }
    }

    /// Every difference, one line each, with its JSON pointer.
    pub fn json(&mut self, expected: &Value, actual: &Value, extent: Extent) -> Vec<String> {
        let mut found = Vec::new();
        self.value("", expected, actual, extent, &mut found);
        found
    }

    fn value(&mut self, at: &str, expected: &Value, actual: &Value, extent: Extent, found: &mut Vec<String>) {
        match (expected, actual) {
            (Value::String(text), Value::String(other)) if self.text(text, other).is_ok() => {}
            (Value::String(text), other) if text.starts_with("{{*") && self.text(text, &other.to_string()).is_ok() => {}
            (Value::Array(one), Value::Array(other)) => {
                if one.len() != other.len() {
                    found.push(format!("{at}: {} items, expected {}: {actual}", other.len(), one.len()));
                }
                for ((expected, actual), i) in one.iter().zip(other).zip(0..) {
                    self.value(&format!("{at}/{i}"), expected, actual, extent, found);
                }
            }
            (Value::Object(one), _) if one.contains_key(SIGNED) => self.signed(at, one, actual, extent, found),
            (Value::Object(one), Value::Object(other)) => {
                for (name, expected) in one {
                    let at = format!("{at}/{name}");
                    match (other.get(name), *expected == *ABSENT) {
                        (Some(actual), true) => found.push(format!("{at}: {actual}, expected to be absent")),
                        (Some(actual), false) => self.value(&at, expected, actual, extent, found),
                        (None, true) => {}
                        (None, false) => found.push(format!("{at}: absent, expected {expected}")),
                    }
                }
                let unnamed = other.iter().filter(|(name, _)| extent == Extent::Whole && !one.contains_key(*name));
                found.extend(unnamed.map(|(name, actual)| format!("{at}/{name}: {actual}, not expected")));
            }
            _ if expected == actual => {}
            _ => found.push(format!("{at}: {actual}, expected {}", self.shown(expected))),
        }
    }

    /// An envelope (DSSE) whose signature verifies and whose payload, canonical JSON, is as expected.
    fn signed(
        &mut self,
        at: &str,
        expected: &Map<String, Value>,
        actual: &Value,
        extent: Extent,
        found: &mut Vec<String>,
    ) {
        let Some((envelope, payload)) = open(self.fixtures, actual) else {
            found.push(format!("{at}: not an envelope that a key of the fixtures verifies: {actual}"));
            return;
        };
        for (name, value) in [("keyid", &envelope.keyid), ("payloadType", &envelope.payload_type)] {
            if expected.get(name).is_some_and(|expected| *expected != *value.as_str()) {
                found.push(format!("{at}/{name}: {value}, expected {}", expected[name]));
            }
        }
        self.value(&format!("{at}/{SIGNED}"), &expected[SIGNED], &payload, extent, found);
    }

    /// Where a text does not match: the text that was expected, with the names known so far filled in.
    pub fn text(&mut self, expected: &str, actual: &str) -> Result<(), String> {
        if !expected.contains("{{*") {
            return if expected == actual { Ok(()) } else { Err(expected.to_owned()) };
        }
        let before = self.named.clone();
        self.pieces(expected, actual).ok_or_else(|| {
            self.named = before;
            self.filled(expected)
        })
    }

    fn pieces(&mut self, expected: &str, actual: &str) -> Option<()> {
        let mut pieces = expected.split("{{*");
        let mut rest = actual.strip_prefix(pieces.next()?)?;
        let mut pieces = pieces.peekable();
        while let Some(piece) = pieces.next() {
            let (name, literal) = piece.split_once("}}")?;
            let end = match self.named.get(name) {
                Some(value) if rest.starts_with(value.as_str()) => value.len(),
                Some(_) => return None,
                None if pieces.peek().is_none() => rest.strip_suffix(literal)?.len(),
                None => rest.find(literal)?,
            };
            let (value, behind) = rest.split_at(end);
            rest = behind.strip_prefix(literal)?;
            if name.is_empty() || self.named.contains_key(name) {
                continue;
            }
            // Two names are two values: else one decision could pass for another.
            if self.named.values().any(|other| other == value) {
                return None;
            }
            self.named.insert(name.to_owned(), value.to_owned());
        }
        rest.is_empty().then_some(())
    }

    fn filled(&self, text: &str) -> String {
        self.named.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{*{name}}}}}"), value))
    }

    fn shown(&self, expected: &Value) -> String {
        self.filled(&expected.to_string())
    }
}

/// An envelope whose signature verifies under a key of the fixtures, and its payload.
pub fn open(fixtures: &dyn Fixtures, value: &Value) -> Option<(Envelope, Value)> {
    let envelope = Envelope::parse(value.to_string().as_bytes()).ok()?;
    envelope.verify(&fixtures.envelope_key(&envelope.keyid)?.verifying_key()).ok()?;
    let payload = envelope.json().ok()?;
    // No member besides DSSE's, and base64 as we write it.
    (serde_json::from_slice::<Value>(&envelope.to_bytes()).ok()? == *value).then_some((envelope, payload))
}

/// What a vector states of a value, with the values of now: for `--bless`.
pub fn reshape(fixtures: &dyn Fixtures, old: Option<&Value>, actual: &Value, extent: Extent) -> Value {
    if let Some(Value::String(text)) = old
        && text == ANY
    {
        return ANY.into();
    }
    let again = |old: Option<&Value>, actual: &Value| reshape(fixtures, old, actual, extent);
    match actual {
        Value::Object(_) if actual.get("signatures").is_some() => {
            let Some((envelope, payload)) = open(fixtures, actual) else { return actual.clone() };
            let payload = again(old.and_then(|old| old.get(SIGNED)), &payload);
            serde_json::json!({ SIGNED: payload, "keyid": envelope.keyid, "payloadType": envelope.payload_type })
        }
        Value::Object(members) => match old.and_then(Value::as_object) {
            Some(told) if extent == Extent::Part => {
                let now = |(name, old): (&String, &Value)| {
                    (name.clone(), members.get(name).map_or_else(|| ABSENT.into(), |actual| again(Some(old), actual)))
                };
                told.iter().map(now).collect::<Map<_, _>>().into()
            }
            told => {
                let now = |(name, actual): (&String, &Value)| {
                    (name.clone(), again(told.and_then(|told| told.get(name)), actual))
                };
                members.iter().map(now).collect::<Map<_, _>>().into()
            }
        },
        // A new item of a list is stated as the last one was.
        Value::Array(items) => {
            let told = old.and_then(Value::as_array);
            let of = |i: usize| told.and_then(|told| told.get(i).or(told.last()));
            items.iter().enumerate().map(|(i, actual)| again(of(i), actual)).collect()
        }
        _ => actual.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{NOTHING, refund::Refund};
    use serde_json::json;
    use shared::dsse;

    fn differences(expected: &Value, actual: &Value, extent: Extent) -> Vec<String> {
        Matcher::new(&NOTHING).json(expected, actual, extent)
    }

    #[test]
    fn a_whole_names_every_member_and_a_part_some() {
        let actual = json!({ "a": 1, "b": [{ "c": 2, "d": 3 }], "e": null });
        assert!(differences(&actual, &actual, Extent::Whole).is_empty());
        let part = json!({ "b": [{ "d": 3 }], "e": null, "x": ABSENT });
        assert!(differences(&part, &actual, Extent::Part).is_empty());
        assert_eq!(differences(&part, &actual, Extent::Whole), ["/b/0/c: 2, not expected", "/a: 1, not expected"]);
        for (expected, said) in [
            (json!({ "a": 2 }), "/a: 1, expected 2"),
            (json!({ "x": null }), "/x: absent, expected null"),
            (json!({ "a": ABSENT }), "/a: 1, expected to be absent"),
            (json!({ "b": [{ "c": 3 }] }), "/b/0/c: 2, expected 3"),
            (json!({ "a": "1" }), "/a: 1, expected \"1\""),
        ] {
            assert_eq!(differences(&expected, &actual, Extent::Part), [said]);
        }
        // A list is as long as expected, also in a part.
        assert_eq!(differences(&json!([]), &json!([1]), Extent::Part).len(), 1);
        assert_eq!(differences(&json!([1, 2]), &json!([1]), Extent::Part).len(), 1);
        assert_eq!(differences(&json!([2, 1]), &json!([1, 2]), Extent::Part).len(), 2);
    }

    #[test]
    fn a_name_is_one_value_and_two_names_are_two() {
        let both = json!({ "one": "{{*id}}", "two": "see {{*id}}, not {{*other}}." });
        assert!(differences(&both, &json!({ "one": "x", "two": "see x, not y." }), Extent::Whole).is_empty());
        for (one, two) in [("x", "see z, not y."), ("x", "see x, not x."), ("x", "see x, not y"), ("x", "x")] {
            assert_eq!(differences(&both, &json!({ "one": one, "two": two }), Extent::Whole).len(), 1, "{one} {two}");
        }
        let any = json!(["{{*}}", "{{*}}", "{{*n}}"]);
        assert!(differences(&any, &json!([1, { "a": 1 }, 7]), Extent::Whole).is_empty());
        // Names last from step to step.
        let mut matcher = Matcher::new(&NOTHING);
        assert!(matcher.text("a {{*id}}", "a x").is_ok() && matcher.text("b {{*id}}", "b x").is_ok());
        assert_eq!(matcher.text("c {{*id}}", "c y"), Err("c x".to_owned()));
    }

    #[test]
    fn an_envelope_is_opened_and_verified() {
        let key = Refund.envelope_key("receipt-1").unwrap();
        let sign = |key| -> Value {
            let bytes = dsse::sign(dsse::RECEIPT, &json!({ "total_fen": 1, "state": "posted" }), "receipt-1", key);
            serde_json::from_slice(&bytes.unwrap()).unwrap()
        };
        let told = json!({ SIGNED: { "total_fen": 1 }, "keyid": "receipt-1", "payloadType": dsse::RECEIPT });
        let judge = |told: &Value, actual: &Value| Matcher::new(&Refund).json(told, actual, Extent::Part);
        assert!(judge(&told, &sign(&key)).is_empty());
        let other = json!({ SIGNED: { "total_fen": 2 }, "payloadType": dsse::STATUS });
        assert_eq!(judge(&other, &sign(&key)).len(), 2);
        let stranger = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
        assert_eq!(judge(&told, &sign(&stranger)).len(), 1);
        let mut longer = sign(&key);
        longer["more"] = 1.into();
        assert_eq!(judge(&told, &longer).len(), 1);
        let all = json!({ SIGNED: { "total_fen": 1, "state": "posted" }, "keyid": "receipt-1", "payloadType": dsse::RECEIPT });
        assert_eq!(reshape(&Refund, None, &sign(&key), Extent::Whole), all);
    }

    #[test]
    fn blessing_keeps_the_shape() {
        let actual = json!({ "a": 2, "b": [{ "c": 5, "d": 6 }, { "c": 7, "d": 8 }], "n": 1 });
        let old = json!({ "a": 1, "b": [{ "c": 1 }], "n": ANY, "gone": 1 });
        let new = json!({ "a": 2, "b": [{ "c": 5 }, { "c": 7 }], "n": ANY, "gone": ABSENT });
        assert_eq!(reshape(&NOTHING, Some(&old), &actual, Extent::Part), new);
        assert!(differences(&new, &actual, Extent::Part).is_empty());
        let whole = json!({ "a": 2, "b": [{ "c": 5, "d": 6 }, { "c": 7, "d": 8 }], "n": ANY });
        assert_eq!(reshape(&NOTHING, Some(&old), &actual, Extent::Whole), whole);
    }
}
