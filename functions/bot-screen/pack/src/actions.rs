//! `actions.toml`: what a request is taken for.
//!
//! Rows are looked at in their order; the first that fits decides. Each becomes nine lines under its number: class,
//! methods, hosts, parameters of the query (`name`, `name=value` or `name=*part*`), paths, where the account, the item and the session
//! stand in a request, and fields of the body (`name`, `name=value` or `name=*part*`); several with a space in between,
//! none is any.

use pack_source::toml::{Document, Table, Value};
use pack_source::{Files, Findings, MapWriter};
use screen_rules::signal::ACTIONS;

/// The file.
pub const FILE: &str = "actions.toml";
/// The most rows.
const MOST: usize = 300;
/// The most patterns of one row.
const MOST_PATTERNS: usize = 50;

/// Compiles it.
pub fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let document = Document::parse(files, FILE, findings)?;
    let root = document.root();
    root.only(["action"]);
    let rows = root.want("action")?.list()?;
    if rows.len() > MOST {
        findings.error(FILE, 0, 0, format!("there are at most {MOST} actions"));
    }
    let mut map = MapWriter::new();
    for (number, row) in rows.iter().enumerate() {
        let Some(table) = row.table() else { continue };
        table.only(["class", "method", "host", "query", "path", "field", "account", "item", "session"]);
        let class = table.want("class").and_then(|class| class.one_of(&ACTIONS));
        let lines = [
            patterns(
                &table,
                "method",
                |text| text.bytes().all(|b| b.is_ascii_uppercase() || b == b'-'),
                "POST or the like",
            ),
            patterns(
                &table,
                "host",
                |text| is_lower(text) && !text.contains('/'),
                "a host, lower case, without a port",
            ),
            patterns(&table, "query", is_lower, "a parameter, lower case: its name, name=value or name=*part*"),
            patterns(&table, "path", is_path, "a path, lower case, such as /cart/add, /c/*, *.js or /x/*/y"),
            patterns(&table, "account", is_key, KEY),
            patterns(&table, "item", is_key, KEY),
            patterns(&table, "session", is_key, KEY),
            patterns(&table, "field", is_lower, "a field of the body, lower case: its name, name=value or name=*part*"),
        ];
        if ["query", "path", "field"].iter().all(|name| table.get(name).is_none()) {
            row.refuse("path, query or field is missing: what is it about?");
        }
        if let Some(class) = class {
            map.lines(format!("{number:04}"), std::iter::once(class).chain(lines.iter().map(String::as_str)));
        }
    }
    map.finish()
}

const KEY: &str = "the name of a field of the body or the query, or path:4 for a segment of the path";

/// The name of a field, or `path:4`.
fn is_key(text: &str) -> bool {
    match text.strip_prefix("path:") {
        Some(place) => place.parse::<u8>().is_ok_and(|place| (1..=20).contains(&place)),
        None => !text.chars().any(char::is_whitespace) && text.len() <= 64,
    }
}

fn is_lower(text: &str) -> bool {
    !text.chars().any(|c| c.is_whitespace() || c.is_uppercase())
}

fn is_path(text: &str) -> bool {
    (text.starts_with('/') || text.starts_with('*')) && text.matches('*').count() <= 3 && is_lower(text)
}

fn patterns(table: &Table<'_>, name: &str, fits: fn(&str) -> bool, wanted: &str) -> String {
    let Some(list) = table.get(name).and_then(|value| value.list()) else { return String::new() };
    if list.len() > MOST_PATTERNS {
        table.refuse(format!("{name}: at most {MOST_PATTERNS} of a row"));
    }
    let pattern = |value: &Value<'_>| {
        let text = value.text()?;
        if !fits(text) || text.is_empty() {
            value.refuse(format!("{}: {text:?}: {wanted} is wanted", value.name()));
        }
        Some(text.to_owned())
    };
    list.iter().filter_map(pattern).collect::<Vec<_>>().join(" ")
}
