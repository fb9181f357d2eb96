//! Operations under way: what a request has asked of the store or of a gateway, whether and when it gets there, and
//! whether and when the answer comes back.

use std::task::{Poll, Waker};

use shared::platform::native::block_on;
use shared::platform::{OutboundError, OutboundRequest, Row, Sql as _, Statement, StorageError, Value};

use crate::host::Answer;
use crate::weather;
use crate::wire::{Ask, TIMEOUT_MS};
use crate::world::{Scheduled, World};

/// A statement that takes longer than this never happens.
const SQL_MOST_MS: i64 = 30_000;

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

/// An operation under way.
pub struct Under {
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

/// What an answer does to a task.
pub enum Next {
    /// It goes on.
    GoesOn(u64),
    /// Its worker dies.
    Dies(u64),
}

impl World {
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
            under.answer = Some(Answer::Sql(Err(StorageError::sql("simulated: not done"))));
            return self.plan(takes.min(SQL_MOST_MS), Scheduled::Answer(id));
        }
        if weather::sql_error_after(&self.weather, &mut self.rng) {
            under.fate = Fate::ErrorAfter;
        }
        self.plan(takes, Scheduled::Reach(id));
    }

    fn start_http(&mut self, id: u64, under: &mut Under, request: &OutboundRequest) {
        let ask: Ask = serde_json::from_slice(&request.body).unwrap();
        let profile = self.bank.profiles[&ask.gateway];
        if let Some(violation) = self.watch.sent(&ask, profile.semantics.min_interval_ms, self.now) {
            self.broken(violation.invariant, violation.detail);
        }
        if let Some(violation) = self.watch.asked(&ask, &self.bank, self.now) {
            self.broken(violation.invariant, violation.detail);
        }
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
            self.plan(takes, Scheduled::Reach(id));
        }
        if twice {
            self.plan(again, Scheduled::Reach(id));
        }
        self.plan(timeout, Scheduled::Answer(id));
    }

    /// An operation reaches its destination. Says which worker dies of it.
    pub fn reach(&mut self, id: u64) -> Option<u64> {
        let under = self.operations.get(&id)?;
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
                    _ => Err(StorageError::sql("simulated: done, and the answer lost")),
                }));
                let takes = weather::delay(&self.weather, &mut self.rng, i64::MAX);
                if !under.orphan {
                    self.plan(takes, Scheduled::Answer(id));
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
                            self.plan(takes, Scheduled::Answer(id));
                        }
                        (Fate::Well, false) => {}
                        _ => {
                            under.answer = Some(Answer::Http(Err(OutboundError::Transport)));
                            self.plan(takes.min(TIMEOUT_MS), Scheduled::Answer(id));
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
            Err(error) => self.broken("store_agrees", error.message.clone()),
            Ok(rows) if !rows.is_empty() && statement.sql.starts_with("UPDATE refund SET version") => {
                if let (Value::Text(id), Value::Text(document)) = (&params[0], &params[7]) {
                    let due = matches!(params[3], Value::Integer(_));
                    if let Err(violation) = self.watch.saved(id, document, due, &self.bank) {
                        self.broken(violation.invariant, violation.detail);
                    }
                }
            }
            Ok(rows) if statement.sql.starts_with("UPDATE refund SET state = d.state") => {
                let Value::Text(all) = &params[0] else { return answer };
                let all: Vec<(String, i64, String, Option<i64>, String)> = serde_json::from_str(all).unwrap();
                let saved: Vec<&str> = rows.iter().filter_map(|row| row.text(0)).collect();
                for (id, _, _, due, document) in all.iter().filter(|(id, ..)| saved.contains(&id.as_str())) {
                    if let Err(violation) = self.watch.saved(id, document, due.is_some(), &self.bank) {
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
            self.plan(still, Scheduled::Resumed(id));
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
