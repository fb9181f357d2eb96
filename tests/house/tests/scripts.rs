//! Every script prints its help and refuses options that it does not know, before it does anything.

use std::path::Path;
use std::process::{Command, Output};

use house::{Tree, check};

fn run(root: &Path, script: &str, argument: &str) -> Output {
    // Modules are given to node; what has a `#!` line must be executable.
    let mut command = Command::new(if script.ends_with(".mjs") { "node".into() } else { root.join(script) });
    if script.ends_with(".mjs") {
        command.arg(script);
    }
    command.current_dir(root).arg(argument).output().unwrap_or_else(|error| panic!("{script}: {error}"))
}

#[test]
fn scripts_help_and_refuse() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = Tree::of_repository(&root).expect("the repository's files");
    // One without would start working when asked for help.
    assert!(
        check(&tree).iter().all(|breach| breach.rule != "script without --help"),
        "see the test of the house rules"
    );

    let scripts: Vec<&str> = tree
        .files()
        .filter(|(path, text)| {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let shell = text.starts_with("#!")
                && (folder == "scripts" || (folder.starts_with("tests/") && path.ends_with("/run")));
            shell || (folder == "scripts" && path.ends_with(".mjs"))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(scripts.contains(&"scripts/test") && scripts.contains(&"tests/fuzz/run"), "{scripts:?}");
    for script in scripts {
        let help = run(&root, script, "--help");
        let text = String::from_utf8_lossy(&help.stdout);
        assert!(help.status.success(), "{script} --help: {}\n{}", help.status, String::from_utf8_lossy(&help.stderr));
        assert!(text.contains(script), "{script} --help does not say how it is called:\n{text}");

        let wrong = run(&root, script, "--no-such-option");
        let said = String::from_utf8_lossy(&wrong.stderr);
        assert_eq!(wrong.status.code(), Some(2), "{script} --no-such-option: {}\n{said}", wrong.status);
        assert!(!said.trim().is_empty(), "{script} --no-such-option says nothing on stderr");
    }
}
