//! What changed between two packs, in words.

use std::collections::{BTreeMap, BTreeSet};

use listing_engine::{Language, Lexicon};
use pack_source::{Change, Map, PackFile, section, words};

use crate::figures::FIGURES;

/// The most terms that are named one by one.
const NAMED: usize = 200;

pub(crate) fn between(before: &PackFile, after: &PackFile) -> Vec<Change> {
    let mut changes = Vec::new();
    let (was, is) = (section(before, "figures"), section(after, "figures"));
    for figure in FIGURES.iter().filter(|figure| was.get(figure.name) != is.get(figure.name)) {
        let told = |text: &str, none: &str| {
            let value = |value: Option<i64>| value.map_or_else(|| none.to_owned(), |value| value.to_string());
            text.replace("{was}", &value(was.int(figure.name))).replace("{is}", &value(is.int(figure.name)))
        };
        changes.push(Change::new(told(figure.zh, "（无）"), told(figure.en, "(none)")));
    }
    changes.extend(groups(section(before, "groups"), section(after, "groups")));
    let (was, is) = (terms(before), terms(after));
    listed(&was, &is, ("新增词条", "New term"), &mut changes);
    listed(&is, &was, ("删除词条", "Term removed"), &mut changes);
    if before.section("language") != after.section("language") {
        changes.push(Change::new(
            "语言表（读音、字形、词频）有改动",
            "The tables of the language changed (sounds, shapes, words)",
        ));
    }
    changes.extend(words::changes(section(before, "words"), section(after, "words")));
    changes
}

/// Terms of a pack: which group's, or whose other names.
fn terms(pack: &PackFile) -> BTreeSet<(String, String)> {
    let groups = section(pack, "groups");
    let (language, lexicon) = (pack.section("language"), pack.section("lexicon"));
    let Some((_, lexicon)) = language.and_then(Language::open).zip(lexicon.and_then(Lexicon::open)) else {
        return BTreeSet::new();
    };
    let of = |index: u32| {
        let term = lexicon.term(index)?;
        let of = if term.alias {
            format!("= {}", lexicon.term(term.target)?.text())
        } else if term.allowed {
            "allow".to_owned()
        } else {
            groups.text(&format!("{}/code", term.group)).unwrap_or_default().to_owned()
        };
        Some((of, term.text().to_owned()))
    };
    (0..lexicon.len() as u32).filter_map(of).collect()
}

fn listed(
    from: &BTreeSet<(String, String)>,
    to: &BTreeSet<(String, String)>,
    (zh, en): (&str, &str),
    changes: &mut Vec<Change>,
) {
    let new: Vec<_> = to.difference(from).collect();
    for (of, text) in new.iter().take(NAMED) {
        changes.push(Change::new(format!("{zh}：{text}（{of}）"), format!("{en}: {text} ({of})")));
    }
    if let Some(more) = new.len().checked_sub(NAMED).filter(|more| *more > 0) {
        changes.push(Change::new(format!("{zh}：另有 {more} 条"), format!("{en}: {more} more")));
    }
}

fn groups(was: Map<'_>, is: Map<'_>) -> Vec<Change> {
    let by_code = |map: Map<'_>| -> BTreeMap<String, String> {
        let number = |key: &str| key.strip_suffix("/code").map(str::to_owned);
        let codes: Vec<(String, String)> = map
            .under("")
            .filter_map(|(key, code)| Some((number(key)?, String::from_utf8_lossy(code).into_owned())))
            .collect();
        let about = |number: &str| {
            let of = |name: &str| map.text(&format!("{number}/{name}")).unwrap_or_default().to_owned();
            format!("{}, {}", of("family"), of("severity"))
        };
        codes.into_iter().map(|(number, code)| (code, about(&number))).collect()
    };
    let (was, is) = (by_code(was), by_code(is));
    let mut changes = Vec::new();
    for (code, now) in &is {
        match was.get(code) {
            None => changes.push(Change::new(format!("新规则 {code}：{now}"), format!("New rule {code}: {now}"))),
            Some(before) if before != now => changes.push(Change::new(
                format!("规则 {code}：由 {before} 改为 {now}"),
                format!("Rule {code}: {before} becomes {now}"),
            )),
            Some(_) => {}
        }
    }
    for code in was.keys().filter(|code| !is.contains_key(*code)) {
        changes.push(Change::new(format!("删除规则 {code}"), format!("Rule {code} removed")));
    }
    changes
}
