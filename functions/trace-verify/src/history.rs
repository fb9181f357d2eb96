//! What the scan ledger says about one piece.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::platform::{Place, Row};

use crate::marks::{AGENT, BLOCK, NAMELESS, NETWORK, NO_CITY};
use crate::visitor::Uncounted;

/// A piece's scans, after this visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// What the scans left.
    pub traces: Traces,
    /// Whether this visit is by whoever scanned the piece first, or by that household.
    pub kin: Kin,
}

/// What a visit is to the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visit {
    /// The first scan there ever was. Exactly one visit is.
    First,
    /// A scan from another device than all before it: counted.
    #[default]
    Further,
    /// The same device again, or one like it: not counted.
    Repeat {
        /// How it was recognised.
        by: Recognised,
        /// It was the first one, too, or is like it.
        by_first_device: bool,
    },
    /// No scan: not counted.
    NotCounted(Uncounted),
}

/// How a device is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// By this piece's cookie.
    Cookie,
    /// An app says so, and signs it.
    App,
    /// By address and browser alone: another device of that model behind that address is not told from it.
    Likeness,
}

/// How near a visit is to the first scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kin {
    /// Nothing is known of it.
    #[default]
    Stranger,
    /// It comes from a city or a province where the first device was, or from a phone of its model; or did when it was
    /// counted.
    Alike,
    /// It comes from a line where the first device was, or did when it was counted: who shares a home, an office.
    Household,
    /// It is the first device.
    First,
}

impl Kin {
    /// All, from the farthest to the nearest; cookies hold their places in this list.
    pub const ALL: [Kin; 4] = [Kin::Stranger, Kin::Alike, Kin::Household, Kin::First];
}

/// What the scans of a piece left to judge it by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// Devices counted by builds that kept no networks.
    pub before: i64,
    /// Cities listed by those.
    pub places_before: usize,
    /// Scans outside the first device's household, each in its network and by its browser, as far as they are kept.
    pub(crate) outside: Vec<Trace>,
    /// Where the first scan was, if known.
    pub(crate) first: Option<Where>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    day: i64,
    network: String,
    agent: String,
    at: Where,
}

/// Where a scan was, as tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Where {
    city: Option<String>,
    /// Absent of scans that builds before wrote.
    region: Option<String>,
    /// The host knows neither places nor networks.
    is_block: bool,
}

impl Where {
    /// The province; where none is known, the city stands for it.
    fn wide(&self) -> Option<&str> {
        self.region.as_deref().or(self.city.as_deref())
    }
}

/// How many different ones there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Networks outside the household.
    pub networks: i64,
    /// Phones in these: those that browsers name, or the browsers that name none if they are more. A phone has some of both.
    pub agents: i64,
    /// Cities, with that of the first scan.
    pub cities: i64,
    /// Provinces, with that of the first scan; a city stands for its province where that is unknown. Events of builds before
    /// do not tell it.
    #[serde(default)]
    pub regions: i64,
    /// Of the networks, those that are blocks of addresses, since the host knows neither places nor networks.
    #[serde(default)]
    pub blocks: i64,
}

/// Digits of a day in a trace.
const DAY: usize = 5;

/// A trace as the ledger writes it, behind its separator.
pub fn trace_text(day: i64, network: &str, agent: &str, city: &str, region: &str) -> String {
    let day = day.clamp(0, 99_999);
    let region = if region.is_empty() { NO_CITY } else { region };
    format!("{day:05}{network}{agent}{city}{region}")
}

impl Traces {
    /// From the ledger's list: `;` before the first scan, `,` before each of the others. What was cut off at its
    /// beginning is none.
    pub(crate) fn parse(text: &str) -> Traces {
        let mut traces = Traces::default();
        for (at, mark) in text.match_indices([',', ';']) {
            let Some(trace) = text.get(at.saturating_add(1)..).and_then(Trace::parse) else { continue };
            if mark == ";" {
                traces.first = Some(trace.at);
            } else {
                traces.outside.push(trace);
            }
        }
        traces
    }

    /// How far the scans of the last `window_days` are spread.
    pub fn spread(&self, now_ms: i64, window_days: i64) -> Spread {
        let from = now_ms.div_euclid(86_400_000).saturating_sub(window_days);
        let recent = || self.outside.iter().filter(move |trace| trace.day > from);
        let count = |set: BTreeSet<&str>| i64::try_from(set.len()).unwrap_or(i64::MAX);
        let phones = |named: bool| {
            let agents = recent().map(|trace| trace.agent.as_str());
            count(agents.filter(|agent| agent.starts_with(NAMELESS) != named).collect())
        };
        let all = || recent().map(|trace| &trace.at).chain(&self.first);
        Spread {
            networks: count(recent().map(|trace| trace.network.as_str()).collect()),
            agents: phones(true).max(phones(false)),
            cities: count(all().filter_map(|at| at.city.as_deref()).collect()),
            regions: count(all().filter_map(Where::wide).collect()),
            blocks: count(recent().filter(|trace| trace.at.is_block).map(|trace| trace.network.as_str()).collect()),
        }
    }
}

impl Trace {
    fn parse(text: &str) -> Option<Trace> {
        let (day, rest) = text.split_at_checked(DAY)?;
        let (network, rest) = rest.split_at_checked(usize::try_from(NETWORK).ok()?)?;
        let (agent, rest) = rest.split_at_checked(usize::try_from(AGENT).ok()?)?;
        let (city, rest) = rest.split_at_checked(NO_CITY.len())?;
        let region = rest.get(..NO_CITY.len()).filter(|region| !region.contains([',', ';']));
        let known = |tag: &str| (tag != NO_CITY && tag != BLOCK).then(|| tag.to_owned());
        let at = Where { city: known(city), region: region.and_then(known), is_block: city == BLOCK };
        Some(Trace { day: day.parse().ok()?, network: network.to_owned(), agent: agent.to_owned(), at })
    }
}

/// A place as the ledger writes it: `CN` or `CN/Hangzhou`.
pub fn place_text(place: Option<&Place>) -> String {
    let clean =
        |text: &str| text.chars().filter(|c| !c.is_control() && !"|,/".contains(*c)).take(60).collect::<String>();
    match place {
        None => String::new(),
        Some(Place { country, city: None, .. }) => clean(country),
        Some(Place { country, city: Some(city), .. }) => format!("{}/{}", clean(country), clean(city)),
    }
}

/// How whoever visits was known before the ledger was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// By a cookie; whether that of the first scan.
    pub cookie: Option<Kin>,
    /// By an app.
    pub app: bool,
}

impl History {
    /// From a row of [`crate::store::COUNT`]. `None` if it is not of that shape.
    pub fn counted(row: &Row, known: Known) -> Option<History> {
        let (count, repeat) = (row.integer(0)?, row.integer(1)? == 1);
        let like_the_first = row.integer(4)? == 1;
        let by = match known {
            Known { cookie: Some(_), .. } => Recognised::Cookie,
            Known { app: true, .. } => Recognised::App,
            _ => Recognised::Likeness,
        };
        let first_by_cookie = known.cookie == Some(Kin::First);
        // A cookie says who it is; that it looks like the first is then no matter.
        let by_first_device = if by == Recognised::Cookie { first_by_cookie } else { like_the_first };
        let visit = match (repeat, count) {
            (false, 1) => Visit::First,
            (false, _) => Visit::Further,
            (true, _) => Visit::Repeat { by, by_first_device },
        };
        let first = visit == Visit::First || (by_first_device && by != Recognised::Likeness);
        let before = known.cookie.unwrap_or_default().min(Kin::Household);
        let kin = if first { Kin::First } else { near(row)?.max(before) };
        Some(History { visit, kin, ..History::read(row)? })
    }

    /// From a row of [`crate::store::LOOK`].
    pub fn looked_at(row: &Row, why: Uncounted) -> Option<History> {
        Some(History { visit: Visit::NotCounted(why), kin: near(row)?, ..History::read(row)? })
    }

    fn read(row: &Row) -> Option<History> {
        let (count, first_at) = (row.integer(0)?, row.integer(2)?);
        let places = row.text(5)?.split('|').filter(|p| !p.is_empty()).count();
        let traces = Traces {
            before: count.saturating_sub(row.integer(6)?),
            places_before: places.saturating_sub(usize::try_from(row.integer(7)?).ok()?),
            ..Traces::parse(row.text(8)?)
        };
        let first_place = parse_place(row.text(3)?);
        Some(History { count, first_at, first_place, places, traces, ..History::default() })
    }
}

fn near(row: &Row) -> Option<Kin> {
    Some(match row.integer(9)? {
        0 => Kin::Stranger,
        1 => Kin::Alike,
        _ => Kin::Household,
    })
}

fn parse_place(text: &str) -> Option<Place> {
    let (country, city) = text.split_once('/').map_or((text, None), |(country, city)| (country, Some(city)));
    (!country.is_empty()).then(|| Place {
        country: country.to_owned(),
        city: city.map(str::to_owned),
        ..Place::default()
    })
}

#[cfg(test)]
mod tests;
