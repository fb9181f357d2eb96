//! `limits.toml`: how often one client, or one key, may do something.
//!
//! Each row becomes thirteen lines under its number: code, what is counted, what becomes of what is over, requests,
//! seconds, burst, words in Chinese and English, the actions with a space in between, `reads` if reading counts, classes
//! of addresses, actions that are held back and do not count, and the bits that being over it adds to a challenge.

use pack_source::toml::{Document, Table};
use pack_source::{Files, Findings, MapWriter};
use screen_rules::signal::ACTIONS;

/// The file.
pub const FILE: &str = "limits.toml";
/// The most rows.
const MOST: usize = 60;
/// What can be counted.
pub const PER: [&str; 10] =
    ["account", "action", "address", "agent", "endpoint", "item", "line", "load", "network", "session"];

/// Whose address it is.
const CLASSES: [&str; 3] = ["consumer", "data_centre", "unknown"];

/// What is counted besides actions: what only asks what it may send (CORS) to an action with a price; answers to
/// challenges; those of them that are only a wait.
const BESIDES: [&str; 3] = ["preflight", "solve", "wait"];

/// Compiles it.
pub fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let document = Document::parse(files, FILE, findings)?;
    let root = document.root();
    root.only(["limit"]);
    let rows = root.want("limit")?.list()?;
    if rows.len() > MOST {
        findings.error(FILE, 0, 0, format!("there are at most {MOST} limits"));
    }
    let mut map = MapWriter::new();
    let mut codes: Vec<&str> = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let Some(table) = row.table() else { continue };
        table.only([
            "code",
            "actions",
            "per",
            "over",
            "requests",
            "seconds",
            "burst",
            "reads",
            "class",
            "holds",
            "adds_bits",
            "zh",
            "en",
        ]);
        let code = table.text("code");
        let per = table.want("per").and_then(|per| per.one_of(&PER));
        let over = table.want("over").and_then(|over| over.one_of(&["challenge", "dearer", "throttle"]));
        let requests = table.int("requests", 1..=1_000_000);
        let seconds = table.int("seconds", 1..=604_800);
        let burst = table.int("burst", 1..=1_000_000);
        let reads = table.flag("reads");
        let (zh, en) = (table.text("zh"), table.text("en"));
        let list = table.want("actions").and_then(|actions| actions.list()).unwrap_or_default();
        let known: Vec<&str> = ACTIONS.into_iter().chain(BESIDES).collect();
        let actions: Vec<&str> = list.iter().filter_map(|action| action.one_of(&known)).collect();
        let (classes, holds) = (some(&table, "class", &CLASSES), some(&table, "holds", &ACTIONS));
        let adds_bits = if table.get("adds_bits").is_some() { table.int("adds_bits", 0..=6) } else { Some(0) };
        let (Some(code), Some(per), Some(over), Some(zh), Some(en)) = (code, per, over, zh, en) else { continue };
        let (Some(requests), Some(seconds), Some(burst), Some(reads)) = (requests, seconds, burst, reads) else {
            continue;
        };
        let Some(adds_bits) = adds_bits else { continue };
        if adds_bits > 0 && over == "throttle" {
            row.refuse("adds_bits makes a challenge dearer: over is to be challenge or dearer");
        }
        if adds_bits == 0 && over == "dearer" {
            row.refuse("over is dearer: adds_bits is to say by how much, 1 to 6");
        }
        if let Some(both) = holds.iter().find(|action| actions.contains(&action.as_str())) {
            row.refuse(format!("{both} is counted, and so held back already"));
        }
        if codes.contains(&code) {
            row.refuse(format!("{code} stands twice"));
        }
        codes.push(code);
        if seconds.saturating_mul(1000) < requests {
            row.refuse("more than a thousand requests a second: that is no limit");
        }
        let numbers = [requests, seconds, burst, adds_bits].map(|number| number.to_string());
        let [requests, seconds, burst, adds_bits] = numbers.each_ref().map(String::as_str);
        let (actions, classes, holds) = (actions.join(" "), classes.join(" "), holds.join(" "));
        let reads = if reads { "reads" } else { "" };
        let figures = [code, per, over, requests, seconds, burst, zh, en];
        map.lines(format!("{number:04}"), figures.into_iter().chain([&*actions, reads, &classes, &holds, adds_bits]));
    }
    map.finish()
}

/// The values of a list that may be absent.
fn some(table: &Table<'_>, name: &str, known: &[&str]) -> Vec<String> {
    let list = table.get(name).and_then(|value| value.list()).unwrap_or_default();
    list.iter().filter_map(|one| one.one_of(known).map(str::to_owned)).collect()
}
