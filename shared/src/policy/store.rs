//! What a function's own database keeps of policies: the highest statement and the highest key set that were adopted,
//! when that was last asked of the key-value store, and the packs themselves. Each statement is atomic by itself.
//!
//! A function adds [`TABLES`] and [`TOLD`] to its schema, each as a step of its own. All of it lies in one shard.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::platform::{Row, Sql, Statement, StorageError, Value};

/// The tables. `policy_adopted` has a row for each of `keyset`, `current` and `shadow`, and one for [`LOOKED`];
/// `policy_section` has sections in parts of text, for rows of megabytes are not for every engine.
pub const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS policy_adopted (
        name TEXT PRIMARY KEY,
        epoch INTEGER NOT NULL,
        version INTEGER NOT NULL,
        digest TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL
    )",
    "CREATE TABLE IF NOT EXISTS policy_pack (digest TEXT PRIMARY KEY, manifest TEXT NOT NULL, at INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS policy_section (
        sha256 TEXT NOT NULL,
        part INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (sha256, part)
    )",
];

/// What has been told, so that not every instance tells it: a step of its own, for [`TABLES`] had been shipped.
pub const TOLD: &[&str] = &["CREATE TABLE IF NOT EXISTS policy_told (what TEXT PRIMARY KEY, at INTEGER NOT NULL)"];

/// The row that says when an instance last looked for something new, in milliseconds, as its version; its digest is that of
/// the shadow it found. Its body is empty.
pub const LOOKED: &str = "looked";

/// The shard of all of it.
const SHARD: &str = "policy";

/// Bytes of a section in one part; its text is a third longer.
const PART: usize = 384 * 1024;

const ALL: Statement = Statement { sql: "SELECT name, epoch, version, digest, body FROM policy_adopted" };

/// Adopts what ranks higher than the row, and returns the row as it is then.
const ADOPT: Statement = Statement {
    sql: "INSERT INTO policy_adopted (name, epoch, version, digest, body, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
          ON CONFLICT (name) DO UPDATE SET
            epoch = iif((?2, ?3) > (epoch, version), ?2, epoch),
            version = iif((?2, ?3) > (epoch, version), ?3, version),
            digest = iif((?2, ?3) > (epoch, version), ?4, digest),
            body = iif((?2, ?3) > (epoch, version), ?5, body),
            at = iif((?2, ?3) > (epoch, version), ?6, at)
          RETURNING name, epoch, version, digest, body",
};

/// Takes the pack from a row and leaves its rank: nothing older can come back.
const WITHDRAW: Statement = Statement {
    sql: "UPDATE policy_adopted SET digest = '', body = '' WHERE name = ?1 AND epoch = ?2 AND version = ?3
          RETURNING name",
};

const KEEP_PART: Statement = Statement {
    sql: "INSERT INTO policy_section (sha256, part, body) VALUES (?1, ?2, ?3)
          ON CONFLICT (sha256, part) DO NOTHING RETURNING part",
};

const KEEP_PACK: Statement = Statement {
    sql: "INSERT INTO policy_pack (digest, manifest, at) VALUES (?1, ?2, ?3)
          ON CONFLICT (digest) DO NOTHING RETURNING digest",
};

const PACK: Statement = Statement { sql: "SELECT manifest FROM policy_pack WHERE digest = ?1" };

const PARTS: Statement =
    Statement { sql: "SELECT body FROM policy_section WHERE sha256 = ?1 ORDER BY part LIMIT 4 OFFSET ?2" };

/// Nothing comes back if it was told since. A clock that went back counts as time that has passed.
const TELL: Statement = Statement {
    sql: "INSERT INTO policy_told (what, at) VALUES (?1, ?2)
          ON CONFLICT (what) DO UPDATE SET at = ?2 WHERE at <= ?3 OR at > ?2 RETURNING what",
};

const FORGET: Statement = Statement { sql: "DELETE FROM policy_told WHERE at <= ?1 RETURNING what" };

/// A row of `policy_adopted`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// `keyset`, `current` or `shadow`.
    pub name: String,
    /// Epoch and version; a key set's epoch is 0.
    pub rank: (u64, u64),
    /// The pack's policy digest, or the digest of the key set's envelope; empty if it was withdrawn.
    pub digest: String,
    /// The envelope; empty if it was withdrawn.
    pub body: String,
}

/// What is to be adopted.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// `keyset`, `current` or `shadow`.
    pub name: &'a str,
    /// Epoch and version.
    pub rank: (u64, u64),
    /// As [`Adopted::digest`].
    pub digest: &'a str,
    /// As [`Adopted::body`].
    pub body: &'a str,
}

/// All that was adopted.
///
/// # Errors
/// [`StorageError`].
pub async fn adopted(host: &impl Sql) -> Result<Vec<Adopted>, StorageError> {
    host.query(SHARD, &ALL, &[]).await?.iter().map(row).collect()
}

/// Adopts a candidate if it ranks higher than what was adopted; the row as it is then.
///
/// # Errors
/// [`StorageError`]: it may be adopted, or not; adopting again is safe.
pub async fn adopt(host: &impl Sql, candidate: &Candidate<'_>, now: i64) -> Result<Adopted, StorageError> {
    let params: [Value; 6] = [
        candidate.name.into(),
        number(candidate.rank.0).into(),
        number(candidate.rank.1).into(),
        candidate.digest.into(),
        candidate.body.into(),
        now.into(),
    ];
    row(host.query(SHARD, &ADOPT, &params).await?.first().ok_or_else(odd)?)
}

/// Notes that an instance has looked for something new, and found this shadow, or none. Never earlier than was noted.
///
/// # Errors
/// [`StorageError`]; what is not noted is looked for again.
pub async fn looked(host: &impl Sql, at: i64, shadow: &str) -> Result<(), StorageError> {
    let at = u64::try_from(at).unwrap_or_default();
    adopt(host, &Candidate { name: LOOKED, rank: (0, at), digest: shadow, body: "" }, number(at)).await.map(drop)
}

/// Takes the pack from what was adopted, and leaves its rank.
///
/// # Errors
/// [`StorageError`].
pub async fn withdraw(host: &impl Sql, adopted: &Adopted) -> Result<(), StorageError> {
    let params: [Value; 3] =
        [adopted.name.as_str().into(), number(adopted.rank.0).into(), number(adopted.rank.1).into()];
    host.query(SHARD, &WITHDRAW, &params).await.map(drop)
}

/// Whether this is to be told: nobody has since `since`. Whoever is answered so has taken it on.
///
/// # Errors
/// [`StorageError`].
pub async fn is_to_be_told(host: &impl Sql, what: &str, now: i64, since: i64) -> Result<bool, StorageError> {
    let first = !host.query(SHARD, &TELL, &[what.into(), now.into(), since.into()]).await?.is_empty();
    if first {
        host.query(SHARD, &FORGET, &[since.into()]).await?;
    }
    Ok(first)
}

/// The manifest of a pack that is kept.
///
/// # Errors
/// [`StorageError`].
pub async fn manifest(host: &impl Sql, digest: &str) -> Result<Option<String>, StorageError> {
    let rows = host.query(SHARD, &PACK, &[digest.into()]).await?;
    Ok(rows.first().and_then(|row| row.text(0)).map(str::to_owned))
}

/// Keeps a section.
///
/// # Errors
/// [`StorageError`]; keeping again is safe.
pub async fn keep_section(host: &impl Sql, sha256: &str, bytes: &[u8]) -> Result<(), StorageError> {
    // An empty section has one part, so that it is not as if it were not there.
    let parts = bytes.chunks(PART).chain(bytes.is_empty().then_some(bytes));
    for (number, part) in (0_i64..).zip(parts) {
        let params: [Value; 3] = [sha256.into(), number.into(), Value::Text(STANDARD_NO_PAD.encode(part))];
        host.query(SHARD, &KEEP_PART, &params).await?;
    }
    Ok(())
}

/// Says that all sections of a pack are kept.
///
/// # Errors
/// [`StorageError`]; saying it again is safe.
pub async fn keep_pack(host: &impl Sql, digest: &str, manifest: &str, now: i64) -> Result<(), StorageError> {
    host.query(SHARD, &KEEP_PACK, &[digest.into(), manifest.into(), now.into()]).await.map(drop)
}

/// A section that is kept, if it is; whether it is the right one is not judged here.
///
/// # Errors
/// [`StorageError`].
pub async fn section(host: &impl Sql, sha256: &str, bytes: usize) -> Result<Option<Vec<u8>>, StorageError> {
    let (mut all, mut offset) = (Vec::with_capacity(bytes.min(64 << 20)), 0_i64);
    loop {
        let rows = host.query(SHARD, &PARTS, &[sha256.into(), offset.into()]).await?;
        for row in &rows {
            let part = row.text(0).and_then(|text| STANDARD_NO_PAD.decode(text).ok()).ok_or_else(odd)?;
            all.extend_from_slice(&part);
        }
        let read = i64::try_from(rows.len()).unwrap_or(0);
        offset = offset.saturating_add(read);
        if read < 4 || all.len() >= bytes {
            return Ok((offset > 0).then_some(all));
        }
    }
}

/// Epochs and versions are at most 2^53-1 ([`formats::policy::MAX_VERSION`]).
fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn row(row: &Row) -> Result<Adopted, StorageError> {
    let read = || {
        Some(Adopted {
            name: row.text(0)?.to_owned(),
            rank: (u64::try_from(row.integer(1)?).ok()?, u64::try_from(row.integer(2)?).ok()?),
            digest: row.text(3)?.to_owned(),
            body: row.text(4)?.to_owned(),
        })
    };
    read().ok_or_else(odd)
}

fn odd() -> StorageError {
    StorageError::sql("a row of a policy table has another shape")
}
