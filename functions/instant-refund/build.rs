//! Compiles `policy/` into constants: no parsing at start. A bad pack fails the build with file, line and reason.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "runs at build time: a panic is how a bad pack fails the build"
)]

use std::path::Path;

#[path = "buildscript/digest.rs"]
mod digest;
#[path = "buildscript/holidays.rs"]
mod holidays;
#[path = "buildscript/policy.rs"]
mod policy;
#[path = "buildscript/tables.rs"]
mod tables;

fn main() {
    println!("cargo:rerun-if-changed=policy");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let (pack, out) = (Path::new("policy"), Path::new(&out));
    digest::compile(pack, out);
    holidays::compile(pack, out);
    tables::compile(pack, out);
    policy::compile(pack, out);
}
