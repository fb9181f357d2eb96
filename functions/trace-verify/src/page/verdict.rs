//! The page of a verdict: the card with the verdict, then what there is to know of scans, the product and its inspection.

use maud::{Markup, html};
use shared::china_time;
use shared::lang::Lang;

use super::shell::{self, day, instant, row};
use super::{Mono, card, known, report};
use crate::answer::{Answer, Scans, Signed};
use crate::policy::{Words, texts as msg};
use crate::record::{Inspection, Photo, Record};

/// The page of an answer. `path` is the page's own; `cookie_days`: how long its
/// cookie is kept, if one is.
pub fn verdict(answer: &Answer<'_>, words: Words<'_>, path: &str, cookie_days: Option<i64>) -> Vec<u8> {
    let record = answer.record.as_ref();
    let main = html! {
        (card::card(answer, words, path))
        (shell::official_hosts(answer.official_hosts, words))
        @if let Some(scans) = &answer.scans { (history(scans, words)) }
        @if let Some(record) = record {
            (product(record.document, words))
            (inspection(record, words))
            (photos(record.document.photos.get(1..).unwrap_or_default(), words))
        }
        (known::known(answer, words))
        (report::form(&answer.code.digital_link, words))
    };
    let footer = html! {
        p { (words.get(msg::PAGE_FOOTER)) }
        // Of what has no history nothing is kept.
        @if answer.scans.is_some() {
            p { (words.get(msg::PAGE_PRIVACY)) }
            @if let Some(days) = cookie_days {
                p { (words.fill(msg::PAGE_COOKIE, &[("days", &days.to_string())])) }
            }
        }
        p { (words.get(msg::PAGE_TIMES)) }
        dl { (row(words.get(msg::PAGE_CHECKED_AT), instant(answer.checked_at, words))) }
    };
    shell::page(words, &answer.title, Some(path), &main, &footer)
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

/// What the card does not say of the product.
fn product(record: &Record, words: Words<'_>) -> Markup {
    let product = &record.product;
    let further = [
        (msg::PAGE_CATEGORY, product.category.as_ref()),
        (msg::PAGE_ORIGIN, product.origin.as_ref()),
        (msg::PAGE_SPECIFICATION, product.specification.as_ref()),
        (msg::PAGE_SELLER, record.seller.as_ref()),
    ];
    html! {
        @if further.iter().any(|(_, text)| text.is_some()) {
            section aria-labelledby="product" {
                h2 #product { (words.get(msg::PAGE_PRODUCT)) }
                dl {
                    @for (label, text) in further {
                        @if let Some(text) = text { (row(words.get(label), text.get(words.lang))) }
                    }
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
