//! Where an answer is not what its vector expects.

use serde_json::Value;

use crate::Result;
use crate::client::Answer;
use crate::matcher::{Extent, Matcher};
use crate::vector::{Expected, ExpectedBody, File};

/// Characters shown on either side of the first difference.
const WINDOW: usize = 60;

/// Differences shown of one JSON body.
const MOST: usize = 8;

/// Every difference, one text each.
pub fn answer(file: &File, expected: &Expected, actual: &Answer, matcher: &mut Matcher<'_>) -> Result<Vec<String>> {
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
    found.extend(body(file, expected, actual, matcher)?);
    Ok(found)
}

fn body(file: &File, expected: &Expected, actual: &Answer, matcher: &mut Matcher<'_>) -> Result<Vec<String>> {
    let mut text = |expected: &str| {
        let actual_text = String::from_utf8_lossy(&actual.body);
        let wanted = matcher.text(expected, &actual_text).err();
        wanted.and_then(|wanted| bytes("expected", wanted.as_bytes(), "got", &actual.body)).into_iter().collect()
    };
    let (value, extent) = match &expected.body {
        None | Some(ExpectedBody::Any { .. }) => return Ok(Vec::new()),
        Some(ExpectedBody::Text(expected)) => return Ok(text(expected)),
        Some(ExpectedBody::File { file: name }) => return Ok(text(&file.sidecar(name)?)),
        Some(ExpectedBody::Absent { .. }) => return Ok(text("")),
        Some(ExpectedBody::Json { json }) => (json, Extent::Whole),
        Some(ExpectedBody::Part { part }) => (part, Extent::Part),
    };
    Ok(match serde_json::from_slice::<Value>(&actual.body) {
        Ok(actual) => {
            let mut found = matcher.json(value, &actual, extent);
            if found.len() > MOST {
                let more = found.split_off(MOST).len();
                found.push(format!("and {more} more"));
            }
            found
        }
        Err(error) => vec![format!("body is not JSON ({error}): {}", String::from_utf8_lossy(&actual.body))],
    })
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
