//! `--stored`: databases that an earlier build wrote, under `tests/stored/`, opened by this one on each host. What was
//! stored is read through the function, and then row by row: nothing is lost, and nothing changes but what requests
//! change. `tests/stored/README.md` says how such a set is made and what lies in it.

mod files;
mod rows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use crate::hosts::{self, Host, Paths};
use crate::vector::{self, ExpectedBody, File, HostName};
use crate::{Result, context, fixtures, run_steps, store};
use rows::Snapshot;

const HELP: &str = "contract --stored make --host workers|spin --out DIR     writes a set with the present build
contract --stored check [--host native|workers|spin]…    opens every set of tests/stored (all hosts by default)";

/// Functions that store anything.
const FUNCTIONS: [&str; 2] = ["instant-refund", "trace-verify"];

pub fn run(mut args: impl Iterator<Item = String>) -> Result<ExitCode> {
    let command = args.next();
    let (mut chosen, mut out) = (Vec::new(), None);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--host", Some(host)) => chosen.push(match host.as_str() {
                "native" => HostName::Native,
                "workers" => HostName::Workers,
                "spin" => HostName::Spin,
                _ => return Err(HELP.to_owned()),
            }),
            ("--out", Some(dir)) => out = Some(PathBuf::from(dir)),
            _ => return Err(HELP.to_owned()),
        }
    }
    let paths = crate::paths()?;
    match (command.as_deref(), &chosen[..], out) {
        (Some("make"), [host], Some(out)) => make(&paths, *host, &out)?,
        (Some("check"), _, None) => {
            if chosen.is_empty() {
                chosen = vec![HostName::Native, HostName::Workers, HostName::Spin];
            }
            for set in files::sets(&paths.root)? {
                for host in &chosen {
                    check(&paths, &set, *host)?;
                }
            }
        }
        (Some("--help"), ..) => println!("{HELP}"),
        _ => return Err(HELP.to_owned()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets the present build write what the stories of `out/made` tell.
fn make(paths: &Paths, name: HostName, out: &Path) -> Result<()> {
    let work = files::fresh(&paths.work.join(format!("stored-make-{name:?}").to_lowercase()))?;
    std::fs::create_dir_all(work.join("state")).map_err(context("state"))?;
    let mut host = hosts::start_at(name, &fixtures::config(), paths, &work)?;
    for file in stories(&out.join("made"), name)? {
        tell(host.as_mut(), &file)?;
    }
    drop(host);
    for function in FUNCTIONS {
        let databases = files::databases(&work.join("state"), name, function)?;
        databases.iter().try_for_each(|file| files::settle(file))?;
        let rows = Snapshot::of(&databases)?;
        println!("{name:?} {function}: {} databases, {} rows", databases.len(), rows.count());
        files::write(&out.join(format!("rows/{}.{function}.json", lower(name))), &rows.to_json())?;
    }
    files::keep(&work.join("state"), name, out)
}

/// Opens one set on one host.
fn check(paths: &Paths, set: &Path, name: HostName) -> Result<()> {
    let label = format!("{} on {}", set.file_name().unwrap_or_default().to_string_lossy(), lower(name));
    let work = files::fresh(&paths.work.join(format!("stored-{}-{}", set.display(), lower(name)).replace('/', "_")))?;
    files::restore(set, name, &work.join("state"))?;
    let before = FUNCTIONS.map(|function| snapshot(&work, name, function));
    for (function, before) in FUNCTIONS.into_iter().zip(&before) {
        let before = before.as_ref().map_err(Clone::clone)?;
        let source = if name == HostName::Native { HostName::Spin } else { name };
        let told = files::read(&set.join(format!("rows/{}.{function}.json", lower(source))))?;
        if told != before.to_json() {
            return Err(format!("{label}: {function}: the databases are not what rows/ says was written"));
        }
    }
    for (phase, strict) in [("read", true), ("go-on", false)] {
        let mut host = hosts::start_at(name, &fixtures::config(), paths, &work)?;
        for file in stories(&set.join(phase), name)? {
            tell(host.as_mut(), &file).map_err(|error| format!("{label}: {phase}: {error}"))?;
        }
        drop(host);
        for (function, before) in FUNCTIONS.into_iter().zip(&before) {
            let before = before.as_ref().map_err(Clone::clone)?;
            let after = snapshot(&work, name, function)?;
            let lost = before.lost_in(&after, strict);
            if !lost.is_empty() {
                return Err(format!("{label}: {phase}: {function}:\n    {}", lost.join("\n    ")));
            }
            println!("ok {label}: {phase}: {function}: {} rows stand", before.count());
        }
    }
    Ok(())
}

fn snapshot(work: &Path, name: HostName, function: &str) -> Result<Snapshot> {
    Snapshot::of(&files::databases(&work.join("state"), name, function)?)
}

/// The vectors of a folder that are for a host.
fn stories(dir: &Path, name: HostName) -> Result<Vec<File>> {
    let all = vector::load(dir, None)?;
    Ok(all.into_iter().filter(|file| file.vector.hosts.as_ref().is_none_or(|hosts| hosts.contains(&name))).collect())
}

/// Runs a story on databases as they are. Expected bodies name what must be there; an answer may say more.
fn tell(host: &mut dyn Host, file: &File) -> Result<()> {
    let label = file.label();
    host.resume(&file.function, store(file)?)?;
    let run = run_steps(host, file, None).map_err(context(&label))?;
    for ((step, answer), number) in file.vector.steps.iter().zip(&run.answers).zip(1..) {
        let body = || String::from_utf8_lossy(&answer.body).into_owned();
        if step.response.status != answer.status {
            let (wanted, got) = (step.response.status, answer.status);
            return Err(format!("{label}: step {number}: status {got}, expected {wanted}: {}", body()));
        }
        if let Some(ExpectedBody::Json { json }) = &step.response.body {
            let got: Value = serde_json::from_slice(&answer.body).map_err(|_| format!("{label}: no JSON: {}", body()))?;
            if let Some(pointer) = missing(json, &got, "") {
                return Err(format!("{label}: step {number}: {pointer} is not as expected: {}", body()));
            }
        }
    }
    Ok(())
}

/// Where an answer lacks something that is expected, as a JSON pointer. Objects may have more members; lists may not.
fn missing(expected: &Value, got: &Value, at: &str) -> Option<String> {
    match (expected, got) {
        (Value::Object(wanted), Value::Object(there)) => wanted.iter().find_map(|(name, value)| {
            let at = format!("{at}/{name}");
            there.get(name).map_or(Some(at.clone()), |found| missing(value, found, &at))
        }),
        (Value::Array(wanted), Value::Array(there)) if wanted.len() == there.len() => {
            (0..).zip(wanted.iter().zip(there)).find_map(|(n, (value, found))| missing(value, found, &format!("{at}/{n}")))
        }
        (Value::Array(_) | Value::Object(_), _) => Some(at.to_owned()),
        _ => (expected != got).then(|| at.to_owned()),
    }
}

fn lower(name: HostName) -> String {
    format!("{name:?}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The databases that Spin's build wrote, opened natively: the same engine, file format and statements.
    #[test]
    fn what_earlier_builds_stored_stands() {
        let work = std::env::temp_dir().join(format!("venditor-stored-{}", std::process::id()));
        let paths = Paths { work: work.clone(), ..crate::paths().unwrap() };
        let sets = files::sets(&paths.root).unwrap();
        assert!(!sets.is_empty());
        for set in sets {
            check(&paths, &set, HostName::Native).unwrap();
        }
        std::fs::remove_dir_all(work).unwrap();
    }

    #[test]
    fn what_is_missing_is_named() {
        let got = serde_json::json!({ "a": { "b": [1, { "c": 2, "d": 3 }] }, "more": 1 });
        let missing = |wanted| missing(&wanted, &got, "");
        assert_eq!(missing(serde_json::json!({ "a": { "b": [1, { "c": 2 }] } })), None);
        assert_eq!(missing(serde_json::json!({ "a": { "b": [1, { "c": 3 }] } })), Some("/a/b/1/c".to_owned()));
        assert_eq!(missing(serde_json::json!({ "a": { "b": [1] } })), Some("/a/b".to_owned()));
        assert_eq!(missing(serde_json::json!({ "x": null })), Some("/x".to_owned()));
    }
}
