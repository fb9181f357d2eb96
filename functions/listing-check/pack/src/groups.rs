//! What is said of the terms of each list: groups. And lists whose words are only parts of combinations.

use pack_source::toml::{Table, is_code};
use pack_source::{Files, Finding, Findings, nearest};

use crate::heads::{self, Head, flag};
use crate::{LEXICON, RULES, conditions, list};

/// The group of contacts: it has no list, its findings are what the function recognises by itself.
pub const CONTACT: &str = "contact";
/// The most groups.
const MOST: usize = 4000;
/// The most lists of parts.
const MOST_LISTS: usize = 1000;

/// Reads the groups, in the order of their codes: a group's place is its number.
pub(crate) fn read(root: &Table<'_>, files: &Files, findings: &Findings) -> Option<Vec<Head>> {
    let mut groups = Vec::new();
    let tables = root.table("group")?;
    // Terms of a group may stand in another's list, whose rows name their categories.
    let mut texts = files.paths().filter(|path| path.starts_with(LEXICON)).filter_map(|path| files.bytes(path));
    let categories = texts.any(|bytes| std::str::from_utf8(bytes).is_ok_and(|text| list::read(text).categories));
    for (code, value) in tables.entries() {
        let Some(table) = value.table() else { continue };
        table.only(heads::NAMES.into_iter().chain(heads::TEXTS).chain(conditions::NAMES).chain(["needs_cue"]));
        let path = path(code);
        if code != CONTACT && !categories && files.bytes(&path).is_none() {
            value.refuse(format!("this group has no list: {path} is missing"));
        }
        let cue = table.get("needs_cue").and_then(|value| value.flag()).unwrap_or(false);
        let Some(head) = heads::read(code, &value, &table, "group", if cue { flag::CUE } else { 0 }) else { continue };
        if code == CONTACT && head.is_conditional() {
            value.refuse("contacts are told wherever they stand: this group has no conditions");
        }
        groups.push(head);
    }
    if !tables.keys().any(|code| code == CONTACT) {
        findings.error(
            RULES,
            0,
            0,
            format!("[group.{CONTACT}] is missing: what is said of telephone numbers, accounts and links"),
        );
    }
    if groups.len() > MOST {
        findings.error(RULES, 0, 0, format!("there are at most {MOST} groups"));
        return None;
    }
    Some(groups)
}

/// Reads the codes of lists whose words are only parts of combinations, in their order.
pub(crate) fn lists(root: &Table<'_>, files: &Files, findings: &Findings) -> Vec<String> {
    let mut lists = Vec::new();
    let groups: Vec<&str> = root.get("group").and_then(|value| value.as_table()).iter().flat_map(Table::keys).collect();
    let tables = root.get("list").and_then(|value| value.table());
    for (code, value) in tables.iter().flat_map(Table::entries) {
        let Some(table) = value.table() else { continue };
        table.only(["what"]);
        if let Some(what) = table.get("what").and_then(|value| value.table()) {
            what.only(["zh", "en"]);
            let _ = (what.text("zh"), what.text("en"));
        }
        if !is_code(code) {
            value.refuse("a list's code has lower-case letters, digits, `_` and `-`");
        }
        if groups.contains(&code) {
            value.refuse(format!("[group.{code}] has that list already; a rule names its words as group:{code}"));
        } else if files.bytes(&path(code)).is_none() {
            value.refuse(format!("{} is missing", path(code)));
        }
        lists.push(code.to_owned());
    }
    if lists.len() > MOST_LISTS {
        findings.error(RULES, 0, 0, format!("there are at most {MOST_LISTS} lists"));
    }
    for path in files.paths().filter(|path| path.starts_with(LEXICON)) {
        let code = path.strip_prefix(LEXICON).and_then(|name| name.strip_suffix(".csv")).unwrap_or_default();
        let known = || groups.iter().copied().chain(lists.iter().map(String::as_str));
        if !known().any(|known| known == code) {
            let said = format!("no group or list of that name: [group.{code}] is missing in {RULES}");
            let without = known().filter(|code| *code != CONTACT && files.bytes(&self::path(code)).is_none());
            findings.push(Finding::error(path, 0, 0, said).meant(nearest(code, without)));
        }
    }
    lists
}

/// The file of a group's or list's words.
pub(crate) fn path(code: &str) -> String {
    format!("{LEXICON}{code}.csv")
}
