//! Every vector on the native platform, in this process. `cargo run -p contract` puts them to the other hosts.

use std::sync::OnceLock;

use contract::suite::{self, Native};
use contract::{coverage, paths};

/// One run for all tests: the test gateways are one for the process.
fn vectors() -> &'static [Native] {
    static VECTORS: OnceLock<Vec<Native>> = OnceLock::new();
    VECTORS.get_or_init(|| suite::native(&paths().unwrap()).unwrap())
}

#[test]
fn every_vector_passes_natively() {
    let failed: Vec<String> = vectors()
        .iter()
        .filter(|native| !native.differences.is_empty())
        .map(|native| {
            format!("{}: {}\n    {}", native.file.label(), native.file.title(), native.differences.join("\n    "))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} vectors fail:\n{}", failed.len(), vectors().len(), failed.join("\n"));
}

/// A vector may tell a part of an answer; what all leave out, nothing guards.
#[test]
fn every_member_of_an_answer_is_told_by_some_vector() {
    let untold = coverage::untold(vectors());
    assert!(untold.is_empty(), "no vector tells:\n{}", untold.join("\n"));
}
