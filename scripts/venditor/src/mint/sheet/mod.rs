//! The label sheet: A4 pages, a grid of labels, each with its symbol, the human-readable text and the operator's own line.
//!
//! A symbol is one filled path in module units, so it prints at any resolution and has no seams. It is drawn from the
//! same outline as the SVG, which is read back; the PDF itself is not.

mod file;
mod font;

use std::io::Write;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Chunk, Content, Filter, Finish as _, Name, Rect, Ref, Str};
use rayon::prelude::*;

use super::outline;
use super::symbol::Symbol;
use file::Growing;
pub use font::{Embedded, Font};

const PT_PER_MM: f32 = 72.0 / 25.4;
const PAGE: (f32, f32) = (210.0 * PT_PER_MM, 297.0 * PT_PER_MM);
const MARGIN: f32 = 10.0 * PT_PER_MM;
/// Clear space between labels, each side.
const PADDING: f32 = 0.7 * PT_PER_MM;

const HRI_PT: f32 = 4.6;
const TEXT_PT: f32 = 5.4;
/// Below this nobody reads it.
const SMALLEST_PT: f32 = 3.6;
const LEADING: f32 = 1.15;

/// How labels stand on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub columns: usize,
    pub rows: usize,
}

/// What one label shows.
pub struct Label {
    pub symbol: Symbol,
    /// Human-readable text, by lines.
    pub hri: Vec<String>,
    pub text: Option<String>,
    /// Where `text` comes from, for complaints.
    pub line: u64,
}

/// A sheet on its way out.
pub struct Sheet<'a, W> {
    pdf: Growing<W>,
    grid: Grid,
    module_pt: f32,
    font: &'a Font,
    catalog: Ref,
    pages: Ref,
    /// Courier and the font of the texts.
    fonts: (Ref, Ref),
    kids: Vec<Ref>,
}

impl Grid {
    pub const fn labels(self) -> usize {
        self.columns * self.rows
    }

    fn cell(self) -> (f32, f32) {
        ((PAGE.0 - 2.0 * MARGIN) / self.columns as f32, (PAGE.1 - 2.0 * MARGIN) / self.rows as f32)
    }
}

impl std::str::FromStr for Grid {
    type Err = String;

    fn from_str(text: &str) -> Result<Grid, String> {
        let wrong = || "takes COLUMNSxROWS, as in 6x10, each from 1 to 40".to_owned();
        let (columns, rows) = text.split_once('x').ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<usize>().ok().filter(|n| (1..=40).contains(n)).ok_or_else(wrong);
        Ok(Grid { columns: number(columns)?, rows: number(rows)? })
    }
}

impl<'a, W: Write> Sheet<'a, W> {
    /// Begins a sheet. A module is `module_um` micrometres wide.
    pub fn new(out: W, grid: Grid, module_um: u32, font: &'a Font) -> Result<Sheet<'a, W>> {
        let mut pdf = Growing::new(out)?;
        let (catalog, pages) = (pdf.reserve(), pdf.reserve());
        let courier = font::courier(&mut pdf)?;
        let text = if matches!(font, Font::Courier) { courier } else { font.write(&mut pdf)? };
        let module_pt = module_pt(module_um);
        Ok(Sheet { pdf, grid, module_pt, font, catalog, pages, fonts: (courier, text), kids: Vec::new() })
    }

    /// Adds labels; full pages are written, so a caller adds whole pages, except at the end.
    pub fn add(&mut self, labels: &[Label]) -> Result<()> {
        let (grid, module_pt, font) = (self.grid, self.module_pt, self.font);
        let contents: Result<Vec<Vec<u8>>> =
            labels.par_chunks(grid.labels()).map(|page| deflate(&draw(page, grid, module_pt, font)?)).collect();
        for bytes in contents? {
            let (page, content) = (self.pdf.reserve(), self.pdf.reserve());
            let mut chunk = Chunk::new();
            chunk.stream(content, &bytes).filter(Filter::FlateDecode);
            self.pdf.put(&chunk)?;
            let mut chunk = Chunk::new();
            let mut entry = chunk.page(page);
            entry.parent(self.pages).media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).contents(content);
            entry.resources().fonts().pair(Name(b"C"), self.fonts.0).pair(Name(b"T"), self.fonts.1);
            entry.finish();
            self.pdf.put(&chunk)?;
            self.kids.push(page);
        }
        Ok(())
    }

    /// Ends the sheet.
    pub fn finish(mut self) -> Result<W> {
        let mut chunk = Chunk::new();
        chunk.pages(self.pages).kids(self.kids.iter().copied()).count(i32::try_from(self.kids.len())?);
        self.pdf.put(&chunk)?;
        let mut chunk = Chunk::new();
        chunk.indirect(self.catalog).start::<pdf_writer::writers::Catalog>().pages(self.pages);
        self.pdf.put(&chunk)?;
        self.pdf.finish(self.catalog)
    }
}

/// Draws labels for their complaints alone: texts that do not fit, characters that the font lacks.
pub fn rehearse(labels: &[Label], grid: Grid, module_um: u32, font: &Font) -> Result<()> {
    labels.par_chunks(grid.labels()).try_for_each(|page| draw(page, grid, module_pt(module_um), font).map(drop))
}

fn module_pt(module_um: u32) -> f32 {
    module_um as f32 / 1000.0 * PT_PER_MM
}

fn draw(labels: &[Label], grid: Grid, module_pt: f32, font: &Font) -> Result<Vec<u8>> {
    let (width, height) = grid.cell();
    let mut content = Content::new();
    for (place, label) in labels.iter().enumerate() {
        let left = MARGIN + (place % grid.columns) as f32 * width;
        let top = PAGE.1 - MARGIN - (place / grid.columns) as f32 * height;
        let room = width - 2.0 * PADDING;
        let side = label.symbol.outer() as f32 * module_pt;
        let lines =
            label.hri.len() as f32 * HRI_PT * LEADING + if label.text.is_some() { TEXT_PT * LEADING } else { 0.0 };
        ensure!(
            side <= room && side + lines <= height - 2.0 * PADDING,
            "a label needs {:.1} × {:.1} mm, the grid gives {:.1} × {:.1}; take fewer columns or rows, or a smaller module",
            (side + 2.0 * PADDING) / PT_PER_MM,
            (side + lines + 2.0 * PADDING) / PT_PER_MM,
            width / PT_PER_MM,
            height / PT_PER_MM
        );
        symbol(&mut content, &label.symbol, module_pt, left + (width - side) / 2.0, top - PADDING);

        let mut below = top - PADDING - side;
        let middle = left + width / 2.0;
        for line in &label.hri {
            let em = line.len() as f32 * font::COURIER_WIDTH;
            let size = fit(HRI_PT, em, room).context("the human-readable text: too wide for a label of this grid")?;
            below -= HRI_PT * LEADING;
            text(&mut content, b"C", size, middle - em * size / 2.0, below, line.as_bytes());
        }
        if let Some(line) = &label.text {
            let complaint = || format!("CSV line {}: column `label_text`: {line}", label.line);
            let (bytes, em) = font.set(line).with_context(complaint)?;
            let size = fit(TEXT_PT, em, room).with_context(complaint)?;
            below -= TEXT_PT * LEADING;
            text(&mut content, b"T", size, middle - em * size / 2.0, below, &bytes);
        }
    }
    Ok(content.finish().into_vec())
}

fn symbol(content: &mut Content, symbol: &Symbol, module_pt: f32, left: f32, top: f32) {
    // From here on a unit is a module and y grows downwards, as in the outline.
    content.save_state().transform([module_pt, 0.0, 0.0, -module_pt, left, top]);
    for corners in outline::loops(symbol) {
        for (n, (x, y)) in corners.into_iter().enumerate() {
            let (x, y) = (x as f32, y as f32);
            if n == 0 {
                content.move_to(x, y)
            } else {
                content.line_to(x, y)
            };
        }
        content.close_path();
    }
    content.fill_even_odd().restore_state();
}

fn text(content: &mut Content, font: &[u8], size: f32, x: f32, y: f32, bytes: &[u8]) {
    content.begin_text().set_font(Name(font), size).next_line(x, y).show(Str(bytes)).end_text();
}

/// The size at which a line of so many em fits, no larger than wished.
fn fit(wish: f32, em: f32, room: f32) -> Result<f32> {
    let size = wish.min(room / em.max(0.01));
    ensure!(size >= SMALLEST_PT, "would have to be {size:.1} pt to fit the label; {SMALLEST_PT} is the least");
    Ok(size)
}

fn deflate(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
