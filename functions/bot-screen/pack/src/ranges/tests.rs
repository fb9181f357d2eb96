#![allow(clippy::arithmetic_side_effects, reason = "tests may fail by panicking")]

use std::path::Path;

use pack_source::PackFile;
use screen_rules::Standing;

use super::*;
use crate::KIND;

fn entry(code: &str, more: &str) -> String {
    let kind = if CLASSES.contains(&code) { "class" } else { "operator" };
    format!("[[group]]\ncode = \"{code}\"\nkind = \"{kind}\"\nsource = \"https://x.example\"\n{more}\n")
}

fn operator(code: &str, file: &str) -> String {
    entry(code, &format!("agents = [\"Googlebot\"]\ndate = \"2026-11-20\"\nfile = \"ranges/{file}.csv\""))
}

fn class(code: &str, file: &str) -> String {
    entry(code, &format!("date = \"2026-11-20\"\nfile = \"ranges/{file}.csv\""))
}

fn files(groups: &str, ranges: &[(&str, &str)]) -> Files {
    let ranges = ranges.iter().map(|(name, text)| (format!("ranges/{name}.csv"), (*text).to_owned()));
    Files::of([(FILE.to_owned(), groups.to_owned())].into_iter().chain(ranges))
}

/// What is compiled, and what is said.
fn made(files: &Files) -> (Option<Vec<u8>>, Vec<String>) {
    let findings = Findings::new();
    let made = compile(files, &findings);
    (made, findings.sorted().iter().map(ToString::to_string).collect())
}

/// The bytes of a table that must be in order.
#[track_caller]
fn table(files: &Files) -> Vec<u8> {
    let (made, said) = made(files);
    assert_eq!(said, [""; 0]);
    let made = made.unwrap();
    let bytes = Map::open(&made).unwrap().get("table").unwrap().to_vec();
    assert!(Ranges::open(&bytes).unwrap().check());
    bytes
}

#[track_caller]
fn wrong(files: &Files, wanted: &[&str]) {
    let (made, said) = made(files);
    assert!(made.is_none());
    assert_eq!(said.len(), wanted.len(), "{said:#?}");
    for (said, wanted) in said.iter().zip(wanted) {
        assert!(said.starts_with(wanted), "{said}\nbut wanted: {wanted}");
    }
}

fn of_group(ranges: &Ranges<'_>, code: &str) -> Vec<String> {
    ranges.of_group(code).map(|(first, last)| format!("{first}-{last}")).collect()
}

#[test]
fn ranges_that_touch_become_one() {
    let groups = [operator("one", "a"), operator("one", "b"), operator("two", "c"), class("data_centre", "d")].concat();
    let a = "# a comment\n10.0.0.0/24\n10.0.1.0/24\r\n\n 10.0.0.128/25 \n2001:db8::/48\n2001:db8:1::/48\n10.9.0.0/16\n";
    let bytes = table(&files(
        &groups,
        &[("a", a), ("b", "10.0.2.0/23\n10.9.1.0/24"), ("c", "10.0.4.0/24\n255.255.255.255/32"), ("d", "10.0.0.0/8")],
    ));
    let ranges = Ranges::open(&bytes).unwrap();
    assert_eq!(
        of_group(&ranges, "one"),
        ["10.0.0.0-10.0.3.255", "10.9.0.0-10.9.255.255", "2001:db8::-2001:db8:1:ffff:ffff:ffff:ffff:ffff"]
    );
    assert_eq!(of_group(&ranges, "two"), ["10.0.4.0-10.0.4.255", "255.255.255.255-255.255.255.255"]);
    assert_eq!(of_group(&ranges, "data_centre"), ["10.0.0.0-10.255.255.255"]);
    let of = |address: &str| ranges.groups_of(address.parse().unwrap()).map(|group| group.code).collect::<Vec<_>>();
    assert_eq!(of("10.0.3.255"), ["one", "data_centre"]);
    assert_eq!(of("10.0.4.0"), ["two", "data_centre"]);
    assert_eq!(of("10.0.5.0"), ["data_centre"]);
    assert_eq!(table(&files("group = []", &[])).len(), 24);
}

#[test]
fn the_oldest_day_of_a_group_counts() {
    let newer = operator("one", "b").replace("2026-11-20", "2026-11-27");
    for groups in [[operator("one", "a"), newer.clone()].concat(), [newer, operator("one", "a")].concat()] {
        let bytes = table(&files(&groups, &[("a", "192.0.2.0/24"), ("b", "198.51.100.0/24")]));
        let days: Vec<u32> = Ranges::open(&bytes).unwrap().groups().map(|group| group.day).collect();
        assert_eq!(days, [20_777]);
    }
}

#[test]
fn every_network_is_found_from_end_to_end() {
    // Networks of every width, apart from each other.
    let v4 = (8..=32_u32).map(|prefix| format!("{}.0.0.0/{prefix}", prefix * 2 + 1));
    let v6 = (16..=128_u32).map(|prefix| format!("{:x}::/{prefix}", 0x2000 + prefix * 2));
    let all: Vec<String> = v4.chain(v6).collect();
    let bytes = table(&files(&operator("one", "a"), &[("a", &all.join("\n"))]));
    let ranges = Ranges::open(&bytes).unwrap();
    assert_eq!(ranges.len(), all.len());
    let inside = |address: IpAddr| ranges.groups_of(address).count() == 1;
    for text in &all {
        let (first, last) = network(text).map_err(|wrong| wrong.reason).unwrap();
        let before = match first {
            IpAddr::V4(first) => IpAddr::V4(Ipv4Addr::from_bits(first.to_bits() - 1)),
            IpAddr::V6(first) => IpAddr::V6(Ipv6Addr::from_bits(first.to_bits() - 1)),
        };
        assert!(inside(first) && inside(last), "{text}");
        assert!(!inside(before) && !inside(after(last).unwrap()), "{text}");
    }
}

#[test]
fn what_is_wrong_with_a_range_is_said_with_its_place() {
    let bad = "192.0.2.1/24\n192.0.2.0\n192.0.2.0/33\n  x/8\n10.0.0.0/7\n2001:db8::1/64\n192.0.2.0/+24\n10.0.0.0/8,x\n\
               ::ffff:192.0.2.0/120\n192.0.02.0/24\n192.0.2.0/\n2000::/3\n";
    wrong(
        &files(&operator("one", "a"), &[("a", bad)]),
        &[
            "ranges/a.csv:1:1: error: 192.0.2.1/24: bits of a host are set; did you mean 192.0.2.0/24?",
            "ranges/a.csv:2:1: error: \"192.0.2.0\": a network such as 192.0.2.0/24 or 2001:db8::/32 is wanted; did you \
             mean 192.0.2.0/32?",
            "ranges/a.csv:3:1: error: \"192.0.2.0/33\": a network",
            "ranges/a.csv:4:3: error: \"x/8\": a network",
            "ranges/a.csv:5:1: error: 10.0.0.0/7: nobody has so many addresses: /8 at least is wanted",
            "ranges/a.csv:6:1: error: 2001:db8::1/64: bits of a host are set; did you mean 2001:db8::/64?",
            "ranges/a.csv:7:1: error: \"192.0.2.0/+24\": a network",
            "ranges/a.csv:8:12: error: one range a line is wanted",
            "ranges/a.csv:9:1: error: ::ffff:192.0.2.0/120: this is IPv4",
            "ranges/a.csv:10:1: error: \"192.0.02.0/24\": a network",
            "ranges/a.csv:11:1: error: \"192.0.2.0/\": a network",
            "ranges/a.csv:12:1: error: 2000::/3: nobody has so many addresses: /16 at least is wanted",
        ],
    );
    wrong(
        &files(&operator("one", "a"), &[("a", "# only this\n"), ("b", "10.0.0.0/8")]),
        &["ranges/a.csv: error: there is no range in it", "ranges/b.csv: error: no group of ranges.toml has this file"],
    );
}

#[test]
fn groups_of_one_kind_do_not_overlap() {
    let groups =
        [operator("one", "a"), operator("two", "b"), class("data_centre", "c"), class("consumer", "d")].concat();
    let files = |b: &str, d: &str| {
        files(&groups, &[("a", "# one\n10.1.0.0/16\n2001:db8::/32"), ("b", b), ("c", "10.0.0.0/8"), ("d", d)])
    };
    table(&files("10.2.0.0/16", "11.0.0.0/8"));
    wrong(
        &files("10.3.0.0/16\n10.1.2.0/24", "11.0.0.0/8"),
        &["ranges/b.csv:2:1: error: 10.1.2.0/24 of two overlaps 10.1.0.0/16 of one (ranges/a.csv:2)"],
    );
    wrong(
        &files("10.0.0.0/12\n2001:db8:1::/48", "10.0.0.0/24"),
        &[
            "ranges/a.csv:2:1: error: 10.1.0.0/16 of one overlaps 10.0.0.0/12 of two (ranges/b.csv:1)",
            "ranges/b.csv:2:1: error: 2001:db8:1::/48 of two overlaps 2001:db8::/32 of one (ranges/a.csv:3)",
            "ranges/d.csv:1:1: error: 10.0.0.0/24 of consumer overlaps 10.0.0.0/8 of data_centre (ranges/c.csv:1)",
        ],
    );
    // The same range of both.
    wrong(&files("10.1.0.0/16", "11.0.0.0/8"), &["ranges/b.csv:1:1: error: 10.1.0.0/16 of two overlaps"]);
}

#[test]
fn what_is_wrong_with_a_group_is_said_with_its_place() {
    let ranges = [("a", "10.0.0.0/8")];
    let good = operator("one", "a");
    for (was, is, said) in [
        ("code = \"one\"\n", "", "ranges.toml:1:1: error: [group] (no. 1).code is missing"),
        ("code = \"one\"", "code = \"One\"", "ranges.toml:2:8: error: [group] (no. 1).code: \"One\""),
        (
            "code = \"one\"",
            "code = \"consumer\"",
            "ranges.toml:2:8: error: [group] (no. 1).code: \"consumer\" is a class",
        ),
        ("kind = \"operator\"", "kind = \"operater\"", "ranges.toml:3:8: error: [group] (no. 1).kind = \"operater\""),
        ("source = \"https://x.example\"\n", "", "ranges.toml:1:1: error: [group] (no. 1).source is missing"),
        ("https://x.example", " ", "ranges.toml:4:10: error: [group] (no. 1).source"),
        (
            "[\"Googlebot\"]",
            "[\"Gogglebot\"]",
            "ranges.toml:5:11: error: [group] (no. 1).agents (no. 1): \"Gogglebot\"",
        ),
        ("[\"Googlebot\"]", "[]", "ranges.toml:5:10: error: [group] (no. 1).agents: an agent at least is wanted"),
        ("agents = [\"Googlebot\"]\n", "", "ranges.toml:1:1: error: [group] (no. 1).agents is missing"),
        ("date = \"2026-11-20\"\n", "", "ranges.toml:1:1: error: [group] (no. 1).date is missing"),
        ("2026-11-20", "2026-11-31", "ranges.toml:6:8: error: [group] (no. 1).date: \"2026-11-31\": a day"),
        ("date =", "dat =", "ranges.toml"),
        (
            "ranges/a.csv",
            "ranges/b.csv",
            "ranges.toml:7:8: error: [group] (no. 1).file: \"ranges/b.csv\": there is no such",
        ),
        ("ranges/a.csv", "../a.csv", "ranges.toml:7:8: error: [group] (no. 1).file"),
    ] {
        let text = good.replace(was, is);
        assert_ne!(text, good, "{was}");
        let (made, found) = made(&files(&text, &ranges));
        assert!(made.is_none() && found.iter().any(|finding| finding.starts_with(said)), "{said}: {found:#?}");
    }
    let (_, found) = made(&files(&good.replace("Googlebot", "Gogglebot"), &ranges));
    assert!(found[0].ends_with("did you mean Googlebot?"), "{found:?}");
    let both = [operator("one", "a"), operator("two", "a")].concat();
    wrong(
        &files(&both, &ranges),
        &["ranges.toml:14:8: error: [group] (no. 2).file: an entry above has the file ranges/a.csv"],
    );
    let other = [operator("one", "a"), operator("one", "b").replace("Googlebot", "bingbot")].concat();
    wrong(
        &files(&other, &[("a", "10.0.0.0/8"), ("b", "11.0.0.0/8")]),
        &["ranges.toml:8:1: error: an entry above has the code one, and other agents"],
    );
    let agents = class("consumer", "a").replace("date", "agents = [\"Googlebot\"]\ndate");
    wrong(
        &files(&agents, &ranges),
        &["ranges.toml:5:10: error: [group] (no. 1).agents: a class of networks has no agents"],
    );
    let class = class("consumer", "a").replace("\"consumer\"", "\"vpn\"");
    wrong(
        &files(&class, &ranges),
        &["ranges.toml:2:8: error: [group] (no. 1).code = \"vpn\": one of data_centre, consumer"],
    );
    wrong(&Files::default(), &["ranges.toml: error: this file is missing"]);
}

fn policy() -> Files {
    Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy")).unwrap()
}

#[test]
fn the_ranges_that_come_along() {
    let pack = (KIND.compile)(&policy()).pack(&KIND).unwrap();
    let ranges = Ranges::open(pack_source::section(&pack, "ranges").get("table").unwrap()).unwrap();
    assert!(ranges.check());
    // From each operator's own documentation or file; an agent that publishes nothing stays unverified.
    for (name, address, standing) in [
        ("Googlebot", "66.249.66.1", Standing::Verified),
        ("Googlebot", "2001:4860:4801:10::1", Standing::Verified),
        ("Googlebot", "192.0.2.1", Standing::Impostor),
        ("bingbot", "40.77.167.1", Standing::Verified),
        ("bingbot", "66.249.66.1", Standing::Impostor),
        ("ClaudeBot", "216.73.216.1", Standing::Verified),
        ("Baiduspider", "220.181.108.1", Standing::Claimed),
    ] {
        let said = ranges.standing(name, Some(address.parse().unwrap()), 0, 45);
        assert_eq!(said, standing, "{name} from {address}");
    }
    for group in ranges.groups() {
        assert!(ranges.of_group(group.code).count() > 0, "{group:?}");
    }
}

#[test]
fn the_data_centres_that_come_along() {
    let pack = (KIND.compile)(&policy()).pack(&KIND).unwrap();
    let ranges = Ranges::open(pack_source::section(&pack, "ranges").get("table").unwrap()).unwrap();
    let class = |address: &str| {
        let mut groups = ranges.groups_of(address.parse().unwrap());
        groups.find(|group| group.kind == Kind::Class).map(|group| group.code)
    };
    // AWS, Google Cloud, Azure, Hetzner, OVH, Alibaba Cloud, Tencent Cloud, and a crawler in a cloud.
    for address in [
        "52.95.110.1",
        "34.82.1.5",
        "20.160.0.1",
        "88.198.0.1",
        "51.254.0.1",
        "47.96.0.1",
        "49.232.0.1",
        "157.55.39.1",
        "2600:1f18::1",
        "2a01:4f8::1",
    ] {
        assert_eq!(class(address), Some("data_centre"), "{address}");
    }
    // What is nobody's, whatever a cloud's own file has; then people behind iCloud Private Relay (Akamai, Cloudflare,
    // Fastly), WARP, the rest of Google, and homes.
    for address in [
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "2001:db8::1",
        "10.0.0.1",
        "127.0.0.1",
        "::1",
        "2002::1",
        "2001::1",
        "104.28.0.1",
        "172.225.0.1",
        "172.226.0.1",
        "140.248.0.1",
        "146.75.0.1",
        "2606:54c0::1",
        "2a02:26f7::1",
        "2a04:4e41::1",
        "2a09:bac1::1",
        "8.8.8.8",
        "66.249.66.1",
        "37.160.0.1",
        "78.208.0.1",
        "109.190.0.1",
    ] {
        assert_eq!(class(address), None, "{address}");
    }
}

#[test]
fn a_change_is_told_group_by_group() {
    let pack = |groups: &str, ranges: &[(&str, &str)]| -> PackFile {
        let mut all = policy();
        let old: Vec<String> = all.paths().map(str::to_owned).filter(|path| !is_file(path)).collect();
        all = Files::of(old.iter().map(|path| (path.clone(), all.bytes(path).unwrap().to_vec())).collect::<Vec<_>>());
        all.put(FILE, groups);
        ranges.iter().for_each(|(name, text)| all.put(format!("ranges/{name}.csv"), *text));
        (KIND.compile)(&all).pack(&KIND).unwrap()
    };
    let was =
        pack(&[operator("one", "a"), class("consumer", "c")].concat(), &[("a", "10.0.0.0/8"), ("c", "11.0.0.0/8")]);
    let is = pack(
        &[operator("one", "a").replace("11-20", "11-27"), operator("two", "b")].concat(),
        &[("a", "10.0.0.0/8\n12.0.0.0/8"), ("b", "13.0.0.0/8")],
    );
    let told: Vec<String> = (KIND.changes)(&was, &is).into_iter().map(|change| change.en).collect();
    assert_eq!(
        told,
        [
            "Ranges of consumer are removed: 1 (2026-11-20)",
            "Ranges of one: 1 (2026-11-20, Googlebot) become 2 (2026-11-27, Googlebot)",
            "New ranges of two: 1 (2026-11-20, Googlebot)",
        ]
    );
    assert!((KIND.changes)(&is, &is).is_empty());
}
