//! The seven-day right, its clock, its exclusions; faulty goods.

use crate::given::{Given, Row, order, returned};
use instant_refund::case::{Cause::*, Exclusion::*, RequestKind::*};

const COUNT: &str = "Consumer Rights Law art. 25; counting begins the day after signing, Civil Code art. 201";
const REST: &str = "Civil Code art. 203: rolls over statutory rest days, ends at 24:00; State Council notice for 2025";
const ITEMS: &str = "Consumer Rights Law art. 25 para. 1 items 1-4";
const NATURE: &str = "Consumer Rights Law art. 25 para. 2: confirmed at purchase, or no exclusion";
const FAULT: &str = "Consumer Rights Law art. 24";
const PROMISE: &str = "SPC 2022: promises on excluded goods bind";

/// Paid and shipped in good time, signed and asked for as given.
fn signed(signed: &str, asked: &str) -> Given {
    order().paid("01-02 10:00").shipped("01-02 18:00").signed(signed).ask(ReturnRefund, NoReason, asked)
}

fn faulty(asked: &str) -> Given {
    returned().ask(ReturnRefund, QualityFault, asked)
}

pub fn rows() -> Vec<Row> {
    let two = || returned().lines(&[("L1", 1, 9900), ("L2", 2, 8000)]);
    vec![
        (
            "within the seven days",
            COUNT,
            returned(),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why seven_day_right, outbound_freight_kept",
        ),
        (
            "the last millisecond of the seventh day",
            COUNT,
            signed("03-05 00:00", "03-12 23:59:59.999"),
            "waiting first_scan 03-19 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        ("a millisecond after 24:00", COUNT, signed("03-05 00:00", "03-13 00:00"), "declined; why seven_day_passed"),
        (
            "signed in the last millisecond of a day",
            COUNT,
            signed("03-05 23:59:59.999", "03-12 23:59:59.999"),
            "waiting first_scan 03-19 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "signed at midnight counts from the next day",
            COUNT,
            signed("03-06 00:00", "03-13 23:59:59.999"),
            "waiting first_scan 03-20 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "not signed for yet",
            COUNT,
            returned().unsigned(),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why seven_day_unsigned",
        ),
        (
            "the seventh day is a Saturday",
            REST,
            signed("03-08 12:00", "03-17 23:59:59.999"),
            "waiting first_scan 03-24 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "a millisecond after the Monday",
            REST,
            signed("03-08 12:00", "03-18 00:00"),
            "declined; why seven_day_passed",
        ),
        (
            "the seventh day is a Sunday",
            REST,
            signed("03-09 12:00", "03-17 23:59:59.999"),
            "waiting first_scan 03-24 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "the seventh day is a Friday",
            REST,
            signed("03-07 12:00", "03-14 23:59:59.999"),
            "waiting first_scan 03-21 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "after that Friday, although a Saturday follows",
            REST,
            signed("03-07 12:00", "03-15 00:00"),
            "declined; why seven_day_passed",
        ),
        (
            "the seventh day is National Day",
            REST,
            signed("09-24 12:00", "10-09 23:59:59.999"),
            "waiting first_scan 10-16 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "a millisecond after National Day's rest",
            REST,
            signed("09-24 12:00", "10-10 00:00"),
            "declined; why seven_day_passed",
        ),
        (
            "the seventh day is the last of the rest",
            REST,
            signed("10-01 12:00", "10-09 23:59:59.999"),
            "waiting first_scan 10-16 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "a Saturday that is worked",
            REST,
            signed("10-04 12:00", "10-11 23:59:59.999"),
            "waiting first_scan 10-18 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "after a Saturday that is worked",
            REST,
            signed("10-04 12:00", "10-12 00:00"),
            "declined; why seven_day_passed",
        ),
        (
            "a Sunday that is worked",
            REST,
            signed("04-20 12:00", "04-27 23:59:59.999"),
            "waiting first_scan 05-04 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        ("after a Sunday that is worked", REST, signed("04-20 12:00", "04-28 00:00"), "declined; why seven_day_passed"),
        (
            "Qingming, a Friday, and its weekend",
            REST,
            signed("03-28 12:00", "04-07 23:59:59.999"),
            "waiting first_scan 04-14 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "Labour Day",
            REST,
            signed("04-24 12:00", "05-06 23:59:59.999"),
            "waiting first_scan 05-13 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        ("after Labour Day", REST, signed("04-24 12:00", "05-07 00:00"), "declined; why seven_day_passed"),
        (
            "Spring Festival",
            REST,
            signed("01-21 12:00", "02-05 23:59:59.999"),
            "waiting first_scan 02-12 23:59:59.999: goods merchant 9900; why seven_day_right",
        ),
        (
            "over the turn of the year",
            REST,
            signed("12-25 12:00", "2026-01-04 23:59:59.999"),
            "waiting first_scan 2026-01-11 23:59:59.999: goods merchant 9900; why seven_day_right, !rest_days_not_known",
        ),
        (
            "a year without a notice",
            REST,
            signed("12-25 12:00", "2026-01-02 10:00")
                .paid("2027-12-01 10:00")
                .shipped("2027-12-01 18:00")
                .signed("2027-12-20 10:00")
                .ask(ReturnRefund, NoReason, "2027-12-22 10:00"),
            "waiting first_scan 2027-12-29 10:00: goods merchant 9900; why seven_day_right, rest_days_not_known",
        ),
        (
            "longer by policy",
            "policy: a marketplace may promise more than seven days",
            signed("03-05 00:00", "03-20 00:00").policy(|p| p.law.no_reason_days = 15),
            "waiting first_scan 03-27 00:00: goods merchant 9900; why seven_day_right",
        ),
        (
            "a late shipment sent back is a return without reason",
            COUNT,
            returned().cause(LateShipment),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why seven_day_right, no_promise",
        ),
        // Exclusions.
        (
            "made to order",
            ITEMS,
            returned().excluded(0, CustomMade, false),
            "declined; why excluded_by_law, !seven_day_right",
        ),
        ("perishable", ITEMS, returned().excluded(0, Perishable, false), "declined; why excluded_by_law"),
        ("digital goods", ITEMS, returned().excluded(0, Digital, true), "declined; why excluded_by_law"),
        ("periodicals", ITEMS, returned().excluded(0, Periodical, false), "declined; why excluded_by_law"),
        (
            "unsuitable by nature and confirmed",
            NATURE,
            returned().excluded(0, ByNature, true),
            "declined; why excluded_by_law",
        ),
        (
            "unsuitable by nature, not confirmed",
            NATURE,
            returned().excluded(0, ByNature, false),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why exclusion_not_confirmed, seven_day_right, !excluded_by_law",
        ),
        (
            "one line excluded, one not",
            ITEMS,
            two().excluded(0, CustomMade, false),
            "waiting first_scan 03-13 09:30: goods merchant 8000; why excluded_by_law, seven_day_right, outbound_freight_not_last",
        ),
        (
            "the other line excluded",
            ITEMS,
            two().excluded(1, Perishable, false),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why excluded_by_law",
        ),
        (
            "both lines excluded",
            ITEMS,
            two().excluded(0, CustomMade, false).excluded(1, Perishable, false),
            "declined; why excluded_by_law",
        ),
        (
            "excluded goods that the merchant takes back",
            PROMISE,
            returned().excluded(0, CustomMade, false).accepted("03-06 10:00").now("03-06 10:00"),
            "waiting first_scan 03-13 10:00: goods merchant 9900; why merchant_accepted, !excluded_by_law",
        ),
        (
            "after seven days, the merchant takes it back",
            PROMISE,
            signed("03-05 00:00", "03-13 00:00").accepted("03-13 10:00").now("03-13 10:00"),
            "waiting first_scan 03-20 10:00: goods merchant 9900; why merchant_accepted, !seven_day_passed",
        ),
        (
            "within the right, the merchant says no",
            COUNT,
            returned().rejected("03-06 10:00").now("03-06 10:00"),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why refusal_does_not_end_right, seven_day_right, !merchant_rejected",
        ),
        (
            "after the right, the merchant says no",
            COUNT,
            signed("03-05 00:00", "03-13 00:00").rejected("03-13 10:00").now("03-13 10:00"),
            "declined; why seven_day_passed, merchant_rejected, !refusal_does_not_end_right",
        ),
        (
            "excluded goods that are faulty",
            FAULT,
            returned().excluded(0, CustomMade, true).cause(QualityFault),
            "waiting first_scan 03-13 09:30: BOTH; why fault_return, !excluded_by_law",
        ),
        // Faulty goods.
        (
            "faulty within seven days",
            FAULT,
            faulty("03-12 23:59:59.999"),
            "waiting first_scan 03-19 23:59:59.999: BOTH; why fault_return, outbound_freight_fault",
        ),
        (
            "not as described",
            FAULT,
            faulty("03-10 10:00").cause(NotAsDescribed),
            "waiting first_scan 03-17 10:00: BOTH; why fault_return",
        ),
        (
            "the wrong item",
            FAULT,
            faulty("03-10 10:00").cause(WrongItem),
            "waiting first_scan 03-17 10:00: BOTH; why fault_return",
        ),
        (
            "faulty, not signed for",
            FAULT,
            faulty("03-10 10:00").unsigned(),
            "waiting first_scan 03-17 10:00: BOTH; why fault_return_unsigned",
        ),
        (
            "faulty, a millisecond after seven days",
            FAULT,
            faulty("03-13 00:00"),
            "waiting merchant_answer 03-15 00:00: BOTH; why beyond_fault_days_asks_merchant",
        ),
        (
            "faulty and late, the merchant silent",
            FAULT,
            faulty("03-13 00:00").now("03-15 00:00"),
            "declined; why beyond_seven_days_needs_people",
        ),
        (
            "faulty and late, a millisecond of silence left",
            FAULT,
            faulty("03-13 00:00").now("03-14 23:59:59.999"),
            "waiting merchant_answer 03-15 00:00: BOTH",
        ),
        (
            "faulty and late, the merchant agrees",
            FAULT,
            faulty("03-13 00:00").accepted("03-14 10:00").now("03-14 10:00"),
            "waiting first_scan 03-21 10:00: BOTH; why merchant_accepted",
        ),
        (
            "faulty and late, the merchant refuses",
            FAULT,
            faulty("03-13 00:00").rejected("03-14 10:00").now("03-14 10:00"),
            "declined; why merchant_rejected",
        ),
        (
            "faulty, one line of two: the freight there stays",
            FAULT,
            two().asks(&[("L1", 1, 9900)]).cause(QualityFault),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why outbound_freight_not_last",
        ),
        (
            "faulty, all of it: the freight there too",
            FAULT,
            two().cause(QualityFault),
            "waiting first_scan 03-13 09:30: goods merchant 17900 + there merchant 1000; why outbound_freight_fault",
        ),
        // What was never shipped cannot come back.
        ("nothing shipped, a return asked for", COUNT, order().kind(ReturnRefund), "declined; why line_not_shipped"),
        (
            "one line shipped, one not",
            COUNT,
            two().line(0, |l| l.shipped_quantity = 0),
            "waiting first_scan 03-13 09:30: goods merchant 8000; why line_not_shipped, seven_day_right",
        ),
        (
            "more pieces than were shipped",
            COUNT,
            two().line(1, |l| l.shipped_quantity = 1).asks(&[("L2", 2, 8000)]),
            "declined; why line_not_shipped",
        ),
        (
            "one piece of two",
            COUNT,
            two().asks(&[("L2", 1, 4000)]),
            "waiting first_scan 03-13 09:30: goods merchant 4000; why seven_day_right, outbound_freight_not_last",
        ),
    ]
}
