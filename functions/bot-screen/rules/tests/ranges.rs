//! Tables as large as they get: every range is found, and how fast is printed.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests may fail by panicking, and tell a time"
)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

use screen_rules::Ranges;
use screen_rules::ranges::{Group, Kind, Range, bytes};

/// Numbers that look random, the same at each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// Ranges that neither overlap nor touch, each with both its ends and its group.
fn many(count: u64, numbers: &mut Numbers) -> Vec<Range> {
    let mut at = 1_u64 << 20;
    let mut all = Vec::new();
    for _ in 0..count {
        // A network as a file writes it: aligned, and a gap of one address at least before the next.
        let size = 1_u64 << (numbers.next() % 13);
        let first = (at + 1 + numbers.next() % 3000).next_multiple_of(size);
        at = first + size;
        let group = u16::try_from(numbers.next() % 50).unwrap();
        let ends = (first, first + size - 1);
        if numbers.next().is_multiple_of(4) {
            let address = |low: u64, rest: u64| {
                IpAddr::V6(Ipv6Addr::from_bits(0x2001_0db8_u128 << 96 | u128::from(low) << 64 | u128::from(rest)))
            };
            all.push(Range { first: address(ends.0, 0), last: address(ends.1, u64::MAX), group });
        } else {
            let address = |bits: u64| IpAddr::V4(Ipv4Addr::from_bits(u32::try_from(bits).unwrap()));
            all.push(Range { first: address(ends.0), last: address(ends.1), group });
        }
    }
    all
}

fn beside(address: IpAddr, up: bool) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            IpAddr::V4(Ipv4Addr::from_bits(if up { address.to_bits() + 1 } else { address.to_bits() - 1 }))
        }
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(if up { address.to_bits() + 1 } else { address.to_bits() - 1 }))
        }
    }
}

#[test]
fn of_200_000_ranges_each_is_found_and_its_neighbours_are_not() {
    let mut numbers = Numbers(0x5eed);
    let ranges = many(200_000, &mut numbers);
    let codes: Vec<String> = (0..50).map(|number| format!("g{number}")).collect();
    let groups: Vec<Group<'_>> =
        codes.iter().map(|code| Group { code, kind: Kind::Operator, day: 20_000, agents: "OneBot" }).collect();
    let bytes = bytes(&groups, &ranges).unwrap();
    let begin = Instant::now();
    let table = Ranges::open(&bytes).unwrap();
    let opened = begin.elapsed();
    assert!(table.check());
    let checked = begin.elapsed();
    let code = |address: IpAddr| table.groups_of(address).map(|group| group.code).next();
    for range in &ranges {
        let wanted = codes[usize::from(range.group)].as_str();
        assert_eq!((code(range.first), code(range.last)), (Some(wanted), Some(wanted)), "{range:?}");
        assert_eq!((code(beside(range.first, false)), code(beside(range.last, true))), (None, None), "{range:?}");
    }
    let begin = Instant::now();
    let found = ranges.iter().filter(|range| code(range.first).is_some()).count();
    let each = begin.elapsed() / u32::try_from(ranges.len()).unwrap();
    assert_eq!((found, table.len()), (200_000, 200_000));
    eprintln!("{} bytes: opened in {opened:?}, checked in {checked:?}, an address found in {each:?}", bytes.len());
}
