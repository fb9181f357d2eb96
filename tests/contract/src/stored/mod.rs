//! `--stored`: databases that an earlier build wrote, under `tests/stored/`, opened by this one on each host. What was
//! stored is read through the function, and then row by row: nothing is lost, and nothing changes but what requests
//! change. `tests/stored/README.md` says how such a set is made and what is in it.

mod expect;
mod files;
mod rows;

use std::path::Path;

use shared::platform::native::prepare;

use crate::functions::{self, Known};
use crate::hosts::{self, Host, Paths};
use crate::vector::{self, HostName};
use crate::{Result, context, fixtures, run};
use rows::Snapshot;

/// Folders of requests that are sent to databases written before. In the first nothing changes.
const PHASES: [&str; 2] = ["read", "go-on"];

/// Functions that store anything.
fn storing() -> impl Iterator<Item = &'static Known> {
    functions::ALL.iter().filter(|function| function.schema.latest() > 0)
}

/// Those that a set holds anything of: not those that were not there yet when it was made.
fn stored(set: &Path) -> impl Iterator<Item = &'static Known> {
    let rows = set.join("rows");
    storing().filter(move |function| rows.join(format!("spin.{}.json", function.name)).exists())
}

/// Opens every set on these hosts.
pub fn check(paths: &Paths, hosts: &[HostName]) -> Result<()> {
    for set in files::sets(&paths.root)? {
        for host in hosts {
            open(paths, &set, *host)?;
        }
    }
    Ok(())
}

/// Lets the present build write by the requests of `out/made`; then it writes what it answers to the others.
pub fn make(paths: &Paths, name: HostName, out: &Path) -> Result<()> {
    let work = files::fresh(&paths.work.join(format!("stored-make-{}", name.text())))?;
    let state = work.join("state");
    files::fresh(&state)?;
    told(paths, &work, name, &out.join("made"), None)?;
    let asked = |function: &&str| out.join("made").join(function).exists();
    for function in storing().map(|function| function.name).filter(asked) {
        let databases = files::databases(&state, name, function)?;
        databases.iter().try_for_each(|file| files::settle(file))?;
        let rows = Snapshot::of(&databases)?;
        println!("{} {function}: {} databases, {} rows", name.text(), databases.len(), rows.count());
        files::write(&out.join(format!("rows/{}.{function}.json", name.text())), &rows.to_json())?;
    }
    files::keep(&state, name, out)?;
    for phase in PHASES {
        let expected = out.join("expected").join(name.text()).join(phase);
        told(paths, &work, name, &out.join(phase), Some(&expected))?;
    }
    Ok(())
}

/// Sends the requests of a folder to a host on the state in `work`. The answers are compared with a set's `expected`, or
/// written there.
fn told(paths: &Paths, work: &Path, name: HostName, stories: &Path, write: Option<&Path>) -> Result<()> {
    let mut host = start(name, paths, work)?;
    for file in vector::load(stories, None)? {
        let label = file.label();
        let run = run::further(host.as_mut(), &file).map_err(context(&label))?;
        if let Some(dir) = write {
            files::write(
                &dir.join(&label),
                &expect::write(&run, file.function.name == "instant-refund" && stories.ends_with(PHASES[0]))?,
            )?;
            continue;
        }
        let made = file.vector.steps.iter().zip(&run.answers).zip(1..).find(|((step, answer), _)| {
            let wanted = step.response.status;
            wanted != 0 && wanted != answer.status
        });
        if let Some(((step, answer), number)) = made {
            let body = String::from_utf8_lossy(&answer.body);
            let (wanted, got) = (step.response.status, answer.status);
            return Err(format!("{label}: step {number}: status {got}, expected {wanted}: {body}"));
        }
    }
    Ok(())
}

/// Opens one set on one host.
fn open(paths: &Paths, set: &Path, name: HostName) -> Result<()> {
    let label = format!("{} on {}", set.file_name().unwrap_or_default().to_string_lossy(), name.text());
    let work = files::fresh(&paths.work.join(format!("stored-{}-{}", set.display(), name.text()).replace('/', "_")))?;
    files::restore(set, name, &work.join("state"))?;
    // Spin's databases are opened natively too: the same engine, file format and statements.
    let source = if name == HostName::Native { HostName::Spin } else { name };
    let before = stored(set).map(|function| snapshot(&work, name, function.name)).collect::<Result<Vec<_>>>()?;
    for (function, before) in stored(set).map(|function| function.name).zip(&before) {
        let told = files::read(&set.join(format!("rows/{}.{function}.json", source.text())))?;
        if told != before.to_json() {
            return Err(format!("{label}: {function}: the databases are not what rows/ says was written"));
        }
    }
    for phase in PHASES {
        let mut host = start(name, paths, &work)?;
        for file in vector::load(&set.join(phase), None)? {
            let expected = set.join("expected").join(source.text()).join(phase).join(file.label());
            let what = format!("{label}: {phase}: {}", file.label());
            let run = run::further(host.as_mut(), &file).map_err(context(&what))?;
            expect::judge(&files::read(&expected)?, &run).map_err(context(&what))?;
        }
        drop(host);
        for (function, before) in stored(set).map(|function| function.name).zip(&before) {
            let lost = before.lost_in(&snapshot(&work, name, function)?, phase == PHASES[0]);
            if !lost.is_empty() {
                return Err(format!("{label}: {phase}: {function}:\n    {}", lost.join("\n    ")));
            }
            println!("ok {label}: {phase}: {function}: {} rows stand", before.count());
        }
    }
    steps(set, &work, name).map_err(context(&label))?;
    if name == HostName::Native {
        again(set, &work).map_err(context(format!("{label}: each step again")))?;
        println!("ok {label}: each step again changes nothing");
    }
    newer(paths, set, name, &work).map_err(context(format!("{label}: a newer database")))?;
    println!("ok {label}: a newer database is left alone");
    if name == HostName::Spin {
        at_once(paths, set, &work).map_err(context(format!("{label}: two hosts at once")))?;
        println!("ok {label}: two hosts at once on one file");
    }
    Ok(())
}

/// Databases that have forgotten their steps, as after an interruption: each statement is run again, and no row changes.
fn again(set: &Path, work: &Path) -> Result<()> {
    for function in stored(set) {
        let before = snapshot(work, HostName::Native, function.name)?;
        for path in files::databases(&work.join("state"), HostName::Native, function.name)? {
            let database = rows::forget(&path).map_err(context(path.display()))?;
            prepare(&database, function.schema).map_err(context(path.display()))?;
        }
        let lost = before.lost_in(&snapshot(work, HostName::Native, function.name)?, true);
        if !lost.is_empty() {
            return Err(format!("{}:\n    {}", function.name, lost.join("\n    ")));
        }
    }
    steps(set, work, HostName::Native)
}

/// Every database that was opened says that it is what this build needs.
fn steps(set: &Path, work: &Path, name: HostName) -> Result<()> {
    for function in stored(set) {
        let wanted = function.schema.latest();
        let databases = files::databases(&work.join("state"), name, function.name)?;
        let found = databases.iter().map(|path| rows::steps(path).map_err(context(path.display())));
        let found = found.collect::<Result<Vec<_>>>()?;
        let newest = |steps: &Vec<i64>| steps.iter().copied().eq(1..=wanted);
        // On Workers, an object that no request was for still sleeps, at the step of the build that it served last.
        let asleep = |steps: &Vec<i64>| {
            let count = i64::try_from(steps.len()).unwrap_or(i64::MAX);
            name == HostName::Workers && count < wanted && steps.iter().copied().eq(1..=count)
        };
        if !found.iter().all(|steps| newest(steps) || asleep(steps)) || !found.iter().any(newest) {
            return Err(format!("{}: the databases are at {found:?}, this build at {wanted}", function.name));
        }
    }
    Ok(())
}

/// A database that a later build brought further: every request for it is answered 503, or, if it is a page view, goes on
/// without it; and no byte changes.
fn newer(paths: &Paths, set: &Path, name: HostName, work: &Path) -> Result<()> {
    let work = files::fresh(&work.join("newer"))?;
    files::restore(set, name, &work.join("state"))?;
    let mut before = Vec::new();
    for function in stored(set).map(|function| function.name) {
        for path in files::databases(&work.join("state"), name, function)? {
            // workerd itself opens every database with a write-ahead log.
            rows::go_ahead(&path, name != HostName::Workers).map_err(context(path.display()))?;
            files::settle(&path)?;
            before.push((std::fs::read(&path).map_err(context(path.display()))?, path));
        }
    }
    let mut host = start(name, paths, &work)?;
    for file in vector::load(&set.join(PHASES[0]), None)? {
        let run = run::further(host.as_mut(), &file)?;
        for (step, answer) in file.vector.steps.iter().zip(&run.answers) {
            let body = String::from_utf8_lossy(&answer.body);
            // On Workers each shard is an object, and some of the ledger's, and of pieces, were never asked for.
            let without = step.request.target.contains("/ledger") || body.contains("\"count\":0");
            let empty = name == HostName::Workers && answer.status == 200 && without;
            let refused = answer.status == 503 && body.contains("/problems/database-newer\"");
            let open = file.function.name == "bot-screen" && answer.status == 200;
            if !empty && !refused && !open {
                return Err(format!("{}: {} {body}", step.request.target, answer.status));
            }
        }
    }
    drop(host);
    for (bytes, path) in before {
        if std::fs::read(&path).map_err(context(path.display()))? != bytes {
            return Err(format!("{} has changed", path.display()));
        }
    }
    Ok(())
}

/// Two hosts open the same file at the same moment: one after the other brings it to what the build needs, and both answer.
fn at_once(paths: &Paths, set: &Path, work: &Path) -> Result<()> {
    let one = files::fresh(&work.join("at-once"))?;
    files::restore(set, HostName::Spin, &one.join("state"))?;
    let other = files::fresh(&work.join("at-once-too"))?;
    std::os::unix::fs::symlink(one.join("state"), other.join("state")).map_err(context("link"))?;
    let before =
        stored(set).map(|function| snapshot(&one, HostName::Spin, function.name)).collect::<Result<Vec<_>>>()?;
    let both = std::sync::Barrier::new(2);
    let run = |work: &Path| -> Result<()> {
        let host = start(HostName::Spin, paths, work);
        both.wait();
        let mut host = host?;
        for file in vector::load(&set.join(PHASES[0]), None)? {
            let run = run::further(host.as_mut(), &file)?;
            let expected = set.join("expected").join(HostName::Spin.text()).join(PHASES[0]).join(file.label());
            expect::judge(&files::read(&expected)?, &run)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads = [&one, &other].map(|work| scope.spawn(|| run(work)));
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a thread died".to_owned())))
    })?;
    for (function, before) in stored(set).map(|function| function.name).zip(&before) {
        let lost = before.lost_in(&snapshot(&one, HostName::Spin, function)?, true);
        if !lost.is_empty() {
            return Err(format!("{function}:\n    {}", lost.join("\n    ")));
        }
    }
    steps(set, &one, HostName::Spin)
}

fn snapshot(work: &Path, name: HostName, function: &str) -> Result<Snapshot> {
    Snapshot::of(&files::databases(&work.join("state"), name, function)?)
}

fn start(name: HostName, paths: &Paths, work: &Path) -> Result<Box<dyn Host>> {
    hosts::start_in(name, &fixtures::config(), paths, work, false)
}
