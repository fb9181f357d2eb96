//! Producing: all cores work on a stretch of labels, then its lines go to `codes.csv` and its pages to `labels.pdf`, in
//! order. Both grow in temporary files and appear at the end, whole.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use rayon::prelude::*;
use trace_verify::manifest::Manifest;
use trace_verify::serial::{Code, MacKeys};

use super::images::{Settings, Tally};
use super::input::{Batch, Run};
use super::sheet::{self, Font, Grid, Label, Sheet};
use super::symbol::{SAFE_LENGTH, SIDE, Symbol};
use super::url::Base;
use crate::{files, out};

/// What to produce. Manifests stand in the order of the batches.
pub struct Job<'a> {
    pub out: &'a Path,
    pub batches: &'a [Batch],
    pub manifests: Vec<&'a Manifest>,
    pub mac_keys: &'a MacKeys,
    pub base: &'a Base,
    pub images: Settings,
    pub sheet: Option<Grid>,
    /// Of the label texts.
    pub font: &'a Font,
}

/// What was produced.
pub struct Done {
    pub codes: usize,
    pub images: Tally,
    /// Modules along the largest symbol's edge.
    pub side: usize,
    pub first_url: String,
}

/// One label before it is made.
struct Plan<'a> {
    /// From 1, over the whole job.
    number: usize,
    manifest: &'a Manifest,
    counter: u32,
    text: Option<&'a str>,
    line: u64,
}

struct Made {
    code: Code,
    url: String,
    side: usize,
    tally: Tally,
    label: Option<Label>,
}

/// Labels a stretch, in pages or without a sheet.
const STRETCH: usize = 1200;

pub fn run(job: &Job) -> Result<Done> {
    job.images.prepare(job.out)?;
    let plans = plans(job);
    let csv_path = job.out.join("codes.csv");
    let mut csv = csv::Writer::from_path(files::sibling(&csv_path, ".tmp"))?;
    csv.write_record(["number", "url", "primary", "serial", "counter", "batch", "hri", "svg", "png"])?;
    let mut sheet = job.sheet.map(|grid| open_sheet(job, grid)).transpose()?;
    // Whole pages, so that no page waits for the next stretch.
    let stretch = job.sheet.map_or(STRETCH, |grid| STRETCH.next_multiple_of(grid.labels()));

    let mut done = Done { codes: 0, images: Tally::default(), side: 0, first_url: String::new() };
    let bar = out::progress(plans.len(), "codes");
    for part in plans.chunks(stretch) {
        let made: Result<Vec<Made>> = part.par_iter().map(|plan| make(job, plan)).inspect(|_| bar.inc(1)).collect();
        let mut labels = Vec::new();
        for (plan, made) in part.iter().zip(made?) {
            note_size(&done, &made);
            row(&mut csv, plan, &made, &job.images)?;
            done.codes += 1;
            done.images = done.images.plus(made.tally);
            done.side = done.side.max(made.side);
            if done.first_url.is_empty() {
                done.first_url = made.url;
            }
            labels.extend(made.label);
        }
        if let Some(sheet) = &mut sheet {
            sheet.add(&labels)?;
        }
    }
    bar.finish_and_clear();
    settle(csv.into_inner().map_err(|e| anyhow!("{}: {e}", csv_path.display()))?, &csv_path)?;
    if let Some(sheet) = sheet {
        let file = sheet.finish()?.into_inner().map_err(|e| anyhow!("labels.pdf: {e}"))?;
        settle(file, &job.out.join("labels.pdf"))?;
    }
    Ok(done)
}

/// Lays out a label of each line of the order, before any counter is taken: a text that does not fit is the order's fault and
/// must cost nothing. The code shown is counter 0's, which goes nowhere.
pub fn rehearse(
    batches: &[Batch],
    base: &Base,
    (mac_kid, mac_keys): (u8, &MacKeys),
    (grid, module_um): (Grid, u32),
    font: &Font,
) -> Result<()> {
    for batch in batches {
        let code = Code::mint(&batch.primary, mac_kid, 0, mac_keys).map_err(|e| anyhow!("MAC key {mac_kid}: {e}"))?;
        let symbol = Symbol::encode(&base.url(&code))?;
        for runs in batch.runs.chunks(STRETCH.next_multiple_of(grid.labels())) {
            let label = |run: &Run| {
                let (hri, text) = (hri_lines(&code), run.label_text.clone());
                Label { symbol: symbol.clone(), hri, text, line: run.line }
            };
            sheet::rehearse(&runs.iter().map(label).collect::<Vec<_>>(), grid, module_um, font)?;
        }
    }
    Ok(())
}

fn plans<'a>(job: &Job<'a>) -> Vec<Plan<'a>> {
    let mut plans: Vec<Plan> = Vec::new();
    for (batch, manifest) in job.batches.iter().zip(&job.manifests) {
        let labels = batch.runs.iter().flat_map(|run| (0..run.quantity).map(move |_| run));
        for (counter, run) in (manifest.first..).zip(labels) {
            let number = plans.len() + 1;
            plans.push(Plan { number, manifest, counter, text: run.label_text.as_deref(), line: run.line });
        }
    }
    plans
}

fn make(job: &Job, plan: &Plan) -> Result<Made> {
    let manifest = plan.manifest;
    let code = Code::mint(&manifest.primary, manifest.mac_kid, plan.counter, job.mac_keys)
        .map_err(|e| anyhow!("counter {} of batch {}: {e}", plan.counter, manifest.batch))?;
    let url = job.base.url(&code);
    let symbol = Symbol::encode(&url)?;
    let side = symbol.side();
    let tally = job.images.make(job.out, plan.number, &url, &symbol)?;
    let label = job.sheet.is_some().then(|| Label {
        symbol,
        hri: hri_lines(&code),
        text: plan.text.map(str::to_owned),
        line: plan.line,
    });
    Ok(Made { code, url, side, tally, label })
}

/// The human-readable text in two lines: it is as wide as the symbol only so.
fn hri_lines(code: &Code) -> Vec<String> {
    let whole = code.element_string();
    let serial = whole.find("(21)").unwrap_or(whole.len() - code.serial().len());
    let (key, serial) = whole.split_at(serial);
    vec![key.to_owned(), serial.to_owned()]
}

/// Says once, at the first code that is larger than it should be.
fn note_size(done: &Done, made: &Made) {
    if made.side > SIDE && done.side <= SIDE {
        out::note(format!(
            "warning: {} has {} characters and needs {side}×{side} modules; a host that makes it {SAFE_LENGTH} or less keeps \
             {SIDE}×{SIDE}",
            made.url,
            made.url.len(),
            side = made.side,
        ));
    }
}

fn row<W: std::io::Write>(csv: &mut csv::Writer<W>, plan: &Plan, made: &Made, images: &Settings) -> Result<()> {
    let names = images.names(plan.number);
    csv.write_record([
        &plan.number.to_string(),
        &made.url,
        &made.code.primary().to_string(),
        made.code.serial(),
        &made.code.counter().to_string(),
        &plan.manifest.batch,
        &made.code.element_string(),
        names.svg.as_deref().unwrap_or(""),
        names.png.as_deref().unwrap_or(""),
    ])?;
    Ok(())
}

fn open_sheet<'a>(job: &Job<'a>, grid: Grid) -> Result<Sheet<'a, BufWriter<File>>> {
    let path = files::sibling(&job.out.join("labels.pdf"), ".tmp");
    let file = File::create(&path).with_context(|| path.display().to_string())?;
    Sheet::new(BufWriter::new(file), grid, job.images.module_um, job.font)
}

/// A finished temporary file becomes the real one.
fn settle(file: File, path: &Path) -> Result<()> {
    file.sync_all()
        .and_then(|()| fs::rename(files::sibling(path, ".tmp"), path))
        .with_context(|| path.display().to_string())?;
    files::sync_parent(path).with_context(|| path.display().to_string())
}
