//! The rules: figures, tables, rest days and words of a policy pack, read in place. Which pack is the shell's business.
//!
//! A case is decided by the pack in force when it comes, and by that one to its end: a decision names it, and whatever is
//! decided or said of that refund later goes by it again. An order is judged by the editions in force when it was paid
//! ([`Rules::at`]).
//!
//! Each figure has a source in the folder `policy/`, or says that it is an example. Amounts are fen, instants milliseconds
//! since the epoch.

mod figures;
mod lack;
mod words;

use shared::china_time::start_of_day;
use shared::health::Notice;
use shared::policy::{InDoubt, Map, Pack, Spec};

use crate::calendar::Calendar;
use crate::tables::Tables;

pub use figures::{Codes, FreightInsurance, Fund, InstantRefund, Law, MerchantDeadlines, Policy, Returns, Terms};
pub use lack::Lack;
pub(crate) use lack::tables as tables_lack;
pub use words::{Words, yuan};

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// The sections of a pack: a decision needs them all.
pub const SECTIONS: [&str; 4] = [FIGURES, HOLIDAYS, TABLES, WORDS];

const FIGURES: &str = "figures";
const HOLIDAYS: &str = "holidays";
const TABLES: &str = "tables";
const WORDS: &str = "words";

/// The sections that say which tables end.
pub const ENDINGS: [&str; 2] = [FIGURES, HOLIDAYS];

const DAY_MS: i64 = 86_400_000;

/// The most bytes of a pack. Tariffs of every carrier by city are far below it.
const MAX_BYTES: u64 = 32 << 20;

/// The pack of this build. Its figures, tables and rest days are those of the first pack, and of the builds before packs,
/// which took a digest over their files, comments included; it has words for more. Where one of these changes, this stays
/// the last pack before the change, and must be at hand.
const SAME_RULES: &str = "b6444a2a694831f62815ef29fc60adaa";

/// How many of the former ones, the first, had no terms (`[[terms]]`).
const WITHOUT_TERMS: usize = 7;

/// How packs are taken. Money moves by them: nothing is decided while nobody can tell which is in force; and a refund is
/// decided, told and followed up by the pack that it began with.
pub static SPEC: Spec = Spec {
    format: 1,
    bundled: &BUNDLED,
    former: &[
        // The first pack.
        ("e71a1c294992f476b704cc1cf27460b4", SAME_RULES),
        ("07e4c5207988584beb990f099b1af56b", SAME_RULES),
        ("29f0cd2ad0872493f3ba8b1a525bcede", SAME_RULES),
        ("7b87e66b117fb8afbbf9245d9d0c92b5", SAME_RULES),
        ("f1c2e556f4cd4fc0dc32e1c2ccc16bd7", SAME_RULES),
        ("e8c5a595f3e764e9f9991ecd3c203480", SAME_RULES),
        // The last pack without terms.
        ("c965ca162be22aaa57d52b22302cf528", SAME_RULES),
        // With terms, and fewer words.
        ("0145b412b912847aeb0948205f1034fb", SAME_RULES),
    ],
    max_bytes: MAX_BYTES,
    remembers: true,
    in_doubt: InDoubt::Refuse,
    check: |pack| Rules::of(pack).lack().map_or(Ok(()), |lack| Err(lack.to_string())),
};

/// The rules of one pack.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'p> {
    /// The policy digest, which every decision names.
    pub digest: &'p str,
    /// Tariffs, caps, compensations.
    pub tables: Tables<'p>,
    /// Rest days.
    pub calendar: Calendar<'p>,
    /// What people read.
    pub words: Words<'p>,
    figures: Map<'p>,
    /// Whether its figures say when what is open ends; of what was decided before they did, nothing ends earlier than was
    /// said then.
    knows_terms: bool,
}

impl<'p> Rules<'p> {
    /// Of a pack whose [`SECTIONS`] have been read.
    pub fn of(pack: &'p Pack) -> Rules<'p> {
        Rules::read(pack.digest(), |section| pack.map(section))
    }

    /// Of the pack that a decision goes by, which names its policy `policy`: what was decided before there were terms goes on
    /// without, under the name that it had.
    pub fn of_decision(pack: &'p Pack, policy: &str) -> Rules<'p> {
        let without = SPEC.former.iter().take(WITHOUT_TERMS).find(|(former, _)| *former == policy);
        match without {
            Some((former, _)) => Rules { digest: former, knows_terms: false, ..Rules::of(pack) },
            None => Rules::of(pack),
        }
    }

    /// Of the pack that is compiled in.
    pub fn bundled() -> Rules<'static> {
        let map = |name: &str| BUNDLED.section(name).and_then(|bytes| Map::open(bytes).ok());
        Rules::read(BUNDLED.digest, |section| map(section).unwrap_or(Map::EMPTY))
    }

    /// The digest of the pack that says what a decision of this policy digest was made by: another one where a build before
    /// packs made it.
    pub fn known_as(policy: &str) -> &str {
        SPEC.former.iter().find(|(former, _)| *former == policy).map_or(policy, |(_, pack)| *pack)
    }

    fn read(digest: &'p str, section: impl Fn(&str) -> Map<'p>) -> Rules<'p> {
        Rules {
            digest,
            tables: Tables::of(section(TABLES)),
            calendar: Calendar::of(section(HOLIDAYS)),
            words: Words::of(section(WORDS)),
            figures: section(FIGURES),
            knows_terms: true,
        }
    }

    /// The figures in force at an instant, with the rules that they are of: give it the instant of payment. Before the
    /// first edition of a section: the first.
    pub fn at(&self, at_ms: i64) -> Policy<'p> {
        Policy::read(*self, self.figures, at_ms)
    }

    /// Which of its tables end, and when: of those that end within the time of notice, or have ended. Tariffs and figures do
    /// not: their last edition is in force for good.
    pub fn endings(&self, now_ms: i64) -> Vec<Notice> {
        let notice_ms = self.at(now_ms).terms.table_notice_days.saturating_mul(DAY_MS);
        let known_until = self.calendar.covered_until().map(|day| start_of_day(day.saturating_add(1)));
        let ending = known_until.filter(|end| now_ms >= end.saturating_sub(notice_ms));
        ending.map(|at| Notice { code: "table_ends", about: HOLIDAYS, at }).into_iter().collect()
    }

    /// What the pack lacks that this build asks for, if anything: whoever takes a pack into use asks once.
    pub fn lack(&self) -> Option<Lack> {
        lack::words(self.words).or_else(|| lack::figures(self.figures)).or_else(|| self.tables.lack()).or_else(|| {
            let sound = self.calendar.is_sound();
            (!sound).then(|| Lack("rest days".to_owned()))
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
