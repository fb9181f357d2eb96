//! `spin:key-value/key-value@3.0.0` over a SQLite file, after Spin's `crates/key-value-spin/src/store.rs`: same table
//! layout, one connection a store for the whole process, calls that block in place, no pragmas. The journal
//! therefore is SQLite's default (rollback), safe to kill at any time, and another process may write to the file while
//! the host runs: both wait up to 5 s for each other (rusqlite's default busy timeout).

use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{OptionalExtension as _, params};
use tokio::sync::{mpsc, oneshot};
use tokio::task;
use wasmtime::Result;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};
use wasmtime::error::Context as _;

use super::Spin;
use super::stream::ChannelStream;
use crate::bindings::key_value::{Error, Host, HostStore, HostStoreWithStore};
use crate::instance::Ctx;
use crate::{MAX_BUFFERED_BYTES, lock};

/// An open store; all handles of a label share one connection.
#[derive(Clone)]
pub struct Store {
    label: Arc<str>,
    connection: Arc<Mutex<rusqlite::Connection>>,
}

impl Store {
    /// Without a path the store is in memory, as in Spin.
    pub fn open(label: &str, path: Option<&Path>) -> Result<Self> {
        let connection = match path {
            Some(path) => rusqlite::Connection::open(path)?,
            None => rusqlite::Connection::open_in_memory()?,
        };
        connection.execute(
            "CREATE TABLE IF NOT EXISTS spin_key_value (
                store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key)
            )",
            [],
        )?;
        Ok(Self { label: label.into(), connection: Arc::new(Mutex::new(connection)) })
    }

    fn get(&self, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        let connection = lock(&self.connection);
        let mut select = connection.prepare_cached("SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2")?;
        select.query_row([&*self.label, key], |row| row.get(0)).optional()
    }

    fn set(&self, key: &str, value: &[u8]) -> rusqlite::Result<()> {
        let connection = lock(&self.connection);
        let mut upsert = connection.prepare_cached(
            "INSERT INTO spin_key_value VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value",
        )?;
        upsert.execute(params![self.label, key, value]).map(drop)
    }

    fn delete(&self, key: &str) -> rusqlite::Result<()> {
        let connection = lock(&self.connection);
        let mut delete = connection.prepare_cached("DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2")?;
        delete.execute([&*self.label, key]).map(drop)
    }

    fn exists(&self, key: &str) -> rusqlite::Result<bool> {
        let connection = lock(&self.connection);
        let mut select = connection.prepare_cached("SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2")?;
        select.exists([&*self.label, key])
    }

    /// Sends every key; the connection is held until the reader has taken all, or has gone.
    fn send_keys(&self, keys: &mpsc::Sender<String>) -> Result<(), Error> {
        let connection = lock(&self.connection);
        let mut select = connection.prepare_cached("SELECT key FROM spin_key_value WHERE store = ?1").map_err(other)?;
        let mut rows = select.query([&*self.label]).map_err(other)?;
        while let Some(row) = rows.next().map_err(other)? {
            keys.blocking_send(row.get(0).map_err(other)?).map_err(other)?;
        }
        Ok(())
    }
}

fn other(error: impl std::fmt::Display) -> Error {
    Error::Other(error.to_string())
}

/// The store behind a handle, unless a test asked for failures.
fn store<T>(accessor: &Accessor<T, Spin>, handle: &Resource<Store>) -> Result<Result<Store, Error>> {
    accessor.with(|mut access| {
        let ctx = access.get();
        if ctx.fails_key_value() {
            return Ok(Err(other("injected")));
        }
        Ok(Ok(ctx.table.get(handle).context("invalid store")?.clone()))
    })
}

/// Runs a call on the store without stopping the other tasks of this thread, as Spin does.
fn call<T, R>(
    accessor: &Accessor<T, Spin>,
    handle: &Resource<Store>,
    work: impl FnOnce(Store) -> rusqlite::Result<R>,
) -> Result<Result<R, Error>> {
    Ok(match store(accessor, handle)? {
        Ok(store) => task::block_in_place(|| work(store)).map_err(other),
        Err(error) => Err(error),
    })
}

impl Host for Ctx {}

impl HostStore for Ctx {
    fn drop(&mut self, handle: Resource<Store>) -> Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T> HostStoreWithStore<T> for Spin {
    async fn open(accessor: &Accessor<T, Self>, label: String) -> Result<Result<Resource<Store>, Error>> {
        accessor.with(|mut access| {
            let ctx = access.get();
            if ctx.fails_key_value() {
                return Ok(Err(other("injected")));
            }
            // `no-such-store` cannot happen: that every listed label is configured is checked at start.
            let Some(store) = ctx.component.key_value_stores.get(&label).cloned() else {
                return Ok(Err(Error::AccessDenied));
            };
            Ok(Ok(ctx.table.push(store)?))
        })
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
        key: String,
    ) -> Result<Result<Option<Vec<u8>>, Error>> {
        let value = call(accessor, &handle, |store| store.get(&key))?;
        Ok(value.and_then(|value| {
            let size = size_of::<Option<Vec<u8>>>() + value.as_ref().map_or(0, Vec::len);
            if size > MAX_BUFFERED_BYTES {
                return Err(other(format!("query result exceeds limit of {MAX_BUFFERED_BYTES} bytes")));
            }
            Ok(value)
        }))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> Result<Result<(), Error>> {
        call(accessor, &handle, |store| store.set(&key, &value))
    }

    async fn delete(accessor: &Accessor<T, Self>, handle: Resource<Store>, key: String) -> Result<Result<(), Error>> {
        call(accessor, &handle, |store| store.delete(&key))
    }

    async fn exists(accessor: &Accessor<T, Self>, handle: Resource<Store>, key: String) -> Result<Result<bool, Error>> {
        call(accessor, &handle, |store| store.exists(&key))
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        handle: Resource<Store>,
    ) -> Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let store = store(accessor, &handle)?;
        let (keys_tx, keys_rx) = mpsc::channel(4);
        let (result_tx, result_rx) = oneshot::channel();
        task::spawn_blocking(move || {
            let result = store.and_then(|store| store.send_keys(&keys_tx));
            // The guest may have dropped the future.
            _ = result_tx.send(result);
        });
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, ChannelStream(keys_rx))?;
            let result = FutureReader::new(&mut access, result_rx)?;
            Ok((keys, result))
        })
    }
}
