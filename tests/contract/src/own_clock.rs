//! Hosts that keep their own time, as the real Spin does. A vector runs there at the real time, with the instants of its
//! requests moved along, and half a minute further; then natively, each step at the instant that it began at there. Both
//! must answer alike: instants may differ by as much as the slowest step took, and what is derived from them (a
//! decision's id, a receipt's signature) by more. Everything else is the same. Where the native answers of that time are
//! what the vector expects, the host's must be, too.

use serde_json::Value;

use crate::compare;
use crate::fixtures::Fixtures;
use crate::matcher::open;
use crate::run::Run;
use crate::vector::{ExpectedBody, File};

/// Integers from here on are instants: amounts end at 10^12 fen.
const INSTANTS: i64 = 1_000_000_000_001;

/// The instants of a request come so much later than they would, so that none is at a boundary that the clock
/// passes while the request is under way. Less than clocks may differ, and not whole minutes.
pub const MARGIN: i64 = 30_000;

/// Characters of a decision's id in a page.
const ID: usize = 24;

/// Moves the instants of a request.
pub fn shift(value: &mut Value, by: i64) {
    match value {
        Value::Number(number) => {
            if let Some(instant) = number.as_i64().filter(|number| *number >= INSTANTS) {
                *value = instant.saturating_add(by).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, by)),
        Value::Object(members) => members.values_mut().for_each(|member| shift(member, by)),
        _ => {}
    }
}

/// Where the answers of a host with its own clock are not the native ones of the same time.
pub fn differences(file: &File, native: &Run, own: &Run) -> Vec<String> {
    let slack = own.times.iter().map(|(began, ended)| ended - began).max().unwrap_or_default();
    let alike = Alike { fixtures: file.function.fixtures, slack };
    let mut found = Vec::new();
    for (((step, one), other), number) in file.vector.steps.iter().zip(&native.answers).zip(&own.answers).zip(1..) {
        let mut differences = Vec::new();
        if one.status != other.status {
            differences.push(format!("status {}, natively {}", other.status, one.status));
        }
        for name in step.response.headers.keys().map(|name| name.to_ascii_lowercase()) {
            let (one, other) = (one.header(&name), other.header(&name));
            if one != other {
                differences.push(format!("header {name}: {other:?}, natively {one:?}"));
            }
        }
        let json = |body: &[u8]| serde_json::from_slice::<Value>(body).ok();
        match (&step.response.body, json(&one.body), json(&other.body)) {
            (Some(ExpectedBody::Any { .. }), ..) => {}
            (_, Some(one), Some(other)) => alike.value("", &one, &other, &mut differences),
            _ => {
                let text = |body: &[u8]| masked(&String::from_utf8_lossy(body));
                differences.extend(compare::bytes(
                    "natively",
                    text(&one.body).as_bytes(),
                    "got",
                    text(&other.body).as_bytes(),
                ));
            }
        }
        found.extend(differences.into_iter().map(|difference| format!("step {number}: {difference}")));
    }
    for (number, (one, other)) in (1..).zip(native.after.iter().zip(&own.after)) {
        let mut differences = Vec::new();
        alike.value("", &serde_json::json!(one), &serde_json::json!(other), &mut differences);
        found.extend(differences.into_iter().map(|difference| format!("after {number}: {difference}")));
    }
    if native.paid != own.paid {
        found.push(format!("paid: {:?}, natively {:?}", own.paid, native.paid));
    }
    found
}

struct Alike<'a> {
    fixtures: &'a dyn Fixtures,
    /// Milliseconds.
    slack: i64,
}

impl Alike<'_> {
    fn value(&self, at: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
        let alike = match (one, other) {
            (Value::Object(one), Value::Object(other)) if one.keys().eq(other.keys()) => {
                if let (Some((_, one)), Some((_, other))) = (self.open(one), self.open(other)) {
                    return self.value(&format!("{at}/payload"), &one, &other, found);
                }
                for ((name, one), other) in one.iter().zip(other.values()) {
                    if name != "decision_id" {
                        self.value(&format!("{at}/{name}"), one, other, found);
                    }
                }
                return;
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                for ((one, other), i) in one.iter().zip(other).zip(0..) {
                    self.value(&format!("{at}/{i}"), one, other, found);
                }
                return;
            }
            (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
                (Some(a), Some(b)) if a >= INSTANTS && b >= INSTANTS => (a - b).abs() <= self.slack,
                _ => a == b,
            },
            (Value::String(one), Value::String(other)) => masked(one) == masked(other),
            _ => one == other,
        };
        if !alike {
            found.push(format!("{at}: {other}, natively {one}"));
        }
    }

    fn open(&self, members: &serde_json::Map<String, Value>) -> Option<(shared::dsse::Envelope, Value)> {
        members.get("signatures")?;
        open(self.fixtures, &Value::Object(members.clone()))
    }
}

/// The text without what depends on the time: `2026-09-21 21:13` and ids of decisions.
fn masked(text: &str) -> String {
    let (mut out, mut rest, mut within) = (String::with_capacity(text.len()), text, false);
    while let Some(first) = rest.chars().next() {
        let length = if within { None } else { date(rest).or_else(|| id(rest)) };
        match length {
            Some(_) => out.push('~'),
            None => out.push(first),
        }
        within = length.is_none() && first.is_ascii_alphanumeric();
        rest = &rest[length.unwrap_or(first.len_utf8())..];
    }
    out
}

/// The length of a date with minutes at the beginning, in words or as in `datetime`.
fn date(text: &str) -> Option<usize> {
    const FORM: &[u8] = b"dddd-dd-dd dd:dd";
    let bytes = text.as_bytes().get(..FORM.len())?;
    let fits = bytes.iter().zip(FORM).all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T'),
        form => byte == form,
    });
    if !fits {
        return None;
    }
    // Seconds and thousandths, if it has any.
    let more = text[FORM.len()..].find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.');
    Some(FORM.len() + more.unwrap_or(text.len() - FORM.len()))
}

/// The ids of decisions in a page.
pub fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| id(word).is_some())
}

fn id(text: &str) -> Option<usize> {
    let length = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let hex = text[..length].bytes().all(|byte| byte.is_ascii_hexdigit());
    (length == ID && hex).then_some(ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::NOTHING;
    use serde_json::json;

    fn differ(one: Value, other: Value) -> usize {
        let mut found = Vec::new();
        Alike { fixtures: &NOTHING, slack: 5 }.value("", &one, &other, &mut found);
        found.len()
    }

    #[test]
    fn instants_may_differ_and_nothing_else() {
        let at = 1_790_000_000_000_i64;
        assert_eq!(differ(json!({ "at": at, "fen": 3 }), json!({ "at": at + 5, "fen": 3 })), 0);
        assert_eq!(differ(json!({ "at": at }), json!({ "at": at + 6 })), 1);
        assert_eq!(differ(json!({ "fen": 3 }), json!({ "fen": 4 })), 1);
        assert_eq!(differ(json!([1]), json!([1, 2])), 1);
        assert_eq!(differ(json!({ "a": null }), json!({ "b": null })), 1);
        assert_eq!(differ(json!({ "decision_id": "x" }), json!({ "decision_id": "y" })), 0);
        assert_eq!(differ(json!("until 2026-09-21 21:13"), json!("until 2026-09-21 21:14")), 0);
        assert_eq!(differ(json!("until 2026-09-21 21:13"), json!("by 2026-09-21 21:13")), 1);
    }

    #[test]
    fn pages_are_compared_without_times_and_ids() {
        let page = |time: &str, id: &str, word: &str| {
            masked(&format!("<time datetime=\"{time}\">{time}</time><b>{id}</b> {word}"))
        };
        let one = page("2026-09-21T21:13:00.123", "a6aa1cfc45411542d34bceb2", "first");
        assert_eq!(one, "<time datetime=\"~\">~</time><b>~</b> first");
        assert_eq!(one, page("2026-09-21 21:14", "0123456789abcdef01234567", "first"));
        assert_ne!(one, page("2026-09-21 21:13", "a6aa1cfc45411542d34bceb2", "second"));
        assert_eq!(masked("12345 fen 2026 三"), "12345 fen 2026 三");
    }

    #[test]
    fn instants_of_requests_move_along() {
        let mut case =
            json!({ "paid_at": 1_790_000_000_000_i64, "amounts": [{ "fen": 999_999_999_999_i64 }], "a": "x" });
        shift(&mut case, 1000);
        let moved = json!({ "paid_at": 1_790_000_001_000_i64, "amounts": [{ "fen": 999_999_999_999_i64 }], "a": "x" });
        assert_eq!(case, moved);
    }
}
