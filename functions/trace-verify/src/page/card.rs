//! The card that stands before everything else: the verdict with the product's photo, name and brand, and what to do about a
//! recall. It is what fits a phone's first screen.

use maud::{Markup, html};

use super::Mono;
use super::shell::{instant, row};
use crate::answer::{Answer, Notice, Reason};
use crate::outcome::{Gravity, Outcome};
use crate::policy::{Words, texts as msg};

/// How wide name and brand are that just fit beside the photo.
const LONG: usize = 70;

/// The card. `path` is the page's own.
pub(super) fn card(answer: &Answer<'_>, words: Words<'_>, path: &str) -> Markup {
    let gravity = answer.gravity();
    let (class, word) = match gravity {
        Gravity::Good => ("good", msg::GRAVITY_GOOD),
        Gravity::Caution => ("caution", msg::GRAVITY_CAUTION),
        Gravity::Danger => ("danger", msg::GRAVITY_DANGER),
        Gravity::Unknown => ("unknown", msg::GRAVITY_UNKNOWN),
    };
    let alert = answer.notice.as_ref().map(|_| "alert");
    // A notice's reason is in the summary already.
    let told = |reason: &&Reason<'_>| answer.notice.is_none() || !answer.summary.contains(&*reason.message);
    let reasons: Vec<&Reason<'_>> = answer.reasons.iter().filter(told).collect();
    html! {
        section
            class={ "verdict " (class) }
            role=[alert]
            aria-labelledby="verdict"
            data-outcome=(answer.outcome.code())
        {
            p.sign { (sign(gravity)) (words.get(word)) }
            h1 #verdict { (answer.title) }
            (piece(answer, words))
            p { (answer.summary) }
            @if let Some(notice) = &answer.notice { (notice_of(notice, words)) }
            @if !reasons.is_empty() {
                p.reasons { strong { (words.get(msg::PAGE_REASONS)) } }
                ul { @for reason in reasons { li { (reason.message) } } }
            }
            @if answer.reasons.iter().any(|reason| reason.code == "unconfirmed") { (confirm(words, path)) }
            @if gravity == Gravity::Danger || answer.outcome == Outcome::SuspectedClone { a.go href="#report" { (words.get(msg::PAGE_REPORT)) } }
        }
    }
}

/// What the code was issued for: by the record that holds, else by what a notice says, else by what is on the label.
fn piece(answer: &Answer<'_>, words: Words<'_>) -> Markup {
    let lang = words.lang;
    if let Some(record) = &answer.record {
        let product = &record.document.product;
        let (name, brand) = (product.name.get(lang), product.brand.get(lang));
        return html! {
            div.piece.long[is_long(&[name, brand])] {
                @if let Some(photo) = record.document.photos.first() {
                    a href={ "/photo/" (photo.sha256) } {
                        img src={ "/photo/" (photo.sha256) } alt=(photo.alt.get(lang)) width="96" height="96";
                    }
                }
                p { strong.name { (name) } br; (brand) }
            }
        };
    }
    let Some(notice) = &answer.notice else { return Markup::default() };
    html! {
        @match (notice.product_name, &answer.code.element_string) {
            (Some(name), _) => div.piece.long[is_long(&[name])] { p { strong.name { (name) } } },
            (None, Some(elements)) => div.piece { p { (Mono(elements)) } },
            (None, None) => {}
        }
    }
}

/// Whether names take more lines than the photo beside them: they then go on under it, so that all of them, and what to do,
/// stay on a phone's first screen. A character that is not ASCII is as wide as two that are.
fn is_long(names: &[&str]) -> bool {
    let width = |name: &&str| name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    names.iter().map(width).sum::<usize>() > LONG
}

/// What a shopper taps whom another site's page led here; nothing else makes such a visit a scan.
fn confirm(words: Words<'_>, path: &str) -> Markup {
    html! {
        form method="post" action={ (path) "?lang=" (words.lang.param()) } {
            button { (words.get(msg::PAGE_CONFIRM)) }
        }
    }
}

/// What to do, whom to call, where to give the product back, and whose notice it is; the summary gives its reason.
fn notice_of(notice: &Notice<'_>, words: Words<'_>) -> Markup {
    let host = |url: &str| {
        let rest = url.strip_prefix("https://")?;
        Some(rest.split(['/', '?', '#']).next().unwrap_or(rest).to_owned())
    };
    let giving_back = notice.return_url.and_then(|url| Some((url, host(url)?)));
    html! {
        @if let Some(advice) = notice.advice {
            h2 { (words.get(msg::PAGE_ADVICE)) }
            p.advice { (advice) }
        }
        @if let Some(telephone) = notice.telephone {
            a.go href={ "tel:" (dialled(telephone)) } { (words.fill(msg::PAGE_CALL, &[("telephone", telephone)])) }
        }
        @if let Some((url, host)) = giving_back {
            a.go href=(url) rel="external noopener noreferrer" { (words.get(msg::PAGE_RETURN)) " (" (host) ")" }
        }
        dl {
            (row(words.get(msg::PAGE_NOTICE_BY), notice.by))
            (row(words.get(msg::PAGE_NOTICE_AT), instant(notice.issued_at, words)))
            @if let Some(reference) = notice.reference {
                (row(words.get(msg::PAGE_REFERENCE), Mono(reference)))
            }
        }
    }
}

/// A number without what only people need in it (RFC 3966 §5.1.1).
fn dialled(telephone: &str) -> String {
    telephone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

/// A sign for each gravity, recognisable by its outline: disc, triangle, octagon, dashed disc. The word beside it says
/// the same, so that it is hidden from screen readers.
fn sign(gravity: Gravity) -> Markup {
    html! {
        svg viewBox="0 0 24 24" width="32" height="32" aria-hidden="true" {
            @match gravity {
                Gravity::Good => { circle cx="12" cy="12" r="10" {} path d="m7.5 12.5 3 3 6-6.5" {} }
                Gravity::Caution => { path d="M12 3 1.8 21h20.4zM12 10v5M12 18v.01" {} }
                Gravity::Danger => { path d="M8 2h8l6 6v8l-6 6H8l-6-6V8zM9 9l6 6M15 9l-6 6" {} }
                Gravity::Unknown => {
                    circle cx="12" cy="12" r="10" stroke-dasharray="3 3.3" {}
                    path d="M9 9.5a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.1-1.5 2.2M12 17.5v.01" {}
                }
            }
        }
    }
}
