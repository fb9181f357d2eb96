//! The world of one run: the clock, what is under way, the store, the gateways. Everything happens at an instant, in an
//! order that the seed alone decides.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::task::{Poll, Waker};

use shared::platform::native::{Native, block_on};
use shared::platform::{OutboundError, OutboundRequest, OutboundResponse, Row, Sql as _, Statement, StorageError, Value};

use crate::bank::Bank;
use crate::client::Errand;
use crate::host::Answer;
use crate::mutant::Mutant;
use crate::rng::Rng;
use crate::tally;
use crate::watch::Watch;
use crate::weather::{self, Weather};
use crate::wire::{Ask, Standing, TIMEOUT_MS};

/// A statement that takes longer than this never happens.
const SQL_MOST_MS: i64 = 30_000;
/// How many steps a trace keeps.
const TRACE: usize = 400;

/// What breaks a promise.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which promise.
    pub invariant: &'static str,
    /// How.
    pub detail: String,
}

/// What a request asks of the world.
pub enum Work {
    /// Of the store.
    Sql {
        /// Which statement.
        statement: Statement,
        /// With what.
        params: Vec<Value>,
    },
    /// Of a gateway.
    Http {
        /// What.
        request: OutboundRequest,
    },
}

/// What happens at an instant.
pub enum Event {
    /// A request comes in, or the scheduler calls.
    Arrive(Errand),
    /// An operation reaches its destination.
    Reach(u64),
    /// Its answer arrives.
    Answer(u64),
    /// Again: a worker had stood still.
    Resumed(u64),
    /// A gateway finishes a refund.
    Finish(usize),
}

/// An operation under way.
struct Under {
    task: u64,
    work: Work,
    sent_at: i64,
    answer: Option<Answer>,
    arrived: bool,
    waker: Option<Waker>,
    orphan: bool,
    fate: Fate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Well,
    ErrorAfter,
    ReplyLost,
}

/// The world.
pub struct World {
    /// True time, milliseconds.
    pub now: i64,
    /// Chance.
    pub rng: Rng,
    /// How bad it is.
    pub weather: Weather,
    /// The gateways.
    pub bank: Bank,
    /// What must hold.
    pub watch: Watch,
    /// What broke, first things first.
    pub violations: Vec<Violation>,
    /// The last steps.
    pub trace: VecDeque<String>,
    /// Whether steps are written at all.
    pub tracing: bool,
    store: Native,
    mutant: Option<Mutant>,
    bent: BTreeMap<(usize, &'static str), Statement>,
    operations: BTreeMap<u64, Under>,
    next_operation: u64,
    events: BinaryHeap<Reverse<(i64, u64, u64)>>,
    planned: BTreeMap<u64, Event>,
    next_event: u64,
}

impl World {
    /// A world that is not in use yet.
    pub fn new(mutant: Option<Mutant>) -> World {
        let store = Native::new(instant_refund::store::SCHEMA).unwrap();
        store.sql.set_prepared_statement_cache_capacity(64);
        let world = World {
            now: 0,
            rng: Rng::new(0),
            weather: Weather::default(),
            bank: Bank::default(),
            watch: Watch::default(),
            violations: Vec::new(),
            trace: VecDeque::new(),
            tracing: false,
            store,
            mutant,
            bent: BTreeMap::new(),
            operations: BTreeMap::new(),
            next_operation: 0,
            events: BinaryHeap::new(),
            planned: BTreeMap::new(),
            next_event: 0,
        };
        if mutant == Some(Mutant::NoLedgerTrigger) {
            world.ask("DROP TRIGGER refund_posts", &[]).unwrap();
        }
        if mutant == Some(Mutant::BookedAgain) {
            let trigger = instant_refund::store::SCHEMA.iter().find(|sql| sql.contains("refund_posts"));
            let bent = trigger.unwrap().replace("AFTER UPDATE OF postings", "AFTER UPDATE");
            world.ask("DROP TRIGGER refund_posts", &[]).unwrap();
            world.ask(String::leak(bent), &[]).unwrap();
        }
        world
    }

    /// Makes it anew for a run.
    pub fn reset(&mut self, seed: u64, now: i64) {
        for table in ["DELETE FROM refund", "DELETE FROM ledger", "DELETE FROM hold", "DELETE FROM breaker"] {
            self.ask(table, &[]).unwrap();
        }
        self.now = now;
        self.rng = Rng::new(seed);
        self.weather = Weather::default();
        self.bank = Bank::default();
        self.watch = Watch::default();
        self.violations.clear();
        self.trace.clear();
        self.operations.clear();
        self.events.clear();
        self.planned.clear();
        (self.next_operation, self.next_event) = (0, 0);
    }

    /// Asks the store, outside of all that is simulated.
    pub fn ask(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StorageError> {
        block_on(self.store.query("", &Statement { sql }, params))
    }

    /// Writes a step.
    pub fn step(&mut self, what: impl FnOnce() -> String) {
        if self.tracing {
            if self.trace.len() == TRACE {
                self.trace.pop_front();
            }
            let line = format!("{:>14} {}", self.now - crate::run::EPOCH, what());
            self.trace.push_back(line);
        }
    }

    /// A promise is broken.
    pub fn broken(&mut self, invariant: &'static str, detail: String) {
        self.step(|| format!("BROKEN {invariant}: {detail}"));
        self.violations.push(Violation { invariant, detail });
    }

    /// A line of the log.
    pub fn emitted(&mut self, line: &str) {
        if let Some(secret) = self.watch.leaks(line) {
            self.broken("no_secret_in_events", format!("{secret} in {line}"));
        }
        for (kind, mark) in [("alarm", "venditor.refund-alarm.v1"), ("event", "venditor.refund.v1")] {
            if line.contains(mark) {
                tally::count(kind, &outcome(line));
            }
        }
        if line.contains("refund-alarm") {
            self.step(|| format!("alarm {line}"));
        }
    }

    /// Plans an event, so many milliseconds from now.
    pub fn plan(&mut self, after: i64, event: Event) {
        let tie = self.rng.next();
        let id = self.next_event;
        self.next_event += 1;
        self.planned.insert(id, event);
        self.events.push(Reverse((self.now + after.max(0), tie, id)));
    }

    /// When the next event is.
    pub fn next_at(&self) -> Option<i64> {
        self.events.peek().map(|Reverse((at, _, _))| *at)
    }

    /// The next event; the clock goes on to it.
    pub fn next(&mut self) -> Option<Event> {
        let Reverse((at, _, id)) = self.events.pop()?;
        self.now = self.now.max(at);
        self.planned.remove(&id)
    }

    /// Starts an operation.
    pub fn start(&mut self, task: u64, work: Work) -> u64 {
        let id = self.next_operation;
        self.next_operation += 1;
        let mut under = Under {
            task,
            work,
            sent_at: self.now,
            answer: None,
            arrived: false,
            waker: None,
            orphan: false,
            fate: Fate::Well,
        };
        match &under.work {
            Work::Sql { .. } => self.start_sql(id, &mut under),
            Work::Http { request } => {
                let request = request.clone();
                self.start_http(id, &mut under, &request);
            }
        }
        self.operations.insert(id, under);
        id
    }

    fn start_sql(&mut self, id: u64, under: &mut Under) {
        let takes = weather::delay(&self.weather, &mut self.rng, i64::MAX);
        if takes > SQL_MOST_MS || weather::sql_error_before(&self.weather, &mut self.rng) {
            under.answer = Some(Answer::Sql(Err(StorageError("simulated: not done".to_owned()))));
            return self.plan(takes.min(SQL_MOST_MS), Event::Answer(id));
        }
        if weather::sql_error_after(&self.weather, &mut self.rng) {
            under.fate = Fate::ErrorAfter;
        }
        self.plan(takes, Event::Reach(id));
    }

    fn start_http(&mut self, id: u64, under: &mut Under, request: &OutboundRequest) {
        let ask: Ask = serde_json::from_slice(&request.body).unwrap();
        let profile = self.bank.profiles[&ask.gateway];
        let (weather, rng) = (&self.weather, &mut self.rng);
        // It arrives before its sender gives up, or within the time that the gateway needs to show it.
        let mut takes = weather::delay(weather, rng, TIMEOUT_MS - 100);
        let timeout = TIMEOUT_MS + rng.range(0, 200);
        let lost = weather::gateway_request_lost(weather, rng);
        let latest = profile.semantics.settle_ms - 1;
        if !lost && latest > TIMEOUT_MS && weather::gateway_request_late(weather, rng) {
            takes = rng.range(TIMEOUT_MS, latest);
        }
        let twice = profile.idempotent && latest > takes && weather::gateway_request_twice(weather, rng);
        let again = if twice { rng.range(takes, latest) } else { 0 };
        if weather::gateway_reply_lost(weather, rng) {
            under.fate = Fate::ReplyLost;
        }
        if !lost {
            self.plan(takes, Event::Reach(id));
        }
        if twice {
            self.plan(again, Event::Reach(id));
        }
        self.plan(timeout, Event::Answer(id));
    }

    /// An operation reaches its destination. Says which worker dies of it.
    pub fn reach(&mut self, id: u64) -> Option<u64> {
        let Some(under) = self.operations.get(&id) else { return None };
        let task = under.task;
        if !under.orphan && weather::death_before(&self.weather, &mut self.rng) {
            self.operations.remove(&id);
            return Some(task);
        }
        let mut under = self.operations.remove(&id).unwrap();
        match &mut under.work {
            Work::Sql { statement, params } => {
                let (statement, params) = (*statement, params.clone());
                let answer = self.execute(task, statement, params);
                under.answer = Some(Answer::Sql(match under.fate {
                    Fate::Well => answer,
                    _ => Err(StorageError("simulated: done, and the answer lost".to_owned())),
                }));
                let takes = weather::delay(&self.weather, &mut self.rng, i64::MAX);
                if !under.orphan {
                    self.plan(takes, Event::Answer(id));
                    self.operations.insert(id, under);
                }
            }
            Work::Http { request } => {
                let ask: Ask = serde_json::from_slice(&request.body).unwrap();
                let reply = self.gateway(&ask, under.sent_at);
                if under.answer.is_none() && !under.arrived {
                    let takes = weather::delay(&self.weather, &mut self.rng, TIMEOUT_MS);
                    match (under.fate, self.now + takes - under.sent_at < TIMEOUT_MS) {
                        (Fate::Well, true) => {
                            under.answer = Some(Answer::Http(reply));
                            self.plan(takes, Event::Answer(id));
                        }
                        (Fate::Well, false) => {}
                        _ => {
                            under.answer = Some(Answer::Http(Err(OutboundError::Transport)));
                            self.plan(takes.min(TIMEOUT_MS), Event::Answer(id));
                        }
                    }
                }
                // It stays: it may arrive again.
                self.operations.insert(id, under);
            }
        }
        None
    }

    fn execute(&mut self, task: u64, statement: Statement, mut params: Vec<Value>) -> Result<Vec<Row>, StorageError> {
        let statement = match self.mutant {
            None => statement,
            Some(mutant) => {
                let bent = mutant.bend(statement, &mut params);
                let known = self.bent.entry((statement.sql.as_ptr() as usize, statement.sql));
                *known.or_insert_with(|| Statement { sql: String::leak(bent) })
            }
        };
        let answer = block_on(self.store.query("", &statement, &params));
        if self.tracing {
            let rows = answer.as_ref().map(|rows| rows.iter().map(short_row).collect::<Vec<_>>().join(" | "));
            let due = statement.sql.starts_with("SELECT id FROM refund");
            if !due || rows.as_ref().is_ok_and(|rows| !rows.is_empty()) {
                self.step(|| format!("t{task} sql {} {} -> {rows:?}", name(statement.sql), short_params(&params)));
            }
        }
        match &answer {
            Err(error) => self.broken("store_agrees", error.0.clone()),
            Ok(rows) if !rows.is_empty() && statement.sql.starts_with("UPDATE refund SET version") => {
                if let (Value::Text(id), Value::Text(document)) = (&params[0], &params[7]) {
                    let due = matches!(params[3], Value::Integer(_));
                    if let Err(violation) = self.watch.saved(id, document, due, &self.bank) {
                        self.broken(violation.invariant, violation.detail);
                    }
                }
            }
            Ok(rows) if statement.sql.starts_with("INSERT INTO refund") => {
                if let (Value::Text(id), Some(document)) = (&params[0], rows.first().and_then(|row| row.text(5)))
                    && rows[0].integer(0) == Some(1)
                {
                    let due = rows[0].integer(3).is_some();
                    let (id, document) = (id.clone(), document.to_owned());
                    if let Err(violation) = self.watch.saved(&id, &document, due, &self.bank) {
                        self.broken(violation.invariant, violation.detail);
                    }
                }
            }
            Ok(_) => {}
        }
        answer
    }

    /// What a gateway answers, with all that can go wrong on its side.
    fn gateway(&mut self, ask: &Ask, sent_at: i64) -> Result<OutboundResponse, OutboundError> {
        let answer = |status, body: Vec<u8>| {
            Ok(OutboundResponse { status, headers: shared::http::Headers::default(), body })
        };
        if weather::gateway_5xx_before(&self.weather, &mut self.rng) {
            self.step(|| format!("gateway {ask:?} -> 503, nothing done"));
            return answer(503, b"busy".to_vec());
        }
        let moved = self.bank.moves.len();
        let mut tell = self.bank.ask(ask, sent_at, self.now, &self.weather, &mut self.rng);
        self.step(|| format!("gateway {ask:?} -> {tell:?}"));
        self.moved_since(moved);
        self.gateways_go_on();
        let (weather, rng) = (&self.weather, &mut self.rng);
        if weather::gateway_5xx_after(weather, rng) {
            return answer(502, b"bad gateway".to_vec());
        }
        if weather::gateway_malformed(weather, rng) {
            return answer(200, b"{\"standing\":\"succ".to_vec());
        }
        if weather::gateway_wrong_amount(weather, rng) {
            tell.amount_fen += 1;
        }
        if weather::gateway_reply_mixed(weather, rng) {
            tell.key = format!("{}x", tell.key);
        }
        let profile = self.bank.profiles[&ask.gateway];
        let safe = profile.idempotent && profile.forgets_after_ms.is_none();
        if ask.what == "refund" && safe && weather::gateway_limited_and_done(weather, rng) {
            tell.standing = Standing::Limited;
        }
        answer(200, serde_json::to_vec(&tell).unwrap())
    }

    /// A gateway finishes what it took on.
    pub fn finish(&mut self, record: usize) {
        let moved = self.bank.moves.len();
        self.bank.finish(record, self.now, &self.weather, &mut self.rng);
        self.step(|| format!("gateway finishes record {record}"));
        self.moved_since(moved);
        self.gateways_go_on();
    }

    fn moved_since(&mut self, before: usize) {
        for index in before..self.bank.moves.len() {
            let moved = self.bank.moves[index].clone();
            self.step(|| format!("MONEY {moved:?}"));
            if let Err(violation) = self.watch.moved(&moved, &self.bank) {
                self.broken(violation.invariant, violation.detail);
            }
        }
    }

    fn gateways_go_on(&mut self) {
        for (after, later) in std::mem::take(&mut self.bank.later) {
            let event = match later {
                crate::bank::Later::Finish { record } => Event::Finish(record),
                crate::bank::Later::Notify { gateway, tell, certain, forged } => {
                    Event::Arrive(Errand::Notification { gateway, tell: Box::new(tell), certain, forged })
                }
            };
            self.plan(after, event);
        }
    }

    /// The answer to an operation arrives. Which task goes on, or dies, or stands still for so long.
    pub fn answer(&mut self, id: u64, stalled: bool) -> Option<Next> {
        let under = self.operations.get_mut(&id)?;
        if under.arrived || under.orphan {
            return None;
        }
        let task = under.task;
        if under.answer.is_none() {
            under.answer = Some(Answer::Http(Err(OutboundError::Timeout)));
        }
        if !stalled && weather::death_after(&self.weather, &mut self.rng) {
            return Some(Next::Dies(task));
        }
        if !stalled && weather::stall(&self.weather, &mut self.rng) {
            let still = self.rng.range(1_000, 100_000);
            self.plan(still, Event::Resumed(id));
            return None;
        }
        let under = self.operations.get_mut(&id)?;
        under.arrived = true;
        if let Some(waker) = under.waker.take() {
            waker.wake();
        }
        Some(Next::GoesOn(task))
    }

    /// Whether an operation is done.
    pub fn poll(&mut self, id: u64, waker: &Waker) -> Poll<Answer> {
        let Some(under) = self.operations.get_mut(&id) else { return Poll::Pending };
        if !under.arrived {
            under.waker = Some(waker.clone());
            return Poll::Pending;
        }
        match under.answer.take() {
            Some(answer) => {
                if matches!(under.work, Work::Sql { .. }) {
                    self.operations.remove(&id);
                }
                Poll::Ready(answer)
            }
            None => Poll::Pending,
        }
    }

    /// Whoever waited for it is gone. What is on its way may arrive all the same, or not.
    pub fn abandon(&mut self, id: u64) {
        let arrives = self.rng.chance(500);
        if let Some(under) = self.operations.get_mut(&id) {
            under.orphan = true;
            let is_sql = matches!(under.work, Work::Sql { .. });
            // An HTTP request that was answered may still have its duplicate on the way.
            if !arrives && !under.arrived && (under.answer.is_some() || is_sql) {
                self.operations.remove(&id);
            }
        }
    }
}

/// What an answer does to a task.
pub enum Next {
    /// It goes on.
    GoesOn(u64),
    /// Its worker dies.
    Dies(u64),
}

fn outcome(line: &str) -> String {
    let at = line.find("\"outcome\":\"").map_or(0, |at| at + 11);
    line[at..].split('"').next().unwrap_or_default().to_owned()
}

/// The first words of a statement.
fn name(sql: &str) -> String {
    sql.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

fn short_value(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Integer(n) if *n > crate::run::EPOCH / 2 => format!("@{}", n - crate::run::EPOCH),
        Value::Integer(n) => n.to_string(),
        Value::Text(text) if text.starts_with("{\"id\"") => {
            let at = text.find("\"state\":").unwrap_or(0);
            text[at..].chars().take(420).collect()
        }
        Value::Text(text) => text.chars().take(46).collect(),
    }
}

fn short_params(params: &[Value]) -> String {
    params.iter().map(short_value).collect::<Vec<_>>().join(", ")
}

fn short_row(row: &Row) -> String {
    short_params(&row.0)
}
