//! The protection fund: what a merchant should pay and cannot is advanced, within limits, with recourse (E-Commerce Law
//! art. 58, Consumer Rights Law art. 44). All or nothing: half a decision is none.

use super::article;
use super::facts::{days_after, int, word};
use crate::case::{Case, MerchantFunds};
use crate::decision::{Account, Decision, FollowUp, Hold, Outcome, Payer, Reason};
use crate::policy::Policy;

/// The decision if the merchant's balance turns out to be short: an approved decision with the merchant's legs borne by
/// the fund. One without such legs, or not approved, comes back as it is. Beyond the fund's limit it is declined, with no
/// legs: what was paid of it in the meantime stays paid.
pub fn advance(decision: &Decision, case: &Case, policy: &Policy<'_>, now_ms: i64) -> Decision {
    let mut decision = decision.clone();
    if decision.outcome == Outcome::Approved {
        let how = if case.merchant.funds == MerchantFunds::Unreachable { "unreachable" } else { "short" };
        cover_as(how, &mut decision, case, policy, now_ms);
    }
    decision
}

/// Advances what the merchant is known not to be able to pay.
pub fn cover(decision: &mut Decision, case: &Case, policy: &Policy<'_>, now_ms: i64) {
    match case.merchant.funds {
        MerchantFunds::Sufficient => {}
        MerchantFunds::Short => cover_as("short", decision, case, policy, now_ms),
        MerchantFunds::Unreachable => cover_as("unreachable", decision, case, policy, now_ms),
    }
}

fn cover_as(how: &'static str, decision: &mut Decision, case: &Case, policy: &Policy<'_>, now_ms: i64) {
    let borne = decision.legs.iter_mut().filter(|leg| leg.payer == Payer::Merchant);
    let mut amount_fen = 0i64;
    let mut first = None;
    for leg in borne {
        leg.payer = Payer::ProtectionFund;
        amount_fen = amount_fen.saturating_add(leg.amount_fen);
        first = first.or(Some(leg.kind));
    }
    if amount_fen == 0 {
        return;
    }
    let merchant_limit = merchant_limit(case, policy);
    let limit_fen = merchant_limit.min(policy.fund.total_limit_fen);
    let article = if how == "unreachable" { article::PLATFORM } else { article::ADVANCE };
    let mut say = |code: &'static str, inputs| {
        decision.reasons.push(Reason { code: code.into(), leg: first, article: article.into(), inputs });
    };
    // Of a waiting decision the limit is looked at when it comes to paying.
    if decision.outcome == Outcome::Approved && amount_fen > limit_fen {
        say("fund_limit_exceeded", vec![int("amount_fen", amount_fen), int("limit_fen", limit_fen)]);
        decision.outcome = Outcome::Declined;
        decision.legs.clear();
        decision.holds.clear();
        decision.total_fen = 0;
        decision.waiting = None;
        decision.follow_up = FollowUp::default();
        return;
    }
    let recourse_until = days_after(now_ms, policy.fund.recourse_days);
    say(
        "fund_advances",
        vec![word("funds", how), int("amount_fen", amount_fen), int("recourse_until", recourse_until)],
    );
    if decision.outcome == Outcome::Approved {
        let account = Account::FundMerchant { merchant: case.merchant.merchant_id.clone() };
        decision.holds.push(Hold { account, amount_fen, limit_fen: merchant_limit, pinned: false });
        let limit_fen = policy.fund.total_limit_fen;
        decision.holds.push(Hold { account: Account::Fund, amount_fen, limit_fen, pinned: false });
        decision.follow_up.recourse_until = Some(recourse_until);
    }
}

/// The most that is advanced for one merchant: its deposit and a little beyond, under a ceiling.
fn merchant_limit(case: &Case, policy: &Policy<'_>) -> i64 {
    case.merchant.deposit_fen.saturating_add(policy.fund.unsecured_fen).min(policy.fund.merchant_limit_fen)
}
