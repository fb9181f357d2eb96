//! Finding refunds: by order, by state, by when they are due, and those that want a person.
//!
//! What a refund is found by are generated columns over its document, so they are right of every row, whichever build wrote
//! it, and no statement of a transition knows of them. Each list is in the order of an index of its shard; pages are merged
//! from all shards by id.

use futures_util::future::join_all;
use shared::platform::{Sql, Statement, Step, StorageError, Value};

use super::Store;
use crate::refund::SHARDS;

/// What is listed. `attention` is a first sieve: whether a person is really wanted, [`crate::refund::Refund::stuck`] says.
pub(super) const LISTED: Step = Step {
    number: 7,
    statements: &[
        "ALTER TABLE refund ADD COLUMN order_id TEXT
            GENERATED ALWAYS AS (json_extract(document, '$.case.order.order_id')) VIRTUAL",
        "ALTER TABLE refund ADD COLUMN caller TEXT
            GENERATED ALWAYS AS (coalesce(json_extract(document, '$.caller'), '')) VIRTUAL",
        "ALTER TABLE refund ADD COLUMN merchant TEXT
            GENERATED ALWAYS AS (json_extract(document, '$.case.merchant.merchant_id')) VIRTUAL",
        "ALTER TABLE refund ADD COLUMN attention INTEGER GENERATED ALWAYS AS (CASE
            WHEN json_extract(document, '$.set_aside') IS NOT NULL THEN NULL
            WHEN state = 'reversed' THEN 1
            WHEN state = 'issuing' AND (json_extract(document, '$.issuing.overdue_at') IS NOT NULL
                OR json_extract(document, '$.issuing.tries') >= 20
                OR json_extract(document, '$.issuing.trouble') IN ('abnormal', 'gateway_not_allowed',
                    'gateway_not_configured', 'key_too_old', 'payment_disputed')) THEN 1
            WHEN state = 'void' AND json_extract(document, '$.issuing.refused_at') IS NOT NULL THEN 1
            WHEN json_extract(document, '$.issuing.contested.tries') >= 20 THEN 1
            WHEN json_extract(document, '$.proposal') IS NOT NULL THEN 1
            WHEN json_extract(document, '$.settlement') IS NOT NULL THEN 1
            WHEN json_extract(document, '$.aftermath.second_payments') IS NOT NULL THEN 1
            WHEN json_extract(document, '$.aftermath.appeal_overdue_at') IS NOT NULL
                AND json_extract(document, '$.aftermath.appeal_upheld') IS NULL THEN 1
            WHEN json_extract(document, '$.aftermath.claim_overdue_at') IS NOT NULL
                AND json_extract(document, '$.aftermath.claim_paid_fen') IS NULL
                AND json_extract(document, '$.aftermath.claim_failure') IS NULL THEN 1
            END) VIRTUAL",
        "CREATE INDEX IF NOT EXISTS refund_order ON refund (shard, order_id, id)",
        "CREATE INDEX IF NOT EXISTS refund_state ON refund (shard, state, id, caller, merchant)",
        "CREATE INDEX IF NOT EXISTS refund_attention ON refund (shard, id) WHERE attention = 1",
    ],
};

/// Ids behind `?2`; of some callers and merchants alone, if `?4` and `?5` say so.
macro_rules! list {
    ($which:literal) => {
        Statement {
            sql: concat!(
                "SELECT id FROM refund WHERE shard = ?1 AND id > ?2 AND ",
                $which,
                " AND (?4 IS NULL OR caller IN (?4, ''))
                  AND (?5 IS NULL OR merchant IN (SELECT value FROM json_each(?5))) ORDER BY id LIMIT ?6"
            ),
        }
    };
}

const OF_ORDER: Statement = list!("order_id = ?3");
const IN_STATE: Statement = list!("state = ?3");
const DUE_BY: Statement = list!("due_at IS NOT NULL AND due_at <= ?3");
const WANTED: Statement = list!("(attention = 1 OR (due_at IS NOT NULL AND due_at <= ?3))");

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// All of an order.
    Order(String),
    /// All in a state, by its name.
    State(&'static str),
    /// What is due by an instant.
    DueBy(i64),
    /// What may want a person: or what was due by an instant, and nobody has looked after it.
    Attention(i64),
}

/// Whose are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whose<'a> {
    /// Those that a caller asked for; `None`: everybody's.
    pub caller: Option<&'a str>,
    /// Those of some merchants; `None`: of all.
    pub merchants: Option<&'a [String]>,
}

impl<H: Sql> Store<'_, H> {
    /// Ids behind an id, in their order, at most `most`; and whether there are more.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn list(
        &self,
        sought: &Sought,
        whose: Whose<'_>,
        after: &str,
        most: usize,
    ) -> Result<(Vec<String>, bool), StorageError> {
        let (statement, what): (&Statement, Value) = match sought {
            Sought::Order(order) => (&OF_ORDER, order.as_str().into()),
            Sought::State(state) => (&IN_STATE, (*state).into()),
            Sought::DueBy(at) => (&DUE_BY, (*at).into()),
            Sought::Attention(at) => (&WANTED, (*at).into()),
        };
        let merchants = whose.merchants.map(|own| serde_json::to_string(own).unwrap_or_default());
        let one_more = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
        let of_shard = |shard: u8| {
            let params = vec![
                i64::from(shard).into(),
                after.into(),
                what.clone(),
                whose.caller.map_or(Value::Null, Value::from),
                merchants.as_deref().map_or(Value::Null, Value::from),
                one_more.into(),
            ];
            self.ids(shard, statement, params)
        };
        let mut ids = Vec::new();
        for found in join_all((0..SHARDS).map(of_shard)).await {
            ids.extend(found?);
        }
        ids.sort();
        let more = ids.len() > most;
        ids.truncate(most);
        Ok((ids, more))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use shared::platform::native::{Native, block_on};

    use super::*;
    use crate::case::Case;
    use crate::decide;
    use crate::policy::Rules;
    use crate::refund::{Refund, State, refund_id};
    use crate::store::{SCHEMA, Watch};

    const NOW: i64 = 1_790_000_000_000;
    const UNSHIPPED: &[u8] = include_bytes!("../../../../tests/vectors/instant-refund/cases/unshipped.json");

    fn made(host: &Native, n: usize, change: impl FnOnce(&mut Refund)) -> String {
        let mut case = Case::read(UNSHIPPED, NOW).unwrap();
        case.order.order_id = format!("O-{}", n % 3);
        case.merchant.merchant_id = format!("m-{}", n % 2);
        let decision = decide::by(&Rules::bundled(), &case, NOW);
        let id = refund_id("c", &n.to_string());
        let mut refund = Refund::new(id.clone(), case, decision, NOW);
        refund.caller = if n.is_multiple_of(5) { String::new() } else { format!("c-{}", n % 2) };
        change(&mut refund);
        let watch = Watch { due_at: Some(NOW + 1), holder: "", held_until: 0 };
        block_on(Store { host }.insert(&refund, "f", watch, NOW)).unwrap();
        id
    }

    /// All pages.
    fn all(host: &Native, sought: &Sought, whose: Whose<'_>, most: usize) -> Vec<String> {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let (ids, more) = block_on(Store { host }.list(sought, whose, &after, most)).unwrap();
            assert!(ids.len() <= most && (!more || ids.len() == most), "{} {more}", ids.len());
            found.extend(ids);
            if !more {
                return found;
            }
            after = found.last().unwrap().clone();
        }
    }

    fn sorted(mut ids: Vec<String>) -> Vec<String> {
        ids.sort();
        ids
    }

    #[test]
    fn each_is_found_once_whatever_the_page() {
        let host = Native::new(SCHEMA).unwrap();
        let ids: Vec<String> = (0..60).map(|n| made(&host, n, |_| {})).collect();
        let of = |which: fn(usize) -> bool| -> Vec<String> {
            sorted(ids.iter().enumerate().filter(|(n, _)| which(*n)).map(|(_, id)| id.clone()).collect())
        };
        let everybody = Whose::default();
        for most in [1, 7, 19, 20, 21, 200] {
            assert_eq!(all(&host, &Sought::Order("O-1".into()), everybody, most), of(|n| n % 3 == 1), "{most}");
            assert_eq!(all(&host, &Sought::State("issuing"), everybody, most), of(|_| true), "{most}");
        }
        assert!(all(&host, &Sought::State("posted"), everybody, 7).is_empty());
        assert!(all(&host, &Sought::Order("O-9".into()), everybody, 7).is_empty());
        assert!(all(&host, &Sought::DueBy(NOW), everybody, 7).is_empty());
        assert_eq!(all(&host, &Sought::DueBy(NOW + 1), everybody, 7), of(|_| true));
        // A caller's own, and those of nobody known; of merchants.
        let own = Whose { caller: Some("c-1"), merchants: None };
        assert_eq!(all(&host, &Sought::State("issuing"), own, 7), of(|n| n % 2 == 1 || n % 5 == 0));
        let merchants = ["m-0".to_owned(), "x'y".to_owned()];
        let theirs = Whose { caller: None, merchants: Some(&merchants) };
        assert_eq!(all(&host, &Sought::State("issuing"), theirs, 7), of(|n| n % 2 == 0));
        let both = Whose { caller: Some("c-1"), merchants: Some(&merchants) };
        assert_eq!(all(&host, &Sought::Order("O-0".into()), both, 7), of(|n| n % 30 == 0));
    }

    /// Whatever a refund says that it is stuck by, the sieve lets through.
    #[test]
    fn the_sieve_holds_back_nothing_that_wants_a_person() {
        let host = Native::new(SCHEMA).unwrap();
        let changes: [fn(&mut Refund); 9] = [
            |_| {},
            |r| r.issuing.iter_mut().for_each(|i| i.overdue_at = Some(NOW)),
            |r| r.issuing.iter_mut().for_each(|i| i.trouble = Some("key_too_old".into())),
            |r| r.issuing.iter_mut().for_each(|i| i.tries = 20),
            |r| {
                r.void("refused", NOW);
                r.issuing.iter_mut().for_each(|i| i.refused_at = Some(NOW));
            },
            |r| drop(r.void("over_refund", NOW)),
            |r| {
                r.post(crate::gateway::Settled { refund_no: "1".into(), at: None }, NOW);
                r.reverse("failed", NOW);
            },
            |r| {
                r.state = State::Posted;
                r.aftermath.appeal_overdue_at = Some(NOW);
            },
            |r| {
                r.state = State::Posted;
                r.aftermath.claim_overdue_at = Some(NOW);
                r.put_aside(NOW, "one", "seen").unwrap();
            },
        ];
        let ids: Vec<String> = (0..).zip(changes).map(|(n, change)| made(&host, n, change)).collect();
        let wanted = [1, 2, 3, 4, 6, 7].into_iter().filter_map(|n: usize| ids.get(n).cloned());
        let found = all(&host, &Sought::Attention(NOW), Whose::default(), 4);
        assert_eq!(found, sorted(wanted.collect()));
        for id in &ids {
            let refund = block_on(Store { host: &host }.load(id)).unwrap().unwrap().refund;
            assert_eq!(refund.stuck(None, NOW).is_some(), found.contains(id), "{refund:?}");
        }
        // Nobody looks after anything.
        assert_eq!(all(&host, &Sought::Attention(NOW + 1), Whose::default(), 4), sorted(ids));
    }

    #[test]
    fn a_list_is_read_from_its_index() {
        let host = Native::new(SCHEMA).unwrap();
        for (statement, index) in [
            (OF_ORDER, "refund_order"),
            (IN_STATE, "refund_state"),
            (DUE_BY, "refund_due"),
            (WANTED, "refund_attention"),
        ] {
            let sql: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {}", statement.sql).into_boxed_str());
            let params: [Value; 6] = [1i64.into(), "".into(), 1i64.into(), Value::Null, Value::Null, 5i64.into()];
            let plan = block_on(host.query("", &Statement { sql }, &params)).unwrap();
            let plan: Vec<&str> = plan.iter().filter_map(|row| row.text(3)).collect();
            assert!(plan.iter().any(|step| step.contains(index)), "{plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN refund")), "{plan:?}");
        }
    }
}
