//! Compiles `policy/` to the bundled pack, read in place at run time. A bad pack fails the build with file, line and
//! reason. Figures and texts that the code may ask for become constants.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "runs at build time: a panic is how a bad pack fails the build"
)]

use std::path::Path;

use sha2::{Digest, Sha256};

fn main() {
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let out = Path::new(&out);
    pack_source::bundle(&trace_verify_pack::KIND, Path::new("policy"), out);
    std::fs::write(out.join("names.rs"), trace_verify_pack::constants()).expect("OUT_DIR is writable");
    style(out);
}

/// The style sheet, a line, and its digest for the Content Security Policy: the page has no other style.
fn style(out: &Path) {
    println!("cargo:rerun-if-changed=src/page/style.css");
    let path = Path::new("src/page/style.css");
    let css = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let css: String = css.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    assert!(!css.contains("</"), "style.css must not close its element");
    let digest = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, Sha256::digest(&css));
    let rust = format!(
        "/// The style sheet.\npub const STYLE: &str = {css:?};\n/// The policy of a page.\npub const CSP: &str = {:?};\n",
        format!(
            "default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        )
    );
    std::fs::write(out.join("style.rs"), rust).expect("OUT_DIR is writable");
}
