//! Rules of every kind on a pack of the bundled tables and rules of its own.

use std::path::Path;
use std::sync::OnceLock;

use listing_check_pack::KIND;
use pack_source::{Files, PackFile};
use shared::policy::Pack;

use crate::judge::{Judged, What, judge};
use crate::listing::{Attribute, Listing, Qualification, Seller, Sku};
use crate::policy::{Rules, SPEC};

/// The first of January 2027 in China.
const NOW: i64 = 1_798_732_800_000;

const RULES: &str = r#"
[list.near]
[list.far]
[list.third]
[list.against]
[list.said]
[list.short]
[list.left]
[list.right]

[rule.two]
within = 5
near = [["list:near"], ["list:far"]]
without = ["list:against"]
[rule.three]
within = 12
near = [["list:near"], ["list:far"], ["list:third"]]
[rule.group]
within = 4
near = [["group:tea"], ["list:far"]]
[rule.anywhere]
near = [["list:near"], ["list:third"]]
across = true
without = ["list:against"]
price_from = 100
[rule.short]
duty = ["list:short"]
category = ["短"]
[rule.unsaid]
within = 1
near = [["list:short"]]
without = ["list:said"]
[rule.over_words]
within = 2
near = [["list:left"], ["list:right"]]
[rule.over_fields]
near = [["list:left"], ["list:right"]]
across = true
category = ["短"]
[rule.shape]
pattern = "q[0-9]+k"
not_category = ["书"]
[rule.duty]
duty = ["list:said"]
category = ["茶/绿茶"]
qualification = ["证"]
[rule.shadowed]
pattern = "zz"
shadow = true
[rule.later]
pattern = "zz"
from = "2027-01-02"
[rule.past]
pattern = "zz"
until = "2027-01-01"
"#;

fn files() -> Files {
    let mut files = Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policy")).unwrap();
    let texts =
        ["what", "cites", "suggestion"].map(|name| format!("{name} = {{ zh = \"甲\", en = \"a\" }}\n")).concat();
    let own = format!("family = \"own\"\nseverity = \"review\"\n{texts}");
    let group = |code: &str| format!("[group.{code}]\n{own}");
    let rules: String = RULES
        .lines()
        .map(|line| if line.starts_with("[rule") { format!("{line}\n{own}") } else { format!("{line}\n") })
        .collect();
    let paths: Vec<String> = files.paths().filter(|path| !path.starts_with("lexicon/")).map(str::to_owned).collect();
    files = Files::of(paths.into_iter().map(|path| (path.clone(), files.bytes(&path).unwrap().to_vec())));
    files.put("aliases.csv", "");
    let tea = group("tea")
        .replace("[group.tea]", "[group.tea]\nfields = [\"title\", \"description\"]\nnot_category = [\"玩具\"]");
    files.put("rules.toml", group("contact") + &tea + &group("pay") + &rules);
    files.put("lexicon/tea.csv", "象牙\n");
    files.put("lexicon/pay.csv", "微信转账\n");
    files.put("lexicon/near.csv", "私下\n");
    files.put("lexicon/far.csv", "转账\n");
    files.put("lexicon/third.csv", "红包\n象牙\n");
    files.put("lexicon/against.csv", "谨防\n");
    files.put("lexicon/said.csv", "本品不能代替药物\n本品不能代替药物治疗\n");
    files.put("lexicon/short.csv", "不能代替药物\n");
    files.put("lexicon/left.csv", "代充\n代充值\n");
    files.put("lexicon/right.csv", "充值\n值到账\n到账\n");
    files.put(
        "exceptions.csv",
        "rule:two,shop-1,,2027-02-01\nrule:shape,,彩带,2027-02-01\nrule:three,shop-1,,2026-12-31\n",
    );
    files
}

fn pack_file() -> &'static PackFile {
    static PACK: OnceLock<PackFile> = OnceLock::new();
    PACK.get_or_init(|| (KIND.compile)(&files()).pack(&KIND).unwrap())
}

fn judged(listing: &Listing) -> Judged {
    static PACK: OnceLock<Pack> = OnceLock::new();
    let pack = PACK.get_or_init(|| Pack::from_file(pack_file().clone()));
    assert_eq!((SPEC.check)(pack), Ok(()));
    judge(listing, &Rules::of(pack, NOW).unwrap())
}

/// The findings: the number of the rule, `/` and what stands there.
fn said(listing: &Listing) -> Vec<String> {
    static PACK: OnceLock<Pack> = OnceLock::new();
    let pack = PACK.get_or_init(|| Pack::from_file(pack_file().clone()));
    let rules = Rules::of(pack, NOW).unwrap();
    let of = |what: &What| match what {
        What::Term { group, .. } => rules.code(*group).to_owned(),
        What::Combination { rule, .. } | What::Pattern { rule, .. } | What::Duty { rule, .. } => {
            rules.code(*rule).to_owned()
        }
        other => format!("{other:?}"),
    };
    let raw = |finding: &crate::judge::Finding| finding.span.as_ref().map_or(String::new(), |span| span.raw.clone());
    judged(listing).findings.iter().map(|finding| format!("{} {}", of(&finding.what), raw(finding))).collect()
}

fn text(description: &str) -> Listing {
    Listing { title: "茶".to_owned(), description: description.to_owned(), ..Listing::default() }
}

fn sku(name: &str, price_fen: i64) -> Sku {
    Sku { name: name.to_owned(), price_fen, stock: None }
}

#[test]
fn words_near_one_another() {
    let none: [&str; 0] = [];
    assert_eq!(said(&text("私下一二三四五转账")), ["two 私下一二三四五转账"]);
    assert_eq!(said(&text("私下一二三四五六转账")), none);
    assert_eq!(said(&text("转账 私下 转账")), ["two 转账 私下"], "a word belongs to one combination");
    assert_eq!(said(&text("谨防一二三四五私下转账")), none);
    assert_eq!(said(&text("谨防一二三四五六私下转账")), ["two 私下转账"]);
    assert_eq!(said(&text("私下红包转账")), ["three 私下红包转账", "two 私下红包转账"]);
    // 转账 lies within a term of another group, and is a part all the same.
    assert_eq!(said(&text("私下微信转账")), ["pay 微信转账", "two 私下微信转账"]);
    assert_eq!(said(&text("象牙，转账")), ["tea 象牙", "group 象牙，转账"]);
    let many = "私下转账，一二三四五六七八。".repeat(30);
    assert_eq!(said(&text(&many)).len(), 20, "of one rule and text so many are told");
}

#[test]
fn words_anywhere() {
    let listing = |price: i64, brand: &str| Listing {
        title: "红包".to_owned(),
        brand: brand.to_owned(),
        skus: vec![sku("私下", price), sku("甲", 100)],
        ..Listing::default()
    };
    let none: [&str; 0] = [];
    assert_eq!(said(&listing(100, "")), ["anywhere 红包"]);
    assert_eq!(said(&listing(99, "")), none, "the lowest price is below");
    assert_eq!(said(&listing(100, "谨防")), none);
    let What::Combination { parts, .. } = &judged(&listing(100, "")).findings[0].what else { panic!("none") };
    let places: Vec<&str> = parts.iter().map(|part| part.pointer.as_str()).collect();
    assert_eq!(places, ["/title", "/skus/0/name"]);
}

#[test]
fn patterns_dates_and_shadows() {
    let none: [&str; 0] = [];
    assert_eq!(said(&text("💊Ｑ１２Ｋ q3k")), ["shape Ｑ１２Ｋ", "shape q3k"]);
    assert_eq!(said(&text("q k qk q1")), none);
    let of = |category: &str| Listing { category: vec![category.to_owned()], ..text("q1k") };
    assert_eq!((said(&of("书")), said(&of("彩带"))), (vec![], vec![]));
    let shadow = judged(&text("zz"));
    assert_eq!((shadow.findings.len(), shadow.shadow), (0, vec!["own.shadowed".to_owned()]));
}

#[test]
fn duties_and_conditions() {
    let none: [&str; 0] = [];
    let listing = |category: &[&str], number: &str, description: &str| Listing {
        category: category.iter().map(|part| (*part).to_owned()).collect(),
        qualifications: vec![Qualification { kind: "证".to_owned(), number: number.to_owned() }],
        ..text(description)
    };
    assert_eq!(said(&listing(&["食品", "茶", "绿茶"], "1", "")), ["duty "]);
    assert_eq!(said(&listing(&["食品/茶/绿茶"], "1", "")), ["duty "]);
    assert_eq!(said(&listing(&["茶", "红茶", "绿茶"], "1", "")), none);
    assert_eq!(said(&listing(&["茶", "绿茶"], "", "")), none);
    assert_eq!(said(&listing(&["茶", "绿茶"], "1", "本品不能代替藥物")), none);
    // Groups have conditions too.
    let ivory = |category: &str| Listing { category: vec![category.to_owned()], ..text("象牙") };
    assert_eq!(said(&ivory("摆件")), ["tea 象牙"]);
    assert_eq!(said(&ivory("玩具")), none);
    let attribute = Attribute { name: "材质".to_owned(), value: "象牙".to_owned() };
    assert_eq!(said(&Listing { attributes: vec![attribute], ..text("") }), none);
}

/// Words that rules name are all seen, also one within another or across its end.
#[test]
fn words_over_one_another() {
    let none: [&str; 0] = [];
    let of = |category: &str, description: &str| {
        let category = category.split('/').map(str::to_owned).collect();
        let qualifications = vec![Qualification { kind: "证".to_owned(), number: "1".to_owned() }];
        said(&Listing { category, qualifications, ..text(description) })
    };
    for description in ["本品不能代替药物", "本品不能代替药物治疗疾病", "本品不能代替藥物。"]
    {
        assert_eq!(of("茶/绿茶/短", description), none, "{description}");
    }
    assert_eq!(of("茶/绿茶/短", "不能代替药物"), ["unsaid 不能代替药物", "duty "]);
    // Letters belong to one word; of words that begin alike the longest is taken, once.
    assert_eq!(of("短", "不能代替药物，代充值")[1..], none);
    assert_eq!(of("甲", "代充值到账"), ["over_words 代充值到账"]);
    assert_eq!(of("甲", "代充到账，代充值一二三四五"), ["over_words 代充到账"]);
    assert_eq!(of("短", "不能代替药物 代充值一二三到账")[1..], ["over_fields 代充值"]);
}

#[test]
fn exceptions_of_rules() {
    let of = |seller: &str| Listing { seller: Some(Seller { id: seller.to_owned() }), ..text("私下红包转账") };
    assert_eq!(said(&of("shop-1")), ["three 私下红包转账"], "the other exception is over");
    assert_eq!(said(&of("shop-2")).len(), 2);
}

/// Whatever the bytes of rules are, a listing has a verdict.
#[test]
fn bytes_that_are_no_rules() {
    let listing = Listing { skus: vec![sku("红包", 100)], ..text("私下红包转账 q1k 象牙") };
    let mut seed = 7_u64;
    let mut next = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % most
    };
    let file = pack_file();
    for round in 0..400 {
        let sections = ["figures", "groups", "language", "lexicon", "rules", "words"].map(|name| {
            let mut bytes = file.section(name).unwrap().to_vec();
            if name == "rules" || name == "groups" && round % 2 == 0 {
                for _ in 0..=next(6) {
                    let (at, byte) = (next(bytes.len()), next(256) as u8);
                    bytes[at] = byte;
                }
                if round % 16 == 0 {
                    bytes.truncate(next(bytes.len()));
                }
            }
            (name.to_owned(), bytes)
        });
        let pack = Pack::from_file(PackFile::new("listing-check", 1, sections.to_vec()).unwrap());
        if let Some(rules) = Rules::of(&pack, NOW) {
            let _ = judge(&listing, &rules).findings.len();
        }
        let _ = (SPEC.check)(&pack);
    }
}

/// Long texts full of words that rules ask for, near enough and not: what is told is bounded. Of the last but one
/// too many names begin alike: that it was not read through is told as well.
#[test]
fn texts_full_of_parts() {
    let long = |unit: &str| unit.repeat(50_000 / unit.chars().count());
    for (unit, most) in
        [("私下转账", 60), ("谨防私下转账", 60), ("象牙", 25_000), ("q1k", 21), ("私下一二三四五六七八九十", 0)]
    {
        let judged = judged(&text(&long(unit)));
        let all = judged.findings.len() + judged.left_out;
        assert!(all <= most, "{unit}: {all}");
    }
    let halves = format!("{}{}", "私下".repeat(12_000), "转账".repeat(12_000));
    assert_eq!(said(&text(&halves)), ["two 私下转账"]);
}
