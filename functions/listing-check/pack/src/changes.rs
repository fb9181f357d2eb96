//! What changed between two packs, in words.

use std::collections::{BTreeMap, BTreeSet};

use listing_engine::bytes::Arrays;
use listing_engine::lexicon::Role;
use listing_engine::{Language, Lexicon};
use pack_source::{Change, Map, PackFile, figures, section, words};

use crate::beside::LISTS;
use crate::figures::FIGURES;
use crate::layout::{MAGIC, place};
use crate::said::{Said, by_code};

/// The most terms that are named one by one.
const NAMED: usize = 200;

pub(crate) fn between(before: &PackFile, after: &PackFile) -> Vec<Change> {
    let mut changes = figures::changes(&FIGURES, section(before, "figures"), section(after, "figures"));
    changes.extend(rules(&by_code(before), &by_code(after)));
    let (was, is) = (terms(before), terms(after));
    listed(&was, &is, ("新增词条", "New term"), &mut changes);
    listed(&is, &was, ("删除词条", "Term removed"), &mut changes);
    let (was, is) = (beside(section(before, "groups")), beside(section(after, "groups")));
    listed(&was, &is, ("新增", "New"), &mut changes);
    listed(&is, &was, ("删除", "Removed"), &mut changes);
    if compiled(before) != compiled(after) && changes.is_empty() {
        changes.push(Change::new("规则的编译结果有改动", "What rules are compiled to changed"));
    }
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
    let own =
        (0..lexicon.len() as u32).filter(|index| lexicon.term(*index).is_some_and(|term| term.role != Role::Part));
    let mut terms: BTreeSet<(String, String)> = own.filter_map(of).collect();
    let arrays = pack.section("rules").and_then(|bytes| Arrays::open(bytes, MAGIC));
    for [a, b, c, d, list @ ..] in arrays.iter().flat_map(|arrays| arrays.entries::<8>(place::TERMS)) {
        let list = format!("list/{}", u32::from_le_bytes(*list));
        if let Some((term, list)) = lexicon.term(u32::from_le_bytes([*a, *b, *c, *d])).zip(groups.text(&list)) {
            terms.insert((format!("list:{list}"), term.text().to_owned()));
        }
    }
    terms
}

/// Exceptions, words that stand beside terms, and words beside which they mean something else.
fn beside(groups: Map<'_>) -> BTreeSet<(String, String)> {
    let words = LISTS.iter().flat_map(|name| {
        groups
            .lines(&format!("words/{name}"))
            .map(|word| (format!("words/{name}"), word.to_owned()))
            .collect::<Vec<_>>()
    });
    let exceptions = groups.under("except/").filter_map(|(key, until)| {
        let key = key.strip_suffix("/until")?;
        let until = i64::from_le_bytes(until.try_into().ok()?);
        let of = |name: &str| groups.text(&format!("{key}/{name}")).unwrap_or_default();
        let term = key.strip_prefix("except/")?.rsplit_once('/')?.0;
        let who = [of("seller"), of("category"), &calendar::date(until.clamp(0, 253_402_214_400_000))].join(", ");
        Some(("exceptions".to_owned(), format!("{term}, {who}")))
    });
    let senses = ["sense/", "sense-in/"].into_iter().flat_map(|under| {
        groups.under(under).flat_map(move |(key, _)| {
            let term = key.strip_prefix(under).unwrap_or_default();
            groups.lines(key).map(move |word| ("senses".to_owned(), format!("{term}, {word}"))).collect::<Vec<_>>()
        })
    });
    words.chain(exceptions).chain(senses).collect()
}

/// The automata of patterns.
fn compiled(pack: &PackFile) -> &[u8] {
    let arrays = pack.section("rules").and_then(|bytes| Arrays::open(bytes, MAGIC));
    arrays.map_or(&[], |arrays| arrays.get(place::BYTES))
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

fn rules(was: &BTreeMap<String, Said>, is: &BTreeMap<String, Said>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (code, now) in is {
        match was.get(code) {
            None => {
                changes.push(Change::new(format!("新规则 {code}：{}", now.zh), format!("New rule {code}: {}", now.en)));
            }
            Some(before) if (&before.zh, &before.en) != (&now.zh, &now.en) => changes.push(Change::new(
                format!("规则 {code}：由 {} 改为 {}", before.zh, now.zh),
                format!("Rule {code}: {} becomes {}", before.en, now.en),
            )),
            Some(before) if before.texts != now.texts => changes.push(Change::new(
                format!("规则 {code}：说明、依据或建议的文字有改动"),
                format!("Rule {code}: its texts changed (what it is, what is cited, what would pass)"),
            )),
            Some(_) => {}
        }
    }
    for code in was.keys().filter(|code| !is.contains_key(*code)) {
        changes.push(Change::new(format!("删除规则 {code}"), format!("Rule {code} removed")));
    }
    changes
}
