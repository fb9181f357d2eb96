//! The bundled policy pack: the figures and texts of `policy/`, compiled to constants by `buildscript/policy.rs`.
//!
//! Each figure has a source in the pack, or says that it is an example; the build refuses one that does neither. Amounts
//! are fen, instants milliseconds since the epoch.

use std::borrow::Cow;

use shared::china_time;
use shared::lang::Lang;
pub use shared::lang::Message;
use shared::money::priced;

use crate::decision::{Input, Scalar};

pub use crate::tables::DIGEST;

include!(concat!(env!("OUT_DIR"), "/policy.rs"));
include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// The figures that one order is judged by. Its tables are in [`crate::tables`], looked up by the same instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// First half of the SHA-256 of the pack.
    pub digest: &'static str,
    /// Freight insurance.
    pub freight_insurance: FreightInsurance,
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
}

impl Policy {
    /// The editions in force at `at_ms`: give it the instant of payment. Before the first edition: the first.
    pub fn at(at_ms: i64) -> Policy {
        Policy {
            digest: DIGEST,
            freight_insurance: newest(FREIGHT_INSURANCE, at_ms),
            instant_refund: newest(INSTANT_REFUND, at_ms),
            merchant: newest(MERCHANT, at_ms),
            returns: newest(RETURNS, at_ms),
            law: newest(LAW, at_ms),
            fund: newest(FUND, at_ms),
        }
    }
}

/// One edition of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition<T> {
    /// From when it is in force.
    pub effective_from: i64,
    /// What it says.
    pub figures: T,
}

fn newest<T: Copy + Default>(editions: &[Edition<T>], at_ms: i64) -> T {
    let in_force = editions.iter().rev().find(|e| e.effective_from <= at_ms);
    // The build refuses a section without an edition.
    in_force.or(editions.first()).map_or_else(T::default, |e| e.figures)
}

/// `[[freight_insurance]]`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreightInsurance {
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
    pub excluded_categories: &'static [&'static str],
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

/// A section of texts: its name, and codes with their words, sorted.
pub type Section = (&'static str, &'static [(&'static str, Message)]);

/// The words of a code: of a reason (`reason`), of a leg, a payer, an outcome, an article, …
pub fn message(section: &str, code: &str) -> Option<Message> {
    let at = MESSAGES.binary_search_by(|(name, _)| (*name).cmp(section)).ok()?;
    let (_, texts) = MESSAGES.get(at)?;
    let at = texts.binary_search_by(|(name, _)| (*name).cmp(code)).ok()?;
    texts.get(at).map(|(_, message)| *message)
}

/// A text with its placeholders filled in: amounts in yuan, instants in China time, names in words. What is not among
/// the inputs stays out.
pub fn fill(message: Message, lang: Lang, inputs: &[Input]) -> Cow<'static, str> {
    message.fill_with(lang, |name| inputs.iter().find(|input| input.name == name).map(|input| shown(lang, input)))
}

/// An input as a person reads it, by the ending of its name: `_fen` an amount, `_at` and `until` an instant.
pub fn shown(lang: Lang, input: &Input) -> Cow<'_, str> {
    match &input.value {
        Scalar::Integer(value) if input.name.ends_with("_fen") => Cow::Owned(yuan(lang, *value)),
        Scalar::Integer(value) if input.name.ends_with("_at") || input.name.ends_with("until") => {
            Cow::Owned(china_time::minute(*value))
        }
        Scalar::Integer(value) => Cow::Owned(value.to_string()),
        Scalar::Text(text) => message(&input.name, text).map_or(Cow::Borrowed(text), |m| Cow::Borrowed(m.get(lang))),
    }
}

/// An amount as a person reads it.
pub fn yuan(lang: Lang, fen: i64) -> String {
    priced(lang.pick("¥", "CNY "), fen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_begins_at_midnight_in_china() {
        // 2024-01-01 00:00 China time.
        let midnight = 1_704_038_400_000;
        assert_eq!(Policy::at(midnight - 1).freight_insurance.self_mail_fixed_fen, 800);
        assert_eq!(Policy::at(midnight).freight_insurance.self_mail_fixed_fen, 1000);
        assert_eq!(Policy::at(0).freight_insurance.self_mail_fixed_fen, 800, "before the first edition: the first");
        assert_eq!(Policy::at(i64::MAX).law.no_reason_days, 7);
        assert_eq!(Policy::at(0).digest.len(), 32);
    }

    #[test]
    fn texts_are_found_by_section_and_code() {
        assert!(MESSAGES.is_sorted_by_key(|(name, _)| *name));
        assert!(MESSAGES.iter().all(|(_, texts)| texts.is_sorted_by_key(|(code, _)| *code)));
        assert!(message("outcome", "approved").is_some());
        assert!(message("outcome", "none").is_none() && message("none", "approved").is_none());
    }

    #[test]
    fn placeholders_are_filled_by_the_unit_in_their_name() {
        let input = |name: &'static str, value| Input { name: name.into(), value };
        let inputs = [
            input("cap_fen", Scalar::Integer(1234)),
            input("scan_at", Scalar::Integer(0)),
            input("payer", Scalar::Text("insurer".into())),
            input("waybill", Scalar::Text("{cap_fen}".into())),
            input("count", Scalar::Integer(3)),
        ];
        let message = Message { zh: "{cap_fen}|{scan_at}|{payer}", en: "{cap_fen}|{waybill}|{count}|{none}" };
        assert_eq!(fill(message, Lang::Zh, &inputs), "¥12.34|1970-01-01 08:00|保险公司");
        assert_eq!(fill(message, Lang::En, &inputs), "CNY 12.34|{cap_fen}|3|");
        assert_eq!(yuan(Lang::En, -5), "-CNY 0.05");
        assert_eq!(yuan(Lang::Zh, i64::MIN), "-¥92233720368547758.08");
    }
}
