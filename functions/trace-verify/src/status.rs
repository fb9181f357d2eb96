//! A status statement: that a batch or a product was recalled, withdrawn, or is in order again. Signed.

use core::fmt;

use serde::{Deserialize, Serialize};
use shared::lang::Text;

use crate::digital_link::PrimaryKey;
use crate::manifest::{Manifest, is_batch};
use crate::record::{Checker, FieldError};
use crate::serial::Code;

/// The most counter ranges in one statement.
pub const MAX_RANGES: usize = 256;

/// A status statement. Unknown members are ignored: a warning must not be lost over one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What it speaks of.
    pub scope: Scope,
    /// Which counters of a batch, as inclusive ranges; absent: all. Always absent for a product.
    #[serde(default)]
    pub counters: Option<Vec<(u32, u32)>>,
    /// What holds.
    pub state: State,
    /// Why.
    pub reason: Text,
    /// What the holder of a piece should do.
    #[serde(default)]
    pub advice: Option<Text>,
    /// What the product is called, for where no record that holds says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_name: Option<Text>,
    /// Whom the holder of a piece can call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// Where a piece is given back, `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// The authority's number of the recall, or its like.
    #[serde(default)]
    pub reference: Option<String>,
    /// When it was signed, milliseconds since the epoch.
    pub issued_at: i64,
}

/// What a statement speaks of: `batch/<batch>` or `product/<ai>/<digits>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// One batch.
    Batch(String),
    /// All pieces of a product.
    Product(PrimaryKey),
}

/// What holds, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Dangerous or unlawful: give it back.
    Recalled,
    /// No longer vouched for.
    Withdrawn,
    /// In order: takes an earlier statement back.
    Active,
}

impl Status {
    /// Checks lengths, forms and ranges, as whoever reads one: what earlier builds let pass in a warning's words goes on
    /// warning.
    ///
    /// # Errors
    /// [`FieldError`], the first.
    pub fn check(&self) -> Result<(), FieldError> {
        let root = Checker::root();
        if let Some(ranges) = &self.counters {
            let at = root.member("counters");
            if matches!(self.scope, Scope::Product(_)) || ranges.is_empty() {
                return at.fail("bad_range");
            }
            at.list(ranges, MAX_RANGES, |(first, last), at| if first > last { at.fail("bad_range") } else { Ok(()) })?;
        }
        root.member("reason").warning(&self.reason)?;
        root.member("advice").optional(&self.advice, Checker::warning)?;
        root.member("reference").optional(&self.reference, |at, text| at.legible_identifier(text))?;
        root.member("product_name").optional(&self.product_name, Checker::name)?;
        root.member("telephone").optional(&self.telephone, |at, text| at.telephone(text))?;
        root.member("return_url").optional(&self.return_url, |at, url| at.url(url))?;
        root.member("issued_at").instant(self.issued_at)
    }

    /// The same for whoever is about to sign one: nothing in its words may be invisible.
    ///
    /// # Errors
    /// [`FieldError`], the first.
    pub fn check_new(&self) -> Result<(), FieldError> {
        self.check()?;
        let root = Checker::root();
        root.member("reason").text(&self.reason)?;
        root.member("advice").optional(&self.advice, Checker::text)?;
        root.member("reference").optional(&self.reference, |at, text| at.identifier(text))
    }

    /// Whether it speaks of this code. A batch is known by its manifest alone.
    pub fn covers(&self, code: &Code, manifest: Option<&Manifest>) -> bool {
        let in_scope = match &self.scope {
            Scope::Batch(batch) => manifest.is_some_and(|manifest| manifest.batch == *batch),
            Scope::Product(primary) => primary == code.primary(),
        };
        let counted =
            |ranges: &Vec<(u32, u32)>| ranges.iter().any(|&(first, last)| (first..=last).contains(&code.counter()));
        in_scope && self.counters.as_ref().is_none_or(counted)
    }
}

impl State {
    /// A stable name, in snake case.
    pub const fn code(self) -> &'static str {
        match self {
            State::Recalled => "recalled",
            State::Withdrawn => "withdrawn",
            State::Active => "active",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Batch(batch) => write!(f, "batch/{batch}"),
            Scope::Product(primary) => write!(f, "product/{primary}"),
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> String {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = String;

    fn try_from(text: String) -> Result<Scope, String> {
        match text.split_once('/') {
            Some(("batch", batch)) if is_batch(batch) => Ok(Scope::Batch(batch.to_owned())),
            Some(("product", primary)) => PrimaryKey::parse(primary).map(Scope::Product).map_err(|e| e.to_string()),
            _ => Err("the scope is neither batch/<batch> nor product/<ai>/<digits>".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, json};

    fn parse(edit: impl Fn(&mut Value)) -> Result<Status, String> {
        let mut value = json!({
            "scope": "batch/HL-1", "counters": [[0, 9], [4096, 4096]], "state": "recalled",
            "reason": {"zh": "镉超标", "en": "Too much cadmium"}, "advice": null, "reference": "SAMR 2026-17",
            "issued_at": 1_800_000_000_000i64, "later": "member"
        });
        edit(&mut value);
        let status: Status = serde_json::from_value(value).map_err(|e| e.to_string())?;
        status.check().map(|()| status).map_err(|e| e.to_string())
    }

    #[test]
    fn forms() {
        assert!(parse(|_| ()).is_ok());
        let product = parse(|v| {
            v["scope"] = "product/01/09506000134352".into();
            v["counters"] = Value::Null;
        });
        assert_eq!(product.unwrap().scope.to_string(), "product/01/09506000134352");
        for scope in ["", "batch", "batch/", "batch/a", "batch/A/B", "product/01/1", "product/", "all/A"] {
            assert!(parse(|v| v["scope"] = scope.into()).is_err(), "{scope}");
        }
    }

    #[test]
    fn limits() {
        let cases = [
            ("counters", json!([]), "/counters: bad_range"),
            ("counters", json!([[1, 0]]), "/counters/0: bad_range"),
            ("counters", Value::from(vec![json!([1, 1]); 257]), "/counters: too_many"),
            ("scope", json!("product/01/09506000134352"), "/counters: bad_range"),
            ("reason", json!({"zh": "", "en": "x"}), "/reason/zh: empty"),
            ("advice", json!({"zh": "x", "en": "x".repeat(601)}), "/advice/en: too_long"),
            ("reference", json!("a\u{202e}b"), "/reference: bad_character"),
            ("issued_at", json!(-1), "/issued_at: bad_instant"),
        ];
        for (member, value, expected) in cases {
            assert_eq!(parse(|v| v[member] = value.clone()).unwrap_err(), expected);
        }
    }

    #[test]
    fn what_helps_a_holder_is_checked_and_may_be_left_out() {
        let name = json!({"zh": "龙井茶", "en": "Longjing tea"});
        let told = parse(|v| {
            v["product_name"] = name.clone();
            v["telephone"] = "400-820-8820".into();
            v["return_url"] = "https://recall.example.cn/tea".into();
        });
        assert_eq!(told.unwrap().telephone.as_deref(), Some("400-820-8820"));
        // What does not say them is signed as it always was.
        let plain = serde_json::to_value(parse(|_| ()).unwrap()).unwrap();
        assert!(["product_name", "telephone", "return_url"].iter().all(|name| plain.get(name).is_none()), "{plain}");
        for (member, value, expected) in [
            ("product_name", json!({"zh": "", "en": "x"}), "/product_name/zh: empty"),
            ("product_name", json!({"zh": "\u{3164}", "en": "x"}), "/product_name/zh: bad_character"),
            ("telephone", json!("javascript:1"), "/telephone: bad_telephone"),
            ("telephone", json!(""), "/telephone: bad_telephone"),
            ("return_url", json!("http://a.cn"), "/return_url: bad_url"),
            ("return_url", json!("https://user@a.cn"), "/return_url: bad_url"),
        ] {
            assert_eq!(parse(|v| v[member] = value.clone()).unwrap_err(), expected);
        }
    }

    /// A recall that was signed with a soft hyphen in its words must not be lost over it; a new one is not signed so.
    #[test]
    fn words_of_an_earlier_build_go_on_warning() {
        for text in ["soft\u{ad}ly", "⚠\u{fe0f}", "a\u{3164}b"] {
            let read = parse(|v| v["reason"]["en"] = text.into()).unwrap();
            let new = read.check_new().map_err(|e| e.to_string());
            let drawn = text.starts_with('⚠');
            assert_eq!(new, if drawn { Ok(()) } else { Err("/reason/en: bad_character".to_owned()) });
        }
    }
}
