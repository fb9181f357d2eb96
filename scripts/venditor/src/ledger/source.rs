//! Where the lines come from: a running function, page by page, or a SQLite file of Spin.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use http::Method;
use instant_refund::auth::Scope;
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;

use super::line::Line;
use crate::client::{Ask, Caller, Client};
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
    let (mut lines, mut after) = (Vec::new(), None::<String>);
    loop {
        let query = after.as_deref().map_or(String::new(), |after| format!("?after={}", escaped(after)));
        let target = format!("/v1/refunds/ledger{query}");
        let answer = client.ask(&Ask { method: Method::GET, target: &target, ..Ask::default() })?;
        if !answer.is_success() {
            let text: String = answer.text.chars().take(500).collect();
            bail!("{target}: HTTP {} {text}", answer.status);
        }
        let page: Page = serde_json::from_str(&answer.text).with_context(|| target.clone())?;
        lines.extend(page.lines);
        let Some(next) = page.next else { return Ok(lines) };
        // A place that comes again would never end.
        ensure!(after.as_ref() != Some(&next), "{target}: leads to itself");
        after = Some(next);
    }
}

/// For a query: whatever could mean something else there.
fn escaped(text: &str) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._~/:".contains(b);
    text.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
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
