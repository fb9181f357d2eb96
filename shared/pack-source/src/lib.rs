//! How a folder of TOML and CSV becomes a policy pack, and what changed between two packs, in words that a person signs.
//!
//! A function describes its rules once, as a [`Kind`]. Its build script ([`bundle()`]) and the operator's tools use the
//! same one, so that what is published at run time has passed the proofs of the build.
//!
//! In scope: reading the folder ([`Files`]), TOML with the place of each value ([`toml`]), rows of CSV ([`csv`]), figures
//! ([`figures`]), texts in two languages ([`words`]), and saying what is wrong where ([`Finding`]). Out of scope: what figures and tables mean (the
//! function's own compiler knows), and signing and publishing (the operator's tools).

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        reason = "tests may fail by panicking"
    )
)]

mod bundle;
pub mod csv;
pub mod figures;
mod files;
mod finding;
pub mod toml;
pub mod words;

pub use bundle::bundle;
pub use files::Files;
pub use finding::{Finding, Findings, Severity, nearest};
pub use pack::{Map, MapWriter, PackFile, SectionEntry};

/// One function's rules: how its folder becomes a pack, and what changed between two packs.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The function's name, such as `trace-verify`.
    pub function: &'static str,
    /// The format of its sections.
    pub format: u32,
    /// The least number of different keys that must sign: 2 where money moves.
    pub signers: usize,
    /// Compiles a folder. Never panics, whatever is in it.
    pub compile: fn(&Files) -> Compiled,
    /// What changed from the first pack to the second, in the order in which a person should read it. Packs may come
    /// from elsewhere: a section that is no map counts as an empty one.
    pub changes: fn(&PackFile, &PackFile) -> Vec<Change>,
}

/// What a folder was compiled to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// What is to be said about the files, in the order of files and lines.
    pub findings: Vec<Finding>,
    /// The sections by name; of use only if no finding is an error.
    pub sections: Vec<(String, Vec<u8>)>,
}

impl Compiled {
    /// Of what was found and of sections. A section that could not be made is `None`; if nothing was found that
    /// explains it, it would have had more than 4 GiB, which becomes a finding.
    pub fn of<'n>(findings: Findings, sections: impl IntoIterator<Item = (&'n str, Option<Vec<u8>>)>) -> Compiled {
        let mut made = Vec::new();
        for (name, bytes) in sections {
            match bytes {
                Some(bytes) => made.push((name.to_owned(), bytes)),
                None if findings.has_errors() => {}
                None => findings.error("", 0, 0, format!("section {name} would have more than 4 GiB")),
            }
        }
        Compiled { findings: findings.sorted(), sections: made }
    }

    /// Whether a finding is an error, so that there is no pack.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The pack, whole.
    ///
    /// # Errors
    /// All findings, if one is an error. Warnings of a pack that can be made are in [`Compiled::findings`].
    pub fn pack(self, kind: &Kind) -> Result<PackFile, Vec<Finding>> {
        if self.has_errors() {
            return Err(self.findings);
        }
        PackFile::new(kind.function, kind.format, self.sections)
            .ok_or_else(|| vec![Finding::error("", 0, 0, "the compiler's sections are no pack")])
    }
}

/// One change from a pack to another, in words that a manager signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// In Simplified Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Change {
    /// One change.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Change {
        Change { zh: zh.into(), en: en.into() }
    }
}

/// A section of a pack as a map; empty if it is not there or is no map.
pub fn section<'p>(pack: &'p PackFile, name: &str) -> Map<'p> {
    pack.section(name).and_then(|bytes| Map::open(bytes).ok()).unwrap_or(Map::EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind {
        function: "f",
        format: 1,
        signers: 1,
        compile: |files| {
            let findings = Findings::new();
            let figures = toml::Document::parse(files, "policy.toml", &findings).and_then(|document| {
                let mut map = MapWriter::new();
                map.int("a", document.root().int("a", 1..=2)?);
                map.finish()
            });
            Compiled::of(findings, [("figures", figures)])
        },
        changes: |_, _| Vec::new(),
    };

    #[test]
    fn a_folder_without_errors_is_a_pack() {
        let compile = |text: &str| (KIND.compile)(&Files::of([("policy.toml", text)])).pack(&KIND);
        let pack = compile("# one\na = 1").unwrap();
        assert_eq!((pack.manifest.function.as_str(), section(&pack, "figures").int("a")), ("f", Some(1)));
        assert!(section(&pack, "words").is_empty());
        assert_eq!(compile("a = 0b1").unwrap().manifest.digest(), pack.manifest.digest(), "comments are no rules");
        assert_eq!(compile("a = 3").unwrap_err().len(), 1);
        let silent = Compiled::of(Findings::new(), [("figures", None)]);
        assert_eq!(silent.pack(&KIND).unwrap_err()[0].to_string(), "error: section figures would have more than 4 GiB");
    }
}
