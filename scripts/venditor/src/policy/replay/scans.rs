//! Scans, from event lines: which would have been called suspected copies, or no longer.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use pack_source::PackFile;
use serde::{Deserialize, Serialize};
use shared::policy::Pack;
use trace_verify::history::{History, Visit};
use trace_verify::outcome::clone_signs;
use trace_verify::policy::Rules;

use crate::out;

#[derive(Deserialize)]
struct Event {
    schema: String,
    outcome: String,
    details: Details,
}

#[derive(Deserialize)]
struct Details {
    item: String,
    scans: Option<i64>,
    /// Absent of events of earlier builds.
    places: Option<usize>,
}

/// What would change.
#[derive(Default, Serialize)]
struct Difference {
    policy: String,
    /// Scans whose verdict hangs on the history of the piece, and that say enough of it.
    judged: usize,
    changed: usize,
    /// From one outcome to another, how many scans.
    outcomes: BTreeMap<String, usize>,
    /// Pieces, with how many scans of each.
    items: BTreeMap<String, usize>,
}

const SEEN_BEFORE: &str = "authentic_seen_before";
const SUSPECTED: &str = "suspected_clone";

pub fn replay(new: PackFile, from: &Path, machines: bool) -> Result<()> {
    let pack = Pack::from_file(new);
    let rules = Rules::of(&pack);
    if let Some(lack) = rules.lack() {
        bail!("{lack}");
    }
    let mut found = Difference { policy: rules.digest().to_owned(), ..Difference::default() };
    let file = std::fs::File::open(from).with_context(|| from.display().to_string())?;
    for line in std::io::BufReader::new(file).lines() {
        let Ok(Event { schema, outcome, details }) = serde_json::from_str::<Event>(&line?) else { continue };
        let Details { item, scans: Some(count), places: Some(places) } = details else { continue };
        let was = match outcome.as_str() {
            _ if schema != "venditor.scan.v1" => continue,
            SUSPECTED => SUSPECTED,
            // A page and an event tell some of these apart; the rules do not.
            seen if seen == SEEN_BEFORE || seen == "authentic_same_device" => SEEN_BEFORE,
            _ => continue,
        };
        found.judged += 1;
        let history = History { count, first_at: 0, first_place: None, places, visit: Visit::Further };
        let is = if clone_signs(&history, rules).is_empty() { SEEN_BEFORE } else { SUSPECTED };
        if was != is {
            found.changed += 1;
            *found.outcomes.entry(format!("{was} -> {is}")).or_default() += 1;
            *found.items.entry(item).or_default() += 1;
        }
    }
    if machines {
        return out::json(&found);
    }
    out::line(format!("{} scans judged by {}: {} would differ", found.judged, found.policy, found.changed));
    for (change, many) in &found.outcomes {
        out::line(format!("  {change}: {many}"));
    }
    for (item, many) in found.items.iter().take(20) {
        out::line(format!("  {item}: {many}"));
    }
    Ok(())
}
