//! The shipping promise (阶梯发货): deadlines by stage, and what lateness costs.

use crate::given::{Given, Row, order};
use instant_refund::case::{Cause::*, PromiseKind::*, PromiseStage as Stage, RequestKind::*};

const DOUYIN: &str =
    "Douyin product API [S]: presell_type 0 spot, 1 presale, 2 tiered; delivery_delay_day, presell_delay";
const TABLE: &str = "Douyin late collection [S]: up to CNY 3 none, under CNY 300 CNY 3, else 1 % up to CNY 30";
const EXTRA: &str = "policy/tables/lateness_extra.csv (example)";
const LAW: &str = "E-Commerce Law art. 20: deliver as promised";

/// Compensation asked for at an instant, paid 03-03 10:00.
fn asks(at: &str) -> Given {
    order().ask(Compensation, LateShipment, at)
}

fn spot(hours: i64, at: &str) -> Given {
    asks(at).promise(Spot, None, Some(hours), None)
}

fn presale(days: i64, at: &str) -> Given {
    asks(at).promise(Presale, None, None, Some(days))
}

fn tiered(stage: Stage, at: &str) -> Given {
    asks(at).promise(Tiered, Some(stage), Some(48), Some(10))
}

pub fn rows() -> Vec<Row> {
    let cancel =
        || order().cause(LateShipment).promise(Spot, None, Some(24), None).ask(RefundOnly, LateShipment, "03-05 10:30");
    vec![
        ("48 hours, in the last millisecond", DOUYIN, spot(48, "03-05 10:00"), "declined; why not_late"),
        (
            "48 hours, a millisecond late",
            DOUYIN,
            spot(48, "03-05 10:00:00.001"),
            "approved: late merchant 300; why shipped_late; hold late 1/1",
        ),
        ("24 hours, a day late", DOUYIN, spot(24, "03-05 10:00"), "approved: late merchant 300; why shipped_late"),
        (
            "shipped in the last millisecond",
            DOUYIN,
            spot(48, "03-20 10:00").shipped("03-05 10:00"),
            "declined; why not_late",
        ),
        (
            "shipped a millisecond late",
            DOUYIN,
            spot(48, "03-20 10:00").shipped("03-05 10:00:00.001"),
            "approved: late merchant 300; why shipped_late",
        ),
        ("the same day, until 24:00", DOUYIN, spot(0, "03-03 23:59:59.999"), "declined; why not_late"),
        ("the same day, at 24:00", DOUYIN, spot(0, "03-04 00:00"), "approved: late merchant 300; why shipped_late"),
        (
            "the same day, paid in its last millisecond",
            DOUYIN,
            spot(0, "03-04 00:00").paid("03-03 23:59:59.999"),
            "approved: late merchant 300",
        ),
        (
            "the same day, paid at midnight",
            DOUYIN,
            spot(0, "03-04 23:59:59.999").paid("03-04 00:00"),
            "declined; why not_late",
        ),
        ("pre-sale, in the last millisecond", DOUYIN, presale(5, "03-08 10:00"), "declined; why not_late"),
        ("pre-sale, a millisecond late", DOUYIN, presale(5, "03-08 10:00:00.001"), "approved: late merchant 300"),
        (
            "pre-sale counted from its end",
            DOUYIN,
            presale(5, "03-14 20:00").presale_ends("03-10 20:00"),
            "declined; why not_late",
        ),
        (
            "pre-sale counted from its end, in the last millisecond",
            DOUYIN,
            presale(5, "03-15 20:00").presale_ends("03-10 20:00"),
            "declined; why not_late",
        ),
        (
            "pre-sale counted from its end, late",
            DOUYIN,
            presale(5, "03-15 20:00:00.001").presale_ends("03-10 20:00"),
            "approved: late merchant 300",
        ),
        ("tiered, from stock, in time", DOUYIN, tiered(Stage::Spot, "03-05 10:00"), "declined; why not_late"),
        (
            "tiered, from stock, late",
            DOUYIN,
            tiered(Stage::Spot, "03-05 10:00:00.001"),
            "approved: late merchant 300; why shipped_late",
        ),
        ("tiered, behind it, in time", DOUYIN, tiered(Stage::Presale, "03-13 10:00"), "declined; why not_late"),
        (
            "tiered, behind it, late",
            DOUYIN,
            tiered(Stage::Presale, "03-13 10:00:00.001"),
            "approved: late merchant 300",
        ),
        (
            "tiered, behind it, counted from the pre-sale's end",
            DOUYIN,
            tiered(Stage::Presale, "03-16 10:00").presale_ends("03-06 10:00"),
            "declined; why not_late",
        ),
        // Amounts.
        ("CNY 3 gets none", TABLE, spot(24, "03-05 10:00").price(300).freight(0), "declined; why lateness_below_table"),
        ("CNY 3.01 gets CNY 3", TABLE, spot(24, "03-05 10:00").price(301).freight(0), "approved: late merchant 300"),
        (
            "CNY 299.99 gets CNY 3",
            TABLE,
            spot(24, "03-05 10:00").price(29_999).freight(0),
            "approved: late merchant 300",
        ),
        ("CNY 300 gets 1 %", TABLE, spot(24, "03-05 10:00").price(30_000).freight(0), "approved: late merchant 300"),
        (
            "CNY 310.99 gets 1 %, rounded down",
            TABLE,
            spot(24, "03-05 10:00").price(31_099).freight(0),
            "approved: late merchant 310",
        ),
        ("CNY 2,999.99", TABLE, spot(24, "03-05 10:00").price(299_999).freight(0), "approved: late merchant 2999"),
        (
            "CNY 3,000 gets CNY 30",
            TABLE,
            spot(24, "03-05 10:00").price(300_000).freight(0),
            "approved: late merchant 3000",
        ),
        (
            "CNY 10,000 gets no more",
            TABLE,
            spot(24, "03-05 10:00").price(1_000_000).freight(0),
            "approved: late merchant 3000",
        ),
        (
            "the freight counts as paid",
            TABLE,
            spot(24, "03-05 10:00").price(29_000).freight(2000),
            "approved: late merchant 310",
        ),
        // Long delays: promised by 03-04 10:00.
        ("72 hours late", EXTRA, spot(24, "03-07 10:00"), "approved: late merchant 300"),
        ("a millisecond more than 72 hours late", EXTRA, spot(24, "03-07 10:00:00.001"), "approved: late merchant 500"),
        ("168 hours late", EXTRA, spot(24, "03-11 10:00"), "approved: late merchant 500"),
        ("more than 168 hours late", EXTRA, spot(24, "03-11 10:00:00.001"), "approved: late merchant 800"),
        ("spot, more than 336 hours late", EXTRA, spot(24, "03-18 10:00:00.001"), "approved: late merchant 800"),
        ("pre-sale, more than 336 hours late", EXTRA, presale(1, "03-18 10:00:00.001"), "approved: late merchant 1300"),
        ("a year late", EXTRA, presale(1, "2026-03-18 10:00"), "approved: late merchant 1300"),
        // With other requests.
        ("no promise", LAW, asks("03-20 10:00"), "declined; why no_promise"),
        (
            "cancelled for lateness: goods and compensation",
            LAW,
            cancel().accepted("03-05 11:00").now("03-05 11:00"),
            "approved: BOTH + late merchant 300; why merchant_accepted, shipped_late; hold payment 10900/10900, late 1/1",
        ),
        (
            "cancelled for lateness, waiting",
            LAW,
            cancel(),
            "waiting merchant_answer 03-05 12:30: BOTH + late merchant 300; why waits_for_merchant, instant_window_passed",
        ),
        (
            "cancelled for lateness, instant",
            LAW,
            cancel().level(5).paid("03-04 10:00"),
            "approved: BOTH + late merchant 300; why instant_unshipped, shipped_late; hold payment 10900/10900, quota 10900/1000000, late 1/1",
        ),
        (
            "cancelled for lateness, refused: the compensation is due all the same",
            LAW,
            cancel().rejected("03-05 11:00").now("03-05 11:00"),
            "approved: late merchant 300; why merchant_rejected, shipped_late; hold late 1/1",
        ),
        (
            "cancelled before it was late",
            LAW,
            cancel().ask(RefundOnly, LateShipment, "03-04 10:00").now("03-08 10:00"),
            "approved: BOTH; why not_late, merchant_silent",
        ),
        (
            "cancelled when late: lateness ends with the request",
            EXTRA,
            cancel().now("03-30 10:00"),
            "approved: BOTH + late merchant 300; why merchant_silent",
        ),
        (
            "sent back because it came late",
            LAW,
            order()
                .shipped("03-05 18:00")
                .signed("03-07 10:00")
                .promise(Spot, None, Some(24), None)
                .ask(ReturnRefund, LateShipment, "03-08 10:00")
                .mails("SF1001")
                .scanned("03-08 12:00")
                .received("03-10 10:00")
                .accepted("03-10 11:00")
                .now("03-10 11:00"),
            "approved: goods merchant 9900 + late merchant 300; why return_received_accepted, shipped_late, outbound_freight_kept",
        ),
        (
            "not asked for, not paid",
            LAW,
            order().promise(Spot, None, Some(1), None).ask(RefundOnly, NoReason, "03-04 10:00").now("03-05 10:00"),
            "approved: BOTH; why !shipped_late",
        ),
    ]
}

#[test]
fn a_compensation_names_every_rule_that_made_it() {
    let given = presale(1, "03-18 10:00:00.001");
    let decision = instant_refund::decide::decide(&given.case, &given.judged_by(), given.now);
    assert_eq!(decision.legs[0].rule, "late.small+extra.three_days+extra.week+extra.presale_fortnight");
}
