//! A schema of four steps, on files: fresh, from each step, by many at once, interrupted, and too new.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;

use super::*;
use crate::platform::native::{Native, block_on, prepare};
use crate::platform::{Sql as _, Statement};

/// Every kind of statement that a step may have.
const ALL: [Step; 4] = [
    Step {
        number: 1,
        statements: &[
            "CREATE TABLE IF NOT EXISTS piece (id TEXT PRIMARY KEY, count INTEGER NOT NULL)",
            "CREATE TABLE IF NOT EXISTS log (id TEXT NOT NULL, count INTEGER NOT NULL)",
        ],
    },
    Step {
        number: 2,
        statements: &[
            "ALTER TABLE piece ADD COLUMN city TEXT",
            "ALTER TABLE piece ADD COLUMN seen INTEGER NOT NULL DEFAULT 0",
            "UPDATE piece SET seen = count WHERE seen = 0",
        ],
    },
    Step { number: 3, statements: &["CREATE INDEX IF NOT EXISTS piece_city ON piece (city)"] },
    Step {
        number: 4,
        statements: &["CREATE TRIGGER IF NOT EXISTS piece_log AFTER UPDATE OF count ON piece BEGIN
            INSERT INTO log (id, count) VALUES (NEW.id, NEW.count);
         END"],
    },
];
const SCHEMAS: [Schema; 5] = [
    Schema::NONE,
    Schema::new(&[ALL[0]]),
    Schema::new(&[ALL[0], ALL[1]]),
    Schema::new(&[ALL[0], ALL[1], ALL[2]]),
    Schema::new(&ALL),
];
const LATEST: Schema = SCHEMAS[4];

/// A file that goes with the test.
struct File(PathBuf);

impl File {
    fn new() -> File {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("venditor-schema-{}-{}.db", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        File(std::env::temp_dir().join(name))
    }

    fn open(&self) -> Connection {
        Connection::open(&self.0).unwrap()
    }

    /// With the tables of a step, a row in each, and no table of steps.
    fn of_before_steps() -> File {
        let file = File::new();
        file.open()
            .execute_batch(
                "CREATE TABLE piece (id TEXT PRIMARY KEY, count INTEGER NOT NULL);
                 CREATE TABLE log (id TEXT NOT NULL, count INTEGER NOT NULL);
                 INSERT INTO piece VALUES ('a', 7); INSERT INTO log VALUES ('a', 7);",
            )
            .unwrap();
        file
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for rest in ["", "-wal", "-shm", "-journal"] {
            let _absent = std::fs::remove_file(format!("{}{rest}", self.0.display()));
        }
    }
}

/// All that the database says of itself, and its rows, but for when steps were applied.
fn told(file: &Path) -> Vec<String> {
    let database = Connection::open(file).unwrap();
    let mut lines = Vec::new();
    for sql in [
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name",
        "SELECT number FROM schema_step ORDER BY number",
        "SELECT json_array(id, count, city, seen) FROM piece ORDER BY id",
        "SELECT json_array(id, count) FROM log ORDER BY id, count",
    ] {
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map((), |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
        lines.extend(rows.map(|value| format!("{:?}", value.unwrap())));
    }
    lines
}

fn runs(database: &Connection) -> impl AsyncFn(&str) -> Result<Vec<Row>, StorageError> + Copy + '_ {
    async |sql| crate::platform::native::rows(database, sql, &[])
}

#[test]
fn from_nothing_and_from_each_step_to_the_last() {
    let fresh = File::new();
    prepare(&fresh.open(), LATEST).unwrap();
    let tables = |file: &File| told(&file.0).into_iter().filter(|line| !line.contains("[\\\"")).collect::<Vec<_>>();
    for start in SCHEMAS {
        let file = File::new();
        prepare(&file.open(), start).unwrap();
        if start.latest() >= 1 {
            file.open().execute_batch("INSERT INTO piece (id, count) VALUES ('a', 7)").unwrap();
        }
        prepare(&file.open(), LATEST).unwrap();
        assert_eq!(tables(&file), tables(&fresh), "from step {}", start.latest());
        let before = told(&file.0);
        prepare(&file.open(), LATEST).unwrap();
        assert_eq!(told(&file.0), before, "a second time changes nothing");
    }
    assert!(told(&fresh.0).iter().any(|line| line == "Integer(4)"));
}

#[test]
fn a_database_of_before_there_were_steps_is_the_first() {
    let file = File::of_before_steps();
    prepare(&file.open(), SCHEMAS[1]).unwrap();
    let counts =
        "SELECT (SELECT count(*) FROM piece), (SELECT count(*) FROM log), (SELECT max(number) FROM schema_step)";
    let found: (i64, i64, i64) =
        file.open().query_row(counts, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    assert_eq!(found, (1, 1, 1));
    prepare(&file.open(), LATEST).unwrap();
    assert!(told(&file.0).contains(&r#"Text("[\"a\",7,null,7]")"#.to_owned()));
}

/// As it should end, from [`File::of_before_steps`].
fn expected() -> Vec<String> {
    let file = File::of_before_steps();
    prepare(&file.open(), LATEST).unwrap();
    told(&file.0)
}

/// Runs until so many statements that write are done, then no more: as if the instance had died.
async fn die_after(database: &Connection, left: &Cell<usize>, sql: &str) -> Result<Vec<Row>, StorageError> {
    if sql != TELLS && sql != HIGHEST {
        let now = left.get().checked_sub(1).ok_or_else(|| StorageError::sql("died"))?;
        left.set(now);
    }
    runs(database)(sql).await
}

#[test]
fn an_interruption_anywhere_is_made_good_by_whoever_comes_next() {
    let expected = expected();
    let mut interrupted = 0;
    for survives in 0.. {
        let file = File::of_before_steps();
        let database = file.open();
        let left = Cell::new(survives);
        // No transaction: each statement is committed by itself, as on an engine that has none.
        let died = block_on(LATEST.advance(async |sql| die_after(&database, &left, sql).await)).is_err();
        drop(database);
        block_on(LATEST.advance(runs(&file.open()))).unwrap();
        assert_eq!(told(&file.0), expected, "after {survives} statements");
        if !died {
            break;
        }
        interrupted += 1;
    }
    assert_eq!(interrupted, 15, "seven statements, and twice a step the table of steps");
}

#[test]
fn under_the_lock_an_interruption_leaves_nothing() {
    for survives in 1..16 {
        let file = File::of_before_steps();
        let database = file.open();
        let left = Cell::new(survives);
        block_on(LATEST.advance_locked(async |sql| die_after(&database, &left, sql).await)).unwrap_err();
        drop(database); // The end of the connection: `ROLLBACK` did not come through.
        let tables: i64 = file.open().query_row("SELECT count(*) FROM sqlite_master", (), |row| row.get(0)).unwrap();
        assert_eq!(tables, 3, "after {survives} statements: two tables and the index of a key");
    }
}

#[test]
fn another_instance_between_any_two_statements_does_no_harm() {
    let expected = expected();
    for meets in 0..15 {
        let file = File::of_before_steps();
        let (one, other) = (file.open(), file.open());
        let count = Cell::new(0);
        let met = Cell::new(false);
        let run = async |sql: &str| {
            if count.replace(count.get() + 1) == meets {
                met.set(true);
                LATEST.advance(runs(&other)).await?;
            }
            runs(&one)(sql).await
        };
        block_on(LATEST.advance(run)).unwrap();
        assert!(met.get());
        assert_eq!(told(&file.0), expected, "met at statement {meets}");
    }
}

#[test]
fn many_at_once_apply_each_step_once() {
    let expected = expected();
    for _ in 0..8 {
        let file = File::of_before_steps();
        let (path, start) = (&file.0, &Barrier::new(8));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(move || {
                    start.wait();
                    Native::open(path, LATEST).unwrap();
                });
            }
        });
        assert_eq!(told(path), expected);
    }
}

#[test]
fn a_newer_database_answers_so_and_is_left_alone() {
    let file = File::of_before_steps();
    prepare(&file.open(), LATEST).unwrap();
    let before = std::fs::read(&file.0).unwrap();
    let newer = StorageError::newer(4, 2);
    assert_eq!(prepare(&file.open(), SCHEMAS[2]), Err(newer.clone()));
    let host = Native::open(&file.0, SCHEMAS[2]).unwrap();
    for sql in ["SELECT id FROM piece", "DELETE FROM piece"] {
        assert_eq!(block_on(host.query("", &Statement { sql }, &[])), Err(newer.clone()));
    }
    drop(host);
    assert_eq!(std::fs::read(&file.0).unwrap(), before);
}

#[test]
fn a_gap_in_the_numbers_is_refused() {
    for steps in [&ALL[1..], &[ALL[0], ALL[2]], &[ALL[0], ALL[0]]] {
        let steps: &'static [Step] = steps.to_vec().leak();
        assert!(std::panic::catch_unwind(|| Schema::new(steps)).is_err());
    }
}
