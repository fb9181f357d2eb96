//! Scans, from event lines: which would have been called suspected copies, or no longer. An event has what lay within the
//! time that its own policy looked back: `clone.window_days` is tried by a shadow, not by this.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use pack_source::PackFile;
use serde::{Deserialize, Serialize};
use shared::policy::Pack;
use trace_verify::history::{Kin, Spread};
use trace_verify::outcome::Basis;
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
    /// Absent of events of builds that kept no networks; they say how many devices and cities there were.
    basis: Option<Basis>,
    scans: Option<i64>,
    places: Option<usize>,
}

impl Details {
    fn judged(self) -> Option<(String, Basis)> {
        let before = || {
            let (before, places_before) = (self.scans?, self.places?);
            Some(Basis { before, places_before, spread: Spread::default(), kin: Kin::Stranger })
        };
        Some((self.item, self.basis.or_else(before)?))
    }
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
        let Some((item, basis)) = details.judged() else { continue };
        let was = match outcome.as_str() {
            _ if schema != "venditor.scan.v1" => continue,
            SUSPECTED => SUSPECTED,
            // A page and an event tell some of these apart; the rules do not.
            seen if seen == SEEN_BEFORE || seen == "authentic_same_device" => SEEN_BEFORE,
            _ => continue,
        };
        found.judged += 1;
        let is = if basis.is_suspected(rules) { SUSPECTED } else { SEEN_BEFORE };
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
