//! What stands before a term and turns it: a listing that says what it does not hold, or warns of it, does not offer it.
//!
//! Only terms as they stand are turned; whoever disguises a word does not deny it. Counterfeits are never turned: `不是高仿`
//! is said of nothing else.

use listing_engine::Found;
use listing_engine::language::PREFIX;
use listing_engine::step::{Step, Steps};

use crate::contact::Contact;
use crate::policy::{Beside, Rules};

/// Whether a term is denied, or warned of.
pub(crate) fn denied(rules: &Rules<'_>, chars: &[char], found: &Found, family: &str, contacts: &[Contact]) -> bool {
    let plain = Steps::of(Step::Traditional).with(Step::Style);
    if family == "counterfeit" || found.steps.each().any(|step| !plain.has(step)) || !contacts.is_empty() {
        return false;
    }
    let start = (found.start as usize).min(chars.len());
    let before = chars.get(start.saturating_sub(20)..start).unwrap_or_default();
    // What another sentence says does not count.
    let from = before.iter().rposition(|c| "。！？；!?;，,\n".contains(*c)).map_or(0, |at| at.saturating_add(1));
    let clause: String = before.get(from..).unwrap_or_default().iter().collect::<String>().to_lowercase();
    let within = |words: Beside| {
        rules.beside(words).any(|word| {
            let between = clause.rfind(word).and_then(|at| clause.get(at.saturating_add(word.len())..)).map(str::trim);
            // Anything else that stands in between may begin an offer: 不含税大麻.
            between.is_some_and(|between| {
                between.is_empty() || rules.beside(Beside::Between).any(|passes| passes == between)
            })
        })
    };
    // 不加微信 is a denial, 不得不加微信 none.
    let not = clause.strip_suffix('不').is_some_and(|before| !before.ends_with(['不', '要', '得', '何', '非']));
    within(Beside::Denies) || not || clause.ends_with('非') && !clause.ends_with("并非") || within(Beside::Warns)
}

/// Whether a term that stands there as it is is the first part of another thing's name: the colour, the picture or the rack
/// of it. Where somebody can be reached, or a word leads to somebody, it counts all the same.
pub(crate) fn compound(rules: &Rules<'_>, chars: &[char], found: &Found, contacts: &[Contact]) -> bool {
    let plain = Steps::of(Step::Traditional);
    let last = (found.end as usize).checked_sub(1).and_then(|at| chars.get(at));
    // Nothing is said of names in letters.
    if found.steps.each().any(|step| !plain.has(step)) || !contacts.is_empty() || last.is_none_or(char::is_ascii) {
        return false;
    }
    let end = (found.end as usize).min(chars.len());
    let behind: String = chars.iter().skip(end).take(6).collect();
    let makes = |word: &str| {
        // 高仿色差小, 加微信领红包: what begins another word, or says what is done, is no part of the name.
        let two: Vec<u16> = behind.chars().take(2).map(|c| rules.language.han(c).0).collect();
        let other = word.chars().count() == 1 && rules.language.word(&two).is_some_and(|cost| cost != PREFIX);
        behind.starts_with(word) && !other
    };
    rules.beside(Beside::Compounds).any(makes)
}
