//! What every page has around its content: head, landmarks, language switch; and the small parts they share.

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};
use shared::china_time;
use shared::lang::Lang;

use super::STYLE;
use crate::policy::{Words, texts as msg};

/// A whole page. `switch` is the path to which the language switch adds its `?lang=`; empty: the page's own; absent:
/// the page cannot be asked for again (it answers a form).
pub(super) fn page(words: Words<'_>, title: &str, switch: Option<&str>, main: &Markup, footer: &Markup) -> Vec<u8> {
    draw(words, title, switch.map(|path| format!("{path}?")).as_deref(), main, footer)
}

/// The same of a page whose path has a query: `switch` ends in `&`.
pub(super) fn page_with(words: Words<'_>, title: &str, switch: &str, main: &Markup, footer: &Markup) -> Vec<u8> {
    draw(words, title, Some(switch), main, footer)
}

fn draw(words: Words<'_>, title: &str, switch: Option<&str>, main: &Markup, footer: &Markup) -> Vec<u8> {
    let lang = words.lang;
    let other = match lang {
        Lang::Zh => Lang::En,
        Lang::En => Lang::Zh,
    };
    let brand = words.get(msg::PAGE_BRAND);
    let page = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="format-detection" content="telephone=no, date=no, address=no, email=no";
                title { (title) " · " (brand) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { (words.get(msg::PAGE_SKIP)) }
                header {
                    p { (brand) }
                    @if let Some(path) = switch {
                        nav aria-label=(words.get(msg::PAGE_LANGUAGE)) {
                            a href={ (path) "lang=" (other.param()) } lang=(other.tag()) hreflang=(other.tag()) {
                                (words.get(msg::PAGE_SWITCH_LANGUAGE))
                            }
                        }
                    }
                }
                main #main tabindex="-1" { (main) }
                footer { (footer) }
            }
        }
    };
    page.into_string().into_bytes()
}

/// The hosts to expect in the address bar, in one line. Nothing if none is known.
pub(super) fn official_hosts(hosts: &[String], words: Words<'_>) -> Markup {
    html! {
        @if !hosts.is_empty() {
            p.hosts {
                (words.get(msg::PAGE_OFFICIAL_HOST)) (colon(words))
                @for (at, host) in hosts.iter().enumerate() {
                    @if at > 0 { (words.lang.pick("、", ", ")) }
                    strong.mono { (host) }
                }
                (words.lang.pick("。", ". ")) (words.get(msg::PAGE_OFFICIAL_HINT))
            }
        }
    }
}

/// A line of a description list.
pub(super) fn row(label: &str, value: impl Render) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}

/// An instant, to the minute, in Beijing time.
pub(super) fn instant(at_ms: i64, words: Words<'_>) -> Markup {
    let minute = china_time::minute(at_ms);
    let (before, after) = words.get(msg::PAGE_BEIJING).split_once("{time}").unwrap_or_default();
    html! {
        time datetime={ (minute.replace(' ', "T")) "+08:00" } { (before) span { (minute) } (after) }
    }
}

/// A day as it is written.
pub(super) fn day(date: &str) -> Markup {
    html! { time datetime=(date) { (date) } }
}

pub(super) fn colon(words: Words<'_>) -> &'static str {
    words.lang.pick("：", ": ")
}
