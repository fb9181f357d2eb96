//! The rules: figures, texts, terms and the tables that they are read by, of a policy pack, read in place. Which pack is
//! the shell's business.

use std::borrow::Cow;

use listing_engine::{Cues, Language, Lexicon, Tuning};
use shared::lang::{Lang, fill};
use shared::policy::{InDoubt, Map, Pack, Spec};

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));
include!(concat!(env!("OUT_DIR"), "/names.rs"));

/// The sections that a request needs.
pub const SECTIONS: [&str; 6] = ["cues", "figures", "groups", "language", "lexicon", "words"];

/// The most bytes of a pack. A lexicon of 200,000 terms and its language are far below it.
const MAX_BYTES: u64 = 32 << 20;

/// How packs are taken. A listing is judged on the spot, so no decision outlives its pack. In doubt about which pack is
/// in force, the bundled one judges: a verdict names it.
pub static SPEC: Spec = Spec {
    format: 1,
    bundled: &BUNDLED,
    former: &[],
    max_bytes: MAX_BYTES,
    remembers: false,
    in_doubt: InDoubt::Bundled,
    check: |pack| Rules::of(pack, 0).map(drop).ok_or_else(|| lack(pack)),
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

/// Whether a group of terms holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// Its findings count.
    Full,
    /// Its findings are told to the operator alone, in events.
    Shadow,
    /// It does not hold yet, or no longer.
    Not,
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
    groups: Map<'p>,
    words: Map<'p>,
}

impl<'p> Rules<'p> {
    /// Of a pack whose [`SECTIONS`] have been read, at an instant; `None` if it lacks something that the code asks for.
    pub fn of(pack: &'p Pack, now_ms: i64) -> Option<Rules<'p>> {
        let figures = pack.map("figures");
        let figure = |name: &str| {
            let (_, least, most) = FIGURES_ASKED.iter().find(|(known, ..)| *known == name)?;
            i32::try_from(figures.int(name).filter(|value| (*least..=*most).contains(value))?).ok()
        };
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
            groups: pack.map("groups"),
            words: pack.map("words"),
        })
    }

    /// The code of a group.
    pub fn code(&self, group: u16) -> &'p str {
        self.groups.text(&format!("{group}/code")).unwrap_or_default()
    }

    /// The family of a group.
    pub fn family(&self, group: u16) -> &'p str {
        self.groups.text(&format!("{group}/family")).unwrap_or_default()
    }

    /// Whether terms of a group that stand there openly count only beside a word that leads to somebody.
    pub fn needs_cue(&self, group: u16) -> bool {
        self.groups.int(&format!("{group}/cue")) == Some(1)
    }

    /// Whether a group holds now, holds as a shadow that is only told to the operator, or does not hold.
    pub fn force(&self, group: u16) -> Force {
        let int = |name: &str| self.groups.int(&format!("{group}/{name}")).unwrap_or(0);
        let (from, until) = (int("from"), int("until"));
        match int("shadow") {
            _ if self.now_ms < from || until != 0 && self.now_ms >= until => Force::Not,
            1 => Force::Shadow,
            _ => Force::Full,
        }
    }

    /// Whether a seller, or whoever sells in a category, may say a term all the same.
    pub fn excepts(&self, term: &str, seller: Option<&str>, category: &[String]) -> bool {
        for number in 0..MOST_EXCEPTIONS {
            let key = format!("except/{term}/{number}");
            let Some(until) = self.groups.int(&format!("{key}/until")) else { return false };
            let text = |name: &str| self.groups.text(&format!("{key}/{name}")).unwrap_or_default();
            let (of, within) = (text("seller"), text("category"));
            let sells = of.is_empty() || seller == Some(of);
            if self.now_ms < until && sells && (within.is_empty() || category.iter().any(|part| part == within)) {
                return true;
            }
        }
        false
    }

    /// What a finding of a group does. What cannot be read is for a person.
    pub fn severity(&self, group: u16) -> Severity {
        match self.groups.text(&format!("{group}/severity")) {
            Some("warn") => Severity::Warn,
            Some("reject") => Severity::Reject,
            _ => Severity::Review,
        }
    }

    /// A text of a group: `what`, `cites` or `suggestion`.
    pub fn of_group(&self, group: u16, name: &str, lang: Lang) -> &'p str {
        let lang = lang.pick("zh", "en");
        self.groups.text(&format!("{group}/{name}/{lang}")).unwrap_or_default()
    }

    /// The group of contacts.
    pub fn contact(&self) -> Option<u16> {
        let is = |group: &u16| self.code(*group) == "contact";
        (0..u16::try_from(self.groups.len()).unwrap_or(u16::MAX))
            .take_while(|group| !self.code(*group).is_empty())
            .find(is)
    }

    /// A text with its placeholders filled in.
    pub fn text(&self, code: &str, lang: Lang, values: &[(&str, &str)]) -> Cow<'p, str> {
        let text = self.words.text(&format!("{code}/{}", lang.pick("zh", "en"))).unwrap_or_default();
        fill(text, |name| values.iter().find(|(known, _)| *known == name).map(|(_, value)| Cow::Borrowed(*value)))
    }
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
