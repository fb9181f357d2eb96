//! Accounts and numbers whose pieces stand in the order in which they go together, where a text says that they do:
//! 第一行 wang, 第二行 ji, 第三行 6688, 三行合一; (a)薇(h)看(w)样(9), 只看括号里.
//!
//! And codes that are told in groups. Without such a word pieces are joined only where each is joined to the next: see [`super::account`].

use listing_engine::cues::says;
use listing_engine::step::{Step, Steps};
use listing_engine::{Language, Text};

use super::account::{digits, fits, is_piece, piece, piece_end};
use super::cues::Marks;
use super::link::raw;
use super::number::mobile;
use super::spread::measures;
use super::{Contact, Kind};

/// The most units between two pieces.
const APART: usize = 14;
/// The most pieces.
const MOST: usize = 14;
/// What says what the whole is.
const WHOLE: u32 = says::WECHAT | says::QQ | says::CALL | says::ACCOUNT;

struct Piece {
    value: String,
    from: usize,
    to: usize,
}

/// Contacts in pieces of a text that says that they are.
pub(super) fn find(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>) -> Vec<Contact> {
    if !marks.say(says::TOGETHER) || !marks.say(WHOLE) || marks.say(says::TURNED) {
        return Vec::new();
    }
    let says = marks.saying(WHOLE).fold(0, |all, mark| all | mark.says);
    let all = pieces(text, language, marks);
    let mut found = Vec::new();
    let mut from = 0;
    while from < all.len() {
        let chained = |pair: &[Piece]| matches!(pair, [a, b] if b.from.saturating_sub(a.to) <= APART);
        let links = all.get(from..).unwrap_or_default().windows(2).take_while(|pair| chained(pair)).count();
        let to = from.saturating_add(links).saturating_add(1);
        let chain = all.get(from..to).unwrap_or_default();
        // What stands before the first piece, or behind the last, may be a number of something else.
        let cuts = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 0)];
        let some = |(skip, leave): (usize, usize)| chain.get(skip..chain.len().checked_sub(leave)?);
        found.extend(cuts.into_iter().filter_map(some).find_map(|chain| whole(text, marks, chain, says)));
        from = to;
    }
    found
}

fn whole(text: &Text, marks: &Marks<'_, '_>, chain: &[Piece], says: u32) -> Option<Contact> {
    let (first, last) = (chain.first()?, chain.last()?);
    if !(2..=MOST).contains(&chain.len()) || marks.no_contact(first.from) {
        return None;
    }
    let value: String = chain.iter().map(|one| one.value.as_str()).collect();
    let number = digits(&value) == value.len();
    let kind = match says {
        _ if number && mobile(&value) => Kind::Phone,
        _ if number && says & says::QQ != 0 && (6..=11).contains(&value.len()) && !value.starts_with('0') => Kind::Qq,
        _ if number || !fits(&value) || !value.starts_with(|c: char| c.is_ascii_alphabetic()) => return None,
        _ if says & says::WECHAT != 0 => Kind::Wechat,
        _ if says & says::ACCOUNT != 0 => Kind::Account,
        _ => return None,
    };
    let (start, end) = (text.units.get(first.from)?.start, text.units.get(last.to.checked_sub(1)?)?.end);
    Some(Contact { kind, value, start, end, steps: Steps::of(Step::Separator), cue: String::new() })
}

/// What may be pieces: letters and digits that are no label, no size and no part of a word that says something.
fn pieces(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>) -> Vec<Piece> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    let mut all = Vec::new();
    let mut at = 0;
    while at < text.units.len() {
        let (_, to) = piece_end(text, language, at);
        if to == at {
            at = at.saturating_add(1);
            continue;
        }
        let value = piece(text, language, at);
        // A面, S=138, ①…: what only says which piece follows.
        let short = to.saturating_sub(at) == 1;
        let styled = text.units.get(at).is_some_and(|unit| unit.steps.has(Step::Number) || unit.steps.has(Step::Style));
        let label = short
            && (styled
                || char(to).is_some_and(|c| "面行段截.、)".contains(c)) && char(at.wrapping_sub(1)) != Some('('))
            || short && char(to).is_some_and(|c| matches!(c, '=' | ':' | '：'));
        let number = digits(&value) == value.len();
        let counted = number && (measures(text, at, to) || short && !char(at).is_some_and(|c| c.is_ascii_digit()));
        let said = marks.within(at.saturating_sub(12), to.saturating_add(12), !says::DOMAIN);
        // Characters of a word may stand on both sides of a piece; its letters are none.
        let lettered = |word: &str| word.contains(|c: char| c.is_ascii_alphanumeric());
        let said = said.into_iter().any(|mark| mark.from < to && mark.to > at && lettered(mark.word));
        if !label && !counted && !said && value.chars().all(is_piece) {
            all.push(Piece { value, from: at, to });
        }
        at = to;
    }
    all
}

/// The longest code, and the longest group of a code that is told in groups.
const LONGEST_CODE: usize = 20;
const GROUP: usize = 4;

/// A code in groups, with a blank or a dot behind each: A 8 K 3 Z, A8 K3 Z9. At least two of them.
pub(super) fn in_groups(text: &Text, from: usize) -> Option<(String, usize)> {
    let unit = |at: usize| text.units.get(at);
    let group = |at: usize| {
        let len =
            text.units.iter().skip(at).take(GROUP + 1).take_while(|unit| unit.char.is_ascii_alphanumeric()).count();
        (1..=GROUP).contains(&len).then(|| at.saturating_add(len))
    };
    let (mut value, mut to, mut groups) = (String::new(), from, 0_u32);
    let mut at = from;
    while let Some(end) = group(at).filter(|_| value.len() <= LONGEST_CODE) {
        value.push_str(&raw(text, at, end));
        (to, groups) = (end, groups.saturating_add(1));
        if !unit(end).is_some_and(|unit| matches!(unit.char, ' ' | '.' | '·' | '_')) {
            break;
        }
        at = end.saturating_add(1);
    }
    (groups > 1).then_some((value, to))
}
