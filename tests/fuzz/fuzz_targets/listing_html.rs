//! Descriptions in HTML: reading them does not panic, and each finding names a stretch of the source as it stands there,
//! in both ways to count. The verdict is that of the gravest finding, and a text without markup is judged as plain text is.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use listing_check::judge::{Outcome, What, judge};
use listing_check::listing::{Format, Listing};
use listing_check::policy::{Rules, SPEC, Severity};
use shared::policy::Pack;

static PACK: LazyLock<Pack> = LazyLock::new(|| Pack::bundled(SPEC.bundled));

fuzz_target!(|source: &str| {
    let rules = Rules::of(&PACK, 0).expect("the bundled pack lacks nothing");
    let listing = Listing { description: source.to_owned(), description_format: Format::Html, ..Listing::default() };
    let judged = judge(&listing, &rules);
    let chars: Vec<char> = source.chars().collect();
    let units = |to: u32| chars[..to as usize].iter().map(|c| c.len_utf16()).sum::<usize>();
    for finding in &judged.findings {
        assert_eq!(finding.pointer, "/description");
        let Some(span) = &finding.span else {
            assert_eq!(finding.what, What::UnreadText, "any other finding in a text has a place");
            continue;
        };
        let (start, end) = span.scalars;
        assert!(start < end && end as usize <= chars.len(), "{finding:?}");
        assert_eq!(span.raw, chars[start as usize..end as usize].iter().collect::<String>(), "{finding:?}");
        assert_eq!((span.utf16.0 as usize, span.utf16.1 as usize), (units(start), units(end)), "{finding:?}");
    }
    let gravest = judged.findings.iter().map(|finding| finding.severity).max();
    let expected = match gravest {
        None | Some(Severity::Warn) => Outcome::Accept,
        Some(Severity::Review) => Outcome::Review,
        Some(Severity::Reject) => Outcome::Reject,
    };
    assert!(judged.outcome == expected || judged.left_out > 0 && judged.outcome > expected);
    assert_eq!(judge(&listing, &rules), judged, "judged twice, the same");

    // Without markup, HTML is the text itself.
    if !source.contains(['<', '&']) {
        let plain = judge(&Listing { description_format: Format::Plain, ..listing }, &rules);
        assert_eq!(plain, judged, "as plain text");
        assert!(!judged.findings.iter().any(|finding| finding.what == What::Hidden));
    }
});
