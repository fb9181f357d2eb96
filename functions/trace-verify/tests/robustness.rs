//! Parsers on garbage: whatever comes in, an answer comes out, and the answer is stable. The seeded sibling of the fuzz
//! targets.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use ed25519_dalek::SigningKey;
use serde_json::json;
use shared::dsse::{self, Envelope};
use shared::jcs;
use trace_verify::digital_link::Link;
use trace_verify::record::Record;

fn random(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

/// Replaces, removes, doubles and inserts at random places.
fn damage(text: &str, alphabet: &[&str], state: &mut u64) -> String {
    let mut pieces: Vec<String> = text.chars().map(String::from).collect();
    for _ in 0..=random(state) % 4 {
        let at = random(state) % pieces.len().max(1);
        let piece = alphabet[random(state) % alphabet.len()].to_owned();
        match random(state) % 4 {
            0 if at < pieces.len() => pieces[at] = piece,
            1 if at < pieces.len() => drop(pieces.remove(at)),
            2 if at < pieces.len() => pieces.insert(at, pieces[at].clone()),
            _ => pieces.insert(at, piece),
        }
    }
    pieces.concat()
}

#[test]
fn links_never_panic_and_reparse_to_themselves() {
    let seeds = [
        "/01/09506000134352/21/87BT7C06AGTNQ19T8Z",
        "/8004/95060087BT7C062TNPWGECC5",
        "/253/9506000134376G79TB708JRQG2XBTS",
        "HTTPS://[2001:DB8::1]:8443/01/09506000134352/21/A%2FB?x=1#y",
        "https://t.example.cn:443/8004/ABC/",
    ];
    let alphabet = [
        "/",
        "//",
        "%",
        "%2F",
        "%00",
        "%ED%A0%80",
        "%E7%90%A5",
        "琥",
        "\u{202e}",
        "\0",
        "0",
        "9",
        "A",
        "z",
        "-",
        "?",
        "#",
        "@",
        ":",
        "[",
        "]",
        "21",
        "/21/",
        "/10/",
        " ",
        "+",
        "~",
    ];
    let mut state = 1;
    for i in 0..50_000usize {
        let text = damage(seeds[i % seeds.len()], &alphabet, &mut state);
        match Link::parse(&text) {
            Ok(link) => assert_eq!(Link::parse(&link.canonical()).as_ref(), Ok(&link), "{text:?}"),
            Err(e) => {
                assert!(e.at <= text.len(), "{text:?}: {e}");
                assert!(!e.to_string().chars().any(char::is_control), "{text:?}: {e}");
            }
        }
    }
}

#[test]
fn json_never_panics_and_its_canonical_form_is_fixed() {
    let seed = r#"{"a":[1,-2,{"b":"\u00e9\ud83d\ude00\n"}],"c":null,"d":true}"#;
    let alphabet =
        ["{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "0", "-", ".", "e", "\u{1}", "é", "a\":1,"];
    let mut state = 2;
    for _ in 0..50_000 {
        let text = damage(seed, &alphabet, &mut state);
        if let Ok(value) = jcs::parse_bounded(text.as_bytes(), 4096, 8) {
            let canonical = jcs::canonical(&value).unwrap();
            let again = jcs::parse_bounded(&canonical, 4096, 8).unwrap();
            assert_eq!(jcs::canonical(&again).unwrap(), canonical, "{text:?}");
        }
    }
}

/// A damaged envelope is either refused or, where the damage hit white space or an ignored member, says the same.
#[test]
fn damaged_envelopes_never_say_something_else() {
    let key = SigningKey::from_bytes(&[1; 32]);
    let payload = json!({"batch": "A", "issued_at": 1});
    let text = String::from_utf8(dsse::sign(dsse::RECORD, &payload, "k", &key).unwrap()).unwrap();
    let alphabet = ["{", "}", "[", "]", ",", ":", "\"", "=", "A", "b", "0", "+", "-", " ", "\\u0041"];
    let mut state = 3;
    for _ in 0..5_000 {
        let damaged = damage(&text, &alphabet, &mut state);
        let Ok(envelope) = Envelope::parse(damaged.as_bytes()) else { continue };
        if envelope.payload_type == dsse::RECORD && envelope.verify(&key.verifying_key()).is_ok() {
            assert_eq!(envelope.json().unwrap(), payload, "{damaged}");
        }
    }
}

#[test]
fn records_of_any_shape_are_refused_quietly() {
    let mut state = 4;
    let seed = r#"{"batch":"A","primary":"01/09506000134352","issued_at":1,"product":{"name":{"zh":"a","en":"b"}}}"#;
    let alphabet = ["{", "}", "\"", "null", "[]", "1", "\"batch\":", ",", "琥"];
    for _ in 0..20_000 {
        let text = damage(seed, &alphabet, &mut state);
        if let Ok(value) = jcs::parse_bounded(text.as_bytes(), 4096, 8)
            && let Ok(record) = serde_json::from_value::<Record>(value)
        {
            let _ = record.check();
        }
    }
}
