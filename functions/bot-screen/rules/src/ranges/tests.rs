#![allow(
    clippy::arithmetic_side_effects,
    clippy::print_stderr,
    reason = "tests may fail by panicking, and tell a time"
)]

use std::net::IpAddr;

use super::*;

const TODAY: u32 = 20_000;
const MOST: u32 = 45;

fn addr(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn range(first: &str, last: &str, group: u16) -> Range {
    Range { first: addr(first), last: addr(last), group }
}

fn group(code: &'static str, kind: Kind, day: u32, agents: &'static str) -> Group<'static> {
    Group { code, kind, day, agents }
}

fn groups() -> [Group<'static>; 4] {
    [
        group("one", Kind::Operator, TODAY - MOST, "OneBot\nOneBot-Images"),
        group("other", Kind::Operator, TODAY - MOST - 1, "OtherBot"),
        group("more", Kind::Operator, TODAY, "OtherBot"),
        group("data_centre", Kind::Class, 0, ""),
    ]
}

fn sample() -> Vec<u8> {
    let ranges = [
        range("203.0.113.0", "203.0.113.255", 3),
        range("203.0.113.16", "203.0.113.31", 0),
        range("198.51.100.0", "198.51.100.0", 1),
        range("2001:db8::", "2001:db8::ffff", 0),
        range("2001:db8:1::", "2001:db8:1::ffff", 2),
        range("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 3),
        range("255.255.255.255", "255.255.255.255", 0),
        range("::", "::", 2),
    ];
    bytes(&groups(), &ranges).unwrap()
}

fn codes(ranges: &Ranges<'_>, text: &str) -> Vec<String> {
    ranges.groups_of(addr(text)).map(|group| group.code.to_owned()).collect()
}

#[test]
fn an_address_is_in_its_groups() {
    let bytes = sample();
    let ranges = Ranges::open(&bytes).unwrap();
    assert!(ranges.check());
    assert_eq!((ranges.len(), ranges.is_empty(), ranges.groups().count()), (8, false, 4));
    assert!(ranges.groups().eq(groups()));
    for (address, said) in [
        ("203.0.113.15", &["data_centre"] as &[&str]),
        ("203.0.113.16", &["one", "data_centre"]),
        ("203.0.113.31", &["one", "data_centre"]),
        ("203.0.113.32", &["data_centre"]),
        ("203.0.114.0", &[]),
        ("198.51.100.0", &["other"]),
        ("198.51.100.1", &[]),
        ("0.0.0.0", &[]),
        ("255.255.255.255", &["one"]),
        ("2001:db8::ffff", &["one", "data_centre"]),
        ("2001:db8::1:0", &["data_centre"]),
        ("2001:db8:1::", &["more", "data_centre"]),
        ("2001:db9::", &[]),
        ("::", &["more"]),
        // No IPv4 address is looked for within IPv6: who asks takes it out.
        ("::ffff:203.0.113.16", &[]),
    ] {
        assert_eq!(codes(&ranges, address), said, "{address}");
    }
    let of: Vec<_> = ranges.of_group("one").map(|(first, last)| format!("{first}-{last}")).collect();
    assert_eq!(of, ["203.0.113.16-203.0.113.31", "255.255.255.255-255.255.255.255", "2001:db8::-2001:db8::ffff"]);
    assert_eq!(ranges.of_group("none").count(), 0);
}

#[test]
fn what_an_address_says_of_a_name() {
    let bytes = sample();
    let ranges = Ranges::open(&bytes).unwrap();
    let standing = |name: &str, address: &str| ranges.standing(name, Some(addr(address)), TODAY, MOST);
    assert_eq!(standing("OneBot", "203.0.113.20"), Standing::Verified);
    assert_eq!(standing("OneBot-Images", "2001:db8::1"), Standing::Verified);
    assert_eq!(standing("OneBot", "203.0.113.40"), Standing::Impostor, "in a class alone");
    assert_eq!(standing("OneBot", "198.51.100.0"), Standing::Impostor, "of another operator");
    assert_eq!(standing("onebot", "203.0.113.20"), Standing::Claimed, "no such name");
    assert_eq!(standing("Baiduspider", "203.0.113.20"), Standing::Claimed, "who publishes nothing");
    assert_eq!(standing("", "203.0.113.40"), Standing::Claimed);
    // Two groups have this agent: each verifies it, and the older copy is too old to deny it.
    assert_eq!(standing("OtherBot", "198.51.100.0"), Standing::Verified);
    assert_eq!(standing("OtherBot", "2001:db8:1::1"), Standing::Verified);
    assert_eq!(standing("OtherBot", "203.0.113.40"), Standing::Claimed);
    assert_eq!(ranges.standing("OneBot", None, TODAY, MOST), Standing::Claimed, "no address is known");
    let on = |today: u32| ranges.standing("OneBot", Some(addr("192.0.2.1")), today, MOST);
    assert_eq!((on(TODAY), on(TODAY + 1), on(0)), (Standing::Impostor, Standing::Claimed, Standing::Impostor));
    assert_eq!(Ranges::EMPTY.standing("OneBot", Some(addr("192.0.2.1")), TODAY, MOST), Standing::Claimed);
    assert!(Ranges::EMPTY.check() && Ranges::EMPTY.is_empty());
}

/// Whatever opens can be asked everything.
fn ask(bytes: &[u8]) -> bool {
    let Some(ranges) = Ranges::open(bytes) else { return false };
    for address in ["0.0.0.0", "203.0.113.20", "255.255.255.255", "::", "2001:db8::1", "ffff::"] {
        let _found = ranges.groups_of(addr(address)).count();
        let _standing = ranges.standing("OneBot", Some(addr(address)), TODAY, MOST);
    }
    let _ranges = ranges.of_group("one").count();
    ranges.check()
}

#[test]
fn no_bytes_lead_out_of_them() {
    let whole = sample();
    assert!(ask(&whole));
    for length in 0..whole.len() {
        assert!(!ask(&whole[..length]), "cut at {length}");
    }
    for place in 0..whole.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[place] = value;
            ask(&bytes);
        }
    }
    let none = |count: u32| [MAGIC.as_slice(), &count.to_le_bytes(), &[0; 16]].concat();
    assert!(ask(&none(0)) && !ask(&none(u32::MAX)));
    assert!(!ask(&[MAGIC.as_slice(), &[0; 4], &[0xff; 16]].concat()));
}

#[test]
fn a_check_finds_what_is_out_of_order() {
    let checked = |groups: &[Group<'_>], ranges: &[Range]| {
        let bytes = bytes(groups, ranges).unwrap();
        Ranges::open(&bytes).unwrap().check()
    };
    let [one, other, _, class] = groups();
    let (low, high) = (range("10.0.0.0", "10.0.0.9", 0), range("10.0.0.10", "10.0.0.19", 1));
    assert!(checked(&[one, other], &[high, low]), "they are sorted");
    assert!(!checked(&[one, other], &[low, range("10.0.0.9", "10.0.0.19", 1)]), "overlap");
    assert!(!checked(&[one], &[range("10.0.0.9", "10.0.0.0", 0)]), "upside down");
    assert!(!checked(&[one, one], &[low]), "a code twice");
    assert!(!checked(&[Group { code: "", ..one }], &[low]), "no code");
    assert!(!checked(&[Group { agents: "", ..one }], &[low]), "an operator without agents");
    assert!(!checked(&[Group { agents: "x", ..class }], &[low]), "a class with agents");
    // A range that no group has is in no table.
    assert_eq!(Ranges::open(&bytes(&[one], &[low, high]).unwrap()).unwrap().len(), 1);
    assert!(bytes(&[one], &[range("10.0.0.0", "2001:db8::", 0)]).is_none());
    // The number of the group alone: the last two bytes of the only range, before the pool.
    let mut other = bytes(&[one], &[low]).unwrap();
    let at = other.len() - one.code.len() - one.agents.len() - 2;
    other[at] = 1;
    assert!(!Ranges::open(&other).unwrap().check());
}
