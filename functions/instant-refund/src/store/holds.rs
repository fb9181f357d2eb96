//! Amounts held on accounts before money moves: who holds how much, and who gives way.
//!
//! A hold is taken by one statement that sums what is held already. It ends in one of two ways:
//! - **released**, when its refund is void or it has done its work: its row stays as a tombstone, so that a slow worker
//!   cannot hold afterwards;
//! - **given back**, when its refund has lost a race for another account: its row goes, so that it can be held again.
//!
//! A hold that was given back too late must not be the one of whoever has taken the refund over. So a row knows the
//! version of the refund that held it last: a worker takes a refund by saving it, so no two have the same version;
//! holding raises the row to the holder's version and never lowers it; and only that version can give it back. In any
//! order, then: a late holding of an older version changes nothing that a newer one holds; a late giving back finds
//! another version, or nothing; a late holding after a giving back holds for the refund, which its next holder finds
//! held, and which its end releases.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use shared::platform::{Sql, Statement, StorageError, Value};

use super::{Store, odd};
use crate::decision::{Account, Hold};

/// Holds amounts on accounts of one shard, each once a refund, and each if all that is held on it stays within its limit.
/// One that is held stays held; one that was released stays released: its row says so.
const HOLD: Statement = Statement {
    sql: "INSERT INTO hold (account, refund, amount_fen, limit_fen, at, version, sent_at)
          SELECT wanted.account, ?2, wanted.fen, wanted.most, ?3, ?4, CASE WHEN wanted.apart > 0 AND NOT EXISTS (
              SELECT 1 FROM hold AS other WHERE other.account = wanted.account AND other.refund <> ?2
              AND other.sent_at > ?3 - wanted.apart) THEN ?3 END
          FROM (SELECT json_extract(value, '$[0]') AS account, json_extract(value, '$[1]') AS fen,
                  json_extract(value, '$[2]') AS most, json_extract(value, '$[3]') AS pinned,
                  json_extract(value, '$[4]') AS apart
                FROM json_each(?1)) AS wanted
          WHERE EXISTS (SELECT 1 FROM hold AS held WHERE held.account = wanted.account AND held.refund = ?2) OR (
            (SELECT coalesce(sum(held.amount_fen), 0) FROM hold AS held
             WHERE held.account = wanted.account AND held.released_at IS NULL) + wanted.fen <= wanted.most
            AND NOT (wanted.pinned = 1 AND EXISTS (
                SELECT 1 FROM hold AS held WHERE held.account = wanted.account AND held.limit_fen <> wanted.most
                AND held.limit_fen >= 0 AND held.released_at IS NULL)))
          ON CONFLICT (account, refund) DO UPDATE SET version = max(version, ?4),
            sent_at = coalesce(excluded.sent_at, sent_at)
          RETURNING account, released_at, amount_fen, (SELECT count(*) FROM hold AS other
            WHERE other.account = hold.account AND other.refund <> ?2 AND other.doubt = 1),
            (SELECT coalesce(sum(other.amount_fen), 0) FROM hold AS other
            WHERE other.account = hold.account AND other.released_at IS NULL) > hold.limit_fen,
            sent_at, (SELECT max(other.sent_at) FROM hold AS other
            WHERE other.account = hold.account AND other.refund <> ?2), (SELECT count(*) FROM hold AS other
            WHERE other.account = hold.account AND other.rowid < hold.rowid AND other.released_at IS NULL),
            (SELECT count(*) FROM hold AS other WHERE other.account = hold.account AND other.open = 1)",
};

/// Gives back what this version of the refund holds.
const GIVE_BACK: Statement = Statement {
    sql: "DELETE FROM hold WHERE account = ?1 AND refund = ?2 AND version = ?3 AND released_at IS NULL
          RETURNING account",
};

/// Releases, and keeps a slow holder from holding afterwards: its row is there, released. Not what a newer version of the
/// refund has held again meanwhile: whoever releases may be slow as well.
const RELEASE: Statement = Statement {
    sql: "INSERT INTO hold (account, refund, amount_fen, limit_fen, at, released_at, doubt, version)
          VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?7, ?6)
          ON CONFLICT (account, refund) DO UPDATE SET released_at = coalesce(released_at, ?5), doubt = ?7
          WHERE hold.version <= ?6
          RETURNING released_at",
};

/// Holds again what was released, whatever the limit: the money has moved.
const REINSTATE: Statement = Statement {
    sql: "INSERT INTO hold (account, refund, amount_fen, limit_fen, at, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
          ON CONFLICT (account, refund) DO UPDATE SET released_at = NULL, doubt = 0, version = max(version, ?6)
          RETURNING at",
};

/// Gives an account another limit: what was told of it was wrong.
const CORRECT: Statement = Statement {
    sql: "UPDATE hold SET limit_fen = ?2 WHERE account = ?1 AND limit_fen <> ?2 AND limit_fen >= 0 RETURNING at",
};

/// Which released rows of an account are in doubt.
const DOUBTED: Statement = Statement {
    sql: "SELECT refund FROM hold WHERE account = ?1 AND refund <> ?2 AND doubt = 1 ORDER BY at DESC, refund LIMIT ?3",
};

/// Who else holds on an account, the latest first; with each, the sum of all, and how many of all have another limit.
const OTHERS: Statement = Statement {
    sql: "SELECT refund, amount_fen, limit_fen,
            (SELECT sum(amount_fen) FROM hold WHERE account = ?1 AND refund <> ?2 AND released_at IS NULL),
            (SELECT count(*) FROM hold
             WHERE account = ?1 AND refund <> ?2 AND released_at IS NULL AND limit_fen <> ?3
             AND limit_fen >= 0)
          FROM hold WHERE account = ?1 AND refund <> ?2 AND released_at IS NULL
          ORDER BY at DESC, refund LIMIT ?4",
};

/// The most other holders that are looked at; those before them took their places long ago.
const MOST_OTHERS: i64 = 32;

/// What became of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is held.
    Yes,
    /// What is held on the account leaves no room, or was held under another limit.
    Full,
    /// It holds another amount for this refund already: this one is not held.
    Otherwise,
    /// It was released: the refund was voided by then.
    Released,
}

/// Whether a payment's gateway may be asked now, as far as its own limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whether nobody else was about to send for it so shortly before: then it is ours to send now, and others wait.
    pub is_ours: bool,
    /// When somebody else was last about to.
    pub last_other: Option<i64>,
    /// How many refunds of it hold room, and did before this one.
    pub before: i64,
}

/// What became of several holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Of each, in their order.
    pub held: Vec<Held>,
    /// Whether room on one of the accounts was released by a refund that may have been paid all the same, or is taken twice.
    pub in_doubt: bool,
    /// Whether a dispute of the payment is open.
    pub disputed: bool,
    /// Of the hold on the payment, if it was among them and is held.
    pub turn: Option<Turn>,
}

/// A hold as its statement takes it: account, amount, limit, whether that is pinned, how far apart sends are.
type Wanted = (String, i64, i64, i64, i64);

/// Who else holds on an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// What all others hold together, fen.
    pub sum_fen: i64,
    /// How many of all others hold under another limit.
    pub of_other_limit: i64,
    /// The latest of them: the refund, its amount in fen, and whether it holds under another limit.
    pub latest: Vec<(String, i64, bool)>,
}

impl<H: Sql> Store<'_, H> {
    /// Holds amounts, for this version of the refund: what became of each. One call a shard, all at once. Two refunds of one
    /// payment are sent `apart` milliseconds apart; 0: as they come.
    ///
    /// # Errors
    /// [`StorageError`]: they may be held, or not; holding again is safe.
    pub async fn hold_all(
        &self,
        holds: &[&Hold],
        refund: &str,
        version: i64,
        apart: i64,
        now: i64,
    ) -> Result<Holding, StorageError> {
        let mut shards: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
        for hold in holds {
            let apart = if matches!(hold.account, Account::Payment { .. }) { apart } else { 0 };
            let wanted = (hold.account.name(), hold.amount_fen, hold.limit_fen, i64::from(hold.pinned), apart);
            shards.entry(hold.account.shard()).or_default().push(wanted);
        }
        let calls = shards.iter().map(async |(shard, wanted)| {
            let wanted = serde_json::to_string(wanted).map_err(|_| odd())?;
            let params: [Value; 4] = [Value::Text(wanted), refund.into(), now.into(), version.into()];
            self.host.query(shard, &HOLD, &params).await
        });
        let mut found: BTreeMap<String, (bool, Option<i64>)> = BTreeMap::new();
        let (mut in_doubt, mut disputed) = (false, false);
        let mut turn = None;
        let payment = holds.iter().find(|hold| matches!(hold.account, Account::Payment { .. }));
        let payment = payment.map(|hold| hold.account.name());
        let bounded: Vec<String> =
            holds.iter().filter(|hold| hold.account.is_bounded()).map(|hold| hold.account.name()).collect();
        for rows in join_all(calls).await {
            for row in rows? {
                let account = row.text(0).ok_or_else(odd)?.to_owned();
                // What was held before may be over its limit by now: money that has moved is held again whatever the limit.
                let over = row.integer(4) == Some(1) && bounded.contains(&account);
                if payment.as_ref() == Some(&account) {
                    let is_ours = apart == 0 || row.integer(5) == Some(now);
                    turn = Some(Turn { is_ours, last_other: row.integer(6), before: row.integer(7).unwrap_or(0) });
                }
                disputed |= row.integer(8).is_some_and(|open| open > 0);
                in_doubt |= row.integer(3).is_some_and(|others| others > 0) || over;
                found.insert(account, (row.integer(1).is_some(), row.integer(2)));
            }
        }
        let held = |hold: &&Hold| match found.get(&hold.account.name()) {
            None => Held::Full,
            Some((true, _)) => Held::Released,
            Some((false, amount)) if *amount == Some(hold.amount_fen) => Held::Yes,
            Some(_) => Held::Otherwise,
        };
        Ok(Holding { held: holds.iter().map(held).collect(), in_doubt, disputed, turn })
    }

    /// Gives back what this version of the refund holds, and nothing else.
    ///
    /// # Errors
    /// [`StorageError`]; giving back again is safe.
    pub async fn give_back(&self, hold: &Hold, refund: &str, version: i64) -> Result<(), StorageError> {
        let account = hold.account.name();
        let params: [Value; 3] = [account.as_str().into(), refund.into(), version.into()];
        self.host.query(&hold.account.shard(), &GIVE_BACK, &params).await.map(drop)
    }

    /// Under which names refunds released room on an account that may have been paid all the same.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn doubted(&self, hold: &Hold, refund: &str) -> Result<Vec<String>, StorageError> {
        let account = hold.account.name();
        let params: [Value; 3] = [account.as_str().into(), refund.into(), MOST_OTHERS.into()];
        let rows = self.host.query(&hold.account.shard(), &DOUBTED, &params).await?;
        Ok(rows.iter().filter_map(|row| row.text(0).map(str::to_owned)).collect())
    }

    /// Who else holds on the account of a hold.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn others(&self, hold: &Hold, refund: &str) -> Result<Others, StorageError> {
        let account = hold.account.name();
        let params: [Value; 4] = [account.as_str().into(), refund.into(), hold.limit_fen.into(), MOST_OTHERS.into()];
        let rows = self.host.query(&hold.account.shard(), &OTHERS, &params).await?;
        let Some(first) = rows.first() else { return Ok(Others::default()) };
        let latest = rows.iter().map(|row| {
            let (refund, amount_fen, limit_fen) = (row.text(0)?.to_owned(), row.integer(1)?, row.integer(2)?);
            Some((refund, amount_fen, limit_fen != hold.limit_fen))
        });
        let read = || {
            Some(Others {
                sum_fen: first.integer(3)?,
                of_other_limit: first.integer(4)?,
                latest: latest.collect::<Option<_>>()?,
            })
        };
        read().ok_or_else(odd)
    }

    /// Releases an amount, whether it is held or not. `in_doubt`: it may have been paid all the same.
    ///
    /// # Errors
    /// [`StorageError`]; releasing again is safe.
    pub async fn release(
        &self,
        hold: &Hold,
        (refund, version): (&str, i64),
        in_doubt: bool,
        now: i64,
    ) -> Result<(), StorageError> {
        let doubt: Value = i64::from(in_doubt && hold.account.is_of_payment()).into();
        self.rehold(&RELEASE, hold, (refund, version), now, &[doubt]).await
    }

    /// Holds an amount again that was released.
    ///
    /// # Errors
    /// [`StorageError`]; reinstating again is safe.
    pub async fn reinstate(&self, hold: &Hold, of: (&str, i64), now: i64) -> Result<(), StorageError> {
        self.rehold(&REINSTATE, hold, of, now, &[]).await
    }

    /// Gives the account of a hold its limit, whoever holds on it.
    ///
    /// # Errors
    /// [`StorageError`]; correcting again is safe.
    pub async fn correct(&self, hold: &Hold) -> Result<(), StorageError> {
        let account = hold.account.name();
        let params: [Value; 2] = [account.as_str().into(), hold.limit_fen.into()];
        self.host.query(&hold.account.shard(), &CORRECT, &params).await.map(drop)
    }

    async fn rehold(
        &self,
        how: &Statement,
        hold: &Hold,
        (refund, version): (&str, i64),
        now: i64,
        more: &[Value],
    ) -> Result<(), StorageError> {
        let account = hold.account.name();
        let (fen, limit_fen) = (hold.amount_fen.into(), hold.limit_fen.into());
        let params: [Value; 6] = [account.as_str().into(), refund.into(), fen, limit_fen, now.into(), version.into()];
        let params = [&params, more].concat();
        self.host.query(&hold.account.shard(), how, &params).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use shared::platform::native::{Native, block_on};

    use super::*;
    use crate::store::SCHEMA;

    /// A worker that stood still before it released comes after another that held again: the money has moved meanwhile.
    #[test]
    fn a_slow_release_takes_nothing_that_was_held_again() {
        let host = Native::new(SCHEMA).unwrap();
        let store = Store { host: &host };
        let account = Account::Payment { payment: "wechat:1".into() };
        let hold = Hold { account, amount_fen: 5, limit_fen: 5, pinned: true };
        let is_held = |by: &str| block_on(store.hold_all(&[&hold], by, 1, 0, 9)).unwrap().held == [Held::Yes];
        assert!(is_held("rf_a"));
        block_on(store.release(&hold, ("rf_a", 3), true, 10)).unwrap();
        block_on(store.reinstate(&hold, ("rf_a", 7), 11)).unwrap();
        block_on(store.release(&hold, ("rf_a", 3), true, 12)).unwrap();
        assert!(!is_held("rf_b"), "its room is not given to others");
        block_on(store.release(&hold, ("rf_a", 8), false, 13)).unwrap();
        assert!(is_held("rf_b"));
    }
}
