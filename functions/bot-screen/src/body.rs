//! A request's body, as far as it is looked into.

use crate::fields;

/// What is known of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Body {
    /// Nothing: there is none, or nobody told it.
    #[default]
    Unknown,
    /// There is one, which cannot be looked into: files, or compressed.
    Hidden,
    /// It is text.
    Text(String),
}

impl Body {
    /// Whether one of these fits, `name`, `name=value` or `name=*part*`, with spaces in between; none is any. What cannot be
    /// looked into fits: no spelling of a form makes it milder.
    pub fn fits(&self, patterns: &str) -> bool {
        let one = |pattern: &str, (name, value): &(String, String)| match pattern.split_once('=') {
            None => name == pattern,
            Some((wanted, part)) if part.len() > 2 && part.starts_with('*') && part.ends_with('*') => {
                name == wanted && value.contains(part.trim_matches('*'))
            }
            Some((wanted, whole)) => name == wanted && value == whole,
        };
        match self {
            _ if patterns.is_empty() => true,
            Body::Unknown => false,
            Body::Hidden => true,
            Body::Text(text) => {
                let names: Vec<&str> =
                    patterns.split(' ').map(|pattern| pattern.split('=').next().unwrap_or_default()).collect();
                let fields = fields::told(text, &names);
                patterns.split(' ').any(|pattern| fields.iter().any(|field| one(pattern, field)))
            }
        }
    }
}
