//! Exchanges: no goods are paid for, the way back may be. And claims that are spent already.

use crate::given::{Row, returned};
use crate::ways::{exchange, mailed};
use instant_refund::case::{Cause::*, RequestKind::*, *};

const PICKUP: &str = "WeChat shop, freight insurance [P]: door pickup deducts base freight up to CNY 19.35";
const FIXED: &str = "WeChat shop, freight insurance [P]: self-mail a fixed CNY 10, claimed after the return arrives";
const COVER: &str = "WeChat shop, freight insurance [P]: insurance_end_date, 72 h tolerance in hours";
const ONCE: &str = "WeChat shop [P]: payment no = policy no = claim no; a waybill is unique; codes 2007, 1011, 2021";
const ART_24: &str = "Consumer Rights Law art. 24 para. 2: the merchant bears freight";
const ART_25: &str = "Consumer Rights Law art. 25 para. 3: the buyer bears freight unless agreed";

pub fn rows() -> Vec<Row> {
    vec![
        (
            "an exchange, arrived",
            "WeChat shop [P]: covers exchange",
            exchange().mails("SF1001").scanned("03-07 12:00").received("03-10 12:00"),
            "approved: back insurer 1000; why exchange_no_goods_refund, insurance_pays_fixed; hold claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "an exchange by pickup, handed over",
            PICKUP,
            exchange().pickup("SF1001", 1500).scanned("03-07 12:00"),
            "approved: back insurer 1500; why insurance_pays_pickup",
        ),
        (
            "an exchange, not posted",
            FIXED,
            exchange(),
            "waiting first_scan 03-13 09:30: ; why waits_for_first_scan, return_freight_later",
        ),
        (
            "an exchange, on its way",
            FIXED,
            exchange().mails("SF1001").scanned("03-07 12:00"),
            "waiting return_received 03-22 12:00: back insurer 1000; why waits_for_return",
        ),
        ("an exchange never posted", FIXED, exchange().now("03-13 09:30"), "declined; why return_not_posted"),
        (
            "an exchange that the policy does not cover",
            COVER,
            exchange().insurance(|i| i.covers = vec![CoveredKind::Return]),
            "declined; why insurance_not_for_this, buyer_bears_freight",
        ),
        (
            "an exchange without insurance",
            ART_25,
            returned().kind(Exchange),
            "declined; why no_insurance, buyer_bears_freight",
        ),
        (
            "an exchange of faulty goods without insurance",
            ART_24,
            returned().kind(Exchange).cause(QualityFault).mails("SF1001").scanned("03-07 12:00").now("03-07 12:00"),
            "approved: back merchant 800; why merchant_bears_freight; hold waybill:sf:SF1001 1/1",
        ),
        ("an exchange refused", FIXED, exchange().rejected("03-06 10:00"), "declined; why merchant_rejected"),
        (
            "an exchange by pickup, booked, its freight not known yet",
            PICKUP,
            exchange().pickup("SF1001", 1).last(|p| p.freight_fen = None),
            "waiting first_scan 03-13 09:30: ; why pickup_freight_unknown, return_freight_later",
        ),
        (
            "an exchange by pickup, handed over, its freight not known",
            PICKUP,
            exchange().pickup("SF1001", 1).last(|p| p.freight_fen = None).scanned("03-07 12:00"),
            "declined; why pickup_freight_unknown, !return_freight_later",
        ),
        (
            "paid already for a parcel of another request, the merchant at fault",
            ONCE,
            mailed().cause(QualityFault).insured().claim(ClaimState::Paid).bound("SF9999"),
            "approved: BOTH + back merchant 800; why claim_already_paid, merchant_bears_freight; hold payment 10900/10900, waybill:sf:SF1001 1/1",
        ),
        (
            "paid already for this parcel, the merchant at fault",
            ONCE,
            mailed().cause(QualityFault).insured().claim(ClaimState::Paid).bound("SF1001"),
            "approved: BOTH; why claim_already_paid, !merchant_bears_freight",
        ),
        (
            "paid already, nobody knows for which parcel, the merchant at fault",
            ONCE,
            mailed().cause(QualityFault).insured().claim(ClaimState::Paid),
            "approved: BOTH; why claim_already_paid, !merchant_bears_freight",
        ),
        (
            "paid already for the second parcel, the merchant at fault",
            ONCE,
            mailed()
                .mails("SF1002")
                .scanned("03-07 12:00")
                .received("03-10 12:00")
                .cause(QualityFault)
                .insured()
                .claim(ClaimState::Paid)
                .bound("SF1002"),
            "approved: BOTH + back merchant 600; why claim_already_paid, merchant_tops_up_freight",
        ),
    ]
}
