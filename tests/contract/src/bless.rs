//! `--bless`: writes into a vector what a host answers. The status, the headers that the vector already selects (or the
//! usual ones) and the body; HTML goes to a file beside the vector.

use std::fs;

use serde_json::{Map, Value, json};

use crate::client::Answer;
use crate::matcher::{Extent, reshape};
use crate::placeholders;
use crate::vector::File;
use crate::{Result, context, json as writer, own_clock};

/// Headers of a vector that selects none.
const USUAL: [&str; 4] = ["content-type", "location", "allow", "retry-after"];

/// Rewrites the file if anything changed, and says whether it did.
pub fn write(file: &File, answers: &[Answer], after: &[Vec<Vec<Value>>]) -> Result<bool> {
    let names = names(file, answers);
    let mut raw = file.raw.clone();
    for (index, answer) in answers.iter().enumerate() {
        let step = &mut raw["steps"][index];
        let old = step.get("response").cloned().unwrap_or_default();
        step["response"] = response(file, index, answer, &old, &names)?;
    }
    for (index, rows) in after.iter().enumerate() {
        raw["after"][index]["rows"] = contract_all(&json!(rows), &names);
    }
    let text = writer::pretty(&raw);
    let changed = fs::read_to_string(&file.path).map_err(context("read"))? != text;
    if changed {
        fs::write(&file.path, text).map_err(context("write"))?;
    }
    Ok(changed)
}

fn response(file: &File, index: usize, answer: &Answer, old: &Value, names: &[(String, String)]) -> Result<Value> {
    let mut headers = Map::new();
    match old.get("headers").and_then(Value::as_object) {
        Some(selected) => {
            for (name, was) in selected {
                let value = match answer.header(&name.to_ascii_lowercase()) {
                    Some(_) if *was == Value::Bool(true) => was.clone(),
                    value => value.map_or(Value::Null, |v| contract(&v, names).into()),
                };
                headers.insert(name.clone(), value);
            }
        }
        None => {
            let usual = USUAL.iter().filter_map(|name| Some((name, answer.header(name)?)));
            headers.extend(usual.map(|(name, value)| ((*name).to_owned(), contract(&value, names).into())));
        }
    }
    let text = String::from_utf8_lossy(&answer.body);
    let media = answer.header("content-type").unwrap_or_default();
    let body = if !old.is_null() && old.get("body").is_none() {
        Value::Null
    } else if old.pointer("/body/any").is_some() {
        json!({ "any": true })
    } else if answer.body.is_empty() {
        json!({ "absent": true })
    } else if media.starts_with("text/html") {
        let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{stem}.{}.html", index + 1);
        fs::write(file.path.with_file_name(&name), contract(&text, names)).map_err(context(&name))?;
        json!({ "file": name })
    } else if let (true, Ok(value)) = (media.contains("json"), serde_json::from_slice::<Value>(&answer.body)) {
        let (member, extent) = match old.pointer("/body/part") {
            Some(_) => ("part", Extent::Part),
            None => ("json", Extent::Whole),
        };
        let told = old.get("body").and_then(|body| body.get(member));
        json!({ member: contract_all(&reshape(file.function.fixtures, told, &value, extent), names) })
    } else {
        contract(&text, names).into()
    };
    let mut new = json!({ "status": answer.status, "headers": headers });
    // A response without a body means: the same on every host, whatever it is.
    if !body.is_null() {
        new["body"] = body;
    }
    Ok(new)
}

/// The placeholders that the vector uses, the policy and the decisions, with their values, the longest value first: a
/// URL before the serial in it.
fn names(file: &File, answers: &[Answer]) -> Vec<(String, String)> {
    let text = file.raw.to_string();
    let mut names: Vec<(String, String)> = placeholders::names(&text)
        .chain(["policy"])
        .filter_map(|name| Some((format!("{{{{{name}}}}}"), placeholders::value(file.function, name)?)))
        .filter(|(_, value)| value.len() >= 6)
        .collect();
    let mut decisions = Vec::new();
    for answer in answers {
        match serde_json::from_slice::<Value>(&answer.body) {
            Ok(body) => collect(&body, "decision_id", &mut decisions),
            Err(_) => {
                let page = String::from_utf8_lossy(&answer.body);
                own_clock::ids(&page).for_each(|id| add(id, &mut decisions));
            }
        }
    }
    names.extend(decisions.into_iter().zip(1..).map(|(value, number)| match number {
        1 => ("{{*decision}}".to_owned(), value),
        number => (format!("{{{{*decision_{number}}}}}"), value),
    }));
    names.sort_by(|(a_name, a), (b_name, b)| (b.len(), a_name).cmp(&(a.len(), b_name)));
    names.dedup();
    names
}

/// The texts of a member, wherever it is, each once.
fn collect(value: &Value, name: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, found)),
        Value::Object(members) => {
            if let Some(text) = members.get(name).and_then(Value::as_str) {
                add(text, found);
            }
            members.values().for_each(|member| collect(member, name, found));
        }
        _ => {}
    }
}

fn add(text: &str, found: &mut Vec<String>) {
    if !found.iter().any(|other| other == text) {
        found.push(text.to_owned());
    }
}

fn contract(text: &str, names: &[(String, String)]) -> String {
    names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(value, name))
}

fn contract_all(value: &Value, names: &[(String, String)]) -> Value {
    match value {
        Value::String(text) => contract(text, names).into(),
        Value::Array(items) => items.iter().map(|v| contract_all(v, names)).collect(),
        Value::Object(members) => {
            members.iter().map(|(k, v)| (contract(k, names), contract_all(v, names))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}
