//! Reading a store before it is written: what is newer there must not be replaced, and what is missing there is told.

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use super::local::Dev;
use super::spin;

/// A store that can be read.
pub enum Store {
    /// Spin's SQLite file.
    File { file: PathBuf, label: String },
    /// The store of the development host for Workers.
    Control { control: String, token: String, function: String },
    /// Workers KV, through wrangler and its login.
    Wrangler { env: String, binding: String },
    /// Redis, through its own program, which has its address, password and certificates as operators give them.
    Redis { url: String },
}

impl Store {
    /// Of the development host that runs on this machine.
    pub fn of_dev(dev: &Path, function: &str) -> Result<Store> {
        Ok(match Dev::read(dev)? {
            Dev::Workers { control, token, .. } => Store::Control { control, token, function: function.to_owned() },
            Dev::Spin { state } => {
                Store::File { file: state.join(format!("{function}.kv.db")), label: function.to_owned() }
            }
        })
    }

    /// Of a Spin deployment on this machine.
    pub fn of_spin(config: &Path, label: &str) -> Result<Store> {
        Ok(Store::File {
            file: spin::file(config, label).with_context(|| config.display().to_string())?,
            label: label.to_owned(),
        })
    }

    /// What is stored under a key.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match self {
            Store::File { file, .. } if !file.exists() => Ok(None),
            Store::File { file, label } => read(file, label, key).with_context(|| file.display().to_string()),
            Store::Control { control, token, function } => super::local::get(control, token, function, key),
            Store::Wrangler { env, binding } => wrangler(env, binding, key),
            Store::Redis { url } => redis(url, key),
        }
    }
}

fn read(file: &Path, label: &str, key: &str) -> Result<Option<Vec<u8>>> {
    let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    database.busy_timeout(Duration::from_secs(10))?;
    if !database.table_exists(None, "spin_key_value")? {
        return Ok(None);
    }
    Ok(database.query_row(spin::STORED, params![label, key], |row| row.get(0)).optional()?)
}

fn wrangler(env: &str, binding: &str, key: &str) -> Result<Option<Vec<u8>>> {
    let arguments = ["wrangler", "kv", "key", "get", key, "--binding", binding, "--env", env, "--remote"];
    let output = Process::new("npx").args(arguments).output().context("npx")?;
    if output.status.success() {
        return Ok(Some(output.stdout));
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).to_lowercase();
    if said.contains("404") && said.contains("not found") {
        return Ok(None);
    }
    let last: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    bail!("npx {}: {}: {}", arguments.join(" "), output.status, last.last().unwrap_or(&"nothing was said"))
}

/// Whether the key is there is asked first: an answer that is no number is what went wrong, and never "nothing is there".
fn redis(url: &str, key: &str) -> Result<Option<Vec<u8>>> {
    let ask = |command: &str| -> Result<Vec<u8>> {
        let output = Process::new("redis-cli").args(["--no-auth-warning", "-u", url, command, key]).output();
        let mut output = output.context("redis-cli")?;
        // Without the address, which may hold a password.
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "redis-cli {command} {key}: {}: {}", output.status, said.trim());
        // Its own line end, behind the value.
        if output.stdout.last() == Some(&b'\n') {
            output.stdout.pop();
        }
        Ok(output.stdout)
    };
    match ask("EXISTS")?.as_slice() {
        b"0" => Ok(None),
        b"1" => Ok(Some(ask("GET")?)),
        other => bail!("redis-cli EXISTS {key}: {}", String::from_utf8_lossy(other).trim()),
    }
}
