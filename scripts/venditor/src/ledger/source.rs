//! Where the lines come from: a running function, page by page, or a SQLite file of Spin.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use instant_refund::auth::Scope;
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;

use super::line::Line;
use crate::client::{Caller, Client};
use crate::keys::dir::KeyDir;

#[derive(Deserialize)]
struct Page {
    lines: Vec<Line>,
    #[serde(default)]
    next: Option<String>,
}

/// From `GET /v1/refunds/ledger`.
pub fn function(caller: &Caller, keys: &KeyDir) -> Result<Vec<Line>> {
    let client = Client::new(caller, keys, Scope::Operations)?;
    let pages = client.pages("/v1/refunds/ledger", |page: &Page| page.next.as_deref())?;
    Ok(pages.into_iter().flat_map(|page| page.lines).collect())
}

/// From the table of a file, which may be in use.
pub fn file(path: &Path) -> Result<Vec<Line>> {
    read(path).with_context(|| path.display().to_string())
}

fn read(path: &Path) -> Result<Vec<Line>> {
    ensure!(path.is_file(), "no such file");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    database.busy_timeout(Duration::from_secs(10))?;
    let sql = "SELECT refund, entry, line, at, account, leg, payer, debit_fen, credit_fen FROM ledger
               ORDER BY refund, entry, line, rowid";
    let mut statement = database.prepare(sql).context("is it the file of instant-refund?")?;
    let lines = statement.query_map([], |row| {
        Ok(Line {
            refund: row.get(0)?,
            entry: row.get(1)?,
            line: row.get(2)?,
            at: row.get(3)?,
            account: row.get(4)?,
            leg: row.get(5)?,
            payer: row.get(6)?,
            debit_fen: row.get(7)?,
            credit_fen: row.get(8)?,
        })
    })?;
    Ok(lines.collect::<rusqlite::Result<_>>()?)
}
