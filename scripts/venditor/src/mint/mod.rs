//! `venditor mint`: from an order (CSV) to codes, pictures, a label sheet and signed manifests.
//!
//! Order of work, so that a crash at any point loses no counter twice: journal, counters, manifests, then codes. The same
//! command continues an interrupted job; pictures that stand and read back are not drawn again.

mod check;
mod images;
pub mod input;
pub mod issue;
pub mod journal;
pub mod ledger;
mod outline;
mod produce;
mod raster;
mod sheet;
mod svg;
pub(crate) mod symbol;
pub mod url;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::files::{self, Access};
use crate::keys::dir::KeyDir;
use crate::out;
use issue::Keys;
use journal::Journal;

#[derive(Args)]
pub struct Command {
    /// The order: columns `primary` and `quantity`, optionally `batch`, `label_text`, `records` (batch or item).
    #[arg(long)]
    csv: PathBuf,
    /// The host that labels point to, with a port if it has one.
    #[arg(long)]
    host: String,
    #[arg(long, value_enum, default_value = "https")]
    scheme: url::Scheme,
    /// Where the output goes; the same command continues a job that was interrupted.
    #[arg(long)]
    out: PathBuf,
    /// Pictures of each code.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "svg,png")]
    images: Vec<Picture>,
    /// Also a label sheet, `labels.pdf`.
    #[arg(long)]
    pdf: bool,
    /// The batch of lines that name none.
    #[arg(long)]
    batch: Option<String>,
    /// Rows that are the same in every cell: `keep` mints for each, `once` for the first alone. Asked if absent.
    #[arg(long, value_enum)]
    doubled: Option<Doubled>,
    /// The MAC key that marks the labels; without it, the newest usable one.
    #[arg(long)]
    mac_kid: Option<u8>,
    /// The key that signs the manifests; without it, the newest usable one.
    #[arg(long)]
    manifest_key: Option<String>,
    /// Pixels a module in PNG.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    module_px: u16,
    /// Micrometres a module on paper (SVG, PDF, PNG's resolution).
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(100..=5000))]
    module_um: u32,
    /// Look for the code with a detector in each so-many-th PNG; every PNG is decoded in any case.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    detect_every: u32,
    /// Labels on an A4 page, COLUMNSxROWS.
    #[arg(long, default_value = "6x10")]
    grid: sheet::Grid,
    /// A font for `label_text` beyond Latin, TrueType or OpenType.
    #[arg(long)]
    font: Option<PathBuf>,
    /// Which font of a collection (.ttc).
    #[arg(long, default_value_t = 0)]
    font_index: u32,
    /// A key that may sign the batches' inspection records; several times for several. Any record key of the key set, if
    /// absent: also one that another inspection base has.
    #[arg(long)]
    record_key: Vec<String>,
    /// The date in the manifests, milliseconds since the epoch, for repeatable runs; now if absent.
    #[arg(long, hide = true)]
    minted_at: Option<i64>,
    /// The answer for machines.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Picture {
    Svg,
    Png,
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Doubled {
    Keep,
    Once,
}

pub fn run(command: &Command, keys: &KeyDir) -> Result<()> {
    let order = files::read(&command.csv)?;
    let read = input::Order::read(&command.csv, &order, command.batch.as_deref())?;
    read.notes.iter().for_each(out::note);
    let once = once(command, &read)?;
    let batches = read.batches(once)?;
    let base = url::Base::new(command.scheme, &command.host)?;
    let set = keys.keyset()?;
    let mac_keys = keys.mac_keys()?;
    let font = font(command, &batches)?;
    let settings = settings(command, &order, once, &base);
    let journal = match Journal::find(&command.out)? {
        Some(journal) => {
            journal.check(&command.out, &settings)?;
            out::note(format!("job {} continues in {}", journal.job, command.out.display()));
            journal
        }
        None => {
            let now = command.minted_at.unwrap_or_else(out::now_ms);
            let chosen = Keys::choose(keys, &set, command.mac_kid, command.manifest_key.as_deref(), now)?;
            let chosen = chosen.with_records_by(&set, &command.record_key)?;
            if command.pdf {
                let paper = (command.grid, command.module_um);
                produce::rehearse(&batches, &base, (chosen.mac_kid, &mac_keys), paper, &font)?;
            }
            let journal = Journal::begin(&command.out, &settings, now, &chosen)?;
            out::note(format!("job {} begins in {}", journal.job, command.out.display()));
            journal
        }
    };
    // Again, for a key may have been revoked since the job began.
    let now = out::now_ms().max(journal.minted_at);
    let chosen = Keys::choose(keys, &set, Some(journal.mac_kid), Some(&journal.manifest_kid), now)?;
    let chosen = Keys { record_kids: journal.record_kids.clone(), ..chosen };
    let issued = issue::issue(keys, &chosen, &journal.job, &batches, journal.minted_at)?;
    for one in &issued {
        let path = command.out.join(format!("manifest-{}.dsse.json", one.manifest.batch));
        files::replace(&path, &one.envelope, Access::Public)?;
    }

    let job = produce::Job {
        out: &command.out,
        batches: &batches,
        manifests: issued.iter().map(|one| &one.manifest).collect(),
        mac_keys: &mac_keys,
        base: &base,
        images: images::Settings {
            svg: command.images.contains(&Picture::Svg),
            png: command.images.contains(&Picture::Png),
            module_px: usize::from(command.module_px),
            module_um: command.module_um,
            detect_every: command.detect_every as usize,
        },
        sheet: command.pdf.then_some(command.grid),
        font: &font,
    };
    let done = produce::run(&job)?;
    let manifests: Vec<String> =
        issued.iter().map(|one| format!("manifest-{}.dsse.json", one.manifest.batch)).collect();
    if command.json {
        return out::json(&json!({
            "codes": done.codes, "images_written": done.images.written, "images_kept": done.images.kept,
            "symbol": done.side, "first_url": done.first_url, "manifests": manifests, "csv": "codes.csv",
            "pdf": command.pdf.then_some("labels.pdf"),
        }));
    }
    let images = match (done.images.written, done.images.kept) {
        (0, 0) => "no images were asked for".to_owned(),
        (written, kept) => format!("{written} images written, {kept} kept, all read back"),
    };
    out::line(format!(
        "{} codes of {side}×{side} modules; {images}; {} in {}",
        done.codes,
        manifests.join(", "),
        command.out.display(),
        side = done.side,
    ));
    Ok(())
}

/// Whether rows that are the same count once: what --doubled says, else what the operator answers.
fn once(command: &Command, order: &input::Order) -> Result<bool> {
    match command.doubled {
        Some(doubled) => return Ok(doubled == Doubled::Once),
        None if order.doubled.is_empty() => return Ok(false),
        None => {}
    }
    let lines: Vec<String> = order
        .doubled
        .iter()
        .take(10)
        .map(|(first, again)| format!("line {again} says what line {first} says"))
        .collect();
    let lines = lines.join("; ");
    let question = format!(
        "{}: {lines}. Mint for each of them (k), for the first alone (o), or not at all?",
        command.csv.display()
    );
    match out::ask(&question)?.as_deref() {
        Some("k" | "keep") => Ok(false),
        Some("o" | "once") => Ok(true),
        Some(_) => bail!("nothing was minted"),
        None => bail!(
            "{}: {lines}: --doubled keep mints for each of them, --doubled once for the first alone",
            command.csv.display()
        ),
    }
}

/// The font of the label texts, cut down to their characters.
fn font(command: &Command, batches: &[input::Batch]) -> Result<sheet::Font> {
    let texts = batches.iter().flat_map(|batch| &batch.runs).filter_map(|run| run.label_text.as_deref());
    Ok(match &command.font {
        Some(path) if command.pdf => {
            sheet::Font::Embedded(Box::new(sheet::Embedded::load(path, command.font_index, texts)?))
        }
        _ => sheet::Font::Courier,
    })
}

/// Everything that decides the codes and their pictures. What only adds files (`--pdf`, `--images`) is not in it.
fn settings(command: &Command, order: &[u8], once: bool, base: &url::Base) -> String {
    let mut parts = vec![
        order.to_vec(),
        base.to_string().into_bytes(),
        format!("{:?}", (&command.batch, command.mac_kid, &command.manifest_key)).into_bytes(),
        format!("{:?}", (command.module_px, command.module_um)).into_bytes(),
    ];
    // Only where it makes a difference: jobs that an earlier build began go on.
    if once {
        parts.push(b"once".to_vec());
    }
    journal::digest(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}
