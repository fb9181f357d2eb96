//! Ways to be reached elsewhere: telephone numbers, accounts, mail and web addresses, however their digits and letters
//! are written. What is found is the value as one would type it.
//!
//! A number counts by its form and by what stands before it: a bar code, a model or a patent has digits too.

mod address;
mod number;

use std::collections::BTreeMap;

use listing_engine::step::Steps;
use listing_engine::{Language, Text};

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

/// How far behind a number such a word may end, in units.
const BEHIND: usize = 6;

/// Words that say that an account follows, in the canonical form, and what account.
const CUES: [(&str, Kind); 48] = [
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
    ("进群", Kind::Qq),
    ("入群", Kind::Qq),
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
    let mut found = Vec::new();
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    for contact in address::find(text).into_iter().chain(accounts(text)).chain(number::find(text, language)) {
        if taken.range(..contact.end).next_back().is_none_or(|(_, end)| *end <= contact.start) {
            taken.insert(contact.start, contact.end);
            found.push(contact);
        }
    }
    found.sort_by_key(|contact| (contact.start, contact.end));
    found
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

/// A word behind a number that says what it is: 13800138000 电话同号.
fn cue_behind(text: &Text, at: usize) -> (String, Option<Kind>) {
    let behind = text.units.get(at.saturating_add(1)..).unwrap_or_default();
    let behind: String = behind.iter().take(BEHIND).map(|unit| unit.char).filter(|c| !c.is_whitespace()).collect();
    let found = CUES.iter().find(|(cue, _)| cue.chars().count() > 1 && behind.starts_with(cue));
    found.map_or((String::new(), None), |(cue, kind)| ((*cue).to_owned(), Some(*kind)))
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

#[cfg(test)]
#[path = "contact/tests.rs"]
mod tests;
