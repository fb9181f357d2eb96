//! Words that say that an account or a number follows, and words that say that a number is something else: those of the
//! rules' own table, and the names of messengers and platforms that the engine has found in some disguise.

use listing_engine::cues::{Mark, WIDEST, over, says};
use listing_engine::{Cues, Found, Lexicon, Text};

use super::Kind;

/// How far before a number a word may stand that says what it is, in units.
const NEAR: usize = 14;
/// How far behind a number such a word may begin, in units.
const BEHIND: usize = 6;
/// How far behind an account a word may begin that says that it is one.
const ADDED: usize = 8;
/// What says what kind of number follows.
pub(super) const NUMBERS: u32 = says::WECHAT | says::QQ | says::CALL | says::INVITATION;
/// What says what kind of contact follows.
pub(super) const KINDS: u32 = NUMBERS | says::REACH;
/// What may stand between a word that counts right before an account, and the account.
const LEADS: &str = "号搜名是叫找我同加id群看";

/// The words of a text, by where they begin.
pub(super) struct Marks<'t, 'c> {
    text: &'t Text,
    all: Vec<Mark<'c>>,
    /// What any of them says.
    says: u32,
}

/// A word that says what kind of contact follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cue<'c> {
    pub word: &'c str,
    pub kind: Kind,
    /// What it says: see [`says`].
    pub says: u32,
    /// The place behind it.
    pub to: usize,
}

impl<'t, 'c> Marks<'t, 'c> {
    /// Of a text, with the terms that were found in it.
    pub(super) fn of(text: &'t Text, cues: &Cues<'c>, found: &[Found], lexicon: &Lexicon<'c>) -> Marks<'t, 'c> {
        let mut all = Vec::new();
        for one in found {
            let Some(term) = lexicon.term(one.term) else { continue };
            let says = cues.says(term.text());
            // As it stands it is among the words already.
            if says != 0 && !one.steps.is_empty() {
                let place = |at: u32| text.units.partition_point(|unit| unit.start < at);
                all.push(Mark { from: place(one.start), to: place(one.end), says, word: term.text() });
            }
        }
        let none = all.is_empty();
        // Of two that say the same, the word as it stands is told: it comes last.
        all.extend(cues.marks(text));
        if !none {
            all.sort_by_key(|mark| mark.from);
        }
        let says = all.iter().fold(0, |says, mark| says | mark.says);
        Marks { text, all, says }
    }

    /// Whether a word of the text says it.
    pub(super) fn say(&self, says: u32) -> bool {
        self.says & says != 0
    }

    /// Kinds of contacts that the text speaks of, by words that can mean nothing else.
    pub(super) fn anywhere(&self) -> u32 {
        let sure = self.all.iter().filter(|mark| mark.says & says::ANYWHERE != 0);
        sure.fold(0, |all, mark| all | mark.says & KINDS)
    }

    /// All words that say something.
    pub(super) fn saying(&self, says: u32) -> impl Iterator<Item = &Mark<'c>> {
        self.all.iter().filter(move |mark| mark.says & says != 0)
    }

    /// Words within a stretch of units that say something.
    pub(super) fn within(&self, from: usize, to: usize, says: u32) -> impl DoubleEndedIterator<Item = &Mark<'c>> {
        let some = self.all.get(over(&self.all, from..to)).unwrap_or_default();
        some.iter().filter(move |mark| mark.says & says != 0 && mark.from >= from && mark.to <= to)
    }

    fn before(&self, at: usize, says: u32) -> impl Iterator<Item = &Mark<'c>> {
        self.within(at.saturating_sub(NEAR), at, says)
    }

    /// The word before a place that says what follows: the nearest; of those that end at the same place, the longest.
    pub(super) fn cue(&self, at: usize, kinds: u32) -> Option<Cue<'c>> {
        let counts = |mark: &&Mark<'c>| mark.says & says::NEXT == 0 || self.leads(mark.to, at);
        let near =
            self.before(at, kinds).filter(counts).max_by_key(|mark| (mark.to, mark.to.saturating_sub(mark.from)));
        near.map(|mark| Cue { word: mark.word, kind: kind(mark.says), says: mark.says, to: mark.to })
            .or_else(|| self.lone(at))
    }

    /// The word right before a place that leads to somebody, whatever follows.
    pub(super) fn reach(&self, at: usize) -> Option<Cue<'c>> {
        let near = self.before(at, says::REACH).filter(|mark| self.leads(mark.to, at)).max_by_key(|mark| mark.to)?;
        Some(Cue { word: near.word, kind: kind(near.says), says: near.says, to: near.to })
    }

    /// Whether a stretch is part of a word that says what follows it.
    pub(super) fn covers(&self, from: usize, to: usize) -> bool {
        let near =
            self.within(from.saturating_sub(WIDEST), to.saturating_add(WIDEST), KINDS | says::ACCOUNT | says::BEHIND);
        near.into_iter().any(|mark| mark.from <= from && mark.to >= to)
    }

    /// A word behind a number that says what it is: 13800138000 电话同号.
    pub(super) fn cue_behind(&self, at: usize) -> Option<Cue<'c>> {
        let from = at.saturating_add(1);
        let to = from.saturating_add(BEHIND).saturating_add(WIDEST);
        let behind = self.within(from, to, NUMBERS).find(|mark| {
            let blank = |at: usize| self.char(at).is_none_or(|c| c.is_whitespace() || "(（[【，,".contains(c));
            mark.says & says::NEXT == 0 && mark.word.chars().count() > 1 && (from..mark.from).all(blank)
        });
        behind.map(|mark| Cue { word: mark.word, kind: kind(mark.says), says: mark.says, to: mark.to })
    }

    /// Whether a word before a place says that what stands there is something else, and none nearer says what it is.
    pub(super) fn no_contact(&self, at: usize) -> bool {
        let last = |says| self.before(at, says).map(|mark| mark.from).max();
        let not = last(says::NOT);
        not.is_some_and(|not| self.cue(at, KINDS).is_none_or(|cue| cue.to <= not.saturating_add(1)))
    }

    /// Whether devices are spoken of around a place.
    pub(super) fn devices(&self, from: usize, to: usize) -> bool {
        self.within(from.saturating_sub(NEAR), to.saturating_add(NEAR), says::DEVICE).next().is_some()
    }

    /// Whether words right behind an account say that it is one.
    pub(super) fn added_behind(&self, end: usize) -> bool {
        self.within(end, end.saturating_add(ADDED).saturating_add(4), says::BEHIND)
            .any(|mark| mark.from <= end.saturating_add(ADDED))
    }

    /// Whether nothing but signs and words such as 号 stand between a word and what follows it.
    pub(super) fn leads(&self, from: usize, to: usize) -> bool {
        to.saturating_sub(from) <= NEAR
            && (from..to)
                .all(|at| self.char(at).is_some_and(|c| c != '\n' && (!c.is_alphanumeric() || LEADS.contains(c))))
    }

    /// The platform that is named right before a place; `sure` says that what stands there can be nothing but an account.
    pub(super) fn platform(&self, at: usize, sure: bool) -> Option<&'c str> {
        let counts = |mark: &&Mark<'c>| {
            let led = sure
                || mark.says & says::ANYWHERE != 0
                || mark.to < at && (mark.to..at).any(|at| self.char(at).is_some_and(|c| c != ' '));
            (led || mark.word.ends_with('号')) && self.leads(mark.to, at)
        };
        self.before(at, says::ACCOUNT).filter(counts).max_by_key(|mark| mark.to).map(|mark| mark.word)
    }

    /// A single letter right before that is an account's name: Q30405060, V:13800138000.
    fn lone(&self, at: usize) -> Option<Cue<'c>> {
        let mut place = at.checked_sub(1)?;
        while self.char(place).is_some_and(|c| c == '号' || c == ':' || c == '：' || c.is_whitespace()) {
            place = place.checked_sub(1)?;
        }
        let other = place.checked_sub(1).and_then(|other| self.char(other));
        let digit = self.char(at).is_some_and(|c| !c.is_ascii_alphabetic());
        if !digit || other.is_some_and(|other| other.is_ascii_alphanumeric()) {
            return None;
        }
        let to = place.saturating_add(1);
        match self.char(place)? {
            'q' => Some(Cue { word: "q", kind: Kind::Qq, says: says::QQ, to }),
            'v' => Some(Cue { word: "v", kind: Kind::Wechat, says: says::WECHAT, to }),
            _ => None,
        }
    }

    fn char(&self, at: usize) -> Option<char> {
        self.text.units.get(at).map(|unit| unit.char)
    }
}

/// The kind that a word says; of several, the first of these.
fn kind(said: u32) -> Kind {
    match said {
        _ if said & says::WECHAT != 0 => Kind::Wechat,
        _ if said & says::QQ != 0 => Kind::Qq,
        _ if said & says::INVITATION != 0 => Kind::Invitation,
        _ => Kind::Phone,
    }
}
