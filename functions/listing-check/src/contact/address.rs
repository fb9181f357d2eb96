//! Mail and web addresses.

use listing_engine::Text;
use listing_engine::cues::says;
use listing_engine::step::{Step, Steps};
use listing_engine::{Cues, Unit};

use super::cues::Marks;
use super::link::{path, scheme};
use super::{Contact, Kind, steps_of};

/// How far before an address a word may stand that says that it is one, in units.
const NEAR: usize = 14;
/// The longest name before a top-level domain of Chinese, in units.
const LONGEST: usize = 20;
/// Ends of files' names: no top-level domains, though some are.
const FILES: [&str; 24] = [
    "js", "ts", "md", "py", "sh", "so", "zip", "exe", "ini", "csv", "txt", "pdf", "doc", "docx", "xls", "xlsx", "jpg",
    "jpeg", "png", "gif", "mp3", "mp4", "html", "htm",
];

/// Mail and web addresses: labels of letters and digits with dots in between, however the dots are written.
pub(super) fn find(text: &Text, marks: &Marks<'_, '_>, cues: &Cues<'_>) -> Vec<Contact> {
    let mut found: Vec<Contact> = Vec::new();
    let mut at = 0;
    while let Some(unit) = text.units.get(at) {
        if matches!(unit.char, '.' | '点')
            && let Some(contact) = in_chinese(text, marks, cues, at)
        {
            found.push(contact);
        }
        let (label, end) = if is_label(unit) { label(text, at) } else { (String::new(), at) };
        if label.is_empty() {
            at = at.saturating_add(1);
            continue;
        }
        // Labels are put together only where a sign follows that may join them.
        let mut value = label;
        let (mut ends, mut steps, mut mail) = (end, Steps::NONE, false);
        let mut spelt = None;
        while let Some((sign, behind)) = joint(text, ends, || {
            *spelt.get_or_insert_with(|| marks.within(at.saturating_sub(NEAR), at, says::MAIL).next().is_some())
        }) {
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
        if ends > end {
            collapse(&mut value, cues, &mut steps);
            // The word that is glued to the last label belongs to the next sentence: example.comNEW.
            if let Some(glued) = glued(text, cues, ends, &value) {
                value.truncate(value.len().saturating_sub(glued));
                ends = ends.saturating_sub(glued);
            }
            let path = path(text, ends).filter(|_| !mail);
            let sure = path.is_some() || named(text, marks, at);
            if let Some(mut contact) = address(text, cues, (at, ends), &value, (mail, sure), steps) {
                if let Some((path, behind)) = path {
                    contact.value.push_str(&path);
                    ends = behind;
                    contact.end = text.units.get(ends.saturating_sub(1)).map_or(contact.end, |unit| unit.end);
                }
                with_scheme(text, at, ends, &mut contact);
                found.push(contact);
            }
        }
        at = ends.max(at.saturating_add(1));
    }
    found
}

/// An address as it is written, with http:// or https:// before it and its last slash.
fn with_scheme(text: &Text, from: usize, to: usize, contact: &mut Contact) {
    let scheme = ["https", "http"].into_iter().find_map(|name| {
        let begin = from.checked_sub(name.len().saturating_add(3))?;
        let letters = text.units.get(begin..begin.saturating_add(name.len()))?;
        let same = scheme(text, from) && letters.iter().map(|unit| unit.char).eq(name.chars());
        same.then_some((name, begin))
    });
    let Some((name, begin)) = scheme else { return };
    if contact.kind != Kind::Url {
        return;
    }
    contact.value.insert_str(0, &format!("{name}://"));
    contact.start = text.units.get(begin).map_or(contact.start, |unit| unit.start);
    if let Some(slash) = text.units.get(to).filter(|unit| unit.char == '/') {
        contact.value.push('/');
        contact.end = slash.end;
    }
}

/// Whether an address is spoken of before a place: any top-level domain is one there.
fn named(text: &Text, marks: &Marks<'_, '_>, at: usize) -> bool {
    scheme(text, at) || marks.within(at.saturating_sub(NEAR), at, says::SITE).next().is_some()
}

fn is_domain(cues: &Cues<'_>, label: &str) -> bool {
    cues.says(label) & says::DOMAIN != 0
}

/// Single letters at the end that make up a top-level domain: zhangsan.c.o.m.
fn collapse(value: &mut String, cues: &Cues<'_>, steps: &mut Steps) {
    let single = value.rsplit('.').take_while(|label| label.len() == 1).count();
    if single < 2 || value.contains('@') {
        return;
    }
    let at = value.len().saturating_sub(single.saturating_mul(2));
    let end: String = value.get(at..).unwrap_or_default().chars().filter(|c| *c != '.').collect();
    let name = value.get(..at).unwrap_or_default();
    let whole = if name.is_empty() {
        // All of it is single letters.
        let cut = end.len().saturating_sub(3).max(3);
        end.get(cut..)
            .filter(|tld| ["com", "net", "org"].contains(tld))
            .and(end.get(..cut))
            .map(|name| format!("{name}.{}", end.get(cut..).unwrap_or_default()))
    } else {
        is_domain(cues, &end).then(|| format!("{name}.{end}"))
    };
    if let Some(whole) = whole {
        *value = whole;
        *steps = steps.with(Step::Separator);
    }
}

/// An address that ends with a top-level domain of Chinese: 张三优选.中国.
fn in_chinese(text: &Text, marks: &Marks<'_, '_>, cues: &Cues<'_>, dot: usize) -> Option<Contact> {
    let units = &text.units;
    let first = units.get(dot.saturating_add(1))?;
    let mut tld = String::new();
    let mut len = 0;
    // The longest that is known.
    for (n, unit) in units.iter().skip(dot.saturating_add(1)).take(4).enumerate() {
        tld.push(unit.char);
        if is_domain(cues, &tld) {
            len = n.saturating_add(1);
        }
    }
    let to = dot.saturating_add(1).saturating_add(len);
    let word = |unit: &&Unit| unit.char.is_alphanumeric() || unit.char == '-';
    if len == 0 || first.char.is_ascii() || units.get(to).is_some_and(|unit| unit.char.is_alphanumeric()) {
        return None;
    }
    let before = units.get(..dot)?.iter().rev().take(LONGEST + 1).take_while(word).count();
    let from = dot.saturating_sub(before);
    let letters = units.get(from..dot)?.iter().all(|unit| unit.char.is_ascii());
    let spoken = marks.within(from.saturating_sub(NEAR), dot, says::SITE).next().is_some() || scheme(text, from);
    if !(2..=LONGEST).contains(&before) || !(spoken || letters && units.get(dot)?.char == '.') {
        return None;
    }
    let value: String =
        units.get(from..to)?.iter().map(|unit| if unit.char == '点' { '.' } else { unit.char }).collect();
    let (start, end) = (units.get(from)?.start, units.get(to.checked_sub(1)?)?.end);
    let steps = steps_of(text, from, to.saturating_sub(1));
    Some(Contact { kind: Kind::Url, value, start, end, steps, cue: String::new() })
}

/// How many letters behind a top-level domain begin another word with a capital.
fn glued(text: &Text, cues: &Cues<'_>, to: usize, value: &str) -> Option<usize> {
    let last = value.rsplit('.').next()?;
    let from = to.checked_sub(last.len())?;
    let capital = |at: usize| text.units.get(at).is_some_and(|unit| unit.capital);
    let cut = (1..last.len()).find(|at| capital(from.saturating_add(*at)) && !capital(from))?;
    let tld = last.get(..cut)?;
    (!is_domain(cues, last) && is_domain(cues, tld)).then(|| last.len().saturating_sub(cut))
}

/// Letters with a space behind each: t e a . c o m.
fn spaced(text: &Text, at: usize) -> Option<(String, usize)> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    let single = |at: usize| char(at).filter(char::is_ascii_alphanumeric);
    if at.checked_sub(1).and_then(char).is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let (mut label, mut end) = (String::new(), at);
    while let Some(c) = single(end) {
        let alone = char(end.saturating_add(1)).is_none_or(|c| !c.is_ascii_alphanumeric());
        if !alone || label.len() > 40 {
            return None;
        }
        label.push(c);
        end = end.saturating_add(1);
        if char(end) == Some(' ') && single(end.saturating_add(1)).is_some() {
            end = end.saturating_add(1);
        }
    }
    (label.len() > 1).then_some((label, end))
}

fn is_label(unit: &Unit) -> bool {
    unit.char.is_ascii_alphanumeric() || matches!(unit.char, '-' | '_')
}

fn label(text: &Text, at: usize) -> (String, usize) {
    if let Some(spaced) = spaced(text, at) {
        return spaced;
    }
    // Names of hosts that are said in Chinese.
    for (said, label) in [("扣扣", "qq"), ("康姆", "com"), ("网易", "163")] {
        if said
            .chars()
            .enumerate()
            .all(|(n, c)| text.units.get(at.saturating_add(n)).is_some_and(|unit| unit.char == c))
        {
            return (label.to_owned(), at.saturating_add(2));
        }
    }
    let label: String = text.units.iter().skip(at).take_while(|unit| is_label(unit)).map(|unit| unit.char).collect();
    let len = label.len();
    (label, at.saturating_add(len))
}

/// Ways to write `@` and `.`, the longer first.
const JOINTS: [(&str, char); 31] = [
    ("圆圈a", '@'),
    ("圈a", '@'),
    ("(at)", '@'),
    ("[at]", '@'),
    ("(a)", '@'),
    ("（a）", '@'),
    ("艾特", '@'),
    ("(dot)", '.'),
    ("[dot]", '.'),
    ("(.)", '.'),
    ("[.]", '.'),
    ("{.}", '.'),
    ("【.】", '.'),
    ("（.）", '.'),
    ("(点)", '.'),
    ("[点]", '.'),
    ("（点）", '.'),
    ("【点】", '.'),
    ("dot com", '.'),
    ("dot cn", '.'),
    ("dot net", '.'),
    ("＃", '@'),
    ("#", '@'),
    ("@", '@'),
    ("点", '.'),
    ("。", '.'),
    ("．", '.'),
    ("·", '.'),
    ("丶", '.'),
    ("dot ", '.'),
    ("at ", '@'),
];

/// What joins two labels, and the place behind it; `spelt` says whether words may.
fn joint(text: &Text, at: usize, mut spelt: impl FnMut() -> bool) -> Option<(char, usize)> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    let mut place = at;
    while char(place) == Some(' ') && place < at.saturating_add(2) {
        place = place.saturating_add(1);
    }
    let spaced = place > at;
    let blanks = |mut behind: usize| {
        let from = behind;
        while char(behind) == Some(' ') && behind < from.saturating_add(6) {
            behind = behind.saturating_add(1);
        }
        behind
    };
    let here = char(place)?;
    if here == '.' {
        return Some(('.', blanks(place.saturating_add(1))));
    }
    // Signs and words: few characters begin one.
    if !"圆圈([{（【艾dD#＃@点。．·丶a".contains(here) {
        return None;
    }
    let written = |word: &str| word.chars().enumerate().all(|(n, c)| char(place.saturating_add(n)) == Some(c));
    let (written, sign) = JOINTS.into_iter().find(|(word, _)| written(word))?;
    // Words are joints only where a mail is spoken of, or a usual domain follows.
    let usual = written.starts_with("dot ") && written.len() > 4;
    if matches!(written, "at " | "dot ") && !(spaced && spelt()) || usual && !spaced {
        return None;
    }
    let len = if usual { 3 } else { written.trim_end().chars().count() };
    Some((sign, blanks(place.saturating_add(len))))
}

/// An address, if its end is a top-level domain; `sure` says that any may be.
fn address(
    text: &Text,
    cues: &Cues<'_>,
    (from, to): (usize, usize),
    value: &str,
    (mail, sure): (bool, bool),
    steps: Steps,
) -> Option<Contact> {
    let tld = value.rsplit('.').next()?;
    let host = value.rsplit('@').next()?;
    let labels = host.split('.').count();
    let name = host.split('.').rev().nth(1)?;
    let sure = sure || value.starts_with("www.");
    let any = sure && (2..=12).contains(&tld.len()) && tld.bytes().all(|b| b.is_ascii_alphabetic()) && name.len() > 1;
    if cues.says(value) & says::NOTHING != 0
        || labels < 2
        || !(is_domain(cues, tld) || any && !FILES.contains(&tld))
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
