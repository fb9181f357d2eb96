//! The page of a verdict. A recall or withdrawal and what to do about it stand before everything else.

use maud::{Markup, Render, html};
use shared::china_time;
use shared::lang::Lang;

use super::report;
use super::shell::{self, day, instant, row};
use crate::answer::{Answer, Evidence, Notice, Scanned, Scans, Signed};
use crate::outcome::Gravity;
use crate::policy::Message;
use crate::policy::messages as msg;
use crate::record::{Inspection, Photo, Record};

/// The page of an answer. `path` is the page's own.
pub fn verdict(answer: &Answer<'_>, lang: Lang, path: &str) -> Vec<u8> {
    let record = answer.record.as_ref();
    let main = html! {
        (banner(answer, lang))
        (shell::official_host(answer.official_host, lang))
        @if let Some(scans) = &answer.scans { (history(scans, lang)) }
        @if let Some(record) = record {
            (product(record.document, lang))
            (inspection(record, lang))
            (photos(&record.document.photos, lang))
        }
        (code(&answer.code, lang))
        @if !answer.evidence.is_empty() { (evidence(&answer.evidence, lang)) }
        (report::form(&answer.code.digital_link, lang))
    };
    let footer = html! {
        p { (msg::PAGE_FOOTER.get(lang)) }
        p { (msg::PAGE_PRIVACY.get(lang)) }
        p { (msg::PAGE_TIMES.get(lang)) }
        dl {
            (row(msg::PAGE_CHECKED_AT.get(lang), instant(answer.checked_at, lang)))
            (row(msg::PAGE_DECISION.get(lang), Mono(&answer.decision_id)))
        }
    };
    shell::page(lang, answer.title, Some(path), &main, &footer)
}

/// What is typed off or compared digit by digit.
struct Mono<'a>(&'a str);

impl Render for Mono<'_> {
    fn render(&self) -> Markup {
        html! { span.mono { (self.0) } }
    }
}

fn banner(answer: &Answer<'_>, lang: Lang) -> Markup {
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
            p.sign { (sign(gravity)) (word.get(lang)) }
            h1 #verdict { (answer.title) }
            p { (answer.summary) }
            @if let Some(notice) = &answer.notice { (notice_of(notice, lang)) }
            @if !answer.reasons.is_empty() {
                p.reasons { strong { (msg::PAGE_REASONS.get(lang)) } }
                ul { @for reason in &answer.reasons { li { (reason.message) } } }
            }
            @if gravity == Gravity::Danger { a.go href="#report" { (msg::PAGE_REPORT.get(lang)) } }
        }
    }
}

/// What the summary does not say of a notice; the summary gives its reason.
fn notice_of(notice: &Notice<'_>, lang: Lang) -> Markup {
    html! {
        @if let Some(advice) = notice.advice {
            h2 { (msg::PAGE_ADVICE.get(lang)) }
            p.advice { (advice) }
        }
        dl {
            (row(msg::PAGE_NOTICE_BY.get(lang), notice.by))
            (row(msg::PAGE_NOTICE_AT.get(lang), instant(notice.issued_at, lang)))
            @if let Some(reference) = notice.reference {
                (row(msg::PAGE_REFERENCE.get(lang), Mono(reference)))
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

fn history(scans: &Scans, lang: Lang) -> Markup {
    let place = [scans.first_city.as_deref(), scans.first_country.as_deref().map(|code| country(code, lang))];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    html! {
        section aria-labelledby="scans" {
            h2 #scans { (msg::PAGE_SCANS.get(lang)) }
            dl {
                @if let Some(first) = scans.first_at {
                    (row(msg::PAGE_FIRST_SCAN.get(lang), instant(first, lang)))
                }
                @if !place.is_empty() {
                    (row(msg::PAGE_FIRST_PLACE.get(lang), place.join(lang.pick("，", ", "))))
                }
                (row(msg::PAGE_DEVICES.get(lang), scans.count))
                @if scans.places > 0 { (row(msg::PAGE_PLACES.get(lang), scans.places)) }
            }
            @if scans.first_by_this_device { p.soft { (msg::PAGE_FIRST_BY_THIS_DEVICE.get(lang)) } }
        }
    }
}

/// The one country that nearly every scan comes from has its name; the others keep their code.
fn country(code: &str, lang: Lang) -> &str {
    if code == "CN" { lang.pick("中国", "China") } else { code }
}

fn product(record: &Record, lang: Lang) -> Markup {
    let product = &record.product;
    let further = [
        (msg::PAGE_CATEGORY, product.category.as_ref()),
        (msg::PAGE_ORIGIN, product.origin.as_ref()),
        (msg::PAGE_SPECIFICATION, product.specification.as_ref()),
        (msg::PAGE_SELLER, record.seller.as_ref()),
    ];
    html! {
        section aria-labelledby="product" {
            h2 #product { (msg::PAGE_PRODUCT.get(lang)) }
            dl {
                (row(msg::PAGE_NAME.get(lang), product.name.get(lang)))
                (row(msg::PAGE_PRODUCT_BRAND.get(lang), product.brand.get(lang)))
                @for (label, text) in further {
                    @if let Some(text) = text { (row(label.get(lang), text.get(lang))) }
                }
            }
        }
    }
}

fn inspection(signed: &Signed<'_>, lang: Lang) -> Markup {
    let inspection = &signed.document.inspection;
    let base = match &inspection.base.city {
        Some(city) => format!("{}{}{}", inspection.base.name.get(lang), lang.pick("，", ", "), city.get(lang)),
        None => inspection.base.name.get(lang).to_owned(),
    };
    html! {
        section aria-labelledby="inspection" {
            h2 #inspection { (msg::PAGE_INSPECTION.get(lang)) }
            dl {
                (row(msg::PAGE_BODY.get(lang), inspection.body.get(lang)))
                @if !inspection.accreditations.is_empty() {
                    (row(msg::PAGE_ACCREDITATIONS.get(lang), lines(&inspection.accreditations)))
                }
                (row(msg::PAGE_CERTIFICATE.get(lang), certificate(inspection, lang)))
                @if let Some(conclusion) = &inspection.conclusion {
                    (row(msg::PAGE_CONCLUSION.get(lang), conclusion.get(lang)))
                }
                (row(msg::PAGE_INSPECTED_ON.get(lang), day(&inspection.inspected_on)))
                (row(msg::PAGE_VALID_UNTIL.get(lang), validity(signed, lang)))
                (row(msg::PAGE_METHOD.get(lang), inspection.method.get(lang)))
                @if !inspection.standards.is_empty() {
                    (row(msg::PAGE_STANDARDS.get(lang), lines(&inspection.standards)))
                }
                (row(msg::PAGE_BASE.get(lang), base))
            }
            (results(inspection, lang))
        }
    }
}

/// References, each kept on a line of its own as far as it fits.
fn lines(items: &[String]) -> Markup {
    html! { @for (at, item) in items.iter().enumerate() { @if at > 0 { br; } (item) } }
}

fn certificate(inspection: &Inspection, lang: Lang) -> Markup {
    let link = inspection.certificate_url.as_deref().and_then(|url| Some((url, url.strip_prefix("https://")?)));
    html! {
        (Mono(&inspection.certificate))
        @if let Some((url, rest)) = link {
            br;
            a.out href=(url) rel="external noopener noreferrer" {
                (msg::PAGE_CERTIFICATE_LINK.get(lang)) " (" (rest.split(['/', '?', '#']).next().unwrap_or(rest)) ")"
            }
        }
    }
}

fn validity(signed: &Signed<'_>, lang: Lang) -> Markup {
    match signed.document.valid_until {
        None => html! { (msg::PAGE_NO_EXPIRY.get(lang)) },
        Some(end) => {
            let date = china_time::date(end);
            html! {
                @if signed.expired {
                    strong { (msg::PAGE_EXPIRED.fill(lang, &[("date", &date)])) }
                } @else {
                    (day(&date))
                }
            }
        }
    }
}

fn results(inspection: &Inspection, lang: Lang) -> Markup {
    html! {
        @if !inspection.results.is_empty() {
            table {
                caption { (msg::PAGE_RESULTS.get(lang)) }
                thead {
                    tr {
                        th scope="col" { (msg::PAGE_RESULT_ITEM.get(lang)) }
                        th scope="col" { (msg::PAGE_RESULT_VALUE.get(lang)) }
                    }
                }
                tbody {
                    @for result in &inspection.results {
                        tr {
                            th scope="row" { (result.name.get(lang)) }
                            td { (result.value) @if let Some(unit) = &result.unit { " " (unit) } }
                        }
                    }
                }
            }
        }
    }
}

fn photos(photos: &[Photo], lang: Lang) -> Markup {
    html! {
        @if !photos.is_empty() {
            section aria-labelledby="photos" {
                h2 #photos { (msg::PAGE_PHOTOS.get(lang)) }
                ul.photos {
                    @for photo in photos {
                        li {
                            a href={ "/photo/" (photo.sha256) } {
                                img src={ "/photo/" (photo.sha256) } alt=(photo.alt.get(lang)) loading="lazy";
                            }
                        }
                    }
                }
            }
        }
    }
}

fn code(code: &Scanned, lang: Lang) -> Markup {
    html! {
        section aria-labelledby="code" {
            h2 #code { (msg::PAGE_CODE.get(lang)) }
            dl {
                @if let Some(elements) = &code.element_string {
                    (row(msg::PAGE_ELEMENT_STRING.get(lang), Mono(elements)))
                }
                (row(msg::PAGE_DIGITAL_LINK.get(lang), Mono(&code.digital_link)))
                @if let Some(batch) = &code.batch { (row(msg::PAGE_BATCH.get(lang), Mono(batch))) }
            }
        }
    }
}

fn evidence(evidence: &[Evidence<'_>], lang: Lang) -> Markup {
    html! {
        section aria-labelledby="evidence" {
            h2 #evidence { (msg::PAGE_EVIDENCE.get(lang)) }
            ul.proofs {
                @for claim in evidence {
                    li data-proof=(claim.proof) {
                        p.yes { (claim.proves) }
                        p.no { (claim.does_not_prove) }
                        p.soft {
                            (msg::PAGE_PROVED_BY.get(lang)) (colon(lang))
                            (claim.by.unwrap_or(msg::PAGE_OWN_KEY.get(lang)))
                            (lang.pick("，", ", "))
                            (msg::PAGE_KEY_ID.fill(lang, &[("kid", claim.kid)]))
                            br;
                            (dated(claim, lang))
                        }
                    }
                }
            }
        }
    }
}

fn dated(claim: &Evidence<'_>, lang: Lang) -> Markup {
    html! {
        @match claim.signed_at {
            None => { (msg::PAGE_UNDATED.get(lang)) }
            Some(at) => {
                (msg::PAGE_SIGNED_ON.get(lang)) (colon(lang)) (day(&china_time::date(at)))
                @if let Some(days) = claim.age_days {
                    (lang.pick("，", ", ")) (age(days).fill(lang, &[("days", &days.to_string())]))
                }
            }
        }
    }
}

fn age(days: i64) -> Message {
    match days {
        ..=0 => msg::PAGE_AGE_TODAY,
        1 => msg::PAGE_AGE_ONE,
        _ => msg::PAGE_AGE,
    }
}

fn colon(lang: Lang) -> &'static str {
    lang.pick("：", ": ")
}
