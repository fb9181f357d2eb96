//! The engine on the tables of `policy/language` and on lists of terms that no pack holds.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests may fail by panicking"
)]

use std::path::Path;
use std::sync::OnceLock;

use listing_check_pack::{language, lexicon};
use listing_engine::lexicon::Role;
use listing_engine::{Found, Language, Lexicon, Text, Tuning, find, search};
use pack_source::{Files, Findings};

/// How much more work a hostile text may be than an ordinary one.
const BOUND: f64 = 10.0;

fn tables() -> Language<'static> {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = BYTES.get_or_init(|| {
        let files = Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy")).unwrap();
        language::compile(&files, &Findings::new()).unwrap()
    });
    Language::open(bytes).unwrap()
}

/// Terms, and with `+` before them words that are allowed.
fn list(terms: &[&str]) -> Vec<u8> {
    let entry = |text: &&str| lexicon::Entry {
        text: text.trim_start_matches('+').to_owned(),
        group: 0,
        alias_of: None,
        allowed: text.starts_with('+'),
    };
    lexicon::compile(&terms.iter().map(entry).collect::<Vec<_>>(), &tables())
}

fn look(raw: &str, terms: &[&str]) -> Vec<Found> {
    let bytes = list(terms);
    find(raw, &tables(), &Lexicon::open(&bytes).unwrap(), &Tuning::default(), false)
}

/// What stands in the raw text, the term, and the steps.
fn said(raw: &str, terms: &[&str]) -> Vec<(String, String, String)> {
    let bytes = list(terms);
    let lexicon = Lexicon::open(&bytes).unwrap();
    let slice = |one: &Found| raw.chars().skip(one.start as usize).take((one.end - one.start) as usize).collect();
    look(raw, terms)
        .iter()
        .map(|one| {
            let steps: Vec<&str> = one.steps.each().map(|step| step.name()).collect();
            (slice(one), lexicon.term(one.term).unwrap().text().to_owned(), steps.join(" "))
        })
        .collect()
}

#[track_caller]
fn expect(raw: &str, term: &str, span: &str, steps: &str) {
    assert_eq!(said(raw, &[term]), [(span.to_owned(), term.to_owned(), steps.to_owned())], "{raw}");
}

#[test]
fn every_reading_works_for_terms_that_no_pack_holds() {
    expect("本店有蓝鳍鱼肝出售", "蓝鳍鱼肝", "蓝鳍鱼肝", "");
    expect("本店有藍鰭魚肝出售", "蓝鳍鱼肝", "藍鰭魚肝", "traditional");
    expect("本店有蓝*鳍*鱼*肝出售", "蓝鳍鱼肝", "蓝*鳍*鱼*肝", "separator");
    expect("本店有蓝\u{200b}鳍\u{200b}鱼肝出售", "蓝鳍鱼肝", "蓝\u{200b}鳍\u{200b}鱼肝", "invisible");
    expect("本店有蓝̶鳍̶鱼̶肝̶出售", "蓝鳍鱼肝", "蓝̶鳍̶鱼̶肝̶", "mark");
    expect("本店有蓝蓝鳍鳍鱼鱼肝出售", "蓝鳍鱼肝", "蓝蓝鳍鳍鱼鱼肝", "repeat");
    expect("本店有蓝鳍鱼月干出售", "蓝鳍鱼肝", "蓝鳍鱼月干", "split");
    expect("本店有lanqiyugan出售", "蓝鳍鱼肝", "lanqiyugan", "pinyin");
    expect("本店有lán qí yú gān出售", "蓝鳍鱼肝", "lán qí yú gān", "mark separator pinyin tones");
    expect("本店有蓝qi鱼gan出售", "蓝鳍鱼肝", "蓝qi鱼gan", "pinyin");
    expect("本店有兰奇鱼甘出售", "蓝鳍鱼肝", "兰奇鱼甘", "homophone");
    expect("本店有蓝鳍🐟肝出售", "蓝鳍鱼肝", "蓝鳍🐟肝", "emoji");
    expect("本店有蓝鱼鳍肝出售", "蓝鳍鱼肝", "蓝鱼鳍肝", "swapped");
    expect("本店有肝鱼鳍蓝出售", "蓝鳍鱼肝", "肝鱼鳍蓝", "reversed");
    expect("ｑｕｏｒｉｎ 现货", "quorin", "ｑｕｏｒｉｎ", "style");
    expect("qu0r1n 现货", "quorin", "qu0r1n", "leet");
    expect("quоrin 现货", "quorin", "quоrin", "homoglyph");
    expect("蓝天白云\n鳍形设计\n鱼跃龙门\n肝胆相照", "蓝鳍鱼肝", "蓝天白云\n鳍形设计\n鱼跃龙门\n肝", "columns");
}

#[test]
fn letters_and_characters_by_what_they_are_drawn_like() {
    expect("ϹΑЅΙΝΟ 平台", "casino", "ϹΑЅΙΝΟ", "homoglyph");
    expect("男士 ᏙᏆᎪᏀᎡᎪ 成分", "viagra", "ᏙᏆᎪᏀᎡᎪ", "homoglyph");
    expect("\\/iagra 100mg", "viagra", "\\/iagra", "leet");
    expect("√iagra 100mg", "viagra", "√iagra", "leet");
    expect("we!xin 联系", "微信", "we!xin", "leet pinyin");
    expect("泡酒 真⻁⻣ 一副", "虎骨", "⻁⻣", "style");
    expect("全套二十四件开锁エ具", "开锁工具", "开锁エ具", "homoglyph");
    expect("矿上剩下两箱昨药，自提", "炸药", "昨药", "glyph");
}

#[test]
fn digits_and_numerals_are_read_as_each_other() {
    expect("海军涂装空军1号航模", "空军一号", "空军1号", "numeral");
    expect("空军壹号 航模", "空军一号", "空军壹号", "numeral");
    expect("紧急避孕 RU四八六 现货", "ru486", "RU四八六", "numeral");
    expect("紧急避孕 RU④8六 现货", "ru486", "RU④8六", "number numeral");
    expect("RU肆捌陆 现货", "ru486", "RU肆捌陆", "numeral");
    expect("进口2氧化物膏", "二氧化物膏", "2氧化物膏", "numeral");
    expect("老窖三00一配方", "三零零一配方", "三00一配方", "numeral");
    expect("老窖三〇零一配方", "三零零一配方", "三〇零一配方", "number");
    expect("两性霉素七号", "二性霉素7号", "两性霉素七号", "numeral");
    expect("kong军1号 现货", "空军一号", "kong军1号", "pinyin numeral");
    // A part of a longer number is another one.
    let terms = ["空军一号", "一号药", "ru486", "三号"];
    for raw in ["空军11号", "空军十一号", "11号药", "二十一号药", "ru4860", "ru四八六零", "尺码3号 4号 5号", "第3号房"]
    {
        assert_eq!(said(raw, &terms), [], "{raw}");
    }
}

#[test]
fn words_of_the_text_cut_a_term_by_strong_evidence_alone() {
    expect("高压电击棒 现货", "电击棒", "电击棒", "");
    expect("出水军 秒回", "水军", "水军", "");
    let terms = ["电击棒", "水军", "小红书", "身份证", "电子烟", "大麻", "发票"];
    for raw in ["复古小红书包女学生", "附带身份证书", "电子烟花灯", "解决大麻烦", "代发票据"]
    {
        assert_eq!(said(raw, &terms), [], "{raw}");
    }
}

#[test]
fn columns_stand_in_blocks_of_short_lines() {
    expect("从右往左竖着念\n鉴 胎\n定 儿\n香港寄血，七周出结果", "胎儿鉴定", "鉴 胎\n定 儿", "columns");
}

#[test]
fn what_is_hidden_within_a_term_counts_whatever_words_stand_around_it() {
    expect("满天星，精\u{202d}仿\u{202c}真爆，脚感同正品", "精仿", "精\u{202d}仿", "invisible");
    // Numbers that only count what stands between them.
    expect("①微②信③号", "微信", "微②信", "separator");
}

#[test]
fn what_only_looks_like_a_term_stays_clean() {
    let terms = ["大麻", "假烟", "彩票", "子弹", "女", "枪支", "sm", "第一", "微信", "提现"];
    for raw in [
        "解决大麻烦",
        "手工家宴面",
        "衣物彩漂粉",
        "Smoking 图案",
        "薇诺娜面霜",
        "T恤 V领 QQ糖",
        "cosmos 系列",
        "最大承重 150kg",
    ] {
        assert_eq!(said(raw, &terms), [], "{raw}");
    }
}

#[test]
fn an_allowed_word_takes_away_and_never_adds() {
    for raw in ["复刻版唱片", "大麻籽油 复刻 大麻", "高仿真花 高仿", "复 刻 版", "fuke版"] {
        let without = look(raw, &["复刻", "大麻", "高仿"]);
        let with = look(raw, &["复刻", "大麻", "高仿", "+复刻版", "+大麻籽", "+高仿真花"]);
        for one in &with {
            assert!(without.iter().any(|other| (other.start, other.end) == (one.start, one.end)), "{raw}: {one:?}");
        }
    }
    assert_eq!(said("复刻版唱片", &["复刻", "+复刻版"]), []);
    assert_eq!(said("复刻手表", &["复刻", "+复刻版"]).len(), 1);
}

#[test]
fn the_canonical_form_of_a_canonical_form_is_itself() {
    for raw in ["ＶＰＮ代開發票①②③", "с̶asino 🐔 m²", "⼤麻 ﷺ ㎏ 𝓋𝓅𝓃 İı"] {
        let text = |raw: &str| Text::of(raw, &tables()).units.iter().map(|unit| unit.char).collect::<String>();
        assert_eq!(text(&text(raw)), text(raw), "{raw}");
    }
}

#[test]
fn spans_lie_within_the_text_whatever_it_is() {
    let alphabet: Vec<char> = "大麻烦微信vx wē1①🐘\u{200b}\u{301}木仓\n,。ａｶ한ß\u{10FFFF}".chars().collect();
    let terms = list(&["大麻", "微信", "枪支", "象牙", "vpn", "+大麻烦"]);
    let lexicon = Lexicon::open(&terms).unwrap();
    let mut seed = 1_u64;
    for _ in 0..3000 {
        let mut raw = String::new();
        for _ in 0..seed % 24 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            raw.push(alphabet[(seed >> 33) as usize % alphabet.len()]);
        }
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let len = raw.chars().count() as u32;
        for one in find(&raw, &tables(), &lexicon, &Tuning::default(), true) {
            assert!(one.start < one.end && one.end <= len, "{raw:?}: {one:?}");
        }
    }
}

#[test]
fn tables_that_are_no_tables_find_nothing() {
    let whole = list(&["大麻", "微信"]);
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xFF;
        if let Some(lexicon) = Lexicon::open(&bytes) {
            find("加微信，大麻 wx weixin", &tables(), &lexicon, &Tuning::default(), false);
        }
        if let Some(lexicon) = Lexicon::open(&whole[..at]) {
            find("加微信，大麻 wx weixin", &tables(), &lexicon, &Tuning::default(), false);
        }
    }
}

/// The worst that was thought of costs a bounded multiple of an ordinary text of its length. What is counted is work, not
/// time: places, edges, terms looked at, ways followed.
#[test]
fn hostile_texts_are_bounded() {
    let terms: Vec<String> = (0..200).map(|n| format!("微信{}", char::from_u32(0x4E00 + n * 7).unwrap())).collect();
    let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
    let bytes = list(&terms);
    let lexicon = Lexicon::open(&bytes).unwrap();
    let work = |raw: &str| {
        let work = search(&Text::of(raw, &tables()), &tables(), &lexicon, &Tuning::default(), false).work;
        work as f64 / raw.chars().count() as f64
    };
    let usual = work(&"不锈钢手冲壶，容量六百毫升，壶嘴细长便于控制水流，手柄隔热防烫，适合家用与办公室。".repeat(60));
    for hostile in
        ["微信", "微.信.", "微 信 ", "微", "wei", "w", "微wei", "🐔", "+", "1", "木", "薇心", "v.x.", "\n微\n信"]
    {
        let text = hostile.repeat(2400 / hostile.chars().count());
        let ratio = work(&text) / usual;
        assert!(ratio < BOUND, "{hostile}: {ratio:.1} times an ordinary text");
    }
}

/// Stars, lines, emoji, borders and blanks around words are how shops write: such texts are read to their end, however long
/// they are, and are no finding.
#[test]
fn decorated_texts_are_read_to_their_end() {
    let terms =
        list(&["微信", "象牙", "假货", "假证", "大麻", "枪支", "代开发票", "水货", "听话水", "原单", "vx", "子弹"]);
    let lexicon = Lexicon::open(&terms).unwrap();
    for lines in [
        "★☆★☆★☆★☆\n★ 实物拍摄 ★\n━━━━ 产品参数 ━━━━\n▶ 材质：聚酯纤维\n◆ 水温不超过30℃\n",
        "🌟🌟🌟🌟\n🎉 店庆三周年 🎉\n✅ 产地：浙江\n❌ 不含香精\n🚚 48小时内包邮\n💗 请收藏加购 💗\n",
        "╔═════════╗\n║ 儿童积木桌 ║\n╚═════════╝\n┃材质 ┃ABS ┃\n",
        "！！！！＊＊＊＊材质：纯棉！！！！～～～～＝＝＝＝尺码：均码＋＋＋＋\n",
        "*****======~~~~~+++++\n$$$$ 品名：手冲壶 $$$$\n!!!!|||||\n",
        "●○●○ ▲△▲△ →→→点击收藏←←← ■□■□■□ ♡♥♡♥ ♪♫♬\n",
        "🌸🌺🌷🌹✨❤🐔🐟🍎🍊📱🔥🎁👗👠💄",
        "正 品 保 证 | 假 一 赔 十 · 七 天 退 换 * 极 速 发 货 * 假 一 赔 三\n",
    ] {
        for len in [800, 6000] {
            let raw: String = lines.chars().cycle().take(len).collect();
            let searched = search(&Text::of(&raw, &tables()), &tables(), &lexicon, &Tuning::default(), false);
            assert!(searched.complete, "{len} of {lines}");
            let slice = |one: &Found| -> String { raw.chars().skip(one.start as usize).take(8).collect() };
            assert!(searched.found.is_empty(), "{lines}: {:?}", searched.found.iter().map(slice).collect::<Vec<_>>());
        }
    }
    // What stands among such signs is found.
    expect("🎉🎉 手串 🎉🎉\n✅ 微★信 ✅ 详聊", "微信", "微★信", "separator");
    expect("正 品 保 证 代 开 发 票 七 天 退 换", "代开发票", "代 开 发 票", "separator");
    expect("货*假 低价批发", "假货", "货*假", "separator reversed");
}

/// Some 60,000 terms that are no words: each of a word and the first character of another.
fn many() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy/language/words.csv");
        let words = std::fs::read_to_string(path).unwrap();
        let words: Vec<&str> = words.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        let term = |at: usize| {
            let other = words[at * 7919 % words.len()].chars().next().unwrap();
            let mut term: String = words[at].chars().take(2 + at % 2).collect();
            term.push(other);
            term
        };
        let terms: Vec<String> = (0..60_000).map(term).collect();
        list(&terms.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

#[test]
fn decorated_texts_are_read_to_their_end_among_many_terms() {
    let lexicon = Lexicon::open(many()).unwrap();
    for line in [
        "🎉🎉🎉新品上架🎉🎉🎉❤️厂家直销❤️🔥🔥包邮🔥🔥✨✨✨优质面料✨✨✨🌸🌸舒适透气🌸🌸💯💯正品保证💯💯",
        "🌟💖新款🌺连衣裙🌈显瘦💃百搭🎀🎁包邮🚚现货💝秒发✨ins风💫💕",
        "★☆★☆正品★☆★☆━━━━♥━━━━尺码表━━━━♥━━━━",
        "👗👚👖👠👜💄💍🎀",
    ] {
        for len in [800, 6000] {
            let raw: String = line.chars().cycle().take(len).collect();
            let searched = search(&Text::of(&raw, &tables()), &tables(), &lexicon, &Tuning::default(), false);
            assert!(searched.complete, "{len} of {line}");
        }
    }
}

/// What cannot win is not laid on the text; where all that was read is told, it is.
#[test]
fn what_is_passed_over_would_not_have_counted() {
    let listing = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/listing");
    let read = |name: &str| std::fs::read_to_string(listing.join(name)).unwrap();
    let terms = read("terms-100.txt");
    let few = list(&terms.lines().collect::<Vec<_>>());
    let rows =
        ["forms", "shapes", "signs", "sounds", "disguised", "clean"].map(|name| read(&format!("rows/{name}.jsonl")));
    let texts = rows.iter().flat_map(|rows| rows.lines()).map(|row| {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        row["text"].as_str().unwrap().to_owned()
    });
    let texts: Vec<String> = texts.collect();
    for (bytes, every) in [(&few[..], 1), (many(), 4)] {
        let lexicon = Lexicon::open(bytes).unwrap();
        for text in texts.iter().step_by(every) {
            let look = |all| find(text, &tables(), &lexicon, &Tuning::default(), all);
            let counts: Vec<Found> = look(true).into_iter().filter(|one| one.counts).collect();
            assert_eq!(look(false), counts, "{text}");
        }
    }
}

#[test]
fn parts_of_combinations_and_terms_take_no_place_from_each_other() {
    let entry = |text: &str| lexicon::Entry { text: text.to_owned(), group: 0, alias_of: None, allowed: false };
    let entries = ["微信转账", "转账", "微信"].map(entry);
    let role = |text: &str| match text {
        "转账" => Role::Part,
        "微信" => Role::Both,
        _ => Role::Term,
    };
    let bytes = lexicon::compile_with(&entries, &tables(), role);
    let lexicon = Lexicon::open(&bytes).unwrap();
    let found = |text: &str| -> Vec<(String, bool)> {
        let all = find(text, &tables(), &lexicon, &Tuning::default(), false);
        all.iter().map(|one| (lexicon.term(one.term).unwrap().text().to_owned(), one.part)).collect()
    };
    let owned = |all: &[(&str, bool)]| all.iter().map(|(text, part)| ((*text).to_owned(), *part)).collect::<Vec<_>>();
    assert_eq!(found("可以微信转账"), owned(&[("微信", true), ("微信转账", false), ("转账", true)]));
    assert_eq!(found("微信上说，再转.账"), owned(&[("微信", false), ("微信", true), ("转账", true)]));
}
