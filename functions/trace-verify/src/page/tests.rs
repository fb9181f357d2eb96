mod sample;

use shared::lang::{Lang, Text};
use shared::problem::{self as problems, Problem, text};

use super::*;
use crate::answer::{Answer, Notice, Reason};
use crate::outcome::Outcome;
use sample::{NOW, PATH, full, hosts, record, result, words};

fn written(page: Vec<u8>) -> String {
    String::from_utf8(page).expect("UTF-8")
}

/// What of a page is not the style sheet.
fn content(page: &str) -> String {
    let (before, after) = page.split_once(STYLE).expect("the style sheet");
    assert!(!after.contains("<style"));
    format!("{before}{after}")
}

fn escaped(text: &str) -> String {
    maud::html! { (text) }.into_string()
}

fn sound(page: &str, lang: Lang) {
    let content = content(page);
    assert!(content.starts_with("<!DOCTYPE html>"), "{content}");
    assert!(content.contains(&format!("<html lang=\"{}\">", lang.tag())));
    for wrong in ["{", " style=", "<script", "javascript:", "http://", " on", "<link", "src=\"http"] {
        let markup: Vec<&str> = if wrong == " on" {
            // Event handlers: an attribute, not a word.
            content.split('<').filter_map(|tag| tag.split('>').next()).filter(|tag| tag.contains(" on")).collect()
        } else {
            content.match_indices(wrong).map(|(_, found)| found).collect()
        };
        assert!(markup.is_empty(), "{wrong}: {markup:?} in {content}");
    }
    for once in ["<h1", "<main", "<header", "<footer", "<title", "class=\"skip\" href=\"#main\""] {
        assert_eq!(content.matches(once).count(), 1, "{once}");
    }
}

#[test]
fn every_outcome_in_both_languages() {
    let record = record();
    for outcome in Outcome::ALL {
        for lang in Lang::ALL {
            let answer = full(outcome, &record, lang);
            let page = written(verdict(&answer, words(lang), PATH, None));
            sound(&page, lang);
            assert!(page.len() <= 15 * 1024, "{}: {} bytes", outcome.code(), page.len());
            assert!(page.contains(&format!("<title>{} · ", escaped(&answer.title))), "{page}");
            assert!(page.contains(&format!("<h1 id=\"verdict\">{}</h1>", escaped(&answer.title))), "{page}");
            for told in [&*answer.summary, &answer.decision_id, &answer.code.digital_link] {
                assert!(page.contains(&escaped(told)), "{told} in {page}");
            }
            for reason in &answer.reasons {
                assert!(page.contains(&escaped(&reason.message)));
            }
            for claim in &answer.evidence {
                assert!(page.contains(&escaped(claim.proves)) && page.contains(&escaped(claim.does_not_prove)));
            }
            assert_eq!(page.contains("国家珠宝") || page.contains("National Gem"), answer.record.is_some());
            assert!(page.contains(&format!("data-outcome=\"{}\"", outcome.code())));
            let line = lang.pick("</strong>、<strong", "</strong>, <strong");
            let hosts = ["t", "v"].map(|host| format!("<strong class=\"mono\">{host}.example.cn</strong>"));
            assert!(page.contains(&hosts.join(line.trim_start_matches("</strong>").trim_end_matches("<strong"))));
            // The card has it all: the first section is the verdict, with name and brand and photo.
            let (_, first) = page.split_once("<section").expect("a section");
            let (card, rest) = first.split_once("</section>").expect("its end");
            assert!(card.contains("id=\"verdict\""), "{card}");
            if answer.record.is_some() {
                let product = &record.product;
                for told in [product.name.get(lang), product.brand.get(lang), "/photo/0000"] {
                    assert!(card.contains(told), "{told} in {card}");
                }
                assert_eq!(page.matches(&*escaped(product.name.get(lang))).count(), 1, "{page}");
            }
            // What names keys and numbers is folded, behind one sentence.
            let (_, known) = rest.split_once("<section aria-labelledby=\"known\">").expect("how we know");
            let (sentence, folded) = known.split_once("<details>").expect("a fold");
            assert_eq!(sentence.matches("<p>").count(), 1, "{sentence}");
            assert!(folded.split("</details>").next().is_some_and(|folded| folded.contains(&answer.decision_id)));
            for key in ["base-hualin-2026", &answer.code.digital_link] {
                let before = page.split("<details>").next().expect("before the fold");
                assert!(!before.contains(key), "{key} in {before}");
            }
        }
    }
}

#[test]
fn a_recall_stands_before_everything_else() {
    let record = record();
    for outcome in [Outcome::Recalled, Outcome::Withdrawn] {
        for lang in Lang::ALL {
            let answer = full(outcome, &record, lang);
            let page = written(verdict(&answer, words(lang), PATH, None));
            let (_, main) = page.split_once("<main").expect("main");
            let (first, _) = main.split_once("</section>").expect("a section");
            assert!(first.contains("role=\"alert\""), "{first}");
            let notice = answer.notice.as_ref().expect("a notice");
            for told in [
                notice.reason,
                notice.advice.expect("advice"),
                notice.by,
                notice.reference.expect("a number"),
                "href=\"tel:+864008208820\"",
                "+86 400-820-8820",
                "href=\"https://recall.example.cn/bangle?n=1\" rel=\"external noopener noreferrer\"",
                "(recall.example.cn)",
                record.product.name.get(lang),
            ] {
                assert!(first.contains(told), "{told} in {first}");
            }
            // Its reason once, and no second word that it is in force.
            assert_eq!(first.matches(notice.reason).count(), 1, "{first}");
            let recalled = usize::from(outcome == Outcome::Recalled);
            assert_eq!(first.matches(lang.pick("召回", "Recalled")).count(), recalled, "{first}");
            // Without a record that holds, the notice names the product; else what is on the label does.
            let mut without = full(outcome, &record, lang);
            without.record = None;
            let page = written(verdict(&without, words(lang), PATH, None));
            assert!(page.contains(lang.pick("手镯（公告）", "Bangle (by the notice)")), "{page}");
            if let Some(notice) = &mut without.notice {
                notice.product_name = None;
            }
            let page = written(verdict(&without, words(lang), PATH, None));
            let (card, _) = page.split_once("</section>").expect("a section");
            assert!(card.contains("(01)09506000134352(21)"), "{card}");
        }
    }
    let page = written(verdict(&full(Outcome::BadCode, &record, Lang::En), words(Lang::En), PATH, None));
    assert!(!page.contains("role=\"alert\""));
}

#[test]
fn gravity_is_told_by_sign_and_word() {
    let record = record();
    for outcome in Outcome::ALL {
        let page = written(verdict(&full(outcome, &record, Lang::En), words(Lang::En), PATH, None));
        let (_, sign) = page.split_once("<p class=\"sign\">").expect("a sign");
        let (sign, _) = sign.split_once("</p>").expect("its end");
        let (svg, word) = sign.split_once("</svg>").expect("a drawing");
        assert!(svg.contains("aria-hidden=\"true\"") && svg.contains(" d=\""), "{svg}");
        assert!(["Passed", "Caution", "Alert", "Incomplete"].contains(&word), "{word}");
    }
}

/// What a griefer can do is told in amber; the way to report it is there all the same.
#[test]
fn a_few_networks_are_told_in_amber() {
    let record = record();
    let mut answer = full(Outcome::SuspectedClone, &record, Lang::En);
    let page = |answer: &Answer<'_>| written(verdict(answer, words(Lang::En), PATH, None));
    assert!(page(&answer).contains("class=\"verdict danger\""));
    answer.grave = false;
    let amber = page(&answer);
    assert!(amber.contains("class=\"verdict caution\"") && amber.contains("<h1 id=\"verdict\">Warning"), "{amber}");
    assert!(amber.contains("<a class=\"go\" href=\"#report\">"), "{amber}");
}

#[test]
fn dates_are_beijing_time_and_say_so() {
    let record = record();
    let page = written(verdict(&full(Outcome::AuthenticFirstScan, &record, Lang::En), words(Lang::En), PATH, None));
    assert!(
        page.contains("<time datetime=\"2026-11-24T14:00+08:00\"><span>2026-11-24 14:00</span> (Beijing time)</time>"),
        "{page}"
    );
    let page = written(verdict(&full(Outcome::AuthenticFirstScan, &record, Lang::Zh), words(Lang::Zh), PATH, None));
    assert!(
        page.contains("<time datetime=\"2026-11-24T14:00+08:00\">北京时间 <span>2026-11-24 14:00</span></time>"),
        "{page}"
    );
}

#[test]
fn the_age_of_a_proof_is_told() {
    let record = record();
    let page = written(verdict(&full(Outcome::AuthenticFirstScan, &record, Lang::En), words(Lang::En), PATH, None));
    for age in [", today", ", 1 day ago", ", 20 days ago", "The label carries no date"] {
        assert!(page.contains(age), "{age} in {page}");
    }
}

#[test]
fn the_other_language_is_a_link_away() {
    let record = record();
    let page = written(verdict(&full(Outcome::BadCode, &record, Lang::Zh), words(Lang::Zh), PATH, None));
    let link = format!("<a href=\"{PATH}?lang=en\" lang=\"en\" hreflang=\"en\">English</a>");
    assert!(page.contains(&link), "{page}");
    let page = written(verdict(&full(Outcome::BadCode, &record, Lang::En), words(Lang::En), PATH, None));
    let link = format!("<a href=\"{PATH}?lang=zh\" lang=\"zh-CN\" hreflang=\"zh-CN\">中文</a>");
    assert!(page.contains(&link), "{page}");
}

#[test]
fn the_form_asks_what_the_report_takes() {
    let record = record();
    let page = written(verdict(&full(Outcome::SuspectedClone, &record, Lang::En), words(Lang::En), PATH, None));
    for part in [
        "<form method=\"post\" action=\"/report\"",
        "name=\"code\" value=\"https://id.gs1.org/01/09506000134352/21/0KQ4M2N8XR5T7VW3YZ\"",
        "name=\"lang\" value=\"en\"",
        "name=\"bought_from\" maxlength=\"200\"",
        "name=\"description\" maxlength=\"1000\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    for cause in ["counterfeit", "mismatch", "damaged_label", "unsafe", "other"] {
        assert!(page.contains(&format!("<option value=\"{cause}\">")));
    }
    // Its link opens it, without a script.
    assert!(page.contains("<a class=\"go\" href=\"#report\">") && page.contains("<section id=\"report\""), "{page}");
    assert!(STYLE.contains("#report:not(:target) .folded"));
    for id in ["reason", "bought", "seen"] {
        assert!(page.contains(&format!("<label for=\"{id}\">")) && page.contains(&format!(" id=\"{id}\"")));
    }
}

/// The words on privacy name the ledger's own bounds, in both languages, and no page promises them where nothing is kept.
#[test]
fn the_words_on_privacy_say_what_is_kept() {
    use crate::{history, marks, store};
    let trace = history::trace_text(1, &"N".repeat(8), &"A".repeat(6), marks::NO_CITY, marks::NO_CITY).len() + 1;
    let bounds = [(120, 12 + 1), (64, trace)];
    for (kept, length) in bounds {
        assert!(store::COUNT.sql.contains(&format!("-{})", kept * length)), "{kept} of {length} characters");
        for lang in Lang::ALL {
            let said = words(lang).get(crate::policy::texts::PAGE_PRIVACY);
            assert!(said.contains(&format!(" {kept} ")), "{kept}: {said}");
        }
    }
    let record = record();
    for lang in Lang::ALL {
        let page = |outcome| written(verdict(&full(outcome, &record, lang), words(lang), PATH, Some(400)));
        let said = escaped(words(lang).get(crate::policy::texts::PAGE_PRIVACY));
        assert!(page(Outcome::AuthenticFirstScan).contains(&said));
        assert!(!page(Outcome::BadCode).contains(&said));
    }
}

/// The longest names that a record may have are shown in full, and not in a column beside the photo.
#[test]
fn long_names_are_shown_in_full() {
    for (name, is_long) in [("龙".repeat(120), true), ("W".repeat(120), true), ("龙井".to_owned(), false)] {
        let mut record = record();
        record.product.name = Text { zh: name.clone(), en: name.clone() };
        for lang in Lang::ALL {
            let answer = full(Outcome::AuthenticFirstScan, &record, lang);
            let page = written(verdict(&answer, words(lang), PATH, None));
            assert!(page.contains(&format!("<strong class=\"name\">{name}</strong>")), "{page}");
            assert_eq!(page.contains("<div class=\"piece long\">"), is_long, "{page}");
        }
    }
}

const HOSTILE: &str = "\"><script>alert(1)</script>' onload='x";

fn hostile() -> Text {
    text(HOSTILE, HOSTILE)
}

#[test]
fn nothing_hostile_gets_through() {
    let mut record = record();
    record.product.name = hostile();
    record.inspection.conclusion = Some(hostile());
    record.inspection.certificate_url = Some("javascript:alert(1)".to_owned());
    record.inspection.results = vec![result(HOSTILE, HOSTILE, HOSTILE, Some(HOSTILE))];
    for photo in &mut record.photos {
        photo.alt = hostile();
    }
    for lang in Lang::ALL {
        let mut answer = full(Outcome::Recalled, &record, lang);
        answer.summary = HOSTILE.into();
        answer.reasons = vec![Reason { code: "x", cause: None, message: HOSTILE.into() }];
        answer.code.digital_link = HOSTILE.to_owned();
        answer.notice = Some(Notice {
            state: "recalled",
            reason: HOSTILE,
            product_name: Some(HOSTILE),
            telephone: Some(HOSTILE),
            return_url: Some("javascript:alert(1)"),
            advice: Some(HOSTILE),
            reference: Some(HOSTILE),
            issued_at: NOW,
            by: HOSTILE,
        });
        let problem = Problem::new(&problems::BAD_REQUEST, hostile()).field(HOSTILE, "x", text("y", "y"));
        for page in [
            verdict(&answer, words(lang), &format!("/verify/{HOSTILE}"), None),
            super::problem(&problem, words(lang), &[HOSTILE.to_owned()]),
            reported(HOSTILE, words(lang), &[HOSTILE.to_owned()], HOSTILE),
        ] {
            let page = written(page);
            let content = content(&page);
            for wrong in ["<script", "\"><script", "href=\"javascript"] {
                assert!(!content.contains(wrong), "{wrong} in {content}");
            }
            assert!(content.contains("&quot;&gt;&lt;script&gt;"), "{content}");
        }
    }
}

#[test]
fn a_problem_says_what_happened_and_what_to_do() {
    for lang in Lang::ALL {
        let faulty = Problem::new(&problems::BAD_REQUEST, text("甲", "What happened")).field(
            "/path/01",
            "bad",
            text("乙", "Which part"),
        );
        let page = written(super::problem(&faulty, words(lang), hosts()));
        sound(&page, lang);
        for told in [
            lang.pick("请求无法解析", "The request could not be understood"),
            lang.pick("甲", "What happened"),
            lang.pick("乙", "Which part"),
            "<code>/path/01</code>",
            "<code>bad-request</code>",
            lang.pick("请重新扫描", "scan the QR code"),
            "t.example.cn",
            "v.example.cn",
        ] {
            assert!(page.contains(told), "{told} in {page}");
        }
        assert!(page.contains("href=\"?lang="));
        let report = Problem::new(&crate::problems::BAD_REPORT, text("甲", "x"));
        let page = written(super::problem(&report, words(lang), &[]));
        assert!(page.contains(lang.pick("请返回上一页", "Please go back")), "{page}");
        assert!(!page.contains("?lang=") && !page.contains("class=\"hosts\""), "{page}");
    }
}

#[test]
fn a_report_is_answered_with_its_number() {
    for lang in Lang::ALL {
        let page = written(reported("R-0KQ4-M2N8-XR5T", words(lang), hosts(), PATH));
        sound(&page, lang);
        assert!(page.contains("<p class=\"number mono\">R-0KQ4-M2N8-XR5T</p>"), "{page}");
        assert!(page.contains(&format!("href=\"{PATH}?lang={}\"", lang.param())));
        assert!(page.len() <= 8 * 1024);
    }
}

#[test]
fn the_policy_allows_one_style_sheet_and_no_script() {
    assert!(CSP.starts_with("default-src 'none'; style-src 'sha256-"), "{CSP}");
    assert!(!CSP.contains("unsafe") && !CSP.contains("script-src"));
    assert!(STYLE.len() <= 6 * 1024, "{}", STYLE.len());
    assert!(PAGE.contains(&("cache-control", "no-store")));
}
