//! Every vector on the native platform, in this process. `cargo run -p contract` puts them to the other hosts.

use std::path::Path;
use std::sync::OnceLock;

use contract::suite::{self, Native};
use contract::{coverage, paths};

/// One run for all tests: the test gateways are one for the process.
fn vectors() -> &'static [Native] {
    static VECTORS: OnceLock<Vec<Native>> = OnceLock::new();
    VECTORS.get_or_init(|| suite::native(&paths().unwrap()).unwrap())
}

#[test]
fn every_vector_passes_natively() {
    let failed: Vec<String> = vectors()
        .iter()
        .filter(|native| !native.differences.is_empty())
        .map(|native| {
            format!("{}: {}\n    {}", native.file.label(), native.file.title(), native.differences.join("\n    "))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} vectors fail:\n{}", failed.len(), vectors().len(), failed.join("\n"));
}

/// A vector may state a part of an answer; what all leave out, nothing checks.
#[test]
fn every_member_of_an_answer_is_told_by_some_vector() {
    let untold = coverage::untold(vectors());
    assert!(untold.is_empty(), "no vector states:\n{}", untold.join("\n"));
}

/// A source is a law, a standard or a document that a reader can open; documents of ours are there.
#[test]
fn sources_can_be_opened() {
    let root = paths().unwrap().root;
    for native in vectors() {
        let (label, source) = (native.file.label(), native.file.source());
        assert!(!source.trim().is_empty(), "{label}: no source");
        let words: Vec<&str> = source.split([' ', ',', ';', ':']).collect();
        let ticket = words
            .windows(2)
            .find(|pair| pair[0].eq_ignore_ascii_case("issue") && pair[1].starts_with(|c: char| c.is_ascii_digit()));
        assert_eq!(ticket, None, "{label}: {source}: what does the issue rest on?");
        let ours = |word: &&&str| [".md", ".yaml", ".toml", ".csv"].iter().any(|end| word.ends_with(end));
        for document in words.iter().filter(ours) {
            let function = root.join("functions").join(native.file.function());
            assert!(
                function.join(document).is_file() || root.join(document).is_file(),
                "{label}: {document} is neither the function's nor the repository's"
            );
        }
    }
}

/// Kinds that no vector can bring about, and the test that does.
const ELSEWHERE: [&str; 1] = ["bot-screen origin-timeout"]; // functions/bot-screen/tests/inline.rs: it takes two minutes

/// Every kind of problem that a function declares is answered in some vector.
#[test]
fn every_kind_of_problem_has_a_vector() {
    let functions = paths().unwrap().root.join("functions");
    let mut unseen = Vec::new();
    for folder in std::fs::read_dir(functions).unwrap().map(|entry| entry.unwrap().path()) {
        let function = folder.file_name().unwrap().to_string_lossy().into_owned();
        let told = |code: &String| {
            let end = format!("/problems/{code}\"");
            vectors().iter().filter(|native| native.file.function() == function).any(|native| native.says(&end))
        };
        let mut kinds = Vec::new();
        collect_kinds(&folder.join("src"), &mut kinds);
        unseen.extend(kinds.into_iter().filter(|code| !told(code)).map(|code| format!("{function} {code}")));
    }
    unseen.retain(|kind| !ELSEWHERE.contains(&kind.as_str()));
    assert!(unseen.is_empty(), "no vector is answered with {unseen:?}");
}

/// The codes that `problem_kinds!` declares below a folder: the types are private, their source is not.
fn collect_kinds(folder: &Path, codes: &mut Vec<String>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect_kinds(&path, codes);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for block in source.split("problem_kinds! {").skip(1) {
            let block = block.split("\n}").next().unwrap();
            let declared = block.lines().filter(|line| !line.trim_start().starts_with("//") && line.contains(" = "));
            codes.extend(declared.map(|line| line.split('"').nth(1).unwrap_or(line).to_owned()));
        }
    }
}
