//! Numbers and accounts that are told over several fields: a cue in the title, groups of digits in names of SKUs.

use listing_engine::step::{Step, Steps};
use listing_engine::{Language, Text};

use super::account::is_piece;
use super::cues::{cues_in, together};
use super::{Contact, Kind, spread};

/// Fields longer than this hold no piece alone, in characters.
const SHORT: usize = 40;
/// The longest piece of an account that is a field of its own.
const PIECE: usize = 12;

/// A contact over several fields: the number of the first of them, and where in it the first piece stands.
pub(crate) struct Across {
    /// The number of the field.
    pub field: usize,
    /// The contact; its place is in that field.
    pub contact: Contact,
}

/// Contacts that no field holds alone. `fields` in the order in which a person reads them; `skus` says which of them are
/// names of SKUs.
pub(crate) fn find(fields: &[&str], skus: &[bool], language: &Language<'_>) -> Vec<Across> {
    let cues: Vec<Kind> = fields.iter().flat_map(|text| cues_in(text)).collect();
    if cues.is_empty() {
        return Vec::new();
    }
    let mut found = numbers(fields, language);
    found.extend(account(fields, skus, &cues));
    found
}

/// Telephone numbers in groups.
fn numbers(fields: &[&str], language: &Language<'_>) -> Vec<Across> {
    let (mut joined, mut begins, mut at) = (String::new(), Vec::new(), 0_u32);
    for (number, text) in fields.iter().enumerate() {
        let len = text.chars().take(SHORT + 1).count();
        if len > SHORT {
            continue;
        }
        begins.push((at, number));
        joined.push_str(text);
        joined.push('\n');
        at = at.saturating_add(u32::try_from(len).unwrap_or(u32::MAX)).saturating_add(1);
    }
    let field_of = |place: u32| {
        let next = begins.partition_point(|(begin, _)| *begin <= place);
        next.checked_sub(1).and_then(|at| begins.get(at)).copied()
    };
    let text = Text::of(&joined, language);
    let contacts = spread::find(&text, language, together(&text)).into_iter();
    contacts
        .filter_map(|contact| {
            let (begin, field) = field_of(contact.start)?;
            let (_, last) = field_of(contact.end.saturating_sub(1))?;
            if field == last {
                return None;
            }
            let len = u32::try_from(fields.get(field)?.chars().count()).ok()?;
            let (start, end) = (contact.start.saturating_sub(begin), len);
            Some(Across { field, contact: Contact { start, end, ..contact } })
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
fn account(fields: &[&str], skus: &[bool], cues: &[Kind]) -> Option<Across> {
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
        let wechat = cues.contains(&Kind::Wechat)
            && (6..=20).contains(&whole.len())
            && digits > 0
            && whole.starts_with(|c: char| c.is_ascii_alphabetic());
        let qq = cues.contains(&Kind::Qq) && (6..=11).contains(&whole.len()) && digits == whole.len();
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
