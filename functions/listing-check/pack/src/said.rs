//! Groups and rules of a pack, in words: what runs, not what was written.

use std::collections::BTreeMap;

use calendar::date;
use listing_engine::bytes::Arrays;
use pack_source::{Map, PackFile, section};

use crate::conditions::FIELDS;
use crate::heads::{FAMILIES, HEAD, SEVERITIES, TEXTS, flag};
use crate::layout::{GROUP, MAGIC, kind, place};

/// A group or rule, in both languages, and its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub zh: String,
    pub en: String,
    pub texts: Vec<String>,
}

/// Groups and rules by their codes.
pub(crate) fn by_code(pack: &PackFile) -> BTreeMap<String, Said> {
    let map = section(pack, "groups");
    let arrays = pack.section("rules").and_then(|bytes| Arrays::open(bytes, MAGIC));
    let mut all = BTreeMap::new();
    for (number, head) in map.get("heads").unwrap_or_default().as_chunks::<HEAD>().0.iter().enumerate() {
        let Some(code) = map.text(&format!("{number}/code")) else { continue };
        let mut parts = of_head(number, head, &map);
        let rule = arrays.iter().flat_map(|arrays| {
            let rules = arrays.entries::<8>(place::RULES).iter().enumerate();
            rules.filter(|(_, rule)| usize::from(u16::from_le_bytes([rule[0], rule[1]])) == number)
        });
        for (at, rule) in rule {
            parts.extend(arrays.iter().filter_map(|arrays| of_rule(at, *rule, number, arrays, &map)));
        }
        let texts = TEXTS.iter().flat_map(|name| ["zh", "en"].map(|lang| format!("{number}/{name}/{lang}")));
        let texts = texts.map(|key| map.text(&key).unwrap_or_default().to_owned()).collect();
        let (zh, en): (Vec<String>, Vec<String>) = parts.into_iter().unzip();
        all.insert(code.to_owned(), Said { zh: zh.join("，"), en: en.join(", "), texts });
    }
    all
}

fn of_head(number: usize, head: &[u8; HEAD], map: &Map<'_>) -> Vec<(String, String)> {
    let [family, severity, flags, fields, _, _, _, _, times @ ..] = *head;
    let mut said = Vec::new();
    let mut same = |text: &str| said.push((text.to_owned(), text.to_owned()));
    same(FAMILIES.get(usize::from(family)).copied().unwrap_or("?"));
    same(SEVERITIES.get(usize::from(severity)).copied().unwrap_or("?"));
    let mut both = |zh: String, en: String| said.push((zh, en));
    if flags & flag::CUE != 0 {
        both("须有引导词".to_owned(), "needs a cue".to_owned());
    }
    if flags & flag::SHADOW != 0 {
        both("只记录不处置".to_owned(), "in shadow".to_owned());
    }
    let mut times = times.as_chunks::<8>().0.iter().map(|time| i64::from_le_bytes(*time));
    // A pack may say anything.
    let day = |ms: i64| date(ms.clamp(0, 253_402_214_400_000));
    if let Some(from) = times.next().filter(|from| *from != 0) {
        both(format!("自 {} 起", day(from)), format!("from {}", day(from)));
    }
    if let Some(until) = times.next().filter(|until| *until != 0) {
        both(format!("至 {} 前", day(until)), format!("until {}", day(until)));
    }
    let fields: Vec<&str> = (0..).zip(FIELDS).filter(|(bit, _)| fields >> bit & 1 == 1).map(|(_, name)| name).collect();
    if !fields.is_empty() {
        both(format!("只看 {}", fields.join("、")), format!("in {} alone", fields.join(", ")));
    }
    for line in map.lines(&format!("{number}/if")) {
        let (letter, value) = line.split_once(' ').unwrap_or((line, ""));
        let (zh, en) = match letter {
            "c" => ("类目属于", "in category"),
            "n" => ("类目不属于", "not in category"),
            "q" => ("有资质", "with qualification"),
            "w" => ("无资质", "without qualification"),
            "f" => ("最低价（分）不低于", "lowest price in fen from"),
            "b" => ("最低价（分）低于", "lowest price in fen below"),
            _ => ("", ""),
        };
        both(format!("{zh} {value}"), format!("{en} {value}"));
    }
    said
}

fn of_rule(at: usize, rule: [u8; 8], number: usize, arrays: &Arrays<'_>, map: &Map<'_>) -> Option<(String, String)> {
    let [_, _, is, across, low, high, places, _] = rule;
    let words = |words: u32| {
        let (kind, key) = match words & GROUP {
            0 => ("list", format!("list/{words}")),
            _ => ("group", format!("{}/code", words & !GROUP)),
        };
        format!("{kind}:{}", map.text(&key).unwrap_or("?"))
    };
    let of_place = |place: u8| {
        let members = arrays.entries::<8>(place::MEMBERS).iter();
        let ours = members
            .filter(|[.., a, b, at_place, _]| usize::from(u16::from_le_bytes([*a, *b])) == at && *at_place == place);
        let names: Vec<String> = ours.map(|[a, b, c, d, ..]| words(u32::from_le_bytes([*a, *b, *c, *d]))).collect();
        names.join(" | ")
    };
    match is {
        kind::NEAR => {
            let near: Vec<String> = (0..places).map(of_place).collect();
            let near = near.join(" + ");
            let without = arrays.entries::<8>(place::WITHOUT).iter();
            let ours = without.filter(|[a, b, c, d, ..]| u32::from_le_bytes([*a, *b, *c, *d]) as usize == at);
            let without: Vec<String> =
                ours.map(|[.., a, b, c, d]| words(u32::from_le_bytes([*a, *b, *c, *d]))).collect();
            let without = without.join(" | ");
            let within = u16::from_le_bytes([low, high]);
            let (mut zh, mut en) = match across {
                0 => (format!("{near}，相距 {within} 字以内"), format!("{near} within {within} characters")),
                _ => (format!("{near}，不限位置"), format!("{near} anywhere")),
            };
            if !without.is_empty() {
                zh += &format!("，且无 {without}");
                en += &format!(", without {without}");
            }
            Some((zh, en))
        }
        kind::PATTERN => {
            let pattern = map.text(&format!("{number}/pattern")).unwrap_or_default();
            Some((format!("形如 {pattern}"), format!("of the shape {pattern}")))
        }
        kind::DUTY => {
            let list = of_place(0);
            Some((format!("须写明 {list}"), format!("must say {list}")))
        }
        _ => None,
    }
}
