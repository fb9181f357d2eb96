//! Compiles `policy/` to the bundled pack, read in place at run time. A bad pack fails the build with file, line and
//! reason. The texts and figures that the code may ask for become constants.

#![allow(clippy::expect_used, reason = "runs at build time: a panic is how a bad pack fails the build")]

use std::path::Path;

fn main() {
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    pack_source::bundle(&bot_screen_pack::KIND, Path::new("policy"), out);
    std::fs::write(out.join("names.rs"), bot_screen_pack::constants()).expect("OUT_DIR is writable");
}
