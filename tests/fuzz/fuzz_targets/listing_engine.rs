//! The text engine: whatever a text is, nothing panics, what is found lies within it, the canonical form is canonical, and
//! the work is bounded by the length.
#![no_main]

#[path = "common/tables.rs"]
mod tables;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use listing_check_pack::lexicon::Entry;
use listing_engine::{Language, Lexicon, Searched, Text, Tuning, search};
use tables::Tables;

/// Terms, other names of them (`other=term`), and words that are allowed (`!word`).
const TERMS: [&str; 24] = [
    "微信",
    "加微信",
    "支付宝",
    "支付宝转账",
    "淘宝",
    "小红书",
    "象牙",
    "大麻",
    "枪支",
    "子弹",
    "发票",
    "代开发票",
    "vpn",
    "viagra",
    "whatsapp",
    "超a",
    "微",
    "人人人人",
    "vx=微信",
    "🐧号=微信",
    "aa=vpn",
    "!大麻烦",
    "!微信支付",
    "!aaa",
];
/// The most work for a character. The worst that was measured is 62, of short lines full of terms.
const WORK: u64 = 256;

static WORLD: LazyLock<Tables> = LazyLock::new(|| {
    let entries = TERMS.map(|term| {
        let (text, of) = term.split_once('=').map_or((term, None), |(text, of)| (text, Some((of.to_owned(), 10))));
        let (text, allowed) = text.strip_prefix('!').map_or((text, false), |text| (text, true));
        Entry { text: text.to_owned(), group: 0, alias_of: of, allowed }
    });
    Tables::with(&entries)
});

fuzz_target!(|raw: &str| {
    let language = Language::open(&WORLD.language).expect("opens");
    let lexicon = Lexicon::open(&WORLD.lexicon).expect("opens");
    let chars = raw.chars().count();
    let tuning = Tuning::default();
    let search = |all| search(&Text::of(raw, &language), &language, &lexicon, &tuning, all);
    let Searched { found: all, work, .. } = search(true);
    assert!(work <= WORK * (chars as u64 + 64), "{work} for {chars} characters");
    let mut end = 0;
    for found in &all {
        assert!(found.start < found.end && found.end as usize <= chars, "{found:?}");
        assert!(lexicon.term(found.term).is_some_and(|term| !term.alias && !term.allowed), "{found:?}");
    }
    let counted: Vec<_> = all.into_iter().filter(|found| found.counts).collect();
    for found in &counted {
        assert!(end <= found.start, "they do not overlap");
        end = found.end;
    }
    assert_eq!(search(false).found, counted, "what counts is the same");

    let text = Text::of(raw, &language);
    let again: String = text.units.iter().map(|unit| unit.char).collect();
    let symbols = |text: &Text| text.units.iter().map(|unit| unit.symbol).collect::<Vec<_>>();
    assert_eq!(symbols(&Text::of(&again, &language)), symbols(&text), "the canonical form is canonical");
    for pair in text.units.windows(2) {
        assert!(pair[0].start < pair[0].end && pair[0].start <= pair[1].start, "{pair:?}");
    }
});
