//! Whether an answer of the edge says what the signed documents say. Scans and wording are the edge's own; the facts are not.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use trace_verify::answer::Answer;
use trace_verify::assess::{Assessment, Verdict};

use crate::files;

/// The differences, each in words.
pub fn compare(path: &Path, answer: &Answer, assessment: &Assessment) -> Result<Vec<String>> {
    let page: Value = files::read_json(path)?;
    let outcome =
        page.get("outcome").and_then(Value::as_str).with_context(|| format!("{}: no outcome", path.display()))?;
    let mut differences = Vec::new();
    let mut differ = |what: &str, page: &Value, documents: &Value| tell(what, page, documents, &mut differences);
    let ours = serde_json::to_value(answer)?;
    let same = if assessment.verdict == Verdict::Genuine {
        // Which of the authentic outcomes depends on the scans.
        outcome.starts_with("authentic_") || outcome == "suspected_clone"
    } else {
        outcome == answer.outcome.code()
    };
    if !same {
        differ("/outcome", &json!(outcome), &json!(answer.outcome.code()));
    }
    for pointer in [
        "/code/digital_link",
        "/code/batch",
        "/record/kid",
        "/record/signed_at",
        "/record/expired",
        "/record/document",
        "/notice/state",
        "/notice/issued_at",
        "/notice/telephone",
        "/notice/return_url",
    ] {
        differ(pointer, page.pointer(pointer).unwrap_or(&Value::Null), ours.pointer(pointer).unwrap_or(&Value::Null));
    }
    differ("/evidence", &proofs(&page), &proofs(&ours));
    Ok(differences)
}

/// Notes where two values differ: at the innermost member.
fn tell(at: &str, page: &Value, documents: &Value, differences: &mut Vec<String>) {
    match (page, documents) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let member = |object: &Map<String, Value>| object.get(name).cloned().unwrap_or_default();
                tell(&format!("{at}/{name}"), &member(a), &member(b), differences);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(n, (a, b))| tell(&format!("{at}/{n}"), a, b, differences));
        }
        _ if page == documents => {}
        _ => differences.push(format!("{at}: the page has {}, the documents {}", short(page), short(documents))),
    }
}

/// What is proved, by which key, since when: without words and ages.
fn proofs(answer: &Value) -> Value {
    let evidence = answer.get("evidence").and_then(Value::as_array).cloned().unwrap_or_default();
    let facts = |claim: &Value| json!([claim["proof"], claim["kid"], claim["signed_at"], claim["limit"]]);
    evidence.iter().map(facts).collect()
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
