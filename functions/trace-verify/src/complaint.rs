//! Complaints as they are kept: their numbers, what bounds them, and what is told of them again, to whoever reported and
//! to the operator. All of them are in one shard, so that one statement sees what all limits count.

mod gather;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use shared::china_time::{day_number, start_of_day};
use shared::crockford;
use shared::lang::{Lang, Text};
use shared::mac::{self, MacKey};
use shared::platform::{Row, Statement};
use shared::problem::{Problem, text};

pub use self::gather::{Apart, EARLIER, Gather, Gathered, MAX_GATHER, TAKE_OVER};
use crate::problems;

/// The shard of all complaints.
pub const SHARD: &str = "complaints";
/// Most characters of an answer, in each language.
pub const MAX_ANSWER: usize = 1000;
/// Complaints on a page of the operator's list.
pub const PAGE: usize = 200;
/// Symbols of a number: 60 bits.
const SYMBOLS: u32 = 12;

/// A complaint's number, `R-XXXX-XXXX-XXXX`.
pub fn number(bits: u64) -> String {
    let mut number = String::from("R");
    for (at, symbol) in crockford::symbols(u128::from(bits), SYMBOLS).enumerate() {
        if at.is_multiple_of(4) {
            number.push('-');
        }
        number.push(symbol);
    }
    number
}

/// A number's bits, from a tag.
pub fn bits(tag: &[u8; 32]) -> u64 {
    mac::leftmost_u64(tag, SYMBOLS.saturating_mul(crockford::BITS))
}

/// A number as people type it: either case, with or without hyphens and blanks, `O` for 0.
pub fn read_number(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && !"-–—‐‑−－".contains(*c)).collect();
    let symbols = plain.strip_prefix(['R', 'r', 'Ｒ', 'ｒ']).filter(|_| plain.chars().count() == 13)?;
    let bits = u64::try_from(crockford::decode(symbols).ok()?).ok()?;
    Some(number(bits))
}

/// The tag of a network for one day, and the shard that counts it. Keyed, and another tomorrow: it says how much came from
/// somewhere today, and nothing else.
pub fn network(key: &MacKey, address: Option<&str>, day: i64) -> (String, String) {
    let bytes = match address.and_then(|address| address.parse().ok()).map(|address: IpAddr| address.to_canonical()) {
        Some(IpAddr::V4(v4)) => v4.octets().to_vec(),
        // What a provider gives one household; whoever has more has several networks.
        Some(IpAddr::V6(v6)) => v6.octets().iter().take(7).copied().collect(),
        None => Vec::new(),
    };
    let tag = key.tag(&[b"network\0", &day.to_be_bytes(), &bytes]);
    let tag: String = crockford::symbols(u128::from(bits(&tag)), SYMBOLS).collect();
    let shard = format!("{SHARD}/networks/{}", tag.get(..2).unwrap_or_default());
    (tag, shard)
}

/// Forgets the networks of earlier days. Parameter: today.
pub const FORGET: Statement = Statement { sql: "DELETE FROM complaint_network WHERE day < ?1" };

/// A mark of an item among a network's complaints: seven characters.
pub fn mark(key: &MacKey, item: &str) -> String {
    let symbols = crockford::symbols(u128::from(bits(&key.tag(&[b"item\0", item.as_bytes()]))), SYMBOLS);
    std::iter::once('~').chain(symbols.take(6)).collect()
}

/// Takes a number into account for a network, once, while it has fewer than the most today, of all and of this item: what
/// floods one code must not take the network's room for others. Parameters: tag, day, number, the most, the item's mark,
/// the most of an item. Returns the tag, or nothing if there were enough. A number with its mark takes 24 characters.
pub const FROM_NETWORK: Statement = Statement {
    sql: "INSERT INTO complaint_network (tag, day, ids) VALUES (?1, ?2, ',' || ?3 || ?5)
          ON CONFLICT (tag) DO UPDATE SET ids = CASE WHEN instr(ids, ?3) > 0 THEN ids ELSE ids || ',' || ?3 || ?5 END
          WHERE instr(ids, ?3) > 0
            OR (length(ids) < 24 * ?4 AND length(ids) - length(replace(ids, ?5, '')) < 7 * ?6)
          RETURNING tag",
};

/// How many of a network's complaints today are on an item. Parameters: tag, the item's mark.
pub const OF_NETWORK_ON_ITEM: Statement =
    Statement { sql: "SELECT (length(ids) - length(replace(ids, ?2, ''))) / 7 FROM complaint_network WHERE tag = ?1" };

/// Keeps a complaint, once, while there are fewer than the most. Parameters: number, item, verified, now, reason, bought
/// from, description, language, the most that wait for an answer on the item, the beginning of the day, the most of a day
/// (of codes that are ours, or of those that are not: neither silences the other). Returns the number, or nothing.
pub const KEEP: Statement = Statement {
    sql: "INSERT INTO complaint (id, item, verified, at, reason, bought_from, description, lang)
          SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
          WHERE (SELECT count(*) FROM complaint WHERE item = ?2 AND id <> ?1 AND answered_at IS NULL) < ?9
            AND (SELECT count(*) FROM complaint WHERE verified = ?3 AND at >= ?10 AND id <> ?1) < ?11
          ON CONFLICT (id) DO UPDATE SET id = id
          RETURNING id",
};

/// How many complaints on an item wait for an answer. Parameter: item.
pub const WAITING: Statement =
    Statement { sql: "SELECT count(*) FROM complaint WHERE item = ?1 AND answered_at IS NULL" };

/// What whoever reported may know. Parameter: number.
pub const LOOK_UP: Statement =
    Statement { sql: "SELECT at, answered_at, answer_zh, answer_en FROM complaint WHERE id = ?1" };

/// A page of the operator's list. Parameters: the instant and the number after which it begins, which (`open`, `answered`,
/// `all`), how many.
pub const LIST: Statement = Statement {
    sql: "SELECT id, item, verified, at, reason, bought_from, description, lang, answered_at, answer_zh, answer_en, answered_by
          FROM complaint
          WHERE (at > ?1 OR (at = ?1 AND id > ?2))
            AND CASE ?3 WHEN 'open' THEN answered_at IS NULL WHEN 'answered' THEN answered_at IS NOT NULL ELSE 1 END
          ORDER BY at, id LIMIT ?4",
};

/// Answers a complaint, or answers it anew. Parameters: number, now, the answer in Chinese and in English, who answers.
pub const ANSWER: Statement = Statement {
    sql: "UPDATE complaint SET answered_at = ?2, answer_zh = ?3, answer_en = ?4, answered_by = ?5 WHERE id = ?1
          RETURNING id",
};

/// Why a complaint was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So many came from this network today.
    Network(i64),
    /// So many on this very code came from this network today.
    NetworkOnItem(i64),
    /// So many on this very code wait for an answer.
    Item(i64),
    /// So many came today on codes of this kind, whatever the code.
    Day,
}

impl Limit {
    /// The answer, in true words: what is full, and when to come again.
    pub fn problem(self, now_ms: i64) -> Problem {
        let tomorrow = start_of_day(day_number(now_ms).saturating_add(1));
        let until = tomorrow.saturating_sub(now_ms).div_euclid(1000).saturating_add(1);
        let until = u32::try_from(until).unwrap_or(86_400);
        match self {
            Limit::Network(most) => Problem::new(
                &problems::TOO_MANY_FROM_NETWORK,
                text(
                    format!("今天从您所在的网络已收到 {most} 条举报，这一条没有保存。与您共用网络的人也计算在内；北京时间零点后可以再提交，或换一个网络。"),
                    format!(
                        "{most} reports came from your network today, and this one was not kept. Whoever shares the network \
                         is counted too. Send it after midnight Beijing time, or from another network."
                    ),
                ),
            )
            .retry_after(until),
            Limit::NetworkOnItem(most) => Problem::new(
                &problems::TOO_MANY_FROM_NETWORK,
                text(
                    format!("今天从您所在的网络已收到 {most} 条关于这个码的举报，这一条没有保存。其他商品的举报不受影响。"),
                    format!(
                        "{most} reports on this code came from your network today, and this one was not kept. Reports on other \
                         codes are taken."
                    ),
                ),
            )
            .retry_after(until),
            Limit::Item(most) => Problem::new(
                &problems::TOO_MANY_REPORTS,
                text(
                    format!("关于这个码已有 {most} 条举报等待处理，这一条没有保存。其他商品的举报不受影响。"),
                    format!(
                        "{most} reports on this code wait for an answer, and this one was not kept. Reports on other codes \
                         are taken."
                    ),
                ),
            )
            .retry_after(86_400),
            Limit::Day => Problem::new(
                &problems::TOO_MANY_TODAY,
                text(
                    "今天收到的举报太多，超出了我们每天能保存的数量，这一条没有保存。请在北京时间零点后再提交。",
                    "More reports came in today than we can keep, and this one was not kept. Please send it after midnight \
                     Beijing time.",
                ),
            )
            .retry_after(until),
        }
    }
}

/// What whoever reported may know: that it is here, and the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Known {
    /// The number.
    pub complaint: String,
    /// When it was received.
    pub received_at: i64,
    /// When it was answered.
    pub answered_at: Option<i64>,
    /// The answer, in the language of whoever asks.
    pub answer: Option<String>,
}

impl Known {
    /// From a row of [`LOOK_UP`].
    pub fn from_row(number: String, row: &Row, lang: Lang) -> Option<Known> {
        let answer = row.text(lang.pick(2, 3)).map(str::to_owned);
        Some(Known { complaint: number, received_at: row.integer(0)?, answered_at: row.integer(1), answer })
    }
}

/// A complaint, as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The number.
    pub complaint: String,
    /// The piece; behind `unverified/` the label's path, where the code is not ours.
    pub item: String,
    /// Whether the code is ours.
    pub verified: bool,
    /// When it was received.
    pub received_at: i64,
    /// `counterfeit`, `mismatch`, `damaged_label`, `unsafe`, `other`.
    pub reason: String,
    /// Where it was bought.
    pub bought_from: String,
    /// What was seen.
    pub description: String,
    /// The language of whoever reported.
    pub lang: String,
    /// When it was answered.
    pub answered_at: Option<i64>,
    /// The answer.
    pub answer: Option<Text>,
    /// Who answered.
    pub answered_by: Option<String>,
}

impl Entry {
    /// From a row of [`LIST`].
    pub fn from_row(row: &Row) -> Option<Entry> {
        let text = |column: usize| row.text(column).map(str::to_owned);
        Some(Entry {
            complaint: text(0)?,
            item: text(1)?,
            verified: row.integer(2)? == 1,
            received_at: row.integer(3)?,
            reason: text(4)?,
            bought_from: text(5)?,
            description: text(6)?,
            lang: text(7)?,
            answered_at: row.integer(8),
            answer: text(9).zip(text(10)).map(|(zh, en)| Text { zh, en }),
            answered_by: text(11),
        })
    }
}

/// What the operator answers with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// In both languages: whoever looks it up may read either.
    pub answer: Text,
}

impl Answered {
    /// Trimmed, and within its bounds.
    ///
    /// # Errors
    /// A problem that names the member.
    pub fn checked(self) -> Result<Answered, Problem> {
        let one = |text: &str, pointer: &str| -> Result<String, Problem> {
            let kept: String = text.trim().chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
            if kept.is_empty() || kept.chars().count() > MAX_ANSWER {
                let (zh, en) = (format!("1 至 {MAX_ANSWER} 个字。"), format!("1 to {MAX_ANSWER} characters."));
                let detail = shared::problem::text(zh, en);
                return Err(Problem::new(&problems::BAD_ANSWER, detail.clone()).field(pointer, "bad-length", detail));
            }
            Ok(kept)
        };
        let (zh, en) = (one(&self.answer.zh, "/answer/zh")?, one(&self.answer.en, "/answer/en")?);
        Ok(Answered { answer: Text { zh, en } })
    }
}

#[cfg(test)]
mod tests {
    use shared::mac::Secret;
    use shared::platform::Sql as _;
    use shared::platform::native::{Native, block_on};

    use super::*;
    use crate::store;

    #[test]
    fn numbers_are_read_as_they_are_typed() {
        let number = number(0x0123_4567_89AB_CDEF >> 4);
        assert_eq!(number.len(), 16);
        let low = number.to_lowercase().replace('-', " ");
        for typed in
            [number.as_str(), &low, &number.replace('-', ""), &format!("  {number} "), &number.replace('0', "o")]
        {
            assert_eq!(read_number(typed).as_deref(), Some(number.as_str()), "{typed}");
        }
        for no in [
            "",
            "R",
            "R-XXXX",
            "Q-0000-0000-0000",
            "R-0000-0000-000U",
            "R-0000-0000-00000",
            "R茶茶茶茶茶茶茶茶茶茶茶茶",
        ] {
            assert_eq!(read_number(no), None, "{no}");
        }
    }

    #[test]
    fn networks_are_those_of_a_household_and_of_one_day() {
        let key = MacKey::new(&Secret::new([1; 32]));
        let tag = |address| network(&key, Some(address), 5).0;
        assert_eq!(tag("2001:db8:1:2:aaaa::1"), tag("2001:db8:1:3::2"));
        assert_eq!(tag("::ffff:192.0.2.1"), tag("192.0.2.1"));
        assert_ne!(tag("2001:db8:1:2::1"), tag("2001:db8:1:102::1"));
        assert_ne!(tag("192.0.2.1"), tag("192.0.2.2"));
        assert_ne!(tag("192.0.2.1"), network(&key, Some("192.0.2.1"), 6).0);
        assert_eq!(network(&key, None, 5), network(&key, Some("no address"), 5));
        // Midnight in China.
        assert_eq!(start_of_day(day_number(1_790_006_400_000 - 1) + 1), 1_790_006_400_000);
        assert_eq!(day_number(1_790_006_400_000), day_number(1_790_006_400_000 - 1) + 1);
    }

    fn keep(host: &Native, id: &str, item: &str, verified: i64, most: (i64, i64)) -> bool {
        let params = [
            id.into(),
            item.into(),
            verified.into(),
            5.into(),
            "other".into(),
            "".into(),
            "".into(),
            "en".into(),
            most.0.into(),
            0.into(),
            most.1.into(),
        ];
        !block_on(host.query(SHARD, &KEEP, &params)).expect("query").is_empty()
    }

    /// Two thousand posts on one fake leave every other code its own room.
    #[test]
    fn a_flood_on_one_code_silences_no_other() {
        let host = Native::new(store::SCHEMA).expect("tables");
        let kept = (0..2000).filter(|n| keep(&host, &format!("R-{n}"), "unverified/01/1", 0, (50, 2000))).count();
        assert_eq!(kept, 50);
        assert!(keep(&host, "R-0", "unverified/01/1", 0, (50, 2000)), "the same again is kept once");
        assert!(keep(&host, "R-other", "unverified/01/2", 0, (50, 2000)));
        // Nor do invented codes, however many, silence those that are ours.
        for n in 0..100 {
            keep(&host, &format!("R-i{n}"), &format!("unverified/02/{n}"), 0, (50, 100));
        }
        assert!(!keep(&host, "R-late", "unverified/03/1", 0, (50, 100)));
        assert!(keep(&host, "R-ours", "01/1", 1, (50, 100)));
        // An answer makes room.
        let params = ["R-3".into(), 9.into(), "好".into(), "Good".into(), "desk".into()];
        assert_eq!(block_on(host.query(SHARD, &ANSWER, &params)).expect("query").len(), 1);
        assert!(keep(&host, "R-2001", "unverified/01/1", 0, (50, 2000)));
        assert!(!keep(&host, "R-2002", "unverified/01/1", 0, (50, 2000)));
    }

    #[test]
    fn a_network_has_so_many_a_day() {
        let host = Native::new(store::SCHEMA).expect("tables");
        let key = MacKey::new(&Secret::new([1; 32]));
        let on = |tag: &str, day: i64, id: String, item: &str| {
            block_on(host.query(SHARD, &FORGET, &[day.into()])).expect("query");
            let mark = mark(&key, item);
            let params = [tag.into(), day.into(), id.as_str().into(), 3.into(), mark.as_str().into(), 2.into()];
            !block_on(host.query(SHARD, &FROM_NETWORK, &params)).expect("query").is_empty()
        };
        let one = |tag: &str, day: i64, id: String| {
            let item = id.clone();
            on(tag, day, id, &item)
        };
        let id = |n: u64| number(n);
        let took: Vec<bool> = [1, 2, 2, 3, 4, 1].map(|n| one("A", 1, id(n))).to_vec();
        assert_eq!(took, [true, true, true, true, false, true]);
        // A flood on one code takes two of three, and leaves the third for another.
        let flood = (10..2010).filter(|n| on("D", 1, id(*n), "unverified/01/1")).count();
        assert_eq!(flood, 2);
        let params = ["D".into(), mark(&key, "unverified/01/1").as_str().into()];
        let rows = block_on(host.query(SHARD, &OF_NETWORK_ON_ITEM, &params)).expect("query");
        assert_eq!(rows.first().and_then(|row| row.integer(0)), Some(2));
        assert!(on("D", 1, id(5), "unverified/01/2"));
        assert!(!on("D", 1, id(6), "unverified/01/3"));
        assert!(one("B", 1, id(4)));
        assert!(one("C", 2, id(4)));
        let left = host.sql.query_row("SELECT count(*) FROM complaint_network", [], |row| row.get::<_, i64>(0));
        assert_eq!(left, Ok(1), "yesterday is forgotten");
    }
}
