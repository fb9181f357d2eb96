//! Compiles `policy/` to the bundled pack, read in place at run time. A bad pack fails the build with file, line and
//! reason. The texts and figures that the code may ask for become constants.

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
    pack_source::bundle(&bot_screen_pack::KIND, Path::new("policy"), out);
    std::fs::write(out.join("names.rs"), bot_screen_pack::constants()).expect("OUT_DIR is writable");
    style(out);
}

/// The style sheet, and the content policy of the pages, which names it by its digest: they have no other style, and no
/// script but those of this function's own addresses.
fn style(out: &Path) {
    println!("cargo:rerun-if-changed=src/page/style.css");
    let css = std::fs::read_to_string("src/page/style.css").expect("src/page/style.css is there");
    let css: String = css.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    assert!(!css.contains("</"), "style.css must not close its element");
    let digest = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, Sha256::digest(&css));
    let policy = |framed_by: &str| {
        format!(
            "default-src 'none'; style-src 'sha256-{digest}'; script-src 'self'; worker-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors {framed_by}"
        )
    };
    let (page, framed) = (policy("'self'"), policy("*"));
    let rust = format!(
        "/// The style sheet.\npub const STYLE: &str = {css:?};\n\
         /// The content policy of a page.\npub const CSP: &str = {page:?};\n\
         /// The same of one that was asked for within a page of another host.\npub const CSP_FRAMED: &str = {framed:?};\n"
    );
    std::fs::write(out.join("style.rs"), rust).expect("OUT_DIR is writable");
}
