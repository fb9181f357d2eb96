//! Figures: integers with a range, each under `section.name`, of a TOML file whose sections are tables.

use crate::toml::Document;
use crate::{Change, Files, Findings, Map, MapWriter};

/// A figure that a function's code asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// `section.name`.
    pub name: &'static str,
    /// The least that it may be.
    pub least: i64,
    /// The most.
    pub most: i64,
    /// That it changed, in Chinese, with `{was}` and `{is}`.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
}

impl Figure {
    /// Its section, and its name there.
    fn place(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or((self.name, ""))
    }
}

/// Compiles the figures of a file: all of these, and no others.
pub fn compile(files: &Files, file: &str, figures: &[Figure], findings: &Findings) -> Option<Vec<u8>> {
    let document = Document::parse(files, file, findings)?;
    let root = document.root();
    let mut sections: Vec<&str> = figures.iter().map(|figure| figure.place().0).collect();
    sections.sort_unstable();
    sections.dedup();
    root.only(sections.iter().copied());
    let mut map = MapWriter::new();
    for section in sections {
        let Some(table) = root.table(section) else { continue };
        let of_section = || figures.iter().filter(|figure| figure.place().0 == section);
        table.only(of_section().map(|figure| figure.place().1));
        for figure in of_section() {
            if let Some(value) = table.int(figure.place().1, figure.least..=figure.most) {
                map.int(figure.name, value);
            }
        }
    }
    map.finish()
}

/// What changed of them, in their order.
pub fn changes(figures: &[Figure], was: Map<'_>, is: Map<'_>) -> Vec<Change> {
    let changed = figures.iter().filter(|figure| was.get(figure.name) != is.get(figure.name));
    let told = changed.map(|figure| {
        let told = |text: &str, none: &str| {
            let value = |value: Option<i64>| value.map_or_else(|| none.to_owned(), |value| value.to_string());
            text.replace("{was}", &value(was.int(figure.name))).replace("{is}", &value(is.int(figure.name)))
        };
        Change::new(told(figure.zh, "（无）"), told(figure.en, "(none)"))
    });
    told.collect()
}
