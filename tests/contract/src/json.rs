//! Writes vectors as a person would: what fits a line is on one line, members in the order of the form.

use serde_json::Value;

const WIDTH: usize = 110;

const ORDER: [&str; 24] = [
    "title", "source", "hosts", "now", "config", "fixtures", "kv", "shard", "sql", "params", "rows", "fail", "place",
    "country", "steps", "request", "response", "method", "target", "host", "status", "headers", "body", "after",
];

/// Below these, members are a body's own.
const OWN: [&str; 2] = ["json", "part"];

/// Ends with a line feed.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0, 0, true);
    out.push('\n');
    out
}

/// `used` counts what already stands on the line; `form` says whether members are the form's or a body's own.
fn write(out: &mut String, value: &Value, depth: usize, used: usize, form: bool) {
    let line = compact(value, form);
    let break_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    // The whole document and its lists of steps read better broken up, however short.
    if depth > 0 && used + line.chars().count() <= WIDTH {
        out.push_str(&line);
        return;
    }
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                break_line(out, depth + 1);
                write(out, item, depth + 1, 2 * (depth + 1), form);
            }
            break_line(out, depth);
            out.push(']');
        }
        Value::Object(members) if !members.is_empty() => {
            out.push('{');
            for (i, (name, member)) in sorted(members, form).into_iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                break_line(out, depth + 1);
                let label = format!("{}: ", Value::from(name.as_str()));
                out.push_str(&label);
                let used = 2 * (depth + 1) + label.chars().count();
                write(out, member, depth + 1, used, form && !OWN.contains(&name.as_str()));
            }
            break_line(out, depth);
            out.push('}');
        }
        _ => out.push_str(&line),
    }
}

fn compact(value: &Value, form: bool) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| compact(item, form)).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let member = |(k, v): (&String, &Value)| {
                format!("{}: {}", Value::from(k.as_str()), compact(v, form && !OWN.contains(&k.as_str())))
            };
            let members: Vec<String> = sorted(members, form).into_iter().map(member).collect();
            format!("{{ {} }}", members.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

fn sorted(members: &serde_json::Map<String, Value>, form: bool) -> Vec<(&String, &Value)> {
    let place = |name: &str| ORDER.iter().position(|o| form && *o == name).unwrap_or(ORDER.len());
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by_key(|(name, _)| (place(name), *name));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_share_a_line_and_members_keep_their_order() {
        let value =
            serde_json::json!({"steps": [{"response": {"status": 200}, "request": {"target": "/"}}], "title": "a"});
        let expected = "{\n  \"title\": \"a\",\n  \"steps\": [{ \"request\": { \"target\": \"/\" }, \"response\": { \"status\": 200 } }]\n}\n";
        assert_eq!(pretty(&value), expected);
        assert_eq!(serde_json::from_str::<Value>(&pretty(&value)).unwrap(), value);
        let long = Value::from(vec!["x".repeat(60); 3]);
        assert_eq!(pretty(&serde_json::json!({ "a": long })).lines().count(), 7);
    }
}
