//! Figures that are no tables: those in force at one instant, typed.

use shared::policy::Map;

use super::Rules;

include!(concat!(env!("OUT_DIR"), "/figures.rs"));

/// A figure that the code asks for.
pub(super) struct Figure {
    /// Its section.
    pub section: &'static str,
    /// Its name in it.
    pub name: &'static str,
    /// The least and the most of a number.
    pub range: Option<(i64, i64)>,
}

/// What one order is judged by: the figures in force when it was paid, and the rules that they are of.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'p> {
    /// The rules. Their tables are looked up by the same instant.
    pub rules: Rules<'p>,
    /// Freight insurance.
    pub freight_insurance: FreightInsurance<'p>,
    /// Instant refund.
    pub instant_refund: InstantRefund,
    /// Deadlines of the merchant.
    pub merchant: MerchantDeadlines,
    /// Return parcels.
    pub returns: Returns,
    /// Terms of the law.
    pub law: Law,
    /// Protection fund.
    pub fund: Fund,
    /// When what is open ends.
    pub terms: Terms,
}

impl<'p> Policy<'p> {
    pub(super) fn read(rules: Rules<'p>, figures: Map<'p>, at_ms: i64) -> Policy<'p> {
        Policy {
            rules,
            freight_insurance: in_force(figures, at_ms),
            instant_refund: in_force(figures, at_ms),
            merchant: in_force(figures, at_ms),
            returns: in_force(figures, at_ms),
            law: in_force(figures, at_ms),
            fund: in_force(figures, at_ms),
            terms: in_force(if rules.knows_terms { figures } else { Map::EMPTY }, at_ms),
        }
    }
}

fn in_force<'p, S: Section<'p>>(figures: Map<'p>, at_ms: i64) -> S {
    let number = figures.ints(S::NAME).take_while(|from| *from <= at_ms).count().saturating_sub(1);
    S::read(Edition { figures, section: S::NAME, number })
}

/// A section of figures. `build.rs` says how each is read.
trait Section<'p> {
    /// Its name.
    const NAME: &'static str;
    /// Of an edition.
    fn read(edition: Edition<'p>) -> Self;
}

/// One edition of a section.
#[derive(Clone, Copy)]
pub(super) struct Edition<'p> {
    figures: Map<'p>,
    section: &'static str,
    number: usize,
}

impl<'p> Edition<'p> {
    pub(super) fn of(figures: Map<'p>, section: &'static str, number: usize) -> Edition<'p> {
        Edition { figures, section, number }
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.section, self.number)
    }

    /// A number, if it is there.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.figures.int(&self.key(name))
    }

    /// Words, if they are there.
    pub(super) fn text(&self, name: &str) -> Option<&'p str> {
        self.figures.text(&self.key(name))
    }

    /// A number, within its range whatever the pack is.
    fn int(&self, name: &str, least: i64, most: i64) -> i64 {
        self.number(name).unwrap_or(least).clamp(least, most)
    }

    /// A number that a pack of before there was such a figure has without end.
    fn term(&self, name: &str, least: i64, most: i64) -> i64 {
        self.number(name).unwrap_or(most).clamp(least, most)
    }

    fn flag(&self, name: &str) -> bool {
        self.number(name).is_some_and(|value| value != 0)
    }

    fn codes(&self, name: &str) -> Codes<'p> {
        Codes(self.text(name).unwrap_or_default())
    }
}

/// A list of codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codes<'p>(
    /// One a line.
    pub &'p str,
);

impl Codes<'_> {
    /// Whether a code is among them.
    pub fn contains(&self, code: &str) -> bool {
        self.0.lines().any(|known| known == code)
    }
}

/// `[[freight_insurance]]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreightInsurance<'p> {
    /// The longest time from payment to insuring, hours (not calendar days).
    pub tolerance_hours: i64,
    /// The most that a door pickup deducts.
    pub pickup_cap_fen: i64,
    /// What a fixed policy pays for self-mail.
    pub self_mail_fixed_fen: i64,
    /// The most that a tariff policy pays for self-mail.
    pub self_mail_cap_fen: i64,
    /// Days from the event insured (handing over, arrival) within which the claim is called.
    pub claim_window_days: i64,
    /// Whether a self-mail claim waits for the arrival at the merchant.
    pub self_mail_after_receipt: bool,
    /// Categories without cover.
    pub excluded_categories: Codes<'p>,
}

/// `[[instant_refund]]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstantRefund {
    /// Hours from payment within which an unshipped order can be refunded at once.
    pub unshipped_window_hours: i64,
    /// Whether a first scan counts only with a label prepaid by the platform.
    pub prepaid_labels_only: bool,
    /// Days from the first scan within which the return must arrive; then the money is claimed back.
    pub claw_back_days: i64,
    /// Days from the refund within which the merchant may appeal.
    pub appeal_days: i64,
}

/// `[[merchant]]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MerchantDeadlines {
    /// When business begins, minutes of the day, China time.
    pub opens_minute: i64,
    /// When business ends, minutes of the day.
    pub closes_minute: i64,
    /// Minutes to answer a request made in business hours.
    pub reply_minutes: i64,
    /// Until when to answer any other: minutes of the next day.
    pub otherwise_minute: i64,
    /// Hours to answer a refund without return once something was shipped.
    pub shipped_reply_hours: i64,
    /// Days from the return's arrival to the refund.
    pub inspection_days: i64,
    /// Whether goods shipped after the request are refunded all the same.
    pub refund_forced_shipment: bool,
}

/// `[[returns]]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Returns {
    /// Days from the request to the first scan.
    pub posting_days: i64,
    /// Days from the first scan to the arrival.
    pub transit_days: i64,
    /// The most return freight that a merchant is charged for one parcel.
    pub freight_cap_fen: i64,
    /// Credit level from which the platform bears uninsured return freight; 11: never.
    pub platform_bears_from_level: i64,
}

/// `[[law]]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Law {
    /// Days of the right to return without a reason.
    pub no_reason_days: i64,
    /// Days of the right to return faulty goods.
    pub fault_days: i64,
}

/// `[[fund]]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fund {
    /// The most that is advanced for one merchant.
    pub merchant_limit_fen: i64,
    /// What is advanced for one merchant beyond its deposit.
    pub unsecured_fen: i64,
    /// The most that is advanced in all.
    pub total_limit_fen: i64,
    /// Days of recourse; then it has failed for good.
    pub recourse_days: i64,
}

/// `[[terms]]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Days from the request within which it is decided by itself; then it is for people.
    pub request_days: i64,
    /// Days from signing, else from shipment, within which a request without a return makes the merchant's silence consent.
    pub silence_days: i64,
    /// Days from the decision within which a gateway pays what it is asked for.
    pub gateway_days: i64,
    /// Days for getting back what a buyer owes.
    pub receivable_days: i64,
    /// Days from a merchant's appeal to the marketplace's decision.
    pub appeal_decision_days: i64,
    /// Days before the end of a table from which operators are told.
    pub table_notice_days: i64,
}
