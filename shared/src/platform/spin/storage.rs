//! Storage on Spin: `spin:sqlite` and `spin:key-value`, one database and one store a component.

use std::sync::atomic::{AtomicBool, Ordering};

use spin_sdk::key_value::Store;
use spin_sdk::sqlite::{Connection, Value as SpinValue};

use super::super::{Kv, MAX_ROWS, Row, Sql, Statement, StorageError, Value};
use super::Component;

/// Whether this instance has seen its database brought to what it needs. A constant of the deployment, not request data.
static SCHEMA_READY: AtomicBool = AtomicBool::new(false);

impl Sql for Component {
    async fn query(&self, _shard: &str, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, StorageError> {
        let connection = Connection::open(self.name).await.map_err(fault)?;
        if !SCHEMA_READY.load(Ordering::Relaxed) {
            self.prepare(&connection).await?;
            SCHEMA_READY.store(true, Ordering::Relaxed);
        }
        patiently(async || run(&connection, statement.sql, params).await).await
    }
}

impl Component {
    /// A database that is newer than this build stays as it is, to its last byte: it is only read.
    async fn prepare(&self, connection: &Connection) -> Result<(), StorageError> {
        let run = async |sql: &str| run(connection, sql, &[]).await;
        let applied = patiently(async || self.schema.applied(run).await).await?;
        // Each `open` is a connection of its own, and writers wait for each other: a write-ahead log makes the waits
        // short and stays with the file. Best effort: libSQL has no such pragma and needs none.
        let _unsupported = run("PRAGMA journal_mode = WAL").await;
        if applied == self.schema.latest() {
            return Ok(());
        }
        patiently(async || self.schema.advance_locked(run).await).await
    }
}

/// How often a statement is tried again that the engine refused because another writer held the file for longer than
/// its own patience (5 s on Spin). It was refused whole, so running it again cannot apply it twice.
const BUSY_RETRIES: usize = 3;

async fn patiently<T>(mut work: impl AsyncFnMut() -> Result<T, StorageError>) -> Result<T, StorageError> {
    for _ in 0..BUSY_RETRIES {
        match work().await {
            Err(error) if error.is_locked() => {}
            done => return done,
        }
    }
    work().await
}

async fn run(connection: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>, StorageError> {
    let params: Vec<SpinValue> = params
        .iter()
        .map(|value| match value {
            Value::Null => SpinValue::Null,
            Value::Integer(n) => SpinValue::Integer(*n),
            Value::Text(text) => SpinValue::Text(text.clone()),
        })
        .collect();
    let mut answer = connection.execute(sql, params).await.map_err(fault)?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next().await {
        if rows.len() == MAX_ROWS {
            return Err(StorageError::sql(format!("more than {MAX_ROWS} rows")));
        }
        rows.push(Row(row.values.into_iter().map(column).collect::<Result<_, _>>()?));
    }
    // Rows can end early on an error; only this says whether they did.
    answer.result().await.map_err(fault)?;
    Ok(rows)
}

fn column(value: SpinValue) -> Result<Value, StorageError> {
    match value {
        SpinValue::Null => Ok(Value::Null),
        SpinValue::Integer(n) => Ok(Value::Integer(n)),
        SpinValue::Text(text) => Ok(Value::Text(text)),
        SpinValue::Real(_) | SpinValue::Blob(_) => Err(StorageError::sql("neither integer, text nor null")),
    }
}

impl Kv for Component {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let fault = |error: spin_sdk::key_value::Error| StorageError::kv(error.to_string());
        let store = Store::open(self.name).await.map_err(fault)?;
        store.get(key).await.map_err(fault)
    }
}

fn fault(error: impl std::fmt::Display) -> StorageError {
    StorageError::sql(error.to_string())
}
