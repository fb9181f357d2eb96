//! What was answered when a set was made, without the words for people, which may change: codes, amounts, instants,
//! states, counts.

use serde_json::{Map, Value, json};

use crate::run::Run;
use crate::{Result, context};

/// Members of answers that hold words, or what is drawn from documents that are not stored here.
const WORDS: [&str; 12] = [
    "article",
    "detail",
    "evidence",
    "inputs",
    "message",
    "notice",
    "official_host",
    "receipt",
    "record",
    "rule",
    "summary",
    "title",
];

/// What besides follows from the policy of the day, for answers that are not stored but made anew.
const OF_THE_DAY: [&str; 4] = ["decision_id", "legs", "policy", "reasons"];

/// An answer a line: its status and its body. `stored`: the bodies say what was decided then.
pub fn write(run: &Run, stored: bool) -> Result<String> {
    let mut lines = Vec::new();
    for answer in &run.answers {
        let body: Value = serde_json::from_slice(&answer.body).map_err(context("an answer's body"))?;
        lines.push(format!("    {}", json!([answer.status, without_words(&body, stored)])));
    }
    Ok(format!("{{\n  \"paid\": {},\n  \"answers\": [\n{}\n  ]\n}}\n", json!(run.paid), lines.join(",\n")))
}

fn without_words(value: &Value, stored: bool) -> Value {
    match value {
        Value::Object(members) => {
            let lasts = |name: &str| !WORDS.contains(&name) && (stored || !OF_THE_DAY.contains(&name));
            let kept = members.iter().filter(|(name, _)| lasts(name));
            Value::Object(kept.map(|(name, value)| (name.clone(), without_words(value, stored))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| without_words(item, stored)).collect()),
        other => other.clone(),
    }
}

/// Whether answers say what was answered then; they may say more.
pub fn judge(expected: &str, run: &Run) -> Result<()> {
    let expected: Value = serde_json::from_str(expected).map_err(context("expected"))?;
    if expected["paid"] != json!(run.paid) {
        return Err(format!("paid {}, expected {}", json!(run.paid), expected["paid"]));
    }
    let answers = expected["answers"].as_array().ok_or("expected: answers")?;
    if answers.len() != run.answers.len() {
        return Err(format!("{} answers, expected {}", run.answers.len(), answers.len()));
    }
    for ((wanted, answer), number) in answers.iter().zip(&run.answers).zip(1..) {
        let text = String::from_utf8_lossy(&answer.body);
        let body: Value = serde_json::from_str(&text).map_err(|_| format!("step {number}: no JSON: {text}"))?;
        if wanted[0] != json!(answer.status) {
            return Err(format!("step {number}: status {}, expected {}: {text}", answer.status, wanted[0]));
        }
        if let Some(pointer) = missing(&wanted[1], &body, "") {
            return Err(format!("step {number}: {pointer} is not what it was: {text}"));
        }
    }
    Ok(())
}

/// Where an answer lacks something that is expected, as a JSON pointer. Objects may have more members; lists may not.
fn missing(expected: &Value, got: &Value, at: &str) -> Option<String> {
    match (expected, got) {
        (Value::Object(wanted), Value::Object(there)) => wanted.iter().find_map(|(name, value)| {
            let at = format!("{at}/{name}");
            there.get(name).map_or(Some(at.clone()), |found| missing(value, found, &at))
        }),
        (Value::Array(wanted), Value::Array(there)) if wanted.len() == there.len() => (0..)
            .zip(wanted.iter().zip(there))
            .find_map(|(n, (value, found))| missing(value, found, &format!("{at}/{n}"))),
        (Value::Array(_) | Value::Object(_), _) => Some(at.to_owned()),
        _ => (expected != got).then(|| at.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let got = json!({ "a": { "b": [1, { "c": 2, "d": 3 }] }, "more": 1 });
        let missing = |wanted| missing(&wanted, &got, "");
        assert_eq!(missing(json!({ "a": { "b": [1, { "c": 2 }] } })), None);
        assert_eq!(missing(json!({ "a": { "b": [1, { "c": 3 }] } })), Some("/a/b/1/c".to_owned()));
        assert_eq!(missing(json!({ "a": { "b": [1] } })), Some("/a/b".to_owned()));
        assert_eq!(missing(json!({ "x": null })), Some("/x".to_owned()));
    }
}
