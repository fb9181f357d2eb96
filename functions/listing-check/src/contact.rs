//! Ways to be reached elsewhere: telephone numbers, accounts, mail and web addresses, however their digits and letters
//! are written. What is found is the value as one would type it.
//!
//! A number counts by its form and by what stands before it: a bar code, a model or a patent has digits too.

use listing_engine::step::{Step, Steps};
use listing_engine::{Language, Text, symbol};

/// What kind of contact it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A telephone number.
    Phone,
    /// A QQ number.
    Qq,
    /// A WeChat account.
    Wechat,
    /// A mail address.
    Mail,
    /// A web address.
    Url,
}

impl Kind {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Phone => "phone",
            Kind::Qq => "qq",
            Kind::Wechat => "wechat",
            Kind::Mail => "mail",
            Kind::Url => "url",
        }
    }
}

/// A contact in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What kind.
    pub kind: Kind,
    /// As one would type it.
    pub value: String,
    /// Where it begins in the raw text, in Unicode scalar values.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The steps from the raw text to the value.
    pub steps: Steps,
    /// The word before it that says what it is; empty if its form alone does.
    pub cue: String,
}

/// How far before a number a word may stand that says what it is, in units.
const NEAR: usize = 10;
/// Signs and words between two groups of digits.
const BETWEEN: usize = 6;

/// Words that say that an account follows, in the canonical form, and what account.
const CUES: [(&str, Kind); 46] = [
    ("微信号", Kind::Wechat),
    ("微信", Kind::Wechat),
    ("威信", Kind::Wechat),
    ("薇信", Kind::Wechat),
    ("wechat", Kind::Wechat),
    ("weixin", Kind::Wechat),
    ("v信", Kind::Wechat),
    ("vx", Kind::Wechat),
    ("wx", Kind::Wechat),
    ("加薇", Kind::Wechat),
    ("加威", Kind::Wechat),
    ("加微", Kind::Wechat),
    ("加v", Kind::Wechat),
    ("+v", Kind::Wechat),
    ("薇", Kind::Wechat),
    ("卫星", Kind::Wechat),
    ("v:", Kind::Wechat),
    ("v：", Kind::Wechat),
    ("qq", Kind::Qq),
    ("扣扣", Kind::Qq),
    ("企鹅", Kind::Qq),
    ("q群", Kind::Qq),
    ("群号", Kind::Qq),
    ("球球", Kind::Qq),
    ("加q", Kind::Qq),
    ("q:", Kind::Qq),
    ("q：", Kind::Qq),
    ("电话", Kind::Phone),
    ("手机", Kind::Phone),
    ("热线", Kind::Phone),
    ("致电", Kind::Phone),
    ("联系", Kind::Phone),
    ("咨询", Kind::Phone),
    ("拨打", Kind::Phone),
    ("来电", Kind::Phone),
    ("tel", Kind::Phone),
    ("phone", Kind::Phone),
    ("call", Kind::Phone),
    ("同号", Kind::Phone),
    ("加我", Kind::Phone),
    ("短信", Kind::Phone),
    ("找我", Kind::Phone),
    ("私", Kind::Phone),
    ("☎", Kind::Phone),
    ("📞", Kind::Phone),
    ("📱", Kind::Phone),
];

/// Words that say that a number is something else.
const NO_CONTACT: [&str; 36] = [
    "条码",
    "条形码",
    "型号",
    "货号",
    "编号",
    "批号",
    "批次",
    "标准",
    "专利",
    "许可",
    "备案",
    "注册",
    "isbn",
    "gb",
    "sku",
    "款号",
    "订单",
    "序列号",
    "系列号",
    "单号",
    "色号",
    "尺码",
    "日期",
    "版号",
    "准字",
    "认证",
    "证书",
    "件号",
    "邮编",
    "库存",
    "销量",
    "零件",
    "配件",
    "ean",
    "upc",
    "no.",
];

/// All contacts of a text, in the order of their places.
pub fn find(text: &Text, language: &Language<'_>) -> Vec<Contact> {
    let mut found = addresses(text);
    for contact in accounts(text).into_iter().chain(numbers(text, language)) {
        let overlaps = |other: &Contact| other.start < contact.end && contact.start < other.end;
        if !found.iter().any(overlaps) {
            found.push(contact);
        }
    }
    found.sort_by_key(|contact| (contact.start, contact.end));
    found
}

/// A digit as it is written, or a letter that stands for one among digits.
fn digit(c: char) -> Option<(char, bool)> {
    Some(match c {
        '0'..='9' => (c, true),
        '零' | '〇' | '○' => ('0', true),
        '一' | '壹' | '幺' | '妖' => ('1', true),
        '二' | '贰' | '两' => ('2', true),
        '三' | '叁' => ('3', true),
        '四' | '肆' => ('4', true),
        '五' | '伍' => ('5', true),
        '六' | '陆' => ('6', true),
        '七' | '柒' => ('7', true),
        '八' | '捌' => ('8', true),
        '九' | '玖' => ('9', true),
        'o' => ('0', false),
        'l' | 'i' => ('1', false),
        _ => return None,
    })
}

/// The digit at a place. A character that is part of a word is none: 一 in 一会儿.
fn digit_at(text: &Text, language: &Language<'_>, at: usize) -> Option<(char, bool)> {
    let unit = text.units.get(at)?;
    let found = digit(unit.char)?;
    let word = |a: Option<usize>, b: usize| {
        let (Some(a), Some(b)) = (a.and_then(|a| text.units.get(a)), text.units.get(b)) else { return false };
        let other = if std::ptr::eq(a, unit) { b } else { a };
        digit(other.char).is_none() && language.word(&[a.symbol, b.symbol]).is_some_and(|cost| cost != 255)
    };
    let in_word = symbol::is_han(unit.symbol) && (word(at.checked_sub(1), at) || word(Some(at), at.saturating_add(1)));
    (!in_word).then_some(found)
}

/// Runs of digits with little in between.
fn numbers(text: &Text, language: &Language<'_>) -> Vec<Contact> {
    let units = &text.units;
    let mut found = Vec::new();
    let mut at = 0;
    while at < units.len() {
        let begins = digit_at(text, language, at).is_some_and(|(_, sure)| sure);
        if !begins {
            at = at.saturating_add(1);
            continue;
        }
        let run = run(text, language, at);
        let next = run.places.last().map_or(at, |last| last.saturating_add(1)).max(at.saturating_add(1));
        if let Some(contact) = judge(text, &run) {
            found.push(contact);
        }
        at = next;
    }
    found
}

struct Run {
    value: String,
    places: Vec<usize>,
    /// How many units that are no digits lie between the first and the last.
    between: usize,
    /// Whether words lie between.
    words: bool,
}

fn run(text: &Text, language: &Language<'_>, from: usize) -> Run {
    let mut run = Run { value: String::new(), places: Vec::new(), between: 0, words: false };
    let (mut at, mut gap, mut words) = (from, 0_usize, 0_usize);
    while let Some(unit) = text.units.get(at) {
        if let Some((digit, _)) = digit_at(text, language, at) {
            run.value.push(digit);
            run.places.push(at);
            run.between = run.between.saturating_add(gap);
            run.words |= words > 0;
            (gap, words) = (0, 0);
        } else {
            gap = gap.saturating_add(1);
            words = words.saturating_add(usize::from(symbol::is_han(unit.symbol) || symbol::is_letter(unit.symbol)));
            let ends =
                matches!(unit.char, '\n' | '，' | '。' | ',' | '；' | ';' | '、' | '￥' | '¥' | '%') && words == 0;
            if gap > BETWEEN || ends || run.value.len() >= 14 {
                break;
            }
        }
        at = at.saturating_add(1);
    }
    run
}

fn judge(text: &Text, run: &Run) -> Option<Contact> {
    let value = run.value.as_str();
    let (first, last) = (run.places.first()?, run.places.last()?);
    let (cue, kind) = cue(text, *first);
    if no_contact(text, *first) {
        return None;
    }
    // Letters go on: a model's number.
    let letter = |at: Option<usize>| {
        at.and_then(|at| text.units.get(at)).is_some_and(|unit| unit.char.is_ascii_alphabetic() || unit.char == '-')
    };
    let inside = letter(first.checked_sub(1)) || letter(last.checked_add(1));
    let mobile = value.len() == 11 && value.starts_with('1') && !matches!(value.as_bytes().get(1), Some(b'0'..=b'2'));
    let land = (10..=12).contains(&value.len()) && value.starts_with('0') && !value.starts_with("00");
    let service = value.len() == 10 && (value.starts_with("400") || value.starts_with("800"));
    let kind = match kind {
        _ if mobile && (!inside || !cue.is_empty()) && (run.between == 0 || !run.words || !cue.is_empty()) => {
            match kind {
                Some(Kind::Wechat) => Kind::Wechat,
                Some(Kind::Qq) => Kind::Qq,
                _ => Kind::Phone,
            }
        }
        Some(Kind::Qq) if (5..=11).contains(&value.len()) && !value.starts_with('0') => Kind::Qq,
        Some(Kind::Wechat) if (6..=12).contains(&value.len()) && run.between <= 3 => Kind::Wechat,
        Some(Kind::Phone) if land || service || (value.len() == 7 || value.len() == 8) && explicit(&cue) => Kind::Phone,
        None if service && run.between > 0 && !inside => Kind::Phone,
        None if land && run.between > 0 && !inside => Kind::Phone,
        _ => return None,
    };
    let (start, end) = (text.units.get(*first)?, text.units.get(*last)?);
    let mut steps = steps(text, &run.places);
    if run.between > 0 {
        steps = steps.with(Step::Separator);
    }
    Some(Contact { kind, value: run.value.clone(), start: start.start, end: end.end, steps, cue })
}

fn explicit(cue: &str) -> bool {
    ["电话", "热线", "致电", "拨打", "tel", "phone", "☎", "📞"].contains(&cue)
}

fn steps(text: &Text, places: &[usize]) -> Steps {
    let mut steps = Steps::NONE;
    for unit in places.iter().filter_map(|at| text.units.get(*at)) {
        steps = steps.and(unit.steps);
        if symbol::is_han(unit.symbol) || unit.char == '○' {
            steps = steps.with(Step::Number);
        } else if unit.char.is_ascii_alphabetic() && digit(unit.char).is_some() {
            steps = steps.with(Step::Leet);
        }
    }
    steps
}

/// The canonical text before a place, the last characters of it, without white space.
fn before(text: &Text, at: usize, units: usize) -> String {
    let from = at.saturating_sub(units);
    text.units.get(from..at).unwrap_or_default().iter().map(|unit| unit.char).filter(|c| !c.is_whitespace()).collect()
}

fn cue(text: &Text, at: usize) -> (String, Option<Kind>) {
    let before = before(text, at, NEAR);
    let near = CUES.iter().filter_map(|(cue, kind)| Some((before.rfind(cue)?.saturating_add(cue.len()), *cue, *kind)));
    // The nearest says it; of those that end at the same place, the longest.
    let best = near.max_by_key(|(end, cue, _)| (*end, cue.len()));
    best.map_or((String::new(), None), |(_, cue, kind)| (cue.to_owned(), Some(kind)))
}

fn no_contact(text: &Text, at: usize) -> bool {
    let before = before(text, at, NEAR);
    let cue = CUES.iter().filter_map(|(cue, _)| before.rfind(cue)).max();
    NO_CONTACT.iter().any(|word| before.rfind(word).is_some_and(|place| cue.is_none_or(|cue| place > cue)))
}

/// Accounts of letters behind a word that says so.
fn accounts(text: &Text) -> Vec<Contact> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.units.len() {
        let begins = |at: usize| text.units.get(at).is_some_and(|unit| unit.char.is_ascii_alphabetic());
        let fresh = at.checked_sub(1).is_none_or(|before| !begins(before));
        if !begins(at) || !fresh {
            at = at.saturating_add(1);
            continue;
        }
        let fits = |unit: &&listing_engine::Unit| unit.char.is_ascii_alphanumeric() || matches!(unit.char, '-' | '_');
        let len = text.units.iter().skip(at).take_while(fits).count();
        let places: Vec<usize> = (at..at.saturating_add(len)).collect();
        let value: String = places.iter().filter_map(|at| text.units.get(*at)).map(|unit| unit.char).collect();
        let (mut cue, mut kind) = cue(text, at);
        let (mut from, mut value) = (at, value);
        // The word may be written together with the account: vxabc123.
        for glued in ["weixin", "wechat", "vx", "wx"] {
            if let Some(rest) = value.strip_prefix(glued).filter(|rest| rest.trim_start_matches(['-', '_']).len() >= 6)
            {
                (cue, kind, from) = (glued.to_owned(), Some(Kind::Wechat), at.saturating_add(glued.len()));
                value = rest.to_owned();
                break;
            }
        }
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let id = (6..=20).contains(&value.len()) && (digits > 0 || value.contains(['-', '_']));
        if id && kind == Some(Kind::Wechat) && !no_contact(text, from) {
            let end = at.saturating_add(len).saturating_sub(1);
            if let (Some(first), Some(last)) = (text.units.get(from), text.units.get(end)) {
                let steps = steps_of(text, from, end);
                found.push(Contact { kind: Kind::Wechat, value, start: first.start, end: last.end, steps, cue });
            }
        }
        at = at.saturating_add(len.max(1));
    }
    found
}

fn steps_of(text: &Text, from: usize, to: usize) -> Steps {
    text.units.get(from..=to).unwrap_or_default().iter().fold(Steps::NONE, |steps, unit| steps.and(unit.steps))
}

/// Top-level domains that listings lead to.
const TLDS: [&str; 24] = [
    "com", "cn", "net", "org", "top", "xyz", "shop", "vip", "cc", "co", "me", "io", "info", "club", "site", "online",
    "store", "tv", "wang", "ltd", "app", "link", "live", "pro",
];

/// Mail and web addresses: labels of letters and digits with dots in between, however the dots are written.
fn addresses(text: &Text) -> Vec<Contact> {
    let mut found: Vec<Contact> = Vec::new();
    let mut at = 0;
    while at < text.units.len() {
        let (label, end) = label(text, at);
        if label.is_empty() {
            at = at.saturating_add(1);
            continue;
        }
        let mut value = label;
        let (mut ends, mut steps, mut mail) = (end, Steps::NONE, false);
        let spelt = ["mail", "邮"].iter().any(|cue| before(text, at, 14).contains(cue));
        while let Some((sign, behind)) = joint(text, ends, spelt) {
            if sign == '@' && mail {
                break;
            }
            let (label, end) = self::label(text, behind);
            if label.is_empty() {
                break;
            }
            if behind.saturating_sub(ends) > 1
                || text.units.get(ends).is_some_and(|unit| !matches!(unit.char, '.' | '@'))
            {
                steps = steps.with(Step::Separator);
            }
            mail |= sign == '@';
            value.push(sign);
            value.push_str(&label);
            ends = end;
        }
        if let Some(contact) = address(text, at, ends, &value, mail, steps) {
            found.push(contact);
        }
        at = ends.max(at.saturating_add(1));
    }
    found
}

fn label(text: &Text, at: usize) -> (String, usize) {
    let fits = |unit: &&listing_engine::Unit| unit.char.is_ascii_alphanumeric() || matches!(unit.char, '-' | '_');
    let label: String = text.units.iter().skip(at).take_while(fits).map(|unit| unit.char).collect();
    let len = label.len();
    (label, at.saturating_add(len))
}

/// The dot or at-sign that stands at a place, and the place behind it; `spelt` says whether `at` may be one.
fn joint(text: &Text, at: usize, spelt: bool) -> Option<(char, usize)> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    let mut place = at;
    while char(place) == Some(' ') && place < at.saturating_add(2) {
        place = place.saturating_add(1);
    }
    let spaced = place > at;
    let (sign, mut behind) = match char(place)? {
        '.' => ('.', place.saturating_add(1)),
        '。' | '点' | '．' | '·' => ('.', place.saturating_add(1)),
        '@' => ('@', place.saturating_add(1)),
        '艾' if char(place.saturating_add(1)) == Some('特') => ('@', place.saturating_add(2)),
        '#' => ('@', place.saturating_add(1)),
        'a' if spelt
            && spaced
            && char(place.saturating_add(1)) == Some('t')
            && char(place.saturating_add(2)) == Some(' ') =>
        {
            ('@', place.saturating_add(2))
        }
        _ => return None,
    };
    while char(behind) == Some(' ') && behind < place.saturating_add(4) {
        behind = behind.saturating_add(1);
    }
    Some((sign, behind))
}

fn address(text: &Text, from: usize, to: usize, value: &str, mail: bool, steps: Steps) -> Option<Contact> {
    let tld = value.rsplit('.').next()?;
    let host = value.rsplit('@').next()?;
    let labels = host.split('.').count();
    let name = host.split('.').rev().nth(1)?;
    if labels < 2
        || !TLDS.contains(&tld)
        || name.is_empty()
        || (!mail && name.bytes().all(|b| b.is_ascii_digit()) && name.len() < 3)
    {
        return None;
    }
    let (first, last) = (text.units.get(from)?, text.units.get(to.checked_sub(1)?)?);
    let kind = if mail { Kind::Mail } else { Kind::Url };
    let steps = steps.and(steps_of(text, from, to.saturating_sub(1)));
    Some(Contact { kind, value: value.to_owned(), start: first.start, end: last.end, steps, cue: String::new() })
}

#[cfg(test)]
#[path = "contact/tests.rs"]
mod tests;
