//! What is tried: the default terms, compiled as a pack compiles them, and the sentences that they stand in.

use std::path::Path;

use listing_check_pack::language;
use listing_check_pack::lexicon::{self, Entry};
use listing_engine::Language;
use pack_source::csv::lines;
use pack_source::{Files, Findings};

const POLICY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../functions/listing-check/policy");

/// Sentences of shops; a term stands at `{}`.
pub const SENTENCES: [&str; 15] = [
    "店里新到{}一批，数量不多",
    "今天拍下，{}明天就能寄出",
    "{}颜色有三种，尺寸看图片",
    "用了半年的{}，品相不错",
    "老板请问{}还有库存吗",
    "春季上新，{}，欢迎选购",
    "本店经营{}多年，质量稳定",
    "家里闲置的{}低价出",
    "想要{}的看说明，不议价",
    "包装完好 {} 当天寄出",
    "New arrivals this week: {} in stock, ships tomorrow",
    "Please read about {} before you order",
    "{} comes in three colours",
    "Gift box, ribbon and {} included",
    "Our shop sells {} at a fair price",
];

/// Words that an operator might allow. Many hold a term, or sound like one.
const ALLOWED: [&str; 30] = [
    "微信小程序",
    "威信",
    "维新",
    "象牙筷",
    "大象",
    "香烟缸",
    "大麻花",
    "枪手",
    "水枪",
    "手枪玩具",
    "气枪钉",
    "子弹头列车",
    "假货险",
    "水货箱",
    "开发",
    "发票夹",
    "套现成",
    "比特",
    "网贷课",
    "小红书架",
    "淘宝贝",
    "京东方",
    "抖音箱",
    "支付",
    "家用刀具",
    "新品",
    "三种",
    "包装完好",
    "in stock",
    "fair",
];

/// Compiled tables.
pub struct World {
    pub language: Vec<u8>,
    pub lexicon: Vec<u8>,
    /// The same with [`ALLOWED`] besides.
    pub allowing: Vec<u8>,
    pub terms: Vec<String>,
}

impl World {
    /// Reads the default policy.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read() -> Result<World, String> {
        let files = Files::read(Path::new(POLICY)).map_err(|error| format!("{error:?}"))?;
        let findings = Findings::new();
        let bytes = language::compile(&files, &findings);
        // Lists that are no groups have parts of combinations, which are no findings by themselves.
        let rules = files.text("rules.toml", &findings).unwrap_or_default();
        let told = |path: &str| {
            let code = path.strip_prefix("lexicon/").and_then(|name| name.strip_suffix(".csv"));
            code.is_some_and(|code| rules.contains(&format!("[group.{code}]")))
        };
        let lists = files.paths().filter(|path| told(path)).map(str::to_owned);
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        for path in lists.chain(["aliases.csv".to_owned(), "allow.csv".to_owned()]) {
            let text = files.text(&path, &findings).ok_or_else(|| format!("{path} cannot be read"))?;
            let cells = lines(text).filter(|line| line.comment().is_none());
            rows.extend(
                cells.map(|line| (path.clone(), line.cells().iter().map(|cell| cell.text.to_owned()).collect())),
            );
        }
        let said: Vec<String> = findings.sorted().iter().map(ToString::to_string).collect();
        let bytes = bytes.ok_or_else(|| said.join("\n"))?;
        let language = Language::open(&bytes).ok_or("the language cannot be opened")?;
        let mut entries: Vec<Entry> = rows.iter().filter_map(|(path, cells)| entry(path, cells)).collect();
        let terms = entries.iter().filter(|entry| entry.alias_of.is_none() && !entry.allowed);
        let terms = terms.map(|entry| entry.text.clone()).collect();
        let lexicon = lexicon::compile(&entries, &language);
        entries.extend(ALLOWED.map(allowed));
        let allowing = lexicon::compile(&entries, &language);
        Ok(World { lexicon, allowing, terms, language: bytes })
    }
}

fn entry(path: &str, cells: &[String]) -> Option<Entry> {
    let text = cells.first().filter(|text| !text.is_empty())?;
    match path {
        "aliases.csv" => {
            let alias_of = Some((cells.get(1)?.clone(), cells.get(2)?.parse().ok()?));
            Some(Entry { text: text.clone(), group: 0, alias_of, allowed: false })
        }
        "allow.csv" => Some(allowed(text)),
        _ => Some(Entry { text: text.clone(), group: 0, alias_of: None, allowed: false }),
    }
}

fn allowed(word: &str) -> Entry {
    Entry { text: word.to_owned(), group: 0, alias_of: None, allowed: true }
}
