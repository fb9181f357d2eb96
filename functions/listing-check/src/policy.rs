//! The rules: figures, texts, terms and the tables that they are read by, of a policy pack, read in place. Which pack is
//! the shell's business.

use std::borrow::Cow;

use listing_engine::{Cues, Language, Lexicon, Tuning};
use shared::lang::{Lang, fill};
use shared::policy::{InDoubt, Map, Pack, Spec};

use crate::rules::layout::{Asks, FLAG_CUE, FLAG_SHADOW, HEAD};
use crate::rules::pattern;

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));
include!(concat!(env!("OUT_DIR"), "/names.rs"));

/// The sections that a request needs.
pub const SECTIONS: [&str; 7] = ["cues", "figures", "groups", "language", "lexicon", "rules", "words"];

/// The most bytes of a pack. A lexicon of 200,000 terms and its language are far below it.
const MAX_BYTES: u64 = 32 << 20;

/// How packs are taken. A listing is judged on the spot, so no decision outlives its pack. In doubt about which pack is
/// in force, the bundled one judges: a verdict names it.
pub static SPEC: Spec = Spec {
    format: 2,
    bundled: &BUNDLED,
    former: &[],
    max_bytes: MAX_BYTES,
    remembers: false,
    in_doubt: InDoubt::Bundled,
    check: |pack| match Rules::of(pack, 0) {
        None => Err(lack(pack)),
        Some(rules) if !pattern::can_be_read(&rules.asks) => Err("a pattern of the policy cannot be read".to_owned()),
        Some(_) => Ok(()),
    },
};

/// What a finding does to a listing, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is told, and the listing is accepted.
    Warn,
    /// A person must look.
    Review,
    /// The listing may not go on sale.
    Reject,
}

impl Severity {
    /// Its name in packs and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Warn => "warn",
            Severity::Review => "review",
            Severity::Reject => "reject",
        }
    }
}

/// Whether a group of terms, or a rule, holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// Its findings count.
    Full,
    /// Its findings are told to the operator alone, in events.
    Shadow,
    /// It does not hold yet, or no longer.
    Not,
}

/// Words that stand beside terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// They lead a reader to somebody.
    Leading,
    /// They deny what comes right behind them.
    Denies,
    /// They warn of what comes behind them.
    Warns,
    /// They may stand between such a word and the term.
    Between,
    /// Right behind a term they make it a part of another thing's name.
    Compounds,
}

impl Beside {
    const fn place(self) -> usize {
        match self {
            Beside::Leading => 0,
            Beside::Denies => 1,
            Beside::Warns => 2,
            Beside::Between => 3,
            Beside::Compounds => 4,
        }
    }
}

/// What a term may mean besides, a word or a category a line: its own, and its group's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Senses<'p> {
    /// Words beside which it means something else.
    pub words: [&'p str; 2],
    /// Categories in which it does.
    pub categories: [&'p str; 2],
    /// Words beside which it means what it says.
    pub against: &'p str,
}

/// The most exceptions of one term that are looked at.
const MOST_EXCEPTIONS: u32 = 1000;

/// The rules of one pack.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'p> {
    /// The policy digest, which every answer names.
    pub digest: &'p str,
    /// What is known of characters.
    pub language: Language<'p>,
    /// The terms.
    pub lexicon: Lexicon<'p>,
    /// Words that say what stands beside them.
    pub cues: Cues<'p>,
    /// What counts.
    pub tuning: Tuning,
    /// When it is: rules have dates. Milliseconds since 1970.
    now_ms: i64,
    /// What each rule looks for.
    pub(crate) asks: Asks<'p>,
    /// Groups and then rules, by their numbers.
    heads: &'p [[u8; HEAD]],
    groups: Map<'p>,
    words: Map<'p>,
    /// In the order of [`BESIDE`], a word a line.
    beside: [&'p str; BESIDE.len()],
    contact: Option<u16>,
    /// Whether there are exceptions of terms, and of rules.
    exceptions: (bool, bool),
}

impl<'p> Rules<'p> {
    /// Of a pack whose [`SECTIONS`] have been read, at an instant; `None` if it lacks something that the code asks for.
    pub fn of(pack: &'p Pack, now_ms: i64) -> Option<Rules<'p>> {
        let figures = pack.map("figures");
        let figure = |name: &str| {
            let (_, least, most) = FIGURES_ASKED.iter().find(|(known, ..)| *known == name)?;
            i32::try_from(figures.int(name).filter(|value| (*least..=*most).contains(value))?).ok()
        };
        let groups = pack.map("groups");
        let mut beside = [""; BESIDE.len()];
        for (words, name) in beside.iter_mut().zip(BESIDE) {
            *words = groups.text(&format!("words/{name}"))?;
        }
        Some(Rules {
            digest: pack.digest(),
            language: Language::open(pack.bytes("language")?)?,
            lexicon: Lexicon::open(pack.bytes("lexicon")?)?,
            cues: Cues::open(pack.bytes("cues")?)?,
            tuning: Tuning {
                least: figure("reading.least_gain")?,
                least_literal: figure("reading.least_gain_literal")?,
                per_doubling: figure("reading.gain_per_doubling")?,
                ..Tuning::default()
            },
            now_ms,
            asks: Asks::open(pack.bytes("rules").unwrap_or_default()),
            heads: groups.get("heads")?.as_chunks::<HEAD>().0,
            groups,
            words: pack.map("words"),
            beside,
            contact: groups.int("contact").and_then(|number| u16::try_from(number).ok()),
            exceptions: (groups.under("except/").next().is_some(), groups.under("except/rule:").next().is_some()),
        })
    }

    /// A byte of the head of a group or rule: its family, severity, flags and fields, in this order.
    fn head(&self, number: u16, at: usize) -> u8 {
        self.heads.get(usize::from(number)).and_then(|head| head.get(at)).copied().unwrap_or_default()
    }

    /// Words that stand beside terms.
    pub(crate) fn beside(&self, list: Beside) -> impl Iterator<Item = &'p str> + use<'p> {
        self.beside.get(list.place()).copied().unwrap_or_default().lines()
    }

    /// The code of a group or rule.
    pub fn code(&self, number: u16) -> &'p str {
        self.groups.text(&format!("{number}/code")).unwrap_or_default()
    }

    /// The family of a group or rule.
    pub fn family(&self, number: u16) -> &'static str {
        let place = usize::from(self.head(number, 0));
        FAMILIES.get(place).copied().filter(|_| usize::from(number) < self.heads.len()).unwrap_or_default()
    }

    /// What findings of a group or rule are called: `family.code`.
    pub fn name(&self, number: u16) -> String {
        format!("{}.{}", self.family(number), self.code(number))
    }

    /// Whether terms of a group that stand there openly count only beside a word that leads to somebody.
    pub fn needs_cue(&self, group: u16) -> bool {
        self.head(group, 2) & FLAG_CUE != 0
    }

    /// The texts of a listing in which a group or rule holds, a bit each in the order of [`FIELDS`]; 0: all.
    pub(crate) fn fields(&self, number: u16) -> u8 {
        self.head(number, 3)
    }

    /// The flags of a group or rule.
    pub(crate) fn flags(&self, number: u16) -> u8 {
        self.head(number, 2)
    }

    /// What must hold of a listing, a line each.
    pub(crate) fn conditions(&self, number: u16) -> impl Iterator<Item = &'p str> + use<'p> {
        self.groups.text(&format!("{number}/if")).unwrap_or_default().lines()
    }

    /// What a listing must state that a rule is about.
    pub(crate) fn states(&self, number: u16) -> &'p str {
        self.groups.text(&format!("{number}/states")).unwrap_or_default()
    }

    /// Whether a group or rule holds now, holds as a shadow that is only told to the operator, or does not hold.
    pub fn force(&self, number: u16) -> Force {
        let Some(head) = self.heads.get(usize::from(number)) else { return Force::Full };
        let mut days = head.as_chunks::<8>().0.iter().skip(1).map(|day| i64::from_le_bytes(*day));
        let (from, until) = (days.next().unwrap_or_default(), days.next().unwrap_or_default());
        if self.now_ms < from || until != 0 && self.now_ms >= until {
            return Force::Not;
        }
        if self.flags(number) & FLAG_SHADOW != 0 { Force::Shadow } else { Force::Full }
    }

    /// Whether a seller, or whoever sells in a category, is excepted from a rule.
    pub(crate) fn excepts_rule(&self, number: u16, seller: Option<&str>, within: impl Fn(&str) -> bool) -> bool {
        self.exceptions.1 && self.excepts(&format!("rule:{}", self.code(number)), seller, within)
    }

    /// Whether a seller, or whoever sells in a category (`within` says whether the listing is in one), may say a term all
    /// the same.
    pub(crate) fn excepts(&self, term: &str, seller: Option<&str>, within: impl Fn(&str) -> bool) -> bool {
        if !self.exceptions.0 {
            return false;
        }
        for number in 0..MOST_EXCEPTIONS {
            let key = format!("except/{term}/{number}");
            let Some(until) = self.groups.int(&format!("{key}/until")) else { return false };
            let text = |name: &str| self.groups.text(&format!("{key}/{name}")).unwrap_or_default();
            let (of, category) = (text("seller"), text("category"));
            let sells = of.is_empty() || seller == Some(of);
            if self.now_ms < until && sells && (category.is_empty() || within(category)) {
                return true;
            }
        }
        false
    }

    /// Words beside which a term of a group means something else, and categories in which it does.
    pub(crate) fn senses(&self, term: &str, group: u16) -> Senses<'p> {
        let code = self.code(group);
        let lines = |name: &str, of: &str| self.groups.text(&format!("{name}/{of}")).unwrap_or_default();
        let of_group = format!("group:{code}");
        let both = |name: &str| [lines(name, term), lines(name, &of_group)];
        Senses { words: both("sense"), categories: both("sense-in"), against: lines("sense", "against") }
    }

    /// What a finding of a group or rule does. What cannot be read is for a person.
    pub fn severity(&self, number: u16) -> Severity {
        match self.heads.get(usize::from(number)) {
            Some([_, 0, ..]) => Severity::Warn,
            Some([_, 2, ..]) => Severity::Reject,
            _ => Severity::Review,
        }
    }

    /// A text of a group or rule: `what`, `cites` or `suggestion`.
    pub fn of_group(&self, group: u16, name: &str, lang: Lang) -> &'p str {
        let lang = lang.pick("zh", "en");
        self.groups.text(&format!("{group}/{name}/{lang}")).unwrap_or_default()
    }

    /// The group of contacts.
    pub fn contact(&self) -> Option<u16> {
        self.contact
    }

    /// A text with its placeholders filled in.
    pub fn text(&self, code: &str, lang: Lang, values: &[(&str, &str)]) -> Cow<'p, str> {
        let text = self.words.text(&format!("{code}/{}", lang.pick("zh", "en"))).unwrap_or_default();
        fill(text, |name| values.iter().find(|(known, _)| *known == name).map(|(_, value)| Cow::Borrowed(*value)))
    }
}

/// The bit that stands for a text of a listing in the heads of a pack; 0 for one that has none.
pub(crate) fn field_bit(name: &str) -> u8 {
    let place = FIELDS.iter().position(|field| *field == name).and_then(|place| u32::try_from(place).ok());
    place.and_then(|place| 1_u8.checked_shl(place)).unwrap_or_default()
}

/// What a pack lacks that the code asks for, for the event that refuses it.
fn lack(pack: &Pack) -> String {
    let figures = pack.map("figures");
    let wrong = |(name, least, most): &&(&str, i64, i64)| {
        !figures.int(name).is_some_and(|value| (*least..=*most).contains(&value))
    };
    if let Some((name, ..)) = FIGURES_ASKED.iter().find(wrong) {
        return format!("the policy has no {name}, or one out of its range");
    }
    if pack.map("groups").get("heads").is_none() {
        return "the policy has no groups".to_owned();
    }
    if let Some(name) = BESIDE.iter().find(|name| pack.map("groups").get(&format!("words/{name}")).is_none()) {
        return format!("the policy has no words/{name}");
    }
    let words = pack.map("words");
    let missing = TEXTS.iter().find(|name| words.text(&format!("{name}/zh")).is_none());
    let missing = missing.copied().unwrap_or("language or lexicon");
    format!("the policy has no {missing}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_pack_lacks_nothing() {
        let pack = Pack::bundled(&BUNDLED);
        let rules = Rules::of(&pack, 0).unwrap();
        assert_eq!(rules.digest, BUNDLED.digest);
        let contact = rules.contact().unwrap();
        assert_eq!((rules.code(contact), rules.severity(contact)), ("contact", Severity::Reject));
        for name in TEXTS {
            assert!(!rules.text(name, Lang::Zh, &[]).is_empty(), "{name}");
        }
    }
}
