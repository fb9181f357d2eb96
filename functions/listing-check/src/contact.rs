//! Ways to be reached elsewhere: telephone numbers, accounts, mail and web addresses, however their digits and letters
//! are written. What is found is the value as one would type it.
//!
//! A number counts by its form and by what stands before it: a bar code, a model or a patent has digits too.

mod account;
pub(crate) mod across;
mod address;
mod cues;
mod link;
mod number;
mod pieces;
mod shop;
mod spread;
mod told;
mod words;

use std::collections::BTreeMap;

use listing_engine::step::Steps;
use listing_engine::{Found, Text};

use self::cues::Marks;
use crate::policy::Rules;

/// What kind of contact it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A telephone number.
    Phone,
    /// A QQ number.
    Qq,
    /// A WeChat account.
    Wechat,
    /// A code of an invitation.
    Invitation,
    /// An account on another platform or messenger.
    Account,
    /// A mail address.
    Mail,
    /// A web address.
    Url,
}

impl Kind {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Phone => "phone",
            Kind::Qq => "qq",
            Kind::Wechat => "wechat",
            Kind::Mail => "mail",
            Kind::Invitation => "invitation",
            Kind::Account => "account",
            Kind::Url => "url",
        }
    }
}

/// A contact in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What kind.
    pub kind: Kind,
    /// As one would type it.
    pub value: String,
    /// Where it begins in the raw text, in Unicode scalar values.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The steps from the raw text to the value.
    pub steps: Steps,
    /// The word before it that says what it is; empty if its form alone does.
    pub cue: String,
}

/// What a text says of contacts.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// All contacts, in the order of their places.
    pub contacts: Vec<Contact>,
    /// Kinds of contacts that it speaks of, by words that can mean nothing else: see [`across`].
    pub(crate) speaks: u32,
    /// Where public accounts are named that lead to a manual or a warranty card, in Unicode scalar values, ascending.
    pub(crate) serves: Vec<u32>,
}

/// All contacts of a text.
///
/// `terms` are those that were found in it: names of messengers and platforms, however disguised, say what follows them.
pub fn find(text: &Text, rules: &Rules<'_>, terms: &[Found]) -> Reading {
    let read = words::digits(text);
    let text = read.as_ref().unwrap_or(text);
    let language = &rules.language;
    let marks = &Marks::of(text, &rules.cues, terms, &rules.lexicon);
    let spread = spread::find(text, language, marks);
    // What is whole only with groups farther off is not the shorter number that its first groups may be taken for.
    let part = |contact: &Contact| {
        // They are in order and apart: only those from the first that ends behind it can lie over it.
        let near = spread.get(spread.partition_point(|whole| whole.end <= contact.start)..).unwrap_or_default();
        let over = near.iter().take_while(|whole| whole.start < contact.end);
        over.into_iter().any(|whole| whole.value.len() > contact.value.len())
    };
    let numbers: Vec<Contact> =
        number::find(text, language, marks).into_iter().filter(|contact| !part(contact)).collect();
    let all = told::find(text, language, marks)
        .into_iter()
        .chain(address::find(text, marks, &rules.cues))
        .chain(link::find(text, marks))
        // Before what may be whole alone: a text that says so puts more together.
        .chain(pieces::find(text, language, marks))
        .chain(account::find(text, language, marks))
        .chain(numbers)
        .chain(spread)
        .chain(shop::find(text, language, marks));
    let mut found = Vec::new();
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    for contact in all {
        if taken.range(..contact.end).next_back().is_none_or(|(_, end)| *end <= contact.start) {
            taken.insert(contact.start, contact.end);
            found.push(contact);
        }
    }
    found.sort_by_key(|contact| (contact.start, contact.end));
    Reading { contacts: found, speaks: marks.anywhere(), serves: shop::serving(text, marks) }
}

fn steps_of(text: &Text, from: usize, to: usize) -> Steps {
    text.units.get(from..=to).unwrap_or_default().iter().fold(Steps::NONE, |steps, unit| steps.and(unit.steps))
}

#[cfg(test)]
#[path = "contact/tests.rs"]
mod tests;
