//! A status statement in its chain: what it says, its place, and which earlier ones it takes back.
//!
//! Statements add up. One never replaces another: what a statement said goes on until a later one of the same chain
//! names it. Each issuer has one chain a product, from sequence 1 on, and each statement names the digest of the one
//! before it, so that one that is missing, or one that was put in another's place, is noticed.

use serde::{Deserialize, Serialize};

use crate::digital_link::PrimaryKey;
use crate::record::{Checker, FieldError};
use crate::status::{Scope, State, Status};

/// The most statements in one chain. Each has a signature to be verified at every scan.
pub const MAX_STATEMENTS: u32 = 64;

/// A statement. Unknown members are ignored: a warning must not be lost over one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Whose chain it is in.
    pub issuer: String,
    /// The product whose chain it is in, also where it speaks of one batch.
    pub product: PrimaryKey,
    /// Its place in the chain, from 1.
    pub sequence: u32,
    /// Digest of the statement before it; absent of the first.
    pub previous: Option<String>,
    /// Digests of the earlier statements that it takes back, all of what each said.
    #[serde(default)]
    pub lifts: Vec<String>,
    /// What it says.
    #[serde(flatten)]
    pub status: Status,
}

impl Statement {
    /// Checks what its types cannot say. Whoever is about to sign one asks [`Status::check_new`] as well.
    ///
    /// # Errors
    /// [`FieldError`], the first.
    pub fn check(&self) -> Result<(), FieldError> {
        let root = Checker::root();
        root.member("issuer").identifier(&self.issuer)?;
        if self.sequence == 0 || self.sequence > MAX_STATEMENTS {
            return root.member("sequence").fail("bad_range");
        }
        if self.previous.is_some() != (self.sequence > 1) {
            return root.member("previous").fail("mismatch");
        }
        root.member("previous").optional(&self.previous, |at, digest| at.digest(digest))?;
        let most = usize::try_from(MAX_STATEMENTS).unwrap_or(usize::MAX);
        root.member("lifts").list(&self.lifts, most, |digest, at| at.digest(digest))?;
        // "All is in order" says nothing by itself: what is to end must be named.
        if self.status.state == State::Active && self.lifts.is_empty() {
            return root.member("lifts").fail("empty");
        }
        if matches!(&self.status.scope, Scope::Product(product) if *product != self.product) {
            return root.member("scope").fail("mismatch");
        }
        self.status.check()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn forms() {
        let digest = "a".repeat(64);
        let parse = |edit: &dyn Fn(&mut Value)| -> Result<Statement, String> {
            let mut value = json!({
                "issuer": "desk", "product": "01/09506000134352", "sequence": 2, "previous": digest, "lifts": [],
                "scope": "batch/HL-1", "counters": [[0, 9]], "state": "recalled",
                "reason": {"zh": "镉超标", "en": "Too much cadmium"}, "issued_at": 1, "later": "member"
            });
            edit(&mut value);
            let statement: Statement = serde_json::from_value(value).map_err(|e| e.to_string())?;
            statement.check().map(|()| statement).map_err(|e| e.to_string())
        };
        let good = parse(&|_| ()).unwrap();
        let again: Statement = serde_json::from_value(serde_json::to_value(&good).unwrap()).unwrap();
        assert_eq!(again, good);
        assert!(parse(&|v| (v["state"], v["lifts"]) = (json!("active"), json!([digest]))).is_ok());
        assert!(parse(&|v| (v["sequence"], v["previous"]) = (json!(1), Value::Null)).is_ok());
        for (member, value, expected) in [
            ("issuer", json!(""), "/issuer: empty"),
            ("sequence", json!(0), "/sequence: bad_range"),
            ("sequence", json!(65), "/sequence: bad_range"),
            ("sequence", json!(1), "/previous: mismatch"),
            ("previous", Value::Null, "/previous: mismatch"),
            ("previous", json!("A"), "/previous: bad_digest"),
            ("lifts", json!(["1"]), "/lifts/0: bad_digest"),
            ("state", json!("active"), "/lifts: empty"),
            ("product", json!("01/00614141123452"), ""),
        ] {
            let found = parse(&|v| v[member] = value.clone());
            assert_eq!(found.map_or_else(|e| e, |_| String::new()), expected, "{member} {value}");
        }
        let foreign = parse(&|v| {
            v["scope"] = json!("product/01/00614141123452");
            v["counters"] = Value::Null;
        });
        assert_eq!(foreign.unwrap_err(), "/scope: mismatch");
    }
}
