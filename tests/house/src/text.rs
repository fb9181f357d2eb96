//! Rules on any text: how long a module is, and what it must not mention.

use crate::{Breach, Tree};

/// A module's lines, tests included. The aim is 400; beyond this it holds two ideas.
pub const LONGEST: usize = 450;

pub fn length(tree: &Tree) -> Vec<Breach> {
    let code = tree.files().filter(|(path, _)| path.ends_with(".rs") || path.ends_with(".mjs") || is_script(path));
    let long = code.filter_map(|(path, text)| Some((path, text.lines().count())).filter(|(_, lines)| *lines > LONGEST));
    long.map(|(path, lines)| Breach {
        file: path.to_owned(),
        line: lines,
        rule: "long file",
        what: format!("{lines} lines, more than {LONGEST}"),
        remedy: "one idea a module: split it, or move its tests to a file of their own",
    })
    .collect()
}

pub(crate) fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    (path.starts_with("scripts/") || path.starts_with("tests/")) && !name.contains('.') && !name.starts_with("LICENSE")
}

pub fn machine_paths(tree: &Tree) -> Vec<Breach> {
    let folders = ["work", "root", "home", "Users"].map(|name| format!("/{name}/"));
    find(tree, |line| {
        folders.iter().any(|folder| {
            // Absolute, and not a segment of a URL or of a relative path.
            line.match_indices(folder.as_str()).any(|(at, _)| {
                line[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || "\"'`(=:[,".contains(c))
            })
        })
    })
    .map(|(file, line, what)| Breach {
        file,
        line,
        rule: "machine path",
        what,
        remedy: "a path relative to the repository, or a variable: another machine has other folders",
    })
    .collect()
}

pub fn issue_numbers(tree: &Tree) -> Vec<Breach> {
    find(tree, |line| {
        if !line.contains("ssue") && !line.contains("SSUE") {
            return false; // cheap, and nearly always
        }
        let lower = line.to_lowercase();
        lower.match_indices("issue").any(|(at, word)| {
            let rest = lower[at + word.len()..].trim_start_matches('s').trim_start_matches([' ', '#']);
            let apart = lower[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
            apart && rest.starts_with(|c: char| c.is_ascii_digit())
        })
    })
    .map(|(file, line, what)| Breach {
        file,
        line,
        rule: "issue number",
        what,
        remedy: "name the law, standard, document or invariant that it rests on: a number means nothing to a reader of the code",
    })
    .collect()
}

/// Lines of any file that a test finds at fault, lock files aside.
fn find<'a>(
    tree: &'a Tree,
    at_fault: impl Fn(&str) -> bool + 'a,
) -> impl Iterator<Item = (String, usize, String)> + 'a {
    let files = tree.files().filter(|(path, _)| !path.ends_with("Cargo.lock") && !path.ends_with("package-lock.json"));
    files.flat_map(move |(path, text)| {
        let lines = text.lines().enumerate().filter(|(_, line)| at_fault(line)).collect::<Vec<_>>();
        lines.into_iter().map(move |(at, line)| (path.to_owned(), at + 1, line.trim().chars().take(120).collect()))
    })
}
