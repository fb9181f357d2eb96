//! Compiles `policy/` to the bundled pack, read in place at run time. A bad pack fails the build with file, line and
//! reason. What the code asks of any pack becomes constants.

#![allow(clippy::expect_used, reason = "runs at build time: a panic is how a bad pack fails the build")]

use std::path::Path;

fn main() {
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    pack_source::bundle(&instant_refund_pack::KIND, Path::new("policy"), out);
    std::fs::write(out.join("names.rs"), instant_refund_pack::names()).expect("OUT_DIR is writable");
    std::fs::write(out.join("figures.rs"), instant_refund_pack::figures::constants()).expect("OUT_DIR is writable");
}
