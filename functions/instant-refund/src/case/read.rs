//! From bytes to a case of the right shape: strict JSON, every member known, and a pointer to whatever is wrong.

use serde_path_to_error::{Path, Segment};
use shared::http::BodyError;
use shared::jcs::{JsonError, parse_bounded};
use shared::problem::{NOT_JSON, Problem};

use super::Case;
use super::problems::{self, Fault, Faults, words};

/// The most bytes of a case.
pub const MAX_BODY: usize = 64 * 1024;
/// The deepest nesting: body, `return`, `parcels`, a parcel, and one to spare.
const MAX_DEPTH: usize = 6;

impl Case {
    /// Reads a case of the right shape. Whether its facts fit together is for [`Case::check`].
    ///
    /// # Errors
    /// `400 not-json`, `413 body-too-large`, or `422 bad-case` with an RFC 6901 pointer to the first fault.
    pub fn parse(bytes: &[u8]) -> Result<Case, Problem> {
        let value = parse_bounded(bytes, MAX_BODY, MAX_DEPTH).map_err(|e| unreadable(&e))?;
        serde_path_to_error::deserialize(value).map_err(|e| misshapen(e.path(), &e.inner().to_string()))
    }

    /// Reads a case and checks its facts at an instant. Waybills are upper-cased first: `sf1001` is `SF1001`.
    ///
    /// # Errors
    /// Those of [`Case::parse`] and [`Case::check`].
    pub fn read(bytes: &[u8], now_ms: i64) -> Result<Case, Problem> {
        let mut case = Case::parse(bytes)?;
        case.upper_case_waybills();
        case.check(now_ms)?;
        Ok(case)
    }

    /// A waybill is one whatever the case of its letters. Carriers need no such care: the check wants them in lower case.
    fn upper_case_waybills(&mut self) {
        for parcel in self.return_.iter_mut().flat_map(|return_| &mut return_.parcels) {
            parcel.waybill.make_ascii_uppercase();
        }
        if let Some(waybill) = self.insurance.as_mut().and_then(|insurance| insurance.bound_waybill.as_mut()) {
            waybill.make_ascii_uppercase();
        }
    }
}

fn unreadable(error: &JsonError) -> Problem {
    let fault = match error {
        JsonError::TooLarge => return BodyError::TooLarge { limit: MAX_BODY }.into(),
        JsonError::Syntax { line, column } => return BodyError::NotJson { line: *line, column: *column }.into(),
        JsonError::TooDeep => &problems::JSON_TOO_DEEP,
        JsonError::DuplicateKey(_) => &problems::JSON_DUPLICATE_KEY,
        JsonError::NotAnInteger => &problems::JSON_NOT_AN_INTEGER,
        JsonError::IntegerOutOfRange => &problems::JSON_INTEGER_OUT_OF_RANGE,
    };
    Problem::new(&NOT_JSON, words(fault)).field("", fault.code, words(fault))
}

fn misshapen(path: &Path, message: &str) -> Problem {
    let mut pointer = pointer(path);
    let fault: &Fault = if message.starts_with("unknown field") {
        append_once(&mut pointer, quoted(message));
        &problems::UNKNOWN_MEMBER
    } else if message.starts_with("missing field") {
        append_once(&mut pointer, quoted(message));
        &problems::MISSING_MEMBER
    } else if message.starts_with("unknown variant") {
        &problems::UNKNOWN_VALUE
    } else {
        &problems::WRONG_TYPE
    };
    let mut faults = Faults::default();
    faults.add(&pointer, fault);
    match faults.done() {
        Err(problem) => problem,
        Ok(()) => Problem::new(&problems::BAD_CASE, words(fault)),
    }
}

/// RFC 6901, from the path that serde took.
fn pointer(path: &Path) -> String {
    let mut out = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => append(&mut out, &index.to_string()),
            Segment::Map { key } | Segment::Enum { variant: key } => append(&mut out, key),
            Segment::Unknown => {}
        }
    }
    out
}

fn append(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

/// Appends the member that serde's message names, unless the path ends in it already.
fn append_once(pointer: &mut String, member: &str) {
    let mut last = String::new();
    append(&mut last, member);
    if !pointer.ends_with(&last) || member.is_empty() {
        pointer.push_str(&last);
    }
}

/// The name between the first two back-ticks.
fn quoted(message: &str) -> &str {
    message.split('`').nth(1).unwrap_or("")
}
