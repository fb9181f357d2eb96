//! `{{…}}` in a vector: names of values, which are replaced when it is read, and patterns, which stay for
//! [`crate::matcher`].

use serde_json::Value;

use crate::Result;
use crate::functions::Known;

/// Any value. `{{*name}}` is any value too, and the same wherever the name is in the vector.
pub const ANY: &str = "{{*}}";
/// In an object: such a member must not be there.
pub const ABSENT: &str = "{{-}}";
/// The member that holds the payload of a signed envelope.
pub const SIGNED: &str = "{{signed}}";

/// The value of a name: the policy's digest, or what the fixtures say.
pub fn value(function: &Known, name: &str) -> Option<String> {
    match name {
        "policy" if !function.policy.is_empty() => Some(function.policy.to_owned()),
        _ => function.fixtures.value(name),
    }
}

/// Replaces names in every string and every member's name.
pub fn expand_all(value: &Value, function: &Known) -> Result<Value> {
    Ok(match value {
        Value::String(text) => Value::String(expand(text, function)?),
        Value::Array(items) => Value::Array(items.iter().map(|v| expand_all(v, function)).collect::<Result<_>>()?),
        Value::Object(members) => {
            let expanded = members.iter().map(|(k, v)| Ok((expand(k, function)?, expand_all(v, function)?)));
            Value::Object(expanded.collect::<Result<_>>()?)
        }
        other => other.clone(),
    })
}

/// Replaces names in a text.
pub fn expand(text: &str, function: &Known) -> Result<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").ok_or_else(|| format!("{text:?}: {{{{ without }}}}"))?;
        out.push_str(before);
        if is_pattern(name) {
            out.push_str(&format!("{{{{{name}}}}}"));
        } else {
            out.push_str(&value(function, name).ok_or_else(|| format!("no fixture has a value {{{{{name}}}}}"))?);
        }
        rest = behind;
    }
    Ok(out + rest)
}

fn is_pattern(name: &str) -> bool {
    name.starts_with('*') || [ABSENT, SIGNED].contains(&format!("{{{{{name}}}}}").as_str())
}

/// The names in a text.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|part| Some(part.split_once("}}")?.0)).filter(|name| !is_pattern(name))
}
