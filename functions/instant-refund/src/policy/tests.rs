use shared::lang::Lang;
use shared::policy::{Map, PackFile};

use super::*;
use crate::decision::{Input, Scalar};

fn rules() -> Rules<'static> {
    Rules::bundled()
}

#[test]
fn an_edition_begins_at_midnight_in_china() {
    // 2024-01-01 00:00 China time.
    let midnight = 1_704_038_400_000;
    assert_eq!(rules().at(midnight - 1).freight_insurance.self_mail_fixed_fen, 800);
    assert_eq!(rules().at(midnight).freight_insurance.self_mail_fixed_fen, 1000);
    assert_eq!(rules().at(0).freight_insurance.self_mail_fixed_fen, 800, "before the first edition: the first");
    assert_eq!(rules().at(i64::MAX).law.no_reason_days, 7);
    assert!(rules().at(i64::MAX).freight_insurance.excluded_categories.contains("underwear"));
    assert!(!rules().at(i64::MAX).freight_insurance.excluded_categories.contains("under"));
}

#[test]
fn texts_are_found_by_section_and_code() {
    let words = rules().words;
    assert!(words.get("outcome", "approved", Lang::Zh).is_some());
    assert!(words.get("outcome", "none", Lang::Zh).is_none() && words.get("none", "approved", Lang::En).is_none());
}

/// The bundled pack with a key of a section changed, or left out.
pub(crate) fn changed(section: &str, key: &str, value: Option<&[u8]>) -> Pack {
    let sections = BUNDLED.sections.iter().map(|(name, bytes)| {
        let mut writer = pack::MapWriter::new();
        for (known, bytes) in Map::open(bytes).unwrap().under("").filter(|(known, _)| *name != section || *known != key)
        {
            writer.bytes(known, bytes);
        }
        if let Some(value) = value.filter(|_| *name == section) {
            writer.bytes(key, value);
        }
        ((*name).to_owned(), writer.finish().unwrap())
    });
    Pack::from_file(PackFile::new(crate::NAME, 1, sections.collect()).unwrap())
}

#[test]
fn placeholders_are_filled_by_the_unit_in_their_name() {
    let input = |name: &'static str, value| Input { name: name.into(), value };
    let inputs = [
        input("cap_fen", Scalar::Integer(1234)),
        input("scan_at", Scalar::Integer(0)),
        input("payer", Scalar::Text("insurer".into())),
        input("waybill", Scalar::Text("{cap_fen}".into())),
        input("count", Scalar::Integer(3)),
    ];
    let pack = changed("words", "reason/x/zh", Some("{cap_fen}|{scan_at}|{payer}".as_bytes()));
    let fill =
        |pack: &Pack, lang| Rules::of(pack).words.fill("reason", "x", lang, &inputs).map(|text| text.into_owned());
    assert_eq!(fill(&pack, Lang::Zh).as_deref(), Some("¥12.34|1970-01-01 08:00|保险公司"));
    let pack = changed("words", "reason/x/en", Some(b"{cap_fen}|{waybill}|{count}|{none}"));
    assert_eq!(fill(&pack, Lang::En).as_deref(), Some("CNY 12.34|{cap_fen}|3|"));
    assert_eq!(fill(&pack, Lang::Zh), None);
    assert_eq!(yuan(Lang::En, -5), "-CNY 0.05");
    assert_eq!(yuan(Lang::Zh, i64::MIN), "-¥92233720368547758.08");
}

#[test]
fn the_bundled_pack_lacks_nothing() {
    assert_eq!(rules().lack(), None);
    let pack = Pack::bundled(&BUNDLED);
    assert_eq!(Rules::of(&pack).digest, rules().digest);
    assert_eq!(Rules::of(&changed("words", "more/text/en", Some(b"more"))).lack(), None, "more than is asked for");
}

/// Such a pack is not taken into use; nor would it move money it should not.
#[test]
fn a_pack_that_lacks_something_is_known_and_harms_nobody() {
    let descending: Vec<u8> = [5i64, 3].into_iter().flat_map(i64::to_le_bytes).collect();
    let cases: [(&str, &str, Option<&[u8]>, &str); 11] = [
        ("words", "reason/instant_level/zh", None, "reason/instant_level"),
        ("words", "reason/instant_level/en", Some(b" "), "reason/instant_level"),
        ("figures", "law", None, "law"),
        ("figures", "law", Some(&descending), "law"),
        ("figures", "law/0/no_reason_days", Some(&6i64.to_le_bytes()), "law/0/no_reason_days"),
        ("figures", "freight_insurance/1/excluded_categories", None, "freight_insurance/1/excluded_categories"),
        ("figures", "fund/0/total_limit_fen", Some(b"more"), "fund/0/total_limit_fen"),
        ("tables", "self_mail_tariff", None, "self_mail_tariff"),
        ("tables", "self_mail_tariff/0", Some(b"VDT1"), "self_mail_tariff/0"),
        ("tables", "lateness/0", tables_of("instant_caps/0"), "lateness/0"),
        ("holidays", "spans", Some(&descending), "rest days"),
    ];
    for (section, key, value, lacking) in cases {
        let pack = changed(section, key, value);
        let rules = Rules::of(&pack);
        assert_eq!(rules.lack(), Some(Lack(lacking.to_owned())), "{section} {key}");
        let policy = rules.at(0);
        assert!(policy.law.no_reason_days >= 7 && policy.fund.total_limit_fen <= 1_000_000_000_000);
        let _total = (
            rules.tables.self_mail_payout("330000", "310000", 500, i64::MAX),
            rules.tables.lateness(1000, "spot", 5, i64::MAX),
            rules.calendar.statutory_deadline(0, 7),
        );
    }
    let unread = Pack::unread(&pack::Manifest::of(crate::NAME, 1, [("words", b"".as_slice())]).unwrap());
    assert!(Rules::of(&unread).lack().is_some());
}

fn tables_of(key: &str) -> Option<&'static [u8]> {
    Map::open(BUNDLED.section("tables")?).ok()?.get(key)
}
