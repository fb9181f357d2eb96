//! The bundled tables, case by case; each case says where its figure comes from.

use shared::china_time::{parse_date, start_of_day};

use super::*;

fn day(date: &str) -> i64 {
    start_of_day(parse_date(date).unwrap())
}

fn tables() -> Tables<'static> {
    crate::policy::Rules::bundled().tables
}

#[test]
fn self_mail() {
    let now = day("2026-03-02");
    let payout = |from, to, weight| {
        tables().self_mail_payout(from, to, weight, now).map(|p| (p.chargeable_kg, p.amount_fen, p.rule))
    };
    // WeChat's sample freight template [primary]: Xinjiang and Tibet, first kg 10 yuan, each further 8, under 1 kg is 1.
    assert_eq!(payout("650000", "330000", 1), Ok((1, 1000, "far_west.far_west")));
    assert_eq!(payout("650000", "330000", 1000), Ok((1, 1000, "far_west.far_west")));
    assert_eq!(payout("650000", "330000", 1001), Ok((2, 1800, "far_west.far_west")));
    // Taobao 2010 [secondary]: never above 25 yuan, here instead of 26.
    assert_eq!(payout("540000", "330000", 3000), Ok((3, 2500, "far_west.far_west")));
    // Heilongjiang to Yiwu [secondary]: pays 13 yuan.
    assert_eq!(payout("230000", "330000", 800), Ok((1, 1300, "northeast.to_yangtze")));
    assert_eq!(payout("330000", "310000", 20_000), Ok((20, 2500, "yangtze.local")));
    assert_eq!(payout("330000", "310000", 20_001), Err(NoTariff::WeightOutOfRange));
    assert_eq!(payout("330000", "310000", 0), Err(NoTariff::WeightOutOfRange));
    assert_eq!(payout("330000", "310000", i64::MIN), Err(NoTariff::WeightOutOfRange));
    assert_eq!(payout("330000", "310000", i64::MAX), Err(NoTariff::WeightOutOfRange));
    // A prefecture is no province-level division.
    assert_eq!(payout("330100", "310000", 500), Err(NoTariff::UnknownRegion));
    assert_eq!(tables().self_mail_payout("330000", "310000", 500, 0), Err(NoTariff::NotInForce));
}

#[test]
fn the_known_arbitrage_is_the_only_one() {
    let now = day("2026-03-02");
    // [secondary] Heilongjiang to Yiwu pays 13 yuan while posting costs 8.
    assert_eq!(tables().real_freight("230000", "330000", 800, now).map(|f| f.amount_fen), Ok(800));
    // The compiler warns of this route alone: brute force over all provinces and weights finds no other.
    let codes: Vec<String> = (11..=82).map(|code| format!("{code}0000")).collect();
    let regions: Vec<&String> = codes.iter().filter(|code| tables().region_group(code, now).is_some()).collect();
    for (from, to) in regions.iter().flat_map(|from| regions.iter().map(move |to| (from, to))) {
        for kg in 1..=20 {
            let pays = tables().self_mail_payout(from, to, kg * 1000, now).unwrap();
            let costs = tables().real_freight(from, to, kg * 1000, now).unwrap();
            let known = (pays.group_from, pays.group_to) == ("northeast", "yangtze") && kg <= 6;
            assert_eq!(pays.amount_fen > costs.amount_fen, known, "{from} {to} {kg} kg");
        }
    }
}

#[test]
fn every_province_level_division_has_a_group() {
    let now = day("2026-03-02");
    // GB/T 2260: 23 provinces, 5 autonomous regions, 4 municipalities, 2 special administrative regions.
    let known = (11..=82).filter(|code| tables().region_group(&format!("{code}0000"), now).is_some()).count();
    assert_eq!(known, 34);
    for code in ["", "33", "330100", "160000", "990000", "３３００００"] {
        assert_eq!(tables().region_group(code, now), None, "{code}");
    }
}

#[test]
fn late_shipments() {
    let now = day("2026-03-02");
    let hour = 3_600_000;
    let due = |paid, kind, late| tables().lateness(paid, kind, late, now).map(|l| (l.base_fen, l.extra_fen, l.rules));
    // Douyin [secondary]: up to 3 yuan nothing, under 300 yuan 3 yuan, else 1 %, at most 30 yuan.
    assert_eq!(due(300, "spot", hour), Some((0, 0, vec!["late.tiny"])));
    assert_eq!(due(301, "spot", hour), Some((300, 0, vec!["late.small"])));
    assert_eq!(due(29_999, "presale", hour), Some((300, 0, vec!["late.small"])));
    assert_eq!(due(30_000, "tiered_spot", hour), Some((300, 0, vec!["late.share"])));
    // 1 % of 312.99 yuan is 3.1299: down to the fen.
    assert_eq!(due(31_299, "spot", hour), Some((312, 0, vec!["late.share"])));
    assert_eq!(due(299_999, "spot", hour), Some((2999, 0, vec!["late.share"])));
    assert_eq!(due(300_000, "spot", hour), Some((3000, 0, vec!["late.share"])));
    assert_eq!(due(100_000_000_000, "spot", hour), Some((3000, 0, vec!["late.share"])));
    // Not late, by a millisecond; a started hour counts.
    assert_eq!(due(30_000, "spot", 0), None);
    assert_eq!(tables().lateness(30_000, "spot", 1, now).map(|l| l.hours_late), Some(1));
    assert_eq!(tables().lateness(30_000, "spot", hour + 1, now).map(|l| l.hours_late), Some(2));
    // Example figures: long delays add up.
    assert_eq!(due(30_000, "spot", 72 * hour), Some((300, 0, vec!["late.share"])));
    assert_eq!(due(30_000, "spot", 72 * hour + 1), Some((300, 200, vec!["late.share", "extra.three_days"])));
    let all = vec!["late.share", "extra.three_days", "extra.week", "extra.presale_fortnight"];
    assert_eq!(due(30_000, "tiered_presale", i64::MAX), Some((300, 1000, all)));
    assert_eq!(due(300, "spot", 1000 * hour), Some((0, 0, vec!["late.tiny"])));
    assert_eq!(due(30_000, "unknown", hour), None);
    assert_eq!(due(-1, "spot", hour), None);
}

#[test]
fn editions_take_over_at_midnight_in_china() {
    let cap = |level, at| tables().instant_cap(level, at).map(|cap| (cap.cap_fen, cap.per_year));
    let takes_over = day("2026-01-01");
    assert_eq!(cap(5, takes_over - 1), Some((20_000, 10)));
    assert_eq!(cap(5, takes_over), Some((30_000, 10)));
    assert_eq!(cap(2, takes_over - 1), Some((0, 0)));
    assert_eq!(cap(11, takes_over), None);
    assert_eq!(cap(-1, takes_over), None);
    assert_eq!(cap(5, day("2024-01-01") - 1), None);
}
