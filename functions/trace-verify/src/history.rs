//! What the scan ledger says about one piece.

use shared::platform::{Place, Row};

/// A piece's scans, after this visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// How many different devices scanned it.
    pub count: i64,
    /// When the first did, in milliseconds since the epoch.
    pub first_at: i64,
    /// Where, if known.
    pub first_place: Option<Place>,
    /// In how many different cities it was scanned, of those known.
    pub places: usize,
    /// What this visit was.
    pub visit: Visit,
}

/// What a visit is to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// The first scan there ever was. Exactly one visit is.
    First,
    /// A scan from another device than all before it: counted.
    Further,
    /// The same device again: not counted.
    Repeat {
        /// It was the first one, too.
        by_first_device: bool,
    },
    /// A prefetch, a link preview, a crawler or HEAD: not counted.
    NotAScan,
}

/// A place as the ledger writes it: `CN` or `CN/Hangzhou`.
pub fn place_text(place: Option<&Place>) -> String {
    let clean =
        |text: &str| text.chars().filter(|c| !c.is_control() && !"|,/".contains(*c)).take(60).collect::<String>();
    match place {
        None => String::new(),
        Some(Place { country, city: None }) => clean(country),
        Some(Place { country, city: Some(city) }) => format!("{}/{}", clean(country), clean(city)),
    }
}

impl History {
    /// From a row of [`crate::store::COUNT`] (`counted`) or [`crate::store::LOOK`]. `None` if it is not of that shape.
    pub fn from_row(row: &Row, counted: bool) -> Option<History> {
        let (count, repeat, first_at) = (row.integer(0)?, row.integer(1)?, row.integer(2)?);
        let by_first_device = row.integer(4)? == 1;
        let visit = match (counted, repeat, count) {
            (false, _, _) => Visit::NotAScan,
            (true, 0, 1) => Visit::First,
            (true, 0, _) => Visit::Further,
            (true, _, _) => Visit::Repeat { by_first_device },
        };
        let places = row.text(5)?.split('|').filter(|p| !p.is_empty()).count();
        Some(History { count, first_at, first_place: parse_place(row.text(3)?), places, visit })
    }
}

fn parse_place(text: &str) -> Option<Place> {
    let (country, city) = text.split_once('/').map_or((text, None), |(country, city)| (country, Some(city)));
    (!country.is_empty()).then(|| Place { country: country.to_owned(), city: city.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use shared::platform::native::{Native, block_on};
    use shared::platform::{Sql, Value};

    use super::*;
    use crate::store;

    fn scan(host: &Native, device: &str, previous: &str, place: &str, now: i64) -> History {
        let params = ["item".into(), now.into(), place.into(), device.into(), Value::from(previous)];
        let rows = block_on(host.query("item", &store::COUNT, &params)).expect("query");
        History::from_row(rows.first().expect("row"), true).expect("history")
    }

    #[test]
    fn the_first_is_first_once_and_devices_count_once() {
        let host = Native::new(store::SCHEMA).expect("tables");
        let first = scan(&host, "AAAAAAAAAAAA", "ZAAAAAAAAAAA", "CN/Hangzhou", 10);
        assert_eq!((first.count, first.visit, first.first_at, first.places), (1, Visit::First, 10, 1));
        let again = scan(&host, "AAAAAAAAAAAA", "ZAAAAAAAAAAA", "CN/Hangzhou", 20);
        assert_eq!((again.count, again.visit), (1, Visit::Repeat { by_first_device: true }));
        let other = scan(&host, "BBBBBBBBBBBB", "ZBBBBBBBBBBB", "CN/Beijing", 30);
        assert_eq!((other.count, other.visit, other.first_at, other.places), (2, Visit::Further, 10, 2));
        // The next period: new tags, and the old one is still known as the previous period's.
        let rotated = scan(&host, "CCCCCCCCCCCC", "BBBBBBBBBBBB", "", 40);
        assert_eq!((rotated.count, rotated.visit), (2, Visit::Repeat { by_first_device: false }));
        let place = first.first_place.expect("place");
        assert_eq!((place.country.as_str(), place.city.as_deref()), ("CN", Some("Hangzhou")));
    }

    #[test]
    fn lists_are_bounded() {
        let host = Native::new(store::SCHEMA).expect("tables");
        for n in 0..300 {
            scan(&host, &format!("{n:012}"), "Z", &format!("CN/City {n}"), n);
        }
        let row = block_on(host.query("item", &store::LOOK, &["item".into()])).expect("query");
        assert_eq!(row.first().and_then(|r| r.integer(0)), Some(300));
        let lengths = Statement { sql: "SELECT length(devices), length(places) FROM scan" };
        let row = block_on(host.query("item", &lengths, &[])).expect("query");
        assert_eq!(row.first().and_then(|r| r.integer(0)), Some(1560));
        assert!(row.first().and_then(|r| r.integer(1)).is_some_and(|n| n <= 1100));
        // The first device is known for ever.
        assert_eq!(scan(&host, &format!("{:012}", 0), "Z", "", 999).visit, Visit::Repeat { by_first_device: true });
    }

    use shared::platform::Statement;

    #[test]
    fn places_survive_writing_and_reading() {
        let place = Place { country: "CN".into(), city: Some("Xi'an|,/\n".into()) };
        assert_eq!(place_text(Some(&place)), "CN/Xi'an");
        assert_eq!(parse_place("CN").map(|p| (p.country, p.city)), Some(("CN".to_owned(), None)));
        assert_eq!(parse_place(""), None);
    }
}
