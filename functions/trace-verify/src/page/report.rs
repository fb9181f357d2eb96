//! "Report this product": the form, and the page that answers it.

use maud::{Markup, html};
use shared::lang::Lang;

use super::shell;
use crate::policy::Message;
use crate::policy::messages as msg;
use crate::report::{Cause, MAX_BOUGHT_FROM, MAX_DESCRIPTION};

const CAUSES: [(Cause, Message); 5] = [
    (Cause::Counterfeit, msg::PAGE_REPORT_COUNTERFEIT),
    (Cause::Mismatch, msg::PAGE_REPORT_MISMATCH),
    (Cause::DamagedLabel, msg::PAGE_REPORT_DAMAGED_LABEL),
    (Cause::Unsafe, msg::PAGE_REPORT_UNSAFE),
    (Cause::Other, msg::PAGE_REPORT_OTHER),
];

/// The form, folded. `code` is the canonical Digital Link.
pub(super) fn form(code: &str, lang: Lang) -> Markup {
    html! {
        section #report {
            details {
                summary { h2 { (msg::PAGE_REPORT.get(lang)) } }
                p #intro { (msg::PAGE_REPORT_INTRO.get(lang)) }
                form method="post" action="/report" aria-describedby="intro" {
                    input type="hidden" name="code" value=(code);
                    input type="hidden" name="lang" value=(lang.param());
                    label for="reason" { (msg::PAGE_REPORT_REASON.get(lang)) }
                    select #reason name="reason" required {
                        option value="" { (msg::PAGE_REPORT_CHOOSE.get(lang)) }
                        @for (cause, text) in CAUSES { option value=(cause.code()) { (text.get(lang)) } }
                    }
                    label for="bought" { (msg::PAGE_REPORT_BOUGHT_FROM.get(lang)) }
                    input #bought name="bought_from" maxlength=(MAX_BOUGHT_FROM) autocomplete="off";
                    label for="seen" { (msg::PAGE_REPORT_DESCRIPTION.get(lang)) }
                    textarea #seen name="description" maxlength=(MAX_DESCRIPTION) rows="4" {}
                    button { (msg::PAGE_REPORT_SUBMIT.get(lang)) }
                }
            }
        }
    }
}

/// The answer to a report: its number, to note down. `back` is the path of the product's page.
pub fn reported(id: &str, lang: Lang, official_host: &str, back: &str) -> Vec<u8> {
    let title = msg::PAGE_REPORTED.get(lang);
    let main = html! {
        section.verdict.good role="status" aria-labelledby="reported" {
            h1 #reported { (title) }
            p { (msg::PAGE_REPORTED_TEXT.get(lang)) }
            p.number.mono { (id) }
        }
        p { a.out href={ (back) "?lang=" (lang.param()) } { (msg::PAGE_BACK.get(lang)) } }
        (shell::official_host(official_host, lang))
    };
    let footer = html! { p { (msg::PAGE_PRIVACY.get(lang)) } };
    shell::page(lang, title, None, &main, &footer)
}
