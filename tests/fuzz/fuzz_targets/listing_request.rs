//! Requests: reading a listing, or a batch of them, does not panic; a listing that is accepted reads back the same and
//! under the same digest; its verdict can be written in both languages, and names stretches of the listing's own texts.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use listing_check::answer::{content_digest, verdict};
use listing_check::judge::judge;
use listing_check::listing::{BATCH_BOUNDS, Format, Listing};
use listing_check::picture::MOST_READ;
use listing_check::policy::{Rules, SPEC};
use serde_json::Value;
use shared::http::json;
use shared::lang::Lang;
use shared::policy::Pack;

static PACK: LazyLock<Pack> = LazyLock::new(|| Pack::bundled(SPEC.bundled));

fuzz_target!(|bytes: &[u8]| {
    let whole = Listing::read(bytes);
    if let Err(problem) = &whole {
        assert!(problem.kind.status.is_client_error());
        for lang in [Lang::Zh, Lang::En] {
            let body: Value = serde_json::from_slice(&problem.response(lang).body).expect("a problem is JSON");
            assert!(body.get("title").is_some());
        }
    }
    let batch = json::parse(bytes, BATCH_BOUNDS).unwrap_or_default();
    let entries = batch.get("listings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut pictures = MOST_READ;
    let entries = entries.iter().take(4).map(|entry| Listing::of(entry, &mut pictures)).collect::<Vec<_>>();
    for listing in entries.into_iter().chain([whole]).flatten() {
        check(&listing);
    }
});

fn check(listing: &Listing) {
    let value = serde_json::to_value(listing).expect("a listing can be written");
    if listing.images.iter().any(|image| image.seen.is_some()) {
        return; // Bytes are not written again.
    }
    assert_eq!(Listing::of(&value, &mut MOST_READ.clone()).ok().as_ref(), Some(listing), "and read again");
    assert_eq!(content_digest(&Listing { id: Some("another".to_owned()), ..listing.clone() }), content_digest(listing));

    let rules = Rules::of(&PACK, 0).expect("the bundled pack lacks nothing");
    let judged = judge(listing, &rules);
    for finding in &judged.findings {
        let at = value.pointer(&finding.pointer).unwrap_or_else(|| panic!("{} is in the listing", finding.pointer));
        let Some(span) = &finding.span else { continue };
        let text = at.as_str().expect("what has a stretch is a text");
        let (start, end) = (span.scalars.0 as usize, span.scalars.1 as usize);
        assert!(start < end, "{finding:?}");
        assert_eq!(span.raw, text.chars().skip(start).take(end - start).collect::<String>(), "{finding:?}");
        let units: Vec<u16> = text.encode_utf16().collect();
        let slice = units.get(span.utf16.0 as usize..span.utf16.1 as usize).expect("it lies within");
        assert_eq!(String::from_utf16(slice).ok().as_ref(), Some(&span.raw), "{finding:?}");
    }
    for lang in [Lang::Zh, Lang::En] {
        let verdict = verdict(listing, &judged, &rules, lang);
        let written = serde_json::to_value(&verdict).expect("a verdict can be written");
        assert_eq!(written["outcome"], judged.outcome.name());
    }
    assert!(listing.description_format == Format::Plain || value["description_format"] == "html");
}
