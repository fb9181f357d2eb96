//! The picture files of one label, each read back before it is written; what an earlier run left is kept if it reads.
//!
//! Pictures are not synced to the disk one by one, which would take longer than all the rest: after a power cut, run the
//! same command again, and those that are torn or empty are drawn anew.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::check::{self, Depth};
use super::symbol::Symbol;
use super::{raster, svg};
use crate::files;

/// What to draw, and how large.
#[derive(Clone, Copy)]
pub struct Settings {
    pub svg: bool,
    pub png: bool,
    /// Pixels a module in PNG.
    pub module_px: usize,
    /// Micrometres a module on paper.
    pub module_um: u32,
    /// Each so-many-th PNG is also looked for with a detector; 1: each.
    pub detect_every: usize,
}

/// Names of the files of a label, relative to the output directory.
pub struct Names {
    pub svg: Option<String>,
    pub png: Option<String>,
}

/// How many files were written, how many stood already.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    pub written: usize,
    pub kept: usize,
}

impl Settings {
    /// Makes the directories.
    pub fn prepare(&self, out: &Path) -> Result<()> {
        for folder in [self.svg.then_some("svg"), self.png.then_some("png")].into_iter().flatten() {
            files::dir(&out.join(folder))?;
        }
        Ok(())
    }

    /// The names of the files of label `number`.
    pub fn names(&self, number: usize) -> Names {
        Names {
            svg: self.svg.then(|| format!("svg/{number:07}.svg")),
            png: self.png.then(|| format!("png/{number:07}.png")),
        }
    }

    /// Draws, checks and writes the files of label `number`.
    pub fn make(&self, out: &Path, number: usize, url: &str, symbol: &Symbol) -> Result<Tally> {
        let names = self.names(number);
        let mut tally = Tally::default();
        if let Some(name) = names.svg {
            let check = |bytes: &[u8]| check::svg(std::str::from_utf8(bytes)?, url);
            tally.one(&out.join(name), check, || Ok(svg::render(symbol, url, self.module_um).into_bytes()))?;
        }
        if let Some(name) = names.png {
            let depth = if (number - 1).is_multiple_of(self.detect_every) { Depth::Detect } else { Depth::Grid };
            let check = |bytes: &[u8]| check::png(bytes, self.module_px, url, depth);
            tally.one(&out.join(name), check, || raster::render(symbol, self.module_px, self.module_um))?;
        }
        Ok(tally)
    }
}

impl Tally {
    fn one(
        &mut self,
        path: &PathBuf,
        check: impl Fn(&[u8]) -> Result<()>,
        draw: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<()> {
        // A file that an interrupted run tore does not read, and is drawn again.
        if fs::read(path).is_ok_and(|bytes| check(&bytes).is_ok()) {
            self.kept += 1;
            return Ok(());
        }
        let bytes = draw()?;
        check(&bytes).with_context(|| format!("{}: not written, for it does not read back", path.display()))?;
        fs::write(path, bytes).with_context(|| path.display().to_string())?;
        self.written += 1;
        Ok(())
    }

    pub fn plus(self, other: Tally) -> Tally {
        Tally { written: self.written + other.written, kept: self.kept + other.kept }
    }
}
