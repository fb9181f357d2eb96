//! Who bears the way back without insurance, or beyond it. The goods are paid for throughout.

use crate::given::Row;
use crate::ways::{mailed, pickup, settled};
use instant_refund::case::Cause::*;

const ART_24: &str = "Consumer Rights Law art. 24 para. 2: the merchant bears freight";
const ART_25: &str = "Consumer Rights Law art. 25 para. 3: the buyer bears freight unless agreed";

pub fn rows() -> Vec<Row> {
    vec![
        (
            "a gift comes back, faulty: nothing was paid for it, the way back is the merchant's",
            ART_24,
            mailed().lines(&[("L1", 1, 9900), ("GIFT", 1, 0)]).asks(&[("GIFT", 1, 0)]).cause(QualityFault),
            "approved: back merchant 800; why fault_return, nothing_was_paid_for_it, merchant_bears_freight",
        ),
        (
            "a gift comes back with what it came with",
            ART_25,
            mailed().lines(&[("L1", 1, 9900), ("GIFT", 1, 0)]).asks(&[("L1", 1, 9900), ("GIFT", 1, 0)]),
            "approved: goods merchant 9900; why merchant_accepted, !nothing_was_paid_for_it",
        ),
        // Without insurance.
        (
            "faulty, uninsured: by route",
            ART_24,
            mailed().cause(QualityFault),
            "approved: BOTH + back merchant 800; why merchant_bears_freight; hold payment 10900/10900, waybill:sf:SF1001 1/1",
        ),
        (
            "faulty, uninsured: what was paid",
            ART_24,
            mailed().cause(QualityFault).costs(750),
            "approved: BOTH + back merchant 750",
        ),
        (
            "faulty, uninsured: not more than the route costs",
            ART_24,
            mailed().cause(QualityFault).costs(801),
            "approved: BOTH + back merchant 800",
        ),
        (
            "faulty, uninsured: a pickup at what it cost",
            ART_24,
            pickup(2200).cause(QualityFault),
            "approved: BOTH + back merchant 2200",
        ),
        (
            "faulty, uninsured: a pickup at the pack's cap",
            ART_24,
            pickup(5001).cause(QualityFault),
            "approved: BOTH + back merchant 5000",
        ),
        (
            "faulty, uninsured, an unknown route: what was paid",
            ART_24,
            mailed().cause(QualityFault).route("990000", "330000", 900).costs(900),
            "approved: BOTH + back merchant 900",
        ),
        (
            "faulty, uninsured, an unknown route, nobody knows",
            ART_24,
            mailed().cause(QualityFault).route("990000", "330000", 900),
            "approved: BOTH; why no_tariff_for_route",
        ),
        (
            "faulty, uninsured, two parcels",
            ART_24,
            mailed()
                .cause(QualityFault)
                .mails("SF1002")
                .route("330000", "310000", 1001)
                .scanned("03-07 12:00")
                .received("03-10 12:00"),
            "approved: BOTH + back merchant 1800; hold payment 10900/10900, waybill:sf:SF1001 1/1, waybill:sf:SF1002 1/1",
        ),
        (
            "faulty, uninsured, not posted",
            ART_24,
            settled().cause(QualityFault),
            "waiting first_scan 03-13 10:00: BOTH; why return_freight_later",
        ),
        (
            "faulty, insured: the merchant tops up",
            ART_24,
            mailed().cause(QualityFault).insured().route("330000", "650000", 900).costs(1500),
            "approved: BOTH + back insurer 1000 + back merchant 500; why insurance_pays_fixed, merchant_tops_up_freight; hold payment 10900/10900, claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "faulty, insured in full",
            ART_24,
            mailed().cause(QualityFault).insured().costs(800),
            "approved: BOTH + back insurer 1000; why !merchant_tops_up_freight",
        ),
        (
            "faulty, insured, cost unknown: no top-up",
            ART_24,
            mailed().cause(QualityFault).insured().route("330000", "650000", 900),
            "approved: BOTH + back insurer 1000; why !merchant_tops_up_freight",
        ),
        (
            "faulty, a pickup over the insurance's cap",
            ART_24,
            pickup(2200).cause(QualityFault).insured(),
            "approved: BOTH + back insurer 1935 + back merchant 265; why merchant_tops_up_freight, payout_capped",
        ),
        (
            "faulty, insured, two parcels: the second is the merchant's",
            ART_24,
            pickup(1500)
                .cause(QualityFault)
                .insured()
                .pickup("SF1002", 1200)
                .scanned("03-07 12:00")
                .received("03-10 12:00"),
            "approved: BOTH + back insurer 1500 + back merchant 1200; why one_claim_per_payment, merchant_tops_up_freight; hold payment 10900/10900, claim 1/1, waybill:sf:SF1001 1/1, waybill:sf:SF1002 1/1",
        ),
        ("not as described, uninsured", ART_24, mailed().cause(NotAsDescribed), "approved: BOTH + back merchant 800"),
        ("the wrong item, uninsured", ART_24, mailed().cause(WrongItem), "approved: BOTH + back merchant 800"),
        (
            "no reason, agreed to be free",
            ART_25,
            mailed().free_returns(),
            "approved: goods merchant 9900 + back merchant 800; why merchant_bears_freight, !buyer_bears_freight",
        ),
        (
            "no reason, free, insured for less",
            ART_25,
            pickup(2000).free_returns().insured(),
            "approved: goods merchant 9900 + back insurer 1935 + back merchant 65; why merchant_tops_up_freight",
        ),
        (
            "the platform bears it for high levels",
            "policy example, off by default",
            mailed().level(9).policy(|p| p.returns.platform_bears_from_level = 9),
            "approved: goods merchant 9900 + back platform 800; why platform_bears_freight",
        ),
        (
            "the platform does not bear it a level below",
            "policy example, off by default",
            mailed().level(8).policy(|p| p.returns.platform_bears_from_level = 9),
            "approved: goods merchant 9900; why buyer_bears_freight",
        ),
    ]
}
