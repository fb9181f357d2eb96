//! Editions of the pack, money at its extremes, other gateways, and what stays open.

use crate::given::{Given, Row, order, returned, t};
use instant_refund::case::{Cause::*, RequestKind::*, *};
use instant_refund::decide::decide;
use instant_refund::decision::{Account, FollowUp};

const EDITION: &str = "policy/policy.toml: the edition in force when the order was paid";
const MONEY: &str = "amounts up to 10^12 fen";

/// Paid at an instant, arrived and accepted ten days later, insured with fixed cover.
fn paid(at: &str, later: &str) -> Given {
    order()
        .paid(at)
        .shipped(later)
        .signed(later)
        .ask(ReturnRefund, NoReason, later)
        .accepted(later)
        .mails("SF1001")
        .received(later)
        .insured()
        .insurance(|i| {
            (i.bought_by, i.insured_at, i.ends_at) = (InsuranceBuyer::Buyer, i.insured_at, t("2030-01-01 00:00"))
        })
}

pub fn rows() -> Vec<Row> {
    vec![
        (
            "paid in the last millisecond of the old edition",
            EDITION,
            paid("2023-12-31 23:59:59.999", "2024-01-02 12:00"),
            "approved: goods merchant 9900 + back insurer 800",
        ),
        (
            "paid in the first millisecond of the new edition",
            EDITION,
            paid("2024-01-01 00:00", "2024-01-02 12:00"),
            "approved: goods merchant 9900 + back insurer 1000",
        ),
        (
            "paid before any edition",
            EDITION,
            paid("2018-06-01 10:00", "2018-06-03 12:00"),
            "approved: goods merchant 9900 + back insurer 800; why rest_days_not_known",
        ),
        (
            "level 5 under the caps of 2025",
            EDITION,
            order().level(5).price(29_000).paid("2025-12-31 23:59:59.999").ask(
                RefundOnly,
                NoReason,
                "2026-01-01 10:00",
            ),
            "waiting merchant_answer 2026-01-01 12:00: goods merchant 29000 + there merchant 1000; why instant_over_cap",
        ),
        (
            "level 5 under the caps of 2026",
            EDITION,
            order().level(5).price(29_000).paid("2026-01-01 00:00").ask(RefundOnly, NoReason, "2026-01-01 10:00"),
            "approved: goods merchant 29000 + there merchant 1000; why instant_unshipped",
        ),
        (
            "level 2 has a cap from 2026",
            EDITION,
            order().level(2).price(7000).paid("2026-01-01 00:00").ask(RefundOnly, NoReason, "2026-01-01 10:00"),
            "approved: goods merchant 7000 + there merchant 1000",
        ),
        (
            "no table of caps before 2024",
            EDITION,
            order().level(9).paid("2023-12-31 23:59:59.999").ask(RefundOnly, NoReason, "2024-01-01 10:00"),
            "waiting merchant_answer 2024-01-01 12:00: BOTH; why instant_level",
        ),
        (
            "one fen",
            MONEY,
            order().price(1).freight(0).now("03-03 12:30"),
            "approved: goods merchant 1; hold payment 1/1",
        ),
        (
            "the most",
            MONEY,
            order().price(999_999_999_000).now("03-03 12:30"),
            "approved: goods merchant 999999999000 + there merchant 1000; hold payment 1000000000000/1000000000000",
        ),
        (
            "Alipay",
            "one account per gateway and payment",
            order().gateway(GatewayName::Alipay, "2025001").now("03-03 12:30"),
            "approved: BOTH; hold payment:alipay:2025001 10900/10900, order:O1 10900/10900",
        ),
        (
            "Stripe",
            "one account per gateway and payment",
            order().gateway(GatewayName::Stripe, "pi_1").now("03-03 12:30"),
            "approved: BOTH; hold payment:stripe:pi_1 10900/10900, order:O1 10900/10900",
        ),
        (
            "fifty lines",
            "1 to 50 lines",
            order().lines(&FIFTY).now("03-03 12:30"),
            "approved: goods merchant 5000 + there merchant 1000; hold payment 6000/6000",
        ),
    ]
}

const IDS: [&str; 50] = [
    "A0", "A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "B0", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8",
    "B9", "C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7",
    "D8", "D9", "E0", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9",
];
const FIFTY: [(&str, i64, i64); 50] = {
    let mut lines = [("", 1, 100); 50];
    let mut i = 0;
    while i < 50 {
        lines[i].0 = IDS[i];
        i += 1;
    }
    lines
};

/// Stripe calls one payment `ch_…` and `pi_…`. Whichever a case uses, what was paid, the claim and the compensation are
/// held on accounts that both share.
#[test]
fn a_payment_of_two_names_is_held_once() {
    let holds = |name| {
        let given = returned().mails("SF1001").received("03-10 12:00").insured().accepted("03-10 13:00");
        let given = given.cause(LateShipment).promise(PromiseKind::Spot, None, Some(0), None).ship_time("03-04 18:00");
        let given = given.gateway(GatewayName::Stripe, name).now("03-10 13:00");
        let mut holds = decide(&given.case, &given.judged_by(), given.now).holds;
        holds.retain(|hold| !matches!(hold.account, Account::Payment { .. }));
        holds
    };
    let shared = holds("ch_1");
    assert_eq!(shared, holds("pi_1"));
    let names: Vec<String> = shared.iter().map(|hold| hold.account.name()).collect();
    assert_eq!(
        names,
        ["order/O1", "pieces/O1/L1", "line/O1/L1", "claim/O1", "waybill/sf:SF1001", "policy/P1", "compensation/O1"]
    );
    assert_eq!((shared[0].amount_fen, shared[0].limit_fen, shared[0].pinned), (9900, 10_900, true));
    assert_eq!(shared[0].account.full(), "over_refund");
}

#[test]
fn every_parcel_borne_is_named_apart() {
    let given = returned().cause(QualityFault).accepted("03-06 10:00").now("03-10 13:00");
    let given = given.pickup("SF1001", 1500).received("03-10 12:00").pickup("SF1002", 900).received("03-10 12:00");
    let given = given.pickup("SF1003", 800).received("03-10 12:00");
    let legs = decide(&given.case, &given.judged_by(), given.now).legs;
    let borne = legs.iter().find(|leg| leg.rule == "merchant_bears_freight").unwrap();
    let names: Vec<&str> = borne.inputs.iter().map(|input| &*input.name).collect();
    assert_eq!(
        names,
        ["amount_fen", "waybill", "weight_g", "waybill_2", "weight_g_2", "waybill_3", "weight_g_3"],
        "{borne:?}"
    );
}

#[test]
fn what_stays_open_after_an_instant_refund() {
    let given = returned().level(5).pickup("SF1001", 1500).scanned("03-07 12:00").now("03-07 13:00");
    let open = decide(&given.case, &given.judged_by(), given.now).follow_up;
    let wanted = FollowUp {
        return_due_at: Some(t("03-22 12:00")),
        appeal_until: Some(t("05-06 13:00")),
        appeal_decision_days: Some(30),
        receivable_days: Some(1095),
        ..FollowUp::default()
    };
    assert_eq!(open, wanted, "claw-back from the scan, appeal from the refund");
    let given = order().level(5);
    let open = decide(&given.case, &given.judged_by(), given.now).follow_up;
    assert_eq!((open.return_due_at, open.appeal_until), (None, Some(t("05-02 10:30"))));
    let given = order().now("03-03 12:30").cause(NoReason);
    assert_eq!(decide(&given.case, &given.judged_by(), given.now).follow_up, FollowUp::default());
}

#[test]
fn reasons_name_what_they_are_about() {
    let said = |given: Given, code| crate::expect::sentence(&decide(&given.case, &given.judged_by(), given.now), code);
    let two = || returned().lines(&[("L1", 1, 9900), ("L2", 2, 8000)]);
    let unshipped = two().line(0, |line| line.shipped_quantity = 0);
    assert!(said(unshipped, "line_not_shipped").starts_with("Line L1 "));
    let excluded = two().excluded(1, Exclusion::ByNature, true);
    assert_eq!(said(excluded, "excluded_by_law"), "Line L2 has no seven-day right: unsuitable for return by nature");
    let covers = |covers| returned().insured().insurance(|insurance| insurance.covers = vec![covers]);
    let returns = said(covers(CoveredKind::Exchange), "insurance_not_for_this");
    assert_eq!(returns, "The policy does not cover returns");
    let exchanges = said(covers(CoveredKind::Return).kind(Exchange), "insurance_not_for_this");
    assert_eq!(exchanges, "The policy does not cover exchanges");
    let late = order().promise(PromiseKind::Spot, None, Some(48), None);
    let late = said(late.ask(Compensation, LateShipment, "03-05 10:00:00.001"), "shipped_late");
    assert_eq!(late, "Shipping was promised by 2025-03-05 10:00; late by 1 min: compensation of CNY 3.00");
    let short = order().funds(MerchantFunds::Unreachable).accepted("03-03 11:00").now("03-03 11:00");
    let short = said(short, "fund_advances");
    assert_eq!(
        short,
        "Since the merchant cannot be reached, the fund advances CNY 109.00, with recourse until 2025-06-01 11:00"
    );
}
