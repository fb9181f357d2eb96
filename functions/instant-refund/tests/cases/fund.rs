//! The protection fund: advance, limits, recourse.

use crate::given::{Given, Row, order, returned, t};
use instant_refund::case::{Cause::*, MerchantFunds::*, RequestKind::*, *};
use instant_refund::decide::{advance, decide};
use instant_refund::decision::*;

const ADVANCE: &str =
    "E-Commerce Law art. 58; WeChat e-commerce refunds [P]: the platform advances, 90 days of recourse";
const ART_44: &str = "Consumer Rights Law art. 44: a merchant that cannot be reached";
const LIMIT: &str = "policy example: CNY 2,000 beyond the deposit, CNY 50,000 a merchant";

fn agreed() -> Given {
    order().accepted("03-03 11:00").now("03-03 11:00")
}

pub fn rows() -> Vec<Row> {
    vec![
        (
            "the merchant is short",
            ADVANCE,
            agreed().funds(Short),
            "approved: goods fund 9900 + there fund 1000; why merchant_accepted, fund_advances; hold payment 10900/10900, fund:M1 10900/200000, fund 10900/1000000000",
        ),
        (
            "the merchant cannot be reached",
            ART_44,
            order().funds(Unreachable).now("03-03 12:30"),
            "approved: goods fund 9900 + there fund 1000; why merchant_silent, fund_advances",
        ),
        (
            "short while waiting: nothing is held",
            ADVANCE,
            order().funds(Short),
            "waiting merchant_answer 03-03 12:30: goods fund 9900 + there fund 1000; why fund_advances; hold ",
        ),
        (
            "the merchant refuses: nothing to advance",
            ADVANCE,
            order().funds(Short).rejected("03-03 11:00").now("03-03 11:00"),
            "declined; why merchant_rejected, !fund_advances",
        ),
        (
            "exactly the limit without a deposit",
            LIMIT,
            agreed().funds(Short).price(199_000),
            "approved: goods fund 199000 + there fund 1000; hold payment 200000/200000, fund:M1 200000/200000, fund 200000/1000000000",
        ),
        (
            "a fen over the limit without a deposit",
            LIMIT,
            agreed().funds(Short).price(199_001),
            "declined; why fund_limit_exceeded, !fund_advances; hold ",
        ),
        (
            "a fen of deposit lifts it",
            LIMIT,
            agreed().funds(Short).price(199_001).deposit(1),
            "approved: goods fund 199001 + there fund 1000; hold payment 200001/200001, fund:M1 200001/200001, fund 200001/1000000000",
        ),
        (
            "exactly the ceiling of a merchant",
            LIMIT,
            agreed().funds(Short).price(4_999_000).deposit(10_000_000),
            "approved: goods fund 4999000 + there fund 1000; hold payment 5000000/5000000, fund:M1 5000000/5000000, fund 5000000/1000000000",
        ),
        (
            "a fen over the ceiling of a merchant",
            LIMIT,
            agreed().funds(Short).price(4_999_001).deposit(10_000_000),
            "declined; why fund_limit_exceeded",
        ),
        (
            "over the whole fund",
            LIMIT,
            agreed().funds(Short).policy(|p| p.fund.total_limit_fen = 10_899),
            "declined; why fund_limit_exceeded",
        ),
        (
            "exactly the whole fund",
            LIMIT,
            agreed().funds(Short).policy(|p| p.fund.total_limit_fen = 10_900),
            "approved: goods fund 9900 + there fund 1000; hold payment 10900/10900, fund:M1 10900/200000, fund 10900/10900",
        ),
        (
            "over the limit, still waiting: looked at when it comes to paying",
            LIMIT,
            order().funds(Short).price(300_000),
            "waiting merchant_answer 03-03 12:30: goods fund 300000 + there fund 1000; why fund_advances",
        ),
        (
            "instant and short",
            ADVANCE,
            order().level(5).funds(Short),
            "approved: goods fund 9900 + there fund 1000; hold payment 10900/10900, quota 10900/1000000, fund:M1 10900/200000, fund 10900/1000000000",
        ),
        (
            "compensation of a short merchant",
            ADVANCE,
            order()
                .ask(Compensation, LateShipment, "03-05 10:00")
                .promise(PromiseKind::Spot, None, Some(24), None)
                .funds(Short),
            "approved: late fund 300; why fund_advances; hold late 1/1, fund:M1 300/200000, fund 300/1000000000",
        ),
        (
            "return freight of a short merchant",
            ADVANCE,
            returned()
                .cause(QualityFault)
                .mails("SF1001")
                .received("03-10 12:00")
                .accepted("03-10 12:30")
                .now("03-10 13:00")
                .funds(Unreachable),
            "approved: goods fund 9900 + there fund 1000 + back fund 800; hold payment 10900/10900, waybill:sf:SF1001 1/1, fund:M1 11700/200000, fund 11700/1000000000",
        ),
        (
            "the insurer's leg stays the insurer's",
            ADVANCE,
            returned()
                .mails("SF1001")
                .received("03-10 12:00")
                .accepted("03-10 12:30")
                .now("03-10 13:00")
                .insured()
                .funds(Short),
            "approved: goods fund 9900 + back insurer 1000; hold payment 9900/10900, claim 1/1, waybill:sf:SF1001 1/1, fund:M1 9900/200000, fund 9900/1000000000",
        ),
        (
            "only the insurer pays: the fund has no part in it",
            ADVANCE,
            returned().kind(Exchange).mails("SF1001").received("03-10 12:00").now("03-10 13:00").insured().funds(Short),
            "approved: back insurer 1000; why !fund_advances; hold claim 1/1, waybill:sf:SF1001 1/1",
        ),
        (
            "half over the limit is all over the limit",
            LIMIT,
            returned()
                .mails("SF1001")
                .received("03-10 12:00")
                .accepted("03-10 12:30")
                .now("03-10 13:00")
                .insured()
                .funds(Short)
                .policy(|p| p.fund.total_limit_fen = 1),
            "declined; why fund_limit_exceeded, insurance_pays_fixed; hold ",
        ),
    ]
}

#[test]
fn recourse_lasts_ninety_days() {
    let given = agreed().funds(Short);
    let decision = decide(&given.case, &given.judged_by(), given.now);
    assert_eq!(decision.follow_up.recourse_until, Some(t("06-01 11:00")));
    let fund = decision.reasons.iter().find(|reason| reason.code == "fund_advances").unwrap();
    assert_eq!(fund.article, "ecommerce_58");
}

#[test]
fn an_approved_decision_is_advanced_when_the_gateway_says_the_merchant_is_short() {
    let given = returned().level(5).pickup("SF1001", 1500).scanned("03-07 12:00").now("03-07 12:00").insured();
    let policy = given.judged_by();
    let approved = decide(&given.case, &policy, given.now);
    let advanced = advance(&approved, &given.case, &policy, given.now + 60_000);
    assert_eq!(advanced.outcome, Outcome::Approved);
    assert_eq!(advanced.total_fen, approved.total_fen);
    let payers: Vec<Payer> = advanced.legs.iter().map(|leg| leg.payer).collect();
    assert_eq!(payers, [Payer::ProtectionFund, Payer::Insurer]);
    assert_eq!(advanced.holds[..approved.holds.len()], approved.holds[..], "what was held stays held");
    assert_eq!(advanced.holds.len(), approved.holds.len() + 2);
    assert_eq!(advanced.follow_up.return_due_at, approved.follow_up.return_due_at);
    assert_eq!(advanced.follow_up.recourse_until, Some(given.now + 60_000 + 90 * 86_400_000));
    crate::expect::invariants(&given.case, &advanced);
    assert_eq!(advance(&advanced, &given.case, &policy, given.now + 120_000), advanced, "once");
    // As if it had been known to be short from the beginning.
    let known = given.clone().funds(Short);
    let known = decide(&known.case, &policy, given.now);
    assert_eq!(advance(&approved, &given.case, &policy, given.now), known);
}

#[test]
fn what_is_not_approved_is_not_advanced() {
    for given in [order(), order().rejected("03-03 11:00").now("03-03 11:00")] {
        let policy = given.judged_by();
        let decision = decide(&given.case, &policy, given.now);
        assert_eq!(advance(&decision, &given.case, &policy, given.now), decision);
    }
}
