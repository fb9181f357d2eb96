//! `venditor crawlers`: the addresses that operators of crawlers publish, read from where they publish them into the folder
//! of rules. The function itself never fetches: what it believes was signed by the operator of the shop.

mod list;
mod table;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use pack_source::Files;
use shared::china_time;

use crate::files::{self, Access};
use crate::out;
use crate::published::Published;
use list::Range;
use table::Entry;

/// The file of groups.
const TABLE: &str = "ranges.toml";
/// The longest list, in bytes: Googlebot's has some 30 KB.
const LONGEST: u64 = 2 << 20;
/// The longest that one may take.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Subcommand)]
pub enum Command {
    /// Read the lists of addresses that operators publish, show what changed, and write them into the folder of rules.
    Refresh(Refresh),
}

#[derive(Args)]
pub struct Refresh {
    /// The folder of bot-screen's rules: ranges.toml is in it.
    folder: PathBuf,
    /// Only these groups, by their codes.
    #[arg(long)]
    group: Vec<String>,
    /// Take a list that has lost more than half of its addresses: crawlers from the others would be impostors.
    #[arg(long)]
    allow_shrink: bool,
    /// Show what would change and write nothing.
    #[arg(long)]
    dry_run: bool,
}

pub fn run(Command::Refresh(command): &Command) -> Result<ExitCode> {
    let kind = &bot_screen_pack::KIND;
    let mut files = Files::read(&command.folder).with_context(|| command.folder.display().to_string())?;
    // What is there must be sound, or a fault of it would be taken for one of what was read.
    (kind.compile)(&files).pack(kind).map_err(crate::policy::faults)?;
    let text = files.bytes(TABLE).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default().to_owned();
    let entries = table::entries(&text)?;
    for code in &command.group {
        ensure!(entries.iter().any(|entry| entry.code == *code), "--group {code}: {TABLE} has no such operator");
    }
    let wanted = |entry: &&Entry| command.group.is_empty() || command.group.contains(&entry.code);
    let today = china_time::date(out::now_ms());
    let (mut table, mut written, mut failed) = (text.clone(), Vec::new(), false);
    for entry in entries.iter().filter(wanted) {
        let before = files.bytes(&entry.file).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        let before = list::of_text(before)?;
        match fetched(&entry.source).and_then(|after| checked(command, &before, after)) {
            Ok(after) => {
                tell(entry, &before, &after);
                let lines: String = after.iter().map(|range| format!("{range}\n")).collect();
                files.put(entry.file.clone(), lines.clone());
                table = table::read_on(&table, entry, &today)?;
                written.push((entry.file.clone(), lines));
            }
            Err(error) => {
                failed = true;
                out::note(format!("{}: {error:#}; its list stays as it is", entry.code));
            }
        }
    }
    files.put(TABLE, table.clone());
    (kind.compile)(&files)
        .pack(kind)
        .map_err(crate::policy::faults)
        .context("nothing is written: what was read is no sound list")?;
    if !command.dry_run && table != text {
        for (file, lines) in written.iter().chain([&(TABLE.to_owned(), table)]) {
            files::replace(&command.folder.join(file), lines.as_bytes(), Access::Public)?;
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Says what changed of a list.
fn tell(entry: &Entry, before: &BTreeSet<Range>, after: &BTreeSet<Range>) {
    for range in after.difference(before) {
        out::line(format!("{}: + {range}", entry.code));
    }
    for range in before.difference(after) {
        out::line(format!("{}: - {range}", entry.code));
    }
    if before == after {
        out::line(format!("{}: the same {} ranges", entry.code, after.len()));
    }
}

/// A list that a crawler's operator can have meant: a page cut short would make impostors of its crawlers.
fn checked(command: &Refresh, before: &BTreeSet<Range>, after: BTreeSet<Range>) -> Result<BTreeSet<Range>> {
    let kept = before.intersection(&after).count();
    let is_short = kept.saturating_mul(2) < before.len() && after.len().saturating_mul(2) < before.len();
    ensure!(
        !is_short || command.allow_shrink,
        "it has {} ranges and had {} (--allow-shrink takes it all the same)",
        after.len(),
        before.len()
    );
    Ok(after)
}

/// What is published at an address.
fn fetched(source: &str) -> Result<BTreeSet<Range>> {
    let Published { body, .. } = Published::read(source, "*/*", PATIENCE, LONGEST)?;
    let text = String::from_utf8(body).with_context(|| format!("{source}: it is no text"))?;
    let ranges = list::read(&text).with_context(|| source.to_owned())?;
    ensure!(!ranges.is_empty(), "{source}: it has no addresses");
    Ok(ranges)
}
