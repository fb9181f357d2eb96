//! What callers do: when they call, with what, and what they make of the answer, or of none.

use http::Method;

use crate::bank::AT_CONSOLE;

use crate::client::{Errand, Request, notification, signed};
use crate::plan::Plan;
use crate::run::{Reply, Simulator};
use crate::tally;
use crate::verdict;
use crate::world::{Scheduled, World};

impl Simulator {
    pub(crate) fn request(&self, errand: &Errand, now: i64) -> Request {
        let post = |path: &str, body, key: Option<&str>| signed(Method::POST, path, body, key, &self.key, now);
        let intent = |intent: &usize| &self.plan.intents[*intent];
        match errand {
            Errand::Create { intent: of, other } => {
                let intent = intent(of);
                let body = if *other { &intent.other_body } else { &intent.body };
                post("/v1/refunds", body.clone(), Some(&intent.key))
            }
            Errand::Event { intent: of, event } => {
                let intent = intent(of);
                let body = serde_json::to_vec(&intent.events[*event].1).unwrap();
                post(&format!("/v1/refunds/{}/events", intent.id), body, None)
            }
            Errand::Read { intent: of } => {
                signed(Method::GET, &format!("/v1/refunds/{}", intent(of).id), Vec::new(), None, &self.key, now)
            }
            Errand::Resume { intent: of } => post(&format!("/v1/refunds/{}/resume", intent(of).id), Vec::new(), None),
            Errand::Sweep => post("/v1/refunds/sweep", Vec::new(), None),
            Errand::Notification { gateway, tell, forged, .. } => notification(gateway, tell, *forged),
        }
    }

    /// What the caller makes of an answer, or of none.
    pub(crate) fn done(&mut self, errand: Errand, reply: Reply) {
        let mut world = self.world.borrow_mut();
        let soon = if self.calm { world.rng.range(500, 5_000) } else { world.rng.range(100, 30_000) };
        let again = world.rng.chance(if self.calm { 1_000 } else { 700 });
        let status = reply.as_ref().map_or(0, |(status, _)| *status);
        let text = reply.as_ref().map_or_else(String::new, |(_, body)| String::from_utf8_lossy(body).into_owned());
        tally::count("answer", &status.to_string());
        match &errand {
            Errand::Sweep | Errand::Resume { .. } => {
                if !matches!(status, 0 | 200 | 202 | 404 | 503) {
                    world.broken("lawful_request_is_taken", format!("{errand:?}: {status} {text}"));
                }
            }
            Errand::Create { other: true, .. } => {
                if matches!(status, 200 | 202) {
                    world.broken("one_payload_a_key", format!("{errand:?}: {status} {text}"));
                }
            }
            Errand::Create { intent, .. } | Errand::Read { intent } => match status {
                200 | 202 => {
                    let (intent, id) = (*intent, &self.plan.intents[*intent].id);
                    if let Err(violation) =
                        verdict::answer(&world, id, &mut self.known[intent], (status, &text), self.asking)
                    {
                        world.broken(violation.invariant, violation.detail);
                    }
                    another_way(&mut world, &self.plan, intent, soon);
                    if world.rng.chance(60) {
                        world.plan(soon, Scheduled::Arrive(Errand::Create { intent, other: true }));
                    }
                    if !self.calm && status == 202 && again {
                        world.plan(soon, Scheduled::Arrive(errand));
                    }
                }
                0 | 409 | 503 => {
                    if again {
                        world.plan(soon, Scheduled::Arrive(errand));
                    }
                }
                404 if matches!(errand, Errand::Read { .. }) && !self.asking => {}
                _ => world.broken("lawful_request_is_taken", format!("{errand:?}: {status} {text}")),
            },
            Errand::Event { intent, event } => match status {
                200 | 202 => self.known[*intent].told[*event] = true,
                409 if text.contains("event-contradicts") => {
                    tally::count("contradiction", code(&text));
                }
                0 | 404 | 409 | 503 => {
                    let exists = world.watch.refunds.contains_key(&self.plan.intents[*intent].id);
                    if again && (exists || !self.calm) {
                        world.plan(soon, Scheduled::Arrive(errand));
                    }
                }
                _ => world.broken("lawful_request_is_taken", format!("{errand:?}: {status} {text}")),
            },
            Errand::Notification { tell, certain, forged, .. } => match status {
                200 if *forged => world.broken("forgery_is_refused", format!("{errand:?}")),
                200 => {
                    if tell.key.starts_with(AT_CONSOLE) {
                        let now = world.now;
                        world.watch.counted.entry(tell.key.clone()).or_insert((
                            tell.payment.clone(),
                            tell.amount_fen,
                            now,
                        ));
                        return;
                    }
                    let id = instant_refund::refund::id_of_key(&tell.key).map_or("", |(id, _)| id);
                    let wrong = world.watch.refunds.get(id).is_some_and(|r| r.given_back_fen() != tell.amount_fen);
                    if wrong && self.mutant.is_none() {
                        world.broken("right_amount", format!("{errand:?}"));
                    }
                }
                _ if *certain || (again && !*forged && status == 0) => {
                    world.plan(soon * 4, Scheduled::Arrive(errand));
                }
                _ => {}
            },
        }
    }
}

/// An operator sees that a gateway has refused, and sometimes has the buyer paid another way: not where the gateway goes on
/// to pay against its word, which nobody can foresee.
fn another_way(world: &mut World, plan: &Plan, intent: usize, soon: i64) {
    let Some(refund) = world.watch.refunds.get(&plan.intents[intent].id) else { return };
    let contradicted =
        world.bank.payments.get(&refund.case.order.payment.transaction_id).is_some_and(|p| p.contradicted);
    if !refund.is_in_doubt() || contradicted || !world.rng.chance(500) {
        return;
    }
    let event = plan.intents[intent].events.iter().position(|(_, event)| event["type"] == "pay_another_way");
    if let Some(event) = event {
        tally::count("event", "pay_another_way");
        world.plan(soon, Scheduled::Arrive(Errand::Event { intent, event }));
    }
}

fn code(text: &str) -> &str {
    text.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("?")
}

/// When everybody calls.
pub fn plan_arrivals(world: &mut World, plan: &Plan, impatient: bool) {
    for (n, intent) in plan.intents.iter().enumerate() {
        let first = world.rng.range(0, plan.horizon / 3);
        world.plan(first, Scheduled::Arrive(Errand::Create { intent: n, other: false }));
        for _ in 0..world.rng.range(0, 2) {
            let apart = world.rng.pick(&[20, 2_000, 90_000]);
            let after = first + world.rng.range(0, apart);
            world.plan(after, Scheduled::Arrive(Errand::Create { intent: n, other: false }));
        }
        for (event, (at, what)) in intent.events.iter().enumerate() {
            if what["type"] == "pay_another_way" {
                continue;
            }
            let copies = if world.rng.chance(200) { 2 } else { 1 };
            for _ in 0..copies {
                let late = if world.rng.chance(250) { world.rng.range(0, plan.horizon / 2) } else { 50 };
                world.plan(at + late, Scheduled::Arrive(Errand::Event { intent: n, event }));
            }
        }
        if world.rng.chance(200) {
            let at = world.rng.range(0, plan.horizon);
            world.plan(at, Scheduled::Arrive(Errand::Read { intent: n }));
        }
        let operators = if impatient { 60 } else { world.rng.pick(&[0, 0, 0, 1, 3]) };
        for _ in 0..operators {
            let at = first + world.rng.range(0, if impatient { 40_000 } else { 200_000 });
            world.plan(at, Scheduled::Arrive(Errand::Resume { intent: n }));
        }
    }
    let sweeps = world.rng.range(1, 8);
    let even = world.rng.chance(500);
    for n in 0..sweeps {
        let at = if even { plan.horizon / sweeps * n } else { world.rng.range(0, plan.horizon) };
        world.plan(at, Scheduled::Arrive(Errand::Sweep));
        // Two schedulers, or one that is slow.
        if world.rng.chance(200) {
            world.plan(at + 5, Scheduled::Arrive(Errand::Sweep));
        }
    }
}
