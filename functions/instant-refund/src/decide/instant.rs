//! Instant refund: whether the platform trusts this buyer with this amount before anyone else has spoken. All or nothing:
//! an amount over a cap is not paid in part.

use super::article;
use super::facts::{Facts, int, word};
use crate::case::Restriction;
use crate::decision::LegKind;
use crate::tables::InstantCap;

const LEG: Option<LegKind> = Some(LegKind::GoodsRefund);

/// The caps of the buyer's level if the amount stays within them and within the quota. Otherwise every reason why not.
pub fn trusted<'p>(facts: &mut Facts<'p>, amount_fen: i64) -> Option<InstantCap<'p>> {
    let (buyer, paid_at) = (&facts.case.buyer, facts.case.order.paid_at);
    let cap = facts.policy.rules.tables.instant_cap(buyer.level, paid_at).filter(|cap| cap.cap_fen > 0);
    let mut trusted = true;
    let mut refuse = |code, inputs| {
        trusted = false;
        facts.say(code, LEG, article::INSTANT, inputs);
    };
    if let Some(restriction) = buyer.restriction {
        refuse("instant_restricted", vec![word("restriction", restriction_name(restriction))]);
    }
    let Some(cap) = cap else {
        refuse("instant_level", vec![int("level", buyer.level)]);
        return None;
    };
    if amount_fen > cap.cap_fen {
        refuse("instant_over_cap", vec![int("amount_fen", amount_fen), int("cap_fen", cap.cap_fen)]);
    }
    if amount_fen > buyer.quota_fen {
        refuse("instant_over_quota", vec![int("amount_fen", amount_fen), int("quota_fen", buyer.quota_fen)]);
    }
    if buyer.instant_refunds_last_year >= cap.per_year {
        let inputs = vec![int("count", buyer.instant_refunds_last_year), int("limit", cap.per_year)];
        refuse("instant_count_reached", inputs);
    }
    trusted.then_some(cap)
}

/// The name of a restriction, as in JSON.
pub fn restriction_name(restriction: Restriction) -> &'static str {
    match restriction {
        Restriction::AbnormalClaims => "abnormal_claims",
        Restriction::SecurityHold => "security_hold",
    }
}
