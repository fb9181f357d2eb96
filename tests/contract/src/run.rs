//! One vector on one host, and where it is not as the vector says.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::client::Answer;
use crate::fixtures::{self, Fixtures};
use crate::hosts::{Conditions, Host};
use crate::matcher::Matcher;
use crate::vector::{Content, ExpectedBody, File, HostName, Request, Step};
use crate::{Result, compare, own_clock, sign};

/// What a host answered to a vector.
pub struct Run {
    pub answers: Vec<Answer>,
    pub after: Vec<Vec<Vec<Value>>>,
    /// What the test gateways paid, by payment.
    pub paid: BTreeMap<String, Vec<i64>>,
    /// When each step began and ended, by the runner's clock.
    pub times: Vec<(i64, i64)>,
}

/// Which instants a run takes place at.
#[derive(Clone, Copy)]
pub enum Time<'a> {
    /// The vector's.
    Vector,
    /// Those that pass.
    Real,
    /// Those that another run began its steps at.
    Again(&'a [(i64, i64)]),
}

/// Puts a vector to a host.
pub fn vector(host: &mut dyn Host, file: &File, time: Time<'_>) -> Result<Run> {
    host.begin(file.function, store(file)?)?;
    steps(host, file, time)
}

/// Puts a vector to a host that goes on with the databases that it has.
pub fn further(host: &mut dyn Host, file: &File) -> Result<Run> {
    host.resume(file.function, store(file)?)?;
    steps(host, file, Time::Vector)
}

/// What the key-value store holds when a vector begins.
fn store(file: &File) -> Result<BTreeMap<String, Vec<u8>>> {
    let (vector, fixtures) = (&file.vector, file.function.fixtures);
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

fn steps(host: &mut dyn Host, file: &File, time: Time<'_>) -> Result<Run> {
    let (vector, fixtures) = (&file.vector, file.function.fixtures);
    fixtures.begin(vector.now);
    for query in &vector.sql {
        host.query(query)?;
    }
    let (mut answers, mut times) = (Vec::new(), Vec::new());
    for (step, i) in vector.steps.iter().zip(0_usize..) {
        let told = step.now.unwrap_or(vector.now);
        let now = match time {
            Time::Vector => told,
            Time::Real => real_now(),
            Time::Again(times) => times.get(i).map_or(told, |(began, _)| *began),
        };
        fixtures.begin_step(now);
        for query in &step.sql {
            host.query(query)?;
        }
        let fail = step.fail.as_deref().unwrap_or(&vector.fail);
        let seed = seed(&vector.title).wrapping_add(i as u64);
        let conditions = Conditions { now, seed, fail, place: step.place.as_ref().or(vector.place.as_ref()) };
        let later = if matches!(time, Time::Vector) { 0 } else { now - told + own_clock::MARGIN };
        let answer = prepare(step, fixtures, now, later).and_then(|request| host.send(&request, &conditions));
        answers.push(answer.map_err(|error| format!("step {}: {error}", i + 1))?);
        times.push((now, real_now()));
    }
    let after = vector.after.iter().map(|after| host.query(&after.query())).collect::<Result<_>>()?;
    Ok(Run { answers, after, paid: fixtures.paid(), times })
}

/// A number of a vector's own, so that two on one database do not draw the same (FNV-1a).
fn seed(title: &str) -> u64 {
    title.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn real_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// The request as it is sent: its instants `later` milliseconds later, signed, or made by a gateway.
fn prepare(step: &Step, fixtures: &dyn Fixtures, now: i64, later: i64) -> Result<Request> {
    let mut request = step.request.clone();
    if let Some(Content::Json { json }) = request.body.as_mut() {
        own_clock::shift(json, later);
    }
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
pub fn judge(file: &File, run: &Run) -> Result<Vec<String>> {
    let (mut found, mut matcher) = (Vec::new(), Matcher::new(file.function.fixtures));
    for ((step, answer), number) in file.vector.steps.iter().zip(&run.answers).zip(1..) {
        let line = format!("step {number}, {} {}", step.request.method, step.request.target);
        let differences = compare::answer(file, &step.response, answer, &mut matcher)?;
        found.extend(differences.into_iter().map(|difference| format!("{line}: {difference}")));
    }
    for (after, rows) in file.vector.after.iter().zip(&run.after) {
        if after.rows != *rows {
            found.push(format!("after, {}: {}, expected {}", after.sql, text(rows), text(&after.rows)));
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

/// Bodies that are not, byte for byte, those of the first host.
pub fn diverges(file: &File, first: HostName, reference: &Run, name: HostName, run: &Run) -> Vec<String> {
    let pairs = file.vector.steps.iter().zip(reference.answers.iter().zip(&run.answers)).zip(1..);
    pairs
        .filter(|((step, _), _)| !matches!(step.response.body, Some(ExpectedBody::Any { .. })))
        .filter_map(|((_, (one, other)), number)| {
            let difference = compare::bytes(first.text(), &one.body, name.text(), &other.body)?;
            Some(format!("step {number}: not the same on both hosts: {difference}"))
        })
        .collect()
}

/// The fixtures' configuration with the vector's on top.
pub fn config(file: &File) -> BTreeMap<String, Option<String>> {
    let mut config = fixtures::config();
    config.extend(file.vector.config.clone());
    config
}

fn text(rows: &[Vec<Value>]) -> String {
    serde_json::to_string(rows).unwrap_or_default()
}
