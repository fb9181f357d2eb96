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

use std::fmt::Write as _;
use std::path::Path;

use pack::placeholders;
use sha2::{Digest, Sha256};

const FILES: [&str; 2] = ["policy.toml", "messages.toml"];

fn main() {
    println!("cargo:rerun-if-changed=policy");
    println!("cargo:rerun-if-changed=src/page/style.css");
    let (mut texts, mut tables) = (Vec::new(), Vec::new());
    for file in FILES {
        let path = Path::new("policy").join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        texts.push(text);
        tables.push(table);
    }
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let policy = policy(&tables[0], &pack::digest(texts));
    std::fs::write(Path::new(&out).join("policy.rs"), policy).expect("OUT_DIR is writable");
    std::fs::write(Path::new(&out).join("messages.rs"), messages(&tables[1])).expect("OUT_DIR is writable");
    style(Path::new(&out));
}

/// `policy.toml`: figures in their ranges.
fn policy(table: &toml::Table, digest: &str) -> String {
    let figure = |section: &str, key: &str, least: i64, most: i64| {
        let value = table.get(section).and_then(|s| s.get(key)).and_then(toml::Value::as_integer);
        let value = value.unwrap_or_else(|| panic!("policy.toml: [{section}] {key}: an integer is wanted"));
        assert!((least..=most).contains(&value), "policy.toml: [{section}] {key} = {value}: not in {least}..={most}");
        value
    };
    let mut out = String::new();
    let mut constant = |doc: &str, name: &str, kind: &str, value: String| {
        writeln!(out, "/// {doc}\npub const {name}: {kind} = {value};").expect("writing to a string");
    };
    constant("First half of the SHA-256 of the pack.", "DIGEST", "&str", format!("{digest:?}"));
    constant("Days.", "ROTATION_DAYS", "i64", figure("device", "rotation_days", 1, 365).to_string());
    constant("Devices.", "CLONE_DEVICES", "i64", figure("clone", "devices", 2, 100_000).to_string());
    constant("Cities.", "CLONE_PLACES", "usize", figure("clone", "places", 2, 1000).to_string());
    constant("A piece.", "COMPLAINTS_PER_ITEM", "i64", figure("complaint", "per_item", 1, 10_000).to_string());
    let daily = figure("complaint", "unverified_per_day", 1, 100_000);
    constant("A day.", "UNVERIFIED_COMPLAINTS_PER_DAY", "i64", daily.to_string());
    out
}

/// `messages.toml`: one table a text, each with `zh` and `en`, whose `{placeholders}` must be the same.
fn messages(table: &toml::Table) -> String {
    let mut out = String::new();
    for (section, texts) in table {
        let texts = texts.as_table().unwrap_or_else(|| panic!("messages.toml: [{section}]: a table is wanted"));
        for (key, text) in texts {
            let name = format!("{section}_{key}").to_uppercase().replace('-', "_");
            let language = |lang: &str| {
                let text = text.get(lang).and_then(toml::Value::as_str).filter(|t| !t.trim().is_empty());
                text.unwrap_or_else(|| panic!("messages.toml: [{section}] {key}: {lang} is missing"))
            };
            let (zh, en) = (language("zh"), language("en"));
            assert_eq!(
                placeholders(zh),
                placeholders(en),
                "messages.toml: [{section}] {key}: placeholders differ between the languages"
            );
            writeln!(out, "/// {en}\npub const {name}: Message = Message {{ zh: {zh:?}, en: {en:?} }};")
                .expect("writing to a string");
        }
    }
    out
}

/// The style sheet, a line, and its digest for the Content Security Policy: the page has no other style.
fn style(out: &Path) {
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
