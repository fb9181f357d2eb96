//! Why a text is not a Digital Link that our labels could carry: one cause, one code, one place.

use core::fmt;

/// What is wrong, where, and in which part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkError {
    /// The cause.
    pub problem: LinkProblem,
    /// Byte offset in the text that was parsed, as it was given: percent-encoding counts three.
    pub at: usize,
    /// The part: an application identifier (`01`, `8004`, `253`, `21`), `url`, `scheme`, `host`, `port`, `path`,
    /// `primary-key` or `qualifier`.
    pub field: &'static str,
}

/// The causes. What a member quotes comes from the client: escape it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkProblem {
    /// Longer than any label of ours, in bytes.
    UrlTooLong {
        /// The most bytes.
        limit: usize,
    },
    /// A full URL whose scheme is neither `http` nor `https`.
    BadScheme,
    /// A full URL without a host, with user information, or with characters that no host has.
    BadHost,
    /// A full URL whose port is not a number from 1 to 65535.
    BadPort,
    /// `%` without two hexadecimal digits (RFC 3986 §2.1).
    BadPercentEncoding,
    /// Percent-encoded bytes that are not UTF-8.
    BadEncoding,
    /// Percent-encoded half of a surrogate pair, which UTF-8 excludes (RFC 3629 §3).
    LoneSurrogate,
    /// A control character, NUL included, encoded or not.
    ControlCharacter,
    /// Two slashes in a row.
    EmptySegment,
    /// The path holds nothing.
    MissingPrimaryKey,
    /// The first segment has the form of an application identifier, but not of one that our labels use.
    UnknownPrimaryKey {
        /// The segment.
        key: String,
    },
    /// The first segment is no application identifier at all.
    NotAPrimaryKey {
        /// The segment.
        key: String,
    },
    /// An identifier without a value.
    MissingValue,
    /// A character where digits belong.
    NonDigit {
        /// The character.
        found: char,
    },
    /// A character outside the identifier's set (GS1 General Specifications §7.11; for a GIAI, `A`–`Z`, `0`–`9`, `-`).
    BadCharacter {
        /// The character.
        found: char,
    },
    /// The value has the wrong number of characters.
    BadLength {
        /// The right number, in words.
        expected: &'static str,
        /// The number it has.
        found: usize,
    },
    /// The check digit is wrong (GS1 General Specifications §7.9).
    BadCheckDigit {
        /// The digit that is there.
        found: char,
        /// The digit that belongs there.
        expected: char,
    },
    /// A key qualifier other than 21 (serial number), or any under 8004 and 253.
    UnknownQualifier {
        /// The segment.
        qualifier: String,
    },
    /// 21 twice.
    DuplicateQualifier,
    /// A GTIN without a serial number: a product, not a piece.
    MissingSerial,
    /// Something after the key that is no qualifier.
    ExtraSegment {
        /// The segment.
        segment: String,
    },
}

impl LinkError {
    /// A stable name, in kebab case.
    pub const fn code(&self) -> &'static str {
        match self.problem {
            LinkProblem::UrlTooLong { .. } => "url-too-long",
            LinkProblem::BadScheme => "bad-scheme",
            LinkProblem::BadHost => "bad-host",
            LinkProblem::BadPort => "bad-port",
            LinkProblem::BadPercentEncoding => "bad-percent-encoding",
            LinkProblem::BadEncoding => "bad-encoding",
            LinkProblem::LoneSurrogate => "lone-surrogate",
            LinkProblem::ControlCharacter => "control-character",
            LinkProblem::EmptySegment => "empty-segment",
            LinkProblem::MissingPrimaryKey => "missing-primary-key",
            LinkProblem::UnknownPrimaryKey { .. } => "unknown-primary-key",
            LinkProblem::NotAPrimaryKey { .. } => "not-a-primary-key",
            LinkProblem::MissingValue => "missing-value",
            LinkProblem::NonDigit { .. } => "non-digit",
            LinkProblem::BadCharacter { .. } => "bad-character",
            LinkProblem::BadLength { .. } => "bad-length",
            LinkProblem::BadCheckDigit { .. } => "bad-check-digit",
            LinkProblem::UnknownQualifier { .. } => "unknown-qualifier",
            LinkProblem::DuplicateQualifier => "duplicate-qualifier",
            LinkProblem::MissingSerial => "missing-serial",
            LinkProblem::ExtraSegment { .. } => "extra-segment",
        }
    }

    /// Every code, for whoever writes a message for each.
    pub const CODES: [&'static str; 21] = [
        "url-too-long",
        "bad-scheme",
        "bad-host",
        "bad-port",
        "bad-percent-encoding",
        "bad-encoding",
        "lone-surrogate",
        "control-character",
        "empty-segment",
        "missing-primary-key",
        "unknown-primary-key",
        "not-a-primary-key",
        "missing-value",
        "non-digit",
        "bad-character",
        "bad-length",
        "bad-check-digit",
        "unknown-qualifier",
        "duplicate-qualifier",
        "missing-serial",
        "extra-segment",
    ];

    /// A segment that is none of our primary keys.
    pub(super) fn primary_key(key: &str, at: usize) -> LinkError {
        let key = key.to_owned();
        let problem = if looks_like_ai(&key) {
            LinkProblem::UnknownPrimaryKey { key }
        } else {
            LinkProblem::NotAPrimaryKey { key }
        };
        LinkError { problem, at, field: "primary-key" }
    }
}

/// GS1 application identifiers have two to four digits (GS1 General Specifications §3.2).
pub(super) fn looks_like_ai(segment: &str) -> bool {
    (2..=4).contains(&segment.len()) && segment.bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LinkError { problem, at, field } = self;
        match problem {
            LinkProblem::UrlTooLong { limit } => write!(f, "longer than {limit} bytes")?,
            LinkProblem::BadScheme => f.write_str("the scheme is neither http nor https")?,
            LinkProblem::BadHost => f.write_str("not a host name")?,
            LinkProblem::BadPort => f.write_str("not a port")?,
            LinkProblem::BadPercentEncoding => f.write_str("`%` without two hexadecimal digits")?,
            LinkProblem::BadEncoding => f.write_str("percent-encoded bytes that are not UTF-8")?,
            LinkProblem::LoneSurrogate => f.write_str("half of a surrogate pair")?,
            LinkProblem::ControlCharacter => f.write_str("a control character")?,
            LinkProblem::EmptySegment => f.write_str("an empty segment")?,
            LinkProblem::MissingPrimaryKey => f.write_str("no primary key")?,
            LinkProblem::UnknownPrimaryKey { key } => write!(f, "the primary key {key:?} is none of 01, 8004, 253")?,
            LinkProblem::NotAPrimaryKey { key } => write!(f, "{key:?} is not a GS1 application identifier")?,
            LinkProblem::MissingValue => write!(f, "{field} has no value")?,
            LinkProblem::NonDigit { found } => write!(f, "{found:?} where {field} takes digits")?,
            LinkProblem::BadCharacter { found } => write!(f, "{found:?} is not a character of {field}")?,
            LinkProblem::BadLength { expected, found } => {
                write!(f, "{field} has {found} characters and takes {expected}")?;
            }
            LinkProblem::BadCheckDigit { found, expected } => {
                write!(f, "the check digit of {field} is {found} and should be {expected}")?;
            }
            LinkProblem::UnknownQualifier { qualifier } => write!(f, "the key qualifier {qualifier:?} is not 21")?,
            LinkProblem::DuplicateQualifier => f.write_str("the serial number (21) occurs twice")?,
            LinkProblem::MissingSerial => f.write_str("no serial number (21): this names a product, not a piece")?,
            LinkProblem::ExtraSegment { segment } => write!(f, "{segment:?} does not belong here")?,
        }
        write!(f, " (byte {at})")
    }
}

impl core::error::Error for LinkError {}
