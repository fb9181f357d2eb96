//! Accounts of letters and digits, behind a word that says so; and codes of invitations.

use listing_engine::cues::says;
use listing_engine::step::{Step, Steps};
use listing_engine::{Language, Text};

use super::cues::{Cue, KINDS, Marks, NUMBERS};
use super::link::raw;
use super::number::digit_at;
use super::pieces::in_groups;
use super::{Contact, Kind, steps_of};

/// The longest account, in characters (WeChat: 6 to 20).
const LONGEST: usize = 20;
/// The longest words between two pieces of an account, in units.
const BETWEEN: usize = 12;
/// Accounts of a text.
pub(super) fn find(text: &Text, language: &Language<'_>, marks: &Marks<'_, '_>) -> Vec<Contact> {
    let mut found = Vec::new();
    // Whatever an account is, some word says so; the letters of one alone do not.
    let glued = |at: usize| GLUED.iter().any(|glued| starts(text, at, glued));
    let said = marks.say(KINDS | says::ACCOUNT | says::BEHIND);
    // Letters that are an account's name in one text are a word's in another: a text that speaks of WeChat tells them.
    let wechat = marks.saying(says::WECHAT).any(|mark| mark.says & says::NEXT == 0 || mark.word == "薇");
    let whole = Whole { text, language, marks, wechat };
    let mut at = 0;
    while let Some(unit) = text.units.get(at) {
        if unit.symbol == 0 && !is_piece(unit.char) {
            at = at.saturating_add(1);
            continue;
        }
        // No account begins with a dash.
        if unit.char == '-' {
            at = at.saturating_add(1);
            continue;
        }
        let letter = |at: usize| text.units.get(at).is_some_and(|unit| unit.char.is_ascii_alphabetic());
        let fresh = at.checked_sub(1).is_none_or(|before| !letter(before));
        let (letters, end) = piece_end(text, language, at);
        if end == at || !fresh || counts_pieces(text, at) {
            at = at.saturating_add(1);
            continue;
        }
        if said || letters && glued(at) {
            found.extend(account(&whole, Piece { value: piece(text, language, at), from: at, to: end }));
        }
        at = end.max(at.saturating_add(1));
    }
    found
}

/// Names of WeChat that stand right before an account, or are a part of it.
const GLUED: [&str; 6] = ["weixin", "wechat", "wxid", "vx", "wx", "uid"];

fn starts(text: &Text, at: usize, word: &str) -> bool {
    word.chars().enumerate().all(|(n, c)| text.units.get(at.saturating_add(n)).is_some_and(|unit| unit.char == c))
}

/// Whether a circled or keycap digit only counts what stands behind it: one less stands before, and letters follow.
fn counts_pieces(text: &Text, at: usize) -> bool {
    let counter = |at: usize| {
        let unit = text.units.get(at).filter(|unit| unit.steps.has(Step::Number))?;
        let alone = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten();
        let alone = alone.filter_map(|at| text.units.get(at)).all(|other| !other.char.is_ascii_digit());
        unit.char.to_digit(10).filter(|_| alone)
    };
    counter(at).is_some_and(|number| number > 1 && (0..at).any(|before| counter(before) == number.checked_sub(1)))
}

/// The place behind what of an account stands at a place, and whether it holds a letter.
pub(super) fn piece_end(text: &Text, language: &Language<'_>, at: usize) -> (bool, usize) {
    let (mut end, mut letters) = (at, false);
    while let Some(unit) = text.units.get(end) {
        letters |= unit.char.is_ascii_alphabetic();
        if !is_piece(unit.char) && !matches!(digit_at(text, language, end), Some((_, true))) {
            break;
        }
        end = end.saturating_add(1);
    }
    (letters, end)
}

/// What of an account stands at a place: letters, digits in any style, `-` and `_`.
pub(super) fn piece(text: &Text, language: &Language<'_>, at: usize) -> String {
    let mut value = String::new();
    for (place, unit) in text.units.iter().enumerate().skip(at) {
        match unit.char {
            // Codes and passwords tell capitals from small letters.
            c if unit.capital => value.push(c.to_ascii_uppercase()),
            c if is_piece(c) => value.push(c),
            _ => match digit_at(text, language, place) {
                Some((digit, true)) => value.push(digit),
                _ => break,
            },
        }
    }
    value
}

/// A text, and what its words say.
#[derive(Clone, Copy)]
struct Whole<'t, 'l> {
    text: &'t Text,
    language: &'t Language<'l>,
    marks: &'t Marks<'t, 'l>,
    /// Whether it speaks of WeChat anywhere.
    wechat: bool,
}

/// Letters and digits that may be an account, and where they stand.
#[derive(Clone, Debug)]
struct Piece {
    value: String,
    from: usize,
    to: usize,
}

impl Piece {
    fn contact(self, text: &Text, kind: Kind, cue: &str, steps: Steps) -> Option<Contact> {
        let last = self.to.checked_sub(1)?;
        let (start, end) = (text.units.get(self.from)?.start, text.units.get(last)?.end);
        let steps = steps.and(steps_of(text, self.from, last));
        Some(Contact { kind, value: self.value, start, end, steps, cue: cue.to_owned() })
    }

    /// Nothing but an account is written so, or is a model's name.
    fn is_sure(&self) -> bool {
        digits(&self.value) >= 3 || self.value.contains('_')
    }
}

pub(super) fn digits(value: &str) -> usize {
    value.bytes().filter(u8::is_ascii_digit).count()
}

/// Whether letters and digits may be an account's name.
pub(super) fn fits(value: &str) -> bool {
    // q30405060 is a number, and found as one.
    let named = value.to_ascii_lowercase();
    let named = ["qq", "vx", "wx", "q", "v"].into_iter().find_map(|name| named.strip_prefix(name));
    let number = named.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    // 186O473l925 is one, too.
    let number = number
        || (digits(value) >= 7 || value.starts_with(|c: char| c.is_ascii_digit())) && !value.contains(is_other_letter);
    let known = digits(value) > 0 || value.contains(['-', '_']);
    (6..=LONGEST).contains(&value.len()) && known && !number && value.contains(|c: char| c.is_ascii_alphabetic())
}

/// Whether it is a letter that stands for no digit.
fn is_other_letter(c: char) -> bool {
    c.is_ascii_alphabetic() && !matches!(c, 'o' | 'O' | 'l' | 'L' | 'i' | 'I')
}

fn account(whole: &Whole<'_, '_>, piece: Piece) -> Option<Contact> {
    let Whole { text, marks, .. } = *whole;
    let cue = marks.cue(piece.from, NUMBERS);
    // Letters of a cue are no account; but behind +V the x of x i a o m a n begins one, though V x is a cue as well.
    let next = cue.is_some_and(|cue| cue.kind == Kind::Wechat && marks.leads(cue.to, piece.from));
    let begins = || next && piece.value.len() == 1 && spaced(text, piece.from).is_some_and(|(all, _)| fits(&all));
    if marks.covers(piece.from, piece.to) && !begins() {
        return None;
    }
    if let Some(cue) = cue.filter(|cue| cue.kind == Kind::Invitation) {
        return invitation(whole, piece, &cue);
    }
    if let Some((glued, piece)) = glued(&piece) {
        let wechat = glued != "uid";
        let fit = if wechat { fits(&piece.value) } else { digits(&piece.value) >= 6 };
        let kind = if wechat { Kind::Wechat } else { Kind::Account };
        return fit.then(|| piece.contact(text, kind, glued, Steps::NONE)).flatten();
    }
    if let Some(contact) = on_platform(whole, &piece) {
        return Some(contact);
    }
    let denied = marks.no_contact(piece.from);
    let next = cue.is_some_and(|cue| marks.leads(cue.to, piece.from));
    let (kind, word) = (cue.map(|cue| cue.kind), cue.map_or("", |cue| cue.word));
    if fits(&piece.value) && piece.is_sure() && !denied {
        let letter = piece.value.starts_with(|c: char| c.is_ascii_alphabetic());
        if kind == Some(Kind::Qq) && next && letter {
            return piece.contact(text, Kind::Qq, word, Steps::NONE);
        }
    }
    let added = piece.is_sure() && !denied && (added_before(text, piece.from) || marks.added_behind(piece.to));
    if kind == Some(Kind::Wechat) || added && fits(&piece.value) {
        return if denied { None } else { wechat(whole, piece, word, next) };
    }
    let reach = marks.reach(piece.from).filter(|cue| reaches(whole, cue, &piece));
    if let Some(reach) = reach.filter(|_| fits(&piece.value)) {
        return piece.contact(text, Kind::Account, reach.word, Steps::NONE);
    }
    let told = kind.is_none() && whole.wechat && !fits(&piece.value) || added_before(text, piece.from) && !denied;
    let (all, behind) = told.then(|| joined(whole, &piece.value, piece.to)).flatten()?;
    let all = Piece { value: all, to: behind, ..piece };
    (fits(&all.value) && digits(&all.value) > 0)
        .then(|| all.contact(text, Kind::Wechat, word, Steps::of(Step::Separator)))
        .flatten()
}

/// Whether 加 stands right before.
fn added_before(text: &Text, at: usize) -> bool {
    let before = text.units.get(at.saturating_sub(2)..at).unwrap_or_default();
    before.iter().rev().find(|unit| unit.char != ' ').is_some_and(|unit| unit.char == '加')
}

/// What stands behind a name that is glued to it: vxshop2024a, uid39047128. `wxid_` is a part of the account.
fn glued(piece: &Piece) -> Option<(&'static str, Piece)> {
    let begins = |word: &str| piece.value.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    if piece.value.starts_with("wxid_") {
        return Some(("wxid", piece.clone()));
    }
    let glued = ["weixin", "wechat", "vx", "wx", "uid"].into_iter().find(|word| begins(word))?;
    let rest = piece.value.get(glued.len()..)?;
    let long = rest.trim_start_matches(['-', '_']).len() >= 6;
    long.then(|| {
        let from = piece.from.saturating_add(glued.len());
        (glued, Piece { value: rest.to_owned(), from, to: piece.to })
    })
}

/// A code of an invitation.
fn invitation(whole: &Whole<'_, '_>, piece: Piece, cue: &Cue<'_>) -> Option<Contact> {
    let code = |value: &str| (4..=12).contains(&value.len()) && digits(value) > 0;
    if whole.marks.leads(cue.to, piece.from)
        && let Some((value, to)) = in_groups(whole.text, piece.from).filter(|(all, _)| code(all))
    {
        let all = Piece { value, to, ..piece };
        return all.contact(whole.text, Kind::Invitation, cue.word, Steps::of(Step::Separator));
    }
    let cue = cue.word;
    if piece.value.len() < 5
        && let Some((value, to)) = joined(whole, &piece.value, piece.to).filter(|(all, _)| code(all))
    {
        let all = Piece { value, to, ..piece };
        return all.contact(whole.text, Kind::Invitation, cue, Steps::of(Step::Separator));
    }
    let alone = code(&piece.value) || (4..=12).contains(&piece.value.len()) && piece.value.contains('-');
    alone.then(|| piece.contact(whole.text, Kind::Invitation, cue, Steps::NONE)).flatten()
}

/// An account right behind the name of another platform or messenger.
fn on_platform(whole: &Whole<'_, '_>, piece: &Piece) -> Option<Contact> {
    let Whole { text, marks, .. } = *whole;
    let Piece { value, from, to } = piece;
    let name = marks.platform(*from, piece.is_sure())?;
    let fit = |value: &str| fits(value) || digits(value) >= 8 || value.contains('.') && value.len() >= 6;
    let mut all = piece.clone();
    let mut steps = Steps::NONE;
    if value == "live"
        && text.units.get(*to).is_some_and(|unit| matches!(unit.char, ':' | '：'))
        && let (true, behind) = piece_end(text, whole.language, to.saturating_add(1))
    {
        // Skype's own names: live:amber_leather.
        let behind = dotted(text, behind).unwrap_or(behind);
        all = Piece { value: format!("live:{}", raw(text, to.saturating_add(1), behind)), from: *from, to: behind };
    } else if let Some(behind) = dotted(text, *to) {
        all = Piece { value: format!("{value}{}", raw(text, *to, behind)), from: *from, to: behind };
    } else if !fit(value) {
        let (value, to) = joined(whole, value, *to)?;
        (all, steps) = (Piece { value, from: *from, to }, Steps::of(Step::Separator));
    }
    // The sign says that a name follows, and is no part of it.
    let sign = from.checked_sub(1).filter(|at| text.units.get(*at).is_some_and(|unit| unit.char == '@'));
    if let Some(sign) = sign {
        all = Piece { from: sign, ..all };
    }
    (all.value.starts_with("live:") || fit(&all.value)).then(|| all.contact(text, Kind::Account, name, steps)).flatten()
}

/// A WeChat account behind its cue, perhaps told piece by piece.
fn wechat(whole: &Whole<'_, '_>, piece: Piece, cue: &str, next: bool) -> Option<Contact> {
    let text = whole.text;
    if !piece.value.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let spelt = Steps::of(Step::Separator);
    if piece.value.len() == 1
        && next
        && let Some((value, to)) = spaced(text, piece.from).filter(|(all, _)| fits(all))
    {
        return Piece { value, to, ..piece }.contact(text, Kind::Wechat, cue, spelt);
    }
    if (!fits(&piece.value) || piece.value.len() < 10)
        && let Some((value, to)) = joined(whole, &piece.value, piece.to).filter(|(all, _)| fits(all))
    {
        return Piece { value, to, ..piece }.contact(text, Kind::Wechat, cue, spelt);
    }
    fits(&piece.value).then(|| piece.contact(text, Kind::Wechat, cue, Steps::NONE)).flatten()
}

/// The place behind the rest of an account with dots in it: muyan.silver925.
fn dotted(text: &Text, at: usize) -> Option<usize> {
    let char = |at: usize| text.units.get(at).map(|unit| unit.char);
    let mut end = at;
    while char(end) == Some('.') && end < at.saturating_add(LONGEST) {
        let rest = text.units.iter().skip(end.saturating_add(1)).take(LONGEST);
        let rest = rest.take_while(|unit| is_piece(unit.char)).count();
        if rest == 0 {
            break;
        }
        end = end.saturating_add(1).saturating_add(rest);
    }
    (end > at).then_some(end)
}

/// Letters and digits with a blank behind each: x m z 0 0 8 6.
fn spaced(text: &Text, from: usize) -> Option<(String, usize)> {
    let piece = |at: usize| text.units.get(at).map(|unit| unit.char).filter(|c| is_piece(*c));
    let blank = |at: usize| text.units.get(at).is_some_and(|unit| matches!(unit.char, ' ' | '.' | '·'));
    let (mut value, mut at) = (String::new(), from);
    while let Some(c) = piece(at).filter(|_| value.len() <= LONGEST) {
        if piece(at.saturating_add(1)).is_some() {
            return None;
        }
        value.push(c);
        at = at.saturating_add(1);
        if !blank(at) || piece(at.saturating_add(1)).is_none() {
            break;
        }
        at = at.saturating_add(1);
    }
    Some((value, at))
}

/// Whether a word that leads to somebody stands so before a word of letters and digits that this is an account: right
/// before it, and it is none of a device's names or of a model's.
fn reaches(whole: &Whole<'_, '_>, cue: &Cue<'_>, piece: &Piece) -> bool {
    let Whole { text, marks, .. } = *whole;
    let units = text.units.get(piece.from..piece.to).unwrap_or_default();
    let between = text.units.get(cue.to..piece.from).unwrap_or_default();
    // Models are written in capitals; of accounts few are.
    let told = between.iter().any(|unit| matches!(unit.char, ':' | '：' | '@')) || cue.word.ends_with(':');
    let plain = told || !units.iter().any(|unit| unit.capital);
    let letter = units.first().is_some_and(|unit| unit.char.is_ascii_alphabetic());
    let (sure, denied) = (piece.is_sure() && letter, marks.no_contact(piece.from));
    sure && plain && !denied && !marks.devices(piece.from, piece.to)
}

/// Pieces that follow, joined by words that say so, or by the same word again and again.
fn joined(whole: &Whole<'_, '_>, first: &str, end: usize) -> Option<(String, usize)> {
    let Whole { text, language, marks, .. } = *whole;
    let together = marks.say(says::TOGETHER);
    let (mut value, mut at, mut pieces) = (first.to_owned(), end, 0_usize);
    let mut filler: Option<String> = None;
    loop {
        let gap = text.units.iter().skip(at).take(BETWEEN + 1).take_while(|unit| !is_piece(unit.char)).count();
        let words: String = text.units.iter().skip(at).take(gap).map(|unit| unit.char).collect();
        let plain = words.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let again = filler.as_ref().is_some_and(|filler| *filler == plain);
        let next = at.saturating_add(gap);
        // What stands before a messenger's name is no piece of the account behind it: LV, 加微信 zx887766.
        let named = marks.within(at, next, NUMBERS | says::ACCOUNT).any(|mark| mark.says & says::HINT == 0);
        let says = together || marks.within(at, next, says::JOIN).next().is_some();
        if named && !together {
            break;
        }
        if gap == 0 || gap > BETWEEN {
            break;
        }
        let (more, (_, behind)) = (piece(text, language, next), piece_end(text, language, next));
        if more.is_empty() || words.contains(['。', '\n']) {
            break;
        }
        // A word that is no joint is one if it comes again behind the next piece.
        let later = text.units.iter().skip(behind).take(gap).map(|unit| unit.char).collect::<String>();
        let aside = plain.chars().count() == 1 && words.contains([')', '）', ']', '】']);
        let listed = plain.is_empty() && pieces > 0 && more.len() <= 2 && digits(&more) == more.len();
        if !(says || again || aside || listed || !plain.is_empty() && later.contains(&plain)) {
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
