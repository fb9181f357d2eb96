//! Runs the vectors of `tests/vectors` against the built artifacts on every host. A vector passes on a host if each
//! answer is what it expects, and if the body is, byte for byte, the one that the first host gave. Natively they are
//! also a test of this crate.

mod bless;
mod client;
mod compare;
pub mod coverage;
mod fixtures;
mod functions;
mod gallery;
mod hosts;
mod json;
mod matcher;
mod merge_patch;
pub mod options;
mod own_clock;
mod placeholders;
mod run;
mod sign;
pub mod stored;
pub mod suite;
pub mod vector;

use std::fmt::Display;
use std::path::PathBuf;

pub use gallery::run as gallery;
pub use hosts::Paths;

pub type Result<T> = std::result::Result<T, String>;

/// Adds what was being done to an error.
fn context<E: Display>(what: impl Display) -> impl FnOnce(E) -> String {
    move |error| format!("{what}: {error}")
}

/// Where things are. `bin` is Cargo's output, for binaries of the same profile as this one.
pub fn paths() -> Result<Paths> {
    let manifest = env!("CARGO_MANIFEST_DIR");
    let root = PathBuf::from(manifest).join("../..").canonicalize().map_err(context("repository"))?;
    let program = std::env::current_exe().map_err(context("own path"))?;
    let bin = program.parent().ok_or("own path")?.to_owned();
    let work = bin.parent().ok_or("own path")?.join("contract");
    Ok(Paths { root, bin, work })
}
