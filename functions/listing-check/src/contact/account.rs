//! Accounts of letters and digits, behind a word that says so; and codes of invitations.

use listing_engine::step::{Step, Steps};
use listing_engine::{Language, Text};

use super::cues::{added_behind, cue, cues_in, no_contact, platform};
use super::number::digit_at;
use super::{Contact, Kind, steps_of};

/// The longest account, in characters (WeChat: 6 to 20).
const LONGEST: usize = 20;
/// The longest words between two pieces of an account, in units.
const BETWEEN: usize = 12;
/// Words that join the pieces of an account that is told piece by piece.
const JOINS: [&str; 42] = [
    "加",
    "和",
    "再",
    "接",
    "然后",
    "后面",
    "中间",
    "下划线",
    "数字",
    "字母",
    "隔开",
    "最后",
    "没有",
    "空格",
    "跟",
    "and",
    "是",
    "尾",
    "末",
    "开头",
    "结尾",
    "收",
    "凑",
    "拼",
    "后缀",
    "前缀",
    "第二",
    "第三",
    "第四",
    "二行",
    "三行",
    "截",
    "段",
    "then",
    "ends",
    "杠",
    "大写",
    "小写",
    "门牌",
    "面:",
    "名字",
    "half",
];

/// Accounts of a text; `together` says whether it tells its reader to put pieces together.
pub(super) fn find(text: &Text, language: &Language<'_>, together: bool) -> Vec<Contact> {
    let whole = Whole { text, language, together, wechat: speaks_of_wechat(text) };
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.units.len() {
        let letter = |at: usize| text.units.get(at).is_some_and(|unit| unit.char.is_ascii_alphabetic());
        let fresh = at.checked_sub(1).is_none_or(|before| !letter(before));
        let (value, end) = piece(text, language, at);
        if value.is_empty() || !fresh {
            at = at.saturating_add(1);
            continue;
        }
        found.extend(account(&whole, at, value, end));
        at = end.max(at.saturating_add(1));
    }
    found
}

/// What of an account stands at a place, and the place behind it: letters, digits in any style, `-` and `_`.
fn piece(text: &Text, language: &Language<'_>, at: usize) -> (String, usize) {
    let mut value = String::new();
    let mut end = at;
    while let Some(unit) = text.units.get(end) {
        let char = match unit.char {
            // Codes and passwords tell capitals from small letters.
            c if unit.capital => c.to_ascii_uppercase(),
            c if is_piece(c) => c,
            _ => match digit_at(text, language, end) {
                Some((digit, true)) => digit,
                _ => break,
            },
        };
        value.push(char);
        end = end.saturating_add(1);
    }
    (value, end)
}

/// A text, and what it says as a whole: asked once, not for each of its pieces.
#[derive(Clone, Copy)]
struct Whole<'t, 'l> {
    text: &'t Text,
    language: &'t Language<'l>,
    together: bool,
    wechat: bool,
}

fn account(whole: &Whole<'_, '_>, at: usize, value: String, end: usize) -> Option<Contact> {
    let text = whole.text;
    let (mut cue, mut kind) = cue(text, at);
    let (mut from, mut to, mut value) = (at, end, value);
    for glued in ["weixin", "wechat", "vx", "wx"] {
        let glues = value.get(..glued.len()).is_some_and(|head| head.eq_ignore_ascii_case(glued));
        let rest = value.get(glued.len()..).filter(|_| glues);
        if let Some(rest) = rest.filter(|rest| rest.trim_start_matches(['-', '_']).len() >= 6) {
            (cue, kind, from) = (glued.to_owned(), Some(Kind::Wechat), at.saturating_add(glued.len()));
            value = rest.to_owned();
            break;
        }
    }
    let digits = |value: &str| value.bytes().filter(u8::is_ascii_digit).count();
    if kind == Some(Kind::Invitation) {
        let code = |value: &str| (4..=12).contains(&value.len()) && digits(value) > 0;
        if value.len() < 5
            && let Some((all, behind)) = joined(whole, &value, end).filter(|(all, _)| code(all))
        {
            return contact(text, Kind::Invitation, all, cue, (from, behind), Steps::of(Step::Separator));
        }
        let alone = code(&value) || (4..=12).contains(&value.len()) && value.contains('-');
        return alone.then(|| contact(text, Kind::Invitation, value, cue, (from, to), Steps::NONE)).flatten();
    }
    let fits = |value: &str| {
        let known = digits(value) > 0 || value.contains(['-', '_']);
        (6..=LONGEST).contains(&value.len()) && known && value.contains(|c: char| c.is_ascii_alphabetic())
    };
    if value.starts_with("wxid_") && fits(&value) {
        return contact(text, Kind::Wechat, value, cue, (from, to), Steps::NONE);
    }
    let sure = digits(&value) >= 3 || value.contains('_');
    if let Some(name) = platform(text, from, sure).filter(|_| fits(&value) || digits(&value) >= 8) {
        return contact(text, Kind::Account, value, name.to_owned(), (from, to), Steps::NONE);
    }
    if kind != Some(Kind::Wechat) && fits(&value) && sure && !no_contact(text, from) {
        // Nothing but an account is written so, or is added.
        let before = text.units.get(from.saturating_sub(2)..from).unwrap_or_default();
        let added = before.iter().rev().find(|unit| unit.char != ' ').is_some_and(|unit| unit.char == '加');
        if added || added_behind(text, to) {
            kind = Some(Kind::Wechat);
        }
    }
    if kind.is_none()
        && whole.wechat
        && let Some((all, behind)) = joined(whole, &value, end).filter(|(all, _)| fits(all) && digits(all) > 0)
    {
        return contact(text, Kind::Wechat, all, cue, (from, behind), Steps::of(Step::Separator));
    }
    if kind != Some(Kind::Wechat) || no_contact(text, from) || !value.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let mut steps = Steps::NONE;
    if !fits(&value) || value.len() < 10 {
        // Told piece by piece.
        if let Some((all, behind)) = joined(whole, &value, end).filter(|(all, _)| fits(all)) {
            (value, to, steps) = (all, behind, Steps::of(Step::Separator));
        }
    }
    fits(&value).then(|| contact(text, Kind::Wechat, value, cue, (from, to), steps)).flatten()
}

/// Whether a text speaks of WeChat anywhere.
fn speaks_of_wechat(text: &Text) -> bool {
    let all: String = text.units.iter().take(400).map(|unit| unit.char).collect();
    cues_in(&all).any(|kind| kind == Kind::Wechat)
        || ["薇", "v上", "绿色软件", "加v"].iter().any(|cue| all.contains(cue))
}

/// Pieces that follow, joined by words that say so, or by the same word again and again.
fn joined(whole: &Whole<'_, '_>, first: &str, end: usize) -> Option<(String, usize)> {
    let Whole { text, language, together, .. } = *whole;
    let (mut value, mut at, mut pieces) = (first.to_owned(), end, 0_usize);
    let mut filler: Option<String> = None;
    loop {
        let gap = text.units.iter().skip(at).take_while(|unit| !is_piece(unit.char)).count();
        let words: String = text.units.iter().skip(at).take(gap).map(|unit| unit.char).collect();
        let plain = words.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let again = filler.as_ref().is_some_and(|filler| *filler == plain);
        let says = together || JOINS.iter().any(|join| words.contains(join));
        let next = at.saturating_add(gap);
        let (more, behind) = piece(text, language, next);
        if gap == 0 || gap > BETWEEN || more.is_empty() || words.contains(['。', '\n']) {
            break;
        }
        // A word that is no joint is one if it comes again behind the next piece.
        let later = text.units.iter().skip(behind).take(gap).map(|unit| unit.char).collect::<String>();
        if !(says || again || !plain.is_empty() && later.contains(&plain)) {
            break;
        }
        if words.contains("下划线") {
            value.push('_');
        } else if words.contains('杠') {
            value.push('-');
        }
        value.push_str(&more);
        filler = Some(plain);
        (at, pieces) = (behind, pieces.saturating_add(1));
        if value.len() > LONGEST || pieces > 8 {
            return None;
        }
    }
    (pieces > 0).then_some((value, at))
}

/// Whether accounts are written with a character.
pub(super) fn is_piece(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn contact(
    text: &Text,
    kind: Kind,
    value: String,
    cue: String,
    (from, to): (usize, usize),
    steps: Steps,
) -> Option<Contact> {
    let last = to.checked_sub(1)?;
    let (start, end) = (text.units.get(from)?.start, text.units.get(last)?.end);
    Some(Contact { kind, value, start, end, steps: steps.and(steps_of(text, from, last)), cue })
}
