//! What a pack lacks that this build asks for. Packs come from elsewhere, perhaps from an older compiler: one that lacks
//! something is not taken into use.

use std::fmt;

use decision_table::{HitPolicy, TableView};
use shared::lang::Lang;
use shared::policy::Map;

use super::Words;
use super::figures::{Edition, FIGURES, Figure};

include!(concat!(env!("OUT_DIR"), "/names.rs"));

/// What is lacking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack(
    /// Its name: a key of a section.
    pub String,
);

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policy has no {}, or one out of its range", self.0)
    }
}

pub(super) fn words(words: Words<'_>) -> Option<Lack> {
    let known = |name: &str, lang| {
        let (section, code) = name.split_once('/')?;
        words.get(section, code, lang).filter(|text| !text.trim().is_empty())
    };
    let lacks = |name: &&&str| Lang::ALL.into_iter().any(|lang| known(name, lang).is_none());
    TEXTS.iter().find(lacks).map(|name| Lack((*name).to_owned()))
}

pub(super) fn figures(figures: Map<'_>) -> Option<Lack> {
    FIGURES.iter().find_map(|Figure { section, name, range }| {
        let Some(editions) = series(figures, section) else { return Some(Lack((*section).to_owned())) };
        let lacks = |number: &usize| {
            let edition = Edition::of(figures, section, *number);
            match range {
                Some((least, most)) => edition.number(name).is_none_or(|value| !(*least..=*most).contains(&value)),
                None => edition.text(name).is_none(),
            }
        };
        let number = (0..editions).find(lacks)?;
        Some(Lack(format!("{section}/{number}/{name}")))
    })
}

pub(crate) fn tables(tables: Map<'_>) -> Option<Lack> {
    TABLES.iter().find_map(|(name, policy, inputs, outputs)| {
        let Some(editions) = series(tables, name) else { return Some(Lack((*name).to_owned())) };
        let sound = |bytes: &[u8]| {
            TableView::open(bytes).is_ok_and(|view| {
                view.check().is_ok()
                    && view.policy == *policy
                    && view.inputs().map(|column| column.name).eq(inputs.iter().copied())
                    && view.outputs().map(|(name, _)| name).eq(outputs.iter().copied())
            })
        };
        let mut keys = (0..editions).map(|number| format!("{name}/{number}"));
        keys.find(|key| !tables.get(key).is_some_and(sound)).map(Lack)
    })
}

/// How many editions there are, if there is one and they follow each other in time.
fn series(map: Map<'_>, name: &str) -> Option<usize> {
    let starts: Vec<i64> = map.ints(name).collect();
    (!starts.is_empty() && starts.is_sorted_by(|before, after| before < after)).then_some(starts.len())
}
