//! An object taken apart member by member, for shapes that a derived type does not say well: one whose members depend
//! on another member's value.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::fault::{Fault, Found, Wrong};
use super::read::type_of;
use super::{Unknown, of_value};

/// The members of an object that have not been taken yet.
pub struct Members {
    rest: Map<String, Value>,
    unknown: Unknown,
}

impl Members {
    /// Those of a value.
    ///
    /// # Errors
    /// It is no object.
    pub fn of(value: Value, unknown: Unknown) -> Result<Members, Fault> {
        match value {
            Value::Object(rest) => Ok(Members { rest, unknown }),
            other => Err(Fault::here(Wrong::Type { wanted: Found::Object, found: type_of(&other) })),
        }
    }

    /// Takes a member that must be there.
    ///
    /// # Errors
    /// It is missing, or of another shape.
    pub fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Fault> {
        let value = self.rest.remove(name).ok_or_else(|| Fault::of(name, Wrong::MissingMember))?;
        of_value(&value, self.unknown).map_err(|fault| fault.within(name))
    }

    /// Takes a member that may be absent or `null`.
    ///
    /// # Errors
    /// It is there and of another shape.
    pub fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        let Some(value) = self.rest.remove(name) else { return Ok(None) };
        of_value(&value, self.unknown).map_err(|fault| fault.within(name))
    }

    /// Takes a text that must be one of some.
    ///
    /// # Errors
    /// It is missing, no text, or another text.
    pub fn one_of(&mut self, name: &str, allowed: &'static [&'static str]) -> Result<&'static str, Fault> {
        let value: String = self.required(name)?;
        let known = allowed.iter().find(|known| **known == value);
        known.copied().ok_or_else(|| Fault::of(name, Wrong::UnknownValue(allowed)))
    }

    /// Takes members that are read elsewhere.
    pub fn forget(&mut self, names: &[&str]) {
        for name in names {
            self.rest.remove(*name);
        }
    }

    /// Ends: what was not taken is unknown.
    ///
    /// # Errors
    /// There is something left, and unknown members are refused.
    pub fn done(self) -> Result<(), Fault> {
        match self.rest.keys().next() {
            Some(name) if self.unknown == Unknown::Refuse => Err(Fault::of(name, Wrong::UnknownMember)),
            _ => Ok(()),
        }
    }
}
