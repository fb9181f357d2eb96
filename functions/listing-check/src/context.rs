//! What stands before a term and turns it: a listing that says what it does not hold, or warns of it, does not offer it.
//!
//! Only terms as they stand are turned; whoever disguises a word does not deny it. Counterfeits are never turned: `不是高仿`
//! is said of nothing else.

use listing_engine::Found;
use listing_engine::language::PREFIX;
use listing_engine::step::{Step, Steps};

use crate::contact::Contact;
use crate::policy::{Beside, Rules};

/// The longest thing of an enumeration that is denied, in characters.
const LONGEST_ITEM: usize = 14;
/// What is left out of offers, and begins them: 不含税大麻.
const NO_GOODS: &str = "税票邮运费快装";

/// Whether a term is denied, or warned of.
pub(crate) fn denied(rules: &Rules<'_>, chars: &[char], found: &Found, family: &str, contacts: &[Contact]) -> bool {
    let (start, end) = ((found.start as usize).min(chars.len()), (found.end as usize).min(chars.len()));
    // Names in letters are other names of terms, as they stand.
    let letters = chars.get(start..end).unwrap_or_default().iter().all(|c| c.is_ascii_alphabetic() || *c == ' ');
    let plain = Steps::of(Step::Traditional).with(Step::Style);
    let plain = if letters { plain.with(Step::Symbol) } else { plain };
    if family == "counterfeit" || found.steps.each().any(|step| !plain.has(step)) || !contacts.is_empty() {
        return false;
    }
    let before = chars.get(start.saturating_sub(60)..start).unwrap_or_default();
    // What another sentence says does not count.
    let from = before.iter().rposition(|c| "。！？；!?;\n".contains(*c)).map_or(0, |at| at.saturating_add(1));
    let sentence: String = before.get(from..).unwrap_or_default().iter().collect::<String>().to_lowercase();
    let comma = sentence.rfind(['，', ',']).map_or(0, |at| at.saturating_add(1));
    let clause = sentence.get(comma..).unwrap_or(&sentence).trim_start_matches('\u{ff0c}');
    let behind: String = chars.iter().skip(end).take(8).collect::<String>().to_lowercase();
    let within = |words: Beside, text: &str, listed: bool| {
        rules.beside(words).any(|word| {
            let Some(at) = text.rfind(word).filter(|at| is_word(rules, text, *at, word)) else { return false };
            let between = text.get(at.saturating_add(word.len())..).unwrap_or_default();
            // Anything else that stands in between may begin an offer: 不含税大麻.
            let passes =
                |between: &str| between.is_empty() || rules.beside(Beside::Between).any(|passes| passes == between);
            let ascii = word.ends_with(|c: char| c.is_ascii_alphabetic());
            let apart = !ascii || between.is_empty() || between.starts_with([' ', '-']);
            apart && (passes(between.trim()) || listed && enumerates(between, &behind))
        })
    };
    // 不加微信 is a denial, 不得不加微信 none.
    let not = clause.strip_suffix('不').is_some_and(|before| !before.ends_with(['不', '要', '得', '何', '非']));
    within(Beside::Denies, clause, false)
        || within(Beside::Denies, &sentence, true)
        || letters && behind.starts_with("-free")
        || not
        || clause.ends_with('非') && !clause.ends_with("并非")
        || within(Beside::Warns, clause, false)
}

/// Whether a word stands at a place as a word: letters as a whole word, a single character not as the end of another (国防).
fn is_word(rules: &Rules<'_>, text: &str, at: usize, word: &str) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    let mut chars = word.chars();
    match (chars.next(), chars.next(), before) {
        (Some(first), _, Some(before)) if first.is_ascii_alphanumeric() => !before.is_ascii_alphanumeric(),
        (Some(one), None, Some(before)) => {
            let pair = [rules.language.han(before).0, rules.language.han(one).0];
            rules.language.word(&pair).is_none_or(|cost| cost == PREFIX)
        }
        _ => true,
    }
}

/// Whether what stands between a denial and a term is an enumeration that goes on with the term, and ends with it or behind
/// it: 不含酒精、香精、大麻; no nicotine, cannabis or cocaine.
fn enumerates(between: &str, behind: &str) -> bool {
    let between = between.trim();
    let joins = ["、", ",", "，", " or", " and", " nor", "或", "和", "及", "与"];
    let Some(items) = joins.iter().find_map(|join| between.strip_suffix(join)) else { return false };
    let items = items.replace(" or ", "、").replace(" and ", "、").replace([',', '，', '或', '和', '及', '与'], "、");
    let item = |item: &str| {
        let item = item.trim();
        let len = item.chars().count();
        (1..=LONGEST_ITEM).contains(&len) && !item.contains(|c| NO_GOODS.contains(c)) && item.split(' ').count() <= 2
    };
    let ends = behind.trim_start();
    let ends = ends.is_empty()
        || ends.starts_with(|c: char| !c.is_alphanumeric())
        || ["等", "成分", "类", "or ", "and ", "nor ", "或", "和", "及"].iter().any(|word| ends.starts_with(word));
    ends && items.split('、').all(item)
}

/// How far from a term a word may stand that gives it another sense, in characters.
const SENSE: usize = 16;

/// The same of a word that says that it means what it says.
const SAYS_SO: usize = 100;

/// Whether a term that stands there as it is means something else: by a word near by in the same line, or by the category
/// (`within` says whether the listing is in one). Not where somebody can be reached, or where a word says otherwise.
pub(crate) fn other_sense(
    rules: &Rules<'_>,
    chars: &[char],
    found: &Found,
    group: u16,
    term: &str,
    contacts: &[Contact],
    within: impl Fn(&str) -> bool,
) -> bool {
    let plain = Steps::of(Step::Traditional).with(Step::Style).with(Step::Symbol);
    if found.steps.each().any(|step| !plain.has(step)) || !contacts.is_empty() {
        return false;
    }
    let (start, end) = ((found.start as usize).min(chars.len()), (found.end as usize).min(chars.len()));
    // Of another name of the term, what is said of that name.
    let name: String = chars.get(start..end).unwrap_or_default().iter().collect::<String>().to_lowercase();
    let senses = rules.senses(if found.steps.has(Step::Symbol) { &name } else { term }, group);
    fn lines(lists: [&str; 2]) -> impl Iterator<Item = &str> {
        lists.into_iter().flat_map(str::lines)
    }
    let here = || {
        let before = chars.get(start.saturating_sub(SENSE)..start).unwrap_or_default();
        let from = before.iter().rposition(|c| *c == '\n').map_or(0, |at| at.saturating_add(1));
        let behind = chars.iter().skip(end).take(SENSE).take_while(|c| **c != '\n');
        // What the term itself says is no word beside it.
        let before = before.get(from..).unwrap_or_default().iter().collect::<String>().to_lowercase();
        (before, behind.collect::<String>().to_lowercase())
    };
    let means = lines(senses.categories).any(within)
        || lines(senses.words).next().is_some() && {
            let (before, behind) = here();
            lines(senses.words).any(|word| match word.strip_prefix('~') {
                Some(next) => behind.starts_with(next),
                None => before.contains(word) || behind.contains(word),
            })
        };
    let says_so = || {
        let near = chars.get(start.saturating_sub(SAYS_SO)..end.saturating_add(SAYS_SO).min(chars.len()));
        let text = near.unwrap_or_default().iter().collect::<String>().to_lowercase();
        senses.against.lines().any(|word| text.contains(word))
    };
    means && !says_so()
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

#[cfg(test)]
#[path = "context/tests.rs"]
mod tests;
