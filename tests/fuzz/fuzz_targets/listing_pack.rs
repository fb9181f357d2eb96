//! Packs: whatever the bytes of a language and a lexicon are, they open or do not, and nothing panics that is looked up in
//! them; what is found lies within the text.
//!
//! The first byte of an input says what the rest is: 0, the bytes of a language and of a lexicon, apart by `|`; 1, arrays
//! for both, each a length and so many bytes, put together as a pack's are; otherwise patches of the real ones, each a
//! place (three bytes, little-endian, over both) and a byte.
#![no_main]

#[path = "common/tables.rs"]
mod tables;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use listing_check_pack::lexicon::Entry;
use listing_engine::bytes::join;
use listing_engine::{Language, Lexicon, Tuning, find};
use tables::Tables;

const TERMS: [&str; 8] = ["微信", "支付宝", "象牙", "大麻", "vpn", "whatsapp", "人民", "超a"];
/// A text that goes through every table: characters, other forms, pinyin, parts, emoji, signs, orders and lines.
const TEXT: &str =
    "加微信V信，ｖｐｎ象🐘牙🦷 大.麻 木仓支 zhifubao 寶付支 wh4ts@pp ⓥⓟⓝ 信微\n微a\n信b\n人\u{301}民 大大麻麻 zfb";

static WORLD: LazyLock<Tables> = LazyLock::new(|| {
    let entries =
        TERMS.map(|term| Entry { text: term.to_owned(), group: 0, alias_of: None, allowed: term == "人民" });
    Tables::with(&entries)
});

fuzz_target!(|bytes: &[u8]| {
    match bytes {
        [0, rest @ ..] => {
            let cut = rest.iter().position(|byte| *byte == b'|').unwrap_or(rest.len());
            let (language, lexicon) = rest.split_at(cut);
            look_up(language, lexicon.get(1..).unwrap_or_default());
            look_up(&WORLD.language, rest);
            look_up(rest, &WORLD.lexicon);
        }
        [1, rest @ ..] => {
            let mut arrays = Vec::new();
            let mut rest = rest;
            while let [len, tail @ ..] = rest {
                let (array, behind) = tail.split_at(tail.len().min((*len).into()));
                arrays.push(array.to_vec());
                rest = behind;
            }
            let language = join(listing_engine::language::MAGIC, &arrays);
            let cut = arrays.len().min(listing_engine::language::place::COUNT);
            let lexicon = join(listing_engine::lexicon::MAGIC, &arrays.split_off(cut));
            look_up(&language, &lexicon);
            look_up(&WORLD.language, &lexicon);
        }
        [_, patches @ ..] => {
            let mut both = [WORLD.language.as_slice(), &WORLD.lexicon].concat();
            for patch in patches.as_chunks::<4>().0 {
                let [a, b, c, byte] = *patch;
                let place = u32::from_le_bytes([a, b, c, 0]) as usize % both.len();
                both[place] = byte;
            }
            let (language, lexicon) = both.split_at(WORLD.language.len());
            look_up(language, lexicon);
        }
        [] => {}
    }
});

fn look_up(language: &[u8], lexicon: &[u8]) {
    let (Some(language), Some(lexicon)) = (Language::open(language), Lexicon::open(lexicon)) else { return };
    let chars = TEXT.chars().count();
    for found in find(TEXT, &language, &lexicon, &Tuning::default(), true) {
        assert!(found.start < found.end && found.end as usize <= chars, "{found:?}");
    }
    for index in 0..lexicon.len().min(64) as u32 + 1 {
        let _ = lexicon.term(index).map(|term| term.each().count());
    }
}
