//! The scan ledger and the complaints: this function's tables and statements, each one atomic by itself.
//!
//! Deliberately absent: addresses, user agents, coordinates, and any tag that could link two products to one device.

use shared::platform::{Schema, Statement, Step};
use shared::policy;

/// The tables, step by step (`shared::platform::Schema` says how to add one). `scan` has one row a piece; `devices`,
/// `places`, `home` (where the first device was seen) and `traces` (scans elsewhere) are bounded lists in text.
/// `counted` and `placed` say how many of the devices and places were written by builds that keep traces.
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
        // What builds before counted is told apart by what is missing from these: they write neither.
        statements: &[
            "ALTER TABLE scan ADD COLUMN counted INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE scan ADD COLUMN placed INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE scan ADD COLUMN home TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE scan ADD COLUMN traces TEXT NOT NULL DEFAULT ''",
        ],
    },
    Step {
        number: 5,
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

/// Whether a visit is by a device that the row knows: by its cookie (?6), or by its tags.
macro_rules! known {
    () => {
        "(?6 > 0 OR first_device IN (?4, ?5) OR instr(devices, ',' || ?4) > 0 OR instr(devices, ',' || ?5) > 0)"
    };
}

/// Whether the row has this place already, or no room for it.
macro_rules! placed {
    () => {
        "(?3 = '' OR instr(places, '|' || ?3 || '|') > 0 OR length(places) > 1000)"
    };
}

/// How near a visit is to the first device (?2 to ?5 of [`LOOK`], ?7 and ?11 to ?13 of [`COUNT`]; `''` if unknown): 2 from
/// a line where it was, 1 from its city or its province, or from a phone of its model, else 0. Without a province: whether the
/// visit leaves no trace.
macro_rules! near {
    ($line:literal, $city:literal, $model:literal, $region:literal) => {
        concat!(
            "CASE WHEN ",
            near!($line, $city, $model),
            " > 0 THEN ",
            near!($line, $city, $model),
            " WHEN ",
            $region,
            " <> '' AND instr(home, ",
            $region,
            ") > 0 THEN 1 ELSE 0 END"
        )
    };
    ($line:literal, $city:literal, $model:literal) => {
        concat!(
            "CASE WHEN ",
            $line,
            " <> '' AND instr(home, ",
            $line,
            ") > 0 THEN 2 WHEN (",
            $city,
            " <> '' AND instr(home, ",
            $city,
            ") > 0) OR (",
            $model,
            " <> '' AND instr(home, ",
            $model,
            ") > 0) THEN 1 ELSE 0 END"
        )
    };
}

/// A list of the first device's household with one more mark, unless it has it or is full.
macro_rules! with {
    ($list:expr, $mark:literal) => {
        concat!(
            $list,
            " || CASE WHEN ",
            $mark,
            " = '' OR instr(home, ",
            $mark,
            ") > 0 OR length(home) > 400 THEN '' ELSE ',' || ",
            $mark,
            " END"
        )
    };
}

/// Counts a visit. Parameters: item; now; place (`''` if unknown); this period's device tag; the last period's; what the
/// cookie says (0: there is none, 1: it was counted, 2: by the first device or from its line); line; network; network and browser; the trace;
/// city; model; province. Of line, city, model and province, `''` is unknown.
///
/// One statement: whoever inserts the row is the first, under any race; a device that is known sets `repeat` and adds
/// nothing. Expressions on the right see the row as it was. `home` are lines, cities, models and provinces of the first device and of
/// those who scanned from its line: of the first scan, and of visits from these lines or with such a cookie. A trace is kept of what was counted elsewhere; of one
/// network at most three, so that nobody pushes out those of others; 64 in all.
pub const COUNT: Statement = Statement {
    sql: concat!(
        "INSERT INTO scan (item, first_at, first_place, first_device, last_at, count, repeat, places, devices,
                           counted, placed, home, traces)
         VALUES (?1, ?2, ?3, ?4, ?2, 1, 0, '|' || CASE ?3 WHEN '' THEN '' ELSE ?3 || '|' END, ',' || ?4,
                 1, ?3 <> '', ',' || ?7 || ',' || ?11 || ',' || ?12 || ',' || ?13, ';' || ?10)
         ON CONFLICT (item) DO UPDATE SET
            last_at = ?2,
            repeat = ",
        known!(),
        ",
            count = count + NOT ",
        known!(),
        ",
            counted = counted + NOT ",
        known!(),
        ",
            placed = placed + NOT (",
        known!(),
        " OR ",
        placed!(),
        "),
            places = CASE WHEN ",
        known!(),
        " OR ",
        placed!(),
        " THEN places ELSE places || ?3 || '|' END,
            home = CASE WHEN ?6 < 2 AND NOT (?7 <> '' AND instr(home, ?7) > 0) THEN home ELSE ",
        with!(with!(with!(with!("home", "?7"), "?11"), "?12"), "?13"),
        " END,
            traces = CASE
                WHEN ",
        known!(),
        " OR ",
        near!("?7", "?11", "?12"),
        " > 0 OR instr(traces, ?9) > 0
                    OR length(traces) - length(replace(traces, ?8, '')) >= 3 * length(?8) THEN traces
                ELSE substr(traces || ',' || ?10, -2048) END,
            devices = CASE
                WHEN ?6 > 0 OR instr(devices, ',' || ?4) > 0 THEN devices
                ELSE substr(devices || ',' || ?4, -",
        device_list!(),
        ") END
         RETURNING count, repeat, first_at, first_place, first_device IN (?4, ?5), places, counted, placed, traces, ",
        near!("?7", "?11", "?12", "?13")
    ),
};

/// Looks without counting. Parameters: item; line, city, model and province (`''` if unknown). Columns as [`COUNT`] returns them.
pub const LOOK: Statement = Statement {
    sql: concat!(
        "SELECT count, 1, first_at, first_place, 0, places, counted, placed, traces, ",
        near!("?2", "?3", "?4", "?5"),
        " FROM scan WHERE item = ?1"
    ),
};
