//! The built components: on the real Spin where it is installed, else on the stand-in `tests/spin-host`. State is
//! seeded and read in the SQLite files that the runtime configuration names.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use serde_json::Value;
use shared::platform::native::prepare;

use super::child::{self, Process};
use super::{Conditions, Host, Paths, framing};
use crate::client::{self, Answer, Message};
use crate::functions::Known;
use crate::vector::{Content, Port, Query, Request, Vector};
use crate::{Result, context};

pub struct Spin {
    process: Process,
    address: SocketAddr,
    /// Whether its clock can be set and its stores be made to fail: not on the real one.
    controlled: bool,
    files: BTreeMap<(Kind, String), PathBuf>,
    function: &'static str,
    /// Whether the next request is to find an instance that has just started.
    fresh: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    KeyValue,
    Sqlite,
}

impl Spin {
    pub fn start(
        config: &BTreeMap<String, Option<String>>,
        paths: &Paths,
        work: &Path,
        own_clock: bool,
    ) -> Result<Spin> {
        let real = super::real_spin();
        let given = paths.root.join("scripts/spin-runtime.toml");
        let given = std::fs::read_to_string(&given).map_err(context(given.display()))?;
        let state = work.join("state");
        std::fs::create_dir_all(&state).map_err(context(state.display()))?;
        let (runtime, files) = inside(&given, &state);
        let runtime_file = work.join("runtime.toml");
        std::fs::write(&runtime_file, runtime).map_err(context(runtime_file.display()))?;

        let address = child::free_port()?;
        let mut command = Command::new(real.clone().unwrap_or_else(|| paths.bin.join("spin-host")));
        let manifest = match super::before_an_origin(config) {
            Some(function) => format!("functions/{function}/spin.toml"),
            None => "spin.toml".to_owned(),
        };
        command.current_dir(&paths.root).args(["up", "--from", &manifest, "--quiet"]);
        command.arg("--listen").arg(address.to_string()).arg("--state-dir").arg(&state);
        command.arg("--runtime-config-file").arg(&runtime_file);
        let controlled = real.is_none() && !own_clock;
        if controlled {
            command.arg("--contract");
        }
        for (name, value) in config {
            // A required variable cannot be missing on Spin; empty counts as not set.
            command.env(format!("SPIN_VARIABLE_{name}"), value.as_deref().unwrap_or_default());
        }
        let started = Process::spawn(&mut command, &work.join("spin.log"));
        let mut process = started.map_err(|e| format!("{e}\nbuild it: cargo build --package spin-host"))?;
        client::wait_for(address, child::START, &mut || process.alive())?;
        Ok(Spin { process, address, controlled, files, function: "", fresh: false })
    }

    fn open(&self, kind: Kind) -> Result<Option<Connection>> {
        let Some(path) = self.files.get(&(kind, self.function.to_owned())) else { return Ok(None) };
        let database = Connection::open(path).map_err(context(path.display()))?;
        database.busy_timeout(Duration::from_secs(5)).map_err(context("busy_timeout"))?;
        Ok(Some(database))
    }
}

/// The runtime configuration with its files in `work`, and the file of each store and database.
fn inside(given: &str, work: &Path) -> (String, BTreeMap<(Kind, String), PathBuf>) {
    let mut files = BTreeMap::new();
    let mut text = String::new();
    let mut table = None;
    for line in given.lines() {
        let header = line.trim().strip_prefix('[').and_then(|l| l.strip_suffix(']')).and_then(|l| l.split_once('.'));
        if let Some((kind, label)) = header {
            let kind = if kind == "key_value_store" { Kind::KeyValue } else { Kind::Sqlite };
            table = Some((kind, label.to_owned()));
        }
        let path = line.trim().strip_prefix("path = \"").and_then(|l| l.strip_suffix('"'));
        match (path.and_then(|path| Path::new(path).file_name()), &table) {
            (Some(name), Some(table)) => {
                let path = work.join(name);
                text.push_str(&format!("path = {:?}\n", path));
                files.insert(table.clone(), path);
            }
            _ => text.push_str(&format!("{line}\n")),
        }
    }
    (text, files)
}

impl Host for Spin {
    fn skips(&self, vector: &Vector) -> Option<&'static str> {
        let fails = !vector.fail.is_empty() || vector.steps.iter().any(|step| step.fail.is_some());
        (!self.controlled && fails).then_some("its stores cannot be made to fail")
    }

    fn sets_clock(&self) -> bool {
        self.controlled
    }

    fn resume(&mut self, function: &'static Known, kv: BTreeMap<String, Vec<u8>>) -> Result<()> {
        self.process.alive()?;
        self.function = function.name;
        self.fresh = true;
        if let Some(store) = self.open(Kind::KeyValue)? {
            let run = || -> rusqlite::Result<()> {
                store.execute_batch(
                    "CREATE TABLE IF NOT EXISTS spin_key_value (
                        store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key));
                     BEGIN; DELETE FROM spin_key_value",
                )?;
                let mut insert = store.prepare("INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)")?;
                for (key, value) in &kv {
                    insert.execute((function.name, key, value))?;
                }
                store.execute_batch("COMMIT")
            };
            run().map_err(context("key-value store"))?;
        } else if !kv.is_empty() {
            return Err(format!("{} has no key-value store in the runtime configuration", function.name));
        }
        Ok(())
    }

    fn begin(&mut self, function: &'static Known, kv: BTreeMap<String, Vec<u8>>) -> Result<()> {
        self.resume(function, kv)?;
        if let Some(database) = self.open(Kind::Sqlite)? {
            prepare(&database, function.schema).map_err(context("database"))?;
            let run = || -> rusqlite::Result<()> {
                let mut tables = database.prepare(
                    "SELECT name FROM sqlite_master
                     WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_step'",
                )?;
                let names: Vec<String> = tables.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
                names.iter().try_for_each(|name| database.execute_batch(&format!("DELETE FROM \"{name}\"")))
            };
            run().map_err(context("database"))?;
        }
        Ok(())
    }

    fn query(&mut self, query: &Query) -> Result<Vec<Vec<Value>>> {
        let database = self.open(Kind::Sqlite)?.ok_or_else(|| format!("{} has no database", self.function))?;
        let run = || -> rusqlite::Result<Vec<Vec<Value>>> {
            let mut statement = database.prepare(&query.sql)?;
            let columns = statement.column_count();
            let params = query.params.iter().map(|value| match value {
                Value::Null => rusqlite::types::Value::Null,
                Value::String(text) => rusqlite::types::Value::Text(text.clone()),
                other => rusqlite::types::Value::Integer(other.as_i64().unwrap_or_default()),
            });
            let rows = statement.query_map(params_from_iter(params), |row| {
                (0..columns)
                    .map(|i| {
                        Ok(match row.get_ref(i)? {
                            ValueRef::Integer(number) => number.into(),
                            ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                            _ => Value::Null,
                        })
                    })
                    .collect()
            })?;
            rows.collect()
        };
        run().map_err(context(&query.sql))
    }

    fn send(&mut self, request: &Request, conditions: &Conditions<'_>) -> Result<Answer> {
        let mut headers = super::head(request);
        if self.controlled {
            headers.push(("x-contract-now".to_owned(), conditions.now.to_string()));
            headers.push(("x-contract-seed".to_owned(), conditions.seed.to_string()));
            if std::mem::take(&mut self.fresh) {
                headers.push(("x-contract-fresh".to_owned(), "1".to_owned()));
            }
            if !conditions.fail.is_empty() {
                let name = |port: &Port| if *port == Port::Sql { "sqlite" } else { "key-value" };
                let names: Vec<&str> = conditions.fail.iter().map(name).collect();
                headers.push(("x-contract-fail".to_owned(), names.join(",")));
            }
        }
        let body = request.body.as_ref().map(Content::bytes).transpose()?;
        let message = Message { method: request.method.clone(), target: request.target.clone(), headers, body };
        let answer = client::exchange(self.address, &message);
        let answer = answer.map_err(|error| format!("{error}\n{}", self.process.tail()))?;
        framing::check(&message.method, &answer)?;
        Ok(answer)
    }
}
