//! The figures that the code of `listing-check` asks for: the one list of them.

use pack_source::toml::Document;
use pack_source::{Files, Findings, MapWriter};

use crate::POLICY;

/// A figure of `policy.toml`.
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

/// All figures, in the order in which a person should read what changed.
pub const FIGURES: [Figure; 3] = [
    Figure {
        name: "reading.least_gain",
        least: -200,
        most: 400,
        zh: "变写须胜出 {was} 个四分之一比特：改为 {is}",
        en: "A reading other than the literal one must win by {was} quarter bits: becomes {is}",
    },
    Figure {
        name: "reading.least_gain_literal",
        least: -200,
        most: 400,
        zh: "原样出现的词须胜出 {was} 个四分之一比特：改为 {is}",
        en: "A term as it stands must win by {was} quarter bits: becomes {is}",
    },
    Figure {
        name: "reading.gain_per_doubling",
        least: 0,
        most: 40,
        zh: "词条数每翻一倍，变写须多胜出 {was} 个四分之一比特：改为 {is}",
        en: "For each doubling of the number of terms a reading must win by {was} quarter bits more: becomes {is}",
    },
];

pub(crate) fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let document = Document::parse(files, POLICY, findings)?;
    let root = document.root();
    let mut sections: Vec<&str> = FIGURES.iter().map(|figure| split(figure.name).0).collect();
    sections.sort_unstable();
    sections.dedup();
    root.only(sections.iter().copied());
    let mut map = MapWriter::new();
    for section in sections {
        let Some(table) = root.table(section) else { continue };
        let of_section = || FIGURES.iter().filter(|figure| split(figure.name).0 == section);
        table.only(of_section().map(|figure| split(figure.name).1));
        for figure in of_section() {
            if let Some(value) = table.int(split(figure.name).1, figure.least..=figure.most) {
                map.int(figure.name, value);
            }
        }
    }
    map.finish()
}

fn split(name: &'static str) -> (&'static str, &'static str) {
    name.split_once('.').unwrap_or((name, ""))
}
