//! Visits: what is known of the pages that a browser saw before this one, in a signed cookie of its own.
//!
//! It says when the visit began, when its last page was, at what pace and in which order things were done, and over how
//! many networks; times are the server's. **Deliberately absent: a number of the visit, and what was looked at.** Who
//! sends no such cookie, or an old one, is new, and nothing else; so it weighs nothing to be unknown.

use screen_rules::signal::ACTIONS;
use shared::http::Headers;

use crate::pass::{self, Cookie};
use crate::seal::{Keys, Purpose};

/// What the cookie is called, behind the prefix.
const NAME: &str = "venditor-visit";
const VERSION: u8 = 1;
/// Bytes of a visit in its cookie.
const BYTES: usize = 36;
/// Actions that are remembered.
const TRAIL: usize = 8;
/// Networks that are remembered.
const NETWORKS: usize = 4;
/// From how many pages on there is a pace.
const PACED: u8 = 5;

/// What is known of a request's visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Visiting {
    /// None are kept.
    #[default]
    Unknown,
    /// It brings none that is valid.
    New,
    /// It goes on.
    Known(Seen),
}

/// A visit, as a request finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The visit.
    pub visit: Visit,
    /// Milliseconds since it began.
    pub age: i64,
    /// Milliseconds since its last page, if it had one.
    pub since_page: Option<i64>,
    /// Its actions by name, with spaces in between.
    pub trail: String,
}

/// A visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// When it began, in milliseconds since the epoch.
    pub from: u64,
    /// When its last page was asked for.
    pub last: u64,
    /// Milliseconds from page to page: each new one counts a quarter.
    pace: u32,
    /// How many pages.
    pub pages: u8,
    /// Over how many networks.
    pub networks: u8,
    /// The last of these, in part of a keyed digest; 0 is none.
    recent: [u8; NETWORKS],
    /// Numbers of actions in [`ACTIONS`], from 1; 0 is none.
    trail: [u8; TRAIL],
}

impl Visit {
    /// Of a request's cookies, if it is ours and has not ended: the one with the latest page.
    pub fn of(headers: &Headers, keys: &Keys, cookie: &Cookie, now_ms: i64, valid_ms: i64) -> Option<Visit> {
        let name = cookie.named(NAME);
        let visits = pass::values(headers, &name).filter_map(|value| {
            let bytes = keys.open(Purpose::Visit, value)?;
            Visit::read(&bytes)
        });
        let goes_on = |visit: &Visit| now_ms.saturating_sub_unsigned(visit.last) < valid_ms;
        visits.filter(goes_on).max_by_key(|visit| visit.last)
    }

    /// As a request finds it.
    pub fn seen(self, now_ms: i64) -> Seen {
        let names = self.trail.iter().filter_map(|number| ACTIONS.get(usize::from(number.checked_sub(1)?)).copied());
        let trail = names.collect::<Vec<_>>().join(" ");
        // Another instance's clock may be a little ahead.
        let since = |at: u64| now_ms.saturating_sub_unsigned(at).max(0);
        // What a script did before any page was seen is no page.
        let since_page = (self.pages > 0).then(|| since(self.last));
        Seen { age: since(self.from), since_page, trail, visit: self }
    }

    /// Milliseconds from page to page on the average, once there are enough of them.
    pub fn pace(&self) -> Option<u32> {
        (self.pages >= PACED).then_some(self.pace)
    }

    /// Goes on with an action, and, if it is one, a page. `network` is the name under which its network is counted.
    #[must_use]
    pub fn goes_on(mut self, action: &str, page: bool, network: Option<&str>, now_ms: i64) -> Visit {
        let now = u64::try_from(now_ms).unwrap_or_default();
        if self.pages == 0 {
            self.from = now;
            self.last = now;
        }
        let number = ACTIONS.iter().position(|known| *known == action).and_then(|at| u8::try_from(at).ok());
        if let Some(number) = number.map(|number| number.saturating_add(1))
            && self.trail.iter().rev().find(|known| **known != 0) != Some(&number)
        {
            append(&mut self.trail, number);
        }
        if let Some(network) = network.and_then(mark)
            && !self.recent.contains(&network)
        {
            append(&mut self.recent, network);
            self.networks = self.networks.saturating_add(1);
        }
        if page {
            let gap = u32::try_from(now.saturating_sub(self.last)).unwrap_or(u32::MAX);
            self.pace = if self.pages < 2 { gap } else { (self.pace / 4).saturating_mul(3).saturating_add(gap / 4) };
            self.pages = self.pages.saturating_add(1);
            self.last = now;
        }
        self
    }

    /// The field `Set-Cookie` that keeps it for so many seconds.
    pub fn set_cookie(&self, keys: &Keys, cookie: &Cookie, seconds: i64) -> String {
        let mut bytes = vec![VERSION, 0];
        bytes.extend(self.from.to_be_bytes());
        bytes.extend(self.last.to_be_bytes());
        bytes.extend(self.pace.to_be_bytes());
        bytes.extend([self.pages, self.networks]);
        bytes.extend(self.recent);
        bytes.extend(self.trail);
        cookie.set(&cookie.named(NAME), &keys.seal(Purpose::Visit, &bytes), seconds)
    }

    fn read(bytes: &[u8]) -> Option<Visit> {
        let bytes: &[u8; BYTES] = bytes.try_into().ok()?;
        let ([version, _], rest) = bytes.split_first_chunk::<2>()?;
        let (from, rest) = rest.split_first_chunk::<8>()?;
        let (last, rest) = rest.split_first_chunk::<8>()?;
        let (pace, rest) = rest.split_first_chunk::<4>()?;
        let ([pages, networks], rest) = rest.split_first_chunk::<2>()?;
        let (recent, trail) = rest.split_first_chunk::<NETWORKS>()?;
        (*version == VERSION).then_some(Visit {
            from: u64::from_be_bytes(*from),
            last: u64::from_be_bytes(*last),
            pace: u32::from_be_bytes(*pace),
            pages: *pages,
            networks: *networks,
            recent: *recent,
            trail: trail.try_into().ok()?,
        })
    }
}

/// Puts a value behind the others, of which the first goes if there are too many.
fn append<const N: usize>(values: &mut [u8; N], value: u8) {
    match values.iter_mut().find(|known| **known == 0) {
        Some(free) => *free = value,
        None => {
            values.rotate_left(1);
            if let Some(last) = values.last_mut() {
                *last = value;
            }
        }
    }
}

/// One byte of a network's name, which tells few networks apart and nobody's from another's.
fn mark(network: &str) -> Option<u8> {
    let byte = u8::from_str_radix(network.get(..2)?, 16).ok()?;
    Some(byte.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::parse("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap()
    }

    #[test]
    fn a_visit_remembers_its_order_its_pace_and_its_networks() {
        let mut visit = Visit::default();
        for (at, action, page, network) in [
            (1_000, "browse", true, "aa"),
            (5_000, "browse", true, "aa"),
            (9_000, "search", true, "bb"),
            (13_000, "browse", true, "aa"),
            (17_000, "cart", false, "bb"),
            (18_000, "checkout", true, "cc"),
        ] {
            assert_eq!(visit.pace(), None);
            visit = visit.goes_on(action, page, Some(network), at);
        }
        let set = visit.set_cookie(&keys(), &Cookie::Plain, 1800);
        assert!(set.starts_with("venditor-visit=k1.") && set.contains("Max-Age=1800"));
        let mut headers = Headers::default();
        headers.push("cookie", set.split(';').next().unwrap());
        let of = |now| Visit::of(&headers, &keys(), &Cookie::Plain, now, 1_800_000);
        assert_eq!(of(18_001), Some(visit.clone()));
        assert_eq!(of(1_818_000), None, "it has ended");
        let seen = of(18_400).unwrap().seen(18_400);
        assert_eq!(seen.trail, "browse search browse cart checkout");
        assert_eq!((seen.since_page, seen.visit.pages, seen.visit.networks), (Some(400), 5, 3));
        assert_eq!(seen.visit.from, 1_000);
        assert_eq!(seen.visit.pace(), Some(4_250), "three of 4 s and a quarter of 5 s");
        assert_eq!(visit.seen(0).since_page, Some(0), "a clock that goes back");
        let script = Visit::default().goes_on("cart", false, None, 1_000);
        assert_eq!(script.seen(1_100).since_page, None, "a script's request is no page");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut visit = Visit::default();
        for n in 0..300_u32 {
            let action = ["cart", "search"][n as usize % 2];
            visit = visit.goes_on(action, true, Some(&format!("{:02x}", n % 100 + 1)), i64::from(n));
        }
        assert_eq!((visit.pages, visit.networks), (255, 255));
        assert_eq!(visit.seen(0).trail.split(' ').count(), TRAIL);
    }

    #[test]
    fn only_what_was_sealed_here_as_a_visit_is_one() {
        let mut headers = Headers::default();
        let pass = keys().seal(Purpose::Pass, &[1; BYTES]);
        headers.push("cookie", &format!("venditor-visit={pass}; venditor-visit=x; venditor-visit="));
        assert_eq!(Visit::of(&headers, &keys(), &Cookie::Plain, 0, 1000), None);
    }
}
