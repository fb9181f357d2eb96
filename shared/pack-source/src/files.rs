//! The files of a pack's folder.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::{Finding, Findings, nearest};

/// Paths below the folder, with `/` on every system, and what is in the files. Only TOML and CSV count: a README beside
/// them changes no rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Reads a folder and those within it. Names that begin with a dot are passed over: editors leave such files.
    ///
    /// # Errors
    /// A folder or file cannot be read, or has a name that is not UTF-8.
    pub fn read(folder: &Path) -> io::Result<Files> {
        let mut files = Files::default();
        files.collect(folder, "")?;
        Ok(files)
    }

    /// Of paths and contents that are at hand.
    pub fn of<P: Into<String>, C: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, C)>) -> Files {
        Files(files.into_iter().map(|(path, content)| (path.into(), content.into())).collect())
    }

    /// Puts a file in, in place of one that has its path.
    pub fn put(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), content.into());
    }

    /// All paths, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What is in a file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// The text of a file. That it is missing, or not UTF-8, is a finding.
    pub fn text(&self, path: &str, findings: &Findings) -> Option<&str> {
        let Some(bytes) = self.bytes(path) else {
            findings.error(path, 0, 0, "this file is missing");
            return None;
        };
        match std::str::from_utf8(bytes) {
            // What some editors put before a text is no part of it.
            Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
                findings.error(path, u32::try_from(line).unwrap_or(u32::MAX), 0, "this is not UTF-8");
                None
            }
        }
    }

    /// Files that no rule says anything about are errors: a misspelled name would otherwise change nothing, silently.
    pub fn only<'n>(
        &self,
        known: impl Fn(&str) -> bool,
        names: impl IntoIterator<Item = &'n str>,
        findings: &Findings,
    ) {
        let names: Vec<&str> = names.into_iter().collect();
        for path in self.paths().filter(|path| !known(path)) {
            let meant = nearest(path, names.iter().copied().filter(|name| self.bytes(name).is_none()));
            findings.push(Finding::error(path, 0, 0, "no such file in this pack").meant(meant));
        }
    }

    fn collect(&mut self, folder: &Path, below: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.ok_or_else(|| io::Error::other(format!("{}: a name is not UTF-8", path.display())))?;
            let place = format!("{below}{name}");
            if name.starts_with('.') {
            } else if path.is_dir() {
                self.collect(&path, &format!("{place}/"))?;
            } else if name.ends_with(".toml") || name.ends_with(".csv") {
                let content = std::fs::read(&path);
                let content =
                    content.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
                self.put(place, content);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(findings: Findings) -> Vec<String> {
        findings.sorted().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_file_is_not() {
        let files = Files::of([("a.toml", b"x\ny\xff".as_slice()), ("b.toml", b"\xef\xbb\xbfok"), ("polcy.toml", b"")]);
        let findings = Findings::new();
        assert_eq!(files.text("b.toml", &findings), Some("ok"));
        assert_eq!((files.text("a.toml", &findings), files.text("policy.toml", &findings)), (None, None));
        files.only(|path| ["a.toml", "b.toml"].contains(&path), ["a.toml", "policy.toml"], &findings);
        assert_eq!(
            said(findings),
            [
                "a.toml:2: error: this is not UTF-8",
                "polcy.toml: error: no such file in this pack; did you mean policy.toml?",
                "policy.toml: error: this file is missing",
            ]
        );
    }
}
