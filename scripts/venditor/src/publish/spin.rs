//! Publishing to a Spin deployment: into the SQLite file of its key-value store, which two processes may write, or as
//! commands for Redis.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Deserialize;
use shared::keyset::Roots;

use super::collect::Bundle;
use super::older;
use crate::{files, out};

/// What matters here of Spin's runtime configuration.
#[derive(Deserialize)]
struct RuntimeConfig {
    #[serde(default)]
    key_value_store: BTreeMap<String, Provider>,
}

/// `[key_value_store.<label>]`. Other members may be credentials and are not read.
#[derive(Deserialize)]
struct Provider {
    r#type: String,
    path: Option<PathBuf>,
}

/// Publishes into the store of this label, and names its file.
pub fn publish(config: &Path, label: &str, bundle: &Bundle, roots: &Roots) -> Result<String> {
    let file = file(config, label).with_context(|| config.display().to_string())?;
    if !file.exists() {
        out::note(format!("{} is new: no Spin has served with this configuration on this machine yet", file.display()));
    }
    write(&file, label, bundle, roots).with_context(|| file.display().to_string())?;
    Ok(file.display().to_string())
}

/// The file behind a label; an error that says what to do instead where there is none.
pub(super) fn file(config: &Path, label: &str) -> Result<PathBuf> {
    let text = String::from_utf8(files::read(config)?)?;
    let config: RuntimeConfig = toml::from_str(&text).map_err(|error| {
        // Without the parser's own message, which quotes the line: it may hold a credential.
        let line =
            error.span().map_or(0, |span| text.as_bytes().iter().take(span.start).filter(|b| **b == b'\n').count());
        anyhow!("not a runtime configuration of Spin, at line {}", line.saturating_add(1))
    })?;
    let Provider { r#type: kind, path } = config.key_value_store.get(label).with_context(|| {
        let labels: Vec<&str> = config.key_value_store.keys().map(String::as_str).collect();
        format!("no [key_value_store.{label}]; there are: {}", labels.join(", "))
    })?;
    match (kind.as_str(), path) {
        ("spin", Some(path)) => {
            // Spin takes it from the configuration's folder, other programs from the current one: refused, not guessed.
            ensure!(
                path.is_absolute(),
                "[key_value_store.{label}] path {path:?} is relative; give an absolute one (scripts/spin-runtime DIR writes them)"
            );
            Ok(path.clone())
        }
        ("spin", None) => {
            bail!(
                "[key_value_store.{label}] has no path: Spin keeps it in memory, where nobody can publish; give it one"
            )
        }
        ("redis", _) => bail!(
            "[key_value_store.{label}] is kept in Redis: publish with --redis FILE --redis-url URL, then redis-cli -u URL --pipe <FILE"
        ),
        (other, _) => bail!(
            "[key_value_store.{label}] has the type {other:?}, which this command cannot write: publish with --bulk FILE, \
             and put each entry (key, base64 value) there with the provider's own tools"
        ),
    }
}

/// Spin's own table, as its SQLite key-value store makes it (`crates/key-value-spin/src/store.rs`).
const TABLE: &str = "CREATE TABLE IF NOT EXISTS spin_key_value (
    store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))";

pub(super) const STORED: &str = "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2";

const UPSERT: &str = "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
    ON CONFLICT (store, key) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value";

/// Writes everything or nothing. With the write-ahead log, which stays with the file, scans read on meanwhile.
pub fn write(file: &Path, store: &str, bundle: &Bundle, roots: &Roots) -> Result<()> {
    if let Some(parent) = file.parent() {
        files::dir(parent)?;
    }
    let mut connection = Connection::open(file)?;
    // Spin may be writing.
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.execute(TABLE, [])?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    {
        let mut stored = transaction.prepare(STORED)?;
        let mut upsert = transaction.prepare(UPSERT)?;
        for (key, value) in &bundle.entries {
            // In the same transaction: two operators who publish at once do not undo each other.
            let there: Option<Vec<u8>> = stored.query_row(params![store, key], |row| row.get(0)).optional()?;
            if let Some(there) = there {
                older::than(key, &there, value, roots)?;
            }
            upsert.execute(params![store, key, value])?;
        }
    }
    Ok(transaction.commit()?)
}

/// Redis' own protocol, for `redis-cli --pipe`: one `SET` an entry, all in one transaction. Spin's store in Redis has the
/// keys as they are, without its label (`crates/key-value-redis/src/store.rs`).
pub fn redis(bundle: &Bundle) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut command = |parts: &[&[u8]]| {
        bytes.extend_from_slice(format!("*{}\r\n", parts.len()).as_bytes());
        for part in parts {
            bytes.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
            bytes.extend_from_slice(part);
            bytes.extend_from_slice(b"\r\n");
        }
    };
    command(&[b"MULTI"]);
    for (key, value) in &bundle.entries {
        command(&[b"SET", key.as_bytes(), value]);
    }
    command(&[b"EXEC"]);
    bytes
}
