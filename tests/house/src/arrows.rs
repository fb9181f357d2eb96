//! Arrows: `functions/* -> shared -> {worker | spin-sdk}`, and what is pure depends on neither.

use crate::rust::{lines, words};
use crate::{Breach, Tree};

/// Crates of the host SDKs, and what they are built on.
const SDKS: [&str; 9] = [
    "worker",
    "spin_sdk",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "js_sys",
    "web_sys",
    "wasip2",
    "wasip3",
    "wit_bindgen",
];
const SDK_ATTRIBUTES: [&str; 4] = ["#[wasm_bindgen", "#[durable_object", "#[http_service", "#[event("];

/// Folders whose crates or modules must not know where they run.
const SHARED: &str = "shared/";

pub fn host_sdk(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (file, text) in tree.rust(&["functions/", SHARED]) {
        if is_platform(file) {
            continue;
        }
        for line in lines(text) {
            let attribute = SDK_ATTRIBUTES.iter().any(|name| line.code.contains(name));
            if attribute || words(&line.code).iter().any(|word| SDKS.contains(&word.name) && word.is_crate()) {
                breaches.push(Breach {
                    file: file.to_owned(),
                    line: line.number,
                    rule: "host SDK outside the platform layer",
                    what: line.code.trim().to_owned(),
                    remedy: "use a port of shared::platform, or add one; SDKs are named in shared/src/platform/{workers,spin}/ and functions/*/src/{workers,spin}.rs",
                });
            }
        }
    }
    breaches
}

/// Where a host SDK may be named.
fn is_platform(file: &str) -> bool {
    let entry = file.strip_prefix("functions/").and_then(|rest| rest.split_once("/src/"));
    entry.is_some_and(|(_, rest)| rest == "workers.rs" || rest == "spin.rs")
        || file.starts_with("shared/src/platform/workers/")
        || file.starts_with("shared/src/platform/spin/")
}

/// A function names no other, and `shared` names none.
pub fn other_functions(tree: &Tree) -> Vec<Breach> {
    let functions = tree.functions();
    let mut breaches = Vec::new();
    let mut report = |file: &str, line: usize, what: &str| {
        breaches.push(Breach {
            file: file.to_owned(),
            line,
            rule: "names another function",
            what: what.trim().to_owned(),
            remedy: "move what both need to shared/, which every function may name",
        });
    };
    for (file, text) in tree.files() {
        let own = file.strip_prefix("functions/").and_then(|rest| rest.split('/').next());
        if own.is_none() && !file.starts_with(SHARED) {
            continue;
        }
        let others: Vec<String> =
            functions.iter().filter(|name| Some(**name) != own).map(|name| name.replace('-', "_")).collect();
        if file.ends_with(".rs") {
            for line in lines(text) {
                if words(&line.code).iter().any(|word| word.is_crate() && others.iter().any(|other| other == word.name))
                {
                    report(file, line.number, &line.code);
                }
            }
        } else if file.ends_with("Cargo.toml") {
            for (at, line) in text.lines().enumerate() {
                if dependencies(line).iter().any(|name| others.contains(&name.replace('-', "_"))) {
                    report(file, at + 1, line);
                }
            }
        }
    }
    breaches
}

/// What reads a pack's folder for build scripts and tools, and writes what is compiled in. Nothing at the edge uses it.
const READS_FOLDERS: [&str; 2] = ["shared/pack-source/src/bundle.rs", "shared/pack-source/src/files.rs"];

/// The crates below `shared/`: formats, calendars and tables that build scripts and other programs use too.
pub fn pure_crates(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut report = |file: &str, line: usize, what: &str| {
        breaches.push(Breach {
            file: file.to_owned(),
            line,
            rule: "pure crate with a platform",
            what: what.trim().to_owned(),
            remedy: "pass in what it needs as a value; a crate below shared/ names no platform, no SDK and not `shared`",
        });
    };
    for name in tree.crates_below(SHARED) {
        let manifest = format!("{SHARED}{name}/Cargo.toml");
        for (at, line) in tree.get(&manifest).unwrap_or_default().lines().enumerate() {
            let named = dependencies(line);
            if named
                .iter()
                .any(|name| name == "shared" || SDKS.contains(&name.replace('-', "_").as_str()) || name == "spin-sdk")
            {
                report(&manifest, at + 1, line);
            }
        }
        let source = format!("{SHARED}{name}/src/");
        for (file, text) in tree.rust(&[source.as_str()]) {
            for line in lines(text) {
                let platform = ["std::env", "std::fs", "std::net", "std::process", "std::thread"];
                let used =
                    |path: &&str| line.code.contains(*path) && !(*path == "std::fs" && READS_FOLDERS.contains(&file));
                if platform.iter().any(used)
                    || words(&line.code).iter().any(|word| word.name == "shared" && word.is_crate())
                {
                    report(file, line.number, &line.code);
                }
            }
        }
    }
    breaches
}

/// The crates that a line of a manifest names: the key of a dependency, and what it is called elsewhere.
fn dependencies(line: &str) -> Vec<String> {
    let Some((key, value)) = line.split_once('=') else { return Vec::new() };
    let key = key.trim().trim_matches('"');
    let mut names = vec![key.split('.').next().unwrap_or(key).to_owned()];
    if let Some((_, rest)) = value.split_once("package") {
        names.extend(rest.split('"').nth(1).map(str::to_owned));
    }
    names
}
