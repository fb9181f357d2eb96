//! "Report this product": the form, and the page that answers it.

use maud::{Markup, html};

use super::shell;
use crate::complaint::Known;
use crate::policy::{Text, Words, texts as msg};
use crate::report::{Cause, MAX_BOUGHT_FROM, MAX_DESCRIPTION};

const CAUSES: [(Cause, Text); 5] = [
    (Cause::Counterfeit, msg::PAGE_REPORT_COUNTERFEIT),
    (Cause::Mismatch, msg::PAGE_REPORT_MISMATCH),
    (Cause::DamagedLabel, msg::PAGE_REPORT_DAMAGED_LABEL),
    (Cause::Unsafe, msg::PAGE_REPORT_UNSAFE),
    (Cause::Other, msg::PAGE_REPORT_OTHER),
];

/// The form, which shows once its own link is followed (`:target`): that needs no script, and no second visit. `code` is the
/// canonical Digital Link.
pub(super) fn form(code: &str, words: Words<'_>) -> Markup {
    html! {
        section #report aria-labelledby="report-this" {
            h2 #report-this { a.unfold href="#report" { (words.get(msg::PAGE_REPORT)) } }
            div.folded {
                p #intro { (words.get(msg::PAGE_REPORT_INTRO)) }
                form method="post" action="/report" aria-describedby="intro" {
                    input type="hidden" name="code" value=(code);
                    input type="hidden" name="lang" value=(words.lang.param());
                    label for="reason" { (words.get(msg::PAGE_REPORT_REASON)) }
                    select #reason name="reason" required {
                        option value="" { (words.get(msg::PAGE_REPORT_CHOOSE)) }
                        @for (cause, text) in CAUSES { option value=(cause.code()) { (words.get(text)) } }
                    }
                    label for="bought" { (words.get(msg::PAGE_REPORT_BOUGHT_FROM)) }
                    input #bought name="bought_from" maxlength=(MAX_BOUGHT_FROM) autocomplete="off";
                    label for="seen" { (words.get(msg::PAGE_REPORT_DESCRIPTION)) }
                    textarea #seen name="description" maxlength=(MAX_DESCRIPTION) rows="4" {}
                    button { (words.get(msg::PAGE_REPORT_SUBMIT)) }
                }
                p.soft { (words.get(msg::PAGE_REPORT_PRIVACY)) }
            }
        }
    }
}

/// The form that asks for a complaint's number.
pub fn look_up(words: Words<'_>, hosts: &[String]) -> Vec<u8> {
    let title = words.get(msg::PAGE_LOOK_UP);
    let main = html! {
        section.report {
            h1 { (title) }
            p #intro { (words.get(msg::PAGE_LOOK_UP_INTRO)) }
            form method="get" action="/report" aria-describedby="intro" {
                input type="hidden" name="lang" value=(words.lang.param());
                label for="number" { (words.get(msg::PAGE_LOOK_UP_NUMBER)) }
                input #number name="number" required maxlength="40" autocomplete="off" placeholder="R-XXXX-XXXX-XXXX";
                button { (words.get(msg::PAGE_LOOK_UP_SUBMIT)) }
            }
        }
        (shell::official_hosts(hosts, words))
    };
    shell::page(words, title, Some(""), &main, &html! { p { (words.get(msg::PAGE_REPORT_PRIVACY)) } })
}

/// What became of a complaint.
pub fn known(known: &Known, words: Words<'_>, hosts: &[String]) -> Vec<u8> {
    let answered = known.answered_at.zip(known.answer.as_deref());
    let title = words.get(if answered.is_some() { msg::PAGE_ANSWERED } else { msg::PAGE_NOT_ANSWERED });
    let main = html! {
        section.verdict role="status" aria-labelledby="known" {
            h1 #known { (title) }
            p.number.mono { (known.complaint) }
            @if let Some((_, answer)) = answered {
                @for line in answer.lines().filter(|line| !line.trim().is_empty()) { p { (line) } }
            } @else {
                p { (words.get(msg::PAGE_NOT_ANSWERED_TEXT)) }
            }
        }
        section {
            dl {
                (shell::row(words.get(msg::PAGE_RECEIVED_ON), shell::instant(known.received_at, words)))
                @if let Some((at, _)) = answered {
                    (shell::row(words.get(msg::PAGE_ANSWERED_ON), shell::instant(at, words)))
                }
            }
        }
        (shell::official_hosts(hosts, words))
    };
    let switch = format!("/report?number={}&", known.complaint);
    shell::page_with(words, title, &switch, &main, &html! { p { (words.get(msg::PAGE_TIMES)) } })
}

/// The answer to a report: its number, to note down. `back` is the path of the product's page.
pub fn reported(id: &str, words: Words<'_>, hosts: &[String], back: &str) -> Vec<u8> {
    let title = words.get(msg::PAGE_REPORTED);
    let main = html! {
        section.verdict.good role="status" aria-labelledby="reported" {
            h1 #reported { (title) }
            p { (words.get(msg::PAGE_REPORTED_TEXT)) }
            p.number.mono { (id) }
        }
        p { a.out href={ "/report?number=" (id) "&lang=" (words.lang.param()) } { (words.get(msg::PAGE_LOOK_UP)) } }
        p { a.out href={ (back) "?lang=" (words.lang.param()) } { (words.get(msg::PAGE_BACK)) } }
        (shell::official_hosts(hosts, words))
    };
    let footer = html! { p { (words.get(msg::PAGE_REPORT_PRIVACY)) } };
    shell::page(words, title, None, &main, &footer)
}
