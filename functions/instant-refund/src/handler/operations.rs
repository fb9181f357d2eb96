//! What operators and schedulers call: resume one refund, sweep what is due, export the ledger.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use shared::function::Failure;
use shared::http::{Body, JSON, Response};
use shared::jcs::MAX_INTEGER;
use shared::platform::Host;
use shared::problem::{BAD_REQUEST, Problem, text};

use super::{Call, sweep};
use crate::auth::Scope;
use crate::case::Case;
use crate::decision::Decision;
use crate::issue::Notice;
use crate::refund::{Refund, SHARDS, State};

/// The most ledger lines in one answer.
const LINES: i64 = 500;
/// The most refunds in one answer: each may have 50 KB of facts.
const REFUNDS: i64 = 50;

#[derive(Serialize)]
struct LedgerPage {
    lines: Vec<LedgerLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
struct LedgerLine {
    refund: String,
    entry: String,
    line: i64,
    at: i64,
    account: String,
    leg: String,
    payer: String,
    debit_fen: i64,
    credit_fen: i64,
}

/// A page of `GET /v1/refunds/decisions`.
#[derive(Serialize, Deserialize)]
pub struct DecisionPage {
    /// Refunds of one shard, by id.
    pub decisions: Vec<DecidedRefund>,
    /// Where the next page begins; absent of the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A refund: what is known of the case by now, and what was decided last.
#[derive(Serialize, Deserialize)]
pub struct DecidedRefund {
    /// Its id.
    pub refund: String,
    /// Its state.
    pub state: State,
    /// When it was decided, milliseconds since the epoch.
    pub decided_at: i64,
    /// The case.
    pub case: Case,
    /// The decision; it names its policy.
    pub decision: Decision,
}

pub(super) fn bad_position() -> Problem {
    let detail = text("after 应取自上一页的 next。", "after must be the next of the page before.");
    Problem::new(&BAD_REQUEST, detail.clone()).field("/query/after", "bad-position", detail)
}

/// Where a page of the ledger begins: behind a line of a shard, or at a shard's first.
struct Position<'a> {
    shard: u8,
    line: i64,
    refund: &'a str,
    entry: &'a str,
}

impl Position<'_> {
    /// `shard`, or `shard/line/refund/entry`; nothing is the beginning.
    fn parse(text: &str) -> Option<Position<'_>> {
        let (shard, rest) = text.split_once('/').map_or((text, None), |(shard, rest)| (shard, Some(rest)));
        let shard = if text.is_empty() { 0 } else { shard.parse().ok().filter(|shard| *shard < SHARDS)? };
        let Some(rest) = rest else { return Some(Position { shard, line: -1, refund: "", entry: "" }) };
        let (line, rest) = rest.split_once('/')?;
        let (refund, entry) = rest.split_once('/')?;
        // Numbers cross JavaScript.
        let line = line.parse().ok().filter(|line: &i64| *line >= -1 && line.unsigned_abs() <= MAX_INTEGER)?;
        Some(Position { shard, line, refund, entry })
    }
}

impl<H: Host> Call<'_, H> {
    pub(super) async fn resume(&self, id: &str, body: impl Body) -> Result<Response, Failure> {
        let headers = self.host.headers();
        let bytes = self.read_body(&headers, body, 1024).await?;
        self.authenticate(&headers, (!bytes.is_empty()).then_some(&bytes), Scope::Operations, None)?;
        let (stored, pack) = self.find(id).await?;
        if stored.refund.state.is_final() && stored.due_at.is_none() {
            return Ok(self.show(&stored.refund, &pack));
        }
        let tell = |told: Notice<'_>| self.tell(told);
        let stored = self.issuer(&pack, &stored.refund, &tell).resume(stored).await?;
        Ok(self.show(&stored.refund, &pack))
    }

    pub(super) async fn swept(&self, body: impl Body) -> Result<Response, Failure> {
        let headers = self.host.headers();
        let bytes = self.read_body(&headers, body, 1024).await?;
        self.authenticate(&headers, (!bytes.is_empty()).then_some(&bytes), Scope::Operations, None)?;
        Ok(Response::json(StatusCode::OK, JSON, &sweep::sweep(self.host, self.config, self.policies, self.trace).await))
    }

    /// A page of cases as they are known by now, with what was decided, behind `?after=`, shard by shard: what another pack
    /// would have decided can be tried on them.
    pub(super) async fn decisions(&self) -> Result<Response, Failure> {
        self.authenticate(&self.host.headers(), None, Scope::Operations, None)?;
        let after = self.head.param("after").unwrap_or_default();
        let (shard, id) = after.split_once('/').unwrap_or((&after, ""));
        let known = if after.is_empty() { Some(0) } else { shard.parse().ok().filter(|shard| *shard < SHARDS) };
        let shard: u8 = known.ok_or_else(bad_position)?;
        let refunds = self.store().refunds(shard, id, REFUNDS).await?;
        let full = i64::try_from(refunds.len()).is_ok_and(|found| found == REFUNDS);
        let next = match refunds.last() {
            Some(last) if full => Some(format!("{shard}/{}", last.id)),
            _ => shard.checked_add(1).filter(|next| *next < SHARDS).map(|next| next.to_string()),
        };
        let decided = |refund: &Refund| DecidedRefund {
            refund: refund.id.clone(),
            state: refund.state,
            decided_at: refund.decided_at,
            case: refund.case.clone(),
            decision: refund.decision.clone(),
        };
        let decisions = refunds.iter().map(decided).collect();
        Ok(Response::json(StatusCode::OK, JSON, &DecisionPage { decisions, next }))
    }

    /// A page of the ledger behind `?after=`, shard by shard.
    pub(super) async fn ledger(&self) -> Result<Response, Failure> {
        self.authenticate(&self.host.headers(), None, Scope::Operations, None)?;
        let after = self.head.param("after").unwrap_or_default();
        let Position { shard, line, refund, entry } = Position::parse(&after).ok_or_else(bad_position)?;
        let rows = self.store().ledger(shard, (refund, entry, line), LINES).await?;
        let full = i64::try_from(rows.len()).is_ok_and(|found| found == LINES);
        let lines: Vec<LedgerLine> = rows
            .iter()
            .filter_map(|row| {
                let word = |column| row.text(column).map(str::to_owned);
                Some(LedgerLine {
                    refund: word(0)?,
                    entry: word(1)?,
                    line: row.integer(2)?,
                    at: row.integer(3)?,
                    account: word(4)?,
                    leg: word(5)?,
                    payer: word(6)?,
                    debit_fen: row.integer(7)?,
                    credit_fen: row.integer(8)?,
                })
            })
            .collect();
        let next = match lines.last() {
            Some(last) if full => Some(format!("{shard}/{}/{}/{}", last.line, last.refund, last.entry)),
            _ => shard.checked_add(1).filter(|next| *next < SHARDS).map(|next| next.to_string()),
        };
        Ok(Response::json(StatusCode::OK, JSON, &LedgerPage { lines, next }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_one_that_every_store_takes() {
        let line = |text: &str| Position::parse(text).map(|position| (position.shard, position.line));
        assert_eq!(line(""), Some((0, -1)));
        assert_eq!(line("3"), Some((3, -1)));
        assert_eq!(line("0/9007199254740991/a/b"), Some((0, 9_007_199_254_740_991)));
        for bad in ["32", "0/9007199254740992/a/b", "0/9223372036854775807/a/b", "0/-2/a/b", "0/x/a/b", "0/1/a"] {
            assert_eq!(line(bad), None, "{bad}");
        }
    }
}
