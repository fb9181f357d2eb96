//! A policy with 200,000 ranges: it is compiled, and how fast is printed.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests may fail by panicking, and tell a time"
)]

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Instant;

use bot_screen_pack::KIND;
use pack_source::{Files, section};
use screen_rules::Ranges;

#[test]
fn many_ranges_are_compiled() {
    let mut files = Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy")).unwrap();
    let mut text = String::new();
    for number in 0..200_000_u32 {
        // Neither do they touch nor stand in order, and nobody has any of them.
        let first = Ipv4Addr::from_bits(0xf000_0000 + number.wrapping_mul(7919) % 200_003 * 512);
        writeln!(text, "{first}/24").unwrap();
    }
    let group = "\n[[group]]\ncode = \"consumer\"\nkind = \"class\"\nsource = \"https://x.example\"\n\
                 date = \"2026-11-27\"\nfile = \"ranges/many.csv\"\n";
    let all = [files.bytes("ranges.toml").unwrap(), group.as_bytes()].concat();
    files.put("ranges.toml", all);
    files.put("ranges/many.csv", text);
    let begin = Instant::now();
    let pack = (KIND.compile)(&files).pack(&KIND).unwrap();
    let took = begin.elapsed();
    let bytes = section(&pack, "ranges").get("table").unwrap();
    let ranges = Ranges::open(bytes).unwrap();
    assert!(ranges.check());
    assert_eq!(ranges.of_group("consumer").count(), 200_000);
    eprintln!("200000 ranges compiled in {took:?}, {} bytes", bytes.len());
}
