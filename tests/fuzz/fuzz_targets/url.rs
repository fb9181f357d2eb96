//! Label URLs: parsing never panics, what it accepts has one canonical form, and no invented serial verifies.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shared::http::Target;
use trace_verify::digital_link::Link;
use trace_verify::report::Report;
use trace_verify::serial::{Code, MacKeys};

static KEYS: LazyLock<MacKeys> = LazyLock::new(|| {
    let secret = shared::mac::Secret::new([0x5a; 32]);
    MacKeys::new(&[(1, secret)])
});

fuzz_target!(|text: &str| {
    let target = Target::new("t.example", text);
    // What a browser would send again is what was sent.
    assert_eq!(Target::new("t.example", &target.path).path, target.path);
    let strict = [Link::parse(text), Link::parse_path(&target.path), Link::parse_path(text)];
    // What a label carries may have a wrong check digit, and nothing else that is wrong.
    assert!(Link::parse(text).is_err() || Link::scanned(text) == Link::parse(text));
    for parsed in strict.into_iter().chain([Link::scanned(text), Link::scanned_path(&target.path)]) {
        match parsed {
            Ok(link) => {
                let canonical = link.canonical();
                let again = Link::scanned(&canonical).expect("a canonical form parses");
                assert_eq!(again.canonical(), canonical);
                assert!(Code::verify(&link, &KEYS).is_err(), "an invented code verified");
            }
            Err(error) => assert!(error.at <= text.len().max(target.path.len())),
        }
    }
    let _ = Report::parse(text);
});
