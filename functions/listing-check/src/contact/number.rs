//! Numbers of telephones and accounts.

use listing_engine::cues::says;
use listing_engine::step::{Step, Steps};
use listing_engine::{Language, Text, symbol};

use super::cues::{Marks, NUMBERS};
use super::{Contact, Kind};

/// Signs and words between two groups of digits.
const BETWEEN: usize = 6;

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
        let run = run(text, language, at);
        let next = run.places.last().map_or(at, |last| last.saturating_add(1)).max(at.saturating_add(1));
        if let Some(contact) = judge(text, marks, &run) {
            found.push(contact);
        }
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
    let (mut at, mut gap, mut words, mut ended) = (from, 0_usize, 0_usize, false);
    while let Some(unit) = text.units.get(at) {
        if let Some((digit, _)) = digit_at(text, language, at).filter(|(_, sure)| *sure || !in_letters(text, at)) {
            // Behind a sentence's end and words another number begins, if this one may be whole.
            if ended && words > 0 && run.value.len() >= 7 {
                break;
            }
            run.value.push(digit);
            run.places.push(at);
            run.between = run.between.saturating_add(gap);
            run.words |= words > 0 || ended;
            (gap, words, ended) = (0, 0, false);
        } else {
            gap = gap.saturating_add(1);
            words = words.saturating_add(usize::from(symbol::is_han(unit.symbol) || symbol::is_letter(unit.symbol)));
            if gap > BETWEEN
                || complete(&run.value) && unit.char == '转'
                || matches!(unit.char, '\n' | '￥' | '¥' | '%')
                || run.value.len() >= 15
            {
                break;
            }
            // A sentence may end between two groups only where a word has said what the digits are.
            ended |= matches!(unit.char, '，' | '。' | ',' | '；' | ';' | '、');
        }
        at = at.saturating_add(1);
    }
    run
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
    let mobile = value.len() == 11 && value.starts_with('1') && !matches!(value.as_bytes().get(1), Some(b'0'..=b'2'));
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
        None if plus && (10..=13).contains(&value.len()) && !run.words => Kind::Phone,
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
