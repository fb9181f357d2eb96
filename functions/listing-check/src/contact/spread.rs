//! Numbers whose digits are spread over a sentence, or over several fields.
//!
//! A telephone number of China has eleven digits and begins with 13 to 19. Groups of digits that make up exactly one,
//! none of which is a size, a price or a date, and a word about calling somewhere: that is no chance.

use listing_engine::cues::{Mark, says};
use listing_engine::step::{Step, Steps};
use listing_engine::{Language, Text, symbol};

use super::cues::Marks;
use super::number::{digit_at, digit_of, mobile};
use super::{Contact, Kind};

/// The most units between two groups.
const BETWEEN: usize = 24;
/// The most groups of a number.
const MOST_GROUPS: usize = 11;
/// Words behind a group that say that it measures something.
const MEASURES: &str = "元块米厘毫克斤升寸岁年月日号楼层件只条张片盒包袋瓶双套枚颗粒支台辆次人页天周期时分秒度码目丝股伏瓦安赫倍折%％℃°cmgkwhX×*\"";
/// A group of digits, and where it stands.
#[derive(Clone)]
pub(super) struct Group {
    pub value: String,
    pub from: usize,
    pub to: usize,
}

/// Telephone numbers in several groups.
pub(super) fn find(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>) -> Vec<Contact> {
    let all = groups(text, language);
    // 图一, 规格二: a numeral alone among words counts things.
    let label = |group: &&Group| group.value.len() > 1 || !labels(text, group);
    let fewer: Vec<Group> = all.iter().filter(label).cloned().collect();
    let found = in_groups(text, &all, marks);
    if found.is_empty() && fewer.len() < all.len() { in_groups(text, &fewer, marks) } else { found }
}

/// Whether a group is one numeral of Chinese with characters on both sides.
fn labels(text: &Text, group: &Group) -> bool {
    let han = |at: Option<usize>| at.and_then(|at| text.units.get(at)).is_some_and(|unit| symbol::is_han(unit.symbol));
    han(Some(group.from)) && han(group.from.checked_sub(1))
}

fn in_groups(text: &Text, groups: &[Group], marks: &Marks<'_, '_>) -> Vec<Contact> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = groups.get(at) {
        let number = first.value.starts_with('1').then(|| number(text, groups, at, marks)).flatten();
        let used = number.as_ref().map_or(1, |(_, used)| *used);
        found.extend(number.map(|(contact, _)| contact));
        at = at.saturating_add(used.max(1));
    }
    found
}

/// The number that begins with a group, and how many groups it has.
fn number(text: &Text, groups: &[Group], at: usize, marks: &Marks<'_, '_>) -> Option<(Contact, usize)> {
    let first = groups.get(at)?;
    let together = marks.say(says::TOGETHER);
    let (mut value, mut used, mut behind) = (String::new(), 0_usize, first.from);
    let mut single = 0_usize;
    for group in groups.get(at..)?.iter().take(MOST_GROUPS) {
        if group.from.saturating_sub(behind) > BETWEEN || !together && measures(text, group.from, group.to) {
            break;
        }
        value.push_str(&group.value);
        single = single.saturating_add(usize::from(group.value.len() == 1));
        behind = group.to;
        used = used.saturating_add(1);
        if value.len() >= 11 {
            break;
        }
    }
    if !mobile(&value) || used < 2 || marks.no_contact(first.from) {
        return None;
    }
    let end = behind.checked_sub(1)?;
    let (near, far) = (first.from.saturating_sub(24), behind.saturating_add(16));
    let called = marks.within(near, far, says::CALL | says::HINT | says::REACH | says::WECHAT).next().is_some();
    // A serial number, whose parts are named, has groups as well.
    let other = marks.within(near, behind, says::NOT).next().is_some();
    if other && !called && !together || marks.within(first.from, behind, says::NOT).next().is_some() {
        return None;
    }
    // As numbers are told: three, four and four digits, or the first three and the rest.
    let lengths: Vec<usize> = groups.get(at..at.saturating_add(used))?.iter().map(|group| group.value.len()).collect();
    let told = matches!(*lengths.as_slice(), [3, 4, 4] | [3, 8] | [7, 4] | [3, 4, 2, 2] | [3, 2, 2, 2, 2]);
    let joined = |mark: &&Mark<'_>| ["接", "再", "后面", "然后"].contains(&mark.word);
    let joins = marks.within(near, far, says::JOIN).filter(joined).count();
    if !(told || together || called && joins >= 2 || called && single.saturating_mul(2) <= used || called && used >= 8)
    {
        return None;
    }
    let (start, last) = (text.units.get(first.from)?, text.units.get(end)?);
    let steps = Steps::of(Step::Separator);
    let contact = Contact { kind: Kind::Phone, value, start: start.start, end: last.end, steps, cue: String::new() };
    Some((contact, used))
}

/// Whether a group is a size, a price or a date.
pub(super) fn measures(text: &Text, from: usize, to: usize) -> bool {
    let char = |at: Option<usize>| at.and_then(|at| text.units.get(at)).map(|unit| unit.char);
    let behind = char(Some(to));
    let before = char(from.checked_sub(1));
    let decimal = |sign: Option<char>, at: Option<usize>| {
        sign == Some('.') && at.and_then(|at| text.units.get(at)).is_some_and(|unit| unit.char.is_ascii_digit())
    };
    // 2009-6-13 9:36: a date, a time, a range.
    let short = to.saturating_sub(from) <= 2;
    let dated = |sign: Option<char>, at: Option<usize>| {
        short
            && matches!(sign, Some('-' | ':'))
            && at.and_then(|at| text.units.get(at)).is_some_and(|unit| unit.char.is_ascii_digit())
    };
    dated(behind, to.checked_add(1))
        || dated(before, from.checked_sub(2))
        || behind.is_some_and(|c| MEASURES.contains(c))
        || matches!(before, Some('￥' | '¥' | '$' | '第' | '×' | '*'))
        || decimal(behind, to.checked_add(1))
        || decimal(before, from.checked_sub(2))
        || before.is_some_and(|c| c.is_ascii_alphabetic() && c != 'v' && c != 'x')
        || behind.is_some_and(|c| c.is_ascii_alphabetic() && c != 'x')
}

/// All groups of digits; 四个零 is four of them.
fn groups(text: &Text, language: &Language<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut at = 0;
    while at < text.units.len() {
        if let Some(group) = several(text, at) {
            at = group.to;
            groups.push(group);
            continue;
        }
        let mut value = String::new();
        let from = at;
        while let Some((digit, true)) = digit_at(text, language, at) {
            // 3个5 begins another group.
            if !value.is_empty() && several(text, at).is_some() {
                break;
            }
            value.push(digit);
            at = at.saturating_add(1);
        }
        if value.is_empty() {
            at = at.saturating_add(1);
        } else {
            groups.push(Group { value, from, to: at });
        }
    }
    groups
}

/// So many times the same digit: 四个0, 3个八.
pub(super) fn several(text: &Text, at: usize) -> Option<Group> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    let times = digit_of(char(at)?)?.to_digit(10)?;
    let digit = digit_of(char(at.checked_add(2)?)?)?;
    if char(at.checked_add(1)?)? != '个' || !(2..=8).contains(&times) {
        return None;
    }
    let value = std::iter::repeat_n(digit, usize::try_from(times).ok()?).collect();
    Some(Group { value, from: at, to: at.checked_add(3)? })
}
