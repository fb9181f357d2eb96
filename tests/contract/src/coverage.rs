//! Which members of answers are pinned by some vector. Parts may leave out what another vector states, but every member
//! must be stated somewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::matcher::open;
use crate::placeholders::{ANY, SIGNED};
use crate::suite::Native;
use crate::vector::ExpectedBody;

/// Members by whose values the items of a list are distinguished.
const KINDS: [&str; 4] = ["code", "rule", "proof", "name"];

/// Members of JSON answers that no vector states, as `function /legs/[rule]/amount_fen`, with a vector that has it.
pub fn untold(vectors: &[Native]) -> Vec<String> {
    let (mut there, mut told) = (BTreeMap::new(), BTreeSet::new());
    for native in vectors {
        let Ok(run) = &native.run else { continue };
        let function = native.file.function;
        for (step, answer) in native.file.vector.steps.iter().zip(&run.answers) {
            let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { continue };
            let mut walk = Walk { native, at: format!("{} ", function.name), found: BTreeSet::new() };
            walk.members(&body, None);
            there.extend(walk.found.into_iter().map(|path| (path, native.file.label())));
            let expected = match &step.response.body {
                Some(ExpectedBody::Json { json }) => json,
                Some(ExpectedBody::Part { part }) => part,
                _ => continue,
            };
            let mut walk = Walk { native, at: format!("{} ", function.name), found: BTreeSet::new() };
            walk.members(&body, Some(expected));
            told.extend(walk.found);
        }
    }
    there.retain(|path, _| !told.contains(path));
    there.into_iter().map(|(path, label)| format!("{path}, as in {label}")).collect()
}

/// Collects the members of an answer, or those that the vector states.
struct Walk<'a> {
    native: &'a Native,
    at: String,
    found: BTreeSet<String>,
}

impl Walk<'_> {
    fn members(&mut self, actual: &Value, told: Option<&Value>) {
        let all = told.is_none();
        if told.is_some_and(|told| *told == *ANY) {
            return;
        }
        match actual {
            Value::Object(_) if actual.get("signatures").is_some() => {
                let Some((_, payload)) = open(self.native.file.function.fixtures, actual) else { return };
                match told.map(|told| told.get(SIGNED)) {
                    Some(None) => {}
                    Some(Some(told)) => self.below(SIGNED, &payload, Some(told)),
                    None => self.below(SIGNED, &payload, None),
                }
            }
            Value::Object(members) => {
                for (name, actual) in members {
                    let told = told.and_then(|told| told.get(name));
                    if all || told.is_some() {
                        self.below(name, actual, told);
                    }
                }
            }
            Value::Array(items) => {
                for (i, actual) in items.iter().enumerate() {
                    let told = told.and_then(|told| told.get(i));
                    if all || told.is_some() {
                        // A receipt repeats the answer: there, one item of a list stands for all.
                        let kinds: &[&str] = if self.at.contains(SIGNED) { &[] } else { &KINDS };
                        let kind = kinds.iter().find_map(|kind| actual.get(kind)?.as_str());
                        self.below(&format!("[{}]", kind.unwrap_or_default()), actual, told);
                    }
                }
            }
            _ => _ = self.found.insert(self.at.clone()),
        }
    }

    fn below(&mut self, name: &str, actual: &Value, told: Option<&Value>) {
        let length = self.at.len();
        self.at.push_str(&format!("/{name}"));
        self.members(actual, told);
        self.at.truncate(length);
    }
}
