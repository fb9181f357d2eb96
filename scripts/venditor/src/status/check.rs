//! Reading back: what a shopper now sees of pieces that statements cover, as the running function says it. The visits count
//! as no scans.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;
use trace_verify::status::State;

use super::book;
use super::hit::{self, Hit};
use crate::edge::{Edge, Seen};
use crate::keys::dir::KeyDir;
use crate::out;

/// How long to wait between two looks.
const AGAIN: Duration = Duration::from_secs(5);

/// For how many seconds the function may still say what it said before.
pub const WAIT: u64 = 90;

#[derive(Args)]
pub struct Command {
    /// Where the function is, `https://host[:port]`.
    #[arg(long)]
    url: String,
    /// For how many seconds it may still say something else: a store's cache keeps a value for 60.
    #[arg(long, default_value_t = WAIT)]
    wait: u64,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    read_back(&command.url, command.wait, keys)
}

/// A piece, and what is to be seen of it.
struct Sample {
    item: String,
    wanted: &'static str,
}

/// Asks for a piece of each statement in force; fails if one is not told as stated when the time is over.
pub fn read_back(url: &str, wait: u64, keys: &KeyDir) -> Result<()> {
    let edge = Edge::at(url)?;
    let samples = samples(keys)?;
    if samples.is_empty() {
        out::line("no statement in force covers a piece that is known here");
        return Ok(());
    }
    let until = Instant::now() + Duration::from_secs(wait);
    let mut wrong = 0;
    for Sample { item, wanted } in &samples {
        let (outcome, title) = loop {
            let Seen { outcome, title, .. } = edge.look(item)?;
            if outcome == *wanted || Instant::now() >= until {
                break (outcome, title);
            }
            sleep(AGAIN.min(until.saturating_duration_since(Instant::now())));
        };
        let note = if outcome == *wanted {
            ""
        } else {
            wrong += 1;
            "  <- NOT AS STATED"
        };
        out::line(format!("{item}: {outcome} ({title}){note}"));
    }
    ensure!(wrong == 0, "{wrong} of {} pieces are not told as stated", samples.len());
    Ok(())
}

fn samples(keys: &KeyDir) -> Result<Vec<Sample>> {
    let now = out::now_ms();
    let minted = hit::minted(keys, &[], now)?;
    let mac_keys = keys.mac_keys()?;
    let mut samples: Vec<Sample> = Vec::new();
    for book in book::all(keys, now)? {
        for link in book.chain.in_force(None) {
            let status = &link.statement.payload.status;
            let wanted = match status.state {
                State::Recalled => "recalled",
                State::Withdrawn => "withdrawn",
                State::Active => continue,
            };
            let Ok(hit) = hit::find(&minted, &status.scope, status.counters.as_deref()) else { continue };
            let Some(piece) = hit.each().next() else { continue };
            let item = Hit::item(piece, &mac_keys)?;
            match samples.iter_mut().find(|sample| sample.item == item) {
                // A recall is told before a withdrawal.
                Some(known) if wanted == "recalled" => known.wanted = wanted,
                Some(_) => {}
                None => samples.push(Sample { item, wanted }),
            }
        }
    }
    Ok(samples)
}
