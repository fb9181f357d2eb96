//! This function's tables and statements, each one atomic by itself, and what they mean in Rust.
//!
//! Every transition of a refund is one compare-and-set on its version. The ledger is written by a trigger of that same
//! statement, so a state and its booking cannot come apart; an entry's name is part of the ledger's key, so a payment
//! that was booked cannot be booked again. An amount is held by one statement that sums what is held already.

mod due;
mod holds;
mod listing;
mod outside;

use shared::platform::{Row, Schema, Sql, Statement, Step, StorageError, Value};
use shared::policy;

use crate::postings::Line;
use crate::refund::document::{self, Unreadable};
use crate::refund::{Refund, SHARDS, shard_of};

pub use holds::{Held, Holding, Others, Turn};
pub use listing::{Sought, Whose};
pub use outside::{Entry, Outside, PaymentRows, Standing};

/// The tables, step by step (`shared::platform::Schema` says how to add one).
pub const SCHEMA: Schema =
    Schema::new(&[TABLES, HOLD_VERSION, POLICIES, TOLD, DOUBT, SENT_AT, listing::LISTED, outside::OUTSIDE]);

const TABLES: Step = Step {
    number: 1,
    statements: &[
        "CREATE TABLE IF NOT EXISTS refund (
            id TEXT PRIMARY KEY,
            shard INTEGER NOT NULL,
            version INTEGER NOT NULL,
            state TEXT NOT NULL,
            due_at INTEGER,
            holder TEXT NOT NULL,
            held_until INTEGER NOT NULL,
            fingerprint TEXT NOT NULL,
            changed_at INTEGER NOT NULL,
            document TEXT NOT NULL,
            postings TEXT NOT NULL
        )",
        "CREATE INDEX IF NOT EXISTS refund_due ON refund (shard, due_at) WHERE due_at IS NOT NULL",
        "CREATE TABLE IF NOT EXISTS ledger (
            refund TEXT NOT NULL,
            entry TEXT NOT NULL,
            line INTEGER NOT NULL,
            shard INTEGER NOT NULL,
            at INTEGER NOT NULL,
            account TEXT NOT NULL,
            leg TEXT NOT NULL,
            payer TEXT NOT NULL,
            debit_fen INTEGER NOT NULL CHECK (debit_fen >= 0),
            credit_fen INTEGER NOT NULL CHECK (credit_fen >= 0),
            PRIMARY KEY (refund, entry, line)
        )",
        "CREATE TRIGGER IF NOT EXISTS refund_posts AFTER UPDATE OF postings ON refund WHEN NEW.postings <> '[]' BEGIN
            INSERT INTO ledger (refund, entry, line, shard, at, account, leg, payer, debit_fen, credit_fen)
            SELECT NEW.id, json_extract(value, '$.entry'), key, NEW.shard, NEW.changed_at,
                json_extract(value, '$.account'), json_extract(value, '$.leg'), json_extract(value, '$.payer'),
                json_extract(value, '$.debit_fen'), json_extract(value, '$.credit_fen')
            FROM json_each(NEW.postings);
         END",
        "CREATE TRIGGER IF NOT EXISTS ledger_stays BEFORE UPDATE ON ledger BEGIN
            SELECT RAISE(ABORT, 'the ledger is append-only');
         END",
        "CREATE TABLE IF NOT EXISTS hold (
            account TEXT NOT NULL,
            refund TEXT NOT NULL,
            amount_fen INTEGER NOT NULL,
            limit_fen INTEGER NOT NULL,
            at INTEGER NOT NULL,
            released_at INTEGER,
            PRIMARY KEY (account, refund)
        )",
        "CREATE TABLE IF NOT EXISTS breaker (
            gateway TEXT PRIMARY KEY,
            failures INTEGER NOT NULL,
            open_until INTEGER NOT NULL
        )",
    ],
};

/// Which version of the refund holds: who may give it back.
const HOLD_VERSION: Step =
    Step { number: 2, statements: &["ALTER TABLE hold ADD COLUMN version INTEGER NOT NULL DEFAULT 0"] };

/// What was adopted of policy packs.
const POLICIES: Step = Step { number: 3, statements: policy::store::TABLES };

/// What was told of them.
const TOLD: Step = Step { number: 4, statements: policy::store::TOLD };

/// Whether what was released may have been paid all the same: its gateway refused it, or took it back.
const DOUBT: Step = Step { number: 5, statements: &["ALTER TABLE hold ADD COLUMN doubt INTEGER NOT NULL DEFAULT 0"] };

/// When a refund of a payment was last about to be sent: gateways take one of a payment only so often.
const SENT_AT: Step = Step { number: 6, statements: &["ALTER TABLE hold ADD COLUMN sent_at INTEGER"] };

/// Makes the intent, or finds it made. Whoever reads its own name as the holder of version 1 has made it.
const INSERT: Statement = Statement {
    sql: "INSERT INTO refund
            (id, shard, version, state, due_at, holder, held_until, fingerprint, changed_at, document, postings)
          VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, '[]')
          ON CONFLICT (id) DO UPDATE SET id = id
          RETURNING version, holder, held_until, due_at, fingerprint, document",
};

const LOAD: Statement =
    Statement { sql: "SELECT version, holder, held_until, due_at, fingerprint, document FROM refund WHERE id = ?1" };

/// One transition.
const SAVE: Statement = Statement {
    sql: "UPDATE refund SET version = version + 1, state = ?3, due_at = ?4, holder = ?5, held_until = ?6,
            changed_at = ?7, document = ?8, postings = ?9
          WHERE id = ?1 AND version = ?2
          RETURNING version",
};

const DUE: Statement = Statement {
    sql: "SELECT id FROM refund WHERE shard = ?1 AND due_at IS NOT NULL AND due_at <= ?2 ORDER BY due_at, id LIMIT ?3",
};

const POSTPONE: Statement =
    Statement { sql: "UPDATE refund SET due_at = ?3 WHERE id = ?1 AND due_at <= ?2 AND held_until <= ?2 RETURNING id" };

const BREAKER: Statement = Statement { sql: "SELECT failures, open_until FROM breaker WHERE gateway = ?1" };

const BREAKER_FAILED: Statement = Statement {
    sql: "INSERT INTO breaker (gateway, failures, open_until) VALUES (?1, 1, 0)
          ON CONFLICT (gateway) DO UPDATE SET failures = failures + 1,
            open_until = CASE WHEN failures + 1 >= ?2 THEN ?3 ELSE open_until END
          RETURNING failures",
};

const BREAKER_WELL: Statement =
    Statement { sql: "UPDATE breaker SET failures = 0, open_until = 0 WHERE gateway = ?1 RETURNING failures" };

const LEDGER: Statement = Statement {
    sql: "SELECT refund, entry, line, at, account, leg, payer, debit_fen, credit_fen FROM ledger
          WHERE shard = ?1 AND (refund, entry, line) > (?2, ?3, ?4) ORDER BY refund, entry, line LIMIT ?5",
};

const REFUNDS: Statement =
    Statement { sql: "SELECT document FROM refund WHERE shard = ?1 AND id > ?2 ORDER BY id LIMIT ?3" };

/// A refund as it was read, with what a transition must compare.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The document.
    pub refund: Refund,
    /// Its version, from 1.
    pub version: i64,
    /// Who may send for it.
    pub holder: String,
    /// Until when.
    pub held_until: i64,
    /// When it is to be looked after.
    pub due_at: Option<i64>,
    /// Fingerprint of the request that made it.
    pub fingerprint: String,
}

/// When a refund is to be looked after again, and by whom until then.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    /// When; `None`: never.
    pub due_at: Option<i64>,
    /// Who may send for it; empty: anyone may take it.
    pub holder: &'a str,
    /// Until when.
    pub held_until: i64,
}

/// The circuit breaker of a gateway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    /// Failures in a row.
    pub failures: i64,
    /// Nothing is sent before this instant.
    pub open_until: i64,
}

/// The statements, on a host.
pub struct Store<'a, H> {
    /// The host.
    pub host: &'a H,
}

impl<H: Sql> Store<'_, H> {
    /// Makes the intent unless it is there; either way, what is there.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn insert(
        &self,
        refund: &Refund,
        fingerprint: &str,
        watch: Watch<'_>,
        now: i64,
    ) -> Result<Stored, StorageError> {
        let params: [Value; 9] = [
            refund.id.as_str().into(),
            i64::from(shard_of(&refund.id)).into(),
            refund.state.name().into(),
            watch.due_at.map_or(Value::Null, Value::Integer),
            watch.holder.into(),
            watch.held_until.into(),
            fingerprint.into(),
            now.into(),
            Value::Text(document(refund)?),
        ];
        let rows = self.host.query(&shard(&refund.id), &INSERT, &params).await?;
        stored(rows.first().ok_or_else(odd)?)
    }

    /// A refund, if there is one of this id.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn load(&self, id: &str) -> Result<Option<Stored>, StorageError> {
        let rows = self.host.query(&shard(id), &LOAD, &[id.into()]).await?;
        rows.first().map(stored).transpose()
    }

    /// One transition: saves the document and books its lines if nobody else came first. Whether it did; then
    /// `stored` is what is there.
    ///
    /// # Errors
    /// [`StorageError`]: it may have been saved, or not.
    pub async fn save(
        &self,
        stored: &mut Stored,
        next: Refund,
        watch: Watch<'_>,
        postings: &[Line],
        now: i64,
    ) -> Result<bool, StorageError> {
        let lines = serde_json::to_string(postings).map_err(|_| odd())?;
        let params: [Value; 9] = [
            next.id.as_str().into(),
            stored.version.into(),
            next.state.name().into(),
            watch.due_at.map_or(Value::Null, Value::Integer),
            watch.holder.into(),
            watch.held_until.into(),
            now.into(),
            Value::Text(document(&next)?),
            Value::Text(lines),
        ];
        let rows = self.host.query(&shard(&next.id), &SAVE, &params).await?;
        let Some(version) = rows.first().and_then(|row| row.integer(0)) else { return Ok(false) };
        *stored = Stored {
            refund: next,
            version,
            holder: watch.holder.to_owned(),
            held_until: watch.held_until,
            due_at: watch.due_at,
            fingerprint: std::mem::take(&mut stored.fingerprint),
        };
        Ok(true)
    }

    /// Ids of refunds that are due, the longest due first.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn due(&self, shard: u8, now: i64, most: i64) -> Result<Vec<String>, StorageError> {
        self.ids(shard, &DUE, vec![i64::from(shard).into(), now.into(), most.into()]).await
    }

    /// Ids that a statement finds in a shard.
    async fn ids(&self, shard: u8, statement: &Statement, params: Vec<Value>) -> Result<Vec<String>, StorageError> {
        let rows = self.host.query(&shard_name(shard), statement, &params).await?;
        Ok(rows.iter().filter_map(|row| row.text(0).map(str::to_owned)).collect())
    }

    /// Lets one that is due wait, whoever cannot be looked after now: else those that can never be would come first for
    /// good. It is no transition: what the refund is has not changed.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn postpone(&self, id: &str, now: i64, until: i64) -> Result<(), StorageError> {
        let params: [Value; 3] = [id.into(), now.into(), until.into()];
        self.host.query(&shard(id), &POSTPONE, &params).await.map(drop)
    }

    /// The circuit breaker of a gateway.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn breaker(&self, gateway: &str) -> Result<Breaker, StorageError> {
        let rows = self.host.query(&breaker_shard(gateway), &BREAKER, &[gateway.into()]).await?;
        let integer = |column| rows.first().and_then(|row| row.integer(column)).unwrap_or(0);
        Ok(Breaker { failures: integer(0), open_until: integer(1) })
    }

    /// Counts a failure; from `most` in a row on, the breaker opens until `until`.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn breaker_failed(&self, gateway: &str, most: i64, until: i64) -> Result<(), StorageError> {
        let params: [Value; 3] = [gateway.into(), most.into(), until.into()];
        self.host.query(&breaker_shard(gateway), &BREAKER_FAILED, &params).await.map(drop)
    }

    /// Closes the breaker.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn breaker_well(&self, gateway: &str) -> Result<(), StorageError> {
        self.host.query(&breaker_shard(gateway), &BREAKER_WELL, &[gateway.into()]).await.map(drop)
    }

    /// Ledger lines of a shard behind a position, at most `most`.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn ledger(&self, shard: u8, after: (&str, &str, i64), most: i64) -> Result<Vec<Row>, StorageError> {
        let params: [Value; 5] = [i64::from(shard).into(), after.0.into(), after.1.into(), after.2.into(), most.into()];
        self.host.query(&shard_name(shard), &LEDGER, &params).await
    }

    /// Refunds of a shard behind an id, at most `most`.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn refunds(&self, shard: u8, after: &str, most: i64) -> Result<Vec<Refund>, StorageError> {
        let params: [Value; 3] = [i64::from(shard).into(), after.into(), most.into()];
        let rows = self.host.query(&shard_name(shard), &REFUNDS, &params).await?;
        rows.iter().map(|row| read(row.text(0))).collect()
    }
}

fn shard(id: &str) -> String {
    shard_name(shard_of(id))
}

/// The name of a shard of refunds.
pub fn shard_name(number: u8) -> String {
    format!("refund/{number}")
}

/// The number of a shard of refunds, by its name.
pub fn shard_number(name: &str) -> Option<u8> {
    name.strip_prefix("refund/")?.parse().ok().filter(|number| *number < SHARDS)
}

fn breaker_shard(gateway: &str) -> String {
    format!("gateway/{gateway}")
}

fn document(refund: &Refund) -> Result<String, StorageError> {
    document::write(refund).ok_or_else(odd)
}

fn read(document: Option<&str>) -> Result<Refund, StorageError> {
    document::read(document.ok_or_else(odd)?).map_err(|why| match why {
        Unreadable::Newer(found) => StorageError::newer(found, document::VERSION),
        Unreadable::Malformed => odd(),
    })
}

fn stored(row: &Row) -> Result<Stored, StorageError> {
    let refund = read(row.text(5))?;
    let read = || {
        Some(Stored {
            version: row.integer(0)?,
            holder: row.text(1)?.to_owned(),
            held_until: row.integer(2)?,
            due_at: row.integer(3),
            fingerprint: row.text(4)?.to_owned(),
            refund,
        })
    };
    read().ok_or_else(odd)
}

fn odd() -> StorageError {
    StorageError::sql("a row has another shape")
}
