//! The pages that a person sees: a challenge, and what there is to say when a request does not go on.
//!
//! They work without JavaScript, load nothing from anywhere else, and have a content policy of their own, whatever the
//! shop's is. Nothing in them must be seen to be answered.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use shared::http::HeaderSet;
use shared::lang::{Lang, fill};
use shared::problem::Problem;

use crate::challenge::{Challenge, Kind, PARTS, part_bits, seed};
use crate::policy::Rules;
use crate::routes::{CHALLENGE_JS, CHECK, SOLVE, WORK_JS};

include!(concat!(env!("OUT_DIR"), "/style.rs"));

/// The headers of a page, by language. A form that is sent on from here says where from: shops ask for its origin.
/// One that a browser shows within a page (`framed`) may be shown there: it does nothing but what its reader came for.
pub fn headers(lang: Lang, framed: bool) -> HeaderSet {
    macro_rules! set {
        ($csp:expr, $lang:literal) => {
            shared::header_set!("text/html; charset=utf-8", csp: $csp, cache: "no-store", referrer: "same-origin",
                "content-language": $lang, "vary": "accept, accept-language, cookie, sec-fetch-dest")
        };
    }
    static ZH: HeaderSet = set!(CSP, "zh-CN");
    static EN: HeaderSet = set!(CSP, "en");
    static ZH_FRAMED: HeaderSet = set!(CSP_FRAMED, "zh-CN");
    static EN_FRAMED: HeaderSet = set!(CSP_FRAMED, "en");
    if framed { lang.pick(ZH_FRAMED, EN_FRAMED) } else { lang.pick(ZH, EN) }
}

/// The headers of a problem's page: its language, and on what it depends, are said with the problem.
pub static FAULT: HeaderSet = shared::header_set!("text/html; charset=utf-8", csp: CSP, cache: "no-store");

/// The headers of a script of these pages.
pub static SCRIPT: HeaderSet = shared::header_set!("text/javascript; charset=utf-8",
    csp: "default-src 'none'", cache: "public, max-age=3600");

/// The script of the page of a challenge, and the worker that it starts.
pub const SCRIPTS: [&str; 2] = [include_str!("challenge.js"), include_str!("work.js")];

/// The script for a shop's own pages, with the words of the pack: it solves what its scripts' requests are challenged with.
pub fn script_of_shops(rules: &Rules<'_>) -> String {
    let in_language = |lang: Lang| {
        let word = |name: &str| serde_json::Value::from(rules.word(name, lang));
        serde_json::json!({
            "tag": lang.tag(), "title": word("page/title"), "why": word("page/why"), "progress": word("page/progress"),
            "cancel": word("page/cancel"), "close": word("page/close"), "wrong": word("page/wrong"),
            "cookies_title": word("cookies/title"), "cookies_why": word("cookies/why"), "cookies_next": word("cookies/next"),
        })
    };
    let words = format!("\"zh\":{},\"en\":{}", in_language(Lang::Zh), in_language(Lang::En));
    include_str!("fetch.js").replacen("/*words*/", &words, 1)
}

/// What becomes of a form that was about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// There was none.
    None,
    /// It is sent once the challenge is solved.
    Kept(KeptForm),
    /// It cannot be kept.
    Lost,
}

/// A form that is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptForm {
    /// Whether it is sent as `multipart/form-data` (RFC 7578), and not as `application/x-www-form-urlencoded`.
    pub multipart: bool,
    /// Names and values of its text fields.
    pub fields: Vec<(String, String)>,
    /// Names of its fields for files, none of which was chosen.
    pub files: Vec<String>,
}

/// Words of the pack in one language.
#[derive(Clone, Copy)]
pub struct Words<'r, 'p> {
    /// The pack.
    pub rules: &'r Rules<'p>,
    /// The language.
    pub lang: Lang,
}

impl<'p> Words<'_, 'p> {
    fn get(&self, name: &str) -> &'p str {
        self.rules.word(name, self.lang)
    }

    fn filled(&self, name: &str, value: &str) -> String {
        fill(self.get(name), |_| Some(value.into())).into_owned()
    }
}

/// The page of a challenge.
pub fn challenge(words: Words<'_, '_>, challenge: &Challenge, token: &str, form: &Form, reference: &str) -> Vec<u8> {
    let kept = matches!(form, Form::Kept(_));
    let multipart = matches!(form, Form::Kept(form) if form.multipart);
    let seconds = challenge.wait.to_string();
    // A form that is kept goes where it was going, with the challenge in the query; all else goes to be checked first.
    let action = if kept { kept_action(&challenge.target, token) } else { SOLVE.to_owned() };
    let refresh = format!("{seconds}; url={SOLVE}?token={token}");
    let wait = words.filled("page/wait", &seconds);
    let (works, waits) = (challenge.kind != Kind::Wait, challenge.kind != Kind::Work);
    let head = html! {
        @if !kept && waits { noscript { meta http-equiv="refresh" content=(refresh); } }
    };
    let main = html! {
        h1 { (words.get("page/title")) }
        p { (words.get("page/why")) }
        @match form {
            Form::Kept(_) => p { (words.get("page/form_kept")) },
            Form::Lost => p { (words.get("page/form_lost")) },
            Form::None => {}
        }
        noscript { p { (words.get(if waits { "page/no_script" } else { "page/needs_script" })) } }
        div #challenge
            data-kind=(challenge.kind.name()) data-token=(token) data-seed=(seed(token)) data-parts=(PARTS)
            data-bits=[works.then(|| part_bits(challenge.bits))] data-seconds=[waits.then_some(&seconds)] data-kept=[kept.then_some("kept")] data-lost=[(*form == Form::Lost).then_some("lost")] data-solve=(SOLVE) data-work=(WORK_JS)
            data-working=(words.get("page/working")) data-done=(words.get("page/done"))
            data-wrong=(words.get("page/wrong")) data-again=(words.get("page/again"))
            data-cancelled=(words.get("page/cancelled")) data-wait=[waits.then_some(&wait)] data-waited=(words.get("page/waited")) {
            progress #progress max=(PARTS) value="0" aria-label=(words.get("page/progress")) hidden {}
            p #says role="status" { @if waits { (wait) } }
            form #go-on method="post" action=(action) enctype=[multipart.then_some("multipart/form-data")] {
                @if let Form::Kept(form) = form {
                    @for (name, value) in &form.fields { input type="hidden" name=(name) value=(value); }
                    @for name in &form.files { input type="file" name=(name) hidden; }
                } @else {
                    input type="hidden" name="token" value=(token);
                }
                button #button type="submit" hidden[!waits] { (words.get("page/continue")) }
                button #cancel.plain type="button" hidden { (words.get("page/cancel")) }
            }
        }
        script src=(CHALLENGE_JS) {}
    };
    page(words, words.get("page/title"), &head, &main, reference)
}

/// Where a form goes that was kept: to its own address, with the challenge in the query.
fn kept_action(target: &str, token: &str) -> String {
    let mark = if target.contains('?') { '&' } else { '?' };
    format!("{target}{mark}venditor-token={token}")
}

/// A page that says what happened and what to do: of `block`, `throttle`, `held`, `cookies`, `early` or `expired`.
pub fn told(words: Words<'_, '_>, what: &str, seconds: i64, on: Option<&str>, reference: &str) -> Vec<u8> {
    let word = |name: &str| words.get(&format!("{what}/{name}"));
    let next = words.filled(&format!("{what}/next"), &seconds.to_string());
    let again = if what == "cookies" { "cookies/retry" } else { "page/continue" };
    let main = html! {
        h1 { (word("title")) }
        p { (word("why")) }
        p { strong { (next) } }
        @if let Some(on) = on { p { a.button href=(on) { (words.get(again)) } } }
    };
    page(words, word("title"), &html! {}, &main, reference)
}

/// The page within a page of another site, where no cookie of ours is kept: it leads out of there.
pub fn out_of_frame(words: Words<'_, '_>, target: &str, reference: &str) -> Vec<u8> {
    let main = html! {
        h1 { (words.get("page/title")) }
        p { (words.get("page/frame")) }
        p { a.button href=(target) target="_blank" rel="noopener" { (words.get("page/open")) } }
    };
    page(words, words.get("page/title"), &html! {}, &main, reference)
}

/// The page of a problem.
pub fn problem(words: Words<'_, '_>, problem: &Problem) -> Vec<u8> {
    let lang = words.lang;
    let title = lang.pick(problem.kind.zh, problem.kind.en);
    let main = html! {
        h1 { (title) }
        p { (problem.detail.get(lang)) }
        p.soft { code { (problem.kind.code) } }
    };
    page(words, title, &html! {}, &main, "")
}

/// Where the page without cookies leads to try again.
pub fn check_url(sealed: &str) -> String {
    format!("{CHECK}?to={sealed}")
}

fn page(words: Words<'_, '_>, title: &str, head: &Markup, main: &Markup, reference: &str) -> Vec<u8> {
    let page = html! {
        (DOCTYPE)
        html lang=(words.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
                (head)
            }
            body {
                main #main { (main) }
                @if !reference.is_empty() {
                    footer {
                        @let text = words.get("page/reference");
                        @let (before, after) = text.split_once("{reference}").unwrap_or((text, ""));
                        (before) code { (reference) } (after)
                    }
                }
            }
        }
    };
    page.into_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use shared::policy::Pack;

    use super::*;
    use crate::client::AddressClass;
    use crate::policy::BUNDLED;

    #[test]
    fn a_page_offers_what_its_challenge_takes() {
        let pack = Pack::bundled(&BUNDLED);
        let rules = Rules::of(&pack).unwrap();
        let words = Words { rules: &rules, lang: Lang::En };
        let page = |kind| {
            let (class, target) = (AddressClass::Unknown, "/".to_owned());
            let given = Challenge { kind, bits: 17, wait: 6, class, from: 0, until: 600, nonce: [1; 10], target };
            String::from_utf8(challenge(words, &given, "token", &Form::None, "")).unwrap()
        };
        for (kind, works, waits) in [(Kind::Any, true, true), (Kind::Work, true, false), (Kind::Wait, false, true)] {
            let page = page(kind);
            assert_eq!(page.contains("data-bits"), works, "{kind:?}");
            assert_eq!(page.contains("http-equiv=\"refresh\""), waits, "{kind:?}");
            assert_eq!(page.contains("JavaScript is needed"), !waits, "{kind:?}");
            assert_eq!(page.contains("Please wait 6 seconds"), waits, "{kind:?}");
        }
    }
}
