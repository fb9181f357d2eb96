//! What databases hold, row by row, whatever file a row lies in: on Workers each shard is a database, on Spin and
//! natively one holds them all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Result, context};

/// Longer texts are in `rows/*.json` by their digest; the databases beside it hold them.
const LONG: usize = 200;

/// Columns that a request never changes, by table. Of tables that are not named, no column of a row ever changes.
const LASTING: [(&str, &[&str]); 4] = [
    ("refund", &["id", "shard", "fingerprint"]),
    ("hold", &["account", "refund", "amount_fen", "limit_fen", "at"]),
    ("scan", &["item", "first_at", "first_place", "first_device"]),
    ("breaker", &["gateway"]),
];

/// Which steps of its schema a database says were applied; none if it does not say.
pub fn steps(path: &Path) -> rusqlite::Result<Vec<i64>> {
    let database = Connection::open(path)?;
    let tells = "SELECT count(*) FROM sqlite_master WHERE name = 'schema_step'";
    if database.query_row(tells, (), |row| row.get::<_, i64>(0))? == 0 {
        return Ok(Vec::new());
    }
    let mut statement = database.prepare("SELECT number FROM schema_step ORDER BY number")?;
    statement.query_map((), |row| row.get(0))?.collect()
}

/// A database that no longer knows which steps it has.
pub fn forget(path: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(path)?;
    database.execute_batch("DELETE FROM schema_step")?;
    Ok(database)
}

/// Makes a database one of a build that is far ahead; `plainly`: in another journal mode than this build would set.
pub fn go_ahead(path: &Path, plainly: bool) -> rusqlite::Result<()> {
    let database = Connection::open(path)?;
    if plainly {
        database.query_row("PRAGMA journal_mode = DELETE", (), |_| Ok(()))?;
    }
    database.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_step (number INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL);
         INSERT INTO schema_step (number, applied_at) VALUES (1000, 0)",
    )
}

/// Counts of attempts, which are pruned once they are over: what they are is told by the answers.
const PASSING: &str = "cell";

type Row = Map<String, Value>;

/// The rows of every table, by primary key.
pub struct Snapshot(BTreeMap<String, BTreeMap<String, Row>>);

impl Snapshot {
    /// Of the tables of these databases; how far their schema is, and what the hosts keep for themselves, is left out.
    pub fn of(databases: &[PathBuf]) -> Result<Snapshot> {
        let mut found = Snapshot(BTreeMap::new());
        for path in databases {
            found.read(path).map_err(context(path.display()))?;
        }
        Ok(found)
    }

    fn read(&mut self, path: &PathBuf) -> rusqlite::Result<()> {
        let database = Connection::open(path)?;
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_step'
                      AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'";
        let names: Vec<String> =
            database.prepare(tables)?.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for table in names.into_iter().filter(|name| name != PASSING) {
            let keys = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
            let keys: Vec<String> =
                database.prepare(keys)?.query_map([&table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            let mut statement = database.prepare(&format!("SELECT * FROM \"{table}\""))?;
            let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
            let mut rows = statement.query(())?;
            while let Some(row) = rows.next()? {
                let mut members = Row::new();
                for (at, column) in columns.iter().enumerate() {
                    members.insert(column.clone(), value(row.get_ref(at)?));
                }
                let key: Vec<&Value> = keys.iter().filter_map(|key| members.get(key)).collect();
                let key = json!(key).to_string();
                self.0.entry(table.clone()).or_default().insert(key, members);
            }
        }
        Ok(())
    }

    pub fn count(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// What `later` has lost or changed, one line each. `strict`: no request should have changed anything, and none
    /// should have added a row. Columns that `later` has besides are not looked at.
    pub fn lost_in(&self, later: &Snapshot, strict: bool) -> Vec<String> {
        let mut lost = Vec::new();
        for (table, rows) in &self.0 {
            let lasting = LASTING.iter().find(|(name, _)| name == table).map(|(_, columns)| *columns);
            for (key, row) in rows {
                let Some(now) = later.0.get(table).and_then(|rows| rows.get(key)) else {
                    lost.push(format!("{table} {key} is gone"));
                    continue;
                };
                for (column, value) in row {
                    let must_last = strict || lasting.is_none_or(|columns| columns.contains(&column.as_str()));
                    if must_last && now.get(column) != Some(value) {
                        lost.push(format!("{table} {key}: {column} was {value}, is {:?}", now.get(column)));
                    }
                }
            }
        }
        if strict {
            // What an instance has adopted is not the business of these rows.
            for (table, rows) in later.0.iter().filter(|(table, _)| !table.starts_with("policy_")) {
                let known = self.0.get(table);
                let new = rows.keys().filter(|key| known.is_none_or(|known| !known.contains_key(*key)));
                lost.extend(new.map(|key| format!("{table} {key} is new")));
            }
        }
        lost
    }

    /// For `rows/*.json`: one row a line.
    pub fn to_json(&self) -> String {
        let mut text = String::from("{\n");
        for (number, (table, rows)) in self.0.iter().enumerate() {
            text.push_str(&format!("{}  {}: [\n", if number > 0 { ",\n" } else { "" }, json!(table)));
            let lines: Vec<String> = rows.values().map(|row| format!("    {}", short(row))).collect();
            text.push_str(&lines.join(",\n"));
            text.push_str("\n  ]");
        }
        text.push_str("\n}\n");
        text
    }
}

fn short(row: &Row) -> Value {
    let cell = |value: &Value| match value {
        Value::String(text) if text.len() > LONG => {
            let digest = shared::hex::hex(&Sha256::digest(text));
            json!({ "sha256": digest, "bytes": text.len() })
        }
        other => other.clone(),
    };
    Value::Object(row.iter().map(|(name, value)| (name.clone(), cell(value))).collect())
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Real(number) => json!({ "real": number }),
        ValueRef::Blob(bytes) => json!({ "blob": bytes }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(table: &str, rows: &[Value]) -> Snapshot {
        let rows = rows.iter().map(|row| (row["id"].to_string(), row.as_object().unwrap().clone())).collect();
        Snapshot(BTreeMap::from([(table.to_owned(), rows)]))
    }

    #[test]
    fn what_is_lost_is_told() {
        let before = snapshot("refund", &[json!({ "id": "a", "shard": 1, "state": "issuing" })]);
        let later = |row| snapshot("refund", &[row]);
        let posted = later(json!({ "id": "a", "shard": 1, "state": "posted", "new": 1 }));
        assert_eq!(before.lost_in(&posted, false), Vec::<String>::new());
        assert_eq!(before.lost_in(&posted, true).len(), 1);
        assert_eq!(before.lost_in(&later(json!({ "id": "a", "shard": 2, "state": "issuing" })), false).len(), 1);
        assert_eq!(
            before.lost_in(&later(json!({ "id": "b", "shard": 1, "state": "issuing" })), false),
            ["refund \"a\" is gone"]
        );
        assert_eq!(before.lost_in(&later(json!({ "id": "b", "shard": 1, "state": "issuing" })), true).len(), 2);
        // The ledger has no column that may change.
        let ledger = snapshot("ledger", &[json!({ "id": "a", "debit_fen": 1 })]);
        assert_eq!(ledger.lost_in(&snapshot("ledger", &[json!({ "id": "a", "debit_fen": 2 })]), false).len(), 1);
    }
}
