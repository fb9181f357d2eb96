//! Instant refund: trust by level, caps, quota, yearly count; the window before shipment and the first scan after it.

use crate::given::{Given, Row, order, returned};
use instant_refund::case::{Cause::*, RequestKind::*, *};

const JSTK: &str = "1688 jstk [S]: levels with a quota, within 48 h of payment and unshipped";
const CAPS: &str = "policy/tables/instant_caps.csv";
const SCAN: &str = "Tmall [S]: trusted users, once the return is posted; Amazon [P]: first scan";
const CRL_25_3: &str = "Consumer Rights Law art. 25 para. 3 [P]: refund within 7 days of receiving";
const CLAW_BACK: &str = "policy example: 15 days from the scan, or the money is claimed back";
const POSTING: &str = "policy example: 7 days to post, 15 in transit";

/// A return of 9900 posted on 03-07 at 12:00 by door pickup.
fn posted() -> Given {
    returned().pickup("SF1001", 1500).scanned("03-07 12:00").now("03-07 12:00")
}

pub fn rows() -> Vec<Row> {
    let evening = |at: &str| order().level(5).ask(RefundOnly, NoReason, at);
    vec![
        (
            "unshipped, level 5, at once",
            JSTK,
            order().level(5),
            "approved: BOTH; why instant_unshipped; hold payment 10900/10900, quota 10900/1000000",
        ),
        ("the last millisecond of the 48 hours", JSTK, evening("03-05 10:00"), "approved: BOTH; why instant_unshipped"),
        (
            "a millisecond after the 48 hours",
            JSTK,
            evening("03-05 10:00:00.001"),
            "waiting merchant_answer 03-05 12:00:00.001: BOTH; why instant_window_passed, !instant_unshipped",
        ),
        (
            "the request counts, not the decision",
            JSTK,
            evening("03-05 10:00").now("03-09 10:00"),
            "approved: BOTH; why instant_unshipped",
        ),
        (
            "late shipment is instant too",
            JSTK,
            order().level(5).cause(LateShipment),
            "approved: BOTH; why instant_unshipped, no_promise",
        ),
        (
            "a restricted buyer",
            "WeChat 2008 [P]: paused for security",
            order().level(9).restricted(Restriction::SecurityHold),
            "waiting merchant_answer 03-03 12:30: BOTH; why instant_restricted",
        ),
        (
            "abnormal claims",
            "WeChat [P]",
            order().level(9).restricted(Restriction::AbnormalClaims),
            "waiting merchant_answer 03-03 12:30: BOTH; why instant_restricted",
        ),
        (
            "a restricted buyer after the merchant's silence",
            JSTK,
            order().restricted(Restriction::SecurityHold).now("03-03 12:30"),
            "approved: BOTH; why merchant_silent, instant_restricted",
        ),
        // Levels and caps: 3-4 CNY 50, 5-6 CNY 200, 7-8 CNY 500, 9-10 CNY 1000.
        (
            "level 2 has none",
            CAPS,
            order().level(2).price(100).freight(0),
            "waiting merchant_answer 03-03 12:30: goods merchant 100; why instant_level",
        ),
        (
            "level 3, exactly its cap",
            CAPS,
            order().level(3).price(5000).freight(0),
            "approved: goods merchant 5000; why instant_unshipped; hold payment 5000/5000, quota 5000/1000000",
        ),
        (
            "level 3, a fen over",
            CAPS,
            order().level(3).price(5001).freight(0),
            "waiting merchant_answer 03-03 12:30: goods merchant 5001; why instant_over_cap",
        ),
        (
            "the freight counts against the cap",
            CAPS,
            order().level(3).price(4000).freight(1000),
            "approved: goods merchant 4000 + there merchant 1000; why instant_unshipped",
        ),
        (
            "the freight breaks the cap",
            CAPS,
            order().level(3).price(4001).freight(1000),
            "waiting merchant_answer 03-03 12:30: goods merchant 4001 + there merchant 1000; why instant_over_cap",
        ),
        (
            "level 4, a fen over",
            CAPS,
            order().level(4).price(5001).freight(0),
            "waiting merchant_answer 03-03 12:30: goods merchant 5001; why instant_over_cap",
        ),
        (
            "level 5, exactly its cap",
            CAPS,
            order().level(5).price(20_000).freight(0),
            "approved: goods merchant 20000; why instant_unshipped",
        ),
        (
            "level 6, a fen over",
            CAPS,
            order().level(6).price(20_001).freight(0),
            "waiting merchant_answer 03-03 12:30: goods merchant 20001; why instant_over_cap",
        ),
        (
            "level 7, exactly its cap",
            CAPS,
            order().level(7).price(50_000).freight(0),
            "approved: goods merchant 50000; why instant_unshipped",
        ),
        (
            "level 8, a fen over",
            CAPS,
            order().level(8).price(50_001).freight(0),
            "waiting merchant_answer 03-03 12:30: goods merchant 50001; why instant_over_cap",
        ),
        (
            "level 9, exactly its cap",
            CAPS,
            order().level(9).price(100_000).freight(0),
            "approved: goods merchant 100000; why instant_unshipped",
        ),
        (
            "level 10, a fen over",
            CAPS,
            order().level(10).price(100_001).freight(0),
            "waiting merchant_answer 03-03 12:30: goods merchant 100001; why instant_over_cap",
        ),
        (
            "exactly the quota",
            JSTK,
            order().level(5).quota(10_900),
            "approved: BOTH; why instant_unshipped; hold payment 10900/10900, quota 10900/10900",
        ),
        (
            "a fen over the quota",
            JSTK,
            order().level(5).quota(10_899),
            "waiting merchant_answer 03-03 12:30: BOTH; why instant_over_quota, !instant_over_cap",
        ),
        (
            "no quota",
            JSTK,
            order().level(5).quota(0),
            "waiting merchant_answer 03-03 12:30: BOTH; why instant_over_quota",
        ),
        (
            "over cap and quota, both are told",
            JSTK,
            order().level(5).price(30_000).quota(1),
            "waiting merchant_answer 03-03 12:30: goods merchant 30000 + there merchant 1000; why instant_over_quota, instant_over_cap",
        ),
        ("one below the yearly count", CAPS, order().level(5).count(9), "approved: BOTH; why instant_unshipped"),
        (
            "the yearly count reached",
            "PayPal returns [S]: 10 a year",
            order().level(5).count(10),
            "waiting merchant_answer 03-03 12:30: BOTH; why instant_count_reached",
        ),
        (
            "the yearly count of level 3",
            CAPS,
            order().level(3).price(900).freight(0).count(3),
            "waiting merchant_answer 03-03 12:30: goods merchant 900; why instant_count_reached",
        ),
        ("the yearly count of level 9", CAPS, order().level(9).count(11), "approved: BOTH; why instant_unshipped"),
        // The first scan.
        (
            "posted by a trusted buyer",
            SCAN,
            posted().level(5),
            "approved: goods merchant 9900; why seven_day_right, instant_first_scan, outbound_freight_kept, no_insurance, buyer_bears_freight; hold payment 9900/10900, quota 9900/1000000",
        ),
        (
            "posted by anyone",
            SCAN,
            posted(),
            "waiting return_received 03-22 12:00: goods merchant 9900; why instant_level, waits_for_return",
        ),
        (
            "posted over the quota",
            SCAN,
            posted().level(5).quota(9899),
            "waiting return_received 03-22 12:00: goods merchant 9900; why instant_over_quota",
        ),
        (
            "posted exactly on the quota",
            SCAN,
            posted().level(5).quota(9900),
            "approved: goods merchant 9900; hold payment 9900/10900, quota 9900/9900",
        ),
        (
            "posted by a restricted buyer",
            SCAN,
            posted().level(5).restricted(Restriction::SecurityHold),
            "waiting return_received 03-22 12:00: goods merchant 9900; why instant_restricted",
        ),
        (
            "not posted yet",
            SCAN,
            returned().level(5),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why waits_for_first_scan",
        ),
        (
            "booked, not scanned",
            SCAN,
            returned().level(5).pickup("SF1001", 1500),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why waits_for_first_scan, !instant_first_scan",
        ),
        (
            "booked and cancelled",
            SCAN,
            returned().level(5).pickup("SF1001", 1500).cancelled("03-07 08:00").now("03-07 09:00"),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why waits_for_first_scan",
        ),
        (
            "a millisecond before posting is over",
            POSTING,
            returned().level(5).now("03-13 09:29:59.999"),
            "waiting first_scan 03-13 09:30: goods merchant 9900",
        ),
        ("not posted in time", POSTING, returned().level(5).now("03-13 09:30"), "declined; why return_not_posted"),
        (
            "posted in the last millisecond",
            POSTING,
            returned().level(5).pickup("SF1001", 1500).scanned("03-13 09:30").now("03-13 09:30"),
            "approved: goods merchant 9900; why instant_first_scan",
        ),
        (
            "posted a millisecond late",
            POSTING,
            returned().level(5).pickup("SF1001", 1500).scanned("03-13 09:30:00.001").now("03-13 10:00"),
            "waiting return_received 03-28 09:30:00.001: goods merchant 9900; why instant_posted_late",
        ),
        (
            "a millisecond before it would be claimed back",
            CLAW_BACK,
            posted().level(5).now("03-22 11:59:59.999"),
            "approved: goods merchant 9900; why instant_first_scan, !instant_scanned_long_ago",
        ),
        (
            "when it would be claimed back, and arrival is too late as well",
            CLAW_BACK,
            posted().level(5).now("03-22 12:00"),
            "declined; why instant_scanned_long_ago, return_not_arrived, !instant_first_scan",
        ),
        (
            "a millisecond before it would be claimed back, with longer to arrive",
            CLAW_BACK,
            posted().level(5).policy(|p| p.instant_refund.claw_back_days = 10).now("03-17 11:59:59.999"),
            "approved: goods merchant 9900; why instant_first_scan; hold payment 9900/10900, quota 9900/1000000",
        ),
        (
            "when it would be claimed back: it must arrive",
            CLAW_BACK,
            posted().level(5).policy(|p| p.instant_refund.claw_back_days = 10).now("03-17 12:00"),
            "waiting return_received 03-22 12:00: goods merchant 9900; why instant_scanned_long_ago, waits_for_return",
        ),
        (
            "when it would be claimed back, already arrived",
            CLAW_BACK,
            posted().level(5).received("03-22 11:00").accepted("03-22 12:00").now("03-22 12:00"),
            "approved: goods merchant 9900; why return_received_accepted, !instant_scanned_long_ago; hold payment 9900/10900",
        ),
        (
            "the later scan of two counts",
            CLAW_BACK,
            posted().level(5).mails("SF1002").scanned("03-08 12:00").now("03-23 11:59:59.999"),
            "approved: goods merchant 9900; why instant_first_scan",
        ),
        (
            "one of two parcels posted",
            "PayPal returns [P]: several items returned at once are one return",
            posted().level(5).mails("SF1002"),
            "waiting first_scan 03-13 09:30: goods merchant 9900; why waits_for_first_scan",
        ),
        (
            "both parcels posted",
            SCAN,
            posted().level(5).mails("SF1002").scanned("03-08 12:00").now("03-08 12:00"),
            "approved: goods merchant 9900; why instant_first_scan",
        ),
        (
            "a cancelled pickup beside the posted parcel",
            SCAN,
            returned()
                .level(5)
                .pickup("SF1000", 1500)
                .cancelled("03-07 08:00")
                .mails("SF1001")
                .scanned("03-07 12:00")
                .now("03-07 12:00"),
            "approved: goods merchant 9900; why instant_first_scan",
        ),
        (
            "prepaid labels only, and it is not",
            "Amazon [P]: platform-prepaid labels only",
            posted().level(5).policy(|p| p.instant_refund.prepaid_labels_only = true),
            "waiting return_received 03-22 12:00: goods merchant 9900; why instant_needs_prepaid_label",
        ),
        (
            "prepaid labels only, and it is",
            "Amazon [P]",
            posted().prepaid().level(5).policy(|p| p.instant_refund.prepaid_labels_only = true),
            "approved: goods merchant 9900; why instant_first_scan, label_prepaid, !buyer_bears_freight",
        ),
        (
            "rejected before it was posted",
            SCAN,
            posted().level(5).rejected("03-06 12:00"),
            "waiting return_received 03-22 12:00: goods merchant 9900; why refusal_does_not_end_right, !instant_first_scan",
        ),
        (
            "over the cap waits for arrival",
            SCAN,
            returned().price(20_001).level(5).pickup("SF1001", 1500).scanned("03-07 12:00").now("03-07 12:00"),
            "waiting return_received 03-22 12:00: goods merchant 20001; why instant_over_cap",
        ),
        (
            "faulty goods: the freight there counts against the cap",
            CAPS,
            posted().cause(QualityFault).level(5).price(19_001).insured(),
            "waiting return_received 03-22 12:00: goods merchant 19001 + there merchant 1000 + back insurer 1500; why instant_over_cap",
        ),
        // Arrival.
        (
            "on its way until it is too long",
            POSTING,
            posted().now("03-22 11:59:59.999"),
            "waiting return_received 03-22 12:00: goods merchant 9900",
        ),
        ("never arrived", POSTING, posted().now("03-22 12:00"), "declined; why return_not_arrived"),
        (
            "arrived, the merchant has seven days",
            CRL_25_3,
            posted().received("03-10 12:00").now("03-10 12:00"),
            "waiting merchant_answer 03-18 00:00: goods merchant 9900; why waits_for_inspection",
        ),
        (
            "a millisecond before the seven days are over",
            CRL_25_3,
            posted().received("03-10 12:00").now("03-17 23:59:59.999"),
            "waiting merchant_answer 03-18 00:00: goods merchant 9900",
        ),
        (
            "the seven days are over",
            CRL_25_3,
            posted().received("03-10 12:00").now("03-18 00:00"),
            "approved: goods merchant 9900; why inspection_over; hold payment 9900/10900",
        ),
        (
            "arrived and accepted",
            CRL_25_3,
            posted().received("03-10 12:00").accepted("03-11 12:00").now("03-11 12:00"),
            "approved: goods merchant 9900; why return_received_accepted; hold payment 9900/10900",
        ),
        (
            "accepted before it was sent: the goods are still waited for",
            CRL_25_3,
            returned().accepted("03-06 10:00").now("03-06 10:00"),
            "waiting first_scan 03-13 10:00: goods merchant 9900; why merchant_accepted, waits_for_first_scan",
        ),
        (
            "accepted before, now arrived",
            CRL_25_3,
            posted().accepted("03-06 10:00").received("03-10 12:00").now("03-10 12:00"),
            "approved: goods merchant 9900; why return_received_accepted",
        ),
        (
            "arrived and rejected",
            CRL_25_3,
            posted().received("03-10 12:00").rejected("03-11 12:00").now("03-11 12:00"),
            "declined; why merchant_rejected",
        ),
        (
            "the seventh day is a Saturday: it gives way to Monday",
            "Civil Code art. 203",
            posted().received("03-15 12:00").now("03-24 23:59:59.999"),
            "waiting merchant_answer 03-25 00:00: goods merchant 9900; why waits_for_inspection",
        ),
        (
            "arrived without a scan",
            CRL_25_3,
            returned().mails("SF1001").received("03-10 12:00").now("03-18 00:00"),
            "approved: goods merchant 9900; why inspection_over",
        ),
        (
            "one of two parcels arrived",
            CRL_25_3,
            posted().received("03-10 12:00").mails("SF1002").scanned("03-08 12:00").now("03-10 12:00"),
            "waiting return_received 03-23 12:00: goods merchant 9900; why waits_for_return",
        ),
        (
            "both parcels arrived, the later counts",
            CRL_25_3,
            posted()
                .received("03-10 12:00")
                .mails("SF1002")
                .scanned("03-08 12:00")
                .received("03-11 12:00")
                .now("03-11 12:00"),
            "waiting merchant_answer 03-19 00:00: goods merchant 9900; why waits_for_inspection",
        ),
        (
            "posted late but arrived",
            POSTING,
            returned().mails("SF1001").scanned("03-15 10:00").received("03-18 10:00").now("03-26 00:00"),
            "approved: goods merchant 9900; why inspection_over",
        ),
        (
            "prepaid labels only, and one of two is",
            "Amazon [P]: platform-prepaid labels only",
            posted()
                .prepaid()
                .level(5)
                .mails("SF1002")
                .scanned("03-07 12:00")
                .policy(|p| p.instant_refund.prepaid_labels_only = true),
            "waiting return_received 03-22 12:00: goods merchant 9900; why instant_needs_prepaid_label",
        ),
    ]
}
