//! The functions, one entry each: the only file of this crate that names their Rust interfaces. A folder of `functions/`
//! without an entry fails a test here.

use shared::function::Function;
use shared::http::Head;
use shared::platform::native::{self, Native};
use shared::platform::{Answer, Schema};

use crate::Result;
use crate::fixtures::{Fixtures, listing::Listing, refund::Refund, screen::Screen, trace::Trace};

/// What the suite knows of a function.
pub struct Known {
    /// As its folder is called.
    pub name: &'static str,
    /// Its tables.
    pub schema: Schema,
    /// The digest of its compiled-in policy, the value of `{{policy}}`; empty if it has none.
    pub policy: &'static str,
    /// What its vectors refer to.
    pub fixtures: &'static dyn Fixtures,
    /// Its answer on the native platform.
    pub answer: fn(&mut Native, &Head, Vec<u8>) -> Answer<Vec<u8>>,
}

/// All of them, a line each.
pub static ALL: &[Known] = &[
    known::<bot_screen::BotScreen>(bot_screen::policy::BUNDLED.digest, &Screen),
    known::<instant_refund::handler::InstantRefund>(instant_refund::policy::BUNDLED.digest, &Refund),
    known::<listing_check::ListingCheck>(listing_check::policy::BUNDLED.digest, &Listing),
    known::<trace_verify::handler::TraceVerify>(trace_verify::policy::BUNDLED.digest, &Trace),
];

const fn known<F: Function>(policy: &'static str, fixtures: &'static dyn Fixtures) -> Known {
    Known { name: F::NAME, schema: F::SCHEMA, policy, fixtures, answer: native::handle::<F> }
}

/// A function by its name.
pub fn of(name: &str) -> Result<&'static Known> {
    ALL.iter().find(|function| function.name == name).ok_or_else(|| format!("no function {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_of_functions_has_an_entry() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let mut folders: Vec<String> = entries
            .filter(|entry| entry.path().join("Cargo.toml").is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        folders.sort();
        let known: Vec<&str> = ALL.iter().map(|function| function.name).collect();
        assert_eq!(folders, known, "tests/contract/src/functions.rs: ALL");
    }
}
