//! JSON bodies: read within bounds into a type, and a fault that says where and why, in both languages.
//!
//! serde's own errors are English sentences. Here they never come to be: [`Fault`] is itself the error that a type's
//! `Deserialize` makes, so what is wrong arrives as a kind, and its words are ours.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::BodyError;
use crate::jcs::{self, JsonError};
use crate::lang::Text;
use crate::problem::{Kind, NOT_JSON, Problem, text};

mod fault;
mod loose;
mod members;
mod read;

pub use crate::jcs::Bounds;
pub use fault::{Fault, Found, Wrong};
pub use loose::parse_loosely;
pub use members::Members;

/// What becomes of members that a type does not have. (A type that says `deny_unknown_fields` refuses them by itself.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// They are faults: where money moves, a member that is not understood may change what is meant.
    Refuse,
    /// They are passed over: where nothing is lost by it, callers may send what later versions read.
    Ignore,
}

/// Why a body is not what was wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is no JSON text of our subset, or beyond the bounds.
    Json(JsonError, Bounds),
    /// It is, and has another shape.
    Shape(Fault),
}

/// Reads a JSON text into a type.
///
/// # Errors
/// [`Unread`]: the first thing that is wrong.
pub fn read<T: DeserializeOwned>(bytes: &[u8], bounds: Bounds, unknown: Unknown) -> Result<T, Unread> {
    let value = parse(bytes, bounds)?;
    of_value(&value, unknown).map_err(Unread::Shape)
}

/// Reads a JSON text, of any shape.
///
/// # Errors
/// [`Unread::Json`].
pub fn parse(bytes: &[u8], bounds: Bounds) -> Result<Value, Unread> {
    jcs::parse_within(bytes, &bounds).map_err(|error| Unread::Json(error, bounds))
}

/// Reads a value into a type.
///
/// # Errors
/// The first thing that is wrong.
pub fn of_value<T: DeserializeOwned>(value: &Value, unknown: Unknown) -> Result<T, Fault> {
    T::deserialize(read::At { value, unknown })
}

impl Unread {
    /// As a problem: `413` or `400` for what is no JSON within bounds; of the kind given for another shape.
    pub fn problem(self, kind: &'static Kind) -> Problem {
        match self {
            Unread::Shape(fault) => fault.problem(kind),
            Unread::Json(JsonError::TooLarge, bounds) => BodyError::TooLarge { limit: bounds.bytes }.into(),
            Unread::Json(JsonError::Syntax { line, column }, _) => BodyError::NotJson { line, column }.into(),
            Unread::Json(error, bounds) => {
                let detail = words(&error, bounds);
                Problem::new(&NOT_JSON, detail.clone()).field("", error.code(), detail)
            }
        }
    }
}

/// What is wrong with a JSON text, for a person.
pub fn words(error: &JsonError, bounds: Bounds) -> Text {
    let items = bounds.items;
    match error {
        JsonError::TooLarge => text("JSON 过长。", "The JSON text is too long."),
        JsonError::TooDeep => text("JSON 嵌套过深。", "The JSON text is nested too deeply."),
        JsonError::TooManyItems => {
            text(format!("数组最多 {items} 项。"), format!("An array may have at most {items} items."))
        }
        JsonError::DuplicateKey(_) => text("同一字段出现了两次。", "A member occurs twice."),
        JsonError::NotAnInteger => text("数值必须是整数。", "Numbers must be integers."),
        JsonError::IntegerOutOfRange => text("整数超出 ±(2^53 − 1)。", "An integer is beyond ±(2^53 − 1)."),
        JsonError::Syntax { line, column } => {
            text(format!("第 {line} 行第 {column} 列有误。"), format!("Fault at line {line}, column {column}."))
        }
    }
}

#[cfg(test)]
mod tests;
