//! How we know: one sentence, and folded behind it the proofs with their keys and limits, and the numbers.

use maud::{Markup, html};
use shared::china_time;

use super::Mono;
use super::shell::{colon, day, row};
use crate::answer::{Answer, Covers, Evidence};
use crate::outcome::Outcome;
use crate::policy::{Text, Words, texts as msg};

pub(super) fn known(answer: &Answer<'_>, words: Words<'_>) -> Markup {
    html! {
        section aria-labelledby="known" {
            h2 #known { (words.get(msg::PAGE_EVIDENCE)) }
            p { (words.get(sentence(answer))) }
            details {
                summary { (words.get(msg::PAGE_PROOFS)) }
                @if !answer.evidence.is_empty() { (evidence(&answer.evidence, words)) }
                dl {
                    @if let Some(elements) = &answer.code.element_string {
                        (row(words.get(msg::PAGE_ELEMENT_STRING), Mono(elements)))
                    }
                    (row(words.get(msg::PAGE_DIGITAL_LINK), Mono(&answer.code.digital_link)))
                    @if let Some(batch) = &answer.code.batch { (row(words.get(msg::PAGE_BATCH), Mono(batch))) }
                    (row(words.get(msg::PAGE_DECISION), Mono(&answer.decision_id)))
                }
            }
        }
    }
}

/// Only where everything was checked, everything is named.
fn sentence(answer: &Answer<'_>) -> Text {
    match (&answer.record, answer.outcome) {
        (_, Outcome::BadCode) => msg::PAGE_KNOWN_NOTHING,
        (Some(record), outcome) if outcome.rests_on_record() => match record.covers {
            Covers::Piece => msg::PAGE_KNOWN_PIECE,
            Covers::Batch => msg::PAGE_KNOWN_BATCH,
        },
        _ => msg::PAGE_KNOWN_PART,
    }
}

fn evidence(evidence: &[Evidence<'_>], words: Words<'_>) -> Markup {
    html! {
        ul.proofs {
            @for claim in evidence {
                li data-proof=(claim.proof) {
                    p.yes { (claim.proves) }
                    p.no { (claim.does_not_prove) }
                    p.soft {
                        (words.get(msg::PAGE_PROVED_BY)) (colon(words))
                        (claim.by.unwrap_or(words.get(msg::PAGE_OWN_KEY)))
                        (words.lang.pick("，", ", "))
                        (words.fill(msg::PAGE_KEY_ID, &[("kid", claim.kid)]))
                        br;
                        (dated(claim, words))
                    }
                }
            }
        }
    }
}

fn dated(claim: &Evidence<'_>, words: Words<'_>) -> Markup {
    html! {
        @match claim.signed_at {
            None => { (words.get(msg::PAGE_UNDATED)) }
            Some(at) => {
                (words.get(msg::PAGE_SIGNED_ON)) (colon(words)) (day(&china_time::date(at)))
                @if let Some(days) = claim.age_days {
                    (words.lang.pick("，", ", ")) (words.fill(age(days), &[("days", &days.to_string())]))
                }
            }
        }
    }
}

fn age(days: i64) -> Text {
    match days {
        ..=0 => msg::PAGE_AGE_TODAY,
        1 => msg::PAGE_AGE_ONE,
        _ => msg::PAGE_AGE,
    }
}
