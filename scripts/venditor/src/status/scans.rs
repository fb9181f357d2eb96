//! How many of the pieces were scanned: from the database of a function on Spin, which may be in use, or as a running
//! function says it of each, on either host.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rusqlite::{Connection, OpenFlags};

use super::hit::Hit;
use crate::edge::Edge;
use crate::keys::dir::KeyDir;

/// The most pieces that a function is asked for.
const ASKED: usize = 1000;

/// So many of so many pieces have a scan on record.
#[derive(Clone, Copy)]
pub struct Scanned {
    pub pieces: u64,
    pub of: u64,
}

/// From a file, or from where a function is, `https://host[:port]`.
pub fn count(place: &str, hit: Option<&Hit>, keys: &KeyDir) -> Result<Scanned> {
    if place.starts_with("https://") || place.starts_with("http://") {
        return ask(&Edge::at(place)?, hit, keys);
    }
    read(Path::new(place), hit, keys).with_context(|| place.to_owned())
}

fn ask(edge: &Edge, hit: Option<&Hit>, keys: &KeyDir) -> Result<Scanned> {
    let mac_keys = keys.mac_keys()?;
    let mut scanned = Scanned { pieces: 0, of: 0 };
    for piece in hit.into_iter().flat_map(Hit::each).take(ASKED) {
        let item = Hit::item(piece, &mac_keys)?;
        let seen = edge.look(&item)?;
        let scans = seen.scans.with_context(|| format!("{item}: {}: tells no scans", seen.outcome))?;
        scanned.pieces += u64::from(scans > 0);
        scanned.of += 1;
    }
    Ok(scanned)
}

fn read(file: &Path, hit: Option<&Hit>, keys: &KeyDir) -> Result<Scanned> {
    ensure!(file.is_file(), "no such file");
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    database.busy_timeout(Duration::from_secs(10))?;
    let mut statement =
        database.prepare("SELECT 1 FROM scan WHERE item = ?1").context("is it the file of trace-verify?")?;
    let mac_keys = keys.mac_keys()?;
    let mut scanned = Scanned { pieces: 0, of: 0 };
    for piece in hit.into_iter().flat_map(Hit::each) {
        scanned.pieces += u64::from(statement.exists([Hit::item(piece, &mac_keys)?])?);
        scanned.of += 1;
    }
    Ok(scanned)
}
