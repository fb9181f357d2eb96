//! The repository keeps the house rules, and each rule notices its breach.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use house::{Breach, Tree, check};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn repository() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| Tree::of_repository(&root()).expect("the repository's files"))
}

fn told(breaches: &[Breach]) -> String {
    breaches.iter().map(|breach| format!("{breach}\n")).collect()
}

#[test]
fn the_house_is_in_order() {
    let tree = repository();
    assert!(tree.functions().len() >= 4, "the functions were not found: {:?}", tree.functions());
    let breaches = check(tree);
    assert!(breaches.is_empty(), "{} breaches of the house rules\n{}", breaches.len(), told(&breaches));
}

/// What is found after `text` was planted at the end of `file`, and was not before.
fn new_breaches(file: &str, text: &str) -> Vec<Breach> {
    let mut tree = repository().around(file);
    let before = check(&tree);
    tree.plant(file, text);
    check(&tree).into_iter().filter(|breach| !before.contains(breach)).collect()
}

/// Planted in a copy, `text` at the end of `file` must be found as a breach of `rule` there.
#[track_caller]
fn plant(file: &str, text: &str, rule: &str) {
    let new = new_breaches(file, text);
    let found = new.iter().any(|breach| breach.file == file && breach.rule == rule && breach.line > 0);
    assert!(found, "{rule:?} does not notice {text:?} in {file}; found instead:\n{}", told(&new));
}

/// Planted in a copy, it must disturb nobody.
#[track_caller]
fn harmless(file: &str, text: &str) {
    let new = new_breaches(file, text);
    assert!(new.is_empty(), "{text:?} in {file} is no breach, but:\n{}", told(&new));
}

const CORE: &str = "functions/trace-verify/src/status.rs";

#[test]
fn a_host_sdk_stays_in_the_platform_layer() {
    let rule = "host SDK outside the platform layer";
    plant(CORE, "fn f() { worker::Date::now(); }", rule);
    plant("functions/trace-verify/src/new.rs", "use spin_sdk::sqlite;", rule);
    plant("functions/bot-screen/src/lib.rs", "fn f(_: &wasm_bindgen::JsValue) {}", rule);
    plant("shared/src/http/form.rs", "fn f(_: js_sys::Array) {}", rule);
    plant("shared/src/platform/native.rs", "use web_sys::Request;", rule);
    plant("shared/formats/src/new.rs", "use web_sys::Request;", rule);
    plant("functions/trace-verify/src/deep/spin.rs", "use wasip3::http;", rule);
    plant("functions/trace-verify/src/new.rs", "#[event(fetch)]", rule);
    harmless("functions/trace-verify/src/new.rs", "fn f(worker: W) { worker.join() } // worker::Date is not for us");
    harmless("shared/src/platform/spin/new.rs", "use spin_sdk::sqlite;");
}

#[test]
fn a_function_names_no_other() {
    let rule = "names another function";
    plant("functions/trace-verify/src/new.rs", "use listing_check::words;", rule);
    plant("functions/trace-verify/src/new.rs", "fn f() { instant_refund::decide() }", rule);
    plant("functions/bot-screen/Cargo.toml", "trace-verify.workspace = true", rule);
    plant(
        "functions/bot-screen/Cargo.toml",
        "x = { package = \"instant-refund\", path = \"../instant-refund\" }",
        rule,
    );
    plant("shared/src/new.rs", "use trace_verify::serial;", rule);
    plant("shared/Cargo.toml", "trace-verify.workspace = true", rule);
    harmless("functions/trace-verify/src/new.rs", "use trace_verify::serial;");
}

#[test]
fn a_pure_crate_has_no_platform() {
    let rule = "pure crate with a platform";
    plant("shared/formats/Cargo.toml", "shared.workspace = true", rule);
    plant("shared/calendar/Cargo.toml", "worker.workspace = true", rule);
    plant("shared/calendar/Cargo.toml", "spin-sdk = { version = \"7\" }", rule);
    plant("shared/decision-table/src/new.rs", "use shared::lang::Lang;", rule);
    plant("shared/formats/src/new.rs", "fn f() { std::fs::read(\"x\"); }", rule);
}

#[test]
fn core_code_has_no_clock_and_no_hash_seed() {
    let rule = "hidden clock, entropy or hash seed";
    plant(CORE, "fn f() { std::time::SystemTime::now(); }", rule);
    plant("shared/src/http/form.rs", "fn f() { let _ = Instant::now(); }", rule);
    plant("functions/trace-verify/src/new.rs", "use std::collections::HashMap;", rule);
    plant("shared/formats/src/new.rs", "fn f() { getrandom(&mut bytes); }", rule);
}

#[test]
fn nothing_panics_beyond_what_clippy_sees() {
    let rule = "may panic";
    plant("functions/trace-verify/src/new.rs", "fn f() { assert!(a == b); }", rule);
    plant("shared/src/new.rs", "fn f() { let (a, b) = text.split_at(3); }", rule);
    plant("shared/src/new.rs", "fn f() { std::process::exit(1) }", rule);
    harmless("shared/src/new.rs", "fn f() {}\n#[cfg(test)]\nmod tests {\nfn g() { assert_eq!(1, 1); }\n}");
    harmless("shared/src/new.rs", "const _: () = assert!(SHARDS > 0);");
    harmless("shared/src/new.rs", "pub const fn new(n: i64) -> N {\nassert!(n > 0);\nN(n)\n}");
    plant("shared/src/new.rs", "const fn f() {}\nfn g() {\nassert!(a == b);\n}", rule);
    plant("shared/src/new.rs", "#[allow(clippy::unwrap_used)]", "lint lifted silently");
}

#[test]
fn a_crate_takes_the_lints() {
    let mut tree = repository().around("");
    tree.plant("functions/fifth/Cargo.toml", "[package]\nname = \"fifth\"");
    let breaches = check(&tree);
    let rules: Vec<&str> = breaches
        .iter()
        .filter(|breach| breach.file == "functions/fifth/Cargo.toml")
        .map(|breach| breach.rule)
        .collect();
    assert!(rules.contains(&"lints not taken from the workspace"), "{}", told(&breaches));
    assert!(rules.contains(&"function not complete"), "{}", told(&breaches));
}

#[test]
fn texts_hold_no_paths_numbers_or_endless_modules() {
    let folder = |name: &str| format!("see /{name}/somewhere/file");
    plant("README.md", &folder("work"), "machine path");
    plant("scripts/new", &folder("home"), "machine path");
    plant("README.md", &format!("as {} 7 says", "issue"), "issue number");
    plant("functions/trace-verify/src/new.rs", &format!("// {} #12", "Issue"), "issue number");
    harmless("README.md", "https://example.org/work/1 and tests/work/2, an issue of 3 kinds");
    plant("functions/bot-screen/src/long.rs", &"//\n".repeat(451), "long file");
    plant("tests/race/long.mjs", &"//\n".repeat(451), "long file");
}

#[test]
fn a_script_tells_its_help() {
    plant("scripts/new", "#!/usr/bin/env bash\nrm -rf target", "script without --help");
    plant("tests/new/run", "#!/usr/bin/env bash\nrm -rf target", "script without --help");
    plant("scripts/new.mjs", "process.exit(1);", "script without --help");
}
