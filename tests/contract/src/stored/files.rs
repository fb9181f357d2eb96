//! Where the databases of a host lie, and how a set is kept under `tests/stored`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;

use crate::vector::HostName;
use crate::{Result, context};

/// Every set: a folder `v1`, `v2`, … a build that changed what is stored.
pub fn sets(root: &Path) -> Result<Vec<PathBuf>> {
    let mut sets: Vec<PathBuf> = list(&root.join("tests/stored"))?.into_iter().filter(|path| path.is_dir()).collect();
    sets.sort();
    Ok(sets)
}

/// An empty folder.
pub fn fresh(dir: &Path) -> Result<PathBuf> {
    let _absent = fs::remove_dir_all(dir);
    fs::create_dir_all(dir).map_err(context(dir.display()))?;
    Ok(dir.to_owned())
}

/// The databases of a function in a host's state.
pub fn databases(state: &Path, name: HostName, function: &str) -> Result<Vec<PathBuf>> {
    if name != HostName::Workers {
        return Ok(vec![state.join(format!("{function}.sql.db"))]);
    }
    // One folder a Durable Object class, one file an object.
    let mut found = Vec::new();
    for class in list(&state.join("do"))? {
        if class.file_name().is_some_and(|name| name.to_string_lossy().contains(function)) {
            let is_object = |path: &PathBuf| {
                path.extension().is_some_and(|e| e == "sqlite")
                    && path.file_stem().is_some_and(|name| name != "metadata")
            };
            found.extend(list(&class)?.into_iter().filter(is_object));
        }
    }
    found.sort();
    Ok(found)
}

/// Brings what is still in a write-ahead log into the database itself.
pub fn settle(database: &Path) -> Result<()> {
    let run = || -> rusqlite::Result<()> {
        let connection = Connection::open(database)?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)
    };
    run().map_err(context(database.display()))?;
    for rest in ["-wal", "-shm"] {
        let _absent = fs::remove_file(format!("{}{rest}", database.display()));
    }
    Ok(())
}

/// Puts a host's settled state into a set.
pub fn keep(state: &Path, name: HostName, set: &Path) -> Result<()> {
    let what: Vec<String> = match name {
        HostName::Workers => vec!["do".to_owned()],
        HostName::Spin | HostName::Native => {
            super::storing().map(|function| format!("{}.sql.db", function.name)).collect()
        }
    };
    tar(&["-czf"], &archive(set, name), state, &what)
}

/// Takes a host's state out of a set. Natively, Spin's.
pub fn restore(set: &Path, name: HostName, state: &Path) -> Result<()> {
    fs::create_dir_all(state).map_err(context(state.display()))?;
    let source = if name == HostName::Native { HostName::Spin } else { name };
    tar(&["-xzf"], &archive(set, source), state, &[])
}

fn archive(set: &Path, name: HostName) -> PathBuf {
    set.join(format!("{}.tar.gz", name.text()))
}

/// Small pages compress well, and a folder of a hundred half empty databases does not read well.
fn tar(how: &[&str], archive: &Path, dir: &Path, what: &[String]) -> Result<()> {
    let mut command = Command::new("tar");
    command.args(["--owner=0", "--group=0", "--numeric-owner"]).args(how).arg(archive).arg("-C").arg(dir).args(what);
    let output = command.output().map_err(context("tar"))?;
    if output.status.success() { Ok(()) } else { Err(format!("tar: {}", String::from_utf8_lossy(&output.stderr))) }
}

pub fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(context(dir.display()))?;
    }
    fs::write(path, text).map_err(context(path.display()))
}

pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(context(path.display()))
}

fn list(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(context(dir.display()))?;
    entries.map(|entry| Ok(entry.map_err(context(dir.display()))?.path())).collect()
}
