//! What stands before a term and turns it: a listing that says what it does not hold, or warns of it, does not offer it.
//!
//! Only terms as they stand are turned; whoever disguises a word does not deny it. Counterfeits are never turned: `不是高仿`
//! is said of nothing else.

use listing_engine::Found;
use listing_engine::step::{Step, Steps};

use crate::contact::Contact;

/// Words that deny what comes right behind them.
const DENIES: [&str; 18] = [
    "不含",
    "不含有",
    "不添加",
    "无添加",
    "未添加",
    "没有添加",
    "不得",
    "不支持",
    "不提供",
    "不接受",
    "不用于",
    "禁止",
    "严禁",
    "杜绝",
    "拒绝",
    "零添加",
    "not contain",
    "free of",
];
/// Words that warn of what comes behind them.
const WARNS: [&str; 14] =
    ["请勿", "切勿", "勿", "谨防", "警惕", "小心", "不要", "远离", "抵制", "防范", "防止", "beware", "do not", "never"];
/// How many characters may stand between a word that denies and the term: 不含任何, 不提供代开.
const CLOSE: usize = 2;
/// The same of a word that warns: 请勿私下添加.
const NEAR: usize = 6;
/// Words that begin an offer of their own in between.
const OFFERS: [&str; 9] = ["扰", "请加", "可加", "找", "但", "而", "直接", "欢迎", "联系"];

/// Whether a term is denied, or warned of.
pub(crate) fn denied(chars: &[char], found: &Found, family: &str, contacts: &[Contact]) -> bool {
    let plain = Steps::of(Step::Traditional).with(Step::Style);
    if family == "counterfeit" || found.steps.each().any(|step| !plain.has(step)) || !contacts.is_empty() {
        return false;
    }
    let start = (found.start as usize).min(chars.len());
    let before = chars.get(start.saturating_sub(20)..start).unwrap_or_default();
    // What another sentence says does not count.
    let from = before.iter().rposition(|c| "。！？；!?;，,\n".contains(*c)).map_or(0, |at| at.saturating_add(1));
    let clause: String = before.get(from..).unwrap_or_default().iter().collect::<String>().to_lowercase();
    let within = |words: &[&str], room: usize| {
        words.iter().any(|word| {
            clause.rfind(word).and_then(|at| clause.get(at.saturating_add(word.len())..)).is_some_and(|between| {
                between.trim().chars().count() <= room && !OFFERS.iter().any(|offer| between.contains(offer))
            })
        })
    };
    within(&DENIES, CLOSE) || within(&["非"], 0) || within(&WARNS, NEAR)
}
