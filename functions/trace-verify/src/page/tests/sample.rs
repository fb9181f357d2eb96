//! An answer with everything that there can be on a page.

use shared::lang::Lang;
use shared::problem::text;

use crate::answer::{Answer, Covers, Evidence, Notice, Reason, Scanned, Scans, Signed};
use crate::digital_link::PrimaryKey;
use crate::outcome::Outcome;
use crate::policy::{Rules, Words};
use crate::record::{Base, Inspection, Measurement, MediaType, Photo, Product, Record};

pub fn hosts() -> &'static [String] {
    static HOSTS: std::sync::LazyLock<[String; 2]> =
        std::sync::LazyLock::new(|| ["t.example.cn", "v.example.cn"].map(str::to_owned));
    &*HOSTS
}
pub const PATH: &str = "/verify/01/09506000134352/21/0KQ4M2N8XR5T7VW3YZ";
pub const NOW: i64 = 1_795_500_000_000;
pub const DAY: i64 = 86_400_000;

pub fn words(lang: Lang) -> Words<'static> {
    Rules::bundled().words(lang)
}

pub fn record() -> Record {
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

pub fn result(zh: &str, en: &str, value: &str, unit: Option<&str>) -> Measurement {
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
pub fn full(outcome: Outcome, record: &Record, lang: Lang) -> Answer<'_> {
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
        title: words.fill(outcome.title(), &[("claim", words.get(msg::CLAIM_PIECE))]),
        summary: words.fill(
            outcome.summary(),
            &[
                ("first", "2026-11-20 09:41"),
                ("count", "14"),
                ("reason", why),
                ("covers", words.get(msg::COVERS_PIECE)),
            ],
        ),
        grave: true,
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
                vec![Reason { code: "recalled", cause: None, message: why.into() }]
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
            product_name: Some(lang.pick("手镯（公告）", "Bangle (by the notice)")),
            telephone: Some("+86 400-820-8820"),
            return_url: Some("https://recall.example.cn/bangle?n=1"),
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
            covers: Covers::Piece,
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
        official_host: "t.example.cn",
        official_hosts: hosts(),
        checked_at: NOW,
        policy: "digest",
        decision_id: "5f0c2a9be1d344d7a6c8b901".to_owned(),
    }
}
