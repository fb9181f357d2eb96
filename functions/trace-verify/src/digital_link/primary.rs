//! Primary keys: the application identifiers that our labels use, and their check digit.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::error::{LinkError, LinkProblem};

/// An application identifier that is a primary key on our labels (GS1 General Specifications §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ai {
    /// 01: Global Trade Item Number, a product. Its pieces differ in AI 21, serial number.
    Gtin,
    /// 8004: Global Individual Asset Identifier, a one-off piece such as a carved jade.
    Giai,
    /// 253: Global Document Type Identifier, the certificate itself.
    Gdti,
}

/// What the issuer of labels is known by: a GTIN, the company prefix of a GIAI, or the 13 digits of a GDTI. Together
/// with our serial it makes the key on the label. Its text, in JSON too, is `01/<14 digits>`,
/// `8004/<6 to 12 digits>` or `253/<13 digits>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PrimaryKey {
    ai: Ai,
    digits: String,
}

impl Ai {
    /// All that we accept.
    pub const ALL: [Ai; 3] = [Ai::Gtin, Ai::Giai, Ai::Gdti];

    /// The identifier's digits.
    pub const fn code(self) -> &'static str {
        match self {
            Ai::Gtin => "01",
            Ai::Giai => "8004",
            Ai::Gdti => "253",
        }
    }

    /// The identifier with these digits.
    pub fn from_code(code: &str) -> Option<Ai> {
        Ai::ALL.into_iter().find(|ai| ai.code() == code)
    }
}

impl PrimaryKey {
    /// Checks the digits: 14 with a check digit, 6 to 12 (a GS1 company prefix, which has none), or 13 with one.
    ///
    /// # Errors
    /// [`LinkError`] with the problem `NonDigit`, `BadLength` or `BadCheckDigit`.
    pub fn new(ai: Ai, digits: &str) -> Result<PrimaryKey, LinkError> {
        let problem = |problem, at| Err(LinkError { problem, at, field: ai.code() });
        if let Some((at, found)) = digits.char_indices().find(|(_, c)| !c.is_ascii_digit()) {
            return problem(LinkProblem::NonDigit { found }, at);
        }
        let (length, expected) = match ai {
            Ai::Gtin => (14..=14, "14"),
            Ai::Giai => (6..=12, "6 to 12"),
            Ai::Gdti => (13..=13, "13"),
        };
        if !length.contains(&digits.len()) {
            return problem(LinkProblem::BadLength { expected, found: digits.len() }, 0);
        }
        if let (Ai::Gtin | Ai::Gdti, Some((at, found))) = (ai, digits.char_indices().next_back()) {
            let expected = check_digit(digits.get(..at).unwrap_or_default());
            if found != expected {
                return problem(LinkProblem::BadCheckDigit { found, expected }, at);
            }
        }
        Ok(PrimaryKey { ai, digits: digits.to_owned() })
    }

    /// Reads `01/09506000134352` and its like.
    ///
    /// # Errors
    /// [`LinkError`], also where the part before the slash is none of our identifiers.
    pub fn parse(text: &str) -> Result<PrimaryKey, LinkError> {
        let (code, digits) = text.split_once('/').unwrap_or((text, ""));
        match Ai::from_code(code) {
            Some(ai) => PrimaryKey::new(ai, digits),
            None => Err(LinkError::primary_key(code, 0)),
        }
    }

    /// Which identifier.
    pub const fn ai(&self) -> Ai {
        self.ai
    }

    /// Its digits.
    pub fn digits(&self) -> &str {
        &self.digits
    }
}

impl fmt::Display for PrimaryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ai.code(), self.digits)
    }
}

impl TryFrom<String> for PrimaryKey {
    type Error = LinkError;

    fn try_from(text: String) -> Result<PrimaryKey, LinkError> {
        PrimaryKey::parse(&text)
    }
}

impl From<PrimaryKey> for String {
    fn from(key: PrimaryKey) -> String {
        key.to_string()
    }
}

/// The check digit that belongs after these digits (GS1 General Specifications §7.9.1): weights 3 and 1 from the right.
pub fn check_digit(digits: &str) -> char {
    let weights = [3u32, 1].into_iter().cycle();
    let sum = digits.chars().rev().filter_map(|c| c.to_digit(10)).zip(weights).fold(0u32, |sum, (digit, weight)| {
        // Only the last decimal counts, so the sum wraps there and nothing overflows.
        sum.wrapping_add(digit.wrapping_mul(weight)) % 10
    });
    char::from_digit(10u32.wrapping_sub(sum) % 10, 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Examples that GS1 publishes, and products in shops.
    #[test]
    fn check_digits() {
        let cases = [
            ("629104150021", '3'),
            ("0061414112345", '2'),
            ("0950600013435", '2'),
            ("0400638133393", '1'),
            ("950600013437", '6'),
            ("950110153000", '3'),
            ("000000000000", '0'),
        ];
        for (digits, expected) in cases {
            assert_eq!(check_digit(digits), expected, "{digits}");
        }
    }

    #[test]
    fn text_form() {
        for good in ["01/09506000134352", "8004/950600", "8004/950600013437", "253/9506000134376"] {
            let key = PrimaryKey::parse(good).unwrap();
            assert_eq!(key.to_string(), good);
            assert_eq!(serde_json::from_value::<PrimaryKey>(good.into()).unwrap(), key);
        }
        let cases = [
            ("", "not-a-primary-key"),
            ("09506000134352", "not-a-primary-key"),
            ("00/095060001343526789", "unknown-primary-key"),
            ("01/", "bad-length"),
            ("01/9506000134352", "bad-length"),
            ("01/09506000134353", "bad-check-digit"),
            ("01/0950600013435X", "non-digit"),
            ("01/09506000134352/21", "non-digit"),
            ("8004/95060", "bad-length"),
            ("8004/9506000134376", "bad-length"),
            ("253/9506000134375", "bad-check-digit"),
        ];
        for (bad, code) in cases {
            assert_eq!(PrimaryKey::parse(bad).unwrap_err().code(), code, "{bad}");
        }
    }
}
