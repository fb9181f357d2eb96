//! What a forger can try without the key: changed bits, random serials, serials carried to another product or kind.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)]

use shared::crockford;
use shared::mac::Secret;
use trace_verify::digital_link::{Ai, Link, PrimaryKey};
use trace_verify::serial::{BadCode, Code, Layout, MacKeys};

const PRIMARIES: [&str; 4] = ["01/09506000134352", "8004/950600", "8004/950600013437", "253/9506000134376"];

fn keys() -> MacKeys {
    // Two neighbouring ids, so that a flipped bit of the id can meet another real key.
    MacKeys::new(&[(6, Secret::new([6; 32])), (7, Secret::new([7; 32]))])
}

fn primary(text: &str) -> PrimaryKey {
    PrimaryKey::parse(text).unwrap()
}

fn path(primary: &PrimaryKey, serial: &str) -> String {
    match primary.ai() {
        Ai::Gtin => format!("/{primary}/21/{serial}"),
        Ai::Giai | Ai::Gdti => format!("/{primary}{serial}"),
    }
}

fn verify(primary: &PrimaryKey, serial: &str) -> Result<Code, BadCode> {
    Code::verify(&Link::parse_path(&path(primary, serial)).unwrap(), &keys())
}

/// SplitMix64: seeded, so that a failure comes back.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn bits(&mut self, count: u32) -> u128 {
        ((u128::from(self.next()) << 64) | u128::from(self.next())) >> (128 - count)
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    for key in PRIMARIES {
        let primary = primary(key);
        let layout = Layout::for_ai(primary.ai());
        for counter in [0, 1, 4095, layout.max_counter()] {
            let code = Code::mint(&primary, 7, counter, &keys()).unwrap();
            assert_eq!(verify(&primary, code.serial()), Ok(code.clone()));
            let bits = crockford::decode(code.serial()).unwrap();
            for bit in 0..5 * layout.symbols() {
                let serial: String = crockford::symbols(bits ^ (1 << bit), layout.symbols()).collect();
                assert!(verify(&primary, &serial).is_err(), "{key} {counter} bit {bit}");
            }
        }
    }
}

#[test]
fn ten_thousand_random_serials_are_refused() {
    let mut random = Random(20_261_124);
    for i in 0..10_000usize {
        let primary = primary(PRIMARIES[i % PRIMARIES.len()]);
        let layout = Layout::for_ai(primary.ai());
        let bits = random.bits(5 * layout.symbols());
        let serial: String = crockford::symbols(bits, layout.symbols()).collect();
        assert!(verify(&primary, &serial).is_err(), "{primary} {serial}");
    }
}

/// The harder case: version and key id are right, and only the tag keeps it out.
#[test]
fn ten_thousand_random_serials_with_a_real_key_id_are_refused() {
    let mut random = Random(42);
    for i in 0..10_000usize {
        let primary = primary(PRIMARIES[i % PRIMARIES.len()]);
        let layout = Layout::for_ai(primary.ai());
        let below = layout.counter_bits() + 50;
        let bits = (u128::from(layout.number()) << (below + 8)) | (7 << below) | random.bits(below);
        let serial: String = crockford::symbols(bits, layout.symbols()).collect();
        assert_eq!(verify(&primary, &serial), Err(BadCode::Tag), "{primary} {serial}");
    }
}

#[test]
fn a_serial_is_worth_nothing_on_another_product() {
    let others = ["01/00614141123452", "01/19506000134359", "8004/950601", "8004/9506000", "253/6291041500213"];
    for key in PRIMARIES {
        let code = Code::mint(&primary(key), 7, 12_345, &keys()).unwrap();
        for other in PRIMARIES.into_iter().chain(others).filter(|&other| other != key) {
            // 01 and 8004 share a layout, so the serial fits where it does not belong; 253 is too short for it.
            match Link::parse_path(&path(&primary(other), code.serial())) {
                Ok(link) => assert!(Code::verify(&link, &keys()).is_err(), "{key} on {other}"),
                Err(e) => assert_eq!((e.code(), e.field), ("bad-length", "253"), "{key} on {other}"),
            }
        }
    }
}

/// A GIAI has no separator: moving the border between prefix and serial must not make another valid code.
#[test]
fn the_border_within_a_giai_does_not_move() {
    let code = Code::mint(&primary("8004/950600"), 7, 1, &keys()).unwrap();
    for grown in [format!("/8004/9{}", &code.item()[5..]), format!("/8004/{}0", &code.item()[5..])] {
        assert!(Code::verify(&Link::parse_path(&grown).unwrap(), &keys()).is_err(), "{grown}");
    }
}

#[test]
fn versions_do_not_swap() {
    // A layout-1 serial under 253 is a character too long; cut or not, it is refused. And the other way round.
    let gtin = Code::mint(&primary("01/09506000134352"), 7, 1, &keys()).unwrap();
    let gdti = Code::mint(&primary("253/9506000134376"), 7, 1, &keys()).unwrap();
    assert_eq!(verify(&primary("253/9506000134376"), &gtin.serial()[1..]), Err(BadCode::Version));
    assert_eq!(verify(&primary("253/9506000134376"), &gtin.serial()[..17]), Err(BadCode::Version));
    assert_eq!(verify(&primary("01/09506000134352"), gdti.serial()), Err(BadCode::WrongLength));
    assert_eq!(verify(&primary("01/09506000134352"), &format!("0{}", gdti.serial())), Err(BadCode::Version));
    for version in [0u128, 2, 3] {
        let bits = crockford::decode(gtin.serial()).unwrap() & ((1 << 88) - 1) | (version << 88);
        let serial: String = crockford::symbols(bits, 18).collect();
        assert_eq!(verify(&primary("01/09506000134352"), &serial), Err(BadCode::Version));
    }
}

#[test]
fn another_installation_has_other_codes() {
    let foreign = MacKeys::new(&[(7, Secret::new([8; 32]))]);
    for key in PRIMARIES {
        let code = Code::mint(&primary(key), 7, 1, &foreign).unwrap();
        assert_eq!(verify(&primary(key), code.serial()), Err(BadCode::Tag));
    }
}

/// Neighbours on the conveyor share no more of their serial than the key's two leading characters.
#[test]
fn neighbours_look_unrelated() {
    let primary = primary("01/09506000134352");
    let serials: Vec<String> =
        (0..256).map(|c| Code::mint(&primary, 7, c, &keys()).unwrap().serial().to_owned()).collect();
    let mut heads: Vec<&str> = serials.iter().map(|s| &s[..4]).collect();
    heads.sort_unstable();
    heads.dedup();
    assert!(heads.len() > 200, "{}", heads.len());
}
