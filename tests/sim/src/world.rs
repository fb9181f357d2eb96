//! The world of one run: the clock, what is under way, the store, the gateways. Everything happens at an instant, in an
//! order that the seed alone decides.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use shared::platform::native::{Native, block_on};
use shared::platform::{OutboundError, OutboundResponse, Row, Sql as _, Statement, StorageError, Value};

use crate::bank::Bank;
use crate::client::Errand;
use crate::flight::Under;
use crate::mutant::Mutant;
use crate::rng::Rng;
use crate::tally;
use crate::watch::Watch;
use crate::weather::{self, Weather};
use crate::wire::{Ask, Standing};

/// How many steps a trace keeps.
const TRACE: usize = 400;

/// What a run leaves in the store: the next must find none of it, or a seed would not tell the whole run.
const EMPTIED: [&str; 8] = [
    "DELETE FROM refund",
    "DELETE FROM ledger",
    "DELETE FROM hold",
    "DELETE FROM breaker",
    "DELETE FROM policy_pack",
    "DELETE FROM policy_section",
    "DELETE FROM policy_adopted",
    "DELETE FROM policy_told",
];

/// What breaks a promise.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which promise.
    pub invariant: &'static str,
    /// How.
    pub detail: String,
}

/// What happens at an instant.
pub enum Scheduled {
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
    /// A gateway takes one back.
    Reverse(usize),
    /// Somebody makes one at its console.
    AtConsole(usize),
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
    pub(crate) store: Native,
    pub(crate) mutant: Option<Mutant>,
    pub(crate) bent: BTreeMap<(usize, &'static str), Statement>,
    pub(crate) operations: BTreeMap<u64, Under>,
    pub(crate) next_operation: u64,
    events: BinaryHeap<Reverse<(i64, u64, u64)>>,
    planned: BTreeMap<u64, Scheduled>,
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
            let trigger = instant_refund::store::SCHEMA.statements().find(|sql| sql.contains("refund_posts"));
            let bent = trigger.unwrap().replace("AFTER UPDATE OF postings", "AFTER UPDATE");
            world.ask("DROP TRIGGER refund_posts", &[]).unwrap();
            world.ask(String::leak(bent), &[]).unwrap();
        }
        world
    }

    /// Makes it anew for a run.
    pub fn reset(&mut self, seed: u64, now: i64) {
        for table in EMPTIED {
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
    pub fn plan(&mut self, after: i64, event: Scheduled) {
        let tie = self.rng.draw();
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
    pub fn happens_next(&mut self) -> Option<Scheduled> {
        let Reverse((at, _, id)) = self.events.pop()?;
        self.now = self.now.max(at);
        self.planned.remove(&id)
    }

    /// What a gateway answers, with all that can go wrong on its side.
    pub(crate) fn gateway(&mut self, ask: &Ask, sent_at: i64) -> Result<OutboundResponse, OutboundError> {
        let answer =
            |status, body: Vec<u8>| Ok(OutboundResponse { status, headers: shared::http::Headers::default(), body });
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

    /// A gateway takes back what it had paid.
    pub fn reverse(&mut self, record: usize) {
        self.bank.reverse(record, &self.weather, &mut self.rng);
        self.step(|| format!("gateway takes back record {record}"));
        self.gateways_go_on();
    }

    /// Somebody refunds at a gateway's console.
    pub fn at_console(&mut self, n: usize, gateway: &str, payment: &str, amount_fen: i64) {
        let moved = self.bank.moves.len();
        self.bank.at_console(n, gateway, payment, amount_fen, self.now, &mut self.rng);
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
                crate::bank::Later::Finish { record } => Scheduled::Finish(record),
                crate::bank::Later::Reverse { record } => Scheduled::Reverse(record),
                crate::bank::Later::Notify { gateway, tell, certain, forged } => {
                    Scheduled::Arrive(Errand::Notification { gateway, tell: Box::new(tell), certain, forged })
                }
            };
            self.plan(after, event);
        }
    }
}

fn outcome(line: &str) -> String {
    let at = line.find("\"outcome\":\"").map_or(0, |at| at + 11);
    line[at..].split('"').next().unwrap_or_default().to_owned()
}
