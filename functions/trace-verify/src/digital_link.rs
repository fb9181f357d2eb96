//! The label's URL: GS1 Digital Link Standard, URI Syntax, restricted to what our labels carry.
//!
//! `/01/<GTIN-14>/21/<serial>`, `/8004/<GIAI>`, `/253/<GDTI>`. Lower and upper case are one, and so are `http` and
//! `https` and any host. One trailing slash is tolerated, as GS1 resolvers do.

mod error;
mod primary;

use std::borrow::Cow;

pub use error::{LinkError, LinkProblem};
pub use primary::{Ai, PrimaryKey, check_digit};

use error::looks_like_ai;

use crate::serial::Layout;

/// The longest path, in bytes.
pub const MAX_PATH: usize = 256;

/// The longest full URL, in bytes: a path, a host (253), a scheme, a port.
pub const MAX_URL: usize = 528;

/// Where canonical Digital Links live.
pub const CANONICAL_BASE: &str = "https://id.gs1.org/";

/// A well-formed Digital Link. Whether its serial is one of ours is [`crate::serial::Code::verify`]'s question, and that
/// refuses a wrong check digit too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    ai: Ai,
    /// A GTIN; the 13 digits of a GDTI; what comes before the last characters of a GIAI.
    primary: String,
    serial: String,
}

impl Link {
    /// Parses a request's path, percent-encoded as it came, without its query.
    ///
    /// # Errors
    /// [`LinkError`]: the first problem, with its byte offset in `path`.
    pub fn parse_path(path: &str) -> Result<Link, LinkError> {
        Link::read(path, CheckDigit::Right)
    }

    /// Takes a path as a label has it: one whose check digit is wrong as well. A shopper who scans it is asked nothing about
    /// check digits: it is no code of ours, as any other forgery.
    ///
    /// # Errors
    /// [`LinkError`], never `BadCheckDigit`.
    pub fn scanned_path(path: &str) -> Result<Link, LinkError> {
        Link::read(path, CheckDigit::Any)
    }

    /// The same of a path or a full URL.
    ///
    /// # Errors
    /// [`LinkError`], never `BadCheckDigit`.
    pub fn scanned(text: &str) -> Result<Link, LinkError> {
        if text.starts_with('/') {
            return Link::scanned_path(text);
        }
        let (path, offset) = path_of(text)?;
        Link::scanned_path(path).map_err(|e| LinkError { at: e.at.saturating_add(offset), ..e })
    }

    fn read(path: &str, check_digit: CheckDigit) -> Result<Link, LinkError> {
        if path.len() > MAX_PATH {
            return Err(LinkError { problem: LinkProblem::UrlTooLong { limit: MAX_PATH }, at: MAX_PATH, field: "url" });
        }
        let segments = segments(path)?;
        let mut segments = segments.iter();
        let Some(first) = segments.next() else {
            return Err(LinkError { problem: LinkProblem::MissingPrimaryKey, at: path.len(), field: "primary-key" });
        };
        let ai = Ai::from_code(&first.text).ok_or_else(|| LinkError::primary_key(&first.text, first.at))?;
        let value = segments.next().ok_or_else(|| first.after(LinkProblem::MissingValue, ai.code()))?;
        let (primary, serial) = match ai {
            Ai::Gtin => {
                value.check(&GTIN)?;
                value.digits(ai, &value.text, check_digit)?;
                (value.text.to_string(), serial_qualifier(value, &mut segments)?)
            }
            Ai::Giai => {
                value.check(&GIAI)?;
                let (prefix, serial) = split_giai(&value.text);
                (prefix.to_owned(), serial.to_owned())
            }
            Ai::Gdti => {
                value.check(&GDTI)?;
                let (digits, serial) = value.text.split_at_checked(13).unwrap_or_default();
                value.digits(ai, digits, check_digit)?;
                (digits.to_owned(), serial.to_owned())
            }
        };
        match segments.next() {
            Some(extra) => Err(extra.superfluous(ai)),
            None => Ok(Link { ai, primary: primary.to_ascii_uppercase(), serial: serial.to_ascii_uppercase() }),
        }
    }

    /// Parses a full URL, as scanned or typed. A query and a fragment are ignored.
    ///
    /// # Errors
    /// [`LinkError`]: the first problem, with its byte offset in `url`.
    pub fn parse_url(url: &str) -> Result<Link, LinkError> {
        let (path, offset) = path_of(url)?;
        Link::parse_path(path).map_err(|e| LinkError { at: e.at.saturating_add(offset), ..e })
    }

    /// Parses either: what begins with a slash is a path.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn parse(text: &str) -> Result<Link, LinkError> {
        if text.starts_with('/') { Link::parse_path(text) } else { Link::parse_url(text) }
    }

    /// Which primary key.
    pub const fn ai(&self) -> Ai {
        self.ai
    }

    /// The primary key's own part: a GTIN, 13 digits of a GDTI, or whatever precedes the serial in a GIAI, which may be
    /// empty or no company prefix at all.
    pub fn primary_part(&self) -> &str {
        &self.primary
    }

    /// What is in the place of our serial, in upper case: of any length, and not necessarily base32.
    pub fn serial_part(&self) -> &str {
        &self.serial
    }

    /// The canonical Digital Link (URI Syntax, "Canonical GS1 Digital Link URIs") with the value in upper case.
    pub fn canonical(&self) -> String {
        let mut uri = String::with_capacity(80);
        for part in [CANONICAL_BASE, self.ai.code(), "/", &self.primary] {
            uri.push_str(part);
        }
        if self.ai == Ai::Gtin {
            uri.push_str("/21/");
        }
        for c in self.serial.chars() {
            match c {
                'A'..='Z' | '0'..='9' | '-' | '.' | '_' => uri.push(c),
                // The set is ASCII, so a character is one byte.
                other => uri.push_str(&format!("%{:02X}", u32::from(other))),
            }
        }
        uri
    }
}

/// Which check digits are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CheckDigit {
    Right,
    Any,
}

/// `21/<serial>`, and no other qualifier.
fn serial_qualifier<'a>(
    value: &Segment<'a>,
    rest: &mut core::slice::Iter<'_, Segment<'a>>,
) -> Result<String, LinkError> {
    let qualifier = rest.next().ok_or_else(|| value.after(LinkProblem::MissingSerial, "21"))?;
    if qualifier.text != "21" {
        return Err(qualifier.superfluous(Ai::Gtin));
    }
    let serial = rest.next().ok_or_else(|| qualifier.after(LinkProblem::MissingValue, "21"))?;
    serial.check(&SERIAL)?;
    Ok(serial.text.to_string())
}

/// The company prefix and our serial, which is the last characters; a GIAI too short for one is all serial.
fn split_giai(giai: &str) -> (&str, &str) {
    let serial = usize::try_from(Layout::for_ai(Ai::Giai).symbols()).unwrap_or(usize::MAX);
    match giai.len().checked_sub(serial) {
        Some(prefix) => giai.split_at_checked(prefix).unwrap_or(("", giai)),
        None => ("", giai),
    }
}

/// One segment of the path: as it was given, and decoded.
struct Segment<'a> {
    raw: &'a str,
    at: usize,
    text: Cow<'a, str>,
}

/// Splits and decodes. One trailing slash is dropped.
fn segments(path: &str) -> Result<Vec<Segment<'_>>, LinkError> {
    let Some(rest) = path.strip_prefix('/') else {
        return if path.is_empty() { Ok(Vec::new()) } else { Err(LinkError::primary_key(path, 0)) };
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.is_empty() {
        // `/` holds nothing; `//` holds an empty segment.
        let empty = LinkError { problem: LinkProblem::EmptySegment, at: 1, field: "path" };
        return if path.len() > 1 { Err(empty) } else { Ok(Vec::new()) };
    }
    let mut at = 1usize;
    rest.split('/')
        .map(|raw| {
            let start = at;
            at = at.saturating_add(raw.len()).saturating_add(1);
            if raw.is_empty() {
                return Err(LinkError { problem: LinkProblem::EmptySegment, at: start, field: "path" });
            }
            decode(raw, start).map(|text| Segment { raw, at: start, text })
        })
        .collect()
}

/// Percent-decoding (RFC 3986 §2.1), then UTF-8, then no controls.
fn decode(raw: &str, start: usize) -> Result<Cow<'_, str>, LinkError> {
    let fail = |problem, index: usize| {
        Err(LinkError { problem, at: start.saturating_add(raw_offset(raw, index)), field: "path" })
    };
    let text = if raw.contains('%') {
        let mut decoded = Vec::with_capacity(raw.len());
        let mut bytes = raw.bytes();
        while let Some(byte) = bytes.next() {
            decoded.push(if byte != b'%' {
                byte
            } else {
                match (bytes.next().and_then(hex), bytes.next().and_then(hex)) {
                    (Some(high), Some(low)) => (high << 4) | low,
                    _ => return fail(LinkProblem::BadPercentEncoding, decoded.len()),
                }
            });
        }
        match String::from_utf8(decoded) {
            Ok(text) => Cow::Owned(text),
            Err(e) => {
                let index = e.utf8_error().valid_up_to();
                let surrogate = matches!(e.as_bytes().get(index..), Some([0xED, 0xA0..=0xBF, ..]));
                let problem = if surrogate { LinkProblem::LoneSurrogate } else { LinkProblem::BadEncoding };
                return fail(problem, index);
            }
        }
    } else {
        Cow::Borrowed(raw)
    };
    match text.char_indices().find(|(_, c)| c.is_control()) {
        Some((index, _)) => fail(LinkProblem::ControlCharacter, index),
        None => Ok(text),
    }
}

/// Where the decoded byte `index` began in the raw text.
fn raw_offset(raw: &str, index: usize) -> usize {
    let mut bytes = raw.bytes().enumerate();
    for _ in 0..index {
        if let Some((_, b'%')) = bytes.next() {
            bytes.next();
            bytes.next();
        }
    }
    bytes.next().map_or(raw.len(), |(offset, _)| offset)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

impl Segment<'_> {
    fn fail<T>(&self, problem: LinkProblem, index: usize, field: &'static str) -> Result<T, LinkError> {
        Err(LinkError { problem, at: self.at.saturating_add(raw_offset(self.raw, index)), field })
    }

    /// A problem just behind this segment.
    fn after(&self, problem: LinkProblem, field: &'static str) -> LinkError {
        LinkError { problem, at: self.at.saturating_add(self.raw.len()), field }
    }

    /// Characters first: what is wrong with them says more than a length.
    fn check(&self, rule: &Rule) -> Result<(), LinkError> {
        for (place, (index, found)) in self.text.char_indices().enumerate() {
            if place < rule.digits {
                if !found.is_ascii_digit() {
                    return self.fail(LinkProblem::NonDigit { found }, index, rule.field);
                }
            } else if !(rule.set)(found) {
                return self.fail(LinkProblem::BadCharacter { found }, index, rule.field);
            }
        }
        // All characters are ASCII by now, so bytes are characters.
        let found = self.text.len();
        if (rule.least..=rule.most).contains(&found) {
            Ok(())
        } else {
            self.fail(LinkProblem::BadLength { expected: rule.expected, found }, 0, rule.field)
        }
    }

    /// Checks the leading digits with their check digit.
    fn digits(&self, ai: Ai, digits: &str, check_digit: CheckDigit) -> Result<(), LinkError> {
        match PrimaryKey::new(ai, digits) {
            Ok(_) => Ok(()),
            Err(LinkError { problem: LinkProblem::BadCheckDigit { .. }, .. }) if check_digit == CheckDigit::Any => {
                Ok(())
            }
            Err(e) => self.fail(e.problem, e.at, e.field),
        }
    }

    /// This segment is in a place where nothing, or another qualifier, belongs.
    fn superfluous(&self, ai: Ai) -> LinkError {
        let text = self.text.to_string();
        let (problem, field) = match ai {
            Ai::Gtin if text == "21" => (LinkProblem::DuplicateQualifier, "21"),
            _ if looks_like_ai(&text) => (LinkProblem::UnknownQualifier { qualifier: text }, "qualifier"),
            _ => (LinkProblem::ExtraSegment { segment: text }, "path"),
        };
        LinkError { problem, at: self.at, field }
    }
}

/// What a value may hold.
struct Rule {
    field: &'static str,
    /// So many characters are digits; the set holds for those after them.
    digits: usize,
    set: fn(char) -> bool,
    least: usize,
    most: usize,
    expected: &'static str,
}

const GTIN: Rule = Rule { field: "01", digits: usize::MAX, set: is_gs1_character, least: 14, most: 14, expected: "14" };
const SERIAL: Rule = Rule { field: "21", digits: 0, set: is_gs1_character, least: 1, most: 20, expected: "1 to 20" };
// GS1 allows all of its set in a GIAI; ours are a company prefix and base32.
const GIAI: Rule = Rule {
    field: "8004",
    digits: 0,
    set: |c| c.is_ascii_alphanumeric() || c == '-',
    least: 1,
    most: 30,
    expected: "1 to 30",
};
const GDTI: Rule = Rule { field: "253", digits: 13, set: is_gs1_character, least: 13, most: 30, expected: "13 to 30" };

/// GS1 AI encodable character set 82 (GS1 General Specifications §7.11, table 1).
fn is_gs1_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!\"%&'()*+,-./:;<=>?_".contains(c)
}

/// The path of a full URL and where it begins.
fn path_of(url: &str) -> Result<(&str, usize), LinkError> {
    let fail = |problem, at, field| Err(LinkError { problem, at, field });
    if url.len() > MAX_URL {
        return fail(LinkProblem::UrlTooLong { limit: MAX_URL }, MAX_URL, "url");
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return fail(LinkProblem::BadScheme, 0, "scheme");
    };
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return fail(LinkProblem::BadScheme, 0, "scheme");
    }
    let host_at = scheme.len().saturating_add(3);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    // The colon of a port comes after the bracket that closes an IPv6 address.
    let after_bracket = authority.rfind(']').unwrap_or(0);
    let colon = authority.rfind(':').filter(|&colon| colon > after_bracket || after_bracket == 0);
    let (host, port) = match colon.and_then(|colon| authority.split_at_checked(colon)) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => (authority, None),
    };
    if !is_host(host) {
        return fail(LinkProblem::BadHost, host_at, "host");
    }
    if let Some(port) = port {
        let digits = port.bytes().all(|b| b.is_ascii_digit());
        if !digits || !port.parse::<u16>().is_ok_and(|number| number > 0) {
            return fail(LinkProblem::BadPort, host_at.saturating_add(host.len()).saturating_add(1), "port");
        }
    }
    let path = tail.split(['?', '#']).next().unwrap_or("");
    Ok((path, host_at.saturating_add(authority.len())))
}

/// A registered name or IPv4 address, or an IPv6 address in brackets. Internationalized names come as `xn--`.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<core::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}

#[cfg(test)]
mod tests;
