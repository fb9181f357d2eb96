//! `spin:sqlite/sqlite@3.1.0` over a local file, after Spin's `crates/factor-sqlite/src/host.rs`,
//! `crates/sqlite/src/lib.rs` and `crates/sqlite-inproc/src/lib.rs`.
//!
//! As in Spin, every `open` makes a **new** SQLite connection (at its first statement), so concurrent requests meet in
//! SQLite's file locks, and a statement that waits longer than 5 s for one fails with `database is locked`. Statements
//! run on blocking threads; rows go through a channel of four, and the connection is busy until the guest has read or
//! dropped them all. Every error of `execute-async`, even of a statement that does not parse, comes from its future.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use rusqlite::types::{Value as Sql, ValueRef};
use tokio::sync::{mpsc, oneshot};
use tokio::task;
use wasmtime::Result;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};
use wasmtime::error::Context as _;

use super::Spin;
use super::stream::ChannelStream;
use crate::bindings::sqlite::{Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value};
use crate::instance::Ctx;
use crate::{MAX_BUFFERED_BYTES, lock};

/// Spin's limit of open connections an instance.
const MAX_CONNECTIONS: usize = 256;

/// Where a database is; without a path every connection has its own database in memory, as in Spin.
#[derive(Clone, Debug)]
pub struct Location(pub Option<PathBuf>);

impl Location {
    pub fn open(&self) -> rusqlite::Result<rusqlite::Connection> {
        match self.path() {
            Some(path) => rusqlite::Connection::open(path),
            None => rusqlite::Connection::open_in_memory(),
        }
    }

    fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

/// A connection as the guest holds it.
#[derive(Clone)]
pub struct Connection(Arc<Lazy>);

struct Lazy {
    location: Location,
    connection: OnceLock<Mutex<rusqlite::Connection>>,
}

impl Connection {
    fn new(location: Location) -> Self {
        let connection = OnceLock::new();
        Self(Arc::new(Lazy { location, connection }))
    }

    fn get(&self) -> Result<&Mutex<rusqlite::Connection>, Error> {
        if let Some(connection) = self.0.connection.get() {
            return Ok(connection);
        }
        // Two first statements at once may both open; one of the two is then dropped.
        let new = Mutex::new(self.0.location.open().map_err(io)?);
        Ok(self.0.connection.get_or_init(|| new))
    }

    /// Runs one statement and hands out its column names, then its rows one by one.
    fn run(
        &self,
        statement: &str,
        parameters: Vec<Value>,
        on_columns: impl FnOnce(Vec<String>),
        mut on_row: impl FnMut(RowResult) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let connection = lock(self.get()?);
        let mut statement = connection.prepare_cached(statement).map_err(io)?;
        on_columns(statement.column_names().into_iter().map(str::to_owned).collect());
        let columns = statement.column_count();
        let parameters = rusqlite::params_from_iter(parameters.into_iter().map(to_sql));
        let mut rows = statement.query(parameters).map_err(io)?;
        let mut bytes = 0;
        while let Some(row) = rows.next().map_err(io)? {
            let mut values = Vec::with_capacity(columns);
            for column in 0..columns {
                let value = from_sql(row.get_ref(column).map_err(io)?)?;
                bytes += memory_size(&value);
                values.push(value);
            }
            if bytes > MAX_BUFFERED_BYTES {
                return Err(io(format!("query result exceeds limit of {MAX_BUFFERED_BYTES} bytes")));
            }
            on_row(RowResult { values })?;
        }
        Ok(())
    }

    fn query(&self, statement: &str, parameters: Vec<Value>) -> Result<QueryResult, Error> {
        let (mut columns, mut rows) = (Vec::new(), Vec::new());
        self.run(
            statement,
            parameters,
            |names| columns = names,
            |row| {
                rows.push(row);
                Ok(())
            },
        )?;
        Ok(QueryResult { columns, rows })
    }
}

fn io(error: impl std::fmt::Display) -> Error {
    Error::Io(error.to_string())
}

fn to_sql(value: Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Integer(integer) => Sql::Integer(integer),
        Value::Real(real) => Sql::Real(real),
        Value::Text(text) => Sql::Text(text),
        Value::Blob(blob) => Sql::Blob(blob),
    }
}

fn from_sql(value: ValueRef<'_>) -> Result<Value, Error> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => Value::Integer(integer),
        ValueRef::Real(real) => Value::Real(real),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).map_err(io)?.to_owned()),
        ValueRef::Blob(blob) => Value::Blob(blob.to_vec()),
    })
}

fn memory_size(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Null | Value::Integer(_) | Value::Real(_) => 0,
            Value::Text(text) => text.len(),
            Value::Blob(blob) => blob.len(),
        }
}

impl Ctx {
    fn open_database(&mut self, label: &str) -> Result<Result<Resource<Connection>, Error>> {
        if self.fails_sqlite() {
            return Ok(Err(io("injected")));
        }
        // `no-such-database` cannot happen: that every listed label is configured is checked at start.
        let Some(location) = self.component.sqlite_databases.get(label).cloned() else {
            return Ok(Err(Error::AccessDenied));
        };
        if self.open_connections >= MAX_CONNECTIONS {
            return Ok(Err(io("too many connections opened")));
        }
        self.open_connections += 1;
        Ok(Ok(self.table.push(Connection::new(location))?))
    }

    /// The connection behind a handle, unless a test asked for failures.
    fn connection(&mut self, handle: &Resource<Connection>) -> Result<Result<Connection, Error>> {
        if self.fails_sqlite() {
            return Ok(Err(io("injected")));
        }
        Ok(Ok(self.table.get(handle).context("invalid connection")?.clone()))
    }

    /// `changes` and `last-insert-rowid` have no error in WIT, so failure is a trap, as in Spin.
    fn ask<R>(
        &mut self,
        handle: &Resource<Connection>,
        question: impl FnOnce(&rusqlite::Connection) -> R,
    ) -> Result<R> {
        let connection = self.connection(handle)??;
        Ok(question(&lock(connection.get()?)))
    }
}

impl Host for Ctx {}

impl HostConnection for Ctx {
    fn open(&mut self, label: String) -> Result<Result<Resource<Connection>, Error>> {
        self.open_database(&label)
    }

    async fn execute(
        &mut self,
        handle: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Result<QueryResult, Error>> {
        let connection = match self.connection(&handle)? {
            Ok(connection) => connection,
            Err(error) => return Ok(Err(error)),
        };
        Ok(task::spawn_blocking(move || connection.query(&statement, parameters)).await?)
    }

    fn last_insert_rowid(&mut self, handle: Resource<Connection>) -> Result<i64> {
        self.ask(&handle, rusqlite::Connection::last_insert_rowid)
    }

    fn changes(&mut self, handle: Resource<Connection>) -> Result<u64> {
        self.ask(&handle, rusqlite::Connection::changes)
    }

    fn drop(&mut self, handle: Resource<Connection>) -> Result<()> {
        self.table.delete(handle)?;
        self.open_connections -= 1;
        Ok(())
    }
}

impl<T> HostConnectionWithStore<T> for Spin {
    async fn open_async(accessor: &Accessor<T, Self>, label: String) -> Result<Result<Resource<Connection>, Error>> {
        accessor.with(|mut access| access.get().open_database(&label))
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Result<(Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>), Error>> {
        let connection = match accessor.with(|mut access| access.get().connection(&handle))? {
            Ok(connection) => connection,
            Err(error) => return Ok(Err(error)),
        };
        let (columns_tx, columns_rx) = oneshot::channel();
        let (rows_tx, rows_rx) = mpsc::channel(4);
        let (result_tx, result_rx) = oneshot::channel();
        task::spawn_blocking(move || {
            let result = connection.run(
                &statement,
                parameters,
                // A send fails when the guest has gone or dropped the stream; then the rows are not wanted either.
                |columns| _ = columns_tx.send(columns),
                |row| rows_tx.blocking_send(row).map_err(io),
            );
            // The handle goes first, so that a guest that has seen the result can rely on locks being released.
            drop(connection);
            _ = result_tx.send(result);
        });
        let columns = columns_rx.await.unwrap_or_default();
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, ChannelStream(rows_rx))?;
            let result = FutureReader::new(&mut access, result_rx)?;
            Ok(Ok((columns, rows, result)))
        })
    }

    async fn changes_async(accessor: &Accessor<T, Self>, handle: Resource<Connection>) -> Result<u64> {
        accessor.with(|mut access| access.get().ask(&handle, rusqlite::Connection::changes))
    }

    async fn last_insert_rowid_async(accessor: &Accessor<T, Self>, handle: Resource<Connection>) -> Result<i64> {
        accessor.with(|mut access| access.get().ask(&handle, rusqlite::Connection::last_insert_rowid))
    }
}
