//! Configuration: read by name from the host, parsed once into types, faults reported by key and never by value.

use std::fmt;

use crate::platform::Variables;

/// What is wrong with one configuration value. Holds the key, never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The name, as Workers spells it (`TRACE_MAC_KEYS`).
    pub key: &'static str,
    /// What is wrong.
    pub fault: Fault,
}

/// Kinds of fault in a configuration value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not set, or empty.
    Missing,
    /// Set, and not of its form; the text says what form is wanted, and at which element the fault lies.
    Malformed(String),
    /// The host's provider of variables does not answer.
    Unreadable,
}

impl Fault {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::Malformed(_) => "malformed",
            Fault::Unreadable => "unreadable",
        }
    }

    pub(crate) fn zh(&self) -> String {
        match self {
            Fault::Missing => "没有设置".to_owned(),
            Fault::Malformed(why) => format!("格式不对（{why}）"),
            Fault::Unreadable => "暂时读不到".to_owned(),
        }
    }

    pub(crate) fn en(&self) -> String {
        match self {
            Fault::Missing => "is not set".to_owned(),
            Fault::Malformed(why) => format!("is malformed ({why})"),
            Fault::Unreadable => "cannot be read right now".to_owned(),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.fault.en())
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    /// A malformed value.
    pub fn malformed(key: &'static str, wanted: impl Into<String>) -> ConfigError {
        ConfigError { key, fault: Fault::Malformed(wanted.into()) }
    }
}

/// A value that must be set.
pub async fn required(variables: &impl Variables, key: &'static str) -> Result<String, ConfigError> {
    match optional(variables, key).await? {
        Some(value) => Ok(value),
        None => Err(ConfigError { key, fault: Fault::Missing }),
    }
}

/// A value that may be absent, parsed.
///
/// # Errors
/// A value that is not of its form; `parse` says what is wanted, never what there is.
pub async fn parsed<T>(
    variables: &impl Variables,
    key: &'static str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, ConfigError> {
    let Some(text) = optional(variables, key).await? else { return Ok(None) };
    parse(&text).map(Some).map_err(|why| ConfigError::malformed(key, why))
}

/// A value that may be absent; empty and blank count as absent.
pub async fn optional(variables: &impl Variables, key: &'static str) -> Result<Option<String>, ConfigError> {
    match variables.variable(key).await {
        Ok(value) => Ok(value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())),
        Err(_) => Err(ConfigError { key, fault: Fault::Unreadable }),
    }
}
