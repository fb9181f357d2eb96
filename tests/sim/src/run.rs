//! One run: a bad time, then a good one, then the verdict. The same seed gives the same run, step by step.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use ed25519_dalek::SigningKey;
use instant_refund::NAME;
use instant_refund::auth::Callers;
use instant_refund::case::GatewayName;
use instant_refund::config::{Config, ReceiptKey};
use instant_refund::handler::{self, InstantRefund};
use instant_refund::policy::SPEC;
use serde_json::Value;
use shared::function;
use shared::mac::{MacKey, Secret};
use shared::policy::{Packs, Policies};
use shared::trace::TraceContext;

use crate::bank::Payment;
use crate::callers::plan_arrivals;
use crate::client::{Errand, Request};
use crate::flight::Next;
use crate::host::SimHost;
use crate::mutant::Mutant;
use crate::plan::Plan;
use crate::profile::{self, Profile};
use crate::verdict;
use crate::weather::{self, Weather};
use crate::wire::{Adapter, origin};
use crate::world::{Scheduled, Violation, World};

/// Where runs begin: 2026-03-02 10:00 in China, a Monday.
pub const EPOCH: i64 = 1_772_416_800_000;

/// A run that takes more events than this never ends.
const MOST_EVENTS: u64 = 150_000;
/// Once the faults stop, everything must be final within this.
const GRACE_MS: i64 = 48 * 3_600_000;
/// 32 bytes of seven, in base64url: the callers' key.
const CALLER_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

/// The answer to a request: status and body.
pub type Reply = Option<(u16, Vec<u8>)>;

struct Task {
    future: Pin<Box<dyn Future<Output = Reply>>>,
    worker: usize,
    errand: Errand,
}

/// What a caller knows of its request.
#[derive(Default)]
pub struct Known {
    /// It was told that it is taken on.
    pub taken: bool,
    /// The final answer that it was given, without what follows.
    pub last_word: Option<Value>,
    /// Of its events, which were acknowledged.
    pub told: Vec<bool>,
}

/// What came of a run.
pub struct RunReport {
    /// What broke; empty if nothing did.
    pub violations: Vec<Violation>,
    /// The last steps, if they were wanted.
    pub trace: Vec<String>,
    /// How many events there were.
    pub events: u64,
}

/// Runs seeds, one after the other.
pub struct Simulator {
    pub(crate) world: Rc<RefCell<World>>,
    pub(crate) mutant: Option<Mutant>,
    pub(crate) key: MacKey,
    config: Rc<Config>,
    pub(crate) plan: Plan,
    pub(crate) known: Vec<Known>,
    tasks: BTreeMap<u64, Task>,
    next_task: u64,
    skews: Vec<i64>,
    pub(crate) calm: bool,
    pub(crate) asking: bool,
    events: u64,
}

impl Simulator {
    /// One that runs the function as it is, or with a bug planted.
    pub fn new(mutant: Option<Mutant>) -> Simulator {
        Simulator {
            world: Rc::new(RefCell::new(World::new(mutant))),
            mutant,
            key: MacKey::new(&Secret::new([7; 32])),
            config: Rc::new(config(&[], mutant)),
            plan: Plan {
                intents: Vec::new(),
                paid: Vec::new(),
                at_console: Vec::new(),
                secrets: Vec::new(),
                horizon: 0,
            },
            known: Vec::new(),
            tasks: BTreeMap::new(),
            next_task: 0,
            skews: Vec::new(),
            calm: false,
            asking: false,
            events: 0,
        }
    }

    /// Runs one seed.
    pub fn run(&mut self, seed: u64, trace: bool) -> RunReport {
        self.begin(seed, trace);
        let end = EPOCH + self.plan.horizon;
        self.drain(Some(end));
        if self.good() {
            self.calm_down();
            self.settle();
        }
        if self.good() {
            let later = self.world.borrow_mut().rng.chance(300);
            if later {
                self.months_later();
            }
        }
        if self.good() {
            self.ask_again();
        }
        if self.good() {
            let broken = verdict::judge(&self.world.borrow(), &self.plan, &self.known);
            for violation in broken {
                self.world.borrow_mut().broken(violation.invariant, violation.detail);
            }
        }
        self.tasks.clear();
        let mut world = self.world.borrow_mut();
        RunReport {
            violations: std::mem::take(&mut world.violations),
            trace: world.trace.drain(..).collect(),
            events: self.events,
        }
    }

    fn begin(&mut self, seed: u64, trace: bool) {
        self.tasks.clear();
        (self.next_task, self.events, self.calm, self.asking) = (0, 0, false, false);
        let mut world = self.world.borrow_mut();
        world.reset(seed, EPOCH);
        world.tracing = trace;
        let rng = &mut world.rng;
        let mut weather = Weather::draw(rng);
        self.plan = Plan::draw(rng);
        let mut profiles = [
            ("wechat", rng.pick(&[&profile::WECHAT_LIKE, &profile::NAIVE, &profile::NAIVE_AND_SLOW])),
            ("alipay", rng.pick(&[&profile::ALIPAY_LIKE, &profile::NAIVE, &profile::UNHELPFUL])),
            ("stripe", rng.pick(&[&profile::STRIPE_LIKE, &profile::STRIPE_LIKE, &profile::NAIVE])),
        ];
        if let Some(mutant) = self.mutant {
            mutant.provoke(&mut weather, &mut profiles, &mut self.plan.horizon);
        }
        self.skews = (0..rng.range(1, 4)).map(|_| rng.range(-2_000, 2_000)).collect();
        let short: Vec<bool> = self.plan.paid.iter().map(|_| rng.chance(200)).collect();
        world.step(|| format!("seed {seed}: {weather:?}"));
        world.weather = weather;
        for (name, profile) in profiles {
            world.bank.profiles.insert(name.to_owned(), profile);
        }
        for (paid, short) in self.plan.paid.iter().zip(short) {
            let payment = Payment { paid_fen: paid.paid_fen, short, contradicted: false, counts: false };
            let name = world.bank.profiles[paid.gateway].name;
            world.step(|| format!("payment {} {} at {name}: {payment:?}", paid.gateway, paid.transaction));
            world.bank.payments.insert(paid.transaction.clone(), payment);
        }
        world.watch.secrets = self.plan.secrets.clone();
        world.watch.secrets.push(CALLER_KEY.to_owned());
        self.config = Rc::new(config(&profiles, self.mutant));
        self.known = self
            .plan
            .intents
            .iter()
            .map(|intent| Known { told: vec![false; intent.events.len()], ..Known::default() })
            .collect();
        for (n, made) in self.plan.at_console.iter().enumerate() {
            world.plan(made.at, Scheduled::AtConsole(n));
        }
        plan_arrivals(&mut world, &self.plan, self.mutant == Some(Mutant::LeaseIgnored));
    }

    fn good(&self) -> bool {
        self.world.borrow().violations.is_empty()
    }

    /// Lets things happen, up to an instant or until nothing is left to happen.
    fn drain(&mut self, until: Option<i64>) {
        loop {
            if !self.good() {
                return;
            }
            let event = {
                let mut world = self.world.borrow_mut();
                if until.is_some_and(|until| world.next_at().is_none_or(|at| at > until)) {
                    return;
                }
                world.happens_next()
            };
            let Some(event) = event else { return };
            self.events += 1;
            if self.events > MOST_EVENTS {
                self.world.borrow_mut().broken("reaches_a_final_state", "it goes on and on".to_owned());
                return;
            }
            self.happen(event);
        }
    }

    fn happen(&mut self, event: Scheduled) {
        match event {
            Scheduled::Arrive(errand) => self.arrive(errand),
            Scheduled::Reach(operation) => {
                let dies = self.world.borrow_mut().reach(operation);
                if let Some(task) = dies {
                    self.die(task);
                }
            }
            Scheduled::Answer(operation) => self.answer(operation, false),
            Scheduled::Resumed(operation) => self.answer(operation, true),
            Scheduled::Finish(record) => self.world.borrow_mut().finish(record),
            Scheduled::AtConsole(n) => {
                let made = &self.plan.at_console[n];
                let paid = &self.plan.paid[made.paid];
                self.world.borrow_mut().at_console(n, paid.gateway, &paid.transaction, made.amount_fen);
            }
            Scheduled::Reverse(record) => self.world.borrow_mut().reverse(record),
        }
    }

    fn answer(&mut self, operation: u64, stalled: bool) {
        let next = self.world.borrow_mut().answer(operation, stalled);
        match next {
            None => {}
            Some(Next::GoesOn(task)) => self.poll(task),
            Some(Next::Dies(task)) => self.die(task),
        }
    }

    /// The isolate of a task dies, with everything on it.
    fn die(&mut self, task: u64) {
        let Some(worker) = self.tasks.get(&task).map(|task| task.worker) else { return };
        let (dead, alive) = std::mem::take(&mut self.tasks).into_iter().partition(|(_, task)| task.worker == worker);
        self.tasks = alive;
        let dead: BTreeMap<u64, Task> = dead;
        for (id, task) in dead {
            self.world.borrow_mut().step(|| format!("t{id} dies with worker {worker}"));
            drop(task.future);
            self.done(task.errand, None);
        }
    }

    fn arrive(&mut self, errand: Errand) {
        let (worker, now) = {
            let mut world = self.world.borrow_mut();
            (world.rng.range(0, self.skews.len() as i64 - 1) as usize, world.now)
        };
        let id = self.next_task;
        self.next_task += 1;
        let host = |headers| SimHost { world: Rc::clone(&self.world), task: id, skew_ms: self.skews[worker], headers };
        self.world.borrow_mut().step(|| format!("t{id} on worker {worker}: {errand:?}"));
        let config = Rc::clone(&self.config);
        let future: Pin<Box<dyn Future<Output = Reply>>> = if let Errand::Sweep = errand {
            let host = host(shared::http::Headers::default());
            Box::pin(async move {
                let packs = Packs::new();
                let policies = Policies::begin(&host, NAME, Some(&SPEC), None, &packs).await.ok()?;
                let swept = handler::sweep(&host, &config, &policies, &TraceContext::default()).await;
                Some((200, serde_json::to_vec(&swept).unwrap()))
            })
        } else {
            let Request { head, headers, body } = self.request(&errand, now);
            let host = host(headers);
            // Each request an instance of its own: one that starts is the harder case.
            let packs = Packs::new();
            Box::pin(async move {
                let answer = function::handle::<InstantRefund, _>(&host, Ok(&config), &packs, &head, body)
                    .await
                    .answer
                    .ours()
                    .unwrap();
                Some((answer.status.as_u16(), answer.body))
            })
        };
        self.tasks.insert(id, Task { future, worker, errand });
        self.poll(id);
    }

    fn poll(&mut self, id: u64) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        let Poll::Ready(reply) = task.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { return };
        let Some(task) = self.tasks.remove(&id) else { return };
        drop(task.future);
        let mut world = self.world.borrow_mut();
        world.step(|| {
            let (status, body) = reply.as_ref().map_or((0, ""), |(s, b)| (*s, str::from_utf8(b).unwrap_or("?")));
            format!("t{id} answers {status} {}", body.chars().take(300).collect::<String>())
        });
        let World { weather, rng, .. } = &mut *world;
        let lost = weather::answer_lost(weather, rng);
        drop(world);
        self.done(task.errand, if lost { None } else { reply });
    }

    /// The faults stop.
    fn calm_down(&mut self) {
        self.calm = true;
        let mut world = self.world.borrow_mut();
        world.weather = Weather::default();
        world.step(|| "the faults stop".to_owned());
        for (intent, known) in self.known.iter().enumerate() {
            if !known.taken {
                world.plan(0, Scheduled::Arrive(Errand::Create { intent, other: false }));
            }
        }
    }

    /// Sweeps until everything is final, or waits for an instant to come.
    fn settle(&mut self) {
        let mut open_since = None;
        loop {
            let now = self.world.borrow().now;
            self.drain(Some(now + 15_000));
            if !self.good() {
                return;
            }
            let mut world = self.world.borrow_mut();
            let now = world.now;
            let due = next_due(&world);
            let open = verdict::open(&world);
            if open.is_empty() && due.is_none_or(|due| due > now) {
                open_since = None;
                let Some(at) = world.next_at() else { return };
                drop(world);
                self.drain(Some(at));
                continue;
            }
            if now > *open_since.get_or_insert(now) + GRACE_MS {
                let what = open.first().cloned().unwrap_or_default();
                world.broken("reaches_a_final_state", format!("{} open after two days: {what}", open.len()));
                return;
            }
            // The sweep comes when something is due, behind the slowest clock.
            let wait = due.map_or(60_000, |due| (due - now).clamp(0, 600_000)) + 2_100;
            world.plan(wait, Scheduled::Arrive(Errand::Sweep));
            drop(world);
            self.drain(Some(now + wait));
        }
    }

    /// What falls due in weeks and months: silence, claw-backs, the end of recourse.
    fn months_later(&mut self) {
        for _ in 0..40 {
            {
                let mut world = self.world.borrow_mut();
                let Some(due) = next_due(&world) else { break };
                let wait = (due - world.now).max(0);
                world.plan(wait + 2_100, Scheduled::Arrive(Errand::Sweep));
            }
            self.drain(None);
            if !self.good() {
                return;
            }
            self.settle();
            if !self.good() {
                return;
            }
        }
    }

    /// Every caller asks once more, both ways.
    fn ask_again(&mut self) {
        self.drain(None);
        self.asking = true;
        {
            let mut world = self.world.borrow_mut();
            for intent in 0..self.known.len() {
                world.plan(0, Scheduled::Arrive(Errand::Create { intent, other: false }));
                world.plan(1_000, Scheduled::Arrive(Errand::Read { intent }));
            }
        }
        self.drain(None);
        if self.good() {
            self.settle();
        }
    }
}

fn next_due(world: &World) -> Option<i64> {
    let rows = world.ask("SELECT min(due_at) FROM refund WHERE due_at IS NOT NULL", &[]).ok()?;
    rows.first()?.integer(0)
}

fn config(profiles: &[(&'static str, &'static Profile)], mutant: Option<Mutant>) -> Config {
    let callers = format!(
        r#"[{{"caller":"after-sales","kid":"k1","alg":"hmac-sha256","key":"{CALLER_KEY}","scopes":["refunds","events","operations"]}}]"#
    );
    let gateways = profiles.iter().filter_map(|(name, profile)| {
        let gateway = [GatewayName::Wechat, GatewayName::Alipay, GatewayName::Stripe];
        let known = gateway.into_iter().find(|known| known.as_str() == *name)?;
        let adapter: Box<dyn instant_refund::gateway::Gateway + Send + Sync> =
            Box::new(Adapter { name, profile, mutant });
        Some((known, adapter))
    });
    Config {
        trust: None,
        callers: Callers::parse(&callers).unwrap(),
        receipt_key: ReceiptKey { kid: "r1".to_owned(), key: SigningKey::from_bytes(&[5; 32]) },
        log_key: MacKey::new(&Secret::new([3; 32])),
        notify_origin: "https://refund.sim".parse().unwrap(),
        gateways: gateways.collect(),
        origins: profiles.iter().map(|(name, _)| origin(name).parse().unwrap()).collect(),
    }
}
