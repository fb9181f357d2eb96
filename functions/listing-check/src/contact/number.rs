//! Numbers of telephones and accounts.

use listing_engine::cues::says;
use listing_engine::step::{Step, Steps};
use listing_engine::{Language, Text, symbol};

use super::cues::{Marks, NUMBERS};
use super::spread::measures;
use super::{Contact, Kind};

/// Signs and words between two groups of digits.
const BETWEEN: usize = 6;
/// The most digits that are looked at as one number: what is longer is none.
const MOST_DIGITS: usize = 17;
/// A number of so many digits goes on behind a sign only if it becomes a telephone's.
const MOST_WHOLE: usize = 11;

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
        '丨' => ('1', true),
        '拐' => ('7', false),
        '勾' | '久' => ('9', false),
        '洞' => ('0', false),
        'o' => ('0', false),
        'l' | 'i' => ('1', false),
        _ => return None,
    })
}

/// A digit as it is written, letters left out.
pub(super) fn digit_of(c: char) -> Option<char> {
    digit(c).and_then(|(digit, sure)| sure.then_some(digit))
}

/// The digit at a place. A character that is part of a word is none: 一 in 一会儿.
pub(super) fn digit_at(text: &Text, language: &Language<'_>, at: usize) -> Option<(char, bool)> {
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
pub(super) fn find(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>) -> Vec<Contact> {
    let units = &text.units;
    let mut found = Vec::new();
    let mut at = 0;
    while at < units.len() {
        let begins = match digit_at(text, language, at) {
            Some((_, true)) => true,
            // A letter for a digit, where digits follow and no letter stands before.
            Some(_) => {
                let other = at.checked_sub(1).and_then(|before| units.get(before));
                let alone = other.is_none_or(|unit| !unit.char.is_ascii_alphanumeric());
                alone
                    && !in_letters(text, at)
                    && (1..3).all(|n| digit_at(text, language, at.saturating_add(n)).is_some())
            }
            None => false,
        };
        if !begins {
            at = at.saturating_add(1);
            continue;
        }
        let groups = groups(text, language, at);
        let last = groups.last().and_then(|group| group.places.last());
        let next = last.map_or(at, |last| last.saturating_add(1)).max(at.saturating_add(1));
        found.extend(of_groups(text, marks, &groups));
        at = next;
    }
    found
}

/// Whether a letter that may stand for a digit is part of a word of other letters: l in call.
fn in_letters(text: &Text, at: usize) -> bool {
    let other = |unit: &listing_engine::Unit| unit.char.is_ascii_alphabetic() && digit(unit.char).is_none();
    let run = |units: &mut dyn Iterator<Item = &listing_engine::Unit>| {
        units.take(8).take_while(|unit| unit.char.is_ascii_alphabetic()).any(other)
    };
    run(&mut text.units.iter().skip(at)) || run(&mut text.units.get(..at).unwrap_or_default().iter().rev())
}

/// Digits without anything in between.
struct Group {
    value: String,
    places: Vec<usize>,
    /// How many units stand before it that are no digits, behind the group before.
    gap: usize,
    /// Whether words, or the end of a sentence, stand there.
    words: bool,
    /// Whether no word does.
    bare: bool,
}

/// Digits that may be one number.
struct Run {
    value: String,
    places: Vec<usize>,
    /// How many units that are no digits lie between the first and the last.
    between: usize,
    /// Whether words lie between.
    words: bool,
}

/// Groups of digits with little in between.
fn groups(text: &Text, language: &Language<'_>, from: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let (mut at, mut gap, mut words, mut bare) = (from, 0_usize, false, true);
    while let Some(unit) = text.units.get(at) {
        if let Some((digit, _)) = digit_at(text, language, at).filter(|(_, sure)| *sure || !in_letters(text, at)) {
            // 张三139…: a numeral of Chinese beside others may be a word.
            let han = |place: &usize| text.units.get(*place).is_some_and(|unit| symbol::is_han(unit.symbol));
            let other = groups.last().and_then(|group| group.places.last()).is_some_and(|last| han(last) != han(&at));
            if gap > 0 || other || groups.is_empty() {
                groups.push(Group { value: String::new(), places: Vec::new(), gap, words, bare });
            }
            if let Some(group) = groups.last_mut() {
                group.value.push(digit);
                group.places.push(at);
            }
            (gap, words, bare) = (0, false, true);
        } else {
            gap = gap.saturating_add(1);
            bare &= !symbol::is_han(unit.symbol) && !symbol::is_letter(unit.symbol);
            // A sentence may end between two groups only where a word has said what the digits are.
            words |= !bare || matches!(unit.char, '，' | '。' | ',' | '；' | ';' | '、');
            let whole = groups.last().is_some_and(|group| complete(&group.value));
            if gap > BETWEEN || whole && unit.char == '转' || matches!(unit.char, '\n' | '￥' | '¥' | '%') {
                break;
            }
        }
        at = at.saturating_add(1);
    }
    groups
}

/// The numbers that groups make: of all that begin with a group, the longest that may be one; but what is whole is not
/// joined over words with what follows.
fn of_groups(text: &Text, marks: &Marks<'_, '_>, groups: &[Group]) -> Vec<Contact> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        // The longest value, with some that is too long to be one.
        let mut len = 0_usize;
        let within = |group: &&Group| {
            len = len.saturating_add(group.value.len());
            len <= MOST_DIGITS
        };
        let most = groups.get(at..).unwrap_or_default().iter().take_while(within).count();
        let judged = |count: usize| groups.get(at..at.saturating_add(count)).and_then(|some| number(text, marks, some));
        let mut whole: Option<(usize, Contact)> = None;
        for count in 1..=most {
            let last = groups.get(at.saturating_add(count).saturating_sub(1));
            let joins = last.is_some_and(|group| group.words && !told_on(marks, group));
            let Some(contact) = judged(count) else { continue };
            // 139 1234 5678 is one number though 139 1234 may be another; QQ2847561903, 24 hours, is not.
            if whole.as_ref().is_none_or(|(_, short)| {
                !joins && short.value.len() < MOST_WHOLE || is_mobile(&contact) && !is_mobile(short)
            }) {
                whole = Some((count, contact));
            }
        }
        let (count, contact) = whole.map_or((1, None), |(count, contact)| (count, Some(contact)));
        found.extend(contact);
        at = at.saturating_add(count);
    }
    found
}

/// Whether words before a group say that it goes on with the one before, or no more than a comma stands there.
fn told_on(marks: &Marks<'_, '_>, group: &Group) -> bool {
    let Some(first) = group.places.first() else { return false };
    let joins = says::JOIN | says::MIDDLE | says::LAST;
    group.bare && group.value.len() > 2 || marks.within(first.saturating_sub(group.gap), *first, joins).next().is_some()
}

fn is_mobile(contact: &Contact) -> bool {
    mobile(&contact.value)
}

/// Whether digits are a mobile telephone of China: eleven, from 13 to 19.
pub(super) fn mobile(value: &str) -> bool {
    value.len() == 11 && value.starts_with('1') && !matches!(value.as_bytes().get(1), Some(b'0'..=b'2'))
}

/// The number that all of these groups make.
fn number(text: &Text, marks: &Marks<'_, '_>, groups: &[Group]) -> Option<Contact> {
    let joined = groups.get(1..)?;
    let run = Run {
        value: groups.iter().map(|group| group.value.as_str()).collect(),
        places: groups.iter().flat_map(|group| group.places.iter().copied()).collect(),
        between: joined.iter().map(|group| group.gap).sum(),
        words: joined.iter().any(|group| group.words),
    };
    let contact = judge(text, marks, &run)?;
    let (first, last) = (*run.places.first()?, run.places.last()?.saturating_add(1));
    let measured = |group: &Group| {
        let (from, to) = (group.places.first(), group.places.last());
        let beside = |at: usize| text.units.get(at).is_some_and(|unit| unit.char.is_ascii_alphabetic());
        // Before the first of them the cue may stand, or end with a letter.
        let led = from == run.places.first() && from.is_some_and(|from| from.checked_sub(1).is_some_and(beside));
        from.zip(to).is_some_and(|(from, to)| !led && measures(text, *from, to.saturating_add(1)))
    };
    // What is a telephone's alone is no part of another number; 125 ml, 16 boxes; an article's number behind a word for one.
    let other = groups.len() > 1
        && (!is_mobile(&contact)
            && groups.iter().any(|group| mobile(&group.value) || group.value.len() < 5 && measured(group))
            || marks.within(first, last, says::NOT).next().is_some());
    (!other).then_some(contact)
}

fn judge(text: &Text, marks: &Marks<'_, '_>, run: &Run) -> Option<Contact> {
    // +86 before a number is the country.
    let country = run
        .value
        .strip_prefix("00")
        .unwrap_or(&run.value)
        .strip_prefix("86")
        .filter(|rest| rest.len() == 11 && rest.starts_with('1'));
    let skipped = country.map_or(0, |rest| run.value.len().saturating_sub(rest.len()));
    let value = country.unwrap_or(&run.value);
    let (first, last) = (run.places.get(skipped)?, run.places.last()?);
    if value.len() < 5 || marks.no_contact(*first) && !marks.added_behind(last.saturating_add(1)) {
        return None;
    }
    let cue = marks.cue(*first, NUMBERS).or_else(|| marks.cue_behind(*last));
    let (told, kind) = (cue.is_some(), cue.map(|cue| cue.kind));
    let lone = cue.is_some_and(|cue| cue.word.len() == 1);
    let explicit = cue.is_some_and(|cue| cue.says & says::LAND != 0);
    // Letters go on: a model's number.
    let letter = |at: Option<usize>| {
        at.and_then(|at| text.units.get(at)).is_some_and(|unit| unit.char.is_ascii_alphabetic() || unit.char == '-')
    };
    let inside = letter(first.checked_sub(1)) || letter(last.checked_add(1));
    let mobile = mobile(value);
    let plus = plus(text, *first);
    // The three first digits of an area stand together, or each digit alone: 08.3.15 is a date.
    let area = run.places.get(skipped.saturating_add(2)).is_some_and(|third| *third == first.saturating_add(2))
        || run.between.saturating_add(1) >= value.len();
    let land = (10..=12).contains(&value.len()) && value.starts_with('0') && !value.starts_with("00") && area;
    let service = value.len() == 10 && (value.starts_with("400") || value.starts_with("800"));
    let in_words = text.units.get(*first..=*last).unwrap_or_default().iter().all(|unit| symbol::is_han(unit.symbol));
    let kind = match kind {
        _ if mobile && (!inside || told) && (run.between == 0 || !run.words || told) => match kind {
            Some(Kind::Wechat) => Kind::Wechat,
            Some(Kind::Qq) => Kind::Qq,
            _ => Kind::Phone,
        },
        Some(Kind::Qq) if (5..=11).contains(&value.len()) && !value.starts_with('0') && !(lone && run.words) => {
            Kind::Qq
        }
        Some(Kind::Wechat) if (6..=12).contains(&value.len()) && run.between <= 3 => Kind::Wechat,
        Some(Kind::Phone) if land || service || (value.len() == 7 || value.len() == 8) && explicit => Kind::Phone,
        None if service && (run.between > 0 || in_words) && !inside => Kind::Phone,
        None if land && run.between > 0 && !inside => Kind::Phone,
        _ if plus && (10..=13).contains(&value.len()) && !run.words => Kind::Phone,
        _ => return None,
    };
    let (start, end) = (text.units.get(*first)?, text.units.get(*last)?);
    let mut steps = steps(text, &run.places);
    if run.between > 0 {
        steps = steps.with(Step::Separator);
    }
    let cue = cue.map_or("", |cue| cue.word).to_owned();
    // A number of another country, and one of a messenger that asks for the country, is typed with it.
    let value = match (country, cue.starts_with("whats") || cue == "瓦次") {
        (Some(_), true) => format!("+86{value}"),
        (None, _) if plus && !mobile => format!("+{value}"),
        _ => value.to_owned(),
    };
    Some(Contact { kind, value, start: start.start, end: end.end, steps, cue })
}

/// Whether a plus stands before a number: its country is told.
fn plus(text: &Text, at: usize) -> bool {
    let before = text.units.get(..at).unwrap_or_default();
    let written = |word: &str| word.chars().rev().eq(before.iter().rev().map(|unit| unit.char).take(word.len()));
    before.last().is_some_and(|unit| unit.char == '+') || written("plus ")
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

/// Whether digits are a whole number of a landline or mobile telephone: what follows 转 is an extension.
fn complete(value: &str) -> bool {
    (10..=12).contains(&value.len()) && value.starts_with(['0', '1', '4'])
}
