//! What waits and is due, many at a time: at noon thousands of merchants have said nothing. Reading and saving are one
//! statement for many refunds, each saved only if nobody else came first.

use shared::platform::{Sql, Statement, StorageError, Value};

use super::{Store, Stored, document, shard_name, stored};
use crate::refund::Refund;

/// The most in one statement: each may have 50 KB of facts.
const MANY: i64 = 25;

const WAITING: Statement = Statement {
    sql: "SELECT version, holder, held_until, due_at, fingerprint, document, id FROM refund
          WHERE shard = ?1 AND due_at <= ?2 AND state = 'waiting' AND held_until <= ?2 AND (due_at, id) > (?3, ?4)
          ORDER BY due_at, id LIMIT ?5",
};

const SAVE_MANY: Statement = Statement {
    sql: "UPDATE refund SET state = d.state, version = refund.version + 1, due_at = d.due, holder = '', held_until = 0,
            changed_at = ?2, document = d.document, postings = '[]'
          FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS version,
                  json_extract(value, '$[2]') AS state, json_extract(value, '$[3]') AS due,
                  json_extract(value, '$[4]') AS document
                FROM json_each(?1)) AS d
          WHERE refund.id = d.id AND refund.version = d.version
          RETURNING id",
};

const NEXT: Statement = Statement { sql: "SELECT min(due_at) FROM refund WHERE shard = ?1 AND due_at IS NOT NULL" };

/// A place in what waits: when it is due, and its id.
pub type Place = (i64, String);

/// What was read of those that wait and are due.
pub struct Waiting {
    /// Those that could be read.
    pub found: Vec<Stored>,
    /// Where the next ones begin; `None`: there are none.
    pub next: Option<Place>,
}

impl<H: Sql> Store<'_, H> {
    /// Some of a shard that wait and are due, behind a place.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn waiting(&self, shard: u8, now: i64, after: &Place) -> Result<Waiting, StorageError> {
        let params: [Value; 5] =
            [i64::from(shard).into(), now.into(), after.0.into(), after.1.as_str().into(), MANY.into()];
        let rows = self.host.query(&shard_name(shard), &WAITING, &params).await?;
        let full = i64::try_from(rows.len()).is_ok_and(|found| found == MANY);
        let next = rows.last().filter(|_| full).and_then(|row| Some((row.integer(3)?, row.text(6)?.to_owned())));
        // What cannot be read is told when it is looked after by itself.
        Ok(Waiting { found: rows.iter().filter_map(|row| stored(row).ok()).collect(), next })
    }

    /// Saves refunds of one shard, each with when it is due next, if nobody has changed it: which are saved.
    ///
    /// # Errors
    /// [`StorageError`]: they may be saved, or not.
    pub async fn save_many(
        &self,
        shard: u8,
        next: &[(i64, Refund, Option<i64>)],
        now: i64,
    ) -> Result<Vec<String>, StorageError> {
        let mut rows = Vec::with_capacity(next.len());
        for (version, refund, due_at) in next {
            rows.push((refund.id.as_str(), version, refund.state.name(), due_at, document(refund)?));
        }
        let rows = serde_json::to_string(&rows).map_err(|_| super::odd())?;
        let params: [Value; 2] = [Value::Text(rows), now.into()];
        let saved = self.host.query(&shard_name(shard), &SAVE_MANY, &params).await?;
        Ok(saved.iter().filter_map(|row| row.text(0).map(str::to_owned)).collect())
    }

    /// When something of a shard is due next.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn next_due(&self, shard: u8) -> Result<Option<i64>, StorageError> {
        let rows = self.host.query(&shard_name(shard), &NEXT, &[i64::from(shard).into()]).await?;
        Ok(rows.first().and_then(|row| row.integer(0)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use shared::platform::native::{Native, block_on};

    use super::*;
    use crate::case::{Buyer, Case};
    use crate::decide;
    use crate::policy::Rules;
    use crate::refund::{SHARDS, State, refund_id, shard_of};
    use crate::store::{SCHEMA, Watch};

    const NOW: i64 = 1_790_000_000_000;
    const DAY: i64 = 86_400_000;
    const UNSHIPPED: &[u8] = include_bytes!("../../../../tests/vectors/instant-refund/cases/unshipped.json");

    /// So many that wait for their merchants, all in one shard.
    fn made(host: &Native, count: usize) -> (u8, Vec<String>) {
        let ids = (0..).map(|n: u32| refund_id("c", &n.to_string())).filter(|id| shard_of(id) == 3).take(count);
        let ids: Vec<String> = ids.collect();
        for id in &ids {
            let case = Case::read(UNSHIPPED, NOW).unwrap();
            let case = Case { buyer: Buyer { level: 0, ..case.buyer.clone() }, ..case };
            let decision = decide::by(&Rules::bundled(), &case, NOW);
            let refund = Refund::new(id.clone(), case, decision, NOW);
            assert_eq!(refund.state, State::Waiting);
            let watch = Watch { due_at: refund.next_due(), holder: "", held_until: 0 };
            block_on(Store { host }.insert(&refund, "f", watch, NOW)).unwrap();
        }
        (3, ids)
    }

    #[test]
    fn each_is_read_once_and_saved_only_as_it_was_read() {
        let host = Native::new(SCHEMA).unwrap();
        let store = Store { host: &host };
        let (shard, ids) = made(&host, 60);
        assert!(shard < SHARDS && block_on(store.next_due(shard)).unwrap().is_some_and(|due| due > NOW));
        let (mut after, mut found) = ((-1, String::new()), Vec::new());
        loop {
            let some = block_on(store.waiting(shard, NOW + DAY, &after)).unwrap();
            found.extend(some.found);
            let Some(next) = some.next else { break };
            after = next;
        }
        let mut read: Vec<&String> = found.iter().map(|stored| &stored.refund.id).collect();
        read.sort();
        let mut all: Vec<&String> = ids.iter().collect();
        all.sort();
        assert_eq!(read, all);
        // Somebody else comes first with one of them, and somebody holds another.
        let mut first = found[0].clone();
        let watch = Watch { due_at: Some(NOW), holder: "other", held_until: NOW + 2 * DAY };
        let same = first.refund.clone();
        assert!(block_on(store.save(&mut first, same, watch, &[], NOW)).unwrap());
        let next: Vec<(i64, Refund, Option<i64>)> = found[..25]
            .iter()
            .map(|stored| {
                let (refund, due_at) =
                    stored.refund.decided_in_turn(&Rules::bundled(), NOW + DAY + 5, NOW + DAY).unwrap();
                assert_eq!((refund.state, due_at), (State::Issuing, Some(NOW + DAY + 5)), "silence is consent");
                (stored.version, refund, due_at)
            })
            .collect();
        let saved = block_on(store.save_many(shard, &next, NOW + DAY)).unwrap();
        assert_eq!(saved.len(), 24);
        assert!(!saved.contains(&found[0].refund.id), "whoever came first is not overwritten");
        let kept = block_on(store.load(&found[0].refund.id)).unwrap().unwrap();
        assert_eq!((kept.version, kept.refund.state, kept.holder.as_str()), (2, State::Waiting, "other"));
        let decided = block_on(store.load(&found[1].refund.id)).unwrap().unwrap();
        assert_eq!((decided.version, decided.refund.state, decided.due_at), (2, State::Issuing, Some(NOW + DAY + 5)));
        assert_eq!(block_on(store.save_many(shard, &next, NOW + DAY)).unwrap(), [""; 0], "nor saved twice");
        let left = block_on(store.waiting(shard, NOW + DAY, &(-1, String::new()))).unwrap();
        assert!(left.found.iter().all(|stored| !saved.contains(&stored.refund.id)));
        assert!(
            left.found.iter().all(|stored| stored.refund.id != found[0].refund.id),
            "one that is held is left alone"
        );
    }
}
