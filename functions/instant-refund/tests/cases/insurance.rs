//! Freight insurance: what it pays for which parcel. The goods are paid for throughout: the merchant accepted, and the
//! parcels arrived, unless a case is about just that.

use crate::given::{Row, returned};
use crate::ways::{mailed, pickup, route, settled};
use instant_refund::case::{Cause::*, *};

const PICKUP: &str = "WeChat shop, freight insurance [P]: door pickup deducts base freight up to CNY 19.35";
const FIXED: &str = "WeChat shop, freight insurance [P]: self-mail a fixed CNY 10, claimed after the return arrives";
const TARIFF: &str = "policy/tables/self_mail_tariff.csv; WeChat freight template [P]: under 1 kg counts as 1 kg";
const ONCE: &str = "WeChat shop [P]: payment no = policy no = claim no; a waybill is unique; codes 2007, 1011, 2021";
const FAULT: &str = "Consumer Rights Law art. 24 para. 2: the merchant bears freight";
const STATES: &str = "WeChat shop [S]: states 2 covered, 4 claiming, 5 paid, 6 failed, 7 expired; never-twice trap [P]";

pub fn rows() -> Vec<Row> {
    vec![
        // Door pickup.
        (
            "pickup below the cap",
            PICKUP,
            pickup(1500).insured(),
            "approved: goods merchant 9900 + back insurer 1500; why insurance_pays_pickup, !payout_capped; hold payment 9900/10900, claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "pickup at the cap",
            PICKUP,
            pickup(1935).insured(),
            "approved: goods merchant 9900 + back insurer 1935; why insurance_pays_pickup, !payout_capped, !return_freight_over_cover",
        ),
        (
            "pickup a fen over the cap",
            PICKUP,
            pickup(1936).insured(),
            "approved: goods merchant 9900 + back insurer 1935; why payout_capped, return_freight_over_cover",
        ),
        (
            "pickup within the policy's own cap",
            PICKUP,
            pickup(1500).insured().insurance(|i| i.cap_fen = 1500),
            "approved: goods merchant 9900 + back insurer 1500; why !payout_capped",
        ),
        (
            "pickup over the policy's own cap",
            PICKUP,
            pickup(1500).insured().insurance(|i| i.cap_fen = 1499),
            "approved: goods merchant 9900 + back insurer 1499; why payout_capped",
        ),
        (
            "pickup whose freight is unknown",
            PICKUP,
            pickup(1500).last(|p| p.freight_fen = None).insured(),
            "approved: goods merchant 9900; why pickup_freight_unknown, !buyer_bears_freight",
        ),
        (
            "pickup for nothing",
            PICKUP,
            pickup(0).insured(),
            "approved: goods merchant 9900; why insurance_pays_nothing, buyer_bears_freight",
        ),
        (
            "pickup paid when handed over",
            PICKUP,
            returned().level(5).pickup("SF1001", 1500).scanned("03-07 12:00").insured().now("03-07 12:00"),
            "approved: goods merchant 9900 + back insurer 1500; why instant_first_scan, insurance_pays_pickup; hold payment 9900/10900, quota 9900/1000000, claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "a waiting refund shows the pickup too",
            PICKUP,
            returned().pickup("SF1001", 1500).scanned("03-07 12:00").insured().now("03-07 12:00"),
            "waiting return_received 03-22 12:00: goods merchant 9900 + back insurer 1500; hold ",
        ),
        (
            "a cap of nothing",
            PICKUP,
            pickup(1500).insured().insurance(|i| i.cap_fen = 0),
            "approved: goods merchant 9900; why insurance_pays_nothing",
        ),
        // Self-mail, fixed.
        (
            "self-mail, fixed",
            FIXED,
            mailed().insured(),
            "approved: goods merchant 9900 + back insurer 1000; why insurance_pays_fixed; hold payment 9900/10900, claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "self-mail on its way: refunded now, the insurer's part held for when it arrives",
            FIXED,
            returned().level(5).mails("SF1001").scanned("03-07 12:00").insured().now("03-07 12:00"),
            "approved: goods merchant 9900 + back insurer 1000; why instant_first_scan, return_freight_later, !insurance_pays_fixed; hold payment 9900/10900, quota 9900/1000000, claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "self-mail on its way, no cover left of it",
            FIXED,
            returned()
                .level(5)
                .mails("SF1001")
                .scanned("03-07 12:00")
                .insured()
                .claim(ClaimState::Paid)
                .now("03-07 12:00"),
            "approved: goods merchant 9900; why instant_first_scan, claim_already_paid, !return_freight_later; hold payment 9900/10900, quota 9900/1000000",
        ),
        (
            "faulty self-mail on its way: the merchant tops nothing up before it is known",
            FIXED,
            returned()
                .cause(QualityFault)
                .level(5)
                .mails("SF1001")
                .costs(1200)
                .scanned("03-07 12:00")
                .insured()
                .now("03-07 12:00"),
            "approved: BOTH + back insurer 1000; why instant_first_scan, return_freight_later, !merchant_tops_up_freight; hold payment 10900/10900, quota 10900/1000000, claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "a pickup and the bound self-mail on their way: one claim, for the self-mail",
            ONCE,
            returned()
                .level(5)
                .pickup("SF1001", 1500)
                .scanned("03-07 12:00")
                .mails("SF1002")
                .scanned("03-07 12:00")
                .insured()
                .bound("SF1002")
                .now("03-07 12:00"),
            "approved: goods merchant 9900 + back insurer 1000; why one_claim_per_payment, return_freight_later; hold payment 9900/10900, quota 9900/1000000, claim 1/1, waybill:sf:SF1002 1/1",
        ),
        (
            "self-mail paid at the scan, if the policy says so",
            FIXED,
            returned()
                .level(5)
                .mails("SF1001")
                .scanned("03-07 12:00")
                .insured()
                .now("03-07 12:00")
                .policy(|p| p.freight_insurance.self_mail_after_receipt = false),
            "approved: goods merchant 9900 + back insurer 1000; why insurance_pays_fixed",
        ),
        (
            "self-mail, expected while waiting",
            FIXED,
            returned().mails("SF1001").scanned("03-07 12:00").insured().now("03-07 12:00"),
            "waiting return_received 03-22 12:00: goods merchant 9900 + back insurer 1000; why return_freight_later",
        ),
        (
            "fixed, within the policy's own cap",
            FIXED,
            mailed().insured().insurance(|i| i.cap_fen = 1000),
            "approved: goods merchant 9900 + back insurer 1000; why !payout_capped",
        ),
        (
            "fixed, over the policy's own cap",
            FIXED,
            mailed().insured().insurance(|i| i.cap_fen = 999),
            "approved: goods merchant 9900 + back insurer 999; why payout_capped",
        ),
        (
            "fixed does not depend on weight",
            FIXED,
            mailed().insured().route("650000", "330000", 20_000),
            "approved: goods merchant 9900 + back insurer 1000",
        ),
        // By tariff.
        (
            "the first kilogram",
            TARIFF,
            route("330000", "310000", 1000),
            "approved: goods merchant 9900 + back insurer 700; why insurance_pays_tariff",
        ),
        ("a gram", TARIFF, route("330000", "310000", 1), "approved: goods merchant 9900 + back insurer 700"),
        (
            "a gram more than a kilogram",
            TARIFF,
            route("330000", "310000", 1001),
            "approved: goods merchant 9900 + back insurer 800",
        ),
        ("two kilograms", TARIFF, route("330000", "310000", 2000), "approved: goods merchant 9900 + back insurer 800"),
        (
            "across groups, near",
            TARIFF,
            route("330000", "440000", 1000),
            "approved: goods merchant 9900 + back insurer 900",
        ),
        (
            "across groups, near, two kilograms",
            TARIFF,
            route("330000", "440000", 1001),
            "approved: goods merchant 9900 + back insurer 1100",
        ),
        (
            "across groups, far",
            TARIFF,
            route("330000", "510000", 900),
            "approved: goods merchant 9900 + back insurer 1100",
        ),
        (
            "Heilongjiang to Zhejiang",
            "javy-lawyers [S]: pays CNY 13 while posting costs 8",
            route("230000", "330000", 900),
            "approved: goods merchant 9900 + back insurer 1300",
        ),
        ("the other way", TARIFF, route("330000", "230000", 900), "approved: goods merchant 9900 + back insurer 1100"),
        (
            "Xinjiang, first kilogram",
            TARIFF,
            route("650000", "330000", 1000),
            "approved: goods merchant 9900 + back insurer 1000",
        ),
        (
            "Xinjiang, second kilogram",
            TARIFF,
            route("650000", "330000", 1001),
            "approved: goods merchant 9900 + back insurer 1800",
        ),
        (
            "Tibet, third kilogram: the cap",
            "Taobao 2010 [S]: at most CNY 25",
            route("540000", "330000", 2001),
            "approved: goods merchant 9900 + back insurer 2500",
        ),
        (
            "the policy's own cap on the tariff",
            TARIFF,
            route("650000", "330000", 1001).insurance(|i| i.cap_fen = 1799),
            "approved: goods merchant 9900 + back insurer 1799; why payout_capped",
        ),
        (
            "the pack's cap on the tariff",
            TARIFF,
            route("650000", "330000", 1001).policy(|p| p.freight_insurance.self_mail_cap_fen = 1700),
            "approved: goods merchant 9900 + back insurer 1700; why payout_capped",
        ),
        (
            "twenty kilograms",
            TARIFF,
            route("330000", "310000", 20_000),
            "approved: goods merchant 9900 + back insurer 2500",
        ),
        (
            "heavier than the tariff",
            TARIFF,
            route("330000", "310000", 20_001),
            "approved: goods merchant 9900; why no_tariff_for_route, buyer_bears_freight",
        ),
        (
            "a region that is none",
            TARIFF,
            route("990000", "310000", 900),
            "approved: goods merchant 9900; why no_tariff_for_route",
        ),
        (
            "a prefecture is no province",
            TARIFF,
            route("330100", "310000", 900),
            "approved: goods merchant 9900; why no_tariff_for_route",
        ),
        // States of the claim.
        (
            "being claimed",
            STATES,
            mailed().insured().claim(ClaimState::Claiming),
            "approved: goods merchant 9900; why claim_in_progress, !buyer_bears_freight; hold payment 9900/10900",
        ),
        (
            "paid already",
            STATES,
            mailed().insured().claim(ClaimState::Paid),
            "approved: goods merchant 9900; why claim_already_paid; hold payment 9900/10900",
        ),
        (
            "failed, and may still be paid",
            STATES,
            mailed().insured().claim(ClaimState::Failed),
            "approved: goods merchant 9900; why claim_failed_insurer_may_pay; hold payment 9900/10900",
        ),
        (
            "failed, although the merchant is at fault",
            STATES,
            mailed().insured().claim(ClaimState::Failed).cause(QualityFault),
            "approved: BOTH + back merchant 800; why claim_failed_insurer_may_pay, merchant_bears_freight; hold payment 10900/10900, waybill:sf:SF1001 1/1",
        ),
        (
            "being claimed, although the merchant is at fault: the insurer pays more than it cost",
            STATES,
            mailed().insured().claim(ClaimState::Claiming).cause(QualityFault),
            "approved: BOTH; why claim_in_progress, !merchant_bears_freight",
        ),
        (
            "being claimed, the merchant at fault: it bears what the insurer will not pay",
            FAULT,
            pickup(2500).insured().claim(ClaimState::Claiming).cause(QualityFault),
            "approved: BOTH + back merchant 565; why claim_in_progress, merchant_tops_up_freight",
        ),
        (
            "claimed for another waybill, the merchant at fault",
            FAULT,
            mailed().insured().bound("SF9999").cause(QualityFault),
            "approved: BOTH + back merchant 800; why waybill_bound_elsewhere, merchant_bears_freight",
        ),
        (
            "expired",
            STATES,
            mailed().insured().claim(ClaimState::Expired),
            "approved: goods merchant 9900; why claim_policy_expired, buyer_bears_freight",
        ),
        (
            "expired, the merchant at fault",
            STATES,
            mailed().insured().claim(ClaimState::Expired).cause(QualityFault),
            "approved: BOTH + back merchant 800; why claim_policy_expired, merchant_bears_freight",
        ),
        // Which parcel.
        (
            "two parcels, one claim",
            ONCE,
            mailed().mails("SF1002").scanned("03-07 12:00").received("03-10 12:00").insured(),
            "approved: goods merchant 9900 + back insurer 1000; why one_claim_per_payment; hold payment 9900/10900, claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "two parcels, the claim bound to the second",
            ONCE,
            mailed().mails("SF1002").scanned("03-07 12:00").received("03-10 12:00").insured().bound("SF1002"),
            "approved: goods merchant 9900 + back insurer 1000; why one_claim_per_payment; hold payment 9900/10900, claim 1/1, waybill:sf:SF1002 1/1",
        ),
        (
            "bound to this parcel",
            ONCE,
            mailed().insured().bound("SF1001"),
            "approved: goods merchant 9900 + back insurer 1000; why !one_claim_per_payment, !waybill_bound_elsewhere",
        ),
        (
            "bound to a waybill of no one's",
            ONCE,
            mailed().insured().bound("SF9999"),
            "approved: goods merchant 9900; why waybill_bound_elsewhere, !buyer_bears_freight",
        ),
        (
            "pickup cancelled, then self-mailed",
            "WeChat 2021 [P]: still bound to the dead waybill",
            settled()
                .pickup("SF1000", 1500)
                .cancelled("03-07 08:00")
                .mails("SF1001")
                .scanned("03-07 12:00")
                .received("03-10 12:00")
                .insured()
                .bound("SF1000"),
            "approved: goods merchant 9900 + back insurer 1000; why rebound_after_cancelled_pickup, insurance_pays_fixed; hold payment 9900/10900, claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "pickup cancelled, nothing bound",
            ONCE,
            settled()
                .pickup("SF1000", 1500)
                .cancelled("03-07 08:00")
                .mails("SF1001")
                .scanned("03-07 12:00")
                .received("03-10 12:00")
                .insured(),
            "approved: goods merchant 9900 + back insurer 1000; why !rebound_after_cancelled_pickup",
        ),
        (
            "pickup cancelled, another pickup",
            ONCE,
            settled()
                .pickup("SF1000", 1500)
                .cancelled("03-07 08:00")
                .pickup("SF1001", 1600)
                .scanned("03-07 12:00")
                .received("03-10 12:00")
                .insured()
                .bound("SF1000"),
            "approved: goods merchant 9900 + back insurer 1600; why rebound_after_cancelled_pickup, insurance_pays_pickup",
        ),
        (
            "a label prepaid by the platform",
            "Amazon [P]: prepaid labels",
            mailed().prepaid().insured(),
            "approved: goods merchant 9900; why label_prepaid, !insurance_pays_fixed",
        ),
        (
            "one label prepaid, one not",
            "Amazon [P]",
            mailed().prepaid().mails("SF1002").scanned("03-07 12:00").received("03-10 12:00").insured(),
            "approved: goods merchant 9900 + back insurer 1000; why label_prepaid, insurance_pays_fixed; hold payment 9900/10900, claim 1/1, waybill:sf:SF1002 1/1",
        ),
        (
            "a partial return is insured like a whole one",
            ONCE,
            mailed().lines(&[("L1", 2, 9900)]).asks(&[("L1", 1, 4950)]).insured(),
            "approved: goods merchant 4950 + back insurer 1000",
        ),
    ]
}
