//! What leads elsewhere without a name of a host: addresses of numbers, links into apps, codes that are copied.

use listing_engine::Text;
use listing_engine::cues::says;
use listing_engine::step::Steps;

use super::cues::Marks;
use super::{Contact, Kind, steps_of};

/// The longest path that is told, in characters.
const MOST_PATH: usize = 200;
/// The longest scheme, in characters.
const MOST_SCHEME: usize = 20;
/// Characters of a code that is copied (淘口令).
const CODE: std::ops::RangeInclusive<usize> = 8..=14;
/// Signs around such a code.
const SIGNS: &str = "￥¥$€£₤₳₴₰¢¤《》₵";

/// Addresses of numbers, links into apps, codes that are copied.
pub(super) fn find(text: &Text, marks: &Marks<'_, '_>) -> Vec<Contact> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(unit) = text.units.get(at) {
        let link = match unit.char {
            ':' => into_app(text, at),
            '(' | '（' => code(text, at, |at| {
                marks.within(at.saturating_sub(12), at.saturating_add(30), says::CODE | says::SHOP).next().is_some()
            }),
            c if SIGNS.contains(c) => code(text, at, |_| true),
            '.' => of_numbers(text, at),
            _ => None,
        };
        let end = link.as_ref().map(|(_, to, _)| *to);
        found.extend(link.and_then(|(kind, to, (from, value))| contact(text, kind, value, (from, to))));
        at = end.unwrap_or(at).max(at.saturating_add(1));
    }
    found
}

type Link = (Kind, usize, (usize, String));

fn contact(text: &Text, kind: Kind, value: String, (from, to): (usize, usize)) -> Option<Contact> {
    let last = to.checked_sub(1)?;
    let (start, end) = (text.units.get(from)?.start, text.units.get(last)?.end);
    let steps = Steps::NONE.and(steps_of(text, from, last));
    Some(Contact { kind, value, start, end, steps, cue: String::new() })
}

fn char(text: &Text, at: usize) -> Option<char> {
    text.units.get(at).map(|unit| unit.char)
}

/// Letters as they stand, capitals too.
pub(super) fn raw(text: &Text, from: usize, to: usize) -> String {
    let units = text.units.get(from..to).unwrap_or_default().iter();
    units.map(|unit| if unit.capital { unit.char.to_ascii_uppercase() } else { unit.char }).collect()
}

/// Whether a scheme stands right before a place: http://.
pub(super) fn scheme(text: &Text, at: usize) -> bool {
    let slashes = |at: usize| char(text, at) == Some('/');
    let Some(colon) = at.checked_sub(3) else { return false };
    matches!(char(text, colon), Some(':' | '：'))
        && slashes(colon.saturating_add(1))
        && slashes(colon.saturating_add(2))
}

/// A link into an app: weixin://dl/chat.
fn into_app(text: &Text, colon: usize) -> Option<Link> {
    let begin = colon.saturating_add(3);
    if !scheme(text, begin) {
        return None;
    }
    let units = text.units.get(..colon)?.iter().rev();
    let len = units
        .take(MOST_SCHEME)
        .take_while(|unit| unit.char.is_ascii_alphanumeric() || matches!(unit.char, '+' | '-' | '.'))
        .count();
    let from = colon.saturating_sub(len);
    let name = raw(text, from, colon).to_lowercase();
    if len < 2 || matches!(name.as_str(), "http" | "https" | "ttp" | "ttps") {
        return None;
    }
    let fits = |c: char| c.is_ascii_graphic();
    let rest = text.units.iter().skip(begin).take(MOST_PATH).take_while(|unit| fits(unit.char)).count();
    let to = begin.saturating_add(rest);
    (rest > 0).then(|| (Kind::Url, to, (from, format!("{name}://{}", raw(text, begin, to)))))
}

/// A host of four numbers with a port or a path, or behind a scheme; not those of one's own network.
fn of_numbers(text: &Text, dot: usize) -> Option<Link> {
    let digit = |at: usize| char(text, at).filter(char::is_ascii_digit);
    let len = text.units.get(..dot)?.iter().rev().take(4).take_while(|unit| unit.char.is_ascii_digit()).count();
    let from = dot.saturating_sub(len);
    if len == 0
        || from.checked_sub(1).and_then(|at| char(text, at)).is_some_and(|c| c.is_ascii_alphanumeric() || c == '.')
    {
        return None;
    }
    let (mut at, mut parts) = (from, [0_u32; 4]);
    for (n, part) in parts.iter_mut().enumerate() {
        if n > 0 {
            at = (char(text, at) == Some('.')).then(|| at.saturating_add(1))?;
        }
        let begin = at;
        while let Some(value) = digit(at).and_then(|c| c.to_digit(10)).filter(|_| at < begin.saturating_add(3)) {
            *part = part.saturating_mul(10).saturating_add(value);
            at = at.saturating_add(1);
        }
        if at == begin || *part > 255 {
            return None;
        }
    }
    let own = matches!(parts, [0 | 10 | 127, ..] | [192, 168, ..]) || matches!(parts, [172, 16..=31, ..]);
    let host = at;
    if char(text, at) == Some(':') {
        let port =
            text.units.iter().skip(at.saturating_add(1)).take(6).take_while(|unit| unit.char.is_ascii_digit()).count();
        at = if (2..=5).contains(&port) { at.saturating_add(1).saturating_add(port) } else { at };
    }
    let mut value = raw(text, from, at);
    let mut to = at;
    if let Some((path, behind)) =
        path(text, at).filter(|(path, _)| path.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic()))
    {
        value.push_str(&path);
        to = behind;
    }
    (!own && (to > host || scheme(text, from))).then_some((Kind::Url, to, (from, value)))
}

/// A code that is copied and opens an app: letters and digits between two signs.
fn code(text: &Text, at: usize, spoken: impl FnOnce(usize) -> bool) -> Option<Link> {
    let from = at.saturating_add(1);
    let units = text.units.get(from..)?.iter().take(CODE.end().saturating_add(1));
    let len = units.take_while(|unit| unit.char.is_ascii_alphanumeric()).count();
    let to = from.saturating_add(len);
    let closes = char(text, to).is_some_and(|c| SIGNS.contains(c) || c == ')' || c == '）');
    let units = text.units.get(from..to)?;
    let any = |is: &dyn Fn(&listing_engine::Unit) -> bool| units.iter().any(is);
    let (digits, small) =
        (any(&|unit| unit.char.is_ascii_digit()), any(&|unit| unit.char.is_ascii_lowercase() && !unit.capital));
    let mixed = small && any(&|unit| unit.capital);
    if !CODE.contains(&len) || !closes || !mixed || !(digits || len > 9) || !spoken(at) {
        return None;
    }
    Some((Kind::Invitation, to, (from, raw(text, from, to))))
}

/// The path behind a host, and the place behind it; 斜杠 is a slash, too.
pub(super) fn path(text: &Text, at: usize) -> Option<(String, usize)> {
    let char = |at: usize| char(text, at);
    let (mut path, mut end) = ("/".to_owned(), at);
    while char(end) == Some(' ') && end < at.saturating_add(2) {
        end = end.saturating_add(1);
    }
    end = match (char(end)?, char(end.saturating_add(1))) {
        ('/' | '╱' | '∕' | '⁄', _) if end == at => end.saturating_add(1),
        ('斜', Some('杠' | '线')) => end.saturating_add(2),
        _ => return None,
    };
    while char(end) == Some(' ') && matches!(char(end.saturating_sub(1)), Some('杠' | '线' | ' ')) {
        end = end.saturating_add(1);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./?=&%#~+".contains(c);
    let begin = end;
    let len = text.units.iter().skip(end).take(MOST_PATH).take_while(|unit| fits(unit.char)).count();
    end = end.saturating_add(len);
    path.push_str(&raw(text, begin, end));
    let plain = path.trim_end_matches(['.', '/', '?', '#']).len();
    end = end.saturating_sub(path.len().saturating_sub(plain.max(1)));
    path.truncate(plain);
    (plain > 1).then_some((path, end))
}
