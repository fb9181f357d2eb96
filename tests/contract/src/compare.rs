//! Where an answer is not what its vector expects.

use serde_json::Value;

use crate::Result;
use crate::client::Answer;
use crate::vector::{Expected, ExpectedBody, File, WILDCARD};

/// Characters shown on either side of the first difference.
const WINDOW: usize = 60;

/// Every difference, one text each.
pub fn answer(file: &File, expected: &Expected, actual: &Answer) -> Result<Vec<String>> {
    let mut found = Vec::new();
    if expected.status != actual.status {
        found.push(format!("status {}, expected {}", actual.status, expected.status));
    }
    for (name, wanted) in &expected.headers {
        let value = actual.header(&name.to_ascii_lowercase());
        let right = match wanted {
            Value::Null => value.is_none(),
            Value::Bool(there) => value.is_some() == *there,
            Value::String(text) => value.as_ref() == Some(text),
            _ => false,
        };
        if !right {
            found.push(format!("header {name}: {}, expected {wanted}", value.unwrap_or_else(|| "absent".to_owned())));
        }
    }
    let exact = |text: &str| bytes("expected", text.as_bytes(), "got", &actual.body);
    found.extend(match &expected.body {
        None | Some(ExpectedBody::Any { .. }) => None,
        Some(ExpectedBody::Text(text)) => exact(text),
        Some(ExpectedBody::File { file: name }) => exact(&file.sidecar(name)?),
        Some(ExpectedBody::Absent { .. }) => exact(""),
        Some(ExpectedBody::Json { json }) => match serde_json::from_slice::<Value>(&actual.body) {
            Ok(body) if alike(json, &body) => None,
            Ok(body) => bytes("expected", pretty(json).as_bytes(), "got", pretty(&body).as_bytes()),
            Err(error) => Some(format!("body is not JSON ({error}): {}", String::from_utf8_lossy(&actual.body))),
        },
    });
    Ok(found)
}

/// Equal, where [`WILDCARD`] equals anything.
fn alike(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::String(text), _) if text == WILDCARD => true,
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(e, a)| alike(e, a))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len() && one.iter().all(|(name, e)| other.get(name).is_some_and(|a| alike(e, a)))
        }
        _ => expected == actual,
    }
}

/// The first difference of two bodies.
pub fn bytes(left_name: &str, left: &[u8], right_name: &str, right: &[u8]) -> Option<String> {
    if left == right {
        return None;
    }
    let (left, right) = (String::from_utf8_lossy(left), String::from_utf8_lossy(right));
    let at = left.chars().zip(right.chars()).take_while(|(a, b)| a == b).count();
    let line = left.chars().take(at).filter(|c| *c == '\n').count() + 1;
    let show = |text: &str| {
        let start = at.saturating_sub(WINDOW);
        let part: String = text.chars().skip(start).take(2 * WINDOW).collect();
        let (before, after) =
            (if start > 0 { "…" } else { "" }, if text.chars().count() > start + 2 * WINDOW { "…" } else { "" });
        format!("{before}{}{after}", part.replace('\n', "⏎"))
    };
    let width = left_name.len().max(right_name.len());
    Some(format!(
        "body differs at character {at}, line {line}\n      {left_name:width$} {}\n      {right_name:width$} {}",
        show(&left),
        show(&right)
    ))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
