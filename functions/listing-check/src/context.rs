//! What stands before a term and turns it: a listing that says what it does not hold, or warns of it, does not offer it.
//!
//! Only terms as they stand are turned; whoever disguises a word does not deny it. Counterfeits are never turned: `不是高仿`
//! is said of nothing else.

use listing_engine::Found;
use listing_engine::step::{Step, Steps};

use crate::contact::Contact;

/// Words that deny what comes right behind them.
const DENIES: [&str; 20] = [
    "不参与",
    "不销售",
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
/// What may stand between such a word and the term: anything else may begin an offer (不含税大麻).
const BETWEEN: [&str; 28] = [
    "",
    "有",
    "任何",
    "有任何",
    "添加",
    "添加任何",
    "加",
    "私下",
    "轻信",
    "轻易",
    "相信",
    "通过",
    "使用",
    "进行",
    "提供",
    "参与",
    "销售",
    "从事",
    "以",
    "接受",
    "涉及",
    "用于",
    "用作",
    "出售",
    "不法",
    "他人",
    "陌生",
    "任何形式的",
];

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
    let within = |words: &[&str]| {
        words.iter().any(|word| {
            let between = clause.rfind(word).and_then(|at| clause.get(at.saturating_add(word.len())..));
            between.is_some_and(|between| BETWEEN.contains(&between.trim()))
        })
    };
    // 不加微信 is a denial, 不得不加微信 none.
    let not = clause.strip_suffix('不').is_some_and(|before| !before.ends_with(['不', '要', '得', '何', '非']));
    within(&DENIES) || not || clause.ends_with('非') && !clause.ends_with("并非") || within(&WARNS)
}
