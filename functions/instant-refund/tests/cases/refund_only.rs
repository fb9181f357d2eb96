//! Money back without goods.

use crate::given::{Row, order};
use instant_refund::case::{Cause::*, RequestKind::*};

const SILENCE: &str = "1688 jstk [S]: 09:00-18:00 two hours, otherwise until 12:00 the next day; silence is consent";
const PDD: &str = "PDD [S]: a forced shipment is refunded";
const WECHAT: &str = "WeChat shop, aftersale QA [P]: outbound freight only if nothing shipped, with the last item";
const SHIPPED: &str = "policy example: 48 h to answer once shipped";
const CRL_25: &str = "Consumer Rights Law art. 25";

pub fn rows() -> Vec<Row> {
    let shipped = || order().shipped("03-03 18:00").ask(RefundOnly, NotReceived, "03-10 10:00");
    let two = || order().lines(&[("L1", 2, 9900), ("L2", 3, 10_000)]);
    let three = || order().lines(&[("L1", 3, 10_000)]);
    vec![
        // The merchant's silence.
        (
            "asked in business hours",
            SILENCE,
            order(),
            "waiting merchant_answer 03-03 12:30: BOTH; why waits_for_merchant, instant_level, outbound_freight_unshipped; hold ",
        ),
        (
            "a millisecond before the two hours are over",
            SILENCE,
            order().now("03-03 12:29:59.999"),
            "waiting merchant_answer 03-03 12:30: BOTH; why !merchant_silent",
        ),
        (
            "the two hours are over",
            SILENCE,
            order().now("03-03 12:30"),
            "approved: BOTH; why merchant_silent; hold payment 10900/10900",
        ),
        ("long after", SILENCE, order().now("03-20 00:00"), "approved: BOTH; why merchant_silent"),
        (
            "asked at 09:00",
            SILENCE,
            order().paid("03-03 08:00").ask(RefundOnly, NoReason, "03-03 09:00"),
            "waiting merchant_answer 03-03 11:00: BOTH",
        ),
        (
            "asked a millisecond before 09:00",
            SILENCE,
            order().paid("03-03 08:00").ask(RefundOnly, NoReason, "03-03 08:59:59.999"),
            "waiting merchant_answer 03-03 12:00: BOTH",
        ),
        (
            "asked a millisecond before 18:00",
            SILENCE,
            order().ask(RefundOnly, NoReason, "03-03 17:59:59.999"),
            "waiting merchant_answer 03-03 19:59:59.999: BOTH",
        ),
        (
            "asked at 18:00",
            SILENCE,
            order().ask(RefundOnly, NoReason, "03-03 18:00"),
            "waiting merchant_answer 03-04 12:00: BOTH",
        ),
        (
            "asked at two in the morning, which belongs to the night before",
            SILENCE,
            order().ask(RefundOnly, NoReason, "03-04 02:00"),
            "waiting merchant_answer 03-04 12:00: BOTH",
        ),
        (
            "asked at midnight",
            SILENCE,
            order().ask(RefundOnly, NoReason, "03-04 00:00"),
            "waiting merchant_answer 03-04 12:00: BOTH",
        ),
        (
            "asked on a Saturday evening",
            SILENCE,
            order().ask(RefundOnly, NoReason, "03-08 20:00"),
            "waiting merchant_answer 03-09 12:00: BOTH",
        ),
        (
            "asked on National Day",
            SILENCE,
            order().paid("09-30 10:00").ask(RefundOnly, NoReason, "10-01 10:00"),
            "waiting merchant_answer 10-01 12:00: BOTH",
        ),
        (
            "asked in the evening, silent until noon",
            SILENCE,
            order().ask(RefundOnly, NoReason, "03-03 21:00").now("03-04 12:00"),
            "approved: BOTH; why merchant_silent",
        ),
        // Its answer.
        (
            "accepted",
            SILENCE,
            order().accepted("03-03 11:00").now("03-03 11:00"),
            "approved: BOTH; why merchant_accepted, !waits_for_merchant; hold payment 10900/10900",
        ),
        (
            "rejected",
            SILENCE,
            order().rejected("03-03 11:00").now("03-03 11:00"),
            "declined; why merchant_rejected; hold ",
        ),
        (
            "rejected in the last millisecond",
            SILENCE,
            order().rejected("03-03 12:30").now("03-03 12:30"),
            "declined; why merchant_rejected",
        ),
        (
            "rejected a millisecond late",
            SILENCE,
            order().rejected("03-03 12:30:00.001").now("03-03 12:31"),
            "approved: BOTH; why merchant_silent, !merchant_rejected",
        ),
        (
            "accepted late",
            SILENCE,
            order().accepted("03-03 13:00").now("03-03 13:00"),
            "approved: BOTH; why merchant_silent",
        ),
        (
            "rejected although the buyer is trusted",
            SILENCE,
            order().level(5).rejected("03-03 11:00").now("03-03 11:00"),
            "declined; why merchant_rejected, !instant_unshipped",
        ),
        // Shipped after the request.
        (
            "shipped after the request",
            PDD,
            order().shipped("03-03 11:00").now("03-03 11:30"),
            "approved: BOTH; why forced_shipment, outbound_freight_unshipped; hold payment 10900/10900",
        ),
        (
            "shipped a millisecond after the request",
            PDD,
            order().shipped("03-03 10:30:00.001").now("03-03 11:30"),
            "approved: BOTH; why forced_shipment",
        ),
        (
            "shipped in the instant of the request",
            PDD,
            order().shipped("03-03 10:30").now("03-03 11:30"),
            "declined; why refund_only_no_reason_shipped, !forced_shipment",
        ),
        (
            "rejected, and shipped all the same",
            PDD,
            order().shipped("03-03 11:00").rejected("03-03 10:50").now("03-03 11:30"),
            "approved: BOTH; why forced_shipment",
        ),
        (
            "forced shipment without the rule",
            PDD,
            order().shipped("03-03 11:00").now("03-03 11:30").policy(|p| p.merchant.refund_forced_shipment = false),
            "declined; why refund_only_no_reason_shipped, !forced_shipment",
        ),
        (
            "forced shipment, one line of two asked for",
            PDD,
            two().asks(&[("L1", 2, 9900)]).shipped("03-03 11:00").now("03-03 11:30"),
            "approved: goods merchant 9900; why forced_shipment, outbound_freight_not_last",
        ),
        // Outbound freight.
        (
            "one line of two, unshipped",
            WECHAT,
            two().asks(&[("L1", 2, 9900)]).accepted("03-03 11:00").now("03-03 11:00"),
            "approved: goods merchant 9900; why outbound_freight_not_last; hold payment 9900/20900",
        ),
        (
            "both lines, unshipped",
            WECHAT,
            two().accepted("03-03 11:00").now("03-03 11:00"),
            "approved: goods merchant 19900 + there merchant 1000; why outbound_freight_unshipped; hold payment 20900/20900",
        ),
        (
            "the last line, the other refunded earlier",
            WECHAT,
            two()
                .asks(&[("L2", 3, 10_000)])
                .line(0, |l| l.refunded_quantity = 2)
                .accepted("03-03 11:00")
                .now("03-03 11:00"),
            "approved: goods merchant 10000 + there merchant 1000; why outbound_freight_unshipped; hold payment 11000/20900",
        ),
        (
            "one piece of three",
            WECHAT,
            three().asks(&[("L1", 1, 3334)]).accepted("03-03 11:00").now("03-03 11:00"),
            "approved: goods merchant 3334; why outbound_freight_not_last; hold payment 3334/11000",
        ),
        (
            "the last piece of three",
            WECHAT,
            three()
                .asks(&[("L1", 1, 3334)])
                .line(0, |l| l.refunded_quantity = 2)
                .accepted("03-03 11:00")
                .now("03-03 11:00"),
            "approved: goods merchant 3334 + there merchant 1000",
        ),
        (
            "one piece short of the last",
            WECHAT,
            three()
                .asks(&[("L1", 1, 3334)])
                .line(0, |l| l.refunded_quantity = 1)
                .accepted("03-03 11:00")
                .now("03-03 11:00"),
            "approved: goods merchant 3334; why outbound_freight_not_last",
        ),
        (
            "free delivery has no freight to give back",
            WECHAT,
            order().freight(0).accepted("03-03 11:00").now("03-03 11:00"),
            "approved: goods merchant 9900; why !outbound_freight_unshipped, !outbound_freight_not_last",
        ),
        (
            "less than the price asked for",
            WECHAT,
            order().asks(&[("L1", 1, 5000)]).accepted("03-03 11:00").now("03-03 11:00"),
            "approved: goods merchant 5000 + there merchant 1000; hold payment 6000/10900",
        ),
        // After shipment.
        (
            "not received, the merchant is asked",
            SHIPPED,
            shipped(),
            "waiting merchant_answer 03-12 10:00: BOTH; why waits_for_merchant, outbound_freight_not_received",
        ),
        (
            "not received, a millisecond before the deadline",
            SHIPPED,
            shipped().now("03-12 09:59:59.999"),
            "waiting merchant_answer 03-12 10:00: BOTH",
        ),
        (
            "not received, the merchant silent",
            SHIPPED,
            shipped().now("03-12 10:00"),
            "approved: BOTH; why merchant_silent, outbound_freight_not_received",
        ),
        (
            "not received, the merchant disagrees",
            SHIPPED,
            shipped().rejected("03-11 10:00").now("03-11 10:00"),
            "declined; why merchant_rejected",
        ),
        (
            "not received, the merchant agrees",
            SHIPPED,
            shipped().accepted("03-11 10:00").now("03-11 10:00"),
            "approved: BOTH; why merchant_accepted",
        ),
        (
            "not received, rejected a millisecond late",
            SHIPPED,
            shipped().rejected("03-12 10:00:00.001").now("03-12 10:01"),
            "approved: BOTH; why merchant_silent",
        ),
        (
            "faulty, money without return",
            SHIPPED,
            shipped().signed("03-05 10:00").cause(QualityFault).now("03-12 10:00"),
            "approved: BOTH; why merchant_silent, outbound_freight_fault",
        ),
        (
            "faulty, a trusted buyer is not instant once shipped",
            SHIPPED,
            shipped().signed("03-05 10:00").cause(QualityFault).level(9),
            "waiting merchant_answer 03-12 10:00: BOTH; why !instant_unshipped",
        ),
        (
            "wrong item, money without return",
            SHIPPED,
            shipped().signed("03-05 10:00").cause(WrongItem),
            "waiting merchant_answer 03-12 10:00: BOTH; why outbound_freight_fault",
        ),
        ("no reason, shipped", CRL_25, shipped().cause(NoReason), "declined; why refund_only_no_reason_shipped"),
        (
            "no reason, shipped, the merchant agrees",
            CRL_25,
            shipped().cause(NoReason).accepted("03-11 10:00").now("03-11 10:00"),
            "approved: goods merchant 9900; why merchant_accepted, outbound_freight_kept",
        ),
        (
            "late, but shipped",
            SHIPPED,
            shipped().cause(LateShipment),
            "waiting merchant_answer 03-12 10:00: goods merchant 9900; why outbound_freight_kept, no_promise",
        ),
        (
            "pieces not shipped of a line partly shipped",
            WECHAT,
            three()
                .line(0, |l| l.shipped_quantity = 1)
                .asks(&[("L1", 2, 6667)])
                .accepted("03-03 11:00")
                .now("03-03 11:00")
                .ship_time("03-03 10:20"),
            "approved: goods merchant 6667; why merchant_accepted, outbound_freight_not_last",
        ),
        (
            "more pieces than are unshipped go the way of shipped ones",
            SHIPPED,
            three()
                .line(0, |l| l.shipped_quantity = 2)
                .asks(&[("L1", 2, 6667)])
                .ship_time("03-03 10:20")
                .cause(NotReceived),
            "waiting merchant_answer 03-05 10:30: goods merchant 6667; why waits_for_merchant",
        ),
        (
            "an unshipped line beside a shipped one",
            SILENCE,
            two().line(0, |l| l.shipped_quantity = 2).asks(&[("L2", 3, 10_000)]).ship_time("03-03 10:20"),
            "waiting merchant_answer 03-03 12:30: goods merchant 10000; why waits_for_merchant, outbound_freight_not_last",
        ),
        (
            "the last line unshipped, the others shipped and kept their freight",
            WECHAT,
            two()
                .line(0, |l| {
                    l.shipped_quantity = 2;
                    l.refunded_quantity = 2;
                })
                .asks(&[("L2", 3, 10_000)])
                .ship_time("03-03 10:20")
                .accepted("03-03 11:00")
                .now("03-03 11:00"),
            "approved: goods merchant 10000; why outbound_freight_kept",
        ),
        (
            "refund only has no insurance claim",
            "WeChat shop, freight insurance [P]: refund-only has no waybill",
            shipped().insured().now("03-12 10:00"),
            "approved: BOTH; why insurance_refund_only; hold payment 10900/10900",
        ),
        (
            "a shipped and an unshipped line go the way of shipped ones",
            SHIPPED,
            two().line(0, |l| l.shipped_quantity = 2).ship_time("03-03 10:20").cause(NotReceived),
            "waiting merchant_answer 03-05 10:30: goods merchant 19900 + there merchant 1000; why waits_for_merchant",
        ),
        (
            "pieces refunded earlier are taken to be unshipped ones",
            SHIPPED,
            three()
                .line(0, |l| (l.shipped_quantity, l.refunded_quantity) = (1, 1))
                .asks(&[("L1", 2, 6667)])
                .ship_time("03-03 10:20")
                .cause(NotReceived),
            "waiting merchant_answer 03-05 10:30: goods merchant 6667 + there merchant 1000; why waits_for_merchant",
        ),
        (
            "shipped in the instant of the request keeps its freight",
            WECHAT,
            order().shipped("03-03 10:30").accepted("03-03 11:00").now("03-03 11:00"),
            "approved: goods merchant 9900; why merchant_accepted, outbound_freight_kept",
        ),
    ]
}
