//! Mail and web addresses.

use listing_engine::Text;
use listing_engine::step::{Step, Steps};

use super::cues::before;
use super::{Contact, Kind, steps_of};

/// The longest path that is told, in characters.
const MOST_PATH: usize = 200;
/// Top-level domains that listings lead to.
const TLDS: [&str; 24] = [
    "com", "cn", "net", "org", "top", "xyz", "shop", "vip", "cc", "co", "me", "io", "info", "club", "site", "online",
    "store", "tv", "wang", "ltd", "app", "link", "live", "pro",
];

/// Mail and web addresses: labels of letters and digits with dots in between, however the dots are written.
pub(super) fn find(text: &Text) -> Vec<Contact> {
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
        let spelt = ["mail", "邮", "写信", "信箱", "write"].iter().any(|cue| before(text, at, 14).contains(cue));
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
        // The word that is glued to the last label belongs to the next sentence: example.comNEW.
        if let Some(glued) = glued(text, ends, &value) {
            value.truncate(value.len().saturating_sub(glued));
            ends = ends.saturating_sub(glued);
        }
        if let Some(mut contact) = address(text, at, ends, &value, mail, steps) {
            if !mail && let Some((path, behind)) = path(text, ends) {
                contact.value.push_str(&path);
                ends = behind;
                contact.end = text.units.get(ends.saturating_sub(1)).map_or(contact.end, |unit| unit.end);
            }
            found.push(contact);
        }
        at = ends.max(at.saturating_add(1));
    }
    found
}

/// Names of techniques that end as addresses do.
const TECHNIQUES: [&str; 4] = ["asp.net", "vb.net", "ado.net", "socket.io"];

/// How many letters behind a top-level domain begin another word with a capital.
fn glued(text: &Text, to: usize, value: &str) -> Option<usize> {
    let last = value.rsplit('.').next()?;
    let from = to.checked_sub(last.len())?;
    let capital = |at: usize| text.units.get(at).is_some_and(|unit| unit.capital);
    let cut = (1..last.len()).find(|at| capital(from.saturating_add(*at)) && !capital(from))?;
    let tld = last.get(..cut)?;
    (!TLDS.contains(&last) && TLDS.contains(&tld)).then(|| last.len().saturating_sub(cut))
}

/// The path behind a host, and the place behind it; 斜杠 is a slash, too.
fn path(text: &Text, at: usize) -> Option<(String, usize)> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    let (mut path, mut end) = ("/".to_owned(), at);
    while char(end) == Some(' ') && end < at.saturating_add(2) {
        end = end.saturating_add(1);
    }
    end = match (char(end)?, char(end.saturating_add(1))) {
        ('/', _) if end == at => end.saturating_add(1),
        ('斜', Some('杠')) => end.saturating_add(2),
        _ => return None,
    };
    while char(end) == Some(' ') && char(end.saturating_sub(1)) == Some('杠') {
        end = end.saturating_add(1);
    }
    let fits = |c: &char| c.is_ascii_alphanumeric() || "-_./?=&%#~+".contains(*c);
    while let Some(c) = char(end).filter(fits).filter(|_| path.len() < MOST_PATH) {
        path.push(c);
        end = end.saturating_add(1);
    }
    let plain = path.trim_end_matches(['.', '/', '?', '#']).len();
    end = end.saturating_sub(path.len().saturating_sub(plain.max(1)));
    path.truncate(plain);
    (plain > 1).then_some((path, end))
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

fn label(text: &Text, at: usize) -> (String, usize) {
    let fits = |unit: &&listing_engine::Unit| unit.char.is_ascii_alphanumeric() || matches!(unit.char, '-' | '_');
    if let Some(spaced) = spaced(text, at) {
        return spaced;
    }
    let label: String = text.units.iter().skip(at).take_while(fits).map(|unit| unit.char).collect();
    let len = label.len();
    (label, at.saturating_add(len))
}

/// Ways to write `@` and `.`, the longer first.
const JOINTS: [(&str, char); 20] = [
    ("圆圈a", '@'),
    ("圈a", '@'),
    ("(at)", '@'),
    ("[at]", '@'),
    ("(a)", '@'),
    ("（a）", '@'),
    ("艾特", '@'),
    ("(dot)", '.'),
    ("[dot]", '.'),
    ("＃", '@'),
    ("#", '@'),
    ("@", '@'),
    ("点", '.'),
    ("。", '.'),
    ("．", '.'),
    ("·", '.'),
    ("丶", '.'),
    ("dot ", '.'),
    (".", '.'),
    ("at ", '@'),
];

/// What joins two labels, and the place behind it; `spelt` says whether words may.
fn joint(text: &Text, at: usize, spelt: bool) -> Option<(char, usize)> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    let mut place = at;
    while char(place) == Some(' ') && place < at.saturating_add(2) {
        place = place.saturating_add(1);
    }
    let spaced = place > at;
    let here: String = text.units.iter().skip(place).take(5).map(|unit| unit.char).collect();
    let (written, sign) = JOINTS.into_iter().find(|(written, _)| here.starts_with(written))?;
    // Words are joints only where a mail is spoken of.
    if matches!(written, "at " | "dot ") && !(spelt && spaced) {
        return None;
    }
    let mut behind = place.saturating_add(written.trim_end().chars().count());
    while char(behind) == Some(' ') && behind < place.saturating_add(8) {
        behind = behind.saturating_add(1);
    }
    Some((sign, behind))
}

fn address(text: &Text, from: usize, to: usize, value: &str, mail: bool, steps: Steps) -> Option<Contact> {
    let tld = value.rsplit('.').next()?;
    let host = value.rsplit('@').next()?;
    let labels = host.split('.').count();
    let name = host.split('.').rev().nth(1)?;
    if TECHNIQUES.contains(&value)
        || labels < 2
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
