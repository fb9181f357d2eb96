use shared::lang::{Lang, Text};
use shared::problem::{self as problems, Problem, text};

use super::*;
use crate::answer::{Answer, Evidence, Notice, Reason, Scanned, Scans, Signed};
use crate::digital_link::PrimaryKey;
use crate::outcome::Outcome;
use crate::policy::{Rules, Words};
use crate::record::{Base, Inspection, Measurement, MediaType, Photo, Product, Record};

const HOST: &str = "t.example.cn";
const PATH: &str = "/verify/01/09506000134352/21/0KQ4M2N8XR5T7VW3YZ";
const NOW: i64 = 1_795_500_000_000;
const DAY: i64 = 86_400_000;

fn words(lang: Lang) -> Words<'static> {
    Rules::bundled().words(lang)
}

fn record() -> Record {
    Record {
        batch: "JADE-2026-11-A".to_owned(),
        counter: Some(17),
        primary: PrimaryKey::try_from("01/09506000134352".to_owned()).expect("a key"),
        product: Product {
            name: text("天然翡翠手镯", "Natural jadeite bangle"),
            brand: text("玉润阁", "Yurunge"),
            category: Some(text("珠宝玉石", "Jewellery and jade")),
            origin: Some(text("缅甸", "Myanmar")),
            specification: Some(text("圈口 56.2 mm，条宽 13.1 mm", "Inner diameter 56.2 mm, width 13.1 mm")),
        },
        inspection: Inspection {
            body: text("国家珠宝玉石质量检验检测中心（示例）", "National Gemstone Testing Centre (sample)"),
            accreditations: vec!["CMA 210020349096".to_owned(), "CNAS L0437".to_owned()],
            certificate: "NGTC-2026-1104-88213-0017".to_owned(),
            certificate_url: Some("https://cert.example.org/c/88213-0017".to_owned()),
            standards: vec!["GB/T 16552-2017".to_owned(), "GB/T 16553-2017".to_owned()],
            method: text("红外光谱、放大检查、折射率", "Infrared spectroscopy, magnification, refractive index"),
            results: vec![
                result("总质量", "Total mass", "52.48", Some("g")),
                result("折射率", "Refractive index", "1.66", None),
                result("密度", "Density", "3.33", Some("g/cm³")),
                result("红外光谱", "Infrared spectrum", "A", None),
            ],
            conclusion: Some(text("翡翠（A 货），未见充填处理", "Jadeite jade (type A), no filling detected")),
            inspected_on: "2026-11-04".to_owned(),
            base: Base {
                name: text("华林质检基地", "Hualin inspection base"), city: Some(text("广州", "Guangzhou"))
            },
        },
        seller: Some(text("玉润阁旗舰店", "Yurunge flagship store")),
        photos: (0..4)
            .map(|i: u32| Photo {
                sha256: format!("{i:064x}"),
                media_type: MediaType::Jpeg,
                alt: text(format!("手镯照片 {i}"), format!("Photo {i} of the bangle")),
            })
            .collect(),
        issued_at: NOW - 20 * DAY,
        valid_until: Some(NOW + 700 * DAY),
    }
}

fn result(zh: &str, en: &str, value: &str, unit: Option<&str>) -> Measurement {
    Measurement { name: text(zh, en), value: value.to_owned(), unit: unit.map(str::to_owned) }
}

fn claim(
    proof: &'static str,
    proves: crate::policy::Text,
    limit: crate::policy::Text,
    days: Option<i64>,
    by: Option<&'static str>,
    lang: Lang,
) -> Evidence<'static> {
    let words = words(lang);
    Evidence {
        proof,
        proves: words.get(proves),
        by,
        kid: "base-hualin-2026",
        signed_at: days.map(|days| NOW - days * DAY),
        age_days: days,
        limit: "limit",
        does_not_prove: words.get(limit),
    }
}

/// An answer with everything that this outcome may come with.
fn full(outcome: Outcome, record: &Record, lang: Lang) -> Answer<'_> {
    let words = words(lang);
    use crate::policy::texts as msg;
    let genuine = matches!(
        outcome,
        Outcome::AuthenticFirstScan
            | Outcome::AuthenticSeenBefore
            | Outcome::AuthenticUnscanned
            | Outcome::AuthenticHistoryUnavailable
            | Outcome::SuspectedClone
    );
    let noticed = matches!(outcome, Outcome::Recalled | Outcome::Withdrawn);
    let seen = matches!(outcome, Outcome::AuthenticSeenBefore | Outcome::SuspectedClone | Outcome::Recalled);
    let ours = outcome != Outcome::BadCode;
    let why = lang.pick("抽检发现含铅超标。", "A spot check found too much lead.");
    let signer = lang.pick("华林质检基地", "Hualin inspection base");
    Answer {
        outcome,
        title: words.get(outcome.title()),
        summary: words.fill(outcome.summary(), &[("first", "2026-11-20 09:41"), ("count", "14"), ("reason", why)]),
        reasons: match outcome {
            Outcome::SuspectedClone => vec![
                Reason {
                    code: "many_devices",
                    cause: None,
                    message: words.fill(msg::REASON_MANY_DEVICES, &[("count", "14")]),
                },
                Reason {
                    code: "many_places",
                    cause: None,
                    message: words.fill(msg::REASON_MANY_PLACES, &[("places", "6")]),
                },
            ],
            Outcome::Recalled => {
                vec![Reason { code: "recalled", cause: None, message: words.get(msg::REASON_RECALLED).into() }]
            }
            _ => Vec::new(),
        },
        code: Scanned {
            digital_link: "https://id.gs1.org/01/09506000134352/21/0KQ4M2N8XR5T7VW3YZ".to_owned(),
            element_string: ours.then(|| "(01)09506000134352(21)0KQ4M2N8XR5T7VW3YZ".to_owned()),
            batch: ours.then(|| record.batch.clone()),
        },
        scans: (genuine || noticed).then(|| Scans {
            count: if seen { 14 } else { 1 },
            first_at: Some(NOW - 4 * DAY),
            first_country: Some("CN".to_owned()),
            first_city: Some("Guangzhou".to_owned()),
            places: 6,
            counted: true,
            repeat: false,
            first_by_this_device: outcome == Outcome::AuthenticFirstScan,
            recognised_by: None,
        }),
        notice: noticed.then(|| Notice {
            state: outcome.code(),
            reason: why,
            advice: Some(lang.pick(
                "请立即停止佩戴，联系卖家全额退款。",
                "Stop wearing it at once and ask the seller for a full refund.",
            )),
            reference: Some("SAMR-2026-R-1188"),
            issued_at: NOW - 2 * DAY,
            by: signer,
        }),
        record: (genuine || noticed).then(|| Signed {
            by: signer,
            kid: "base-hualin-2026",
            signed_at: NOW - 20 * DAY,
            expired: outcome == Outcome::AuthenticSeenBefore,
            document: record,
        }),
        evidence: if ours {
            vec![
                claim("code_tag", msg::PROOF_CODE_TAG, msg::LIMIT_COPIES, None, None, lang),
                claim("keyset", msg::PROOF_KEYSET, msg::LIMIT_HONESTY, Some(30), None, lang),
                claim("membership", msg::PROOF_MEMBERSHIP, msg::LIMIT_ATTACHMENT, Some(20), Some(signer), lang),
                claim("status", msg::PROOF_STATUS, msg::LIMIT_LATER_STATEMENTS, Some(0), Some(signer), lang),
                claim(
                    "inspection_record",
                    msg::PROOF_INSPECTION_RECORD,
                    msg::LIMIT_LATER_CHANGES,
                    Some(1),
                    Some(signer),
                    lang,
                ),
            ]
        } else {
            Vec::new()
        },
        official_host: HOST,
        checked_at: NOW,
        policy: "digest",
        decision_id: "5f0c2a9be1d344d7a6c8b901".to_owned(),
    }
}

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
            assert!(page.contains(&format!("<title>{} · ", escaped(answer.title))), "{page}");
            assert!(page.contains(&format!("<h1 id=\"verdict\">{}</h1>", escaped(answer.title))), "{page}");
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
            assert!(page.contains("<strong class=\"mono\">t.example.cn</strong>"));
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
            for told in [notice.reason, notice.advice.expect("advice"), notice.by, notice.reference.expect("a number")]
            {
                assert!(first.contains(told), "{told} in {first}");
            }
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
    for id in ["reason", "bought", "seen"] {
        assert!(page.contains(&format!("<label for=\"{id}\">")) && page.contains(&format!(" id=\"{id}\"")));
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
            advice: Some(HOSTILE),
            reference: Some(HOSTILE),
            issued_at: NOW,
            by: HOSTILE,
        });
        let problem = Problem::new(&problems::BAD_REQUEST, hostile()).field(HOSTILE, "x", text("y", "y"));
        for page in [
            verdict(&answer, words(lang), &format!("/verify/{HOSTILE}"), None),
            super::problem(&problem, words(lang), HOSTILE),
            reported(HOSTILE, words(lang), HOSTILE, HOSTILE),
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
        let page = written(super::problem(&faulty, words(lang), HOST));
        sound(&page, lang);
        for told in [
            lang.pick("请求无法解析", "The request could not be understood"),
            lang.pick("甲", "What happened"),
            lang.pick("乙", "Which part"),
            "<code>/path/01</code>",
            "<code>bad-request</code>",
            lang.pick("请重新扫描", "scan the QR code"),
            HOST,
        ] {
            assert!(page.contains(told), "{told} in {page}");
        }
        assert!(page.contains("href=\"?lang="));
        let report = Problem::new(&crate::problems::BAD_REPORT, text("甲", "x"));
        let page = written(super::problem(&report, words(lang), ""));
        assert!(page.contains(lang.pick("请返回上一页", "Please go back")), "{page}");
        assert!(!page.contains("?lang=") && !page.contains("id=\"host\""), "{page}");
    }
}

#[test]
fn a_report_is_answered_with_its_number() {
    for lang in Lang::ALL {
        let page = written(reported("R-0KQ4-M2N8-XR5T", words(lang), HOST, PATH));
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
    assert!(STYLE.len() <= 5 * 1024, "{}", STYLE.len());
    assert!(PAGE.contains(&("cache-control", "no-store")));
}
