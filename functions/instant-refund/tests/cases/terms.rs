//! Everything that is open ends: requests that come, or come back, long after what they are about.

use instant_refund::case::{Cause::*, RequestKind::*};
use instant_refund::decide;
use instant_refund::decision::Outcome;
use instant_refund::policy::Rules;

use crate::given::{Row, order, returned, t};
use crate::ways::exchange;

const SILENCE: &str = "1688 jstk [S]: silence is consent; for how long after the goods came: none found";
const ART_24: &str =
    "Consumer Rights Law art. 24: seven days to return, exchange and repair after them; the merchant bears freight";
const FIXED: &str = "WeChat shop, freight insurance [P]: self-mail a fixed CNY 10, claimed after the return arrives";

pub fn rows() -> Vec<Row> {
    // Signed for on 5 March 2025; 90 days later is 3 June.
    let long_after = |at: &str| returned().ask(RefundOnly, QualityFault, at);
    vec![
        (
            "the last instant at which silence is consent",
            SILENCE,
            long_after("06-03 15:00").now("06-05 15:00"),
            "approved: BOTH; why merchant_silent",
        ),
        (
            "long after the goods came, the merchant is asked",
            SILENCE,
            long_after("06-03 15:00:00.001"),
            "waiting merchant_answer 06-05 15:00:00.001: BOTH; why long_after_asks_merchant",
        ),
        (
            "a shop that is gone has agreed to nothing, years later",
            SILENCE,
            long_after("2028-03-05 15:00").now("2028-03-07 15:00"),
            "declined; why silence_no_longer_consent, !merchant_silent",
        ),
        (
            "long after the goods came, the merchant agrees",
            SILENCE,
            long_after("2026-03-05 15:00").accepted("2026-03-06 15:00").now("2026-03-06 15:00"),
            "approved: BOTH; why merchant_accepted",
        ),
        (
            "faulty goods exchanged ten months later ask the merchant first",
            ART_24,
            returned().ask(Exchange, QualityFault, "2026-01-06 09:30"),
            "waiting merchant_answer 2026-01-08 09:30: ; why beyond_fault_days_asks_merchant",
        ),
        (
            "faulty goods exchanged ten months later, a silent merchant",
            ART_24,
            returned()
                .ask(Exchange, QualityFault, "2026-01-06 09:30")
                .mails("SF1001")
                .scanned("2026-01-07 12:00")
                .received("2026-01-09 12:00")
                .now("2026-01-09 12:00"),
            "declined; why beyond_seven_days_needs_people, !merchant_bears_freight",
        ),
        (
            "faulty goods exchanged ten months later, the merchant agrees",
            ART_24,
            returned()
                .ask(Exchange, QualityFault, "2026-01-06 09:30")
                .accepted("2026-01-06 10:00")
                .mails("SF1001")
                .scanned("2026-01-07 12:00")
                .now("2026-01-07 12:00"),
            "approved: back merchant 800; why merchant_accepted, merchant_bears_freight",
        ),
        (
            "exchanged without a reason ten months later",
            FIXED,
            exchange().ask(Exchange, NoReason, "2026-01-06 09:30"),
            "declined; why seven_day_passed",
        ),
        (
            "what is exchanged is posted in time, whoever pays",
            FIXED,
            exchange().mails("SF1001").scanned("03-13 09:30:00.001").received("03-15 12:00").now("03-15 12:00"),
            "declined; why return_not_posted",
        ),
        (
            "what arrived without a scan was posted in time if it came in time",
            FIXED,
            exchange().mails("SF1001").received("03-15 12:00").now("03-15 12:00"),
            "approved: back insurer 1000; why insurance_pays_fixed",
        ),
    ]
}

/// A request that is brought late is for people; one that has waited here is not late by that.
#[test]
fn a_request_is_brought_in_time() {
    let rules = Rules::bundled();
    let given = order();
    let last = t("03-03 10:30") + 180 * 86_400_000;
    let brought = |now| decide::brought(&rules, &given.case, now);
    assert_eq!(brought(last).outcome, Outcome::Approved, "silence is consent");
    let late = brought(last + 1);
    assert_eq!((late.outcome, late.reasons.len(), late.holds.len()), (Outcome::Declined, 1, 0));
    assert_eq!(late.reasons[0].code, "request_too_old");
    assert_eq!(decide::by(&rules, &given.case, last + 1).outcome, Outcome::Approved, "we are late, not the buyer");
    let declined = order().ask(RefundOnly, NoReason, "03-03 10:30").rejected("03-03 10:31");
    assert_eq!(decide::brought(&rules, &declined.case, last + 1).reasons[0].code, "merchant_rejected");
}

/// What was decided before there were terms goes on without.
#[test]
fn what_was_promised_before_is_kept() {
    let pack = shared::policy::Pack::bundled(&instant_refund::policy::BUNDLED);
    let given = returned().ask(RefundOnly, QualityFault, "2028-03-05 15:00").now("2028-03-07 15:00");
    for former in ["07e4c5207988584beb990f099b1af56b", "c965ca162be22aaa57d52b22302cf528"] {
        let decision = decide::by(&Rules::of_decision(&pack, former), &given.case, given.now);
        assert_eq!((decision.outcome, &*decision.policy), (Outcome::Approved, former));
    }
    let decision = decide::by(&Rules::of_decision(&pack, pack.digest()), &given.case, given.now);
    assert_eq!(decision.outcome, Outcome::Declined);
}
