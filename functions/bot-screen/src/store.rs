//! The tables of this function: what is counted, which challenges were answered, which passes were taken back, and the
//! policies that it has adopted. Requests are not kept; keys are keyed digests, never addresses or accounts.
//!
//! Each statement is atomic by itself. Whoever chooses keys cannot make a table grow without bound: a row that is of no
//! use any more goes when others come, and of [`MOST_CELLS`] the oldest goes.

use shared::platform::{Schema, Sql, Statement, Step, StorageError, Value};
use shared::policy;

/// The most cells that a database counts with; the trigger has the same number.
pub const MOST_CELLS: i64 = 200_000;

/// The tables, step by step (`shared::platform::Schema` says how to add one).
///
/// `cell`: a theoretical arrival time (GCRA) of each key under each limit. `answered`: challenges, so that one is
/// answered once. `revoked`: passes. `roamed`: the networks over which a pass was used. Each is pruned by a trigger as rows are added.
pub const SCHEMA: Schema = Schema::new(&[
    Step { number: 1, statements: policy::store::TABLES },
    Step { number: 2, statements: policy::store::TOLD },
    Step {
        number: 3,
        statements: &[
            "CREATE TABLE IF NOT EXISTS cell (
                id INTEGER PRIMARY KEY,
                key TEXT NOT NULL,
                code TEXT NOT NULL,
                tat INTEGER NOT NULL,
                seen INTEGER NOT NULL,
                UNIQUE (key, code)
            )",
            "CREATE INDEX IF NOT EXISTS cell_tat ON cell (tat)",
            "CREATE TRIGGER IF NOT EXISTS cell_prune AFTER INSERT ON cell BEGIN
                DELETE FROM cell WHERE id IN (SELECT id FROM cell WHERE tat < NEW.seen ORDER BY tat LIMIT 4);
                DELETE FROM cell WHERE id <= NEW.id - 200000;
            END",
            "CREATE TABLE IF NOT EXISTS answered (nonce TEXT PRIMARY KEY, until INTEGER NOT NULL, at INTEGER NOT NULL)",
            "CREATE INDEX IF NOT EXISTS answered_until ON answered (until)",
            "CREATE TRIGGER IF NOT EXISTS answered_prune AFTER INSERT ON answered BEGIN
                DELETE FROM answered
                WHERE nonce IN (SELECT nonce FROM answered WHERE until < NEW.at ORDER BY until LIMIT 4);
            END",
            "CREATE TABLE IF NOT EXISTS revoked (nonce TEXT PRIMARY KEY, until INTEGER NOT NULL, at INTEGER NOT NULL)",
            "CREATE INDEX IF NOT EXISTS revoked_until ON revoked (until)",
            "CREATE TRIGGER IF NOT EXISTS revoked_prune AFTER INSERT ON revoked BEGIN
                DELETE FROM revoked
                WHERE nonce IN (SELECT nonce FROM revoked WHERE until < NEW.at ORDER BY until LIMIT 4);
            END",
        ],
    },
    Step {
        number: 4,
        statements: &[
            "CREATE TABLE IF NOT EXISTS roamed (
                nonce TEXT NOT NULL,
                network TEXT NOT NULL,
                until INTEGER NOT NULL,
                at INTEGER NOT NULL,
                PRIMARY KEY (nonce, network)
            ) WITHOUT ROWID",
            "CREATE INDEX IF NOT EXISTS roamed_until ON roamed (until)",
            "CREATE TRIGGER IF NOT EXISTS roamed_prune AFTER INSERT ON roamed BEGIN
                DELETE FROM roamed WHERE (nonce, network) IN
                    (SELECT nonce, network FROM roamed WHERE until < NEW.at ORDER BY until LIMIT 4);
            END",
        ],
    },
]);

/// Counts a request under one key, under all of its limits or, if it is over one, under none. Parameters: key, now in
/// milliseconds, and a JSON list of `[code, interval, tolerance]` in milliseconds. Returns code and arrival time of each
/// limit; nothing if it is over one.
const COUNT: Statement = Statement {
    sql: "INSERT INTO cell (key, code, tat, seen)
          SELECT ?1, json_extract(asked.value, '$[0]'), ?2 + json_extract(asked.value, '$[1]'), ?2
          FROM json_each(?3) AS asked
          WHERE NOT EXISTS (
            SELECT 1 FROM json_each(?3) AS other, cell
            WHERE cell.key = ?1 AND cell.code = json_extract(other.value, '$[0]')
              AND cell.tat - ?2 > json_extract(other.value, '$[2]')
          )
          ON CONFLICT (key, code) DO UPDATE SET tat = max(tat, ?2) + excluded.tat - ?2, seen = ?2
          RETURNING code, tat",
};

/// The arrival times of a key. Parameters: key.
const TIMES: Statement = Statement { sql: "SELECT code, tat FROM cell WHERE key = ?1" };

/// Notes that a challenge was answered; returns a row if it was the first time. Parameters: number, until, now.
const ANSWER: Statement = Statement {
    sql: "INSERT INTO answered (nonce, until, at) VALUES (?1, ?2, ?3) ON CONFLICT (nonce) DO NOTHING RETURNING nonce",
};

/// Whether a challenge was answered. Parameters: number.
const ANSWERED: Statement = Statement { sql: "SELECT nonce FROM answered WHERE nonce = ?1" };

/// Takes a pass back. Parameters: number, until, now.
const REVOKE: Statement = Statement {
    sql: "INSERT INTO revoked (nonce, until, at) VALUES (?1, ?2, ?3)
          ON CONFLICT (nonce) DO UPDATE SET until = max(until, ?2)",
};

/// Whether a pass was taken back, and over how many other networks than this one it was used before. Parameters: number,
/// network.
const STATE: Statement = Statement {
    sql: "SELECT EXISTS (SELECT 1 FROM revoked WHERE nonce = ?1),
                 EXISTS (SELECT 1 FROM roamed WHERE nonce = ?1 AND network = ?2),
                 (SELECT count(*) FROM roamed WHERE nonce = ?1 AND network <> ?2)",
};

/// Notes a network of a pass. Parameters: number, network, until, now.
const ROAM: Statement = Statement {
    sql: "INSERT INTO roamed (nonce, network, until, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (nonce, network) DO NOTHING",
};

/// A limit as it is counted: code, interval between requests and how far one may be ahead, in milliseconds.
pub type Asked<'l> = (&'l str, i64, i64);

/// What counting said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Within all limits: code and arrival time of each.
    Within(Vec<(String, i64)>),
    /// Over one at least: code and arrival time of those that were there.
    Over(Vec<(String, i64)>),
}

/// Counts a request under one key.
///
/// # Errors
/// [`StorageError`].
pub async fn count(sql: &impl Sql, key: &str, limits: &[Asked<'_>], now: i64) -> Result<Counted, StorageError> {
    let asked = serde_json::to_string(limits).unwrap_or_default();
    let shard = shard("limits", key);
    let params = [Value::from(key), Value::from(now), Value::from(asked.as_str())];
    let rows = sql.query(&shard, &COUNT, &params).await?;
    if !rows.is_empty() {
        return Ok(Counted::Within(times(&rows)));
    }
    Ok(Counted::Over(times(&sql.query(&shard, &TIMES, &[Value::from(key)]).await?)))
}

fn times(rows: &[shared::platform::Row]) -> Vec<(String, i64)> {
    rows.iter().filter_map(|row| Some((row.text(0)?.to_owned(), row.integer(1)?))).collect()
}

/// Notes that a challenge was answered: whether this is the first time.
///
/// # Errors
/// [`StorageError`].
pub async fn answer(sql: &impl Sql, nonce: &str, until_ms: i64, now: i64) -> Result<bool, StorageError> {
    let params = [Value::from(nonce), Value::from(until_ms), Value::from(now)];
    Ok(!sql.query(&shard("passes", nonce), &ANSWER, &params).await?.is_empty())
}

/// Whether a challenge was answered before.
///
/// # Errors
/// [`StorageError`].
pub async fn answered(sql: &impl Sql, nonce: &str) -> Result<bool, StorageError> {
    Ok(!sql.query(&shard("passes", nonce), &ANSWERED, &[Value::from(nonce)]).await?.is_empty())
}

/// Takes a pass back.
///
/// # Errors
/// [`StorageError`].
pub async fn revoke(sql: &impl Sql, nonce: &str, until_ms: i64, now: i64) -> Result<(), StorageError> {
    let params = [Value::from(nonce), Value::from(until_ms), Value::from(now)];
    sql.query(&shard("passes", nonce), &REVOKE, &params).await.map(drop)
}

/// How a pass stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassState {
    /// Whether it was taken back.
    pub revoked: bool,
    /// Over how many networks it was used, this one among them.
    pub networks: i64,
}

/// How a pass stands, and notes the network over which it comes, if that is one more. Whoever has passed `most` adds no rows.
///
/// # Errors
/// [`StorageError`].
pub async fn pass_state(
    sql: &impl Sql,
    nonce: &str,
    network: &str,
    most: i64,
    until_ms: i64,
    now: i64,
) -> Result<PassState, StorageError> {
    let shard = shard("passes", nonce);
    let rows = sql.query(&shard, &STATE, &[Value::from(nonce), Value::from(network)]).await?;
    let number = |column| rows.first().and_then(|row| row.integer(column)).unwrap_or_default();
    let (revoked, known, others) = (number(0) == 1, number(1) == 1, number(2));
    let networks = others.saturating_add(1);
    if !revoked && !known && others <= most {
        let params = [Value::from(nonce), Value::from(network), Value::from(until_ms), Value::from(now)];
        sql.query(&shard, &ROAM, &params).await?;
    }
    Ok(PassState { revoked, networks })
}

/// One of sixteen shards, by the first digit of a key.
fn shard(of: &str, key: &str) -> String {
    format!("{of}-{}", key.chars().next().filter(char::is_ascii_hexdigit).unwrap_or('0'))
}

#[cfg(test)]
mod tests {
    use shared::platform::native::{Native, block_on};

    use super::*;

    fn counted(host: &Native, key: &str, limits: &[Asked<'_>], now: i64) -> Counted {
        block_on(count(host, key, limits, now)).unwrap()
    }

    #[test]
    fn limits_on_one_key_count_together_or_not_at_all() {
        let host = Native::new(SCHEMA).unwrap();
        // Two at once, one a second; and three at once, one in ten seconds.
        let limits = [("fast", 1000, 1000), ("slow", 10_000, 20_000)];
        let within = |counted| matches!(counted, Counted::Within(times) if times.len() == 2);
        assert!(within(counted(&host, "a", &limits, 0)));
        assert!(within(counted(&host, "a", &limits, 0)));
        let Counted::Over(times) = counted(&host, "a", &limits, 0) else { panic!("over the fast one") };
        assert!(times.contains(&("slow".to_owned(), 20_000)), "what is over one counts under none: {times:?}");
        assert!(within(counted(&host, "a", &limits, 1000)));
        assert!(matches!(counted(&host, "a", &limits, 5000), Counted::Over(_)), "over the slow one");
        assert!(within(counted(&host, "a", &limits, 10_000)));
        assert!(within(counted(&host, "b", &limits, 10_000)), "another key");
        // A clock that goes back forgives nothing and adds nothing.
        assert!(matches!(counted(&host, "a", &limits, 0), Counted::Over(_)));
    }

    #[test]
    fn keys_that_somebody_chooses_do_not_fill_the_table() {
        let host = Native::new(SCHEMA).unwrap();
        for n in 0..500_i64 {
            counted(&host, &format!("{n:x}"), &[("one", 10, 0)], n * 5);
        }
        let rows: i64 = host.sql.query_row("SELECT count(*) FROM cell", [], |row| row.get(0)).unwrap();
        assert!(rows < 10, "{rows}");
        let trigger: String = host
            .sql
            .query_row("SELECT sql FROM sqlite_master WHERE name = 'cell_prune'", [], |row| row.get(0))
            .unwrap();
        assert!(trigger.contains(&format!("NEW.id - {MOST_CELLS}")));
    }

    #[test]
    fn a_challenge_is_answered_once_and_a_pass_is_taken_back() {
        let host = Native::new(SCHEMA).unwrap();
        assert!(block_on(answer(&host, "a1", 100, 0)).unwrap());
        assert!(!block_on(answer(&host, "a1", 100, 50)).unwrap());
        assert!(block_on(answer(&host, "a2", 300, 200)).unwrap(), "the first is pruned");
        let rows: i64 = host.sql.query_row("SELECT count(*) FROM answered", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
        let state = |pass: &str, network: &str, now| block_on(pass_state(&host, pass, network, 2, 100, now)).unwrap();
        assert!(!state("b", "n", 0).revoked);
        block_on(revoke(&host, "b", 100, 0)).unwrap();
        block_on(revoke(&host, "b", 50, 0)).unwrap();
        assert!(state("b", "n", 0).revoked);
    }

    #[test]
    fn a_pass_is_known_by_its_networks_and_they_do_not_pile_up() {
        let host = Native::new(SCHEMA).unwrap();
        let networks = |pass: &str, network: &str, until, now| {
            block_on(pass_state(&host, pass, network, 2, until, now)).unwrap().networks
        };
        let seen = ["a", "b", "a", "c", "d", "e", "a"].map(|network| networks("p", network, 100, 0));
        assert_eq!(seen, [1, 2, 2, 3, 4, 4, 3], "from the fourth on nothing is added");
        assert_eq!(networks("q", "a", 300, 200), 1, "another pass");
        let rows: i64 = host.sql.query_row("SELECT count(*) FROM roamed", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1, "those of the first have gone");
    }
}
