//! Numbers and accounts that are told over several fields: a cue in the title, groups of digits in names of SKUs.

use listing_engine::Text;
use listing_engine::cues::says;
use listing_engine::step::{Step, Steps};

use super::account::is_piece;
use super::cues::{KINDS, Marks};
use super::{Contact, Kind, spread};
use crate::policy::Rules;

/// Fields longer than this hold no piece alone, in characters.
const SHORT: usize = 40;
/// The longest piece of an account that is a field of its own.
const PIECE: usize = 12;
/// The longest piece where the cue is a piece as well.
const SPELT: usize = 8;
/// Sizes of clothes.
const SIZES: [&str; 10] = ["XS", "S", "M", "L", "XL", "XXL", "XXXL", "2XL", "3XL", "4XL"];

/// A contact over several fields: the number of the first of them, and where in it the first piece stands.
pub(crate) struct Across {
    /// The number of the field.
    pub field: usize,
    /// The contact; its place is in that field.
    pub contact: Contact,
}

/// Contacts that no field holds alone. `fields` in the order in which a person reads them; `skus` says which of them are
/// names of SKUs; `speaks` are the kinds of contacts that any of the listing's texts speaks of.
pub(crate) fn find(fields: &[&str], skus: &[bool], speaks: u32, rules: &Rules<'_>) -> Vec<Across> {
    let mut found = spelt(fields, rules);
    if speaks != 0 && found.is_empty() {
        found = numbers(fields, rules);
        found.extend(account(fields, skus, speaks));
    }
    if found.is_empty() {
        found.extend(lettered(fields, skus));
    }
    found
}

/// An account behind a SKU that is called by the letter of a messenger alone: V, zx887766.
fn lettered(fields: &[&str], skus: &[bool]) -> Option<Across> {
    for (at, field) in fields.iter().enumerate().filter(|(at, _)| skus.get(*at) == Some(&true)) {
        let letter = field.trim().trim_end_matches([':', '：', '号']).trim();
        let wechat = ["v", "vx", "wx", "＋v", "+v"].iter().any(|name| letter.eq_ignore_ascii_case(name));
        let qq = letter.eq_ignore_ascii_case("q") || letter.eq_ignore_ascii_case("qq");
        if !wechat && !qq {
            continue;
        }
        let says = if wechat { says::WECHAT } else { says::QQ };
        let next = at.saturating_add(1);
        let (fields, skus) = (fields.get(next..)?, skus.get(next..)?);
        // Sizes of clothes and models beside a V are those of a V.
        let name = fields.first().map(|name| name.trim()).filter(|_| skus.first() == Some(&true));
        let whole = name.filter(|name| is_account(name, qq));
        let found = match whole {
            Some(name) => {
                let end = u32::try_from(fields.first()?.chars().count()).ok()?;
                let kind = if wechat { Kind::Wechat } else { Kind::Qq };
                let (value, steps) = (name.to_owned(), Steps::of(Step::Separator));
                let contact = Contact { kind, value, start: 0, end, steps, cue: letter.to_lowercase() };
                Some(Across { field: 0, contact })
            }
            None => {
                account(fields, skus, says).filter(|across| across.field == 0 && is_account(&across.contact.value, qq))
            }
        };
        if let Some(across) = found {
            return Some(Across { field: across.field.saturating_add(next), ..across });
        }
    }
    None
}

/// Whether a name is an account's, and no model's: small letters first and several digits; of QQ, seven digits and more.
fn is_account(name: &str, qq: bool) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    if qq {
        return (7..=11).contains(&name.len()) && digits == name.len() && !name.starts_with('0');
    }
    let small = name.starts_with(|c: char| c.is_ascii_lowercase());
    small && (6..=20).contains(&name.len()) && digits > 2 && name.chars().all(is_piece) && !measures(name)
}

/// The longest end of a text that may lead to what the next one holds, in characters; and the longest begin of that one.
const LEADS: (usize, usize) = (12, 60);

/// Contacts at the begin of a text that the end of the one before says are some, and that are none without it.
pub(crate) fn led(before: &str, text: &str, rules: &Rules<'_>) -> Vec<Contact> {
    let chars: Vec<char> = before.trim_end().chars().collect();
    let tail: String = chars.get(chars.len().saturating_sub(LEADS.0)..).unwrap_or_default().iter().collect();
    let head: String = text.chars().take(LEADS.1).collect();
    let has_piece = |text: &str| text.chars().any(|c| c.is_alphanumeric());
    if !has_piece(&tail) || !has_piece(&head) {
        return Vec::new();
    }
    let canonical = Text::of(&tail, &rules.language);
    let marks = Marks::of(&canonical, &rules.cues, &[], &rules.lexicon);
    // Nothing but signs stands behind the last of its words.
    let last = marks.saying(KINDS | says::ACCOUNT).map(|mark| mark.to).max();
    let ends = last.is_some_and(|to| canonical.units.iter().skip(to).all(|unit| !unit.char.is_alphanumeric()));
    if !ends {
        return Vec::new();
    }
    let joined = format!("{tail}: {head}");
    let from = u32::try_from(tail.chars().count().saturating_add(2)).unwrap_or(u32::MAX);
    let of = |raw: &str| super::find(&Text::of(raw, &rules.language), rules, &[]).contacts;
    let alone = of(&head);
    let found = of(&joined).into_iter().filter(|contact| contact.start >= from);
    let new = found.filter(|contact| !alone.iter().any(|other| other.value == contact.value));
    let back = |place: u32| place.saturating_sub(from);
    new.map(|contact| Contact { start: back(contact.start), end: back(contact.end), ..contact }).collect()
}

/// Fields, put together, and which of them a character belongs to.
struct Joined {
    text: String,
    /// Where each field begins, in Unicode scalar values, and its number.
    begins: Vec<(u32, usize)>,
}

impl Joined {
    /// Of the fields that are no longer than so many characters, with something in between.
    fn of(fields: &[&str], longest: usize, between: &str, keeps: impl Fn(&str) -> bool) -> Joined {
        let (mut text, mut begins, mut at) = (String::new(), Vec::new(), 0_u32);
        for (number, field) in fields.iter().enumerate() {
            let len = field.chars().take(longest.saturating_add(1)).count();
            if len <= longest && keeps(field) {
                begins.push((at, number));
                text.push_str(field);
                text.push_str(between);
                at = at.saturating_add(u32::try_from(len.saturating_add(between.len())).unwrap_or(u32::MAX));
            }
        }
        Joined { text, begins }
    }

    /// Where the field begins that a character belongs to, and its number.
    fn field(&self, place: u32) -> Option<(u32, usize)> {
        let next = self.begins.partition_point(|(begin, _)| *begin <= place);
        next.checked_sub(1).and_then(|at| self.begins.get(at)).copied()
    }

    /// A contact of the whole, if it lies over several fields; `from` is where its first piece begins.
    fn across(&self, fields: &[&str], contact: Contact, from: u32) -> Option<Across> {
        let (begin, field) = self.field(from)?;
        let (_, last) = self.field(contact.end.saturating_sub(1))?;
        if field == last {
            return None;
        }
        let end = u32::try_from(fields.get(field)?.chars().count()).ok()?;
        Some(Across { field, contact: Contact { start: from.saturating_sub(begin), end, ..contact } })
    }
}

/// A cue and an account or a number that are spelt over short fields: 微, 信, zs, 8866.
fn spelt(fields: &[&str], rules: &Rules<'_>) -> Vec<Across> {
    // Sizes are no pieces, but they may stand in between.
    let joined = Joined::of(fields, SPELT, "", |field| !SIZES.contains(&field.trim()));
    if joined.begins.len() < 2 {
        return Vec::new();
    }
    let text = Text::of(&joined.text, &rules.language);
    let marks = Marks::of(&text, &rules.cues, &[], &rules.lexicon);
    if !marks.say(KINDS) {
        return Vec::new();
    }
    let contacts = super::find(&text, rules, &[]).contacts.into_iter();
    // The cue is one of the pieces: right before the value.
    let spelt = contacts.filter(|contact| !contact.cue.is_empty()).filter_map(|contact| {
        let cue = u32::try_from(contact.cue.chars().count()).ok()?;
        let before = contact.start.checked_sub(cue)?;
        let right = joined.text.chars().skip(before as usize).take(cue as usize).flat_map(char::to_lowercase);
        if !right.eq(contact.cue.chars()) {
            return None;
        }
        joined.across(fields, contact, before)
    });
    // What a field says alone is found there.
    let alone = |across: &Across| {
        let value = across.contact.value.as_str();
        !fields
            .iter()
            .any(|field| field.len() >= value.len() && field.contains(value) && field.contains(&across.contact.cue))
    };
    spelt.filter(alone).collect()
}

/// Telephone numbers in groups.
fn numbers(fields: &[&str], rules: &Rules<'_>) -> Vec<Across> {
    let joined = Joined::of(fields, SHORT, "\n", |_| true);
    let text = Text::of(&joined.text, &rules.language);
    let marks = Marks::of(&text, &rules.cues, &[], &rules.lexicon);
    let contacts = spread::find(&text, &rules.language, &marks).into_iter();
    contacts
        .filter_map(|contact| {
            let from = contact.start;
            joined.across(fields, contact, from)
        })
        .collect()
}

/// Whether a name is a size, a weight or a model: digits with letters behind them, or letters, digits and letters.
fn measures(text: &str) -> bool {
    let kinds: Vec<bool> = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.is_ascii_digit()).collect();
    let changes = kinds.windows(2).filter(|pair| pair.first() != pair.last()).count();
    kinds.first() == Some(&true) && changes > 0 || changes > 1
}

/// An account of pieces, each the name of a SKU.
fn account(fields: &[&str], skus: &[bool], cues: u32) -> Option<Across> {
    let piece = |text: &str| {
        let text = text.trim();
        !text.is_empty() && text.len() <= PIECE && text.chars().all(is_piece) && !measures(text)
    };
    let mut at = 0;
    while at < fields.len() {
        let name = |at: usize| fields.get(at).copied().filter(|text| skus.get(at) == Some(&true) && piece(text));
        let run = (at..fields.len()).take_while(|at| name(*at).is_some()).count();
        let whole: String =
            fields.get(at..at.saturating_add(run)).unwrap_or_default().iter().map(|t| t.trim()).collect();
        let digits = whole.bytes().filter(u8::is_ascii_digit).count();
        let wechat = cues & says::WECHAT != 0
            && (6..=20).contains(&whole.len())
            && digits > 0
            && whole.starts_with(|c: char| c.is_ascii_alphabetic());
        let qq = cues & says::QQ != 0 && (6..=11).contains(&whole.len()) && digits == whole.len();
        if run > 1 && (wechat || qq) && !whole.starts_with('0') {
            let kind = if wechat { Kind::Wechat } else { Kind::Qq };
            let end = u32::try_from(fields.get(at)?.chars().count()).ok()?;
            let steps = Steps::of(Step::Separator);
            let contact = Contact { kind, value: whole, start: 0, end, steps, cue: String::new() };
            return Some(Across { field: at, contact });
        }
        at = at.saturating_add(run.max(1));
    }
    None
}
