//! Runs the vectors of `tests/vectors` against the built artifacts on every host. A vector passes on a host if each
//! answer is what it expects, and if the body is, byte for byte, the one that the first host gave.

mod bless;
mod client;
mod compare;
mod fixtures;
mod gallery;
mod hosts;
mod json;
mod sign;
mod stored;
mod vector;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use client::Answer;
use fixtures::Fixtures;
use hosts::{Conditions, Host, Paths};
use vector::{Content, ExpectedBody, File, HostName, Request, Step};

type Result<T> = std::result::Result<T, String>;

const USAGE: &str = "contract [--host native|workers|spin]… [--filter TEXT] [--bless] | --gallery FILE COMMAND… | --stored …";

/// Adds what was being done to an error.
fn context<E: Display>(what: impl Display) -> impl FnOnce(E) -> String {
    move |error| format!("{what}: {error}")
}

struct Options {
    hosts: Vec<HostName>,
    filter: Option<String>,
    bless: bool,
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

/// What a host answered to a vector.
struct Run {
    answers: Vec<Answer>,
    after: Vec<Vec<Vec<Value>>>,
    /// What the test gateways paid, by payment.
    paid: BTreeMap<String, Vec<i64>>,
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).peekable();
    let mode = args.next_if(|arg| arg == "--gallery" || arg == "--stored");
    let code = match mode.as_deref() {
        Some("--gallery") => gallery::run(args),
        Some(_) => stored::run(args),
        None => parse(args).and_then(|options| run(&options)).map(|tally| tally.tell()),
    };
    code.unwrap_or_else(|error| {
        eprintln!("contract: {error}");
        ExitCode::FAILURE
    })
}

impl Tally {
    fn tell(&self) -> ExitCode {
        let skipped = if self.skipped > 0 { format!(", {} skipped", self.skipped) } else { String::new() };
        println!("{} passed, {} failed{skipped}", self.passed, self.failed);
        if self.failed == 0 && self.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Options> {
    let mut options = Options { hosts: Vec::new(), filter: None, bless: false };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--bless" => options.bless = true,
            "--filter" => options.filter = Some(args.next().ok_or(USAGE)?),
            "--host" => options.hosts.push(match args.next().as_deref() {
                Some("native") => HostName::Native,
                Some("workers") => HostName::Workers,
                Some("spin") => HostName::Spin,
                _ => return Err(USAGE.to_owned()),
            }),
            _ => return Err(USAGE.to_owned()),
        }
    }
    if options.hosts.is_empty() {
        options.hosts = vec![HostName::Native, HostName::Workers, HostName::Spin];
    }
    options.hosts.sort();
    options.hosts.dedup();
    Ok(options)
}

fn run(options: &Options) -> Result<Tally> {
    let paths = paths()?;
    let files = vector::load(&paths.root.join("tests/vectors"), options.filter.as_deref())?;
    let mut tally = Tally::default();
    if options.hosts.contains(&HostName::Spin) {
        match hosts::real_spin() {
            Some(spin) => println!("Spin: the real one, {}", spin.display()),
            None => println!("Spin: the stand-in tests/spin-host; no `spin` is installed here"),
        }
    }
    // A host's configuration is fixed when it starts: vectors of one configuration share a process.
    let mut groups: BTreeMap<BTreeMap<String, Option<String>>, Vec<File>> = BTreeMap::new();
    for file in files {
        groups.entry(config(&file)?).or_default().push(file);
    }
    for (number, (config, files)) in groups.into_iter().enumerate() {
        run_group(options, &paths, number, &config, files, &mut tally)?;
    }
    Ok(tally)
}

/// Vectors of one configuration, on each host in turn.
fn run_group(
    options: &Options,
    paths: &Paths,
    number: usize,
    config: &BTreeMap<String, Option<String>>,
    mut files: Vec<File>,
    tally: &mut Tally,
) -> Result<()> {
    let mut references: BTreeMap<String, (HostName, Run)> = BTreeMap::new();
    for &name in &options.hosts {
        let mut host = hosts::start(name, config, paths, number)?;
        for file in &mut files {
            let label = file.label();
            if file.vector.hosts.as_ref().is_some_and(|hosts| !hosts.contains(&name)) {
                continue;
            }
            let tells_time = !host.sets_clock() && depends_on_clock(config, file);
            let reason = tells_time.then_some("its answers depend on the clock, which the real Spin has of its own");
            if let Some(reason) = reason.or(host.skips(&file.vector)) {
                println!("skip {name:?} {label}: {reason}");
                tally.skipped += 1;
                continue;
            }
            let outcome = run_vector(host.as_mut(), file, None).and_then(|run| {
                if options.bless && !references.contains_key(&label) && bless::write(file, &run.answers, &run.after)? {
                    println!("blessed {label}");
                    *file = vector::read(&file.function, &file.path)?;
                }
                let mut differences = judge(file, &run)?;
                match references.get(&label) {
                    Some((first, reference)) => differences.extend(diverges(file, *first, reference, name, &run)),
                    None => _ = references.insert(label.clone(), (name, run)),
                }
                Ok(differences)
            });
            let differences = outcome.unwrap_or_else(|error| vec![error]);
            if differences.is_empty() {
                tally.passed += 1;
            } else {
                tally.failed += 1;
                let name = format!("{name:?}").to_lowercase();
                println!("FAIL {name} {label}: {}\n    {}", file.vector.title, differences.join("\n    "));
            }
        }
    }
    Ok(())
}

/// Whether the native platform fails it at the real time.
fn depends_on_clock(config: &BTreeMap<String, Option<String>>, file: &File) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    let run = run_vector(&mut hosts::native(config), file, Some(now));
    !run.and_then(|run| judge(file, &run)).is_ok_and(|differences| differences.is_empty())
}

/// `clock` replaces every instant that the vector sets.
fn run_vector(host: &mut dyn Host, file: &File, clock: Option<i64>) -> Result<Run> {
    host.begin(&file.function, store(file)?)?;
    run_steps(host, file, clock)
}

/// What the key-value store holds when a vector begins.
fn store(file: &File) -> Result<BTreeMap<String, Vec<u8>>> {
    let vector = &file.vector;
    let fixtures = fixtures::of(&file.function)?;
    let mut kv: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for name in &vector.fixtures {
        kv.extend(fixtures.kv(name).ok_or_else(|| format!("no fixture {name:?}"))?);
    }
    for (key, content) in &vector.kv {
        match content {
            Some(content) => _ = kv.insert(key.clone(), content.bytes()?),
            None => _ = kv.remove(key).ok_or_else(|| format!("kv {key:?}: null, but no fixture sets it"))?,
        }
    }
    Ok(kv)
}

/// A vector's steps, on a host that holds what they start from.
fn run_steps(host: &mut dyn Host, file: &File, clock: Option<i64>) -> Result<Run> {
    let vector = &file.vector;
    let fixtures = fixtures::of(&file.function)?;
    fixtures.begin(vector.now);
    for query in &vector.sql {
        host.query(query)?;
    }
    let mut answers = Vec::new();
    for (step, number) in vector.steps.iter().zip(1..) {
        let conditions = Conditions {
            now: clock.or(step.now).unwrap_or(vector.now),
            fail: step.fail.as_deref().unwrap_or(&vector.fail),
            place: vector.place.as_ref(),
        };
        fixtures.begin_step(conditions.now);
        for query in &step.sql {
            host.query(query)?;
        }
        let request = prepare(step, fixtures, conditions.now).map_err(|error| format!("step {number}: {error}"))?;
        answers.push(host.send(&request, &conditions).map_err(|error| format!("step {number}: {error}"))?);
    }
    let after = vector.after.iter().map(|after| host.query(&after.query())).collect::<Result<_>>()?;
    Ok(Run { answers, after, paid: fixtures.paid() })
}

/// The request as it is sent: signed, or made by a gateway.
fn prepare(step: &Step, fixtures: &dyn Fixtures, now: i64) -> Result<Request> {
    let mut request = step.request.clone();
    let mut body = request.body.as_ref().map(Content::bytes).transpose()?;
    if let Some(notification) = &step.notification {
        let made = fixtures
            .notification(notification, now)
            .ok_or_else(|| format!("no notification of {:?}", notification.key))?;
        request.headers.extend(made.0);
        body = Some(made.1);
    }
    sign::sign(&mut request, &mut body, fixtures, now)?;
    request.body = body.map(|bytes| Content::Base64 { base64: STANDARD.encode(bytes) });
    Ok(request)
}

/// Where the answers and the state after them differ from the vector.
fn judge(file: &File, run: &Run) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for ((step, answer), number) in file.vector.steps.iter().zip(&run.answers).zip(1..) {
        let line = format!("step {number}, {} {}", step.request.method, step.request.target);
        found.extend(compare::answer(file, &step.response, answer)?.into_iter().map(|d| format!("{line}: {d}")));
    }
    for (after, rows) in file.vector.after.iter().zip(&run.after) {
        if after.rows != *rows {
            found.push(format!(
                "after, {}: {}, expected {}",
                after.sql,
                Value::from(text(rows)),
                Value::from(text(&after.rows))
            ));
        }
    }
    for (payment, amounts) in &file.vector.paid {
        let paid = run.paid.get(payment).map_or(&[][..], Vec::as_slice);
        if paid != amounts {
            found.push(format!("paid for {payment}: {paid:?}, expected {amounts:?}"));
        }
    }
    Ok(found)
}

/// Bodies that are not those of the first host.
fn diverges(file: &File, first: HostName, reference: &Run, name: HostName, run: &Run) -> Vec<String> {
    let pairs = file.vector.steps.iter().zip(reference.answers.iter().zip(&run.answers)).zip(1..);
    pairs
        .filter(|((step, _), _)| !matches!(step.response.body, Some(ExpectedBody::Any { .. })))
        .filter_map(|((_, (one, other)), number)| {
            let (left, right) = (format!("{first:?}").to_lowercase(), format!("{name:?}").to_lowercase());
            let difference = compare::bytes(&left, &one.body, &right, &other.body)?;
            Some(format!("step {number}: not the same on both hosts: {difference}"))
        })
        .collect()
}

fn text(rows: &[Vec<Value>]) -> String {
    serde_json::to_string(rows).unwrap_or_default()
}

/// The fixtures' configuration with the vector's on top.
fn config(file: &File) -> Result<BTreeMap<String, Option<String>>> {
    let mut config = fixtures::config();
    for (name, value) in &file.vector.config {
        config.insert(name.clone(), value.clone());
    }
    Ok(config)
}

fn paths() -> Result<Paths> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("start it with cargo run --package contract")?;
    let root = PathBuf::from(manifest).join("../..").canonicalize().map_err(context("repository"))?;
    let program = std::env::current_exe().map_err(context("own path"))?;
    let bin = program.parent().ok_or("own path")?.to_owned();
    let work = bin.parent().ok_or("own path")?.join("contract");
    // What an earlier run left, for whoever wanted to look at it.
    let _absent = std::fs::remove_dir_all(&work);
    Ok(Paths { root, bin, work })
}
