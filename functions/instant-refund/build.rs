//! Compiles `policy/` into constants: no parsing at start. A bad pack fails the build with file and reason.

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

#[path = "build/policy.rs"]
mod policy;

fn main() {
    println!("cargo:rerun-if-changed=policy");
    println!("cargo:rerun-if-changed=build");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    policy::compile(std::path::Path::new("policy"), std::path::Path::new(&out));
}
