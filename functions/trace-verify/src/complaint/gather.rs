//! Complaints of builds that kept them with their piece, and those on codes that are not ours with their day: taken into the
//! one list. Where all shards are one database they are in it already.

use serde::{Deserialize, Serialize};
use shared::china_time::parse_date;
use shared::platform::Statement;

use super::Entry;
use crate::digital_link::CANONICAL_BASE;

/// Complaints that an earlier build kept apart, in the shard of their piece or of their day, by number. Parameters: the piece,
/// or `unverified/` and the day; the number after which they begin; how many. Columns as [`LIST`].
pub const EARLIER: Statement = Statement {
    sql: "SELECT id, item, verified, at, reason, bought_from, description, lang, answered_at, answer_zh, answer_en, answered_by
          FROM complaint WHERE item = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
};

/// Takes complaints over, once each. Parameter: a JSON array of [`Entry`]. Returns the numbers that are new.
pub const TAKE_OVER: Statement = Statement {
    sql: "INSERT INTO complaint (id, item, verified, at, reason, bought_from, description, lang)
          SELECT json_extract(value, '$.complaint'), json_extract(value, '$.item'), json_extract(value, '$.verified'),
                 json_extract(value, '$.received_at'), json_extract(value, '$.reason'),
                 json_extract(value, '$.bought_from'), json_extract(value, '$.description'), json_extract(value, '$.lang')
          FROM json_each(?1) WHERE true
          ON CONFLICT (id) DO NOTHING
          RETURNING id",
};

/// Where an earlier build kept complaints apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Apart {
    /// With their piece.
    Piece(String),
    /// On codes that are not ours, with their day in China: `YYYY-MM-DD`.
    Day(String),
}

impl Apart {
    /// The shard, and `item` of the rows in it.
    pub fn shard(&self) -> String {
        match self {
            Apart::Piece(item) => item.clone(),
            Apart::Day(day) => format!("unverified/{day}"),
        }
    }
}

impl Entry {
    /// As this build keeps it. Earlier ones kept those on codes that are not ours under their day, and wrote the link into the
    /// first line of the description.
    pub fn as_now(mut self) -> Entry {
        let day = self.item.strip_prefix("unverified/").and_then(parse_date);
        if self.verified || day.is_none() {
            return self;
        }
        let (link, rest) = self.description.split_once('\n').unwrap_or((&self.description, ""));
        if let Some(path) = link.strip_prefix(CANONICAL_BASE) {
            (self.item, self.description) = (format!("unverified/{path}"), rest.to_owned());
        }
        self
    }
}

/// Which complaints of earlier builds are to be taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gather {
    /// Labels of ours: their URLs, or their paths.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Days in China, `YYYY-MM-DD`, for codes that are not ours.
    #[serde(default)]
    pub days: Vec<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathered {
    /// How many there were.
    pub found: u64,
    /// How many of them the list did not have yet.
    pub new: u64,
}

/// Most labels and days of one call: each is a shard, and a host bounds how many of them one request may ask.
pub const MAX_GATHER: usize = 20;
