//! What happens to a payment outside of us: refunds made at its gateway's console, and disputes.
//!
//! Each is a row of the payment's account, under a name that no refund has, so that the statement which holds counts it with
//! the rest. What is counted is held like any refund; a dispute that is open holds nothing, and the statement that holds says
//! that there is one. The newest that was said of each counts, whatever comes first; said again, it changes nothing.

use shared::platform::{Row, Sql, Statement, Step, StorageError, Value};

use super::{Store, odd};
use crate::decision::Account;

/// Whether a row is a dispute that is open.
pub(super) const OUTSIDE: Step =
    Step { number: 8, statements: &["ALTER TABLE hold ADD COLUMN open INTEGER NOT NULL DEFAULT 0"] };

/// Limit -1: it was told by nobody who knows what was paid. Of two that were said for one instant, an end counts.
const NOTE: Statement = Statement {
    sql: "INSERT INTO hold (account, refund, amount_fen, limit_fen, at, released_at, open)
          VALUES (?1, ?2, ?3, -1, ?4, CASE WHEN ?5 = 0 THEN NULL ELSE ?4 END, ?5 = 1)
          ON CONFLICT (account, refund) DO UPDATE SET amount_fen = excluded.amount_fen, at = excluded.at,
            released_at = excluded.released_at, open = excluded.open
          WHERE excluded.at > hold.at OR (excluded.at = hold.at AND excluded.open <= hold.open)
          RETURNING at",
};

const OF_PAYMENT: Statement = Statement {
    sql: "SELECT refund, amount_fen, limit_fen, at, released_at IS NULL, open FROM hold
          WHERE account = ?1 AND (released_at IS NULL OR limit_fen < 0) ORDER BY at, refund LIMIT ?2",
};

/// The most rows of one payment that are shown: gateways take 50 refunds of one.
const MOST: i64 = 500;

/// What something outside is, and how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A refund that was made, or is on its way: it counts.
    Refunded,
    /// One that failed: it does not.
    Failed,
    /// A dispute: while it is open, nothing is refunded.
    Open,
    /// The buyer's bank has decided for the merchant: as if it had not been.
    Won,
    /// And for the buyer, who has the money: it counts.
    Lost,
}

impl Standing {
    /// Whether it is of a dispute, not of a refund.
    pub const fn is_of_dispute(self) -> bool {
        matches!(self, Standing::Open | Standing::Won | Standing::Lost)
    }
}

/// Something that happened to a payment outside of us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The gateway's own number of it.
    pub number: String,
    /// How much, fen.
    pub amount_fen: i64,
    /// Since when it stands so, milliseconds since the epoch.
    pub at: i64,
    /// How it stands.
    pub standing: Standing,
}

/// One row of a payment's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// What a refund of ours holds: under its name, and fen.
    Held(String, i64),
    /// Something outside.
    Outside(Outside),
}

/// What is known of a payment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentRows {
    /// Its rows, the oldest first.
    pub entries: Vec<Entry>,
    /// What was paid in all, fen, as our refunds were told; `None`: none has held on it.
    pub paid_fen: Option<i64>,
    /// What is held on it or counted, fen.
    pub held_fen: i64,
}

impl<H: Sql> Store<'_, H> {
    /// Notes what happened to a payment outside, unless something newer is known of it.
    ///
    /// # Errors
    /// [`StorageError`]; noting it again is safe.
    pub async fn note(&self, payment: &Account, outside: &Outside) -> Result<(), StorageError> {
        let kind = if outside.standing.is_of_dispute() { "dispute" } else { "outside" };
        let how: i64 = match outside.standing {
            Standing::Refunded | Standing::Lost => 0,
            Standing::Open => 1,
            Standing::Failed | Standing::Won => 2,
        };
        let name = format!("{kind}/{}", outside.number);
        let params: [Value; 5] = [
            payment.name().as_str().into(),
            name.as_str().into(),
            outside.amount_fen.into(),
            outside.at.into(),
            how.into(),
        ];
        self.host.query(&payment.shard(), &NOTE, &params).await.map(drop)
    }

    /// What is held on a payment, and what happened to it outside.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn payment(&self, payment: &Account) -> Result<PaymentRows, StorageError> {
        let params: [Value; 2] = [payment.name().as_str().into(), MOST.into()];
        let rows = self.host.query(&payment.shard(), &OF_PAYMENT, &params).await?;
        let mut known = PaymentRows::default();
        for row in &rows {
            let entry = entry(row, &mut known).ok_or_else(odd)?;
            known.entries.push(entry);
        }
        Ok(known)
    }
}

fn entry(row: &Row, known: &mut PaymentRows) -> Option<Entry> {
    let (name, amount_fen, limit_fen, at) = (row.text(0)?, row.integer(1)?, row.integer(2)?, row.integer(3)?);
    let (counts, open) = (row.integer(4)? == 1, row.integer(5)? == 1);
    if counts {
        known.held_fen = known.held_fen.saturating_add(amount_fen);
    }
    let outside =
        |number: &str, standing| Entry::Outside(Outside { number: number.to_owned(), amount_fen, at, standing });
    if let Some(number) = name.strip_prefix("outside/") {
        return Some(outside(number, if counts { Standing::Refunded } else { Standing::Failed }));
    }
    if let Some(number) = name.strip_prefix("dispute/") {
        let ended = if counts { Standing::Lost } else { Standing::Won };
        return Some(outside(number, if open { Standing::Open } else { ended }));
    }
    known.paid_fen = known.paid_fen.max(Some(limit_fen));
    Some(Entry::Held(name.to_owned(), amount_fen))
}

#[cfg(test)]
#[path = "outside/tests.rs"]
mod tests;
