use shared::mac::Secret;
use shared::platform::native::{Native, block_on};
use shared::platform::{Sql as _, Statement};

use super::*;
use crate::ledger::Visitor;
use crate::marks::{Client, Tagger};
use crate::outcome::Ledger;
use crate::store;
use crate::visitor::Visiting;

const DAY_MS: i64 = 86_400_000;

fn host() -> Native {
    Native::new(store::SCHEMA).expect("tables")
}

fn asked(host: &Native, client: &Client<'_>, known: Known, now: i64) -> History {
    let marks = Tagger::new(&Secret::new([7; 32])).marks(client, "item", now, 30);
    let visitor = Visitor { visiting: Visiting::Scan, marks, known, piece: None };
    match block_on(visitor.ask(host, "item", now)).expect("query") {
        Ledger::Known(history) => history,
        other => panic!("{other:?}"),
    }
}

fn client<'a>(address: &'a str, agent: &'a str) -> Client<'a> {
    Client { address: Some(address), agent, ..Client::default() }
}

fn scan(host: &Native, address: &str, agent: &str, now: i64) -> History {
    asked(host, &client(address, agent), Known::default(), now)
}

const ALIKE: Visit = Visit::Repeat { by: Recognised::Likeness, by_first_device: true };

#[test]
fn the_first_is_first_once_and_devices_count_once() {
    let host = host();
    let place = Place { country: "CN".into(), city: Some("Hangzhou".into()), ..Place::default() };
    let here = Client { place: Some(&place), ..client("192.0.2.1", "one") };
    let first = asked(&host, &here, Known::default(), 10);
    assert_eq!((first.count, first.visit, first.first_at, first.places), (1, Visit::First, 10, 1));
    let again = asked(&host, &here, Known::default(), 20);
    assert_eq!((again.count, again.visit, again.kin), (1, ALIKE, Kin::Household));
    let there = Place { city: Some("Beijing".into()), ..place.clone() };
    let other = asked(&host, &Client { place: Some(&there), ..client("203.0.113.9", "two") }, Known::default(), 30);
    assert_eq!((other.count, other.visit, other.first_at, other.places), (2, Visit::Further, 10, 2));
    assert_eq!(
        (other.kin, other.traces.spread(30, 30)),
        (Kin::Stranger, Spread { networks: 1, agents: 1, cities: 2, regions: 2, blocks: 0 })
    );
    // The next period: new tags, and the old one is still known as the previous period's.
    let later = scan(&host, "203.0.113.9", "two", 30 * DAY_MS);
    assert_eq!(later.count, 2);
    assert_eq!(later.visit, Visit::Repeat { by: Recognised::Likeness, by_first_device: false });
    assert_eq!(first.first_place.and_then(|place| place.city).as_deref(), Some("Hangzhou"));
}

#[test]
fn a_cookie_is_counted_nowhere_and_brings_its_line_home() {
    let host = host();
    scan(&host, "192.0.2.1", "one", 0);
    let first = Known { cookie: Some(Kin::First), app: false };
    let away = asked(&host, &client("203.0.113.9", "one"), first, 1);
    assert_eq!((away.count, away.kin), (1, Kin::First));
    assert_eq!(away.visit, Visit::Repeat { by: Recognised::Cookie, by_first_device: true });
    // Another phone where the first has been: the household's, and no network of others.
    let spouse = scan(&host, "203.0.113.77", "two", 2);
    assert_eq!((spouse.count, spouse.kin, spouse.traces.spread(2, 30).networks), (2, Kin::Household, 0));
    // Somebody else's cookie brings nothing home.
    let other = Known { cookie: Some(Kin::Stranger), app: false };
    assert_eq!(asked(&host, &client("198.51.100.1", "three"), other, 3).kin, Kin::Stranger);
    assert_eq!(scan(&host, "198.51.100.1", "four", 4).kin, Kin::Stranger);
    // A cookie of another device that looks like the first is not the first.
    let twin = asked(&host, &client("192.0.2.1", "one"), other, 5);
    assert_eq!(twin.visit, Visit::Repeat { by: Recognised::Cookie, by_first_device: false });
}

/// Operators' addresses are often of another city of the province: whoever comes from there is like the first, but counts as
/// another network. So a few networks do not turn the piece red before its buyer, and copies are still seen.
#[test]
fn a_province_is_alike_and_counts() {
    let host = host();
    let place =
        |region: &str, city: &str| Place { country: "CN".into(), region: Some(region.into()), city: Some(city.into()) };
    let at = |place: &Place, address, agent, now| {
        asked(&host, &Client { place: Some(place), ..client(address, agent) }, Known::default(), now)
    };
    at(&place("ZJ", "Hangzhou"), "192.0.2.1", "one", 0);
    let near = at(&place("ZJ", "Ningbo"), "203.0.113.1", "two", 1);
    assert_eq!(
        (near.kin, near.traces.spread(1, 30)),
        (Kin::Alike, Spread { networks: 1, agents: 1, cities: 2, regions: 1, blocks: 0 })
    );
    let same = at(&place("ZJ", "Hangzhou"), "198.51.100.1", "three", 2);
    assert_eq!((same.kin, same.traces.spread(2, 30).networks), (Kin::Alike, 1), "one in its city leaves no trace");
    assert_eq!(at(&place("GD", "Guangzhou"), "20.0.0.1", "four", 3).kin, Kin::Stranger);
    // A province is of its country.
    let abroad = Place { country: "XX".into(), ..place("ZJ", "Elsewhere") };
    assert_eq!(at(&abroad, "21.0.0.1", "five", 4).kin, Kin::Stranger);
}

/// Where the host knows neither places nor networks, the block of addresses of the first scan is what is near to it.
#[test]
fn a_block_is_alike_and_leaves_no_trace() {
    let host = host();
    scan(&host, "10.7.0.1", "one", 0);
    let near = scan(&host, "10.7.99.1", "two", 1);
    assert_eq!((near.kin, near.traces.spread(1, 30)), (Kin::Alike, Spread::default()));
    let far = scan(&host, "10.8.0.1", "three", 2);
    let one = Spread { networks: 1, agents: 1, cities: 0, regions: 0, blocks: 1 };
    assert_eq!((far.kin, far.traces.spread(2, 30)), (Kin::Stranger, one));
    // Whoever knows the operator has no block, though the address is in one.
    let named = Client { asn: Some(4134), ..client("10.9.0.1", "four") };
    let spread = asked(&host, &named, Known::default(), 3).traces.spread(3, 30);
    assert_eq!((spread.networks, spread.blocks), (2, 1));
}

/// Chrome names no phone: it and an app that does may be on one.
#[test]
fn browsers_that_name_no_phone_are_not_added_to_those_that_do() {
    let host = host();
    scan(&host, "10.0.0.1", "buyer", 0);
    let chrome = |version| format!("Mozilla/5.0 (Linux; Android 10; K) Chrome/{version} Mobile");
    let app = |model: &str, app: &str| format!("Mozilla/5.0 (Linux; Android 14; {model}; wv) {app}");
    let agents = [chrome(140), app("PHK110", "MicroMessenger"), app("PHK110", "aweme"), chrome(141), app("V2302A", "")];
    let counted: Vec<i64> = agents
        .iter()
        .enumerate()
        .map(|(n, agent)| scan(&host, &format!("20.{n}.0.1"), agent, 1).traces.spread(1, 30).agents)
        .collect();
    assert_eq!(counted, [1, 1, 1, 2, 2]);
}

/// What builds before wrote ends with the city, and counts in its place.
#[test]
fn traces_without_a_province_are_read() {
    let before = ";00100NETWRK00AGNT00CITY00,00100NETWRK01AGNT01CITY01,00100NETWRK02AGNT02------";
    let now = ",00100NETWRK03AGNT03CITY03REGION,00100NETWRK04AGNT04CITY04REGION,00100NETWRK05AGNT05++++++------";
    let spread = Traces::parse(&format!("{before}{now}")).spread(100 * DAY_MS, 30);
    assert_eq!(spread, Spread { networks: 5, agents: 5, cities: 4, regions: 3, blocks: 1 });
    // The list was cut off in the middle of one.
    let cut = Traces::parse("RK00AGNT00CITY00,00100NETWRK01AGNT01CITY01REGIO");
    assert_eq!(cut.spread(100 * DAY_MS, 30), Spread { networks: 1, agents: 1, cities: 1, regions: 1, blocks: 0 });
}

#[test]
fn an_apps_device_is_itself_wherever_it_is() {
    let host = host();
    let app = |device, address, now| {
        let client = Client { app: Some(("shop", device)), ..client(address, "app") };
        asked(&host, &client, Known { cookie: None, app: true }, now)
    };
    assert_eq!(app("d1", "192.0.2.1", 0).visit, Visit::First);
    let again = app("d1", "203.0.113.1", 400 * DAY_MS);
    assert_eq!(again.visit, Visit::Repeat { by: Recognised::App, by_first_device: true });
    assert_eq!((again.kin, app("d2", "192.0.2.1", 1).kin), (Kin::First, Kin::Stranger));
}

#[test]
fn networks_are_counted_over_time_and_nobody_pushes_others_out() {
    let host = host();
    scan(&host, "10.0.0.1", "buyer", 0);
    for n in 0..10 {
        scan(&host, &format!("20.{n}.0.1"), &format!("phone {n}"), DAY_MS);
    }
    // One network's addresses and browsers without end.
    for n in 0..300 {
        scan(&host, &format!("30.1.{}.7", n % 250), &format!("fake {n}"), 2 * DAY_MS);
    }
    let now = scan(&host, "10.0.0.2", "another", 3 * DAY_MS);
    assert_eq!(now.count, 312);
    let spread = now.traces.spread(3 * DAY_MS, 30);
    assert_eq!((spread.networks, spread.agents, spread.blocks), (11, 13, 11));
    assert_eq!(now.traces.spread(31 * DAY_MS, 30).networks, 1, "what is long past does not count");
}

#[test]
fn lists_are_bounded() {
    let host = host();
    for n in 0..300 {
        let place = Place { country: "CN".into(), city: Some(format!("City {n}")), ..Place::default() };
        let address = format!("20.{}.{}.1", n % 200, n / 200);
        let cookie = (n % 2 == 1).then_some(Kin::First);
        let client = Client { place: Some(&place), asn: Some(n), ..client(&address, "phone") };
        asked(&host, &client, Known { cookie, app: false }, i64::from(n));
    }
    let lengths = "SELECT length(devices), length(places), length(home), length(traces) FROM scan";
    let rows = block_on(host.query("item", &Statement { sql: lengths }, &[])).expect("query");
    let row = rows.first().expect("row");
    let length = |at| row.integer(at).expect("a length");
    assert!(length(0) <= 1560 && length(1) <= 1100 && length(2) <= 430 && length(3) <= 2048, "{row:?}");
    let kept = scan(&host, "20.0.0.1", "phone", 300).traces.spread(300, 30);
    assert_eq!((kept.networks, kept.agents), (64, 1));
}

#[test]
fn places_survive_writing_and_reading() {
    let place = Place { country: "CN".into(), city: Some("Xi'an|,/\n".into()), ..Place::default() };
    assert_eq!(place_text(Some(&place)), "CN/Xi'an");
    assert_eq!(parse_place("CN").map(|p| (p.country, p.city)), Some(("CN".to_owned(), None)));
    assert_eq!(parse_place(""), None);
}

#[test]
fn what_builds_before_wrote_is_told_apart() {
    let host = host();
    let before = "INSERT INTO scan (item, first_at, first_place, first_device, last_at, count, repeat, places, devices)
                  VALUES ('item', 1, 'CN/Hangzhou', 'AAAAAAAAAAAA', 1, 9, 0, '|CN/Hangzhou|CN/Beijing|', ',AAAAAAAAAAAA')";
    block_on(host.query("item", &Statement { sql: before }, &[])).expect("query");
    let now = scan(&host, "192.0.2.1", "one", 10);
    assert_eq!((now.count, now.traces.before, now.traces.places_before), (10, 9, 2));
    assert_eq!((now.first_at, now.kin), (1, Kin::Stranger));
}
