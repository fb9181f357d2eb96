//! The gateways' side: what money moved, and when. This is the truth that everything else is measured by.

use std::collections::BTreeMap;

use crate::profile::Profile;
use crate::rng::Rng;
use crate::tally;
use crate::weather::{self, Weather};
use crate::wire::{Ask, Standing, Tell};

/// Keys of refunds that are made at a gateway's console begin so.
pub const AT_CONSOLE: &str = "console-";

/// Money that moved.
#[derive(Clone, Debug)]
pub struct Move {
    /// When.
    pub at: i64,
    /// The payment.
    pub payment: String,
    /// Under which key.
    pub key: String,
    /// Fen.
    pub amount_fen: i64,
    /// Whether the gateway had said that it never would.
    pub against_its_word: bool,
    /// Whether it came back.
    pub taken_back: bool,
}

/// A refund, as a gateway keeps it.
#[derive(Clone, Debug)]
struct Record {
    ask: Ask,
    standing: Standing,
    refund_no: String,
    made_at: i64,
    visible_at: i64,
    paid_at: Option<i64>,
}

/// One payment.
#[derive(Clone, Debug)]
pub struct Payment {
    /// What was paid.
    pub paid_fen: i64,
    /// Whether the merchant's balance is short.
    pub short: bool,
    /// Whether the gateway has contradicted itself about it; then it counts for itself what was paid back.
    pub contradicted: bool,
    /// Whether something was refunded at its console: then it counts as well, as real ones always do.
    pub counts: bool,
}

/// Something that it does by itself.
#[derive(Clone, Debug)]
pub enum Later {
    /// Finishes what it took on.
    Finish {
        /// Which record.
        record: usize,
    },
    /// Takes back what it had paid.
    Reverse {
        /// Which record.
        record: usize,
    },
    /// Notifies.
    Notify {
        /// Which gateway.
        gateway: String,
        /// What.
        tell: Tell,
        /// Whether it must arrive in the end.
        certain: bool,
        /// Whether it is not the gateway's at all.
        forged: bool,
    },
}

/// All gateways.
#[derive(Default)]
pub struct Bank {
    /// By gateway.
    pub profiles: BTreeMap<String, &'static Profile>,
    /// By transaction.
    pub payments: BTreeMap<String, Payment>,
    /// In order.
    pub moves: Vec<Move>,
    /// What it will do: milliseconds from now.
    pub later: Vec<(i64, Later)>,
    records: Vec<Record>,
}

impl Bank {
    /// A request arrives that was sent at `sent_at`.
    pub fn ask(&mut self, ask: &Ask, sent_at: i64, now: i64, weather: &Weather, rng: &mut Rng) -> Tell {
        if ask.what == "query" {
            self.query(ask, now, weather, rng)
        } else {
            self.refund(ask, sent_at, now, weather, rng)
        }
    }

    fn query(&mut self, ask: &Ask, now: i64, weather: &Weather, rng: &mut Rng) -> Tell {
        let profile = self.profiles[&ask.gateway];
        let of = |record: &&Record| record.ask.key == ask.key && record.ask.payment == ask.payment;
        // What was paid is shown before what was not.
        let seen = self.records.iter().filter(of).filter(|record| record.visible_at <= now);
        let found = seen.max_by_key(|record| (record.standing == Standing::Success, record.made_at));
        match found {
            Some(record) if profile.may_deny && weather::gateway_denies(weather, rng) => {
                Tell { standing: Standing::NotFound, ..record.tell() }
            }
            Some(record) => record.tell(),
            None => nothing(ask),
        }
    }

    fn refund(&mut self, ask: &Ask, sent_at: i64, now: i64, weather: &Weather, rng: &mut Rng) -> Tell {
        let profile = self.profiles[&ask.gateway];
        if profile.idempotent
            && let Some(known) = self.known(ask, now)
        {
            let record = &self.records[known];
            if record.ask.amount_fen != ask.amount_fen {
                return Tell { standing: Standing::Refused, ..nothing(ask) };
            }
            let again = matches!(record.standing, Standing::Refused | Standing::Insufficient);
            if !again || profile.keeps_refusals || record.standing == Standing::Refused {
                return record.tell();
            }
        }
        if weather::gateway_limited(weather, rng) {
            return Tell { standing: Standing::Limited, ..nothing(ask) };
        }
        let payment = self.payments.get(&ask.payment).cloned();
        let payment =
            payment.unwrap_or(Payment { paid_fen: i64::MAX, short: false, contradicted: false, counts: false });
        let full = (payment.contradicted || payment.counts)
            && self.moved_or_moving(&ask.payment) + ask.amount_fen > payment.paid_fen;
        let standing = if full {
            Standing::Refused
        } else if payment.short && !ask.advance {
            tally::count("fault", "merchant_short");
            Standing::Insufficient
        } else if weather::gateway_refuses(weather, rng) {
            Standing::Refused
        } else if weather::gateway_processing(weather, rng) {
            Standing::Processing
        } else {
            Standing::Success
        };
        let latest = (sent_at + profile.semantics.settle_ms).max(now);
        let visible_at = if weather.slow > 0 { rng.range(now, latest) } else { now };
        let record = self.records.len();
        self.records.push(Record {
            ask: ask.clone(),
            standing,
            refund_no: format!("no-{record}"),
            made_at: now,
            visible_at,
            paid_at: None,
        });
        match standing {
            Standing::Success if !profile.may_deny && weather::gateway_says_failed(weather, rng) => {
                self.pay(record, now, true, weather, rng);
                return Tell { standing: Standing::Refused, at: None, ..self.records[record].tell() };
            }
            Standing::Success => self.pay(record, now, false, weather, rng),
            Standing::Processing => {
                let after = if rng.chance(800) { rng.range(200, 20_000) } else { rng.range(20_000, 7_200_000) };
                self.later.push((after, Later::Finish { record }));
            }
            Standing::Refused
                if !full && !profile.keeps_refusals && weather::gateway_refuses_and_pays(weather, rng) =>
            {
                // It says no, and pays: now or later. It notifies without fail.
                if let Some(payment) = self.payments.get_mut(&ask.payment) {
                    payment.contradicted = true;
                }
                self.later.push((rng.range(1, 60_000), Later::Finish { record }));
            }
            Standing::Refused | Standing::Insufficient => self.notify(record, false, weather, rng),
            _ => {}
        }
        self.records[record].tell()
    }

    /// Finishes what it took on, or refused.
    pub fn finish(&mut self, record: usize, now: i64, weather: &Weather, rng: &mut Rng) {
        let Record { standing, ask, .. } = self.records[record].clone();
        match standing {
            Standing::Processing if weather::gateway_fails_late(weather, rng) => {
                self.records[record].standing = Standing::Refused;
                self.notify(record, false, weather, rng);
            }
            Standing::Processing => self.pay(record, now, false, weather, rng),
            Standing::Refused => {
                let paid = self.payments.get(&ask.payment).map_or(i64::MAX, |payment| payment.paid_fen);
                if self.moved_or_moving(&ask.payment) + ask.amount_fen <= paid {
                    self.pay(record, now, true, weather, rng);
                }
            }
            _ => {}
        }
    }

    /// Somebody refunds at its console, if there is room. It notifies without fail.
    pub fn at_console(&mut self, n: usize, gateway: &str, payment: &str, amount_fen: i64, now: i64, rng: &mut Rng) {
        let paid_fen = self.payments.get(payment).map_or(0, |payment| payment.paid_fen);
        if self.moved_or_moving(payment) + amount_fen > paid_fen {
            return;
        }
        tally::count("fault", "refunded_at_console");
        self.payments.entry(payment.to_owned()).and_modify(|payment| payment.counts = true);
        let ask = Ask {
            what: "refund".to_owned(),
            gateway: gateway.to_owned(),
            key: format!("{AT_CONSOLE}{n}"),
            payment: payment.to_owned(),
            amount_fen,
            advance: false,
        };
        let (payment, key) = (payment.to_owned(), ask.key.clone());
        let refund_no = format!("no-{}", self.records.len());
        let standing = Standing::Success;
        self.records.push(Record { ask, standing, refund_no, made_at: now, visible_at: now, paid_at: Some(now) });
        self.moves.push(Move { at: now, payment, key, amount_fen, against_its_word: false, taken_back: false });
        let record = self.records.len() - 1;
        for after in [rng.range(1, 3_000), rng.range(1, 600_000)] {
            let tell = self.records[record].tell();
            let notify = Later::Notify { gateway: gateway.to_owned(), tell, certain: true, forged: false };
            self.later.push((after, notify));
        }
    }

    /// Takes back what it had paid, and says so in the end.
    pub fn reverse(&mut self, record: usize, weather: &Weather, rng: &mut Rng) {
        self.records[record].standing = Standing::Refused;
        let key = &self.records[record].ask.key;
        self.moves.iter_mut().filter(|moved| moved.key == *key).for_each(|moved| moved.taken_back = true);
        self.notify(record, true, weather, rng);
    }

    /// What this refund was answered under this key, while it is remembered.
    fn known(&self, ask: &Ask, now: i64) -> Option<usize> {
        let life = self.profiles[&ask.gateway].forgets_after_ms;
        self.records
            .iter()
            .rposition(|record| record.ask.key == ask.key && life.is_none_or(|life| now - record.made_at <= life))
    }

    fn moved_or_moving(&self, payment: &str) -> i64 {
        let live = |record: &&Record| matches!(record.standing, Standing::Success | Standing::Processing);
        let of = self.records.iter().filter(|record| record.ask.payment == payment).filter(live);
        of.map(|record| record.ask.amount_fen).sum()
    }

    fn pay(&mut self, record: usize, now: i64, against_its_word: bool, weather: &Weather, rng: &mut Rng) {
        let it = &mut self.records[record];
        it.standing = Standing::Success;
        it.paid_at = Some(now);
        self.moves.push(Move {
            at: now,
            payment: it.ask.payment.clone(),
            key: it.ask.key.clone(),
            amount_fen: it.ask.amount_fen,
            against_its_word,
            taken_back: false,
        });
        if weather::gateway_reverses(weather, rng) {
            let after = if rng.chance(500) { rng.range(1_000, 60_000) } else { rng.range(60_000, 7_200_000) };
            self.later.push((after, Later::Reverse { record }));
        }
        self.notify(record, against_its_word, weather, rng);
    }

    fn notify(&mut self, record: usize, certain: bool, weather: &Weather, rng: &mut Rng) {
        let record = &self.records[record];
        let gateway = &record.ask.gateway;
        let mut plan = |after: i64, tell: Tell, certain: bool| {
            self.later.push((after, Later::Notify { gateway: gateway.clone(), tell, certain, forged: false }));
        };
        if weather::notification_wrong_amount(weather, rng) {
            plan(rng.range(1, 5_000), Tell { amount_fen: record.ask.amount_fen + 1, ..record.tell() }, false);
        }
        if certain || !weather::notification_lost(weather, rng) {
            let late = weather::notification_late(weather, rng);
            let after = if late { rng.range(5_000, 600_000) } else { rng.range(1, 3_000) };
            plan(after, record.tell(), certain);
            if weather::notification_twice(weather, rng) {
                plan(after + rng.range(0, 30_000), record.tell(), false);
            }
        }
        if weather::notification_forged(weather, rng) {
            let tell = Tell { standing: rng.pick(&[Standing::Success, Standing::Refused]), ..record.tell() };
            let forged = Later::Notify { gateway: gateway.clone(), tell, certain: false, forged: true };
            self.later.push((rng.range(1, 60_000), forged));
        }
    }
}

impl Record {
    fn tell(&self) -> Tell {
        Tell {
            standing: self.standing,
            key: self.ask.key.clone(),
            payment: self.ask.payment.clone(),
            amount_fen: self.ask.amount_fen,
            refund_no: self.refund_no.clone(),
            at: self.paid_at,
        }
    }
}

fn nothing(ask: &Ask) -> Tell {
    Tell {
        standing: Standing::NotFound,
        key: ask.key.clone(),
        payment: ask.payment.clone(),
        amount_fen: ask.amount_fen,
        refund_no: String::new(),
        at: None,
    }
}
