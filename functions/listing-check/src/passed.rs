//! Terms that the engine found and that are no findings all the same: why not.

use listing_engine::cues::says;
use listing_engine::step::Step;
use listing_engine::{Found, Text, find};

use crate::contact::{self, Contact};
use crate::context;
use crate::listing::Listing;
use crate::policy::{Beside, Force, Rules};
use crate::raw::Raw;
use crate::rules::scope::{Scope, bit, looks_in};
use crate::texts::{self, Field};

/// How far before a contact the word stands that says what it is, in Unicode scalar values.
const CUE: i64 = 6;

/// What names of messengers and marketplaces say.
const PLATFORMS: u32 = says::WECHAT | says::QQ | says::ACCOUNT | says::SHOP;

/// Why a term that was found is no finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// Its group does not hold now, or not in such a listing: its category, price or qualifications.
    NotInForce,
    /// Its group does not hold in this text of the listing.
    OtherField,
    /// It counts only beside a word that leads to somebody.
    NeedsCue,
    /// It says what a thing works with, or who answers after the sale.
    Serves,
    /// A contact says it already.
    Contact,
    /// It is a part of another thing's name.
    Compound,
    /// It means something else, by a word beside it or by the category.
    OtherSense,
    /// It is denied, or warned of.
    Denied,
    /// An exception holds for this seller or category.
    Excepted,
}

/// A text of a listing, and what was found around a term in it.
pub(crate) struct Around<'a, 'p> {
    pub field: &'a Field<'a>,
    pub raw: &'a Raw<'a>,
    pub contacts: &'a [Contact],
    /// Where words begin that say what a thing works with, ascending.
    pub serves: &'a [u32],
    pub rules: &'a Rules<'p>,
}

impl Around<'_, '_> {
    /// Why a term is no finding; `None` if it is one.
    pub(crate) fn passes_over(&self, found: &Found, scope: &mut Scope<'_, '_>) -> Option<Passed> {
        let Around { field, raw, contacts, serves, rules } = self;
        let Some(term) = rules.lexicon.term(found.term) else { return Some(Passed::NotInForce) };
        if scope.force(term.group) == Force::Not {
            return Some(Passed::NotInForce);
        }
        if !looks_in(rules.fields(term.group), bit(field)) {
            return Some(Passed::OtherField);
        }
        let open = found.steps.each().all(|step| step == Step::Symbol);
        // An operator's bare list may hold a messenger's name, too: it alone may say what a thing works with.
        let named = found.steps.is_empty() && rules.cues.says(term.text()) & PLATFORMS != 0;
        let family = rules.family(term.group);
        if open && (named || rules.needs_cue(term.group)) && !leads(raw, found, rules) {
            Some(Passed::NeedsCue)
        } else if found.steps.is_empty() && serves.binary_search(&found.start).is_ok() {
            Some(Passed::Serves)
        } else if said(contacts, found, family == "offsite") {
            Some(Passed::Contact)
        } else if context::compound(rules, &raw.chars, found, contacts) {
            Some(Passed::Compound)
        } else if context::other_sense(rules, &raw.chars, found, term.group, term.text(), contacts, |category| {
            scope.within(category)
        }) {
            Some(Passed::OtherSense)
        } else if context::denied(rules, &raw.chars, found, family, contacts) {
            Some(Passed::Denied)
        } else if rules.excepts(term.text(), scope.seller(), |category| scope.within(category)) {
            Some(Passed::Excepted)
        } else {
            None
        }
    }
}

/// Everything that a listing's description was read as, also what did not count; and of what counted, why it is no
/// finding all the same.
pub fn explain(listing: &Listing, rules: &Rules<'_>) -> Vec<(Found, Option<Passed>)> {
    let mut scope = Scope::of(listing, rules);
    let fields = texts::of(listing);
    let Some(field) = fields.iter().find(|field| field.pointer == "/description") else { return Vec::new() };
    let (raw, text) = (Raw::of(field), Text::of(&field.text, &rules.language));
    let terms = find(&field.text, &rules.language, &rules.lexicon, &rules.tuning, false);
    let reading = contact::find(&text, rules, &terms);
    let around = Around { field, raw: &raw, contacts: &reading.contacts, serves: &reading.serves, rules };
    let all = find(&field.text, &rules.language, &rules.lexicon, &rules.tuning, true);
    let why = |found: &Found| if found.counts && !found.part { around.passes_over(found, &mut scope) } else { None };
    let passed: Vec<Option<Passed>> = all.iter().map(why).collect();
    all.into_iter().zip(passed).collect()
}

/// Whether a contact says it already: a term within its value, or the word before it that says what it is.
fn said(contacts: &[Contact], found: &Found, offsite: bool) -> bool {
    let next = contacts.partition_point(|contact| contact.start <= found.start);
    let within = next.checked_sub(1).and_then(|at| contacts.get(at)).is_some_and(|contact| found.end <= contact.end);
    let leads = |contact: &Contact| (0..=CUE).contains(&i64::from(contact.start).saturating_sub(found.end.into()));
    within || offsite && contacts.get(next).is_some_and(leads)
}

/// Whether a word beside a term leads a reader to somebody: a messenger's name alone may say what a thing works with.
fn leads(raw: &Raw<'_>, found: &Found, rules: &Rules<'_>) -> bool {
    let around = raw.around(found.start, found.end, 10);
    rules.beside(Beside::Leading).any(|word| around.contains(word))
}
