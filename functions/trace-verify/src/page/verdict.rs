//! The page of a verdict. A recall or withdrawal and what to do about it stand before everything else.

use maud::{Markup, Render, html};
use shared::china_time;
use shared::lang::Lang;

use super::report;
use super::shell::{self, day, instant, row};
use crate::answer::{Answer, Evidence, Notice, Scanned, Scans, Signed};
use crate::outcome::Gravity;
use crate::policy::{Text, Words, texts as msg};
use crate::record::{Inspection, Photo, Record};

/// The page of an answer. `path` is the page's own; `cookie_days`: how long its
/// cookie is kept, if one is.
pub fn verdict(answer: &Answer<'_>, words: Words<'_>, path: &str, cookie_days: Option<i64>) -> Vec<u8> {
    let record = answer.record.as_ref();
    let main = html! {
        (banner(answer, words, path))
        (shell::official_host(answer.official_host, words))
        @if let Some(scans) = &answer.scans { (history(scans, words)) }
        @if let Some(record) = record {
            (product(record.document, words))
            (inspection(record, words))
            (photos(&record.document.photos, words))
        }
        (code(&answer.code, words))
        @if !answer.evidence.is_empty() { (evidence(&answer.evidence, words)) }
        (report::form(&answer.code.digital_link, words))
    };
    let footer = html! {
        p { (words.get(msg::PAGE_FOOTER)) }
        p { (words.get(msg::PAGE_PRIVACY)) }
        @if let Some(days) = cookie_days.filter(|_| answer.scans.is_some()) {
            p { (words.fill(msg::PAGE_COOKIE, &[("days", &days.to_string())])) }
        }
        p { (words.get(msg::PAGE_TIMES)) }
        dl {
            (row(words.get(msg::PAGE_CHECKED_AT), instant(answer.checked_at, words)))
            (row(words.get(msg::PAGE_DECISION), Mono(&answer.decision_id)))
        }
    };
    shell::page(words, answer.title, Some(path), &main, &footer)
}

/// What is typed off or compared digit by digit.
struct Mono<'a>(&'a str);

impl Render for Mono<'_> {
    fn render(&self) -> Markup {
        html! { span.mono { (self.0) } }
    }
}

fn banner(answer: &Answer<'_>, words: Words<'_>, path: &str) -> Markup {
    let gravity = answer.gravity();
    let (class, word) = match gravity {
        Gravity::Good => ("good", msg::GRAVITY_GOOD),
        Gravity::Caution => ("caution", msg::GRAVITY_CAUTION),
        Gravity::Danger => ("danger", msg::GRAVITY_DANGER),
        Gravity::Unknown => ("unknown", msg::GRAVITY_UNKNOWN),
    };
    let alert = answer.notice.as_ref().map(|_| "alert");
    html! {
        section
            class={ "verdict " (class) }
            role=[alert]
            aria-labelledby="verdict"
            data-outcome=(answer.outcome.code())
        {
            p.sign { (sign(gravity)) (words.get(word)) }
            h1 #verdict { (answer.title) }
            p { (answer.summary) }
            @if let Some(notice) = &answer.notice { (notice_of(notice, words)) }
            @if !answer.reasons.is_empty() {
                p.reasons { strong { (words.get(msg::PAGE_REASONS)) } }
                ul { @for reason in &answer.reasons { li { (reason.message) } } }
            }
            @if answer.reasons.iter().any(|reason| reason.code == "unconfirmed") { (confirm(words, path)) }
            @if gravity == Gravity::Danger { a.go href="#report" { (words.get(msg::PAGE_REPORT)) } }
        }
    }
}

/// What a shopper taps whom another site's page led here; nothing else makes such a visit a scan.
fn confirm(words: Words<'_>, path: &str) -> Markup {
    html! {
        form method="post" action={ (path) "?lang=" (words.lang.param()) } {
            button { (words.get(msg::PAGE_CONFIRM)) }
        }
    }
}

/// What the summary does not say of a notice; the summary gives its reason.
fn notice_of(notice: &Notice<'_>, words: Words<'_>) -> Markup {
    html! {
        @if let Some(advice) = notice.advice {
            h2 { (words.get(msg::PAGE_ADVICE)) }
            p.advice { (advice) }
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

fn history(scans: &Scans, words: Words<'_>) -> Markup {
    let place = [scans.first_city.as_deref(), scans.first_country.as_deref().map(|code| country(code, words.lang))];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    html! {
        section aria-labelledby="scans" {
            h2 #scans { (words.get(msg::PAGE_SCANS)) }
            dl {
                @if let Some(first) = scans.first_at {
                    (row(words.get(msg::PAGE_FIRST_SCAN), instant(first, words)))
                }
                @if !place.is_empty() {
                    (row(words.get(msg::PAGE_FIRST_PLACE), place.join(words.lang.pick("，", ", "))))
                }
                (row(words.get(msg::PAGE_DEVICES), scans.count))
                @if scans.places > 0 { (row(words.get(msg::PAGE_PLACES), scans.places)) }
            }
            @if scans.first_by_this_device && scans.recognised_by != Some("likeness") { p.soft { (words.get(msg::PAGE_FIRST_BY_THIS_DEVICE)) } }
        }
    }
}

/// The one country that nearly every scan comes from has its name; the others keep their code.
fn country(code: &str, lang: Lang) -> &str {
    if code == "CN" { lang.pick("中国", "China") } else { code }
}

fn product(record: &Record, words: Words<'_>) -> Markup {
    let product = &record.product;
    let further = [
        (msg::PAGE_CATEGORY, product.category.as_ref()),
        (msg::PAGE_ORIGIN, product.origin.as_ref()),
        (msg::PAGE_SPECIFICATION, product.specification.as_ref()),
        (msg::PAGE_SELLER, record.seller.as_ref()),
    ];
    html! {
        section aria-labelledby="product" {
            h2 #product { (words.get(msg::PAGE_PRODUCT)) }
            dl {
                (row(words.get(msg::PAGE_NAME), product.name.get(words.lang)))
                (row(words.get(msg::PAGE_PRODUCT_BRAND), product.brand.get(words.lang)))
                @for (label, text) in further {
                    @if let Some(text) = text { (row(words.get(label), text.get(words.lang))) }
                }
            }
        }
    }
}

fn inspection(signed: &Signed<'_>, words: Words<'_>) -> Markup {
    let inspection = &signed.document.inspection;
    let base = match &inspection.base.city {
        Some(city) => {
            format!("{}{}{}", inspection.base.name.get(words.lang), words.lang.pick("，", ", "), city.get(words.lang))
        }
        None => inspection.base.name.get(words.lang).to_owned(),
    };
    html! {
        section aria-labelledby="inspection" {
            h2 #inspection { (words.get(msg::PAGE_INSPECTION)) }
            dl {
                (row(words.get(msg::PAGE_BODY), inspection.body.get(words.lang)))
                @if !inspection.accreditations.is_empty() {
                    (row(words.get(msg::PAGE_ACCREDITATIONS), lines(&inspection.accreditations)))
                }
                (row(words.get(msg::PAGE_CERTIFICATE), certificate(inspection, words)))
                @if let Some(conclusion) = &inspection.conclusion {
                    (row(words.get(msg::PAGE_CONCLUSION), conclusion.get(words.lang)))
                }
                (row(words.get(msg::PAGE_INSPECTED_ON), day(&inspection.inspected_on)))
                (row(words.get(msg::PAGE_VALID_UNTIL), validity(signed, words)))
                (row(words.get(msg::PAGE_METHOD), inspection.method.get(words.lang)))
                @if !inspection.standards.is_empty() {
                    (row(words.get(msg::PAGE_STANDARDS), lines(&inspection.standards)))
                }
                (row(words.get(msg::PAGE_BASE), base))
            }
            (results(inspection, words))
        }
    }
}

/// References, each kept on a line of its own as far as it fits.
fn lines(items: &[String]) -> Markup {
    html! { @for (at, item) in items.iter().enumerate() { @if at > 0 { br; } (item) } }
}

fn certificate(inspection: &Inspection, words: Words<'_>) -> Markup {
    let link = inspection.certificate_url.as_deref().and_then(|url| Some((url, url.strip_prefix("https://")?)));
    html! {
        (Mono(&inspection.certificate))
        @if let Some((url, rest)) = link {
            br;
            a.out href=(url) rel="external noopener noreferrer" {
                (words.get(msg::PAGE_CERTIFICATE_LINK)) " (" (rest.split(['/', '?', '#']).next().unwrap_or(rest)) ")"
            }
        }
    }
}

fn validity(signed: &Signed<'_>, words: Words<'_>) -> Markup {
    match signed.document.valid_until {
        None => html! { (words.get(msg::PAGE_NO_EXPIRY)) },
        Some(end) => {
            let date = china_time::date(end);
            html! {
                @if signed.expired {
                    strong { (words.fill(msg::PAGE_EXPIRED, &[("date", &date)])) }
                } @else {
                    (day(&date))
                }
            }
        }
    }
}

fn results(inspection: &Inspection, words: Words<'_>) -> Markup {
    html! {
        @if !inspection.results.is_empty() {
            table {
                caption { (words.get(msg::PAGE_RESULTS)) }
                thead {
                    tr {
                        th scope="col" { (words.get(msg::PAGE_RESULT_ITEM)) }
                        th scope="col" { (words.get(msg::PAGE_RESULT_VALUE)) }
                    }
                }
                tbody {
                    @for result in &inspection.results {
                        tr {
                            th scope="row" { (result.name.get(words.lang)) }
                            td { (result.value) @if let Some(unit) = &result.unit { " " (unit) } }
                        }
                    }
                }
            }
        }
    }
}

fn photos(photos: &[Photo], words: Words<'_>) -> Markup {
    html! {
        @if !photos.is_empty() {
            section aria-labelledby="photos" {
                h2 #photos { (words.get(msg::PAGE_PHOTOS)) }
                ul.photos {
                    @for photo in photos {
                        li {
                            a href={ "/photo/" (photo.sha256) } {
                                img src={ "/photo/" (photo.sha256) } alt=(photo.alt.get(words.lang)) loading="lazy";
                            }
                        }
                    }
                }
            }
        }
    }
}

fn code(code: &Scanned, words: Words<'_>) -> Markup {
    html! {
        section aria-labelledby="code" {
            h2 #code { (words.get(msg::PAGE_CODE)) }
            dl {
                @if let Some(elements) = &code.element_string {
                    (row(words.get(msg::PAGE_ELEMENT_STRING), Mono(elements)))
                }
                (row(words.get(msg::PAGE_DIGITAL_LINK), Mono(&code.digital_link)))
                @if let Some(batch) = &code.batch { (row(words.get(msg::PAGE_BATCH), Mono(batch))) }
            }
        }
    }
}

fn evidence(evidence: &[Evidence<'_>], words: Words<'_>) -> Markup {
    html! {
        section aria-labelledby="evidence" {
            h2 #evidence { (words.get(msg::PAGE_EVIDENCE)) }
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

fn colon(words: Words<'_>) -> &'static str {
    words.lang.pick("：", ": ")
}
