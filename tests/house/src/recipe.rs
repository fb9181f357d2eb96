//! What belongs to each function and each script beside its code (CONTRIBUTING.md has the recipes).

use crate::text::is_script;
use crate::{Breach, Tree};

/// Each function can be deployed on both hosts and has vectors.
pub fn functions(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let text = |path| tree.get(path).unwrap_or_default();
    let (workers, spin) = (text("wrangler.toml"), text("spin.toml"));
    for name in tree.functions() {
        let missing = [
            (!workers.contains(&format!("\n[env.{name}]")), "no [env] in wrangler.toml"),
            (!spin.contains(&format!("\n[component.{name}]")), "no [component] in spin.toml"),
            (!spin.contains(&format!("component = \"{name}\"")), "no route in spin.toml"),
            (
                !spin.contains(&format!("\"/healthz/{name}\"")) && !spin.contains("\"/...\""),
                "no health route in spin.toml",
            ),
            (!tree.has_under(&format!("tests/vectors/{name}")), "no vectors in tests/vectors"),
        ];
        breaches.extend(missing.into_iter().filter(|(missing, _)| *missing).map(|(_, what)| Breach {
            file: format!("functions/{name}/Cargo.toml"),
            line: 0,
            rule: "function not complete",
            what: what.to_owned(),
            remedy: "CONTRIBUTING.md, \"A function\", says what a function consists of",
        }));
    }
    breaches
}

/// Every script answers to `--help`. That it does is tried out by `tests/scripts.rs`; this says it before one is run.
pub fn help(tree: &Tree) -> Vec<Breach> {
    let scripts = tree.files().filter(|(path, text)| {
        let program = path.ends_with(".mjs") && path.rsplit_once('/').is_some_and(|(folder, _)| folder == "scripts");
        (is_script(path) && text.starts_with("#!")) || program
    });
    let silent = scripts.filter(|(_, text)| !text.contains("wants_help") && !text.contains("--help"));
    silent
        .map(|(path, _)| Breach {
            file: path.to_owned(),
            line: 1,
            rule: "script without --help",
            what: "neither wants_help nor --help".to_owned(),
            remedy: "describe it in the comment at its head and call `wants_help \"$@\"` after sourcing scripts/env.sh",
        })
        .collect()
}
