//! The scan ledger and the complaints: this function's tables and statements, each one atomic by itself.
//!
//! Deliberately absent: addresses, user agents, coordinates, and any tag that could link two products to one device.

use shared::platform::{Schema, Statement, Step};
use shared::policy;

/// The tables, step by step (`shared::platform::Schema` says how to add one). `scan` has one row a piece; `devices` and
/// `places` are bounded lists in text.
pub const SCHEMA: Schema = Schema::new(&[
    Step {
        number: 1,
        statements: &[
            "CREATE TABLE IF NOT EXISTS scan (
            item TEXT PRIMARY KEY,
            first_at INTEGER NOT NULL,
            first_place TEXT NOT NULL,
            first_device TEXT NOT NULL,
            last_at INTEGER NOT NULL,
            count INTEGER NOT NULL,
            repeat INTEGER NOT NULL,
            places TEXT NOT NULL,
            devices TEXT NOT NULL
        )",
            "CREATE TABLE IF NOT EXISTS complaint (
            id TEXT PRIMARY KEY,
            item TEXT NOT NULL,
            verified INTEGER NOT NULL,
            at INTEGER NOT NULL,
            reason TEXT NOT NULL,
            bought_from TEXT NOT NULL,
            description TEXT NOT NULL,
            lang TEXT NOT NULL
        )",
            "CREATE INDEX IF NOT EXISTS complaint_item ON complaint (item)",
        ],
    },
    Step { number: 2, statements: policy::store::TABLES },
    Step { number: 3, statements: policy::store::TOLD },
    Step {
        number: 4,
        statements: &[
            "ALTER TABLE complaint ADD COLUMN answered_at INTEGER",
            "ALTER TABLE complaint ADD COLUMN answer_zh TEXT",
            "ALTER TABLE complaint ADD COLUMN answer_en TEXT",
            "ALTER TABLE complaint ADD COLUMN answered_by TEXT",
            "CREATE INDEX IF NOT EXISTS complaint_at ON complaint (at, id)",
            "CREATE INDEX IF NOT EXISTS complaint_day ON complaint (verified, at)",
            "CREATE TABLE IF NOT EXISTS complaint_network (tag TEXT PRIMARY KEY, day INTEGER NOT NULL, ids TEXT NOT NULL)",
        ],
    },
]);

/// How many characters of `devices` are kept: 120 tags of 12 characters, each behind a comma. A device pushed out of
/// it counts again when it comes back, which only a piece with far too many devices can see.
macro_rules! device_list {
    () => {
        "1560"
    };
}

/// Counts a visit. Parameters: item, now, place (`''` if unknown), this period's device tag, the last period's.
///
/// One statement: whoever inserts the row is the first, under any race; a device already in the list sets `repeat`
/// and adds nothing. Expressions on the right see the row as it was.
pub const COUNT: Statement = Statement {
    sql: concat!(
        "INSERT INTO scan (item, first_at, first_place, first_device, last_at, count, repeat, places, devices)
         VALUES (?1, ?2, ?3, ?4, ?2, 1, 0, '|' || CASE ?3 WHEN '' THEN '' ELSE ?3 || '|' END, ',' || ?4)
         ON CONFLICT (item) DO UPDATE SET
            last_at = ?2,
            repeat = first_device IN (?4, ?5) OR instr(devices, ',' || ?4) > 0 OR instr(devices, ',' || ?5) > 0,
            count = count + NOT (
                first_device IN (?4, ?5) OR instr(devices, ',' || ?4) > 0 OR instr(devices, ',' || ?5) > 0),
            places = CASE
                WHEN ?3 = '' OR instr(places, '|' || ?3 || '|') > 0 OR length(places) > 1000 THEN places
                ELSE places || ?3 || '|' END,
            devices = CASE
                WHEN instr(devices, ',' || ?4) > 0 THEN devices
                ELSE substr(devices || ',' || ?4, -",
        device_list!(),
        ") END
         RETURNING count, repeat, first_at, first_place, first_device IN (?4, ?5), places"
    ),
};

/// Looks without counting. Parameter: item. Columns as [`COUNT`] returns them.
pub const LOOK: Statement =
    Statement { sql: "SELECT count, 1, first_at, first_place, 0, places FROM scan WHERE item = ?1" };
