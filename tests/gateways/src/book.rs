//! The books of one gateway: what it was asked for, and what it really paid.

use std::collections::BTreeMap;

use crate::fault::{self, Fault};

/// Payments by id.
#[derive(Clone, Debug, Default)]
pub struct Book {
    payments: BTreeMap<String, Payment>,
}

#[derive(Clone, Debug, Default)]
struct Payment {
    refunds: Vec<Refund>,
    /// How many refunds were asked for.
    asked: u32,
}

impl Payment {
    /// Its next refund, which is not among them yet.
    fn next(&self, payment: &str, key: &str, (amount, total): (i64, i64), status: Status, at: i64) -> Refund {
        let number = format!("re_{}_{}", payment.replace('.', "_"), self.refunds.len() + 1);
        Refund { key: key.to_owned(), payment: payment.to_owned(), amount, total, at, status, queries: 0, number }
    }
}

/// A refund that was asked for.
#[derive(Clone, Debug)]
pub struct Refund {
    pub key: String,
    pub payment: String,
    pub amount: i64,
    /// What was paid in all, as the request said.
    pub total: i64,
    pub at: i64,
    pub status: Status,
    pub queries: u32,
    /// The gateway's own number.
    pub number: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Paid,
    Processing,
    Closed,
}

/// What came of asking for a refund.
#[derive(Clone, Debug)]
pub enum Asked {
    /// It was done, now or before.
    Done { refund: Refund, again: bool },
    /// The same key with another amount.
    Mismatch,
    /// More than was paid.
    TooMuch,
}

/// How an answer goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Right,
    Lost,
    ProxyError,
    Spoilt(Fault),
}

/// What to do with a request, before and after the books.
#[derive(Clone, Debug)]
pub enum Course {
    /// Answered without touching the books.
    Before(Fault),
    /// Through the books, then out in this way.
    Through(Delivery),
}

impl Book {
    /// What the payment's fault does to its next request for a refund.
    pub fn course(&mut self, payment: &str, advance: bool) -> Course {
        let entry = self.payments.entry(payment.to_owned()).or_default();
        entry.asked += 1;
        let first = entry.asked == 1;
        match fault::of(payment) {
            Some(fault @ (Fault::DropBefore | Fault::ErrorBefore | Fault::Frequency | Fault::SystemError)) if first => {
                Course::Before(fault)
            }
            Some(fault @ (Fault::Refused | Fault::NotEnoughEver)) => Course::Before(fault),
            Some(Fault::NotEnough) if !advance => Course::Before(Fault::NotEnough),
            Some(Fault::MuteBefore) => Course::Before(Fault::DropBefore),
            Some(
                Fault::DropAfter
                | Fault::Mute
                | Fault::Hidden
                | Fault::Twice
                | Fault::QueryMalformed
                | Fault::QueryError,
            ) if first => Course::Through(Delivery::Lost),
            Some(Fault::ErrorAfter) if first => Course::Through(Delivery::ProxyError),
            Some(
                fault @ (Fault::Malformed
                | Fault::Truncated
                | Fault::WrongAmount
                | Fault::WrongRefund
                | Fault::BadSignature
                | Fault::Stale
                | Fault::UnknownSerial
                | Fault::Contradicts),
            ) if first => Course::Through(Delivery::Spoilt(fault)),
            _ => Course::Through(Delivery::Right),
        }
    }

    /// Somebody makes a refund at the console: our key is none of ours. The same again is the same.
    pub fn at_console(&mut self, payment: &str, amount: i64, now: i64) -> String {
        let key = format!("console-{}-{amount}", payment.replace('.', "-"));
        let entry = self.payments.entry(payment.to_owned()).or_default();
        if entry.refunds.iter().all(|refund| refund.key != key) {
            let refund = entry.next(payment, &key, (amount, fault::total(payment)), Status::Paid, now);
            entry.refunds.push(refund);
        }
        key
    }

    /// A refund is asked for.
    pub fn ask(&mut self, payment: &str, key: &str, amount: i64, total: i64, now: i64) -> Asked {
        let fault = fault::of(payment);
        let entry = self.payments.entry(payment.to_owned()).or_default();
        let known = entry.refunds.iter().find(|refund| refund.key == key);
        if let (Some(known), true) = (known, fault != Some(Fault::Twice)) {
            let same = known.amount == amount;
            return if same { Asked::Done { refund: known.clone(), again: true } } else { Asked::Mismatch };
        }
        let sum: i64 = entry.refunds.iter().filter(|r| r.status != Status::Closed).map(|r| r.amount).sum();
        if fault != Some(Fault::Twice) && sum.saturating_add(amount) > total {
            return Asked::TooMuch;
        }
        let status = match fault {
            Some(Fault::Processing | Fault::Closed) => Status::Processing,
            _ => Status::Paid,
        };
        let refund = entry.next(payment, key, (amount, total), status, now);
        entry.refunds.push(refund.clone());
        Asked::Done { refund, again: false }
    }

    /// A refund is asked after, by its key.
    pub fn find(&mut self, key: &str, now: i64) -> Option<Refund> {
        let refund = self.payments.values_mut().flat_map(|p| &mut p.refunds).find(|refund| refund.key == key)?;
        Self::look(refund, now)
    }

    /// All refunds of a payment that can be seen.
    pub fn list(&mut self, payment: &str, now: i64) -> Vec<Refund> {
        let refunds = self.payments.get_mut(payment).into_iter().flat_map(|p| &mut p.refunds);
        refunds.filter_map(|refund| Self::look(refund, now)).collect()
    }

    fn look(refund: &mut Refund, now: i64) -> Option<Refund> {
        refund.queries += 1;
        match fault::of(&refund.payment) {
            Some(Fault::Hidden) if now < refund.at + 3_000 => return None,
            Some(Fault::Processing) if refund.queries >= 2 => refund.status = Status::Paid,
            Some(Fault::Closed) if refund.queries >= 2 => refund.status = Status::Closed,
            _ if reverses(refund, now) => refund.status = Status::Closed,
            _ => {}
        }
        Some(refund.clone())
    }

    /// A refund without looking as a query does.
    pub fn peek(&self, key: &str, now: i64) -> Option<Refund> {
        let mut refund = self.payments.values().flat_map(|p| &p.refunds).find(|refund| refund.key == key)?.clone();
        if reverses(&refund, now) {
            refund.status = Status::Closed;
        }
        Some(refund)
    }

    /// Takes back what was paid under a key, or pays after all what was closed. Whether there is such a refund.
    pub fn turn(&mut self, key: &str, status: Status) -> bool {
        let mut refunds = self.payments.values_mut().flat_map(|p| &mut p.refunds).filter(|refund| refund.key == key);
        refunds.next().map(|refund| refund.status = status).is_some()
    }

    /// Whether a payment that it was asked for never gets an answer to a query: its keys are not known, so no key's is.
    pub fn is_mute(&self) -> bool {
        self.payments.keys().any(|payment| fault::of(payment) == Some(Fault::MuteBefore))
    }

    /// What was paid for a payment so far.
    pub fn sum(&self, payment: &str) -> i64 {
        let refunds = self.payments.get(payment).into_iter().flat_map(|p| &p.refunds);
        refunds.filter(|r| r.status == Status::Paid).map(|r| r.amount).sum()
    }

    /// What was really paid.
    pub fn paid(&self) -> BTreeMap<String, Vec<i64>> {
        let paid = |payment: &Payment| -> Vec<i64> {
            payment.refunds.iter().filter(|refund| refund.status == Status::Paid).map(|refund| refund.amount).collect()
        };
        self.payments
            .iter()
            .map(|(id, payment)| (id.clone(), paid(payment)))
            .filter(|(_, paid)| !paid.is_empty())
            .collect()
    }
}

/// Whether a payment's fault has taken a refund back by now.
fn reverses(refund: &Refund, now: i64) -> bool {
    fault::of(&refund.payment) == Some(Fault::Reverses) && now >= refund.at + 3_600_000
}
