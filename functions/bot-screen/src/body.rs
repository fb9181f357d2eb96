//! A request's body, as far as it is looked into.

use std::cell::OnceCell;

use crate::fields::{self, Fields, Names};

/// What is known of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// Nothing: there is none, or nobody told it.
    #[default]
    Unknown,
    /// There is one, which cannot be looked into: files, or compressed.
    Hidden,
    /// It is text.
    Text(Text),
}

/// A body of text, whose fields are read when they are first asked for, and then never again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    text: String,
    fields: OnceCell<Fields>,
}

impl Text {
    fn fields(&self, names: &Names) -> &Fields {
        self.fields.get_or_init(|| fields::of_body(&self.text, names))
    }
}

impl Body {
    /// Of a text.
    pub fn of(text: String) -> Body {
        Body::Text(Text { text, fields: OnceCell::new() })
    }

    /// Its fields among those that a pack asks for: always the same pack's, unless it is [`Body::anew`].
    pub fn fields(&self, names: &Names) -> Option<&Fields> {
        if let Body::Text(text) = self { Some(text.fields(names)) } else { None }
    }

    /// To be read with the names of another pack.
    pub fn anew(&mut self) {
        if let Body::Text(text) = self {
            text.fields = OnceCell::new();
        }
    }

    /// Whether one of these fits, `name`, `name=value` or `name=*part*`, with spaces in between; none is any. What cannot be
    /// looked into fits: no spelling of a form makes it milder.
    pub fn fits(&self, patterns: &str, names: &Names) -> bool {
        match self {
            _ if patterns.is_empty() => true,
            Body::Unknown => false,
            Body::Hidden => true,
            Body::Text(text) => {
                let fields = text.fields(names);
                patterns.split(' ').any(|pattern| match pattern.split_once('=') {
                    None => fields.has(pattern, |_| true),
                    Some((name, part)) if part.len() > 2 && part.starts_with('*') && part.ends_with('*') => {
                        let part = part.trim_matches('*');
                        fields.has(name, |value| value.to_lowercase().contains(part))
                    }
                    Some((name, whole)) => fields.has(name, |value| is(value, whole)),
                })
            }
        }
    }
}

/// Whether a value is this one, which is in lower case.
fn is(value: &str, wanted: &str) -> bool {
    let value = value.trim();
    if value.is_ascii() { value.eq_ignore_ascii_case(wanted) } else { value.to_lowercase() == wanted }
}
