//! Whether freight insurance covers a return: times, kinds, buyers, categories.

use crate::given::{Row, order, t};
use crate::ways::{mailed, settled};
use instant_refund::case::{RequestKind::*, *};

const COVER: &str = "WeChat shop, freight insurance [P]: insurance_end_date, 72 h tolerance in hours";
const EXCLUDED: &str = "AliExpress/CPIC [S]: categories without cover";
const ART_25: &str = "Consumer Rights Law art. 25 para. 3: the buyer bears freight unless agreed";

pub fn rows() -> Vec<Row> {
    vec![
        // Cover.
        (
            "insured 72 hours after payment",
            COVER,
            mailed().insured().insurance(|i| i.insured_at = t("03-06 10:00")),
            "approved: goods merchant 9900 + back insurer 1000",
        ),
        (
            "insured a millisecond later",
            COVER,
            mailed().insured().insurance(|i| i.insured_at = t("03-06 10:00:00.001")),
            "approved: goods merchant 9900; why insured_too_late",
        ),
        (
            "posted in the last millisecond of the cover",
            COVER,
            mailed().insured().insurance(|i| i.ends_at = t("03-07 12:00")),
            "approved: goods merchant 9900 + back insurer 1000",
        ),
        (
            "posted a millisecond after the cover",
            COVER,
            mailed().insured().insurance(|i| i.ends_at = t("03-07 11:59:59.999")),
            "approved: goods merchant 9900; why insurance_ended",
        ),
        (
            "not posted, and the cover over",
            COVER,
            settled().mails("SF1001").insured().insurance(|i| i.ends_at = t("03-10 12:59:59.999")),
            "waiting first_scan 03-13 10:00: goods merchant 9900; why insurance_ended",
        ),
        (
            "not posted, in the last millisecond of the cover",
            COVER,
            settled().insured().insurance(|i| i.ends_at = t("03-10 13:00")),
            "waiting first_scan 03-13 10:00: goods merchant 9900; why return_freight_later, !insurance_ended",
        ),
        (
            "covers exchanges only",
            COVER,
            mailed().insured().insurance(|i| i.covers = vec![CoveredKind::Exchange]),
            "approved: goods merchant 9900; why insurance_not_for_this",
        ),
        (
            "bought by the buyer",
            "Taobao 2010 [S]: seller or buyer",
            mailed().insured().insurance(|i| i.bought_by = InsuranceBuyer::Buyer),
            "approved: goods merchant 9900 + back insurer 1000",
        ),
        (
            "bought by the platform",
            COVER,
            mailed().insured().insurance(|i| i.bought_by = InsuranceBuyer::Platform),
            "approved: goods merchant 9900 + back insurer 1000",
        ),
        (
            "nothing shipped, nothing insured",
            "hb2b [S]: nothing charged if not shipped",
            order().kind(Exchange).insured(),
            "declined; why insurance_not_in_force, exchange_no_goods_refund",
        ),
        (
            "claimed in the last millisecond of the window",
            "policy example: 90 days to claim",
            mailed().insured().now("06-08 12:00"),
            "approved: goods merchant 9900 + back insurer 1000",
        ),
        (
            "claimed a millisecond later",
            "policy example: 90 days to claim",
            mailed().insured().now("06-08 12:00:00.001"),
            "approved: goods merchant 9900; why claim_window_passed",
        ),
        (
            "a buyer under suspicion",
            "WeChat 2008 [P]: paused for security",
            mailed().insured().restricted(Restriction::SecurityHold),
            "approved: goods merchant 9900; why insurance_buyer_restricted",
        ),
        ("no insurance", ART_25, mailed(), "approved: goods merchant 9900; why no_insurance, buyer_bears_freight"),
        // Categories.
        (
            "underwear",
            EXCLUDED,
            mailed().insured().category("underwear"),
            "approved: goods merchant 9900; why insurance_category_excluded",
        ),
        (
            "food",
            EXCLUDED,
            mailed().insured().category("food"),
            "approved: goods merchant 9900; why insurance_category_excluded",
        ),
        (
            "custom",
            EXCLUDED,
            mailed().insured().category("custom"),
            "approved: goods merchant 9900; why insurance_category_excluded",
        ),
        (
            "used",
            EXCLUDED,
            mailed().insured().category("used"),
            "approved: goods merchant 9900; why insurance_category_excluded",
        ),
        (
            "footwear is not underwear",
            EXCLUDED,
            mailed().insured().category("footwear"),
            "approved: goods merchant 9900 + back insurer 1000",
        ),
        (
            "food beside clothes",
            EXCLUDED,
            mailed().lines(&[("L1", 1, 9900), ("L2", 1, 1000)]).category("food").insured(),
            "approved: goods merchant 10900 + back insurer 1000",
        ),
        (
            "food beside clothes that the law excludes",
            EXCLUDED,
            mailed()
                .lines(&[("L1", 1, 9900), ("L2", 1, 1000)])
                .category("food")
                .excluded(1, Exclusion::CustomMade, false)
                .insured()
                .unanswered()
                .now("03-18 00:00"),
            "approved: goods merchant 9900; why excluded_by_law, insurance_category_excluded, inspection_over",
        ),
    ]
}
