//! The files of the repository: paths with `/` relative to its root, and their texts.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

#[derive(Clone, Default)]
pub struct Tree(BTreeMap<String, String>);

impl Tree {
    /// What git tracks or would track. Files that are not UTF-8 are left out: they are pictures and databases.
    pub fn of_repository(root: &Path) -> Result<Tree, String> {
        let mut git = Command::new("git");
        git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let output = git.output().map_err(|error| format!("git: {error}"))?;
        if !output.status.success() {
            return Err(format!("git ls-files: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let names = String::from_utf8(output.stdout).map_err(|error| format!("git ls-files: {error}"))?;
        let mut files = BTreeMap::new();
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            // Removed and not yet committed, or a link.
            let Ok(bytes) = std::fs::read(root.join(name)) else { continue };
            if let Ok(text) = String::from_utf8(bytes) {
                files.insert(name.to_owned(), text);
            }
        }
        Ok(Tree(files))
    }

    /// Appends a line to a file, which is made if it is not there.
    pub fn plant(&mut self, path: &str, text: &str) {
        let file = self.0.entry(path.to_owned()).or_default();
        file.push_str(text);
        file.push('\n');
    }

    /// The manifests, which say what there is, and one file: enough to see whether a rule notices something in it.
    pub fn around(&self, file: &str) -> Tree {
        let near = self.0.iter().filter(|(path, _)| path.ends_with(".toml") || *path == file);
        Tree(near.map(|(path, text)| (path.clone(), text.clone())).collect())
    }

    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    pub fn has_under(&self, folder: &str) -> bool {
        self.0.keys().any(|path| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }

    /// Path and text of every file.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The Rust files below any of these folders.
    pub fn rust<'a>(&'a self, folders: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files().filter(|(path, _)| path.ends_with(".rs") && folders.iter().any(|folder| path.starts_with(folder)))
    }

    /// The names of the functions: folders of `functions/` with a `Cargo.toml`.
    pub fn functions(&self) -> Vec<&str> {
        self.crates_below("functions/")
    }

    /// The names of folders directly below this one that hold a crate.
    pub fn crates_below(&self, folder: &str) -> Vec<&str> {
        let names = self.0.keys().filter_map(|path| path.strip_prefix(folder)?.strip_suffix("/Cargo.toml"));
        names.filter(|name| !name.contains('/')).collect()
    }
}
