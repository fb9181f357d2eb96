//! How many of the pieces were scanned, from the database of a function on Spin, which may be in use.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rusqlite::{Connection, OpenFlags};

use super::hit::Hit;
use crate::keys::dir::KeyDir;

/// So many pieces have a scan on record.
pub fn count(file: &Path, hit: Option<&Hit>, keys: &KeyDir) -> Result<u32> {
    read(file, hit, keys).with_context(|| file.display().to_string())
}

fn read(file: &Path, hit: Option<&Hit>, keys: &KeyDir) -> Result<u32> {
    ensure!(file.is_file(), "no such file");
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    database.busy_timeout(Duration::from_secs(10))?;
    let mut statement =
        database.prepare("SELECT 1 FROM scan WHERE item = ?1").context("is it the file of trace-verify?")?;
    let mac_keys = keys.mac_keys()?;
    let mut scanned = 0;
    for piece in hit.into_iter().flat_map(Hit::each) {
        scanned += u32::from(statement.exists([Hit::item(piece, &mac_keys)?])?);
    }
    Ok(scanned)
}
