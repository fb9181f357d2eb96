//! Events: parsing never panics, what it accepts reads back the same, and what a case learns from it leaves a case that
//! still passes its check.
#![no_main]

use std::sync::LazyLock;

use instant_refund::case::{Case, Learned, MAX_SKEW_MS};
use instant_refund::refund_event::RefundEvent;
use libfuzzer_sys::fuzz_target;

/// A day after the cases: some events need time.
const NOW: i64 = 1_790_086_400_000;

macro_rules! case {
    ($name:literal) => {
        include_bytes!(concat!("../../vectors/instant-refund/cases/", $name, ".json")).as_slice()
    };
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let texts =
        [case!("insured-return"), case!("late"), case!("return-to-come"), case!("scanned-return"), case!("unshipped")];
    texts.map(|text| Case::read(text, NOW).unwrap_or_else(|_| panic!("a case of the vectors is read"))).into()
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(event) = RefundEvent::parse(bytes, NOW) else { return };
    assert!((0..=NOW + MAX_SKEW_MS).contains(&event.at));
    let written = serde_json::to_vec(&event).expect("an event can be written");
    assert_eq!(RefundEvent::parse(&written, NOW).ok().as_ref(), Some(&event), "and read again");
    for case in CASES.iter() {
        let mut case = case.clone();
        let learned = case.learn(&event);
        if learned == Learned::Changed {
            assert!(case.check(NOW).is_ok(), "what it has learnt fits together");
            let changed = case.clone();
            assert_ne!(case.learn(&event), Learned::Changed, "told twice is told once");
            assert_eq!(case, changed);
        }
    }
});
