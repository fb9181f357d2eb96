//! The marks that a visit leaves: keyed tags for one piece alone, from which nobody without the key learns anything, and
//! which link no two pieces.

use std::net::IpAddr;

use shared::address;
use shared::crockford;
use shared::http::Headers;
use shared::mac::{self, MacKey, Secret};
use shared::platform::Place;

use crate::history::place_text;

const DAY_MS: i64 = 86_400_000;
/// Symbols of a device tag: 60 bits.
const DEVICE: u32 = 12;
/// Symbols of a network's tag: 40 bits.
pub const NETWORK: u32 = 8;
/// Symbols of a browser's and of a city's tag: 30 bits.
pub const AGENT: u32 = 6;
/// In place of a city's or a province's tag where none is known.
pub const NO_CITY: &str = "------";
/// In place of a city's tag where the host knows neither places nor networks: the network is a block of addresses.
pub const BLOCK: &str = "++++++";

/// In place of a browser's first symbol if it names no phone: it may be any of those that other browsers name.
pub const NAMELESS: char = '*';

/// Makes the tags. The key is derived from `TRACE_DEVICE_SECRET`.
pub struct Tagger {
    key: MacKey,
}

/// What is known of whoever visits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client<'a> {
    /// The client's address.
    pub address: Option<&'a str>,
    /// `User-Agent`.
    pub agent: &'a str,
    /// Number of the network (autonomous system) that the address belongs to, where the host knows it.
    pub asn: Option<u32>,
    /// Where it is, where the host knows it.
    pub place: Option<&'a Place>,
    /// An app's word for the device that it runs on, and which app says so.
    pub app: Option<(&'a str, &'a str)>,
}

/// The marks of one visit to one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The device, for the present period.
    pub current: String,
    /// The device, for the period before: it is the same across the change.
    pub previous: String,
    /// The line: what a household shares.
    pub line: String,
    /// The network.
    pub network: String,
    /// The phone, by its model; where none is known, the browser.
    pub agent: String,
    /// The phone's model; empty if unknown.
    pub model: String,
    /// The city, [`BLOCK`], or [`NO_CITY`].
    pub city: String,
    /// The province; empty if unknown.
    pub region: String,
    /// Where, in words; empty if unknown.
    pub place: String,
    /// On which day, since the epoch.
    pub day: i64,
}

impl Tagger {
    /// From the deployment's secret.
    pub fn new(secret: &Secret) -> Tagger {
        Tagger { key: MacKey::new(&mac::derive(secret, "venditor/trace/v1/device")) }
    }

    /// The marks of a visit to a piece, device tags in periods of `rotation_days`, at least 1.
    ///
    /// A device tag covers period, piece, address (of IPv6 the /64 that a household shares) and `User-Agent`. It is a
    /// likeness: two phones of one model behind one address have the same. A tag of a device that an app names covers what
    /// the app says, in every period the same. What a client says of proxies (`X-Forwarded-For`) is in none of them.
    ///
    /// A network is an operator's in one city where the host knows these, a city where it knows no operators, and else a /16 of
    /// IPv4 or a /32 of IPv6: within one, a person has any number of addresses. A line is a /24 or a /48. Both are the same in every period.
    ///
    /// What is stored under another `rotation_days` stays as it is, and so do counts. But periods are numbered anew: a
    /// device without a cookie that scanned a piece before the change counts as one more. A number that comes back years
    /// later only makes a device recognised again.
    pub fn marks(&self, client: &Client<'_>, item: &str, now_ms: i64, rotation_days: i64) -> Marks {
        let place = place_text(client.place);
        let known = client.address.and_then(address::address);
        let city = match client.place {
            Some(Place { city: Some(_), .. }) if client.app.is_none() => self.city(&place, item),
            _ if client.asn.is_none() && client.app.is_none() && known.is_some() => BLOCK.to_owned(),
            _ => NO_CITY.to_owned(),
        };
        let region = client.place.and_then(|place| Some((place.country.as_str(), place.region.as_deref()?)));
        let day = now_ms.div_euclid(DAY_MS);
        if let Some((caller, device)) = client.app {
            // Each device that an app vouches for stands by itself, wherever its call came from.
            let tag = |symbols| self.tag(item, "app", &[caller, device], symbols);
            let (device, network) = (tag(DEVICE), tag(NETWORK));
            let agent = tag(AGENT);
            let (model, place, region) = (String::new(), String::new(), String::new());
            return Marks {
                previous: device.clone(),
                current: device,
                line: network.clone(),
                network,
                agent,
                model,
                city,
                region,
                place,
                day,
            };
        }
        let period = now_ms.div_euclid(DAY_MS.saturating_mul(rotation_days.max(1)));
        let line = known.map(|address| self.tag(item, "line", &[&near(address)], NETWORK)).unwrap_or_default();
        let network = match (client.asn, known) {
            (Some(asn), _) => format!("as{asn} {place}"),
            (None, Some(_)) if city != NO_CITY && city != BLOCK => format!("city {place}"),
            (None, Some(address)) => wide(address),
            (None, None) => client.address.unwrap_or_default().to_owned(),
        };
        Marks {
            current: self.device(period, item, client),
            previous: self.device(period.saturating_sub(1), item, client),
            line,
            network: self.tag(item, "network", &[&network], NETWORK),
            // A phone is one in all its apps, and after each update of them.
            agent: match model(client.agent) {
                Some(model) => self.tag(item, "agent", &[model], AGENT),
                None => format!("{NAMELESS}{}", self.tag(item, "agent", &[client.agent], AGENT.saturating_sub(1))),
            },
            model: model(client.agent).map(|model| self.tag(item, "model", &[model], AGENT)).unwrap_or_default(),
            city,
            region: region
                .map(|(country, region)| self.tag(item, "region", &[country, region], AGENT))
                .unwrap_or_default(),
            place,
            day,
        }
    }

    /// The tag of a city for a piece; `place` is what the ledger writes ([`place_text`]).
    pub fn city(&self, place: &str, item: &str) -> String {
        self.tag(item, "city", &[place], AGENT)
    }

    fn tag(&self, item: &str, what: &str, values: &[&str], symbols: u32) -> String {
        let mut parts: Vec<&[u8]> = vec![what.as_bytes(), b"\0", item.as_bytes()];
        for value in values {
            parts.extend([b"\0".as_slice(), value.as_bytes()]);
        }
        self.symbols(&parts, symbols)
    }

    /// As builds before wrote it, of clients that said nothing of proxies.
    fn device(&self, period: i64, item: &str, client: &Client<'_>) -> String {
        let line = client.address.map(home).unwrap_or_default();
        let period = period.to_be_bytes();
        let parts: [&[u8]; 8] =
            [&period, item.as_bytes(), b"\0", line.as_bytes(), b"\0", client.agent.as_bytes(), b"\0", b"\0"];
        self.symbols(&parts, DEVICE)
    }

    fn symbols(&self, parts: &[&[u8]], symbols: u32) -> String {
        let bits = mac::leftmost_u64(&self.key.tag(parts), symbols.saturating_mul(crockford::BITS));
        crockford::symbols(u128::from(bits), symbols).collect()
    }
}

/// What a client is seen as: `User-Agent`, empty if absent.
pub fn agent_of(headers: &Headers) -> &str {
    headers.get("user-agent").unwrap_or_default()
}

/// What a user agent says of the phone, the same in all its browsers: the model behind Android's version, or the system's
/// version of an iPhone. Chrome says `K` of all phones (User-Agent Reduction), which says nothing.
fn model(agent: &str) -> Option<&str> {
    let (_, rest) = agent.split_once('(')?;
    let (bracket, _) = rest.split_once(')')?;
    if bracket.starts_with("iPhone;") {
        return Some(bracket);
    }
    let mut parts = bracket.split(';').map(str::trim).skip_while(|part| !part.starts_with("Android"));
    // Some name a language first, such as `zh-cn`.
    let is_language = |part: &&str| matches!(part.as_bytes(), [_, _] | [_, _, b'-' | b'_', _, _]);
    let model = parts.by_ref().skip(1).find(|part| !is_language(part))?.split(" Build/").next()?;
    (!matches!(model, "" | "K")).then_some(model)
}

/// IPv4 as it is; of IPv6 the first four groups, since a device changes the rest by itself (RFC 8981).
fn home(text: &str) -> String {
    match text.parse::<std::net::Ipv6Addr>() {
        Ok(v6) if v6.to_ipv4_mapped().is_none() => v6.segments().iter().take(4).map(|s| format!("{s:x}:")).collect(),
        _ => text.to_owned(),
    }
}

/// A /24 of IPv4 or a /48 of IPv6: a household's addresses from day to day, and its neighbours'.
fn near(address: IpAddr) -> String {
    address::network(address)
}

/// A /16 of IPv4, or a /32 of IPv6, which is the least that a registry gives an operator (RIPE-738 §5.1).
fn wide(address: IpAddr) -> String {
    match address {
        IpAddr::V4(four) => {
            let [a, b, ..] = four.octets();
            format!("{a}.{b}")
        }
        IpAddr::V6(six) => {
            let [a, b, ..] = six.segments();
            format!("{a:x}:{b:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";

    fn tagger() -> Tagger {
        Tagger::new(&Secret::new([7; 32]))
    }

    fn at(address: &str) -> Client<'_> {
        Client { address: Some(address), agent: PHONE, ..Client::default() }
    }

    #[test]
    fn tags_hold_within_a_period_and_link_nothing() {
        let tagger = tagger();
        let month = 30 * DAY_MS;
        let phone = at("192.0.2.1");
        let marks = tagger.marks(&phone, "a", 5 * month, 30);
        assert_eq!((marks.current.len(), marks.network.len(), marks.agent.len()), (12, 8, 6));
        assert_eq!(marks.current, tagger.marks(&phone, "a", 6 * month - 1, 30).current);
        assert_eq!(tagger.marks(&phone, "a", 6 * month, 30).previous, marks.current);
        for other in [
            tagger.marks(&at("192.0.2.2"), "a", 5 * month, 30),
            tagger.marks(&phone, "b", 5 * month, 30),
            tagger.marks(&Client { agent: "other", ..phone }, "a", 5 * month, 30),
            Tagger::new(&Secret::new([8; 32])).marks(&phone, "a", 5 * month, 30),
        ] {
            assert_ne!(other.current, marks.current);
        }
        // Two pieces have no mark in common.
        let other = tagger.marks(&phone, "b", 5 * month, 30);
        assert!(other.line != marks.line && other.network != marks.network && other.agent != marks.agent);
        // Other periods are other tags, and a pack without sense ends no process.
        assert_ne!(tagger.marks(&phone, "a", 5 * month, 60).current, marks.current);
        let unknown = Client { agent: PHONE, ..Client::default() };
        assert_eq!(tagger.marks(&unknown, "a", month, 0), tagger.marks(&unknown, "a", month, 1));
        assert_eq!(tagger.marks(&unknown, "a", 9, i64::MAX).current, tagger.marks(&unknown, "a", 0, i64::MAX).current);
        let v6 = |address| tagger.marks(&at(address), "a", 0, 30).current;
        assert_eq!(v6("2001:db8:1:2:aaaa::1"), v6("2001:db8:1:2:bbbb::2"));
        assert_ne!(v6("2001:db8:1:2::1"), v6("2001:db8:1:3::1"));
        assert_ne!(v6("::ffff:192.0.2.1"), v6("::ffff:192.0.2.2"));
    }

    #[test]
    fn addresses_of_one_network_are_one_network() {
        let tagger = tagger();
        let marks = |client: Client<'_>| tagger.marks(&client, "a", 0, 30);
        let (one, near, far) = (marks(at("192.0.2.1")), marks(at("192.0.2.200")), marks(at("192.0.77.1")));
        assert!(one.line == near.line && one.network == near.network);
        assert!(one.line != far.line && one.network == far.network);
        assert_ne!(one.network, marks(at("192.1.2.1")).network);
        let city = |city: &str| Place { country: "CN".to_owned(), city: Some(city.to_owned()), ..Place::default() };
        let (here, there) = (city("Hangzhou"), city("Ningbo"));
        let known = |address, place| marks(Client { asn: Some(4134), place: Some(place), ..at(address) });
        assert_eq!(known("192.0.2.1", &here).network, known("198.51.100.1", &here).network);
        assert_ne!(known("192.0.2.1", &here).network, known("192.0.2.1", &there).network);
        assert_ne!(known("192.0.2.1", &here).city, known("192.0.2.1", &there).city);
        assert_eq!(known("192.0.2.1", &here).city, tagger.city("CN/Hangzhou", "a"));
        assert_eq!((one.city.as_str(), one.place.as_str()), (BLOCK, ""));
        let country = Place { country: "CN".to_owned(), ..Place::default() };
        assert_eq!(known("192.0.2.1", &country).city, NO_CITY);
        assert_eq!(marks(Client { address: None, ..at("") }).city, NO_CITY);
        assert_eq!(marks(Client { app: Some(("shop", "d1")), ..at("192.0.2.1") }).city, NO_CITY);
    }

    #[test]
    fn a_phone_has_a_model_in_all_its_browsers() {
        for (agent, wanted) in [
            ("Mozilla/5.0 (Linux; Android 14; PHK110; wv) AppleWebKit/537.36 MicroMessenger/8.0.50", Some("PHK110")),
            ("Mozilla/5.0 (Linux; Android 14; PHK110 Build/UKQ1.230924.001) AppleWebKit/537.36", Some("PHK110")),
            ("Mozilla/5.0 (Linux; U; Android 14; zh-cn; M2012K11AC) AppleWebKit/537.36", Some("M2012K11AC")),
            ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36", None),
            ("Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36", None),
            ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36", None),
            (PHONE, Some("iPhone; CPU iPhone OS 18_0 like Mac OS X")),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", None),
            ("", None),
        ] {
            assert_eq!(model(agent), wanted, "{agent}");
        }
    }

    #[test]
    fn a_device_that_an_app_names_is_itself_everywhere() {
        let tagger = tagger();
        let app = |address, device| Client { app: Some(("shop", device)), ..at(address) };
        let one = tagger.marks(&app("192.0.2.1", "d1"), "a", 0, 30);
        assert_eq!(one.current, tagger.marks(&app("198.51.100.7", "d1"), "a", 400 * DAY_MS, 30).current);
        let other = tagger.marks(&app("192.0.2.1", "d2"), "a", 0, 30);
        assert!(one.current != other.current && one.network != other.network && one.line != other.line);
        let elsewhere = Client { app: Some(("mall", "d1")), ..at("192.0.2.1") };
        assert_ne!(one.current, tagger.marks(&elsewhere, "a", 0, 30).current);
    }
}
