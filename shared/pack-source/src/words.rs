//! Texts that people read, in both languages: sections of codes, each `{ zh, en }`. In a pack, `section/code/zh` and
//! `section/code/en`.

use pack::{Map, MapWriter, placeholders};

use crate::toml::{Document, Table, Value, is_code};
use crate::{Change, Files, Findings, nearest};

/// The two languages, as files and packs name them.
pub const LANGUAGES: [&str; 2] = ["zh", "en"];

/// A text that a function's code asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'w> {
    /// `section/code`.
    pub name: &'w str,
    /// The placeholders that the code fills in; a text may leave them out, but have no other. `None`: any.
    pub fills: Option<&'w [&'w str]>,
}

/// Compiles a file of texts. Every text that is wanted must be there; one that nothing asks for is a warning. Both
/// languages must have the same placeholders, which must be among those that are filled in.
///
/// # Errors
/// `None`, with findings.
pub fn compile(files: &Files, file: &str, wanted: &[Wanted<'_>], findings: &Findings) -> Option<Vec<u8>> {
    let document = Document::parse(files, file, findings)?;
    let root = document.root();
    let mut map = MapWriter::new();
    let mut unasked: Vec<(String, Value<'_>)> = Vec::new();
    for (section, codes) in root.entries() {
        let Some(codes) = codes.table().filter(|_| code(section, &codes)) else { continue };
        for (name, text) in codes.entries() {
            let Some(text_of) = text.table().filter(|_| code(name, &text)) else { continue };
            let full = format!("{section}/{name}");
            match wanted.iter().find(|wanted| wanted.name == full) {
                Some(wanted) => put(&mut map, &full, &text_of, wanted.fills),
                None => {
                    put(&mut map, &full, &text_of, None);
                    unasked.push((full, text));
                }
            }
        }
    }
    let known = |name: &str| name.split_once('/').and_then(|(section, code)| root.get(section)?.as_table()?.get(code));
    let missing: Vec<&str> = wanted.iter().map(|wanted| wanted.name).filter(|name| known(name).is_none()).collect();
    for (name, text) in unasked {
        let meant = nearest(&name, missing.iter().copied()).map(shown);
        text.warn(format!("{}: nothing asks for this text", text.name()), meant);
    }
    for name in missing {
        let (section, code) = name.split_once('/').unwrap_or(("", name));
        match root.get(section) {
            Some(section) => {
                if let Some(section) = section.as_table() {
                    section.refuse(format!("{} {code} is missing", section.name()));
                }
            }
            None => root.refuse(format!("[{section}] {code} is missing")),
        }
    }
    map.finish()
}

fn shown(name: &str) -> String {
    name.split_once('/').map_or_else(|| name.to_owned(), |(section, code)| format!("[{section}] {code}"))
}

fn code(name: &str, value: &Value<'_>) -> bool {
    let fits = is_code(name);
    if !fits {
        value.refuse(format!("{}: its name may have lower-case letters, digits, _ and -", value.name()));
    }
    fits
}

fn put(map: &mut MapWriter, name: &str, text: &Table<'_>, fills: Option<&[&str]>) {
    text.only(LANGUAGES);
    let both = LANGUAGES.map(|language| {
        let value = text.want(language)?;
        let text = value.text()?;
        sound(&value, text, fills);
        Some((value, text))
    });
    let [Some((zh, zh_text)), Some((en, en_text))] = both else { return };
    let (zh_has, en_has) = (placeholders(zh_text), placeholders(en_text));
    for (value, here, there) in [(&zh, &zh_has, &en_has), (&en, &en_has, &zh_has)] {
        for name in there.difference(here) {
            value.refuse(format!("{}: {{{name}}} is missing, which the other language has", value.name()));
        }
    }
    map.text(format!("{name}/zh"), zh_text).text(format!("{name}/en"), en_text);
}

/// A text must be what it looks like to whoever signs it, and have no placeholder that nothing fills in.
fn sound(value: &Value<'_>, text: &str, fills: Option<&[&str]>) {
    let hidden = |char: char| {
        char.is_control()
            || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if let Some(char) = text.chars().find(|char| hidden(*char)) {
        value.refuse(format!("{}: a character that is not seen, U+{:04X}", value.name(), u32::from(char)));
    }
    if text.matches('{').count() != text.matches('}').count() {
        value.refuse(format!("{}: a brace without its other half", value.name()));
    }
    for name in placeholders(text) {
        let Some(fills) = fills.filter(|fills| !fills.contains(&name)) else { continue };
        let meant = nearest(name, fills.iter().copied()).map(|name| format!("{{{name}}}"));
        value.refuse_meaning(format!("{}: nothing fills in {{{name}}}", value.name()), meant);
    }
}

/// What changed in a section of words, in the order of the names.
pub fn changes(before: Map<'_>, after: Map<'_>) -> Vec<Change> {
    let mut names: Vec<&str> = [before, after].iter().flat_map(|map| map.under("").map(|(name, _)| name)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(|name| change(name, before.text(name), after.text(name))).collect()
}

fn change(name: &str, before: Option<&str>, after: Option<&str>) -> Option<Change> {
    let (code, language) = name.rsplit_once('/').unwrap_or((name, ""));
    let in_chinese = match language {
        "zh" => "中文",
        "en" => "英文",
        other => other,
    };
    match (before, after) {
        (Some(before), Some(after)) if before != after => Some(Change::new(
            format!("文字 {code}（{in_chinese}）：“{before}”改为“{after}”"),
            format!("Words of {code} ({language}): \"{before}\" becomes \"{after}\""),
        )),
        (None, Some(after)) => Some(Change::new(
            format!("新文字 {code}（{in_chinese}）：“{after}”"),
            format!("New words of {code} ({language}): \"{after}\""),
        )),
        (Some(before), None) => Some(Change::new(
            format!("删去文字 {code}（{in_chinese}）：“{before}”"),
            format!("Words of {code} ({language}) are removed: \"{before}\""),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
