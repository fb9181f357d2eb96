//! `prices.toml`: what an action costs a browser that must show that it is one, and what becomes of the action when its
//! limits cannot be asked.
//!
//! Each row becomes five numbers under the name of its action: bits of work, seconds of waiting, whether everybody pays,
//! whether it fails closed, how a challenge can be answered.

use pack_source::toml::Document;
use pack_source::{Files, Findings, MapWriter};
use screen_rules::signal::{ACTIONS, FREE};

/// The file.
pub const FILE: &str = "prices.toml";
/// The least and the most bits of work: a phone does some 16 in half a second.
const BITS: std::ops::RangeInclusive<i64> = 8..=22;
/// The shortest and the longest wait, in seconds: a challenge is valid for five minutes.
const WAIT: std::ops::RangeInclusive<i64> = 1..=60;

/// How a challenge can be answered, by number.
const KINDS: [&str; 3] = ["any", "work", "wait"];

/// Compiles it.
pub fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let document = Document::parse(files, FILE, findings)?;
    let root = document.root();
    root.only(["price"]);
    let mut map = MapWriter::new();
    let mut seen = Vec::new();
    for row in root.want("price")?.list()? {
        let Some(table) = row.table() else { continue };
        table.only(["action", "work_bits", "wait_seconds", "always", "fails", "kind"]);
        let action = table.want("action").and_then(|action| action.one_of(&ACTIONS));
        let bits = table.int("work_bits", BITS);
        let wait = table.int("wait_seconds", WAIT);
        let always = table.flag("always");
        let fails = table.want("fails").and_then(|fails| fails.one_of(&["open", "closed"]));
        let kind = table.get("kind").map_or(Some(KINDS[0]), |kind| kind.one_of(&KINDS));
        let kind = kind.and_then(|kind| KINDS.iter().zip(0..).find(|(known, _)| **known == kind));
        let Some((_, kind)) = kind else { continue };
        let (Some(action), Some(bits), Some(wait), Some(always), Some(fails)) = (action, bits, wait, always, fails)
        else {
            continue;
        };
        if FREE.contains(&action) || action == "browse" {
            row.refuse(format!("{action} is free: nobody is challenged for it"));
        }
        if seen.contains(&action) {
            row.refuse(format!("{action} has a price already"));
        }
        seen.push(action);
        map.ints(action, [bits, wait, i64::from(always), i64::from(fails == "closed"), kind]);
    }
    map.finish()
}
