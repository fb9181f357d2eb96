//! Names by which a shop or a person is found on another platform: 淘宝搜“张三的店”, 公众号：张三优选.

use listing_engine::cues::{Mark, says};
use listing_engine::step::Steps;
use listing_engine::{Language, Text};

use super::cues::Marks;
use super::{Contact, Kind, steps_of};

/// The longest name, in units.
const LONGEST: usize = 20;
/// The most units between the name of the platform and that of the shop.
const BETWEEN: usize = 12;
/// How far from a public account the word stands that says what is found there, in units.
const SERVED: usize = 12;
/// Signs that open a name, and those that close it.
const QUOTES: [(char, char); 10] = [
    ('“', '”'),
    ('"', '"'),
    ('「', '」'),
    ('『', '』'),
    ('【', '】'),
    ('[', ']'),
    ('《', '》'),
    ('\'', '\''),
    ('‘', '’'),
    ('”', '”'),
];
/// How names begin that are none.
const NO_NAMES: [&str; 24] = [
    "同款", "同名", "店铺", "本店", "热卖", "爆款", "热销", "推荐", "直播", "正品", "旗舰", "官方", "关键", "一下",
    "全网", "视频", "最低", "比价", "价格", "扫码", "关注", "专享", "客服", "查看",
];
/// What may stand between a platform and a shop's name besides words that say that a name follows.
const FILLS: &str = "的店铺上去里主页可直接我们家里叫是内来看+→:：@ ";

/// Shops and people by their names.
pub(super) fn find(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>) -> Vec<Contact> {
    let mut found: Vec<Contact> = Vec::new();
    let mut done = 0;
    for mark in marks.saying(says::SHOP).filter(|_| marks.say(says::SHOP)) {
        if mark.to < done {
            continue;
        }
        let Some((from, to)) = named(text, language, marks, mark.to) else { continue };
        done = to;
        let serves = serves(marks, mark, to);
        if to.saturating_sub(from) < 2 || serves || marks.no_contact(from) {
            continue;
        }
        let units = text.units.get(from..to).unwrap_or_default();
        let value: String =
            units.iter().map(|unit| if unit.capital { unit.char.to_ascii_uppercase() } else { unit.char }).collect();
        let (Some(first), Some(last)) = (units.first(), units.last()) else { continue };
        let (start, end) = (first.start, last.end);
        let steps = Steps::NONE.and(steps_of(text, from, to.saturating_sub(1)));
        found.push(Contact { kind: Kind::Account, value, start, end, steps, cue: mark.word.to_owned() });
    }
    found
}

/// Whether a public account leads to a manual or a warranty card, which honest shops have there.
fn serves(marks: &Marks<'_, '_>, mark: &Mark<'_>, to: usize) -> bool {
    let near = || marks.within(mark.from.saturating_sub(SERVED), to.saturating_add(SERVED), says::SERVICE);
    mark.says & says::SERVICE != 0 && near().any(|other| other.says & says::SHOP == 0)
}

/// Where such accounts are named.
pub(super) fn serving(text: &Text, marks: &Marks<'_, '_>) -> Vec<u32> {
    let serving = marks.saying(says::SHOP).filter(|mark| serves(marks, mark, mark.to));
    serving.filter_map(|mark| text.units.get(mark.from).map(|unit| unit.start)).collect()
}

/// Where the name stands that follows a platform's; `None` if no name does.
fn named(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>, from: usize) -> Option<(usize, usize)> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    let (mut at, mut led) = (from, false);
    loop {
        let c = char(at)?;
        if at.saturating_sub(from) > BETWEEN || c == '\n' {
            return None;
        }
        if let Some(quote) = QUOTES.iter().find(|(open, _)| *open == c).map(|(_, close)| *close) {
            let begin = at.saturating_add(1);
            let end = (begin..begin.saturating_add(LONGEST)).find(|at| char(*at) == Some(quote))?;
            return (end > begin).then_some((begin, end)).filter(|(begin, end)| is_name(text, *begin, *end));
        }
        // The longest word that says that a name follows, if it is no part of a longer word.
        let lead = marks.within(at, at.saturating_add(5), says::NAME).filter(|mark| mark.from == at);
        if let Some(lead) = lead.max_by_key(|mark| mark.to) {
            let joined = |a: usize, b: usize| {
                let symbols = [a, b].map(|at| text.units.get(at).map_or(0, |unit| unit.symbol));
                language.word(&symbols).is_some_and(|cost| cost != listing_engine::language::PREFIX)
            };
            let word = lead.word.chars().count() == 1 && joined(at, lead.to);
            if !word {
                (at, led) = (lead.to, true);
                continue;
            }
        }
        if FILLS.contains(c) {
            led |= matches!(c, ':' | '：' | '@');
            at = at.saturating_add(1);
            continue;
        }
        break;
    }
    if !led {
        return None;
    }
    let ends = |c: char| {
        c.is_whitespace() || "，。,.;；、!！?？)）(（~/|\"”“".contains(c) || !c.is_alphanumeric() && !"_-·&".contains(c)
    };
    let len = text.units.iter().skip(at).take(LONGEST + 1).take_while(|unit| !ends(unit.char)).count();
    let end = at.saturating_add(len);
    (len <= LONGEST && is_name(text, at, end)).then_some((at, end))
}

/// Whether a stretch may be a name: no word of advertising, and no number.
fn is_name(text: &Text, from: usize, to: usize) -> bool {
    let units = text.units.get(from..to).unwrap_or_default();
    let begins = |word: &str| word.chars().enumerate().all(|(n, c)| units.get(n).is_some_and(|unit| unit.char == c));
    units.len() > 1 && !NO_NAMES.iter().any(|word| begins(word)) && units.iter().any(|unit| unit.char.is_alphabetic())
}
