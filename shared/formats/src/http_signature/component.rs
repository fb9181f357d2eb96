//! The parts of a request that a signature covers, by the names that RFC 9421 gives them, and their values.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, FieldType as _, Item, List, ListEntry, ListSerializer, Parser};

use super::{Message, SignatureError};

/// A component of a request: a field, or what is derived from the request, with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// `content-type`, `@method`; lower case.
    pub name: &'static str,
    /// `("name", Some("Pet"))` is `;name="Pet"`, `("bs", None)` is `;bs`.
    pub parameters: &'static [(&'static str, Option<&'static str>)],
}

impl Component {
    /// One without parameters.
    pub const fn plain(name: &'static str) -> Component {
        Component { name, parameters: &[] }
    }

    /// As `Signature-Input` spells it: `"@query-param";name="Pet"`.
    pub fn identifier(self) -> String {
        let mut out = format!("\"{}\"", self.name);
        self.write_parameters(&mut out);
        out
    }

    pub(super) fn is(self, item: &Item) -> bool {
        let same = |(name, wanted): &(&str, Option<&str>)| {
            item.params.get(*name).is_some_and(|found| match wanted {
                Some(text) => found.as_string().is_some_and(|found| found.as_str() == *text),
                None => found.as_boolean() == Some(true),
            })
        };
        name(item) == Some(self.name) && item.params.len() == self.parameters.len() && self.parameters.iter().all(same)
    }

    fn write_parameters(self, out: &mut String) {
        for (name, value) in self.parameters {
            out.push(';');
            out.push_str(name);
            if let Some(value) = value {
                out.push_str(&format!("=\"{value}\""));
            }
        }
    }
}

/// For a person: without quotes around the name.
impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = self.name.to_owned();
        self.write_parameters(&mut out);
        f.write_str(&out)
    }
}

/// Which components are read at all. What is outside is refused, never skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Fields, `@method`, `@authority`, `@path` and `@query`; no parameters.
    Plain,
    /// Also `@request-target`, `@target-uri`, `@scheme` and `@query-param`, and the parameters `name`, `key`, `sf` and
    /// `bs` (RFC 9421 §2.1, §2.2). Not `req` and `tr`: a request answers none, and no host hands over trailers.
    Parameters,
    /// Of an answer, whose fields are in [`Message`]: fields, and with the parameter `req` what [`Extent::Plain`] takes of the
    /// request that it answers (RFC 9421 §2.4).
    Answer,
}

/// The name of a covered component.
pub(super) fn name(item: &Item) -> Option<&str> {
    item.bare_item.as_string().map(|name| name.as_str())
}

/// A covered component's value, as the signature base holds it.
pub(super) fn value(message: Message<'_>, item: &Item, extent: Extent) -> Result<String, SignatureError> {
    let name = name(item).ok_or(SignatureError::Malformed)?;
    let mut parameters = item.params.iter();
    match (parameters.next(), parameters.next(), extent) {
        (None, _, Extent::Answer) if name.starts_with('@') => Err(SignatureError::Unsupported),
        (None, _, _) => plain(message, name, extent),
        (Some((parameter, value)), None, Extent::Answer) => {
            let of_request = parameter.as_str() == "req" && value.as_boolean() == Some(true) && name.starts_with('@');
            if of_request { plain(message, name, Extent::Plain) } else { Err(SignatureError::Unsupported) }
        }
        (Some((parameter, value)), None, Extent::Parameters) => {
            with_parameter(message, name, parameter.as_str(), value)
        }
        _ => Err(SignatureError::Unsupported),
    }
}

fn plain(message: Message<'_>, name: &str, extent: Extent) -> Result<String, SignatureError> {
    let path = if message.path.is_empty() { "/" } else { message.path };
    let target = || match message.query {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    };
    match (name, extent) {
        ("@method", _) => Ok(message.method.to_owned()),
        ("@authority", _) => Ok(message.authority.to_owned()),
        ("@path", _) => Ok(path.to_owned()),
        ("@query", _) => Ok(format!("?{}", message.query)),
        ("@scheme", Extent::Parameters) => Ok(message.scheme.to_owned()),
        ("@request-target", Extent::Parameters) => Ok(target()),
        ("@target-uri", Extent::Parameters) => Ok(format!("{}://{}{}", message.scheme, message.authority, target())),
        (derived, _) if derived.starts_with('@') => Err(SignatureError::Unsupported),
        (field, _) => message.headers.combined(field).ok_or(SignatureError::FieldMissing),
    }
}

fn with_parameter(
    message: Message<'_>,
    name: &str,
    parameter: &str,
    value: &BareItem,
) -> Result<String, SignatureError> {
    let text = value.as_string().map(|text| text.as_str());
    let set = value.as_boolean() == Some(true);
    match (name, parameter) {
        ("@query-param", "name") => query_parameter(message.query, text.ok_or(SignatureError::Malformed)?),
        (derived, _) if derived.starts_with('@') => Err(SignatureError::Unsupported),
        (field, "key") => {
            let fields = structured::<Dictionary>(message, field)?;
            member(&fields, text.ok_or(SignatureError::Malformed)?)
        }
        (field, "sf") if set => strict(message, field),
        (field, "bs") if set => wrapped(message, field),
        _ => Err(SignatureError::Unsupported),
    }
}

/// RFC 9421 §2.2.8: one parameter of the query, named and given in one form of percent-encoding. One that occurs twice
/// has no value.
fn query_parameter(query: &str, wanted: &str) -> Result<String, SignatureError> {
    let mut found = query.split('&').filter_map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (encoded(name) == wanted).then(|| encoded(value))
    });
    match (found.next(), found.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(SignatureError::FieldMissing),
        (Some(_), Some(_)) => Err(SignatureError::Unsupported),
    }
}

/// Decoded and encoded again (URL Standard §1.3 and §5): everything but letters, digits and `*-._` is escaped.
fn encoded(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let mut digit = || ahead.next().and_then(|byte| char::from(byte).to_digit(16));
        let byte = match byte {
            b'+' => b' ',
            b'%' => match (digit(), digit()) {
                (Some(high), Some(low)) => {
                    rest = ahead;
                    u8::try_from(high.wrapping_mul(16) | low).unwrap_or(b'%')
                }
                _ => b'%',
            },
            byte => byte,
        };
        if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn structured<T: sfv::FieldType>(message: Message<'_>, field: &str) -> Result<T, SignatureError> {
    let value = message.headers.combined(field).ok_or(SignatureError::FieldMissing)?;
    Parser::new(&value).parse().map_err(|_| SignatureError::Malformed)
}

/// RFC 9421 §2.1.2: one member of a dictionary.
fn member(fields: &Dictionary, key: &str) -> Result<String, SignatureError> {
    let entry = fields.get(key).ok_or(SignatureError::FieldMissing)?;
    let mut list = ListSerializer::new();
    list.members([entry]);
    list.finish().ok_or(SignatureError::Malformed)
}

/// RFC 9421 §2.1.1: a structured field in its one spelling. Which fields are structured, and how, is known or it is not:
/// these are the ones that signatures are about.
fn strict(message: Message<'_>, field: &str) -> Result<String, SignatureError> {
    let text = match field {
        "content-digest"
        | "repr-digest"
        | "want-content-digest"
        | "want-repr-digest"
        | "priority"
        | "signature"
        | "signature-input"
        | "accept-signature" => structured::<Dictionary>(message, field)?.serialize(),
        "cache-status" | "proxy-status" | "client-cert-chain" => structured::<List>(message, field)?.serialize(),
        "client-cert" | "idempotency-key" => Some(structured::<Item>(message, field)?.serialize()),
        _ => return Err(SignatureError::Unsupported),
    };
    text.ok_or(SignatureError::Malformed)
}

/// RFC 9421 §2.1.3: each line of the field as bytes. (Workers joins lines before we see them: two lines sent as two do
/// not verify there.)
fn wrapped(message: Message<'_>, field: &str) -> Result<String, SignatureError> {
    let lines = message.headers.iter().filter(|(name, _)| *name == field);
    let wrapped: Vec<String> = lines.map(|(_, line)| format!(":{}:", STANDARD.encode(line.trim()))).collect();
    if wrapped.is_empty() { Err(SignatureError::FieldMissing) } else { Ok(wrapped.join(", ")) }
}

/// A covered component as `Signature-Input` spells it.
pub(super) fn identifier(item: &Item) -> String {
    item.serialize()
}

/// Whether an entry is a list of components.
pub(super) fn components(entry: &ListEntry) -> Option<&sfv::InnerList> {
    match entry {
        ListEntry::InnerList(list) => Some(list),
        ListEntry::Item(_) => None,
    }
}
