//! STUB.
use crate::case::Case;
use crate::decision::*;
use crate::policy::Policy;
pub fn decide(case: &Case, _: &Policy, _now: i64) -> Decision {
    let fen: i64 = case.request.lines.iter().map(|l| l.amount_fen).sum();
    let legs = vec![Leg {
        kind: LegKind::GoodsRefund,
        payer: Payer::Merchant,
        route: Route::Gateway,
        amount_fen: fen,
        rule: "stub".into(),
        article: "".into(),
        inputs: vec![],
    }];
    Decision {
        outcome: Outcome::Approved,
        total_fen: fen,
        legs,
        reasons: vec![],
        waiting: None,
        holds: vec![Hold {
            account: Account::Payment { payment: case.order.payment.transaction_id.clone() },
            amount_fen: fen,
            limit_fen: case.order.payment.paid_fen,
            pinned: true,
        }],
        follow_up: FollowUp::default(),
        policy: "stub".into(),
    }
}
pub fn advance(d: &Decision, _: &Case, _: &Policy, _now: i64) -> Decision {
    d.clone()
}
