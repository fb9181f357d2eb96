//! A batch, split into its entries before any is read: what is wrong with one is that one's problem.
//!
//! **Invariant: at most [`MOST_LISTINGS`] entries are kept**, each as a stretch of the body.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use shared::http::BodyError;
use shared::lang::Text;
use shared::problem::{Problem, text};

use crate::listing::{BAD_LISTING, MOST_LISTINGS};

/// The entries of a body.
///
/// # Errors
/// `400 not-json`: the body as a whole is none. `422 bad-listing`: it has no entries, or too many.
pub fn entries(body: &[u8]) -> Result<Vec<&RawValue>, Problem> {
    let no_json = |error: serde_json::Error| BodyError::NotJson { line: error.line(), column: error.column() };
    // From here on all of it is JSON.
    let whole: &RawValue = serde_json::from_slice(body).map_err(no_json)?;
    let listings = match serde_json::Deserializer::from_str(whole.get()).deserialize_any(Members) {
        Ok(Listings::One(listings)) => listings,
        Ok(Listings::Twice) => {
            return fault("duplicate-member", text("同一字段出现了两次。", "A member occurs twice."));
        }
        Ok(Listings::None) | Err(_) => return missing(),
    };
    match serde_json::Deserializer::from_str(listings.get()).deserialize_any(Items) {
        Ok(entries) if (1..=MOST_LISTINGS).contains(&entries.len()) => Ok(entries),
        Ok(_) => fault(
            "too-many",
            text(
                format!("一次可检查 1 至 {MOST_LISTINGS} 个商品。"),
                format!("1 to {MOST_LISTINGS} listings can be checked at once."),
            ),
        ),
        Err(_) => missing(),
    }
}

fn missing<T>() -> Result<T, Problem> {
    fault("missing", text("缺少数组 listings。", "The array listings is missing."))
}

fn fault<T>(code: &'static str, said: Text) -> Result<T, Problem> {
    Err(Problem::new(&BAD_LISTING, said.clone()).field("/listings", code, said))
}

/// What an object says of its listings.
enum Listings<'b> {
    None,
    One(&'b RawValue),
    Twice,
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Listings<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Listings<'de>, A::Error> {
        let mut found = Listings::None;
        while let Some(name) = map.next_key::<&RawValue>()? {
            // A name that is no text is another's.
            if !serde_json::from_str::<String>(name.get()).is_ok_and(|name| name == "listings") {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value()?;
            found = if matches!(found, Listings::None) { Listings::One(value) } else { Listings::Twice };
        }
        Ok(found)
    }
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<&'de RawValue>, A::Error> {
        let mut entries = Vec::new();
        // One more tells that there are too many.
        while entries.len() <= MOST_LISTINGS {
            let Some(entry) = seq.next_element()? else { return Ok(entries) };
            entries.push(entry);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> Result<Vec<&str>, String> {
        let code = |problem: Problem| problem.errors.first().map_or("", |error| error.code).to_owned();
        entries(body.as_bytes()).map(|all| all.iter().map(|entry| entry.get()).collect()).map_err(code)
    }

    #[test]
    fn entries_are_split_off_before_they_are_read() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        let odd = ["1.5", r#"{"a":1,"a":2}"#, r#""\ud83d""#, "12345678901234567890123", "1e999", "null", deep.as_str()];
        let body =
            format!(r#" {{"later":[{deep}, "\udc00"], "\ud800":1, "list\u0069ngs" : [ {} ]}} "#, odd.join(" , "));
        assert_eq!(said(&body).unwrap(), odd);
        for (body, code) in [
            ("{}", "missing"),
            ("[]", "missing"),
            ("1", "missing"),
            (r#"{"listings":{}}"#, "missing"),
            (r#"{"listings":null}"#, "missing"),
            (r#"{"listings":[]}"#, "too-many"),
            (r#"{"listings":[1],"listings":[2]}"#, "duplicate-member"),
            (r#"{"listings":[1]"#, "not-json"),
            (r#"{"listings":[1,]}"#, "not-json"),
            (r#"{"listings":["\u12"]}"#, "not-json"),
            ("", "not-json"),
        ] {
            assert_eq!(said(body).unwrap_err(), code, "{body}");
        }
        assert!(entries(b"{\"listings\":[\"\xff\"]}").is_err(), "no UTF-8");
        let many = |n: usize| format!(r#"{{"listings":[{}]}}"#, vec!["0"; n].join(","));
        assert_eq!(said(&many(100)).unwrap().len(), 100);
        assert_eq!(said(&many(101)).unwrap_err(), "too-many");
        assert_eq!(said(&many(100_000)).unwrap_err(), "too-many");
    }
}
