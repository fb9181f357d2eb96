//! Contacts that are told in pieces, each with its place, in any order: 尾号6630，开头159，中间2287; begins with lotus, ends
//! with 7731; and contacts that a text says to read backwards.
//!
//! Two places at least are named, one of them the first: whoever says where pieces go wants them put together. A piece
//! that measures something, or one behind a word for a model or a bar code, is none.

use listing_engine::cues::{Mark, says};
use listing_engine::step::{Step, Steps};
use listing_engine::{Language, Text};

use super::account::{digits, fits, is_piece, piece, piece_end};
use super::cues::Marks;
use super::number::{digit_at, mobile};
use super::spread::{measures, several};
use super::{Contact, Kind};

/// The most units between a word for a place and its piece.
const LEADS: usize = 6;
/// The most units between a piece and the next word for a place.
const APART: usize = 14;
/// How far away a word may stand that says what the whole is, in units.
const NEAR: usize = 30;
/// Words between a place's name and its piece.
const FILLS: &str = "是为的位数字母几就叫打记拼写跟着上连下段截半有再夹以作拨和来";
/// All words for places.
const PLACES: u32 = says::FIRST | says::MIDDLE | says::LAST;

/// A piece, where it goes, and where it stands.
struct Piece {
    value: String,
    rank: u32,
    /// Whether the place itself was said; a word such as 再 only goes on.
    named: bool,
    from: usize,
    to: usize,
}

/// Contacts in named pieces, and contacts that are to be read backwards.
pub(super) fn find(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>) -> Vec<Contact> {
    let mut found = Vec::new();
    if marks.say(says::FIRST) && marks.say(says::LAST | says::MIDDLE | says::JOIN) {
        found = in_pieces(text, language, marks);
    }
    if marks.say(says::TURNED) {
        found.extend(backwards(text, language, marks));
    }
    found
}

fn in_pieces(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>) -> Vec<Contact> {
    let mut labels: Vec<&Mark<'_>> = marks.saying(PLACES | says::JOIN).collect();
    labels.sort_by_key(|mark| (mark.from, std::cmp::Reverse(mark.to)));
    let (mut found, mut pieces, mut behind) = (Vec::new(), Vec::<Piece>::new(), 0_usize);
    for mark in labels {
        if mark.from < behind {
            continue;
        }
        let named = mark.says & PLACES != 0;
        let last = pieces.last();
        // `and` before `ends with` joins the words, not the pieces.
        let place = |at: usize| marks.within(at, at.saturating_add(APART), PLACES).any(|other| other.from == at);
        let joins = !named && (mark.to..mark.to.saturating_add(2)).any(place);
        if joins || !named && last.is_none_or(|last| mark.from.saturating_sub(last.to) > LEADS) {
            continue;
        }
        let rank = match mark.says {
            says if says & says::FIRST != 0 => 0,
            says if says & says::MIDDLE != 0 => 1,
            says if says & says::LAST != 0 => 2,
            _ => last.map_or(0, |last| last.rank),
        };
        let Some((value, from, to)) = labelled(text, language, mark, behind) else { continue };
        let twice = named && pieces.iter().any(|piece| piece.named && piece.rank == rank && rank != 1);
        let far = pieces.last().is_some_and(|last| from.min(mark.from).saturating_sub(last.to) > APART);
        if twice || far {
            found.extend(whole(text, marks, &mut pieces));
        }
        behind = to.max(mark.to);
        pieces.push(Piece { value, rank, named, from, to });
    }
    found.extend(whole(text, marks, &mut pieces));
    found
}

/// The piece that a word for a place stands beside: 138打头 right before it, else behind it.
fn labelled(text: &Text, language: &Language<'_>, mark: &Mark<'_>, used: usize) -> Option<(String, usize, usize)> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    if mark.word.ends_with(['头', '尾']) {
        let blank = mark.from.checked_sub(1).filter(|at| char(*at) == Some(' ')).unwrap_or(mark.from);
        let sure =
            |at: usize| char(at).is_some_and(is_piece) || matches!(digit_at(text, language, at), Some((_, true)));
        let mut from = blank;
        while let Some(before) = from.checked_sub(1).filter(|at| *at >= used && sure(*at)) {
            from = before;
        }
        if from < blank {
            return Some((piece(text, language, from), from, blank));
        }
    }
    let mut at = mark.to;
    while at <= mark.to.saturating_add(LEADS) {
        if let Some(group) = several(text, at) {
            return Some((group.value, group.from, group.to));
        }
        // 后面四位 5142: how many there are.
        let counts = char(at.saturating_add(1)).is_some_and(|c| "位个段截".contains(c));
        if counts && digit_at(text, language, at).is_some() {
            at = at.saturating_add(2);
            continue;
        }
        let (_, to) = piece_end(text, language, at);
        if to > at {
            let value = piece(text, language, at);
            return (!matches!(value.as_str(), "is" | "by" | "with" | "are")).then_some((value, at, to));
        }
        let fills = char(at).is_some_and(|c| !c.is_alphanumeric() && c != '\n' && c != '。' || FILLS.contains(c));
        if !fills {
            return None;
        }
        at = at.saturating_add(1);
    }
    None
}

/// The contact that pieces make up; they are used up.
fn whole(text: &Text, marks: &Marks<'_, '_>, pieces: &mut Vec<Piece>) -> Option<Contact> {
    let mut pieces = std::mem::take(pieces);
    let (from, to) = (pieces.iter().map(|one| one.from).min()?, pieces.iter().map(|one| one.to).max()?);
    let (begins, ends) = (pieces.iter().any(|one| one.named && one.rank == 0), pieces.iter().any(|one| one.rank > 0));
    let number = |one: &Piece| digits(&one.value) == one.value.len();
    let measured = |one: &Piece| number(one) && measures(text, one.from, one.to);
    if pieces.len() < 2 || !begins || pieces.iter().any(measured) {
        return None;
    }
    pieces.sort_by_key(|one| one.rank);
    let value: String = pieces.iter().map(|one| one.value.as_str()).collect();
    let (near, far) = (from.saturating_sub(NEAR), to.saturating_add(NEAR));
    let says = marks.within(near, far, u32::MAX).fold(0, |all, mark| all | mark.says);
    let kind = kind(&value, says, ends)?;
    let sure = says & (says::ANYWHERE | says::INVITATION | says::TOGETHER) != 0;
    if marks.no_contact(from) || says & says::NOT != 0 && !sure {
        return None;
    }
    contact(text, kind, value, from, to, Step::Separator)
}

/// What kind of contact a value is, by words near by; `ends` says that another place than the first was named.
fn kind(value: &str, says: u32, ends: bool) -> Option<Kind> {
    let number = digits(value) == value.len();
    let called = says & says::CALL != 0;
    let service = value.len() == 10 && value.starts_with(['4', '8']) && value.get(1..3) == Some("00");
    let land = (10..=12).contains(&value.len()) && value.starts_with('0');
    let asked = says & (says::CALL | says::REACH | says::WECHAT | says::TOGETHER | says::HINT) != 0;
    match says {
        _ if number && mobile(value) && (ends || asked) => {
            Some(if says & says::WECHAT != 0 { Kind::Wechat } else { Kind::Phone })
        }
        _ if number && called && (service || land) => Some(Kind::Phone),
        _ if number && says & says::QQ != 0 && (5..=11).contains(&value.len()) && !value.starts_with('0') => {
            Some(Kind::Qq)
        }
        _ if says & says::INVITATION != 0 && (4..=12).contains(&value.len()) && digits(value) > 0 => {
            Some(Kind::Invitation)
        }
        _ if number || !fits(value) || digits(value) == 0 => None,
        _ if says & says::WECHAT != 0 => Some(Kind::Wechat),
        _ if says & says::ACCOUNT != 0 => Some(Kind::Account),
        _ => None,
    }
}

/// Numbers and accounts near words that say to read them backwards.
fn backwards(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>) -> Vec<Contact> {
    let mut found = Vec::new();
    for mark in marks.saying(says::TURNED) {
        let mut at = mark.from.saturating_sub(NEAR);
        while at < mark.to.saturating_add(NEAR) {
            let (letters, to) = piece_end(text, language, at);
            if to == at || at.checked_sub(1).is_some_and(|before| piece_end(text, language, before).1 > before) {
                at = to.max(at.saturating_add(1));
                continue;
            }
            let value: String = piece(text, language, at).chars().rev().collect();
            let near = marks.within(at.saturating_sub(NEAR), to.saturating_add(NEAR), u32::MAX);
            let says = near.fold(0, |all, mark| all | mark.says);
            let as_it_is = value.len() == 11 && value.ends_with('1') && !value.starts_with('1');
            let phone = !letters && value.len() == 11 && !as_it_is;
            // An account begins with a letter: one that ends with it instead is turned.
            let begins = |value: &str| value.starts_with(|c: char| c.is_ascii_alphabetic());
            let turned = begins(&value) && !begins(&piece(text, language, at));
            let account = letters && turned && says & says::NOT == 0 && (digits(&value) >= 3 || value.contains('_'));
            if let Some(kind) = (phone || account).then(|| kind(&value, says, true)).flatten() {
                found.extend(contact(text, kind, value, at, to, Step::Reversed));
            }
            at = to;
        }
    }
    found
}

fn contact(text: &Text, kind: Kind, value: String, from: usize, to: usize, step: Step) -> Option<Contact> {
    let (start, end) = (text.units.get(from)?.start, text.units.get(to.checked_sub(1)?)?.end);
    Some(Contact { kind, value, start, end, steps: Steps::of(step), cue: String::new() })
}
