//! Requests as after-sales teams met them, each a file in `met/`: a case, a case with the clock that it was met at, or two.

use instant_refund::case::Case;
use instant_refund::decide::decide;
use instant_refund::decision::{Account, Hold};
use serde_json::Value;
use shared::problem::Problem;

use crate::given::{Given, Row, t};

const CRL_24: &str = "Consumer Rights Law art. 24 para. 2: the merchant bears the freight of faulty goods";
const WECHAT: &str = "WeChat shop, aftersale QA [P]: outbound freight with the last item";

fn file(name: &str) -> Value {
    let path = format!("{}/tests/cases/met/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn read(case: &Value, now: i64) -> Result<Case, Problem> {
    Case::read(&serde_json::to_vec(case).unwrap(), now)
}

/// A file at its own clock, else in the evening of 25 November 2026.
fn met(name: &str) -> Given {
    let file = file(name);
    let now = file["now"].as_i64().unwrap_or(t("2026-11-26 20:00"));
    let case = file.get("case").unwrap_or(&file);
    Given { case: read(case, now).unwrap(), now, change: |_| {} }
}

pub fn rows() -> Vec<Row> {
    vec![
        (
            "a free gift does not keep the outbound freight",
            WECHAT,
            met("gift_freight").now("2026-03-01 11:00"),
            "approved: goods merchant 9900 + there merchant 800; why outbound_freight_unshipped",
        ),
        (
            "the merchant refused one line in time and shipped another",
            "PDD [S]: a forced shipment is of what was asked back",
            met("forced_shipment_other_line"),
            "declined; why merchant_rejected, !forced_shipment",
        ),
        (
            "insured after the return had arrived",
            "cover begins before what it covers",
            met("insured_after_loss"),
            "approved: goods merchant 9900; why insured_after_posting, buyer_bears_freight",
        ),
        (
            "the seventh day is 1 January of a year without a table",
            "Civil Code art. 203; Regulation on Public Holidays art. 2",
            met("new_year_2027"),
            "waiting first_scan 2027-01-09 10:00: goods merchant 9900; why seven_day_right, rest_days_not_known",
        ),
        (
            "a quality fault: what the insurer leaves, the merchant bears",
            CRL_24,
            met("fault_freight_dropped").now("2026-03-10 12:00"),
            "approved: goods merchant 4950 + back insurer 1000 + back merchant 800; why merchant_tops_up_freight",
        ),
    ]
}

fn wrong(name: &str) -> Vec<String> {
    let problem = read(&file(name), t("2026-11-26 20:00")).unwrap_err();
    problem.errors.iter().map(|error| format!("{} {}", error.code, error.pointer)).collect()
}

#[test]
fn what_cannot_be_is_refused_with_a_pointer() {
    assert_eq!(wrong("seconds"), ["bad-instant /order/paid_at", "bad-instant /request/requested_at"]);
    let of_the_way_there = [
        "before-return-request /return/parcels/0/first_scan_at",
        "before-return-request /return/parcels/0/received_at",
    ];
    assert_eq!(wrong("outbound_waybill_as_return"), of_the_way_there);
}

fn held(case: &Value, now: &str) -> Vec<Hold> {
    let given = Given { case: read(case, t(now)).unwrap(), now: t(now), change: |_| {} };
    decide(&given.case, &given.judged_by(), given.now).holds
}

/// Two orders, one policy: both claims are on one account, which pays once. So are two requests for one piece, and what a
/// line gave back in thirds.
#[test]
fn what_pays_once_is_one_account() {
    let orders = file("two_claims_one_policy");
    let policies: Vec<Hold> = orders
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|case| held(case, "2026-03-10 12:00"))
        .filter(|hold| matches!(hold.account, Account::Policy { .. }))
        .collect();
    assert_eq!(policies.len(), 2);
    assert_eq!((&policies[0], policies[0].limit_fen), (&policies[1], 1));
    let piece = held(&file("line_twice"), "2026-03-01 11:00");
    let pieces = piece.iter().find(|hold| matches!(hold.account, Account::Pieces { .. })).unwrap();
    assert_eq!((pieces.account.name().as_str(), pieces.amount_fen, pieces.limit_fen), ("pieces/O.2/A", 1, 1));
    let whole = held(&file("rounding_last_line"), "2026-11-26 20:00");
    let line = whole.iter().find(|hold| matches!(hold.account, Account::Line { .. })).unwrap();
    assert_eq!((line.amount_fen, line.limit_fen), (100, 100));
}
